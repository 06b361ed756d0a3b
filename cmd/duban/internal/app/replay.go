package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"duban/engine"
	"duban/engine/calendar"
	"duban/engine/store"
)

// Replayed is what the history says when every step is taken again.
type Replayed struct {
	Instances map[int64]engine.Instance
	Owed      []Owed
	Steps     int
	Faults    []string // where the replay differs from what is stored
}

// Replay takes every recorded event through engine.Step again, in order, and
// compares states, effects and the stored instances with what comes out. Each
// step is taken by the calendar it was taken by; cal serves a file that has none.
func Replay(ctx context.Context, db *store.DB, defs func(hash string) (*engine.Definition, error), cal *calendar.Calendar) (*Replayed, error) {
	stored, err := db.Instances(ctx, store.Filter{})
	if err != nil {
		return nil, err
	}
	calendars, err := db.Calendars(ctx)
	if err != nil {
		return nil, err
	}
	r := &replay{Replayed: Replayed{Instances: map[int64]engine.Instance{}}, defs: map[string]*engine.Definition{}, cal: cal, later: calendars,
		stored: map[int64]*engine.Instance{}, owed: books{}}
	for i := range stored {
		in := &stored[i]
		r.stored[in.ID] = in
		if _, known := r.defs[in.DefHash]; !known { // now: while history is read, a snapshot answers nothing else
			if r.defs[in.DefHash], err = defs(in.DefHash); err != nil {
				r.fault("%s: %v", in.Slip, err)
			}
		}
	}
	if err := db.History(ctx, r.row); err != nil {
		return nil, err
	}
	for i := range stored {
		r.compare(&stored[i])
		r.Owed = append(r.Owed, r.owed[stored[i].ID]...)
	}
	return &r.Replayed, nil
}

type replay struct {
	Replayed
	defs   map[string]*engine.Definition
	cal    *calendar.Calendar  // in force at the row that is replayed
	later  []store.CalendarRow // that come into force further on
	stored map[int64]*engine.Instance
	owed   books
}

func (r *replay) fault(format string, args ...any) {
	r.Faults = append(r.Faults, fmt.Sprintf(format, args...))
}

func (r *replay) row(h *store.HistoryRow) error {
	r.Steps++
	for len(r.later) > 0 && r.later[0].From <= h.Seq {
		cal, err := calendar.FromSource(r.later[0].Source)
		if err != nil {
			return err
		}
		r.cal, r.later = cal, r.later[1:]
	}
	end := r.stored[h.Instance]
	if end == nil {
		r.fault("history row %d: instance %d does not exist", h.Seq, h.Instance)
		return nil
	}
	var ev engine.Event
	if err := json.Unmarshal([]byte(h.Event), &ev); err != nil {
		r.fault("history row %d of %s: the event cannot be read: %v", h.Seq, end.Slip, err)
		return nil
	}
	def := r.defs[end.DefHash]
	if def == nil { // told above
		return nil
	}
	in, known := r.Instances[h.Instance]
	if !known {
		in = engine.Instance{ID: end.ID, Slip: end.Slip}
	}
	now := h.Time().In(r.cal.Location())
	after, effects, err := engine.Step(def, in, ev, now, r.cal)
	if err != nil {
		r.fault("history row %d of %s: %v", h.Seq, end.Slip, err)
		return nil
	}
	r.Instances[h.Instance] = after
	r.check(h, &after, effects)
	r.owed.apply(&after, effects, h.Time())
	return nil
}

func (r *replay) check(h *store.HistoryRow, in *engine.Instance, effects []engine.Effect) {
	if in.Version != h.Version || string(in.State) != h.State {
		r.fault("history row %d of %s: replay leads to %s (step %d), recorded is %s (step %d)", h.Seq, in.Slip, in.State, in.Version, h.State, h.Version)
	}
	again, err := store.EncodeEffects(effects)
	if err != nil || !bytes.Equal(again, []byte(h.Effects)) {
		r.fault("history row %d of %s: replay leads to other effects than recorded", h.Seq, in.Slip)
	}
}

func (r *replay) compare(stored *engine.Instance) {
	again := r.Instances[stored.ID]
	a, err1 := spelled(again)
	b, err2 := spelled(*stored)
	if err1 != nil || err2 != nil || !bytes.Equal(a, b) {
		r.fault("%s: the stored assignment is not what its history leads to", stored.Slip)
	}
}

// spelled is all of an instance, with its times as they are stored.
func spelled(in engine.Instance) ([]byte, error) {
	course, err1 := store.EncodeCourse(&in.Course)
	in.Course = engine.Course{}
	rest, err2 := json.Marshal(&in)
	return append(course, rest...), errors.Join(err1, err2)
}
