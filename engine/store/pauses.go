package store

import (
	"context"
	"fmt"
	"time"
)

// Pause is a far side that asked for rest.
type Pause struct {
	Robot string // "": the mail channel
	At    time.Time
	Next  time.Time // when the message that met it is tried again
}

// Pauses are the attempts since a time that ended with the far side asking for
// rest: paused, with a code of its own.
func (db *DB) Pauses(ctx context.Context, since time.Time) ([]Pause, error) {
	var rows []struct {
		Robot string
		At    int64
		Next  int64 `db:"next_at"`
	}
	err := db.r.SelectContext(ctx, &rows, db.r.Rebind(`SELECT l.robot, l.at, d.next_at FROM ledger l JOIN deliveries d ON d.delivery = l.delivery
		WHERE l.class = 'paused' AND l.code <> '' AND l.at >= ? ORDER BY l.id`), ms(since))
	if err != nil {
		return nil, fmt.Errorf("store: pauses: %w", err)
	}
	out := make([]Pause, len(rows))
	for i, r := range rows {
		out[i] = Pause{Robot: r.Robot, At: fromMS(r.At), Next: fromMS(r.Next)}
	}
	return out, nil
}
