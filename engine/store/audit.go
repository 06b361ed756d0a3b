package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/jmoiron/sqlx"

	"duban/engine"
)

// OpenSnapshot opens a data file for reading alone, as it stands at this moment:
// whatever a running service writes meanwhile is not seen. It has one connection,
// so a row must be read to its end before the next question.
func OpenSnapshot(ctx context.Context, file string) (*DB, error) {
	db, err := OpenReader(ctx, file)
	if err != nil {
		return nil, err
	}
	db.r.SetMaxOpenConns(1)
	if _, err := db.r.ExecContext(ctx, `BEGIN; SELECT COUNT(*) FROM sqlite_schema`); err != nil {
		db.Close()
		if damaged(err) {
			err = fmt.Errorf("%w: %w", ErrDamaged, err)
		}
		return nil, fmt.Errorf("store: open %s: %w", file, err)
	}
	return db, nil
}

// mostFaults bounds what an audit tells: after so many the file is no longer
// the place to look for what is right.
const mostFaults = 100

// audit collects what is wrong.
type audit struct {
	db     *DB
	faults []string
}

func (a *audit) fault(format string, args ...any) {
	if len(a.faults) < mostFaults {
		a.faults = append(a.faults, fmt.Sprintf(format, args...))
	}
}

// Audit checks everything that can be checked without taking steps again: the
// pages and indexes, the tables themselves, the chain of the ledger, the sums,
// the columns of each instance against its body, the outbox against history and
// deliveries, and the slip numbers. It names each row that is not what was
// written. An error says that it could not read on. Best on an OpenSnapshot.
func (db *DB) Audit(ctx context.Context) ([]string, error) {
	a := &audit{db: db}
	for _, check := range []func(context.Context) error{
		a.pages, a.tables, a.ledger, a.definitions, a.plans, a.drafts, a.meta, a.instances, a.counters, a.outbox, a.deliveries,
	} {
		if err := check(ctx); err != nil {
			return a.faults, fmt.Errorf("store: audit: %w", err)
		}
	}
	return a.faults, nil
}

// Check reads the whole file and asks SQLite whether it is sound. It is the
// quick part of Audit: pages, not what stands in them. Once it has found damage,
// nothing is written any more.
func (db *DB) Check(ctx context.Context) error {
	err := sound(ctx, db.r, `PRAGMA quick_check(1)`)
	if errors.Is(err, ErrDamaged) {
		db.bad.Store(true)
	}
	return err
}

// Damaged says that a Check has found damage.
func (db *DB) Damaged() bool { return db.bad.Load() }

func sound(ctx context.Context, q sqlx.QueryerContext, pragma string) error {
	var found string
	err := sqlx.GetContext(ctx, q, &found, pragma)
	switch {
	case damaged(err):
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	case err != nil:
		return fmt.Errorf("store: check: %w", err)
	case found != "ok":
		return fmt.Errorf("%w: %s", ErrDamaged, found)
	}
	return nil
}

func (a *audit) pages(ctx context.Context) error {
	err := sound(ctx, a.db.r, `PRAGMA integrity_check(1)`)
	if errors.Is(err, ErrDamaged) {
		a.fault("%v", err)
		return nil
	}
	return err
}

// tables compares the tables, indexes and triggers with those of a new file.
func (a *audit) tables(ctx context.Context) error {
	want, err := newSchema(ctx)
	if err != nil {
		return err
	}
	got, err := schema(ctx, a.db.r)
	if err != nil {
		return err
	}
	for name, sql := range want {
		if got[name] != sql {
			a.fault("%s is not as this program makes it", name)
		}
	}
	for name := range got {
		if _, ok := want[name]; !ok {
			a.fault("%s does not belong here", name)
		}
	}
	return nil
}

// newSchema is that of a file this program makes now.
func newSchema(ctx context.Context) (map[string]string, error) {
	db, err := sqlx.Open("sqlite", ":memory:")
	if err != nil {
		return nil, err
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	p, err := migrator(db.DB)
	if err != nil {
		return nil, err
	}
	if _, err := p.Up(ctx); err != nil {
		return nil, fmt.Errorf("migrations: %w", err)
	}
	return schema(ctx, db)
}

// schema answers what is made, and which versions of it, by name.
func schema(ctx context.Context, q sqlx.QueryerContext) (map[string]string, error) {
	var rows []struct{ Name, SQL string }
	err := sqlx.SelectContext(ctx, q, &rows, `SELECT type || ' ' || name || ' of ' || tbl_name AS name, COALESCE(sql, '') AS sql FROM sqlite_schema
		UNION ALL SELECT 'migration ' || ROW_NUMBER() OVER (ORDER BY id), version_id || ' ' || is_applied FROM goose_db_version`)
	out := map[string]string{}
	for _, r := range rows {
		out[r.Name] = r.SQL
	}
	return out, err
}

func (a *audit) ledger(ctx context.Context) error {
	prev, id := "", int64(0)
	return rowsOf(ctx, a.db, `SELECT id, delivery, robot, at, attempt, class, code, words, hash FROM ledger ORDER BY id`, func(l *ledgerEntry) {
		if id++; l.ID != id || l.chain(prev) != l.Hash {
			a.fault("ledger row %d is not what was written, or a row before it", l.ID)
			id = l.ID
		}
		prev = l.Hash
	})
}

func (a *audit) definitions(ctx context.Context) error {
	type row struct {
		Hash, Name, Source string
		Sum                int64
	}
	return rowsOf(ctx, a.db, `SELECT hash, name, source, sum FROM definitions`, func(r *row) {
		if sumOf(r.Hash, r.Name, r.Source) != r.Sum {
			a.fault("definition %.12s of %s is not what was written", r.Hash, r.Name)
		}
	})
}

func (a *audit) plans(ctx context.Context) error {
	type plan struct {
		Plan
		Sum int64
	}
	type item struct {
		Item
		Sum int64
	}
	err := rowsOf(ctx, a.db, `SELECT `+planColumns+`, sum FROM plans`, func(r *plan) {
		if r.sum() != r.Sum {
			a.fault("plan %s is not what was written", r.Key)
		}
	})
	if err != nil {
		return err
	}
	return rowsOf(ctx, a.db, `SELECT `+itemColumns+`, sum FROM items`, func(r *item) {
		if r.sum() != r.Sum {
			a.fault("item %s of %s is not what was written", r.No, r.Plan)
		}
	})
}

func (a *audit) meta(ctx context.Context) error {
	type meta struct {
		Name, Value string
		Sum         int64
	}
	type cal struct {
		CalendarRow
		Sum int64
	}
	err := rowsOf(ctx, a.db, `SELECT name, value, sum FROM meta`, func(r *meta) {
		if sumOf(r.Name, r.Value) != r.Sum {
			a.fault("meta %s is not what was written", r.Name)
		}
	})
	if err != nil {
		return err
	}
	return rowsOf(ctx, a.db, `SELECT from_seq, source, sum FROM calendars`, func(r *cal) {
		if r.sum() != r.Sum {
			a.fault("the calendar from history row %d on is not what was written", r.From)
		}
	})
}

// standing is an instance as its rows say.
type standing struct {
	instanceRow
	State     string
	Version   int
	PlanKey   string `db:"plan_key"`
	Item      string
	Unit      string
	Parent    int64
	Effective string
	Light     string
	NextDue   *int64 `db:"next_due"`
	Closed    *int64
}

// instances compares the columns with what they were written from, and the facts
// with what writes them: the replay compares what they say, so no byte is left.
func (a *audit) instances(ctx context.Context) error {
	var facts int
	if err := a.db.r.GetContext(ctx, &facts, `SELECT (SELECT COUNT(*) FROM facts) - (SELECT COUNT(*) FROM instances)`); err != nil {
		return err
	}
	if facts != 0 {
		a.fault("there are %d more facts than instances", facts)
	}
	columns := strings.Replace(selectInstance, "SELECT ", `SELECT i.state, i.version, i.plan_key, i.item, i.unit, i.parent, i.effective,
		i.light, i.next_due, i.closed, `, 1)
	return rowsOf(ctx, a.db, columns+` ORDER BY i.id`, a.instance)
}

func (a *audit) instance(r *standing) {
	in, err := r.decode()
	if err != nil {
		a.fault("%v", err)
		return
	}
	if again, err := json.Marshal(&in.Facts); err != nil || string(again) != r.Facts {
		a.fault("%s: its facts are not what was written", r.Slip)
	}
	due, closed := ends(&in)
	for _, c := range []struct {
		name      string
		got, want any
	}{
		{"state", r.State, string(in.State)}, {"version", r.Version, in.Version}, {"plan_key", r.PlanKey, in.Plan}, {"item", r.Item, in.Item},
		{"unit", r.Unit, in.Unit}, {"parent", r.Parent, in.Parent}, {"effective", r.Effective, in.Effective.String()}, {"light", r.Light, in.Light},
		{"next_due", orNil(r.NextDue), due}, {"closed", orNil(r.Closed), closed},
	} {
		if c.got != c.want {
			a.fault("%s: %s is %v, its history says %v", r.Slip, c.name, c.got, c.want)
		}
	}
}

func orNil(v *int64) any {
	if v == nil {
		return nil
	}
	return *v
}

// counters compares the slip numbers with those given out.
func (a *audit) counters(ctx context.Context) error {
	given := map[string]int64{}
	type slip struct{ Slip, Kind string }
	err := rowsOf(ctx, a.db, `SELECT slip, kind FROM instances`, func(r *slip) {
		year, number, _ := strings.Cut(strings.TrimPrefix(r.Slip, letters[engine.Kind(r.Kind)]), "-")
		n, err := strconv.ParseInt(number, 10, 64)
		if r.Slip != fmt.Sprintf("%s%s-%04d", letters[engine.Kind(r.Kind)], year, n) || err != nil {
			a.fault("%s is no number of a %s", r.Slip, r.Kind)
		}
		name := "slip " + letters[engine.Kind(r.Kind)] + year
		given[name] = max(given[name], n)
	})
	if err != nil {
		return err
	}
	type counter struct {
		Name  string
		Value int64
	}
	err = rowsOf(ctx, a.db, `SELECT name, value FROM counters`, func(r *counter) {
		if given[r.Name] != r.Value {
			a.fault("counter %s stands at %d, %d were given out", r.Name, r.Value, given[r.Name])
		}
		delete(given, r.Name)
	})
	for name, n := range given {
		a.fault("counter %s is missing, %d were given out", name, n)
	}
	return err
}

// rowsOf hands every row of a query to each.
func rowsOf[T any](ctx context.Context, db *DB, query string, each func(*T)) error {
	rows, err := db.r.QueryxContext(ctx, query)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var r T
		if err := rows.StructScan(&r); err != nil {
			return err
		}
		each(&r)
	}
	return rows.Err()
}

// effectsOf reads the effects of a history row.
func effectsOf(h *HistoryRow) (out []engine.Effect, err error) {
	if out, err = DecodeEffects([]byte(h.Effects)); err != nil {
		err = fmt.Errorf("history row %d: effects: %w", h.Seq, err)
	}
	return out, err
}
