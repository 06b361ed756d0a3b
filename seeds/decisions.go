package seeds

import (
	"cmp"
	"slices"

	"duban/engine/calendar"
	"duban/engine/fault"
	"duban/engine/org"
	"duban/plan"
)

// DecisionFile is what an office decided beside its plans.
type DecisionFile struct {
	Decisions []Decision `yaml:"decisions"` // in the order of At
}

// Decision is one act of the office. Without Items it speaks of the plan as a
// whole (Issued, Until); with Items it gives them a lead, a date, or a place
// among what is kept or waits.
type Decision struct {
	Plan   string        `yaml:"plan"` // plan key
	At     calendar.Date `yaml:"at"`   // when it was decided
	Items  []string      `yaml:"items"`
	Issued calendar.Date `yaml:"issued"` // the day of issue, where none is printed
	Until  calendar.Date `yaml:"until"`  // the end of the time the plan covers
	Lead   []string      `yaml:"lead"`   // units, for items that print none
	Due    calendar.Date `yaml:"due"`    // a date, for items that print none
	Keep   bool          `yaml:"keep"`   // 长期坚持
	Wait   bool          `yaml:"wait"`   // 待明确时限: the office's weekly list
	Usual  calendar.Date `yaml:"usual"`  // when the awaited event usually is
	Date   calendar.Date `yaml:"date"`   // when the awaited event will be
	Note   string        `yaml:"note"`   // why
}

// fates counts what is decided about the time of the items.
func (d *Decision) fates() int {
	n := 0
	for _, set := range []bool{d.Due != 0, d.Keep, d.Wait} {
		if set {
			n++
		}
	}
	return n
}

// Issued is a plan's day of issue: as printed, else as decided, else zero.
func (f *DecisionFile) Issued(p *plan.Plan) calendar.Date {
	if p.Issued != 0 {
		return p.Issued
	}
	for _, d := range f.Decisions {
		if d.Plan == p.Key() && d.Issued != 0 {
			return d.Issued
		}
	}
	return 0
}

// For lists the decisions about a plan in the order of At.
func (f *DecisionFile) For(planKey string) []Decision {
	var out []Decision
	for _, d := range f.Decisions {
		if d.Plan == planKey {
			out = append(out, d)
		}
	}
	return out
}

// LoadDecisions reads a decision file and lists everything that is wrong with
// it. It covers the given plans completely: an item without a printed deadline
// or without any lead is either dated, kept or waiting, and that once; what is
// dated or kept has a lead. The result is nil when there is a fault.
func LoadDecisions(file string, data []byte, plans []*plan.Plan, o *org.Org) (*DecisionFile, fault.List) {
	src, faults := fault.Parse(file, data)
	if len(faults) > 0 {
		return nil, faults
	}
	f := &DecisionFile{}
	c := newChecker(src, plans, o)
	c.faults = src.Decode(f)
	for i := range f.Decisions {
		c.decision(i, &f.Decisions[i], f)
	}
	c.covered(plans)
	if len(c.faults) > 0 {
		c.faults.Sort()
		return nil, c.faults
	}
	slices.SortStableFunc(f.Decisions, func(a, b Decision) int { return cmp.Compare(a.At, b.At) })
	return f, nil
}
