package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"time"
)

// Outcome records what an attempt gave: a ledger row and the delivery's new state.
type Outcome struct {
	Key, Robot         string
	Attempt, Unsure    int
	State              string    // pending, sent, dead, dropped
	Next               time.Time // when State is pending
	Class, Code, Words string
}

// Record writes an outcome. When two attempts of one delivery ran at once, both
// are in the ledger, and the one that was accepted counts.
func (tx *Tx) Record(o Outcome) error {
	l := ledgerEntry{ID: tx.heads.ledger + 1, Robot: o.Robot,
		LedgerRow: LedgerRow{Delivery: o.Key, At: ms(tx.Now), Attempt: o.Attempt, Class: o.Class, Code: o.Code, Words: o.Words}}
	l.Hash = l.chain(tx.heads.ledgerHash)
	tx.heads.ledger, tx.heads.ledgerHash = l.ID, l.Hash
	_, err := tx.exec(`INSERT INTO ledger (id, delivery, robot, at, attempt, class, code, words, hash) VALUES (?,?,?,?,?,?,?,?,?)`,
		l.ID, l.Delivery, l.Robot, l.At, l.Attempt, l.Class, l.Code, l.Words, l.Hash)
	if err != nil {
		return fmt.Errorf("store: ledger %s: %w", o.Key, err)
	}
	_, err = tx.exec(`UPDATE deliveries SET state = ?, attempts = ?, unsure = ?, published = 0, next_at = ?,
			sum = sum + 3 * (? - attempts) + 5 * (? - unsure) - 11 * published + 7 * (? - next_at)
		WHERE delivery = ? AND (state = 'pending' OR ? = 'sent')`,
		o.State, o.Attempt, o.Unsure, ms(o.Next), o.Attempt, o.Unsure, ms(o.Next), o.Key, o.State)
	if err != nil {
		return fmt.Errorf("store: record %s: %w", o.Key, err)
	}
	return nil
}

// LedgerRow is one attempt as recorded.
type LedgerRow struct {
	Delivery string `db:"delivery"`
	At       int64  `db:"at"`
	Attempt  int    `db:"attempt"`
	Class    string `db:"class"`
	Code     string `db:"code"`
	Words    string `db:"words"`
}

// Ledger reads the attempts of a delivery in order.
func (db *DB) Ledger(ctx context.Context, delivery string) ([]LedgerRow, error) {
	var out []LedgerRow
	err := db.r.SelectContext(ctx, &out, db.r.Rebind(`SELECT delivery, at, attempt, class, code, words FROM ledger WHERE delivery = ? ORDER BY id`), delivery)
	if err != nil {
		return nil, fmt.Errorf("store: ledger of %s: %w", delivery, err)
	}
	return out, nil
}

// Attempts are the instants of the attempts of a robot since a time, for its
// sliding window.
func (db *DB) Attempts(ctx context.Context, since time.Time) (map[string][]time.Time, error) {
	var rows []struct {
		Robot string
		At    int64
	}
	err := db.r.SelectContext(ctx, &rows, db.r.Rebind(`SELECT robot, at FROM ledger WHERE robot <> '' AND at >= ? ORDER BY at`), ms(since))
	if err != nil {
		return nil, fmt.Errorf("store: attempts: %w", err)
	}
	out := map[string][]time.Time{}
	for _, r := range rows {
		out[r.Robot] = append(out[r.Robot], fromMS(r.At))
	}
	return out, nil
}

// ledgerEntry is a whole row of the ledger. Its hash stands on the row before it.
type ledgerEntry struct {
	ID    int64  `db:"id"`
	Robot string `db:"robot"`
	LedgerRow
	Hash string `db:"hash"`
}

func (l *ledgerEntry) chain(prev string) string {
	b := make([]byte, 0, 512)
	for _, n := range []int64{l.ID, l.At, int64(l.Attempt)} {
		b = append(strconv.AppendInt(b, n, 10), '\n')
	}
	for _, s := range []string{prev, l.Delivery, l.Robot, l.Class, l.Code, l.Words} {
		b = append(strconv.AppendInt(b, int64(len(s)), 10), ' ')
		b = append(b, s...)
	}
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:])
}
