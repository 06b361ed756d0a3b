package notifier

import "sync"

// flight knows where deliveries are between the relay and the ledger.
type flight struct {
	mu       sync.Mutex
	away     map[string]bool     // on the bus, without an outcome
	held     map[string]bool     // in a worker's hands
	answered map[string]*attempt // sent, but the store could not write what came of it
	landed   chan struct{}       // closed and replaced whenever one comes down
}

func newFlight() *flight {
	return &flight{away: map[string]bool{}, held: map[string]bool{}, answered: map[string]*attempt{}, landed: make(chan struct{})}
}

func (f *flight) depart(posts []Post) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, p := range posts {
		f.away[p.Key] = true
	}
}

// callOff says that posts did not get onto the bus.
func (f *flight) callOff(posts []Post) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, p := range posts {
		delete(f.away, p.Key)
	}
}

// hold gives a delivery into one worker's hands; false when another has it: a
// bus may bring two copies at one time.
func (f *flight) hold(key string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.held[key] {
		return false
	}
	f.held[key] = true
	return true
}

// drop takes it out of the worker's hands; done says that its outcome is recorded.
func (f *flight) drop(key string, done bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.held, key)
	if done {
		delete(f.away, key)
		delete(f.answered, key)
		close(f.landed)
		f.landed = make(chan struct{})
	}
}

// keep remembers an answer that could not be written, so that it is written
// later and the message is not sent again.
func (f *flight) keep(a *attempt) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.answered[a.del.Key] = a
}

func (f *flight) kept(key string) *attempt {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.answered[key]
}

// state counts what is on the bus and what workers hold; landed is closed at
// the next landing.
func (f *flight) state() (away, held int, landed <-chan struct{}) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.away), len(f.held), f.landed
}

func (f *flight) forget() {
	f.mu.Lock()
	defer f.mu.Unlock()
	clear(f.away)
}
