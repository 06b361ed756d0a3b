package engine

import (
	"cmp"
	"time"
)

// holds answers a guard on the instance as it stands in this step; nil holds.
func (s *stepper) holds(g *Guard) bool {
	if g == nil {
		return true
	}
	switch g.Op {
	case "and":
		for _, a := range g.Args {
			if !s.holds(a) {
				return false
			}
		}
		return true
	case "or":
		for _, a := range g.Args {
			if s.holds(a) {
				return true
			}
		}
		return false
	case "not":
		return !s.holds(g.Args[0])
	case "is":
		return s.yes(g.Field, g.Arg)
	}
	if g.IsStr {
		return (s.word(g.Field) == g.Str) == (g.Op == "=")
	}
	return compare(s.number(g.Field), g.Op, g.Int)
}

func compare(a int, op string, b int) bool {
	switch op {
	case "=":
		return a == b
	case "!=":
		return a != b
	case "<":
		return a < b
	case "<=":
		return a <= b
	case ">":
		return a > b
	case ">=":
		return a >= b
	}
	return false
}

func (s *stepper) number(field string) int {
	in := &s.in
	switch field {
	case "period":
		return s.cal.Workdays(in.Issued, in.Effective)
	case "left":
		return s.cal.Workdays(s.today, in.Effective)
	case "reminders":
		return in.Reminders
	case "chased":
		return in.Chased
	case "ticks_missing":
		return max(in.Need, 1) - in.Done
	case "open":
		return in.Open
	case "periods_left":
		return len(Periods(in.Cadence, in.Issued, in.Until, s.cal)) - in.Children
	case "asked":
		return len(in.Asks)
	case "extended":
		return in.Extended
	}
	return 0
}

func (s *stepper) word(field string) string {
	switch field {
	case "cadence":
		return s.in.Cadence
	case "trigger":
		return s.in.Trigger
	case "light":
		return cmp.Or(s.in.Light, "green")
	case "unit":
		return s.in.Unit
	}
	return ""
}

func (s *stepper) yes(field string, arg int) bool {
	in := &s.in
	switch field {
	case "frame":
		return in.Frame
	case "reported":
		return !in.Reported.IsZero()
	case "acknowledged":
		return !in.Signed.IsZero()
	case "deemed":
		return in.Deemed
	case "instructed":
		return in.Instructed
	case "leader":
		return in.Leader
	case "sensitive":
		return in.Sensitive
	case "done":
		return in.Done >= max(in.Need, 1)
	case "at_least":
		return in.AtLeast
	case "early":
		return !in.Handed.IsZero() && s.cal.DateOf(in.Handed) < in.Effective
	case "vacation":
		return s.cal.InVacation(s.today)
	case "reported_within":
		return s.within(in.Reported, arg)
	case "phoned_within":
		return s.within(in.Phoned, arg)
	case "urged_within":
		return s.within(in.Urged, arg)
	}
	return false
}

func (s *stepper) within(t time.Time, workdays int) bool {
	return !t.IsZero() && s.cal.Workdays(s.cal.DateOf(t), s.today) <= workdays
}
