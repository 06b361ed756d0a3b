package notifier_test

import (
	"context"
	"time"

	"duban/engine"
	"duban/engine/store"
)

// act lets somebody act on an instance.
func (h *house) act(in engine.Instance, kind engine.EventKind, role engine.Role, data map[string]string) {
	h.t.Helper()
	def, err := h.definition(in.DefHash)
	if err != nil {
		h.t.Fatal(err)
	}
	h.write(func(tx *store.Tx) error {
		now, err := tx.Instance(in.ID)
		if err != nil {
			return err
		}
		ev := engine.Event{Kind: kind, Data: data, By: engine.Actor{Person: "p-" + string(role), Name: "某人", Roles: []engine.Role{role}}}
		_, err = h.step(tx, now, ev, def)
		return err
	})
}

// fire runs the timers that are due.
func (h *house) fire() { h.fireSome(10_000) }

func (h *house) fireSome(most int) {
	h.t.Helper()
	h.write(func(tx *store.Tx) error {
		due, err := tx.Due(most)
		for i := range due {
			in := *due[i]
			def, e := h.definition(in.DefHash)
			for a, ok := in.Next(); e == nil && ok && !a.At.After(tx.Now); a, ok = in.Next() {
				in, e = h.step(tx, in, engine.Event{Kind: engine.EventTimer, Timer: a.Name, N: a.N}, def)
			}
			if e != nil {
				return e
			}
		}
		return err
	})
}

// flush lets everything go that may go now.
func (h *house) flush() {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(h.ctx, 50*time.Second)
	defer cancel()
	if err := h.n.Flush(ctx); err != nil {
		h.t.Fatal(err)
	}
}

// goOn fires and flushes at every moment at which anything wants to happen, up
// to and including the given one, and leaves the clock there.
func (h *house) goOn(until string) {
	h.t.Helper()
	end := at(h.t, until)
	for {
		h.fire()
		h.flush()
		next := h.next()
		if next.IsZero() || next.After(end) {
			h.clock.set(end)
			return
		}
		if !next.After(h.clock.now()) {
			h.t.Fatalf("at %v something wants to move and does not", h.clock.now())
		}
		h.clock.set(next)
	}
}

func (h *house) next() time.Time {
	h.t.Helper()
	due, err := h.db.NextDue(h.ctx)
	if err != nil {
		h.t.Fatal(err)
	}
	notice, err := h.db.NextNotice(h.ctx)
	if err != nil {
		h.t.Fatal(err)
	}
	if due.IsZero() || !notice.IsZero() && notice.Before(due) {
		return notice
	}
	return due
}
