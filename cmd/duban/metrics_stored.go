package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"duban/cmd/duban/internal/app"
	"duban/cmd/duban/internal/control"
	"duban/cmd/duban/internal/disk"
	"duban/engine/store"
)

func desc(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc(name, help, labels, nil)
}

var (
	transitionsDesc = desc("duban_transitions_total", "State transitions recorded in the history.")
	noticesDesc     = desc("duban_notices", "Notices by state.", "state")
	deadDesc        = desc("duban_dead_letters", "Messages that could not be delivered and wait for a person.")
	retryingDesc    = desc("duban_messages_retrying", "Messages that have failed at least once and are tried again.")
	ageDesc         = desc("duban_outbox_oldest_age_seconds", "For how long the oldest message that may go has not gone.")
	heldDesc        = desc("duban_held_oldest_age_seconds", "For how long the oldest notice to a leader has waited for the office.")
	lagDesc         = desc("duban_scheduler_lag_seconds", "For how long the earliest timer has been due; 0 when none is.")
	pausedDesc      = desc("duban_paused_senders", "Senders at rest because the far side asked for it: robots, or 1 for the mail server.", "channel")
	databaseDesc    = desc("duban_database_size_bytes", "Size of the data file.")
	walDesc         = desc("duban_database_wal_size_bytes", "Size of the write-ahead log beside the data file.")
	freeDesc        = desc("duban_disk_free_bytes", "Free space where the data file lies.")
)

// noticeStates are exported even when there is none of a state.
var noticeStates = []string{"waiting", "held", "planned", "sent", "withdrawn", "dead"}

// stored collects what SQL, the notifier and the disk know.
type stored struct{ app *app.App }

// Describe is part of prometheus.Collector.
func (stored) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{transitionsDesc, noticesDesc, deadDesc, retryingDesc, ageDesc, heldDesc, lagDesc,
		pausedDesc, databaseDesc, walDesc, freeDesc} {
		ch <- d
	}
}

// sink takes measurements. One that could not be made is left out of the scrape
// and fails it.
type sink chan<- prometheus.Metric

func (s sink) put(d *prometheus.Desc, kind prometheus.ValueType, v float64, err error, labels ...string) {
	if err != nil {
		s <- prometheus.NewInvalidMetric(d, err)
		return
	}
	s <- prometheus.MustNewConstMetric(d, kind, v, labels...)
}

func (s sink) gauge(d *prometheus.Desc, v float64, err error, labels ...string) {
	s.put(d, prometheus.GaugeValue, v, err, labels...)
}

// Collect is part of prometheus.Collector.
func (s stored) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	s.outbox(ctx, ch)
	s.files(ch)
	n, err := s.app.DB.Tally(ctx, moments)
	sink(ch).put(transitionsDesc, prometheus.CounterValue, float64(n["steps"]), err)
	sink(ch).gauge(retryingDesc, float64(n["retrying"]), err)
	sink(ch).gauge(heldDesc, since(time.UnixMilli(int64(n["held"])), s.app.Now()).Seconds(), err)
	due, err := s.app.DB.NextDue(ctx)
	sink(ch).gauge(lagDesc, since(due, s.app.Now()).Seconds(), err)
	resting := s.app.Notifier.Resting()
	for _, channel := range channelNames {
		sink(ch).gauge(pausedDesc, float64(resting[channel]), nil, channel)
	}
}

// moments asks by indexes alone: the history is append-only and without gaps.
const moments store.Question = `SELECT 'steps' AS name, COALESCE(MAX(seq), 0) AS n FROM history
	UNION ALL SELECT 'retrying', COUNT(*) FROM deliveries WHERE state = 'pending' AND published = 0 AND attempts > 0
	UNION ALL SELECT 'held', MIN(ready) FROM outbox WHERE state = 'held' HAVING COUNT(*) > 0`

func (s stored) outbox(ctx context.Context, ch sink) {
	states, err := s.app.DB.Tally(ctx, store.ByNoticeState)
	for _, state := range noticeStates {
		ch.gauge(noticesDesc, float64(states[state]), err, state)
	}
	counts, err := control.Counts(ctx, s.app.DB)
	ch.gauge(deadDesc, float64(counts[control.Dead]), err)
	oldest, err := oldestUnsent(ctx, s.app.DB)
	ch.gauge(ageDesc, since(oldest, s.app.Now()).Seconds(), err)
}

func (s stored) files(ch sink) {
	size, err := sizeOf(s.app.File)
	ch.gauge(databaseDesc, size, err)
	size, err = sizeOf(s.app.File + "-wal")
	ch.gauge(walDesc, size, err)
	free, err := disk.Free(filepath.Dir(s.app.File))
	ch.gauge(freeDesc, float64(free), err)
}

// sizeOf is the bytes of a file, 0 for none: SQLite makes and removes its log.
func sizeOf(file string) (float64, error) {
	info, err := os.Stat(file)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	return float64(info.Size()), nil
}

// since is how long ago t was: 0 for the future and for no time.
func since(t, now time.Time) time.Duration {
	if t.UnixMilli() <= 0 || t.After(now) {
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
