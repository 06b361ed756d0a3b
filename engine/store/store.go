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
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"path/filepath"
	"sync"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/pressly/goose/v3"
	_ "modernc.org/sqlite" // the driver named sqlite
)

//go:embed migrations/*.sql
var migrations embed.FS

// DB is the store. One writer at a time, several readers beside it.
type DB struct {
	w, r  *sqlx.DB
	mu    sync.Mutex // held by the one writing transaction
	heads heads
	file  string
}

// heads are the ends of the numbered tables, kept here because there is one writer.
type heads struct {
	instance, seq, ledger int64
	hash                  string
}

// ErrNewer means that the file was written by a newer program.
var ErrNewer = errors.New("store: the data file is newer than this program; install the newer version")

// Open opens or creates the data file and brings its tables up to date.
// busy_timeout comes first so that the pragmas after it can wait; FULL costs
// nothing once many timers share one commit.
func Open(ctx context.Context, file string) (*DB, error) {
	w, err := sqlx.Open("sqlite", dsn(file, "_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_txlock=immediate"))
	if err != nil {
		return nil, fmt.Errorf("store: open %s: %w", file, err)
	}
	w.SetMaxOpenConns(1)
	db := &DB{w: w, file: file}
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

// dsn needs the file: form, or SQLite's own parameters are dropped without a word.
func dsn(file, more string) string {
	return "file:" + (&url.URL{Path: filepath.ToSlash(file)}).EscapedPath() +
		"?_pragma=busy_timeout(5000)&_pragma=foreign_keys(1)&_pragma=cache_size(-32000)&" + more
}

func (db *DB) prepare(ctx context.Context) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, db.w.DB, files)
	if err != nil {
		return fmt.Errorf("migrations: %w", err)
	}
	have, err := p.GetDBVersion(ctx)
	if err != nil {
		return fmt.Errorf("migrations: %w", err)
	}
	if src := p.ListSources(); have > src[len(src)-1].Version {
		return ErrNewer
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("migrations: %w", err)
	}
	return db.readHeads(ctx)
}

func (db *DB) readHeads(ctx context.Context) error {
	h := &db.heads
	row := db.w.QueryRowxContext(ctx, `SELECT
		(SELECT COALESCE(MAX(id), 0) FROM instances), (SELECT COALESCE(MAX(seq), 0) FROM history),
		(SELECT COALESCE(MAX(id), 0) FROM ledger)`)
	if err := row.Scan(&h.instance, &h.seq, &h.ledger); err != nil {
		return fmt.Errorf("read heads: %w", err)
	}
	err := db.w.GetContext(ctx, &h.hash, `SELECT hash FROM history WHERE seq = (SELECT MAX(seq) FROM history)`)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("read heads: %w", err)
	}
	return nil
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
	*sqlx.Tx
	Now   time.Time
	ctx   context.Context
	db    *DB
	heads heads
	stmts map[string]*sqlx.Stmt
}

// Write runs fn in one transaction at the instant now (kept to the millisecond).
// When fn fails nothing stays behind.
func (db *DB) Write(ctx context.Context, now time.Time, fn func(*Tx) error) error {
	db.mu.Lock()
	defer db.mu.Unlock()
	t, err := db.w.BeginTxx(ctx, nil)
	if err != nil {
		return fmt.Errorf("store: begin: %w", err)
	}
	tx := &Tx{Tx: t, Now: now.Truncate(time.Millisecond), ctx: ctx, db: db, heads: db.heads, stmts: map[string]*sqlx.Stmt{}}
	if err := fn(tx); err != nil {
		return errors.Join(err, rollback(t))
	}
	if err := t.Commit(); err != nil {
		return fmt.Errorf("store: commit: %w", err)
	}
	db.heads = tx.heads
	return nil
}

func rollback(t *sqlx.Tx) error {
	if err := t.Rollback(); err != nil && !errors.Is(err, sql.ErrTxDone) {
		return fmt.Errorf("store: rollback: %w", err)
	}
	return nil
}

// stmt prepares a statement once a transaction: a batch uses it hundreds of times.
func (tx *Tx) stmt(query string) (*sqlx.Stmt, error) {
	s, ok := tx.stmts[query]
	if !ok {
		var err error
		if s, err = tx.PreparexContext(tx.ctx, tx.Rebind(query)); err != nil {
			return nil, fmt.Errorf("store: prepare: %w", err)
		}
		tx.stmts[query] = s
	}
	return s, nil
}

func (tx *Tx) exec(query string, args ...any) (int64, error) {
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
