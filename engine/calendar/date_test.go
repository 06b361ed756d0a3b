package calendar_test

import (
	"encoding/json"
	"testing"
	"time"

	"duban/engine/calendar"
)

func TestDateArithmetic(t *testing.T) {
	for _, tt := range []struct {
		name      string
		got, want string
	}{
		{"a day on", day(t, "2023-02-28").AddDays(1).String(), "2023-03-01"},
		{"into a leap day", day(t, "2024-02-28").AddDays(1).String(), "2024-02-29"},
		{"back over new year", day(t, "2024-01-01").AddDays(-1).String(), "2023-12-31"},
		{"month on", day(t, "2023-03-15").AddMonths(1).String(), "2023-04-15"},
		{"31 January plus a month", day(t, "2023-01-31").AddMonths(1).String(), "2023-02-28"},
		{"31 January of a leap year plus a month", day(t, "2024-01-31").AddMonths(1).String(), "2024-02-29"},
		{"a year on from a leap day", day(t, "2020-02-29").AddMonths(12).String(), "2021-02-28"},
		{"four years on from a leap day", day(t, "2020-02-29").AddMonths(48).String(), "2024-02-29"},
		{"months back over new year", day(t, "2023-03-31").AddMonths(-4).String(), "2022-11-30"},
		{"no months", day(t, "2023-03-31").AddMonths(0).String(), "2023-03-31"},
		{"end of February", day(t, "2023-02-01").MonthEnd().String(), "2023-02-28"},
		{"end of a leap February", day(t, "2020-02-29").MonthEnd().String(), "2020-02-29"},
		{"end of December", day(t, "2023-12-31").MonthEnd().String(), "2023-12-31"},
		{"Monday of a Sunday", day(t, "2023-12-31").Monday().String(), "2023-12-25"},
		{"Monday of a Monday", day(t, "2023-12-25").Monday().String(), "2023-12-25"},
		{"Monday of a Saturday", day(t, "2024-01-06").Monday().String(), "2024-01-01"},
		{"in words", day(t, "2023-06-05").Chinese(), "2023年6月5日"},
	} {
		if tt.got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.name, tt.got, tt.want)
		}
	}
}

func TestNoDateStaysNoDate(t *testing.T) {
	var none calendar.Date
	c := shipped(t)
	for name, got := range map[string]calendar.Date{
		"AddDays":     none.AddDays(5),
		"AddMonths":   none.AddMonths(5),
		"MonthEnd":    none.MonthEnd(),
		"Monday":      none.Monday(),
		"AddWorkdays": c.AddWorkdays(none, 3),
		"OnOrAfter":   c.OnOrAfter(none),
		"OnOrBefore":  c.OnOrBefore(none),
		"Roll":        c.Roll(none, calendar.Nearest),
		"LeftAt":      c.LeftAt(none, day(t, "2023-06-30"), 30),
	} {
		if got != none {
			t.Errorf("%s of no date is %s", name, got)
		}
	}
	if none.String() != "" || none.Chinese() != "" {
		t.Errorf("no date prints as %q and %q", none.String(), none.Chinese())
	}
	if c.IsWorkday(none) || c.Provisional(none) || c.Workdays(none, day(t, "2023-06-30")) != 0 {
		t.Error("no date counts as a day")
	}
	if !c.Opening(none).IsZero() || !c.Closing(none).IsZero() {
		t.Error("the office opens or closes on no date")
	}
}

func TestDateAsText(t *testing.T) {
	type deadline struct {
		Due  calendar.Date `json:"due"`
		Next calendar.Date `json:"next"`
	}
	text, err := json.Marshal(deadline{Due: day(t, "2024-02-29")})
	if err != nil || string(text) != `{"due":"2024-02-29","next":""}` {
		t.Fatalf("got %s, %v", text, err)
	}
	var back deadline
	if err := json.Unmarshal(text, &back); err != nil || back.Due != day(t, "2024-02-29") || back.Next != 0 {
		t.Errorf("read back as %+v, %v", back, err)
	}
	for _, bad := range []string{"2023-02-29", "2023-2-28", "28.2.2023", "2023年2月28日"} {
		if err := back.Due.UnmarshalText([]byte(bad)); err == nil {
			t.Errorf("%q passes for a date", bad)
		}
	}
	if back.Due != day(t, "2024-02-29") {
		t.Error("a refused text changed the date")
	}
}

func TestDateIn(t *testing.T) {
	late := time.Date(2023, 12, 31, 17, 0, 0, 0, time.UTC) // 01:00 in Shanghai
	if got := shipped(t).DateOf(late); got != day(t, "2024-01-01") {
		t.Errorf("in the office's zone it is %s", got)
	}
	if got := calendar.DateIn(late, time.UTC); got != day(t, "2023-12-31") {
		t.Errorf("in UTC it is %s", got)
	}
	if y, m, d := day(t, "2024-02-29").Civil(); y != 2024 || m != time.February || d != 29 {
		t.Errorf("2024-02-29 is %d %s %d", y, m, d)
	}
	if m := day(t, "2024-02-29").Month(); m != time.February {
		t.Errorf("its month is %s", m)
	}
}
