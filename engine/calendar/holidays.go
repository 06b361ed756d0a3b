package calendar

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Table is what the State Council ordered for one year.
type Table struct {
	Year    int
	Name    string   // document number, e.g. 国办发明电〔2022〕16号
	Title   string   // the notice's title, when the file gives it
	Source  string   // the notice's address; "" when it is not known
	Amended []Notice // later notices that changed some of its days
	Days    []Day    // by date, each once; a few may lie in the December before
}

// Notice is a later notice that changes a table.
type Notice struct {
	Name, Title, Source string
}

// Day is a day that a notice names.
type Day struct {
	Date Date
	Work bool   // a make-up work day; otherwise a day off
	Name string // the holiday it belongs to
}

// mayName says whether a notice for the table's year can speak of d: New
// Year's holiday may begin, or be paid for, in the December before.
func (t *Table) mayName(d Date) bool {
	return d >= Of(t.Year-1, time.December, 1) && d <= Of(t.Year, time.December, 31)
}

// longestHoliday in days catches a mistyped month; the longest so far had 10.
const longestHoliday = 15

// ParseHolidays reads a holiday file:
//
//	# comment
//	year 2023 国办发明电〔2022〕16号 https://…    the address is - when it is not known
//	title 国务院办公厅关于2023年部分节假日安排的通知
//	off 2023-01-21 2023-01-27 春节
//	work 2023-01-28 春节
//	amend 国办发明电〔…〕…号 https://…            lines below change days above
//
// All faults are listed, in the order of lines; with any fault there are no
// tables.
func ParseHolidays(file string, text []byte) ([]Table, Faults) {
	p := &holidayParser{source: source{file: file}, set: map[Date]setting{}}
	p.each(text, p.line)
	p.close()
	if len(p.faults) > 0 {
		return nil, p.faults
	}
	return p.tables, nil
}

type holidayParser struct {
	source
	tables []Table
	open   bool // a table is being filled
	broken bool // its year line has a fault: lines below are read for their own faults only
	year   word // where the open table began
	before int  // faults there were before it
	notice int  // counts year and amend lines
	set    map[Date]setting
}

// setting is where a day was set.
type setting struct {
	day                 Day
	line, year, written int // written: the notice
}

func (p *holidayParser) line(w []word) {
	switch w[0].text {
	case "year":
		p.startYear(w)
	case "title":
		p.title(w)
	case "amend":
		p.amend(w)
	case "off", "work":
		p.days(w)
	default:
		p.fault(w[0], fmt.Sprintf("unknown word %q", w[0].text), "a line begins with year, title, amend, off or work")
	}
}

func (p *holidayParser) startYear(w []word) {
	p.close()
	p.open, p.broken, p.year, p.before = true, true, w[0], len(p.faults)
	p.notice++
	if len(w) < 4 {
		p.fault(w[0], "the line is not complete", "write: year YYYY DOCUMENT-NUMBER ADDRESS, - for an address that is not known")
		return
	}
	year, err := strconv.Atoi(w[1].text)
	if err != nil || year < minYear || year > maxYear {
		p.fault(w[1], fmt.Sprintf("bad year %q", w[1].text), fmt.Sprintf("write a year from %d to %d", minYear, maxYear))
		return
	}
	if slices.ContainsFunc(p.tables, func(t Table) bool { return t.Year == year }) {
		p.fault(w[1], fmt.Sprintf("year %d is there twice", year), "remove one, or write amend for a later notice")
		return
	}
	address, ok := p.address(w[len(w)-1])
	p.broken = !ok
	p.tables = append(p.tables, Table{Year: year, Name: join(w[2 : len(w)-1]), Source: address})
}

func (p *holidayParser) address(w word) (string, bool) {
	switch {
	case w.text == "-":
		return "", true
	case strings.HasPrefix(w.text, "https://"), strings.HasPrefix(w.text, "http://"):
		return w.text, true
	}
	p.fault(w, fmt.Sprintf("%q is no address", w.text), "end the line with https://… or - when it is not known")
	return "", false
}

// inTable gives the open table; nil, with a fault, when a line stands before
// any year, and nil when the year line itself is at fault.
func (p *holidayParser) inTable(w word) *Table {
	if !p.open {
		p.fault(w, fmt.Sprintf("%q stands before any year", w.text), "begin with a year line")
	}
	if !p.open || p.broken {
		return nil
	}
	return &p.tables[len(p.tables)-1]
}

func (p *holidayParser) title(w []word) {
	t := p.inTable(w[0])
	switch {
	case len(w) < 2:
		p.fault(w[0], "the title is empty", "write the notice's title")
	case t == nil:
	case len(t.Amended) > 0:
		t.Amended[len(t.Amended)-1].Title = join(w[1:])
	default:
		t.Title = join(w[1:])
	}
}

func (p *holidayParser) amend(w []word) {
	t := p.inTable(w[0])
	p.notice++
	if len(w) < 3 {
		p.fault(w[0], "the line is not complete", "write: amend DOCUMENT-NUMBER ADDRESS, - for an address that is not known")
		return
	}
	address, ok := p.address(w[len(w)-1])
	if t != nil && ok {
		t.Amended = append(t.Amended, Notice{Name: join(w[1 : len(w)-1]), Source: address})
	}
}

func (p *holidayParser) days(w []word) {
	t := p.inTable(w[0])
	from, to, name, ok := p.span(w)
	if t == nil || !ok {
		return
	}
	if !t.mayName(from) || !t.mayName(to) {
		p.fault(w[1], fmt.Sprintf("%s to %s is outside %d", from, to, t.Year), "a notice speaks of its year and of the December before")
		return
	}
	if n := int(to-from) + 1; n > longestHoliday {
		p.fault(w[1], fmt.Sprintf("%d days on end", n), fmt.Sprintf("check the months; at most %d days", longestHoliday))
		return
	}
	for d := from; d <= to; d++ {
		if !p.day(w, t.Year, Day{d, w[0].text == "work", name}) {
			return // one fault a line
		}
	}
}

func (p *holidayParser) day(w []word, year int, d Day) bool {
	old, twice := p.set[d.Date]
	if twice && (old.year != year || old.written == p.notice) {
		p.fault(w[1], fmt.Sprintf("%s is set already, on line %d", d.Date, old.line), "set a day once; a later notice begins with amend")
		return false
	}
	if d.Work && !twice && !weekend(d.Date) {
		p.fault(w[1], fmt.Sprintf("%s is a %s, a work day anyway", d.Date, d.Date.Weekday()), "make-up work days are Saturdays and Sundays")
		return false
	}
	p.set[d.Date] = setting{d, w[0].line, year, p.notice}
	return true
}

// close ends the open table, unless some of its lines could not be used.
func (p *holidayParser) close() {
	if !p.open || p.broken || len(p.faults) > p.before {
		return
	}
	t := &p.tables[len(p.tables)-1]
	for _, s := range p.set {
		if s.year == t.Year {
			t.Days = append(t.Days, s.day)
		}
	}
	slices.SortFunc(t.Days, func(a, b Day) int { return int(a.Date) - int(b.Date) })
	if !slices.ContainsFunc(t.Days, func(d Day) bool { return !d.Work }) {
		p.fault(p.year, fmt.Sprintf("year %d has no day off", t.Year), "add its off lines, or remove the year: without a table it is provisional")
	}
}
