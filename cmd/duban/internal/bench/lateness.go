package bench

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"duban/cmd/duban/internal/app"
	"duban/engine"
	"duban/engine/store"
	"duban/notifier"
)

// moving is a clock that runs, and can be set ahead.
type moving struct {
	now   func() time.Time
	mu    sync.Mutex
	ahead time.Duration
}

// Now is what it shows.
func (c *moving) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now().Add(c.ahead).Round(0)
}

// set makes it show t now.
func (c *moving) set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead = t.Sub(c.now())
}

// watch notes how late things were.
type watch struct {
	clock *moving
	mu    sync.Mutex
	due   time.Time
	steps []time.Duration
	mails []time.Duration
}

func (w *watch) expect(due time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.due = due
}

func (w *watch) note(list *[]time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.due.IsZero() {
		*list = append(*list, w.clock.Now().Sub(w.due))
	}
}

// watched is a channel that tells when the far side has accepted.
type watched struct {
	notifier.Channel
	*watch
}

// Send makes one attempt.
func (w watched) Send(ctx context.Context, m notifier.Message) notifier.Result {
	r := w.Channel.Send(ctx, m)
	if r.Class == notifier.Accepted {
		w.note(&w.mails)
	}
	return r
}

// Close closes the channel.
func (w watched) Close() error {
	if c, ok := w.Channel.(interface{ Close() error }); ok {
		return c.Close()
	}
	return nil
}

// lateness lets a running service meet mornings on which little is due: the
// clock is set to a moment before each, and then it is the real one.
func (m *measure) lateness(ctx context.Context, r *Result) error {
	return m.folder("lateness", func(dir string) (err error) {
		clock := &moving{now: m.Now}
		p, err := parts(dir, few, clock.Now)
		if err != nil {
			return err
		}
		clock.set(p.Calendar.Opening(monday).Add(-time.Hour))
		box, channel, err := server(ctx, dir, clock.Now)
		if box != nil {
			defer func() { err = errors.Join(err, box.Close()) }()
		}
		if err != nil {
			return err
		}
		w := &watch{clock: clock}
		p.Channels = []notifier.Channel{watched{channel, w}, sink{"wecom"}}
		a, err := app.Open(ctx, p)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, a.Close()) }()
		a.Runner.Changed = func([]engine.Instance) { w.note(&w.steps) }
		if err := begin(ctx, a, m.sparse()); err != nil {
			return err
		}
		if err := m.meet(ctx, a, w); err != nil {
			return err
		}
		if len(w.steps) == 0 || len(w.mails) == 0 {
			return errors.New("nothing happened that could be late")
		}
		r.Lateness = Lateness{CommitP99MS: milliseconds(p99(w.steps)), MailP99MS: milliseconds(p99(w.mails))}
		return nil
	})
}

// few are the units of the office whose lateness is measured: with many, a round
// that asks all of them would be no low load.
const few = 5

// sparse is one assignment every three days, in turn for every unit.
func (m *measure) sparse() (out []engine.Start) {
	for i := range m.Mornings {
		issued := monday.AddDays(3 * i)
		out = append(out, matter(i, unit(i%few), issued, issued.AddDays(60)))
	}
	return out
}

// headStart is how long before a morning the clock is set to.
const headStart = 25 * time.Millisecond

// meet runs the service through its mornings.
func (m *measure) meet(ctx context.Context, a *app.App, w *watch) error {
	ctx, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	var err error
	for i := 0; i < m.Mornings && err == nil; i++ {
		err = m.morning(ctx, a, w)
	}
	stop()
	return errors.Join(err, <-ended)
}

func (m *measure) morning(ctx context.Context, a *app.App, w *watch) error {
	next, err := a.DB.NextDue(ctx)
	if err != nil {
		return err
	}
	if next.Sub(w.clock.Now()) > time.Second {
		w.expect(time.Time{})
		w.clock.set(next.Add(-headStart))
		w.expect(next)
		a.Poke()
		a.Notifier.Wake()
	}
	return m.quiet(ctx, a, w)
}

// quiet waits until everything of this morning has been done and sent.
func (m *measure) quiet(ctx context.Context, a *app.App, w *watch) error {
	for range 2000 {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(5 * time.Millisecond):
		}
		due, err1 := a.DB.NextDue(ctx)
		notice, err2 := a.DB.NextNotice(ctx)
		bus, err3 := a.DB.Tally(ctx, store.OnTheBus)
		if err := errors.Join(err1, err2, err3); err != nil {
			return err
		}
		soon := w.clock.Now().Add(time.Second)
		if bus["all"] == 0 && !slices.ContainsFunc([]time.Time{due, notice}, func(t time.Time) bool { return !t.IsZero() && t.Before(soon) }) {
			return nil
		}
	}
	return errors.New("a morning did not end within ten seconds")
}
