package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"duban/cmd/duban/internal/app"
	"duban/cmd/duban/internal/config"
	"duban/cmd/duban/internal/control"
	"duban/cmd/duban/internal/heartbeat"
)

// serveCmd runs the service.
type serveCmd struct {
	Config string `short:"c" help:"Settings." default:"config.yaml" placeholder:"FILE"`
}

// Help is the longer text of --help.
func (serveCmd) Help() string {
	return `Runs timers, sends what is due and answers the other commands, until SIGTERM or
Ctrl-C; then it ends within ten seconds and loses nothing.

  duban serve -c /etc/duban/config.yaml
  curl http://127.0.0.1:8080/healthz     200, or 503 when database or loops are dead
  curl http://127.0.0.1:8080/metrics     for Prometheus; metrics.listen moves it
  duban plan add plan.yaml -c /etc/duban/config.yaml

Logs go to standard error (log.level, log.format). One data folder, one service: a
second one ends at once with exit code 1. Commands reach the service through
duban.sock in the data folder, which only the service's own account can open.

Without mail.host it starts all the same: e-mail waits until there is a server.
Robots without a key under wecom.robots are left out, their notices go by mail.`
}

// The times of an orderly end, ten seconds together at most.
const (
	requestsEnd = 2 * time.Second                     // open requests may finish
	dataEnd     = attemptsEnd + 2500*time.Millisecond // what came of messages on their way is recorded, files are closed
)

// Run is called by the parser.
func (c *serveCmd) Run(ctx context.Context, s streams) error {
	cfg, err := loadConfig(c.Config)
	if err != nil {
		return err
	}
	logTo(s.Err, cfg.Log)
	for _, w := range cfg.Warnings() {
		slog.Warn(w.Error())
	}
	m := newMetrics(clockOf(s))
	p, err := serviceParts(ctx, cfg, s, m)
	if err != nil {
		return err
	}
	a, err := app.Open(ctx, p)
	if err != nil {
		return err
	}
	err = serve(ctx, cfg, a, m)
	return errors.Join(err, within(dataEnd, a.Close))
}

// logTo makes slog write to w as config says.
func logTo(w io.Writer, l config.Log) {
	levels := map[string]slog.Level{"debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError}
	o := &slog.HandlerOptions{Level: levels[l.Level]}
	var h slog.Handler = slog.NewTextHandler(w, o)
	if l.Format == "json" {
		h = slog.NewJSONHandler(w, o)
	}
	slog.SetDefault(slog.New(h))
}

// serviceParts are the parts with clock, channels and metrics.
func serviceParts(ctx context.Context, cfg *config.Config, s streams, m *metrics) (app.Parts, error) {
	p, err := dataParts(cfg, s)
	if err != nil {
		return p, err
	}
	for _, w := range p.Org.Warnings() {
		slog.Warn(w.Error())
	}
	var warnings []string
	if p.Org, warnings, err = reachable(cfg, p.Org); err != nil {
		return p, err
	}
	for _, w := range warnings {
		slog.Warn(w)
	}
	p.Observe = m.observe
	p.Channels, err = channels(ctx, cfg)
	return p, err
}

// dataParts are the parts without channels, on the clock of s.
func dataParts(cfg *config.Config, s streams) (app.Parts, error) {
	if strings.Contains(cfg.DSN(), "://") {
		return app.Parts{}, usage("store.dsn: this version keeps its data in a file; leave store.dsn empty or name a file")
	}
	p, err := parts(cfg)
	p.Now = clockOf(s)
	return p, err
}

// clockOf is the clock a command was handed, else the machine's.
func clockOf(s streams) func() time.Time {
	if s.Now != nil {
		return s.Now
	}
	return app.System
}

// door is one listener and what answers on it.
type door struct {
	net.Listener
	handler http.Handler
}

// serve opens the doors and runs a until ctx ends or a door fails.
func serve(ctx context.Context, cfg *config.Config, a *app.App, m *metrics) error {
	doors, err := openDoors(ctx, cfg, a, m)
	if err != nil {
		return err
	}
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	stopHearts, err := startHearts(ctx, cfg, a, m)
	if err != nil {
		return errors.Join(err, answerAt(doors, fail)())
	}
	closeDoors := answerAt(doors, fail)
	systemd := heartbeat.NewSystemd(os.Getenv)
	tell(systemd.Ready())
	slog.Info("duban serves", "web", doors[0].Addr().String(), "metrics", doors[len(doors)-2].Addr().String(),
		"socket", control.Socket(cfg.Data), "data", a.File)
	err = a.Run(ctx)
	if cause := context.Cause(ctx); !errors.Is(cause, context.Canceled) {
		err = errors.Join(err, cause)
	}
	slog.Info("duban ends")
	tell(systemd.Stopping())
	stopHearts()
	return errors.Join(err, closeDoors())
}

// tell logs that systemd could not be told: the service goes on without.
func tell(err error) {
	if err != nil {
		slog.Warn("systemd", "err", err)
	}
}

// startHearts begins the heartbeats that config and systemd ask for. The answer
// ends them and waits.
func startHearts(ctx context.Context, cfg *config.Config, a *app.App, m *metrics) (stop func(), err error) {
	ways, err := hearts(cfg, a)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	for _, w := range ways {
		w.Heard = func() { m.heard(w.Name, a.Now()) }
		wg.Go(func() { w.Run(ctx, a.Well) })
	}
	return func() { cancel(); wg.Wait() }, nil
}

// hearts are the ways in which the service says that it is well.
func hearts(cfg *config.Config, a *app.App) ([]heartbeat.Way, error) {
	var ways []heartbeat.Way
	h := &cfg.Heartbeat
	if h.URL != "" {
		u, err := heartbeat.NewURL(h.URL.Reveal(), h.Method, h.AllowHosts)
		if err != nil {
			return nil, err
		}
		ways = append(ways, heartbeat.Way{Name: "url", Every: h.Every, Beat: u.Beat})
	}
	if h.NATS {
		ways = append(ways, heartbeat.Way{Name: "nats", Every: h.Every, Beat: a.Beat})
	}
	if w, ok := heartbeat.NewSystemd(os.Getenv).Watchdog(); ok {
		ways = append(ways, w)
	}
	return ways, nil
}

// openDoors listens: web first, the control socket last, metrics before it when
// they have an address of their own.
func openDoors(ctx context.Context, cfg *config.Config, a *app.App, m *metrics) (doors []door, err error) {
	defer func() {
		if err != nil {
			for _, d := range doors {
				err = errors.Join(err, d.Close())
			}
		}
	}()
	listen := func(setting, address string, h http.Handler) error {
		l, err := net.Listen("tcp", address)
		if err != nil {
			return fmt.Errorf("serve: %s: %w", setting, err)
		}
		doors = append(doors, door{l, h})
		return nil
	}
	own := cfg.Metrics.Listen != "" && cfg.Metrics.Listen != cfg.Web.Listen
	web, measures := http.NewServeMux(), http.NewServeMux()
	web.Handle("GET /healthz", &watch{app: a, started: a.Now()})
	web.Handle("GET /{$}", frontPage{a, cfg.Organisation.Name, !own})
	if !own {
		measures = web
	}
	answer, err := m.handler(ctx, a)
	if err != nil {
		return doors, err
	}
	measures.Handle("GET /metrics", answer)
	if err := listen("web.listen", cfg.Web.Listen, web); err != nil {
		return doors, err
	}
	if own {
		if err := listen("metrics.listen", cfg.Metrics.Listen, measures); err != nil {
			return doors, err
		}
	}
	l, err := control.Listen(cfg.Data)
	if err == nil {
		doors = append(doors, door{l, control.Handler(a)})
	}
	return doors, err
}

// answerAt serves every door; one that fails calls fail. The answer closes them.
func answerAt(doors []door, fail context.CancelCauseFunc) func() error {
	var wg sync.WaitGroup
	var servers []*http.Server
	for _, d := range doors {
		srv := &http.Server{Handler: d.handler, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute, IdleTimeout: time.Minute,
			ErrorLog: slog.NewLogLogger(slog.Default().Handler(), slog.LevelWarn)}
		servers = append(servers, srv)
		wg.Go(func() {
			if err := srv.Serve(d); !errors.Is(err, http.ErrServerClosed) {
				fail(fmt.Errorf("serve: %s: %w", d.Addr(), err))
			}
		})
	}
	return func() error {
		ctx, cancel := context.WithTimeout(context.Background(), requestsEnd)
		defer cancel()
		var errs []error
		for _, srv := range servers {
			if srv.Shutdown(ctx) != nil { // a request that does not end is cut off
				errs = append(errs, srv.Close())
			}
		}
		wg.Wait()
		return errors.Join(errs...)
	}
}

// within bounds an end that may hang.
func within(limit time.Duration, end func() error) error {
	done := make(chan error, 1)
	go func() { done <- end() }()
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case err := <-done:
		return err
	case <-timer.C:
		return fmt.Errorf("serve: not everything was closed after %s; nothing is lost, messages on their way are looked at again at the next start", limit)
	}
}
