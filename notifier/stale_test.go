package notifier_test

import (
	"strings"
	"testing"
	"time"

	"duban/engine"
	"duban/engine/store"
	"duban/notifier/postbox"
)

// busy makes the mail server answer 451 to the next n mails.
func (h *house) busy(n int) {
	h.box.Faults().Next(n, postbox.Fault{Step: postbox.StepMail, Do: postbox.Reply, Code: 451})
}

func (h *house) later(d time.Duration) {
	h.t.Helper()
	h.clock.set(h.clock.now().Add(d))
	h.flush()
}

func TestANoticeWithdrawnBeforeThePlanningIsNeverSent(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "2023-03-01 20:00")
	in := h.matter("科技处", "修订科研办法", "2023-06-30")
	h.flush()
	h.act(in, "request_close", engine.RoleLead, map[string]string{"result": "已完成"})
	h.goOn("2023-03-02 17:00")
	if got := append(h.got("feng.guodong"), h.got("yu.yang")...); len(got) != 0 {
		t.Errorf("sent all the same: %q", got)
	}
	same(t, "office", h.got("zhao.xuemei"), []string{"03-02 09:00:00"})
	h.audit()
}

func TestANoticeWithdrawnBeforeTheSendingIsDropped(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "2023-03-01 09:00")
	h.busy(2)
	in := h.matter("科技处", "修订科研办法", "2023-06-30")
	h.flush()
	h.act(in, "request_close", engine.RoleLead, map[string]string{"result": "已完成"})
	h.later(30 * time.Second)
	if got := append(h.got("feng.guodong"), h.got("yu.yang")...); len(got) != 0 {
		t.Errorf("sent all the same: %q", got)
	}
	dropped := h.deliveries("dropped")
	if len(dropped) != 2 {
		t.Fatalf("%d deliveries dropped, want 2", len(dropped))
	}
	same(t, "ledger", h.ledger(dropped[0].Key), []string{"09:00:00 temporary 451", "09:00:30 withdrawn"})
}

func TestAPartlyWithdrawnDigestIsWrittenAnew(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "2023-03-01 09:00")
	h.busy(2)
	in := h.matter("科技处", "修订科研办法", "2023-06-30")
	h.matter("科技处", "召开科研会议", "2023-06-30")
	h.flush()
	h.act(in, "request_close", engine.RoleLead, map[string]string{"result": "已完成"})
	h.later(30 * time.Second)
	mails := h.mail.to("yu.yang")
	if len(mails) != 2 {
		t.Fatalf("%d attempts, want 2", len(mails))
	}
	first, second := mails[0], mails[1]
	inOrder(t, first.Text, "修订科研办法", "召开科研会议")
	inOrder(t, second.Text, "科技处 联络员 于洋：", "召开科研会议")
	if strings.Contains(second.Text+second.HTML+second.Subject, "修订科研办法") || len(second.Notices) != 1 {
		t.Errorf("the withdrawn matter is still in it: %q %s", second.Notices, second.Text)
	}
	if first.Key != second.Key || first.To.Address != second.To.Address {
		t.Errorf("key or receiver changed: %q %q", first.Key, second.Key)
	}
	h.audit()
}

// TestAGroupMessageThatNoLongerFitsGoesByMail: between planning and sending the
// matter became late, which the group may not hear.
func TestAGroupMessageThatNoLongerFitsGoesByMail(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "2023-03-01 09:00")
	h.matter("教务处", "修订教学办法", "2023-03-10")
	h.matter("教务处", "召开教学会议", "2023-03-15") // not late, but in the same message
	h.goOn("2023-03-10 08:59")
	h.box.Faults().Next(1, postbox.Fault{Step: postbox.StepRobot, Do: postbox.HTML})
	h.goOn("2023-03-10 09:00") // the reminder of the due day fails, and then the process is away
	h.halt()
	posts := len(h.got("jiaowuchu"))
	h.clock.set(at(t, "2023-03-11 12:00"))
	h.start()
	h.goOn("2023-03-13 09:00") // Monday: the matter is overdue
	if n := len(h.got("jiaowuchu")); n != posts {
		t.Error("the group heard of a matter that is late")
	}
	var monday []string
	for _, m := range h.mail.to("tang.li") {
		if m.At.After(at(t, "2023-03-13 00:00")) {
			monday = append(monday, m.Notices...)
		}
	}
	if len(monday) != 3 { // the two of Friday, and the first 催办
		t.Errorf("the liaison got the notices %q by mail on Monday, want three", monday)
	}
	h.audit()
}

func TestWordsOfYesterdayAreNotSentToday(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "2023-03-01 09:00")
	in := h.matter("科技处", "修订科研办法", "2023-06-30")
	h.goOn("2023-03-02 17:25")
	h.busy(8)
	h.giveBack(in)
	h.flush()
	first := h.mail.to("yu.yang")[1]
	h.goOn("2023-03-03 09:00")
	mails := h.mail.to("yu.yang")
	last := mails[len(mails)-1]
	if last.Key != first.Key || !last.At.Equal(at(t, "2023-03-03 09:00")) {
		t.Errorf("the message of %v under key %s came as %v under %s", first.At, first.Key, last.At, last.Key)
	}
}

// TestNothingGoesOutAtNightWhenTheProcessWasAway: it was stopped during the day
// and comes back in the evening.
func TestNothingGoesOutAtNightWhenTheProcessWasAway(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name string
		away func(h *house) // what had been done when the process stopped in the morning
		want []string
	}{
		{"notices not planned yet join the morning's", func(*house) {}, []string{"03-02 09:00:00"}},
		{"deliveries wait for their second attempt", func(h *house) { h.busy(2); h.flush() }, []string{"03-02 09:00:00", "03-02 09:00:00"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, "2023-03-01 09:00")
			h.matter("科技处", "修订科研办法", "2023-06-30")
			c.away(h)
			h.halt()
			h.clock.set(at(t, "2023-03-01 22:00"))
			h.start()
			h.goOn("2023-03-02 08:59")
			h.matter("科技处", "召开科研会议", "2023-06-30")
			h.goOn("2023-03-02 17:00")
			same(t, "head", h.got("feng.guodong"), c.want)
			same(t, "liaison", h.got("yu.yang"), c.want)
			h.audit()
		})
	}
}

func TestAPoisonedDeliveryIsADeadLetterAndHoldsNothingUp(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "2023-03-01 09:00")
	h.busy(2)
	h.matter("科技处", "修订科研办法", "2023-06-30")
	h.flush()
	spoilt := h.deliveries("pending")[0]
	h.write(func(tx *store.Tx) error { return tx.SetMessage(spoilt.Key, `{"key":`) })
	h.later(30 * time.Second)
	dead := h.deliveries("dead")
	if len(dead) != 1 || dead[0].Key != spoilt.Key || len(h.deliveries("sent")) != 1 {
		t.Errorf("dead %v, sent %v", dead, h.deliveries("sent"))
	}
	h.audit()
}
