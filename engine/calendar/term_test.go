package calendar_test

import (
	"strings"
	"testing"
	"time"

	"duban/engine/calendar"
)

func TestShippedTerms(t *testing.T) {
	all := terms(t)
	if len(all) != 11 || all[0].Name != "2019-2020学年第二学期" || all[10].Name != "2024-2025学年第二学期" {
		t.Fatalf("%d terms: %v", len(all), all)
	}
	for _, term := range all {
		if weeks := int(term.End.Monday()-term.Week(1))/7 + 1; weeks < 18 || weeks > 21 {
			t.Errorf("%s has %d teaching weeks", term.Name, weeks)
		}
	}
}

func TestTeachingWeeks(t *testing.T) {
	term := calendar.Term{Start: day(t, "2023-02-23"), End: day(t, "2023-07-07")} // from a Thursday
	for n, want := range map[int]string{1: "2023-02-20", 2: "2023-02-27", 10: "2023-04-24", 16: "2023-06-05", 0: "2023-02-13"} {
		if got := term.Week(n); got != day(t, want) {
			t.Errorf("week %d begins on %s, want %s", n, got, want)
		}
	}
}

func TestTermOfADay(t *testing.T) {
	c := shipped(t)
	for _, tt := range []struct {
		date, term string
		vacation   bool
		why        string
	}{
		{"2023-02-20", "2022-2023学年第二学期", false, "first day"},
		{"2023-07-07", "2022-2023学年第二学期", false, "last day"},
		{"2023-07-08", "", true, "summer begins"},
		{"2023-08-15", "", true, "summer"},
		{"2023-09-04", "2023-2024学年第一学期", false, "summer is over"},
		{"2023-01-22", "", true, "Spring Festival"},
		{"2020-02-23", "", false, "before the first known term"},
		{"2025-07-05", "", false, "after the last known term"},
	} {
		term, ok := c.Term(day(t, tt.date))
		if term.Name != tt.term || ok != (tt.term != "") {
			t.Errorf("%s (%s) is in %q, want %q", tt.date, tt.why, term.Name, tt.term)
		}
		if got := c.InVacation(day(t, tt.date)); got != tt.vacation {
			t.Errorf("%s (%s) vacation: %v", tt.date, tt.why, got)
		}
	}
}

func TestAMissingTermIsNoVacation(t *testing.T) {
	all := terms(t)
	c, err := calendar.New(nil, []calendar.Term{all[4], all[2]}, calendar.Options{}) // the autumn between is missing
	if err != nil {
		t.Fatal(err)
	}
	if c.InVacation(day(t, "2021-10-20")) {
		t.Error("half a year without a term passes for a vacation")
	}
	none, err := calendar.New(nil, nil, calendar.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if none.InVacation(day(t, "2023-08-15")) {
		t.Error("without terms there is a vacation")
	}
}

func TestTermsBetween(t *testing.T) {
	c := shipped(t)
	names := func(from, to string) string {
		var s []string
		for _, term := range c.TermsBetween(day(t, from), day(t, to)) {
			s = append(s, term.Name)
		}
		return strings.Join(s, " ")
	}
	for _, tt := range []struct{ from, to, want string }{
		{"2023-01-01", "2023-12-31", "2022-2023学年第一学期 2022-2023学年第二学期 2023-2024学年第一学期"},
		{"2023-07-07", "2023-09-04", "2022-2023学年第二学期 2023-2024学年第一学期"},
		{"2023-07-08", "2023-09-03", ""},
		{"2030-01-01", "2030-12-31", ""},
	} {
		if got := names(tt.from, tt.to); got != tt.want {
			t.Errorf("%s to %s: %q, want %q", tt.from, tt.to, got, tt.want)
		}
	}
	first := names("2023-01-01", "2023-12-31")
	if again := names("2023-01-01", "2023-12-31"); again != first {
		t.Error("asking changed the calendar")
	}
}

func TestParseTermsListsEveryFault(t *testing.T) {
	text := strings.Join([]string{
		"# 校历",
		"term 2023-02-20 2023-07-07 春季学期",
		"  week 3",
		"term 2023-02-30 2023-07-07 学期",
		"term 2023-09-04",
		"term 2023-09-04 2024-01-19",
		"term 2023-09-04 2033-01-19 秋季学期",
		"term 2023-07-01 2023-07-28 小学期",
		"term 2023-09-04 2024-01-19 春季学期",
		"term 2024-07-05 2024-02-26 倒",
		"term 2024-02-26 一天",
	}, "\n")
	got, faults := calendar.ParseTerms("t.txt", []byte(text))
	if got != nil {
		t.Errorf("terms in spite of faults: %v", got)
	}
	wantFaults(t, faults, []string{
		`t.txt:3:3: unknown word "week"`,
		`t.txt:4:6: bad date "2023-02-30"`,
		"t.txt:5:1: the line is not complete",
		"t.txt:6:1: the line has no name",
		"t.txt:7:6: a term of 3426 days",
		"t.txt:8:6: term 小学期 overlaps 春季学期 (2023-02-20 to 2023-07-07)",
		"t.txt:9:1: term 春季学期 is there twice",
		"t.txt:10:17: the last day 2024-02-26 is before the first, 2024-07-05",
		"t.txt:11:6: a term of 1 days",
	})
}

func wantFaults(t *testing.T, faults calendar.Faults, want []string) {
	t.Helper()
	for i, f := range faults {
		if i >= len(want) {
			t.Errorf("not wanted: %v", f)
			continue
		}
		if !strings.HasPrefix(f.Error(), want[i]+"; ") || f.Hint == "" {
			t.Errorf("got  %s\nwant %s; …", f.Error(), want[i])
		}
	}
	for _, missing := range want[min(len(faults), len(want)):] {
		t.Errorf("missing: %s", missing)
	}
}

func FuzzParseTerms(f *testing.F) {
	f.Add(read(f, termFile))
	f.Add([]byte("\ufeffterm 2023-02-20 2023-07-07 2022-2023学年第二学期 # x\r\n"))
	f.Add([]byte("term 1970-01-01 1970-01-01 x\nterm\nweek \xff"))
	f.Fuzz(func(t *testing.T, text []byte) {
		terms, faults := calendar.ParseTerms("f", text)
		checkFaults(t, text, faults)
		if _, err := calendar.New(nil, terms, calendar.Options{Zone: time.UTC}); err != nil {
			t.Errorf("no fault in the file, but: %v", err)
		}
	})
}
