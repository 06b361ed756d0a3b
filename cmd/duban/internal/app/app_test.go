package app_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"duban/cmd/duban/internal/app"
	"duban/engine"
	"duban/engine/calendar"
	"duban/engine/store"
	"duban/notifier"
	"duban/plan"
	"duban/seeds"
	"duban/workflows"
)

// sink is a channel that accepts everything.
type sink struct{ name string }

func (s sink) Name() string { return s.name }

func (s sink) Send(context.Context, notifier.Message) notifier.Result {
	return notifier.Result{Class: notifier.Accepted}
}

// college is an App on the demo college with a clock of its own.
type college struct {
	*app.App
	clock *app.Virtual
	t     *testing.T
}

func open(t *testing.T, day calendar.Date) *college {
	t.Helper()
	var p app.Parts
	var errs [3]error
	p.Org, errs[0] = seeds.Org()
	p.Calendar, errs[1] = seeds.Calendar()
	p.Library, errs[2] = workflows.Embedded()
	if err := errors.Join(errs[:]...); err != nil {
		t.Fatal(err)
	}
	clock := app.NewVirtual(p.Calendar.Opening(day))
	p.File, p.NATSDir = filepath.Join(t.TempDir(), "duban.db"), t.TempDir()
	p.Channels, p.Now, p.Notify = []notifier.Channel{sink{"mail"}, sink{"wecom"}}, clock.Now, notifier.DefaultOptions()
	a, err := app.Open(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	return &college{App: a, clock: clock, t: t}
}

// runUntil works off everything up to the end of a day.
func (c *college) runUntil(day calendar.Date) {
	c.t.Helper()
	ctx, end := c.t.Context(), c.Calendar.Closing(day).Add(time.Hour)
	for {
		must(c.t, c.Periodic.Run(ctx))
		for n := 1; n > 0; {
			var err error
			n, err = c.Runner.RunDue(ctx)
			must(c.t, err)
		}
		must(c.t, c.Notifier.Flush(ctx))
		next := end.Add(1)
		for _, ask := range []func(context.Context) (time.Time, error){c.DB.NextDue, c.Periodic.Next, c.DB.NextNotice} {
			at, err := ask(ctx)
			must(c.t, err)
			if !at.IsZero() && at.Before(next) {
				next = at
			}
		}
		if next.After(end) {
			c.clock.Set(end)
			return
		}
		c.clock.Set(next)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func seedPlan(t *testing.T, key string) *plan.Plan {
	t.Helper()
	all, err := seeds.Plans()
	must(t, err)
	for _, p := range all {
		if p.Key() == key {
			return p
		}
	}
	t.Fatalf("no plan %s", key)
	return nil
}

// told is a notice without the ids that differ between a rehearsal and a run.
func told(owed []app.Owed) []string {
	var out []string
	for _, o := range owed {
		out = append(out, fmt.Sprintf("%s %s %s %s %s %s", o.At.UTC().Format("2006-01-02 15:04"), o.Reason, o.Role, o.Unit, o.Matter.Item, o.Matter.Occurrence))
	}
	slices.Sort(out)
	return out
}

// What is previewed is what happens: a year in which nobody acts, rehearsed in
// memory and run through store, scheduler, bus and channels, owes the same notices.
func TestWhatIsPreviewedIsWhatHappens(t *testing.T) {
	for _, key := range []string{"002", "004"} {
		t.Run(key, func(t *testing.T) {
			p := seedPlan(t, key)
			issued := calendar.Of(p.Year, 3, 1)
			if p.Issued != 0 {
				issued = p.Issued
			}
			c := open(t, issued)
			_, err := c.AddPlan(t.Context(), p, issued, 0)
			must(t, err)
			last := calendar.Of(p.Year, 12, 31)
			c.runUntil(last)
			ran, err := app.Replay(t.Context(), c.DB, c.Runner.Definition, c.Calendar)
			must(t, err)
			if len(ran.Faults) > 0 {
				t.Fatal(ran.Faults)
			}
			outcomes, err := c.Assigner(p, issued, 0).All()
			must(t, err)
			r := app.Rehearsal{Library: c.Library, Calendar: c.Calendar, Assume: app.Silent, Horizon: last}
			rehearsed, err := r.Run([]app.Issue{{Day: c.Calendar.OnOrAfter(issued), Outcomes: outcomes}}, c.Calendar.Closing(last).Add(time.Hour))
			must(t, err)
			a, b := told(ran.Owed), told(rehearsed)
			if len(a) < 100 || !slices.Equal(a, b) {
				t.Errorf("run owes %d notices, preview lists %d\nonly in the run: %v\nonly in the preview: %v", len(a), len(b), minus(a, b), minus(b, a))
			}
		})
	}
}

func minus(a, b []string) []string {
	var out []string
	for _, x := range a {
		if !slices.Contains(b, x) {
			out = append(out, x)
		}
	}
	return out[:min(len(out), 10)]
}

func TestTheSamePlanTwiceChangesNothing(t *testing.T) {
	p := seedPlan(t, "002")
	c := open(t, p.Issued)
	first, err := c.AddPlan(t.Context(), p, 0, 0)
	must(t, err)
	if first.Same || first.Begun == 0 || first.Started+first.Waiting != 15 {
		t.Errorf("first: %+v", first)
	}
	before, err := c.DB.Tally(t.Context(), store.Transitions)
	must(t, err)
	again, err := c.AddPlan(t.Context(), p, 0, 0)
	must(t, err)
	after, err := c.DB.Tally(t.Context(), store.Transitions)
	must(t, err)
	if !again.Same || before["all"] != after["all"] {
		t.Errorf("again: %+v; steps %v, then %v", again, before, after)
	}
	p.Items[0].Heading = "改过的事项"
	if _, err := c.AddPlan(t.Context(), p, 0, 0); !errors.Is(err, app.ErrRevised) {
		t.Errorf("a revised plan: %v", err)
	}
}

func TestAPlanWithoutADayOfIssueIsRefused(t *testing.T) {
	p := seedPlan(t, "004")
	c := open(t, calendar.Of(2022, 3, 1))
	if _, err := c.AddPlan(t.Context(), p, 0, 0); err == nil || !strings.Contains(err.Error(), "--issue") {
		t.Errorf("%v", err)
	}
	plans, err := c.DB.Plans(t.Context())
	must(t, err)
	if len(plans) > 0 {
		t.Error("something stayed behind")
	}
}

// The liaison signs, the office fills in for the unit, and whoever handled it cannot close it.
func TestPeopleAct(t *testing.T) {
	p := seedPlan(t, "002")
	c := open(t, p.Issued)
	_, err := c.AddPlan(t.Context(), p, 0, 0)
	must(t, err)
	ins, err := c.DB.Instances(t.Context(), store.Filter{Kinds: []engine.Kind{engine.KindAssignment}})
	must(t, err)
	i := slices.IndexFunc(ins, func(in engine.Instance) bool { return in.Unit == "教务处" })
	slip := ins[i].Slip
	head, ok := c.Org.Holder("教务处", "head", true, p.Issued)
	if !ok {
		t.Fatal("nobody heads 教务处")
	}
	officers := c.Org.Officers(p.Issued)
	if len(officers) < 2 {
		t.Fatal("the office needs two people")
	}
	act := func(kind engine.EventKind, by string, data map[string]string) (engine.Instance, error) {
		return c.Act(t.Context(), slip, kind, by, data, 0)
	}
	if _, err := act("acknowledge", "nobody", nil); err == nil {
		t.Error("a stranger acted")
	}
	in, err := act("acknowledge", head.Person.ID, nil)
	must(t, err)
	if in.State != "in_progress" || in.Signed.IsZero() {
		t.Errorf("after signing: %s", in.State)
	}
	if _, err := c.Act(t.Context(), slip, "report", head.Person.ID, map[string]string{"progress": "已部署"}, 1); err == nil {
		t.Error("an act on an old version went through")
	} else if conflict := new(store.Conflict); !errors.As(err, &conflict) || conflict.By != head.Person.Name {
		t.Errorf("the loser is not told who won: %v", err)
	}
	in, err = act("request_close", officers[0].ID, map[string]string{"result": "电话告知已部署"})
	must(t, err)
	if !slices.Contains(in.Handlers, officers[0].ID) {
		t.Error("who filled in for the unit is not among its handlers")
	}
	if _, err := act("close", officers[0].ID, nil); err == nil {
		t.Error("closed by who filled it in")
	}
	in, err = act("close", officers[1].ID, nil)
	must(t, err)
	if in.State != "closed" {
		t.Errorf("state %s", in.State)
	}
}

func TestASecondProcessIsKeptOut(t *testing.T) {
	c := open(t, calendar.Of(2023, 2, 17))
	p := c.Parts
	p.NATSDir = t.TempDir()
	a, err := app.Open(t.Context(), p)
	if locked := new(store.ErrLocked); !errors.As(err, &locked) || a != nil {
		t.Errorf("two processes on one data file: %v", err)
	}
}

// Five days asleep: on waking everyone gets one message, at the rung now due.
func TestFiveDaysAsleep(t *testing.T) {
	p := seedPlan(t, "002")
	c := open(t, p.Issued)
	_, err := c.AddPlan(t.Context(), p, 0, 0)
	must(t, err)
	c.runUntil(calendar.Of(2023, 2, 22))
	c.clock.Set(c.Calendar.Opening(calendar.Of(2023, 3, 1)).Add(2 * time.Hour)) // 23 February to 1 March, past the deadline
	c.runUntil(calendar.Of(2023, 3, 1))
	rep, err := app.Replay(t.Context(), c.DB, c.Runner.Definition, c.Calendar)
	must(t, err)
	for _, o := range rep.Owed {
		if day := c.Calendar.DateOf(o.Made); day == calendar.Of(2023, 3, 1) && o.Reason != "overdue" && o.Reason != "weekly" {
			t.Errorf("on waking %s was made for %s %s", o.Reason, o.Unit, o.Role)
		}
	}
	dels, err := c.DB.Deliveries(t.Context(), "", 10000)
	must(t, err)
	perPerson := map[string]int{}
	for _, d := range dels {
		if c.Calendar.DateOf(d.CreatedTime()) >= calendar.Of(2023, 3, 1) {
			perPerson[d.Person]++
		}
	}
	if len(perPerson) < 20 {
		t.Errorf("only %d people heard of it", len(perPerson))
	}
	for who, n := range perPerson {
		if n > 1 {
			t.Errorf("%s got %d messages on waking", who, n)
		}
	}
}

// The year has no holiday table yet: dates are provisional. When the table
// arrives, what is open moves, and the old steps still replay by the old one.
func TestAHolidayTableArrivesLater(t *testing.T) {
	p := seedPlan(t, "002")
	c := open(t, p.Issued)
	full := c.Calendar
	bare, err := calendar.New(nil, nil, calendar.Options{})
	must(t, err)
	parts := c.Parts
	parts.File = filepath.Join(t.TempDir(), "duban.db")
	reopen := func(cal *calendar.Calendar) *college {
		parts.Calendar, parts.NATSDir = cal, t.TempDir()
		a, err := app.Open(t.Context(), parts)
		must(t, err)
		return &college{App: a, clock: c.clock, t: t}
	}
	due := calendar.Of(2023, 6, 25) // a Sunday that is a make-up work day
	for i := range p.Items {
		if it := &p.Items[i]; it.No == "三.(一).1" {
			it.Deadlines[0].End = due
		}
	}
	one := reopen(bare)
	added, err := one.AddPlan(t.Context(), p, 0, 0)
	must(t, err)
	if !slices.ContainsFunc(added.Warnings, func(w string) bool { return strings.Contains(w, "2023") && strings.Contains(w, "provisional") }) {
		t.Errorf("nobody says that the dates are provisional: %v", added.Warnings)
	}
	dates := func(c *college) (effective calendar.Date, red string) {
		ins, err := c.DB.Instances(t.Context(), store.Filter{Kinds: []engine.Kind{engine.KindAssignment}})
		must(t, err)
		for _, a := range ins[0].Timers {
			if a.Name == "red" {
				red = a.At.Format("2006-01-02")
			}
		}
		return ins[0].Effective, red
	}
	if eff, red := dates(one); eff != calendar.Of(2023, 6, 23) || red != "2023-06-26" {
		t.Errorf("without the table the effective day is %s, overdue on %s", eff, red)
	}
	must(t, one.Close())
	two := reopen(full)
	defer two.Close()
	if eff, red := dates(two); eff != due || red != "2023-06-26" {
		t.Errorf("with the table the effective day is %s, overdue on %s", eff, red)
	}
	rep, err := app.Replay(t.Context(), two.DB, two.Runner.Definition, two.Calendar)
	must(t, err)
	if len(rep.Faults) > 0 {
		t.Errorf("the history no longer replays: %v", rep.Faults[:1])
	}
}
