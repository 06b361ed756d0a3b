package app

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"
)

// pulse is when each loop last came round without an error, in milliseconds
// since 1970; 0 before the first time.
type pulse struct{ scheduler, notifier atomic.Int64 }

// roundWithin is how old the last round of a loop may be: they come round every
// thirty seconds when nothing is due.
const roundWithin = 2 * time.Minute

// Well is nil when both loops have come round lately and the database answers;
// else it says which does not.
func (a *App) Well(ctx context.Context) error {
	now := a.Now()
	if err := errors.Join(lately("scheduler", &a.pulse.scheduler, now), lately("notifier", &a.pulse.notifier, now)); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	_, err := a.DB.NextDue(ctx)
	return err
}

// lately takes a round in the future, after the clock was set back, for none.
func lately(loop string, at *atomic.Int64, now time.Time) error {
	ms := at.Load()
	if ms == 0 {
		return fmt.Errorf("the %s has not come round yet", loop)
	}
	if ago := now.Sub(time.UnixMilli(ms)); ago.Abs() > roundWithin {
		return fmt.Errorf("the %s has not come round for %s", loop, ago.Round(time.Second))
	}
	return nil
}

// Beat tells an outside NATS that all is well.
func (a *App) Beat(ctx context.Context) error {
	b, ok := a.bus.(interface{ Beat(context.Context) error })
	if !ok {
		return errors.New("app: this bus has no heartbeat")
	}
	return b.Beat(ctx)
}
