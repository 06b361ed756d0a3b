package store

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"strings"
	"time"

	"duban/engine"
)

// Notice is one outbox row: somebody is to be told something.
type Notice struct {
	N        int64        `db:"n"`  // number of the row
	ID       string       `db:"id"` // instance-version-index
	Instance int64        `db:"instance_id"`
	Reason   string       `db:"reason"`
	Role     engine.Role  `db:"role"`
	Unit     string       `db:"unit"`
	Class    engine.Class `db:"class"`
	At       int64        `db:"at"`
	Ready    int64        `db:"ready"`
	State    string       `db:"state"`
	Delivery string       `db:"delivery"`
	Person   string       `db:"person"`
	Why      string       `db:"why"` // through whom it went instead
}

// NoticeID names the index-th effect of the step that led to version.
func NoticeID(instance int64, version, index int) string {
	return strconv.FormatInt(instance, 10) + "-" + strconv.Itoa(version) + "-" + strconv.Itoa(index)
}

const noticeColumns = `n, id, instance_id, reason, role, unit, class, at, ready, state, delivery, person, why`

// saveNotices puts the outbox rows of a step into the queue.
func (tx *Tx) saveNotices(s *saved, effects []engine.Effect, manual bool) {
	for i := range effects {
		e := &effects[i]
		switch e.Kind {
		case engine.EffectNotice:
			state := "waiting"
			if e.Hold && manual {
				state = "held"
			}
			tx.heads.notice++
			tx.add(&tx.tells, tx.heads.notice, NoticeID(s.in.ID, s.in.Version, i), s.in.ID, s.last.Notice, e.Reason,
				string(e.Role), e.Unit, string(e.Class), ms(e.At), ms(e.Ready), state)
			s.last.Notice = tx.heads.notice
		case engine.EffectWithdraw:
			tx.put(&tx.tells)
			tx.withdraw(s.last.Notice, e.Reasons)
		}
	}
}

var insertNotices = inserts(`INSERT INTO outbox (n, id, instance_id, prev, reason, role, unit, class, at, ready, state, delivery, person, why) VALUES `,
	`(?,?,?,?,?,?,?,?,?,?,?,'','','')`)

// withdraw takes back the unsent notices of an instance, from its last one on.
func (tx *Tx) withdraw(last int64, reasons []string) {
	q := `WITH RECURSIVE own (n, prev) AS (SELECT n, prev FROM outbox WHERE n = ?
			UNION ALL SELECT outbox.n, outbox.prev FROM own JOIN outbox ON outbox.n = own.prev)
		UPDATE outbox SET state = 'withdrawn' WHERE n IN (SELECT n FROM own)
			AND (state = 'waiting' OR state = 'held' OR state = 'planned') AND class <> 'must'`
	args := []any{last}
	if len(reasons) > 0 {
		q += ` AND reason IN (?` + strings.Repeat(",?", len(reasons)-1) + `)`
		for _, r := range reasons {
			args = append(args, r)
		}
	}
	tx.writeLater(q, args...)
}

// Ready are waiting notices whose time has come, the longest ready first.
func (tx *Tx) Ready(limit int) ([]Notice, error) {
	var out []Notice
	err := tx.list(&out, `SELECT `+noticeColumns+` FROM outbox WHERE state = 'waiting' AND ready <= ? ORDER BY ready, instance_id, id LIMIT ?`, ms(tx.Now), limit)
	if err != nil {
		return nil, fmt.Errorf("store: ready notices: %w", err)
	}
	return out, nil
}

// Plan puts the notice of a row into a delivery. The delivery row must exist in
// the same transaction (AddDelivery).
func (tx *Tx) Plan(n int64, delivery, person, why string) error {
	_, err := tx.exec(`UPDATE outbox SET state = 'planned', delivery = ?, person = ?, why = ?, sum = ? + ready WHERE n = ?`,
		delivery, person, why, noticeSum(delivery, person, why), n)
	if err != nil {
		return fmt.Errorf("store: plan notice %d: %w", n, err)
	}
	return nil
}

// Unplan gives notices back to the planner, to go another way.
func (tx *Tx) Unplan(delivery, why string) error {
	const q = `UPDATE outbox SET state = 'waiting', delivery = '', person = '', why = ?, sum = ? + ready
		WHERE delivery = ? AND delivery <> '' AND state = 'planned'`
	again := why + "；" + Again // the mark of a notice stays
	if why == "" {
		again = Again
	}
	_, err := tx.exec(q+` AND why LIKE ?`, again, noticeSum("", "", again), delivery, "%"+Again+"%")
	if err == nil {
		_, err = tx.exec(q, why, noticeSum("", "", why), delivery)
	}
	if err != nil {
		return fmt.Errorf("store: give back %s: %w", delivery, err)
	}
	return nil
}

// ByMail keeps a notice waiting, to be planned again with why.
func (tx *Tx) ByMail(n int64, why string) error {
	if _, err := tx.exec(`UPDATE outbox SET person = '', why = ?, sum = ? + ready WHERE n = ?`, why, noticeSum("", "", why), n); err != nil {
		return fmt.Errorf("store: notice %d: %w", n, err)
	}
	return nil
}

// Postpone keeps a notice waiting until ready.
func (tx *Tx) Postpone(n int64, ready time.Time, why string) error {
	_, err := tx.exec(`UPDATE outbox SET ready = ?, person = '', why = ?, sum = ? WHERE n = ? AND state = 'waiting'`,
		ms(ready), why, noticeSum("", "", why)+ms(ready), n)
	if err != nil {
		return fmt.Errorf("store: postpone notice %d: %w", n, err)
	}
	return nil
}

// MarkNotices sets the state of the planned notices of a delivery.
func (tx *Tx) MarkNotices(delivery, state string) error {
	_, err := tx.exec(`UPDATE outbox SET state = ? WHERE delivery = ? AND delivery <> '' AND state = 'planned'`, state, delivery)
	if err != nil {
		return fmt.Errorf("store: mark notices of %s: %w", delivery, err)
	}
	return nil
}

// ReleaseHeld lets notices to leaders go that wait for the office, and says how many.
func (tx *Tx) ReleaseHeld() (int64, error) {
	now := ms(tx.Now)
	_, err := tx.exec(`UPDATE outbox SET why = ?, sum = ? + ready WHERE state = 'held' AND ready < ?`, // they may have been released before
		Again, noticeSum("", "", Again), tx.db.restored)
	if err != nil {
		return 0, fmt.Errorf("store: release held notices: %w", err)
	}
	_, err = tx.exec(`UPDATE outbox SET ready = ?, sum = CASE WHEN sum = 0 THEN ? ELSE sum + ? - ready END
		WHERE state = 'held' AND ready < ?`, now, noticeSum("", "", "")+now, now, now)
	if err != nil {
		return 0, fmt.Errorf("store: release held notices: %w", err)
	}
	n, err := tx.exec(`UPDATE outbox SET state = 'waiting' WHERE state = 'held'`)
	if err != nil {
		return 0, fmt.Errorf("store: release held notices: %w", err)
	}
	return n, nil
}

// DeliveryWithNotices reads a delivery and the notices in it.
func (db *DB) DeliveryWithNotices(ctx context.Context, key string) (Delivery, []Notice, error) {
	var d Delivery
	if err := db.r.GetContext(ctx, &d, db.r.Rebind(`SELECT `+deliveryColumns+` FROM deliveries WHERE delivery = ?`), key); err != nil {
		return d, nil, notFound(err, "delivery "+key)
	}
	var out []Notice
	err := db.r.SelectContext(ctx, &out, db.r.Rebind(`SELECT `+noticeColumns+` FROM outbox WHERE delivery = ? AND delivery <> '' ORDER BY id`), key)
	if err != nil {
		return d, nil, fmt.Errorf("store: notices of %s: %w", key, err)
	}
	return d, out, nil
}

// Delivery is one message on its way.
type Delivery struct {
	Key       string `db:"delivery"`
	Channel   string `db:"channel"`
	Robot     string `db:"robot"`
	Person    string `db:"person"`
	Message   string `db:"message"` // JSON of notifier.Message, as rendered
	State     string `db:"state"`
	Attempts  int    `db:"attempts"`
	Unsure    int    `db:"unsure"`    // attempts whose outcome nobody knows
	Created   int64  `db:"created"`   // ms
	NextAt    int64  `db:"next_at"`   // ms
	Published int64  `db:"published"` // ms; 0: not on the bus
	Rounds    int    `db:"rounds"`    // how often it went onto the bus: part of its message id there
}

// NextTime is when it may be tried again.
func (d *Delivery) NextTime() time.Time { return fromMS(d.NextAt) }

// CreatedTime is when it was planned.
func (d *Delivery) CreatedTime() time.Time { return fromMS(d.Created) }

const deliveryColumns = `delivery, channel, robot, person, message, state, attempts, unsure, created, next_at, published, rounds`

// AddDelivery stores a planned message, to go at next.
func (tx *Tx) AddDelivery(d Delivery, next time.Time) error {
	d.Attempts, d.Unsure, d.Created, d.NextAt, d.Published, d.Rounds = 0, 0, ms(tx.Now), ms(next), 0, 0
	_, err := tx.exec(`INSERT INTO deliveries (`+deliveryColumns+`, sum) VALUES (?,?,?,?,?,'pending',0,0,?,?,0,0,?)`,
		d.Key, d.Channel, d.Robot, d.Person, d.Message, d.Created, d.NextAt, d.sum())
	if err != nil {
		return fmt.Errorf("store: add delivery %s: %w", d.Key, err)
	}
	return nil
}

// Unpublished are pending deliveries whose time has come and that are not on the bus.
func (tx *Tx) Unpublished(limit int) ([]Delivery, error) {
	var out []Delivery
	err := tx.list(&out, `SELECT `+deliveryColumns+` FROM deliveries
		WHERE state = 'pending' AND published = 0 AND next_at <= ? ORDER BY next_at, created, delivery LIMIT ?`, ms(tx.Now), limit)
	if err != nil {
		return nil, fmt.Errorf("store: unpublished: %w", err)
	}
	return out, nil
}

// Publishing marks a delivery as on the bus for the n-th time.
func (tx *Tx) Publishing(key string, rounds int) error {
	_, err := tx.exec(`UPDATE deliveries SET published = ?, rounds = ?, sum = sum + 11 * (? - published) + 13 * (? - rounds)
		WHERE delivery = ? AND state = 'pending'`, ms(tx.Now), rounds, ms(tx.Now), rounds, key)
	if err != nil {
		return fmt.Errorf("store: publishing %s: %w", key, err)
	}
	return nil
}

// Recall takes deliveries back from the bus that have been there since before:
// the bus may have lost them. The same round keeps its message id, so one that
// was not lost is not doubled.
func (tx *Tx) Recall(before time.Time) (int64, error) {
	n, err := tx.exec(`UPDATE deliveries SET published = 0, rounds = rounds - 1, sum = sum - 11 * published - 13
		WHERE state = 'pending' AND published > 0 AND published <= ?`, ms(before))
	if err != nil {
		return 0, fmt.Errorf("store: recall: %w", err)
	}
	return n, nil
}

// RecallOne takes one delivery back from the bus, to its round before.
func (tx *Tx) RecallOne(key string, rounds int) error {
	_, err := tx.exec(`UPDATE deliveries SET published = 0, rounds = ?, sum = sum - 11 * published + 13 * (? - rounds)
		WHERE delivery = ? AND state = 'pending'`, rounds, rounds, key)
	if err != nil {
		return fmt.Errorf("store: recall %s: %w", key, err)
	}
	return nil
}

// Later puts a delivery off without spending an attempt; it goes onto the bus
// again at next.
func (tx *Tx) Later(key string, next time.Time) error {
	_, err := tx.exec(`UPDATE deliveries SET published = 0, next_at = ?, sum = sum - 11 * published + 7 * (? - next_at)
		WHERE delivery = ? AND state = 'pending'`, ms(next), ms(next), key)
	if err != nil {
		return fmt.Errorf("store: put off %s: %w", key, err)
	}
	return nil
}

// SetMessage replaces a delivery's message after some of its notices were withdrawn.
func (tx *Tx) SetMessage(key, message string) error {
	var d Delivery
	err := tx.get(&d, `SELECT `+deliveryColumns+` FROM deliveries WHERE delivery = ?`, key)
	if err == nil {
		d.Message = message
		_, err = tx.exec(`UPDATE deliveries SET message = ?, sum = ? WHERE delivery = ?`, message, d.sum(), key)
	}
	if err != nil {
		return fmt.Errorf("store: message of %s: %w", key, err)
	}
	return nil
}

// Resend makes dead deliveries pending again; no keys means all of them.
func (tx *Tx) Resend(keys ...string) (int64, error) {
	q, args := `state = 'dead'`, []any{ms(tx.Now)}
	if len(keys) > 0 {
		q += ` AND delivery IN (?` + strings.Repeat(",?", len(keys)-1) + `)`
		for _, k := range keys {
			args = append(args, k)
		}
	}
	if _, err := tx.exec(`UPDATE outbox SET state = 'planned' WHERE state = 'dead' AND delivery IN (SELECT delivery FROM deliveries WHERE `+q+`)`, args[1:]...); err != nil {
		return 0, fmt.Errorf("store: resend: %w", err)
	}
	n, err := tx.exec(`UPDATE deliveries SET state = 'pending', attempts = 0, unsure = 0, published = 0, next_at = ?, rounds = rounds + 1,
			sum = sum - 3 * attempts - 5 * unsure - 11 * published + 7 * (? - next_at) + 13
		WHERE `+q, append([]any{ms(tx.Now)}, args...)...)
	if err != nil {
		return 0, fmt.Errorf("store: resend: %w", err)
	}
	return n, nil
}

// NextNotice is the earliest time at which a notice or delivery wants to move,
// or the zero time.
func (db *DB) NextNotice(ctx context.Context) (time.Time, error) {
	var v sql.NullInt64
	err := db.r.GetContext(ctx, &v, `SELECT MIN(t) FROM (
		SELECT MIN(ready) AS t FROM outbox WHERE state = 'waiting'
		UNION ALL SELECT MIN(next_at) FROM deliveries WHERE state = 'pending' AND published = 0) AS x`)
	if err != nil {
		return time.Time{}, fmt.Errorf("store: next notice: %w", err)
	}
	return fromMS(v.Int64), nil
}

// Deliveries reads deliveries in a state (all when empty), newest first.
func (db *DB) Deliveries(ctx context.Context, state string, limit int) ([]Delivery, error) {
	var out []Delivery
	err := db.r.SelectContext(ctx, &out, db.r.Rebind(`SELECT `+deliveryColumns+` FROM deliveries
		WHERE ? = '' OR state = ? ORDER BY created DESC, delivery LIMIT ?`), state, state, limit)
	if err != nil {
		return nil, fmt.Errorf("store: deliveries: %w", err)
	}
	return out, nil
}

// Tally counts rows by a fixed question; see the summary of the demo.
func (db *DB) Tally(ctx context.Context, question Question) (map[string]int, error) {
	var rows []struct {
		Name string
		N    int
	}
	if err := db.r.SelectContext(ctx, &rows, string(question)); err != nil {
		return nil, fmt.Errorf("store: tally: %w", err)
	}
	out := map[string]int{}
	for _, r := range rows {
		out[r.Name] = r.N
	}
	return out, nil
}

// Question is a fixed query that Tally answers: name and n.
type Question string

// The questions.
const (
	ByNoticeState   Question = `SELECT state AS name, COUNT(*) AS n FROM outbox GROUP BY state`
	ByReason        Question = `SELECT reason AS name, COUNT(*) AS n FROM outbox WHERE state = 'sent' GROUP BY reason`
	ByDeliveryState Question = `SELECT state AS name, COUNT(*) AS n FROM deliveries GROUP BY state`
	SentByChannel   Question = `SELECT channel AS name, COUNT(*) AS n FROM deliveries WHERE state = 'sent' GROUP BY channel`
	OnTheBus        Question = `SELECT 'all' AS name, COUNT(*) AS n FROM deliveries WHERE state = 'pending' AND published > 0`
	ByLedgerClass   Question = `SELECT class AS name, COUNT(*) AS n FROM ledger GROUP BY class`
	ByInstanceKind  Question = `SELECT kind AS name, COUNT(*) AS n FROM instances GROUP BY kind`
	ByItemStatus    Question = `SELECT status AS name, COUNT(*) AS n FROM items GROUP BY status`
	Transitions     Question = `SELECT 'all' AS name, COUNT(*) AS n FROM history`
)
