package calendar_test

import (
	"os"
	"testing"

	"duban/engine/calendar"
)

const (
	holidayFile = "../../seeds/calendar/holidays.txt"
	termFile    = "../../seeds/calendar/terms.txt"
)

func read(t testing.TB, file string) []byte {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func tables(t testing.TB) []calendar.Table {
	t.Helper()
	tables, faults := calendar.ParseHolidays("holidays.txt", read(t, holidayFile))
	if err := faults.Err(); err != nil {
		t.Fatal(err)
	}
	return tables
}

func terms(t testing.TB) []calendar.Term {
	t.Helper()
	terms, faults := calendar.ParseTerms("terms.txt", read(t, termFile))
	if err := faults.Err(); err != nil {
		t.Fatal(err)
	}
	return terms
}

// shipped is the calendar of the data files, with the default hours.
func shipped(t testing.TB) *calendar.Calendar {
	t.Helper()
	c, err := calendar.New(tables(t), terms(t), calendar.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func day(t testing.TB, s string) calendar.Date {
	t.Helper()
	d, err := calendar.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}
