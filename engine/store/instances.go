package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"duban/engine"
)

// ErrNotFound means that no such row exists.
var ErrNotFound = errors.New("store: not found")

// Create gives a start its ID and slip number and returns the empty instance to
// step from, or false when the same start was already made.
func (tx *Tx) Create(st *engine.Start, kind engine.Kind) (engine.Instance, bool, error) {
	var n int
	if err := tx.read(&n, `SELECT COUNT(*) FROM facts WHERE start_key = ?`, st.Key); err != nil {
		return engine.Instance{}, false, fmt.Errorf("store: create %s: %w", st.Key, err)
	}
	if n > 0 || tx.keys[st.Key] {
		return engine.Instance{}, false, nil
	}
	tx.keys[st.Key] = true
	slip, err := tx.slip(st, kind)
	if err != nil {
		return engine.Instance{}, false, err
	}
	tx.heads.instance++
	return engine.Instance{ID: tx.heads.instance, Slip: slip}, true, nil
}

// letters mark the slip numbers of everything that is not a 督办件.
var letters = map[engine.Kind]string{
	engine.KindAssignment: "", engine.KindSeries: "S", engine.KindRound: "R",
	engine.KindAsked: "A", engine.KindStanding: "L", engine.KindBrief: "W",
}

// slip numbers run without gaps within a kind and year: 2023-0005.
func (tx *Tx) slip(st *engine.Start, kind engine.Kind) (string, error) {
	year := tx.Now.Year()
	if d := st.Facts.Issued; d != 0 {
		year = d.Year()
	}
	name := letters[kind] + strconv.Itoa(year)
	n, err := tx.Count("slip " + name)
	return fmt.Sprintf("%s-%04d", name, n), err
}

// Count adds one to a named counter and returns it; the first answer is 1.
func (tx *Tx) Count(name string) (int64, error) {
	if tx.drain(); tx.failed != nil {
		return 0, tx.failed
	}
	var n int64
	err := tx.read(&n, `INSERT INTO counters (name, value) VALUES (?, 1)
		ON CONFLICT (name) DO UPDATE SET value = counters.value + 1 RETURNING value`, name)
	if tx.failed = err; err != nil {
		return 0, fmt.Errorf("store: count %s: %w", name, err)
	}
	return n, nil
}

// HistoryRow is one step as recorded.
type HistoryRow struct {
	Seq      int64  `db:"seq"`
	Instance int64  `db:"instance_id"`
	Version  int    `db:"version"`
	Prev     int64  `db:"prev"` // the row of the same instance before, 0: none
	At       int64  `db:"at"`   // milliseconds since 1970, UTC
	Event    string `db:"event"`
	State    string `db:"state"`
	Effects  string `db:"effects"`
	After    string `db:"after"` // EncodeCourse after the step
	Hash     string `db:"hash"`
}

// Time is the instant of the step.
func (h *HistoryRow) Time() time.Time { return fromMS(h.At) }

// chain is the hash of the row over the hash of the row before it.
func (h *HistoryRow) chain(prev string) string {
	b := make([]byte, 0, 2048)
	for _, n := range []int64{h.Seq, h.Instance, int64(h.Version), h.Prev, h.At} {
		b = append(strconv.AppendInt(b, n, 10), '\n')
	}
	for _, s := range []string{prev, h.Event, h.State, h.Effects, h.After} {
		b = append(strconv.AppendInt(b, int64(len(s)), 10), ' ') // lengths keep the fields apart
		b = append(b, s...)
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// Due are instances with a timer due at or before now, the longest due first,
// without the excepted ones. What it gives is shared: it is not to be written to.
func (tx *Tx) Due(limit int, except ...int64) ([]*engine.Instance, error) {
	but, args := without(except)
	return tx.pick("due", `next_due <= ?`+but+` ORDER BY next_due, id LIMIT ?`, append(append([]any{ms(tx.Now)}, args...), limit)...)
}

// Open are all instances that have not ended, in the order they began, shared
// like those of Due.
func (tx *Tx) Open() ([]*engine.Instance, error) {
	return tx.pick("open", `closed IS NULL ORDER BY id`)
}

// OpenChildren are the numbers of the children of an instance that have not ended.
func (tx *Tx) OpenChildren(parent int64) ([]int64, error) {
	var out []int64
	if err := tx.list(&out, `SELECT id FROM instances WHERE parent = ? AND closed IS NULL ORDER BY id`, parent); err != nil {
		return nil, fmt.Errorf("store: children: %w", err)
	}
	return out, nil
}

func (tx *Tx) pick(what, where string, args ...any) ([]*engine.Instance, error) {
	var rows []struct {
		ID      int64
		Version int
	}
	if err := tx.list(&rows, `SELECT id, version FROM instances WHERE `+where, args...); err != nil {
		return nil, fmt.Errorf("store: %s instances: %w", what, err)
	}
	out := make([]*engine.Instance, len(rows))
	for i, r := range rows {
		var err error
		if out[i], err = tx.at(r.ID, r.Version); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// without is the condition that leaves out some ids.
func without(ids []int64) (condition string, args []any) {
	if len(ids) == 0 {
		return "", nil
	}
	for _, id := range ids {
		args = append(args, id)
	}
	return ` AND id NOT IN (?` + strings.Repeat(",?", len(ids)-1) + `)`, args
}

// Instance reads one instance inside the transaction. What it gives is shared:
// its maps and slices are not to be written to.
func (tx *Tx) Instance(id int64) (engine.Instance, error) {
	var version int
	if err := tx.get(&version, `SELECT version FROM instances WHERE id = ?`, id); err != nil {
		return engine.Instance{}, notFound(err, "instance "+strconv.FormatInt(id, 10))
	}
	in, err := tx.at(id, version)
	if err != nil {
		return engine.Instance{}, err
	}
	return *in, nil
}

// at is an instance whose row has a version: the known one, or as it is stored.
func (tx *Tx) at(id int64, version int) (*engine.Instance, error) {
	if k, ok := tx.db.known[id]; ok && k.Version == version {
		tx.seen[id] = k
		return k.Instance, nil
	}
	var row instanceRow
	if err := tx.read(&row, selectInstance+` WHERE i.id = ?`, id); err != nil {
		return nil, notFound(err, "instance "+strconv.FormatInt(id, 10))
	}
	in, err := row.decode()
	tx.seen[id] = &knownInstance{&in, row.last}
	return &in, err
}

// BySlip reads one instance by its slip number inside the transaction.
func (tx *Tx) BySlip(slip string) (engine.Instance, error) {
	var id int64
	if err := tx.get(&id, `SELECT id FROM instances WHERE slip = ?`, slip); err != nil {
		return engine.Instance{}, notFound(err, "督办编号 "+slip)
	}
	return tx.Instance(id)
}

func notFound(err error, what string) error {
	if errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("%w: %s", ErrNotFound, what)
	}
	return fmt.Errorf("store: read %s: %w", what, err)
}

// Unreadable means that the row of an instance cannot be decoded.
type Unreadable struct {
	ID  int64
	Err error
}

// Error names the instance and what is wrong.
func (u *Unreadable) Error() string { return fmt.Sprintf("store: decode instance %d: %v", u.ID, u.Err) }

// Unwrap is what is wrong.
func (u *Unreadable) Unwrap() error { return u.Err }

// instanceRow is an instance in its three places: its row, its facts, and what
// its last step left.
type instanceRow struct {
	ID int64
	last
	Slip     string
	Key      string `db:"start_key"`
	Workflow string
	DefHash  string `db:"def_hash"`
	Kind     string
	Facts    string
	After    string
}

// The joins are outer ones: an instance that has lost a part is named, not left out.
const selectInstance = `SELECT i.id, i.seq, i.notice, i.slip, i.kind, COALESCE(f.start_key, '') AS start_key,
	COALESCE(f.workflow, '') AS workflow, COALESCE(f.def_hash, '') AS def_hash, COALESCE(f.body, '') AS facts, COALESCE(h.after, '') AS after
	FROM instances i LEFT JOIN facts f ON f.id = i.id LEFT JOIN history h ON h.seq = i.seq`

func (r *instanceRow) decode() (engine.Instance, error) {
	in := engine.Instance{ID: r.ID, Slip: r.Slip, Key: r.Key, Workflow: r.Workflow, DefHash: r.DefHash, Kind: engine.Kind(r.Kind)}
	err := json.Unmarshal([]byte(r.Facts), &in.Facts)
	if err == nil {
		in.Course, err = decodeCourse([]byte(r.After))
	}
	if err != nil {
		return in, &Unreadable{ID: r.ID, Err: err}
	}
	return in, nil
}

// NextDue is the earliest armed timer of all, or the zero time.
func (db *DB) NextDue(ctx context.Context) (time.Time, error) { return db.NextDueBut(ctx, nil) }

// NextDueBut is NextDue without the excepted instances.
func (db *DB) NextDueBut(ctx context.Context, except []int64) (time.Time, error) {
	var v sql.NullInt64
	but, args := without(except)
	if err := db.r.GetContext(ctx, &v, `SELECT MIN(next_due) FROM instances WHERE next_due IS NOT NULL`+but, args...); err != nil {
		return time.Time{}, fmt.Errorf("store: next due: %w", err)
	}
	return fromMS(v.Int64), nil
}

// Filter picks instances.
type Filter struct {
	Kinds []engine.Kind
	Open  bool // only those that have not ended
	Plan  string
	IDs   []int64
}

// Instances reads instances in the order they began.
func (db *DB) Instances(ctx context.Context, f Filter) ([]engine.Instance, error) {
	where, args := []string{"1 = 1"}, []any{}
	if len(f.Kinds) > 0 {
		where = append(where, "i.kind IN (?"+strings.Repeat(",?", len(f.Kinds)-1)+")")
		for _, k := range f.Kinds {
			args = append(args, k)
		}
	}
	if len(f.IDs) > 0 {
		where = append(where, "i.id IN (?"+strings.Repeat(",?", len(f.IDs)-1)+")")
		for _, id := range f.IDs {
			args = append(args, id)
		}
	}
	if f.Open {
		where = append(where, "i.closed IS NULL")
	}
	if f.Plan != "" {
		where, args = append(where, "i.plan_key = ?"), append(args, f.Plan)
	}
	var rows []instanceRow
	q := db.r.Rebind(selectInstance + ` WHERE ` + strings.Join(where, " AND ") + ` ORDER BY i.id`)
	if err := db.r.SelectContext(ctx, &rows, q, args...); err != nil {
		return nil, fmt.Errorf("store: instances: %w", err)
	}
	out := make([]engine.Instance, len(rows))
	for i := range rows {
		var err error
		if out[i], err = rows[i].decode(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// History reads all steps in order, calling each; it stops at the first error.
func (db *DB) History(ctx context.Context, each func(*HistoryRow) error) error {
	rows, err := db.r.QueryxContext(ctx, `SELECT seq, instance_id, version, prev, at, event, state, effects, after, hash FROM history ORDER BY seq`)
	if err != nil {
		return fmt.Errorf("store: history: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var h HistoryRow
		if err := rows.StructScan(&h); err != nil {
			return fmt.Errorf("store: history: %w", err)
		}
		if err := each(&h); err != nil {
			return err
		}
	}
	return rows.Err()
}
