package bench

import (
	"encoding/json"
	"testing"
	"time"
)

// BenchmarkEngine is the engine alone, one run of 10,000 assignments with eight
// transitions each.
func BenchmarkEngine(b *testing.B) {
	m := &measure{Options: Full()}
	m.Dir, m.Runs, m.Now = b.TempDir(), 1, time.Now
	for b.Loop() {
		var r Result
		if err := m.engine(b.Context(), &r); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(r.Engine.TransitionsPerS, "transitions/s")
		b.ReportMetric(r.Engine.RawPerS, "raw/s")
		b.ReportMetric(r.Engine.RawRatio, "of-raw")
		b.ReportMetric(r.Engine.DeliveredPerS, "delivered/s")
	}
}

// Small sizes, to know that every measure measures: no figure is a time limit.
func TestEveryMeasureMeasures(t *testing.T) {
	o := Options{Dir: t.TempDir(), Assignments: 60, Each: 4, Runs: 1, Pending: 5000, Mornings: 6, Matters: 40, Units: 5, Now: time.Now}
	r, err := Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	e := r.Engine
	for name, v := range map[string]float64{"transitions_per_s": e.TransitionsPerS, "raw_per_s": e.RawPerS, "raw_ratio": e.RawRatio,
		"delivered_per_s": e.DeliveredPerS, "pending_1m_ratio": e.PendingRatio, "rss_mb": e.RSSMB, "ready_ms": e.ReadyMS,
		"commit_p99_ms": r.Lateness.CommitP99MS, "mail_p99_ms": r.Lateness.MailP99MS, "seconds": r.Storm.Seconds} {
		if v <= 0 {
			t.Errorf("%s is %v", name, v)
		}
	}
	if e.DeliveredPerS >= e.TransitionsPerS || r.Lateness.MailP99MS < r.Lateness.CommitP99MS {
		t.Errorf("what takes longer came first: %+v", r)
	}
	if r.Storm.Notices != 80 || r.Storm.Messages != 10 {
		t.Errorf("a storm of %d notices in %d messages, want 80 in 10", r.Storm.Notices, r.Storm.Messages)
	}
	if b, err := json.Marshal(r); err != nil || !json.Valid(b) {
		t.Error(err)
	}
}
