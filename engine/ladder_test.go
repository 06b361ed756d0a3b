package engine_test

import (
	"testing"
	"time"

	"duban/engine"
	"duban/engine/calendar"
)

func TestTheWholeLadder(t *testing.T) {
	s := assigned(t) // on 17 February, due on 30 June, and nobody ever does anything
	s.until("2023-12-31")
	s.expect(`
		2023-02-17 issued lead.head, lead.liaison, coop.liaison 宣传统战部, coop.liaison 学生工作处
		2023-02-21 unsigned lead.liaison
		2023-02-22 unsigned lead.head
		2023-02-22 list phone
		2023-06-08 light yellow
		2023-06-20 week_ahead lead.liaison
		2023-06-25 light orange
		2023-06-27 three_days lead.liaison, lead.head
		2023-06-29 eve lead.liaison
		2023-06-30 due_day lead.liaison, lead.head
		2023-07-03 light red
		2023-07-03 overdue lead.liaison, lead.head
		2023-07-03 slip chase
		2023-07-07 named office
		2023-07-07 list named
		2023-07-10 overdue lead.liaison, lead.head
		2023-07-10 slip chase
		2023-07-10 sponsor sponsor (held)
		2023-07-14 principal principal (held) → 2023-08-07
		2023-07-17 overdue lead.liaison, lead.head
		2023-07-17 slip chase`)
	s.expectSkips(`2023-07-14 principal principal: withheld: not instructed`)
	in := s.main()
	if !in.Deemed || !in.Signed.IsZero() || in.State != "assigned" {
		t.Errorf("nobody signed: deemed %v, signed %v, %s", in.Deemed, in.Signed, in.State)
	}
	if in.Light != "red" || in.Reminders != 3 || in.Chased != 3 {
		t.Errorf("light %s, %d reminders, %d papers; want red, 3, 3", in.Light, in.Reminders, in.Chased)
	}
	if len(in.Timers) != 0 {
		t.Errorf("the ladder has an end, but %v is armed", in.Timers)
	}
}

func TestUnitThatSignsHearsTheLadderOnly(t *testing.T) {
	s := signed(t)
	s.state("in_progress")
	s.until("2023-07-02")
	s.expect(`
		2023-06-08 light yellow
		2023-06-20 week_ahead lead.liaison
		2023-06-25 light orange
		2023-06-27 three_days lead.liaison, lead.head
		2023-06-29 eve lead.liaison
		2023-06-30 due_day lead.liaison, lead.head`)
}

func TestUnitThatClosesInTimeHearsNothing(t *testing.T) {
	s := signed(t)
	s.until("2023-05-10 10:00")
	s.must("request_close", head, "result", "已完成")
	s.until("2023-05-11 10:00")
	s.must("close", office)
	s.until("2024-02-01")
	s.expect(`
		2023-05-10 10:00 close_asked office → 2023-05-11
		2023-05-11 10:00 thanks lead.head → 2023-05-12, lead.liaison → 2023-05-12`)
	s.state("closed")
	if in := s.main(); in.Light != "" || !in.Closed.Equal(s.time("2023-05-11 10:00")) {
		t.Errorf("light %q, closed %v", in.Light, in.Closed)
	}
}

func TestClosingOnTheDayEarnsNoThanks(t *testing.T) {
	s := signed(t)
	s.until("2023-06-30 16:00")
	s.told = nil
	s.must("request_close", head, "result", "已完成")
	s.until("2023-07-04 17:00")
	s.must("close", office)
	s.expect(`2023-06-30 16:00 close_asked office → 2023-07-03`)
	if in := s.main(); in.Light == "red" || in.Chased != 0 {
		t.Error("the days the office took are the unit's lateness")
	}
}

func TestRungsOfOneMorningMergeIntoTheGravest(t *testing.T) {
	s := assigned(t, from("2023-03-01", "2023-03-06")) // the limits for signing fall on the eve and on the day
	s.until("2023-03-06 18:00")
	s.expect(`
		2023-03-01 issued lead.head, lead.liaison
		2023-03-01 three_days lead.liaison, lead.head
		2023-03-03 eve lead.liaison
		2023-03-06 list phone
		2023-03-06 due_day lead.liaison, lead.head
		2023-03-06 light yellow
		2023-03-06 light orange`)
	s.expectSkips(`
		2023-03-01 week_ahead lead.liaison: past
		2023-03-03 unsigned lead.liaison: merged
		2023-03-06 unsigned lead.head: merged`)
}

func TestRungsMergeByReceiver(t *testing.T) {
	// The third day is the eve: the liaison hears of the eve, the head that nobody has signed.
	s := assigned(t, from("2023-03-01", "2023-03-07"))
	s.until("2023-03-06 18:00")
	s.expectSkips(`
		2023-03-01 week_ahead lead.liaison: past
	`)
	s.expect(`
		2023-03-01 issued lead.head, lead.liaison
		2023-03-02 three_days lead.liaison, lead.head
		2023-03-03 unsigned lead.liaison
		2023-03-06 unsigned lead.head
		2023-03-06 list phone
		2023-03-06 eve lead.liaison
		2023-03-06 light yellow`)
}

func TestReportSilencesRemindersForFiveWorkDays(t *testing.T) {
	s := signed(t)
	s.until("2023-06-19 10:00")
	s.must("report", unit, "progress", "已完成初稿")
	s.until("2023-06-30 18:00")
	s.expect(`
		2023-06-08 light yellow
		2023-06-30 due_day lead.liaison, lead.head`)
	s.expectSkips(`
		2023-06-20 week_ahead lead.liaison: withheld: period <= 10wd or reminders >= 3 or reported_within(5wd) or phoned_within(2wd) or urged_within(1wd)
		2023-06-27 three_days lead.liaison: withheld: reminders >= 3 or reported_within(5wd) or phoned_within(2wd) or urged_within(1wd)
		2023-06-27 three_days lead.head: withheld: reminders >= 3 or reported_within(5wd) or phoned_within(2wd) or urged_within(1wd)
		2023-06-29 eve lead.liaison: withheld: reported or reminders >= 3 or phoned_within(2wd) or urged_within(1wd)`)
	if got := s.main().Words["progress"]; got != "已完成初稿" {
		t.Errorf("progress is %q", got)
	}
}

func TestReportOfLongAgoSilencesTheEveOnly(t *testing.T) {
	s := signed(t)
	s.until("2023-04-10 10:00")
	s.must("report", unit, "progress", "已启动")
	s.until("2023-06-30 18:00")
	s.expect(`
		2023-06-20 week_ahead lead.liaison
		2023-06-27 three_days lead.liaison, lead.head
		2023-06-30 due_day lead.liaison, lead.head`)
}

func TestFourthReminderBeforeTheDeadlineStaysUnsaid(t *testing.T) {
	s := signed(t)
	s.until("2023-06-28")
	s.main().Reminders = 3 // as a workflow with another rung would have it
	s.told = nil
	s.until("2023-06-29 18:00")
	s.expect(``)
	s.until("2023-06-30 18:00")
	s.expect(`2023-06-30 due_day lead.liaison, lead.head`)
}

func TestPhoneCallHoldsRemindersForTwoWorkDays(t *testing.T) {
	s := signed(t)
	s.until("2023-06-26 15:00")
	s.told = nil
	s.must("phone", office, "words", "周五前报送")
	s.until("2023-07-02")
	s.expect(`
		2023-06-29 eve lead.liaison
		2023-06-30 due_day lead.liaison, lead.head`)
}

func TestShortPeriodHasNoWeekAhead(t *testing.T) {
	for due, want := range map[string]int{"2023-03-03": 0, "2023-03-06": 1} { // 10 and 11 work days
		s := signed(t, from("2023-02-17", due))
		s.until("2023-03-31")
		n := 0
		for _, l := range s.told {
			if len(l) > 21 && l[11:21] == "week_ahead" {
				n++
			}
		}
		if n != want {
			t.Errorf("due %s: %d times week_ahead, want %d", due, n, want)
		}
	}
}

func TestIssueOnTheEve(t *testing.T) {
	s := assigned(t, from("2023-06-29", "2023-06-30"))
	s.must("acknowledge", unit)
	s.until("2023-06-30 18:00")
	s.expect(`
		2023-06-29 issued lead.head, lead.liaison
		2023-06-29 eve lead.liaison
		2023-06-30 due_day lead.liaison, lead.head
		2023-06-30 light yellow
		2023-06-30 light orange`)
	s.expectSkips(`
		2023-06-29 week_ahead lead.liaison: past
		2023-06-29 three_days lead.liaison: past
		2023-06-29 three_days lead.head: past`)
}

func TestIssueOnTheDueDayItself(t *testing.T) {
	s := assigned(t, from("2023-06-30", "2023-06-30"))
	s.must("acknowledge", unit)
	s.until("2023-07-03 18:00")
	s.expect(`
		2023-06-30 issued lead.head, lead.liaison
		2023-06-30 due_day lead.liaison, lead.head
		2023-06-30 light yellow
		2023-06-30 light orange
		2023-07-03 light red
		2023-07-03 overdue lead.liaison, lead.head
		2023-07-03 slip chase`)
}

func TestPlanEnteredMonthsAfterItsIssue(t *testing.T) {
	s := newStory(t, "2023-06-28 14:00")
	s.begin("assignment", matter(from("2023-02-17", "2023-06-30")))
	s.expectSkips(`
		2023-06-28 14:00 week_ahead lead.liaison: missed
		2023-06-28 14:00 three_days lead.liaison: missed
		2023-06-28 14:00 three_days lead.head: missed`)
	s.until("2023-06-30 18:00")
	s.expect(`
		2023-06-28 14:00 issued lead.head → 2023-06-29, lead.liaison → 2023-06-29
		2023-06-29 eve lead.liaison
		2023-06-29 light yellow
		2023-06-29 light orange
		2023-06-30 due_day lead.liaison, lead.head`)
}

func TestPlanEnteredBeforeItsDay(t *testing.T) {
	s := newStory(t, "2023-02-10 15:00")
	s.begin("assignment", matter(from("2023-02-18", "2023-06-30"))) // a Saturday: the next work day is the 20th
	s.until("2023-02-24")
	s.expect(`
		2023-02-20 issued lead.head, lead.liaison
		2023-02-22 unsigned lead.liaison
		2023-02-23 unsigned lead.head
		2023-02-23 list phone`)
}

func TestDutyOfASchoolLeader(t *testing.T) {
	s := signed(t, func(f *engine.Facts) { f.Leader = true })
	s.until("2023-12-31")
	s.expect(`
		2023-06-20 week_ahead lead.liaison
		2023-06-27 three_days lead.liaison, lead.head
		2023-06-29 eve lead.liaison
		2023-06-30 due_day lead.liaison, lead.head
		2023-07-03 overdue lead.liaison, lead.head
		2023-07-03 slip chase
		2023-07-10 overdue lead.liaison, lead.head
		2023-07-10 slip chase
		2023-07-17 overdue lead.liaison, lead.head
		2023-07-17 slip chase`)
	if s.main().Light != "" {
		t.Errorf("a leader's duty turned %s", s.main().Light)
	}
}

func TestInstructedMatterReachesThePrincipalAtOnce(t *testing.T) {
	s := signed(t)
	s.until("2023-07-01 21:15") // a Saturday night
	s.told = nil
	s.must("instruct", sponsor, "text", "请抓紧办理", "by", "刘副校长")
	s.expect(`2023-07-01 21:15 instructed lead.head, lead.liaison`)
	s.until("2023-07-13")
	s.told = nil
	s.until("2023-07-14")
	s.expect(`2023-07-14 principal principal (held)`)
	if !s.main().Instructed || s.main().Words["text"] != "请抓紧办理" {
		t.Error("the instruction is not kept")
	}
}

func TestDeadlinesThatAreNoWorkDays(t *testing.T) {
	for _, tt := range []struct {
		due       string
		roll      calendar.Roll
		effective string
		dueDay    string
		overdue   string
	}{
		{"2023-12-31", "", "2023-12-29", "2023-12-29", "2024-01-02"}, // a Sunday, New Year's Day off
		{"2023-12-31", calendar.After, "2024-01-02", "2024-01-02", "2024-01-03"},
		{"2023-12-31", calendar.Stay, "2023-12-31", "2023-12-29", "2024-01-02"},
		{"2024-02-29", "", "2024-02-29", "2024-02-29", "2024-03-01"},
		{"2023-06-25", "", "2023-06-25", "2023-06-25", "2023-06-26"}, // a make-up Sunday
		{"2023-10-01", calendar.Before, "2023-09-28", "2023-09-28", "2023-10-07"},
		{"2028-01-01", "", "2027-12-31", "2027-12-31", "2028-01-03"}, // years without a table: Monday to Friday
	} {
		s := signed(t, func(f *engine.Facts) { f.Due, f.Roll = date(tt.due), tt.roll })
		if got := s.main().Effective.String(); got != tt.effective {
			t.Errorf("%s %s binds on %s, want %s", tt.due, tt.roll, got, tt.effective)
		}
		if got := s.main().Due.String(); got != tt.due {
			t.Errorf("the paper says %s, want %s", got, tt.due)
		}
		at := map[string]string{}
		for _, a := range s.main().Timers {
			at[a.Name] = when(a.At)
		}
		if at["due_day"] != tt.dueDay || at["overdue"] != tt.overdue {
			t.Errorf("%s %s: due_day %s, overdue %s; want %s, %s", tt.due, tt.roll, at["due_day"], at["overdue"], tt.dueDay, tt.overdue)
		}
	}
}

func TestEarliest(t *testing.T) {
	s := newStory(t, "2023-06-01")
	for _, tt := range []struct {
		class  engine.Class
		at, to string
	}{
		{engine.Digest, "2023-06-20 08:00", "2023-06-20"},
		{engine.Digest, "2023-06-20", "2023-06-20"},
		{engine.Digest, "2023-06-20 09:04", "2023-06-20 09:04"}, // the morning's run is still on
		{engine.Digest, "2023-06-20 09:06", "2023-06-21"},
		{engine.Digest, "2023-06-21 17:00", "2023-06-25"},
		{engine.Prompt, "2023-06-20 08:30", "2023-06-20 08:30"},
		{engine.Prompt, "2023-06-20 17:29", "2023-06-20 17:29"},
		{engine.Prompt, "2023-06-20 17:30", "2023-06-21"},
		{engine.Prompt, "2023-06-22 10:00", "2023-06-25"},
		{engine.Must, "2023-06-22 03:00", "2023-06-22 03:00"},
		{engine.Monthly, "2023-07-01", "2023-07-07"},
		{engine.Monthly, "2023-07-07", "2023-07-07"},
		{engine.Monthly, "2023-07-07 09:01", "2023-07-07 09:01"},
		{engine.Monthly, "2023-07-07 10:00", "2023-08-07"},
		{engine.Monthly, "2023-12-29", "2024-01-08"},
	} {
		if got := engine.Earliest(tt.class, s.time(tt.at), s.cal); !got.Equal(s.time(tt.to)) {
			t.Errorf("%s at %s goes %s, want %s", tt.class, tt.at, got.Format(time.DateTime), tt.to)
		}
	}
}

func TestChainOfAVacantPost(t *testing.T) {
	for role, want := range map[engine.Role]engine.Role{
		engine.RoleLeadLiaison: engine.RoleLeadHead, engine.RoleLeadHead: engine.RoleLeadLiaison,
		engine.RoleCoopLiaison: engine.RoleCoopHead, engine.RoleSponsor: engine.RoleOffice, engine.RolePrincipal: engine.RoleOffice,
	} {
		if got := engine.Chain(role); len(got) == 0 || got[0] != want {
			t.Errorf("instead of %s: %v, want %s", role, got, want)
		}
	}
	if engine.Chain(engine.RoleOffice) != nil {
		t.Error("the office has a stand-in")
	}
}
