package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"time"

	"duban/cmd/duban/internal/app"
	"duban/engine/store"
	"duban/notifier"
)

// pending measures the engine once more in a file where other timers wait, a
// million by default, and how long that file takes to open.
func (m *measure) pending(ctx context.Context, r *Result) error {
	return m.folder("pending", func(dir string) error {
		filled, err := m.fill(ctx, dir)
		if err != nil {
			return err
		}
		var rates []float64
		for range m.Runs {
			err := m.folder("among", func(dir string) error {
				rate, err := m.among(ctx, filled, dir, r)
				rates = append(rates, rate)
				return err
			})
			if err != nil {
				return err
			}
		}
		r.Engine.PendingRatio = median(rates) / r.Engine.TransitionsPerS
		return nil
	})
}

// fill writes assignments whose next timer lies years ahead. They are never
// read, so they have no history; what their number costs is in row and indexes.
func (m *measure) fill(ctx context.Context, dir string) (file string, err error) {
	p, err := parts(dir, m.Units, m.Now)
	if err != nil {
		return "", err
	}
	db, err := store.Open(ctx, p.File)
	if err != nil {
		return "", err
	}
	far := p.Calendar.Opening(monday.AddDays(3 * 365)).UnixMilli()
	const chunk = 50_000
	for i := 0; i < m.Pending && err == nil; i += chunk {
		err = db.Write(ctx, p.Calendar.Opening(monday), func(tx *store.Tx) error {
			_, err := tx.ExecContext(ctx, tx.Rebind(`INSERT INTO instances
				(id, slip, kind, state, version, seq, notice, plan_key, item, unit, parent, effective, light, next_due, closed)
				WITH RECURSIVE k (i) AS (SELECT ? UNION ALL SELECT i + 1 FROM k WHERE i < ?)
				SELECT i, 'P-' || i, 'assignment', 'in_progress', 1, 0, 0, 'pending', i, '第' || (i % 60) || '部门', 0, '', '', ? + i % 500 * 86400000, NULL FROM k`),
				i+1, min(i+chunk, m.Pending), far)
			return err
		})
	}
	return p.File, errors.Join(err, db.Close())
}

// among is a run in a copy of the filled file.
func (m *measure) among(ctx context.Context, filled, dir string, r *Result) (rate float64, err error) {
	clock := app.NewVirtual(time.Time{})
	p, err := parts(dir, m.Units, clock.Now)
	if err != nil {
		return 0, err
	}
	if err := copyFile(p.File, filled); err != nil {
		return 0, err
	}
	p.Channels = []notifier.Channel{sink{"mail"}, sink{"wecom"}}
	clock.Set(p.Calendar.Opening(monday).Add(-time.Minute))
	began := m.Now()
	a, err := app.Open(ctx, p)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	if err := a.Ring(ctx); err != nil {
		return 0, err
	}
	e := &r.Engine
	e.ReadyMS = max(e.ReadyMS, milliseconds(m.Now().Sub(began)))
	t, err := m.mornings(ctx, a, clock, false)
	if err != nil {
		return 0, err
	}
	e.RSSMB = max(e.RSSMB, resident())
	return t.rate(), nil
}

func copyFile(to, from string) (err error) {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.Create(to)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	if _, err = io.Copy(out, in); err != nil {
		return err
	}
	return out.Sync()
}

// resident is the process's resident memory in MB, where the system tells it;
// elsewhere what Go has asked for.
func resident() float64 {
	runtime.GC()
	data, err := os.ReadFile("/proc/self/status")
	if err == nil {
		for line := range strings.Lines(string(data)) {
			var kb float64
			if _, err := fmt.Sscanf(line, "VmRSS: %f kB", &kb); err == nil {
				return kb / 1024
			}
		}
	}
	var s runtime.MemStats
	runtime.ReadMemStats(&s)
	return float64(s.Sys) / (1 << 20)
}
