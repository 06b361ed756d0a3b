package notifier

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"duban/engine"
	"duban/engine/calendar"
	"duban/engine/org"
	"duban/engine/store"
	"duban/notifier/text"
)

// Options are the manners of a notifier. Start gives zero fields their default.
type Options struct {
	Retries       []time.Duration // waits after temporary failures; when spent, a dead letter
	AmbiguousWait time.Duration   // before the one repeat of an attempt with an unknown outcome
	PromptGap     time.Duration   // between two prompt messages to one receiver on one channel
	PerMinute     int             // posts a robot may get in any 60 s; WeCom allows 20
	WeComLimit    int             // bytes of one WeCom text; WeCom allows 2048
	MailWorkers   int
	BaseURL       string // address of the pages, "" when nobody serves them
	CardURL       string // the page that WeCom cards open; "" sends texts only
	Phone         string // the office's telephone in messages; "" takes the organisation's
}

// DefaultOptions are the shipped manners. 18 of the 20 posts a minute leave room
// for the two that may be under way when a process is killed.
func DefaultOptions() Options {
	return Options{
		Retries:       []time.Duration{30 * time.Second, 2 * time.Minute, 10 * time.Minute, time.Hour, 4 * time.Hour},
		AmbiguousWait: 10 * time.Minute, PromptGap: 10 * time.Minute, PerMinute: 18, WeComLimit: 2048, MailWorkers: 4,
	}
}

func (o Options) filled() Options {
	d := DefaultOptions()
	if o.Retries == nil {
		o.Retries = d.Retries
	}
	if o.AmbiguousWait <= 0 {
		o.AmbiguousWait = d.AmbiguousWait
	}
	if o.PromptGap <= 0 {
		o.PromptGap = d.PromptGap
	}
	for _, f := range []struct {
		v    *int
		want int
	}{{&o.PerMinute, d.PerMinute}, {&o.WeComLimit, d.WeComLimit}, {&o.MailWorkers, d.MailWorkers}} {
		if *f.v <= 0 {
			*f.v = f.want
		}
	}
	return o
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
	Channels []Channel // without one named wecom nothing goes to robots
	Now      func() time.Time
	Options  Options
	Observe  func(channel string, class Class) // told after every attempt; nil: nobody
	Rounded  func()                            // told after every round of Run without an error; nil: nobody

	limits   *limits
	pace     *pace
	flight   *flight
	wake     chan struct{}
	restored time.Time // the data is a backup put back then; usually the zero time

	stall time.Duration // how long Flush waits for an outcome before it takes everything back

	planning sync.Mutex
	since    time.Time                                       // planning waits for due timers since then
	letter   func(text.Digest) (subject, plain, html string) // words of a mail; nil: text.Mail
}

// The names of the channels, and how many deliveries a robot channel handles at
// a time.
const (
	mailChannel  = "mail"
	robotChannel = "wecom"
	robotWorkers = 2
)

// Start begins to consume from the bus. What was on the bus when the last
// process ended is taken back first: SQL knows what has no outcome yet.
func (n *Notifier) Start(ctx context.Context) error {
	n.Options = n.Options.filled()
	n.wake = make(chan struct{}, 1)
	n.flight = newFlight()
	n.restored = n.DB.Restored()
	if n.stall == 0 {
		n.stall = 10 * time.Second
	}
	recent, err := n.DB.Attempts(ctx, n.Now().Add(-window))
	if err != nil {
		return fmt.Errorf("notifier: start: %w", err)
	}
	rests, err := n.DB.Pauses(ctx, n.Now().Add(-longestRest))
	if err != nil {
		return fmt.Errorf("notifier: start: %w", err)
	}
	n.limits = newLimits(n.Options.PerMinute, recent)
	if n.pace, err = n.newPace(ctx); err != nil {
		return err
	}
	n.limits.restore(rests)
	if err := n.recall(ctx, everything); err != nil {
		return err
	}
	channels := n.Channels
	if !n.has(mailChannel) {
		channels = append(slices.Clone(channels), noMail{})
	}
	for _, c := range channels {
		workers := robotWorkers
		if c.Name() == mailChannel {
			workers = n.Options.MailWorkers
		}
		if err := n.Bus.Consume(ctx, c.Name(), workers, func(ctx context.Context, key string) error { return n.deliver(ctx, c, key) }); err != nil {
			return fmt.Errorf("notifier: consume %s: %w", c.Name(), err)
		}
	}
	return nil
}

func (n *Notifier) has(channel string) bool {
	return slices.ContainsFunc(n.Channels, func(c Channel) bool { return c.Name() == channel })
}

// noMail stands in while no mail server is configured: nothing is sent and
// nothing is lost, messages wait until there is one.
type noMail struct{}

// noMailWait is how long a message waits before mail is looked for again. The
// setting is read at the start only, so this is no more than the delay after it.
const noMailWait = 15 * time.Minute

func (noMail) Name() string { return mailChannel }

func (noMail) Send(context.Context, Message) Result {
	return Result{Class: Paused, Wait: noMailWait, Words: "未配置邮件服务器（mail.host），邮件暂存待发"}
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
	if away, _, _ := n.flight.state(); away > 0 {
		if err := n.recall(ctx, n.Now().Add(-lostAfter)); err != nil {
			return 0, err
		}
	}
	if _, err := n.step(ctx); err != nil {
		return 0, err
	}
	next, err := n.DB.NextNotice(ctx)
	if err == nil && n.Rounded != nil {
		n.Rounded()
	}
	if err != nil || next.IsZero() {
		return longestNap, err
	}
	return min(max(next.Sub(n.Now()), 20*time.Millisecond), longestNap), nil
}

// step plans what is ready and publishes what is due; it says how much moved.
// Where nothing is, a look is enough: transactions are for what changes.
func (n *Notifier) step(ctx context.Context) (int, error) {
	next, err := n.DB.NextNotice(ctx)
	if err != nil || next.IsZero() || next.After(n.Now()) {
		return 0, err
	}
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
		lost, err := n.settle(ctx)
		if err != nil {
			return err
		}
		if moved == 0 && !lost {
			return nil
		}
	}
}

// settle waits until nothing is on the bus. When nothing comes down any more,
// and no worker is busy, the bus must have lost the rest: it is taken back.
func (n *Notifier) settle(ctx context.Context) (lost bool, err error) {
	timer := time.NewTimer(n.stall)
	defer timer.Stop()
	for {
		away, held, landed := n.flight.state()
		if away == 0 {
			return false, nil
		}
		select {
		case <-ctx.Done():
			return false, ctx.Err()
		case <-landed:
			timer.Reset(n.stall)
		case <-timer.C:
			if held == 0 {
				n.flight.forget()
				return true, n.recall(ctx, everything)
			}
			timer.Reset(n.stall)
		}
	}
}

// everything is later than any instant a delivery can have been published at,
// whatever the clock has done since.
var everything = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

func (n *Notifier) recall(ctx context.Context, before time.Time) error {
	var count int64
	err := n.DB.Write(ctx, n.Now(), func(tx *store.Tx) (err error) {
		tx.For = "recall"
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
