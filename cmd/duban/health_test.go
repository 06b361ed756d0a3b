package main

import (
	"context"
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"

	"duban/cmd/duban/internal/app"
	"duban/plan"
)

// open is a service whose loops do not run.
func (h *house) open() (*app.App, *metrics) {
	h.t.Helper()
	cfg, err := loadConfig(h.config)
	if err != nil {
		h.t.Fatal(err)
	}
	m := newMetrics(h.clock.Now)
	p, err := serviceParts(h.t.Context(), cfg, streams{Now: h.clock.Now}, m)
	if err != nil {
		h.t.Fatal(err)
	}
	a, err := app.Open(h.t.Context(), p)
	if err != nil {
		h.t.Fatal(err)
	}
	return a, m
}

func (h *house) look(w *watch) (int, health) {
	h.t.Helper()
	rec := httptest.NewRecorder()
	w.ServeHTTP(rec, httptest.NewRequest("GET", "/healthz", nil))
	var v health
	if err := json.Unmarshal(rec.Body.Bytes(), &v); err != nil {
		h.t.Fatal(err)
	}
	return rec.Code, v
}

func TestHealthWhenTheLoopsStandStill(t *testing.T) {
	h := newHouse(t, "")
	a, m := h.open()
	w := &watch{app: a, started: h.clock.Now()}
	p, faults := plan.Load("plan.yaml", []byte(planFile))
	if faults != nil {
		t.Fatal(faults)
	}
	if _, err := a.AddPlan(t.Context(), p, 0, 0); err != nil {
		t.Fatal(err)
	}
	serveMetrics, err := m.handler(t.Context(), a)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		moment              string
		code                int
		scheduler, notifier string
		lag                 float64
		metric              string
	}{
		{"2023-02-21 10:00", 200, "ok", "ok", 0, "duban_scheduler_lag_seconds 0"},
		{"2023-02-22 09:04", 200, "ok", "ok", 0, "duban_outbox_oldest_age_seconds 240"}, // the morning's messages are late, but not yet very
		{"2023-02-22 09:06", 503, "ok", "failing", 0, "duban_outbox_oldest_age_seconds 360"},
		{"2023-02-23 09:06", 503, "failing", "failing", 360, "duban_scheduler_lag_seconds 360"},
	} {
		h.to(c.moment)
		code, v := h.look(w)
		if code != c.code || v.Scheduler != c.scheduler || v.Notifier != c.notifier || v.SchedulerLag != c.lag || v.Database != "ok" || v.Bus != "ok" || v.Waiting != 4 {
			t.Errorf("%s: %d %+v", c.moment, code, v)
		}
		rec := httptest.NewRecorder()
		serveMetrics.ServeHTTP(rec, httptest.NewRequest("GET", "/metrics", nil))
		if !strings.Contains(rec.Body.String(), "\n"+c.metric+"\n") {
			t.Errorf("%s: metrics do not say %s", c.moment, c.metric)
		}
	}
	// A service that has just started gets time to catch up.
	if code, v := h.look(&watch{app: a, started: h.clock.Now()}); code != 200 {
		t.Errorf("just started: %d %+v", code, v)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	if code, v := h.look(w); code != 503 || v.Status != "failing" || v.Database != "failing" {
		t.Errorf("without database: %d %+v", code, v)
	}
	rec := httptest.NewRecorder()
	frontPage{app: a}.ServeHTTP(rec, httptest.NewRequest("GET", "/", nil))
	if rec.Code != 503 {
		t.Errorf("front page without database: %d", rec.Code)
	}
	rec = httptest.NewRecorder()
	serveMetrics.ServeHTTP(rec, httptest.NewRequest("GET", "/metrics", nil))
	if body := rec.Body.String(); strings.Contains(body, "\nduban_transitions_total ") || !strings.Contains(body, "\ngo_goroutines ") {
		t.Errorf("metrics without database:\n%.500s", body)
	}
}

func TestFrontPageIsInert(t *testing.T) {
	h := newHouse(t, "")
	a, _ := h.open()
	defer a.Close()
	rec := httptest.NewRecorder()
	frontPage{a, `<b>"学院"</b>`, false}.ServeHTTP(rec, httptest.NewRequestWithContext(context.Background(), "GET", "/", nil))
	body := rec.Body.String()
	if strings.Contains(body, "<b>") || strings.Contains(body, "/metrics") || !strings.Contains(rec.Header().Get("Content-Security-Policy"), "default-src 'none'") {
		t.Errorf("%v\n%s", rec.Header(), body)
	}
}
