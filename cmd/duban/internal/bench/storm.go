package bench

import (
	"context"
	"errors"
	"time"

	"duban/cmd/duban/internal/app"
	"duban/engine"
	"duban/engine/store"
	"duban/notifier"
	"duban/notifier/postbox"
)

// storm is a Monday on which a reminder is due for every assignment: from nine
// o'clock until the mail server has accepted the last person's digest.
func (m *measure) storm(ctx context.Context, r *Result) error {
	return m.folder("storm", func(dir string) (err error) {
		clock := app.NewVirtual(time.Time{})
		p, err := parts(dir, m.Units, clock.Now)
		if err != nil {
			return err
		}
		clock.Set(p.Calendar.Opening(monday).Add(-time.Minute))
		box, channel, err := server(ctx, dir, clock.Now)
		if box != nil {
			defer func() { err = errors.Join(err, box.Close()) }()
		}
		if err != nil {
			return err
		}
		p.Channels = []notifier.Channel{channel, sink{"wecom"}}
		a, err := app.Open(ctx, p)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, a.Close()) }()
		return m.nine(ctx, a, box, clock, r)
	})
}

// nine begins the assignments, goes to their Monday and measures it. They are
// due on a Thursday, so head and liaison are reminded three work days before.
func (m *measure) nine(ctx context.Context, a *app.App, box *postbox.Box, clock *app.Virtual, r *Result) error {
	due := monday.AddDays(10*7 + 3)
	var starts []engine.Start
	for i := range m.Matters {
		starts = append(starts, matter(i, unit(i%m.Units), monday, due))
	}
	if err := begin(ctx, a, starts); err != nil {
		return err
	}
	morning := a.Calendar.Opening(a.Calendar.AddWorkdays(due, -3))
	for {
		next, err := a.DB.NextDue(ctx)
		if err != nil {
			return err
		}
		if !next.Before(morning) {
			break
		}
		clock.Set(next)
		if err := settle(ctx, a); err != nil {
			return err
		}
	}
	before, err := count(ctx, a, box)
	if err != nil {
		return err
	}
	clock.Set(morning)
	began := m.Now()
	if err := settle(ctx, a); err != nil {
		return err
	}
	spent := m.Now().Sub(began)
	after, err := count(ctx, a, box)
	if err != nil {
		return err
	}
	r.Storm = Storm{Notices: after.notices - before.notices, Messages: after.mails - before.mails, Seconds: spent.Seconds()}
	if r.Storm.Notices < m.Matters || r.Storm.Messages < 1 {
		return errors.New("the Monday came and nobody was reminded")
	}
	return nil
}

func settle(ctx context.Context, a *app.App) error {
	for n := -1; n != 0; {
		var err error
		if n, err = a.Runner.RunDue(ctx); err != nil {
			return err
		}
	}
	return a.Notifier.Flush(ctx)
}

// counted is what has gone so far: notices as the sender says, mails as the
// mail server does.
type counted struct{ notices, mails int }

func count(ctx context.Context, a *app.App, box *postbox.Box) (c counted, err error) {
	states, err := a.DB.Tally(ctx, store.ByNoticeState)
	if err != nil {
		return c, err
	}
	c.notices = states["sent"]
	c.mails, _, err = box.Received(ctx)
	return c, err
}
