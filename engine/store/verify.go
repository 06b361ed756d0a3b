package store

import (
	"context"
	"fmt"
	"os"

	"github.com/jmoiron/sqlx"
)

// OpenReader opens a data file for reading alone, beside a running service. It
// writes nothing and brings no tables up to date.
func OpenReader(ctx context.Context, file string) (*DB, error) {
	if _, err := os.Stat(file); err != nil {
		return nil, fmt.Errorf("store: open: %w", err)
	}
	r, err := sqlx.Open("sqlite", dsn(file, "mode=ro&_pragma=query_only(1)"))
	if err != nil {
		return nil, fmt.Errorf("store: open %s for reading: %w", file, err)
	}
	r.SetMaxOpenConns(4)
	if err := r.PingContext(ctx); err != nil {
		r.Close()
		if damaged(err) {
			err = fmt.Errorf("%w: %w", ErrDamaged, err)
		}
		return nil, fmt.Errorf("store: open %s for reading: %w", file, err)
	}
	return &DB{r: r, file: file}, nil
}

// VerifyChain recomputes the hash of every history row over the row before it.
// It answers the last hash and the number of rows, or an error that names the
// first row whose hash is not what its content says, or that is missing.
func (db *DB) VerifyChain(ctx context.Context) (head string, rows int64, err error) {
	err = db.History(ctx, func(h *HistoryRow) error {
		if h.Seq != rows+1 {
			return fmt.Errorf("store: history row %d is missing", rows+1)
		}
		if h.chain(head) != h.Hash {
			return fmt.Errorf("store: history row %d is not what was written, or a row before it", h.Seq)
		}
		head, rows = h.Hash, h.Seq
		return nil
	})
	return head, rows, err
}

// Contains says whether the history still holds the row with this hash, at the
// number seq unless that is 0. Together with VerifyChain a head kept elsewhere
// proves that nobody cut the end off or put another history in its place.
func (db *DB) Contains(ctx context.Context, hash string, seq int64) (bool, error) {
	var n int
	err := db.r.GetContext(ctx, &n, `SELECT COUNT(*) FROM history WHERE hash = ? AND (? = 0 OR seq = ?)`, hash, seq, seq)
	if err != nil {
		return false, fmt.Errorf("store: look for a head: %w", err)
	}
	return n > 0, nil
}
