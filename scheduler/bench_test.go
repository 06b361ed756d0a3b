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

// benchInstances is a large office: a year of assignments, each with the timers
// of its whole ladder, nobody acting on any of them.
const benchInstances = 10_000

// benchWorld begins the assignments with deadlines at random over the year.
func benchWorld(b *testing.B) *world {
	w := newWorld(b, "2023-01-03")
	r := rand.New(rand.NewPCG(1, 2))
	issued := date(b, "2023-01-03")
	starts := make([]engine.Start, benchInstances)
	for i := range starts {
		starts[i] = matter(i, fmt.Sprintf("第%d系", i%60), issued, issued.AddDays(40+r.IntN(300)))
	}
	for len(starts) > 0 {
		n := min(len(starts), scheduler.BatchSize)
		w.begin(starts[:n]...)
		starts = starts[n:]
	}
	return w
}

// BenchmarkDurableTransitions runs all timers of a year of assignments, each
// morning's in its turn, synchronous FULL, at most BatchSize instances a
// transaction. What is reported are history rows a second.
func BenchmarkDurableTransitions(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		w := benchWorld(b)
		before := w.tally(store.Transitions)["all"]
		begin := time.Now()
		b.StartTimer()
		w.until(w.cal.Closing(date(b, "2024-06-30")))
		spent := time.Since(begin)
		b.StopTimer()
		done := w.tally(store.Transitions)["all"] - before
		b.ReportMetric(float64(done)/spent.Seconds(), "transitions/s")
		b.ReportMetric(float64(done), "transitions")
		w.db.Close()
		b.StartTimer()
	}
}

// BenchmarkRawLimit is what the same driver, data source and batch size allow
// when a transition is one INSERT and one UPDATE of a small row and nothing else.
func BenchmarkRawLimit(b *testing.B) {
	const rounds = 12
	for b.Loop() {
		b.StopTimer()
		db := rawTables(b)
		r := rand.New(rand.NewPCG(1, 2))
		b.StartTimer()
		begin, done := time.Now(), 0
		for range rounds {
			order := r.Perm(benchInstances)
			for len(order) > 0 {
				n := min(len(order), scheduler.BatchSize)
				rawBatch(b, db, order[:n], done)
				order, done = order[n:], done+n
			}
		}
		b.ReportMetric(float64(done)/time.Since(begin).Seconds(), "transitions/s")
		b.StopTimer()
		db.Close()
		b.StartTimer()
	}
}

// rawTables opens a file with the store's settings and fills it.
func rawTables(b *testing.B) *sqlx.DB {
	b.Helper()
	db, err := sqlx.Open("sqlite", "file:"+filepath.Join(b.TempDir(), "raw.db")+
		"?_pragma=busy_timeout(5000)&_pragma=foreign_keys(1)&_pragma=cache_size(-32000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_txlock=immediate")
	if err != nil {
		b.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	db.MustExec(`CREATE TABLE assignments (id INTEGER PRIMARY KEY, state TEXT NOT NULL, version BIGINT NOT NULL, light TEXT NOT NULL)`)
	db.MustExec(`CREATE TABLE timers (id INTEGER PRIMARY KEY, assignment BIGINT NOT NULL, due BIGINT NOT NULL, fired BIGINT)`)
	db.MustExec(`CREATE INDEX timers_due ON timers (due) WHERE fired IS NULL`)
	tx := db.MustBegin()
	for i := range benchInstances {
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
