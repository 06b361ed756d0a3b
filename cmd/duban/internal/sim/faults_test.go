package sim

import (
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"testing/synctest"
	"time"

	"duban/engine/store"
	"duban/notifier/postbox"
)

// trouble is everything that goes wrong in a year, in order, and for how long
// each thing excuses lateness.
type trouble struct {
	coming  []mishap
	ambush  []mishap // strike while messages are on their way
	excused []span   // of all messages
	full    []span   // the store may refuse to write
	rival   *sql.DB
	rivalTx *sql.Tx
}

// mishap is one thing that goes wrong at a moment.
type mishap struct {
	at   time.Time
	name string
	do   func(*world) error
}

// span is a stretch of time.
type span struct{ from, to time.Time }

func (s span) has(t time.Time) bool { return !t.Before(s.from) && !t.After(s.to) }

func (tr *trouble) next() time.Time {
	if len(tr.coming) == 0 {
		return time.Time{}
	}
	return tr.coming[0].at
}

func (tr *trouble) excuse(from, to time.Time) { tr.excused = append(tr.excused, span{from, to}) }

// store says whether the store may refuse at that time.
func (tr *trouble) store(t time.Time) bool {
	return slices.ContainsFunc(tr.full, func(s span) bool { return s.has(t) })
}

func (tr *trouble) add(at time.Time, name string, do func(*world) error) {
	i, _ := slices.BinarySearchFunc(tr.coming, at, func(m mishap, t time.Time) int { return m.at.Compare(t) })
	tr.coming = slices.Insert(tr.coming, i, mishap{at, name, do})
}

// lurk has something strike at the first flight of messages after a time.
func (tr *trouble) lurk(at time.Time, name string, do func(*world) error) {
	tr.add(at, name+" lurks", func(*world) error {
		tr.ambush = append(tr.ambush, mishap{at, name, do})
		return nil
	})
}

// spring is for a moment at which messages are on their way.
func (tr *trouble) spring(w *world) error {
	if len(tr.ambush) == 0 || w.rng.IntN(3) == 0 {
		return nil
	}
	m := tr.ambush[0]
	tr.ambush = tr.ambush[1:]
	w.note("%s, in the middle of it", m.name)
	if err := m.do(w); err != nil {
		return fmt.Errorf("%s: %w", m.name, err)
	}
	return nil
}

func (tr *trouble) strike(w *world) error {
	for len(tr.coming) > 0 && !tr.coming[0].at.After(w.now()) {
		m := tr.coming[0]
		tr.coming = tr.coming[1:]
		w.note("%s", m.name)
		if err := m.do(w); err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
	}
	return nil
}

// rush is a moment at which much is under way: the first seconds of a morning's
// messages, or any other of an office day.
func (w *world) rush() time.Time {
	at := w.cal.Opening(w.workday())
	switch w.rng.IntN(4) {
	case 0:
		return at.Add(time.Duration(w.rng.IntN(8*3600)) * time.Second)
	case 1:
		return at.Add(-time.Duration(w.rng.IntN(300)) * time.Second)
	}
	return at.Add(time.Duration(w.rng.IntN(4000)) * time.Millisecond)
}

// schedule draws the year's misfortunes.
func (tr *trouble) schedule(w *world) {
	for range 14 {
		at := w.rush()
		tr.add(at.Add(-time.Second), "the far side fails", farSide)
	}
	for range 5 {
		tr.lurk(w.rush(), "crash", (*world).die)
		tr.add(w.rush(), "crash", (*world).die)
		tr.lurk(w.rush(), "another writer", busy)
	}
	tr.lurk(w.rush(), "the disk is full", diskFull)
	tr.lurk(w.rush(), "restart", (*world).restart)
	for range 3 {
		tr.add(w.rush(), "restart", (*world).restart)
	}
	for _, x := range []struct {
		n    int
		name string
		do   func(*world) error
	}{
		{2, "the disk is full", diskFull}, {1, "another writer", busy}, {3, "the bus loses", busLoses}, {3, "the bus refuses", busRefuses},
		{5, "a slow network", slowNetwork}, {2, "no network", noNetwork}, {2, "asleep", asleep}, {2, "an hour back", hourBack},
		{6, "the office looks at its list", officeList},
	} {
		for range x.n {
			tr.add(w.rush(), x.name, x.do)
		}
	}
	if w.era.first.Year() == 2026 && w.seed%2 == 0 {
		tr.add(w.cal.Opening(w.era.first.AddDays(90+w.rng.IntN(100))).Add(100*time.Minute), "the table of 2027 arrives", tableArrives)
	}
}

// faults of the far side. Keep is what makes an outcome unknown.
var mailFaults = []postbox.Fault{
	{Step: postbox.StepBanner, Do: postbox.Reply, Code: 421}, {Step: postbox.StepBanner, Do: postbox.Drop}, {Step: postbox.StepBanner, Do: postbox.Hang},
	{Step: postbox.StepHello, Do: postbox.Reply, Code: 451}, {Step: postbox.StepMail, Do: postbox.Reply, Code: 450}, {Step: postbox.StepMail, Do: postbox.Drop},
	{Step: postbox.StepMail, Do: postbox.Reply, Code: 550}, {Step: postbox.StepRcpt, Do: postbox.Reply, Code: 450}, {Step: postbox.StepRcpt, Do: postbox.Reply, Code: 550},
	{Step: postbox.StepRcpt, Do: postbox.Hang}, {Step: postbox.StepData, Do: postbox.Reply, Code: 451}, {Step: postbox.StepData, Do: postbox.Drop},
	{Step: postbox.StepDot, Do: postbox.Reply, Code: 451}, {Step: postbox.StepDot, Do: postbox.Reply, Code: 554},
	{Step: postbox.StepDot, Do: postbox.Drop}, {Step: postbox.StepDot, Do: postbox.Drop, Keep: true}, {Step: postbox.StepDot, Do: postbox.Hang, Keep: true},
}

var robotFaults = []postbox.Fault{
	{Step: postbox.StepRobot, Do: postbox.Reply, Code: 45009}, {Step: postbox.StepRobot, Do: postbox.Reply, Code: -1}, {Step: postbox.StepRobot, Do: postbox.HTML},
	{Step: postbox.StepRobot, Do: postbox.Hang}, {Step: postbox.StepRobot, Do: postbox.Hang, Keep: true}, {Step: postbox.StepRobot, Do: postbox.Drop, Keep: true},
	{Step: postbox.StepRobot, Do: postbox.Warn}, {Step: postbox.StepRobot, Do: postbox.Drop}, {Step: postbox.StepRobot, Do: postbox.Reply, Code: 93004},
}

func farSide(w *world) error {
	hangs := false
	for range 2 + w.rng.IntN(5) {
		f := mailFaults[w.rng.IntN(len(mailFaults))]
		if w.rng.IntN(3) == 0 {
			f = robotFaults[w.rng.IntN(len(robotFaults))]
		}
		hangs = hangs || f.Do == postbox.Hang
		w.note("  next %s: %s %d keep %v", f.Step, f.Do, f.Code, f.Keep)
		w.box.Faults().Next(1+w.rng.IntN(4), f)
	}
	lasts := time.Duration(1+w.rng.IntN(90)) * time.Minute
	if hangs {
		w.trouble.excuse(w.now(), w.now().Add(lasts+2*time.Minute)) // others wait behind
	}
	w.trouble.add(w.now().Add(lasts), "the far side is well again", func(w *world) error { w.box.Faults().Clear(); return nil })
	return nil
}

// die is a crash and, some time later, a new life.
func (w *world) die() error {
	if w.trouble.store(w.now()) {
		return nil // one thing at a time
	}
	from := w.now()
	if err := w.crash(); err != nil {
		return err
	}
	return w.revive(from)
}

func (w *world) revive(from time.Time) error {
	down := time.Duration(w.rng.IntN(90)) * time.Second
	if w.rng.IntN(4) == 0 {
		down = time.Duration(w.rng.IntN(70)) * time.Hour
	}
	w.setClock(w.now().Add(down))
	err := w.open()
	w.trouble.excuse(from.Add(-time.Minute), w.now().Add(time.Minute))
	w.note("life %d", w.lives)
	return err
}

func (w *world) restart() error {
	if w.trouble.store(w.now()) {
		return nil
	}
	from := w.now()
	if err := w.shut(); err != nil {
		return err
	}
	return w.revive(from)
}

func tableArrives(w *world) error {
	c, err := late(w.cal)
	if err != nil {
		return err
	}
	from := w.now()
	if err := w.shut(); err != nil {
		return err
	}
	w.cal = c
	return w.revive(from)
}

// pragma sets something on the one connection that writes.
func (w *world) pragma(what string) error {
	return w.app.DB.Write(w.ctx, w.now(), func(tx *store.Tx) error {
		_, err := tx.ExecContext(w.ctx, "PRAGMA "+what)
		return err
	})
}

// storeFails makes the store refuse for a while.
func (w *world) storeFails(lasts time.Duration, mend func(*world) error) {
	s := span{w.now(), w.now().Add(lasts + time.Second)}
	w.trouble.full = append(w.trouble.full, s)
	w.trouble.excuse(s.from.Add(-time.Minute), s.to.Add(time.Minute))
	w.trouble.add(w.now().Add(lasts), "the store is well again", mend)
}

func diskFull(w *world) error {
	if w.trouble.store(w.now()) {
		return nil
	}
	if err := w.pragma("max_page_count = 1"); err != nil { // SQLite takes it as: not one page more
		return err
	}
	w.storeFails(time.Duration(5+w.rng.IntN(600))*time.Second, func(w *world) error { return w.pragma("max_page_count = 1000000") })
	return nil
}

// busy is another program that holds the file's write lock.
func busy(w *world) error {
	tr := &w.trouble
	if tr.store(w.now()) {
		return nil
	}
	if err := w.pragma("busy_timeout = 0"); err != nil { // five seconds of real time would pass each time
		return err
	}
	var err error
	if tr.rival, err = sql.Open("sqlite", "file:"+w.file()+"?_txlock=immediate"); err != nil {
		return err
	}
	if tr.rivalTx, err = tr.rival.Begin(); err != nil { // the process is writing just now: the rival does not get in
		err = errors.Join(tr.rival.Close(), w.pragma("busy_timeout = 5000"))
		tr.rival = nil
		return err
	}
	w.storeFails(time.Duration(5+w.rng.IntN(600))*time.Second, func(w *world) error {
		err := errors.Join(tr.rivalTx.Rollback(), tr.rival.Close(), w.pragma("busy_timeout = 5000"))
		tr.rival, tr.rivalTx = nil, nil
		return err
	})
	return nil
}

func busLoses(w *world) error {
	w.bus.mood(true, false)
	lasts := time.Duration(10+w.rng.IntN(300)) * time.Second
	w.trouble.excuse(w.now(), w.now().Add(lasts+12*time.Minute)) // what is lost is missed after five minutes
	w.trouble.add(w.now().Add(lasts), "the bus is well again", busWell)
	return nil
}

func busRefuses(w *world) error {
	w.bus.mood(false, true)
	lasts := time.Duration(10+w.rng.IntN(300)) * time.Second
	w.trouble.excuse(w.now(), w.now().Add(lasts+12*time.Minute))
	w.trouble.add(w.now().Add(lasts), "the bus is well again", busWell)
	return nil
}

func busWell(w *world) error {
	w.bus.mood(false, false)
	return nil
}

func slowNetwork(w *world) error {
	return w.network(time.Duration(100+w.rng.IntN(1500))*time.Millisecond, false)
}
func noNetwork(w *world) error { return w.network(0, true) }

func (w *world) network(delay time.Duration, gone bool) error {
	w.wires.weather(delay, gone)
	lasts := time.Duration(10+w.rng.IntN(1800)) * time.Second
	w.trouble.excuse(w.now(), w.now().Add(lasts+2*time.Minute))
	w.trouble.add(w.now().Add(lasts), "the network is well again", func(w *world) error {
		w.wires.weather(w.usual, false)
		return nil
	})
	return nil
}

// asleep is a host that was suspended: nothing tells the program.
func asleep(w *world) error {
	from := w.now()
	w.setClock(from.Add(time.Duration(3600+w.rng.IntN(6*86400)) * time.Second))
	w.alert = w.now().Add(61 * time.Second)
	w.trouble.excuse(from.Add(-time.Second), w.now())
	return nil
}

// hourBack is a clock that somebody set right. It waits until nothing is under
// way: a message would arrive before it was sent.
func hourBack(w *world) error {
	n, err := w.watch.number(`SELECT COUNT(*) FROM deliveries WHERE state = 'pending' AND published > 0`)
	if err != nil {
		return err
	}
	if n > 0 {
		w.trouble.add(w.now().Add(time.Minute), "an hour back", hourBack)
		return nil
	}
	w.setClock(w.now().Add(-time.Hour))
	w.alert = w.now().Add(61 * time.Second)
	synctest.Wait()
	w.trouble.excuse(w.now(), w.now().Add(61*time.Minute))
	return nil
}

// officeList is the office that releases what waits for it and sends dead
// letters again.
func officeList(w *world) error {
	dead, err := w.watch.texts(`SELECT id FROM outbox WHERE state = 'dead'`)
	if err != nil {
		return err
	}
	err = w.app.DB.Write(w.ctx, w.now(), func(tx *store.Tx) error {
		if _, err := tx.ReleaseHeld(); err != nil {
			return err
		}
		_, err := tx.Resend()
		return err
	})
	switch {
	case err == nil:
		w.watch.resent(dead)
		w.app.Notifier.Wake()
	case w.trouble.store(w.now()):
		err = nil
	}
	return err
}
