package control

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"duban/cmd/duban/internal/app"
	"duban/engine/calendar"
	"duban/engine/fault"
	"duban/engine/store"
	"duban/plan"
	"duban/workflows"
)

// PlanFile is a plan to add.
type PlanFile struct {
	Name   string // as the caller wrote it: the plan is called after it, faults name it
	Data   []byte
	Issued calendar.Date // zero: the plan's own
	Until  calendar.Date // end of its cadences; zero: the plan's own
}

// Added says what adding a plan did.
type Added struct {
	app.Added
	Title       string       `json:"title"`
	Since       string       `json:"since,omitempty"` // when the same plan came, RFC 3339
	Assignments []Assignment `json:"assignments"`     // that the plan began
	Children    int          `json:"children"`        // that those began in turn
	Waits       []Wait       `json:"waits"`
}

// Assignment is one that a plan began.
type Assignment struct {
	Slip      string        `json:"slip"`
	Workflow  string        `json:"workflow"`
	State     string        `json:"state"` // 待签收
	Unit      string        `json:"unit"`
	Item      string        `json:"item"`
	Heading   string        `json:"heading"`
	When      string        `json:"when"`          // the time words as printed
	Due       calendar.Date `json:"due,omitempty"` // on paper
	Effective calendar.Date `json:"effective,omitempty"`
}

// Wait is an item that waits, and why: one Chinese sentence.
type Wait struct {
	Item    string `json:"item"`
	Heading string `json:"heading"`
	Why     string `json:"why"`
}

func (d desk) plan(ctx context.Context, f PlanFile) (Added, error) {
	p, faults := plan.Load(f.Name, f.Data)
	if len(faults) == 0 {
		faults = d.unknownWorkflows(f.Name, p)
	}
	if err := faults.Err(); err != nil {
		return Added{}, err
	}
	if err := spans(f, p); err != nil {
		return Added{}, err
	}
	done, err := d.AddPlan(ctx, p, f.Issued, f.Until)
	if errors.Is(err, app.ErrRevised) {
		return Added{}, &Problem{Kind: Usage, Words: p.Key() + ": " + app.ErrRevised.Error()}
	}
	if err != nil {
		return Added{}, err
	}
	out := Added{Added: done, Title: p.Title, Assignments: []Assignment{}, Waits: []Wait{}}
	if done.Same {
		out.Since, err = d.since(ctx, done.Plan)
		return out, err
	}
	return out, errors.Join(d.begun(ctx, &out), d.waits(ctx, p, &out))
}

// unknownWorkflows are faults that only the library can find.
func (d desk) unknownWorkflows(file string, p *plan.Plan) (faults fault.List) {
	names := append(d.Library.Names(), "") // "" lets the deadline decide
	for _, it := range p.Items {
		if !slices.Contains(names, it.Workflow) {
			faults = append(faults, fault.Fault{File: file, What: fmt.Sprintf("item %s: workflow %q is not known", it.No, it.Workflow),
				Hint: "leave workflow: out, or name one that 'duban check' lists"})
		}
	}
	return faults
}

func spans(f PlanFile, p *plan.Plan) error {
	issued := f.Issued
	if issued == 0 {
		issued = p.Issued
	}
	if issued == 0 {
		return &Problem{Kind: Usage, Words: f.Name + ": the plan prints no day of issue; give one with --issued 2023-02-17"}
	}
	if f.Until != 0 && f.Until < issued {
		return &Problem{Kind: Usage, Words: fmt.Sprintf("%s: --until %s is before the day of issue, %s", f.Name, f.Until, issued)}
	}
	return nil
}

func (d desk) since(ctx context.Context, key string) (string, error) {
	plans, err := d.DB.Plans(ctx)
	if err != nil {
		return "", err
	}
	for _, p := range plans {
		if p.Key == key {
			return d.stamp(time.UnixMilli(p.Added)), nil
		}
	}
	return "", nil
}

func (d desk) stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(d.Calendar.Location()).Format(time.RFC3339)
}

func (d desk) begun(ctx context.Context, out *Added) error {
	all, err := d.DB.Instances(ctx, store.Filter{Plan: out.Plan})
	if err != nil {
		return err
	}
	for i := range all {
		in := &all[i]
		if in.Parent != 0 {
			out.Children++
			continue
		}
		def, err := d.Runner.Definition(in.DefHash)
		if err != nil {
			return err
		}
		out.Assignments = append(out.Assignments, Assignment{Slip: in.Slip, Workflow: in.Workflow, State: stateTitle(def, in.State), Unit: in.Unit,
			Item: in.Item, Heading: in.Heading, When: in.When, Due: in.Due, Effective: in.Effective})
	}
	return nil
}

// waits lists the items that wait, in the order of the plan.
func (d desk) waits(ctx context.Context, p *plan.Plan, out *Added) error {
	items, err := d.DB.Items(ctx)
	if err != nil {
		return err
	}
	for i := range p.Items {
		for _, it := range items {
			if it.Plan == out.Plan && it.No == p.Items[i].No && it.Status == workflows.Waiting {
				out.Waits = append(out.Waits, Wait{Item: it.No, Heading: it.Heading, Why: it.Why})
			}
		}
	}
	return nil
}
