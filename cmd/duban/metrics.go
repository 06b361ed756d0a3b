package main

import (
	"context"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"duban/cmd/duban/internal/app"
	"duban/cmd/duban/internal/control"
	"duban/engine/store"
	"duban/notifier"
)

// metrics are what Prometheus reads. What SQL knows is asked at every scrape;
// only attempts are counted here.
type metrics struct {
	registry *prometheus.Registry
	attempts *prometheus.CounterVec
	beats    *prometheus.GaugeVec
}

func newMetrics() *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		attempts: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "duban_deliveries_total", Help: "Attempts to deliver since the start, by channel and by how they ended.",
		}, []string{"channel", "class"}),
		beats: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "duban_heartbeat_last_timestamp_seconds", Help: "When a heartbeat last arrived, by where it goes (url, nats, systemd).",
		}, []string{"to"}),
	}
	m.registry.MustRegister(m.attempts, m.beats, collectors.NewGoCollector(), collectors.NewBuildInfoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// observe counts one attempt; it is app.Parts.Observe.
func (m *metrics) observe(channel string, class notifier.Class) {
	m.attempts.WithLabelValues(channel, string(class)).Inc()
}

// heard notes a heartbeat that arrived.
func (m *metrics) heard(to string, at time.Time) {
	m.beats.WithLabelValues(to).Set(float64(at.UnixMilli()) / 1000)
}

// handler serves the metrics of a.
func (m *metrics) handler(a *app.App) http.Handler {
	m.registry.MustRegister(stored{a})
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{ErrorHandling: promhttp.ContinueOnError})
}

var (
	transitionsDesc = prometheus.NewDesc("duban_transitions_total", "State transitions recorded in the history.", nil, nil)
	noticesDesc     = prometheus.NewDesc("duban_notices", "Notices by state.", []string{"state"}, nil)
	deadDesc        = prometheus.NewDesc("duban_dead_letters", "Messages that could not be delivered and wait for a person.", nil, nil)
	ageDesc         = prometheus.NewDesc("duban_outbox_oldest_age_seconds", "For how long the oldest message that may go has not gone.", nil, nil)
	lagDesc         = prometheus.NewDesc("duban_scheduler_lag_seconds", "For how long the earliest timer has been due; 0 when none is.", nil, nil)
)

// noticeStates are exported even when there is none of a state.
var noticeStates = []string{"waiting", "held", "planned", "sent", "withdrawn", "dead"}

// stored collects what SQL knows.
type stored struct{ app *app.App }

// Describe is part of prometheus.Collector.
func (stored) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{transitionsDesc, noticesDesc, deadDesc, ageDesc, lagDesc} {
		ch <- d
	}
}

// Collect is part of prometheus.Collector. A question that SQL does not answer
// is left out of the scrape and fails it.
func (s stored) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	gauge := func(d *prometheus.Desc, v float64, err error, labels ...string) {
		if err != nil {
			ch <- prometheus.NewInvalidMetric(d, err)
			return
		}
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}

	steps, err := s.app.DB.Tally(ctx, store.Transitions)
	if err == nil {
		ch <- prometheus.MustNewConstMetric(transitionsDesc, prometheus.CounterValue, float64(steps["all"]))
	} else {
		ch <- prometheus.NewInvalidMetric(transitionsDesc, err)
	}
	states, err := s.app.DB.Tally(ctx, store.ByNoticeState)
	for _, state := range noticeStates {
		gauge(noticesDesc, float64(states[state]), err, state)
	}
	counts, err := control.Counts(ctx, s.app.DB)
	gauge(deadDesc, float64(counts[control.Dead]), err)
	oldest, err := oldestUnsent(ctx, s.app.DB)
	gauge(ageDesc, since(oldest, s.app.Now()).Seconds(), err)
	due, err := s.app.DB.NextDue(ctx)
	gauge(lagDesc, since(due, s.app.Now()).Seconds(), err)
}

// since is how long ago t was: 0 for the future and for no time.
func since(t, now time.Time) time.Duration {
	if t.IsZero() || t.After(now) {
		return 0
	}
	return now.Sub(t)
}

// unsent is when the oldest notice was ready and the oldest message written
// that have not gone.
const unsent store.Question = `SELECT 'notice' AS name, MIN(ready) AS n FROM outbox WHERE state = 'waiting' HAVING COUNT(*) > 0
	UNION ALL SELECT 'message', MIN(created) FROM deliveries WHERE state = 'pending' HAVING COUNT(*) > 0`

func oldestUnsent(ctx context.Context, db *store.DB) (time.Time, error) {
	found, err := db.Tally(ctx, unsent)
	if err != nil {
		return time.Time{}, err
	}
	var oldest time.Time
	for _, ms := range found {
		if t := time.UnixMilli(int64(ms)); oldest.IsZero() || t.Before(oldest) {
			oldest = t
		}
	}
	return oldest, nil
}
