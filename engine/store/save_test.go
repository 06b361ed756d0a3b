package store_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
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
			t.Errorf("ready: %v, %v", ready, err)
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
		if in, err = report(tx, in, "张三"); err != nil {
			return err
		}
		var state string
		if err := tx.GetContext(bg, &state, `SELECT state || version FROM instances`); err != nil || state != "in_progress3" {
			t.Errorf("instance %s, %v", state, err)
		}
		return tx.Plan("1-1-0", "d", "zhang", "")
	})
	if got := o.states(); len(got) != 1 || got["1-1-0"] != "planned" {
		t.Errorf("outbox %v", got)
	}
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
				out = due[0]
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
	o.raw().MustExec(`UPDATE instances SET version = 9, body = replace(body, '"version":2', '"version":9')`)
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

func TestSlipsRunWithoutGapsWithinKindAndYear(t *testing.T) {
	o := newOffice(t)
	year := func(y int) engine.Facts { return engine.Facts{Unit: "教务处", Issued: calendar.Of(y, 12, 31)} }
	var got []string
	add := func(key string, kind engine.Kind, f engine.Facts, fail error) {
		t.Helper()
		err := o.Write(bg, o.now, func(tx *store.Tx) error {
			in, err := beginKind(tx, key, kind, f)
			if err == nil && fail == nil {
				got = append(got, in.Slip)
			}
			return errors.Join(err, fail)
		})
		if !errors.Is(err, fail) || (err != nil) != (fail != nil) {
			t.Fatal(err)
		}
	}
	add("a", engine.KindAssignment, year(2022), nil)
	add("b", engine.KindAssignment, year(2023), nil)
	add("lost", engine.KindAssignment, year(2023), errPower)
	add("c", engine.KindAssignment, year(2023), nil)
	add("d", engine.KindRound, year(2023), nil)
	add("e", engine.KindAsked, year(2023), nil)
	add("f", engine.KindSeries, year(2023), nil)
	add("g", engine.KindStanding, year(2023), nil)
	add("h", engine.KindBrief, engine.Facts{}, nil) // no day of issue: the year of the instant
	add("a", engine.KindAssignment, year(2022), nil)
	add("i", engine.KindAssignment, year(2022), nil)
	want := []string{"2022-0001", "2023-0001", "2023-0002", "R2023-0001", "A2023-0001", "S2023-0001", "L2023-0001", "W2023-0001", "", "2022-0002"}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestTheSameStartTwiceInOneTransactionIsOne(t *testing.T) {
	o := newOffice(t)
	o.write(func(tx *store.Tx) error {
		_, err1 := begin(tx, "k", "教务处")
		again, err2 := begin(tx, "k", "教务处")
		if again.ID != 0 {
			t.Errorf("%s was made a second time", again.Slip)
		}
		return errors.Join(err1, err2)
	})
	if n := o.count("instances"); n != 1 {
		t.Errorf("%d instances", n)
	}
}

func TestDueComesInOrderOfTime(t *testing.T) {
	o := newOffice(t)
	at := []string{"2023-03-02 09:00", "2023-03-01 09:00", "", "2023-03-01 09:00", "2023-03-03 09:00"}
	o.write(func(tx *store.Tx) error {
		for i, s := range at {
			in, err := begin(tx, fmt.Sprint(i), "教务处")
			if err != nil {
				return err
			}
			if s != "" {
				in.Timers = []engine.Armed{{Name: "t", At: clock(t, s)}}
			}
			if _, err := report(tx, in, ""); err != nil {
				return err
			}
		}
		return nil
	})
	if next, err := o.NextDue(bg); err != nil || !next.Equal(clock(t, "2023-03-01 09:00")) {
		t.Errorf("next is %v, %v", next, err)
	}
	if next, err := o.NextDueBut(bg, []int64{2, 4}); err != nil || !next.Equal(clock(t, "2023-03-02 09:00")) {
		t.Errorf("next but two is %v, %v", next, err)
	}
	due := func(now string, limit int, except ...int64) (ids []int64) {
		o.now = clock(t, now)
		o.write(func(tx *store.Tx) error {
			all, err := tx.Due(limit, except...)
			for _, in := range all {
				ids = append(ids, in.ID)
			}
			return err
		})
		return ids
	}
	for _, c := range []struct {
		now    string
		limit  int
		except []int64
		want   []int64
	}{
		{"2023-03-01 08:59", 9, nil, nil},
		{"2023-03-01 09:00", 9, nil, []int64{2, 4}}, // the minute itself, by number
		{"2023-03-02 09:00", 9, nil, []int64{2, 4, 1}},
		{"2023-03-02 09:00", 2, nil, []int64{2, 4}},
		{"2023-03-02 09:00", 2, []int64{4}, []int64{2, 1}},
		{"2024-01-01 00:00", 9, []int64{2, 4}, []int64{1, 5}},
	} {
		if got := due(c.now, c.limit, c.except...); !slices.Equal(got, c.want) {
			t.Errorf("at %s, %d without %v: %v, want %v", c.now, c.limit, c.except, got, c.want)
		}
	}
	empty := newOffice(t)
	if next, err := empty.NextDue(bg); err != nil || !next.IsZero() {
		t.Errorf("an empty file: %v, %v", next, err)
	}
}

func TestARowThatCannotBeReadIsNamed(t *testing.T) {
	o := newOffice(t)
	in := o.begin("k")
	o.reopen()
	o.raw().MustExec(`UPDATE instances SET body = '{'`)
	var u *store.Unreadable
	if _, err := o.Instances(bg, store.Filter{}); !errors.As(err, &u) || u.ID != in.ID {
		t.Errorf("got %v", err)
	}
	err := o.Write(bg, o.now, func(tx *store.Tx) error { _, err := tx.Instance(in.ID); return err })
	if !errors.As(err, &u) || !strings.Contains(err.Error(), "instance 1") {
		t.Errorf("got %v", err)
	}
	for _, err := range []error{
		o.Write(bg, o.now, func(tx *store.Tx) error { _, err := tx.Instance(77); return err }),
		o.Write(bg, o.now, func(tx *store.Tx) error { _, err := tx.BySlip("2023-0077"); return err }),
	} {
		if !errors.Is(err, store.ErrNotFound) {
			t.Errorf("got %v", err)
		}
	}
}

func TestInstancesAreFiltered(t *testing.T) {
	o := newOffice(t)
	o.write(func(tx *store.Tx) error {
		for i, kind := range []engine.Kind{engine.KindAssignment, engine.KindSeries, engine.KindAssignment} {
			in, err := beginKind(tx, fmt.Sprint(i), kind, engine.Facts{Plan: fmt.Sprint("plan", i%2)})
			if err != nil {
				return err
			}
			if i == 2 {
				in.Closed = tx.Now
			}
			if _, err := report(tx, in, ""); err != nil {
				return err
			}
		}
		return nil
	})
	for _, c := range []struct {
		f    store.Filter
		want []int64
	}{
		{store.Filter{}, []int64{1, 2, 3}},
		{store.Filter{Open: true}, []int64{1, 2}},
		{store.Filter{Kinds: []engine.Kind{engine.KindAssignment}}, []int64{1, 3}},
		{store.Filter{Kinds: []engine.Kind{engine.KindAssignment, engine.KindSeries}, Plan: "plan1"}, []int64{2}},
		{store.Filter{IDs: []int64{3, 1}, Open: true}, []int64{1}},
	} {
		all, err := o.Instances(bg, c.f)
		var ids []int64
		for _, in := range all {
			ids = append(ids, in.ID)
		}
		if err != nil || !slices.Equal(ids, c.want) {
			t.Errorf("%+v: %v, %v", c.f, ids, err)
		}
	}
}
