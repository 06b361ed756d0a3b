package engine_test

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"duban/engine"
	"duban/engine/calendar"
	"duban/seeds"
	"duban/workflows"
)

var (
	shippedCalendar  = sync.OnceValues(seeds.Calendar)
	shippedWorkflows = sync.OnceValues(workflows.Embedded)
)

// story plays instances on a virtual clock as the scheduler does, writes down
// who is told what and when, and holds every step against what must always be so.
type story struct {
	testing.TB
	cal     *calendar.Calendar
	lib     *workflows.Library
	now     time.Time
	late    time.Duration // how long after its time a timer is fired
	all     []engine.Instance
	keys    map[string]int64
	told    []string        // drained by expect
	skipped []string        // drained by expectSkips
	effects []engine.Effect // of the last step
	past    []recorded
	counted map[int64]int // reminders before the present deadline
}

type recorded struct {
	id    int64
	event engine.Event
	at    time.Time
}

func newStory(t testing.TB, now string) *story {
	t.Helper()
	cal, err := shippedCalendar()
	if err != nil {
		t.Fatal(err)
	}
	lib, err := shippedWorkflows()
	if err != nil {
		t.Fatal(err)
	}
	s := &story{TB: t, cal: cal, lib: lib, keys: map[string]int64{}, counted: map[int64]int{}}
	s.now = s.time(now)
	return s
}

// time reads 2023-06-30 (09:00) or 2023-06-30 17:30.
func (s *story) time(v string) time.Time {
	s.Helper()
	if len(v) == len("2006-01-02") {
		v += " 09:00"
	}
	t, err := time.ParseInLocation("2006-01-02 15:04", v, s.cal.Location())
	if err != nil {
		s.Fatal(err)
	}
	return t
}

func date(s string) calendar.Date {
	d, err := calendar.ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

// matter is the assignment most stories are about.
func matter(change ...func(*engine.Facts)) engine.Facts {
	f := engine.Facts{
		Plan: "002", PlanTitle: "效能提升年行动方案", Item: "三.(一).3", Heading: "阶段性点评", When: "6月底", Unit: "组织部",
		Coop: []string{"宣传统战部", "学生工作处"}, Issued: date("2023-02-17"), Due: date("2023-06-30"),
	}
	for _, c := range change {
		c(&f)
	}
	return f
}

func from(issued, due string) func(*engine.Facts) {
	return func(f *engine.Facts) { f.Issued, f.Due, f.Coop = date(issued), date(due), nil }
}

// assigned begins the story of one assignment on its day of issue.
func assigned(t testing.TB, change ...func(*engine.Facts)) *story {
	t.Helper()
	f := matter(change...)
	s := newStory(t, f.Issued.String())
	s.begin("assignment", f)
	return s
}

// signed is an assignment that the unit has taken over; nothing is left to expect.
func signed(t testing.TB, change ...func(*engine.Facts)) *story {
	t.Helper()
	s := assigned(t, change...)
	s.must("acknowledge", unit)
	s.told, s.skipped = nil, nil
	return s
}

func (s *story) begin(workflow string, f engine.Facts) int64 {
	s.Helper()
	return s.spawn(&engine.Start{Workflow: workflow, Key: fmt.Sprintf("%s/%d", workflow, len(s.all)), Facts: f})
}

func (s *story) spawn(st *engine.Start) int64 {
	s.Helper()
	if s.keys[st.Key] != 0 {
		return 0
	}
	id := int64(len(s.all) + 1)
	s.keys[st.Key] = id
	s.all = append(s.all, engine.Instance{ID: id, Slip: fmt.Sprintf("2023-%04d", id)})
	def, ok := s.lib.Get(st.Workflow)
	if !ok {
		s.Fatalf("no workflow %s", st.Workflow)
	}
	if err := s.step(def, id, engine.Event{Kind: engine.EventStart, Start: st}); err != nil {
		s.Fatalf("%s does not start: %v", st.Key, err)
	}
	return id
}

func (s *story) get(id int64) *engine.Instance { return &s.all[id-1] }

// main is the instance the story is about: the first.
func (s *story) main() *engine.Instance { return s.get(1) }

func (s *story) def(in *engine.Instance) *engine.Definition {
	def, ok := s.lib.ByHash(in.DefHash)
	if !ok {
		s.Fatalf("no definition %q of %s", in.DefHash, in.Key)
	}
	return def
}

// The people.
var (
	unit    = engine.Actor{Person: "zhang", Name: "张联络", Roles: []engine.Role{engine.RoleLead}}
	head    = engine.Actor{Person: "wang", Name: "王部长", Roles: []engine.Role{engine.RoleLead}}
	office  = engine.Actor{Person: "chen", Name: "陈科长", Roles: []engine.Role{engine.RoleOffice}}
	clerk   = engine.Actor{Person: "lin", Name: "林科员", Roles: []engine.Role{engine.RoleOffice}}
	sponsor = engine.Actor{Person: "liu", Name: "刘副校长", Roles: []engine.Role{engine.RoleSponsor}}
	nobody  = engine.Actor{Person: "xu", Name: "许同学"}
)

// act is what a person does with the story's instance; kv are the fields filled in.
func (s *story) act(kind engine.EventKind, by engine.Actor, kv ...string) error {
	s.Helper()
	return s.actOn(1, kind, by, kv...)
}

func (s *story) actOn(id int64, kind engine.EventKind, by engine.Actor, kv ...string) error {
	s.Helper()
	ev := engine.Event{Kind: kind, By: by}
	for i := 0; i+1 < len(kv); i += 2 {
		if ev.Data == nil {
			ev.Data = map[string]string{}
		}
		ev.Data[kv[i]] = kv[i+1]
	}
	return s.step(s.def(s.get(id)), id, ev)
}

// must is an act that nobody refuses.
func (s *story) must(kind engine.EventKind, by engine.Actor, kv ...string) {
	s.Helper()
	s.mustOn(1, kind, by, kv...)
}

func (s *story) mustOn(id int64, kind engine.EventKind, by engine.Actor, kv ...string) {
	s.Helper()
	if err := s.actOn(id, kind, by, kv...); err != nil {
		s.Fatalf("%s on %s at %s: %v", kind, s.get(id).Key, s.now.Format(time.DateTime), err)
	}
}

// refused is an act that is refused with a code.
func (s *story) refused(code string, kind engine.EventKind, by engine.Actor, kv ...string) {
	s.Helper()
	err := s.act(kind, by, kv...)
	if r, ok := err.(*engine.Refusal); !ok || r.Code != code {
		s.Errorf("%s by %s: %v; want the refusal %s", kind, by.Name, err, code)
	}
}

// until lets the time pass; every timer is fired on time.
func (s *story) until(v string) *story {
	s.Helper()
	end := s.time(v)
	for {
		next := s.next()
		if next.IsZero() || next.After(end) {
			s.now = later(s.now, end)
			return s
		}
		s.now = later(s.now, next.Add(s.late))
		s.runDue()
	}
}

// wake lets the time pass while the machine sleeps, and then catches up.
func (s *story) wake(v string) *story {
	s.Helper()
	s.now = s.time(v)
	s.runDue()
	return s
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func (s *story) next() (next time.Time) {
	for i := range s.all {
		if a, ok := s.all[i].Next(); ok && (next.IsZero() || a.At.Before(next)) {
			next = a.At
		}
	}
	return next
}

// runDue fires what is due, the longest due instance first.
func (s *story) runDue() {
	s.Helper()
	for fired := 0; ; fired++ {
		var due *engine.Instance
		var first engine.Armed
		for i := range s.all {
			if a, ok := s.all[i].Next(); ok && !a.At.After(s.now) && (due == nil || a.At.Before(first.At)) {
				due, first = &s.all[i], a
			}
		}
		if due == nil {
			return
		}
		if fired > 5000 {
			s.Fatalf("the timers never end; last %s of %s", first.Name, due.Key)
		}
		if err := s.step(s.def(due), due.ID, engine.Event{Kind: engine.EventTimer, Timer: first.Name, N: first.N}); err != nil {
			s.Fatalf("timer %s of %s: %v", first.Name, due.Key, err)
		}
	}
}

// step takes one instance on and does what follows.
func (s *story) step(def *engine.Definition, id int64, ev engine.Event) error {
	s.Helper()
	before := *s.get(id)
	kept, keptEvent := clone(before), cloneEvent(ev)
	after, effects, err := engine.Step(def, before, ev, s.now, s.cal)
	if !reflect.DeepEqual(before, kept) || !reflect.DeepEqual(ev, keptEvent) {
		s.Fatalf("%s %s wrote to what it was given", ev.Kind, ev.Timer)
	}
	again, effectsAgain, errAgain := engine.Step(def, before, ev, s.now.UTC(), s.cal)
	if text(s, after) != text(s, again) || text(s, effects) != text(s, effectsAgain) || fmt.Sprint(err) != fmt.Sprint(errAgain) {
		s.Fatalf("%s %s twice, two outcomes", ev.Kind, ev.Timer)
	}
	if err != nil {
		if !reflect.DeepEqual(after, kept) || effects != nil {
			s.Fatalf("%s was refused (%v) and changed something", ev.Kind, err)
		}
		return err
	}
	s.past, s.effects = append(s.past, recorded{id, ev, s.now}), effects
	s.check(def, &before, &after, effects)
	s.all[id-1] = restored(s, after)
	s.write(&after, effects)
	for i := range effects {
		switch e := &effects[i]; e.Kind {
		case engine.EffectSpawn:
			s.spawn(e.Spawn)
		case engine.EffectSignal:
			if err := s.step(s.def(s.get(e.To)), e.To, *e.Signal); err != nil {
				s.Fatalf("the parent does not hear %s: %v", e.Signal.Kind, err)
			}
		case engine.EffectChildren:
			for _, child := range s.all {
				if child.Parent != id || !child.Closed.IsZero() {
					continue
				}
				if err := s.step(s.def(s.get(child.ID)), child.ID, *e.Signal); err != nil {
					s.Fatalf("a child does not hear %s: %v", e.Signal.Kind, err)
				}
			}
		}
	}
	return nil
}

// write notes what followed from a step, one line a reason.
func (s *story) write(in *engine.Instance, effects []engine.Effect) {
	who := ""
	if in.ID != 1 {
		who = "[" + cmp.Or(in.Occurrence, in.Unit) + "] "
		if in.Kind == engine.KindAsked {
			who = "[" + in.Unit + "] "
		}
	}
	day := when(s.now.In(s.cal.Location()))
	for i := range effects {
		e := &effects[i]
		switch e.Kind {
		case engine.EffectNotice:
			s.notice(who, e)
		case engine.EffectSkip:
			s.skipped = append(s.skipped, fmt.Sprintf("%s %s%s %s: %s", day, who, e.Reason, e.Role, e.Why))
		case engine.EffectLight, engine.EffectSlip, engine.EffectList:
			s.told = append(s.told, fmt.Sprintf("%s %s%s %s", day, who, e.Kind, e.Value))
		}
	}
}

func (s *story) notice(who string, e *engine.Effect) {
	line := when(e.At) + " " + who + e.Reason
	receiver := string(e.Role)
	if e.Role == engine.RoleCoopLiaison {
		receiver += " " + e.Unit
	}
	if e.Hold {
		receiver += " (held)"
	}
	if !e.Ready.Equal(e.At) {
		receiver += " → " + when(e.Ready)
	}
	if last := len(s.told) - 1; last >= 0 && strings.HasPrefix(s.told[last], line+" ") {
		s.told[last] += ", " + receiver
		return
	}
	s.told = append(s.told, line+" "+receiver)
}

// when is a day, with the time unless it is nine.
func when(t time.Time) string {
	if c := t.Format("15:04:05"); c != "09:00:00" {
		return t.Format("2006-01-02 ") + strings.TrimSuffix(c, ":00")
	}
	return t.Format(time.DateOnly)
}

// expect holds what was told since the last time against lines.
func (s *story) expect(want string) {
	s.Helper()
	compare(s, "told", s.told, want)
	s.told = nil
}

// expectSkips does the same for what was left unsaid.
func (s *story) expectSkips(want string) {
	s.Helper()
	compare(s, "left unsaid", s.skipped, want)
	s.skipped = nil
}

func compare(t testing.TB, what string, got []string, want string) {
	t.Helper()
	var lines []string
	for l := range strings.Lines(want) {
		if l = strings.TrimSpace(l); l != "" {
			lines = append(lines, l)
		}
	}
	if !slices.Equal(got, lines) {
		t.Errorf("%s:\n%s\nwant:\n%s", what, strings.Join(got, "\n"), strings.Join(lines, "\n"))
	}
}

// state says where an instance is now.
func (s *story) state(want engine.State) {
	s.Helper()
	if got := s.main().State; got != want {
		s.Errorf("at %s the matter is %s, want %s", when(s.now), got, want)
	}
}
