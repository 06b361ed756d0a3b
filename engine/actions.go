package engine

import (
	"fmt"
	"maps"
	"strconv"
	"strings"
	"time"

	"duban/engine/calendar"
)

// do carries out actions in order.
func (s *stepper) do(actions []Action) *Refusal {
	for i := range actions {
		a := &actions[i]
		if !s.holds(a.When) {
			continue
		}
		if r := s.doOne(a); r != nil {
			return r
		}
	}
	return nil
}

func (s *stepper) doOne(a *Action) *Refusal {
	switch a.Verb {
	case DoRemind, DoEscalate:
		s.notice(a)
	case DoLight:
		s.light(a.Value)
	case DoSlip:
		s.emit(Effect{Kind: EffectSlip, Value: a.Value})
	case DoList:
		s.emit(Effect{Kind: EffectList, Value: a.Value})
	case DoWithdraw:
		s.emit(Effect{Kind: EffectWithdraw, Reasons: a.Values})
	case DoSpawn:
		s.spawn(a)
	case DoNote:
		s.note(a.Value)
	case DoDue:
		return s.due(a.Value)
	}
	return nil
}

func (s *stepper) notice(a *Action) {
	r := s.def.Reasons[a.As]
	class := r.Class
	if a.Class != "" {
		class = a.Class
	}
	sent := false
	for _, role := range a.To {
		if why := s.superseded(role); why != "" {
			s.emit(Effect{Kind: EffectSkip, Reason: a.As, Role: role, Why: why})
			continue
		}
		e := Effect{Kind: EffectNotice, Reason: a.As, Role: role, Chain: chains[role], At: s.now, Class: class, Hold: a.Verb == DoEscalate}
		e.Ready = Earliest(class, s.now, s.cal)
		for _, unit := range s.unitsOf(role) {
			e.Unit = unit
			s.emit(e)
			sent = true
		}
	}
	if sent && r.Counts {
		s.in.Reminders++
	}
	if sent && r.Late {
		s.in.Chased++
	}
}

// Earliest is the first moment at or after t at which a notice of a class may
// go. Outside 08:30–17:30 on work days only must-send notices go.
func Earliest(class Class, t time.Time, cal *calendar.Calendar) time.Time {
	switch class {
	case Must:
		return t
	case Prompt:
		if cal.MaySend(t) {
			return t
		}
	case Monthly:
		d := cal.DateOf(t)
		for _, first := range []calendar.Date{d, d.MonthEnd().AddDays(1)} {
			fifth := cal.Opening(cal.NthWorkday(first.Year(), first.Month(), 5))
			if !fifth.Before(t) {
				return fifth
			}
		}
	}
	return cal.NextMorning(t)
}

// chains name who hears a notice when nobody holds the role it is for.
var chains = map[Role][]Role{
	RoleLeadLiaison: {RoleLeadHead, RoleOffice},
	RoleLeadHead:    {RoleLeadLiaison, RoleOffice},
	RoleCoopLiaison: {RoleCoopHead, RoleOffice},
	RoleSponsor:     {RoleOffice},
	RolePrincipal:   {RoleOffice},
}

func (s *stepper) unitsOf(role Role) []string {
	switch role {
	case RoleCoopLiaison:
		return s.in.Coop
	case RoleOffice, RoleEveryUnit:
		return []string{""}
	}
	return []string{s.in.Unit}
}

var lights = map[string]int{"": 0, "green": 0, "yellow": 1, "orange": 2, "red": 3}

// light only ever grows graver; a new deadline clears it.
func (s *stepper) light(v string) {
	if lights[v] > lights[s.in.Light] {
		s.in.Light = v
		s.emit(Effect{Kind: EffectLight, Value: v})
	}
}

func (s *stepper) spawn(a *Action) {
	base := s.in.Facts
	base.Parent, base.Units, base.Asks, base.Extra = s.in.ID, nil, nil, nil
	workflow := a.Workflow
	if workflow == "" {
		workflow = s.def.Name
	}
	if a.By != nil {
		if d, ok := s.date(a.By); ok {
			base.Due, base.Roll, base.Issued, base.Frame = s.cal.OnOrBefore(d), calendar.Stay, s.today, false
		}
	}
	if a.Value == "period" {
		p, ok := s.nextPeriod()
		if !ok {
			return
		}
		base.Occurrence, base.Due = p.Name, p.Due
		base.Issued = s.cal.OnOrAfter(max(p.Start, s.in.Issued))
		s.child1(workflow, a.Start, p.Name, base)
		return
	}
	for _, u := range s.in.Units {
		f := base
		f.Unit, f.Coop = u, nil
		if n, ok := s.in.Asks[u]; ok {
			f.Extra = map[string]string{"asks": strconv.Itoa(n)}
		}
		s.child1(workflow, a.Start, u, f)
	}
}

func (s *stepper) child1(workflow, start, name string, f Facts) {
	s.in.Children++
	s.in.Open++
	key := fmt.Sprintf("%s/%s%s", s.in.Key, start, name)
	s.emit(Effect{Kind: EffectSpawn, Spawn: &Start{Workflow: workflow, Name: start, Key: key, Facts: f}})
}

// note keeps the books of what people did.
func (s *stepper) note(what string) {
	in := &s.in
	switch what {
	case "acknowledged":
		in.Signed = s.now
	case "deemed":
		in.Deemed = true
	case "reported":
		in.Reported = s.now
	case "handed":
		in.Handed = s.now
	case "closed":
		in.Closed = s.now
	case "stopped":
		in.Prev, in.Stopped = in.State, s.now
	case "resumed":
		in.Prev, in.Stopped = "", time.Time{}
	case "reopened":
		in.Handed = time.Time{}
	case "reassigned":
		s.reassigned()
	case "instructed":
		in.Instructed = true
	case "phoned":
		in.Phoned = s.now
	case "tick":
		in.Done++
		in.Reported = s.now
	}
	if in.Signed.IsZero() && (what == "reported" || what == "handed" || what == "tick") {
		in.Signed = s.now
	}
	s.keepWords()
}

func (s *stepper) reassigned() {
	in := &s.in
	in.Unit, in.Handlers, in.Deemed = s.ev.Data["unit"], nil, false
	in.Signed, in.Reported, in.Handed, in.Stopped, in.Prev = time.Time{}, time.Time{}, time.Time{}, time.Time{}, ""
	for i := range s.def.Timers {
		if s.def.Timers[i].Rung { // the new unit is owed its own reminders
			s.forget(s.def.Timers[i].Name)
		}
	}
}

func (s *stepper) keepWords() {
	if len(s.ev.Data) == 0 {
		return
	}
	w := maps.Clone(s.in.Words)
	if w == nil {
		w = map[string]string{}
	}
	maps.Copy(w, s.ev.Data)
	s.in.Words = w
}

// due moves the deadline. The first one stays visible in FirstDue.
func (s *stepper) due(how string) *Refusal {
	in := &s.in
	switch how {
	case "event":
		d, err := calendar.ParseDate(s.ev.Data["due"])
		if err != nil || d == 0 {
			return &Refusal{Code: "bad_value", Hint: "日期应写作2023-06-30"}
		}
		if d < s.today || in.Due != 0 && d <= in.Due {
			return &Refusal{Code: "bad_value", Hint: "新的时限应晚于原时限和今天"}
		}
		s.setDue(d)
		s.keepWords()
	case "month":
		return s.dueMonth()
	case "resume":
		if in.Effective != 0 && !in.Stopped.IsZero() && in.Effective >= s.cal.DateOf(in.Stopped) {
			stood := s.cal.Workdays(s.cal.DateOf(in.Stopped), s.today)
			s.setDue(s.cal.AddWorkdays(in.Effective, stood))
		}
	default:
		n, err := strconv.Atoi(strings.TrimSuffix(how, "wd"))
		if err != nil {
			return &Refusal{Code: "bad_value", Hint: "流程定义的宽限不可识别：" + how}
		}
		if d := s.cal.AddWorkdays(s.today, n); d > in.Effective {
			s.setDue(d)
		}
	}
	return nil
}

func (s *stepper) dueMonth() *Refusal {
	v := s.ev.Data["month"]
	if v == "" {
		return nil
	}
	m, err := strconv.Atoi(v)
	if err != nil || m < 1 || m > 12 {
		return &Refusal{Code: "bad_value", Hint: "月份应为1至12"}
	}
	d := calendar.Of(s.in.Due.Year(), time.Month(m)+1, 0)
	if d < s.today {
		return &Refusal{Code: "bad_value", Hint: "所选月份已过"}
	}
	s.setDue(d)
	return nil
}

func (s *stepper) setDue(d calendar.Date) {
	in := &s.in
	if in.FirstDue == 0 {
		in.FirstDue = in.Due
	}
	if d > in.Due && in.Due != 0 {
		in.Extended++
	}
	in.Due, in.Effective = d, s.cal.Roll(d, in.Roll)
	in.Light, in.Reminders, in.Handed = "", 0, time.Time{}
	for i := range s.def.Timers {
		if s.def.Timers[i].At.uses("due") {
			s.forget(s.def.Timers[i].Name)
		}
	}
	if st := s.def.States[in.State]; st != nil && !st.Final {
		s.armAll()
	}
}

// Chain is who hears a notice instead, in order, when nobody holds the role.
func Chain(role Role) []Role { return chains[role] }
