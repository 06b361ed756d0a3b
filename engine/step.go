package engine

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
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
	now = now.Round(0).In(cal.Location()) // one spelling of an instant, whoever hands it in
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
	case EventCalendar:
		refusal = s.recalendar()
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
	moved bool      // another deadline or unit: the ladder begins anew
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
		s.in.Kind = cmp.Or(st.Kind, e.Kind, s.def.Kind)
		if r := s.do(e.Do); r != nil {
			return r
		}
		return s.enter(e.To)
	}
	return &Refusal{Code: "guard", Hint: "流程没有适合的起点：" + st.Name}
}

func (s *stepper) timer() *Refusal {
	t := s.def.timer(s.ev.Timer)
	if t == nil {
		return &Refusal{Code: "unknown_event", Hint: "流程没有此定时器：" + s.ev.Timer}
	}
	i := slices.IndexFunc(s.in.Timers, func(a Armed) bool { return a.Name == s.ev.Timer && a.N == s.ev.N })
	if i < 0 {
		return &Refusal{Code: "not_armed", Hint: "定时器未设置：" + s.ev.Timer}
	}
	armed := s.in.Timers[i]
	if armed.At.After(s.now) {
		return &Refusal{Code: "early", Hint: "定时器尚未到时：" + s.ev.Timer}
	}
	s.fire, s.fired = t, armed.At
	s.run(t, armed)
	return nil
}

// run does what a due timer is for. A timer cannot be refused: what its actions
// cannot do is left undone, and time goes on.
func (s *stepper) run(t *Timer, armed Armed) {
	last := s.last(t)
	s.spend(t, armed)
	if why := s.withheld(t); why != "" {
		s.skipAll(t, why)
	} else if s.repeats(t) {
		s.skipAll(t, s.late())
	} else {
		s.do(t.Do)
		s.overtake(t)
		if t.To != "" {
			s.enter(t.To)
		}
	}
	if t.Again && !s.armed(t.Name) && slices.Contains(t.In, s.in.State) {
		s.armAgain(t, last)
	}
}

// last is the time a timer that fires again has come to, as its expression gives it.
func (s *stepper) last(t *Timer) (at time.Time) {
	if t.Again {
		at, _ = s.timerAt(t, 0)
	}
	return at
}

// spend disarms a timer that is due, counts it, and arms its next repeat.
func (s *stepper) spend(t *Timer, armed Armed) {
	s.disarm(t.Name)
	s.countFired(t.Name, armed.N+1)
	if t.Every.N != 0 && armed.N+1 < t.Times {
		if at, ok := s.timerAt(t, armed.N+1); ok {
			s.arm(Armed{Name: t.Name, At: at, N: armed.N + 1})
		}
	}
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

func (s *stepper) child() *Refusal {
	switch {
	case s.in.State == "":
		return &Refusal{Code: "not_now", Hint: "尚未开始"}
	case s.ev.By.Person != "":
		return &Refusal{Code: "not_you", Hint: "此事件只由系统发出"}
	}
	if s.ev.Kind == EventChildDone {
		s.in.Open = max(0, s.in.Open-1)
	} else {
		s.in.Open++
	}
	// A state that does not care about its children only counts them.
	moves := s.state().On[s.ev.Kind]
	for i := range moves {
		if m := &moves[i]; s.holds(m.When) {
			return s.take(m)
		}
	}
	return nil
}

func (s *stepper) state() *StateDef { return s.def.state(s.in.State) }

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
		s.handled()
		s.keepWords()
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
	if r := s.cooling(m); r != nil {
		return r
	}
	for _, f := range m.Needs {
		if strings.TrimSpace(s.ev.Data[f]) == "" {
			return &Refusal{Code: "missing", Hint: "请填写：" + cmp.Or(blanks[f], f)}
		}
	}
	if slices.Contains(m.Needs, "due") { // also when a person only asks for it
		_, r := s.newDue()
		return r
	}
	return nil
}

// cooling refuses to urge again so soon, and says when the last one went.
func (s *stepper) cooling(m *Move) *Refusal {
	if s.in.Urged.IsZero() || s.now.Sub(s.in.Urged) >= m.Cooldown {
		return nil
	}
	loc := s.cal.Location()
	return &Refusal{Code: "too_soon", Hint: fmt.Sprintf("%d小时内已催办（%s），%s后可再次催办", int(m.Cooldown.Hours()),
		s.in.Urged.In(loc).Format("2006-01-02 15:04"), s.in.Urged.Add(m.Cooldown).In(loc).Format("2006-01-02 15:04"))}
}

// blanks are what people call the fields an act may need.
var blanks = map[string]string{
	"due": "时限", "month": "月份", "progress": "进展", "reason": "理由", "result": "办理结果",
	"text": "批示内容", "topic": "主题", "unit": "承办单位", "words": "通话要点",
}

func (s *stepper) take(m *Move) *Refusal {
	if r := s.do(m.Do); r != nil {
		return r
	}
	if m.To != "" {
		return s.enter(m.To)
	}
	return nil
}

// enter changes the state: timers of the old state stop, those of the new begin,
// and waits counted from entering begin again.
func (s *stepper) enter(to State) *Refusal {
	was, is := s.state(), s.def.state(to)
	s.in.State, s.in.Entered = to, s.now
	if is.Final {
		s.in.Timers, s.in.Closed = nil, s.now
		if !was.Final {
			s.tellParent(EventChildDone)
		}
		return s.do(is.Enter)
	}
	if was.Final {
		s.in.Closed = time.Time{}
		s.tellParent(EventChildReopened)
	}
	for i := range s.def.Timers {
		t := &s.def.Timers[i]
		if t.At.uses("entered") {
			s.forget(t.Name)
		} else if !slices.Contains(t.In, to) {
			s.disarm(t.Name)
		}
	}
	if r := s.do(is.Enter); r != nil {
		return r
	}
	s.armAll()
	return nil
}

func (s *stepper) tellParent(k EventKind) {
	if s.in.Parent != 0 {
		s.emit(Effect{Kind: EffectSignal, To: s.in.Parent, Signal: &Event{Kind: k, Data: map[string]string{"child": s.in.Slip, "state": string(s.in.State)}}})
	}
}

// handled remembers who acts for the lead unit: nobody closes his own matter.
func (s *stepper) handled() {
	by := &s.ev.By
	if by.Person == "" || by.For == "" && !slices.Contains(by.Roles, RoleLead) || slices.Contains(s.in.Handlers, by.Person) {
		return
	}
	s.in.Handlers = append(slices.Clone(s.in.Handlers), by.Person)
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
	s.disarm(name)
}

func (s *stepper) disarm(name string) {
	s.in.Timers = slices.DeleteFunc(s.in.Timers, func(a Armed) bool { return a.Name == name })
}

func (d *Definition) state(name State) *StateDef {
	if st := d.States[name]; st != nil {
		return st
	}
	return &StateDef{}
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
