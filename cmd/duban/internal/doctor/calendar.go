package doctor

import (
	"fmt"
	"time"

	"duban/engine/calendar"
)

const calendarArea = "calendar"

// calendar asks whether the tables reach far enough. The State Council's notice
// for a year comes out from October of the year before.
func (p *Patient) calendar(f *findings) {
	today := p.today()
	add := "add the State Council's table to calendars.holidays and restart"
	if p.Calendar.Provisional(today) {
		f.fail(calendarArea, fmt.Sprintf("there is no holiday table for %d: holidays count as work days", today.Year()), add)
	} else {
		f.ok(calendarArea, fmt.Sprintf("the holiday table of %d is there", today.Year()))
	}
	next := today.Year() + 1
	switch missing := p.Calendar.Provisional(calendar.Of(next, time.January, 1)); {
	case !missing && today.Month() >= time.October:
		f.ok(calendarArea, fmt.Sprintf("the holiday table of %d is there", next))
	case missing && today.Month() == time.December:
		f.fail(calendarArea, fmt.Sprintf("there is no holiday table for %d: 1 January will count as a work day", next), add)
	case missing && today.Month() >= time.October:
		f.warn(calendarArea, fmt.Sprintf("there is no holiday table for %d yet", next), add+" before the year begins")
	}
	p.terms(f)
}

// terms asks for the two terms of the present school year, August to July.
func (p *Patient) terms(f *findings) {
	today := p.today()
	first := today.Year()
	if today.Month() < time.August {
		first--
	}
	year := fmt.Sprintf("school year %d-%d", first, first+1)
	do := "add them to calendars.terms and restart"
	switch n := len(p.Calendar.TermsBetween(calendar.Of(first, time.August, 1), calendar.Of(first+1, time.July, 31))); {
	case n == 0:
		f.warn(calendarArea, "there are no terms of the "+year+": rounds do not know the vacations", do)
	case n == 1:
		f.warn(calendarArea, "there is only one term of the "+year, do)
	case len(p.Config.Calendars.Terms) == 0:
		f.warn(calendarArea, "the terms are the built-in ones of an invented college", "write your school's into a file and name it under calendars.terms")
	default:
		f.ok(calendarArea, fmt.Sprintf("%d terms of the %s are there", n, year))
	}
}
