package sim

import (
	"errors"
	"hash/fnv"
	"maps"
	"slices"
	"strconv"
	"time"

	"duban/engine"
	"duban/engine/calendar"
	"duban/engine/org"
	"duban/engine/store"
	"duban/plan"
	"duban/scheduler"
	"duban/workflows"
)

// people are who signs, reports, asks, refuses, or never answers. What somebody
// does next follows from the seed and the assignment as it stands.
type people struct {
	plans map[int64]intent
}

// intent is what somebody will do with an instance.
type intent struct {
	at    time.Time
	in    engine.Instance
	kind  engine.EventKind
	move  *engine.Move
	tries int
}

// weights say how likely an act is among those that a state allows; 0 is the
// system's own.
var weights = map[engine.EventKind]int{
	"acknowledge": 60, "report": 35, "request_close": 30, "contest": 4, "ask_extension": 14, "tick": 80, "set_date": 60,
	"close": 40, "return": 15, "extend": 18, "refuse": 20, "suspend": 5, "resume": 60, "reassign": 5, "cancel": 2,
	"instruct": 6, "phone": 6, "reopen": 3, "checked": 60, "draft": 20, "approve": 60, "publish": 60,
}

func (p *people) next() (at time.Time) {
	for _, i := range p.plans {
		if at.IsZero() || i.at.Before(at) {
			at = i.at
		}
	}
	return at
}

// hear lets everyone concerned make up their mind about what has changed.
func (p *people) hear(w *world, changed []engine.Instance) error {
	if p.plans == nil {
		p.plans = map[int64]intent{}
	}
	for i := range changed {
		in := &changed[i]
		if old, ok := p.plans[in.ID]; ok && old.in.State == in.State && w.roll(in, "keep", 10) < 8 {
			continue // what was going to be done is still to be done
		}
		delete(p.plans, in.ID)
		def, err := w.app.Runner.Definition(in.DefHash)
		if err != nil {
			return err
		}
		if x, ok := p.choose(w, in, def.States[in.State]); ok {
			p.plans[in.ID] = x
		}
	}
	return nil
}

func (p *people) choose(w *world, in *engine.Instance, st *engine.StateDef) (intent, bool) {
	if st == nil || st.Final && w.roll(in, "after the end", 25) > 0 || w.roll(in, "never", 100) < 12 {
		return intent{}, false
	}
	total := 0
	kinds := slices.Sorted(maps.Keys(st.On))
	for _, k := range kinds {
		total += weights[k]
	}
	if total == 0 {
		return intent{}, false
	}
	n := w.roll(in, "what", total)
	for _, k := range kinds {
		if n -= weights[k]; n < 0 {
			moves := st.On[k]
			return intent{at: w.moment(in, string(k)), in: *in, kind: k, move: &moves[w.roll(in, "move", len(moves))]}, true
		}
	}
	return intent{}, false
}

// moment is when: mostly within some days, mostly within office hours, and
// rather often while the morning's messages are on their way.
func (w *world) moment(in *engine.Instance, what string) time.Time {
	days := []int{0, 0, 0, 1, 1, 2, 3, 4, 6, 9, 14, 25}[w.roll(in, "days "+what, 12)]
	from := w.now()
	d := w.cal.AddWorkdays(w.cal.DateOf(from), days)
	at := w.cal.Opening(d)
	switch w.roll(in, "hour "+what, 10) {
	case 0:
		at = at.Add(time.Duration(w.roll(in, "second "+what, 86400)-9*3600) * time.Second) // any time of that day
	case 1, 2, 3:
		at = at.Add(time.Duration(w.roll(in, "early "+what, 900)) * time.Second)
	default:
		at = at.Add(time.Duration(w.roll(in, "second "+what, 8*3600)) * time.Second)
	}
	at = at.Add(137 * time.Millisecond) // never at the very instant of a timer
	if !at.After(from) {
		at = from.Add(time.Duration(1+w.roll(in, "soon", 7200)) * time.Second)
	}
	return at
}

// roll gives a number below n that is the same for the same question about the
// same step, whatever order things are asked in.
func (w *world) roll(in *engine.Instance, question string, n int) int {
	h := fnv.New64a()
	_, _ = h.Write([]byte(strconv.FormatUint(w.seed, 10) + "|" + in.Key + "|" + strconv.Itoa(in.Version) + "|" + question))
	x := h.Sum64()
	x ^= x >> 33
	x *= 0xff51afd7ed558ccd
	x ^= x >> 33
	return int(x % uint64(n))
}

// act lets everyone act whose time has come, and remembers what was acknowledged.
func (p *people) act(w *world) error {
	now := w.now()
	for _, id := range slices.Sorted(maps.Keys(p.plans)) {
		x := p.plans[id]
		if x.at.After(now) {
			continue
		}
		delete(p.plans, id)
		if err := p.do(w, x); err != nil {
			return err
		}
	}
	return nil
}

func (p *people) do(w *world, x intent) error {
	by, ok := w.actor(&x)
	if !ok {
		return nil // nobody there: it stays undone
	}
	version := 0
	if w.roll(&x.in, "careful", 3) == 0 {
		version = x.in.Version
	}
	after, err := w.app.Act(w.ctx, x.in.Slip, x.kind, by, w.words(&x), version)
	_, refused := scheduler.IsRefusal(err)
	var conflict *store.Conflict
	switch {
	case err == nil:
		w.watch.count.acts++
		w.note("%s %s by %s: %s", x.in.Slip, x.kind, by, after.State)
		return w.acknowledged(after.ID, after.Version, x.kind)
	case refused, errors.As(err, &conflict):
		w.watch.count.refused++
	case w.trouble.store(w.now()) && x.tries < 50: // 503; whoever tried comes again
		x.tries++
		x.at = w.now().Add(time.Minute)
		p.plans[x.in.ID] = x
	default:
		return err
	}
	return nil
}

// actor is somebody who may do it, or nobody.
func (w *world) actor(x *intent) (string, bool) {
	if len(x.move.By) == 0 {
		return "", false
	}
	on := w.cal.DateOf(w.now())
	switch role := x.move.By[w.roll(&x.in, "by", len(x.move.By))]; role {
	case engine.RoleLead:
		h, ok := w.org.Holder(x.in.Unit, []string{org.Head, org.Liaison}[w.roll(&x.in, "who", 2)], x.in.Party, on)
		return h.Person.ID, ok
	case engine.RoleOffice:
		all := w.org.Officers(on)
		if len(all) == 0 {
			return "", false
		}
		return all[w.roll(&x.in, "officer", len(all))].ID, true
	default:
		h, ok := w.org.Holder(x.in.Unit, string(role), x.in.Party, on)
		return h.Person.ID, ok
	}
}

// words are what is written with an act; now and then something is missing.
func (w *world) words(x *intent) map[string]string {
	in := &x.in
	from := max(in.Effective, w.cal.DateOf(w.now()))
	out := map[string]string{
		"due": w.cal.AddWorkdays(from, w.roll(in, "due", 40)-2).String(), "reason": "情况如此", "progress": "正在办理",
		"result": "已完成", "text": "请抓紧", "by": "校领导", "topic": "专题", "words": "已电话联系", "difficulty": "人手不足",
		"unit": w.org.Units[w.roll(in, "unit", len(w.org.Units))].Name, "month": strconv.Itoa(1 + w.roll(in, "month", 12)),
	}
	if w.roll(in, "forgetful", 20) == 0 {
		out["reason"] = " "
	}
	return out
}

// plannedPlan is a plan and the moment the office issues it, or what the office
// decides about its waiting items.
type plannedPlan struct {
	at     time.Time
	plan   *plan.Plan
	decide bool
}

func (w *world) makePlans() {
	for nr := range 2 + w.rng.IntN(2) {
		day := w.cal.OnOrAfter(w.era.first.AddDays(nr*60 + w.rng.IntN(50)))
		p := planFor(w.rng, w.org, w.era, nr, day)
		at := w.cal.Opening(day).Add(time.Duration(w.rng.IntN(8*3600)-1800) * time.Second)
		w.plans = append(w.plans, plannedPlan{at: at, plan: p}, plannedPlan{at: at.AddDate(0, 0, 5+w.rng.IntN(30)), plan: p, decide: true})
	}
	slices.SortStableFunc(w.plans, func(a, b plannedPlan) int { return a.at.Compare(b.at) })
}

func (w *world) issuePlans() error {
	for len(w.plans) > 0 && !w.plans[0].at.After(w.now()) {
		x := &w.plans[0]
		err := w.carryOut(x)
		if err != nil && w.trouble.store(w.now()) {
			x.at = w.now().Add(time.Minute)
			return nil
		}
		if err != nil {
			return err
		}
		w.plans = w.plans[1:]
	}
	return nil
}

func (w *world) carryOut(x *plannedPlan) error {
	if !x.decide {
		a, err := w.app.AddPlan(w.ctx, x.plan, 0, 0)
		w.note("plan %s: %d items, %d begun: %v", x.plan.Key(), a.Items, a.Begun, err)
		return err
	}
	items, err := w.app.DB.Items(w.ctx)
	if err != nil {
		return err
	}
	for i, it := range items {
		if it.Plan != x.plan.Key() || it.Status != workflows.Waiting {
			continue
		}
		dec := workflows.Decision{Lead: []string{w.org.Units[(i+int(w.seed))%len(w.org.Units)].Name}, Keep: i%2 == 0}
		if !dec.Keep {
			dec.Due = w.cal.DateOf(w.now()).AddDays(20 + 5*i)
		}
		if _, err := w.app.DecideItem(w.ctx, it.Plan, it.No, dec); err != nil {
			return err
		}
	}
	return nil
}

// workday is a random work day of the era.
func (w *world) workday() calendar.Date {
	return w.cal.OnOrAfter(w.era.first.AddDays(3 + w.rng.IntN(int(w.era.last-w.era.first)-10)))
}
