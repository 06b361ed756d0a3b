package engine_test

import (
	"testing"
	"time"

	"duban/engine"
)

func TestTimersThatFireAMomentLateTellTheSame(t *testing.T) {
	onTime, late := assigned(t), assigned(t)
	late.late = 3 * time.Millisecond // a real scheduler is never exact
	onTime.until("2023-12-31")
	late.until("2023-12-31")
	compare(t, "told a moment late", late.told, joined(onTime.told))
}

func joined(lines []string) (all string) {
	for _, l := range lines {
		all += l + "\n"
	}
	return all
}

func TestMatterBegunAMomentAfterNineIsToldThatMorning(t *testing.T) {
	s := newStory(t, "2023-02-17")
	s.now = s.now.Add(3 * time.Millisecond)
	s.begin("assignment", matter())
	s.expect(`2023-02-17 issued lead.head, lead.liaison, coop.liaison 宣传统战部, coop.liaison 学生工作处`)
}

func TestMachineOffForHours(t *testing.T) {
	s := signed(t)
	s.until("2023-06-29 18:00")
	s.told = nil
	s.wake("2023-06-30 14:00")
	s.expect(`2023-06-30 14:00 due_day lead.liaison, lead.head`) // today's message today, if late
}

func TestAsleepForFiveDays(t *testing.T) {
	s := signed(t)
	s.until("2023-06-26 18:00")
	s.told = nil
	s.wake("2023-07-01 03:00") // a Saturday
	s.expect(``)               // Monday brings the first rung after the deadline, which says it all
	s.expectSkips(`
		2023-07-01 03:00 three_days lead.liaison: missed
		2023-07-01 03:00 three_days lead.head: missed
		2023-07-01 03:00 eve lead.liaison: missed
		2023-07-01 03:00 due_day lead.liaison: missed
		2023-07-01 03:00 due_day lead.head: missed`)
	s.until("2023-07-04")
	s.expect(`
		2023-07-03 light red
		2023-07-03 overdue lead.liaison, lead.head
		2023-07-03 slip chase`)
}

func TestAsleepForThreeWeeks(t *testing.T) {
	s := signed(t)
	s.until("2023-06-19 18:00")
	s.told = nil
	s.wake("2023-07-12 10:12")
	s.expect(`
		2023-07-12 10:12 light orange
		2023-07-12 10:12 light red
		2023-07-12 10:12 named office
		2023-07-12 10:12 list named
		2023-07-12 10:12 overdue lead.liaison, lead.head
		2023-07-12 10:12 slip chase
		2023-07-12 10:12 sponsor sponsor (held)`)
	s.expectSkips(`
		2023-07-12 10:12 week_ahead lead.liaison: missed
		2023-07-12 10:12 three_days lead.liaison: missed
		2023-07-12 10:12 three_days lead.head: missed
		2023-07-12 10:12 eve lead.liaison: missed
		2023-07-12 10:12 due_day lead.liaison: missed
		2023-07-12 10:12 due_day lead.head: missed
		2023-07-12 10:12 overdue lead.liaison: missed
		2023-07-12 10:12 overdue lead.head: missed`)
	if s.main().Chased != 1 {
		t.Errorf("%d papers for one message", s.main().Chased)
	}
	s.runDue()
	s.expect(``) // waking twice tells nothing twice
	s.until("2023-07-17 18:00")
	s.expect(`
		2023-07-14 principal principal (held) → 2023-08-07
		2023-07-17 overdue lead.liaison, lead.head
		2023-07-17 slip chase`)
}

func TestAsleepOverSignatureAndDeadline(t *testing.T) {
	s := assigned(t, from("2023-06-29", "2023-06-30"))
	s.until("2023-06-30 18:00")
	s.told, s.skipped = nil, nil
	s.wake("2023-07-05 10:00") // the head was to hear of the signature on the 4th, of the deadline on the 3rd
	s.expect(`
		2023-07-05 10:00 light red
		2023-07-05 10:00 overdue lead.liaison, lead.head
		2023-07-05 10:00 slip chase
		2023-07-05 10:00 list phone`)
	s.expectSkips(`
		2023-07-05 10:00 unsigned lead.liaison: missed
		2023-07-05 10:00 unsigned lead.head: missed`)
}

func TestAsleepWhileTheOfficeWasToCheck(t *testing.T) {
	s := signed(t)
	s.must("request_close", unit, "result", "完成")
	s.told = nil
	s.wake("2023-03-20 10:00")
	s.expect(`2023-03-20 10:00 office_limit office`) // once, not seven times
}

func TestTimersAreRefused(t *testing.T) {
	s := signed(t)
	next, _ := s.main().Next()
	fire := func(name string, n int) error {
		return s.step(s.def(s.main()), 1, engine.Event{Kind: engine.EventTimer, Timer: name, N: n})
	}
	for _, tt := range []struct {
		timer string
		n     int
		code  string
	}{
		{next.Name, next.N, "early"},
		{next.Name, next.N + 1, "not_armed"},
		{"unsigned_head", 0, "not_armed"}, // it was, until the unit signed
		{"no_such_timer", 0, "unknown_event"},
	} {
		if r, ok := fire(tt.timer, tt.n).(*engine.Refusal); !ok || r.Code != tt.code || r.Hint == "" {
			t.Errorf("timer %s %d: %v, want %s", tt.timer, tt.n, r, tt.code)
		}
	}
	s.now = next.At
	if err := fire(next.Name, next.N); err != nil {
		t.Fatal(err)
	}
	if r, ok := fire(next.Name, next.N).(*engine.Refusal); !ok || r.Code != "not_armed" {
		t.Errorf("a timer fires twice: %v", r)
	}
}

func TestNextOfAnEndedMatter(t *testing.T) {
	s := signed(t)
	s.must("cancel", office, "reason", "撤销")
	if a, ok := s.main().Next(); ok {
		t.Errorf("%v is still to come", a)
	}
}
