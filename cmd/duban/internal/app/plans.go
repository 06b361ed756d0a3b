package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"duban/engine"
	"duban/engine/calendar"
	"duban/engine/store"
	"duban/plan"
	"duban/workflows"
)

// Added says what adding a plan did.
type Added struct {
	Plan     string   `json:"plan"`
	Items    int      `json:"items"`
	Started  int      `json:"started"`           // items with instances
	Waiting  int      `json:"waiting"`           // items that wait for the office
	Dropped  int      `json:"dropped,omitempty"` // items that the office left out
	Begun    int      `json:"begun"`             // instances, children not counted
	Same     bool     `json:"same"`              // the very plan was here already
	Warnings []string `json:"warnings,omitempty"`
}

// ErrRevised means that another version of a plan with this key runs already.
var ErrRevised = errors.New("a plan of this name with other content is already here; its instances keep running; revise it with duban import, or give the file another name to add it beside the old one")

// Addition is a plan to add.
type Addition struct {
	Plan   *plan.Plan
	Issued calendar.Date         // zero: the plan's own
	Until  calendar.Date         // zero: the plan's own
	Only   []string              // numbers of the items that begin, the others wait; nil: all begin
	Also   func(*store.Tx) error // writes what belongs to it in the same transaction; or nil
}

// Unconfirmed is why an item waits that the office has not confirmed yet.
const Unconfirmed = "待确认"

// AddPlan is Add of a whole plan.
func (a *App) AddPlan(ctx context.Context, p *plan.Plan, issued, until calendar.Date) (Added, error) {
	return a.Add(ctx, Addition{Plan: p, Issued: issued, Until: until})
}

// Add stores a plan and starts what its items ask for, in one transaction. The
// same plan again changes nothing.
func (a *App) Add(ctx context.Context, n Addition) (Added, error) {
	p := n.Plan
	as := a.Assigner(p, n.Issued, n.Until)
	outcomes, err := as.All()
	if err != nil {
		return Added{}, err
	}
	day, err := as.IssueDay()
	if err != nil {
		return Added{}, err
	}
	body, err := json.Marshal(p)
	if err != nil {
		return Added{}, fmt.Errorf("app: add plan %s: %w", p.Key(), err)
	}
	holdBack(outcomes, n.Only)
	added := Added{Plan: p.Key(), Items: len(p.Items)}
	starts := added.count(outcomes)
	row := store.Plan{Key: p.Key(), Digest: p.Digest(), Title: p.Title, Issued: day.String(), Body: string(body)}
	added.Begun, err = a.Runner.Begin(ctx, starts, func(tx *store.Tx) error {
		tx.For = "plan"
		digest, err := tx.AddPlan(row)
		if err != nil {
			return err
		}
		if digest != "" {
			added.Same = digest == row.Digest
			if added.Same {
				return errSame
			}
			return fmt.Errorf("%s: %w", row.Key, ErrRevised)
		}
		return errors.Join(setItems(tx, row.Key, outcomes), n.also(tx))
	})
	if errors.Is(err, errSame) {
		return added, a.DB.Write(ctx, a.Now(), n.also)
	}
	a.Poke()
	return added, err
}

func (n *Addition) also(tx *store.Tx) error {
	if n.Also == nil {
		return nil
	}
	return n.Also(tx)
}

// holdBack lets all but the named items wait; nil names all.
func holdBack(outcomes []workflows.Outcome, only []string) {
	for i := range outcomes {
		if o := &outcomes[i]; only != nil && !slices.Contains(only, o.No) && o.Status != workflows.Dropped {
			o.Status, o.Why, o.Starts = workflows.Waiting, Unconfirmed, nil
		}
	}
}

// count adds up outcomes and answers all their starts.
func (a *Added) count(outcomes []workflows.Outcome) (starts []engine.Start) {
	for _, o := range outcomes {
		starts = append(starts, o.Starts...)
		a.Warnings = append(a.Warnings, o.Warnings...)
		switch o.Status {
		case workflows.Waiting:
			a.Waiting++
		case workflows.Dropped:
			a.Dropped++
		default:
			a.Started++
		}
	}
	return starts
}

// errSame ends the transaction of a plan that is here already.
var errSame = errors.New("same plan")

func setItems(tx *store.Tx, key string, outcomes []workflows.Outcome) error {
	for _, o := range outcomes {
		if err := tx.SetItem(store.Item{Plan: key, No: o.No, Heading: o.Heading, Status: o.Status, Why: o.Why}); err != nil {
			return err
		}
	}
	return nil
}

// Assigner is the one way from a plan to its instances.
func (a *App) Assigner(p *plan.Plan, issued, until calendar.Date) *workflows.Assigner {
	return &workflows.Assigner{Plan: p, Org: a.Org, Cal: a.Calendar, Issued: issued, Until: until}
}

// ErrNotWaiting means that an item is at work already.
var ErrNotWaiting = errors.New("the item does not wait: its assignments have begun; act on them instead")

// DecideItem carries out what the office decides about an item that waits.
func (a *App) DecideItem(ctx context.Context, key, no string, d workflows.Decision) (workflows.Outcome, error) {
	p, err := a.plan(ctx, key)
	if err != nil {
		return workflows.Outcome{}, err
	}
	it, ok := p.Item(no)
	if !ok {
		return workflows.Outcome{}, fmt.Errorf("%w: plan %s has no item %s", store.ErrNotFound, key, no)
	}
	items, err := a.DB.Items(ctx)
	if err != nil {
		return workflows.Outcome{}, err
	}
	for _, x := range items {
		if x.Plan == key && x.No == no && x.Status != workflows.Waiting {
			return workflows.Outcome{}, fmt.Errorf("%s %s: %w", key, no, ErrNotWaiting)
		}
	}
	d.Day = max(d.Day, a.Calendar.DateOf(a.Now()))
	o := a.Assigner(p, 0, 0).Decide(it, d)
	return o, a.Decide(ctx, key, o)
}

// plan reads a stored plan.
func (a *App) plan(ctx context.Context, key string) (*plan.Plan, error) {
	_, p, ok, err := a.StoredPlan(ctx, key)
	return p, errors.Join(err, noPlan(key, ok || err != nil))
}

// Decide carries out what the office decided about an item after the plan was added.
func (a *App) Decide(ctx context.Context, key string, outcomes ...workflows.Outcome) error {
	var starts []engine.Start
	for _, o := range outcomes {
		starts = append(starts, o.Starts...)
	}
	_, err := a.Runner.Begin(ctx, starts, func(tx *store.Tx) error {
		tx.For = "items"
		return setItems(tx, key, outcomes)
	})
	a.Poke()
	return err
}
