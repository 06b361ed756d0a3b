package app

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/robfig/cron/v3"

	"duban/engine"
	"duban/engine/calendar"
	"duban/engine/store"
	"duban/scheduler"
	"duban/workflows"
)

// Assume says what the people of a rehearsal do.
type Assume string

// The assumptions.
const (
	Signs  Assume = "signs"  // every unit signs on the day of issue and reports nothing; the office keeps its own limits
	Silent Assume = "silent" // nobody acts
	Prompt Assume = "prompt" // everybody signs and closes in time
)

// Rehearsal runs plans in memory, without store, bus or people, through the
// same engine.Step that will run them.
type Rehearsal struct {
	Library  *workflows.Library
	Calendar *calendar.Calendar
	Assume   Assume
	Horizon  calendar.Date // rounds begin until this day

	live   map[int64]*engine.Instance
	keys   map[string]bool
	order  []int64
	owed   books
	items  []store.Item
	rounds []*series
	now    time.Time
}

type series struct {
	def      *engine.Definition
	schedule cron.Schedule
	next     time.Time
}

// Issue is a plan of a rehearsal, assigned, on its day.
type Issue struct {
	Day      calendar.Date
	Outcomes []workflows.Outcome
}

// Run rehearses and gives every notice that would be sent, in order of its time.
func (r *Rehearsal) Run(issues []Issue, end time.Time) ([]Owed, error) {
	if len(issues) == 0 {
		return nil, nil
	}
	r.live, r.keys, r.owed = map[int64]*engine.Instance{}, map[string]bool{}, books{}
	slices.SortStableFunc(issues, func(a, b Issue) int { return cmp.Compare(a.Day, b.Day) })
	first := r.Calendar.Opening(issues[0].Day)
	if err := r.schedules(first); err != nil {
		return nil, err
	}
	for r.now = first; ; {
		for len(issues) > 0 && !r.Calendar.Opening(issues[0].Day).After(r.now) {
			if err := r.issue(issues[0]); err != nil {
				return nil, err
			}
			issues = issues[1:]
		}
		if err := r.instant(); err != nil {
			return nil, err
		}
		next := r.next()
		if len(issues) > 0 {
			next = earlier(next, r.Calendar.Opening(issues[0].Day))
		}
		if next.IsZero() || next.After(end) {
			return r.sorted(), nil
		}
		r.now = next
	}
}

func (r *Rehearsal) schedules(first time.Time) error {
	for _, name := range r.Library.Names() {
		def, _ := r.Library.Get(name)
		if def.Cron == "" {
			continue
		}
		s, err := scheduler.ParseCron(def.Cron, r.Calendar, calendar.Roll(def.Roll))
		if err != nil {
			return fmt.Errorf("rehearse %s: %w", name, err)
		}
		r.rounds = append(r.rounds, &series{def: def, schedule: s, next: s.Next(first.Add(-time.Millisecond))})
	}
	return nil
}

func (r *Rehearsal) issue(is Issue) error {
	for _, o := range is.Outcomes {
		r.items = append(r.items, store.Item{No: o.No, Status: o.Status, Why: o.Why})
		for i := range o.Starts {
			if err := r.begin(&o.Starts[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *Rehearsal) begin(st *engine.Start) error {
	def, ok := r.Library.Get(st.Workflow)
	if !ok {
		return fmt.Errorf("rehearse %s: workflow %q is not known", st.Key, st.Workflow)
	}
	if r.keys[st.Key] {
		return nil
	}
	r.keys[st.Key] = true
	id := int64(len(r.order) + 1)
	r.order = append(r.order, id)
	in := engine.Instance{ID: id, Slip: fmt.Sprintf("%s-%04d", r.now.Format("2006"), id)}
	return r.step(def, in, engine.Event{Kind: engine.EventStart, Start: st})
}

func (r *Rehearsal) toChildren(parent int64, ev engine.Event) error {
	for _, id := range r.order {
		if in := r.live[id]; in.Parent == parent && in.Closed.IsZero() {
			if err := r.apply(in, ev); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *Rehearsal) apply(in *engine.Instance, ev engine.Event) error {
	def, ok := r.Library.ByHash(in.DefHash)
	if !ok {
		return fmt.Errorf("rehearse %s: definition is gone", in.Key)
	}
	return r.step(def, *in, ev)
}

func (r *Rehearsal) step(def *engine.Definition, in engine.Instance, ev engine.Event) error {
	after, effects, err := engine.Step(def, in, ev, r.now, r.Calendar)
	if err != nil {
		return fmt.Errorf("rehearse %s: %w", in.Key, err)
	}
	r.live[after.ID] = &after
	r.owed.apply(&after, effects, r.now)
	for i := range effects {
		switch e := &effects[i]; e.Kind {
		case engine.EffectSpawn:
			err = r.begin(e.Spawn)
		case engine.EffectSignal:
			err = r.apply(r.live[e.To], *e.Signal)
		case engine.EffectChildren:
			err = r.toChildren(after.ID, *e.Signal)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// instant does all that is due now, until nothing is.
func (r *Rehearsal) instant() error {
	if err := r.begins(); err != nil {
		return err
	}
	for moved := true; moved; {
		moved = false
		for _, id := range r.order {
			in := r.live[id]
			if next, ok := in.Next(); ok && !next.At.After(r.now) {
				moved = true
				if err := r.apply(in, engine.Event{Kind: engine.EventTimer, Timer: next.Name, N: next.N}); err != nil {
					return err
				}
				continue
			}
			if at, ev, ok := r.assumed(in); ok && !at.After(r.now) {
				moved = true
				if err := r.apply(in, ev); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (r *Rehearsal) begins() error {
	for _, s := range r.rounds {
		if s.next.After(r.now) || r.Calendar.DateOf(s.next) > r.Horizon {
			continue
		}
		var open []*engine.Instance
		for _, id := range r.order {
			if in := r.live[id]; in.Closed.IsZero() {
				open = append(open, in)
			}
		}
		if f, ok := scheduler.Collect(s.def, open, r.items, r.Calendar.DateOf(s.next), r.Calendar); ok {
			if err := r.begin(&engine.Start{Workflow: s.def.Name, Key: s.def.Name + "/" + f.Occurrence, Facts: f}); err != nil {
				return err
			}
		}
		s.next = s.schedule.Next(s.next)
	}
	return nil
}

func (r *Rehearsal) next() time.Time {
	var next time.Time
	for _, id := range r.order {
		in := r.live[id]
		if t, ok := in.Next(); ok {
			next = earlier(next, t.At)
		}
		if at, _, ok := r.assumed(in); ok {
			next = earlier(next, at)
		}
	}
	for _, s := range r.rounds {
		if r.Calendar.DateOf(s.next) <= r.Horizon {
			next = earlier(next, s.next)
		}
	}
	return next
}

// earlier is the earlier of two instants; zero is none.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

func (r *Rehearsal) sorted() []Owed {
	var out []Owed
	for _, id := range r.order {
		out = append(out, r.owed[id]...)
	}
	slices.SortStableFunc(out, func(a, b Owed) int { return a.At.Compare(b.At) })
	return out
}

var (
	asLead   = engine.Actor{Person: "lead", Name: "牵头单位", Roles: []engine.Role{engine.RoleLead}}
	asOffice = engine.Actor{Person: "office", Name: "效能办", Roles: []engine.Role{engine.RoleOffice}}
)

// assumed is what the assumption has somebody do next with an instance.
func (r *Rehearsal) assumed(in *engine.Instance) (time.Time, engine.Event, bool) {
	if r.Assume == Silent || !in.Closed.IsZero() {
		return time.Time{}, engine.Event{}, false
	}
	entered := r.Calendar.DateOf(in.Entered)
	act := func(days int, hour time.Duration, kind engine.EventKind, by engine.Actor, data map[string]string) (time.Time, engine.Event, bool) {
		at := r.Calendar.Opening(r.Calendar.AddWorkdays(r.Calendar.OnOrAfter(entered), days)).Add(hour)
		if at.Before(in.Entered) {
			at = in.Entered
		}
		return at, engine.Event{Kind: kind, By: by, Data: data}, true
	}
	switch { // the office and the first signature, whatever the units do
	case in.State == "assigned":
		return act(0, time.Hour, "acknowledge", asLead, nil)
	case in.State == "to_check":
		return act(0, 5*time.Hour, "close", asOffice, map[string]string{"result": "完成"})
	case in.Kind == engine.KindRound && in.State == "checking":
		return act(1, time.Hour, "checked", asOffice, nil)
	case in.Kind == engine.KindRound && in.State == "drafted":
		return act(0, time.Hour, "approve", asOffice, nil)
	case in.Kind == engine.KindRound && in.State == "approved":
		return act(0, 2*time.Hour, "publish", asOffice, nil)
	case r.Assume != Prompt:
	case in.State == "in_progress":
		return act(1, time.Hour, "request_close", asLead, map[string]string{"result": "完成"})
	case in.Workflow == "recurring" && in.State == "open":
		return act(1, time.Hour, "tick", asLead, map[string]string{"topic": "已开展"})
	case in.Kind == engine.KindAsked && in.State == "asked":
		return act(0, time.Hour, "report", asLead, map[string]string{"progress": "已反馈"})
	}
	return time.Time{}, engine.Event{}, false
}
