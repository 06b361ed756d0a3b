package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"

	"duban/engine/crash"
)

//go:embed migrations/*.sql
var migrations embed.FS

// ErrNewer means that the file was written by a newer program.
var ErrNewer = errors.New("store: the data file is newer than this program; install the newer version")

// migrator knows all migrations. Each runs in a transaction of its own, so that
// a start that breaks off in one begins it again the next time.
func migrator(db *sql.DB) (*goose.Provider, error) {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, err
	}
	sums := goose.NewGoMigration(4, &goose.GoFunc{RunTx: addSums}, &goose.GoFunc{RunTx: dropSums})
	p, err := goose.NewProvider(goose.DialectSQLite3, db, files, goose.WithGoMigrations(sums))
	if err != nil {
		return nil, fmt.Errorf("migrations: %w", err)
	}
	return p, nil
}

// version is the version of the tables this program writes.
func version(p *goose.Provider) int64 {
	src := p.ListSources()
	return src[len(src)-1].Version
}

func (db *DB) migrate(ctx context.Context) error {
	p, err := migrator(db.w.DB)
	if err != nil {
		return err
	}
	have, err := p.GetDBVersion(ctx)
	if err != nil {
		return fmt.Errorf("migrations: %w", err)
	}
	if have > version(p) {
		return ErrNewer
	}
	for err == nil {
		crash.Point("before migration", "")
		_, err = p.UpByOne(ctx)
		crash.Point("after migration", "")
	}
	if !errors.Is(err, goose.ErrNoNextVersion) {
		return fmt.Errorf("migrations: %w", err)
	}
	return db.readHeads(ctx)
}

// addSums is migration 4: the ledger becomes a chain, and every row that the
// history cannot tell again gets a sum. It is in Go because SQL knows no hash.
func addSums(ctx context.Context, tx *sql.Tx) error {
	return inOrder(ctx, tx,
		run(`ALTER TABLE ledger ADD COLUMN hash TEXT NOT NULL DEFAULT ''`),
		run(`ALTER TABLE outbox ADD COLUMN sum BIGINT NOT NULL DEFAULT 0`),
		run(`ALTER TABLE deliveries ADD COLUMN sum BIGINT NOT NULL DEFAULT 0`),
		run(`ALTER TABLE definitions ADD COLUMN sum BIGINT NOT NULL DEFAULT 0`),
		run(`ALTER TABLE plans ADD COLUMN sum BIGINT NOT NULL DEFAULT 0`),
		run(`ALTER TABLE items ADD COLUMN sum BIGINT NOT NULL DEFAULT 0`),
		run(`ALTER TABLE calendars ADD COLUMN sum BIGINT NOT NULL DEFAULT 0`),
		run(`ALTER TABLE meta ADD COLUMN sum BIGINT NOT NULL DEFAULT 0`),
		chainLedger, sumNotices,
		each(`SELECT `+deliveryColumns+` FROM deliveries`, `UPDATE deliveries SET sum = ? WHERE delivery = ?`, func(row *sql.Rows) ([]any, error) {
			var d Delivery
			err := row.Scan(&d.Key, &d.Channel, &d.Robot, &d.Person, &d.Message, &d.State, &d.Attempts, &d.Unsure, &d.Created, &d.NextAt, &d.Published, &d.Rounds)
			return []any{d.sum(), d.Key}, err
		}),
		each(`SELECT hash, name, source FROM definitions`, `UPDATE definitions SET sum = ? WHERE hash = ?`, func(row *sql.Rows) ([]any, error) {
			var hash, name, source string
			err := row.Scan(&hash, &name, &source)
			return []any{sumOf(hash, name, source), hash}, err
		}),
		each(`SELECT `+planColumns+` FROM plans`, `UPDATE plans SET sum = ? WHERE plan_key = ?`, func(row *sql.Rows) ([]any, error) {
			var p Plan
			err := row.Scan(&p.Key, &p.Digest, &p.Title, &p.Issued, &p.Added, &p.Body)
			return []any{p.sum(), p.Key}, err
		}),
		each(`SELECT `+itemColumns+` FROM items`, `UPDATE items SET sum = ? WHERE plan_key = ? AND no = ?`, func(row *sql.Rows) ([]any, error) {
			var it Item
			err := row.Scan(&it.Plan, &it.No, &it.Heading, &it.Status, &it.Why, &it.Decided)
			return []any{it.sum(), it.Plan, it.No}, err
		}),
		each(`SELECT from_seq, source FROM calendars`, `UPDATE calendars SET sum = ? WHERE from_seq = ?`, func(row *sql.Rows) ([]any, error) {
			var c CalendarRow
			err := row.Scan(&c.From, &c.Source)
			return []any{c.sum(), c.From}, err
		}),
		each(`SELECT name, value FROM meta`, `UPDATE meta SET sum = ? WHERE name = ?`, func(row *sql.Rows) ([]any, error) {
			var name, value string
			err := row.Scan(&name, &value)
			return []any{sumOf(name, value), name}, err
		}))
}

// ledgerGrowsOnly is the trigger of migration 2, which steps aside while the
// rows there are get their hashes.
const ledgerGrowsOnly = `CREATE TRIGGER ledger_no_update BEFORE UPDATE ON ledger BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END`

func chainLedger(ctx context.Context, tx *sql.Tx) error {
	prev := ""
	return inOrder(ctx, tx, run(`DROP TRIGGER ledger_no_update`),
		each(`SELECT id, delivery, robot, at, attempt, class, code, words FROM ledger ORDER BY id`, `UPDATE ledger SET hash = ? WHERE id = ?`,
			func(row *sql.Rows) ([]any, error) {
				var l ledgerEntry
				err := row.Scan(&l.ID, &l.Delivery, &l.Robot, &l.At, &l.Attempt, &l.Class, &l.Code, &l.Words)
				prev = l.chain(prev)
				return []any{prev, l.ID}, err
			}),
		run(ledgerGrowsOnly))
}

// sumNotices also takes back the why of the withdrawn: their state says it.
func sumNotices(ctx context.Context, tx *sql.Tx) error {
	return inOrder(ctx, tx, run(`UPDATE outbox SET why = '' WHERE state = 'withdrawn' AND why = 'withdrawn'`),
		each(`SELECT DISTINCT delivery, person, why FROM outbox`, `UPDATE outbox SET sum = ? + ready WHERE delivery = ? AND person = ? AND why = ?`,
			func(row *sql.Rows) ([]any, error) {
				var delivery, person, why string
				err := row.Scan(&delivery, &person, &why)
				return []any{noticeSum(delivery, person, why), delivery, person, why}, err
			}))
}

// dropSums undoes addSums.
func dropSums(ctx context.Context, tx *sql.Tx) error {
	steps := []func(context.Context, *sql.Tx) error{run(`ALTER TABLE ledger DROP COLUMN hash`)}
	for _, table := range []string{"outbox", "deliveries", "definitions", "plans", "items", "calendars", "meta"} {
		steps = append(steps, run(`ALTER TABLE `+table+` DROP COLUMN sum`))
	}
	return inOrder(ctx, tx, steps...)
}

func inOrder(ctx context.Context, tx *sql.Tx, steps ...func(context.Context, *sql.Tx) error) error {
	for _, s := range steps {
		if err := s(ctx, tx); err != nil {
			return err
		}
	}
	return nil
}

func run(query string) func(context.Context, *sql.Tx) error {
	return func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, query)
		return err
	}
}

// each reads all rows of query first and then runs update with what args makes
// of each: a table is not written to while it is read.
func each(query, update string, args func(*sql.Rows) ([]any, error)) func(context.Context, *sql.Tx) error {
	return func(ctx context.Context, tx *sql.Tx) error {
		rows, err := tx.QueryContext(ctx, query)
		if err != nil {
			return err
		}
		defer rows.Close()
		var all [][]any
		for rows.Next() {
			a, err := args(rows)
			if err != nil {
				return err
			}
			all = append(all, a)
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			return err
		}
		s, err := tx.PrepareContext(ctx, update)
		if err != nil {
			return err
		}
		defer s.Close()
		for _, a := range all {
			if _, err := s.ExecContext(ctx, a...); err != nil {
				return err
			}
		}
		return nil
	}
}
