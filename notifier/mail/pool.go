package mail

import (
	"context"
	"slices"
	"time"

	simplemail "github.com/xhit/go-simple-mail/v2"
)

const (
	keepFor = 30 * time.Second // idle time after which a kept connection is dropped
	keepMax = 8                // kept connections; more workers than that dial anew
	probe   = 5 * time.Second  // longest wait for the answer to RSET
	goodbye = time.Second      // longest wait for the answer to QUIT
)

// session is one authenticated connection.
type session struct {
	client *simplemail.SMTPClient
	guard  *guard
	tap    *tap
	timer  *time.Timer // closes it when it was idle too long
}

// take hands out a kept connection that still answers, or nil. Only one is
// tried: where one died the others probably did too, and dialling is cheaper.
func (c *Channel) take(ctx context.Context) *session {
	c.mu.Lock()
	if len(c.idle) == 0 {
		c.mu.Unlock()
		return nil
	}
	s := c.idle[len(c.idle)-1]
	c.idle = c.idle[:len(c.idle)-1]
	c.mu.Unlock()
	s.timer.Stop()
	s.guard.bind(ctx, min(probe, c.o.Timeout))
	if err := s.client.Reset(); err != nil {
		s.quit()
		return nil
	}
	s.guard.step = c.o.Timeout
	return s
}

// park keeps the connection for the next message, or ends it.
func (c *Channel) park(s *session) {
	if !c.o.KeepAlive || !s.guard.release() || s.tap.err != nil || !c.shelve(s) {
		s.quit()
	}
}

func (c *Channel) shelve(s *session) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed || len(c.idle) >= keepMax {
		return false
	}
	s.timer = time.AfterFunc(keepFor, func() { c.expire(s) })
	c.idle = append(c.idle, s)
	return true
}

// expire ends s unless a worker took it in the meantime.
func (c *Channel) expire(s *session) {
	c.mu.Lock()
	i := slices.Index(c.idle, s)
	if i >= 0 {
		c.idle = slices.Delete(c.idle, i, i+1)
	}
	c.mu.Unlock()
	if i >= 0 {
		s.quit()
	}
}

// quit ends the connection, politely where it still works. The outcome of the
// message is known by now, so errors no longer matter.
func (s *session) quit() {
	s.guard.release()
	if s.tap.err == nil {
		s.guard.bind(context.Background(), goodbye)
		_ = s.client.Quit()
		s.guard.release()
	}
	_ = s.guard.Close()
}
