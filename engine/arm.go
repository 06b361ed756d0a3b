package engine

import (
	"slices"
	"time"
)

// armAll arms every timer of the present state that is not armed and has not
// fired. A time before the issue is skipped; a time that passed while the
// instance could not act (a stop, a late import) is missed, or owed on the next
// work morning where the timer says catch.
func (s *stepper) armAll() {
	for i := range s.def.Timers {
		t := &s.def.Timers[i]
		if !slices.Contains(t.In, s.in.State) || s.armed(t.Name) {
			continue
		}
		if t.Again {
			s.armAgain(t)
			continue
		}
		s.armOne(t)
	}
}

func (s *stepper) armed(name string) bool {
	return slices.ContainsFunc(s.in.Timers, func(a Armed) bool { return a.Name == name })
}

func (s *stepper) armAgain(t *Timer) {
	if at, ok := s.timerAt(t, 0); ok {
		if at.Before(s.now) {
			at = s.now
		}
		s.arm(Armed{Name: t.Name, At: at})
	}
}

func (s *stepper) armOne(t *Timer) {
	last := max(t.Times, 1)
	caught := -1
	for n := s.in.Fired[t.Name]; n < last; n++ {
		at, ok := s.timerAt(t, n)
		if !ok {
			return
		}
		if !at.Before(s.now) {
			if caught >= 0 {
				break
			}
			s.arm(Armed{Name: t.Name, At: at, N: n})
			return
		}
		if t.Catch && s.cal.DateOf(at) >= s.in.Issued {
			caught = n
			continue
		}
		why := "missed"
		if s.cal.DateOf(at) < s.in.Issued {
			why = "past"
		}
		s.skipAll(t, why)
		s.countFired(t.Name, n+1)
	}
	if caught >= 0 {
		s.arm(Armed{Name: t.Name, At: s.cal.NextMorning(s.now), N: caught})
	}
}

func (s *stepper) arm(a Armed) {
	i, _ := slices.BinarySearchFunc(s.in.Timers, a, func(x, y Armed) int {
		if c := x.At.Compare(y.At); c != 0 {
			return c
		}
		return s.def.rank(x.Name) - s.def.rank(y.Name)
	})
	s.in.Timers = slices.Insert(s.in.Timers, i, a)
}

// rank orders timers that are due at one instant: as written.
func (d *Definition) rank(name string) int {
	return slices.IndexFunc(d.Timers, func(t Timer) bool { return t.Name == name })
}

func (s *stepper) timerAt(t *Timer, n int) (time.Time, bool) {
	at := t.At
	d, ok := s.date(&at)
	if !ok {
		return time.Time{}, false
	}
	if n > 0 {
		d = s.shift(d, Offset{N: t.Every.N * n, Unit: t.Every.Unit})
	}
	return s.clock(&at, d), true
}

// superseded says why a rung says nothing to a receiver: a graver rung that is
// due by now, and whose own guards hold, speaks to the same role. On one morning
// that is a merge; a rung whose day went by unseen is missed.
func (s *stepper) superseded(role Role) string {
	if s.fire == nil || !s.fire.Rung {
		return ""
	}
	why := "merged"
	if s.cal.DateOf(s.fired) < s.today {
		why = "missed"
	}
	rank := s.def.rank(s.fire.Name)
	for _, a := range s.in.Timers {
		if a.At.After(s.now) {
			break
		}
		t := s.def.timer(a.Name)
		if t == nil || !t.Rung || s.def.rank(a.Name) < rank || s.withheld(t) != "" {
			continue
		}
		if a.Name == s.fire.Name || t.tells(role) {
			return why
		}
	}
	return ""
}

func (t *Timer) tells(role Role) bool {
	return slices.ContainsFunc(t.Do, func(a Action) bool {
		return (a.Verb == DoRemind || a.Verb == DoEscalate) && slices.Contains(a.To, role)
	})
}

// skipAll records every notice a timer would have sent.
func (s *stepper) skipAll(t *Timer, why string) {
	for i := range t.Do {
		a := &t.Do[i]
		if a.Verb != DoRemind && a.Verb != DoEscalate {
			continue
		}
		for _, r := range a.To {
			s.emit(Effect{Kind: EffectSkip, Reason: a.As, Role: r, Why: why})
		}
	}
}
