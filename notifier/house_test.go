package notifier_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"duban/engine"
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

func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.NewTextHandler(io.Discard, nil))) // failures are what is tested here
	os.Exit(m.Run())
}

// clock is a clock that moves only when it is told to.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *clock) set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = t
}

// spy is a channel that remembers what went through it. before may hold a
// message back; instead may answer for the far side.
type spy struct {
	notifier.Channel
	before  func(notifier.Message)
	instead func(context.Context, notifier.Message) (notifier.Result, bool)

	mu   sync.Mutex
	sent []notifier.Message
}

func (s *spy) Send(ctx context.Context, m notifier.Message) notifier.Result {
	s.mu.Lock()
	s.sent = append(s.sent, m)
	s.mu.Unlock()
	if s.before != nil {
		s.before(m)
	}
	if s.instead != nil {
		if r, ok := s.instead(ctx, m); ok {
			return r
		}
	}
	return s.Channel.Send(ctx, m)
}

func (s *spy) messages() []notifier.Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.sent)
}

// to are the messages to a person or, for a robot, to its name.
func (s *spy) to(name string) []notifier.Message {
	return slices.DeleteFunc(s.messages(), func(m notifier.Message) bool { return m.To.Person != name && m.To.Robot != name })
}

// house is a notifier with everything real around it: store, workflows,
// college, channels, and a post box with the vendors' limits.
type house struct {
	t       *testing.T
	ctx     context.Context
	dir     string
	clock   *clock
	org     *org.Org
	cal     *calendar.Calendar
	lib     *workflows.Library
	box     *postbox.Box
	mail    *spy
	robots  *spy
	options notifier.Options
	manual  bool               // leaders' notices wait for the office
	faults  func(*postbox.Box) // scripted before anything is sent
	timeout time.Duration
	account string // when set, the mail server wants a log-in
	stall   time.Duration
	openBus func() (notifier.Bus, error)

	db   *store.DB
	bus  notifier.Bus
	n    *notifier.Notifier
	stop context.CancelFunc
}

// at is a moment in the office's zone: "2023-03-01 09:00" or with seconds.
func at(t *testing.T, s string) time.Time {
	t.Helper()
	zone := time.FixedZone("CST", 8*3600)
	for _, layout := range []string{"2006-01-02 15:04", "2006-01-02 15:04:05"} {
		if v, err := time.ParseInLocation(layout, s, zone); err == nil {
			return v
		}
	}
	t.Fatalf("%q is no moment", s)
	return time.Time{}
}

// newHouse opens a house on a morning; the settings are applied before.
func newHouse(t *testing.T, begin string, settings ...func(*house)) *house {
	t.Helper()
	h := &house{t: t, ctx: t.Context(), dir: t.TempDir(), clock: &clock{t: at(t, begin)}, timeout: 20 * time.Second,
		options: notifier.DefaultOptions(), openBus: func() (notifier.Bus, error) { return notifier.NewMemory(), nil }}
	h.load()
	for _, set := range settings {
		set(h)
	}
	h.openBox()
	if h.faults != nil {
		h.faults(h.box)
	}
	h.channels()
	h.openStore()
	t.Cleanup(h.close)
	h.start()
	return h
}

// What does not change is read once for all tests.
var (
	college   = sync.OnceValues(seeds.Org)
	days      = sync.OnceValues(seeds.Calendar)
	processes = sync.OnceValues(workflows.Embedded)
)

func (h *house) load() {
	h.t.Helper()
	o, err1 := college()
	cal, err2 := days()
	lib, err3 := processes()
	if err := errors.Join(err1, err2, err3); err != nil {
		h.t.Fatal(err)
	}
	own := *o
	h.org, h.cal, h.lib = &own, cal, lib
}

func robotKey(name string) string { return "key-" + name }

func (h *house) openBox() {
	h.t.Helper()
	o := postbox.Options{Now: h.clock.now, Zone: h.cal.Location(), User: h.account, Password: h.account}
	for _, r := range h.org.Robots {
		o.Robots = append(o.Robots, postbox.Robot{Key: robotKey(r.Name), Name: r.Name})
	}
	var err error
	if h.box, err = postbox.Open(o); err == nil {
		err = h.box.Start(context.WithoutCancel(h.ctx))
	}
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) channels() {
	h.t.Helper()
	host, port, err := net.SplitHostPort(h.box.MailAddr())
	if err != nil {
		h.t.Fatal(err)
	}
	p, err := strconv.Atoi(port)
	if err != nil {
		h.t.Fatal(err)
	}
	m, err := mail.New(mail.Options{Host: host, Port: p, Security: mail.SecurityNone, From: "效能办 <xnb@demo.example>", KeepAlive: true, Timeout: h.timeout,
		Username: h.account, Password: h.account})
	if err != nil {
		h.t.Fatal(err)
	}
	u, err := url.Parse(h.box.RobotURL())
	if err != nil {
		h.t.Fatal(err)
	}
	w, err := wecom.New(wecom.Options{URL: h.box.RobotURL(), AllowHost: []string{u.Host}, Timeout: h.timeout,
		Key: func(robot string) (string, bool) { return robotKey(robot), true }})
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { m.Close() })
	h.mail, h.robots = &spy{Channel: m}, &spy{Channel: w}
}

func (h *house) openStore() {
	h.t.Helper()
	file := filepath.Join(h.dir, "duban.db")
	empty, err := tables()
	if err == nil {
		err = os.WriteFile(file, empty, 0o600)
	}
	if err == nil {
		h.db, err = store.Open(context.WithoutCancel(h.ctx), file)
	}
	if err != nil {
		h.t.Fatal(err)
	}
}

// tables is a data file without a row: migrating takes longer than most tests.
var tables = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "notifier-test-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "duban.db")
	db, err := store.Open(context.Background(), file)
	if err != nil {
		return nil, err
	}
	if err := db.Close(); err != nil {
		return nil, err
	}
	return os.ReadFile(file)
})

// start begins a new process on the same store.
func (h *house) start() {
	h.t.Helper()
	var err error
	if h.bus, err = h.openBus(); err != nil {
		h.t.Fatal(err)
	}
	h.n = &notifier.Notifier{DB: h.db, Org: h.org, Calendar: h.cal, Defs: h.definition, Bus: h.bus,
		Channels: []notifier.Channel{h.mail, h.robots}, Now: h.clock.now, Options: h.options}
	h.n.SetStall(h.stall)
	var ctx context.Context
	ctx, h.stop = context.WithCancel(context.WithoutCancel(h.ctx))
	if err := h.n.Start(ctx); err != nil {
		h.t.Fatal(err)
	}
}

// halt ends the process; the store and the far side stay.
func (h *house) halt() {
	h.t.Helper()
	h.stop()
	if err := h.bus.Close(); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) close() {
	h.halt()
	h.db.Close()
	h.box.Close()
}

func (h *house) definition(hash string) (*engine.Definition, error) {
	def, ok := h.lib.ByHash(hash)
	if !ok {
		return nil, fmt.Errorf("no definition %.12s", hash)
	}
	return def, nil
}

func (h *house) write(fn func(*store.Tx) error) {
	h.t.Helper()
	if err := h.db.Write(h.ctx, h.clock.now(), fn); err != nil {
		h.t.Fatal(err)
	}
}

// begin starts an instance of a shipped workflow now.
func (h *house) begin(workflow string, f engine.Facts) engine.Instance {
	h.t.Helper()
	var in engine.Instance
	h.write(func(tx *store.Tx) (err error) {
		in, err = h.beginIn(tx, workflow, f)
		return err
	})
	return in
}

func (h *house) beginIn(tx *store.Tx, workflow string, f engine.Facts) (engine.Instance, error) {
	def, ok := h.lib.Get(workflow)
	if !ok {
		return engine.Instance{}, fmt.Errorf("no workflow %s", workflow)
	}
	n, err := tx.Count("test starts")
	if err != nil {
		return engine.Instance{}, err
	}
	st := &engine.Start{Workflow: workflow, Key: fmt.Sprint("test ", n), Facts: f}
	if err := tx.AddDefinition(def.Hash, def.Name, h.lib.Source(def.Hash)); err != nil {
		return engine.Instance{}, err
	}
	in, _, err := tx.Create(st, def.Kind)
	if err != nil {
		return in, err
	}
	return h.step(tx, in, engine.Event{Kind: engine.EventStart, Start: st}, def)
}

func (h *house) step(tx *store.Tx, in engine.Instance, ev engine.Event, def *engine.Definition) (engine.Instance, error) {
	after, effects, err := engine.Step(def, in, ev, tx.Now.In(h.cal.Location()), h.cal)
	if err != nil {
		return in, err
	}
	return after, tx.Save(&after, &ev, effects, h.manual)
}

// matter is an assignment issued today with a deadline.
func (h *house) matter(unit, heading, due string) engine.Instance {
	h.t.Helper()
	return h.begin("assignment", h.facts(unit, heading, due))
}

// matters are many at once.
func (h *house) matters(all ...engine.Facts) {
	h.t.Helper()
	h.write(func(tx *store.Tx) error {
		for _, f := range all {
			if _, err := h.beginIn(tx, "assignment", f); err != nil {
				return err
			}
		}
		return nil
	})
}

func (h *house) facts(unit, heading, due string) engine.Facts {
	h.t.Helper()
	d, err := calendar.ParseDate(due)
	if err != nil {
		h.t.Fatal(err)
	}
	return engine.Facts{Plan: "p", PlanTitle: "年度工作要点", Item: "一.1", Heading: heading, Unit: unit,
		Issued: h.cal.DateOf(h.clock.now()), Due: d}
}
