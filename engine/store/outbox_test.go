package store_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"duban/engine"
	"duban/engine/store"
)

// states are the states of all notices by id.
func (o *office) states() map[string]string {
	o.t.Helper()
	out := map[string]string{}
	rows, err := o.raw().Query(`SELECT id, state FROM outbox`)
	if err != nil {
		o.t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var id, state string
		if err := rows.Scan(&id, &state); err != nil {
			o.t.Fatal(err)
		}
		out[id] = state
	}
	return out
}

func (o *office) ready(limit int) (out []store.Notice) {
	o.t.Helper()
	o.write(func(tx *store.Tx) (err error) {
		out, err = tx.Ready(limit)
		return err
	})
	return out
}

func ids(notices []store.Notice) (out []string) {
	for _, n := range notices {
		out = append(out, n.ID)
	}
	return out
}

// row is the number of a notice's row.
func (o *office) row(id string) (n int64) {
	o.t.Helper()
	if err := o.raw().Get(&n, `SELECT n FROM outbox WHERE id = ?`, id); err != nil {
		o.t.Fatal(err)
	}
	return n
}

// plan puts notices into a delivery of their own.
func (o *office) plan(key string, notices ...string) {
	o.t.Helper()
	o.write(func(tx *store.Tx) error {
		if err := tx.AddDelivery(store.Delivery{Key: key, Channel: "mail", Person: "zhang", Message: `{"text":"…"}`}, tx.Now); err != nil {
			return err
		}
		for _, id := range notices {
			if err := tx.Plan(o.row(id), key, "zhang", ""); err != nil {
				return err
			}
		}
		return nil
	})
}

func (o *office) delivery(key string) store.Delivery {
	o.t.Helper()
	d, _, err := o.DeliveryWithNotices(bg, key)
	if err != nil {
		o.t.Fatal(err)
	}
	return d
}

func (o *office) record(out store.Outcome) {
	o.t.Helper()
	o.write(func(tx *store.Tx) error { return tx.Record(out) })
}

func TestNoticesWaitForTheirTime(t *testing.T) {
	o := newOffice(t)
	in := o.begin("k")
	tomorrow := o.now.AddDate(0, 0, 1)
	o.report(in, "张三", notice("late", "office", tomorrow), notice("soon", "office", o.now.Add(time.Hour)),
		engine.Effect{Kind: engine.EffectSkip, Reason: "eve", Why: "merged"}, notice("now", "office", o.now))
	if got := ids(o.ready(9)); !slices.Equal(got, []string{"1-1-0", "1-2-3"}) {
		t.Errorf("ready now: %v", got)
	}
	if next, err := o.NextNotice(bg); err != nil || !next.Equal(o.now) {
		t.Errorf("next %v, %v", next, err)
	}
	o.now = tomorrow
	if got := ids(o.ready(9)); !slices.Equal(got, []string{"1-1-0", "1-2-3", "1-2-1", "1-2-0"}) {
		t.Errorf("ready tomorrow: %v", got)
	}
	if got := ids(o.ready(1)); !slices.Equal(got, []string{"1-1-0"}) {
		t.Errorf("the first: %v", got)
	}
	n := o.ready(9)[1]
	if n.Reason != "now" || n.Role != "office" || n.Unit != "教务处" || n.Class != engine.Digest || n.Instance != in.ID {
		t.Errorf("it is kept as %+v", n)
	}
}

func TestWithdrawingTakesBackWhatIsUnsentButNeverAMust(t *testing.T) {
	all := engine.Effect{Kind: engine.EffectWithdraw}
	some := engine.Effect{Kind: engine.EffectWithdraw, Reasons: []string{"eve", "week_ahead"}}
	must := notice("instructed", "lead.head", time.Time{})
	must.Class = engine.Must
	held := notice("sponsor", "sponsor", time.Time{})
	held.Hold = true
	for _, c := range []struct {
		name     string
		withdraw engine.Effect
		want     map[string]string
	}{
		{"all", all, map[string]string{"1-1-0": "withdrawn", "1-2-0": "withdrawn", "1-2-1": "withdrawn", "1-2-2": "waiting", "1-2-3": "withdrawn", "1-2-4": "sent", "1-3-1": "waiting", "2-1-0": "waiting"}},
		{"two reasons", some, map[string]string{"1-1-0": "waiting", "1-2-0": "withdrawn", "1-2-1": "planned", "1-2-2": "waiting", "1-2-3": "held", "1-2-4": "sent", "1-3-1": "waiting", "2-1-0": "waiting"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := newOffice(t)
			in := o.begin("k")
			o.begin("another's notices stay")
			in = o.report(in, "张三", notice("eve", "lead.liaison", o.now), notice("due_day", "lead.liaison", o.now), must, held, notice("week_ahead", "lead.liaison", o.now))
			o.plan("d1", "1-2-1")
			o.plan("d2", "1-2-4")
			o.write(func(tx *store.Tx) error { return tx.MarkNotices("d2", "sent") })
			// What the same step says goes out: it is said after the withdrawal.
			o.report(in, "李四", c.withdraw, notice("eve", "lead.head", o.now))
			if got := o.states(); !maps.Equal(got, c.want) {
				t.Errorf("got  %v\nwant %v", got, c.want)
			}
			// A delivery that is out already marks only what still stands in it.
			o.write(func(tx *store.Tx) error { return tx.MarkNotices("d1", "sent") })
			if got, want := o.states()["1-2-1"], map[string]string{"all": "withdrawn", "two reasons": "sent"}[c.name]; got != want {
				t.Errorf("after its delivery: %s, want %s", got, want)
			}
		})
	}
}

func TestNoticesToLeadersWaitForTheOffice(t *testing.T) {
	o := newOffice(t)
	in := o.begin("k")
	held := notice("sponsor", "sponsor", o.now)
	later := notice("principal", "principal", o.now.AddDate(0, 1, 0))
	held.Hold, later.Hold = true, true
	in = o.report(in, "", held, later)
	if got := ids(o.ready(9)); !slices.Equal(got, []string{"1-1-0"}) {
		t.Errorf("ready before the release: %v", got)
	}
	o.now = o.now.Add(48 * time.Hour)
	o.write(func(tx *store.Tx) error {
		n, err := tx.ReleaseHeld()
		if n != 2 {
			t.Errorf("%d released", n)
		}
		return err
	})
	got := o.ready(9)
	if !slices.Equal(ids(got), []string{"1-1-0", "1-2-0"}) || got[1].Ready != o.now.UnixMilli() {
		t.Errorf("ready after the release: %+v", got)
	}
	// Without leaders.release: manual nothing is held.
	o.write(func(tx *store.Tx) error {
		in.Version++
		return tx.Save(&in, &engine.Event{Kind: engine.EventTimer}, []engine.Effect{held}, false)
	})
	if got := o.states()["1-3-0"]; got != "waiting" {
		t.Errorf("released by itself, it is %s", got)
	}
}

func TestANoticeGoesIntoADeliveryAndBack(t *testing.T) {
	o := newOffice(t)
	o.begin("a")
	o.begin("b")
	o.plan("d1", "1-1-0", "2-1-0")
	if got := o.ready(9); len(got) != 0 {
		t.Errorf("planned and ready: %v", ids(got))
	}
	d, notices, err := o.DeliveryWithNotices(bg, "d1")
	if err != nil || d.State != "pending" || d.Channel != "mail" || !slices.Equal(ids(notices), []string{"1-1-0", "2-1-0"}) {
		t.Fatalf("%+v, %v, %v", d, ids(notices), err)
	}
	o.write(func(tx *store.Tx) error { return tx.Unplan("d1", "by mail: 93000") })
	got := o.ready(9)
	if len(got) != 2 || got[0].Why != "by mail: 93000" || got[0].Delivery != "" {
		t.Errorf("given back: %+v", got)
	}
	o.write(func(tx *store.Tx) error { return tx.ByMail(o.row("1-1-0"), "by mail: 不宜入群") })
	if got := o.ready(9)[0]; got.Why != "by mail: 不宜入群" || got.State != "waiting" {
		t.Errorf("by mail: %+v", got)
	}
	o.plan("d2", "1-1-0")
	o.write(func(tx *store.Tx) error { return tx.MarkNotices("d2", "sent") })
	o.write(func(tx *store.Tx) error { return tx.Unplan("d2", "too late") })
	if want := map[string]string{"1-1-0": "sent", "2-1-0": "waiting"}; !maps.Equal(o.states(), want) {
		t.Errorf("what is sent was given back: %v", o.states())
	}
	if _, _, err := o.DeliveryWithNotices(bg, "d9"); err == nil {
		t.Error("a delivery that is not there was read")
	}
}

func TestTheLifeOfADelivery(t *testing.T) {
	o := newOffice(t)
	o.begin("a")
	o.plan("d", "1-1-0")
	unpublished := func() (keys []string) {
		o.write(func(tx *store.Tx) error {
			all, err := tx.Unpublished(9)
			for _, d := range all {
				keys = append(keys, fmt.Sprintf("%s#%d", d.Key, d.Rounds))
			}
			return err
		})
		return keys
	}
	publish := func(rounds int) {
		o.write(func(tx *store.Tx) error { return tx.Publishing("d", rounds) })
	}
	want := func(what string, keys ...string) {
		t.Helper()
		if got := unpublished(); !slices.Equal(got, keys) {
			t.Errorf("%s: to publish %v, want %v", what, got, keys)
		}
	}
	want("planned", "d#0")
	publish(1)
	want("on the bus")

	o.now = o.now.Add(time.Minute)
	o.write(func(tx *store.Tx) error {
		n, err := tx.Recall(tx.Now.Add(-time.Hour))
		if n != 0 {
			t.Error("what went onto the bus a minute ago is called lost after an hour")
		}
		return err
	})
	o.write(func(tx *store.Tx) error {
		n, err := tx.Recall(tx.Now.Add(-time.Minute))
		if n != 1 {
			t.Errorf("%d taken back", n)
		}
		return err
	})
	want("lost by the bus: the same round, so the same message id", "d#0")
	publish(1)
	o.write(func(tx *store.Tx) error { return tx.RecallOne("d", 0) })
	want("not taken by the bus", "d#0")
	publish(1)

	later := o.now.Add(10 * time.Minute)
	o.record(store.Outcome{Key: "d", Attempt: 1, State: "pending", Next: later, Class: "temporary", Code: "451", Words: "try later"})
	want("failed, to be tried in ten minutes")
	if next, err := o.NextNotice(bg); err != nil || !next.Equal(later) {
		t.Errorf("next %v, %v", next, err)
	}
	o.now = later
	want("ten minutes later: another round", "d#1")
	publish(2)
	o.write(func(tx *store.Tx) error { return tx.Later("d", o.now.Add(time.Minute)) })
	if d := o.delivery("d"); d.Attempts != 1 || d.Published != 0 || !d.NextTime().Equal(o.now.Add(time.Minute)) {
		t.Errorf("put off: %+v", d)
	}
	o.now = o.now.Add(time.Minute)
	want("after the pause", "d#2")
	publish(3)
	o.write(func(tx *store.Tx) error { return tx.SetMessage("d", `{"text":"less"}`) })
	o.record(store.Outcome{Key: "d", Attempt: 2, State: "sent", Next: o.now, Class: "accepted", Code: "250", Words: "queued"})
	want("sent")
	if d := o.delivery("d"); d.State != "sent" || d.Attempts != 2 || d.Message != `{"text":"less"}` || !d.CreatedTime().Equal(clock(t, "2023-02-17 09:00")) {
		t.Errorf("sent: %+v", d)
	}
	ledger, err := o.Ledger(bg, "d")
	if err != nil || len(ledger) != 2 || ledger[0].Code != "451" || ledger[1].Class != "accepted" || ledger[1].Attempt != 2 {
		t.Errorf("ledger %+v, %v", ledger, err)
	}
}

func TestASentDeliveryIsLeftAlone(t *testing.T) {
	o := newOffice(t)
	o.plan("d")
	o.record(store.Outcome{Key: "d", Attempt: 1, State: "sent", Next: o.now, Class: "accepted"})
	want := o.delivery("d")
	for name, fn := range map[string]func(*store.Tx) error{
		"published": func(tx *store.Tx) error { return tx.Publishing("d", 9) },
		"put off":   func(tx *store.Tx) error { return tx.Later("d", tx.Now.Add(time.Hour)) },
		"recalled":  func(tx *store.Tx) error { return tx.RecallOne("d", 7) },
		"lost":      func(tx *store.Tx) error { _, err := tx.Recall(tx.Now.Add(time.Hour)); return err },
		"resent":    func(tx *store.Tx) error { _, err := tx.Resend("d"); return err },
	} {
		if o.write(fn); o.delivery("d") != want {
			t.Errorf("a sent delivery was %s: %+v", name, o.delivery("d"))
		}
	}
}

// The bus may bring one delivery to two workers. What one of them got through is
// not sent again because the other failed.
func TestOfTwoAttemptsAtOnceTheAcceptedOneCounts(t *testing.T) {
	accepted := store.Outcome{Key: "d", Attempt: 1, State: "sent", Class: "accepted"}
	failed := store.Outcome{Key: "d", Attempt: 1, State: "pending", Class: "temporary"}
	dead := store.Outcome{Key: "d", Attempt: 1, State: "dead", Class: "permanent"}
	for _, c := range []struct {
		first, second store.Outcome
		want          string
	}{
		{accepted, failed, "sent"}, {failed, accepted, "sent"}, {accepted, dead, "sent"}, {dead, accepted, "sent"},
		{dead, failed, "dead"}, {failed, dead, "dead"},
	} {
		o := newOffice(t)
		o.plan("d")
		o.record(c.first)
		o.record(c.second)
		ledger, err := o.Ledger(bg, "d")
		if got := o.delivery("d").State; got != c.want || len(ledger) != 2 || err != nil {
			t.Errorf("%s then %s: %s, %d ledger rows, %v", c.first.Class, c.second.Class, got, len(ledger), err)
		}
	}
}

func TestDeadLettersAreSentAgainOnRequest(t *testing.T) {
	o := newOffice(t)
	for i, key := range []string{"a", "b", "c"} {
		o.begin(key)
		o.plan(key, store.NoticeID(int64(i+1), 1, 0))
		o.write(func(tx *store.Tx) error { return tx.Publishing(key, 1) })
		state := "dead"
		if key == "c" {
			state = "sent"
		}
		o.record(store.Outcome{Key: key, Attempt: 5, Unsure: 1, State: state, Class: "x"})
		o.write(func(tx *store.Tx) error { return tx.MarkNotices(key, state) })
	}
	resend := func(want int64, keys ...string) {
		t.Helper()
		o.write(func(tx *store.Tx) error {
			n, err := tx.Resend(keys...)
			if n != want {
				t.Errorf("resend %v: %d, want %d", keys, n, want)
			}
			return err
		})
	}
	resend(1, "b", "c", "no such")
	if d := o.delivery("b"); d.State != "pending" || d.Attempts != 0 || d.Unsure != 0 || d.Rounds != 2 || d.NextAt != o.now.UnixMilli() {
		t.Errorf("sent again: %+v", d)
	}
	if want := map[string]string{"1-1-0": "dead", "2-1-0": "planned", "3-1-0": "sent"}; !maps.Equal(o.states(), want) {
		t.Errorf("notices: %v", o.states())
	}
	resend(1)
	resend(0)
	if want := map[string]string{"1-1-0": "planned", "2-1-0": "planned", "3-1-0": "sent"}; !maps.Equal(o.states(), want) {
		t.Errorf("notices: %v", o.states())
	}
	all, err := o.Deliveries(bg, "pending", 9)
	if err != nil || len(all) != 2 {
		t.Errorf("%d pending, %v", len(all), err)
	}
}

func TestARobotsAttemptsAreCountedOverARestart(t *testing.T) {
	o := newOffice(t)
	begun := o.now
	for i := range 4 {
		o.now = begun.Add(time.Duration(i) * 20 * time.Second)
		o.record(store.Outcome{Key: "d", Robot: "r1", State: "sent", Class: "accepted"})
		o.record(store.Outcome{Key: "m", State: "sent", Class: "accepted"}) // mail has no robot
	}
	o.record(store.Outcome{Key: "d", Robot: "r2", State: "pending", Class: "temporary"})
	o.reopen()
	got, err := o.Attempts(bg, begun.Add(20*time.Second))
	if err != nil || len(got) != 2 || len(got["r1"]) != 3 || len(got["r2"]) != 1 || !got["r1"][0].Equal(begun.Add(20*time.Second)) {
		t.Errorf("%v, %v", got, err)
	}
	tally, err := o.Tally(bg, store.ByLedgerClass)
	if err != nil || tally["accepted"] != 8 || tally["temporary"] != 1 {
		t.Errorf("%v, %v", tally, err)
	}
}

func TestAnEmptyOutboxWantsNothing(t *testing.T) {
	if next, err := newOffice(t).NextNotice(bg); err != nil || !next.IsZero() {
		t.Errorf("%v, %v", next, err)
	}
}
