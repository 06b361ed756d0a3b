package store

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Draft is a document that was read and waits for the office, or waited.
type Draft struct {
	ID       int64  `db:"id"`
	Plan     string `db:"plan_key"` // the name its plan has, or will have
	Digest   string `db:"digest"`   // of the file's bytes
	File     string `db:"file"`     // its name
	Title    string `db:"title"`
	State    string `db:"state"`    // open, confirmed, discarded, replaced (by a newer one of its key)
	Given    string `db:"given"`    // what the office gave and the document did not print: "issued year"
	Imported int64  `db:"imported"` // when
	Done     int64  `db:"done"`     // when it was confirmed, discarded or replaced; 0: open
	By       string `db:"done_by"`  // who did: a person's id; "" the office
	Body     string `db:"body"`     // JSON of the plan, with what the office decided
	Sum      int64  `db:"sum"`      // of the row as it was read: who writes it must have seen it
}

// The states of a draft.
const (
	DraftOpen      = "open"
	DraftConfirmed = "confirmed"
	DraftDiscarded = "discarded"
	DraftReplaced  = "replaced"
)

// Alias says which unit a printed name means.
type Alias struct {
	Printed string `db:"printed"`
	Unit    string `db:"unit"`
	By      string `db:"said_by"` // a person's id or the office; "" nobody said
	Said    int64  `db:"said"`    // when
}

// PlanVersion is a plan as it was before a revision.
type PlanVersion struct {
	Plan
	Version  int   `db:"version"`  // from 1
	Replaced int64 `db:"replaced"` // when
}

// ErrDraftMoved means that somebody wrote to a draft after it was read.
var ErrDraftMoved = errors.New("store: somebody has changed the draft since it was read")

// ErrAltered means that a row is not what was written; duban verify names all
// such rows.
var ErrAltered = errors.New("store: not what was written")

const (
	draftColumns   = `id, plan_key, digest, file, title, state, given, imported, done, done_by, body`
	aliasColumns   = `printed, unit, said_by, said`
	versionColumns = `plan_key, version, digest, title, issued, added, replaced, body`
)

// AddDraft stores a document that was read, and answers its number.
func (tx *Tx) AddDraft(d Draft) (int64, error) {
	if err := tx.get(&d.ID, `SELECT COALESCE(MAX(id), 0) + 1 FROM drafts`); err != nil {
		return 0, fmt.Errorf("store: draft %s: %w", d.Plan, err)
	}
	d.State, d.Imported = DraftOpen, ms(tx.Now)
	_, err := tx.exec(`INSERT INTO drafts (`+draftColumns+`, sum) VALUES (?,?,?,?,?,?,?,?,?,?,?,?)`,
		d.ID, d.Plan, d.Digest, d.File, d.Title, d.State, d.Given, d.Imported, d.Done, d.By, d.Body, d.sum())
	if err != nil {
		return 0, fmt.Errorf("store: draft %s: %w", d.Plan, err)
	}
	return d.ID, nil
}

// SetDraft writes state, given and body of a draft that was read before;
// ErrDraftMoved when somebody else was faster.
func (tx *Tx) SetDraft(d Draft) error {
	if d.State != DraftOpen {
		d.Done = ms(tx.Now)
	}
	n, err := tx.exec(`UPDATE drafts SET state = ?, given = ?, done = ?, done_by = ?, body = ?, sum = ? WHERE id = ? AND sum = ?`,
		d.State, d.Given, d.Done, d.By, d.Body, d.sum(), d.ID, d.Sum)
	switch {
	case err != nil:
		return fmt.Errorf("store: draft %s: %w", d.Plan, err)
	case n == 0:
		return ErrDraftMoved
	}
	return nil
}

// DraftHeads reads all drafts without their bodies, the newest first.
func (db *DB) DraftHeads(ctx context.Context) ([]Draft, error) {
	var out []Draft
	columns := strings.TrimSuffix(draftColumns, ", body")
	if err := db.r.SelectContext(ctx, &out, `SELECT `+columns+` FROM drafts ORDER BY id DESC`); err != nil {
		return nil, fmt.Errorf("store: drafts: %w", err)
	}
	return out, nil
}

// Draft reads one draft.
func (db *DB) Draft(ctx context.Context, id int64) (Draft, error) {
	var d Draft
	err := db.r.GetContext(ctx, &d, db.r.Rebind(`SELECT `+draftColumns+`, sum FROM drafts WHERE id = ?`), id)
	if err != nil {
		return d, notFound(err, "draft "+strconv.FormatInt(id, 10))
	}
	if d.sum() != d.Sum { // writing it again would give a changed byte a good sum
		return d, fmt.Errorf("%w: draft %d of %s", ErrAltered, d.ID, d.Plan)
	}
	return d, nil
}

// SetAlias keeps what a printed name means.
func (tx *Tx) SetAlias(a Alias) error {
	a.Said = ms(tx.Now)
	_, err := tx.exec(`INSERT INTO aliases (`+aliasColumns+`, sum) VALUES (?,?,?,?,?)
		ON CONFLICT (printed) DO UPDATE SET unit = excluded.unit, said_by = excluded.said_by, said = excluded.said, sum = excluded.sum`,
		a.Printed, a.Unit, a.By, a.Said, a.sum())
	if err != nil {
		return fmt.Errorf("store: alias %s: %w", a.Printed, err)
	}
	return nil
}

// Aliases reads all aliases.
func (db *DB) Aliases(ctx context.Context) ([]Alias, error) {
	var out []Alias
	if err := db.r.SelectContext(ctx, &out, `SELECT `+aliasColumns+` FROM aliases ORDER BY printed`); err != nil {
		return nil, fmt.Errorf("store: aliases: %w", err)
	}
	return out, nil
}

// RevisePlan puts a plan into the place of the one whose digest was, and keeps
// that one among the versions. It answers the number of the new version.
func (tx *Tx) RevisePlan(was string, p Plan) (version int, err error) {
	var old struct {
		Plan
		Sum int64
	}
	if err := tx.get(&old, `SELECT `+planColumns+`, sum FROM plans WHERE plan_key = ?`, p.Key); err != nil {
		return 0, notFound(err, "plan "+p.Key)
	}
	switch {
	case old.sum() != old.Sum:
		return 0, fmt.Errorf("%w: plan %s", ErrAltered, p.Key)
	case old.Digest != was:
		return 0, ErrDraftMoved
	}
	if err := tx.get(&version, `SELECT COALESCE(MAX(version), 0) + 1 FROM plan_versions WHERE plan_key = ?`, p.Key); err != nil {
		return 0, fmt.Errorf("store: versions of %s: %w", p.Key, err)
	}
	v := PlanVersion{Plan: old.Plan, Version: version, Replaced: ms(tx.Now)}
	_, err = tx.exec(`INSERT INTO plan_versions (`+versionColumns+`, sum) VALUES (?,?,?,?,?,?,?,?,?)`,
		v.Key, v.Version, v.Digest, v.Title, v.Issued, v.Added, v.Replaced, v.Body, v.sum())
	if err != nil {
		return 0, fmt.Errorf("store: version %d of %s: %w", version, p.Key, err)
	}
	p.Added = ms(tx.Now)
	_, err = tx.exec(`UPDATE plans SET digest = ?, title = ?, issued = ?, added = ?, body = ?, sum = ? WHERE plan_key = ?`,
		p.Digest, p.Title, p.Issued, p.Added, p.Body, p.sum(), p.Key)
	if err != nil {
		return 0, fmt.Errorf("store: revise %s: %w", p.Key, err)
	}
	return version + 1, nil
}

// Versions reads what a plan was before its revisions, in order.
func (db *DB) Versions(ctx context.Context, key string) ([]PlanVersion, error) {
	var out []PlanVersion
	err := db.r.SelectContext(ctx, &out, db.r.Rebind(`SELECT `+versionColumns+` FROM plan_versions WHERE plan_key = ? ORDER BY version`), key)
	if err != nil {
		return nil, fmt.Errorf("store: versions of %s: %w", key, err)
	}
	return out, nil
}
