package store_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"duban/engine"
	"duban/engine/calendar"
	"duban/engine/store"
)

// rows counts what one step writes.
func (o *office) rows() string {
	return fmt.Sprint(o.count("instances"), o.count("history"), o.count("outbox"), o.count("counters"))
}

var errPower = errors.New("the power failed")

func TestAStepIsWrittenWholeOrNotAtAll(t *testing.T) {
	ends := map[string]func(*store.Tx, context.CancelFunc) error{
		"an error after Save": func(*store.Tx, context.CancelFunc) error { return errPower },
		"a statement that fails, its error ignored": func(tx *store.Tx, _ context.CancelFunc) error {
			_ = tx.AddDelivery(store.Delivery{Key: "d"}, tx.Now)
			_ = tx.AddDelivery(store.Delivery{Key: "d"}, tx.Now)
			_ = tx.SetMeta("after", "it")
			return nil
		},
		"the caller gives up": func(_ *store.Tx, cancel context.CancelFunc) error { cancel(); return nil },
		"a version skipped": func(tx *store.Tx, _ context.CancelFunc) error {
			in, err := tx.Instance(1)
			in.Version += 2
			return errors.Join(err, tx.Save(&in, &engine.Event{Kind: "report"}, nil, false))
		},
	}
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			o := newOffice(t)
			in := o.begin("there before")
			before, head := o.rows(), chainHead(t, o)
			ctx, cancel := context.WithCancel(bg)
			defer cancel()
			err := o.Write(ctx, o.now, func(tx *store.Tx) error {
				if _, err := begin(tx, "new", "学生处"); err != nil {
					return err
				}
				if _, err := report(tx, in, "张三", notice("returned", engine.RoleLeadHead, tx.Now)); err != nil {
					return err
				}
				return end(tx, cancel)
			})
			if err == nil {
				t.Fatal("no error")
			}
			if after := o.rows(); after != before || chainHead(t, o) != head || o.count("deliveries")+o.count("meta") != 0 {
				t.Errorf("%s rows before, %s after: %v", before, after, err)
			}
			next := o.begin("next")
			if next.ID != in.ID+1 || next.Slip != "2023-0002" {
				t.Errorf("the next one is %d, %s: a number is lost", next.ID, next.Slip)
			}
			if got := o.report(in, "李四"); o.read(in.ID).Version != got.Version {
				t.Error("the old one cannot go on")
			}
		})
	}
}

func chainHead(t *testing.T, o *office) string {
	t.Helper()
	head, _, err := o.VerifyChain(bg)
	if err != nil {
		t.Fatal(err)
	}
	return head
}

func TestAPanicLeavesTheStoreUsable(t *testing.T) {
	o := newOffice(t)
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic was swallowed")
			}
		}()
		o.write(func(tx *store.Tx) error {
			if _, err := begin(tx, "k", "教务处"); err != nil {
				return err
			}
			panic("a page handler")
		})
	}()
	ctx, cancel := context.WithTimeout(bg, 5*time.Second)
	defer cancel()
	if err := o.Write(ctx, o.now, func(tx *store.Tx) error { return tx.SetMeta("a", "b") }); err != nil {
		t.Fatal(err)
	}
	if n := o.count("instances"); n != 0 {
		t.Errorf("%d instances stayed", n)
	}
}

func TestWaitingForTheTurnEndsWithTheContext(t *testing.T) {
	o := newOffice(t)
	held, release := make(chan struct{}), make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		o.write(func(*store.Tx) error { close(held); <-release; return nil })
	})
	<-held
	ctx, cancel := context.WithTimeout(bg, 20*time.Millisecond)
	defer cancel()
	if err := o.Write(ctx, o.now, func(*store.Tx) error { return nil }); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	close(release)
	wg.Wait()
}

func TestOfTwoActsOnOneVersionOneWins(t *testing.T) {
	o := newOffice(t)
	in := o.begin("k")
	o.now = clock(t, "2023-02-20 10:15")
	o.report(in, "张三", notice("close_asked", engine.RoleOffice, o.now))
	before := o.rows()
	o.now = clock(t, "2023-02-20 10:16")
	err := o.Write(bg, o.now, func(tx *store.Tx) error {
		_, err := report(tx, in, "李四", notice("close_asked", engine.RoleOffice, tx.Now))
		return err
	})
	var c *store.Conflict
	if !errors.As(err, &c) {
		t.Fatalf("the second got %v", err)
	}
	if c.By != "张三" || c.Kind != "report" || c.Slip != in.Slip || !c.At.Equal(clock(t, "2023-02-20 10:15")) {
		t.Errorf("it names %+v", c)
	}
	if after := o.rows(); after != before {
		t.Errorf("%s rows before, %s after", before, after)
	}
	if err := o.Write(bg, o.now, func(tx *store.Tx) error { return tx.Stale(&in) }); !errors.As(err, &c) || c.By != "张三" {
		t.Errorf("Stale names %v", err)
	}
}

// Somebody who has missed two steps is refused like one who has missed one.
func TestAnActOnAVersionLongGoneIsRefused(t *testing.T) {
	o := newOffice(t)
	in := o.begin("k")
	o.report(o.report(in, "张三"), "王五")
	err := o.Write(bg, o.now, func(tx *store.Tx) error {
		_, err := report(tx, in, "李四")
		return err
	})
	var c *store.Conflict
	if !errors.As(err, &c) || c.By != "王五" {
		t.Errorf("got %v", err)
	}
	if got := o.read(in.ID); got.Version != 3 {
		t.Errorf("version %d stands", got.Version)
	}
}

func TestATimerInAConflictIsTheSystem(t *testing.T) {
	o := newOffice(t)
	in := o.begin("k")
	err := o.Write(bg, o.now, func(tx *store.Tx) error { return tx.Stale(&in) })
	if err == nil || !strings.Contains(err.Error(), "系统") {
		t.Errorf("got %v", err)
	}
}

func TestOfFiftyActsAtOnceOneWins(t *testing.T) {
	o := newOffice(t)
	in := o.begin("k")
	const rounds, people = 5, 50
	for round := range rounds {
		var mu sync.Mutex
		var won []engine.Instance
		lost := 0
		var wg sync.WaitGroup
		for i := range people {
			wg.Go(func() {
				var out engine.Instance
				err := o.Write(bg, o.now, func(tx *store.Tx) (err error) {
					out, err = report(tx, in, fmt.Sprint(i))
					return err
				})
				mu.Lock()
				defer mu.Unlock()
				var c *store.Conflict
				switch {
				case err == nil:
					won = append(won, out)
				case errors.As(err, &c):
					lost++
				default:
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if len(won) != 1 || lost != people-1 {
			t.Fatalf("round %d: %d won, %d lost", round, len(won), lost)
		}
		in = won[0]
	}
	if _, n, err := o.VerifyChain(bg); err != nil || n != rounds+1 {
		t.Errorf("%d rows: %v", n, err)
	}
}

func TestSeveralStepsOfOneTransactionAreAllInTheHistory(t *testing.T) {
	o := newOffice(t)
	var in engine.Instance
	o.write(func(tx *store.Tx) (err error) {
		if in, err = begin(tx, "k", "教务处"); err != nil {
			return err
		}
		for range 3 {
			if in, err = report(tx, in, "张三"); err != nil {
				return err
			}
		}
		seen, err := tx.BySlip(in.Slip)
		if err == nil && seen.Version != 4 {
			t.Errorf("the transaction sees version %d of its own", seen.Version)
		}
		if in, err = report(tx, seen, "李四"); err != nil {
			return err
		}
		in.Unit, in.Closed, in.Version = "学生处", tx.Now, 6
		return tx.Save(&in, &engine.Event{Kind: "close"}, nil, false)
	})
	var versions []int
	if err := o.History(bg, func(h *store.HistoryRow) error { versions = append(versions, h.Version); return nil }); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(versions, []int{1, 2, 3, 4, 5, 6}) {
		t.Errorf("history has %v", versions)
	}
	if n := o.count("instances WHERE version = 6 AND unit = '学生处' AND closed > 0"); n != 1 {
		t.Error("the row is not that of the last step")
	}
	if got := o.read(in.ID); got.Version != 6 || got.Unit != "学生处" {
		t.Errorf("read %+v", got)
	}
}

func TestTheColumnsFollowTheInstance(t *testing.T) {
	o := newOffice(t)
	in := o.begin("k")
	in.Unit, in.Light, in.Effective = "学生处", "red", calendar.Of(2023, 6, 30)
	in.Timers = []engine.Armed{{Name: "red", At: o.now}}
	in = o.report(in, "张三")
	row := func() (out string) {
		t.Helper()
		err := o.raw().Get(&out, `SELECT state || ' ' || version || ' ' || unit || ' ' || light || ' ' || effective || ' ' ||
			COALESCE(next_due, 'never') || ' ' || COALESCE(closed, 'open') FROM instances`)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	at := fmt.Sprint(o.now.UnixMilli())
	if got, want := row(), "in_progress 2 学生处 red 2023-06-30 "+at+" open"; got != want {
		t.Errorf("reassigned: %s, want %s", got, want)
	}
	in.Timers, in.Closed = nil, o.now
	in = o.report(in, "张三")
	if got, want := row(), "in_progress 3 学生处 red 2023-06-30 never "+at; got != want {
		t.Errorf("closed: %s, want %s", got, want)
	}
	// The same way back and forth in one transaction that looks in between.
	o.write(func(tx *store.Tx) (err error) {
		for i := range 4 {
			in.Timers, in.Closed = nil, o.now
			if i%2 == 0 {
				in.Timers, in.Closed = []engine.Armed{{Name: "red", At: o.now}}, time.Time{}
			}
			if in, err = report(tx, in, "张三"); err != nil {
				return err
			}
			if in, err = tx.Instance(in.ID); err != nil {
				return err
			}
		}
		in.Closed = time.Time{}
		_, err = report(tx, in, "张三")
		return err
	})
	if got, want := row(), "in_progress 8 学生处 red 2023-06-30 never open"; got != want {
		t.Errorf("reopened: %s, want %s", got, want)
	}
}

// A transaction sees all it has written so far, whichever way it looks.
func TestATransactionSeesWhatItHasSaved(t *testing.T) {
	o := newOffice(t)
	o.write(func(tx *store.Tx) error {
		in, err := begin(tx, "k", "教务处")
		if err != nil {
			return err
		}
		ready, err := tx.Ready(9)
		if err != nil || len(ready) != 1 {
			t.Fatalf("ready: %v, %v", ready, err)
		}
		if in, err = report(tx, in, "张三", notice("returned", "office", tx.Now)); err != nil {
			return err
		}
		if _, err := tx.ExecContext(bg, tx.Rebind(`DELETE FROM outbox WHERE role = ?`), "office"); err != nil {
			return err
		}
		var versions []int
		if err := tx.SelectContext(bg, &versions, `SELECT version FROM history`); err != nil || !slices.Equal(versions, []int{1, 2}) {
			t.Errorf("history %v, %v", versions, err)
		}
		if _, err = report(tx, in, "张三"); err != nil {
			return err
		}
		var state string
		if err := tx.GetContext(bg, &state, `SELECT state || version FROM instances`); err != nil || state != "in_progress3" {
			t.Errorf("instance %s, %v", state, err)
		}
		return tx.Plan(ready[0].N, "d", "zhang", "")
	})
	if got := o.states(); len(got) != 1 || got["1-1-0"] != "planned" {
		t.Errorf("outbox %v", got)
	}
}

// What writes beside the caller ends with the transaction, however that ends.
func TestNothingIsLeftRunning(t *testing.T) {
	o := newOffice(t)
	var all []engine.Instance
	for i := range 20 {
		all = append(all, o.begin(strconv.Itoa(i)))
	}
	before := runtime.NumGoroutine()
	for i := range 30 {
		func() {
			defer func() { _ = recover() }()
			err := o.Write(bg, o.now, func(tx *store.Tx) error {
				for _, in := range all {
					if _, err := report(tx, in, "张三", notice("three_days", engine.RoleLeadHead, o.now)); err != nil {
						t.Error(err)
					}
				}
				if i%2 == 0 {
					panic(errPower)
				}
				return errPower
			})
			if !errors.Is(err, errPower) {
				t.Error(err)
			}
		}()
	}
	for range 50 { // what has been told to end may take a moment
		if runtime.NumGoroutine() <= before+5 {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("%d goroutines, %d before", runtime.NumGoroutine(), before)
}

// An instance that was read before comes from memory; somebody who reopens the
// file must read the same.
func TestWhatIsKnownIsWhatIsStored(t *testing.T) {
	o := newOffice(t)
	in := o.begin("k")
	in.Timers = []engine.Armed{{Name: "eve", At: o.now}}
	in.Words = map[string]string{"progress": "已完成八成"}
	in = o.report(in, "张三")
	failed := o.Write(bg, o.now, func(tx *store.Tx) error {
		next, err := report(tx, in, "李四")
		if err == nil {
			next.Heading = "never written"
			err = tx.Save(&next, &engine.Event{Kind: "report"}, nil, false)
		}
		return errors.Join(err, errPower)
	})
	if !errors.Is(failed, errPower) {
		t.Fatal(failed)
	}
	read := func() (out engine.Instance) {
		o.write(func(tx *store.Tx) error {
			due, err := tx.Due(10)
			if err == nil && len(due) == 1 {
				out = *due[0]
			}
			return err
		})
		return out
	}
	known := read()
	o.reopen()
	stored := read()
	if known.Version != 2 || known.Heading != "" {
		t.Errorf("a step that was rolled back is known: %+v", known)
	}
	if fmt.Sprint(plain(known)) != fmt.Sprint(plain(stored)) {
		t.Errorf("known %+v\nstored %+v", known, stored)
	}
	// A row that another process moved is read again.
	o.report(stored, "王五")
	o.raw().MustExec(`DROP TRIGGER history_no_update; UPDATE instances SET version = 9;
		UPDATE history SET after = replace(after, '"version":3', '"version":9')`)
	if got := read(); got.Version != 9 {
		t.Errorf("version %d is known, 9 is stored", got.Version)
	}
}

// plain makes instants comparable as text.
func plain(in engine.Instance) engine.Instance {
	for _, t := range []*time.Time{&in.Entered, &in.Opened} {
		*t = t.UTC()
	}
	in.Timers = slices.Clone(in.Timers)
	for i := range in.Timers {
		in.Timers[i].At = in.Timers[i].At.UTC()
	}
	return in
}
