package app

import (
	"slices"
	"strings"

	"duban/engine"
	"duban/engine/calendar"
	"duban/plan"
	"duban/plan/draft"
	"duban/scheduler"
	"duban/workflows"
)

// want is a start that the new version of an item asks for.
type want struct {
	engine.Start
	taken bool
}

// moving compares the assignments of one changed item with what it asks for now.
type moving struct {
	*reviser
	it    *plan.Item
	held  []*held
	wants []*want
	again bool   // something begins in the place of another
	late  string // why something does not begin
}

// changed moves what runs of a changed item to what it asks for now: what is
// asked for unchanged is left alone, a new deadline extends, a new lead
// reassigns, and what no existing event can do ends and begins anew.
func (r *reviser) changed(c *draft.Change) plan.Item {
	it := c.New
	prefixes := slices.Clone(c.Old.Prefixes(r.key))
	it.Runs = prefixes
	o := r.new.Item(&it, r.issued)
	m := moving{reviser: r, it: &it, held: r.held(&c.Old, r.old.Item(&c.Old, r.issued).Starts)}
	for _, st := range o.Starts {
		m.wants = append(m.wants, &want{Start: st})
	}
	m.match()
	m.leftOver(&o)
	begins := m.beginRest(&o)
	if begins || m.again {
		it.Runs = append(prefixes, r.fresh(it.No))
	} else if slices.Equal(prefixes, []string{r.key + "/" + it.No}) {
		it.Runs = nil
	}
	m.setStatus(&o, begins, r.status[c.Old.No].Status)
	r.row(&o)
	return it
}

// limit is what of a start's facts says when it binds.
type limit struct {
	due, until, usual calendar.Date
	cadence, trigger  string
	need              int
	atLeast, frame    bool
}

func limitOf(f *engine.Facts) limit {
	return limit{f.Due, f.Until, f.Usual, f.Cadence, f.Trigger, f.Need, f.AtLeast, f.Frame}
}

// dated says whether an event can give it another deadline.
func dated(workflow string, f *engine.Facts) bool {
	return workflow != "standing" && f.Cadence == "" && !f.Frame && (f.Due != 0 || f.Trigger == "event")
}

// sameLimit says whether an assignment binds as it is asked to now: by the former
// plan, whatever the office allowed since, or as it stands.
func sameLimit(h *held, w *want) bool {
	return w.Workflow == "standing" || limitOf(&h.in.Facts) == limitOf(&w.Facts) || h.start != nil && limitOf(&h.start.Facts) == limitOf(&w.Facts)
}

// match takes, in this order: what is as asked for; what needs another deadline;
// what needs another lead; what needs both.
func (m *moving) match() {
	sameUnit := func(h *held, w *want) bool { return h.in.Unit == w.Facts.Unit }
	bothDated := func(h *held, w *want) bool { return dated(h.in.Workflow, &h.in.Facts) && dated(w.Workflow, &w.Facts) }
	m.pass(func(h *held, w *want) bool { return sameUnit(h, w) && sameLimit(h, w) }, func(*held, *want) {})
	m.pass(func(h *held, w *want) bool { return sameUnit(h, w) && bothDated(h, w) }, m.redate)
	m.pass(func(h *held, w *want) bool { return !h.done && sameLimit(h, w) }, m.move)
	m.pass(func(h *held, w *want) bool { return !h.done && bothDated(h, w) }, m.move)
}

func (m *moving) pass(fits func(*held, *want) bool, do func(*held, *want)) {
	for _, h := range m.held {
		for _, w := range m.wants {
			if !h.taken && !w.taken && h.in.Workflow == w.Workflow && fits(h, w) {
				h.taken, w.taken = true, true
				do(h, w)
			}
		}
	}
}

// redate gives an assignment another deadline; one that is done stays done. The
// parts of a deployment are given it one by one.
func (m *moving) redate(h *held, w *want) {
	switch {
	case h.done:
		m.deed(h, m.it, Deed{Does: Leave, Due: w.Facts.Due, Why: "已办结，不再变动"})
	case w.Workflow == "deployment":
		for i := range m.all {
			if in := &m.all[i]; in.Parent == h.in.ID && in.Closed.IsZero() && in.Due != w.Facts.Due {
				part := &held{in: in}
				m.turns(part, scheduler.Turn{ID: in.ID, Events: []engine.Event{m.extend(in, w)}, Gentle: true}, Deed{Due: w.Facts.Due})
			}
		}
	default:
		m.move(h, w)
	}
}

// turns keeps a turn, and what it will come to: Step is asked beforehand.
func (m *moving) turns(h *held, t scheduler.Turn, d Deed) {
	switch why := m.refused(h.in, t.Events); {
	case why == "":
		d.Does = Move
	case t.Cancel != nil:
		d.Does, d.Why = Replace, why
		m.out.Begin += len(t.Else)
	default:
		d.Does, d.Why = Leave, why
	}
	m.out.turns = append(m.out.turns, t)
	m.deed(h, m.it, d)
}

// refused is why an assignment does not take events in order; "": it takes them.
func (m *moving) refused(in *engine.Instance, events []engine.Event) string {
	def, err := m.a.Runner.Definition(in.DefHash)
	if err != nil {
		return err.Error()
	}
	after := *in
	for _, ev := range events {
		ev.By = m.a.office(nil)(in, ev.Kind)
		after, _, err = engine.Step(def, after, ev, m.a.Now(), m.a.Calendar)
		if refused, ok := scheduler.IsRefusal(err); ok {
			return refused.Hint
		} else if err != nil {
			return err.Error()
		}
	}
	return ""
}

func (m *moving) extend(in *engine.Instance, w *want) engine.Event {
	kind := engine.EventKind("extend")
	if in.Due == 0 { // it waits for the date of its event
		kind = "set_date"
	}
	return engine.Event{Kind: kind, Data: map[string]string{"due": w.Facts.Due.String(), "reason": m.reason}}
}

// move gives an assignment the deadline and lead that it needs; where its
// workflow has no event for that now, it ends and another begins, unless the day
// is past or somebody's word is awaited.
func (m *moving) move(h *held, w *want) {
	t := scheduler.Turn{ID: h.in.ID, Cancel: m.cancelBy()}
	d := Deed{}
	if !sameLimit(h, w) {
		t.Events, d.Due = append(t.Events, m.extend(h.in, w)), w.Facts.Due
	}
	if h.in.Unit != w.Facts.Unit {
		t.Events = append(t.Events, engine.Event{Kind: "reassign", Data: map[string]string{"unit": w.Facts.Unit, "reason": m.reason}})
		d.To = w.Facts.Unit
	}
	st, late := m.anew(w.Start)
	if late != "" || m.open(h.in) {
		t.Cancel, t.Gentle = nil, true
	} else {
		t.Else = []engine.Start{st}
		m.again = true
	}
	m.turns(h, t, d)
}

// open says whether somebody's word on an assignment is awaited: what was handed in
// or is stopped is not thrown away, the office decides about it first.
func (m *moving) open(in *engine.Instance) bool { return !in.Handed.IsZero() || !in.Stopped.IsZero() }

// anew is a start that begins now, under a key of its own; or why it cannot.
func (m *moving) anew(st engine.Start) (engine.Start, string) {
	f := &st.Facts
	if f.Due != 0 && m.a.Calendar.Roll(f.Due, f.Roll) < m.day {
		return st, "时限早于今日：" + f.Due.String()
	}
	f.Issued = m.day
	prefixes := m.it.Prefixes(m.key)
	st.Key = m.fresh(m.it.No) + strings.TrimPrefix(st.Key, prefixes[len(prefixes)-1])
	return st, ""
}

// leftOver ends what is asked for no more. While the new version leaves open who
// or by when, what runs goes on: nothing is lost without a decision.
func (m *moving) leftOver(o *workflows.Outcome) {
	for _, h := range m.held {
		switch {
		case h.taken || h.done:
		case o.Status == workflows.Waiting:
			m.deed(h, m.it, Deed{Does: Leave, Why: o.Why})
			h.taken = true
		default:
			m.cancel(h, m.it, false)
		}
	}
}

// beginRest begins what nothing runs for yet, as far as its day is still to come.
func (m *moving) beginRest(o *workflows.Outcome) (begins bool) {
	for _, w := range m.wants {
		if w.taken {
			continue
		}
		st, late := m.anew(w.Start)
		if late == "" {
			m.begin([]engine.Start{st})
			begins = true
			continue
		}
		m.out.Notes = append(m.out.Notes, m.it.No+" "+o.Heading+"："+late+"，未启动")
		m.late = late
	}
	return begins
}

// setStatus corrects the status by what runs: an item is started while anything
// of it goes on or is done, and waits when its days are past.
func (m *moving) setStatus(o *workflows.Outcome, begins bool, was string) {
	goes := begins || slices.ContainsFunc(m.held, func(h *held) bool { return h.taken || h.done })
	switch {
	case goes && o.Status == workflows.Waiting && was == workflows.Kept:
		o.Status = workflows.Kept
	case goes && o.Status == workflows.Waiting:
		o.Status = workflows.Started
	case !goes && o.Status == workflows.Started && m.late != "":
		o.Status, o.Why = workflows.Waiting, m.late
	}
}
