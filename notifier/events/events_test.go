package events_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"duban/engine"
	"duban/engine/calendar"
	"duban/engine/store"
	"duban/notifier/events"
	"duban/seeds"
	"duban/workflows"
)

// house is a store with the shipped workflows, and a NATS server with open doors.
type house struct {
	*testing.T
	db   *store.DB
	lib  *workflows.Library
	cal  *calendar.Calendar
	now  time.Time
	port int
	dir  string
}

func newHouse(t *testing.T) *house {
	t.Helper()
	cal, err1 := seeds.Calendar()
	lib, err2 := workflows.Embedded()
	db, err3 := store.Open(t.Context(), filepath.Join(t.TempDir(), "duban.db"))
	if err := errors.Join(err1, err2, err3); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return &house{T: t, db: db, lib: lib, cal: cal, now: time.Date(2023, 2, 17, 9, 0, 0, 0, cal.Location()), port: server.RANDOM_PORT, dir: t.TempDir()}
}

func (h *house) clock() time.Time { return h.now }

// nats runs a server as an operator would, on the port it had before.
func (h *house) nats() *server.Server {
	h.Helper()
	srv, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: h.port, JetStream: true, StoreDir: h.dir, NoSigs: true, NoLog: true})
	if err != nil {
		h.Fatal(err)
	}
	srv.Start()
	if !srv.ReadyForConnections(10 * time.Second) {
		h.Fatal("the server did not get ready")
	}
	h.Cleanup(func() { srv.Shutdown(); srv.WaitForShutdown() })
	h.port = srv.Addr().(*net.TCPAddr).Port
	return srv
}

func (h *house) url() string { return fmt.Sprintf("nats://127.0.0.1:%d", h.port) }

func (h *house) publisher() *events.Publisher {
	h.Helper()
	p, err := events.Open(h.db, h.url(), "https://duban.example", h.clock)
	if err != nil {
		h.Fatal(err)
	}
	h.Cleanup(func() { p.Close() })
	return p
}

// publish has everything published.
func (h *house) publish(p *events.Publisher, want int) {
	h.Helper()
	for sent := 0; ; {
		n, err := p.Publish(h.Context())
		if err != nil {
			h.Fatal(err)
		}
		if sent += n; n == 0 {
			if sent != want {
				h.Errorf("%d events were published, want %d", sent, want)
			}
			return
		}
	}
}

// stream is what another system reads from the stream, from its beginning.
func (h *house) stream() (subjects []string, all []events.Event, raw []string) {
	h.Helper()
	nc, err := nats.Connect(h.url())
	if err != nil {
		h.Fatal(err)
	}
	defer nc.Close()
	js, err := jetstream.New(nc)
	if err != nil {
		h.Fatal(err)
	}
	c, err := js.OrderedConsumer(h.Context(), events.Stream, jetstream.OrderedConsumerConfig{FilterSubjects: []string{"duban.events.>"}})
	if err != nil {
		h.Fatal(err)
	}
	info, err := c.Info(h.Context())
	if err != nil {
		h.Fatal(err)
	}
	for range info.NumPending {
		m, err := c.Next(jetstream.FetchMaxWait(5 * time.Second))
		if err != nil {
			h.Fatal(err)
		}
		var e events.Event
		if err := json.Unmarshal(m.Data(), &e); err != nil {
			h.Fatal(err)
		}
		if m.Headers().Get("Nats-Msg-Id") != e.ID || m.Headers().Get("Content-Type") != "application/cloudevents+json; charset=utf-8" {
			h.Errorf("headers %v of %s", m.Headers(), e.ID)
		}
		subjects, all, raw = append(subjects, m.Subject()), append(all, e), append(raw, string(m.Data()))
	}
	return subjects, all, raw
}

func (h *house) begin(f engine.Facts) engine.Instance {
	h.Helper()
	def, _ := h.lib.Get("assignment")
	var in engine.Instance
	err := h.db.Write(h.Context(), h.now, func(tx *store.Tx) error {
		n, err := tx.Count("test starts")
		if err != nil {
			return err
		}
		st := &engine.Start{Workflow: "assignment", Key: fmt.Sprint("test ", n), Facts: f}
		if err := tx.AddDefinition(def.Hash, def.Name, h.lib.Source(def.Hash)); err != nil {
			return err
		}
		if in, _, err = tx.Create(st, def.Kind); err != nil {
			return err
		}
		in, err = h.step(tx, in, engine.Event{Kind: engine.EventStart, Start: st})
		return err
	})
	if err != nil {
		h.Fatal(err)
	}
	return in
}

func (h *house) step(tx *store.Tx, in engine.Instance, ev engine.Event) (engine.Instance, error) {
	def, _ := h.lib.Get("assignment")
	after, effects, err := engine.Step(def, in, ev, h.now, h.cal)
	if err != nil {
		return in, err
	}
	return after, tx.Save(&after, &ev, effects, false)
}

func (h *house) act(in engine.Instance, kind engine.EventKind, by engine.Actor, data map[string]string) engine.Instance {
	h.Helper()
	err := h.db.Write(h.Context(), h.now, func(tx *store.Tx) (err error) {
		in, err = h.step(tx, in, engine.Event{Kind: kind, By: by, Data: data})
		return err
	})
	if err != nil {
		h.Fatal(err)
	}
	return in
}

var (
	zhou   = engine.Actor{Person: "zhou.zhiqiang", Name: "周志强", Roles: []engine.Role{engine.RoleLead}}
	matter = engine.Facts{Plan: "002", PlanTitle: "2023年党建工作要点", Item: "三.(一).1", Heading: "开展半年自查", Unit: "党委组织部",
		Issued: calendar.Of(2023, 2, 17), Due: calendar.Of(2023, 6, 30)}
)

// Another system hears what happens, in order, and nothing that is nobody's business.
func TestAnotherSystemListens(t *testing.T) {
	h := newHouse(t)
	h.nats()
	p := h.publisher()
	in := h.begin(matter)
	secret := matter
	secret.Sensitive, secret.Heading = true, "干部考察"
	hidden := h.begin(secret)
	h.now = h.now.Add(time.Hour)
	in = h.act(in, "acknowledge", zhou, nil)
	in = h.act(in, "report", zhou, map[string]string{"progress": "已召开动员会"})
	h.act(hidden, "acknowledge", zhou, nil)
	h.act(in, "request_close", zhou, map[string]string{"result": "全部完成"})
	h.publish(p, 6)

	subjects, all, raw := h.stream()
	want := []string{"assigned", "assigned", "in_progress", "in_progress", "in_progress", "to_check"}
	for i, s := range want {
		want[i] = "duban.events.assignment." + s
	}
	if !slices.Equal(subjects, want) {
		t.Errorf("subjects %q", subjects)
	}
	e := all[3]
	if e.SpecVersion != "1.0" || len(e.ID) != 64 || e.Source != "https://duban.example" || e.Type != "duban.assignment.report.v1" ||
		e.Subject != in.Slip || e.Time != "2023-02-17T02:00:00Z" || e.Sequence != "00000000000000000004" || e.DataContentType != "application/json" {
		t.Errorf("got %+v", e)
	}
	if d := (events.Data{Slip: in.Slip, Workflow: "assignment", Kind: "assignment", Event: "report", State: "in_progress", Was: "in_progress",
		Version: 3, By: "zhou.zhiqiang", Plan: "002", Item: "三.(一).1", Unit: "党委组织部"}); e.Data != d {
		t.Errorf("got %+v", e.Data)
	}
	if all[0].Data.Was != "" || all[2].Data.Was != "assigned" || all[0].Data.Event != "start" {
		t.Errorf("got %+v, %+v", all[0].Data, all[2].Data)
	}
	for i, e := range all {
		if e.Subject == hidden.Slip && e.Data != (events.Data{Slip: hidden.Slip}) {
			t.Errorf("of a sensitive matter it says %+v", e.Data)
		}
		for _, word := range []string{"周志强", "动员会", "全部完成", "半年自查", "干部考察"} {
			if strings.Contains(raw[i], word) {
				t.Errorf("%s is in %s", word, raw[i])
			}
		}
	}
}

// A restart goes on where it stood. A crash before that was written down sends
// again, and the stream knows the ids.
func TestEventsGoOnAfterARestart(t *testing.T) {
	h := newHouse(t)
	h.nats()
	p := h.publisher()
	in := h.begin(matter)
	h.publish(p, 1)
	p.Close()
	in = h.act(in, "acknowledge", zhou, nil)
	p = h.publisher()
	h.publish(p, 1)
	if err := h.db.Write(t.Context(), h.now, func(tx *store.Tx) error { return tx.SetMeta("events.published", "0") }); err != nil {
		t.Fatal(err)
	}
	h.act(in, "report", zhou, map[string]string{"progress": "x"})
	h.publish(p, 3)
	h.holds(1, 2, 3)
}

// holds checks the numbers of the history rows in the stream.
func (h *house) holds(want ...int) {
	h.Helper()
	_, all, _ := h.stream()
	var got []int
	for _, e := range all {
		var n int
		if _, err := fmt.Sscanf(e.Sequence, "%d", &n); err != nil {
			h.Fatal(err)
		}
		got = append(got, n)
	}
	if !slices.Equal(got, want) {
		h.Errorf("the stream holds the rows %v, want %v", got, want)
	}
}

// The servers are away: the office works on, and everything goes when they are back.
func TestServersAreAway(t *testing.T) {
	h := newHouse(t)
	srv := h.nats()
	srv.Shutdown()
	srv.WaitForShutdown()
	p := h.publisher()
	in := h.begin(matter)
	if _, err := p.Publish(t.Context()); err == nil {
		t.Fatal("published to nobody")
	}
	in = h.act(in, "acknowledge", zhou, nil)

	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := p.Run(ctx); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
	h.nats()
	h.published("2")
	h.act(in, "report", zhou, map[string]string{"progress": "x"}) // heard while it runs
	h.published("3")
	cancel()
	wg.Wait()
	h.holds(1, 2, 3)
}

// published waits until the watermark has come to a history row.
func (h *house) published(row string) {
	h.Helper()
	limit := time.After(30 * time.Second)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		v, err := h.db.Meta(h.Context(), "events.published")
		if err != nil {
			h.Fatal(err)
		}
		if v == row {
			return
		}
		select {
		case <-tick.C:
		case <-limit:
			h.Fatalf("the watermark stands at %q, want %s", v, row)
		}
	}
}

// Somebody deletes the stream: it is made anew and filled with thirty days.
func TestLostStreamIsFilledFromTheHistory(t *testing.T) {
	h := newHouse(t)
	srv := h.nats()
	p := h.publisher()
	in := h.begin(matter)
	h.now = h.now.AddDate(0, 0, 20)
	in = h.act(in, "acknowledge", zhou, nil)
	h.publish(p, 2)
	nc, err := nats.Connect(srv.ClientURL())
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	if err := js.DeleteStream(t.Context(), events.Stream); err != nil {
		t.Fatal(err)
	}
	h.now = h.now.AddDate(0, 0, 20)
	h.act(in, "report", zhou, map[string]string{"progress": "x"})
	if _, err := p.Publish(t.Context()); err == nil {
		t.Fatal("published to a stream that is not there")
	}
	h.publish(p, 2) // the start is forty days ago
	h.holds(2, 3)
}
