// Package app puts the rooms together: store, scheduler, bus, notifier and
// channels. serve and demo run the same App; only clock and channels differ.
package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"duban/engine"
	"duban/engine/calendar"
	"duban/engine/org"
	"duban/engine/store"
	"duban/notifier"
	"duban/notifier/events"
	"duban/scheduler"
	"duban/workflows"
)

// Parts are what an App is made of.
type Parts struct {
	File          string       // the data file
	NATSDir       string       // of the embedded bus
	NATSURL       string       // "" runs the bus inside the process
	Bus           notifier.Bus // instead of NATS; closed with the App
	Events        string       // the source that steps are published under at NATSURL; "" publishes none
	Org           *org.Org
	Calendar      *calendar.Calendar
	Library       *workflows.Library
	Channels      []notifier.Channel
	Now           func() time.Time
	ManualLeaders bool
	Notify        notifier.Options
	Observe       func(channel string, class notifier.Class)
}

// App is the running whole.
type App struct {
	Parts
	DB       *store.DB
	Runner   *scheduler.Runner
	Periodic *scheduler.Periodic
	Notifier *notifier.Notifier

	lock  *store.Lock
	bus   notifier.Bus
	pub   *events.Publisher // nil: no other system listens
	pulse pulse
	poke  chan struct{}
	stop  context.CancelFunc // ends the workers of the bus
	look  check
}

// Open takes the lock of the data file, opens store and bus, and begins to
// consume. Close undoes it. Nothing moves before Run, or before the caller
// drives Runner and Notifier itself.
func Open(ctx context.Context, p Parts) (*App, error) {
	a, err := OpenStore(ctx, p)
	if err != nil {
		return nil, err
	}
	if err := a.openNotifier(ctx); err != nil {
		return nil, errors.Join(err, a.Close())
	}
	if p.NATSURL != "" && p.Events != "" {
		if a.pub, err = events.Open(a.DB, p.NATSURL, p.Events, p.Now); err != nil {
			return nil, errors.Join(err, a.Close())
		}
	}
	return a, nil
}

// OpenStore is Open without bus and notifier: plans can be added and acts
// applied, and what follows from them waits in the outbox for the next Open.
func OpenStore(ctx context.Context, p Parts) (a *App, err error) {
	if err := os.MkdirAll(filepath.Dir(p.File), 0o700); err != nil {
		return nil, fmt.Errorf("app: data folder: %w", err)
	}
	a = &App{Parts: p, poke: make(chan struct{}, 1)}
	defer func() {
		if err != nil {
			err = errors.Join(err, a.Close())
			a = nil
		}
	}()
	if a.lock, err = store.TakeLock(p.File); err != nil {
		return a, err
	}
	if a.DB, err = store.Open(ctx, p.File); err != nil {
		return a, err
	}
	a.look.begin(ctx, a.DB, a.lock.Clean())
	a.Runner = &scheduler.Runner{DB: a.DB, Library: p.Library, Calendar: p.Calendar, Now: p.Now, ManualLeaders: p.ManualLeaders}
	if a.Periodic, err = scheduler.NewPeriodic(a.Runner); err != nil {
		return a, err
	}
	moved, err := a.Runner.KeepCalendar(ctx)
	if moved > 0 {
		slog.Info("the calendar has changed; open assignments have computed their dates anew", "count", moved)
	}
	return a, err
}

func (a *App) openNotifier(ctx context.Context) (err error) {
	switch {
	case a.Bus != nil:
		a.bus = a.Bus
	case a.NATSURL != "":
		a.bus, err = notifier.OpenOutside(ctx, a.NATSURL)
	default:
		a.bus, err = notifier.OpenEmbedded(ctx, a.NATSDir)
	}
	if err != nil {
		return err
	}
	a.Notifier = &notifier.Notifier{DB: a.DB, Org: a.Org, Calendar: a.Calendar, Defs: a.Runner.Definition, Bus: a.bus,
		Channels: a.Channels, Now: a.Now, Options: a.Notify, Observe: a.Observe, Rounded: func() { a.pulse.notifier.Store(a.Now().UnixMilli()) }}
	a.Runner.Wake = a.Notifier.Wake
	var workers context.Context
	workers, a.stop = context.WithCancel(context.WithoutCancel(ctx))
	return a.Notifier.Start(workers)
}

// Run drives scheduler and notifier by the real clock until ctx ends, then
// waits for both. It ends with an error when the check behind an unclean stop
// finds the data file damaged.
func (a *App) Run(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	loop := &scheduler.Loop{Runner: a.Runner, Periodic: a.Periodic, Poke: a.poke, Rounded: func() { a.pulse.scheduler.Store(a.Now().UnixMilli()) }}
	var wg sync.WaitGroup
	var errs [2]error
	wg.Go(func() { errs[0] = loop.Run(ctx) })
	wg.Go(func() { errs[1] = a.Notifier.Run(ctx) })
	wg.Go(func() {
		if a.look.damaged(ctx) {
			stop()
		}
	})
	if a.pub != nil {
		wg.Go(func() { a.pub.Run(ctx) }) // what fails there is logged there, and stops nothing here
	}
	wg.Wait()
	if a.DB.Damaged() {
		return fmt.Errorf("app: %s: %w", a.File, store.ErrDamaged)
	}
	if err := errors.Join(errs[0], errs[1]); !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// Ring sends a post over the bus that no delivery stands behind, so that its
// worker drops it: an error says that the bus does not answer.
func (a *App) Ring(ctx context.Context) error {
	return a.bus.Publish(ctx, []notifier.Post{{Queue: "mail", Key: "ring", ID: "ring"}})
}

// Poke makes the scheduler look again now.
func (a *App) Poke() {
	select {
	case a.poke <- struct{}{}:
	default:
	}
}

// Close stops the workers, waits for them, and closes bus, channels, store and lock.
func (a *App) Close() error {
	var errs []error
	if a.stop != nil {
		a.stop()
	}
	if a.pub != nil {
		errs = append(errs, a.pub.Close())
	}
	if a.bus != nil {
		errs = append(errs, a.bus.Close())
	}
	for _, c := range a.Channels {
		if x, ok := c.(interface{ Close() error }); ok {
			errs = append(errs, x.Close())
		}
	}
	sound := a.look.end()
	if a.DB != nil {
		err := a.DB.Close()
		if err == nil && sound {
			err = a.lock.MarkClean()
		}
		errs = append(errs, err)
	}
	if a.lock != nil {
		errs = append(errs, a.lock.Release())
	}
	return errors.Join(errs...)
}

// Act applies what a person did. by is a person's id; the roles come from the
// organisation on that day. What the office fills in for a unit keeps both names.
func (a *App) Act(ctx context.Context, slip string, kind engine.EventKind, by string, data map[string]string, version int) (engine.Instance, error) {
	person, ok := a.Org.Person(by)
	if !ok {
		return engine.Instance{}, fmt.Errorf("act: person %q is not in the organisation", by)
	}
	in, err := a.Runner.Act(ctx, slip, version, engine.Event{Kind: kind, Data: data}, func(in *engine.Instance) engine.Actor {
		return a.actor(person, in, kind)
	})
	a.Poke()
	return in, err
}

// unitsActs are what a unit does; when the office does it, it fills in for the unit (代填).
var unitsActs = []engine.EventKind{"acknowledge", "report", "request_close", "ask_extension", "contest", "tick", "set_date"}

func (a *App) actor(p org.Person, in *engine.Instance, kind engine.EventKind) engine.Actor {
	out := engine.Actor{Person: p.ID, Name: p.Name}
	today := a.Calendar.DateOf(a.Now())
	stands := a.Org.StandsInFor(p.ID, in.Unit, in.Party, today)
	for _, r := range a.Org.Roles(p.ID, in.Unit, in.Party, today) {
		out.Roles = append(out.Roles, engine.Role(r))
		if asUnit := r == string(engine.RoleLead); asUnit == slices.Contains(unitsActs, kind) && out.AsSub == "" {
			out.AsSub = stands[r].Name
		}
	}
	if slices.Contains(unitsActs, kind) && !slices.Contains(out.Roles, engine.RoleLead) && slices.Contains(out.Roles, engine.RoleOffice) {
		out.For = in.Unit
	}
	return out
}
