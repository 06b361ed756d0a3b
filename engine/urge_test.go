package engine_test

import (
	"testing"

	"duban/engine"
)

func TestOfficeUrgesByHand(t *testing.T) {
	s := signed(t)
	s.until("2023-06-14 15:20")
	s.told = nil
	s.must("remind", office, "message", "下周检查组来校")
	if in := s.main(); in.State != "in_progress" || in.Reminders != 1 || in.Chased != 0 || in.Words["message"] != "下周检查组来校" {
		t.Errorf("%s, %d reminders, %d papers, %v", in.State, in.Reminders, in.Chased, in.Words)
	}
	s.until("2023-06-19 17:00")
	s.must("remind", office)
	if w := s.main().Words["message"]; w != "" {
		t.Errorf("the words of last week are said again: %q", w)
	}
	s.until("2023-06-27 18:00") // two by hand and that of T-3: with them the three before the deadline are spent
	s.expect(`
		2023-06-14 15:20 urged lead.liaison, lead.head
		2023-06-19 17:00 urged lead.liaison, lead.head
		2023-06-25 light orange
		2023-06-27 three_days lead.liaison, lead.head`)
	s.expectSkips(`
		2023-06-20 week_ahead lead.liaison: withheld: period <= 10wd or reminders >= 3 or reported_within(5wd) or phoned_within(2wd) or urged_within(1wd)`)
}

func TestUrgedAgainTooSoon(t *testing.T) {
	s := signed(t)
	s.until("2023-06-14 15:20")
	s.must("remind", office)
	for at, hint := range map[string]string{
		"2023-06-14 15:20": "24小时内已催办（2023-06-14 15:20），2023-06-15 15:20后可再次催办",
		"2023-06-15 15:19": "24小时内已催办（2023-06-14 15:20），2023-06-15 15:20后可再次催办",
	} {
		now := s.now
		s.now = s.time(at)
		err := s.act("remind", office)
		if r, ok := err.(*engine.Refusal); !ok || r.Code != "too_soon" || r.Hint != hint {
			t.Errorf("at %s: %v", at, err)
		}
		s.now = now
	}
	s.until("2023-06-15 15:20")
	s.must("remind", office)
	s.until("2023-06-16 09:30")
	s.must("reassign", office, "unit", "教务处", "reason", "职责调整")
	s.must("remind", office) // nobody has urged the new unit
}

func TestUrgedAfterTheDeadlineIsAPaper(t *testing.T) {
	s := signed(t)
	s.until("2023-06-30 16:00")
	s.told = nil
	s.must("remind", office) // on the day: the written 催办 of the next morning goes all the same
	s.until("2023-07-05 08:40")
	s.must("remind", office)
	s.until("2023-07-10 08:50")
	s.must("remind", office) // ten minutes before the ladder would: one of the two is enough
	s.until("2023-07-10 18:00")
	s.expect(`
		2023-06-30 16:00 urged lead.liaison, lead.head
		2023-07-03 light red
		2023-07-03 overdue lead.liaison, lead.head
		2023-07-03 slip chase
		2023-07-05 08:40 urged lead.liaison, lead.head
		2023-07-05 08:40 slip chase
		2023-07-07 named office
		2023-07-07 list named
		2023-07-10 08:50 urged lead.liaison, lead.head
		2023-07-10 08:50 slip chase
		2023-07-10 sponsor sponsor (held)`)
	s.expectSkips(`
		2023-07-10 overdue lead.liaison: withheld: phoned_within(2wd) or urged_within(0wd)
		2023-07-10 overdue lead.head: withheld: phoned_within(2wd) or urged_within(0wd)`)
	if in := s.main(); in.Chased != 3 {
		t.Errorf("%d papers, want 3", in.Chased)
	}
}

func TestNobodyIsUrgedWhoNeedNotBe(t *testing.T) {
	s := signed(t)
	s.until("2023-06-14 10:00")
	s.refused("not_you", "remind", unit)
	s.must("ask_extension", unit, "due", "2023-07-14", "reason", "外部材料未到")
	s.refused("not_now", "remind", office)
	s.must("request_close", head, "result", "已完成")
	s.refused("not_now", "remind", office)
	s.must("close", office)
	s.refused("ended", "remind", office)
}

// What the office wrote in the evening goes the next morning, unless the unit
// reports before.
func TestReportTakesBackWhatUrges(t *testing.T) {
	s := signed(t)
	s.until("2023-06-14 18:30")
	s.told = nil
	s.must("remind", office)
	s.expect(`2023-06-14 18:30 urged lead.liaison → 2023-06-15, lead.head → 2023-06-15`)
	s.must("report", unit, "progress", "已完成初稿")
	for _, e := range s.effects {
		if e.Kind == engine.EffectWithdraw && e.Reasons[len(e.Reasons)-1] == "urged" {
			return
		}
	}
	t.Errorf("the reminder is not withdrawn: %+v", s.effects)
}
