package store

import (
	"context"
	"fmt"
	"time"
)

// Change is one committed step with what other systems may know of its instance.
// Effects, After and Prev are not read.
type Change struct {
	HistoryRow
	Was        string `db:"was"` // the state before; "" at the start
	Slip       string `db:"slip"`
	Workflow   string `db:"workflow"`
	Kind       string `db:"kind"`
	Plan       string `db:"plan_key"`
	Item       string `db:"item"`
	Unit       string `db:"unit"` // the lead unit as it is now
	Occurrence string `db:"occurrence"`
	Sensitive  bool   `db:"sensitive"`
}

// Changes are the steps after a history number, in order, at most limit.
func (db *DB) Changes(ctx context.Context, after int64, limit int) ([]Change, error) {
	var out []Change
	err := db.r.SelectContext(ctx, &out, `SELECT h.seq, h.instance_id, h.version, h.at, h.event, h.state, h.hash, COALESCE(p.state, '') AS was,
			i.slip, f.workflow, i.kind, i.plan_key, i.item, i.unit, COALESCE(json_extract(f.body, '$.occurrence'), '') AS occurrence,
			COALESCE(json_extract(f.body, '$.sensitive'), 0) AS sensitive
		FROM history h JOIN instances i ON i.id = h.instance_id JOIN facts f ON f.id = i.id LEFT JOIN history p ON p.seq = h.prev
		WHERE h.seq > ? ORDER BY h.seq LIMIT ?`, after, limit)
	if err != nil {
		return nil, fmt.Errorf("store: changes after %d: %w", after, err)
	}
	return out, nil
}

// LastBefore is the number of the last step before an instant; 0 when there is none.
func (db *DB) LastBefore(ctx context.Context, t time.Time) (int64, error) {
	var n int64
	if err := db.r.GetContext(ctx, &n, `SELECT COALESCE(MAX(seq), 0) FROM history WHERE at < ?`, ms(t)); err != nil {
		return 0, fmt.Errorf("store: last step before %s: %w", t, err)
	}
	return n, nil
}
