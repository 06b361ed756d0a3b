package control

import (
	"context"
	"fmt"
	"slices"
	"time"

	"duban/cmd/duban/internal/app"
	"duban/engine/calendar"
	"duban/engine/store"
	"duban/plan"
	"duban/plan/draft"
	"duban/scheduler"
	"duban/workflows"
)

// Confirm says which items of a draft the office confirms.
type Confirm struct {
	Key   string   `json:"key"`
	Items []string `json:"items,omitempty"`
	All   bool     `json:"all,omitempty"`
	By    string   `json:"by,omitempty"` // of the office
}

// Confirmed says what a confirmation did.
type Confirmed struct {
	Added
	Revised *Revised `json:"revised,omitempty"` // a plan of this name ran already
}

// Revised says what became of what ran.
type Revised struct {
	Version   int        `json:"version"`
	Added     int        `json:"added"` // items
	Changed   int        `json:"changed"`
	Withdrawn int        `json:"withdrawn"`
	Unchanged int        `json:"unchanged"`
	Begun     int        `json:"begun"` // assignments
	Turns     []TurnLine `json:"turns"`
	Notes     []string   `json:"notes,omitempty"`
}

// TurnLine is what became of one assignment.
type TurnLine struct {
	Slip  string        `json:"slip"`
	Unit  string        `json:"unit"`
	State string        `json:"state"` // 办理中
	Due   calendar.Date `json:"due,omitzero"`
	Did   string        `json:"did"` // moved, replaced, cancelled, left
	Why   string        `json:"why,omitempty"`
}

func (d desk) confirm(ctx context.Context, q Confirm) (Confirmed, error) {
	by, err := d.officer(q.By)
	if err != nil {
		return Confirmed{}, err
	}
	x, err := d.find(ctx, q.Key)
	if err != nil {
		return Confirmed{}, err
	}
	if x.State == store.DraftConfirmed {
		return d.confirmRest(ctx, &x, &q)
	}
	x, p, err := d.open(ctx, q.Key)
	if err != nil {
		return Confirmed{}, err
	}
	if err := confirmable(p, &q); err != nil {
		return Confirmed{}, err
	}
	if by != nil {
		x.By = by.ID
	}
	n, err := d.Names(ctx)
	if err != nil {
		return Confirmed{}, err
	}
	full := draft.WithAliases(p, n)
	row, was, ok, err := d.StoredPlan(ctx, full.Key())
	if err != nil {
		return Confirmed{}, err
	}
	if !ok {
		return d.confirmNew(ctx, x, full, &q)
	}
	if !q.All {
		return Confirmed{}, &Problem{Kind: Usage, Words: "修订稿须整体确认（--all）；不办的事项先用 duban draft decide --drop 标明"}
	}
	rev, err := d.Revision(ctx, row, was, full, n)
	if err != nil {
		return Confirmed{}, err
	}
	turned, begun, err := d.Revise(ctx, rev, x, by)
	if err != nil {
		return Confirmed{}, draftError(err)
	}
	return d.revised(ctx, full, rev, turned, begun)
}

func confirmable(p *plan.Plan, q *Confirm) error {
	if q.All == (len(q.Items) > 0) {
		return &Problem{Kind: Usage, Words: "请写明确认哪些事项，或用 --all 确认全部"}
	}
	for _, no := range q.Items {
		if _, ok := p.Item(no); !ok {
			return &Problem{Kind: Usage, Words: fmt.Sprintf("草稿 %s 没有事项 %s", q.Key, no)}
		}
	}
	if p.Issued == 0 {
		return &Problem{Kind: Usage, Words: fmt.Sprintf("文中未印日期，请先给定：duban draft decide %s --issued 2023-02-17", q.Key)}
	}
	return nil
}

func (d desk) confirmNew(ctx context.Context, x store.Draft, full *plan.Plan, q *Confirm) (Confirmed, error) {
	only := q.Items
	if q.All {
		only = nil
	}
	done, err := d.ConfirmDraft(ctx, x, full, only)
	if err != nil {
		return Confirmed{}, draftError(err)
	}
	return d.confirmed(ctx, done, full)
}

func (d desk) confirmed(ctx context.Context, done app.Added, p *plan.Plan) (out Confirmed, err error) {
	out.Added = Added{Added: done, Title: p.Title, Assignments: []Assignment{}, Waits: []Wait{}}
	if err := d.begun(ctx, &out.Added); err != nil {
		return out, err
	}
	return out, d.waits(ctx, p, &out.Added)
}

// confirmRest confirms items that waited for it when the rest began.
func (d desk) confirmRest(ctx context.Context, x *store.Draft, q *Confirm) (Confirmed, error) {
	_, p, ok, err := d.StoredPlan(ctx, q.Key)
	if err != nil || !ok {
		return Confirmed{}, err
	}
	items, err := d.DB.Items(ctx)
	if err != nil {
		return Confirmed{}, err
	}
	var left []string
	for _, it := range items {
		if it.Plan == q.Key && it.Status == workflows.Waiting && it.Why == app.Unconfirmed {
			left = append(left, it.No)
		}
	}
	if len(left) == 0 {
		return Confirmed{}, &Problem{Kind: Usage, Words: fmt.Sprintf("草稿 %s 已于 %s 确认", q.Key, minuteOf(d.stamp(time.UnixMilli(x.Done))))}
	}
	if err := confirmable(p, q); err != nil {
		return Confirmed{}, err
	}
	for _, no := range q.Items {
		if !slices.Contains(left, no) {
			return Confirmed{}, &Problem{Kind: Usage, Words: fmt.Sprintf("事项 %s 已确认过", no)}
		}
	}
	if !q.All {
		left = q.Items
	}
	done, err := d.ConfirmItems(ctx, q.Key, left)
	if err != nil {
		return Confirmed{}, err
	}
	return d.confirmed(ctx, done, p)
}

// revised tells what a revision did.
func (d desk) revised(ctx context.Context, p *plan.Plan, rev *app.Revision, turned []scheduler.Turned, begun int) (Confirmed, error) {
	out := Confirmed{Added: Added{Added: app.Added{Plan: p.Key(), Items: len(p.Items), Begun: begun}, Title: p.Title, Assignments: []Assignment{}, Waits: []Wait{}}}
	versions, err := d.DB.Versions(ctx, p.Key())
	if err != nil {
		return out, err
	}
	r := &Revised{Version: len(versions) + 1, Added: len(rev.Diff.Added), Changed: len(rev.Diff.Changed), Withdrawn: len(rev.Diff.Withdrawn),
		Unchanged: rev.Diff.Unchanged, Begun: begun, Turns: []TurnLine{}, Notes: rev.Notes}
	out.Revised = r
	for i := range turned {
		t := &turned[i]
		def, err := d.Runner.Definition(t.Instance.DefHash)
		if err != nil {
			return out, err
		}
		r.Turns = append(r.Turns, TurnLine{Slip: t.Instance.Slip, Unit: t.Instance.Unit, State: stateTitle(def, t.Instance.State), Due: t.Instance.Due, Did: t.Did, Why: t.Why})
	}
	return out, d.waits(ctx, p, &out.Added)
}
