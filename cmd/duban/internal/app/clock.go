package app

import (
	"sync"
	"time"
)

// System is the wall clock: the one place that reads it.
func System() time.Time { return time.Now() }

// Virtual is a clock that moves only when it is told to.
type Virtual struct {
	mu sync.Mutex
	t  time.Time
}

// NewVirtual gives a clock that stands at t.
func NewVirtual(t time.Time) *Virtual { return &Virtual{t: t} }

// Now is where the clock stands.
func (v *Virtual) Now() time.Time {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.t
}

// Set moves the clock to t; it never goes back.
func (v *Virtual) Set(t time.Time) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if t.After(v.t) {
		v.t = t
	}
}
