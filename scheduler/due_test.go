package scheduler_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"duban/engine"
	"duban/engine/store"
	"duban/workflows"
)

func TestManyDueAtOnceFireInBatchesAndOnce(t *testing.T) {
	w := newWorld(t, "2023-02-17")
	starts := many(t, 2200, "2023-02-17", "2023-11-30")
	if n := w.begin(starts...); n != 2200 {
		t.Fatalf("%d began", n)
	}
	woken := 0
	w.Wake = func() { woken++ }
	w.at("2023-02-21 08:59")
	if n := w.runDue(); n != 0 {
		t.Fatalf("%d fired a minute early", n)
	}
	w.at("2023-02-21 09:00")
	var batches []int
	for {
		n, err := w.RunDue(bg)
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			break
		}
		batches = append(batches, n)
	}
	if !slices.Equal(batches, []int{1000, 1000, 200}) || woken != 3 {
		t.Errorf("batches %v, woken %d times", batches, woken)
	}
	if got := w.fired(); len(got) != 1 || got["unsigned_liaison"] != 2200 {
		t.Errorf("fired %v", got)
	}
	if n := w.tally(`SELECT 'all' AS name, COUNT(DISTINCT instance_id) AS n FROM history WHERE version = 2`)["all"]; n != 2200 {
		t.Errorf("%d instances moved", n)
	}
}

// A round and the units it asks are all due when the month closes. Whether the
// round's own timer or its children's come first, both are in one batch.
func TestAParentIsDueInTheBatchOfItsChildrensSignals(t *testing.T) {
	for name, jump := range map[string][]string{
		"each at its time":       {"2023-05-25 09:00", "2023-05-26 09:00", "2023-05-31 17:30"},
		"all at once after that": {"2023-05-31 17:30"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, "2023-05-22")
			w.begin(engine.Start{Workflow: "supervision", Key: "supervision/2023-05", Facts: engine.Facts{
				Occurrence: "2023-05", Issued: date(t, "2023-05-22"), Units: []string{"甲系", "乙系"}, Asks: map[string]int{"甲系": 2, "乙系": 1}}})
			for _, at := range jump {
				w.at(at)
				w.runDue()
			}
			all := w.instances(store.Filter{})
			if len(all) != 3 || all[0].State != "checking" || all[0].Open != 0 || all[1].State != "silent" || all[2].State != "silent" {
				t.Fatalf("there are %+v", all)
			}
			// start, two ends of children, snapshot: each a version of its own.
			if all[0].Version != 4 {
				t.Errorf("the round took %d steps", all[0].Version)
			}
			if _, _, err := w.db.VerifyChain(bg); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestOneThatCannotBeMovedDoesNotHoldUpTheOthers(t *testing.T) {
	forged := `UPDATE definitions SET source = (SELECT source FROM definitions ORDER BY hash <> ? LIMIT 1) WHERE hash <> ?`
	accidents := map[string]struct {
		break_ func(w *world, in engine.Instance)
		want   string
	}{
		"its definition is gone": {func(w *world, in engine.Instance) {
			w.raw(`UPDATE definitions SET source = '' WHERE hash = ?`, in.DefHash)
		}, "pinned definition"},
		"its definition is another's": {func(w *world, in engine.Instance) {
			other := w.instances(store.Filter{})[1].DefHash
			w.raw(forged, other, other)
		}, "the kept source is that of"},
		"its row is spoilt": {func(w *world, in engine.Instance) {
			w.raw(`UPDATE facts SET body = '{' WHERE id = ?`, in.ID)
		}, "decode instance 1"},
		"a timer nobody knows": {func(w *world, in engine.Instance) {
			w.raw(`DROP TRIGGER IF EXISTS history_no_update`)
			w.raw(`UPDATE history SET after = replace(after, 'unsigned_liaison', 'no_such_timer') WHERE seq = (SELECT seq FROM instances WHERE id = ?)`, in.ID)
		}, "no_such_timer"},
	}
	for name, c := range accidents {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, "2023-02-17")
			w.begin(matter(0, "甲系", date(t, "2023-02-17"), date(t, "2023-06-30")))
			w.db.Close()
			w.open(second(t)) // so that the first runs by a version from the store
			issued := many(t, 520, "2023-02-17", "2023-02-28")
			w.begin(issued[1:]...)
			in := w.instances(store.Filter{IDs: []int64{1}})[0]
			c.break_(w, in)
			w.db.Close()
			w.open(w.Library)

			w.at("2023-02-27 09:00")
			fired := 0
			var errs []string
			for {
				n, err := w.RunDue(bg)
				if err != nil {
					errs = append(errs, err.Error())
				}
				if fired += n; n == 0 {
					break
				}
			}
			if len(errs) != 1 || !strings.Contains(errs[0], c.want) {
				t.Errorf("errors: %q", errs)
			}
			if moved := w.tally(`SELECT 'all' AS name, COUNT(DISTINCT instance_id) AS n FROM history WHERE version > 1`)["all"]; moved != 519 {
				t.Errorf("%d moved, %d timers", moved, fired)
			}
			// It is tried again, and named again, ten minutes later.
			w.at("2023-02-27 09:09")
			if n, err := w.RunDue(bg); n != 0 || err != nil {
				t.Errorf("nine minutes later: %d, %v", n, err)
			}
			w.at("2023-02-27 09:10")
			if n, err := w.RunDue(bg); n != 0 || err == nil {
				t.Errorf("ten minutes later: %d, %v", n, err)
			}
		})
	}
}

// A full disk or a stopping program is nobody's fault: nobody is left out for it.
func TestTroubleOfTheStoreLeavesNobodyOut(t *testing.T) {
	w := newWorld(t, "2023-02-17")
	w.begin(many(t, 3, "2023-02-17", "2023-06-30")...)
	w.at("2023-02-21 09:00")
	w.raw(`CREATE TRIGGER accident BEFORE INSERT ON outbox BEGIN SELECT RAISE(ABORT, 'disk I/O error'); END`)
	before := w.rows()
	if n, err := w.RunDue(bg); n != 0 || err == nil || !strings.Contains(err.Error(), "disk I/O error") {
		t.Errorf("%d, %v", n, err)
	}
	ctx, cancel := context.WithCancel(bg)
	cancel()
	if n, err := w.RunDue(ctx); n != 0 || !errors.Is(err, context.Canceled) {
		t.Errorf("%d, %v", n, err)
	}
	if after := w.rows(); after != before {
		t.Errorf("before %s\nafter  %s", before, after)
	}
	w.raw(`DROP TRIGGER accident`)
	if n := w.runDue(); n != 3 {
		t.Errorf("%d fired afterwards", n)
	}
}

// A definition may be written so that it never comes to an end.
func TestADefinitionWithoutEndIsStopped(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"two timers that wake each other": {`workflow: endless
title: 无尽
kind: standing
start:
  - to: ping
states:
  ping: {title: 甲, on: {stop: {by: [office], to: ended}}}
  pong: {title: 乙, on: {stop: {by: [office], to: ended}}}
  ended: {title: 结束, final: true}
timers:
  there: {in: [ping], at: entered, to: pong}
  back: {in: [pong], at: entered, to: ping}
`, "the definition runs without end: timers of"},
		"children of children": {`workflow: endless
title: 无尽
kind: series
start:
  - to: open
    do: [{spawn: period, workflow: endless}]
states:
  open: {title: 进行中, on: {stop: {by: [office], to: ended}}}
  ended: {title: 结束, final: true}
`, "the definition runs without end: children of children"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, "endless.yaml"), []byte(c.text), 0o600); err != nil {
				t.Fatal(err)
			}
			lib, faults := workflows.LoadDir(dir)
			if err := faults.Err(); err != nil {
				t.Fatal(err)
			}
			w := newWorld(t, "2023-02-17")
			w.db.Close()
			w.open(lib)
			_, err := w.Begin(bg, []engine.Start{{Workflow: "endless", Key: "e", Facts: engine.Facts{
				Cadence: "P1M", Issued: date(t, "2023-02-17"), Until: date(t, "2023-12-31")}}}, nil)
			if err == nil {
				w.begin(many(t, 1, "2023-02-17", "2023-06-30")...)
				w.at("2023-02-21 09:00")
				var n int
				if n, err = w.RunDue(bg); n != 1 {
					t.Errorf("%d others fired", n)
				}
			}
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v", err)
			}
		})
	}
}
