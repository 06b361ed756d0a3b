package notifier

import (
	"sync"
	"time"
)

// limits hold back what a robot's minute has no room for, and whole gates that
// asked for rest. The window slides; it is filled from the ledger at the start,
// so a restart does not forget what was sent a moment ago.
type limits struct {
	mu        sync.Mutex
	perMinute int
	sent      map[string][]time.Time
	paused    map[string]time.Time
}

const window = time.Minute

// take reserves one place for a robot at now; without room it says when to come
// again. Mail ("") has no window, only pauses.
func (l *limits) take(gate string, now time.Time) (time.Time, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if until := l.paused[gate]; until.After(now) {
		return until, false
	}
	if gate == "" {
		return now, true
	}
	recent := l.sent[gate]
	for len(recent) > 0 && !recent[0].Add(window).After(now) {
		recent = recent[1:]
	}
	l.sent[gate] = recent
	if len(recent) >= l.perMinute {
		return recent[len(recent)-l.perMinute].Add(window), false
	}
	l.sent[gate] = append(recent, now)
	return now, true
}

func (l *limits) pause(gate string, until time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.paused[gate] = until
}
