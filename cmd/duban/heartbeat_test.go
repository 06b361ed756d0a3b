package main

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"duban/cmd/duban/internal/app"
	"duban/cmd/duban/internal/heartbeat"
	"duban/notifier"
)

const heartCanary = "canary-heart-3f0c"

// deadMan is a dead man's switch: it counts the signs of life.
type deadMan struct {
	*httptest.Server
	beats atomic.Int64
	code  atomic.Int64 // of the answers; 0: 200
	asked sync.Map
}

func newDeadMan(t *testing.T) *deadMan {
	t.Helper()
	d := &deadMan{}
	d.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		d.asked.Store(r.Method+" "+r.URL.Path, true)
		d.beats.Add(1)
		if code := int(d.code.Load()); code != 0 {
			w.Header().Set("Location", "/elsewhere")
			w.WriteHeader(code)
		}
	}))
	t.Cleanup(d.Close)
	return d
}

// stuckBus is a bus on which nothing goes out any more.
type stuckBus struct {
	notifier.Bus
	gate chan struct{} // closed: it goes
}

func (b stuckBus) Publish(ctx context.Context, posts []notifier.Post) error {
	select {
	case <-b.gate:
		return b.Bus.Publish(ctx, posts)
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Each loop is stalled in turn: the heartbeat stops, and goes on when the loop does.
func TestTheHeartbeatStopsWithEitherLoop(t *testing.T) {
	for name, stall := range map[string]func(a *app.App, gate chan struct{}){
		"scheduler": func(a *app.App, gate chan struct{}) {
			wake := a.Runner.Wake
			a.Runner.Wake = func() { <-gate; wake() } // the round hangs after its commit
		},
		"notifier": func(a *app.App, gate chan struct{}) { a.Notifier.Bus = stuckBus{a.Notifier.Bus, gate} },
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t, "")
			h.want(0, nil, "plan", "add", h.file("plan.yaml")) // its notices are for tomorrow, 09:00
			a, m := h.open()
			defer a.Close()
			gate := make(chan struct{})
			stall(a, gate)
			far := newDeadMan(t)
			u, err := heartbeat.NewURL(far.URL+"/"+heartCanary, "POST", []string{"127.0.0.1"})
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithCancel(t.Context())
			var wg sync.WaitGroup
			defer func() { cancel(); wg.Wait() }()
			wg.Go(func() {
				if err := a.Run(ctx); err != nil {
					t.Error(err)
				}
			})
			way := heartbeat.Way{Name: "url", Every: 20 * time.Millisecond, Beat: u.Beat, Heard: func() { m.heard("url", a.Now()) }}
			wg.Go(func() { way.Run(ctx, a.Well) })
			h.eventually("three heartbeats", func() bool { return far.beats.Load() >= 3 })

			// Something is due: the stalled loop takes it up and hangs. Time passes; the
			// other loop goes on coming round.
			h.to("2023-02-22 09:00")
			look := func() { a.Poke(); a.Notifier.Wake() }
			look()
			if name == "scheduler" {
				h.to("2023-02-24 09:00") // 待签收: a reminder is written by a timer
				look()
			}
			time.Sleep(300 * time.Millisecond)
			h.clock.Set(h.clock.Now().Add(3 * time.Minute))
			h.eventually("word of the stalled "+name, func() bool {
				look()
				err := a.Well(ctx)
				return err != nil && strings.Contains(err.Error(), "the "+name+" has not come round") && !strings.Contains(err.Error(), "\n")
			})
			time.Sleep(100 * time.Millisecond) // a beat that was on its way
			before := far.beats.Load()
			time.Sleep(200 * time.Millisecond)
			if after := far.beats.Load(); after != before {
				t.Errorf("%d heartbeats while the %s stood still", after-before, name)
			}
			close(gate)
			h.eventually("heartbeat again", func() bool { look(); return far.beats.Load() > before+1 })
		})
	}
}

func TestTheHeartbeatStopsWhenTheDatabaseDoesNotAnswer(t *testing.T) {
	h := newHouse(t, "")
	a, _ := h.open()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- a.Run(ctx) }()
	h.eventually("health", func() bool { return a.Well(ctx) == nil })
	cancel()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	if err := a.Well(t.Context()); err == nil || strings.Contains(err.Error(), "come round") {
		t.Errorf("with a closed database: %v", err)
	}
}

// systemd starts the service and is told: ready, alive, stopping.
func TestServiceUnderSystemdWithADeadMansSwitch(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "notify")
	l, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: socket, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	t.Setenv("NOTIFY_SOCKET", socket)
	t.Setenv("WATCHDOG_USEC", "100000")
	hear := func() string {
		b := make([]byte, 100)
		l.SetReadDeadline(time.Now().Add(15 * time.Second))
		n, err := l.Read(b)
		if err != nil {
			t.Fatal(err)
		}
		return string(b[:n])
	}
	far := newDeadMan(t)
	far.code.Store(404)
	h := newHouse(t, "heartbeat: {url_file: heart.url, every: 10s, allow_hosts: [127.0.0.1]}\n")
	h.write("heart.url", far.URL+"/"+heartCanary+"\n")
	r := h.serve()
	for _, want := range []string{"READY=1", "WATCHDOG=1", "WATCHDOG=1"} {
		if got := hear(); got != want {
			t.Fatalf("systemd hears %q, want %q", got, want)
		}
	}
	metrics := r.measures(`duban_heartbeat_last_timestamp_seconds{to="systemd"} 1.6769`)
	h.eventually("request", func() bool { return far.beats.Load() == 1 })
	h.eventually("line in the log", func() bool { return strings.Contains(r.log.String(), "the far side answered 404") })
	if _, ok := far.asked.Load("GET /" + heartCanary); !ok || strings.Contains(metrics, `{to="url"}`) {
		t.Errorf("asked %v; a refused heartbeat must not count", &far.asked)
	}
	if code := r.stop(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	for got := hear(); got != "STOPPING=1"; got = hear() {
		if got != "WATCHDOG=1" {
			t.Fatalf("systemd hears %q at the end", got)
		}
	}
	if strings.Contains(r.log.String()+metrics, heartCanary) {
		t.Errorf("the address is printed:\n%s", r.log)
	}
}

func TestTheHeartbeatGoesNowhereElse(t *testing.T) {
	far := newDeadMan(t)
	if _, err := heartbeat.NewURL(far.URL+"/"+heartCanary, "GET", nil); err == nil || strings.Contains(err.Error(), heartCanary) {
		t.Errorf("plain HTTP to a host that is not listed: %v", err)
	}
	inside, err := heartbeat.NewURL(strings.Replace(far.URL, "http:", "https:", 1)+"/"+heartCanary, "GET", nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := inside.Beat(t.Context()); err == nil || !strings.Contains(err.Error(), "not a public address") || strings.Contains(err.Error(), heartCanary) {
		t.Errorf("a private address: %v", err)
	}
	far.code.Store(302)
	moved, err := heartbeat.NewURL(far.URL+"/"+heartCanary, "GET", []string{"127.0.0.1"})
	if err != nil {
		t.Fatal(err)
	}
	if err := moved.Beat(t.Context()); err == nil || !strings.Contains(err.Error(), "302") || far.beats.Load() != 1 {
		t.Errorf("a redirect: %v after %d requests", err, far.beats.Load())
	}
	far.Close()
	if err := moved.Beat(t.Context()); err == nil || strings.Contains(err.Error(), heartCanary) {
		t.Errorf("nobody listens: %v", err)
	}
}
