package engine_test

import (
	"testing"

	"duban/engine"
)

func TestDeploymentGrid(t *testing.T) {
	s := newStory(t, "2023-02-17")
	s.begin("deployment", matter(from("2023-02-17", "2023-02-28"), func(f *engine.Facts) {
		f.Unit, f.Units = "各二级学院", []string{"信息工程学院", "机电工程学院", "经济管理学院"}
	}))
	s.expect(`
		2023-02-17 [信息工程学院] issued lead.head, lead.liaison
		2023-02-17 [机电工程学院] issued lead.head, lead.liaison
		2023-02-17 [经济管理学院] issued lead.head, lead.liaison`)
	if in := s.main(); in.Children != 3 || in.Open != 3 || in.Kind != engine.KindSeries {
		t.Errorf("%d children, %d open, %s", in.Children, in.Open, in.Kind)
	}
	if c := s.get(2); c.Parent != 1 || c.Due.String() != "2023-02-28" || c.Kind != engine.KindAssignment || len(c.Units) != 0 {
		t.Errorf("child: %+v", c)
	}
	done := func(id int64) {
		t.Helper()
		s.mustOn(id, "request_close", unit, "result", "已部署")
		s.mustOn(id, "close", office)
	}
	s.until("2023-02-20 10:00")
	done(2)
	done(3)
	s.state("collecting")
	s.until("2023-02-27 10:00")
	s.mustOn(4, "cancel", office, "reason", "该院撤并")
	s.state("complete")
	s.until("2023-03-10 10:00")
	s.mustOn(3, "reopen", office, "reason", "核查发现未部署")
	s.state("collecting")
	if in := s.main(); in.Open != 1 || !in.Closed.IsZero() {
		t.Errorf("%d open, closed %v", in.Open, in.Closed)
	}
	done(3)
	s.state("complete")
}

func TestCancelledDeploymentTakesItsChildrenAlong(t *testing.T) {
	s := newStory(t, "2023-02-17")
	s.begin("deployment", matter(func(f *engine.Facts) { f.Units = []string{"信息工程学院"} }))
	s.must("cancel", office, "reason", "改为自行部署")
	s.state("cancelled")
	if child := s.get(2); s.main().Open != 0 || child.State != "cancelled" {
		t.Errorf("%d children open, the child is %s", s.main().Open, child.State)
	}
}

func round(asks map[string]int, units ...string) engine.Facts {
	return engine.Facts{Occurrence: "2023-05", Issued: date("2023-05-22"), Heading: "2023年5月督办", Units: units, Asks: asks}
}

func TestSupervisionRound(t *testing.T) {
	s := newStory(t, "2023-05-22") // 20 May is a Saturday
	units := []string{"信息工程学院", "后勤管理处", "学生工作处"}
	s.begin("supervision", round(map[string]int{"信息工程学院": 3, "后勤管理处": 1, "学生工作处": 2}, units...))
	s.expect(`
		2023-05-22 round_opened office
		2023-05-22 round_notice every.liaison
		2023-05-22 [信息工程学院] round_ask lead.liaison
		2023-05-22 [后勤管理处] round_ask lead.liaison
		2023-05-22 [学生工作处] round_ask lead.liaison`)
	if c := s.get(2); c.Kind != engine.KindAsked || c.Due.String() != "2023-05-26" || c.Extra["asks"] != "3" || c.Occurrence != "2023-05" {
		t.Errorf("the question to a unit: %+v", c)
	}
	s.until("2023-05-23 10:00")
	s.mustOn(2, "report", unit, "progress", "本月无变化")
	s.until("2023-05-29 10:00")
	s.mustOn(3, "report", unit, "progress", "补报") // late, but before the snapshot
	s.until("2023-06-01")
	s.expect(`
		2023-05-25 [后勤管理处] round_remind lead.liaison
		2023-05-25 [学生工作处] round_remind lead.liaison
		2023-05-26 [后勤管理处] round_due lead.liaison
		2023-05-26 [学生工作处] round_due lead.liaison`)
	s.state("checking")
	if in := s.main(); !in.Entered.Equal(s.time("2023-05-31 17:30")) || in.Open != 0 {
		t.Errorf("snapshot at %v, %d open", in.Entered, in.Open)
	}
	if got := s.get(4); got.State != "silent" || !got.Reported.IsZero() {
		t.Errorf("the unit that said nothing is %s", got.State)
	}
	s.until("2023-06-02 10:00")
	s.must("checked", office)
	s.until("2023-06-05 18:00")
	s.state("drafted") // the units' work day for their figures is over
	s.until("2023-06-07 16:00")
	s.refused("not_you", "approve", unit)
	s.must("approve", sponsor)
	s.must("publish", office)
	s.state("published")
	s.expect(`
		2023-06-02 office_limit office
		2023-06-07 bulletin_due office`)
	s.refused("ended", "publish", office)
}

func TestPhoneCallHoldsTheRoundsReminders(t *testing.T) {
	s := newStory(t, "2023-05-22")
	s.begin("supervision", round(map[string]int{"信息工程学院": 3}, "信息工程学院"))
	s.until("2023-05-24 15:00")
	s.told = nil
	s.mustOn(2, "phone", office, "words", "周五报送")
	s.until("2023-05-29")
	s.expect(``)
}

func TestRoundInTheVacationAsksNobody(t *testing.T) {
	s := newStory(t, "2023-07-20")
	s.begin("supervision", engine.Facts{Occurrence: "2023-07", Issued: date("2023-07-20"), Heading: "2023年7月督办"})
	s.expect(`2023-07-20 round_opened office`)
	s.until("2023-08-01")
	s.state("checking")
	s.must("checked", office)
	s.must("draft", office)
	s.must("approve", office)
	s.must("publish", office)
	s.until("2023-09-01")
	s.expect(``)
}

func TestRoundSleptThrough(t *testing.T) {
	s := newStory(t, "2023-05-22")
	s.begin("supervision", round(map[string]int{"信息工程学院": 1}, "信息工程学院"))
	s.told = nil
	s.wake("2023-06-12 10:00")
	s.state("checking")
	if got := s.get(2).State; got != "silent" {
		t.Errorf("the question is %s", got)
	}
	s.expect(``) // no reminder of a question that is closed
	s.expectSkips(`
		2023-06-12 10:00 [信息工程学院] round_remind lead.liaison: missed
		2023-06-12 10:00 [信息工程学院] round_due lead.liaison: missed`)
	s.until("2023-06-14 08:00")
	s.expect(`2023-06-13 bulletin_due office`)
}

func TestReviewsOfTheYear(t *testing.T) {
	s := newStory(t, "2023-02-17")
	units := []string{"信息工程学院", "学生工作处"}
	s.begin("review", matter(func(f *engine.Facts) { f.Unit, f.Units, f.Coop = "党政办公室", units, nil }))
	s.must("acknowledge", unit)
	s.until("2023-06-07 18:00")
	s.expect(`2023-02-17 issued lead.head, lead.liaison`)
	s.until("2023-06-08 10:00")
	s.mustOn(2, "report", unit, "progress", "自评材料")
	s.until("2023-06-30 18:00")
	s.expect(`
		2023-06-08 light yellow
		2023-06-08 [信息工程学院] review_ask lead.liaison
		2023-06-08 [学生工作处] review_ask lead.liaison
		2023-06-16 [学生工作处] review_remind lead.liaison
		2023-06-19 [学生工作处] review_due lead.liaison
		2023-06-20 week_ahead lead.liaison
		2023-06-25 light orange
		2023-06-27 three_days lead.liaison, lead.head
		2023-06-27 review_draft office
		2023-06-29 eve lead.liaison
		2023-06-30 due_day lead.liaison, lead.head`)
	if a, b := s.get(2), s.get(3); a.State != "answered" || b.State != "silent" || b.Due.String() != "2023-06-19" || a.Kind != engine.KindAsked {
		t.Errorf("%s %s, %s %s due %s", a.Unit, a.State, b.Unit, b.State, b.Due)
	}
}

func TestReviewOfDecember(t *testing.T) {
	s := newStory(t, "2023-02-17")
	s.begin("review", matter(func(f *engine.Facts) {
		f.Unit, f.Units, f.Coop, f.Due = "党政办公室", []string{"学生工作处"}, nil, date("2023-12-31")
	}))
	s.must("acknowledge", unit)
	s.until("2023-12-01")
	s.told = nil
	s.until("2023-12-26 18:00")
	s.expect(`
		2023-12-08 light yellow
		2023-12-08 [学生工作处] review_ask lead.liaison
		2023-12-18 [学生工作处] review_remind lead.liaison
		2023-12-19 [学生工作处] review_due lead.liaison
		2023-12-20 week_ahead lead.liaison
		2023-12-22 light orange
		2023-12-26 three_days lead.liaison, lead.head
		2023-12-26 review_draft office`)
}

func TestStanding(t *testing.T) {
	s := newStory(t, "2023-02-17")
	s.begin("standing", matter(func(f *engine.Facts) { f.Due = date("2023-12-31") }))
	s.state("kept")
	s.until("2023-06-20 10:00")
	s.must("report", unit, "progress", "持续开展")
	s.must("instruct", sponsor, "text", "抓好落实")
	s.until("2024-01-05")
	s.expect(`2023-06-20 10:00 instructed lead.head, lead.liaison`)
	s.state("struck")
	if !s.main().Closed.Equal(s.time("2023-12-29 17:30")) {
		t.Errorf("struck off at %v", s.main().Closed)
	}
}

func TestMatterReportedOnce(t *testing.T) {
	s := newStory(t, "2023-03-08 10:00")
	f := matter(func(f *engine.Facts) { f.Issued, f.Due, f.Coop = date("2023-03-08"), 0, nil })
	s.spawn(&engine.Start{Workflow: "standing", Name: "matter", Key: "matter/1", Facts: f})
	s.expect(`2023-03-08 10:00 issued lead.head → 2023-03-09, lead.liaison → 2023-03-09`)
	s.must("report", unit, "progress", "已报告")
	s.state("struck")
	if s.main().Words["progress"] != "已报告" {
		t.Errorf("words %v", s.main().Words)
	}
}

func TestStandingMatterEnteredAfterItsEnd(t *testing.T) {
	s := newStory(t, "2024-02-01 10:00")
	s.begin("standing", matter(func(f *engine.Facts) { f.Due = date("2023-12-31") }))
	s.until("2024-02-02")
	s.state("struck") // it would stand open for ever otherwise
}

func TestWeekly(t *testing.T) {
	s := newStory(t, "2023-06-26")
	s.begin("weekly", engine.Facts{Occurrence: "2023-06-26", Issued: date("2023-06-26"), Extra: map[string]string{"due_week": "3"}})
	s.expect(`2023-06-26 weekly office`)
	s.state("sent")
	if in := s.main(); in.Kind != engine.KindBrief || in.Closed.IsZero() {
		t.Errorf("%s, closed %v", in.Kind, in.Closed)
	}
}

func TestStartThatNoEntryFits(t *testing.T) {
	s := newStory(t, "2023-06-26")
	def, _ := s.lib.Get("supervision")
	s.all = append(s.all, engine.Instance{ID: 1, Slip: "R2023-0001"})
	for _, tt := range []struct {
		st   *engine.Start
		code string
	}{
		{nil, "not_now"},
		{&engine.Start{Workflow: "supervision", Name: "no such start", Key: "k"}, "guard"},
	} {
		err := s.step(def, 1, engine.Event{Kind: engine.EventStart, Start: tt.st})
		if r, ok := err.(*engine.Refusal); !ok || r.Code != tt.code {
			t.Errorf("%+v: %v, want %s", tt.st, err, tt.code)
		}
	}
}
