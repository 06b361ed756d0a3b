package scheduler_test

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"duban/engine"
	"duban/engine/calendar"
	"duban/engine/store"
	"duban/scheduler"
	"duban/seeds"
	"duban/workflows"
)

// clock stands where it was last set.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *clock) set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = t
}

// world is an office with a data file and a clock that stands still.
type world struct {
	t     testing.TB
	file  string
	db    *store.DB
	cal   *calendar.Calendar
	clock *clock
	*scheduler.Runner
}

// newWorld opens an empty data file at 09:00 of a day.
func newWorld(t testing.TB, day string) *world {
	t.Helper()
	cal, err := seeds.Calendar()
	if err != nil {
		t.Fatal(err)
	}
	lib, err := workflows.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, file: filepath.Join(t.TempDir(), "duban.db"), cal: cal, clock: &clock{}}
	w.clock.set(cal.Opening(date(t, day)))
	w.open(lib)
	return w
}

// open opens the data file, as a start of the program does.
func (w *world) open(lib *workflows.Library) {
	w.t.Helper()
	db, err := store.Open(context.Background(), w.file)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { db.Close() })
	w.db = db
	w.Runner = &scheduler.Runner{DB: db, Library: lib, Calendar: w.cal, Now: w.clock.now}
}

// reopen closes the data file without a word and opens it again.
func (w *world) reopen() {
	w.t.Helper()
	if err := w.db.Close(); err != nil {
		w.t.Fatal(err)
	}
	w.open(w.Library)
}

// at moves the clock to a time of a day in the office's zone.
func (w *world) at(s string) {
	w.t.Helper()
	w.clock.set(instant(w.t, w.cal, s))
}

// runDue fires everything that is due where the clock stands.
func (w *world) runDue() (fired int) {
	w.t.Helper()
	for {
		n, err := w.RunDue(context.Background())
		if err != nil {
			w.t.Fatal(err)
		}
		if n == 0 {
			return fired
		}
		fired += n
	}
}

// until lets everything happen that is due up to and including an instant.
func (w *world) until(end time.Time) (fired int) {
	w.t.Helper()
	for {
		next, err := w.db.NextDue(context.Background())
		if err != nil {
			w.t.Fatal(err)
		}
		if next.IsZero() || next.After(end) {
			w.clock.set(end)
			return fired
		}
		if next.After(w.clock.now()) {
			w.clock.set(next)
		}
		fired += w.runDue()
	}
}

// begin starts instances and says how many began.
func (w *world) begin(starts ...engine.Start) int {
	w.t.Helper()
	n, err := w.Begin(context.Background(), starts, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	return n
}

// instances reads instances.
func (w *world) instances(f store.Filter) []engine.Instance {
	w.t.Helper()
	all, err := w.db.Instances(context.Background(), f)
	if err != nil {
		w.t.Fatal(err)
	}
	return all
}

// history reads all steps.
func (w *world) history() (all []store.HistoryRow) {
	w.t.Helper()
	err := w.db.History(context.Background(), func(h *store.HistoryRow) error {
		all = append(all, *h)
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return all
}

// tally answers a question of the store.
func (w *world) tally(q store.Question) map[string]int {
	w.t.Helper()
	m, err := w.db.Tally(context.Background(), q)
	if err != nil {
		w.t.Fatal(err)
	}
	return m
}

// matter is a dated assignment of a unit.
func matter(n int, unit string, issued, due calendar.Date) engine.Start {
	return engine.Start{Workflow: "assignment", Key: fmt.Sprintf("plan/%d/%s", n, unit), Facts: engine.Facts{
		Plan: "plan", PlanTitle: "2023年工作要点", Item: fmt.Sprintf("三.(一).%d", n), Heading: "完善督办台账",
		Unit: unit, Issued: issued, Due: due,
	}}
}

func date(t testing.TB, s string) calendar.Date {
	t.Helper()
	d, err := calendar.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}
