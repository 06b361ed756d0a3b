package engine_test

import (
	"slices"
	"testing"

	"duban/engine"
)

func TestReturnedRequestHasThreeWorkDays(t *testing.T) {
	s := signed(t)
	s.until("2023-06-26 10:00")
	s.told = nil
	s.must("request_close", head, "result", "已完成")
	s.until("2023-06-28 11:00")
	s.must("return", office, "reason", "缺少佐证材料")
	s.until("2023-07-04 18:00")
	s.expect(`
		2023-06-26 10:00 close_asked office → 2023-06-27
		2023-06-28 11:00 light green
		2023-06-28 11:00 returned lead.head, lead.liaison
		2023-06-29 light yellow
		2023-06-29 light orange
		2023-06-30 eve lead.liaison
		2023-07-03 due_day lead.liaison, lead.head
		2023-07-04 light red
		2023-07-04 overdue lead.liaison, lead.head
		2023-07-04 slip chase`)
	s.expectSkips(`
		2023-06-28 11:00 week_ahead lead.liaison: past
		2023-06-28 11:00 three_days lead.liaison: past
		2023-06-28 11:00 three_days lead.head: past`)
	in := s.main()
	if in.Due.String() != "2023-07-03" || in.FirstDue.String() != "2023-06-30" || in.Extended != 0 {
		t.Errorf("due %s, first %s, extended %d", in.Due, in.FirstDue, in.Extended)
	}
	if in.Words["reason"] != "缺少佐证材料" || !in.Handed.IsZero() {
		t.Errorf("the reason is %q, handed in %v", in.Words["reason"], in.Handed)
	}
}

func TestReturnLongBeforeTheDeadlineLeavesIt(t *testing.T) {
	s := signed(t)
	s.until("2023-05-10 10:00")
	s.must("request_close", head, "result", "已完成")
	s.until("2023-05-12 10:00")
	s.must("return", office, "reason", "缺少附件")
	s.told = nil
	s.until("2023-06-20")
	s.expect(`
		2023-06-08 light yellow
		2023-06-20 week_ahead lead.liaison`)
	if in := s.main(); in.Due.String() != "2023-06-30" || in.FirstDue != 0 || !in.Handed.IsZero() {
		t.Errorf("due %s, first %s, handed %v", in.Due, in.FirstDue, in.Handed)
	}
}

func TestExtensionStopsTheLadderAndArmsItAnew(t *testing.T) {
	s := signed(t)
	s.until("2023-06-26 10:00")
	s.told = nil
	s.must("ask_extension", unit, "due", "2023-07-14", "reason", "外部材料未到")
	if len(s.effects) == 0 || s.effects[0].Kind != engine.EffectWithdraw || s.effects[0].Reasons != nil {
		t.Errorf("what waits is not withdrawn: %+v", s.effects)
	}
	s.until("2023-06-30 11:00")
	s.must("extend", office, "due", "2023-07-14", "reason", "情况属实")
	s.until("2023-07-17 18:00")
	s.expect(`
		2023-06-26 10:00 extension_asked office → 2023-06-27
		2023-06-29 office_limit office
		2023-06-30 11:00 light green
		2023-06-30 11:00 extended lead.head, lead.liaison
		2023-07-03 light yellow
		2023-07-05 week_ahead lead.liaison
		2023-07-07 light orange
		2023-07-11 three_days lead.liaison, lead.head
		2023-07-13 eve lead.liaison
		2023-07-14 due_day lead.liaison, lead.head
		2023-07-17 light red
		2023-07-17 overdue lead.liaison, lead.head
		2023-07-17 slip chase`)
	s.expectSkips(``)
	if in := s.main(); in.FirstDue.String() != "2023-06-30" || in.Extended != 1 || in.State != "in_progress" {
		t.Errorf("first due %s, extended %d, %s", in.FirstDue, in.Extended, in.State)
	}
}

func TestRefusedExtensionGoesOnWithTheRungNowDue(t *testing.T) {
	s := signed(t)
	s.until("2023-06-26 10:00")
	s.told = nil
	s.must("ask_extension", unit, "due", "2023-07-14", "reason", "外部材料未到")
	s.until("2023-07-05 15:00")
	s.must("refuse", office, "reason", "请按原时限办理")
	s.until("2023-07-10 18:00")
	s.expect(`
		2023-06-26 10:00 extension_asked office → 2023-06-27
		2023-06-29 office_limit office
		2023-07-04 office_limit office
		2023-07-05 15:00 refused lead.head, lead.liaison
		2023-07-06 light red
		2023-07-06 overdue lead.liaison, lead.head
		2023-07-06 slip chase
		2023-07-07 named office
		2023-07-07 list named
		2023-07-10 overdue lead.liaison, lead.head
		2023-07-10 slip chase
		2023-07-10 sponsor sponsor (held)`)
	s.expectSkips(`
		2023-07-05 15:00 three_days lead.liaison: missed
		2023-07-05 15:00 three_days lead.head: missed
		2023-07-05 15:00 eve lead.liaison: missed
		2023-07-05 15:00 due_day lead.liaison: missed
		2023-07-05 15:00 due_day lead.head: missed`)
	if in := s.main(); in.Due.String() != "2023-06-30" || in.Extended != 0 {
		t.Errorf("due %s, extended %d", in.Due, in.Extended)
	}
}

func TestRepeatsMissedInAStopAreOneChase(t *testing.T) {
	s := signed(t)
	s.until("2023-06-30 10:00")
	s.told, s.skipped = nil, nil
	s.must("contest", head, "reason", "不属本部门职责")
	s.until("2023-07-12 15:00")
	s.must("refuse", office, "reason", "经核实属贵单位职责")
	s.told = nil
	s.until("2023-07-13 18:00")
	s.expect(`
		2023-07-13 light red
		2023-07-13 overdue lead.liaison, lead.head
		2023-07-13 slip chase
		2023-07-13 sponsor sponsor (held)
		2023-07-13 named office
		2023-07-13 list named`)
	s.expectSkips(`
		2023-07-12 15:00 overdue lead.liaison: missed
		2023-07-12 15:00 overdue lead.head: missed`)
}

// A unit cannot get out of the monthly report by asking for something that is refused.
func TestRefusedRequestDoesNotSwallowTheMonthlyReport(t *testing.T) {
	s := signed(t)
	s.until("2023-07-18 10:00")
	s.told = nil
	s.must("ask_extension", unit, "due", "2023-08-31", "reason", "人手不足") // withdraws what waits for 7 August
	s.until("2023-07-20 10:00")
	s.must("refuse", office, "reason", "理由不足")
	s.until("2023-08-08 10:00")
	s.must("ask_extension", unit, "due", "2023-08-31", "reason", "人手不足") // this time the report has gone
	s.must("refuse", office, "reason", "理由不足")
	s.until("2023-09-30")
	s.expect(`
		2023-07-18 10:00 extension_asked office → 2023-07-19
		2023-07-20 10:00 refused lead.head, lead.liaison
		2023-07-21 principal principal (held) → 2023-08-07
		2023-08-08 10:00 extension_asked office → 2023-08-09
		2023-08-08 10:00 refused lead.head, lead.liaison`)
}

func TestRequestToCloseInsteadOfTheExtension(t *testing.T) {
	s := signed(t)
	s.until("2023-06-26 10:00")
	s.must("ask_extension", unit, "due", "2023-07-14", "reason", "外部材料未到")
	s.until("2023-06-28 10:00")
	s.told = nil
	s.must("request_close", head, "result", "已完成")
	s.until("2023-07-03 18:00")
	s.expect(`
		2023-06-28 10:00 close_asked office → 2023-06-29
		2023-07-03 office_limit office`) // three work days from the new request, not from the old one
}

func TestReopenedMatterHasFiveWorkDays(t *testing.T) {
	s := signed(t)
	s.until("2023-06-27 10:00")
	s.must("request_close", head, "result", "已完成")
	s.until("2023-06-28 10:00")
	s.must("close", office)
	s.until("2023-07-10 10:00")
	s.told = nil
	s.refused("ended", "report", unit, "progress", "补充")
	s.must("reopen", sponsor, "reason", "抽查发现未落实")
	s.until("2023-07-18 18:00")
	s.expect(`
		2023-07-10 10:00 light green
		2023-07-10 10:00 reopened lead.head, lead.liaison
		2023-07-11 light yellow
		2023-07-11 light orange
		2023-07-12 three_days lead.liaison, lead.head
		2023-07-14 eve lead.liaison
		2023-07-17 due_day lead.liaison, lead.head
		2023-07-18 light red
		2023-07-18 overdue lead.liaison, lead.head
		2023-07-18 slip chase`)
	if in := s.main(); !in.Closed.IsZero() || in.FirstDue.String() != "2023-06-30" {
		t.Errorf("closed %v, first due %s", in.Closed, in.FirstDue)
	}
}

func TestReassignedMatterIsIssuedAnew(t *testing.T) {
	s := signed(t)
	s.until("2023-06-20 10:00")
	s.must("report", unit, "progress", "已启动", "difficulty", "人手不足")
	s.must("phone", office, "words", "尽快")
	s.until("2023-06-26 10:00")
	s.told, s.skipped = nil, nil
	s.must("reassign", office, "unit", "学生工作处", "reason", "职责调整")
	for _, e := range s.effects {
		if e.Kind == engine.EffectNotice && e.Unit != "学生工作处" {
			t.Errorf("%s goes to %s", e.Reason, e.Unit)
		}
	}
	in := s.main()
	if in.State != "assigned" || in.Unit != "学生工作处" || !in.Reported.IsZero() || !in.Signed.IsZero() || in.Reminders != 0 || in.Words["difficulty"] != "" {
		t.Errorf("the new unit inherits: %+v", in)
	}
	s.until("2023-06-30 18:00")
	s.expect(`
		2023-06-26 10:00 issued lead.head → 2023-06-27, lead.liaison → 2023-06-27
		2023-06-27 three_days lead.liaison, lead.head
		2023-06-28 unsigned lead.liaison
		2023-06-29 unsigned lead.head
		2023-06-29 list phone
		2023-06-29 eve lead.liaison
		2023-06-30 due_day lead.liaison, lead.head`)
	s.expectSkips(`2023-06-26 10:00 week_ahead lead.liaison: past`)
}

func TestContestedMatterGoesToAnotherUnit(t *testing.T) {
	s := assigned(t)
	s.until("2023-02-17 15:00")
	s.told = nil
	s.refused("not_you", "contest", office, "reason", "不属本部门职责")
	s.must("contest", head, "reason", "不属本部门职责")
	s.state("contested")
	s.until("2023-02-23 10:00")
	s.must("reassign", office, "unit", "学生工作处", "reason", "调整牵头单位")
	s.expect(`
		2023-02-17 15:00 contested office → 2023-02-20
		2023-02-22 office_limit office
		2023-02-23 10:00 issued lead.head → 2023-02-24, lead.liaison → 2023-02-24`)
	s.state("assigned")
	if len(s.main().Handlers) != 0 {
		t.Error("the former unit's people are handlers of the new one's matter")
	}
}

func TestNobodyClosesHisOwnMatter(t *testing.T) {
	s := assigned(t)
	filling := clerk
	filling.For = "组织部"
	s.must("acknowledge", filling) // the office fills in for the unit
	s.must("request_close", unit, "result", "已完成")
	s.refused("not_you", "close", clerk)
	both := office
	both.Roles = []engine.Role{engine.RoleOffice, engine.RoleLead}
	if !slices.Equal(s.main().Handlers, []string{"lin", "zhang"}) {
		t.Errorf("handlers %v", s.main().Handlers)
	}
	s.refused("not_you", "close", unit)
	s.must("close", office)
	s.state("closed")
}

// Two outcomes of one instance share nothing that either may still write to.
func TestOutcomesOfOneInstanceAreApart(t *testing.T) {
	s := signed(t)
	in := *s.main()
	in.Handlers = append(make([]string, 0, 8), "zhang")
	var outcomes []engine.Instance
	for _, by := range []engine.Actor{head, {Person: "sun", Roles: head.Roles}} {
		after, _, err := engine.Step(s.def(&in), in, engine.Event{Kind: "report", By: by, Data: filled()}, s.now, s.cal)
		if err != nil {
			t.Fatal(err)
		}
		outcomes = append(outcomes, after)
	}
	if got := outcomes[0].Handlers; !slices.Equal(got, []string{"zhang", "wang"}) {
		t.Errorf("the first outcome's handlers became %v", got)
	}
}

func TestCancelledMatterIsSilent(t *testing.T) {
	s := signed(t)
	s.until("2023-06-21 10:00")
	s.told = nil
	s.must("cancel", office, "reason", "任务合并")
	s.until("2023-12-31")
	s.expect(`2023-06-21 10:00 cancelled lead.head, lead.liaison`)
	s.refused("ended", "reopen", office, "reason", "恢复")
}

func TestRefusals(t *testing.T) {
	for _, tt := range []struct {
		code string
		kind engine.EventKind
		by   engine.Actor
		kv   []string
		hint string
	}{
		{"unknown_event", "explode", office, nil, "该流程没有“explode”操作"},
		{"unknown_event", "", office, nil, "该流程没有“”操作"},
		{"not_now", "resume", office, nil, "“办理中”状态下不能进行此操作"},
		{"not_now", engine.EventStart, office, nil, "该督办件已经开始"},
		{"not_you", "suspend", unit, []string{"reason", "忙"}, "您没有进行此操作的权限"},
		{"not_you", "report", nobody, []string{"progress", "完成"}, "您没有进行此操作的权限"},
		{"not_you", engine.EventChildDone, office, nil, "此事件只由系统发出"},
		{"missing", "report", unit, nil, "请填写：进展"},
		{"missing", "report", unit, []string{"progress", " \t　"}, "请填写：进展"},
		{"missing", "ask_extension", unit, []string{"due", "2023-07-14"}, "请填写：理由"},
		{"bad_value", "ask_extension", unit, []string{"due", "7月14日", "reason", "忙"}, "日期应写作2023-06-30"},
		{"bad_value", "extend", office, []string{"due", "2023-06-30", "reason", "忙"}, "新的时限应晚于原时限和今天"},
		{"bad_value", "extend", office, []string{"due", "2023-02-30", "reason", "忙"}, "日期应写作2023-06-30"},
		{"unknown_event", engine.EventTimer, engine.Actor{}, nil, "流程没有此定时器："},
	} {
		s := signed(t)
		err := s.act(tt.kind, tt.by, tt.kv...)
		r, ok := err.(*engine.Refusal)
		if !ok || r.Code != tt.code || r.Hint != tt.hint || r.State != "in_progress" || r.Event != tt.kind {
			t.Errorf("%s by %s: %v; want %s %s", tt.kind, tt.by.Name, err, tt.code, tt.hint)
		}
	}
}

func TestRefusalSpeaksToLogsAndPeople(t *testing.T) {
	r := engine.Refusal{Code: "not_now", State: "closed", Event: "report", Hint: "不能再办理"}
	if got, want := r.Error(), "engine: not_now: report in state closed: 不能再办理"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
