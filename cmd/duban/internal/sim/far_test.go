package sim

import (
	"context"
	"errors"
	"math/rand/v2"
	"net"
	"slices"
	"sync"
	"time"

	"duban/notifier"
)

// cable is a listener whose connections are pipes: a socket would hold up the
// bubble's clock.
type cable struct {
	name  string
	calls chan net.Conn
	down  chan struct{}
	once  sync.Once
}

func newCable(name string) *cable {
	return &cable{name: name, calls: make(chan net.Conn), down: make(chan struct{})}
}

func (c *cable) Accept() (net.Conn, error) {
	select {
	case conn := <-c.calls:
		return conn, nil
	case <-c.down:
		return nil, net.ErrClosed
	}
}

func (c *cable) Close() error {
	c.once.Do(func() { close(c.down) })
	return nil
}

func (c *cable) Addr() net.Addr  { return c }
func (c *cable) Network() string { return "pipe" }
func (c *cable) String() string  { return c.name }

var errNoRoute = errors.New("connect: no route to host")

// wires are the connections of one process: they end when it dies.
type wires struct {
	dice *dice

	mu    sync.Mutex
	dead  bool
	gone  bool          // the far side cannot be reached
	delay time.Duration // longest wait before the bytes of one write move on
	open  []net.Conn
}

// dialler opens pipes to a cable.
func (w *wires) dialler(to *cable) func(context.Context, string, string) (net.Conn, error) {
	return func(ctx context.Context, _, _ string) (net.Conn, error) {
		w.mu.Lock()
		defer w.mu.Unlock()
		if w.dead || w.gone {
			return nil, &net.OpError{Op: "dial", Net: "pipe", Err: errNoRoute}
		}
		near, far := net.Pipe()
		w.open = append(w.open, near)
		go func() {
			select {
			case to.calls <- far:
			case <-to.down:
				_ = far.Close()
			case <-ctx.Done():
				_ = far.Close()
			}
		}()
		return &slow{Conn: near, w: w}, nil
	}
}

// weather says how the network is from now on.
func (w *wires) weather(delay time.Duration, gone bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.delay, w.gone = delay, gone
}

// cut ends every connection at once, in the middle of whatever it said.
func (w *wires) cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.dead = true
	for _, c := range w.open {
		_ = c.Close()
	}
	w.open = nil
}

func (w *wires) forget(c net.Conn) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.open = slices.DeleteFunc(w.open, func(x net.Conn) bool { return x == c })
}

func (w *wires) lag() time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.delay == 0 {
		return 0
	}
	return time.Duration(w.dice.n(int(w.delay)))
}

// slow is a connection whose bytes take their time.
type slow struct {
	net.Conn
	w *wires
}

func (s *slow) Write(p []byte) (int, error) {
	if d := s.w.lag(); d > 0 {
		time.Sleep(d)
	}
	return s.Conn.Write(p)
}

func (s *slow) Close() error {
	s.w.forget(s.Conn)
	return s.Conn.Close()
}

// dice is the seed's randomness for what several goroutines ask.
type dice struct {
	mu sync.Mutex
	r  *rand.Rand
}

func (d *dice) n(below int) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.r.IntN(below)
}

func (d *dice) shuffle(n int, swap func(i, j int)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.r.Shuffle(n, swap)
}

// badBus is a bus at its worst: every tenth post comes twice, none in order; in
// bad times it loses some, or says that it has not got them.
type badBus struct {
	notifier.Bus
	dice *dice

	mu      sync.Mutex
	loses   bool
	refuses bool
}

func (b *badBus) mood(loses, refuses bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.loses, b.refuses = loses, refuses
}

func (b *badBus) Publish(ctx context.Context, posts []notifier.Post) error {
	b.mu.Lock()
	loses, refuses := b.loses, b.refuses
	b.mu.Unlock()
	var out []notifier.Post
	for _, p := range posts {
		n := b.dice.n(100)
		if loses && n < 40 {
			continue
		}
		out = append(out, p)
		if n >= 90 {
			out = append(out, p)
		}
	}
	b.dice.shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	if refuses && b.dice.n(2) == 0 { // some may have arrived all the same
		return errors.Join(errors.New("bus: no responders"), b.Bus.Publish(ctx, out[:len(out)/2]))
	}
	return b.Bus.Publish(ctx, out)
}
