package demo

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"duban/engine/calendar"
	"duban/engine/org"
	"duban/engine/store"
	"duban/plan"
	"duban/seeds"
	"duban/workflows"
)

// scheduled is one recorded act of the office: a plan is issued, items are decided.
type scheduled struct {
	at    time.Time
	name  string // under which it is marked as done
	plan  *plan.Plan
	issue calendar.Date // the plan is added, issued on this day
	until calendar.Date
	dec   *seeds.Decision // or: items are decided
}

// schedule puts the plans' days of issue and the decisions in order. A decision
// of a plan's first day comes right after the plan.
func schedule(plans []*plan.Plan, f *seeds.DecisionFile, cal *calendar.Calendar) []scheduled {
	var out []scheduled
	for _, p := range plans {
		issued := f.Issued(p)
		if issued == 0 {
			continue
		}
		s := scheduled{plan: p, issue: issued, at: cal.Opening(cal.OnOrAfter(issued)), name: "plan " + p.Key()}
		for _, dec := range f.For(p.Key()) {
			if dec.Until != 0 {
				s.until = dec.Until
			}
		}
		out = append(out, s)
		for i, dec := range f.For(p.Key()) {
			if len(dec.Items) == 0 {
				continue
			}
			at := cal.Opening(cal.OnOrAfter(dec.At))
			out = append(out, scheduled{plan: p, until: s.until, at: at, dec: &dec, name: "decision " + p.Key() + " " + strconv.Itoa(i)})
		}
	}
	slices.SortStableFunc(out, func(a, b scheduled) int { return a.at.Compare(b.at) })
	return out
}

func (d *Demo) nextDecision() time.Time {
	if len(d.acts) == 0 {
		return time.Time{}
	}
	return d.acts[0].at
}

// decide carries out the office's acts that are due. Each is marked in the
// store, so that a run that goes on does not repeat one.
func (d *Demo) decide(ctx context.Context) (int, error) {
	n := 0
	for ; len(d.acts) > 0 && !d.acts[0].at.After(d.clock.Now()); d.acts = d.acts[1:] {
		s := &d.acts[0]
		done, err := d.App.DB.Meta(ctx, s.name)
		if err != nil {
			return n, err
		}
		if done != "" {
			continue
		}
		if err := d.carryOut(ctx, s); err != nil {
			return n, fmt.Errorf("%s: %w", s.name, err)
		}
		err = d.App.DB.Write(ctx, d.clock.Now(), func(tx *store.Tx) error { return tx.SetMeta(s.name, "done") })
		if err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

func (d *Demo) carryOut(ctx context.Context, s *scheduled) error {
	if s.dec == nil {
		_, err := d.App.AddPlan(ctx, s.plan, s.issue, s.until)
		return err
	}
	if s.dec.Date != 0 {
		return d.setDates(ctx, s)
	}
	as := d.App.Assigner(s.plan, s.dec.At, s.until)
	var out []workflows.Outcome
	for _, no := range s.dec.Items {
		if it, ok := s.plan.Item(no); ok {
			out = append(out, as.Decide(it, workflows.Decision{
				Day: s.dec.At, Lead: s.dec.Lead, Due: s.dec.Due, Keep: s.dec.Keep, Usual: s.dec.Usual, Wait: s.dec.Wait}))
		}
	}
	return d.App.Decide(ctx, s.plan.Key(), out...)
}

// setDates tells the assignments of an item the date they waited for: the event
// is on that day, so they are due the day before.
func (d *Demo) setDates(ctx context.Context, s *scheduled) error {
	open, err := d.App.DB.Instances(ctx, store.Filter{Open: true, Plan: s.plan.Key()})
	if err != nil {
		return err
	}
	for i := range open {
		in := &open[i]
		if in.State != "awaiting_date" || !slices.Contains(s.dec.Items, in.Item) {
			continue
		}
		h, ok := d.App.Org.Holder(in.Unit, org.Head, in.Party, d.App.Calendar.DateOf(d.clock.Now()))
		if !ok {
			return errors.New("nobody heads " + in.Unit)
		}
		due := s.dec.Date.AddDays(-1)
		if _, err := d.App.Act(ctx, in.Slip, "set_date", h.Person.ID, map[string]string{"due": due.String()}, 0); err != nil {
			return err
		}
	}
	return nil
}
