package scheduler_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"duban/engine"
	"duban/engine/store"
	"duban/scheduler"
)

// service is a loop that runs in a bubble, whose time stands until everyone
// waits. Its clock is the bubble's, wrong by offset.
type service struct {
	*world
	loop   *scheduler.Loop
	offset atomic.Int64
	looks  atomic.Int64 // at the clock
	log    *bytes.Buffer
	done   chan error
	cancel context.CancelFunc
}

// serve lets two assignments begin at 09:00 on 5 January 2000, a Wednesday, and
// runs fn beside a loop that starts at a later time.
func serve(t *testing.T, start string, fn func(s *service)) {
	log := logged(t)
	synctest.Test(t, func(t *testing.T) {
		s := &service{world: newWorld(t, "2000-01-05"), log: log, done: make(chan error, 1)}
		defer func() { s.db.Close() }() // a bubble ends only when nothing runs in it
		time.Sleep(time.Until(s.clock.now()))
		s.Now = func() time.Time {
			s.looks.Add(1)
			return time.Now().Add(time.Duration(s.offset.Load()))
		}
		s.begin(matter(1, "甲系", date(t, "2000-01-05"), date(t, "2000-02-29")), matter(2, "乙系", date(t, "2000-01-05"), date(t, "2000-02-29")))
		time.Sleep(time.Until(instant(t, s.cal, start)))
		s.loop = &scheduler.Loop{Runner: s.Runner, Periodic: s.periodic(), Poke: make(chan struct{}, 1)}
		ctx, cancel := context.WithCancel(t.Context())
		s.cancel = cancel
		defer cancel()
		go func() { s.done <- s.loop.Run(ctx) }()
		synctest.Wait()
		fn(s)
		cancel()
		if err := <-s.done; !errors.Is(err, context.Canceled) {
			t.Errorf("the loop ended with %v", err)
		}
	})
}

// lastTimer is the last step that a timer caused, and when.
func (s *service) lastTimer() (name string, at time.Time) {
	for _, h := range s.history() {
		if strings.Contains(h.Event, `"kind":"timer"`) {
			name, at = h.Event, h.Time()
		}
	}
	return name, at
}

// wind sets an instance's timer past the loop: it is not told.
func (s *service) wind(id int64, in time.Duration) time.Time {
	s.t.Helper()
	at := s.Now().Add(in).Truncate(time.Millisecond)
	err := s.db.Write(bg, s.Now(), func(tx *store.Tx) error {
		in, err := tx.Instance(id)
		if err != nil {
			return err
		}
		in.Version++
		in.Timers = []engine.Armed{{Name: "unsigned_liaison", At: at}}
		return tx.Save(&in, &engine.Event{Kind: "wound"}, nil, false)
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return at
}

func TestTheLoopWakesAtTheDueTime(t *testing.T) {
	serve(t, "2000-01-07 08:58", func(s *service) {
		time.Sleep(2*time.Minute + time.Millisecond)
		synctest.Wait()
		name, at := s.lastTimer()
		if !strings.Contains(name, `"unsigned_liaison"`) || !at.Equal(instant(t, s.cal, "2000-01-07 09:00")) {
			t.Errorf("%s fired at %v", name, at)
		}
	})
	serve(t, "2000-01-20 08:58", func(s *service) {
		synctest.Wait() // what was due in two weeks of being down
		if name, at := s.lastTimer(); !strings.Contains(name, `"deemed"`) || !at.Equal(instant(t, s.cal, "2000-01-20 08:58")) {
			t.Errorf("%s fired at %v", name, at)
		}
		time.Sleep(2*time.Minute + time.Millisecond)
		synctest.Wait()
		rounds := s.instances(store.Filter{Kinds: []engine.Kind{engine.KindRound}})
		if len(rounds) != 1 || !rounds[0].Opened.Equal(instant(t, s.cal, "2000-01-20 09:00")) {
			t.Errorf("rounds %+v", rounds)
		}
		if s.log.Len() > 0 {
			t.Errorf("logged: %s", s.log)
		}
	})
}

func TestTheLoopLooksEveryHalfMinuteAndWhenPoked(t *testing.T) {
	serve(t, "2000-01-05 10:00", func(s *service) {
		for _, pause := range []time.Duration{0, 7 * time.Second, 29 * time.Second} {
			time.Sleep(pause)
			due := s.wind(1, time.Second)
			time.Sleep(31 * time.Second)
			synctest.Wait()
			if _, at := s.lastTimer(); at.Before(due) || at.Sub(due) > 30*time.Second {
				t.Errorf("not told, it fired %v after it was due", at.Sub(due))
			}
		}
		due := s.wind(1, time.Second)
		s.loop.Poke <- struct{}{}
		time.Sleep(1001 * time.Millisecond)
		synctest.Wait()
		if _, at := s.lastTimer(); !at.Equal(due) {
			t.Errorf("told, it fired at %v, due at %v", at, due)
		}
	})
}

func TestAClockThatJumpsIsFollowedAndLogged(t *testing.T) {
	serve(t, "2000-01-05 10:00", func(s *service) {
		time.Sleep(70 * time.Second) // the loop is in a nap, not between two
		if s.log.Len() > 0 {
			t.Fatalf("logged before: %s", s.log)
		}
		s.offset.Store(int64(48*time.Hour + time.Minute)) // asleep for two days
		time.Sleep(31 * time.Second)
		synctest.Wait()
		if name, at := s.lastTimer(); !strings.Contains(name, "unsigned_liaison") || s.Now().Sub(at) > time.Minute {
			t.Errorf("%s at %v", name, at)
		}
		if !strings.Contains(s.log.String(), "jumped") {
			t.Errorf("logged: %q", s.log)
		}
		steps := len(s.history())
		for _, small := range []time.Duration{time.Minute, -time.Minute} {
			s.log.Reset()
			s.offset.Add(int64(small))
			time.Sleep(31 * time.Second)
			synctest.Wait()
			if s.log.Len() > 0 {
				t.Errorf("a change of %v is logged: %s", small, s.log)
			}
		}
		s.offset.Add(-int64(24 * time.Hour))
		s.loop.Poke <- struct{}{} // a jump is seen whatever woke the loop
		synctest.Wait()
		if !strings.Contains(s.log.String(), "jumped") {
			t.Errorf("back, logged: %q", s.log)
		}
		time.Sleep(5 * time.Hour)
		if n := len(s.history()); n != steps {
			t.Errorf("the hours that came twice made %d steps", n-steps)
		}
	})
}

func TestTheLoopGoesOnAfterAnError(t *testing.T) {
	serve(t, "2000-01-07 08:59", func(s *service) {
		s.raw(`CREATE TRIGGER accident BEFORE INSERT ON history BEGIN SELECT RAISE(ABORT, 'disk I/O error'); END`)
		time.Sleep(80 * time.Second)
		synctest.Wait()
		if n := strings.Count(s.log.String(), "disk I/O error"); n != 5 {
			t.Errorf("%d tries in 20 seconds: %s", n, s.log)
		}
		s.raw(`DROP TRIGGER accident`)
		time.Sleep(5 * time.Second)
		synctest.Wait()
		if name, _ := s.lastTimer(); !strings.Contains(name, "unsigned_liaison") {
			t.Error("not fired after the disk was well again")
		}
	})
}

// An instance that cannot be moved stays due for ever; the loop must not spin on it.
func TestTheLoopSleepsBesideOneThatCannotBeMoved(t *testing.T) {
	serve(t, "2000-01-07 08:59", func(s *service) {
		s.raw(`DROP TRIGGER history_no_update; UPDATE history SET after = replace(after, 'unsigned_liaison', 'no_such_timer') WHERE instance_id = 1;
			UPDATE instances SET version = version + 1 WHERE id = 1`)
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		s.looks.Store(0)
		time.Sleep(30 * time.Second)
		synctest.Wait()
		if n := strings.Count(s.log.String(), "left out"); n != 1 || s.looks.Load() > 30 {
			t.Errorf("named %d times, %d looks at the clock in half a minute: %s", n, s.looks.Load(), s.log)
		}
		if name, at := s.lastTimer(); !strings.Contains(name, "unsigned_liaison") || !at.Equal(instant(t, s.cal, "2000-01-07 09:00")) {
			t.Errorf("the other fired %s at %v", name, at)
		}
	})
}

func TestTheLoopEndsWithItsContext(t *testing.T) {
	for name, wait := range map[string]time.Duration{"asleep": time.Hour, "at once": 0} {
		t.Run(name, func(t *testing.T) {
			serve(t, "2000-01-05 10:00", func(s *service) {
				time.Sleep(wait)
				before := time.Now()
				s.cancel()
				err := <-s.done
				if s.done <- err; time.Since(before) != 0 {
					t.Errorf("it took %v", time.Since(before))
				}
				if s.log.Len() > 0 {
					t.Errorf("its end is logged: %s", s.log)
				}
			})
		})
	}
}

func TestNextIsWhateverComesFirst(t *testing.T) {
	w := newWorld(t, "2023-02-17")
	p := w.periodic()
	next := func() string {
		at, err := scheduler.Next(bg, w.Runner, p)
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(at.In(w.cal.Location()).Format("2006-01-02 15:04"))
	}
	if got := next(); got != "2023-02-20 09:00" { // Monday: both round and week
		t.Errorf("next is %s", got)
	}
	w.at("2023-02-20 09:00")
	w.runPeriodic(p)
	w.begin(matter(1, "甲系", date(t, "2023-02-20"), date(t, "2023-06-30")))
	if got := next(); got != "2023-02-22 09:00" {
		t.Errorf("next is %s", got)
	}
}
