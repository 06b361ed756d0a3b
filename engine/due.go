package engine

import (
	"strconv"
	"strings"
	"time"

	"duban/engine/calendar"
)

// due moves the deadline. The first one stays visible in FirstDue, except where
// it is only now chosen.
func (s *stepper) due(how string) *Refusal {
	in := &s.in
	switch how {
	case "event":
		d, r := s.newDue()
		if r != nil {
			return r
		}
		if in.Due != 0 {
			in.Extended++
		}
		s.keepFirst()
		s.setDue(d)
	case "month":
		return s.dueMonth()
	case "resume":
		s.resume()
	default:
		n, err := strconv.Atoi(strings.TrimSuffix(how, "wd"))
		if err != nil {
			return &Refusal{Code: "bad_value", Hint: "流程定义的宽限不可识别：" + how}
		}
		in.Handed = time.Time{}
		if d := s.cal.AddWorkdays(s.today, n); d > in.Effective {
			s.keepFirst()
			s.setDue(d)
		}
	}
	return nil
}

// newDue reads the deadline a person writes: later than the one there is.
func (s *stepper) newDue() (calendar.Date, *Refusal) {
	d, err := calendar.ParseDate(strings.TrimSpace(s.ev.Data["due"]))
	if err != nil || d == 0 {
		return 0, &Refusal{Code: "bad_value", Hint: "日期应写作2023-06-30"}
	}
	if d < s.today || s.in.Due != 0 && d <= s.in.Due {
		return 0, &Refusal{Code: "bad_value", Hint: "新的时限应晚于原时限和今天"}
	}
	return d, nil
}

// dueMonth takes the month a lead chooses when signing.
func (s *stepper) dueMonth() *Refusal {
	v := strings.TrimSpace(s.ev.Data["month"])
	if v == "" {
		return nil
	}
	m, err := strconv.Atoi(v)
	if err != nil || m < 1 || m > 12 {
		return &Refusal{Code: "bad_value", Hint: "月份应为1至12"}
	}
	d := calendar.Of(s.in.Due.Year(), time.Month(m)+1, 0)
	if s.in.Until != 0 {
		d = min(d, s.in.Until)
	}
	if s.cal.Roll(d, s.in.Roll) < s.today {
		return &Refusal{Code: "bad_value", Hint: "所选月份已过"}
	}
	s.setDue(d)
	return nil
}

// resume moves the deadline by the work days the clock stood. It is the same
// deadline still: what was sent for it is not sent again.
func (s *stepper) resume() {
	in := &s.in
	if in.Effective == 0 || in.Stopped.IsZero() {
		return
	}
	stood := s.cal.Workdays(s.cal.DateOf(in.Stopped), s.today)
	if stood <= 0 {
		return
	}
	s.keepFirst()
	in.Due = s.cal.AddWorkdays(in.Effective, stood)
	in.Effective, s.moved = in.Due, true
	for i := range s.def.Timers {
		if s.def.Timers[i].At.uses("due") {
			s.disarm(s.def.Timers[i].Name)
		}
	}
	s.armAll()
}

func (s *stepper) keepFirst() {
	if s.in.FirstDue == 0 {
		s.in.FirstDue = s.in.Due
	}
}

// setDue makes d the deadline: light and ladder begin anew.
func (s *stepper) setDue(d calendar.Date) {
	in := &s.in
	in.Due, in.Effective, s.moved = d, s.cal.Roll(d, in.Roll), true
	in.Reminders, in.Handed = 0, time.Time{}
	if in.Light != "" {
		in.Light = ""
		s.emit(Effect{Kind: EffectLight, Value: "green"})
	}
	for i := range s.def.Timers {
		if s.def.Timers[i].At.uses("due") {
			s.forget(s.def.Timers[i].Name)
		}
	}
	if !s.state().Final {
		s.armAll()
	}
}
