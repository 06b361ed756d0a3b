package sim

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"duban/engine"
	"duban/engine/store"
	"duban/notifier"
)

// watch looks at the data file from outside, over a connection of its own, and
// keeps its own books.
type watch struct {
	db        *sql.DB
	asked     map[string]*sql.Stmt
	seq       int64 // of the last history row seen, which no crash may take back
	hash      string
	known     map[int64]*known
	notices   map[string]*owed
	inOrder   []string
	mayDouble map[string]int // notices that were in flight when a process died
	count     struct{ looks, steps, instances, acts, refused, arrived, doubles int }
}

// known is an instance as last seen.
type known struct {
	def     *engine.Definition
	state   engine.State
	version int
	owes    []*owed // and not withdrawn
}

// owed is a notice that the history promises.
type owed struct {
	id                     string
	reason                 string
	role                   engine.Role
	class                  engine.Class
	at, ready, made, taken time.Time // taken: when it was withdrawn
	held, again            bool      // again: the office sent a dead letter once more
}

func newWatch() watch {
	return watch{known: map[int64]*known{}, notices: map[string]*owed{}, mayDouble: map[string]int{}}
}

// open begins to watch a life. What was seen committed before must still be
// there (I2): the hash of a row stands for all rows before it.
func (x *watch) open(w *world) (err error) {
	if x.db, err = sql.Open("sqlite", "file:"+w.file()+"?mode=ro&_pragma=query_only(1)"); err != nil {
		return err
	}
	x.db.SetMaxOpenConns(1)
	x.asked = map[string]*sql.Stmt{}
	if x.seq == 0 {
		return nil
	}
	var hash string
	err = x.db.QueryRow(`SELECT hash FROM history WHERE seq = ?`, x.seq).Scan(&hash)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	if hash != x.hash {
		w.bad("I2: history row %d was committed and is gone or another after the crash", x.seq)
	}
	return nil
}

func (x *watch) close() error { return x.db.Close() }

// ask prepares a question once a life: most are asked at every step.
func (x *watch) ask(query string) (s *sql.Stmt, err error) {
	if s = x.asked[query]; s == nil {
		if s, err = x.db.Prepare(query); err == nil {
			x.asked[query] = s
		}
	}
	return s, err
}

func (x *watch) number(query string, args ...any) (n int64, err error) {
	s, err := x.ask(query)
	if err == nil {
		err = s.QueryRow(args...).Scan(&n)
	}
	return n, err
}

func (x *watch) texts(query string, args ...any) (out []string, err error) {
	rows, err := x.db.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, rows.Err()
}

// flying remembers what was under way when a process died: each of these may
// come once more.
func (x *watch) flying(messages []string) {
	for _, text := range messages {
		var m notifier.Message
		if json.Unmarshal([]byte(text), &m) == nil {
			for _, id := range m.Notices {
				x.mayDouble[id]++
			}
		}
	}
}

// resent remembers what the office sent once more by its own decision.
func (x *watch) resent(ids []string) {
	for _, id := range ids {
		if n := x.notices[id]; n != nil {
			n.again = true
		}
	}
}

// acknowledged holds an act that somebody was told is done against the history.
// What it made the children say to their parent may stand behind it.
func (w *world) acknowledged(id int64, version int, kind engine.EventKind) error {
	ev := engine.Event{Kind: engine.EventChildDone}
	for ; ev.Kind == engine.EventChildDone; version-- {
		var event string
		err := w.watch.db.QueryRow(`SELECT event FROM history WHERE instance_id = ? AND version = ?`, id, version).Scan(&event)
		if errors.Is(err, sql.ErrNoRows) {
			w.bad("I2: %s of instance %d was acknowledged and is not in the history", kind, id)
			return nil
		}
		if err != nil {
			return err
		}
		ev = engine.Event{}
		if err := json.Unmarshal([]byte(event), &ev); err != nil {
			return err
		}
	}
	if ev.Kind != kind {
		w.bad("I2: step %d of instance %d was acknowledged as %s and is recorded as %s", version+1, id, kind, ev.Kind)
	}
	return nil
}

// check is what can be checked after every step.
func (w *world) check() error {
	changed, err := w.readHistory()
	if err != nil {
		return err
	}
	if err := w.checkPunctual(); err != nil || len(changed) == 0 {
		return err
	}
	ins, err := w.app.DB.Instances(w.ctx, store.Filter{IDs: changed})
	if err != nil {
		return err
	}
	for i := range ins {
		w.checkLadder(&ins[i])
	}
	return w.people.hear(w, ins)
}

// readHistory enters new rows into the books (I1, I3, I4).
func (w *world) readHistory() (changed []int64, err error) {
	x := &w.watch
	fresh, err := x.fresh()
	if err != nil {
		return nil, err
	}
	for _, h := range fresh {
		x.seq, x.hash = h.Seq, h.Hash
		x.count.steps++
		if !slices.Contains(changed, h.Instance) {
			changed = append(changed, h.Instance)
		}
		if err := w.enter(&h); err != nil {
			return nil, fmt.Errorf("history row %d: %w", h.Seq, err)
		}
	}
	return changed, nil
}

// fresh are the history rows that have not been seen.
func (x *watch) fresh() (out []store.HistoryRow, err error) {
	s, err := x.ask(`SELECT seq, instance_id, version, at, event, state, effects, hash FROM history WHERE seq > ? ORDER BY seq`)
	if err != nil {
		return nil, err
	}
	rows, err := s.Query(x.seq)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var h store.HistoryRow
		if err := rows.Scan(&h.Seq, &h.Instance, &h.Version, &h.At, &h.Event, &h.State, &h.Effects, &h.Hash); err != nil {
			return nil, err
		}
		out = append(out, h)
	}
	return out, rows.Err()
}

// clocks says when the store wants something next, and how many messages are on
// their way.
func (x *watch) clocks() (next time.Time, flying int64, err error) {
	s, err := x.ask(`SELECT COALESCE(MIN(t), 0), (SELECT COUNT(*) FROM deliveries WHERE state = 'pending' AND published > 0) FROM (
		SELECT MIN(next_due) AS t FROM instances UNION ALL SELECT MIN(ready) FROM outbox WHERE state = 'waiting'
		UNION ALL SELECT MIN(next_at) FROM deliveries WHERE state = 'pending' AND published = 0)`)
	if err != nil {
		return next, 0, err
	}
	var ms int64
	if err := s.QueryRow().Scan(&ms, &flying); err != nil || ms == 0 {
		return next, flying, err
	}
	return time.UnixMilli(ms), flying, nil
}

func (w *world) enter(h *store.HistoryRow) error {
	var ev engine.Event
	effects, err := store.DecodeEffects([]byte(h.Effects))
	if err := errors.Join(err, json.Unmarshal([]byte(h.Event), &ev)); err != nil {
		return err
	}
	k, err := w.instance(h.Instance)
	if err != nil {
		return err
	}
	w.note("%d step %d %s %s%s: %s -> %s", h.Instance, h.Version, k.def.Name, ev.Kind, ev.Timer, k.state, h.State)
	if h.Version != k.version+1 {
		w.bad("I1: instance %d: step %d follows step %d", h.Instance, h.Version, k.version)
	}
	if !reachable(k.def, k.state, engine.State(h.State), &ev) {
		w.bad("I1: instance %d of %s: %s%s leads from %q to %q, which the definition does not know", h.Instance, k.def.Name, ev.Kind, ev.Timer, k.state, h.State)
	}
	was := k.def.States[k.state]
	k.state, k.version = engine.State(h.State), h.Version
	if err := w.book(k, h, effects); err != nil {
		return err
	}
	is := k.def.States[k.state]
	if was != nil && was.Final && is.Final && slices.ContainsFunc(effects, func(e engine.Effect) bool { return e.Kind == engine.EffectNotice }) {
		w.bad("I4: instance %d has ended and %s%s sends a notice", h.Instance, ev.Kind, ev.Timer)
	}
	return nil
}

func (w *world) instance(id int64) (*known, error) {
	if k := w.watch.known[id]; k != nil {
		return k, nil
	}
	var hash string
	if err := w.watch.db.QueryRow(`SELECT def_hash FROM facts WHERE id = ?`, id).Scan(&hash); err != nil {
		return nil, err
	}
	def, err := w.app.Runner.Definition(hash)
	if err != nil {
		return nil, err
	}
	k := &known{def: def}
	w.watch.known[id] = k
	w.watch.count.instances++
	return k, nil
}

// reachable asks the definition, not Step, whether an event may lead from one
// state to another.
func reachable(def *engine.Definition, from, to engine.State, ev *engine.Event) bool {
	switch ev.Kind {
	case engine.EventStart:
		return from == "" && slices.ContainsFunc(def.Start, func(e engine.Entry) bool { return e.To == to && e.Name == ev.Start.Name })
	case engine.EventTimer:
		return slices.ContainsFunc(def.Timers, func(t engine.Timer) bool {
			return t.Name == ev.Timer && slices.Contains(t.In, from) && (to == from || to == t.To)
		})
	case engine.EventCalendar:
		return to == from
	}
	st := def.States[from]
	if st == nil {
		return false
	}
	if (ev.Kind == engine.EventChildDone || ev.Kind == engine.EventChildReopened) && to == from {
		return true
	}
	return slices.ContainsFunc(st.On[ev.Kind], func(m engine.Move) bool {
		may := len(m.By) == 0 || slices.ContainsFunc(m.By, func(r engine.Role) bool { return slices.Contains(ev.By.Roles, r) })
		return may && (m.To == to || m.To == "" && to == from)
	})
}

// book enters the notices of a step, and those it takes back; each must be in
// the outbox (I3).
func (w *world) book(k *known, h *store.HistoryRow, effects []engine.Effect) error {
	x := &w.watch
	for i := range effects {
		switch e := &effects[i]; e.Kind {
		case engine.EffectWithdraw:
			k.owes = slices.DeleteFunc(k.owes, func(n *owed) bool {
				if n.class == engine.Must || len(e.Reasons) > 0 && !slices.Contains(e.Reasons, n.reason) {
					return false
				}
				n.taken = h.Time()
				return true
			})
		case engine.EffectNotice:
			n := &owed{id: store.NoticeID(h.Instance, h.Version, i), reason: e.Reason, role: e.Role, class: e.Class,
				at: e.At, ready: e.Ready, made: h.Time(), held: e.Hold && w.app.ManualLeaders}
			x.notices[n.id] = n
			x.inOrder = append(x.inOrder, n.id)
			k.owes = append(k.owes, n)
			if n.ready.Before(n.at) {
				w.bad("I4: notice %s %s is ready before its time", n.id, n.reason)
			}
			found, err := x.number(`SELECT COUNT(*) FROM outbox WHERE id = ?`, n.id)
			if err != nil {
				return err
			}
			if found != 1 {
				w.bad("I3: notice %s %s is owed and not in the outbox", n.id, n.reason)
			}
		}
	}
	return nil
}
