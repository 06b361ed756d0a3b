package plan

import "duban/engine/calendar"

// Decision is what the office decided about an item before it confirmed the
// plan. It stands beside what is printed and changes none of it.
type Decision struct {
	Lead      []string      `json:"lead,omitempty" yaml:"lead,flow,omitempty"`      // units of the organisation, instead of the printed ones
	Aliased   bool          `json:"aliased,omitempty" yaml:"aliased,omitempty"`     // Lead comes from aliases alone
	Due       calendar.Date `json:"due,omitzero" yaml:"due,omitempty"`              // a deadline, instead of the printed ones
	Usual     calendar.Date `json:"usual,omitzero" yaml:"usual,omitempty"`          // when the awaited event usually is
	Keep      bool          `json:"keep,omitempty" yaml:"keep,omitempty"`           // 长期坚持
	Sensitive bool          `json:"sensitive,omitempty" yaml:"sensitive,omitempty"` // 敏感: messages show the number only
	Drop      bool          `json:"drop,omitempty" yaml:"drop,omitempty"`           // 不督办
}

// None says whether nothing is decided.
func (d *Decision) None() bool {
	return d == nil || len(d.Lead) == 0 && d.Due == 0 && d.Usual == 0 && !d.Keep && !d.Sensitive && !d.Drop
}

// AsDecided is the item with the leads and dates that the office decided in the
// place of the printed ones.
func (it Item) AsDecided() Item {
	d := it.Decided
	if d == nil {
		return it
	}
	if len(d.Lead) > 0 {
		it.Lead = d.Lead
	}
	if d.Due != 0 {
		it.Deadlines = []Deadline{{Text: d.Due.Chinese(), Kind: Point, End: d.Due}}
	}
	if d.Usual != 0 {
		it.Usual = d.Usual
	}
	return it
}
