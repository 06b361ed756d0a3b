package store

import (
	"context"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
)

// Schema is the version of the tables in the file, and the one this program
// brings them to: a file with less is brought up to date at the next start, one
// with more was written by a newer program.
func (db *DB) Schema(ctx context.Context) (have, want int64, err error) {
	files, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return 0, 0, fmt.Errorf("store: schema: %w", err)
	}
	for _, f := range files {
		number, _, _ := strings.Cut(strings.TrimPrefix(f, "migrations/"), "_")
		n, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			return 0, 0, fmt.Errorf("store: schema: %s: %w", f, err)
		}
		want = max(want, n)
	}
	if err := db.r.GetContext(ctx, &have, `SELECT COALESCE(MAX(version_id), 0) FROM goose_db_version`); err != nil {
		return 0, 0, fmt.Errorf("store: schema: %w", err)
	}
	return have, want, nil
}
