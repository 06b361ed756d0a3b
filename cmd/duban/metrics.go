package main

import (
	"context"
	"net/http"
	"runtime"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"duban/cmd/duban/internal/app"
	"duban/engine/store"
	"duban/notifier"
)

// metrics are what Prometheus reads. What SQL knows is asked at every scrape;
// only attempts are counted here.
type metrics struct {
	registry *prometheus.Registry
	attempts *prometheus.CounterVec
	lastSent *prometheus.GaugeVec
	beats    *prometheus.GaugeVec
	now      func() time.Time
}

// newMetrics counts on the clock now. Every attempt is counted from zero, so that
// the first failure of a class is a rise.
func newMetrics(now func() time.Time) *metrics {
	m := &metrics{
		now: now, registry: prometheus.NewRegistry(),
		attempts: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "duban_deliveries_total", Help: "Attempts to deliver since the start, by channel and by how they ended.",
		}, []string{"channel", "class"}),
		lastSent: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "duban_last_sent_timestamp_seconds", Help: "When a message was last accepted by the far side, by channel; absent when none ever was.",
		}, []string{"channel"}),
		beats: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "duban_heartbeat_last_timestamp_seconds", Help: "When a heartbeat last arrived, by where it goes (url, nats, systemd).",
		}, []string{"to"}),
	}
	for _, channel := range channelNames {
		for _, class := range []notifier.Class{notifier.Accepted, notifier.Temporary, notifier.Permanent, notifier.Ambiguous, notifier.Paused} {
			m.attempts.WithLabelValues(channel, string(class))
		}
	}
	m.registry.MustRegister(m.attempts, m.lastSent, m.beats, buildInfo(), collectors.NewGoCollector(), collectors.NewBuildInfoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// observe counts one attempt; it is app.Parts.Observe.
func (m *metrics) observe(channel string, class notifier.Class) {
	m.attempts.WithLabelValues(channel, string(class)).Inc()
	if class == notifier.Accepted {
		m.lastSent.WithLabelValues(channel).Set(seconds(m.now()))
	}
}

// channelNames are the values of the label channel.
var channelNames = []string{"mail", "wecom"}

// buildInfo is a metric that is always 1; what counts are its labels.
func buildInfo() prometheus.Collector {
	version, revision := built()
	g := prometheus.NewGauge(prometheus.GaugeOpts{Name: "duban_build_info", Help: "1; the labels say which build runs.",
		ConstLabels: prometheus.Labels{"version": version, "revision": revision, "goversion": runtime.Version()}})
	g.Set(1)
	return g
}

func seconds(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }

// heard notes a heartbeat that arrived.
func (m *metrics) heard(to string, at time.Time) {
	m.beats.WithLabelValues(to).Set(seconds(at))
}

// handler serves the metrics of a. What was sent before the start is asked of
// the ledger once.
func (m *metrics) handler(ctx context.Context, a *app.App) (http.Handler, error) {
	last, err := a.DB.Tally(ctx, lastSent)
	if err != nil {
		return nil, err
	}
	for channel, ms := range last {
		m.lastSent.WithLabelValues(channel).Set(float64(ms) / 1000)
	}
	m.registry.MustRegister(stored{a})
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{ErrorHandling: promhttp.ContinueOnError}), nil
}

const lastSent store.Question = `SELECT d.channel AS name, MAX(l.at) AS n FROM ledger l JOIN deliveries d ON d.delivery = l.delivery
	WHERE l.class = 'accepted' GROUP BY d.channel`
