package engine

import (
	"fmt"
	"time"

	"duban/engine/calendar"
)

// Period is one calendar period of a cadence.
type Period struct {
	Name       string // 2023-05, 2023-Q1, 2023-H1, 2023, 2022-2023, or a term's name
	Start, End calendar.Date
	Due        calendar.Date // on paper; the roll rule comes later
}

// Periods are the calendar periods of a cadence that bind between issue and
// until, in order. Weekly and monthly duties are ticked once a month; a year's
// duty is due on 30 November unless the lead names a month, a term's two weeks
// before the term ends, all others with their last day, and nothing later than
// until. A period whose deadline lies before the issue is left out. An unknown cadence has none.
func Periods(cadence string, issued, until calendar.Date, cal *calendar.Calendar) []Period {
	if cadence == "term" {
		return termPeriods(issued, until, cal)
	}
	var out []Period
	for start := firstStart(cadence, issued); start != 0 && start <= until; {
		p := periodAt(cadence, start)
		if cal.Roll(p.Due, "") < issued { // a year issued in December
			p.Due = p.End
		}
		p.Due = min(p.Due, until)
		if cal.Roll(p.Due, "") >= issued {
			out = append(out, p)
		}
		start = p.End.AddDays(1)
	}
	return out
}

func termPeriods(issued, until calendar.Date, cal *calendar.Calendar) []Period {
	var out []Period
	for _, t := range cal.TermsBetween(issued, until) {
		due := min(t.End.AddDays(-14), until)
		if cal.Roll(due, "") >= issued {
			out = append(out, Period{Name: t.Name, Start: t.Start, End: t.End, Due: due})
		}
	}
	return out
}

// months is the length of each cadence's period but a term's.
var months = map[string]int{
	"P1D": 1, "P1W": 1, "P2W": 1, "P1M": 1, "P2M": 2, "P3M": 3, "P6M": 6,
	"P1Y": 12, "P2Y": 24, "P3Y": 36, "P4Y": 48, "P5Y": 60,
}

func firstStart(cadence string, issued calendar.Date) calendar.Date {
	n := months[cadence]
	if n == 0 || issued == 0 {
		return 0
	}
	y, m, _ := issued.Civil()
	if n >= 12 {
		return calendar.Of(y, time.January, 1)
	}
	return calendar.Of(y, m-time.Month((int(m)-1)%n), 1)
}

func periodAt(cadence string, start calendar.Date) Period {
	n := months[cadence]
	y, m, _ := start.Civil()
	p := Period{Start: start, End: calendar.Of(y, m+time.Month(n), 0)}
	p.Due = p.End
	switch n {
	case 1:
		p.Name = fmt.Sprintf("%d-%02d", y, m)
	case 2:
		p.Name = fmt.Sprintf("%d-%02d/%02d", y, m, m+1)
	case 3:
		p.Name = fmt.Sprintf("%d-Q%d", y, (int(m)+2)/3)
	case 6:
		p.Name = fmt.Sprintf("%d-H%d", y, (int(m)+5)/6)
	case 12:
		p.Name = fmt.Sprint(y)
		p.Due = calendar.Of(y, time.November, 30)
	default:
		p.Name = fmt.Sprintf("%d-%d", y, y+n/12-1)
	}
	return p
}

func (s *stepper) nextPeriod() (Period, bool) {
	ps := Periods(s.in.Cadence, s.in.Issued, s.in.Until, s.cal)
	if s.in.Children >= len(ps) {
		return Period{}, false
	}
	return ps[s.in.Children], true
}
