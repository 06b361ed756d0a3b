package sim

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"duban/cmd/duban/internal/app"
	"duban/engine/calendar"
	"duban/engine/org"
	"duban/engine/store"
	"duban/notifier"
	"duban/notifier/mail"
	"duban/notifier/postbox"
	"duban/notifier/wecom"
	"duban/seeds"
	"duban/workflows"
)

// world is one simulated college with its process, its people and its far side.
type world struct {
	t      *testing.T
	ctx    context.Context
	seed   uint64
	rng    *rand.Rand // of the one goroutine that drives the world
	dice   *dice      // of all others
	era    era
	dir    string
	lives  int // processes so far
	offset atomic.Int64

	org    *org.Org
	cal    *calendar.Calendar
	lib    *workflows.Library
	box    *postbox.Box
	cables [2]*cable // mail, robots

	*process
	people  people
	plans   []plannedPlan
	trouble trouble
	watch   watch

	usual  time.Duration // longest wait for the bytes of one write on a good day
	idle   int           // steps in which nothing could be done about what is due
	alert  time.Time     // until then the program finds out by itself what the time is
	events []string
	faults []string
}

// process is one life of the program.
type process struct {
	app   *app.App
	wires *wires
	bus   *badBus
	stop  context.CancelFunc
	done  sync.WaitGroup
}

func newWorld(t *testing.T, seed uint64) (*world, error) {
	rng := rand.New(rand.NewPCG(seed, 20260101))
	w := &world{t: t, ctx: context.Background(), seed: seed, rng: rng, dir: folder(t),
		dice: &dice{r: rand.New(rand.NewPCG(seed, 7))}, era: eras[int(seed)%len(eras)]}
	var errs [3]error
	w.org, errs[0] = college(rng, w.era)
	w.cal, errs[1] = seeds.Calendar()
	w.lib, errs[2] = workflows.Embedded()
	if err := errors.Join(errs[:]...); err != nil {
		return nil, err
	}
	w.usual = time.Duration(rng.IntN(300)) * time.Millisecond
	w.setClock(w.cal.Opening(w.era.first).Add(-time.Hour))
	w.makePlans()
	w.trouble.schedule(w)
	w.watch = newWatch()
	if err := w.openBox(); err != nil {
		return nil, err
	}
	return w, w.open()
}

// now is the clock of this world: the bubble's, moved.
func (w *world) now() time.Time { return app.System().Add(time.Duration(w.offset.Load())) }

func (w *world) setClock(t time.Time) { w.offset.Add(int64(t.Sub(w.now()))) }

func (w *world) note(format string, args ...any) {
	w.events = append(w.events, w.now().In(w.cal.Location()).Format("2006-01-02 15:04:05.000 ")+fmt.Sprintf(format, args...))
	if n := len(w.events); n > 4000 {
		w.events = slices.Clone(w.events[n-200:])
	}
}

// bad reports a broken invariant.
func (w *world) bad(format string, args ...any) {
	w.note("!! "+format, args...)
	w.faults = append(w.faults, w.events[len(w.events)-1])
}

func (w *world) openBox() (err error) {
	var robots []postbox.Robot
	for _, r := range w.org.Robots {
		robots = append(robots, postbox.Robot{Key: robotKey(r.Name), Name: r.Title})
	}
	w.box, err = postbox.Open(postbox.Options{Now: w.now, Zone: w.cal.Location(), Robots: robots})
	if err != nil {
		return err
	}
	w.cables = [2]*cable{newCable("mail:25"), newCable("robots:80")}
	return w.box.StartOn(w.ctx, w.cables[0], w.cables[1])
}

func robotKey(name string) string {
	sum := sha256.Sum256([]byte("simulated robot " + name))
	h := hex.EncodeToString(sum[:16])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:32]
}

func (w *world) file() string {
	return filepath.Join(w.dir, fmt.Sprintf("life%d", w.lives), "duban.db")
}

// open begins a life of the program on the file that the last one left.
func (w *world) open() error {
	p := &process{wires: &wires{dice: w.dice, delay: w.usual}, bus: &badBus{Bus: notifier.NewMemory(), dice: w.dice}}
	m, err := mail.New(mail.Options{Host: "mail", Security: mail.SecurityNone, From: "效能办 <xnb@sim.example>", KeepAlive: true, Dial: p.wires.dialler(w.cables[0])})
	if err != nil {
		return err
	}
	c, err := wecom.New(wecom.Options{URL: w.box.RobotURL(), AllowHost: []string{"robots:80"},
		Client: &http.Client{Transport: &http.Transport{DialContext: p.wires.dialler(w.cables[1]), DisableKeepAlives: true}},
		Key:    func(robot string) (string, bool) { return robotKey(robot), true }})
	if err != nil {
		return err
	}
	p.app, err = app.Open(w.ctx, app.Parts{File: w.file(), Bus: p.bus, Org: w.org, Calendar: w.cal, Library: w.lib,
		Channels: []notifier.Channel{m, c}, Now: w.now, ManualLeaders: w.seed%3 == 0, Notify: notifier.DefaultOptions()})
	if err != nil {
		return err
	}
	var ctx context.Context
	ctx, p.stop = context.WithCancel(w.ctx)
	p.done.Go(func() {
		if err := p.app.Run(ctx); err != nil {
			w.t.Errorf("seed %d: run: %v", w.seed, err)
		}
	})
	w.process = p
	return w.watch.open(w)
}

// shut ends the process in good order.
func (w *world) shut() error {
	w.stop()
	w.done.Wait()
	return errors.Join(w.watch.close(), w.app.Close())
}

// close ends the world, whatever goes wrong in it just now.
func (w *world) close() error {
	var err error
	if w.trouble.rivalTx != nil {
		err = errors.Join(w.trouble.rivalTx.Rollback(), w.trouble.rival.Close())
	}
	return errors.Join(err, w.shut(), w.box.Close())
}

// crash kills the process: what it had committed at that moment is all there
// is, and its connections end in the middle of a word. The rest of its life is
// played out on a file that nobody reads again.
func (w *world) crash() error {
	next := filepath.Join(w.dir, fmt.Sprintf("life%d", w.lives+1), "duban.db")
	if err := os.MkdirAll(filepath.Dir(next), 0o700); err != nil {
		return err
	}
	var flying []string
	err := w.app.DB.Write(w.ctx, w.now(), func(tx *store.Tx) error { // nobody else can commit meanwhile
		w.wires.cut()
		err := tx.SelectContext(w.ctx, &flying, `SELECT message FROM deliveries WHERE state = 'pending' AND published > 0`)
		return errors.Join(err, copyFile(w.file(), next), copyFile(w.file()+"-wal", next+"-wal"))
	})
	if err != nil {
		return fmt.Errorf("crash: %w", err)
	}
	w.note("crash with %d messages in flight", len(flying))
	w.watch.flying(flying)
	err = w.shut()
	w.lives++
	return err
}

func copyFile(from, to string) error {
	b, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, b, 0o600)
}

// live is a whole year, step by step.
func (w *world) live() error {
	end := w.cal.Closing(w.era.last)
	for i := 0; w.now().Before(end) && len(w.faults) == 0; i++ {
		w.watch.count.looks++
		if err := w.step(); err != nil {
			return err
		}
		if i%400 == 399 {
			if err := w.inspect(); err != nil {
				return err
			}
		}
	}
	if len(w.faults) > 0 {
		return nil
	}
	return w.inspect()
}

// step moves the clock to the next moment at which anything happens, lets it
// happen, and checks.
func (w *world) step() error {
	if err := w.goOn(); err != nil {
		return err
	}
	synctest.Wait()
	if err := w.check(); err != nil || len(w.faults) > 0 {
		return err
	}
	happened, err := w.happen()
	if err != nil || !happened {
		return err
	}
	synctest.Wait()
	return w.check()
}

// goOn lets time pass. Where nobody waits for anything the clock is moved; from
// a moment before things happen on, it runs.
func (w *world) goOn() error {
	next, flying, err := w.next()
	if err != nil {
		return err
	}
	if flying > 0 {
		if err := w.trouble.spring(w); err != nil {
			return err
		}
	}
	wait := next.Sub(w.now())
	if wait > 0 && flying == 0 {
		w.idle = 0
	}
	patience := min(20*time.Millisecond<<min(w.idle, 20), 20*time.Second)
	switch {
	case wait <= 0:
		w.idle++
		wait = patience
	case flying > 0:
		w.idle++
		wait = min(wait, patience)
	case w.now().Before(w.alert):
		wait = min(wait, w.alert.Sub(w.now()))
	case wait > 2*time.Second:
		w.setClock(next.Add(-time.Second))
		w.app.Poke()
		w.app.Notifier.Wake()
		synctest.Wait()
		wait = next.Sub(w.now())
	}
	time.Sleep(wait)
	return nil
}

// next is when anything happens next, and how many messages are on their way.
func (w *world) next() (time.Time, int64, error) {
	due, flying, err := w.watch.clocks()
	if err != nil {
		return due, 0, err
	}
	round, err := w.app.Periodic.Next(w.ctx)
	if err != nil {
		return due, 0, err
	}
	times := []time.Time{due, round, w.cal.Closing(w.era.last), w.people.next(), w.trouble.next()}
	if len(w.plans) > 0 {
		times = append(times, w.plans[0].at)
	}
	times = slices.DeleteFunc(times, time.Time.IsZero)
	return slices.MinFunc(times, time.Time.Compare), flying, nil
}

// happen lets people and misfortune have their turn.
func (w *world) happen() (bool, error) {
	now := w.now()
	dueAct := func(at time.Time) bool { return !at.IsZero() && !at.After(now) }
	if !dueAct(w.trouble.next()) && !dueAct(w.people.next()) && (len(w.plans) == 0 || w.plans[0].at.After(now)) {
		return false, nil
	}
	if err := w.trouble.strike(w); err != nil {
		return true, err
	}
	if err := w.issuePlans(); err != nil {
		return true, err
	}
	return true, w.people.act(w)
}

// folder is in memory where the machine has such a place: a crash here is a copy
// of the file, so what the disk would do with it does not matter.
func folder(t *testing.T) string {
	dir, err := os.MkdirTemp("/dev/shm", "duban-sim-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}
