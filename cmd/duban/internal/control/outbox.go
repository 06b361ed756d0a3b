package control

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
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

// counting is how much there is of each state.
const counting store.Question = `SELECT state AS name, COUNT(*) AS n FROM deliveries WHERE state IN ('dead', 'pending') GROUP BY state
	UNION ALL SELECT state, COUNT(*) FROM outbox WHERE state IN ('held', 'waiting') GROUP BY state`

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
	return map[string]int{Dead: n[Dead], Pending: n[Pending], Held: n[Held], Waiting: n[Waiting]}, nil
}

func (d desk) inState(ctx context.Context, state string, limit int) ([]Entry, error) {
	if state == Held || state == Waiting {
		return d.notices(ctx, state, limit)
	}
	return d.deliveries(ctx, state, limit)
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
	e := Entry{Key: row.Key, State: row.State, Channel: row.Channel, To: strings.TrimSpace(m.To.Unit+" "+m.To.Name) + instead(m.To.For), Address: cmp.Or(m.To.Address, m.To.Robot),
		Subject: cmp.Or(m.Subject, firstLine(m.Text)), Slip: m.Thread, Notices: m.Notices, Attempts: row.Attempts}
	if row.State == Pending {
		e.Next = d.stamp(row.NextTime())
	}
	if len(ledger) > 0 {
		last := ledger[len(ledger)-1]
		e.LastAt, e.Class, e.Code, e.Words = d.stamp(time.UnixMilli(last.At)), last.Class, last.Code, last.Words
	}
	if e.Subject == "" {
		return e, d.unworded(ctx, &e)
	}
	return e, nil
}

// unworded says what a message is about that was never written, because nobody
// could receive it.
func (d desk) unworded(ctx context.Context, e *Entry) error {
	_, notices, err := d.DB.DeliveryWithNotices(ctx, e.Key)
	if err != nil || len(notices) == 0 {
		return err
	}
	found, err := d.DB.Instances(ctx, store.Filter{IDs: []int64{notices[0].Instance}})
	if err != nil || len(found) == 0 {
		return err
	}
	about, err := d.notice(&notices[0], &found[0])
	e.To, e.Subject, e.Reason, e.Slip = about.To, about.Subject, about.Reason, about.Slip
	return err
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(s), "\n")
	return line
}

// notices reads notices that are in no message.
func (d desk) notices(ctx context.Context, state string, limit int) ([]Entry, error) {
	var rows []store.Notice
	var out []Entry
	err := d.DB.Write(ctx, d.Now(), func(tx *store.Tx) error {
		err := tx.SelectContext(ctx, &rows, tx.Rebind(`SELECT id, instance_id, reason, role, unit, class, at, ready, state, delivery, person, why
			FROM outbox WHERE state = ? ORDER BY ready, id LIMIT ?`), state, limit)
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
	if no.State == Waiting {
		e.Next = d.stamp(time.UnixMilli(no.Ready))
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
	return strings.TrimSpace(route.Unit+" "+route.Holder.Person.Name) + instead(route.Holder.For.Name)
}

// instead is （代高淑芬） where a substitute hears it.
func instead(name string) string {
	if name == "" {
		return ""
	}
	return "（代" + name + "）"
}

// resend makes dead messages pending again: those named, or all.
func (d desk) resend(ctx context.Context, keys []string) (Moved, error) {
	for _, k := range keys {
		m, _, err := d.DB.DeliveryWithNotices(ctx, k)
		if errors.Is(err, store.ErrNotFound) || err == nil && m.State != Dead {
			return Moved{}, &Problem{Kind: Usage, Words: fmt.Sprintf("no dead message has the key %q; see 'duban outbox list --state dead'", k)}
		}
		if err != nil {
			return Moved{}, err
		}
	}
	return d.move(ctx, func(tx *store.Tx) (int64, error) { return tx.Resend(keys...) })
}

// release lets held notices go.
func (d desk) release(ctx context.Context, _ struct{}) (Moved, error) {
	return d.move(ctx, func(tx *store.Tx) (int64, error) { return tx.ReleaseHeld() })
}

func (d desk) move(ctx context.Context, do func(*store.Tx) (int64, error)) (Moved, error) {
	var n int64
	err := d.DB.Write(ctx, d.Now(), func(tx *store.Tx) (err error) {
		n, err = do(tx)
		return err
	})
	if err == nil && d.Notifier != nil {
		d.Notifier.Wake()
	}
	return Moved{int(n)}, err
}
