package plan

import (
	"fmt"
	"slices"
	"strings"

	"duban/engine/calendar"
	"duban/engine/fault"
)

// The words that a plan file may use.
var (
	kinds    = []string{string(Point), string(Range), string(Cadence), string(Open)}
	cadences = []string{"P1D", "P1W", "P2W", "P1M", "P2M", "P3M", "P6M", "P1Y", "P2Y", "P3Y", "P4Y", "P5Y", "term", "event"}
	triggers = []string{"event", "lunar"}
	types    = []string{"task", "milestone", "duty", "goal", "closing"}
	rolls    = []string{string(calendar.Before), string(calendar.After), string(calendar.Nearest), string(calendar.Stay)}
)

type checker struct {
	src            *fault.Source
	decoded, found fault.List
}

func (c *checker) say(path, what, hint string) {
	c.found = append(c.found, c.src.Fault(path, what, hint))
}

func (c *checker) plan(p *Plan) {
	if len(p.Items) == 0 && !c.spoilt("items") {
		c.say("items", "the plan has no items", "write items: with one entry a duty")
	}
	if p.Year != 0 && (p.Year < 1990 || p.Year > 2100) {
		c.say("year", fmt.Sprintf("year %d", p.Year), "write four digits, such as 2023")
	}
	if p.Until != 0 && p.Until < p.Issued {
		c.say("until", fmt.Sprintf("until %s is before issued %s", p.Until, p.Issued), "exchange or correct the dates")
	}
	first := map[string]int{}
	for i, it := range p.Items {
		path := fmt.Sprintf("items[%d]", i)
		if before, twice := first[it.No]; twice && it.No != "" {
			line, _ := c.src.At(fmt.Sprintf("items[%d].no", before))
			c.say(path+".no", fmt.Sprintf("item number %q is used twice", it.No), fmt.Sprintf("it already stands in line %d; add #1, #2 where one number holds several duties", line))
		} else {
			first[it.No] = i
		}
		c.item(path, it)
	}
}

func (c *checker) item(path string, it Item) {
	if it.No == "" && !c.spoilt(path+".no") {
		c.say(path+".no", "the item has no number", "write no: with the printed number, such as 三.(一).1")
	}
	if strings.TrimSpace(it.Heading+it.Text) == "" {
		c.say(path, "the item has neither heading nor text", "write heading: with a few words")
	}
	c.oneOf(path+".type", "type", it.Type, types)
	c.oneOf(path+".roll", "roll", string(it.Roll), rolls)
	c.units(path+".lead", it.Lead)
	c.units(path+".cooperating", it.Cooperating)
	if it.Decided != nil {
		c.units(path+".decided.lead", it.Decided.Lead)
	}
	for i, d := range it.Deadlines {
		c.deadline(fmt.Sprintf("%s.deadlines[%d]", path, i), d)
	}
	for i, q := range it.Quantities {
		if q.Count < 0 {
			c.say(fmt.Sprintf("%s.quantities[%d].count", path, i), "a negative count", "write a number from 1")
		}
	}
}

func (c *checker) units(path string, units []string) {
	for i, u := range units {
		at := fmt.Sprintf("%s[%d]", path, i)
		switch {
		case strings.TrimSpace(u) == "":
			c.say(at, "a unit without a name", "write the name as printed, or remove the entry")
		case slices.Index(units, u) < i:
			c.say(at, fmt.Sprintf("unit %s is named twice", u), "remove one")
		}
	}
}

func (c *checker) deadline(path string, d Deadline) {
	if d.Text == "" {
		c.say(path, "the deadline has no text", "write the time words of the document, such as 2月底")
	}
	if d.Kind == "" {
		c.say(path, "the deadline has no kind", "kind is one of "+strings.Join(kinds, ", "))
	}
	c.oneOf(path+".kind", "kind", string(d.Kind), kinds)
	c.oneOf(path+".cadence", "cadence", d.Cadence, cadences)
	c.oneOf(path+".trigger", "trigger", d.Trigger, triggers)
	if d.Count < 0 {
		c.say(path+".count", "a negative count", "write a number from 1")
	}
	c.span(path, "start", "end", d.Start, d.End)
	c.span(path, "alt_start", "alt_end", d.AltStart, d.AltEnd)
	c.complete(path, d)
}

func (c *checker) span(path, from, to string, start, end calendar.Date) {
	if start != 0 && end != 0 && start > end {
		c.say(path+"."+from, fmt.Sprintf("%s %s is after %s %s", from, start, to, end), "exchange or correct the dates")
	}
}

// complete checks that a deadline has what its kind lives by.
func (c *checker) complete(path string, d Deadline) {
	switch {
	case d.Kind == Cadence && d.Cadence == "" && d.Trigger != "event":
		c.say(path, "a cadence without cadence", "write cadence: with a period such as P1M, or term")
	case d.Kind != Cadence && d.Kind != "" && d.Cadence != "":
		c.say(path+".cadence", fmt.Sprintf("cadence %s on a deadline of kind %s", d.Cadence, d.Kind), "write kind: cadence, or remove it")
	}
}

// oneOf accepts the empty word: whether it may be absent is checked elsewhere.
func (c *checker) oneOf(path, name, word string, words []string) {
	if word == "" || slices.Contains(words, word) {
		return
	}
	hint := name + " is one of " + strings.Join(words, ", ")
	if near := fault.Nearest(word, words); near != "" {
		hint = fmt.Sprintf("did you mean %q?", near)
	}
	c.say(path, fmt.Sprintf("unknown %s %q", name, word), hint)
}

// spoilt says whether the key at path was written but could not be read, so
// that it is not called missing as well.
func (c *checker) spoilt(path string) bool {
	line, _ := c.src.At(path)
	name := path[strings.LastIndexByte(path, '.')+1:] + ":"
	return slices.ContainsFunc(c.decoded, func(f fault.Fault) bool {
		return f.Line >= line && f.Line <= line+1 && strings.HasPrefix(f.What, name)
	})
}
