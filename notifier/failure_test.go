package notifier_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"duban/engine"
	"duban/engine/store"
	"duban/notifier"
	"duban/notifier/mail"
	"duban/notifier/postbox"
	"duban/notifier/text"
)

// single is a house in which exactly one mail is to go, to the head of a unit
// whose liaison is reached over a robot.
func single(t *testing.T, begin string, settings ...func(*house)) (*house, store.Delivery) {
	t.Helper()
	h := newHouse(t, begin, settings...)
	h.matter("教务处", "修订教学办法", "2023-06-30")
	h.flush()
	for _, d := range h.deliveries("") {
		if d.Channel == "mail" {
			return h, d
		}
	}
	t.Fatal("no mail was planned")
	return nil, store.Delivery{}
}

func (h *house) again(d store.Delivery) store.Delivery {
	h.t.Helper()
	now, _, err := h.db.DeliveryWithNotices(h.ctx, d.Key)
	if err != nil {
		h.t.Fatal(err)
	}
	return now
}

func fault(f postbox.Fault, n int) func(*house) {
	return func(h *house) { h.faults = func(b *postbox.Box) { b.Faults().Next(n, f) } }
}

func TestWhatBecomesOfAMailThatFails(t *testing.T) {
	t.Parallel()
	reply := func(step postbox.Step, code int) postbox.Fault {
		return postbox.Fault{Step: step, Do: postbox.Reply, Code: code}
	}
	cases := []struct {
		name   string
		fault  postbox.Fault
		n      int
		until  string
		ledger []string
		state  string
		copies int
	}{
		{"greeting 421", reply(postbox.StepBanner, 421), 1, "09:10", []string{"09:00:00 temporary 421", "09:05:00 accepted 250"}, "sent", 1},
		{"sender 451", reply(postbox.StepMail, 451), 1, "09:10", []string{"09:00:00 temporary 451", "09:00:30 accepted 250"}, "sent", 1},
		{"address 450", reply(postbox.StepRcpt, 450), 1, "09:10", []string{"09:00:00 temporary 450", "09:00:30 accepted 250"}, "sent", 1},
		{"address 550", reply(postbox.StepRcpt, 550), 1, "17:00", []string{"09:00:00 permanent 550"}, "dead", 0},
		{"content 554", reply(postbox.StepDot, 554), 1, "17:00", []string{"09:00:00 permanent 554"}, "dead", 0},
		{"log-in 535", reply(postbox.StepMail, 535), 1, "09:30", []string{"09:00:00 paused 535", "09:10:00 accepted 250"}, "sent", 1},
		{"log-in 535 for an hour: no attempt is spent", reply(postbox.StepMail, 535), 7, "10:30",
			append(paused7(), "10:10:00 accepted 250"), "sent", 1},
		{"stalls before the letter", postbox.Fault{Step: postbox.StepRcpt, Do: postbox.Hang}, 1, "09:10", []string{"09:00:00 temporary", "09:00:30 accepted 250"}, "sent", 1},
		{"closed before the letter", postbox.Fault{Step: postbox.StepData, Do: postbox.Drop}, 1, "09:10", []string{"09:00:00 temporary", "09:00:30 accepted 250"}, "sent", 1},
		{"closed after the letter, not kept", postbox.Fault{Step: postbox.StepDot, Do: postbox.Drop}, 1, "09:30", []string{"09:00:00 ambiguous", "09:10:00 accepted 250"}, "sent", 1},
		{"closed after the letter, kept", postbox.Fault{Step: postbox.StepDot, Do: postbox.Drop, Keep: true}, 1, "09:30", []string{"09:00:00 ambiguous", "09:10:00 accepted 250"}, "sent", 2},
		{"twice without an answer", postbox.Fault{Step: postbox.StepDot, Do: postbox.Drop, Keep: true}, 2, "17:00", []string{"09:00:00 ambiguous", "09:10:00 ambiguous"}, "dead", 2},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h, d := single(t, "2023-03-01 09:00", fault(c.fault, c.n), func(h *house) { h.timeout = 700 * time.Millisecond })
			h.goOn("2023-03-01 " + c.until)
			same(t, "ledger", h.ledger(d.Key), c.ledger)
			if d = h.again(d); d.State != c.state {
				t.Errorf("delivery is %s, want %s", d.State, c.state)
			}
			if want := len(c.ledger) - strings.Count(strings.Join(c.ledger, " "), "paused"); d.Attempts != want {
				t.Errorf("%d attempts counted, want %d", d.Attempts, want)
			}
			if no := h.notices(d.Key)[0]; no.State != c.state {
				t.Errorf("its notice is %s, want %s", no.State, c.state)
			}
			copies := h.got("han.xue")
			if len(copies) != c.copies {
				t.Errorf("arrived at %q, want %d copies", copies, c.copies)
			}
			for _, a := range h.arrivals() { // what a receiver's mail program knows a copy by
				if strings.HasPrefix(a.To, "han.xue") && a.Key != d.Key {
					t.Errorf("a copy under another key %s", a.Key)
				}
			}
		})
	}
}

func paused7() (out []string) {
	for minute := 0; minute < 70; minute += 10 {
		out = append(out, fmt.Sprintf("%02d:%02d:00 paused 535", 9+minute/60, minute%60))
	}
	return out
}

func TestASecondAttemptCarriesTheSameMessageID(t *testing.T) {
	t.Parallel()
	h, _ := single(t, "2023-03-01 09:00", fault(postbox.Fault{Step: postbox.StepDot, Do: postbox.Drop, Keep: true}, 1))
	h.goOn("2023-03-01 09:10")
	mails := h.mail.to("han.xue")
	if len(mails) != 2 || mails[0].Key != mails[1].Key || mails[0].Text != mails[1].Text || !mails[0].At.Equal(mails[1].At) {
		t.Errorf("the two attempts differ: %+v", mails)
	}
}

func TestBackOffDeadLetterAndResend(t *testing.T) {
	t.Parallel()
	h, d := single(t, "2023-03-01 09:00", fault(postbox.Fault{Step: postbox.StepMail, Do: postbox.Reply, Code: 452}, 6))
	h.goOn("2023-03-01 17:00")
	same(t, "ledger", h.ledger(d.Key), []string{
		"09:00:00 temporary 452", "09:00:30 temporary 452", "09:02:30 temporary 452",
		"09:12:30 temporary 452", "10:12:30 temporary 452", "14:12:30 temporary 452"})
	if d = h.again(d); d.State != "dead" || h.notices(d.Key)[0].State != "dead" {
		t.Fatalf("after the last attempt the delivery is %s", d.State)
	}
	h.resend(1)
	h.flush()
	same(t, "head", h.got("han.xue"), []string{"03-01 17:00:00"})
	h.audit()
}

func TestAServerThatRefusesConnections(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "2023-03-01 09:00")
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	l.Close() // nobody listens there any more
	gone, err := mail.New(mail.Options{Host: "127.0.0.1", Port: port, Security: mail.SecurityNone, From: "xnb@demo.example"})
	if err != nil {
		t.Fatal(err)
	}
	h.mail.instead = func(ctx context.Context, m notifier.Message) (notifier.Result, bool) {
		return gone.Send(ctx, m), h.clock.now().Before(at(t, "2023-03-01 09:02"))
	}
	h.matter("科技处", "修订科研办法", "2023-06-30")
	h.goOn("2023-03-01 09:10")
	same(t, "ledger", h.ledger(h.deliveries("sent")[0].Key), []string{"09:00:00 temporary", "09:00:30 temporary", "09:02:30 accepted 250"})
	h.audit()
}

func TestRetriesKeepToTheSendingHours(t *testing.T) {
	t.Parallel()
	busy := postbox.Fault{Step: postbox.StepMail, Do: postbox.Reply, Code: 451}
	cases := []struct {
		name, acted string
		do          func(*house, engine.Instance)
		fault       postbox.Fault
		n           int
		want        []string
	}{
		{"temporary", "2023-03-10 17:25", (*house).giveBack, busy, 3,
			[]string{"17:25:00 temporary 451", "17:25:30 temporary 451", "17:27:30 temporary 451", "09:00:00 accepted 250"}},
		{"unknown outcome", "2023-03-10 17:25", (*house).giveBack, postbox.Fault{Step: postbox.StepDot, Do: postbox.Drop}, 1,
			[]string{"17:25:00 ambiguous", "09:00:00 accepted 250"}},
		{"a channel at rest", "2023-03-10 17:25", (*house).giveBack, postbox.Fault{Step: postbox.StepMail, Do: postbox.Reply, Code: 535}, 1,
			[]string{"17:25:00 paused 535", "09:00:00 accepted 250"}},
		{"must-send goes on at night", "2023-03-10 17:25", (*house).instruct, busy, 4,
			[]string{"17:25:00 temporary 451", "17:25:30 temporary 451", "17:27:30 temporary 451", "17:37:30 temporary 451", "18:37:30 accepted 250"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, "2023-03-01 09:00")
			in := h.matter("科技处", "修订科研办法", "2023-06-30")
			h.goOn("2023-03-01 09:00")
			h.act(in, "acknowledge", engine.RoleLead, nil)
			h.goOn(c.acted)
			h.onlyTo("yu.yang")
			c.do(h, in)
			h.box.Faults().Next(c.n, c.fault)
			h.goOn("2023-03-13 09:00")
			h.flush()
			var got []string
			for _, d := range h.deliveries("sent") {
				if d.Person == "yu.yang" && h.notices(d.Key)[0].Reason != "issued" {
					got = h.ledger(d.Key)
				}
			}
			same(t, "ledger", got, c.want)
		})
	}
}

// onlyTo answers for everybody else, so that scripted faults strike one mail.
func (h *house) onlyTo(person string) {
	h.mail.instead = func(_ context.Context, m notifier.Message) (notifier.Result, bool) {
		return notifier.Result{Class: notifier.Accepted}, m.To.Person != person
	}
}

// TestARestingChannelHoldsBackWhatComesLater: put off for a rest that ends after
// closing time, it waits for the morning.
func TestARestingChannelHoldsBackWhatComesLater(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "2023-03-01 09:00")
	a, b := h.matter("科技处", "修订科研办法", "2023-06-30"), h.matter("科技处", "召开科研会议", "2023-06-30")
	h.goOn("2023-03-02 17:22")
	h.box.Faults().Next(1, postbox.Fault{Step: postbox.StepMail, Do: postbox.Reply, Code: 535})
	h.giveBack(a)
	h.goOn("2023-03-02 17:24")
	before := len(h.mail.messages())
	h.giveBack(b)
	h.goOn("2023-03-02 17:31")
	if n := len(h.mail.messages()); n != before {
		t.Errorf("%d attempts while the channel rested", n-before)
	}
	h.goOn("2023-03-03 09:10")
	if n := len(h.got("yu.yang")); n != 3 {
		t.Errorf("the liaison got %d mails, want 3: %q", n, h.got("yu.yang"))
	}
	for _, a := range h.arrivals() {
		if clock := a.At.Format("15:04"); clock < "08:30" || clock >= "17:30" {
			t.Errorf("a message at %v", a.At)
		}
	}
	h.audit()
}

// TestATemplateThatPanicsCostsOneMessage: the digest to one person cannot be
// worded; everybody else hears, and after the repair it can be sent again.
func TestATemplateThatPanicsCostsOneMessage(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "2023-03-01 09:00")
	broken := func(d text.Digest) (string, string, string) {
		if d.Name == "于洋" {
			panic("no such field")
		}
		return text.Mail(d)
	}
	h.n.SetLetter(broken)
	h.matter("科技处", "修订科研办法", "2023-06-30")
	h.flush()
	same(t, "head", h.got("feng.guodong"), []string{"03-01 09:00:00"})
	dead := h.deliveries("dead")
	if len(dead) != 1 || h.notices(dead[0].Key)[0].State != "dead" {
		t.Fatalf("dead letters: %v", dead)
	}
	rows, err := h.db.Ledger(h.ctx, dead[0].Key)
	if err != nil || len(rows) != 1 || rows[0].Words != "panic: no such field" {
		t.Errorf("the ledger says %v (%v)", rows, err)
	}
	h.n.SetLetter(nil)
	h.resend(1)
	h.later(time.Hour)
	same(t, "liaison", h.got("yu.yang"), []string{"03-01 10:00:00"})
	h.audit()
}

func TestATemplateThatPanicsOnRewriting(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "2023-03-01 09:00")
	h.busy(2)
	in := h.matter("科技处", "修订科研办法", "2023-06-30")
	h.matter("科技处", "召开科研会议", "2023-06-30")
	h.flush()
	h.n.SetLetter(func(text.Digest) (string, string, string) { panic("no such field") })
	h.act(in, "request_close", engine.RoleLead, map[string]string{"result": "已完成"})
	h.later(30 * time.Second)
	dead := map[string]int{}
	for _, d := range h.deliveries("dead") {
		dead[d.Person]++
	}
	if dead["feng.guodong"] != 1 || dead["yu.yang"] != 1 {
		t.Errorf("dead letters: %v", dead)
	}
}

func TestAChannelThatPanicsCostsOneMessage(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "2023-03-01 09:00")
	h.mail.before = func(m notifier.Message) {
		if m.To.Person == "yu.yang" {
			panic("nil map")
		}
	}
	h.matter("科技处", "修订科研办法", "2023-06-30")
	h.flush()
	same(t, "head", h.got("feng.guodong"), []string{"03-01 09:00:00"})
	if dead := h.deliveries("dead"); len(dead) != 1 || dead[0].Person != "yu.yang" {
		t.Errorf("dead letters: %v", dead)
	}
}

// TestAnUnreadableWorkflowDoesNotSilenceAnybody: the notice goes with the most
// careful manners, to the person alone.
func TestAnUnreadableWorkflowDoesNotSilenceAnybody(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "2023-03-01 09:00")
	h.matter("教务处", "修订教学办法", "2023-06-30")
	h.n.Defs = func(string) (*engine.Definition, error) { return nil, errors.New("line 3: what is this") }
	h.flush()
	same(t, "liaison", h.got("tang.li"), []string{"03-01 09:00:00"})
	same(t, "head", h.got("han.xue"), []string{"03-01 09:00:00"})
	h.audit()
}

func TestWhatTheObserverIsTold(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "2023-03-01 09:00")
	var told []string
	h.n.Options.MailWorkers = 1
	seen := make(chan string, 10)
	h.n.Observe = func(channel string, class notifier.Class) { seen <- channel + " " + string(class) }
	h.busy(1)
	h.matter("科技处", "修订科研办法", "2023-06-30")
	h.goOn("2023-03-01 09:01")
	close(seen)
	for s := range seen {
		told = append(told, s)
	}
	slices.Sort(told)
	same(t, "told", told, []string{"mail accepted", "mail accepted", "mail temporary"})
}
