package sim

import (
	"slices"
	"time"

	"duban/engine"
	"duban/engine/calendar"
)

// checkPunctual: at a quiet moment nothing that is due waits (I3, I6). A timer
// fires at its instant, a message is under way a minute later.
func (w *world) checkPunctual() error {
	now := w.now()
	if w.trouble.excuses(now) || now.Before(w.alert) {
		return nil
	}
	n, err := w.watch.number(`SELECT COUNT(*) FROM instances WHERE next_due <= ?`, now.UnixMilli())
	if err != nil {
		return err
	}
	if n > 0 {
		w.bad("I6: %d instances have a timer that is due and has not fired", n)
	}
	if !w.cal.MaySend(now) || !w.cal.MaySend(now.Add(-61*time.Second)) {
		return nil
	}
	late := now.Add(-61 * time.Second).UnixMilli()
	n, err = w.watch.number(`SELECT (SELECT COUNT(*) FROM outbox WHERE state = 'waiting' AND ready <= ?1)
		+ (SELECT COUNT(*) FROM deliveries WHERE state = 'pending' AND published = 0 AND next_at <= ?1)`, late)
	if err != nil {
		return err
	}
	if n > 0 {
		w.bad("I6: %d notices or messages were due a minute ago and nobody has taken them up", n)
	}
	n, err = w.watch.number(`SELECT COUNT(*) FROM deliveries WHERE state = 'pending' AND published > 0 AND published <= ?`, now.Add(-8*time.Minute).UnixMilli())
	if n > 0 {
		w.bad("I3: %d messages went onto the bus minutes ago and nobody misses them", n)
	}
	return err
}

// rungs are timers whose time anybody can work out with a calendar on the wall.
var rungs = []struct {
	name string
	days int
}{{"three_days", -3}, {"eve", -1}, {"due_day", 0}}

// checkLadder holds the rungs before a deadline against the deadline there is.
func (w *world) checkLadder(in *engine.Instance) {
	if in.Effective == 0 || in.Workflow != "assignment" || in.State != "assigned" && in.State != "in_progress" {
		return
	}
	for _, r := range rungs {
		want := w.cal.Opening(w.cal.OnOrBefore(w.cal.AddWorkdays(in.Effective, r.days)))
		i := slices.IndexFunc(in.Timers, func(a engine.Armed) bool { return a.Name == r.name })
		switch {
		case i >= 0 && !in.Timers[i].At.Equal(want):
			w.bad("I3: %s is due on %s, %s is set for %s", in.Slip, in.Effective, r.name, in.Timers[i].At)
		case i < 0 && in.Fired[r.name] == 0 && want.After(w.now()):
			w.bad("I3: %s is due on %s, %s is not set", in.Slip, in.Effective, r.name)
		}
	}
}

// excuses says whether something is, or just was, so wrong that waiting is right.
func (tr *trouble) excuses(t time.Time) bool {
	return slices.ContainsFunc(tr.excused, func(s span) bool { return s.has(t) })
}

// awake is how much of a time messages could have gone in: sending hours, but
// for urgent ones, and nothing in the way.
func awake(cal *calendar.Calendar, from, to time.Time, must bool, excused []span) time.Duration {
	windows := []span{{from, to}}
	if !must {
		windows = nil
		for d := cal.DateOf(from); d <= cal.DateOf(to); d = d.AddDays(1) {
			open := cal.Opening(d) // what has waited for a morning goes with its messages
			if d == cal.DateOf(from) {
				open = open.Add(-30 * time.Minute)
			}
			if s := (span{later(open, from), earlier(cal.Closing(d), to)}); cal.IsWorkday(d) && s.from.Before(s.to) {
				windows = append(windows, s)
			}
		}
	}
	for _, e := range excused {
		var left []span
		for _, s := range windows {
			for _, part := range []span{{s.from, earlier(s.to, e.from)}, {later(s.from, e.to), s.to}} {
				if part.from.Before(part.to) {
					left = append(left, part)
				}
			}
		}
		windows = left
	}
	var sum time.Duration
	for _, s := range windows {
		sum += s.to.Sub(s.from)
	}
	return sum
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
