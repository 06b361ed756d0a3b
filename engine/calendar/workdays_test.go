package calendar_test

import (
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"duban/engine/calendar"
)

func TestWorkdays(t *testing.T) {
	c := shipped(t)
	for _, tt := range []struct {
		date string
		want bool
		why  string
	}{
		{"2023-06-20", true, "an ordinary Tuesday"},
		{"2023-06-22", false, "Dragon Boat Festival, a Thursday"},
		{"2023-06-25", true, "a make-up Sunday"},
		{"2023-12-31", false, "a Sunday"},
		{"2022-12-31", false, "named by the notice of the next year"},
		{"2020-02-29", false, "a leap day on a Saturday"},
		{"2024-02-29", true, "a leap day on a Thursday"},
		{"2020-01-31", false, "Spring Festival of 2020 was extended"},
		{"2020-02-01", false, "the make-up Saturday that the extension took back"},
		{"2020-02-03", true, "work began again"},
		{"2027-02-05", true, "a Friday without a notice"},
		{"2027-02-06", false, "a Saturday without a notice"},
		{"2027-10-01", true, "National Day, but without a notice nothing is invented"},
		{"2019-12-31", true, "a Tuesday before the first table"},
	} {
		if got := c.IsWorkday(day(t, tt.date)); got != tt.want {
			t.Errorf("%s (%s): work day %v, want %v", tt.date, tt.why, got, tt.want)
		}
	}
}

func TestAddWorkdays(t *testing.T) {
	c := shipped(t)
	for _, tt := range []struct {
		from string
		n    int
		want string
	}{
		{"2023-06-30", -7, "2023-06-20"}, // 25 June is a make-up day, 22 to 24 are off
		{"2023-06-20", 7, "2023-06-30"},
		{"2023-06-30", -1, "2023-06-29"},
		{"2023-06-24", 1, "2023-06-25"},  // from a day off, the next work day is the first
		{"2023-06-24", -1, "2023-06-21"}, // and the one before is the first back
		{"2023-06-24", 0, "2023-06-24"},
		{"2023-12-29", 1, "2024-01-02"},
		{"2024-02-28", 1, "2024-02-29"},
		{"2020-02-28", 1, "2020-03-02"},
		{"2026-12-31", 1, "2027-01-01"}, // provisional: a Friday
		{"2027-01-04", -2, "2026-12-31"},
		{"2026-12-30", 262, "2027-12-31"}, // a whole year without a notice: 261 week days
		{"2020-01-02", -2, "2019-12-30"},
		{"2019-12-27", 3, "2020-01-02"},
	} {
		if got := c.AddWorkdays(day(t, tt.from), tt.n); got != day(t, tt.want) {
			t.Errorf("%s %+dwd is %s, want %s", tt.from, tt.n, got, tt.want)
		}
	}
}

func TestWorkdaysBetween(t *testing.T) {
	c := shipped(t)
	for _, tt := range []struct {
		from, to string
		want     int
	}{
		{"2023-06-20", "2023-06-30", 7},
		{"2023-06-30", "2023-06-20", -7},
		{"2023-06-20", "2023-06-20", 0},
		{"2023-06-21", "2023-06-24", 0},
		{"2023-06-24", "2023-06-25", 1},
		{"2021-12-31", "2022-12-31", 249},
		{"2022-12-31", "2023-12-31", 249},
		{"2023-12-31", "2024-12-31", 251},
		{"2024-12-31", "2025-12-31", 248},
		{"2025-12-31", "2026-12-31", 248},
		{"2026-12-31", "2027-12-31", 261},
	} {
		if got := c.Workdays(day(t, tt.from), day(t, tt.to)); got != tt.want {
			t.Errorf("work days in (%s, %s]: %d, want %d", tt.from, tt.to, got, tt.want)
		}
	}
}

func TestRoll(t *testing.T) {
	c := shipped(t)
	for _, tt := range []struct {
		due  string
		roll calendar.Roll
		want string
	}{
		{"2023-12-31", "", "2023-12-29"},
		{"2023-12-31", calendar.Before, "2023-12-29"},
		{"2023-12-31", calendar.After, "2024-01-02"},
		{"2023-12-31", calendar.Nearest, "2023-12-29"}, // two days either way: the earlier
		{"2024-01-01", calendar.Nearest, "2024-01-02"},
		{"2023-12-30", calendar.Nearest, "2023-12-29"},
		{"2023-12-31", calendar.Stay, "2023-12-31"},
		{"2023-06-25", calendar.Before, "2023-06-25"}, // a make-up Sunday needs no roll
		{"2023-06-25", calendar.After, "2023-06-25"},
		{"2024-02-29", calendar.Before, "2024-02-29"},
		{"2020-02-29", calendar.Before, "2020-02-28"},
		{"2023-10-01", calendar.After, "2023-10-07"}, // the make-up Saturday
		{"2023-12-31", "no such rule", "2023-12-29"},
	} {
		if got := c.Roll(day(t, tt.due), tt.roll); got != day(t, tt.want) {
			t.Errorf("%s rolled %q is %s, want %s", tt.due, tt.roll, got, tt.want)
		}
	}
}

func TestLeftAt(t *testing.T) {
	c := shipped(t)
	for _, tt := range []struct {
		name      string
		from, due string
		percent   int
		want      string
	}{
		{"10 work days, 30 % are 3", "2023-03-06", "2023-03-20", 30, "2023-03-15"},
		{"10 work days, 15 % are 1", "2023-03-06", "2023-03-20", 15, "2023-03-17"},
		{"none left is the due day", "2023-03-06", "2023-03-20", 0, "2023-03-20"},
		{"all left is the first day", "2023-03-06", "2023-03-20", 100, "2023-03-06"},
		{"all left from a Saturday", "2023-03-04", "2023-03-20", 100, "2023-03-06"},
		{"over a festival", "2023-06-20", "2023-06-30", 30, "2023-06-28"},
		{"due on a Sunday: its last work day", "2023-12-18", "2023-12-31", 0, "2023-12-29"},
		{"no work days at all", "2023-06-22", "2023-06-24", 30, "2023-06-25"},
		{"due before issue", "2023-03-20", "2023-03-06", 30, "2023-03-20"},
		{"out of range", "2023-03-06", "2023-03-20", 250, "2023-03-06"},
	} {
		if got := c.LeftAt(day(t, tt.from), day(t, tt.due), tt.percent); got != day(t, tt.want) {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}

func TestWorkdaysOfAMonth(t *testing.T) {
	c := shipped(t)
	for _, tt := range []struct {
		name string
		got  calendar.Date
		want string
	}{
		{"last of December 2023", c.LastWorkday(2023, time.December), "2023-12-29"},
		{"last of February 2024", c.LastWorkday(2024, time.February), "2024-02-29"},
		{"last of February 2020", c.LastWorkday(2020, time.February), "2020-02-28"},
		{"last of September 2023", c.LastWorkday(2023, time.September), "2023-09-28"},
		{"first of January 2023", c.NthWorkday(2023, time.January, 1), "2023-01-03"},
		{"5th of June 2023", c.NthWorkday(2023, time.June, 5), "2023-06-07"},
		{"5th of October 2023", c.NthWorkday(2023, time.October, 5), "2023-10-11"},
		{"40th of June runs on", c.NthWorkday(2023, time.June, 40), "2023-07-27"},
		{"no 0th", c.NthWorkday(2023, time.June, 0), ""},
	} {
		if got := tt.got.String(); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}

// TestArithmeticAgreesWithCounting steps day by day, as a person with a wall
// calendar would, through covered years and beyond both ends.
func TestArithmeticAgreesWithCounting(t *testing.T) {
	for name, c := range calendars(t) {
		from := day(t, "2018-06-01")
		count := 0
		last := from
		for d := from + 1; d <= day(t, "2028-06-01"); d++ {
			if c.IsWorkday(d) {
				count++
				if got := c.AddWorkdays(last, 1); got != d {
					t.Fatalf("%s: the work day after %s is %s, want %s", name, last, got, d)
				}
				last = d
			}
			if got := c.Workdays(from, d); got != count {
				t.Fatalf("%s: %d work days up to %s, counted %d", name, got, d, count)
			}
			if got := c.OnOrBefore(d); count > 0 && got != last {
				t.Fatalf("%s: on or before %s is %s, want %s", name, d, got, last)
			}
		}
		if want := c.AddWorkdays(from, count); want != last {
			t.Errorf("%s: %d work days on is %s, counted %s", name, count, want, last)
		}
	}
}

// TestAddAndCountAreInverse draws days from 1900 to 2100 and distances of up to
// 80 years.
func TestAddAndCountAreInverse(t *testing.T) {
	for name, c := range calendars(t) {
		rnd := rand.New(rand.NewPCG(2023, 6))
		for range 20000 {
			d := calendar.Of(1900, time.January, 1+rnd.IntN(200*365))
			n := rnd.IntN(40000) - 20000
			if d == 0 || n == 0 {
				continue
			}
			to := c.AddWorkdays(d, n)
			if to == 0 {
				continue
			}
			if !c.IsWorkday(to) {
				t.Fatalf("%s: %s %+dwd is %s, no work day", name, d, n, to)
			}
			want := n
			if n < 0 && !c.IsWorkday(d) {
				want++ // d itself does not count in (to, d]
			}
			if got := c.Workdays(d, to); got != want {
				t.Fatalf("%s: %s %+dwd is %s, but %d work days apart", name, d, n, to, got)
			}
			if c.IsWorkday(d) && c.AddWorkdays(to, -n) != d {
				t.Fatalf("%s: %s %+dwd is %s, and back it is %s", name, d, n, to, c.AddWorkdays(to, -n))
			}
		}
	}
}

// calendars are the shipped one, one with a gap between its years, and one
// that knows nothing.
func calendars(t *testing.T) map[string]*calendar.Calendar {
	t.Helper()
	all := tables(t)
	gap, err := calendar.New([]calendar.Table{all[6], all[1]}, nil, calendar.Options{})
	if err != nil {
		t.Fatal(err)
	}
	empty, err := calendar.New(nil, nil, calendar.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return map[string]*calendar.Calendar{"shipped": shipped(t), "gap": gap, "empty": empty}
}

func TestConcurrentUse(t *testing.T) {
	c := shipped(t)
	want := c.AddWorkdays(day(t, "2023-06-30"), -7)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for n := range 500 {
				d := day(t, "2018-01-01").AddDays(n * 8)
				c.Why(d)
				c.InVacation(d)
				c.TermsBetween(d, d.AddDays(200))
				if got := c.AddWorkdays(day(t, "2023-06-30"), -7); got != want {
					t.Errorf("got %s, want %s", got, want)
				}
			}
		})
	}
	all.Wait()
}

func BenchmarkIsWorkday(b *testing.B) {
	c := shipped(b)
	for _, bb := range []struct{ name, from string }{{"covered", "2021-01-01"}, {"provisional", "2031-01-01"}} {
		b.Run(bb.name, func(b *testing.B) {
			from, n := day(b, bb.from), 0
			for i := 0; b.Loop(); i++ {
				if c.IsWorkday(from + calendar.Date(i&1023)) {
					n++
				}
			}
			b.ReportAllocs()
		})
	}
}

func BenchmarkAddWorkdays(b *testing.B) {
	c := shipped(b)
	for _, bb := range []struct{ name, from string }{{"covered", "2021-01-01"}, {"provisional", "2031-01-01"}} {
		b.Run(bb.name, func(b *testing.B) {
			from := day(b, bb.from)
			for i := 0; b.Loop(); i++ {
				c.AddWorkdays(from+calendar.Date(i&1023), i&63-32)
			}
			b.ReportAllocs()
		})
	}
}
