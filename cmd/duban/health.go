package main

import (
	"context"
	"encoding/json"
	"html/template"
	"log/slog"
	"math"
	"net/http"
	"time"

	"duban/cmd/duban/internal/app"
	"duban/cmd/duban/internal/control"
	"duban/engine/store"
)

// stuckAfter is how long something may be overdue before the loop that should
// have moved it counts as dead.
const stuckAfter = 5 * time.Minute

// health is what /healthz says. Status is ok, degraded (the bus does not
// answer; SQL keeps everything) or failing; only failing is answered with 503.
type health struct {
	Status       string  `json:"status"`
	Database     string  `json:"database"` // ok or failing, like the next three
	Bus          string  `json:"bus"`
	Scheduler    string  `json:"scheduler"`
	Notifier     string  `json:"notifier"`
	SchedulerLag float64 `json:"scheduler_lag_seconds"`
	Waiting      int     `json:"outbox_waiting"` // notices and messages that have not gone
	Dead         int     `json:"dead_letters"`
}

// watch looks at a running service from outside its loops.
type watch struct {
	app     *app.App
	started time.Time // what was overdue before gets its time from here
}

const (
	healthy = "ok"
	failing = "failing"
)

func (w *watch) look(ctx context.Context) health {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	h := health{Status: healthy, Database: healthy, Bus: healthy, Scheduler: healthy, Notifier: healthy}
	if err := w.app.Ring(ctx); err != nil {
		slog.Warn("the bus does not answer", "err", err)
		h.Status, h.Bus = "degraded", failing
	}
	if err := w.loops(ctx, &h); err != nil {
		slog.Error("health", "err", err)
		h.Database = failing
	}
	if h.Database == failing || h.Scheduler == failing || h.Notifier == failing {
		h.Status = failing
	}
	return h
}

func (w *watch) loops(ctx context.Context, h *health) error {
	if w.app.DB.Damaged() {
		return store.ErrDamaged
	}
	now := w.app.Now()
	due, err := w.app.DB.NextDue(ctx)
	if err != nil {
		return err
	}
	h.SchedulerLag = math.Round(since(due, now).Seconds()*10) / 10
	if w.stuck(due, now) {
		h.Scheduler = failing
	}
	next, err := w.app.DB.NextNotice(ctx)
	if err != nil {
		return err
	}
	if w.stuck(next, now) {
		h.Notifier = failing
	}
	counts, err := control.Counts(ctx, w.app.DB)
	h.Waiting = counts[control.Waiting] + counts[control.Pending] + counts[control.Held]
	h.Dead = counts[control.Dead]
	return err
}

func (w *watch) stuck(t, now time.Time) bool {
	if t.IsZero() {
		return false
	}
	if t.Before(w.started) {
		t = w.started
	}
	return since(t, now) > stuckAfter
}

// ServeHTTP answers /healthz.
func (w *watch) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	h := w.look(r.Context())
	rw.Header().Set("Content-Type", "application/json")
	rw.Header().Set("Cache-Control", "no-store")
	if h.Status == failing {
		rw.WriteHeader(http.StatusServiceUnavailable)
	}
	// A client that has gone needs no answer.
	_ = json.NewEncoder(rw).Encode(h)
}

var front = template.Must(template.New("front").Parse(`<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>督办 · {{.Name}}</title></head>
<body><main><h1>{{.Name}} 督办</h1>
<p>服务正在运行（{{.Now}}）。</p>
<ul><li>计划 {{.Plans}} 份</li><li>在办督办件 {{.Open}} 件</li><li>待办公室处理的事项 {{.Items}} 项</li>
<li>待发消息 {{.Waiting}} 条，未能送达 {{.Dead}} 条</li></ul>
<p><a href="/healthz">运行状况</a>{{if .Metrics}} · <a href="/metrics">监控指标</a>{{end}}</p>
</main></body></html>
`))

// frontPage says in a few numbers what runs.
type frontPage struct {
	app     *app.App
	name    string
	metrics bool // served here as well
}

// ServeHTTP answers /.
func (p frontPage) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	data, err := p.numbers(r.Context())
	if err != nil {
		slog.Error("front page", "err", err)
		http.Error(w, "数据暂时无法读取，请稍后再试", http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cache-Control", "no-store")
	if err := front.Execute(w, data); err != nil {
		slog.Debug("front page", "err", err) // the reader has gone
	}
}

// standing counts plans, open assignments and items that wait for the office.
const standing store.Question = `SELECT 'plans' AS name, COUNT(*) AS n FROM plans
	UNION ALL SELECT 'open', COUNT(*) FROM instances WHERE closed IS NULL AND kind = 'assignment'
	UNION ALL SELECT 'items', COUNT(*) FROM items WHERE status = 'waiting'`

func (p frontPage) numbers(ctx context.Context) (map[string]any, error) {
	n, err := p.app.DB.Tally(ctx, standing)
	if err != nil {
		return nil, err
	}
	counts, err := control.Counts(ctx, p.app.DB)
	return map[string]any{
		"Name": p.name, "Now": p.app.Now().In(p.app.Calendar.Location()).Format("2006年1月2日 15:04"),
		"Plans": n["plans"], "Open": n["open"], "Items": n["items"], "Metrics": p.metrics,
		"Waiting": counts[control.Waiting] + counts[control.Pending] + counts[control.Held], "Dead": counts[control.Dead],
	}, err
}
