package scheduler

import (
	"context"
	"fmt"

	"duban/engine"
	"duban/engine/store"
)

// Turn is what a revised plan asks of one instance. Events are acts in order. An
// instance whose workflow refuses one of them is cancelled instead, and Else
// begin in its place; with Gentle it is left as it is.
type Turn struct {
	ID     int64
	Events []engine.Event
	Cancel *engine.Event // nil: it is not to be cancelled
	Else   []engine.Start
	Gentle bool
}

// Who answers with who does something to an instance.
type Who func(*engine.Instance, engine.EventKind) engine.Actor

// Turned says what became of one instance.
type Turned struct {
	Instance engine.Instance
	Did      string // moved, replaced, cancelled, left
	Why      string // left: the refusal
	Begun    int
}

// What became of an instance.
const (
	TurnMoved     = "moved"
	TurnReplaced  = "replaced"
	TurnCancelled = "cancelled"
	TurnLeft      = "left"
)

// Revise moves what runs to a revised plan and begins what is new, in one
// transaction with what extra writes. who answers with the actor of an act.
func (r *Runner) Revise(ctx context.Context, turns []Turn, starts []engine.Start, who Who, extra func(*store.Tx) error) (out []Turned, begun int, err error) {
	err = r.write(ctx, func(b *batch) error {
		if err := extra(b.tx); err != nil {
			return err
		}
		for i := range turns {
			t, err := b.turn(&turns[i], who)
			if err != nil {
				return err
			}
			out = append(out, t)
		}
		begun, err = b.beginAll(starts)
		return err
	})
	if err != nil {
		return nil, 0, fmt.Errorf("scheduler: revise: %w", err)
	}
	return out, begun, nil
}

func (b *batch) beginAll(starts []engine.Start) (begun int, err error) {
	for i := range starts {
		id, err := b.begin(nil, &starts[i])
		if err != nil {
			return begun, fmt.Errorf("start %s: %w", starts[i].Key, err)
		}
		if id != 0 {
			begun++
		}
	}
	return begun, nil
}

func (b *batch) turn(t *Turn, who Who) (Turned, error) {
	out := Turned{Did: TurnMoved}
	refused, err := b.acts(t.ID, t.Events, who)
	switch {
	case err != nil:
		return out, err
	case refused != nil && t.Gentle:
		out.Did, out.Why = TurnLeft, refused.Hint
	case t.Cancel != nil && (refused != nil || len(t.Events) == 0):
		if out.Did = TurnCancelled; len(t.Else) > 0 {
			out.Did = TurnReplaced
		}
		if refused, err = b.cancel(t.ID, *t.Cancel, who); err != nil {
			return out, err
		}
		if refused != nil { // it has ended meanwhile, or its workflow knows no end by hand
			out.Did, out.Why = TurnLeft, refused.Hint
			break
		}
		out.Begun, err = b.beginAll(t.Else)
	}
	if err == nil {
		var in *engine.Instance
		if in, err = b.get(t.ID); err == nil {
			out.Instance = *in
		}
	}
	return out, err
}

// acts applies acts in order until one is refused.
func (b *batch) acts(id int64, events []engine.Event, who Who) (*engine.Refusal, error) {
	for _, ev := range events {
		in, err := b.get(id)
		if err != nil {
			return nil, err
		}
		ev.By = who(in, ev.Kind)
		err = b.apply(in, ev)
		if refused, ok := IsRefusal(err); ok {
			return refused, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%s %s: %w", ev.Kind, in.Slip, err)
		}
	}
	return nil, nil
}

// cancel ends an instance and then what open children it leaves behind: versions
// of a workflow from before {cancel: children} leave them. Told in this order, the
// parent does not take their end for its own success. Children that know no end by
// hand go on to their own.
func (b *batch) cancel(id int64, ev engine.Event, who Who) (*engine.Refusal, error) {
	refused, err := b.acts(id, []engine.Event{ev}, who)
	if refused != nil || err != nil {
		return refused, err
	}
	children, err := b.tx.OpenChildren(id)
	if err != nil {
		return nil, err
	}
	for _, c := range children {
		if _, err := b.acts(c, []engine.Event{ev}, who); err != nil {
			return nil, err
		}
	}
	return nil, nil
}
