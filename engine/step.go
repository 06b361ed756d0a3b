package engine

import (
	"maps"
	"slices"
	"time"

	"duban/engine/calendar"
)

// Step takes an instance through one event. It returns the changed instance and
// what follows from the change, or a *Refusal and the instance as it was. It is
// pure and total: the same arguments give the same answer, and every state ×
// event is either a defined move or a refusal with a name.
//
// now is the one instant of the step; cal gives work days, terms and office
// hours in the office's zone. A start event wants a zero instance that carries
// only the ID and Slip the store has given it.
func Step(def *Definition, in Instance, ev Event, now time.Time, cal *calendar.Calendar) (Instance, []Effect, error) {
	s := stepper{def: def, in: in, ev: ev, now: now, cal: cal, today: cal.DateOf(now)}
	s.in.Timers = slices.Clone(in.Timers)
	var refusal *Refusal
	switch ev.Kind {
	case EventStart:
		refusal = s.start()
	case EventTimer:
		refusal = s.timer()
	case EventChildDone, EventChildReopened:
		refusal = s.child()
	default:
		refusal = s.act()
	}
	if refusal != nil {
		refusal.State, refusal.Event = in.State, ev.Kind
		return in, nil, refusal
	}
	s.in.Version++
	return s.in, s.out, nil
}

type stepper struct {
	def   *Definition
	in    Instance
	ev    Event
	now   time.Time
	today calendar.Date
	cal   *calendar.Calendar
	out   []Effect
	fire  *Timer    // the timer being fired, nil otherwise
	fired time.Time // when it was due
}

func (s *stepper) emit(e Effect) { s.out = append(s.out, e) }

func (s *stepper) start() *Refusal {
	st := s.ev.Start
	if s.in.Version != 0 || st == nil {
		return &Refusal{Code: "not_now", Hint: "该督办件已经开始"}
	}
	s.in.Facts, s.in.Workflow, s.in.DefHash = st.Facts, s.def.Name, s.def.Hash
	s.in.Key = st.Key
	if issue := s.cal.Opening(s.cal.OnOrAfter(st.Facts.Issued)); issue.After(s.now) {
		s.now, s.today = issue, s.cal.DateOf(issue) // stored before its day: it begins on its day
	}
	s.in.Opened, s.in.Entered = s.now, s.now
	s.in.Effective = s.cal.Roll(st.Facts.Due, st.Facts.Roll)
	for i := range s.def.Start {
		e := &s.def.Start[i]
		if e.Name != st.Name || !s.holds(e.When) {
			continue
		}
		s.in.Kind = firstOf(st.Kind, e.Kind, s.def.Kind)
		s.do(e.Do)
		s.enter(e.To)
		return nil
	}
	return &Refusal{Code: "guard", Hint: "流程没有适合的起点：" + st.Name}
}

func firstOf(kinds ...Kind) Kind {
	for _, k := range kinds {
		if k != "" {
			return k
		}
	}
	return ""
}

func (s *stepper) timer() *Refusal {
	i := slices.IndexFunc(s.in.Timers, func(a Armed) bool { return a.Name == s.ev.Timer && a.N == s.ev.N })
	if i < 0 {
		return &Refusal{Code: "not_armed", Hint: "定时器未设置：" + s.ev.Timer}
	}
	armed := s.in.Timers[i]
	if armed.At.After(s.now) {
		return &Refusal{Code: "early", Hint: "定时器尚未到时：" + s.ev.Timer}
	}
	t := s.def.timer(armed.Name)
	if t == nil {
		return &Refusal{Code: "unknown_event", Hint: "流程没有此定时器：" + s.ev.Timer}
	}
	s.in.Timers = slices.Delete(s.in.Timers, i, i+1)
	s.fire, s.fired = t, armed.At
	s.countFired(t.Name, armed.N+1)
	s.again(t, armed)
	if why := s.withheld(t); why != "" {
		s.skipAll(t, why)
		return nil
	}
	s.do(t.Do)
	if t.To != "" {
		s.enter(t.To)
	} else if t.Again {
		s.armAgain(t)
	}
	return nil
}

// withheld is the guard that keeps a due timer from acting, or "".
func (s *stepper) withheld(t *Timer) string {
	if !s.holds(t.When) {
		return "withheld: not " + t.When.Text
	}
	if t.Unless != nil && s.holds(t.Unless) {
		return "withheld: " + t.Unless.Text
	}
	return ""
}

func (s *stepper) again(t *Timer, fired Armed) {
	if t.Every.N != 0 && fired.N+1 < t.Times {
		if at, ok := s.timerAt(t, fired.N+1); ok {
			s.arm(Armed{Name: t.Name, At: at, N: fired.N + 1})
		}
	}
}

func (s *stepper) child() *Refusal {
	if s.in.State == "" {
		return &Refusal{Code: "not_now", Hint: "尚未开始"}
	}
	if s.ev.Kind == EventChildDone {
		s.in.Open--
	} else {
		s.in.Open++
	}
	// A state that does not care about its children only counts them.
	for i := range s.state().On[s.ev.Kind] {
		m := &s.state().On[s.ev.Kind][i]
		if s.holds(m.When) {
			s.take(m)
			break
		}
	}
	return nil
}

func (s *stepper) state() *StateDef {
	if st := s.def.States[s.in.State]; st != nil {
		return st
	}
	return &StateDef{}
}

func (s *stepper) act() *Refusal {
	moves := s.state().On[s.ev.Kind]
	if len(moves) == 0 {
		return s.noMove()
	}
	for i := range moves {
		m := &moves[i]
		if !s.holds(m.When) {
			continue
		}
		if r := s.allowed(m); r != nil {
			return r
		}
		if s.ev.By.Person != "" && (slices.Contains(s.ev.By.Roles, RoleLead) || s.ev.By.For != "") {
			s.handledBy(s.ev.By.Person)
		}
		return s.take(m)
	}
	return &Refusal{Code: "guard", Hint: "当前情况不允许此操作"}
}

func (s *stepper) noMove() *Refusal {
	switch {
	case !s.def.knows(s.ev.Kind):
		return &Refusal{Code: "unknown_event", Hint: "该流程没有“" + string(s.ev.Kind) + "”操作"}
	case s.state().Final:
		return &Refusal{Code: "ended", Hint: "督办件处于“" + s.state().Title + "”，不能再办理"}
	}
	return &Refusal{Code: "not_now", Hint: "“" + s.state().Title + "”状态下不能进行此操作"}
}

func (s *stepper) allowed(m *Move) *Refusal {
	roles := s.ev.By.Roles
	if !slices.ContainsFunc(m.By, func(r Role) bool { return slices.Contains(roles, r) }) {
		return &Refusal{Code: "not_you", Hint: "您没有进行此操作的权限"}
	}
	for _, r := range m.Not {
		if r == RoleHandler && slices.Contains(s.in.Handlers, s.ev.By.Person) || slices.Contains(roles, r) {
			return &Refusal{Code: "not_you", Hint: "承办人不能办结自己承办的事项，请由他人审核"}
		}
	}
	for _, f := range m.Needs {
		if s.ev.Data[f] == "" {
			return &Refusal{Code: "missing", Hint: "请填写：" + f}
		}
	}
	return nil
}

func (s *stepper) take(m *Move) *Refusal {
	if r := s.do(m.Do); r != nil {
		return r
	}
	if m.To != "" {
		s.enter(m.To)
	}
	return nil
}

// enter changes the state: timers of the old state stop, those of the new begin.
func (s *stepper) enter(to State) {
	from := s.in.State
	was, is := s.state(), s.def.States[to]
	s.in.State, s.in.Entered = to, s.now
	if is.Final {
		s.in.Timers, s.in.Closed = nil, s.now
		s.do(is.Enter)
		if !was.Final {
			s.tellParent(EventChildDone)
		}
		return
	}
	if was.Final {
		s.in.Closed = time.Time{}
		s.tellParent(EventChildReopened)
	}
	s.in.Timers = slices.DeleteFunc(s.in.Timers, func(a Armed) bool {
		t := s.def.timer(a.Name)
		return t == nil || !slices.Contains(t.In, to) || t.At.uses("entered") && !slices.Contains(t.In, from)
	})
	for i := range s.def.Timers { // a wait counted from entering the state begins again
		if t := &s.def.Timers[i]; t.At.uses("entered") && (from == to || !slices.Contains(t.In, from)) {
			s.forget(t.Name)
		}
	}
	s.do(is.Enter)
	s.armAll()
}

func (s *stepper) tellParent(k EventKind) {
	if s.in.Parent != 0 {
		s.emit(Effect{Kind: EffectSignal, To: s.in.Parent, Signal: &Event{Kind: k, Data: map[string]string{"child": s.in.Slip, "state": string(s.in.State)}}})
	}
}

func (s *stepper) handledBy(person string) {
	if !slices.Contains(s.in.Handlers, person) {
		s.in.Handlers = append(slices.Clone(s.in.Handlers), person)
	}
}

func (s *stepper) countFired(name string, n int) {
	s.in.Fired = maps.Clone(s.in.Fired)
	if s.in.Fired == nil {
		s.in.Fired = map[string]int{}
	}
	s.in.Fired[name] = n
}

// forget makes a timer fresh again: it is disarmed and may fire from the start.
func (s *stepper) forget(name string) {
	if _, ok := s.in.Fired[name]; ok {
		s.in.Fired = maps.Clone(s.in.Fired)
		delete(s.in.Fired, name)
	}
	s.in.Timers = slices.DeleteFunc(s.in.Timers, func(a Armed) bool { return a.Name == name })
}

func (d *Definition) timer(name string) *Timer {
	for i := range d.Timers {
		if d.Timers[i].Name == name {
			return &d.Timers[i]
		}
	}
	return nil
}

func (d *Definition) knows(k EventKind) bool {
	for _, st := range d.States {
		if len(st.On[k]) > 0 {
			return true
		}
	}
	return false
}
