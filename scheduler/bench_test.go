package scheduler_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"duban/engine"
	"duban/engine/store"
	"duban/scheduler"
)

// The sizes of office measured: a college, and all schools of a county.
var sizes = []int{1_000, 10_000}

// benchWorld begins n assignments with deadlines at random over the year, each
// with the timers of its whole ladder; nobody acts on any of them.
func benchWorld(b *testing.B, n int) *world {
	w := newWorld(b, "2023-01-03")
	r := rand.New(rand.NewPCG(1, 2))
	issued := date(b, "2023-01-03")
	starts := make([]engine.Start, n)
	for i := range starts {
		starts[i] = matter(i, fmt.Sprintf("第%d系", i%60), issued, issued.AddDays(40+r.IntN(300)))
	}
	w.begin(starts...)
	return w
}

// BenchmarkDurableTransitions lets a year of assignments catch up from the day
// of issue: synchronous FULL, the longest due first and so in random order of
// assignments, at most BatchSize of them a transaction. Counted are history rows.
func BenchmarkDurableTransitions(b *testing.B) {
	for _, n := range sizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				w := benchWorld(b, n)
				before := w.tally(store.Transitions)["all"]
				b.StartTimer()
				begin := time.Now()
				w.until(w.cal.Closing(date(b, "2024-06-30")))
				spent := time.Since(begin)
				b.StopTimer()
				done := w.tally(store.Transitions)["all"] - before
				b.ReportMetric(float64(done)/spent.Seconds(), "transitions/s")
				b.ReportMetric(float64(done), "transitions")
				w.db.Close()
				b.StartTimer()
			}
		})
	}
}

// BenchmarkRawLimit is what the same driver, data source, batch size and random
// order allow when a transition is one INSERT and one UPDATE of a small row.
func BenchmarkRawLimit(b *testing.B) {
	for _, n := range sizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				db := rawTables(b, n)
				r := rand.New(rand.NewPCG(1, 2))
				b.StartTimer()
				begin, done := time.Now(), 0
				for range 170_000 / n {
					order := r.Perm(n)
					for len(order) > 0 {
						k := min(len(order), scheduler.BatchSize)
						rawBatch(b, db, order[:k], done)
						order, done = order[k:], done+k
					}
				}
				b.ReportMetric(float64(done)/time.Since(begin).Seconds(), "transitions/s")
				b.StopTimer()
				db.Close()
				b.StartTimer()
			}
		})
	}
}

// rawTables opens a file with the store's settings and fills it.
func rawTables(b *testing.B, n int) *sqlx.DB {
	b.Helper()
	db, err := sqlx.Open("sqlite", "file:"+filepath.Join(b.TempDir(), "raw.db")+
		"?_pragma=busy_timeout(5000)&_pragma=foreign_keys(1)&_pragma=cache_size(-32000)&_pragma=journal_mode(WAL)"+
		"&_pragma=synchronous(FULL)&_pragma=wal_autocheckpoint(8000)&_pragma=journal_size_limit(33554432)&_txlock=immediate")
	if err != nil {
		b.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	db.MustExec(`CREATE TABLE assignments (id INTEGER PRIMARY KEY, state TEXT NOT NULL, version BIGINT NOT NULL, light TEXT NOT NULL)`)
	db.MustExec(`CREATE TABLE timers (id INTEGER PRIMARY KEY, assignment BIGINT NOT NULL, due BIGINT NOT NULL, fired BIGINT)`)
	db.MustExec(`CREATE INDEX timers_due ON timers (due) WHERE fired IS NULL`)
	tx := db.MustBegin()
	for i := range n {
		tx.MustExec(`INSERT INTO assignments VALUES (?, 'in_progress', 1, '')`, i)
	}
	if err := tx.Commit(); err != nil {
		b.Fatal(err)
	}
	return db
}

func rawBatch(b *testing.B, db *sqlx.DB, order []int, id int) {
	ctx := context.Background()
	tx := db.MustBegin()
	insert, err := tx.PreparexContext(ctx, `INSERT INTO timers (id, assignment, due) VALUES (?, ?, ?)`)
	if err != nil {
		b.Fatal(err)
	}
	update, err := tx.PreparexContext(ctx, `UPDATE assignments SET state = ?, version = version + 1, light = ? WHERE id = ?`)
	if err != nil {
		b.Fatal(err)
	}
	for i, a := range order {
		insert.MustExec(id+i, a, id)
		update.MustExec("in_progress", "yellow", a)
	}
	if err := tx.Commit(); err != nil {
		b.Fatal(err)
	}
}
