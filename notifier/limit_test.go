package notifier_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"duban/engine"
	"duban/engine/store"
	"duban/notifier"
	"duban/notifier/postbox"
)

// sixty gives one unit sixty matters, each a post of its own.
func sixty(h *house) { h.options.WeComLimit = 260 }

func (h *house) issueSixty(unit string) {
	h.t.Helper()
	var all []engine.Facts
	for i := range 60 {
		all = append(all, h.facts(unit, fmt.Sprintf("修订第%d项教学管理办法并组织全体教师学习讨论", i+1), "2023-06-30"))
	}
	h.matters(all...)
}

// busiest is the largest number of posts a robot got in any 60 seconds.
func (h *house) busiest(robot string) int {
	h.t.Helper()
	var times []time.Time
	for _, a := range h.arrivals() {
		if a.To == robot {
			times = append(times, a.At)
		}
	}
	most := 0
	for i, first := range times {
		n := 0
		for _, t := range times[i:] {
			if t.Sub(first) < time.Minute {
				n++
			}
		}
		most = max(most, n)
	}
	return most
}

func TestARobotNeverGetsMoreThanEighteenPostsAMinute(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name string
		pace time.Duration // what one post takes
		stop []string      // when the process is restarted, with more to say at once
	}{
		{"all at once", 0, nil},
		{"the process restarts within the minute", 0, []string{"2023-03-01 09:00:30"}},
		{"the far side is slow", 1700 * time.Millisecond, nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, "2023-03-01 09:00", sixty)
			h.robots.before = func(notifier.Message) { h.clock.set(h.clock.now().Add(c.pace)) }
			h.issueSixty("教务处")
			for _, s := range c.stop {
				h.flush()
				h.halt()
				h.clock.set(at(t, s))
				h.start()
				all, err := h.db.Instances(h.ctx, store.Filter{})
				if err != nil {
					t.Fatal(err)
				}
				for _, in := range all[:8] {
					h.giveBack(in)
				}
			}
			h.goOn("2023-03-01 09:10")
			if n := len(h.got("jiaowuchu")); n < 60+len(c.stop) {
				t.Errorf("%d posts arrived, want 60 and those after the restart", n)
			}
			if n := h.busiest("jiaowuchu"); n > 18 || n < 10 {
				t.Errorf("%d posts in the busiest minute", n)
			}
			h.audit()
		})
	}
}

func TestARobotsMinuteIsItsOwn(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "2023-03-01 09:00", sixty)
	h.issueSixty("教务处")
	h.matter("人事处", "修订人事办法", "2023-06-30")
	h.flush()
	same(t, "another unit's group", h.got("renshichu"), []string{"03-01 09:00:00"})
	if n := len(h.got("jiaowuchu")); n != 18 {
		t.Errorf("%d posts in the first moment, want 18", n)
	}
}

func TestWhatBecomesOfAPostThatFails(t *testing.T) {
	t.Parallel()
	robot := func(do postbox.Action, code int) postbox.Fault {
		return postbox.Fault{Step: postbox.StepRobot, Do: do, Code: code}
	}
	cases := []struct {
		name   string
		fault  postbox.Fault
		until  string
		ledger []string
		state  string
		group  []string
		mail   []string // the liaison's
	}{
		{"45009: 65 s of rest", robot(postbox.Reply, 45009), "09:05", []string{"09:00:00 paused 45009", "09:01:05 accepted 0"}, "sent", []string{"03-01 09:01:05"}, nil},
		{"93000: the robot is gone, by mail", robot(postbox.Reply, 93000), "09:05", []string{"09:00:00 permanent 93000"}, "dropped", nil, []string{"03-01 09:00:00"}},
		{"40058: a fault of ours, by mail", robot(postbox.Reply, 40058), "09:05", []string{"09:00:00 permanent 40058"}, "dropped", nil, []string{"03-01 09:00:00"}},
		{"closed without an answer", robot(postbox.Drop, 0), "09:30", []string{"09:00:00 ambiguous", "09:10:00 accepted 0"}, "sent", []string{"03-01 09:10:00"}, nil},
		{"-1: system busy", robot(postbox.Reply, -1), "09:05", []string{"09:00:00 temporary -1", "09:00:30 accepted 0"}, "sent", []string{"03-01 09:00:30"}, nil},
		{"a proxy's page", robot(postbox.HTML, 0), "09:05", []string{"09:00:00 temporary", "09:00:30 accepted 0"}, "sent", []string{"03-01 09:00:30"}, nil},
		{"0 with a warning: nobody knows", robot(postbox.Warn, 0), "09:30", []string{"09:00:00 ambiguous 0", "09:10:00 accepted 0"}, "sent", []string{"03-01 09:10:00"}, nil},
		{"no answer", robot(postbox.Hang, 0), "09:30", []string{"09:00:00 ambiguous", "09:10:00 accepted 0"}, "sent", []string{"03-01 09:10:00"}, nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, "2023-03-01 09:00", fault(c.fault, 1), func(h *house) { h.timeout = 700 * time.Millisecond })
			h.matter("教务处", "修订教学办法", "2023-06-30")
			h.goOn("2023-03-01 " + c.until)
			d := h.deliveries("")
			i := slices.IndexFunc(d, func(d store.Delivery) bool { return d.Robot == "jiaowuchu" })
			same(t, "ledger", h.ledger(d[i].Key), c.ledger)
			if d[i].State != c.state {
				t.Errorf("the delivery is %s, want %s", d[i].State, c.state)
			}
			same(t, "group", h.got("jiaowuchu"), c.group)
			same(t, "liaison's mail", h.got("tang.li"), c.mail)
			h.audit()
		})
	}
}

// TestARobotThatIsGone: what it could not carry reaches the liaison as a mail of
// its own, and the books say why.
func TestARobotThatIsGone(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "2023-03-01 09:00", fault(postbox.Fault{Step: postbox.StepRobot, Do: postbox.Reply, Code: 93000}, 1))
	h.matter("教务处", "修订教学办法", "2023-06-30")
	h.flush()
	mails := h.mail.to("tang.li")
	if len(mails) != 1 || len(mails[0].Notices) != 1 {
		t.Fatalf("the liaison's mails: %+v", mails)
	}
	no := h.notices(mails[0].Key)[0]
	if no.State != "sent" || !strings.HasPrefix(no.Why, "by mail: invalid webhook url") {
		t.Errorf("the notice is %s because of %q", no.State, no.Why)
	}
}

// TestARestingRobotHoldsBackItsOwnOnly: after 45009 nothing goes to that robot
// for 65 s, whatever comes.
func TestARestingRobotHoldsBackItsOwnOnly(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "2023-03-01 09:00", fault(postbox.Fault{Step: postbox.StepRobot, Do: postbox.Reply, Code: 45009}, 1))
	in := h.matter("教务处", "修订教学办法", "2023-06-30")
	h.flush()
	h.clock.set(at(t, "2023-03-01 09:00:20"))
	h.giveBack(in)
	h.matter("人事处", "修订人事办法", "2023-06-30")
	h.goOn("2023-03-01 09:01:04")
	if got := h.got("jiaowuchu"); len(got) != 0 {
		t.Errorf("posts during the rest: %q", got)
	}
	h.goOn("2023-03-01 09:02")
	same(t, "the resting group", h.got("jiaowuchu"), []string{"03-01 09:01:05"})
	same(t, "another group", h.got("renshichu"), []string{"03-01 09:00:20"})
	h.audit()
}
