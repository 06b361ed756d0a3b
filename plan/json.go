package plan

import (
	"encoding/json"

	"duban/engine/calendar"
)

// The JSON form is a contract with scripts: every field is present, what is not
// known is null, lists are never null.

// MarshalJSON writes the plan in the form of `duban read --json`.
func (p Plan) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Source   string         `json:"source"`
		Title    *string        `json:"title"`
		Issuer   *string        `json:"issuer"`
		Issued   *calendar.Date `json:"issued"`
		Year     *int           `json:"year"`
		Until    *calendar.Date `json:"until"`
		Party    *bool          `json:"party,omitempty"`
		Items    []Item         `json:"items"`
		Warnings []string       `json:"warnings,omitempty"`
	}{
		p.Source, known(p.Title), known(p.Issuer), known(p.Issued), known(p.Year), known(p.Until),
		p.Party, listed(p.Items), p.Warnings,
	})
}

// MarshalJSON writes the item with its lists present.
func (it Item) MarshalJSON() ([]byte, error) {
	type plain Item
	it.Lead, it.Cooperating, it.Leader = listed(it.Lead), listed(it.Cooperating), listed(it.Leader)
	it.Deadlines, it.Quantities, it.Warnings = listed(it.Deadlines), listed(it.Quantities), listed(it.Warnings)
	return json.Marshal(struct {
		plain
		Type string `json:"type"`
	}{plain(it), it.kind()})
}

// kind is the item's type; an item that does not say is a task.
func (it Item) kind() string {
	if it.Type == "" {
		return "task"
	}
	return it.Type
}

// MarshalJSON writes the deadline with null for what is not known.
func (d Deadline) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Text     string         `json:"text"`
		Kind     Kind           `json:"kind"`
		Start    *calendar.Date `json:"start"`
		End      *calendar.Date `json:"end"`
		Cadence  *string        `json:"cadence"`
		Count    *int           `json:"count"`
		AtLeast  bool           `json:"at_least"`
		Trigger  *string        `json:"trigger"`
		AltStart *calendar.Date `json:"alt_start"`
		AltEnd   *calendar.Date `json:"alt_end"`
	}{
		d.Text, d.Kind, known(d.Start), known(d.End), known(d.Cadence), known(d.Count), d.AtLeast,
		known(d.Trigger), known(d.AltStart), known(d.AltEnd),
	})
}

// MarshalJSON writes the quantity with null where there is no number.
func (q Quantity) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Text    string `json:"text"`
		Count   *int   `json:"count"`
		Unit    string `json:"unit"`
		AtLeast bool   `json:"at_least"`
	}{q.Text, known(q.Count), q.Unit, q.AtLeast})
}

// known is nil for the zero value.
func known[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}

func listed[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}
