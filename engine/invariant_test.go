package engine_test

import (
	"slices"
	"time"

	"duban/engine"
)

// check is what holds after every step of every instance.
func (s *story) check(def *engine.Definition, before, after *engine.Instance, effects []engine.Effect) {
	s.Helper()
	if after.Version != before.Version+1 {
		s.Fatalf("version %d after %d", after.Version, before.Version)
	}
	st, ok := def.States[after.State]
	if !ok {
		s.Fatalf("%s is in state %q, which is not defined", after.Key, after.State)
	}
	if st.Final == after.Closed.IsZero() {
		s.Fatalf("%s: final %v, closed %v", after.State, st.Final, after.Closed)
	}
	if after.Open < 0 || after.Open > after.Children {
		s.Fatalf("%d of %d children open", after.Open, after.Children)
	}
	s.checkTimers(def, st, after)
	today := s.cal.DateOf(s.now)
	counts := false
	for i := range effects {
		switch e := &effects[i]; e.Kind {
		case engine.EffectNotice:
			s.checkNotice(def, after, e)
			counts = counts || def.Reasons[e.Reason].Counts
		case engine.EffectLight:
			if e.Value == "red" && (after.Leader || today <= after.Effective) {
				s.Fatalf("red on %s: due %s, leader %v", today, after.Effective, after.Leader)
			}
		}
	}
	if after.Reminders < before.Reminders { // another deadline, or another unit
		s.counted[after.ID] = 0
	}
	if counts && today < after.Effective {
		if s.counted[after.ID]++; s.counted[after.ID] > 3 {
			s.Fatalf("%d reminders before the deadline", s.counted[after.ID])
		}
	}
}

func (s *story) checkTimers(def *engine.Definition, st *engine.StateDef, in *engine.Instance) {
	s.Helper()
	if st.Final && len(in.Timers) > 0 {
		s.Fatalf("%s has ended and timers run: %v", in.Key, in.Timers)
	}
	if !slices.IsSortedFunc(in.Timers, func(a, b engine.Armed) int { return a.At.Compare(b.At) }) {
		s.Fatalf("timers out of order: %v", in.Timers)
	}
	seen := map[string]bool{}
	for _, a := range in.Timers {
		i := slices.IndexFunc(def.Timers, func(t engine.Timer) bool { return t.Name == a.Name })
		if i < 0 || !slices.Contains(def.Timers[i].In, in.State) || seen[a.Name] || a.At.IsZero() {
			s.Fatalf("timer %v does not belong into state %s: %v", a, in.State, in.Timers)
		}
		seen[a.Name] = true
	}
}

func (s *story) checkNotice(def *engine.Definition, in *engine.Instance, e *engine.Effect) {
	s.Helper()
	_, known := def.Reasons[e.Reason]
	switch {
	case !known:
		s.Fatalf("reason %q is not defined", e.Reason)
	case e.At.Before(s.now) || e.Ready.Before(e.At):
		s.Fatalf("%s at %s, ready %s, told at %s", e.Reason, e.At, e.Ready, s.now)
	case e.Class != engine.Must && !s.cal.MaySend(e.Ready):
		s.Fatalf("%s goes at %s, outside the sending hours", e.Reason, e.Ready.Format(time.DateTime))
	case e.Role != engine.RoleSponsor && e.Role != engine.RolePrincipal:
	case in.Leader || !e.Hold || s.cal.DateOf(e.At) <= in.Effective:
		s.Fatalf("%s to %s on %s: due %s, held %v", e.Reason, e.Role, when(e.At), in.Effective, e.Hold)
	}
}
