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

// Conflict says that somebody else acted first: the instance has moved on since
// it was read.
type Conflict struct {
	Slip string
	By   string // who acted, a name or 系统
	At   time.Time
	Kind engine.EventKind
}

// Error is one sentence with who and when.
func (c *Conflict) Error() string {
	return fmt.Sprintf("store: %s was changed by %s (%s) at %s", c.Slip, c.By, c.Kind, c.At.Format(time.RFC3339))
}

const instanceColumns = `id, slip, start_key, workflow, def_hash, kind, state, version, plan_key, item, unit, occurrence, parent, effective, light, next_due, closed, body`

// Create gives a start its ID and slip number and returns the empty instance to
// step from, or false when the same start was already made.
func (tx *Tx) Create(st *engine.Start, kind engine.Kind) (engine.Instance, bool, error) {
	var n int
	s, err := tx.stmt(`SELECT COUNT(*) FROM instances WHERE start_key = ?`)
	if err != nil {
		return engine.Instance{}, false, err
	}
	if err := s.GetContext(tx.ctx, &n, st.Key); err != nil {
		return engine.Instance{}, false, fmt.Errorf("store: create %s: %w", st.Key, err)
	}
	if n > 0 {
		return engine.Instance{}, false, nil
	}
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
	s, err := tx.stmt(`INSERT INTO counters (name, value) VALUES (?, 1)
		ON CONFLICT (name) DO UPDATE SET value = counters.value + 1 RETURNING value`)
	if err != nil {
		return 0, err
	}
	var n int64
	if err := s.GetContext(tx.ctx, &n, name); err != nil {
		return 0, fmt.Errorf("store: count %s: %w", name, err)
	}
	return n, nil
}

// Save writes one step: the instance, its history row, and the outbox rows of
// its effects. before is the version stepped from; when the row has moved on
// since it was read, nothing is written and a *Conflict is returned.
func (tx *Tx) Save(in *engine.Instance, ev *engine.Event, effects []engine.Effect, manualLeaders bool) error {
	if err := tx.saveInstance(in); err != nil {
		return err
	}
	if err := tx.saveHistory(in, ev, effects); err != nil {
		return fmt.Errorf("store: history of %s: %w", in.Slip, err)
	}
	if err := tx.saveNotices(in, effects, manualLeaders); err != nil {
		return fmt.Errorf("store: outbox of %s: %w", in.Slip, err)
	}
	return nil
}

func (tx *Tx) saveInstance(in *engine.Instance) error {
	body, err := json.Marshal(in)
	if err != nil {
		return fmt.Errorf("store: encode %s: %w", in.Slip, err)
	}
	var due, closed any
	if a, ok := in.Next(); ok {
		due = ms(a.At)
	}
	if !in.Closed.IsZero() {
		closed = ms(in.Closed)
	}
	if in.Version == 1 {
		_, err := tx.exec(`INSERT INTO instances (`+instanceColumns+`) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)`,
			in.ID, in.Slip, in.Key, in.Workflow, in.DefHash, in.Kind, in.State, in.Version, in.Plan, in.Item, in.Unit,
			in.Occurrence, in.Parent, in.Effective.String(), in.Light, due, closed, string(body))
		if err != nil {
			return fmt.Errorf("store: insert %s: %w", in.Slip, err)
		}
		return nil
	}
	n, err := tx.exec(`UPDATE instances SET state = ?, version = ?, unit = ?, effective = ?, light = ?, next_due = ?, closed = ?, body = ?
		WHERE id = ? AND version = ?`,
		in.State, in.Version, in.Unit, in.Effective.String(), in.Light, due, closed, string(body), in.ID, in.Version-1)
	if err != nil {
		return fmt.Errorf("store: update %s: %w", in.Slip, err)
	}
	if n == 0 {
		return tx.conflict(in)
	}
	return nil
}

func (tx *Tx) conflict(in *engine.Instance) error {
	var row struct {
		At    int64
		Event string
	}
	err := tx.GetContext(tx.ctx, &row, tx.Rebind(`SELECT at, event FROM history WHERE instance_id = ? ORDER BY version DESC LIMIT 1`), in.ID)
	if err != nil {
		return fmt.Errorf("store: conflict on %s: %w", in.Slip, err)
	}
	var ev engine.Event
	if err := json.Unmarshal([]byte(row.Event), &ev); err != nil {
		return fmt.Errorf("store: conflict on %s: %w", in.Slip, err)
	}
	by := ev.By.Name
	if by == "" {
		by = "系统"
	}
	return &Conflict{Slip: in.Slip, By: by, At: fromMS(row.At), Kind: ev.Kind}
}

// Stale is the *Conflict of an act on a version that is no longer the last.
func (tx *Tx) Stale(in *engine.Instance) error { return tx.conflict(in) }

func (tx *Tx) saveHistory(in *engine.Instance, ev *engine.Event, effects []engine.Effect) error {
	event, err := json.Marshal(ev)
	if err != nil {
		return err
	}
	outcome := []byte("[]")
	if len(effects) > 0 {
		if outcome, err = json.Marshal(effects); err != nil {
			return err
		}
	}
	h := HistoryRow{Seq: tx.heads.seq + 1, Instance: in.ID, Version: in.Version, At: ms(tx.Now),
		Event: string(event), State: string(in.State), Effects: string(outcome)}
	h.Hash = h.chain(tx.heads.hash)
	_, err = tx.exec(`INSERT INTO history (seq, instance_id, version, at, event, state, effects, hash) VALUES (?,?,?,?,?,?,?,?)`,
		h.Seq, h.Instance, h.Version, h.At, h.Event, h.State, h.Effects, h.Hash)
	if err != nil {
		return err
	}
	tx.heads.seq, tx.heads.hash = h.Seq, h.Hash
	return nil
}

// HistoryRow is one step as recorded.
type HistoryRow struct {
	Seq      int64  `db:"seq"`
	Instance int64  `db:"instance_id"`
	Version  int    `db:"version"`
	At       int64  `db:"at"` // milliseconds since 1970, UTC
	Event    string `db:"event"`
	State    string `db:"state"`
	Effects  string `db:"effects"`
	Hash     string `db:"hash"`
}

// Time is the instant of the step.
func (h *HistoryRow) Time() time.Time { return fromMS(h.At) }

// chain is the hash of the row over the hash of the row before it.
func (h *HistoryRow) chain(prev string) string {
	var b strings.Builder
	for _, n := range []int64{h.Seq, h.Instance, int64(h.Version), h.At} {
		b.WriteString(strconv.FormatInt(n, 10))
		b.WriteByte('\n')
	}
	for _, s := range []string{prev, h.Event, h.State, h.Effects} {
		b.WriteString(strconv.Itoa(len(s))) // lengths keep the fields apart
		b.WriteByte(' ')
		b.WriteString(s)
	}
	sum := sha256.Sum256([]byte(b.String()))
	return hex.EncodeToString(sum[:])
}

// Due are instances with a timer due at or before now, the longest due first.
func (tx *Tx) Due(limit int) ([]engine.Instance, error) {
	s, err := tx.stmt(`SELECT body FROM instances WHERE next_due <= ? ORDER BY next_due, id LIMIT ?`)
	if err != nil {
		return nil, err
	}
	var bodies []string
	if err := s.SelectContext(tx.ctx, &bodies, ms(tx.Now), limit); err != nil {
		return nil, fmt.Errorf("store: due: %w", err)
	}
	return decodeAll(bodies)
}

// Instance reads one instance inside the transaction.
func (tx *Tx) Instance(id int64) (engine.Instance, error) {
	s, err := tx.stmt(`SELECT body FROM instances WHERE id = ?`)
	if err != nil {
		return engine.Instance{}, err
	}
	var body string
	if err := s.GetContext(tx.ctx, &body, id); err != nil {
		return engine.Instance{}, notFound(err, "instance "+strconv.FormatInt(id, 10))
	}
	return decode(body)
}

// BySlip reads one instance by its slip number inside the transaction.
func (tx *Tx) BySlip(slip string) (engine.Instance, error) {
	var body string
	err := tx.GetContext(tx.ctx, &body, tx.Rebind(`SELECT body FROM instances WHERE slip = ?`), slip)
	if err != nil {
		return engine.Instance{}, notFound(err, "督办编号 "+slip)
	}
	return decode(body)
}

func notFound(err error, what string) error {
	if errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("%w: %s", ErrNotFound, what)
	}
	return fmt.Errorf("store: read %s: %w", what, err)
}

func decode(body string) (engine.Instance, error) {
	var in engine.Instance
	if err := json.Unmarshal([]byte(body), &in); err != nil {
		return in, fmt.Errorf("store: decode instance: %w", err)
	}
	return in, nil
}

func decodeAll(bodies []string) ([]engine.Instance, error) {
	out := make([]engine.Instance, len(bodies))
	for i, b := range bodies {
		var err error
		if out[i], err = decode(b); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// NextDue is the earliest armed timer of all, or the zero time.
func (db *DB) NextDue(ctx context.Context) (time.Time, error) {
	var v sql.NullInt64
	if err := db.r.GetContext(ctx, &v, `SELECT MIN(next_due) FROM instances WHERE next_due IS NOT NULL`); err != nil {
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
		where = append(where, "kind IN (?"+strings.Repeat(",?", len(f.Kinds)-1)+")")
		for _, k := range f.Kinds {
			args = append(args, k)
		}
	}
	if len(f.IDs) > 0 {
		where = append(where, "id IN (?"+strings.Repeat(",?", len(f.IDs)-1)+")")
		for _, id := range f.IDs {
			args = append(args, id)
		}
	}
	if f.Open {
		where = append(where, "closed IS NULL")
	}
	if f.Plan != "" {
		where, args = append(where, "plan_key = ?"), append(args, f.Plan)
	}
	var bodies []string
	q := db.r.Rebind(`SELECT body FROM instances WHERE ` + strings.Join(where, " AND ") + ` ORDER BY id`)
	if err := db.r.SelectContext(ctx, &bodies, q, args...); err != nil {
		return nil, fmt.Errorf("store: instances: %w", err)
	}
	return decodeAll(bodies)
}

// History reads all steps in order, calling each; it stops at the first error.
func (db *DB) History(ctx context.Context, each func(*HistoryRow) error) error {
	rows, err := db.r.QueryxContext(ctx, `SELECT seq, instance_id, version, at, event, state, effects, hash FROM history ORDER BY seq`)
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
