package scheduler

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"
)

// longestNap bounds every wait: a host that was suspended, or whose clock was
// set, is noticed within it, because a monotonic timer does not run in a sleep.
const longestNap = 30 * time.Second

// shortestNap keeps a due time that nothing can be done about from taking a core.
const shortestNap = 10 * time.Millisecond

// jump is the difference between the wall clock and the time really waited from
// which the log says so.
const jump = 2 * time.Minute

// Loop drives a Runner by a real clock until its context ends.
type Loop struct {
	Runner   *Runner
	Periodic *Periodic
	Poke     chan struct{} // something changed: look again now
	Rounded  func()        // told after every round without an error; nil: nobody
}

// Run fires what is due and then waits for the next due time, at most
// longestNap. Errors are logged here and tried again; only the end of the
// context ends it.
func (l *Loop) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		wait, err := l.once(ctx)
		if err != nil && ctx.Err() == nil {
			slog.Error("scheduler", "err", err)
			wait = 5 * time.Second
		}
		before := l.Runner.Now()
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
		case <-l.Poke:
		case <-timer.C:
		}
		timer.Stop()
		if passed := l.Runner.Now().Round(0).Sub(before.Round(0)); ctx.Err() == nil && (passed > wait+jump || passed < -jump) {
			slog.Warn("the clock jumped, or the machine slept; timers follow the new time", "by", passed, "instead_of_at_most", wait)
		}
	}
	return ctx.Err()
}

// once does all that is due: timers first, because what begins by the calendar
// reads everything that is open.
func (l *Loop) once(ctx context.Context) (time.Duration, error) {
	var errs []error
	for ctx.Err() == nil {
		n, err := l.Runner.RunDue(ctx)
		errs = append(errs, err)
		if n == 0 {
			break
		}
	}
	errs = append(errs, l.Periodic.Run(ctx))
	next, err := Next(ctx, l.Runner, l.Periodic)
	err = errors.Join(append(errs, err)...)
	if err == nil && ctx.Err() == nil && l.Rounded != nil {
		l.Rounded()
	}
	return nap(l.Runner.Now(), next), err
}

func nap(now, next time.Time) time.Duration {
	if next.IsZero() {
		return longestNap
	}
	return min(max(next.Sub(now), shortestNap), longestNap)
}

// Next is the next instant the scheduler has something to do, or the zero time.
func Next(ctx context.Context, r *Runner, p *Periodic) (time.Time, error) {
	due, err := r.DB.NextDueBut(ctx, r.leftOut())
	if err != nil {
		return time.Time{}, fmt.Errorf("scheduler: %w", err)
	}
	start, err := p.Next(ctx)
	if err != nil {
		return time.Time{}, fmt.Errorf("scheduler: %w", err)
	}
	if due.IsZero() || !start.IsZero() && start.Before(due) {
		return start, nil
	}
	return due, nil
}
