package calendar

import (
	"fmt"
	"time"
)

// Date is a day without a time or zone, counted from 1970-01-01. The zero Date
// means "no date": plans of this house do not reach back to 1970.
type Date int32

// Of gives the date of a year, month and day; days out of range carry over.
func Of(year int, month time.Month, day int) Date {
	return Date(time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

// ParseDate reads 2006-01-02; the empty string is no date.
func ParseDate(s string) (Date, error) {
	if s == "" {
		return 0, nil
	}
	t, err := time.Parse("2006-01-02", s)
	if err != nil {
		return 0, fmt.Errorf("calendar: %q is no date like 2023-02-28", s)
	}
	return Of(t.Date()), nil
}

// DateIn is the day that an instant falls on in a zone.
func DateIn(t time.Time, loc *time.Location) Date { return Of(t.In(loc).Date()) }

func (d Date) utc() time.Time { return time.Unix(int64(d)*86400, 0).UTC() }

// Civil gives year, month and day.
func (d Date) Civil() (int, time.Month, int) { return d.utc().Date() }

// Year is the calendar year.
func (d Date) Year() int { return d.utc().Year() }

// Month is the calendar month.
func (d Date) Month() time.Month { return d.utc().Month() }

// Weekday is the day of the week.
func (d Date) Weekday() time.Weekday { return d.utc().Weekday() }

// String is 2006-01-02, or "" for no date.
func (d Date) String() string {
	if d == 0 {
		return ""
	}
	return d.utc().Format("2006-01-02")
}

// MarshalText writes 2006-01-02.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads 2006-01-02 or "".
func (d *Date) UnmarshalText(b []byte) error {
	v, err := ParseDate(string(b))
	if err == nil {
		*d = v
	}
	return err
}

// AddDays goes n days on, or back when n is negative. No date stays no date.
func (d Date) AddDays(n int) Date {
	if d == 0 {
		return 0
	}
	return d + Date(n)
}

// AddMonths goes n months on, or back when n is negative. A day that the month
// does not have becomes its last day: 31 January plus one month is 28 or 29
// February. No date stays no date.
func (d Date) AddMonths(n int) Date {
	if d == 0 {
		return 0
	}
	y, m, day := d.Civil()
	first := Of(y, m+time.Month(n), 1)
	return min(first+Date(day-1), first.MonthEnd())
}

// MonthEnd is the last day of the month. No date stays no date.
func (d Date) MonthEnd() Date {
	if d == 0 {
		return 0
	}
	y, m, _ := d.Civil()
	return Of(y, m+1, 0)
}

// Monday is the first day of the week that holds d; weeks end on Sunday. No
// date stays no date.
func (d Date) Monday() Date {
	if d == 0 {
		return 0
	}
	return d - Date((d.Weekday()+6)%7)
}

// Chinese is 2023年12月31日, or "" for no date.
func (d Date) Chinese() string {
	if d == 0 {
		return ""
	}
	return d.utc().Format("2006年1月2日")
}

// Roll says where a day goes that is no work day.
type Roll string

// The roll rules; the empty rule is Before.
const (
	Before  Roll = "before"
	After   Roll = "after"
	Nearest Roll = "nearest"
	Stay    Roll = "stay"
)
