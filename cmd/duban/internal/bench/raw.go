package bench

import (
	"context"
	"errors"
	"math/rand/v2"
	"path/filepath"

	"github.com/jmoiron/sqlx"

	"duban/engine/store"
)

// raw is how many transitions a second the driver allows when each is one INSERT
// of a timer and one UPDATE of a small row: the store's settings, the same
// batches, rows and the times of the timers in random order.
func (m *measure) raw(ctx context.Context, dir string, batches []int) (rate float64, err error) {
	db, err := sqlx.Open("sqlite", store.WriterDSN(filepath.Join(dir, "raw.db")))
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	db.SetMaxOpenConns(1)
	_, err = db.ExecContext(ctx, `CREATE TABLE assignments (id INTEGER PRIMARY KEY, state TEXT NOT NULL, version BIGINT NOT NULL, light TEXT NOT NULL);
		CREATE TABLE timers (id INTEGER PRIMARY KEY, assignment BIGINT NOT NULL, due BIGINT NOT NULL, fired BIGINT);
		CREATE INDEX timers_due ON timers (due) WHERE fired IS NULL;
		WITH RECURSIVE k (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM k WHERE i < ?)
			INSERT INTO assignments SELECT i, 'in_progress', 1, '' FROM k`, m.Assignments-1)
	if err != nil {
		return 0, err
	}
	r := rand.New(rand.NewPCG(3, 4))
	order, done := r.Perm(m.Assignments), 0
	began := m.Now()
	for _, n := range batches {
		rows := make([]timer, n)
		for i := range rows {
			rows[i] = timer{order[(done+i)%len(order)], r.IntN(rawDays) * 86_400_000}
		}
		if err := rawBatch(ctx, db, rows, done); err != nil {
			return 0, err
		}
		done += n
	}
	return float64(done) / m.Now().Sub(began).Seconds(), nil
}

// rawDays is how far ahead the next timers lie, as those of an assignment do.
const rawDays = 40

// timer is the next timer of an assignment, due so many milliseconds from now.
type timer struct{ assignment, due int }

func rawBatch(ctx context.Context, db *sqlx.DB, rows []timer, id int) error {
	tx, err := db.BeginTxx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // after a commit this is nothing
	ctx = context.WithoutCancel(ctx)
	insert, err := tx.PreparexContext(ctx, `INSERT INTO timers (id, assignment, due) VALUES (?, ?, ?)`)
	if err != nil {
		return err
	}
	update, err := tx.PreparexContext(ctx, `UPDATE assignments SET state = ?, version = version + 1, light = ? WHERE id = ?`)
	if err != nil {
		return err
	}
	for i, t := range rows {
		if _, err := insert.ExecContext(ctx, id+i, t.assignment, t.due); err != nil {
			return err
		}
		if _, err := update.ExecContext(ctx, "in_progress", "yellow", t.assignment); err != nil {
			return err
		}
	}
	return tx.Commit()
}
