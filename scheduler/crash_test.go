package scheduler_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	"duban/engine"
	"duban/engine/calendar"
	"duban/engine/store"
)

// term plays one term of a small college on its clock and answers the head of
// the chain: the same head means the same history to the last byte. Between any
// two things that happen, disturb may do what it likes.
func term(t *testing.T, disturb func(w *world)) (head string, steps int64) {
	w := newWorld(t, "2023-02-17")
	issued := date(t, "2023-02-17")
	starts := many(t, 20, "2023-02-17", "2023-05-31")
	starts = append(starts,
		engine.Start{Workflow: "deployment", Key: "002/1/各系", Facts: engine.Facts{Unit: "各系", Units: []string{"甲系", "乙系", "丙系"}, Issued: issued, Due: date(t, "2023-02-28")}},
		engine.Start{Workflow: "recurring", Key: "002/2/学工处", Facts: engine.Facts{Unit: "学工处", Cadence: "P3M", Issued: issued, Until: date(t, "2023-12-31")}},
		engine.Start{Workflow: "recurring", Key: "002/3/学工处", Facts: engine.Facts{Unit: "学工处", Cadence: "P1M", Issued: issued, Until: date(t, "2023-12-31")}},
		engine.Start{Workflow: "review", Key: "002/4/办", Facts: engine.Facts{Unit: "办", Units: []string{"甲系", "乙系"}, Issued: issued, Due: date(t, "2023-06-30")}})
	w.begin(starts...)
	end := w.cal.Closing(date(t, "2023-07-14"))
	acts := map[calendar.Date]string{date(t, "2023-02-22"): "acknowledge", date(t, "2023-05-05"): "report", date(t, "2023-06-12"): "close"}
	for {
		disturb(w)
		p := w.periodic()
		next, err := p.Next(bg)
		if err != nil {
			t.Fatal(err)
		}
		due, err := w.db.NextDue(bg)
		if err != nil {
			t.Fatal(err)
		}
		if !due.IsZero() && due.Before(next) {
			next = due
		}
		if next.After(end) {
			break
		}
		if next.After(w.clock.now()) {
			w.clock.set(next)
		}
		w.runPeriodic(p)
		disturb(w)
		w.runDue()
		if kind := acts[w.cal.DateOf(w.clock.now())]; kind != "" {
			delete(acts, w.cal.DateOf(w.clock.now()))
			for _, in := range w.instances(store.Filter{Open: true, Kinds: []engine.Kind{engine.KindAssignment}})[:8] {
				disturb(w)
				w.actAnyhow(in.Slip, engine.EventKind(kind))
			}
		}
	}
	head, steps, err := w.db.VerifyChain(bg)
	if err != nil {
		t.Fatal(err)
	}
	return head, steps
}

// actAnyhow acts; whether it is refused is the same in every run.
func (w *world) actAnyhow(slip string, kind engine.EventKind) {
	w.t.Helper()
	_, err := w.act(slip, kind, map[string]string{"progress": "八成", "result": "已完成"}, engine.RoleOffice)
	var r *engine.Refusal
	if err != nil && !errors.As(err, &r) {
		w.t.Fatal(err)
	}
}

func TestATermWithCrashesHasTheHistoryOfATermWithout(t *testing.T) {
	calm, steps := term(t, func(*world) {})
	if steps < 400 {
		t.Fatalf("only %d steps: the term is too quiet to prove anything", steps)
	}
	r := rand.New(rand.NewPCG(3, 4))
	reopened, cut := 0, 0
	wild, again := term(t, func(w *world) {
		switch r.IntN(6) {
		case 0: // the process ends and starts anew
			w.reopen()
			reopened++
		case 1: // it is told to end in the middle of a batch
			ctx, cancel := context.WithTimeout(bg, time.Duration(r.IntN(2000))*time.Microsecond)
			if _, err := w.RunDue(ctx); err != nil {
				cut++
			}
			cancel()
		case 2: // the disk fails in the middle of a batch
			w.raw(`CREATE TRIGGER accident BEFORE UPDATE ON instances BEGIN SELECT RAISE(ABORT, 'disk I/O error'); END`)
			if _, err := w.RunDue(bg); err != nil {
				cut++
			}
			w.raw(`DROP TRIGGER accident`)
		}
	})
	if reopened == 0 || cut == 0 {
		t.Fatalf("%d restarts, %d cuts: nothing was disturbed", reopened, cut)
	}
	if wild != calm || again != steps {
		t.Errorf("%d steps ending in %.12s, undisturbed %d ending in %.12s", again, wild, steps, calm)
	}
}
