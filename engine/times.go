package engine

import (
	"slices"
	"time"

	"duban/engine/calendar"
)

// date computes the day a time expression names, or false when an anchor it
// needs has no value (no deadline, no term table, no further period).
func (s *stepper) date(a *At) (calendar.Date, bool) {
	switch a.Func {
	case "":
		return s.anchor(a)
	case "later", "earlier":
		return s.extreme(a)
	case "monday":
		d, ok := s.date(&a.Args[0])
		return s.cal.OnOrAfter(d.AddDays(6).Monday()), ok
	case "left":
		d := s.cal.LeftAt(s.in.Issued, s.in.Effective, a.N)
		return d, d != 0
	case "day":
		y, m, _ := s.month().Civil()
		return calendar.Of(y, m, a.N), true
	case "teaching_week":
		t, ok := s.cal.Term(s.in.Due)
		return s.cal.OnOrAfter(t.Week(a.N)), ok
	case "last_workday":
		return s.cal.LastWorkday(s.opened().Year(), s.opened().Month()), true
	case "workday_of_next_month":
		y, m, _ := s.opened().Civil()
		next := calendar.Of(y, m+1, 1)
		return s.cal.NthWorkday(next.Year(), next.Month(), a.N), true
	case "next_period":
		p, ok := s.nextPeriod()
		return s.cal.OnOrAfter(p.Start), ok
	}
	return 0, false
}

func (s *stepper) opened() calendar.Date { return s.cal.DateOf(s.in.Opened) }

// month is the month day(n) counts in: the deadline's, or the opening's.
func (s *stepper) month() calendar.Date {
	if s.in.Effective != 0 {
		return s.in.Effective
	}
	return s.opened()
}

func (s *stepper) anchor(a *At) (calendar.Date, bool) {
	var d calendar.Date
	switch a.Anchor {
	case "issued":
		d = s.in.Issued
	case "due":
		d = s.in.Effective
	case "entered":
		d = s.cal.DateOf(s.in.Entered)
	case "opened":
		d = s.opened()
	case "usual":
		d = s.in.Usual
	}
	if d == 0 {
		return 0, false
	}
	return s.shift(d, a.Offset), true
}

func (s *stepper) shift(d calendar.Date, o Offset) calendar.Date {
	switch o.Unit {
	case Days:
		return d.AddDays(o.N)
	case Weeks:
		return d.AddDays(7 * o.N)
	case Months:
		return d.AddMonths(o.N)
	}
	return s.cal.AddWorkdays(d, o.N)
}

func (s *stepper) extreme(a *At) (calendar.Date, bool) {
	var best calendar.Date
	for i := range a.Args {
		d, ok := s.date(&a.Args[i])
		if !ok {
			return 0, false
		}
		if i == 0 || a.Func == "later" && d > best || a.Func == "earlier" && d < best {
			best = d
		}
	}
	return best, true
}

// clock puts a time of day on a computed day. Morning times fall on work days:
// those before a deadline move back, all others forward.
func (s *stepper) clock(a *At, d calendar.Date) time.Time {
	if a.Clock == "closing" {
		return s.cal.Closing(d)
	}
	if a.Func == "" && a.Anchor == "due" && a.Offset.N <= 0 {
		return s.cal.Opening(s.cal.OnOrBefore(d))
	}
	return s.cal.Opening(s.cal.OnOrAfter(d))
}

// uses says whether an expression hangs on an anchor; left and day hang on due.
func (a *At) uses(anchor string) bool {
	if a.Anchor == anchor || anchor == "due" && (a.Func == "left" || a.Func == "day" || a.Func == "teaching_week") {
		return true
	}
	return slices.ContainsFunc(a.Args, func(x At) bool { return x.uses(anchor) })
}
