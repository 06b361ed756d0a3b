// Package calendar knows the work days of mainland China: the State Council's
// holidays, the make-up work days that pay for them, and school terms. Days
// that no notice covers are computed from Monday to Friday and called
// provisional. The package is pure: it reads no clock and no file.
package calendar

import (
	"errors"
	"fmt"
	"slices"
	"time"
	_ "time/tzdata" // offices run it on machines without zone files
)

// Options are the office's hours. Every zero field takes its default, so no
// hour can be midnight.
type Options struct {
	Zone     *time.Location // default Asia/Shanghai
	Open     time.Duration  // since midnight, on the wall clock; default 09:00
	Close    time.Duration  // default 17:30: a deadline's own time
	SendFrom time.Duration  // default 08:30: nothing is sent before
	SendTo   time.Duration  // default 17:30: nothing is sent from here on
}

// Calendar answers what is a work day and counts them. It never changes after
// New, so any number of goroutines may use it. All its work-day arithmetic
// takes constant time.
type Calendar struct {
	o           Options
	index       index
	marks       map[Date]mark
	covered     map[int]bool // years that have a table
	first, last int
	tables      []Table // by Year
	terms       []Term  // by Start
}

// mark is a day that a notice names.
type mark struct {
	year int // of the table
	work bool
	name string
}

// The years a table, a term or a day in a data file may have: anything else is
// a slip of the pen.
const (
	minYear = 1990
	maxYear = 2199
)

// New makes a calendar of statutory tables and school terms, in any order;
// both may be empty. The error lists everything that is wrong: two tables for
// one year, two notices that disagree about a day, terms that overlap, hours
// that leave no time to send the morning's messages.
func New(tables []Table, terms []Term, o Options) (*Calendar, error) {
	o, err := o.complete()
	errs := []error{err}
	c := &Calendar{o: o, marks: map[Date]mark{}, covered: map[int]bool{}}
	for _, t := range tables {
		errs = append(errs, c.add(t)...)
	}
	c.tables = slices.Clone(tables)
	slices.SortFunc(c.tables, func(a, b Table) int { return a.Year - b.Year })
	c.terms = slices.Clone(terms)
	slices.SortFunc(c.terms, func(a, b Term) int { return int(a.Start) - int(b.Start) })
	errs = append(errs, checkTerms(c.terms)...)
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("calendar: new: %w", err)
	}
	c.index = newIndex(c.first, c.last, c.marks)
	return c, nil
}

func (o Options) complete() (Options, error) {
	setDefault(&o.Open, 9*time.Hour)
	setDefault(&o.Close, 17*time.Hour+30*time.Minute)
	setDefault(&o.SendFrom, 8*time.Hour+30*time.Minute)
	setDefault(&o.SendTo, 17*time.Hour+30*time.Minute)
	if o.Zone == nil {
		zone, err := time.LoadLocation("Asia/Shanghai")
		if err != nil {
			return o, fmt.Errorf("zone: %w", err)
		}
		o.Zone = zone
	}
	return o, o.check()
}

func setDefault(d *time.Duration, to time.Duration) {
	if *d == 0 {
		*d = to
	}
}

func (o Options) check() error {
	const day = 24 * time.Hour
	var errs []error
	if o.Open < 0 || o.Close >= day || o.Open >= o.Close {
		errs = append(errs, fmt.Errorf("office hours %v to %v are not within one day", o.Open, o.Close))
	}
	if o.SendFrom < 0 || o.SendTo > day || o.SendFrom >= o.SendTo {
		errs = append(errs, fmt.Errorf("sending hours %v to %v are not within one day", o.SendFrom, o.SendTo))
	}
	if o.Open < o.SendFrom || o.Open >= o.SendTo {
		errs = append(errs, fmt.Errorf("the opening %v is outside the sending hours %v to %v", o.Open, o.SendFrom, o.SendTo))
	}
	return errors.Join(errs...)
}

func (c *Calendar) add(t Table) (errs []error) {
	if t.Year < minYear || t.Year > maxYear {
		return []error{fmt.Errorf("table %s: year %d is outside %d–%d", t.Name, t.Year, minYear, maxYear)}
	}
	if c.covered[t.Year] {
		return []error{fmt.Errorf("table %s: year %d has a table already", t.Name, t.Year)}
	}
	c.covered[t.Year] = true
	if c.first == 0 || t.Year < c.first {
		c.first = t.Year
	}
	c.last = max(c.last, t.Year)
	for _, d := range t.Days {
		if err := c.mark(t, d); err != nil {
			errs = append(errs, err)
		}
	}
	return errs
}

func (c *Calendar) mark(t Table, d Day) error {
	if !t.mayName(d.Date) {
		return fmt.Errorf("table %s: %s is outside %d", t.Name, d.Date, t.Year)
	}
	if old, ok := c.marks[d.Date]; ok && old.work != d.Work {
		return fmt.Errorf("table %s: %s is both off and a work day", t.Name, d.Date)
	}
	c.marks[d.Date] = mark{t.Year, d.Work, d.Name}
	return nil
}

// Location is the office's zone.
func (c *Calendar) Location() *time.Location { return c.o.Zone }

// DateOf is the day that an instant falls on in the office's zone.
func (c *Calendar) DateOf(t time.Time) Date { return DateIn(t, c.o.Zone) }

// Opening is the instant the office opens on d, 09:00 unless configured; the
// zero time for no date. It does not ask whether d is a work day.
func (c *Calendar) Opening(d Date) time.Time { return c.at(d, c.o.Open) }

// Closing is the instant the office closes on d, 17:30 unless configured: the
// moment a deadline on d passes. The zero time for no date.
func (c *Calendar) Closing(d Date) time.Time { return c.at(d, c.o.Close) }

func (c *Calendar) at(d Date, clock time.Duration) time.Time {
	if d == 0 {
		return time.Time{}
	}
	y, m, day := d.Civil()
	return time.Date(y, m, day, 0, 0, int(clock/time.Second), int(clock%time.Second), c.o.Zone)
}

// MaySend says whether a message may go out at t: on a work day, from SendFrom
// until just before SendTo.
func (c *Calendar) MaySend(t time.Time) bool {
	t = t.In(c.o.Zone)
	h, m, s := t.Clock()
	clock := time.Duration(h*3600+m*60+s)*time.Second + time.Duration(t.Nanosecond())
	return c.o.SendFrom <= clock && clock < c.o.SendTo && c.IsWorkday(Of(t.Date()))
}

// NextMorning is the first opening of a work day that is not before t.
func (c *Calendar) NextMorning(t time.Time) time.Time {
	d := c.OnOrAfter(c.DateOf(t))
	if at := c.Opening(d); !at.Before(t) {
		return at
	}
	return c.Opening(c.AddWorkdays(d, 1))
}

// Provisional says that no statutory table covers d's year: its work days are
// a guess until the notice, which comes out in October to December of the year
// before, has been imported.
func (c *Calendar) Provisional(d Date) bool { return d != 0 && !c.covered[d.Year()] }

// Years are the first and last year that have a statutory table; 0, 0 when
// there is none. Years between may be missing: ask Provisional.
func (c *Calendar) Years() (first, last int) { return c.first, c.last }
