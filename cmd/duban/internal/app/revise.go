package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"duban/engine"
	"duban/engine/calendar"
	"duban/engine/org"
	"duban/engine/store"
	"duban/plan"
	"duban/plan/draft"
	"duban/scheduler"
	"duban/workflows"
)

// Revision is what a revised plan does to the one that runs. Nothing is deleted:
// what is no longer asked for is cancelled by an event, what moved is extended or
// reassigned by one, and the former plan stays among its versions.
type Revision struct {
	Diff  draft.Diff
	Deeds []Deed
	Begin int // assignments that begin
	Notes []string

	was    store.Plan
	is     *plan.Plan
	turns  []scheduler.Turn
	starts []engine.Start
	items  []store.Item
}

// Deed is what happens to one running assignment.
type Deed struct {
	Slip    string        `json:"slip"`
	Item    string        `json:"item"` // in the new plan, or where it was
	Heading string        `json:"heading"`
	Unit    string        `json:"unit"`
	Does    string        `json:"does"` // move, replace, cancel, leave
	Due     calendar.Date `json:"due,omitzero"`
	To      string        `json:"to,omitempty"`  // the unit that takes it over
	Why     string        `json:"why,omitempty"` // replace, leave: what its workflow says

	Withdrawn bool `json:"withdrawn,omitempty"` // Item is a number of the former plan
}

// What a revision does to a running assignment.
const (
	Move    = "move"
	Replace = "replace" // it ends and another begins: its workflow has no event for the change
	Cancel  = "cancel"
	Leave   = "leave"
)

// reviser compares what runs with what the new plan asks for.
type reviser struct {
	a       *App
	key     string
	version int
	old     *workflows.Assigner
	new     *workflows.Assigner
	issued  calendar.Date // the day of issue: what is asked for is computed from it
	day     calendar.Date // what begins, begins then
	reason  string
	all     []engine.Instance
	status  map[string]store.Item
	out     *Revision
}

// Revision plans what a revised plan does. It writes nothing.
func (a *App) Revision(ctx context.Context, was store.Plan, old, is *plan.Plan, n draft.Names) (*Revision, error) {
	r, err := a.reviser(ctx, was, old, is)
	if err != nil {
		return nil, err
	}
	d := draft.Compare(old, is, n.Canonical)
	r.out.Diff = d
	items := map[string]plan.Item{}
	for _, p := range d.Same {
		items[p.New.No] = r.same(p)
	}
	for _, it := range d.Added {
		items[it.No] = r.added(it)
	}
	for i := range d.Changed {
		items[d.Changed[i].New.No] = r.changed(&d.Changed[i])
	}
	for i := range d.Withdrawn {
		r.withdrawn(&d.Withdrawn[i])
	}
	for i := range r.out.is.Items {
		r.out.is.Items[i] = items[r.out.is.Items[i].No]
	}
	r.oldNumbers()
	return r.out, nil
}

func (a *App) reviser(ctx context.Context, was store.Plan, old, is *plan.Plan) (*reviser, error) {
	versions, err := a.DB.Versions(ctx, was.Key)
	if err != nil {
		return nil, err
	}
	all, err := a.DB.Instances(ctx, store.Filter{Plan: was.Key})
	if err != nil {
		return nil, err
	}
	items, err := a.DB.Items(ctx)
	if err != nil {
		return nil, err
	}
	copied := *is
	copied.Items = slices.Clone(is.Items)
	issued, err := calendar.ParseDate(was.Issued)
	if err != nil {
		return nil, fmt.Errorf("app: plan %s: %w", was.Key, err)
	}
	if copied.Issued != 0 {
		issued = a.Calendar.OnOrAfter(copied.Issued)
	}
	r := &reviser{a: a, key: was.Key, version: len(versions) + 2, all: all, status: map[string]store.Item{}, issued: issued,
		old: a.Assigner(old, 0, 0), new: a.Assigner(&copied, 0, 0), out: &Revision{was: was, is: &copied}}
	r.day = a.Calendar.OnOrAfter(max(copied.Issued, a.Calendar.DateOf(a.Now())))
	r.reason = fmt.Sprintf("计划修订（第%d版）：《%s》", r.version, copied.Title)
	for _, it := range items {
		if it.Plan == was.Key {
			r.status[it.No] = it
		}
	}
	return r, nil
}

// fresh is a prefix of keys that nothing has yet.
func (r *reviser) fresh(no string) string { return fmt.Sprintf("%s/@%d/%s", r.key, r.version, no) }

func (r *reviser) row(o *workflows.Outcome) {
	r.out.items = append(r.out.items, store.Item{Plan: r.key, No: o.No, Heading: o.Heading, Status: o.Status, Why: o.Why})
}

// same leaves an item as it is.
func (r *reviser) same(p draft.Pair) plan.Item {
	p.New.Runs = p.Old.Runs
	return p.New
}

// added begins an item that is new.
func (r *reviser) added(it plan.Item) plan.Item {
	it.Runs = []string{r.fresh(it.No)}
	o := r.new.Item(&it, r.day)
	r.row(&o)
	r.begin(o.Starts)
	return it
}

func (r *reviser) begin(starts []engine.Start) {
	r.out.starts = append(r.out.starts, starts...)
	r.out.Begin += len(starts)
}

// withdrawn cancels what runs of an item that the plan no longer has.
func (r *reviser) withdrawn(it *plan.Item) {
	for _, h := range r.held(it, nil) {
		if !h.done {
			r.cancel(h, it, true)
		}
	}
}

// oldNumbers closes the rows of numbers that the new plan does not have.
func (r *reviser) oldNumbers() {
	for _, no := range r.old.Plan.Items {
		row, ok := r.status[no.No]
		if _, still := r.new.Plan.Item(no.No); still || !ok {
			continue
		}
		row.Status, row.Why = workflows.Withdrawn, "修订稿已无此编号"
		r.out.items = append(r.out.items, row)
	}
}

func (r *reviser) cancelBy() *engine.Event {
	return &engine.Event{Kind: "cancel", Data: map[string]string{"reason": r.reason}}
}

func (r *reviser) cancel(h *held, it *plan.Item, withdrawn bool) {
	r.out.turns = append(r.out.turns, scheduler.Turn{ID: h.in.ID, Cancel: r.cancelBy()})
	r.deed(h, it, Deed{Does: Cancel, Withdrawn: withdrawn})
}

func (r *reviser) deed(h *held, it *plan.Item, d Deed) {
	d.Slip, d.Item, d.Heading, d.Unit = h.in.Slip, it.No, it.Heading, h.in.Unit
	r.out.Deeds = append(r.out.Deeds, d)
}

// held is an assignment of an item, and the start it was made by as the former
// plan has it: the office may have moved the assignment since.
type held struct {
	in    *engine.Instance
	start *engine.Start // nil: not by the plan
	done  bool          // it has ended, and not by being cancelled
	taken bool
}

// held are the assignments of an item that run or are done, without children.
func (r *reviser) held(it *plan.Item, starts []engine.Start) []*held {
	var out []*held
	for i := range r.all {
		in := &r.all[i]
		ended := !in.Closed.IsZero()
		if in.Parent != 0 || ended && in.State == "cancelled" || !slices.ContainsFunc(it.Prefixes(r.key), func(p string) bool { return strings.HasPrefix(in.Key, p+"/") }) {
			continue
		}
		h := &held{in: in, done: ended}
		if j := slices.IndexFunc(starts, func(s engine.Start) bool { return s.Key == in.Key }); j >= 0 {
			h.start = &starts[j]
		}
		out = append(out, h)
	}
	return out
}

// Revise carries out what was planned, with the draft it came from, in one
// transaction. by is who confirms; nil: the office.
func (a *App) Revise(ctx context.Context, rev *Revision, d store.Draft, by *org.Person) ([]scheduler.Turned, int, error) {
	body, err := json.Marshal(rev.is)
	if err != nil {
		return nil, 0, fmt.Errorf("app: revise %s: %w", d.Plan, err)
	}
	row := store.Plan{Key: rev.was.Key, Digest: rev.is.Digest(), Title: rev.is.Title, Issued: rev.was.Issued, Body: string(body)}
	if rev.is.Issued != 0 {
		row.Issued = a.Calendar.OnOrAfter(rev.is.Issued).String()
	}
	turned, begun, err := a.Runner.Revise(ctx, rev.turns, rev.starts, a.office(by), func(tx *store.Tx) error {
		tx.For = "plan"
		if _, err := tx.RevisePlan(rev.was.Digest, row); err != nil {
			return err
		}
		for _, it := range rev.items {
			if err := tx.SetItem(it); err != nil {
				return err
			}
		}
		return confirmed(tx, d, rev.is)
	})
	a.Poke()
	for _, t := range turned {
		begun += t.Begun
	}
	if errors.Is(err, store.ErrDraftMoved) {
		return nil, 0, store.ErrDraftMoved
	}
	return turned, begun, err
}
