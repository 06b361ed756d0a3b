package engine

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
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
		s.in.Chased++
	case DoList:
		s.emit(Effect{Kind: EffectList, Value: a.Value})
	case DoWithdraw:
		s.emit(Effect{Kind: EffectWithdraw, Reasons: a.Values})
		s.takeBack(a.Values)
	case DoSpawn:
		s.spawn(a)
	case DoCancel:
		s.emit(Effect{Kind: EffectChildren, Signal: &Event{Kind: s.ev.Kind, By: s.ev.By, Data: s.ev.Data}})
	case DoNote:
		s.note(a.Value)
	case DoDue:
		return s.due(a.Value)
	}
	return nil
}

func (s *stepper) notice(a *Action) {
	r := s.def.Reasons[a.As]
	class := cmp.Or(a.Class, r.Class)
	ready := s.ready(class)
	sent := false
	for _, role := range a.To {
		if why := s.superseded(role, ready); why != "" {
			s.emit(Effect{Kind: EffectSkip, Reason: a.As, Role: role, Why: why})
			continue
		}
		e := Effect{Kind: EffectNotice, Reason: a.As, Role: role, Chain: chains[role], At: s.now, Ready: ready, Class: class, Hold: a.Verb == DoEscalate}
		for _, unit := range s.unitsOf(role) {
			e.Unit = unit
			s.emit(e)
			sent = true
		}
	}
	if sent && r.Counts {
		s.in.Reminders++
	}
}

// takeBack lets a timer fire once more whose notice was withdrawn before its
// class let it go: a stop must not swallow a line of the monthly report.
func (s *stepper) takeBack(reasons []string) {
	for i := range s.def.Timers {
		t := &s.def.Timers[i]
		n := s.in.Fired[t.Name]
		if n == 0 || !slices.ContainsFunc(t.Do, func(a Action) bool {
			class := cmp.Or(a.Class, s.def.Reasons[a.As].Class)
			return class == Monthly && (len(reasons) == 0 || slices.Contains(reasons, a.As))
		}) {
			continue
		}
		if at, ok := s.timerAt(t, n-1); ok && Earliest(Monthly, at, s.cal).After(s.now) {
			s.countFired(t.Name, n-1)
		}
	}
}

// morning is how long the opening lasts: what a run begun at 09:00 writes still
// belongs to that morning's message.
const morning = 5 * time.Minute

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
			if fifth.Add(morning).After(t) {
				return later(fifth, t)
			}
		}
	}
	return later(cal.NextMorning(t.Add(-morning)), t)
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// chains name who hears a notice when nobody holds the role it is for.
var chains = map[Role][]Role{
	RoleLeadLiaison: {RoleLeadHead, RoleOffice},
	RoleLeadHead:    {RoleLeadLiaison, RoleOffice},
	RoleCoopLiaison: {RoleCoopHead, RoleOffice},
	RoleSponsor:     {RoleOffice},
	RolePrincipal:   {RoleOffice},
}

// Chain is who hears a notice instead, in order, when nobody holds the role.
func Chain(role Role) []Role { return chains[role] }

func (s *stepper) unitsOf(role Role) []string {
	switch role {
	case RoleCoopLiaison, RoleCoopHead:
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
		if in.Signed.IsZero() {
			in.Signed = s.now
		}
	case "deemed":
		in.Deemed = true
	case "reported":
		in.Reported = s.now
	case "handed":
		in.Handed = s.now
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
	case "urged":
		s.urged()
	case "tick":
		in.Done++
		in.Reported = s.now
	}
	if in.Signed.IsZero() && (what == "reported" || what == "handed" || what == "tick") {
		in.Signed = s.now
	}
}

// urged remembers when somebody urged by hand. Words of an earlier time are not
// repeated: each 催办 says only what its own author wrote.
func (s *stepper) urged() {
	s.in.Urged = s.now
	if s.ev.Data["message"] == "" {
		s.in.Words = maps.Clone(s.in.Words)
		delete(s.in.Words, "message")
	}
}

// reassigned begins anew with another unit: what the former one did and was
// told counts no more.
func (s *stepper) reassigned() {
	in := &s.in
	in.Unit, in.Handlers, in.Deemed, in.Prev = s.ev.Data["unit"], nil, false, ""
	in.Signed, in.Reported, in.Handed, in.Stopped, in.Phoned = time.Time{}, time.Time{}, time.Time{}, time.Time{}, time.Time{}
	in.Urged = time.Time{}
	in.Reminders, in.Chased, in.Words = 0, 0, maps.Clone(s.ev.Data)
	s.moved = true
	for i := range s.def.Timers {
		if s.def.Timers[i].Rung { // the new unit is owed its own reminders
			s.forget(s.def.Timers[i].Name)
		}
	}
}

// keepWords keeps what a person wrote, the last words of each kind.
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
