package notifier_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"duban/notifier/postbox"
)

// cell is what one fault at one step of a mail conversation leads to.
type cell struct {
	class string // of the attempt that met it
	end   string // sent (by the next attempt), or dead
}

// The cells of the table below.
var (
	again  = cell{"temporary", "sent"} // nothing has arrived: it is tried again soon
	rests  = cell{"paused", "sent"}    // the channel rests ten minutes, no attempt is spent
	never  = cell{"permanent", "dead"} // a person must look
	unsure = cell{"ambiguous", "sent"} // it may have arrived: once more, under the same Message-ID
)

// TestEveryFaultAtEveryStepOfAMail: each step of the conversation, in each of
// the four ways it can go wrong, against the post box's real mail server.
func TestEveryFaultAtEveryStepOfAMail(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		step                        postbox.Step
		soft, hard, closed, stalled cell
	}{
		{postbox.StepBanner, again, rests, again, again},
		{postbox.StepHello, again, rests, again, again},
		{postbox.StepAuth, again, rests, again, again},
		{postbox.StepMail, again, never, again, again},
		{postbox.StepRcpt, again, never, again, again},
		{postbox.StepData, again, never, again, again},
		{postbox.StepDot, again, never, unsure, unsure},
	} {
		for name, c := range map[string]struct {
			want  cell
			fault postbox.Fault
		}{
			"451":    {row.soft, postbox.Fault{Step: row.step, Do: postbox.Reply, Code: 451}},
			"554":    {row.hard, postbox.Fault{Step: row.step, Do: postbox.Reply, Code: 554}},
			"closed": {row.closed, postbox.Fault{Step: row.step, Do: postbox.Drop}},
			"stalls": {row.stalled, postbox.Fault{Step: row.step, Do: postbox.Hang}},
		} {
			t.Run(string(row.step)+" "+name, func(t *testing.T) {
				t.Parallel()
				h, d := single(t, "2023-03-01 09:00", fault(c.fault, 1), func(h *house) {
					h.account = "xnb"
					if name == "stalls" {
						h.timeout = 300 * time.Millisecond
					}
				})
				h.goOn("2023-03-01 09:10")
				ledger, copies := h.ledger(d.Key), 0
				if c.want.end == "sent" {
					copies = 1
				}
				if d = h.again(d); len(ledger) == 0 || strings.Fields(ledger[0])[1] != c.want.class || d.State != c.want.end {
					t.Errorf("ledger %q, the delivery is %s; want %+v", ledger, d.State, c.want)
				}
				if got := h.got("han.xue"); len(got) != copies {
					t.Errorf("arrived at %q, want %d", got, copies)
				}
			})
		}
	}
}

// A fault that does not pass: the retries are spent, or nothing is spent at all.
func TestFaultsThatStay(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		fault    postbox.Fault
		state    string
		attempts int
	}{
		{postbox.Fault{Step: postbox.StepRcpt, Do: postbox.Reply, Code: 450}, "dead", 6},
		{postbox.Fault{Step: postbox.StepBanner, Do: postbox.Drop}, "dead", 6},
		{postbox.Fault{Step: postbox.StepDot, Do: postbox.Drop}, "dead", 2},
		{postbox.Fault{Step: postbox.StepAuth, Do: postbox.Reply, Code: 535}, "pending", 0},
		{postbox.Fault{Step: postbox.StepHello, Do: postbox.Reply, Code: 554}, "pending", 0},
	} {
		t.Run(fmt.Sprintf("%s %s %d", c.fault.Step, c.fault.Do, c.fault.Code), func(t *testing.T) {
			t.Parallel()
			h, d := single(t, "2023-03-01 09:00", fault(c.fault, 1000), func(h *house) { h.account = "xnb" })
			h.goOn("2023-03-01 17:00")
			if d = h.again(d); d.State != c.state || d.Attempts != c.attempts {
				t.Errorf("the delivery is %s after %d attempts, want %s after %d: %q", d.State, d.Attempts, c.state, c.attempts, h.ledger(d.Key))
			}
			if no := h.notices(d.Key)[0]; (no.State == "dead") != (c.state == "dead") {
				t.Errorf("its notice is %s", no.State)
			}
		})
	}
}

// A restart during a rest: the next process keeps to it.
func TestARestOutlivesTheProcess(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault      postbox.Fault
		early, end string
		receiver   string
		at         string
	}{
		"mail, 535":   {postbox.Fault{Step: postbox.StepMail, Do: postbox.Reply, Code: 535}, "2023-03-01 09:09", "2023-03-01 09:10", "han.xue", "03-01 09:10:00"},
		"robot 45009": {postbox.Fault{Step: postbox.StepRobot, Do: postbox.Reply, Code: 45009}, "2023-03-01 09:01", "2023-03-01 09:02", "jiaowuchu", "03-01 09:01:05"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, "2023-03-01 09:00", fault(c.fault, 1))
			h.matter("教务处", "修订教学办法", "2023-06-30")
			h.flush()
			before := h.box.Faults().Left()
			h.halt()
			h.start()
			h.matter("教务处", "修订考试办法", "2023-06-30") // what comes now waits as well
			h.goOn(c.early)
			if got := h.got(c.receiver); before != 0 || len(got) != 0 {
				t.Errorf("during the rest arrived %q", got)
			}
			h.goOn(c.end)
			got := h.got(c.receiver)
			if len(got) != 2 || got[0] != c.at {
				t.Errorf("after the rest arrived %q, want two from %s", got, c.at)
			}
			h.audit()
		})
	}
}
