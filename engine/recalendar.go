package engine

import "slices"

// EventCalendar tells an instance that the calendar has changed: a holiday table
// has arrived, or office hours are others.
const EventCalendar EventKind = "calendar"

// recalendar computes the effective deadline and every armed time anew. What
// would now lie in the past keeps the time it had.
func (s *stepper) recalendar() *Refusal {
	if s.in.State == "" || s.state().Final {
		return &Refusal{Code: "ended", Hint: "督办件未在办，不受日历变化影响"}
	}
	if s.ev.By.Person != "" {
		return &Refusal{Code: "not_you", Hint: "此事件只由系统发出"}
	}
	if s.in.Due != 0 {
		s.in.Effective = s.cal.Roll(s.in.Due, s.in.Roll)
	}
	for _, a := range slices.Clone(s.in.Timers) {
		t := s.def.timer(a.Name)
		if t == nil {
			continue
		}
		if at, ok := s.timerAt(t, a.N); ok && !at.Before(s.now) {
			s.disarm(a.Name)
			s.arm(Armed{Name: a.Name, At: at, N: a.N})
		}
	}
	return nil
}
