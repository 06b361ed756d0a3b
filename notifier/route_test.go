package notifier_test

import (
	"slices"
	"strings"
	"testing"

	"duban/engine"
	"duban/engine/calendar"
	"duban/engine/org"
	"duban/engine/store"
	"duban/notifier"
	"duban/seeds"
)

func TestWhoHearsANotice(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name, begin, unit string
		why               map[string]string // person → why it came to that person
		robot             string
	}{
		{"head by mail, liaison over the unit's robot", "2023-03-01 09:00", "教务处",
			map[string]string{"han.xue": "", "tang.li": ""}, "jiaowuchu"},
		{"a unit without a robot: both by mail", "2023-03-01 09:00", "科技处",
			map[string]string{"feng.guodong": "", "yu.yang": ""}, ""},
		{"nobody is liaison in April: the head", "2023-04-10 09:00", "资产管理处",
			map[string]string{"yuan.lijun": "|联络员空缺，改送负责人"}, ""},
		{"a unit with neither: the office", "2023-03-01 09:00", "撤并处",
			map[string]string{"zhao.xuemei": "联络员空缺，改送效能办|负责人空缺，改送效能办"}, ""},
		{"the head is on leave: AB角", "2023-05-10 09:00", "人事处",
			map[string]string{"liang.hongwei": "高淑芬休假，由AB角梁宏伟代", "song.jia": ""}, "renshichu"},
		{"the head changed with the school year", "2022-08-30 09:00", "教务处",
			map[string]string{"xie.wenbin": "", "tang.li": ""}, "jiaowuchu"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, c.begin)
			h.matter(c.unit, "修订办法", "2023-06-30")
			h.flush()
			why, robot := map[string]string{}, ""
			for _, d := range h.deliveries("sent") {
				robot += d.Robot
				var parts []string
				for _, no := range h.notices(d.Key) {
					parts = append(parts, no.Why)
				}
				slices.Sort(parts)
				why[d.Person] = strings.Join(parts, "|")
			}
			if len(why) != len(c.why) || robot != c.robot {
				t.Errorf("went to %q over robot %q", why, robot)
			}
			for person, want := range c.why {
				if got, ok := why[person]; !ok || got != want {
					t.Errorf("%s hears it because of %q (%v), want %q", person, got, ok, want)
				}
			}
			h.audit()
		})
	}
}

func TestWhichWayANoticeGoes(t *testing.T) {
	t.Parallel()
	o, err := seeds.Org()
	if err != nil {
		t.Fatal(err)
	}
	day := calendar.Of(2023, 3, 1)
	cases := []struct {
		name    string
		router  notifier.Router
		wanted  notifier.Wanted
		channel string
		queue   string
	}{
		{"liaison", notifier.Router{Org: o}, notifier.Wanted{Role: engine.RoleLeadLiaison, Unit: "教务处"}, "wecom", "robot:jiaowuchu"},
		{"cooperating liaison", notifier.Router{Org: o}, notifier.Wanted{Role: engine.RoleCoopLiaison, Unit: "教务处"}, "wecom", "robot:jiaowuchu"},
		{"late", notifier.Router{Org: o}, notifier.Wanted{Role: engine.RoleLeadLiaison, Unit: "教务处", Late: true}, "mail", "tang.li"},
		{"personal", notifier.Router{Org: o}, notifier.Wanted{Role: engine.RoleLeadLiaison, Unit: "教务处", Personal: true}, "mail", "tang.li"},
		{"head", notifier.Router{Org: o}, notifier.Wanted{Role: engine.RoleLeadHead, Unit: "教务处"}, "mail", "han.xue"},
		{"no robots at all", notifier.Router{Org: o, NoRobots: true}, notifier.Wanted{Role: engine.RoleLeadLiaison, Unit: "教务处"}, "mail", "tang.li"},
		{"all units", notifier.Router{Org: o}, notifier.Wanted{Role: engine.RoleEveryUnit}, "wecom", "robot:zhongceng"},
		{"all units, no robots", notifier.Router{Org: o, NoRobots: true}, notifier.Wanted{Role: engine.RoleEveryUnit}, "", ""},
		{"校长", notifier.Router{Org: o}, notifier.Wanted{Role: engine.RolePrincipal}, "mail", "lin.zhiyuan"},
		{"党委书记", notifier.Router{Org: o}, notifier.Wanted{Role: engine.RolePrincipal, Party: true}, "mail", "chen.guoan"},
	}
	for _, c := range cases {
		route, ok := c.router.Find(c.wanted, day)
		if ok != (c.channel != "") || ok && (route.Channel != c.channel || route.Queue() != c.queue) {
			t.Errorf("%s: goes to %s over %s (%v)", c.name, route.Queue(), route.Channel, ok)
		}
	}
}

func TestTheRobotMentionsTheLiaison(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "2023-03-01 09:00")
	h.matter("教务处", "修订教学办法", "2023-06-30")
	h.flush()
	posts := h.robots.messages()
	if len(posts) != 1 || !slices.Equal(posts[0].To.Mention, []string{"TangLi"}) || posts[0].Markdown {
		t.Fatalf("posted %+v", posts)
	}
	inOrder(t, posts[0].Text, "【交办】", "修订教学办法", "编号："+posts[0].Notices[0])
	same(t, "教务处's group", h.got("jiaowuchu"), []string{"03-01 09:00:00"})
}

func TestWhatConcernsAPersonNeverGoesIntoAGroup(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name string
		do   func(h *house)
	}{
		{"lateness", func(h *house) {
			h.matter("教务处", "修订教学办法", "2023-03-10")
			h.goOn("2023-03-13 08:00")
			h.goOn("2023-03-13 09:00")
		}},
		{"not signed", func(h *house) {
			h.matter("教务处", "修订教学办法", "2023-06-30")
			h.goOn("2023-03-03 09:00")
		}},
		{"a sensitive matter", func(h *house) {
			f := h.facts("教务处", "绝不外传", "2023-06-30")
			f.Sensitive = true
			h.begin("assignment", f)
			h.flush()
		}},
		{"a leader's instruction", func(h *house) { h.instruct(h.matter("教务处", "修订教学办法", "2023-06-30")); h.flush() }},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, "2023-03-01 09:00")
			c.do(h)
			mails := h.mail.to("tang.li")
			if len(mails) == 0 {
				t.Fatal("the liaison got no mail")
			}
			for _, m := range h.robots.messages() {
				for _, word := range []string{"逾期", "催办", "待签收", "绝不外传", "立行立改"} {
					if strings.Contains(m.Text, word) {
						t.Errorf("the group reads %q in %q", word, m.Text)
					}
				}
			}
			for _, m := range mails {
				if strings.Contains(m.Text+m.Subject+m.HTML, "绝不外传") {
					t.Error("a sensitive matter is named in a mail")
				}
			}
			h.audit()
		})
	}
}

func TestAMatterThatIsLateIsHeldBackFromTheGroupOnly(t *testing.T) {
	t.Parallel()
	// A prompt notice that speaks of no lateness itself, on a matter that is late.
	h := newHouse(t, "2023-03-01 09:00")
	in := h.matter("教务处", "修订教学办法", "2023-03-10")
	h.goOn("2023-03-16 10:17")
	posts := len(h.robots.messages())
	h.act(in, "suspend", engine.RoleOffice, map[string]string{"reason": "等待文件"})
	h.flush()
	if n := len(h.robots.messages()); n != posts {
		t.Error("the group heard of a late matter")
	}
	mails := h.mail.to("tang.li")
	last := mails[len(mails)-1]
	inOrder(t, last.Text, "教务处 联络员", "暂缓")
	why := h.notices(last.Key)[0].Why
	if !strings.HasPrefix(why, "by mail: 不宜入群") {
		t.Errorf("the books say why it went by mail: %q", why)
	}
	h.audit()
}

func TestTheSharedGroupHearsNeutralCountsOnly(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "2023-03-20 09:00")
	h.begin("supervision", engine.Facts{Units: []string{"教务处", "科技处"}, Asks: map[string]int{"教务处": 3, "科技处": 2},
		Occurrence: "2023-03", Issued: h.cal.DateOf(h.clock.now())})
	h.flush()
	posts := h.robots.to("zhongceng")
	if len(posts) != 1 {
		t.Fatalf("%d posts to the shared group", len(posts))
	}
	for _, word := range []string{"教务处", "科技处", "http", "@", "唐"} {
		if strings.Contains(posts[0].Text, word) {
			t.Errorf("the shared group reads %q in %q", word, posts[0].Text)
		}
	}
	if len(posts[0].To.Mention) != 0 || posts[0].To.Person != "" {
		t.Errorf("somebody is singled out: %+v", posts[0].To)
	}
	h.audit()
}

// TestWhatTheSharedGroupMayNotHearIsADeadLetter: there is no person behind the
// group to whom it could go by mail.
func TestWhatTheSharedGroupMayNotHearIsADeadLetter(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "2023-03-20 09:00")
	f := h.facts("", "", "2023-03-10") // its day is past
	f.Units, f.Asks = []string{"教务处"}, map[string]int{"教务处": 3}
	h.begin("supervision", f)
	h.flush()
	dead := h.deliveries("dead")
	if len(h.robots.messages()) != 0 || len(dead) != 1 || !strings.HasPrefix(h.notices(dead[0].Key)[0].Why, "不宜入群") {
		t.Errorf("posted %+v, dead %+v", h.robots.messages(), dead)
	}
}

func TestWithoutARobotChannelAllGoesByMail(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "2023-03-01 09:00")
	h.n.Channels = []notifier.Channel{h.mail}
	h.matter("教务处", "修订教学办法", "2023-06-30")
	h.flush()
	same(t, "liaison", h.got("tang.li"), []string{"03-01 09:00:00"})
	h.audit()
}

func TestWithoutAMailServerMailsWait(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "2023-03-01 09:00")
	h.halt()
	both := h.mail
	h.mail = &spy{Channel: h.robots.Channel} // named wecom: there is no mail channel
	h.start()
	h.matter("科技处", "修订科研办法", "2023-06-30")
	h.flush()
	waiting := h.deliveries("pending")
	if len(waiting) != 2 {
		t.Fatalf("%d mails wait, want 2", len(waiting))
	}
	rows := append(h.ledger(waiting[0].Key), h.ledger(waiting[1].Key)...)
	if len(rows) == 0 || rows[0] != "09:00:00 paused" {
		t.Errorf("ledger %q", rows)
	}
	h.halt()
	h.mail = both
	h.start()
	h.goOn("2023-03-01 09:15")
	same(t, "head", h.got("feng.guodong"), []string{"03-01 09:15:00"})
	h.audit()
}

func (h *house) resend(want int64) {
	h.t.Helper()
	h.write(func(tx *store.Tx) error {
		n, err := tx.Resend()
		if n != want {
			h.t.Errorf("%d dead letters to send again, want %d", n, want)
		}
		return err
	})
}

func TestAPostWhoseHolderCannotBeReachedGoesOnUpTheChain(t *testing.T) {
	t.Parallel()
	o, err := seeds.Org()
	if err != nil {
		t.Fatal(err)
	}
	for i := range o.People {
		if o.People[i].ID == "yu.yang" {
			o.People[i].Mail = ""
		}
	}
	r := notifier.Router{Org: o}
	day := at(t, "2023-03-01 09:00")
	route, ok := r.Find(notifier.Wanted{Role: engine.RoleLeadLiaison, Unit: "科技处"}, calendar.DateIn(day, day.Location()))
	if !ok || route.Holder.Person.ID != "feng.guodong" || route.Why != "联络员没有邮箱，改送负责人" || route.Channel != "mail" {
		t.Errorf("goes to %+v because %q (%v)", route.Holder, route.Why, ok)
	}
}

// TestANoticeForNobodyIsADeadLetterThatCanBeSentLater: there is no shared robot
// when the round opens; the office gets one and sends again.
func TestANoticeForNobodyIsADeadLetterThatCanBeSentLater(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "2023-03-20 09:00")
	full := h.org.Robots
	h.org.Robots = slices.DeleteFunc(slices.Clone(full), func(r org.Robot) bool { return r.Audience == org.AudienceShared })
	h.begin("supervision", engine.Facts{Units: []string{"教务处"}, Asks: map[string]int{"教务处": 3}, Occurrence: "2023-03",
		Issued: h.cal.DateOf(h.clock.now())})
	h.flush()
	dead := h.deliveries("dead")
	if len(dead) != 1 || h.notices(dead[0].Key)[0].State != "dead" || h.notices(dead[0].Key)[0].Why != "无人可送" {
		t.Fatalf("dead letters %+v", dead)
	}
	for range 2 { // sent again in vain it is a dead letter again, and keeps nothing else back
		h.resend(1)
		h.flush()
		if n := len(h.deliveries("dead")); n != 1 {
			t.Fatalf("%d dead letters after sending again in vain, want 1", n)
		}
	}
	h.halt()
	h.org.Robots = full
	h.start()
	h.resend(1)
	h.flush()
	same(t, "shared group", h.got("zhongceng"), []string{"03-20 09:00:00"})
	h.audit()
}
