package when

import "duban/engine/calendar"

// The dated events of the school calendar (values of termEvent words).
const (
	termBegins = 1
	termEnds   = 2
)

// termDay is the last day before a term's begin or before its vacation; no date
// without a calendar that has terms.
func (r *reader) termDay(i int) calendar.Date {
	t := r.tok(i)
	if t.kind != termEvent || r.c.Cal == nil || r.c.Issued == 0 {
		return 0
	}
	switch t.value {
	case termBegins:
		for _, term := range r.c.Cal.TermsBetween(r.c.Issued, r.c.Issued.AddMonths(18)) {
			if term.Start > r.c.Issued {
				return term.Start.AddDays(-1)
			}
		}
	case termEnds:
		if t.word != "期末考试" && t.word != "期末" { // examinations have no day in the calendar
			return r.termFrom(0).End
		}
	}
	return 0
}
