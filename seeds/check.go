package seeds

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"duban/engine/calendar"
	"duban/engine/fault"
	"duban/engine/org"
	"duban/plan"
)

// itemRef is an item of a plan.
type itemRef struct{ plan, no string }

type checker struct {
	src    *fault.Source
	org    *org.Org
	plans  map[string]*plan.Plan
	faults fault.List

	lead   map[itemRef]bool   // items that were given a lead
	fate   map[itemRef]string // the decision about an item's time, as a path
	active map[itemRef]bool   // items that are dated or kept
}

func newChecker(src *fault.Source, plans []*plan.Plan, o *org.Org) *checker {
	c := &checker{
		src: src, org: o, plans: map[string]*plan.Plan{},
		lead: map[itemRef]bool{}, fate: map[itemRef]string{}, active: map[itemRef]bool{},
	}
	for _, p := range plans {
		c.plans[p.Key()] = p
	}
	return c
}

func (c *checker) say(path, what, hint string) {
	c.faults = append(c.faults, c.src.Fault(path, what, hint))
}

func (c *checker) decision(i int, d *Decision, f *DecisionFile) {
	path := fmt.Sprintf("decisions[%d]", i)
	if strings.TrimSpace(d.Note) == "" {
		c.say(path, "a decision without a note", "write note: with the reason, or the assumption it rests on")
	}
	p, ok := c.plans[d.Plan]
	if !ok {
		known := strings.Join(slices.Sorted(maps.Keys(c.plans)), ", ")
		c.say(path+".plan", fmt.Sprintf("unknown plan %q", d.Plan), "the plans are "+known)
		return
	}
	if d.At == 0 && !c.src.Has(path+".at") {
		c.say(path+".at", "a decision without a day", "write at: with the day it was taken")
	}
	c.notBefore(path, "at", d.At, "the day of issue", f.Issued(p))
	for j, u := range d.Lead {
		if c.org.Members(u) == nil {
			c.say(fmt.Sprintf("%s.lead[%d]", path, j), fmt.Sprintf("unknown unit %q", u), "write a unit or group of the organisation")
		}
	}
	if len(d.Items) == 0 {
		c.whole(path, d, p)
		return
	}
	c.times(path, d)
	for j, no := range d.Items {
		c.item(path, fmt.Sprintf("%s.items[%d]", path, j), d, p, no)
	}
}

// whole checks a decision about a plan as a whole.
func (c *checker) whole(path string, d *Decision, p *plan.Plan) {
	if d.Issued == 0 && d.Until == 0 {
		c.say(path, "the decision says nothing", "write issued: or until:, or items: with what is decided about them")
	}
	if d.fates() > 0 || len(d.Lead) > 0 || d.Usual != 0 || d.Date != 0 {
		c.say(path, "lead, due, keep, wait, usual and date are about items", "write items: [...]")
	}
	if d.Issued != 0 && p.Issued != 0 {
		c.say(path+".issued", "the plan prints its day of issue", "remove issued:")
	}
	c.notBefore(path, "until", d.Until, "at", d.At)
}

// times checks what a decision says about the time of its items.
func (c *checker) times(path string, d *Decision) {
	if d.Issued != 0 || d.Until != 0 {
		c.say(path, "issued and until are about the whole plan", "move them to a decision without items")
	}
	if d.fates() > 1 {
		c.say(path, "more than one of due, keep and wait", "choose one")
	}
	if d.fates() == 0 && len(d.Lead) == 0 && d.Usual == 0 && d.Date == 0 {
		c.say(path, "the decision says nothing about its items", "write lead, due, keep, wait, usual or date")
	}
	c.notBefore(path, "due", d.Due, "at", d.At)
	c.notBefore(path, "date", d.Date, "at", d.At)
}

func (c *checker) notBefore(path, name string, day calendar.Date, than string, least calendar.Date) {
	if day != 0 && least != 0 && day < least {
		c.say(path+"."+name, fmt.Sprintf("%s %s is before %s %s", name, day, than, least), "correct one of the dates")
	}
}

// item checks one item of a decision and notes what is decided about it.
func (c *checker) item(path, at string, d *Decision, p *plan.Plan, no string) {
	it, ok := p.Item(no)
	if !ok {
		c.say(at, fmt.Sprintf("plan %s has no item %q", d.Plan, no), nearest(no, p))
		return
	}
	ref := itemRef{d.Plan, no}
	if len(d.Lead) > 0 && len(it.Lead) > 0 {
		c.say(at, "item "+no+" prints its lead: "+strings.Join(it.Lead, "、"), "remove it here")
	}
	if d.Due != 0 && len(it.Deadlines) > 0 {
		c.say(at, "item "+no+" prints its own time: "+it.Deadlines[0].Text, "remove it here")
	}
	if (d.Usual != 0 || d.Date != 0) && !waitsForEvent(it) {
		c.say(at, "item "+no+" waits for no event", "usual and date are for deadlines with trigger: event")
	}
	c.lead[ref] = c.lead[ref] || len(d.Lead) > 0
	if d.fates() == 0 {
		return
	}
	if before, twice := c.fate[ref]; twice {
		line, _ := c.src.At(before)
		c.say(at, "item "+no+" is decided twice", fmt.Sprintf("it already stands in line %d", line))
		return
	}
	c.fate[ref] = at
	c.active[ref] = d.Due != 0 || d.Keep
}

func waitsForEvent(it plan.Item) bool {
	return slices.ContainsFunc(it.Deadlines, func(d plan.Deadline) bool { return d.Trigger == "event" })
}

func nearest(no string, p *plan.Plan) string {
	var numbers []string
	for _, it := range p.Items {
		numbers = append(numbers, it.No)
	}
	if near := fault.Nearest(no, numbers); near != "" {
		return fmt.Sprintf("did you mean %q?", near)
	}
	return "write the number as the plan has it"
}

// covered says which items nothing was decided about, and which are to be done
// by nobody.
func (c *checker) covered(plans []*plan.Plan) {
	for _, p := range plans {
		for _, it := range p.Items {
			ref := itemRef{p.Key(), it.No}
			led := len(it.Lead) > 0 || c.lead[ref]
			fate, decided := c.fate[ref]
			if !decided && (!led || len(it.Deadlines) == 0) {
				c.say("decisions", fmt.Sprintf("item %s of plan %s is undecided", it.No, ref.plan), "give it a lead and a date, or keep or wait")
			}
			if c.active[ref] && !led {
				c.say(fate, "item "+it.No+" has no lead", "write lead:, or let it wait")
			}
		}
	}
}
