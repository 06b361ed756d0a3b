package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"duban/engine"
)

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

// Save records one step: the instance, its history row, and the outbox rows of
// its effects, to be written before the transaction ends. When the instance has
// moved on since it was read, Write returns a *Conflict and nothing stays behind.
func (tx *Tx) Save(in *engine.Instance, ev *engine.Event, effects []engine.Effect, manualLeaders bool) error {
	s := tx.saved[in.ID]
	switch {
	case tx.failed != nil:
		return tx.failed
	case s == nil:
		tx.saved[in.ID] = &saved{in: *in, row: in.Version - 1}
	case in.Version > s.in.Version+1:
		tx.failed = fmt.Errorf("store: save %s: version %d follows %d", in.Slip, in.Version, s.in.Version)
		return tx.failed
	default:
		s.in = *in
	}
	tx.steps = append(tx.steps, step{ev: *ev, effects: effects, manual: manualLeaders, slip: in.Slip,
		row: HistoryRow{Instance: in.ID, Version: in.Version, At: ms(tx.Now), State: string(in.State)}})
	return nil
}

// step is a step that is not written yet.
type step struct {
	ev      engine.Event
	effects []engine.Effect
	manual  bool
	slip    string
	row     HistoryRow
}

// saved is an instance that was saved, and the version its row has; 0 is none.
// An instance may take several steps in one transaction: its row is written once.
type saved struct {
	in          engine.Instance
	row         int
	due, closed any // columns, milliseconds or nil
	body        string
}

// flush writes what was saved.
func (tx *Tx) flush() error {
	if len(tx.steps) == 0 {
		return nil
	}
	err := tx.writeSaved()
	if err != nil {
		tx.failed = err
	}
	return err
}

// writeSaved writes all steps and then the instances they led to. Encoding takes
// as long as writing, so it goes ahead beside it: what is received from it says
// that the next one is encoded.
func (tx *Tx) writeSaved() error {
	steps := tx.steps
	tx.steps = nil
	var moved []*saved
	for _, id := range slices.Sorted(maps.Keys(tx.saved)) {
		if s := tx.saved[id]; s.row != s.in.Version {
			moved = append(moved, s)
		}
	}
	encoded := make(chan error, len(steps)+len(moved)) // room for all: nobody waits for a reader that has given up
	go encode(steps, moved, tx.heads, encoded)
	for i := range steps {
		if err := errors.Join(<-encoded, tx.failed); err != nil {
			return err
		}
		if err := tx.writeStep(&steps[i]); err != nil {
			return err
		}
	}
	for _, s := range moved {
		if err := errors.Join(<-encoded, tx.failed); err != nil {
			return err
		}
		if err := tx.writeInstance(s); err != nil {
			return err
		}
		s.row = s.in.Version
	}
	return nil
}

func encode(steps []step, moved []*saved, h heads, done chan<- error) {
	for i := range steps {
		done <- steps[i].encode(&h)
	}
	for _, s := range moved {
		done <- s.encode()
	}
}

// encode fills the history row, whose hash stands on the row before it.
func (s *step) encode(h *heads) error {
	event, err := json.Marshal(&s.ev)
	if err != nil {
		return fmt.Errorf("store: encode event of %s: %w", s.slip, err)
	}
	effects := []byte("[]")
	if len(s.effects) > 0 {
		if effects, err = json.Marshal(s.effects); err != nil {
			return fmt.Errorf("store: encode effects of %s: %w", s.slip, err)
		}
	}
	h.seq++
	s.row.Seq, s.row.Event, s.row.Effects = h.seq, string(event), string(effects)
	s.row.Hash = s.row.chain(h.hash)
	h.hash = s.row.Hash
	return nil
}

func (s *saved) encode() error {
	body, err := json.Marshal(&s.in)
	if err != nil {
		return fmt.Errorf("store: encode %s: %w", s.in.Slip, err)
	}
	s.body, s.due, s.closed = string(body), nil, nil
	if a, ok := s.in.Next(); ok {
		s.due = ms(a.At)
	}
	if !s.in.Closed.IsZero() {
		s.closed = ms(s.in.Closed)
	}
	return nil
}

func (tx *Tx) writeStep(s *step) error {
	h := &s.row
	_, err := tx.write(`INSERT INTO history (seq, instance_id, version, at, event, state, effects, hash) VALUES (?,?,?,?,?,?,?,?)`,
		h.Seq, h.Instance, h.Version, h.At, h.Event, h.State, h.Effects, h.Hash)
	if err != nil {
		return fmt.Errorf("store: history of %s: %w", s.slip, tx.explain(s, err))
	}
	tx.heads.seq, tx.heads.hash = h.Seq, h.Hash
	if err := tx.saveNotices(s); err != nil {
		return fmt.Errorf("store: outbox of %s: %w", s.slip, err)
	}
	return nil
}

// explain turns the failure to write a version a second time into its *Conflict.
func (tx *Tx) explain(s *step, err error) error {
	var last int
	e := tx.read(&last, `SELECT COALESCE(MAX(version), 0) FROM history WHERE instance_id = ?`, s.row.Instance)
	if e == nil && last >= s.row.Version {
		return tx.conflict(s.row.Instance, s.slip)
	}
	return err
}

func (tx *Tx) conflict(id int64, slip string) error {
	var row struct {
		At    int64
		Event string
	}
	err := tx.read(&row, `SELECT at, event FROM history WHERE instance_id = ? ORDER BY version DESC LIMIT 1`, id)
	if err != nil {
		return fmt.Errorf("store: conflict on %s: %w", slip, err)
	}
	var ev engine.Event
	if err := json.Unmarshal([]byte(row.Event), &ev); err != nil {
		return fmt.Errorf("store: conflict on %s: %w", slip, err)
	}
	by := ev.By.Name
	if by == "" {
		by = "系统"
	}
	return &Conflict{Slip: slip, By: by, At: fromMS(row.At), Kind: ev.Kind}
}

// Stale is the *Conflict of an act on a version that is no longer the last.
func (tx *Tx) Stale(in *engine.Instance) error { return tx.conflict(in.ID, in.Slip) }

const instanceColumns = `id, slip, start_key, workflow, def_hash, kind, state, version, plan_key, item, unit, occurrence, parent, effective, light, next_due, closed, body`

// SQLite rewrites an index whenever SET names one of its columns, changed or
// not. The unit and the end hardly ever change, so most steps go the first way.
const (
	insertInstance = `INSERT INTO instances (` + instanceColumns + `) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)`
	updateMoved    = `UPDATE instances SET state = ?, version = ?, effective = ?, light = ?, next_due = ?, body = ?
		WHERE id = ? AND version = ? AND unit = ? AND closed IS NULL`
	updateAll = `UPDATE instances SET state = ?, version = ?, effective = ?, light = ?, next_due = ?, body = ?, unit = ?, closed = ?
		WHERE id = ? AND version = ?`
)

func (tx *Tx) writeInstance(s *saved) error {
	in := &s.in
	state, effective := string(in.State), in.Effective.String()
	var n int64
	var err error
	switch {
	case s.row == 0:
		n, err = tx.write(insertInstance, in.ID, in.Slip, in.Key, in.Workflow, in.DefHash, string(in.Kind), state, in.Version,
			in.Plan, in.Item, in.Unit, in.Occurrence, in.Parent, effective, in.Light, s.due, s.closed, s.body)
	case s.closed == nil:
		n, err = tx.write(updateMoved, state, in.Version, effective, in.Light, s.due, s.body, in.ID, s.row, in.Unit)
	}
	if n == 0 && err == nil {
		n, err = tx.write(updateAll, state, in.Version, effective, in.Light, s.due, s.body, in.Unit, s.closed, in.ID, s.row)
	}
	if err == nil && n == 0 { // its history was free for this version, so the caller skipped one
		err = fmt.Errorf("the row is not at version %d", s.row)
	}
	if err != nil {
		return fmt.Errorf("store: write %s: %w", in.Slip, err)
	}
	return nil
}

// mostKnown bounds the instances kept in memory, at about 2 kB each.
const mostKnown = 16_384

// known are instances as this process last committed them, so that a batch need
// not decode what it wrote itself. Each holds only as long as its row has the
// same version. It belongs to whoever has the turn to write.
type known map[int64]engine.Instance

func (k known) learn(written map[int64]*saved) {
	for id, s := range written {
		if !s.in.Closed.IsZero() {
			delete(k, id)
			continue
		}
		if _, ok := k[id]; !ok && len(k) >= mostKnown {
			for any := range k { // map order is random enough
				delete(k, any)
				break
			}
		}
		k[id] = s.in
	}
}
