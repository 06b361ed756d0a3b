package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
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
// its effects. They are written beside what the caller does next, and are there
// before anything else is read or written; when the instance has moved on since
// it was read, Write returns a *Conflict and nothing stays behind. What is handed
// over is kept: it is not to be written to afterwards.
func (tx *Tx) Save(in *engine.Instance, ev *engine.Event, effects []engine.Effect, manualLeaders bool) error {
	if err := tx.save(in, ev, effects, manualLeaders); err != nil {
		tx.failed = errors.Join(tx.failed, err)
		return err
	}
	return nil
}

func (tx *Tx) save(in *engine.Instance, ev *engine.Event, effects []engine.Effect, manualLeaders bool) error {
	s := tx.saved[in.ID]
	switch {
	case tx.failed != nil:
		return tx.failed
	case s == nil:
		var err error
		if s, err = tx.firstSave(in); err != nil {
			return err
		}
		tx.saved[in.ID] = s
	case in.Version > s.in.Version+1:
		return fmt.Errorf("store: save %s: version %d follows %d", in.Slip, in.Version, s.in.Version)
	}
	if tx.open != s { // the one before has taken all its steps, or most often has
		tx.writeOpen()
		tx.open = s
	}
	if err := s.take(in); err != nil {
		return err
	}
	h := HistoryRow{Seq: tx.heads.seq + 1, Instance: in.ID, Version: in.Version, Prev: s.last.Seq, At: ms(tx.Now), State: string(in.State)}
	if err := h.fill(in, ev, effects, tx.heads.hash); err != nil {
		return err
	}
	tx.heads.seq, tx.heads.hash, s.last.Seq = h.Seq, h.Hash, h.Seq
	if tx.again {
		tx.noteAgain(in, effects)
	}
	tx.add(&tx.steps, h.Seq, h.Instance, h.Version, h.Prev, h.At, h.Event, h.State, h.Effects, h.After, h.Hash)
	tx.saveNotices(s, effects, manualLeaders)
	return nil
}

// firstSave is for an instance that takes its first step here.
func (tx *Tx) firstSave(in *engine.Instance) (*saved, error) {
	s := &saved{row: in.Version - 1}
	if is := tx.seen[in.ID]; is != nil && is.Version == s.row {
		s.was, s.last = is.Instance, is.last
		return s, nil
	}
	if s.row == 0 {
		return s, nil
	}
	if err := tx.read(&s.last, `SELECT seq, notice FROM instances WHERE id = ?`, in.ID); err != nil {
		return nil, notFound(err, "instance "+in.Slip)
	}
	return s, nil
}

// take makes in what is to be written, with its facts unless they are known to
// stand in the file already.
func (s *saved) take(in *engine.Instance) error {
	was := s.in
	if was == nil {
		was = s.was
	}
	if was == nil || !reflect.DeepEqual(&was.Facts, &in.Facts) {
		b, err := json.Marshal(&in.Facts)
		if err != nil {
			return fmt.Errorf("store: encode facts of %s: %w", in.Slip, err)
		}
		s.facts = string(b)
	}
	s.in = in
	return nil
}

// saved is an instance that was saved, and the version its row has or is about
// to have; 0 is none. An instance may take several steps in one transaction: its
// row is written once, unless another instance comes between.
type saved struct {
	in    *engine.Instance
	was   *engine.Instance // as its row has it, or is about to; nil: not known
	row   int
	last  last
	facts string // JSON, to be written; "" when they stand as they are
}

// last are the numbers of an instance's last rows; each row names the one before.
type last struct {
	Seq    int64 // in the history
	Notice int64 // in the outbox
}

// fill encodes what a step gave; the hash stands on the row before.
func (h *HistoryRow) fill(in *engine.Instance, ev *engine.Event, effects []engine.Effect, before string) error {
	event, err1 := json.Marshal(ev)
	out, err2 := EncodeEffects(effects)
	after, err3 := EncodeCourse(&in.Course)
	if err := errors.Join(err1, err2, err3); err != nil {
		return fmt.Errorf("store: encode a step of %s: %w", in.Slip, err)
	}
	h.Event, h.Effects, h.After = string(event), string(out), string(after)
	h.Hash = h.chain(before)
	return nil
}

var insertHistory = inserts(`INSERT INTO history (seq, instance_id, version, prev, at, event, state, effects, after, hash) VALUES `, `(?,?,?,?,?,?,?,?,?,?)`)

// writeOpen writes the instance that was saved last.
func (tx *Tx) writeOpen() {
	s := tx.open
	if s == nil {
		return
	}
	row := *s
	tx.later(func() error { return tx.writeInstance(&row) })
	s.was, s.row, s.facts, tx.open = s.in, s.in.Version, "", nil
}

// conflict is what to tell somebody whose version is no longer the last.
func (tx *Tx) conflict(id int64, slip string) error {
	var row struct {
		At    int64
		Event string
	}
	err := tx.read(&row, `SELECT at, event FROM history WHERE seq = (SELECT seq FROM instances WHERE id = ?)`, id)
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

// SQLite rewrites an index whenever SET names one of its columns, changed or
// not, and each text costs more than a number. Most steps change neither unit nor
// state and end nothing: they go the short way.
const (
	insertInstance = `INSERT INTO instances (id, slip, kind, state, version, seq, notice, plan_key, item, unit, parent, effective, light, next_due, closed)
		VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)`
	updateMoved = `UPDATE instances SET version = ?, seq = ?, notice = ?, light = ?, next_due = ? WHERE id = ? AND version = ?`
	updateAll   = `UPDATE instances SET state = ?, version = ?, seq = ?, notice = ?, effective = ?, light = ?, next_due = ?, unit = ?, closed = ?
		WHERE id = ? AND version = ?`
	writeFacts = `INSERT INTO facts (id, start_key, workflow, def_hash, body) VALUES (?,?,?,?,?) ON CONFLICT (id) DO UPDATE SET body = excluded.body`
)

func (tx *Tx) writeInstance(s *saved) error {
	in := s.in
	state, effective := string(in.State), in.Effective.String()
	due, closed := ends(in)
	var n int64
	var err error
	switch {
	case s.row == 0:
		n, err = tx.write(insertInstance, in.ID, in.Slip, string(in.Kind), state, in.Version, s.last.Seq, s.last.Notice,
			in.Plan, in.Item, in.Unit, in.Parent, effective, in.Light, due, closed)
	case s.was != nil && moved(s.was, in):
		n, err = tx.write(updateMoved, in.Version, s.last.Seq, s.last.Notice, in.Light, due, in.ID, s.row)
	default:
		n, err = tx.write(updateAll, state, in.Version, s.last.Seq, s.last.Notice, effective, in.Light, due, in.Unit, closed, in.ID, s.row)
	}
	switch {
	case err == nil && n == 0:
		return tx.outrun(s)
	case err == nil && s.facts != "":
		_, err = tx.write(writeFacts, in.ID, in.Key, in.Workflow, in.DefHash, s.facts)
	}
	if err != nil {
		return fmt.Errorf("store: write %s: %w", in.Slip, err)
	}
	return nil
}

// moved says whether a step left all columns alone that updateMoved does not name.
func moved(was, in *engine.Instance) bool {
	return was.State == in.State && was.Unit == in.Unit && was.Effective == in.Effective && was.Closed.IsZero() && in.Closed.IsZero()
}

// ends are the columns next_due and closed, milliseconds or nil.
func ends(in *engine.Instance) (due, closed any) {
	if a, ok := in.Next(); ok {
		due = ms(a.At)
	}
	if !in.Closed.IsZero() {
		closed = ms(in.Closed)
	}
	return due, closed
}

// outrun says why a row did not have the version it was read at: somebody acted
// first, or the caller skipped a version.
func (tx *Tx) outrun(s *saved) error {
	var last int
	if err := tx.read(&last, `SELECT version FROM instances WHERE id = ?`, s.in.ID); err != nil {
		return notFound(err, "instance "+s.in.Slip)
	}
	if last > s.row {
		return tx.conflict(s.in.ID, s.in.Slip)
	}
	return fmt.Errorf("store: write %s: the row is not at version %d", s.in.Slip, s.row)
}

// mostKnown bounds the instances kept in memory, at about 2 kB each.
const mostKnown = 16_384

// known are instances as this process last committed them, so that a batch need
// not decode what it wrote itself. Each holds only as long as its row has the
// same version. It belongs to whoever has the turn to write.
type known map[int64]*knownInstance

type knownInstance struct {
	*engine.Instance
	last last
}

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
		k[id] = &knownInstance{s.in, s.last}
	}
}
