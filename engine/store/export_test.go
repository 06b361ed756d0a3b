package store

import "context"

// MigrateDown takes the tables back to an older version.
func (db *DB) MigrateDown(ctx context.Context, version int64) error {
	p, err := migrator(db.w.DB)
	if err != nil {
		return err
	}
	_, err = p.DownTo(ctx, version)
	return err
}
