package doctor

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"duban/engine/store"
)

const dataArea = "data"

// data reads the data file beside a running service.
func (p *Patient) data(ctx context.Context, f *findings) {
	file := p.Config.DSN()
	if _, err := os.Stat(file); errors.Is(err, os.ErrNotExist) {
		f.warn(dataArea, fmt.Sprintf("there is no data file %s yet", file), "it is made at the first start")
		return
	}
	db, err := store.OpenReader(ctx, file)
	if err == nil {
		defer db.Close()
		err = p.read(ctx, f, db)
	}
	if err != nil {
		f.fail(dataArea, fmt.Sprintf("the data file cannot be read: %v", err), "if it is damaged, put the last good backup in its place; else check who owns it")
		return
	}
	if !p.Running {
		f.warn(dataArea, "no service runs on this data", "start it: duban serve")
	}
}

func (p *Patient) read(ctx context.Context, f *findings, db *store.DB) error {
	have, want, err := db.Schema(ctx)
	switch {
	case err != nil:
		return err
	case have > want:
		f.fail(dataArea, fmt.Sprintf("the data file was written by a newer program (version %d, this one knows %d)", have, want), "install the newer version")
		return nil
	case have < want:
		f.warn(dataArea, fmt.Sprintf("the tables are of version %d; the next start brings them to %d", have, want), "back up before the start")
		return nil // the questions below are for today's tables
	}
	f.ok(dataArea, fmt.Sprintf("the data file %s opens, tables of version %d", db.File(), have))
	for _, look := range []func(context.Context, *findings, *store.DB) error{p.lastInstant, p.provisional, p.outbox} {
		if err := look(ctx, f, db); err != nil {
			return err
		}
	}
	return nil
}

// lastInstant compares the clock with what the data has seen: a clock before it
// makes every timer wait, and orders the history wrongly.
func (p *Patient) lastInstant(ctx context.Context, f *findings, db *store.DB) error {
	last, err := db.LastInstant(ctx)
	if err != nil {
		return err
	}
	if now := p.Now(); last.After(now) {
		f.fail(clockArea, fmt.Sprintf("this machine stands %s before the last thing written (%s)", last.Sub(now).Round(time.Second), p.minute(last)),
			"set the clock by NTP before the service goes on")
		return nil
	}
	f.ok(clockArea, "not before the last thing written")
	return nil
}

// provisional counts the open deadlines that a holiday table may still move.
func (p *Patient) provisional(ctx context.Context, f *findings, db *store.DB) error {
	open, err := db.Instances(ctx, store.Filter{Open: true})
	if err != nil {
		return err
	}
	n := 0
	for i := range open {
		if p.Calendar.Provisional(open[i].Effective) {
			n++
		}
	}
	if n > 0 {
		f.warn(calendarArea, fmt.Sprintf("%d open deadlines lie in a year without holiday table and are provisional", n),
			"they are computed anew at the first start with the table")
	}
	return nil
}

// patience is how long a message that may go may wait, and a held one for the office.
const (
	outboxPatience = time.Hour
	heldPatience   = 24 * time.Hour
)

// waits counts what a person must look at, and since when the rest waits. It
// takes only what is ready: what waits for its morning is in order.
const waits store.Question = `SELECT 'dead' AS name, COUNT(*) AS n FROM deliveries WHERE state = 'dead'
	UNION ALL SELECT 'held', COUNT(*) FROM outbox WHERE state = 'held'
	UNION ALL SELECT 'held since', COALESCE(MIN(ready), 0) FROM outbox WHERE state = 'held'
	UNION ALL SELECT 'notice since', COALESCE(MIN(ready), 0) FROM outbox WHERE state = 'waiting'
	UNION ALL SELECT 'message since', COALESCE(MIN(created), 0) FROM deliveries WHERE state = 'pending'`

func (p *Patient) outbox(ctx context.Context, f *findings, db *store.DB) error {
	n, err := db.Tally(ctx, waits)
	if err != nil {
		return err
	}
	now := p.Now()
	since := func(name string) time.Duration {
		if n[name] == 0 {
			return 0
		}
		return now.Sub(time.UnixMilli(int64(n[name]))).Round(time.Second)
	}
	if n["dead"] > 0 {
		f.fail(dataArea, fmt.Sprintf("%d messages could not be delivered", n["dead"]), "duban outbox list --state dead; mend the cause, then duban outbox resend")
	}
	if held := since("held since"); held > heldPatience {
		f.warn(dataArea, fmt.Sprintf("%d notices to leaders wait for the office, the oldest for %s", n["held"], held), "duban outbox list --state held, then duban outbox release")
	}
	if oldest := max(since("notice since"), since("message since")); oldest > outboxPatience {
		f.warn(dataArea, fmt.Sprintf("the oldest message that may go has waited for %s", oldest), "duban outbox list says what the far side answered")
	}
	if n["dead"] == 0 {
		f.ok(dataArea, "no dead letters")
	}
	return nil
}

func (p *Patient) minute(t time.Time) string {
	return t.In(p.Calendar.Location()).Format("2006-01-02 15:04")
}
