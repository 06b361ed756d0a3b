package bench

import (
	"context"
	"errors"
	"time"

	"duban/cmd/duban/internal/app"
	"duban/notifier"
)

// engine measures transitions, and beside each run what the driver allows.
func (m *measure) engine(ctx context.Context, r *Result) error {
	var rates, ratios, raws []float64
	for i := range m.Runs {
		err := m.folder("engine", func(dir string) error {
			t, err := m.year(ctx, dir, i == 0)
			if err != nil {
				return err
			}
			raw, err := m.raw(ctx, dir, t.batches)
			if err != nil {
				return err
			}
			rates, raws = append(rates, t.rate()), append(raws, raw)
			ratios = append(ratios, t.rate()/raw)
			if i == 0 {
				r.Engine.DeliveredPerS = t.delivered()
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	e := &r.Engine
	e.TransitionsPerS, e.RawRatio, e.RawPerS = median(rates), median(ratios), median(raws)
	return nil
}

// tally is what a run did and how long it took.
type tally struct {
	batches  []int // transitions of each transaction
	deciding time.Duration
	telling  time.Duration
}

func (t *tally) steps() (n int) {
	for _, b := range t.batches {
		n += b
	}
	return n
}

func (t *tally) rate() float64 { return float64(t.steps()) / t.deciding.Seconds() }

func (t *tally) delivered() float64 {
	return float64(t.steps()) / (t.deciding + t.telling).Seconds()
}

// year opens an office in dir, begins assignments and takes them through their
// first transitions; tell has their messages sent too.
func (m *measure) year(ctx context.Context, dir string, tell bool) (t *tally, err error) {
	clock := app.NewVirtual(time.Time{})
	p, err := parts(dir, m.Units, clock.Now)
	if err != nil {
		return nil, err
	}
	p.Channels = []notifier.Channel{sink{"mail"}, sink{"wecom"}}
	clock.Set(p.Calendar.Opening(monday).Add(-time.Minute))
	a, err := app.Open(ctx, p)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	return m.mornings(ctx, a, clock, tell)
}

// mornings begins the assignments and lets morning after morning come, until
// each has taken its transitions on average. When tell is set the messages of a
// morning go after its steps: planned, over JetStream, into the ledger.
func (m *measure) mornings(ctx context.Context, a *app.App, clock *app.Virtual, tell bool) (*tally, error) {
	if err := begin(ctx, a, matters(m.Assignments, m.Each, m.Units)); err != nil {
		return nil, err
	}
	t := &tally{}
	for t.steps() < m.Assignments*m.Each {
		next, err := a.DB.NextDue(ctx)
		if err != nil {
			return nil, err
		}
		if next.IsZero() {
			return nil, errors.New("the assignments have no more timers")
		}
		clock.Set(next)
		began := m.Now()
		for n := -1; n != 0; {
			if n, err = a.Runner.RunDue(ctx); err != nil {
				return nil, err
			}
			if n > 0 {
				t.batches = append(t.batches, n)
			}
		}
		decided := m.Now()
		if tell {
			if err := a.Notifier.Flush(ctx); err != nil {
				return nil, err
			}
		}
		t.deciding += decided.Sub(began)
		t.telling += m.Now().Sub(decided)
	}
	return t, nil
}
