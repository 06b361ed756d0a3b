// Package heartbeat tells those outside that the service is well, for as long as
// it is: a dead man's switch, a NATS subject and systemd's watchdog. Whoever
// misses it raises the alarm that a dead service cannot raise itself.
package heartbeat

import (
	"context"
	"log/slog"
	"time"
)

// Way is one way to be heard.
type Way struct {
	Name  string
	Every time.Duration
	Beat  func(context.Context) error
	Heard func() // told after every beat that arrived; nil: nobody
}

// A service that has just started is not well before its loops have come round:
// so often it is asked again after so long, before the first failure counts.
const (
	firstTries = 20
	firstWait  = 500 * time.Millisecond
	beatLimit  = 20 * time.Second // of one beat
)

// Run beats as long as well answers nil, until ctx ends. That beats stop, and
// that they go on, is logged once.
func (w *Way) Run(ctx context.Context, well func(context.Context) error) {
	if !w.first(ctx, well) {
		return
	}
	tick := time.NewTicker(w.Every)
	defer tick.Stop()
	for silent := false; ; {
		silent = w.once(ctx, well, silent)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// first waits until the service is well, at most some seconds; false when ctx ended.
func (w *Way) first(ctx context.Context, well func(context.Context) error) bool {
	tick := time.NewTicker(min(firstWait, w.Every))
	defer tick.Stop()
	for range firstTries {
		if well(ctx) == nil {
			break
		}
		select {
		case <-ctx.Done():
			return false
		case <-tick.C:
		}
	}
	return ctx.Err() == nil
}

// once beats if all is well and says whether there was silence instead.
func (w *Way) once(ctx context.Context, well func(context.Context) error, silent bool) bool {
	err := well(ctx)
	if err == nil {
		ctx, cancel := context.WithTimeout(ctx, min(beatLimit, w.Every))
		defer cancel()
		err = w.Beat(ctx)
	}
	switch {
	case ctx.Err() != nil:
		return silent
	case err != nil && !silent:
		slog.Error("no heartbeat", "to", w.Name, "err", err)
	case err == nil && silent:
		slog.Info("the heartbeat is back", "to", w.Name)
	}
	if err == nil && w.Heard != nil {
		w.Heard()
	}
	return err != nil
}
