package store

import "context"

// drafts checks what was imported, the aliases, and the former versions of plans.
func (a *audit) drafts(ctx context.Context) error {
	err := rowsOf(ctx, a.db, `SELECT `+draftColumns+`, sum FROM drafts`, func(d *Draft) {
		if d.sum() != d.Sum {
			a.fault("draft %d of %s is not what was written", d.ID, d.Plan)
		}
	})
	if err != nil {
		return err
	}
	type alias struct {
		Alias
		Sum int64
	}
	err = rowsOf(ctx, a.db, `SELECT `+aliasColumns+`, sum FROM aliases`, func(r *alias) {
		if r.sum() != r.Sum {
			a.fault("alias %s is not what was written", r.Printed)
		}
	})
	if err != nil {
		return err
	}
	type version struct {
		PlanVersion
		Sum int64
	}
	return rowsOf(ctx, a.db, `SELECT `+versionColumns+`, sum FROM plan_versions`, func(r *version) {
		if r.sum() != r.Sum {
			a.fault("version %d of plan %s is not what was written", r.Version, r.Key)
		}
	})
}
