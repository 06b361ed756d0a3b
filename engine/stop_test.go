package engine_test

import (
	"testing"

	"duban/engine"
)

func TestSuspensionMovesTheDeadlineByTheDaysItStood(t *testing.T) {
	s := signed(t)
	s.until("2023-06-26 10:00")
	s.told = nil
	s.must("suspend", sponsor, "reason", "等待上级文件")
	s.until("2023-07-10 10:00") // ten work days later
	s.must("resume", office)
	s.until("2023-07-17 18:00")
	s.expect(`
		2023-06-26 10:00 suspended lead.head, lead.liaison
		2023-07-10 10:00 resumed lead.head, lead.liaison
		2023-07-11 three_days lead.liaison, lead.head
		2023-07-13 eve lead.liaison
		2023-07-14 due_day lead.liaison, lead.head
		2023-07-17 light red
		2023-07-17 overdue lead.liaison, lead.head
		2023-07-17 slip chase`)
	s.expectSkips(``)
	in := s.main()
	if in.Due.String() != "2023-07-14" || in.FirstDue.String() != "2023-06-30" || in.Extended != 0 || !in.Stopped.IsZero() {
		t.Errorf("due %s, first %s, extended %d, stopped %v", in.Due, in.FirstDue, in.Extended, in.Stopped)
	}
	if in.Reminders != 3 {
		t.Errorf("%d reminders: it is one deadline still, so the week's reminder of 20 June counts", in.Reminders)
	}
}

func TestDaysOfASuspensionAreNoLateness(t *testing.T) {
	s := signed(t)
	s.until("2023-07-05 10:00") // three work days over
	s.told = nil
	s.must("suspend", office, "reason", "等待上级文件")
	s.until("2023-07-19 10:00")
	s.must("resume", office)
	s.until("2023-07-28 18:00")
	s.expect(`
		2023-07-05 10:00 suspended lead.head, lead.liaison
		2023-07-19 10:00 resumed lead.head, lead.liaison
		2023-07-21 named office
		2023-07-21 list named
		2023-07-24 overdue lead.liaison, lead.head
		2023-07-24 slip chase
		2023-07-24 sponsor sponsor (held)
		2023-07-28 principal principal (held) → 2023-08-07`)
}

func TestSuspensionOfAnHourChangesNothing(t *testing.T) {
	s := signed(t, func(f *engine.Facts) { f.Due = date("2023-12-31") })
	s.until("2023-05-10 10:00")
	s.must("suspend", office, "reason", "误操作")
	s.until("2023-05-10 11:00")
	s.must("resume", office)
	if in := s.main(); in.Due.String() != "2023-12-31" || in.FirstDue != 0 {
		t.Errorf("due %s, first %s", in.Due, in.FirstDue)
	}
}

func TestSuspendedWhileARequestWasPending(t *testing.T) {
	s := signed(t)
	s.until("2023-06-26 10:00")
	s.must("ask_extension", unit, "due", "2023-07-14", "reason", "外部材料未到")
	s.until("2023-06-28 10:00")
	s.must("suspend", office, "reason", "等待上级文件")
	s.until("2023-07-10 10:00")
	s.must("resume", office)
	if got := s.main().Due.String(); got != "2023-07-14" {
		t.Errorf("due %s: the clock stood from the request on", got)
	}
}

func TestRange(t *testing.T) {
	rangeOf := func(f *engine.Facts) { f.Frame, f.Due, f.When, f.Coop = true, date("2023-12-31"), "3-12月", nil }
	s := assigned(t, rangeOf)
	s.state("framed")
	s.must("acknowledge", unit)
	first := s.main().Signed
	s.until("2023-05-08 10:00")
	s.must("acknowledge", head)
	if !s.main().Signed.Equal(first) {
		t.Error("a second signature moves the first")
	}
	s.must("suspend", office, "reason", "等待文件")
	s.until("2023-05-22 10:00")
	s.must("resume", office)
	s.state("framed")
	s.must("request_close", head, "result", "提前完成")
	s.must("return", office, "reason", "年底前仍需推进")
	s.state("framed")
	s.until("2023-12-30")
	s.expect(`
		2023-02-17 issued lead.head, lead.liaison
		2023-05-08 10:00 suspended lead.head, lead.liaison
		2023-05-22 10:00 resumed lead.head, lead.liaison
		2023-05-22 10:00 close_asked office → 2023-05-23
		2023-05-22 10:00 returned lead.head, lead.liaison`)
	s.state("closed")
	if in := s.main(); !in.Closed.Equal(s.time("2023-12-29 17:30")) {
		t.Errorf("a range ends with its last work day, not at %v", in.Closed)
	}
	s.must("reopen", office, "reason", "补充")
	s.state("framed")
}

func TestRangeReturnedAfterItsEnd(t *testing.T) {
	s := assigned(t, func(f *engine.Facts) { f.Frame, f.Due, f.Coop = true, date("2023-06-30"), nil })
	s.until("2023-06-30 16:00")
	s.must("request_close", head, "result", "完成")
	s.until("2023-07-04 10:00")
	s.told = nil
	s.must("return", office, "reason", "缺少附件")
	s.until("2023-07-07 18:00")
	s.expect(`2023-07-04 10:00 returned lead.head, lead.liaison`)
	if in := s.main(); !in.Closed.Equal(s.time("2023-07-07 17:30")) {
		t.Errorf("closed %v; want three work days after the return", in.Closed)
	}
}

func TestEventWithoutADate(t *testing.T) {
	s := newStory(t, "2022-03-01")
	s.begin("assignment", matter(func(f *engine.Facts) {
		f.Issued, f.Due, f.Trigger, f.Usual, f.Coop = date("2022-03-01"), 0, "event", date("2023-01-10"), nil
	}))
	s.until("2022-12-15 10:00")
	s.expect(`
		2022-11-10 ask_date lead.liaison, lead.head
		2022-12-08 ask_date lead.liaison, lead.head`)
	s.refused("bad_value", "set_date", unit, "due", "2022-12-14")
	s.refused("bad_value", "set_date", unit, "due", "下周")
	s.must("set_date", unit, "due", "2023-01-06")
	s.until("2023-01-07")
	s.expect(`
		2022-12-15 10:00 issued lead.head → 2022-12-16, lead.liaison → 2022-12-16
		2022-12-16 light yellow
		2022-12-19 unsigned lead.liaison
		2022-12-20 unsigned lead.head
		2022-12-20 list phone
		2022-12-27 week_ahead lead.liaison
		2022-12-29 light orange
		2023-01-03 three_days lead.liaison, lead.head
		2023-01-05 eve lead.liaison
		2023-01-06 due_day lead.liaison, lead.head`)
	if in := s.main(); in.Extended != 0 || in.FirstDue != 0 {
		t.Error("naming the date counts as an extension")
	}
}

func TestEventWhoseUsualTimeIsNear(t *testing.T) {
	s := assigned(t, func(f *engine.Facts) { f.Trigger, f.Due, f.Usual, f.Coop = "event", 0, date("2023-03-10"), nil })
	s.until("2023-03-20")
	s.expect(`
		2023-02-17 ask_date lead.liaison, lead.head
		2023-03-17 ask_date lead.liaison, lead.head`)
	s.must("cancel", office, "reason", "不再召开")
	s.state("cancelled")
}
