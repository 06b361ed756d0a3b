// Package scheduler decides when: it takes due timers, acts of people and
// periodic starts, asks engine.Step what they lead to, and has the store write
// it. It sends nothing: the outbox is the only door to the notifier.
package scheduler

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"duban/engine"
	"duban/engine/calendar"
	"duban/engine/store"
	"duban/workflows"
)

// Runner moves instances. Its methods may be called from several goroutines;
// the store lets one write at a time.
type Runner struct {
	DB            *store.DB
	Library       *workflows.Library
	Calendar      *calendar.Calendar
	Now           func() time.Time        // the one clock; never time.Now itself
	ManualLeaders bool                    // notices to leaders wait for the office
	Changed       func([]engine.Instance) // told after a commit; two commits may tell at once, so look at the versions
	Wake          func()                  // told after a commit that wrote notices

	mu     sync.Mutex
	pinned map[string]*engine.Definition
	parked map[int64]time.Time // instances that cannot be moved, and until when they are left out
}

// batch is one writing transaction and the instances it has touched.
type batch struct {
	r       *Runner
	tx      *store.Tx
	now     time.Time
	live    map[int64]*engine.Instance
	changed []int64
	notices bool
	depth   int // of spawns and signals that follow from each other
}

func (r *Runner) write(ctx context.Context, fn func(*batch) error) error {
	b := &batch{r: r, now: r.Now().In(r.Calendar.Location()).Truncate(time.Millisecond), live: map[int64]*engine.Instance{}}
	err := r.DB.Write(ctx, b.now, func(tx *store.Tx) error {
		b.tx = tx
		return fn(b)
	})
	if err != nil {
		return err
	}
	if r.Changed != nil && len(b.changed) > 0 {
		out := make([]engine.Instance, 0, len(b.live))
		for _, id := range b.changed {
			if in := b.live[id]; in != nil {
				out = append(out, *in)
				delete(b.live, id)
			}
		}
		r.Changed(out)
	}
	if b.notices && r.Wake != nil {
		r.Wake()
	}
	return nil
}

// apply steps one instance, saves it, and follows its spawns and signals.
func (b *batch) apply(in *engine.Instance, ev engine.Event) error {
	def, err := b.r.Definition(in.DefHash)
	if err != nil {
		return err
	}
	return b.step(def, *in, ev)
}

func (b *batch) step(def *engine.Definition, in engine.Instance, ev engine.Event) error {
	after, effects, err := engine.Step(def, in, ev, b.now, b.r.Calendar)
	if err != nil {
		return err
	}
	if err := b.tx.Save(&after, &ev, effects, b.r.ManualLeaders); err != nil {
		return err
	}
	b.live[after.ID] = &after
	b.changed = append(b.changed, after.ID)
	if b.depth++; b.depth > deepest {
		return fmt.Errorf("%w: children of children of %s", errEndless, after.Slip)
	}
	for i := range effects {
		if err := b.follow(def, &after, &effects[i]); err != nil {
			return err
		}
	}
	b.depth--
	return nil
}

// follow does what an effect asks of other instances. A child that runs by its
// parent's own workflow runs by the parent's version of it.
func (b *batch) follow(def *engine.Definition, in *engine.Instance, e *engine.Effect) error {
	switch e.Kind {
	case engine.EffectNotice:
		b.notices = true
	case engine.EffectSpawn:
		if e.Spawn.Workflow != def.Name {
			def = nil
		}
		_, err := b.begin(def, e.Spawn)
		return err
	case engine.EffectSignal:
		parent, err := b.get(e.To)
		if err != nil {
			return err
		}
		return b.apply(parent, *e.Signal)
	case engine.EffectChildren:
		return b.toChildren(in, *e.Signal)
	}
	return nil
}

// toChildren has every open child hear an event.
func (b *batch) toChildren(parent *engine.Instance, ev engine.Event) error {
	ids, err := b.tx.OpenChildren(parent.ID)
	if err != nil {
		return err
	}
	for _, id := range ids {
		child, err := b.get(id)
		if err != nil {
			return err
		}
		if err := b.apply(child, ev); err != nil {
			return err
		}
	}
	return nil
}

func (b *batch) get(id int64) (*engine.Instance, error) {
	if in := b.live[id]; in != nil {
		return in, nil
	}
	in, err := b.tx.Instance(id)
	if err != nil {
		return nil, err
	}
	b.live[id] = &in
	return &in, nil
}

// begin starts an instance, by the present definition of its workflow when none
// is given; a start whose key exists is left as it is.
func (b *batch) begin(def *engine.Definition, st *engine.Start) (int64, error) {
	if def == nil {
		var ok bool
		if def, ok = b.r.Library.Get(st.Workflow); !ok {
			return 0, fmt.Errorf("%w: workflow %q is not known", errDefinition, st.Workflow)
		}
		if err := b.tx.AddDefinition(def.Hash, def.Name, b.r.Library.Source(def.Hash)); err != nil {
			return 0, err
		}
	}
	in, fresh, err := b.tx.Create(st, kindOf(def, st))
	if err != nil || !fresh {
		return 0, err
	}
	return in.ID, b.step(def, in, engine.Event{Kind: engine.EventStart, Start: st})
}

// kindOf is the kind the start will have, needed for its slip number before the step.
func kindOf(def *engine.Definition, st *engine.Start) engine.Kind {
	if st.Kind != "" {
		return st.Kind
	}
	for i := range def.Start {
		if e := &def.Start[i]; e.Name == st.Name && e.Kind != "" {
			return e.Kind
		}
	}
	return def.Kind
}

// Begin starts instances in one transaction. extra, when given, writes what
// belongs to them (the plan, its items) in the same transaction.
func (r *Runner) Begin(ctx context.Context, starts []engine.Start, extra func(*store.Tx) error) (begun int, err error) {
	err = r.write(ctx, func(b *batch) error {
		if extra != nil {
			if err := extra(b.tx); err != nil {
				return err
			}
		}
		begun, err = b.beginAll(starts)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("scheduler: begin: %w", err)
	}
	return begun, nil
}

// Act applies what a person did to the instance with a slip number. who answers
// with the actor once the instance is known. version, when not zero, is the
// version the person saw: if somebody acted since, a *store.Conflict says who.
func (r *Runner) Act(ctx context.Context, slip string, version int, ev engine.Event, who func(*engine.Instance) engine.Actor) (engine.Instance, error) {
	var id int64
	var out engine.Instance
	err := r.write(ctx, func(b *batch) error {
		b.tx.For = "act"
		in, err := b.tx.BySlip(slip)
		if err != nil {
			return err
		}
		id = in.ID
		b.live[id] = &in
		ev.By = who(&in)
		if version != 0 && version != in.Version {
			return b.tx.Stale(&in)
		}
		if err := b.apply(&in, ev); err != nil {
			return err
		}
		out = *b.live[id]
		return nil
	})
	if err != nil {
		return engine.Instance{}, fmt.Errorf("scheduler: %s %s: %w", ev.Kind, slip, err)
	}
	return out, nil
}

// Definition finds the version an instance is pinned to: among the shipped ones,
// else from the sources kept in the store. A source that is not the one of that
// hash is refused.
func (r *Runner) Definition(hash string) (*engine.Definition, error) {
	if def, ok := r.Library.ByHash(hash); ok {
		return def, nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if def := r.pinned[hash]; def != nil {
		return def, nil
	}
	sources, err := r.DB.Definitions(context.Background())
	if err != nil {
		return nil, fmt.Errorf("scheduler: pinned definition %.12s: %w", hash, err)
	}
	def, err := workflows.FromSource(sources[hash])
	if err == nil && def.Hash != hash {
		err = fmt.Errorf("the kept source is that of %.12s", def.Hash)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: pinned definition %.12s: %w", errDefinition, hash, err)
	}
	if r.pinned == nil {
		r.pinned = map[string]*engine.Definition{}
	}
	r.pinned[hash] = def
	return def, nil
}

// IsRefusal says whether an error is the engine's refusal of an act, and which.
func IsRefusal(err error) (*engine.Refusal, bool) {
	var r *engine.Refusal
	return r, errors.As(err, &r)
}
