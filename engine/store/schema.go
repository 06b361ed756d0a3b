package store

import (
	"context"
	"fmt"
)

// Schema is the version of the tables in the file, and the one this program
// brings them to: a file with less is brought up to date at the next start, one
// with more was written by a newer program.
func (db *DB) Schema(ctx context.Context) (have, want int64, err error) {
	p, err := migrator(db.r.DB)
	if err != nil {
		return 0, 0, err
	}
	want = version(p)
	if err := db.r.GetContext(ctx, &have, `SELECT COALESCE(MAX(version_id), 0) FROM goose_db_version`); err != nil {
		return 0, 0, fmt.Errorf("store: schema: %w", err)
	}
	return have, want, nil
}
