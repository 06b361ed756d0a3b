package store_test

import (
	"errors"
	"testing"
	"time"

	"duban/engine/store"
)

func TestAPlanIsAddedOnce(t *testing.T) {
	o := newOffice(t)
	add := func(key, digest string) (known string) {
		t.Helper()
		o.write(func(tx *store.Tx) (err error) {
			known, err = tx.AddPlan(store.Plan{Key: key, Digest: digest, Title: "工作要点", Issued: "2023-02-17", Body: "{}"})
			return err
		})
		return known
	}
	for _, c := range []struct{ key, digest, known string }{
		{"002", "one", ""}, {"002", "one", "one"}, {"002", "two", "one"}, {"003", "three", ""},
	} {
		if got := add(c.key, c.digest); got != c.known {
			t.Errorf("%s %s: known as %q, want %q", c.key, c.digest, got, c.known)
		}
	}
	plans, err := o.Plans(bg)
	if err != nil || len(plans) != 2 || plans[0].Digest != "one" || plans[0].Added != o.now.UnixMilli() {
		t.Errorf("%+v, %v", plans, err)
	}
}

func TestWhatBecameOfAnItemIsKept(t *testing.T) {
	o := newOffice(t)
	set := func(it store.Item) error {
		return o.Write(bg, o.now, func(tx *store.Tx) error { return tx.SetItem(it) })
	}
	if err := set(store.Item{Plan: "002", No: "一.1", Status: "waiting"}); err == nil {
		t.Error("an item of a plan that is not there was stored")
	}
	o.write(func(tx *store.Tx) error { _, err := tx.AddPlan(store.Plan{Key: "002"}); return err })
	if err := errors.Join(set(store.Item{Plan: "002", No: "一.1", Heading: "部署", Status: "waiting", Why: "待明确时限"}),
		set(store.Item{Plan: "002", No: "一.1", Heading: "部署", Status: "kept"})); err != nil {
		t.Fatal(err)
	}
	if err := set(store.Item{Plan: "002", No: "一.2", Status: "perhaps"}); err == nil {
		t.Error("a status nobody knows was stored")
	}
	items, err := o.Items(bg)
	if err != nil || len(items) != 1 || items[0].Status != "kept" || items[0].Why != "" {
		t.Errorf("%+v, %v", items, err)
	}
}

func TestDefinitionsStayAsTheyWere(t *testing.T) {
	o := newOffice(t)
	for _, source := range []string{"first", "forged"} {
		o.write(func(tx *store.Tx) error {
			return errors.Join(tx.AddDefinition("h1", "assignment", source), tx.AddDefinition("h1", "assignment", source))
		})
	}
	if got, err := o.Definitions(bg); err != nil || len(got) != 1 || got["h1"] != "first" {
		t.Errorf("%v, %v", got, err)
	}
}

func TestNamedValues(t *testing.T) {
	o := newOffice(t)
	if v, err := o.Meta(bg, "cron"); v != "" || err != nil {
		t.Errorf("never set: %q, %v", v, err)
	}
	for _, v := range []string{"1", "2"} {
		o.write(func(tx *store.Tx) error { return tx.SetMeta("cron", v) })
	}
	if v, err := o.Meta(bg, "cron"); v != "2" || err != nil {
		t.Errorf("%q, %v", v, err)
	}
}

func TestTheLastInstantIsThatOfWhateverWasWritten(t *testing.T) {
	o := newOffice(t)
	last := func(want time.Time) {
		t.Helper()
		if got, err := o.LastInstant(bg); err != nil || !got.Equal(want) {
			t.Errorf("%v, want %v; %v", got, want, err)
		}
	}
	last(time.Time{})
	o.begin("k")
	last(o.now)
	begun := o.now
	o.now = begun.Add(time.Hour)
	o.plan("d")
	last(o.now)
	o.now = begun.Add(2*time.Hour + 1500*time.Microsecond)
	o.record(store.Outcome{Key: "d", State: "sent"})
	last(begun.Add(2*time.Hour + time.Millisecond)) // kept to the millisecond
}
