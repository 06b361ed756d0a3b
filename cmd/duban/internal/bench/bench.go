// Package bench measures the engine on this machine: how many transitions it
// commits, what a million waiting timers cost, how late it is when little is to
// do, and how long a Monday morning takes. duban bench and go test -bench run it.
package bench

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// Options say how much is measured.
type Options struct {
	Dir         string // where the files go; they are removed
	Assignments int    // of an engine run
	Each        int    // transitions of each of them
	Runs        int    // engine runs, of which the median counts
	Pending     int    // timers of others that wait meanwhile
	Mornings    int    // of the measure of lateness
	Matters     int    // due on the Monday, two notices each
	Units       int    // two people each
	Now         func() time.Time
	Progress    io.Writer // what is being measured; nil: nothing
}

// Full is what docs/performance.md reports.
func Full() Options {
	return Options{Assignments: 10_000, Each: 8, Runs: 3, Pending: 1_000_000, Mornings: 300, Matters: 1000, Units: 100}
}

// Quick is Full in less than a minute: smaller runs, with as much pending and as
// large a Monday.
func Quick() Options {
	o := Full()
	o.Assignments, o.Mornings = 2_000, 100
	return o
}

// Result is what was measured.
type Result struct {
	Engine   Engine   `json:"engine"`
	Lateness Lateness `json:"lateness"`
	Storm    Storm    `json:"storm"`
}

// Engine is how fast steps are committed: each writes its instance with its
// timers, its history row and its outbox rows, synchronous=FULL.
type Engine struct {
	TransitionsPerS float64 `json:"transitions_per_s"`
	RawRatio        float64 `json:"raw_ratio"`        // of one INSERT and one UPDATE a transition, same settings and batches, same run
	RawPerS         float64 `json:"raw_per_s"`        // that limit
	DeliveredPerS   float64 `json:"delivered_per_s"`  // transitions a second when planning, JetStream and the ledger count too
	PendingRatio    float64 `json:"pending_1m_ratio"` // of the rate with nothing else pending
	RSSMB           float64 `json:"rss_mb"`           // resident, with everything pending
	ReadyMS         float64 `json:"ready_ms"`         // from opening that file to a bus that answers
}

// Lateness is how long after its time something happens while little is to do.
type Lateness struct {
	CommitP99MS float64 `json:"commit_p99_ms"` // until the step is committed
	MailP99MS   float64 `json:"mail_p99_ms"`   // until the mail server has the message
}

// Storm is a Monday at nine.
type Storm struct {
	Notices  int     `json:"notices"`
	Messages int     `json:"messages"`
	Seconds  float64 `json:"seconds"` // until the mail server has accepted the last one
}

// Run measures everything.
func Run(ctx context.Context, o Options) (r Result, err error) {
	m := &measure{Options: o}
	steps := []struct {
		what string
		do   func(context.Context, *Result) error
	}{{"engine", m.engine}, {"pending", m.pending}, {"lateness", m.lateness}, {"storm", m.storm}}
	for _, s := range steps {
		if o.Progress != nil {
			fmt.Fprintf(o.Progress, "%s …\n", s.what)
		}
		if err := s.do(ctx, &r); err != nil {
			return r, fmt.Errorf("bench: %s: %w", s.what, err)
		}
	}
	return r, nil
}

type measure struct{ Options }

// folder makes a fresh folder for one run, and removes it.
func (m *measure) folder(name string, fn func(dir string) error) error {
	dir := filepath.Join(m.Dir, name)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	return fn(dir)
}

// median is the middle one; of an even number the upper of the two.
func median(v []float64) float64 {
	s := slices.Sorted(slices.Values(v))
	return s[len(s)/2]
}

// p99 is the value that one in a hundred exceeds.
func p99(v []time.Duration) time.Duration {
	s := slices.Sorted(slices.Values(v))
	return s[(len(s)*99-1)/100]
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
