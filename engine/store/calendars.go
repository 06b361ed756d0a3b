package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// CalendarRow is a calendar and the first history row it was in force for.
type CalendarRow struct {
	From   int64  `db:"from_seq"`
	Source string `db:"source"` // of calendar.FromSource
}

// KeepCalendar puts a calendar into force from the next step on, and says
// whether it is another one than before. The first one of all is no change.
func (tx *Tx) KeepCalendar(source string) (changed bool, err error) {
	var last string
	err = tx.get(&last, `SELECT source FROM calendars ORDER BY from_seq DESC LIMIT 1`)
	first := errors.Is(err, sql.ErrNoRows)
	if err != nil && !first {
		return false, fmt.Errorf("store: calendar in force: %w", err)
	}
	if last == source {
		return false, nil
	}
	c := CalendarRow{From: tx.heads.seq + 1, Source: source}
	_, err = tx.exec(`INSERT INTO calendars (from_seq, source, sum) VALUES (?, ?, ?)
		ON CONFLICT (from_seq) DO UPDATE SET source = excluded.source, sum = excluded.sum`, c.From, c.Source, c.sum())
	if err != nil {
		return false, fmt.Errorf("store: keep calendar: %w", err)
	}
	return !first, nil
}

// Calendars reads the calendars in the order they came into force.
func (db *DB) Calendars(ctx context.Context) ([]CalendarRow, error) {
	var out []CalendarRow
	if err := db.r.SelectContext(ctx, &out, `SELECT from_seq, source FROM calendars ORDER BY from_seq`); err != nil {
		return nil, fmt.Errorf("store: calendars: %w", err)
	}
	return out, nil
}
