// Package store keeps instances, history, outbox and ledger in SQL. What one
// step changes is written in one transaction; nothing else writes.
//
// SQL is the truth of the house: timers, notices and receipts are here, and
// whatever the bus forgets is published again from here. The store is a struct,
// not an interface: its fake in tests is a real file in a temporary folder.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jmoiron/sqlx"
	"modernc.org/sqlite" // and the driver of that name

	"duban/engine/crash"
)

// DB is the store. One writer at a time, several readers beside it.
type DB struct {
	w, r  *sqlx.DB
	turn  chan struct{} // holds the one writing transaction
	heads heads
	known known
	file  string

	bad      atomic.Bool // Check has found damage
	restored int64       // when, in milliseconds; 0: never
}

// heads are the ends of the numbered tables, kept here because there is one writer.
type heads struct {
	instance, seq, notice, ledger int64
	hash, ledgerHash              string
}

// ErrDamaged means that the file is no longer a sound database.
var ErrDamaged = errors.New("store: the data file is damaged; put the last good backup in its place")

// writer are the settings of the writing connection. FULL costs nothing once
// many timers share one commit. A write-ahead log of 8000 pages (32 MB) lets a
// page that many batches change be copied back once, not once a batch; the log
// is cut to that size again after a reader has held it up.
const writer = "_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=wal_autocheckpoint(8000)" +
	"&_pragma=journal_size_limit(33554432)&_txlock=immediate"

// Open opens or creates the data file and brings its tables up to date. It
// refuses a file that is damaged, newer than the program, or on a disk that
// cannot keep a write-ahead log.
func Open(ctx context.Context, file string) (*DB, error) {
	w, err := sqlx.Open("sqlite", WriterDSN(file))
	if err != nil {
		return nil, fmt.Errorf("store: open %s: %w", file, err)
	}
	w.SetMaxOpenConns(1)
	db := &DB{w: w, file: file, turn: make(chan struct{}, 1), known: known{}}
	if err := db.prepare(ctx); err != nil {
		w.Close()
		return nil, fmt.Errorf("store: open %s: %w", file, err)
	}
	db.r, err = sqlx.Open("sqlite", dsn(file, "_pragma=query_only(1)"))
	if err != nil {
		w.Close()
		return nil, fmt.Errorf("store: open %s for reading: %w", file, err)
	}
	db.r.SetMaxOpenConns(4)
	return db, nil
}

// WriterDSN is the data source of the writing connection to a file, for
// measuring what the driver allows under the same settings.
func WriterDSN(file string) string { return dsn(file, writer) }

// dsn needs the file: form, or SQLite's own parameters are dropped without a
// word. busy_timeout comes first so that the pragmas after it can wait. A page
// cache of 4 MB holds what a batch changes; memory for a larger one has to be had
// from the system first, which takes longer than reading a page again.
func dsn(file, more string) string {
	return "file:" + (&url.URL{Path: filepath.ToSlash(file)}).EscapedPath() +
		"?_pragma=busy_timeout(5000)&_pragma=foreign_keys(1)&_pragma=cache_size(-4000)&" + more
}

func (db *DB) prepare(ctx context.Context) error {
	err := db.settings(ctx)
	if err == nil {
		err = db.migrate(ctx)
	}
	if damaged(err) {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return err
}

// settings asks whether the settings were taken: SQLite answers a journal mode
// it cannot have with another one and no error. What a look at header and tables
// shows is refused here; reading the whole file is for Check, which a large file
// would make a start wait for.
func (db *DB) settings(ctx context.Context) error {
	var mode string
	var sync int
	err := errors.Join(db.w.GetContext(ctx, &mode, `PRAGMA journal_mode`), db.w.GetContext(ctx, &sync, `PRAGMA synchronous`))
	switch {
	case err != nil:
		return fmt.Errorf("check: %w", err)
	case mode != "wal" || sync != 2:
		return fmt.Errorf("journal_mode is %s and synchronous %d; the file must lie on a local disk", mode, sync)
	}
	return nil
}

// damaged knows the two answers of SQLite that no waiting changes.
func damaged(err error) bool {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return false
	}
	code := e.Code() & 0xff
	return code == 11 || code == 26 // SQLITE_CORRUPT, SQLITE_NOTADB
}

func (db *DB) readHeads(ctx context.Context) error {
	h := &db.heads
	row := db.w.QueryRowxContext(ctx, `SELECT
		(SELECT COALESCE(MAX(id), 0) FROM instances), (SELECT COALESCE(MAX(seq), 0) FROM history),
		(SELECT COALESCE(MAX(n), 0) FROM outbox), (SELECT COALESCE(MAX(id), 0) FROM ledger)`)
	if err := row.Scan(&h.instance, &h.seq, &h.notice, &h.ledger); err != nil {
		return fmt.Errorf("read heads: %w", err)
	}
	for query, into := range map[string]*string{
		`SELECT hash FROM history WHERE seq = (SELECT MAX(seq) FROM history)`: &h.hash,
		`SELECT hash FROM ledger WHERE id = (SELECT MAX(id) FROM ledger)`:     &h.ledgerHash,
	} {
		if err := db.w.GetContext(ctx, into, query); err != nil && !errors.Is(err, sql.ErrNoRows) {
			return fmt.Errorf("read heads: %w", err)
		}
	}
	return db.readRestored(ctx)
}

// Close ends all connections.
func (db *DB) Close() error {
	if db.w == nil { // OpenReader
		return db.r.Close()
	}
	return errors.Join(db.r.Close(), db.w.Close())
}

// File is the path of the data file.
func (db *DB) File() string { return db.file }

// Tx is one writing transaction with one instant, Now: every row it writes
// carries that instant, and SQL itself never asks for the time.
type Tx struct {
	Now    time.Time
	For    string // what it is for, as package crash names it; "" when nothing depends on it
	t      *sqlx.Tx
	ctx    context.Context
	db     *DB
	heads  heads
	mu     sync.Mutex // over stmts
	stmts  map[string]*sqlx.Stmt
	saved  map[int64]*saved
	open   *saved // the last of them, whose row is not written yet
	queue  *queue
	steps  bulk            // history rows that are not in the queue yet
	tells  bulk            // outbox rows
	seen   known           // instances as they were read
	keys   map[string]bool // of what was created here
	defs   map[string]bool // definitions known to be stored
	failed error           // the first statement that failed
	again  bool            // what is saved follows from what was due before a restore
	marks  []string        // notices of that
}

// Write runs fn in one transaction at the instant now (kept to the millisecond).
// When fn fails, or any statement in it, nothing stays behind. It waits for its
// turn as long as ctx allows.
func (db *DB) Write(ctx context.Context, now time.Time, fn func(*Tx) error) error {
	if db.w == nil {
		return fmt.Errorf("store: %s is open for reading alone", db.file)
	}
	if db.Damaged() {
		return ErrDamaged
	}
	select {
	case db.turn <- struct{}{}:
	case <-ctx.Done():
		return fmt.Errorf("store: wait to write: %w", ctx.Err())
	}
	defer func() { <-db.turn }()
	t, err := db.w.BeginTxx(ctx, nil)
	if err != nil {
		return fmt.Errorf("store: begin: %w", err)
	}
	defer t.Rollback() // after a commit this is nothing; after a panic in fn it gives the one connection back
	// The end of ctx rolls back; an interrupted statement would do so too, but unseen by the next one.
	tx := &Tx{Now: now.Truncate(time.Millisecond), t: t, ctx: context.WithoutCancel(ctx), db: db, heads: db.heads,
		steps: bulk{insert: insertHistory}, tells: bulk{insert: insertNotices},
		stmts: map[string]*sqlx.Stmt{}, saved: map[int64]*saved{}, seen: known{}, keys: map[string]bool{}, defs: map[string]bool{}}
	if err := tx.run(fn); err != nil {
		if errors.Is(err, sql.ErrTxDone) && ctx.Err() != nil {
			err = fmt.Errorf("store: write: %w", ctx.Err())
		}
		return err
	}
	crash.Point("before commit", tx.For)
	if err := t.Commit(); err != nil {
		return fmt.Errorf("store: commit: %w", err)
	}
	crash.Point("after commit", tx.For)
	db.heads = tx.heads
	db.known.learn(tx.saved)
	return nil
}

// run is fn and what it left to write. No fn can go on after a failed statement.
func (tx *Tx) run(fn func(*Tx) error) error {
	defer tx.drain() // also after a panic: the queue writes to the transaction
	if err := fn(tx); err != nil {
		return err
	}
	if err := tx.flush(); err != nil {
		return err
	}
	return tx.markAgain()
}

// stmt prepares a statement once a transaction: a batch uses it hundreds of times.
func (tx *Tx) stmt(query string) (*sqlx.Stmt, error) {
	tx.mu.Lock()
	defer tx.mu.Unlock()
	s, ok := tx.stmts[query]
	if !ok {
		var err error
		if s, err = tx.t.PreparexContext(tx.ctx, tx.t.Rebind(query)); err != nil {
			return nil, fmt.Errorf("store: prepare: %w", err)
		}
		tx.stmts[query] = s
	}
	return s, nil
}

// exec writes, after what was saved before.
func (tx *Tx) exec(query string, args ...any) (n int64, err error) {
	if err := tx.flush(); err != nil {
		return 0, err
	}
	n, err = tx.write(query, args...)
	tx.failed = err
	return n, err
}

// write is exec for the queue.
func (tx *Tx) write(query string, args ...any) (int64, error) {
	s, err := tx.stmt(query)
	if err != nil {
		return 0, err
	}
	res, err := s.ExecContext(tx.ctx, args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// get reads one row into dest, after what was saved before.
func (tx *Tx) get(dest any, query string, args ...any) error {
	if err := tx.flush(); err != nil {
		return err
	}
	return tx.read(dest, query, args...)
}

// read is get beside what was saved.
func (tx *Tx) read(dest any, query string, args ...any) error {
	s, err := tx.stmt(query)
	if err != nil {
		return err
	}
	return s.GetContext(tx.ctx, dest, args...)
}

// list reads all rows into dest, after what was saved before.
func (tx *Tx) list(dest any, query string, args ...any) error {
	if err := tx.flush(); err != nil {
		return err
	}
	s, err := tx.stmt(query)
	if err != nil {
		return err
	}
	return s.SelectContext(tx.ctx, dest, args...)
}

// ExecContext runs a statement of the caller's own, after what was saved before.
func (tx *Tx) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if err := tx.flush(); err != nil {
		return nil, err
	}
	res, err := tx.t.ExecContext(ctx, query, args...)
	tx.failed = err
	return res, err
}

// GetContext reads one row into dest, after what was saved before.
func (tx *Tx) GetContext(ctx context.Context, dest any, query string, args ...any) error {
	if err := tx.flush(); err != nil {
		return err
	}
	return tx.t.GetContext(ctx, dest, query, args...)
}

// SelectContext reads all rows into dest, after what was saved before.
func (tx *Tx) SelectContext(ctx context.Context, dest any, query string, args ...any) error {
	if err := tx.flush(); err != nil {
		return err
	}
	return tx.t.SelectContext(ctx, dest, query, args...)
}

// Rebind writes a query's question marks as the database wants them.
func (tx *Tx) Rebind(query string) string { return tx.t.Rebind(query) }

func ms(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func fromMS(v int64) time.Time {
	if v == 0 {
		return time.Time{}
	}
	return time.UnixMilli(v)
}
