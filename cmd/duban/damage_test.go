package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"duban/cmd/duban/internal/app"
	"duban/cmd/duban/internal/config"
	"duban/engine/store"
)

// zeroPage wipes the page that a table or index begins at.
func zeroPage(t *testing.T, file, of string) {
	t.Helper()
	db, err := sqlx.Open("sqlite", "file:"+file+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var page int64
	if err := db.Get(&page, `SELECT rootpage FROM sqlite_schema WHERE name = ?`, of); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(file, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.WriteAt(make([]byte, 4096), (page-1)*4096)
	if err := errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
}

const (
	checking = "the last stop was not a clean one"
	putBack  = "put the last good backup in its place"
)

// Damage that a start does not see is found by the check behind it: the service
// ends and says what to do. It repairs nothing.
func TestTheServiceEndsOnADamagedFile(t *testing.T) {
	h, file := lived(t)
	good := h.file("good.db")
	h.want(0, nil, "backup", "-o", good)
	zeroPage(t, file, "ledger_delivery")
	var l log
	code := run(t.Context(), []string{"serve", "-c", h.config}, streams{Out: &l, Err: &l, Now: h.clock.Now})
	if text := l.String(); code != 1 || !strings.Contains(text, `"level":"ERROR"`) || strings.Count(text, putBack) < 2 {
		t.Errorf("exit code %d:\n%s", code, text)
	}
	h.want(1, []string{"damaged"}, "verify")
	h.want(0, nil, "restore", good)
	if r := h.serve(); strings.Contains(r.log.String(), checking) {
		t.Errorf("a restored file is checked twice:\n%s", r.log)
	}
}

// While it still runs, nothing is written and /healthz says why.
func TestADamagedFileIsNotWrittenTo(t *testing.T) {
	h, file := lived(t)
	p := h.parts()
	a, err := app.Open(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	zeroPage(t, file, "ledger_delivery")
	if err := a.DB.Check(t.Context()); !errors.Is(err, store.ErrDamaged) {
		t.Fatalf("the check finds %v", err)
	}
	w := watch{app: a, started: h.clock.Now()}
	if got := w.look(t.Context()); got.Database != failing || got.Status != failing {
		t.Errorf("health: %+v", got)
	}
	err = a.DB.Write(t.Context(), h.clock.Now(), func(*store.Tx) error { t.Error("written to"); return nil })
	if !errors.Is(err, store.ErrDamaged) {
		t.Errorf("a write gives %v", err)
	}
}

// A clean stop leaves a mark, and whatever takes it away asks for a check: a
// kill, another file in that place, a hand in the file.
func TestOnlyAnUncleanStopAsksForACheck(t *testing.T) {
	h, file := lived(t)
	started := func() bool {
		r := h.serve()
		defer r.stop()
		return strings.Contains(r.log.String(), checking)
	}
	if started() {
		t.Error("checked after a clean stop")
	}
	for what, do := range map[string]func() error{
		"a kill":      func() error { return os.Truncate(file+".lock", 0) },
		"a touch":     func() error { return os.Chtimes(file, time.Time{}, time.Unix(1, 0)) },
		"a lost lock": func() error { return os.Remove(file + ".lock") },
	} {
		if err := do(); err != nil {
			t.Fatal(err)
		}
		if !started() {
			t.Errorf("not checked after %s", what)
		}
		// A check that the stop broke off is begun again.
		h.eventually("a start without a check, after "+what, func() bool { return !started() })
	}
}

// TestALargeFileIsReadyAtOnce fills the file with DUBAN_BIG megabytes (20) and
// takes the mark away: the check must not keep the service from starting.
func TestALargeFileIsReadyAtOnce(t *testing.T) {
	h, file := lived(t)
	tamper(t, file, fmt.Sprintf(`WITH RECURSIVE k (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM k WHERE i < %d)
		INSERT INTO meta (name, value) SELECT 'ballast ' || i, hex(zeroblob(500000)) FROM k`, manyTimes(t, "DUBAN_BIG", 20)))
	p := h.parts()
	begun := time.Now()
	a, err := app.Open(context.WithoutCancel(t.Context()), p)
	ready := time.Since(begun)
	if err != nil {
		t.Fatal(err)
	}
	if err := a.DB.Check(t.Context()); err != nil {
		t.Error(err)
	}
	t.Logf("ready after %v, checked after %v", ready, time.Since(begun))
	if ready > 2*time.Second {
		t.Errorf("ready after %v", ready)
	}
	if err := a.Close(); err != nil {
		t.Error(err)
	}
}

// parts are what serve would run by the house's config.
func (h *house) parts() app.Parts {
	h.t.Helper()
	cfg, faults := config.Load(h.config)
	if err := faults.Err(); err != nil {
		h.t.Fatal(err)
	}
	p, err := serviceParts(h.t.Context(), cfg, streams{Now: h.clock.Now}, newMetrics(h.clock.Now))
	if err != nil {
		h.t.Fatal(err)
	}
	return p
}
