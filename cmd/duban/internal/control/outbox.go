package control

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"duban/engine"
	"duban/engine/org"
	"duban/engine/store"
	"duban/notifier"
)

// The states of what is in the outbox and not sent.
const (
	Dead    = "dead"    // could not be delivered: a person must look
	Pending = "pending" // written, on its way or waiting for its next attempt
	Held    = "held"    // to leaders, waits for the office
	Waiting = "waiting" // waits for its morning
)

// States are all of them, the gravest first.
var States = []string{Dead, Pending, Held, Waiting}

// Query picks a part of the outbox.
type Query struct {
	State string // "": every state
	Limit int    // of each state; 0: 200
}

// Outbox is what was found.
type Outbox struct {
	Entries []Entry        `json:"entries"`
	Counts  map[string]int `json:"counts"` // by state, also beyond the limit
}

// Entry is one message, or one notice that is in no message yet.
type Entry struct {
	Key      string   `json:"key"` // a delivery, what resend takes; of a notice its id
	State    string   `json:"state"`
	Channel  string   `json:"channel,omitempty"` // mail or wecom; "" for a notice
	To       string   `json:"to"`                // 党委组织部 周志强
	Address  string   `json:"address,omitempty"` // mail address or robot
	Subject  string   `json:"subject"`           // of a mail; else what the notice is about
	Reason   string   `json:"reason,omitempty"`  // of a notice
	Slip     string   `json:"slip,omitempty"`
	Notices  []string `json:"notices"`
	Attempts int      `json:"attempts"`
	LastAt   string   `json:"last_at,omitempty"` // RFC 3339
	Class    string   `json:"class,omitempty"`   // how the last attempt ended
	Code     string   `json:"code,omitempty"`
	Words    string   `json:"words,omitempty"` // of the far side, at the last attempt
	Next     string   `json:"next,omitempty"`  // RFC 3339: the next attempt, or the notice's morning
}

// Moved counts the messages or notices that go on.
type Moved struct {
	Count int `json:"count"`
}

// nobody marks, in place of a delivery, a notice that no one could receive.
const nobody = "nobody-"

// counting is how much there is of each state.
const counting store.Question = `SELECT state AS name, COUNT(*) AS n FROM deliveries WHERE state IN ('dead', 'pending') GROUP BY state
	UNION ALL SELECT state, COUNT(*) FROM outbox WHERE state IN ('held', 'waiting') GROUP BY state
	UNION ALL SELECT 'nobody', COUNT(*) FROM outbox WHERE state = 'dead' AND delivery LIKE 'nobody-%'`

func (d desk) list(ctx context.Context, q Query) (Outbox, error) {
	out := Outbox{Entries: []Entry{}}
	var err error
	if out.Counts, err = Counts(ctx, d.DB); err != nil {
		return out, err
	}
	limit := cmp.Or(q.Limit, 200)
	for _, state := range States {
		if q.State != "" && q.State != state {
			continue
		}
		found, err := d.inState(ctx, state, limit)
		if err != nil {
			return out, err
		}
		out.Entries = append(out.Entries, found[:min(len(found), limit)]...)
	}
	return out, nil
}

// Counts says how much of each state there is.
func Counts(ctx context.Context, db *store.DB) (map[string]int, error) {
	n, err := db.Tally(ctx, counting)
	if err != nil {
		return nil, err
	}
	return map[string]int{Dead: n[Dead] + n["nobody"], Pending: n[Pending], Held: n[Held], Waiting: n[Waiting]}, nil
}

func (d desk) inState(ctx context.Context, state string, limit int) ([]Entry, error) {
	switch state {
	case Held, Waiting:
		return d.notices(ctx, `state = ?`, state, limit)
	case Pending:
		return d.deliveries(ctx, state, limit)
	}
	lost, err := d.notices(ctx, `delivery LIKE 'nobody-%' AND state = ?`, state, limit)
	if err != nil {
		return nil, err
	}
	dead, err := d.deliveries(ctx, state, limit)
	return append(dead, lost...), err
}

func (d desk) deliveries(ctx context.Context, state string, limit int) ([]Entry, error) {
	rows, err := d.DB.Deliveries(ctx, state, limit)
	if err != nil {
		return nil, err
	}
	out := make([]Entry, len(rows))
	for i := range rows {
		if out[i], err = d.delivery(ctx, &rows[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (d desk) delivery(ctx context.Context, row *store.Delivery) (Entry, error) {
	var m notifier.Message
	if err := json.Unmarshal([]byte(row.Message), &m); err != nil {
		return Entry{}, fmt.Errorf("control: message %s: %w", row.Key, err)
	}
	ledger, err := d.DB.Ledger(ctx, row.Key)
	if err != nil {
		return Entry{}, err
	}
	e := Entry{Key: row.Key, State: row.State, Channel: row.Channel, To: strings.TrimSpace(m.To.Unit + " " + m.To.Name), Address: cmp.Or(m.To.Address, m.To.Robot),
		Subject: cmp.Or(m.Subject, firstLine(m.Text)), Slip: m.Thread, Notices: m.Notices, Attempts: row.Attempts}
	if row.State == Pending {
		e.Next = d.stamp(row.NextTime())
	}
	if len(ledger) > 0 {
		last := ledger[len(ledger)-1]
		e.LastAt, e.Class, e.Code, e.Words = d.stamp(time.UnixMilli(last.At)), last.Class, last.Code, last.Words
	}
	return e, nil
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(s), "\n")
	return line
}

// notices reads notices that are in no message, by a fixed condition.
func (d desk) notices(ctx context.Context, where, state string, limit int) ([]Entry, error) {
	var rows []store.Notice
	var out []Entry
	err := d.DB.Write(ctx, d.Now(), func(tx *store.Tx) error {
		err := tx.SelectContext(ctx, &rows, tx.Rebind(`SELECT id, instance_id, reason, role, unit, class, at, ready, state, delivery, person, why
			FROM outbox WHERE `+where+` ORDER BY ready, id LIMIT ?`), state, limit)
		if err != nil {
			return fmt.Errorf("control: notices: %w", err)
		}
		for i := range rows {
			in, err := tx.Instance(rows[i].Instance)
			if err != nil {
				return err
			}
			e, err := d.notice(&rows[i], &in)
			if err != nil {
				return err
			}
			out = append(out, e)
		}
		return nil
	})
	return out, err
}

func (d desk) notice(no *store.Notice, in *engine.Instance) (Entry, error) {
	def, err := d.Runner.Definition(in.DefHash)
	if err != nil {
		return Entry{}, err
	}
	heading := in.Heading
	if in.Sensitive {
		heading = in.Slip
	}
	reason := def.Reasons[no.Reason]
	e := Entry{Key: no.ID, State: no.State, To: d.receiver(no, in, reason.Late), Subject: "【" + cmp.Or(reason.Title, no.Reason) + "】" + heading,
		Reason: no.Reason, Slip: in.Slip, Notices: []string{no.ID}}
	switch no.State {
	case Waiting:
		e.Next = d.stamp(time.UnixMilli(no.Ready))
	case Dead:
		e.Key, e.Words = no.Delivery, no.Why
	}
	return e, nil
}

// receiver is who would get a notice today.
func (d desk) receiver(no *store.Notice, in *engine.Instance, late bool) string {
	router := notifier.Router{Org: d.Org}
	route, ok := router.Find(notifier.Wanted{Role: no.Role, Unit: no.Unit, Party: in.Party, Late: late}, d.Calendar.DateOf(d.Now()))
	switch {
	case !ok:
		return strings.TrimSpace(no.Unit + "（无人）")
	case route.Robot.Audience == org.AudienceShared:
		return route.Robot.Title
	}
	return strings.TrimSpace(route.Unit + " " + route.Holder.Person.Name)
}

// resend makes dead messages pending again. Notices that nobody could receive
// go back to the planner: the organisation may know somebody now.
func (d desk) resend(ctx context.Context, keys []string) (Moved, error) {
	dead, err := d.inState(ctx, Dead, 1_000_000)
	if err != nil {
		return Moved{}, err
	}
	known := map[string]Entry{}
	for _, e := range dead {
		known[e.Key] = e
	}
	if len(keys) == 0 {
		keys = slices.Collect(maps.Keys(known))
	}
	slices.Sort(keys)
	var chosen []Entry
	for _, k := range slices.Compact(keys) {
		e, ok := known[k]
		if !ok {
			return Moved{}, &Problem{Kind: Usage, Words: fmt.Sprintf("no dead message has the key %q; see 'duban outbox list --state dead'", k)}
		}
		chosen = append(chosen, e)
	}
	err = d.DB.Write(ctx, d.Now(), func(tx *store.Tx) error { return again(tx, chosen) })
	if err != nil {
		return Moved{}, err
	}
	d.wake()
	return Moved{len(chosen)}, nil
}

func again(tx *store.Tx, chosen []Entry) error {
	for _, e := range chosen {
		if !strings.HasPrefix(e.Key, nobody) {
			if _, err := tx.Resend(e.Key); err != nil {
				return err
			}
			continue
		}
		if err := tx.Plan(e.Notices[0], e.Key, "", ""); err != nil {
			return err
		}
		if err := tx.Unplan(e.Key, ""); err != nil {
			return err
		}
	}
	return nil
}

func (d desk) release(ctx context.Context, _ struct{}) (Moved, error) {
	var n int64
	err := d.DB.Write(ctx, d.Now(), func(tx *store.Tx) (err error) {
		n, err = tx.ReleaseHeld()
		return err
	})
	if err != nil {
		return Moved{}, err
	}
	d.wake()
	return Moved{int(n)}, nil
}
