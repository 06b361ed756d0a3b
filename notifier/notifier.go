package notifier

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"duban/engine"
	"duban/engine/calendar"
	"duban/engine/org"
	"duban/engine/store"
)

// Options are the manners of a notifier.
type Options struct {
	Retries       []time.Duration // waits after temporary failures; when spent, a dead letter
	AmbiguousWait time.Duration   // before the one repeat of an attempt with an unknown outcome
	PerMinute     int             // posts a robot may get in any 60 s; WeCom allows 20
	WeComLimit    int             // bytes of one WeCom text; WeCom allows 2048
	MailWorkers   int
	BaseURL       string // address of the pages, "" when nobody serves them
	Phone         string // the office's telephone in messages; "" takes the organisation's
}

// DefaultOptions are the shipped manners. 18 of the 20 posts a minute leave room
// for a window that the vendor counts differently.
func DefaultOptions() Options {
	return Options{
		Retries:       []time.Duration{30 * time.Second, 2 * time.Minute, 10 * time.Minute, time.Hour, 4 * time.Hour},
		AmbiguousWait: 10 * time.Minute, PerMinute: 18, WeComLimit: 2048, MailWorkers: 4,
	}
}

// Definitions finds the workflow version of an instance, for its reasons' manners.
type Definitions func(hash string) (*engine.Definition, error)

// Notifier moves notices from the outbox to people.
type Notifier struct {
	DB       *store.DB
	Org      *org.Org
	Calendar *calendar.Calendar
	Defs     Definitions
	Bus      Bus
	Channels []Channel
	Now      func() time.Time
	Options  Options
	Observe  func(channel string, class Class) // told after every attempt; nil: nobody

	limits limits
	wake   chan struct{}
	mu     sync.Mutex
	flight map[string]time.Time // deliveries on the bus whose outcome is not recorded; the real instant they went
	idle   *sync.Cond
}

// Start begins to consume from the bus. What was on the bus when the last
// process ended is taken back first: SQL knows what has no outcome yet.
func (n *Notifier) Start(ctx context.Context) error {
	n.wake = make(chan struct{}, 1)
	n.flight = map[string]time.Time{}
	n.idle = sync.NewCond(&n.mu)
	recent, err := n.DB.Attempts(ctx, n.Now().Add(-time.Minute))
	if err != nil {
		return fmt.Errorf("notifier: start: %w", err)
	}
	n.limits = limits{perMinute: n.Options.PerMinute, sent: recent, paused: map[string]time.Time{}}
	if err := n.recall(ctx, everything); err != nil {
		return err
	}
	for _, c := range n.Channels {
		workers := 2
		if c.Name() == "mail" {
			workers = n.Options.MailWorkers
		}
		if err := n.Bus.Consume(ctx, c.Name(), workers, func(ctx context.Context, key string) error { return n.deliver(ctx, c, key) }); err != nil {
			return fmt.Errorf("notifier: consume %s: %w", c.Name(), err)
		}
	}
	return nil
}

// Wake says that the outbox may have something new. It never blocks.
func (n *Notifier) Wake() {
	select {
	case n.wake <- struct{}{}:
	default:
	}
}

// naps of the loop: how long it waits when nothing wakes it, and after how long
// without an outcome a message counts as lost by the bus.
const (
	longestNap = 30 * time.Second
	lostAfter  = 5 * time.Minute
)

// Run plans and publishes until the context ends. Errors are logged here and tried again.
func (n *Notifier) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		wait, err := n.round(ctx)
		if err != nil && ctx.Err() == nil {
			slog.Error("notifier", "err", err)
			wait = 5 * time.Second
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
		case <-n.wake:
		case <-timer.C:
		}
		timer.Stop()
	}
	return ctx.Err()
}

func (n *Notifier) round(ctx context.Context) (time.Duration, error) {
	if err := n.recall(ctx, n.Now().Add(-lostAfter)); err != nil {
		return 0, err
	}
	if _, err := n.step(ctx); err != nil {
		return 0, err
	}
	next, err := n.DB.NextNotice(ctx)
	if err != nil || next.IsZero() {
		return longestNap, err
	}
	return min(max(next.Sub(n.Now()), 20*time.Millisecond), longestNap), nil
}

// step plans what is ready and publishes what is due; it says how much moved.
func (n *Notifier) step(ctx context.Context) (int, error) {
	planned, err := n.plan(ctx)
	if err != nil {
		return 0, err
	}
	published, err := n.relay(ctx)
	return planned + published, err
}

// Flush sends everything that may go now and returns when every outcome is
// recorded. A virtual clock must not move before it has returned.
func (n *Notifier) Flush(ctx context.Context) error {
	for {
		moved, err := n.step(ctx)
		if err != nil {
			return err
		}
		if err := n.waitIdle(ctx); err != nil {
			return err
		}
		if moved == 0 {
			return nil
		}
	}
}

// stall is how long Flush waits for an outcome before it takes everything back
// from a bus that must have lost it.
const stall = 10 * time.Second

func (n *Notifier) waitIdle(ctx context.Context) error {
	stop := context.AfterFunc(ctx, n.idle.Broadcast)
	defer stop()
	timer := time.AfterFunc(stall, n.idle.Broadcast)
	defer timer.Stop()
	n.mu.Lock()
	defer n.mu.Unlock()
	for before := len(n.flight); len(n.flight) > 0 && ctx.Err() == nil; {
		n.idle.Wait()
		if now := len(n.flight); now != before {
			before = now
			timer.Reset(stall)
		} else if now > 0 && ctx.Err() == nil {
			clear(n.flight)
			n.mu.Unlock()
			err := n.recall(ctx, everything)
			n.mu.Lock()
			return err
		}
	}
	return ctx.Err()
}

// everything is later than any instant a delivery can have been published at,
// whatever the clock has done since.
var everything = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

func (n *Notifier) recall(ctx context.Context, before time.Time) error {
	var count int64
	err := n.DB.Write(ctx, n.Now(), func(tx *store.Tx) (err error) {
		count, err = tx.Recall(before)
		return err
	})
	if err != nil {
		return fmt.Errorf("notifier: recall: %w", err)
	}
	if count > 0 {
		slog.Info("messages without an outcome go onto the bus again", "count", count)
	}
	return nil
}

func (n *Notifier) landed(key string) {
	n.mu.Lock()
	delete(n.flight, key)
	n.mu.Unlock()
	n.idle.Broadcast()
}
