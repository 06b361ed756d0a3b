package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"duban/engine"
	"duban/engine/org"
	"duban/engine/store"
	"duban/plan"
	"duban/plan/draft"
	"duban/scheduler"
)

// Names are the units of the organisation with the aliases that are kept in the
// data. Only drafts are read with them: what is confirmed carries the unit's own
// name, so that a replay or a preview never asks the table.
func (a *App) Names(ctx context.Context) (draft.Names, error) {
	all, err := a.DB.Aliases(ctx)
	if err != nil {
		return draft.Names{}, err
	}
	n := draft.Names{Org: a.Org, Aliases: map[string]string{}}
	for _, x := range all {
		n.Aliases[x.Printed] = x.Unit
	}
	return n, nil
}

// StoreDraft stores a document that was read. An open draft of the same key makes
// room for it.
func (a *App) StoreDraft(ctx context.Context, d store.Draft) error {
	heads, err := a.DB.DraftHeads(ctx)
	if err != nil {
		return err
	}
	var open []store.Draft
	for _, h := range heads {
		if h.Plan != d.Plan || h.State != store.DraftOpen {
			continue
		}
		old, err := a.DB.Draft(ctx, h.ID)
		if err != nil {
			return err
		}
		open = append(open, old)
	}
	return a.DB.Write(ctx, a.Now(), func(tx *store.Tx) error {
		for _, old := range open {
			old.State = store.DraftReplaced
			if err := tx.SetDraft(old); err != nil {
				return err
			}
		}
		_, err := tx.AddDraft(d)
		return err
	})
}

// SetDraft writes what the office decided about a draft.
func (a *App) SetDraft(ctx context.Context, d store.Draft) error {
	return a.DB.Write(ctx, a.Now(), func(tx *store.Tx) error { return tx.SetDraft(d) })
}

// SetAlias keeps what a printed name means.
func (a *App) SetAlias(ctx context.Context, printed, unit, by string) error {
	return a.DB.Write(ctx, a.Now(), func(tx *store.Tx) error {
		return tx.SetAlias(store.Alias{Printed: draft.Squeeze(printed), Unit: unit, By: by})
	})
}

// StoredPlan is the plan that runs under a key; false when none does.
func (a *App) StoredPlan(ctx context.Context, key string) (row store.Plan, p *plan.Plan, ok bool, err error) {
	plans, err := a.DB.Plans(ctx)
	if err != nil {
		return row, nil, false, err
	}
	i := slices.IndexFunc(plans, func(p store.Plan) bool { return p.Key == key })
	if i < 0 {
		return row, nil, false, nil
	}
	p, err = plan.FromJSON([]byte(plans[i].Body))
	if err == nil && p.Source == "" {
		p.Source = key
	}
	return plans[i], p, true, err
}

// ConfirmDraft adds the plan of a draft and marks the draft confirmed, in one
// transaction. only names the items that begin; nil: all.
func (a *App) ConfirmDraft(ctx context.Context, d store.Draft, p *plan.Plan, only []string) (Added, error) {
	return a.Add(ctx, Addition{Plan: p, Only: only, Also: func(tx *store.Tx) error { return confirmed(tx, d, p) }})
}

func confirmed(tx *store.Tx, d store.Draft, p *plan.Plan) error {
	body, err := json.Marshal(p)
	if err != nil {
		return fmt.Errorf("app: draft %s: %w", d.Plan, err)
	}
	d.State, d.Body = store.DraftConfirmed, string(body)
	return tx.SetDraft(d)
}

// ConfirmItems begins items that were left unconfirmed when their plan was added.
func (a *App) ConfirmItems(ctx context.Context, key string, only []string) (Added, error) {
	_, p, ok, err := a.StoredPlan(ctx, key)
	if err != nil || !ok {
		return Added{}, errors.Join(err, noPlan(key, ok))
	}
	as := a.Assigner(p, 0, 0)
	day := a.Calendar.OnOrAfter(max(p.Issued, a.Calendar.DateOf(a.Now())))
	added := Added{Plan: key, Items: len(only)}
	outcomes := as.Some(only, day)
	starts := added.count(outcomes)
	added.Begun, err = a.Runner.Begin(ctx, starts, func(tx *store.Tx) error {
		tx.For = "items"
		return setItems(tx, key, outcomes)
	})
	a.Poke()
	return added, err
}

func noPlan(key string, ok bool) error {
	if ok {
		return nil
	}
	return fmt.Errorf("%w: no plan is named %s", store.ErrNotFound, key)
}

// office is who acts when the office confirms: a person of it, or the office
// itself where none is named.
func (a *App) office(by *org.Person) scheduler.Who {
	return func(in *engine.Instance, kind engine.EventKind) engine.Actor {
		if by != nil {
			return a.actor(*by, in, kind)
		}
		return engine.Actor{Name: a.Org.Office().Name, Roles: []engine.Role{engine.RoleOffice}}
	}
}
