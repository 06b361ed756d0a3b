package engine

import (
	"cmp"
	"slices"
	"time"
)

// armAll arms every timer of the present state that is not armed and has not
// fired.
func (s *stepper) armAll() {
	for i := range s.def.Timers {
		t := &s.def.Timers[i]
		if !slices.Contains(t.In, s.in.State) || s.armed(t.Name) {
			continue
		}
		if t.Again {
			s.armAgain(t, time.Time{})
			continue
		}
		s.armOne(t)
	}
}

func (s *stepper) armed(name string) bool {
	return slices.ContainsFunc(s.in.Timers, func(a Armed) bool { return a.Name == name })
}

// armAgain arms a timer for the next time its expression gives after last. A
// time that has passed is due at once.
func (s *stepper) armAgain(t *Timer, last time.Time) {
	at, ok := s.timerAt(t, 0)
	if !ok || !at.After(last) {
		return
	}
	if at.Before(s.now) {
		at = s.now
	}
	s.arm(Armed{Name: t.Name, At: at})
}

// armOne arms the first repeat that lies ahead. One before the issue, or before
// the ladder began anew, never was: it is past. One that passed while the
// instance could not act (a stop, a late import) is missed; where the timer
// says catch, or moves the instance on, the last such is owed on the next work
// morning.
func (s *stepper) armOne(t *Timer) {
	owed := -1
	for n := s.in.Fired[t.Name]; n < max(t.Times, 1); n++ {
		at, ok := s.timerAt(t, n)
		if !ok {
			return
		}
		past := s.beforeIssue(at)
		if !past && !at.Before(s.now) {
			if owed < 0 {
				s.arm(Armed{Name: t.Name, At: at, N: n})
				return
			}
			break
		}
		if t.To != "" || t.Catch && !past {
			if owed >= 0 {
				s.skipAll(t, "missed")
			}
			owed = n
			continue
		}
		if past || s.moved && t.At.uses("due") {
			s.skipAll(t, "past")
		} else {
			s.skipAll(t, "missed")
		}
		s.countFired(t.Name, n+1)
	}
	if owed >= 0 {
		s.arm(Armed{Name: t.Name, At: s.cal.NextMorning(s.now), N: owed})
	}
}

// beforeIssue says that a time lies before the day of issue. A rung on the very
// day is owed beside the notice of issue; a digest makes one entry of the two.
func (s *stepper) beforeIssue(at time.Time) bool { return s.cal.DateOf(at) < s.in.Issued }

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
	if !ok || d == 0 {
		return time.Time{}, false
	}
	if n > 0 {
		d = s.shift(d, Offset{N: t.Every.N * n, Unit: t.Every.Unit})
	}
	return s.clock(&at, d), true
}

// ready is the earliest moment that a notice of this step may go. A timer's
// notice is the morning's message itself: when the timer runs late, on waking,
// it goes at once if the hour allows.
func (s *stepper) ready(class Class) time.Time {
	if s.fire != nil && class == Digest {
		class = Prompt
	}
	return Earliest(class, s.now, s.cal)
}

// late says why a rung gives way: on its own morning that is a merge; a rung
// whose day went by unseen is missed.
func (s *stepper) late() string {
	if s.cal.DateOf(s.fired) < s.today {
		return "missed"
	}
	return "merged"
}

// repeats says that the next repeat of a timer is due before this one's notice
// could go, as it is after a long sleep.
func (s *stepper) repeats(t *Timer) bool {
	ready := s.ready(Digest)
	return slices.ContainsFunc(s.in.Timers, func(a Armed) bool { return a.Name == t.Name && !a.At.After(ready) })
}

// superseded says why a rung says nothing to a receiver, or "": before its
// notice could go, a graver rung speaks to the same role, or a timer moves the
// instance on.
func (s *stepper) superseded(role Role, ready time.Time) string {
	if s.fire == nil || !s.fire.Rung {
		return ""
	}
	rank := s.def.rank(s.fire.Name)
	for _, a := range s.in.Timers {
		if a.At.After(ready) {
			break
		}
		t := s.def.timer(a.Name)
		graver := t != nil && t.Rung && s.def.rank(a.Name) > rank && t.tells(role)
		if (graver || t != nil && t.To != "") && s.withheld(t) == "" {
			return s.late()
		}
	}
	return ""
}

// overtake spends the milder rungs that are due by now, although later than
// the one that has just spoken, when all they would tell have heard that one.
func (s *stepper) overtake(t *Timer) {
	if !t.Rung || t.To != "" {
		return
	}
	ready := s.ready(Digest)
	for _, a := range slices.Clone(s.in.Timers) {
		u := s.def.timer(a.Name)
		if a.At.After(ready) || u == nil || !u.Rung || u.To != "" || s.def.rank(a.Name) > s.def.rank(t.Name) || !t.covers(u) {
			continue
		}
		s.spend(u, a)
		s.skipAll(u, cmp.Or(s.withheld(u), s.late()))
	}
}

// covers says that a rung tells everyone another one would tell.
func (t *Timer) covers(u *Timer) bool {
	for i := range u.Do {
		for _, role := range u.Do[i].To {
			if !t.tells(role) {
				return false
			}
		}
	}
	return true
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
