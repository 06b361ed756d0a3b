package store_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"duban/engine"
	"duban/engine/calendar"
	"duban/engine/store"
)

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
	o.raw().MustExec(`UPDATE facts SET body = '{'`)
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
