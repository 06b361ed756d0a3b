package notifier_test

import (
	"fmt"
	"strings"
	"testing"

	"duban/engine"
	"duban/engine/org"
	"duban/engine/store"
)

// 科技处 has no group robot: its head is feng.guodong, its liaison yu.yang.
func TestAMorningIsOneDigestAPersonWithTheOverdueFirst(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "2023-02-17 09:00")
	h.matter("科技处", "修订科研办法", "2023-03-14") // overdue on the 15th
	h.matter("科技处", "召开科研会议", "2023-03-20") // three days to go on the 15th
	h.goOn("2023-03-15 08:59")
	h.matter("科技处", "报送科研统计", "2023-05-31") // issued on the 15th
	h.goOn("2023-03-15 17:29")

	for _, who := range []string{"feng.guodong", "yu.yang"} {
		var today []string
		for _, s := range h.got(who) {
			if strings.HasPrefix(s, "03-15") {
				today = append(today, s)
			}
		}
		same(t, who+" on 15 March", today, []string{"03-15 09:00:00"})
	}
	mails := h.mail.to("feng.guodong")
	last := mails[len(mails)-1]
	inOrder(t, last.Text, "修订科研办法", "召开科研会议", "报送科研统计")
	if len(last.Notices) != 3 || last.Thread != "" {
		t.Errorf("the digest carries notices %q under thread %q", last.Notices, last.Thread)
	}
	h.audit()
}

func TestAMorningWithoutNoticesIsSilent(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "2023-02-17 09:00")
	h.matter("科技处", "修订科研办法", "2023-03-14")
	h.goOn("2023-02-17 17:00")
	h.act(h.first(), "acknowledge", engine.RoleLead, nil)
	before := len(h.arrivals())
	h.goOn("2023-03-02 17:00") // the first reminder is due on 3 March
	if n := len(h.arrivals()); before != 2 || n != before {
		t.Errorf("%d messages at the issue and %d until the first reminder, want 2 and 2", before, n)
	}
	h.goOn("2023-03-03 17:00")
	same(t, "liaison", h.got("yu.yang"), []string{"02-17 09:00:00", "03-03 09:00:00"})
}

// first is the instance that began first.
func (h *house) first() engine.Instance {
	h.t.Helper()
	all, err := h.db.Instances(h.ctx, store.Filter{})
	if err != nil || len(all) == 0 {
		h.t.Fatal(err, len(all))
	}
	return all[0]
}

func TestWhenANoticeOfEachClassGoes(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name, acted string
		do          func(h *house, in engine.Instance)
		who, goes   string
	}{
		{"prompt within hours: at once", "2023-03-07 10:17", (*house).giveBack, "yu.yang", "03-07 10:17:00"},
		{"prompt at the last second: at once", "2023-03-07 17:29:59", (*house).giveBack, "yu.yang", "03-07 17:29:59"},
		{"prompt from closing time on: next morning", "2023-03-07 17:30", (*house).giveBack, "yu.yang", "03-08 09:00:00"},
		{"prompt in the evening: next morning", "2023-03-07 20:00", (*house).giveBack, "yu.yang", "03-08 09:00:00"},
		{"prompt on Friday evening: Monday", "2023-03-10 20:00", (*house).giveBack, "yu.yang", "03-13 09:00:00"},
		{"must-send on Saturday night: at once", "2023-03-11 23:00", (*house).instruct, "yu.yang", "03-11 23:00:00"},
		{"digest after the morning: next morning", "2023-03-07 10:17", (*house).handIn, "zhao.xuemei", "03-08 09:00:00"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, "2023-03-01 09:00")
			in := h.matter("科技处", "修订科研办法", "2023-04-28")
			h.goOn("2023-03-01 09:00")
			h.act(in, "acknowledge", engine.RoleLead, nil)
			h.goOn(c.acted)
			before := len(h.got(c.who))
			c.do(h, in)
			h.goOn("2023-03-13 17:00")
			after := h.got(c.who)[before:]
			if len(after) == 0 || after[0] != c.goes {
				t.Errorf("went %q, want %s", after, c.goes)
			}
			h.audit()
		})
	}
}

func (h *house) handIn(in engine.Instance) {
	h.act(in, "request_close", engine.RoleLead, map[string]string{"result": "已完成"})
}

func (h *house) giveBack(in engine.Instance) {
	h.handIn(in)
	h.act(in, "return", engine.RoleOffice, map[string]string{"reason": "缺少材料"})
}

func (h *house) instruct(in engine.Instance) {
	h.act(in, "instruct", engine.RolePrincipal, map[string]string{"text": "立行立改"})
}

func TestAPromptNoticeGoesAloneAndTheEveningsJoinsTheDigest(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "2023-03-01 09:00")
	a, b := h.matter("科技处", "修订科研办法", "2023-04-28"), h.matter("科技处", "召开科研会议", "2023-04-28")
	h.goOn("2023-03-02 10:17")
	h.giveBack(a)
	h.goOn("2023-03-02 20:00")
	h.giveBack(b)
	h.clock.set(at(t, "2023-03-03 08:59"))
	h.matter("科技处", "报送科研统计", "2023-05-31")
	h.goOn("2023-03-03 09:30")

	mails := h.mail.to("yu.yang")
	same(t, "yu.yang", h.got("yu.yang"), []string{"03-01 09:00:00", "03-02 10:17:00", "03-03 09:00:00"})
	alone, joined := mails[1], mails[2]
	if len(alone.Notices) != 1 || alone.Thread != a.Slip || !strings.Contains(alone.Subject, "退回补正") {
		t.Errorf("the prompt mail has %d notices, thread %q, subject %q", len(alone.Notices), alone.Thread, alone.Subject)
	}
	inOrder(t, joined.Text, "召开科研会议", "报送科研统计")
	h.audit()
}

// TestAMorningsMessageWaitsForTheLastTimer: the scheduler fires in batches; the
// message is written when all are through, or after a minute without them.
func TestAMorningsMessageWaitsForTheLastTimer(t *testing.T) {
	t.Parallel()
	for _, stuck := range []bool{false, true} {
		t.Run(fmt.Sprint("stuck ", stuck), func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, "2023-02-17 09:00")
			h.matter("科技处", "修订科研办法", "2023-03-14")
			h.matter("科技处", "召开科研会议", "2023-03-14")
			h.goOn("2023-03-14 17:00")
			h.clock.set(at(t, "2023-03-17 09:00")) // the host slept for two days
			before := len(h.mail.to("yu.yang"))
			h.fireSome(1)
			h.flush()
			if n := len(h.mail.to("yu.yang")); n != before {
				t.Fatal("the message was written before the last timer had fired")
			}
			want := 2
			if stuck {
				h.clock.set(at(t, "2023-03-17 09:01"))
				want = 1
			} else {
				h.fire()
			}
			h.flush()
			if mails := h.mail.to("yu.yang"); len(mails) != before+1 || len(mails[before].Notices) != want {
				t.Errorf("%d messages, want one with %d notices: %+v", len(mails)-before, want, mails[before:])
			}
		})
	}
}

func TestTheLeadersMonthlyNoticeWaitsForTheFifthWorkDay(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "2023-02-17 09:00")
	h.matter("科技处", "修订科研办法", "2023-03-14")
	h.goOn("2023-04-14 17:00")
	// Ten work days over on 28 March; 5 April is Qingming, so the fifth work day is the 10th.
	same(t, "校长", h.got("lin.zhiyuan"), []string{"04-10 09:00:00"})
	h.audit()
}

func TestLeadersNoticesWaitForTheOffice(t *testing.T) {
	t.Parallel()
	cases := []struct{ name, released, goes string }{
		{"released in the afternoon: at once", "2023-03-22 14:00", "03-22 14:00:00"},
		{"released in the evening: next morning", "2023-03-22 20:00", "03-23 09:00:00"},
		{"released on Saturday: Monday", "2023-03-25 10:00", "03-27 09:00:00"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, "2023-02-17 09:00", func(h *house) { h.manual = true })
			h.matter("科技处", "修订科研办法", "2023-03-14")
			h.matter("科技处", "召开科研会议", "2023-03-14")
			h.goOn(c.released) // due for 分管领导 since Monday the 20th
			if early := h.got("he.jingyi"); len(early) > 0 {
				t.Fatalf("the leader heard at %q, before the office released it", early)
			}
			h.write(func(tx *store.Tx) error {
				n, err := tx.ReleaseHeld()
				if err == nil && n != 2 {
					err = fmt.Errorf("released %d, want 2", n)
				}
				return err
			})
			h.goOn("2023-03-27 09:30")
			same(t, "分管领导", h.got("he.jingyi"), []string{c.goes})
			h.audit()
		})
	}
}

func unitName(i int) string { return fmt.Sprintf("单位%03d", i) }

// province is an organisation of n units with a head and a liaison each, and no robots.
func province(t *testing.T, n int) *org.Org {
	t.Helper()
	var units, people, posts strings.Builder
	for i := range n {
		fmt.Fprintf(&units, "  - {name: %s, kind: department}\n", unitName(i))
		for _, role := range []string{"head", "liaison"} {
			id := fmt.Sprintf("%s%03d", role, i)
			fmt.Fprintf(&people, "  - {id: %s, name: 某某, mail: %s@demo.example}\n", id, id)
			fmt.Fprintf(&posts, "  - {unit: %s, role: %s, person: %s}\n", unitName(i), role, id)
		}
	}
	doc := "name: 某厅\nunits:\n  - {name: 督查室, kind: department, office: true}\n" + units.String() +
		"people:\n  - {id: officer, name: 某某, mail: officer@demo.example}\n" + people.String() +
		"posts:\n  - {unit: 督查室, role: head, person: officer}\n" + posts.String()
	o, faults := org.Load("org.yaml", []byte(doc))
	if err := faults.Err(); err != nil {
		t.Fatal(err)
	}
	return o
}
