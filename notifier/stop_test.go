package notifier_test

import (
	"context"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jmoiron/sqlx"

	"duban/engine"
	"duban/notifier"
)

// TestAStopDuringASend: the attempt under way ends in peace and its outcome is
// written down.
func TestAStopDuringASend(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "2023-03-01 09:00", func(h *house) { h.options.MailWorkers = 1 })
	sending, release := make(chan struct{}), make(chan struct{})
	h.mail.before = func(m notifier.Message) {
		if m.To.Person == "feng.guodong" {
			close(sending)
			<-release
		}
	}
	h.matter("科技处", "修订科研办法", "2023-06-30")
	ctx, cancel := context.WithCancel(h.ctx)
	defer cancel()
	go h.n.Flush(ctx)
	<-sending
	cancel()
	time.AfterFunc(50*time.Millisecond, func() { close(release) })
	h.halt() // waits for the worker
	same(t, "head", h.got("feng.guodong"), []string{"03-01 09:00:00"})
	for _, d := range h.deliveries("") {
		if d.Person == "feng.guodong" && d.State != "sent" {
			t.Errorf("the outcome was not recorded: %+v", d)
		}
	}
	h.mail.before = nil
	h.start()
	h.flush()
	h.expectAllOnce()
}

// TestAStopDoesNotWaitForever: a far side that hangs is given a grace, and that
// nobody knows what became of the message is written down.
func TestAStopDoesNotWaitForever(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := bubble(t)
		defer h.db.Close()
		hung := make(chan struct{})
		h.far = func(ctx context.Context, _ notifier.Message) notifier.Result {
			close(hung)
			<-ctx.Done()
			return notifier.Result{Class: notifier.Ambiguous, Words: ctx.Err().Error()}
		}
		key := h.deliveryTo("head000")
		go h.n.Run(h.run)
		<-hung
		began := time.Now()
		h.stop()
		h.bus.Close()
		if took := time.Since(began); took > 20*time.Second {
			t.Errorf("the stop took %v", took)
		}
		same(t, "ledger", h.ledger(key()), []string{"09:00:10 ambiguous"})
	})
}

// bubbled is a house without network, on the fake clock of synctest.
type bubbled struct {
	house
	run context.Context // ends with stop
	far func(context.Context, notifier.Message) notifier.Result
}

type farSide struct {
	name string
	b    *bubbled
}

func (f farSide) Name() string { return f.name }

func (f farSide) Send(ctx context.Context, m notifier.Message) notifier.Result {
	return f.b.far(ctx, m)
}

// bubble opens a house that stands just before nine on a Monday.
func bubble(t *testing.T) *bubbled {
	t.Helper()
	b := &bubbled{house: house{t: t, dir: t.TempDir(), clock: &clock{}}}
	b.load()
	b.org = province(t, 1)
	b.ctx = context.Background()
	b.run, b.stop = context.WithCancel(b.ctx)
	time.Sleep(time.Until(at(t, "2000-01-03 08:59:50")))
	b.clock.set(time.Now())
	b.openStore()
	b.bus = notifier.NewMemory()
	b.n = &notifier.Notifier{DB: b.db, Org: b.org, Calendar: b.cal, Defs: b.definition, Bus: b.bus,
		Channels: []notifier.Channel{farSide{"mail", b}, farSide{"wecom", b}}, Now: time.Now}
	if err := b.n.Start(b.run); err != nil {
		t.Fatal(err)
	}
	return b
}

// deliveryTo issues a matter of which one person alone hears;
// the answer finds that person's delivery.
func (b *bubbled) deliveryTo(person string) func() string {
	b.t.Helper()
	b.clock.set(time.Now())
	b.matter("单位000", "修订办法", "2000-03-31")
	b.sql(`UPDATE outbox SET state = 'withdrawn' WHERE role <> 'lead.head'`)
	return func() string {
		all := b.deliveries("")
		if len(all) != 1 || all[0].Person != person {
			b.t.Fatalf("deliveries %+v", all)
		}
		return all[0].Key
	}
}

// TestTheLoopRunsByItself: it hears of a notice, sends the morning's
// message in the morning, the retries at their times.
func TestTheLoopRunsByItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := bubble(t)
		defer h.db.Close()
		var failures atomic.Int32
		failures.Store(2)
		h.far = func(context.Context, notifier.Message) notifier.Result {
			if failures.Add(-1) >= 0 {
				return notifier.Result{Class: notifier.Temporary, Code: "451"}
			}
			return notifier.Result{Class: notifier.Accepted, Code: "250"}
		}
		go h.n.Run(h.run)
		time.Sleep(time.Second)
		key := h.deliveryTo("head000")
		h.n.Wake()
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		same(t, "ledger", h.ledger(key()), []string{"09:00:00 temporary 451", "09:00:30 temporary 451", "09:02:30 accepted 250"})
		h.stop()
		h.bus.Close()
	})
}

// TestAnAnswerThatCannotBeWrittenIsNotAskedForTwice: the disk is full when the
// mail has been accepted. It is recorded later and not sent again.
func TestAnAnswerThatCannotBeWrittenIsNotAskedForTwice(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "2023-03-01 09:00")
	h.busy(1)
	h.matter("科技处", "修订科研办法", "2023-06-30")
	h.sql(`CREATE TRIGGER full BEFORE INSERT ON ledger BEGIN SELECT RAISE(ABORT, 'disk is full'); END`)
	flushed := make(chan error, 1)
	go func() { flushed <- h.n.Flush(h.ctx) }()
	waitFor(t, func() bool { return len(h.mail.messages()) == 2 })
	time.Sleep(100 * time.Millisecond)
	h.sql(`DROP TRIGGER full`)
	if err := <-flushed; err != nil {
		t.Fatal(err)
	}
	if n := len(h.mail.messages()); n != 2 {
		t.Errorf("%d attempts for two mails", n)
	}
	h.later(30 * time.Second) // the one that was answered 451
	if n := len(h.mail.messages()); n != 3 {
		t.Errorf("%d attempts in all, want 3", n)
	}
	h.audit()
}

// sql does something to the data file behind the store's back.
func (h *house) sql(q string) {
	h.t.Helper()
	db, err := sqlx.Open("sqlite", "file:"+filepath.Join(h.dir, "duban.db")+"?_pragma=busy_timeout(10000)")
	if err == nil {
		_, err = db.Exec(q)
		db.Close()
	}
	if err != nil {
		h.t.Fatal(err)
	}
}

func waitFor(t *testing.T, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("it did not happen within 20 s")
		}
	}
}

// TestAProcessKilledAfterTheSend: the answer is lost with it, so the message
// comes twice, with the same key.
func TestAProcessKilledAfterTheSend(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "2023-03-01 09:00")
	h.org = province(t, 1)
	h.halt()
	h.start()
	h.sql(`CREATE TRIGGER killed BEFORE INSERT ON ledger BEGIN SELECT RAISE(ABORT, 'killed'); END`)
	h.matter("单位000", "修订办法", "2023-06-30")
	ctx, cancel := context.WithCancel(h.ctx)
	go h.n.Flush(ctx)
	waitFor(t, func() bool { n, _, _ := h.box.Received(h.ctx); return n == 2 })
	cancel()
	h.halt()
	h.sql(`DROP TRIGGER killed`)
	h.start()
	h.flush()
	copies := map[string]int{}
	for _, a := range h.arrivals() {
		copies[a.Key+" "+a.To]++
	}
	for who, n := range copies {
		if n != 2 {
			t.Errorf("%s arrived %d times, want 2 under one key", who, n)
		}
	}
	if len(copies) != 2 || len(h.deliveries("sent")) != 2 {
		t.Errorf("copies %v", copies)
	}
}

// TestNothingIsLeftRunning after Close. It runs alone: it counts goroutines.
func TestNothingIsLeftRunning(t *testing.T) {
	before := runtime.NumGoroutine()
	for _, bus := range []func(h *house) (notifier.Bus, error){
		func(*house) (notifier.Bus, error) { return notifier.NewMemory(), nil },
		func(h *house) (notifier.Bus, error) {
			return notifier.OpenEmbedded(context.Background(), filepath.Join(h.dir, "jetstream"))
		},
	} {
		t.Run("", func(t *testing.T) {
			h := newHouse(t, "2023-03-01 09:00", func(h *house) { h.openBus = func() (notifier.Bus, error) { return bus(h) } })
			ctx, cancel := context.WithCancel(h.ctx)
			ran := make(chan error)
			go func() { ran <- h.n.Run(ctx) }()
			h.matter("教务处", "修订教学办法", "2023-06-30")
			h.n.Wake()
			waitFor(t, func() bool { return len(h.deliveries("sent")) == 2 })
			cancel()
			<-ran
		})
	}
	for deadline := time.Now().Add(10 * time.Second); runtime.NumGoroutine() > before; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			buf := make([]byte, 1<<20)
			t.Fatalf("%d goroutines, %d before:\n%s", runtime.NumGoroutine(), before, buf[:runtime.Stack(buf, true)])
		}
	}
}

// TestOddFactsAreWorded: facts that a workflow left empty.
func TestOddFactsAreWorded(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "2023-03-20 09:00")
	h.begin("supervision", engine.Facts{Occurrence: "2023-Q", Issued: h.cal.DateOf(h.clock.now())})
	f := h.facts("科技处", "修订科研办法", "2023-06-30")
	f.Occurrence = "2023-Q9"
	h.begin("assignment", f)
	h.flush()
	var to []string
	for _, m := range h.mail.messages() {
		to = append(to, fmt.Sprint(m.To.Person, len(m.Notices)))
	}
	slices.Sort(to)
	same(t, "sent", to, strings.Fields("feng.guodong1 yu.yang1 zhao.xuemei1"))
	h.audit()
}
