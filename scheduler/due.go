package scheduler

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"duban/engine"
	"duban/engine/store"
)

// BatchSize is how many due instances share one transaction: the more do, the more
// often they share a page too. A thousand take less than a tenth of a second.
const BatchSize = 1000

// The bounds of a definition that would never come to an end: timers of one
// instance in one batch, and children of children in one step.
const (
	mostTimers = 1000
	deepest    = 50
)

var (
	errEndless    = errors.New("scheduler: the definition runs without end")
	errDefinition = errors.New("scheduler: no definition")
)

// parkedFor is how long an instance that cannot be moved is left out before it
// is tried, and reported, again.
const parkedFor = 10 * time.Minute

// RunDue fires the timers that are due, at most BatchSize instances in one
// transaction, and says how many timers fired. Call it until it answers zero.
//
// An instance that cannot be moved, because its definition is gone, the engine
// refuses its timer or its row cannot be read, never holds up the others: it is
// left out for ten minutes and named in the error, with the others' timers fired.
func (r *Runner) RunDue(ctx context.Context) (int, error) {
	var left []error
	for {
		fired, err := r.runBatch(ctx)
		var s *stuck
		switch {
		case err == nil:
			return fired, errors.Join(left...)
		case !errors.As(err, &s):
			return 0, errors.Join(append(left, fmt.Errorf("scheduler: run due timers: %w", err))...)
		}
		r.park(s.id)
		left = append(left, fmt.Errorf("scheduler: left out: %w", err))
	}
}

func (r *Runner) runBatch(ctx context.Context) (int, error) {
	fired := 0
	except := r.leftOut()
	err := r.write(ctx, func(b *batch) error {
		b.tx.For = "timers"
		due, err := b.tx.Due(BatchSize, except...)
		if err != nil {
			return hold(0, err)
		}
		for i := range due {
			b.live[due[i].ID] = due[i]
		}
		for i := range due {
			n, err := b.fire(due[i].ID)
			if err != nil {
				return hold(due[i].ID, err)
			}
			fired += n
		}
		return nil
	})
	return fired, err
}

// fire runs all due timers of one instance, in order.
func (b *batch) fire(id int64) (int, error) {
	for n := range mostTimers {
		in := b.live[id]
		next, ok := in.Next()
		if !ok || next.At.After(b.now) {
			return n, nil
		}
		b.tx.Because(next.At)
		if err := b.apply(in, engine.Event{Kind: engine.EventTimer, Timer: next.Name, N: next.N}); err != nil {
			return n, fmt.Errorf("%s timer %s: %w", in.Slip, next.Name, err)
		}
	}
	return mostTimers, fmt.Errorf("%w: timers of %s", errEndless, b.live[id].Slip)
}

// stuck is an instance that cannot be moved.
type stuck struct {
	id  int64
	err error
}

func (s *stuck) Error() string { return s.err.Error() }
func (s *stuck) Unwrap() error { return s.err }

// hold tells what is wrong with one instance from what is wrong with the store.
func hold(id int64, err error) error {
	var refusal *engine.Refusal
	var row *store.Unreadable
	switch {
	case errors.As(err, &row):
		return &stuck{row.ID, err}
	case errors.As(err, &refusal), errors.Is(err, errDefinition), errors.Is(err, errEndless), errors.Is(err, store.ErrNotFound):
		return &stuck{id, err}
	}
	return err
}

func (r *Runner) park(id int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.parked == nil {
		r.parked = map[int64]time.Time{}
	}
	r.parked[id] = r.Now().Add(parkedFor)
}

// leftOut are the instances that RunDue leaves alone for now.
func (r *Runner) leftOut() []int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.Now()
	maps.DeleteFunc(r.parked, func(_ int64, until time.Time) bool { return !until.After(now) || until.Sub(now) > parkedFor })
	return slices.Sorted(maps.Keys(r.parked))
}
