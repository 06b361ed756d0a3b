package store_test

import (
	"strings"
	"testing"

	"duban/engine"
	"duban/engine/calendar"
	"duban/engine/store"
)

// A step writes only the columns that it may have changed: whatever it changed
// alone must be among them.
func TestEveryColumnFollowsItsInstance(t *testing.T) {
	for name, change := range map[string]func(*engine.Instance){
		"state":     func(in *engine.Instance) { in.State = "to_check" },
		"unit":      func(in *engine.Instance) { in.Unit = "学生处" },
		"effective": func(in *engine.Instance) { in.Effective = calendar.Of(2023, 6, 30) },
		"light":     func(in *engine.Instance) { in.Light = "red" },
		"timers":    func(in *engine.Instance) { in.Timers = []engine.Armed{{Name: "eve", At: in.Opened}} },
		"end":       func(in *engine.Instance) { in.Closed, in.Timers = in.Opened, nil },
	} {
		t.Run(name, func(t *testing.T) {
			o := newOffice(t)
			in := o.begin("k")
			o.begin("another")
			o.write(func(tx *store.Tx) error {
				is, err := tx.Instance(in.ID)
				if err != nil {
					return err
				}
				is.Version++
				change(&is)
				in = is
				return tx.Save(&is, &engine.Event{Kind: "report"}, nil, false)
			})
			var row struct{ State, Unit, Effective, Light, Timer, Ended string }
			if err := o.raw().Get(&row, `SELECT state, unit, effective, light, COALESCE(next_due, 0) AS timer, COALESCE(closed, 0) AS ended FROM instances WHERE id = ?`, in.ID); err != nil {
				t.Fatal(err)
			}
			want := row
			want.State, want.Unit, want.Effective, want.Light = string(in.State), in.Unit, in.Effective.String(), in.Light
			if row != want || (row.Ended != "0") != !in.Closed.IsZero() || (row.Timer != "0") != (len(in.Timers) > 0) {
				t.Errorf("the row is %+v, the instance %+v", row, in)
			}
		})
	}
}

// Notices before and after a withdrawal among the effects of one step.
func TestAWithdrawalTakesWhatCameBeforeIt(t *testing.T) {
	o := newOffice(t)
	in := o.begin("k")
	before, after := notice("three_days", engine.RoleLeadHead, o.now), notice("extended", engine.RoleLeadHead, o.now)
	o.report(in, "张三", before, engine.Effect{Kind: engine.EffectWithdraw}, after)
	got := o.states()
	if got["1-1-0"] != "withdrawn" || got["1-2-0"] != "withdrawn" || got["1-2-2"] != "waiting" {
		t.Errorf("the outbox is %v", got)
	}
}

// SQLite may end the transaction by itself when a statement fails. What the
// caller does after that, not knowing yet, must not be written for itself.
func TestNothingIsWrittenAfterAFailure(t *testing.T) {
	o := newOffice(t)
	var all []engine.Instance
	for _, key := range strings.Split("abcdefghijklmnopqrst", "") {
		all = append(all, o.begin(key))
	}
	if _, err := o.raw().Exec(`CREATE TRIGGER accident BEFORE INSERT ON history WHEN NEW.instance_id = 3 BEGIN SELECT RAISE(ROLLBACK, 'accident'); END`); err != nil {
		t.Fatal(err)
	}
	before := o.rows()
	for name, then := range map[string]func(*store.Tx) error{
		"nothing": func(*store.Tx) error { return nil },
		"a count": func(tx *store.Tx) error { _, err := tx.Count("slip 2099"); return err },
		"a word":  func(tx *store.Tx) error { return tx.SetMeta("a", "b") },
		"a read":  func(tx *store.Tx) error { _, err := tx.Open(); return err },
	} {
		err := o.Write(bg, o.now, func(tx *store.Tx) error {
			for _, in := range all {
				if _, err := report(tx, in, "张三", notice("three_days", engine.RoleLeadHead, o.now)); err != nil {
					return err
				}
			}
			return then(tx)
		})
		if err == nil || !strings.Contains(err.Error(), "accident") {
			t.Errorf("then %s: %v", name, err)
		}
		if after := o.rows(); after != before {
			t.Errorf("then %s: before %s\nafter  %s", name, before, after)
		}
	}
}
