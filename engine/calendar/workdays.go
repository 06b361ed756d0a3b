package calendar

import "time"

// index numbers the work days. Day numbers count from 1, the first work day of
// the years loaded; earlier days have numbers of zero and less. Inside the
// years loaded both directions are a look-up, outside they are arithmetic on
// Monday to Friday.
type index struct {
	lo, hi Date    // the days covered, both inclusive
	upTo   []int32 // upTo[i]: work days from lo to the day before lo+i
	days   []Date  // the work days in order
}

func newIndex(first, last int, marks map[Date]mark) index {
	if first == 0 {
		return index{lo: 1, hi: 0} // no years: every day is outside
	}
	x := index{lo: Of(first, time.January, 1), hi: Of(last, time.December, 31)}
	for d := range marks {
		x.lo = min(x.lo, d) // a notice may reach into the December before
	}
	x.upTo = make([]int32, 1, x.hi-x.lo+2)
	for d := x.lo; d <= x.hi; d++ {
		m, named := marks[d]
		if named && m.work || !named && !weekend(d) {
			x.days = append(x.days, d)
		}
		x.upTo = append(x.upTo, int32(len(x.days)))
	}
	return x
}

func weekend(d Date) bool {
	return d.Weekday() == time.Saturday || d.Weekday() == time.Sunday
}

// number is the number of the last work day that is not after d.
func (x *index) number(d Date) int {
	switch {
	case d < x.lo:
		return weekdays(d) - weekdays(x.lo-1)
	case d > x.hi:
		return len(x.days) + weekdays(d) - weekdays(x.hi)
	}
	return int(x.upTo[d-x.lo+1])
}

// day is the work day with a number: the inverse of number.
func (x *index) day(n int) Date {
	switch {
	case n < 1:
		return weekday(n + weekdays(x.lo-1))
	case n > len(x.days):
		return weekday(n - len(x.days) + weekdays(x.hi))
	}
	return x.days[n-1]
}

// monday is a Monday to count from: 1969-12-29.
const monday = -3

// weekdays counts the days from Monday to Friday since that Monday, d included.
func weekdays(d Date) int {
	n := int(d) - monday
	weeks := floorDiv(n, 7)
	return weeks*5 + min(n-weeks*7+1, 5)
}

// weekday is the day that weekdays counts as n.
func weekday(n int) Date {
	weeks := floorDiv(n-1, 5)
	return Date(weeks*7 + n - 1 - weeks*5 + monday)
}

func floorDiv(a, b int) int {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// IsWorkday says whether the office works on d; make-up Saturdays and Sundays
// are work days. No date is none.
func (c *Calendar) IsWorkday(d Date) bool {
	return d != 0 && c.index.number(d) != c.index.number(d-1)
}

// AddWorkdays is the n-th work day after d, or before d when n is negative; d
// itself, work day or not, when n is 0. No date stays no date.
func (c *Calendar) AddWorkdays(d Date, n int) Date {
	switch {
	case d == 0 || n == 0:
		return d
	case n > 0:
		return c.index.day(c.index.number(d) + n)
	}
	return c.index.day(c.index.number(d-1) + 1 + n)
}

// Workdays counts the work days after from, up to and including to. It is
// negative when to lies before from: Workdays(b, a) is -Workdays(a, b). With no
// date on either side it is 0.
func (c *Calendar) Workdays(from, to Date) int {
	if from == 0 || to == 0 {
		return 0
	}
	return c.index.number(to) - c.index.number(from)
}

// OnOrAfter is d when that is a work day, else the next one.
func (c *Calendar) OnOrAfter(d Date) Date {
	if d == 0 || c.IsWorkday(d) {
		return d
	}
	return c.AddWorkdays(d, 1)
}

// OnOrBefore is d when that is a work day, else the one before.
func (c *Calendar) OnOrBefore(d Date) Date {
	if d == 0 || c.IsWorkday(d) {
		return d
	}
	return c.AddWorkdays(d, -1)
}

// Roll takes a deadline as written to the day it binds. Nearest goes to the
// closer work day and, at equal distance, to the earlier one. A rule that is
// none of the four counts as Before, the careful side.
func (c *Calendar) Roll(d Date, r Roll) Date {
	switch r {
	case Stay:
		return d
	case After:
		return c.OnOrAfter(d)
	case Nearest:
		before, after := c.OnOrBefore(d), c.OnOrAfter(d)
		if after-d < d-before {
			return after
		}
		return before
	}
	return c.OnOrBefore(d)
}

// LeftAt is the first work day, not before from, on which at most percent per
// cent of the period's work days are left. The period is (from, due]; left on a
// day are the work days after it up to due, so that on from 100 per cent are
// left and on due none. Shares are rounded down: of 18 days, 30 per cent is 5.
func (c *Calendar) LeftAt(from, due Date, percent int) Date {
	if from == 0 || due == 0 {
		return 0
	}
	total := max(0, c.Workdays(from, due))
	left := total * min(max(percent, 0), 100) / 100
	return max(c.OnOrAfter(from), c.index.day(c.index.number(due)-left))
}

// LastWorkday is the last work day of a month.
func (c *Calendar) LastWorkday(year int, m time.Month) Date {
	return c.OnOrBefore(Of(year, m+1, 0))
}

// NthWorkday is the n-th work day of a month, counted from 1. Counting runs on
// into the next month when the month has fewer; n below 1 gives no date.
func (c *Calendar) NthWorkday(year int, m time.Month, n int) Date {
	if n < 1 {
		return 0
	}
	return c.AddWorkdays(Of(year, m, 0), n)
}
