package store

import (
	"encoding/json"
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

// Save writes one step: the instance, its history row, and the outbox rows of
// its effects. When the instance has moved on since it was read, a *Conflict is
// returned and nothing stays behind.
func (tx *Tx) Save(in *engine.Instance, ev *engine.Event, effects []engine.Effect, manualLeaders bool) error {
	if err := tx.saveInstance(in); err != nil {
		return err
	}
	if err := tx.saveHistory(in, ev, effects); err != nil {
		return fmt.Errorf("store: history of %s: %w", in.Slip, tx.explain(in, err))
	}
	if err := tx.saveNotices(in, effects, manualLeaders); err != nil {
		return fmt.Errorf("store: outbox of %s: %w", in.Slip, err)
	}
	return nil
}

// saved is an instance and the version its row has. An instance may take
// several steps in one transaction; its row is written once, at the end.
type saved struct {
	in  engine.Instance
	row int
}

func (tx *Tx) saveInstance(in *engine.Instance) error {
	if s := tx.saved[in.ID]; s != nil {
		s.in = *in
		return nil
	}
	tx.saved[in.ID] = &saved{in: *in, row: in.Version - 1}
	if in.Version > 1 {
		return nil
	}
	tx.saved[in.ID].row = 1 // at once, so that Create sees its key
	return tx.insert(in)
}

// flush writes the rows of all instances that have moved.
func (tx *Tx) flush() error {
	for _, id := range slices.Sorted(maps.Keys(tx.saved)) {
		s := tx.saved[id]
		if s.row == s.in.Version {
			continue
		}
		if err := tx.update(s); err != nil {
			return err
		}
		s.row = s.in.Version
	}
	return nil
}

// columns are what an instance's row has beside its body.
func columns(in *engine.Instance) (due, closed any, body string, err error) {
	b, err := json.Marshal(in)
	if err != nil {
		return nil, nil, "", fmt.Errorf("store: encode %s: %w", in.Slip, err)
	}
	if a, ok := in.Next(); ok {
		due = ms(a.At)
	}
	if !in.Closed.IsZero() {
		closed = ms(in.Closed)
	}
	return due, closed, string(b), nil
}

const instanceColumns = `id, slip, start_key, workflow, def_hash, kind, state, version, plan_key, item, unit, occurrence, parent, effective, light, next_due, closed, body`

func (tx *Tx) insert(in *engine.Instance) error {
	due, closed, body, err := columns(in)
	if err != nil {
		return err
	}
	_, err = tx.exec(`INSERT INTO instances (`+instanceColumns+`) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)`,
		in.ID, in.Slip, in.Key, in.Workflow, in.DefHash, string(in.Kind), string(in.State), in.Version, in.Plan, in.Item, in.Unit,
		in.Occurrence, in.Parent, in.Effective.String(), in.Light, due, closed, body)
	if err != nil {
		return fmt.Errorf("store: insert %s: %w", in.Slip, err)
	}
	return nil
}

// SQLite rewrites an index whenever SET names one of its columns, changed or
// not. The unit and the end hardly ever change, so most steps go the first way.
const (
	updateMoved = `UPDATE instances SET state = ?, version = ?, effective = ?, light = ?, next_due = ?, body = ?
		WHERE id = ? AND version = ? AND unit = ? AND closed IS NULL`
	updateAll = `UPDATE instances SET state = ?, version = ?, effective = ?, light = ?, next_due = ?, body = ?, unit = ?, closed = ?
		WHERE id = ? AND version = ?`
)

func (tx *Tx) update(s *saved) error {
	in := &s.in
	due, closed, body, err := columns(in)
	if err != nil {
		return err
	}
	state, effective := string(in.State), in.Effective.String()
	var n int64
	if closed == nil {
		n, err = tx.exec(updateMoved, state, in.Version, effective, in.Light, due, body, in.ID, s.row, in.Unit)
	}
	if n == 0 && err == nil {
		n, err = tx.exec(updateAll, state, in.Version, effective, in.Light, due, body, in.Unit, closed, in.ID, s.row)
	}
	switch {
	case err != nil:
		return fmt.Errorf("store: update %s: %w", in.Slip, err)
	case n == 0: // its history was free for this version, so the caller skipped one
		return fmt.Errorf("store: update %s: its row is not at version %d", in.Slip, s.row)
	}
	return nil
}

// explain turns the failure to write a version a second time into its *Conflict.
func (tx *Tx) explain(in *engine.Instance, err error) error {
	var last int
	if tx.get(&last, `SELECT COALESCE(MAX(version), 0) FROM history WHERE instance_id = ?`, in.ID) == nil && last >= in.Version {
		return tx.conflict(in)
	}
	return err
}

func (tx *Tx) conflict(in *engine.Instance) error {
	var row struct {
		At    int64
		Event string
	}
	err := tx.get(&row, `SELECT at, event FROM history WHERE instance_id = ? ORDER BY version DESC LIMIT 1`, in.ID)
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
