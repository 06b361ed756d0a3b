package scheduler

import (
	"context"
	"fmt"
	"log/slog"
	"time"
)

// longestNap bounds every wait: a host that was suspended, or whose clock was
// set, is noticed within it, because a monotonic timer does not run in a sleep.
const longestNap = 30 * time.Second

// jump is the difference between the wall clock and the time really waited from
// which the log says so.
const jump = 2 * time.Minute

// Loop drives a Runner by a real clock until its context ends.
type Loop struct {
	Runner   *Runner
	Periodic *Periodic
	Poke     chan struct{} // something changed: look again now
}

// Run fires what is due and then waits for the next due time, at most
// longestNap. Errors are logged here and tried again; only the end of the
// context ends it.
func (l *Loop) Run(ctx context.Context) error {
	for {
		wait, err := l.once(ctx)
		if err != nil && ctx.Err() == nil {
			slog.Error("scheduler", "err", err)
			wait = 5 * time.Second
		}
		before := l.Runner.Now()
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		case <-l.Poke:
			timer.Stop()
		case <-timer.C:
			if drift := l.Runner.Now().Round(0).Sub(before.Round(0)) - wait; drift > jump || drift < -jump {
				slog.Warn("the clock jumped; timers follow the new time", "by", drift)
			}
		}
	}
}

func (l *Loop) once(ctx context.Context) (time.Duration, error) {
	if err := l.Periodic.Run(ctx); err != nil {
		return 0, err
	}
	for {
		n, err := l.Runner.RunDue(ctx)
		if err != nil {
			return 0, err
		}
		if n == 0 {
			break
		}
	}
	next, err := Next(ctx, l.Runner, l.Periodic)
	if err != nil {
		return 0, err
	}
	return nap(l.Runner.Now(), next), nil
}

func nap(now, next time.Time) time.Duration {
	if next.IsZero() {
		return longestNap
	}
	return min(max(next.Sub(now), time.Millisecond), longestNap)
}

// Next is the next instant the scheduler has something to do, or the zero time.
func Next(ctx context.Context, r *Runner, p *Periodic) (time.Time, error) {
	due, err := r.DB.NextDue(ctx)
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
