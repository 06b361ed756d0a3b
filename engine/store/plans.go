package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// Plan is a stored plan document.
type Plan struct {
	Key    string `db:"plan_key"`
	Digest string `db:"digest"`
	Title  string `db:"title"`
	Issued string `db:"issued"`
	Added  int64  `db:"added"`
	Body   string `db:"body"` // JSON as read
}

// Item is what became of one item of a plan.
type Item struct {
	Plan    string `db:"plan_key"`
	No      string `db:"no"`
	Heading string `db:"heading"`
	Status  string `db:"status"` // started, kept (长期坚持), waiting, dropped (不督办), withdrawn (by a revision)
	Why     string `db:"why"`
	Decided int64  `db:"decided"`
}

const (
	planColumns = `plan_key, digest, title, issued, added, body`
	itemColumns = `plan_key, no, heading, status, why, decided`
)

// AddPlan stores a plan, or says that one of its key is there already, with its digest.
func (tx *Tx) AddPlan(p Plan) (digest string, err error) {
	err = tx.get(&digest, `SELECT digest FROM plans WHERE plan_key = ?`, p.Key)
	if err == nil {
		return digest, nil
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return "", fmt.Errorf("store: plan %s: %w", p.Key, err)
	}
	p.Added = ms(tx.Now)
	_, err = tx.exec(`INSERT INTO plans (`+planColumns+`, sum) VALUES (?,?,?,?,?,?,?)`,
		p.Key, p.Digest, p.Title, p.Issued, p.Added, p.Body, p.sum())
	if err != nil {
		return "", fmt.Errorf("store: plan %s: %w", p.Key, err)
	}
	return "", nil
}

// SetItem records what became of an item.
func (tx *Tx) SetItem(it Item) error {
	it.Decided = ms(tx.Now)
	_, err := tx.exec(`INSERT INTO items (`+itemColumns+`, sum) VALUES (?,?,?,?,?,?,?)
		ON CONFLICT (plan_key, no) DO UPDATE SET heading = excluded.heading, status = excluded.status, why = excluded.why,
			decided = excluded.decided, sum = excluded.sum`,
		it.Plan, it.No, it.Heading, it.Status, it.Why, it.Decided, it.sum())
	if err != nil {
		return fmt.Errorf("store: item %s of %s: %w", it.No, it.Plan, err)
	}
	return nil
}

// Plans reads all plans in the order of their adding.
func (db *DB) Plans(ctx context.Context) ([]Plan, error) {
	var out []Plan
	if err := db.r.SelectContext(ctx, &out, `SELECT `+planColumns+` FROM plans ORDER BY added, plan_key`); err != nil {
		return nil, fmt.Errorf("store: plans: %w", err)
	}
	return out, nil
}

// Items reads the items of all plans.
func (db *DB) Items(ctx context.Context) ([]Item, error) {
	var out []Item
	if err := db.r.SelectContext(ctx, &out, `SELECT `+itemColumns+` FROM items ORDER BY plan_key, no`); err != nil {
		return nil, fmt.Errorf("store: items: %w", err)
	}
	return out, nil
}

// AddDefinition keeps the source of a workflow version that an instance is pinned to.
func (tx *Tx) AddDefinition(hash, name, source string) error {
	if tx.defs[hash] {
		return nil
	}
	_, err := tx.exec(`INSERT INTO definitions (hash, name, source, sum) VALUES (?,?,?,?) ON CONFLICT (hash) DO NOTHING`,
		hash, name, source, sumOf(hash, name, source))
	if err != nil {
		return fmt.Errorf("store: definition %s: %w", name, err)
	}
	tx.defs[hash] = true
	return nil
}

// Definitions reads the sources of all pinned versions by hash.
func (db *DB) Definitions(ctx context.Context) (map[string]string, error) {
	var rows []struct{ Hash, Source string }
	if err := db.r.SelectContext(ctx, &rows, `SELECT hash, source FROM definitions`); err != nil {
		return nil, fmt.Errorf("store: definitions: %w", err)
	}
	out := map[string]string{}
	for _, r := range rows {
		out[r.Hash] = r.Source
	}
	return out, nil
}

// Meta reads a named value, "" when it was never set.
func (db *DB) Meta(ctx context.Context, name string) (string, error) {
	var v string
	err := db.r.GetContext(ctx, &v, db.r.Rebind(`SELECT value FROM meta WHERE name = ?`), name)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return "", fmt.Errorf("store: meta %s: %w", name, err)
	}
	return v, nil
}

// SetMeta keeps a named value.
func (tx *Tx) SetMeta(name, value string) error {
	_, err := tx.exec(`INSERT INTO meta (name, value, sum) VALUES (?, ?, ?)
		ON CONFLICT (name) DO UPDATE SET value = excluded.value, sum = excluded.sum`, name, value, sumOf(name, value))
	if err != nil {
		return fmt.Errorf("store: meta %s: %w", name, err)
	}
	return nil
}

// LastInstant is the latest instant anything was written at, or the zero time:
// a clock may not stand before it.
func (db *DB) LastInstant(ctx context.Context) (time.Time, error) {
	var v int64
	err := db.r.GetContext(ctx, &v, `SELECT MAX(COALESCE((SELECT MAX(at) FROM history), 0), COALESCE((SELECT MAX(at) FROM ledger), 0), COALESCE((SELECT MAX(created) FROM deliveries), 0))`)
	if err != nil {
		return time.Time{}, fmt.Errorf("store: last instant: %w", err)
	}
	return fromMS(v), nil
}
