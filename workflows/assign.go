package workflows

import (
	"fmt"
	"slices"

	"duban/engine"
	"duban/engine/calendar"
	"duban/engine/org"
	"duban/plan"
)

// Assigner turns the items of one plan into starts of workflow instances. It
// only decides which workflow serves which deadline of which lead; everything
// after that is the engine's.
type Assigner struct {
	Plan   *plan.Plan
	Org    *org.Org
	Cal    *calendar.Calendar
	Issued calendar.Date // the day of issue, moved to a work day; zero takes the plan's own
	Until  calendar.Date // where cadences end; zero takes the plan's own, else 31 December of its year
}

// Outcome is what became of one item.
type Outcome struct {
	No, Heading string
	Status      string // started, kept, waiting, dropped
	Why         string // one Chinese sentence
	Starts      []engine.Start
	Warnings    []string // units that the organisation does not know
}

// The statuses of an item.
const (
	Started = "started" // has instances
	Kept    = "kept"    // 长期坚持
	Waiting = "waiting" // waits for the office or for an event
	Dropped = "dropped" // 不督办: the office left it out

	Withdrawn = "withdrawn" // a revision no longer has it
)

// IssueDay is the day the plan's assignments begin: the day of issue, or the
// next work day; an error when neither the plan nor the caller names one.
func (a *Assigner) IssueDay() (calendar.Date, error) {
	d := a.Issued
	if d == 0 {
		d = a.Plan.Issued
	}
	if d == 0 {
		return 0, fmt.Errorf("%s: the plan prints no day of issue; give one with --issue 2023-02-17", a.Plan.Key())
	}
	return a.Cal.OnOrAfter(d), nil
}

// Horizon is the day cadences end.
func (a *Assigner) Horizon(issued calendar.Date) calendar.Date {
	switch {
	case a.Until != 0:
		return a.Until
	case a.Plan.Until != 0:
		return a.Plan.Until
	case a.Plan.Year != 0:
		return calendar.Of(a.Plan.Year, 12, 31)
	}
	return calendar.Of(issued.Year(), 12, 31)
}

// All assigns every item of the plan.
func (a *Assigner) All() ([]Outcome, error) {
	issued, err := a.IssueDay()
	if err != nil {
		return nil, err
	}
	out := make([]Outcome, len(a.Plan.Items))
	for i := range a.Plan.Items {
		out[i] = a.Item(&a.Plan.Items[i], issued)
	}
	return out, nil
}

// Some assigns the items with these numbers, whose assignments begin on day.
func (a *Assigner) Some(numbers []string, day calendar.Date) []Outcome {
	var out []Outcome
	for i := range a.Plan.Items {
		if it := &a.Plan.Items[i]; slices.Contains(numbers, it.No) {
			out = append(out, a.Item(it, day))
		}
	}
	return out
}

// Item assigns one item, whose assignments begin on the day issued.
func (a *Assigner) Item(it *plan.Item, issued calendar.Date) Outcome {
	decided := it.AsDecided()
	it = &decided
	out := Outcome{No: it.No, Heading: heading(it), Status: Waiting}
	if d := it.Decided; d != nil && d.Drop {
		out.Status, out.Why = Dropped, "不督办"
		return out
	}
	if it.Workflow == "supervision" {
		out.Status, out.Why = Started, "由月度督办落实"
		return out
	}
	leads, unknown := a.leads(it)
	for _, u := range unknown {
		out.Warnings = append(out.Warnings, fmt.Sprintf("%s %s: unit %q is not in the organisation; the item waits for the office", a.Plan.Key(), it.No, u))
	}
	switch {
	case len(it.Lead) == 0:
		out.Why = "待明确牵头单位"
	case len(leads) == 0:
		out.Why = "牵头单位不在组织机构中"
	case it.Decided != nil && it.Decided.Keep:
		kept := a.Keep(it, issued)
		kept.Warnings = out.Warnings
		return kept
	default:
		a.deadlines(it, leads, issued, &out)
	}
	if len(out.Starts) > 0 {
		out.Status, out.Why = Started, ""
	}
	for i := range out.Starts {
		if f := &out.Starts[i].Facts; a.Cal.Provisional(max(f.Due, f.Until)) {
			out.Warnings = append(out.Warnings, fmt.Sprintf("%s %s: there is no holiday table for %d; its dates are provisional, Monday to Friday, until the table is added",
				a.Plan.Key(), it.No, max(f.Due, f.Until).Year()))
			break
		}
	}
	return out
}

func heading(it *plan.Item) string {
	if it.Heading != "" {
		return it.Heading
	}
	r := []rune(it.Text)
	return string(r[:min(len(r), 40)])
}

// lead is one printed lead: a unit, or a group with its members.
type lead struct {
	unit    string
	members []string // nil for a unit
	printed string
}

// leads are an item's leads without repeats: two names of one unit are one lead.
func (a *Assigner) leads(it *plan.Item) (known []lead, unknown []string) {
	for _, printed := range it.Lead {
		l := lead{printed: printed}
		if u, ok := a.Org.Unit(printed); ok {
			l.unit = u.Name
		} else if g, ok := a.Org.Group(printed); ok {
			l.unit, l.members = g.Name, a.Org.Members(printed)
		} else {
			unknown = append(unknown, printed)
			continue
		}
		if !slices.ContainsFunc(known, func(k lead) bool { return k.unit == l.unit }) {
			known = append(known, l)
		}
	}
	return known, unknown
}

// prefix is what the keys of an item's starts begin with.
func (a *Assigner) prefix(it *plan.Item) string {
	all := it.Prefixes(a.Plan.Key())
	return all[len(all)-1]
}

func (a *Assigner) deadlines(it *plan.Item, leads []lead, issued calendar.Date, out *Outcome) {
	out.Why = "待明确时限"
	for i := range it.Deadlines {
		d := &it.Deadlines[i]
		for _, l := range leads {
			starts, why := a.serve(it, d, l, issued)
			for _, st := range starts {
				st.Key = fmt.Sprintf("%s/%d/%s", a.prefix(it), i+1, st.Key)
				out.Starts = append(out.Starts, st)
			}
			if why != "" {
				out.Why = why
			}
		}
	}
}

// serve picks the workflow of one deadline for one lead.
func (a *Assigner) serve(it *plan.Item, d *plan.Deadline, l lead, issued calendar.Date) ([]engine.Start, string) {
	f := a.facts(it, l, issued)
	f.When, f.Due, f.Roll = d.Text, d.End, it.Roll
	workflow := "assignment"
	switch d.Kind {
	case plan.Open:
		return nil, "待明确时限"
	case plan.Cadence:
		if d.Cadence == "event" {
			return nil, "一事一报，由事件触发"
		}
		workflow = "recurring"
		f.Due, f.Cadence, f.Need, f.AtLeast, f.Until = 0, d.Cadence, need(d), d.AtLeast, a.Horizon(issued)
	case plan.Range:
		if d.End == 0 {
			return nil, "待明确时限：" + d.Text
		}
		f.Frame = true
	case plan.Point:
		if d.End == 0 {
			if d.Trigger != "event" {
				return nil, "待明确时限：" + d.Text
			}
			if it.Usual == 0 {
				return nil, "待定日期：" + d.Text
			}
			f.Trigger, f.Usual = "event", it.Usual
		} else if l.members != nil {
			workflow = "deployment"
		}
	}
	if f.Due != 0 && a.Cal.Roll(f.Due, f.Roll) < issued {
		return nil, "时限早于印发日期：" + f.Due.String()
	}
	if it.Workflow != "" {
		workflow = it.Workflow
	}
	return a.starts(workflow, f, l), ""
}

// starts makes one start for a unit and, where the workflow does not spread a
// group itself, one for each member.
func (a *Assigner) starts(workflow string, f engine.Facts, l lead) []engine.Start {
	if workflow == "review" {
		f.Units = a.everyUnit(f.Unit)
	}
	if l.members == nil {
		return []engine.Start{{Workflow: workflow, Key: l.unit, Facts: f}}
	}
	if workflow == "deployment" {
		f.Units = l.members
		return []engine.Start{{Workflow: workflow, Key: l.unit, Facts: f}}
	}
	var out []engine.Start
	for _, u := range l.members {
		f.Unit = u
		out = append(out, engine.Start{Workflow: workflow, Key: u, Facts: f})
	}
	return out
}

// everyUnit are all departments and colleges but one: who a review asks.
func (a *Assigner) everyUnit(but string) []string {
	var out []string
	for _, u := range a.Org.Units {
		if u.Name != but && !u.Office && u.Kind != "branch" {
			out = append(out, u.Name)
		}
	}
	return out
}

func need(d *plan.Deadline) int {
	switch d.Cadence {
	case "P1D", "P1W", "P2W", "P1M": // one tick a month, whatever the count
		return 1
	}
	return max(d.Count, 1)
}

func (a *Assigner) facts(it *plan.Item, l lead, issued calendar.Date) engine.Facts {
	return engine.Facts{
		Plan: a.Plan.Key(), PlanTitle: a.Plan.Title, Party: a.Plan.IsParty(),
		Item: it.No, Heading: heading(it), Unit: l.unit, Coop: a.coop(it, l.unit), Issued: issued,
		Sensitive: it.Decided != nil && it.Decided.Sensitive,
	}
}

// coop are the cooperating units by name. Groups are left out: the lead collects from them.
func (a *Assigner) coop(it *plan.Item, lead string) []string {
	var out []string
	for _, printed := range it.Cooperating {
		u, ok := a.Org.Unit(printed)
		if ok && u.Name != lead && !slices.Contains(out, u.Name) {
			out = append(out, u.Name)
		}
	}
	return out
}

// Keep makes an item 长期坚持: no deadline, struck off when the plan ends.
func (a *Assigner) Keep(it *plan.Item, issued calendar.Date) Outcome {
	out := Outcome{No: it.No, Heading: heading(it), Status: Kept, Why: "长期坚持"}
	leads, _ := a.leads(it)
	for _, l := range leads {
		f := a.facts(it, l, issued)
		f.Coop, f.Due, f.When = nil, a.Horizon(issued), "长期坚持"
		out.Starts = append(out.Starts, engine.Start{
			Workflow: "standing", Key: fmt.Sprintf("%s/keep/%s", a.prefix(it), l.unit), Facts: f})
	}
	return out
}

// Decision is what the office decides about an item that waits: who leads, and
// one of a day, 长期坚持, the usual time of an awaited event, or to wait on.
type Decision struct {
	Day   calendar.Date // when it was decided: what begins, begins then
	Lead  []string      // for an item that prints none
	Due   calendar.Date
	Keep  bool
	Usual calendar.Date
	Wait  bool
}

// Decide is the item as the office decided it, assigned.
func (a *Assigner) Decide(it plan.Item, d Decision) Outcome {
	it = it.AsDecided()
	if was := it.Decided; was != nil { // the newer word holds
		it.Decided = &plan.Decision{Sensitive: was.Sensitive}
	}
	if len(d.Lead) > 0 {
		it.Lead = d.Lead
	}
	day := a.Cal.OnOrAfter(d.Day)
	switch {
	case d.Keep:
		return a.Keep(&it, day)
	case d.Due != 0:
		it.Deadlines = []plan.Deadline{{Text: d.Due.Chinese(), Kind: plan.Point, End: d.Due}}
	case d.Usual != 0:
		it.Usual = d.Usual
	case d.Wait:
		o := a.Item(&it, day)
		o.Starts, o.Status = nil, Waiting
		return o
	}
	return a.Item(&it, day)
}
