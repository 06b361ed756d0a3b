package scheduler

import (
	"context"
	"fmt"

	"duban/engine"
)

// KeepCalendar puts the runner's calendar into force. When it is another one
// than before (a holiday table has arrived), every open instance computes its
// effective deadline and its timers anew, in the same transaction. It says how many.
func (r *Runner) KeepCalendar(ctx context.Context) (moved int, err error) {
	source, err := r.Calendar.Source()
	if err != nil {
		return 0, fmt.Errorf("scheduler: keep calendar: %w", err)
	}
	err = r.write(ctx, func(b *batch) error {
		b.tx.For = "calendar"
		changed, err := b.tx.KeepCalendar(source)
		if err != nil || !changed {
			return err
		}
		open, err := b.tx.Open()
		if err != nil {
			return err
		}
		for i := range open {
			if err := b.apply(open[i], engine.Event{Kind: engine.EventCalendar}); err != nil {
				return fmt.Errorf("%s: %w", open[i].Slip, err)
			}
		}
		moved = len(open)
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("scheduler: keep calendar: %w", err)
	}
	return moved, nil
}
