package notifier

import (
	"context"
	"sync"
	"time"

	"duban/engine/store"
)

// limits hold back what a robot's minute has no room for, and robots, or the
// whole mail channel (""), that asked for rest. The window slides; it is filled
// from the ledger at the start, so a restart does not forget what was sent a
// moment ago.
type limits struct {
	mu        sync.Mutex
	perMinute int
	sent      map[string][]time.Time // answers within the window
	away      map[string]int         // posts without an answer: nobody knows when they arrive
	paused    map[string]time.Time
}

const window = time.Minute

func newLimits(perMinute int, recent map[string][]time.Time) *limits {
	return &limits{perMinute: perMinute, sent: recent, away: map[string]int{}, paused: map[string]time.Time{}}
}

// take reserves one place for a robot at now; without room it says when to come
// again. Mail ("") has no window, only pauses.
func (l *limits) take(robot string, now time.Time) (until time.Time, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if until := l.paused[robot]; until.After(now) {
		return until, false
	}
	if robot == "" {
		return now, true
	}
	recent := within(l.sent[robot], now)
	l.sent[robot] = recent
	over := len(recent) + l.away[robot] - l.perMinute
	switch {
	case over >= len(recent):
		return now.Add(window), false
	case over >= 0:
		return recent[over].Add(window), false
	}
	l.away[robot]++
	return now, true
}

// within drops what has left the window. After a clock was set back, instants
// that have not come yet count from now.
func within(recent []time.Time, now time.Time) []time.Time {
	for len(recent) > 0 && !recent[0].Add(window).After(now) {
		recent = recent[1:]
	}
	for i := range recent {
		if recent[i].After(now) {
			recent[i] = now
		}
	}
	return recent
}

// answered turns the reserved place into one that is taken from at on: the post
// arrived at some moment before.
func (l *limits) answered(robot string, at time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if robot != "" {
		l.away[robot]--
		l.sent[robot] = append(l.sent[robot], at)
	}
}

func (l *limits) pause(robot string, until time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.paused[robot] = until
}

// resting counts the robots at rest, and 1 for the mail channel.
func (l *limits) resting(now time.Time) (robots, mail int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for robot, until := range l.paused {
		switch {
		case !until.After(now):
		case robot == "":
			mail = 1
		default:
			robots++
		}
	}
	return robots, mail
}

// Resting counts the senders of each channel that are at rest: robots, or 1 for
// the mail server. Call it after Start.
func (n *Notifier) Resting() map[string]int {
	robots, mail := n.limits.resting(n.Now())
	return map[string]int{robotChannel: robots, mailChannel: mail}
}

// longestRest is the most that a far side's rest lasts after a restart: the
// ledger says when one began, not for how long it was.
const longestRest = 10 * time.Minute

// restore takes up the rests that were under way when the last process ended:
// each until the message that met it is tried again.
func (l *limits) restore(rests []store.Pause) {
	for _, r := range rests {
		until := r.At.Add(longestRest)
		if r.Next.After(r.At) && r.Next.Before(until) {
			until = r.Next
		}
		l.pause(r.Robot, until)
	}
}

// putOff takes a delivery off the bus until then, without spending an attempt.
func (n *Notifier) putOff(ctx context.Context, a *attempt, until time.Time) error {
	return n.DB.Write(ctx, n.Now(), func(tx *store.Tx) error { return tx.Later(a.del.Key, n.hours(until, a.must)) })
}

// hours keeps an instant within the hours in which messages may go.
func (n *Notifier) hours(t time.Time, must bool) time.Time {
	if must || n.Calendar.MaySend(t) {
		return t
	}
	return n.Calendar.NextMorning(t)
}
