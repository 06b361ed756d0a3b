package mail_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"duban/notifier"
	"duban/notifier/mail"
)

func keeping(o *mail.Options) { o.KeepAlive = true }

func TestConnectionIsKeptBetweenMessages(t *testing.T) {
	for keep, conns := range map[bool]int{true: 1, false: 3} {
		s := (&server{}).start(t)
		c := channel(t, s, func(o *mail.Options) { o.KeepAlive = keep })
		for i := range 3 {
			if r := send(t, c, message(fmt.Sprint("k", i))); r.Class != notifier.Accepted {
				t.Fatalf("got %+v", r)
			}
		}
		if s.seen().conns != conns || len(s.seen().letters) != 3 {
			t.Errorf("keep %v: %d connections, %d letters", keep, s.seen().conns, len(s.seen().letters))
		}
		c.Close()
		if s.count("QUIT") != conns {
			t.Errorf("keep %v: said goodbye %d times", keep, s.count("QUIT"))
		}
	}
}

// The server ends the kept connection: the message must not pay for it.
func TestStaleConnectionIsNoFailedAttempt(t *testing.T) {
	for _, tt := range []struct{ step, answer string }{
		{"rset", "close"}, {"mail", "close"}, {"rset", "421 4.4.2 idle too long"}, {"mail", "421 4.4.2 idle too long"},
	} {
		t.Run(tt.step+" "+tt.answer, func(t *testing.T) {
			s := &server{}
			var mails atomic.Int32
			s.onReply = func(conn int, step string) string {
				if conn != 1 || step != tt.step || step == "mail" && mails.Add(1) == 1 {
					return "" // the first message passes
				}
				return tt.answer
			}
			s.start(t)
			c := channel(t, s, keeping)
			for _, key := range []string{"k1", "k2", "k3"} {
				if r := send(t, c, message(key)); r.Class != notifier.Accepted {
					t.Fatalf("%s: %+v", key, r)
				}
			}
			if s.seen().conns != 2 || len(s.seen().letters) != 3 {
				t.Errorf("%d connections, %d letters", s.seen().conns, len(s.seen().letters))
			}
		})
	}
}

// Once MAIL was accepted a loss is the message's own attempt, and it happens once.
func TestLossAfterMailIsNotRepeated(t *testing.T) {
	s := &server{}
	var rcpts atomic.Int32
	s.onReply = func(_ int, step string) string {
		if step == "rcpt" && rcpts.Add(1) == 2 {
			return "close"
		}
		return ""
	}
	s.start(t)
	c := channel(t, s, keeping)
	send(t, c, message("k1"))
	if r := send(t, c, message("k2")); r.Class != notifier.Temporary {
		t.Errorf("got %+v", r)
	}
	if s.seen().conns != 1 {
		t.Errorf("%d connections", s.seen().conns)
	}
	if r := send(t, c, message("k2")); r.Class != notifier.Accepted || s.seen().conns != 2 {
		t.Errorf("the next attempt: %+v on connection %d", r, s.seen().conns)
	}
}

// A bad address never blocks the next one.
func TestRefusedRecipientDropsTheConnection(t *testing.T) {
	s := (&server{script: map[string]string{"rcpt": "550 5.1.1 no such user"}}).start(t)
	c := channel(t, s, keeping)
	for range 2 {
		if r := send(t, c, message("k1")); r.Class != notifier.Permanent {
			t.Errorf("got %+v", r)
		}
	}
	if s.seen().conns != 2 {
		t.Errorf("%d connections", s.seen().conns)
	}
}

func TestEveryWorkerHasItsOwnConnection(t *testing.T) {
	s := (&server{}).start(t)
	c := channel(t, s, keeping)
	var workers sync.WaitGroup
	for w := range 4 {
		workers.Go(func() {
			for i := range 5 {
				if r := send(t, c, message(fmt.Sprint("k", w, i))); r.Class != notifier.Accepted {
					t.Errorf("got %+v", r)
				}
			}
		})
	}
	workers.Wait()
	if len(s.seen().letters) != 20 || s.seen().conns > 4 {
		t.Errorf("%d letters on %d connections", len(s.seen().letters), s.seen().conns)
	}
	begin := time.Now()
	c.Close()
	if time.Since(begin) > 5*time.Second {
		t.Errorf("closing took %v", time.Since(begin))
	}
	if r := send(t, c, message("late")); r.Class != notifier.Accepted {
		t.Errorf("after Close: %+v", r)
	}
	if quits := s.count("QUIT"); quits != s.seen().conns {
		t.Errorf("%d connections, %d goodbyes", s.seen().conns, quits)
	}
}

// On a virtual clock: 29 s of silence keep the connection, 30 s end it.
func TestIdleConnectionIsDropped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &server{}
		c, err := mail.New(mail.Options{
			Host: "mx", Security: mail.SecurityNone, From: "xnb@example.edu.cn", KeepAlive: true,
			Dial: func(context.Context, string, string) (net.Conn, error) {
				near, far := net.Pipe()
				s.mu.Lock()
				defer s.mu.Unlock()
				s.log.conns++
				go s.talk(far, s.log.conns)
				return near, nil
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, step := range []struct {
			idle         time.Duration
			conns, quits int
		}{{0, 1, 0}, {29 * time.Second, 1, 0}, {31 * time.Second, 2, 1}} {
			time.Sleep(step.idle)
			synctest.Wait()
			if r := send(t, c, message("k1")); r.Class != notifier.Accepted {
				t.Fatalf("got %+v", r)
			}
			if s.seen().conns != step.conns || s.count("QUIT") != step.quits {
				t.Errorf("after %v: %d connections, %d goodbyes", step.idle, s.seen().conns, s.count("QUIT"))
			}
		}
		c.Close()
	})
}

func dialTo(addr *string) func(context.Context, string, string) (net.Conn, error) {
	return func(_ context.Context, _, to string) (net.Conn, error) {
		*addr = to
		return nil, errors.New("no route")
	}
}
