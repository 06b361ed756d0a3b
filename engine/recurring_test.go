package engine_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"duban/engine"
)

func cadence(c string, need int) func(*engine.Facts) {
	return func(f *engine.Facts) {
		f.Cadence, f.Need, f.AtLeast, f.Due, f.Until, f.Coop = c, need, true, 0, date("2023-12-31"), nil
	}
}

func series(t testing.TB, change ...func(*engine.Facts)) *story {
	t.Helper()
	f := matter(change...)
	s := newStory(t, f.Issued.String())
	s.begin("recurring", f)
	return s
}

func TestEveryQuarterTwoTimes(t *testing.T) {
	s := series(t, cadence("P3M", 2))
	s.until("2023-02-17 10:00")
	if q1 := s.get(2); q1.Occurrence != "2023-Q1" || q1.Due.String() != "2023-03-31" || q1.Parent != 1 || q1.Kind != engine.KindAssignment {
		t.Errorf("the first child is %+v", q1)
	}
	s.until("2023-03-24 10:00")
	s.mustOn(2, "tick", unit, "topic", "第一次", "date", "2023-03-24")
	s.until("2023-03-30 10:00")
	s.mustOn(2, "tick", unit, "topic", "第二次")
	s.mustOn(2, "tick", unit, "topic", "第三次") // extras count
	s.until("2023-07-04 10:00")
	s.mustOn(3, "tick", unit, "topic", "补报")
	s.mustOn(3, "tick", unit, "topic", "补报")
	s.until("2023-08-01")
	s.expect(`
		2023-03-03 [2023-Q1] light yellow
		2023-03-22 [2023-Q1] week_ahead lead.liaison
		2023-06-01 [2023-Q2] light yellow
		2023-06-20 [2023-Q2] week_ahead lead.liaison
		2023-06-30 [2023-Q2] due_day lead.liaison, lead.head
		2023-07-03 [2023-Q2] light red
		2023-07-03 [2023-Q2] overdue lead.liaison, lead.head
		2023-07-03 [2023-Q2] slip chase`)
	if q1 := s.get(2); q1.Done != 3 || q1.State != "done" || q1.Words["topic"] != "第三次" {
		t.Errorf("first quarter: %d ticks, %s, %v", q1.Done, q1.State, q1.Words)
	}
}

func TestSeriesEndsAfterItsLastPeriod(t *testing.T) {
	s := series(t, cadence("P3M", 1))
	var opened []string
	for _, day := range []string{"2023-03-01 10:00", "2023-05-04 10:00", "2023-07-03 10:00", "2023-10-09 10:00"} {
		s.until(day)
		child := s.all[len(s.all)-1]
		opened = append(opened, child.Occurrence+" from "+child.Issued.String()+" to "+child.Due.String())
		if s.main().Open != 1 {
			t.Errorf("%d periods open on %s", s.main().Open, day)
		}
		s.mustOn(child.ID, "tick", unit, "topic", "已开展")
	}
	want := []string{"2023-Q1 from 2023-02-17 to 2023-03-31", "2023-Q2 from 2023-04-03 to 2023-06-30",
		"2023-Q3 from 2023-07-03 to 2023-09-30", "2023-Q4 from 2023-10-07 to 2023-12-31"}
	if !slices.Equal(opened, want) {
		t.Errorf("periods:\n%s", strings.Join(opened, "\n"))
	}
	s.state("closed")
	if in := s.main(); in.Children != 4 || in.Open != 0 || !in.Closed.Equal(s.time("2023-10-09 10:00")) {
		t.Errorf("%d children, %d open, closed %v", in.Children, in.Open, in.Closed)
	}
}

func TestSeriesEnteredLateOpensEveryPeriodOnce(t *testing.T) {
	s := newStory(t, "2023-08-15 14:00")
	s.begin("recurring", matter(cadence("P1M", 1)))
	s.runDue()
	var open []string
	for _, in := range s.all[1:] {
		open = append(open, in.Occurrence)
	}
	if got := strings.Join(open, " "); got != "2023-02 2023-03 2023-04 2023-05 2023-06 2023-07 2023-08" {
		t.Errorf("opened %s", got)
	}
	s.until("2024-02-20")
	s.expect(``) // monthly duties send nothing, not even late ones
	s.state("closed")
	for _, in := range s.all[1:] {
		if in.State != "lapsed" {
			t.Errorf("%s is %s", in.Occurrence, in.State)
		}
	}
}

func TestLapsedMonthMayStillBeTicked(t *testing.T) {
	s := series(t, cadence("P1M", 1), func(f *engine.Facts) { f.Until = date("2023-03-31") })
	s.until("2023-04-10 10:00")
	if feb := s.get(2); feb.State != "lapsed" || !feb.Closed.Equal(s.time("2023-03-28 17:30")) {
		t.Errorf("February is %s since %v; want lapsed twenty work days after its end", feb.State, feb.Closed)
	}
	s.mustOn(2, "tick", unit, "topic", "补报二月例会")
	if feb := s.get(2); feb.State != "done" || feb.Done != 1 || s.main().Open != 1 {
		t.Errorf("February is %s, %d ticks; %d periods open, want March alone", feb.State, feb.Done, s.main().Open)
	}
}

// Every cadence as a silent unit sees it: the first child's notices.
func TestCadences(t *testing.T) {
	chased := func(occurrence string, days ...string) (out string) {
		for i, d := range days {
			if i == 0 {
				out += fmt.Sprintf("%s [%s] light red\n", d, occurrence)
			}
			out += fmt.Sprintf("%s [%s] overdue lead.liaison, lead.head\n%s [%s] slip chase\n", d, occurrence, d, occurrence)
		}
		return out
	}
	for _, tt := range []struct {
		cadence, until, occurrence, due string
		want                            string
	}{
		{"P1D", "2023-02-28", "2023-02", "2023-02-28", ``},
		{"P1W", "2023-02-28", "2023-02", "2023-02-28", ``},
		{"P2W", "2023-02-28", "2023-02", "2023-02-28", ``},
		{"P1M", "2023-02-28", "2023-02", "2023-02-28", ``},
		{"P2M", "2023-02-28", "2023-01/02", "2023-02-28", ``},
		{"P3M", "2023-03-31", "2023-Q1", "2023-03-31", `
			2023-03-03 [2023-Q1] light yellow
			2023-03-22 [2023-Q1] week_ahead lead.liaison
			2023-03-31 [2023-Q1] due_day lead.liaison, lead.head
			` + chased("2023-Q1", "2023-04-03", "2023-04-11", "2023-04-18")},
		{"P6M", "2023-06-30", "2023-H1", "2023-06-30", `
			2023-06-01 [2023-H1] light yellow
			2023-06-20 [2023-H1] week_ahead lead.liaison
			2023-06-30 [2023-H1] due_day lead.liaison, lead.head
			` + chased("2023-H1", "2023-07-03", "2023-07-10", "2023-07-17")},
		{"P1Y", "2023-12-31", "2023", "2023-11-30", `
			2023-02-17 [2023] issued lead.head, lead.liaison
			2023-11-02 [2023] light yellow
			2023-11-21 [2023] week_ahead lead.liaison
			2023-11-30 [2023] due_day lead.liaison, lead.head
			` + chased("2023", "2023-12-01", "2023-12-08", "2023-12-15")},
		{"P2Y", "2024-12-31", "2023-2024", "2024-12-31", `
			2023-02-17 [2023-2024] issued lead.head, lead.liaison
			2024-10-09 [2023-2024] sixty_days lead.liaison, lead.head
			2024-12-03 [2023-2024] twenty_days lead.liaison, lead.head
			2024-12-31 [2023-2024] due_day lead.liaison, lead.head
			` + chased("2023-2024", "2025-01-02", "2025-01-09", "2025-01-16")},
		{"P3Y", "2025-12-31", "2023-2025", "2025-12-31", ``},
		{"P4Y", "2026-12-31", "2023-2026", "2026-12-31", ``},
		{"P5Y", "2027-12-31", "2023-2027", "2027-12-31", ``},
		{"term", "2023-07-31", "2022-2023学年第二学期", "2023-06-23", `
			2023-04-24 [2022-2023学年第二学期] term_week_10 lead.liaison
			2023-06-05 [2022-2023学年第二学期] term_week_16 lead.liaison, lead.head
			2023-06-21 [2022-2023学年第二学期] due_day lead.liaison, lead.head
			` + chased("2022-2023学年第二学期", "2023-06-25", "2023-06-30", "2023-07-07")},
	} {
		t.Run(tt.cadence, func(t *testing.T) {
			s := series(t, cadence(tt.cadence, 1), func(f *engine.Facts) {
				f.Until = date(tt.until)
				if tt.cadence == "term" {
					f.Issued = date("2023-02-20")
				}
			})
			s.until("2025-02-28")
			if len(s.all) != 2 || s.get(2).Occurrence != tt.occurrence || s.get(2).Due.String() != tt.due {
				t.Fatalf("%d instances, the last %s due %s", len(s.all), s.all[len(s.all)-1].Occurrence, s.all[len(s.all)-1].Due)
			}
			if strings.HasPrefix(tt.cadence, "P") && strings.HasSuffix(tt.cadence, "Y") && tt.want == "" {
				tt.want = fmt.Sprintf("2023-02-17 [%s] issued lead.head, lead.liaison", tt.occurrence)
			}
			s.expect(tt.want)
		})
	}
}

func TestLeadPicksTheMonthOfAYearsDuty(t *testing.T) {
	s := series(t, cadence("P1Y", 1))
	s.until("2023-02-20 10:00")
	pick := func(month string) error { return s.actOn(2, "acknowledge", unit, "month", month) }
	for month, hint := range map[string]string{"13": "月份应为1至12", "six": "月份应为1至12", "1": "所选月份已过"} {
		if r, ok := pick(month).(*engine.Refusal); !ok || r.Code != "bad_value" || r.Hint != hint {
			t.Errorf("month %s: %v", month, r)
		}
	}
	if err := pick("12"); err != nil {
		t.Fatal(err)
	}
	child := s.get(2)
	if child.Due.String() != "2023-12-31" || child.Effective.String() != "2023-12-29" || child.Extended != 0 || child.FirstDue != 0 {
		t.Errorf("due %s, binding %s, extended %d, first %s", child.Due, child.Effective, child.Extended, child.FirstDue)
	}
	if err := pick("12"); err != nil { // a second signature picks nothing
		t.Error(err)
	}
	s.until("2023-03-01 10:00")
	if err := pick("6"); err != nil || s.get(2).Due.String() != "2023-12-31" {
		t.Errorf("%v, due %s: the month is picked once", err, s.get(2).Due)
	}
}

func TestPickedMonthNeverLeavesThePlan(t *testing.T) {
	s := series(t, cadence("P1Y", 1), func(f *engine.Facts) { f.Until = date("2023-10-31") })
	s.runDue()
	if got := s.get(2).Due.String(); got != "2023-10-31" {
		t.Errorf("due %s", got)
	}
	s.mustOn(2, "acknowledge", unit, "month", "12")
	if got := s.get(2).Due.String(); got != "2023-10-31" {
		t.Errorf("due %s after December was picked", got)
	}
	s.mustOn(2, "acknowledge", unit) // no month: nothing moves
}

func TestLeadThatSignsWithoutAMonth(t *testing.T) {
	s := series(t, cadence("P1Y", 1))
	s.runDue()
	s.mustOn(2, "acknowledge", unit)
	if got := s.get(2).Due.String(); got != "2023-11-30" {
		t.Errorf("due %s", got)
	}
}

func TestReportOnAPeriodSilencesItsReminders(t *testing.T) {
	s := series(t, cadence("P3M", 1))
	s.until("2023-03-21 10:00")
	s.told = nil
	s.mustOn(2, "report", unit, "progress", "已定于31日召开")
	s.until("2023-03-30 18:00")
	s.expect(``)
}

func TestCancelledSeriesOpensNoMorePeriods(t *testing.T) {
	s := series(t, cadence("P3M", 1))
	s.until("2023-03-01 10:00")
	s.must("cancel", office, "reason", "方案废止")
	s.until("2023-12-31")
	s.state("cancelled")
	if len(s.all) != 2 || s.main().Open != 0 || s.all[1].State != "cancelled" {
		t.Errorf("%d instances, %d open, the period is %s", len(s.all), s.main().Open, s.all[1].State)
	}
}

func TestSeriesWithoutPeriodsWaits(t *testing.T) {
	s := series(t, cadence("term", 1), func(f *engine.Facts) { f.Issued, f.Until = date("2030-02-20"), date("2030-12-31") })
	s.until("2031-01-31")
	s.state("running") // no term table for 2030: nothing is invented, and nothing is closed
	if len(s.all) != 1 {
		t.Errorf("%d instances", len(s.all))
	}
}

func TestPeriods(t *testing.T) {
	s := newStory(t, "2020-06-12")
	for _, tt := range []struct {
		cadence, issued, until string
		want                   string
	}{
		{"P3M", "2020-06-12", "2021-12-31", `2020-Q2 2020-06-30, 2020-Q3 2020-09-30, 2020-Q4 2020-12-31,
			2021-Q1 2021-03-31, 2021-Q2 2021-06-30, 2021-Q3 2021-09-30, 2021-Q4 2021-12-31`},
		{"P6M", "2020-06-12", "2023-12-31", `2020-H1 2020-06-30, 2020-H2 2020-12-31, 2021-H1 2021-06-30, 2021-H2 2021-12-31,
			2022-H1 2022-06-30, 2022-H2 2022-12-31, 2023-H1 2023-06-30, 2023-H2 2023-12-31`},
		{"P1Y", "2020-06-12", "2023-12-31", "2020 2020-11-30, 2021 2021-11-30, 2022 2022-11-30, 2023 2023-11-30"},
		{"P2Y", "2020-06-12", "2023-12-31", "2020-2021 2021-12-31, 2022-2023 2023-12-31"},
		{"P3Y", "2020-06-12", "2023-12-31", "2020-2022 2022-12-31, 2023-2025 2023-12-31"},
		{"P4Y", "2020-06-12", "2023-12-31", "2020-2023 2023-12-31"},
		{"P5Y", "2020-06-12", "2023-12-31", "2020-2024 2023-12-31"},
		{"term", "2020-06-12", "2023-12-31", `2019-2020学年第二学期 2020-07-03, 2020-2021学年第一学期 2021-01-08, 2020-2021学年第二学期 2021-06-25,
			2021-2022学年第一学期 2021-12-31, 2021-2022学年第二学期 2022-06-24, 2022-2023学年第一学期 2022-12-23,
			2022-2023学年第二学期 2023-06-23, 2023-2024学年第一学期 2023-12-31`},
		{"P2M", "2023-02-17", "2023-06-15", "2023-01/02 2023-02-28, 2023-03/04 2023-04-30, 2023-05/06 2023-06-15"},
		{"P1Y", "2023-12-04", "2023-12-31", "2023 2023-12-31"},    // issued in December
		{"P1Y", "2024-11-30", "2024-12-31", "2024 2024-12-31"},    // 30 November is a Saturday: it binds the day before
		{"P1Q", "2023-01-01", "2023-12-31", ""},                   // no cadence
		{"P12M", "2023-01-01", "2023-12-31", ""},                  //
		{"P-1Y", "2023-01-01", "2023-12-31", ""},                  //
		{"event", "2023-01-01", "2023-12-31", ""},                 //
		{"P3M", "", "2023-12-31", ""},                             // never issued
		{"P3M", "2023-06-01", "2023-01-01", ""},                   // over before it begins
		{"P1M", "2023-12-31", "2023-12-31", ""},                   // a Sunday: the month's deadline was Friday
		{"P1M", "2024-02-29", "2024-02-29", "2024-02 2024-02-29"}, // a leap day
	} {
		var issued = date(tt.issued)
		var got []string
		for _, p := range engine.Periods(tt.cadence, issued, date(tt.until), s.cal) {
			got = append(got, p.Name+" "+p.Due.String())
			if p.End < p.Start || p.Due > p.End {
				t.Errorf("%s: %+v", tt.cadence, p)
			}
		}
		if want := strings.Join(strings.Fields(tt.want), " "); strings.Join(got, ", ") != want {
			t.Errorf("%s from %s until %s:\n got %s\nwant %s", tt.cadence, tt.issued, tt.until, strings.Join(got, ", "), want)
		}
	}
}

func TestMonthlyPeriodsOfThePlanOf2020(t *testing.T) {
	s := newStory(t, "2020-06-12")
	for _, c := range []string{"P1D", "P1W", "P2W", "P1M"} {
		ps := engine.Periods(c, date("2020-06-12"), date("2023-12-31"), s.cal)
		if len(ps) != 43 || ps[0].Name != "2020-06" || ps[20].Due.String() != "2022-02-28" || ps[42].Due.String() != "2023-12-31" {
			t.Errorf("%s: %d periods, %+v", c, len(ps), ps)
		}
		for i := range ps[1:] {
			if ps[i+1].Start != ps[i].End.AddDays(1) {
				t.Errorf("%s: a gap after %s", c, ps[i].Name)
			}
		}
	}
}
