package store_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"duban/engine"
	"duban/engine/calendar"
	"duban/engine/store"
)

var bg = context.Background()

// zone is the office's.
var zone = time.FixedZone("CST", 8*3600)

// clock gives an instant of a day in the office's zone.
func clock(t testing.TB, s string) time.Time {
	t.Helper()
	at, err := time.ParseInLocation("2006-01-02 15:04", s, zone)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// office is a data file and the instant its next transaction has.
type office struct {
	t    testing.TB
	file string
	now  time.Time
	*store.DB
}

func newOffice(t testing.TB) *office {
	t.Helper()
	o := &office{t: t, file: filepath.Join(t.TempDir(), "duban.db"), now: clock(t, "2023-02-17 09:00")}
	o.open()
	return o
}

func (o *office) open() {
	o.t.Helper()
	db, err := store.Open(bg, o.file)
	if err != nil {
		o.t.Fatal(err)
	}
	o.t.Cleanup(func() { db.Close() })
	o.DB = db
}

func (o *office) reopen() {
	o.t.Helper()
	if err := o.Close(); err != nil {
		o.t.Fatal(err)
	}
	o.open()
}

// write is a transaction that must succeed.
func (o *office) write(fn func(*store.Tx) error) {
	o.t.Helper()
	if err := o.Write(bg, o.now, fn); err != nil {
		o.t.Fatal(err)
	}
}

// raw is a second connection past the store.
func (o *office) raw() *sqlx.DB {
	o.t.Helper()
	db, err := sqlx.Open("sqlite", "file:"+o.file+"?_pragma=busy_timeout(5000)")
	if err != nil {
		o.t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	o.t.Cleanup(func() { db.Close() })
	return db
}

// count answers SELECT COUNT(*) past the store.
func (o *office) count(from string) (n int) {
	o.t.Helper()
	if err := o.raw().Get(&n, "SELECT COUNT(*) FROM "+from); err != nil {
		o.t.Fatal(err)
	}
	return n
}

// begin starts one assignment with one notice, as a start event would.
func begin(tx *store.Tx, key, unit string) (engine.Instance, error) {
	return beginKind(tx, key, engine.KindAssignment, engine.Facts{Unit: unit, Issued: calendar.Of(2023, 2, 17)})
}

func beginKind(tx *store.Tx, key string, kind engine.Kind, f engine.Facts) (engine.Instance, error) {
	if err := tx.AddDefinition("hash", "assignment", "source"); err != nil {
		return engine.Instance{}, err
	}
	st := &engine.Start{Workflow: "assignment", Key: key, Facts: f}
	in, fresh, err := tx.Create(st, kind)
	if err != nil || !fresh {
		return in, err
	}
	in.Key, in.Workflow, in.DefHash, in.Kind, in.State = key, "assignment", "hash", kind, "assigned"
	in.Version, in.Facts, in.Opened, in.Entered = 1, f, tx.Now, tx.Now
	issued := notice("issued", engine.RoleLeadHead, tx.Now)
	return in, tx.Save(&in, &engine.Event{Kind: engine.EventStart, Start: st}, []engine.Effect{issued}, true)
}

func notice(reason string, role engine.Role, ready time.Time) engine.Effect {
	return engine.Effect{Kind: engine.EffectNotice, Reason: reason, Role: role, Unit: "教务处", Class: engine.Digest, At: ready, Ready: ready}
}

// begin starts an assignment in a transaction of its own.
func (o *office) begin(key string) (in engine.Instance) {
	o.t.Helper()
	o.write(func(tx *store.Tx) (err error) {
		in, err = begin(tx, key, "教务处")
		return err
	})
	return in
}

// report is the next step of an instance.
func report(tx *store.Tx, in engine.Instance, by string, effects ...engine.Effect) (engine.Instance, error) {
	in.Version++
	in.State = "in_progress"
	ev := &engine.Event{Kind: "report", By: engine.Actor{Name: by}}
	return in, tx.Save(&in, ev, effects, true)
}

func (o *office) report(in engine.Instance, by string, effects ...engine.Effect) (out engine.Instance) {
	o.t.Helper()
	o.write(func(tx *store.Tx) (err error) {
		out, err = report(tx, in, by, effects...)
		return err
	})
	return out
}

// read is one instance as stored.
func (o *office) read(id int64) engine.Instance {
	o.t.Helper()
	all, err := o.Instances(bg, store.Filter{IDs: []int64{id}})
	if err != nil || len(all) != 1 {
		o.t.Fatalf("instance %d: %v, %d found", id, err, len(all))
	}
	return all[0]
}

func TestEveryConnectionIsDurableAndStrict(t *testing.T) {
	o := newOffice(t)
	pragma := func(q interface {
		GetContext(context.Context, any, string, ...any) error
	}, name string) (v string) {
		t.Helper()
		if err := q.GetContext(bg, &v, "PRAGMA "+name); err != nil {
			t.Fatal(err)
		}
		return v
	}
	o.write(func(tx *store.Tx) error {
		for name, want := range map[string]string{"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "busy_timeout": "5000"} {
			if got := pragma(tx, name); got != want {
				t.Errorf("writer: %s is %s, want %s", name, got, want)
			}
		}
		var version string
		if err := tx.GetContext(bg, &version, `SELECT sqlite_version()`); err != nil {
			return err
		}
		var major, minor, patch int
		fmt.Sscanf(version, "%d.%d.%d", &major, &minor, &patch)
		if major*1e6+minor*1e3+patch < 3_051_003 {
			t.Errorf("SQLite %s can corrupt a write-ahead log; 3.51.3 is the first that cannot", version)
		}
		return nil
	})
	// The writer is thrown away with its transaction's context: the one that
	// replaces it must be as strict.
	ctx, cancel := context.WithCancel(bg)
	err := o.Write(ctx, o.now, func(tx *store.Tx) error {
		cancel()
		<-ctx.Done()
		_, err := begin(tx, "k", "教务处")
		return err
	})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("a cancelled transaction gave %v", err)
	}
	o.write(func(tx *store.Tx) error {
		if got := pragma(tx, "foreign_keys"); got != "1" {
			t.Errorf("foreign_keys is %s afterwards", got)
		}
		return nil
	})
	err = o.Write(bg, o.now, func(tx *store.Tx) error {
		return tx.SetItem(store.Item{Plan: "no such plan", No: "1", Status: "kept"})
	})
	if err == nil || !strings.Contains(err.Error(), "FOREIGN KEY") {
		t.Errorf("an item of no plan: %v", err)
	}
}

func TestReadersCannotWrite(t *testing.T) {
	o := newOffice(t)
	_, err := o.Tally(bg, `INSERT INTO meta (name, value) VALUES ('a', 'b') RETURNING name, 1 AS n`)
	if err == nil || !strings.Contains(err.Error(), "readonly") {
		t.Fatalf("a reader wrote: %v", err)
	}
}

func TestAFileNameMayHoldAnything(t *testing.T) {
	for _, name := range []string{"督办 2023.db", "100%.db", "a?b#c&d.db", "-.db"} {
		file := filepath.Join(t.TempDir(), name)
		db, err := store.Open(bg, file)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if err := db.Write(bg, time.UnixMilli(1), func(tx *store.Tx) error { return tx.SetMeta("a", "b") }); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if err := db.Close(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := os.Stat(file); err != nil {
			t.Errorf("%s lies elsewhere: %v", name, err)
		}
	}
}

func TestAFileOfANewerProgramIsRefused(t *testing.T) {
	o := newOffice(t)
	o.begin("k")
	o.raw().MustExec(`INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, 1)`)
	if err := o.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Open(bg, o.file); !errors.Is(err, store.ErrNewer) {
		t.Fatalf("opened: %v", err)
	}
	if n := o.count("instances"); n != 1 {
		t.Errorf("%d instances after the refusal", n)
	}
}

func TestADamagedFileIsRefused(t *testing.T) {
	o := newOffice(t)
	for i := range 200 {
		o.begin(fmt.Sprint(i))
	}
	if err := o.Close(); err != nil {
		t.Fatal(err)
	}
	sound, err := os.ReadFile(o.file)
	if err != nil {
		t.Fatal(err)
	}
	damages := map[string]func([]byte) []byte{
		"no database": func(b []byte) []byte { return []byte(strings.Repeat("not a database ", 1000)) },
		"no tables": func(b []byte) []byte {
			clear(b[100:4096])
			return b
		},
		"cut short": func(b []byte) []byte { return b[:len(b)/2] },
	}
	for name, damage := range damages {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "duban.db")
			if err := os.WriteFile(file, damage(append([]byte(nil), sound...)), 0o600); err != nil {
				t.Fatal(err)
			}
			if db, err := store.Open(bg, file); !errors.Is(err, store.ErrDamaged) {
				t.Errorf("opened: %v", err)
				if err == nil {
					db.Close()
				}
			}
		})
	}
}

// What a start does not look at, so that it need not read the whole file, is
// found by the check behind it.
func TestAPageOfZerosIsFoundByTheCheck(t *testing.T) {
	o := newOffice(t)
	for i := range 200 {
		o.begin(fmt.Sprint(i))
	}
	if err := o.Check(bg); err != nil {
		t.Errorf("a sound file: %v", err)
	}
	if err := o.Close(); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(o.file, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteAt(make([]byte, 4096), 30*4096); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	o.open()
	if err := o.Check(bg); !errors.Is(err, store.ErrDamaged) {
		t.Errorf("found: %v", err)
	}
}

func TestAFileIsNewlyMadeAndOpenedAgain(t *testing.T) {
	o := newOffice(t)
	first := o.begin("first")
	o.report(first, "张三")
	head, rows, err := o.VerifyChain(bg)
	if err != nil {
		t.Fatal(err)
	}
	o.reopen()
	if again, n, err := o.VerifyChain(bg); err != nil || again != head || n != rows {
		t.Errorf("the chain ends at %.8s after %d rows, was %.8s after %d; %v", again, n, head, rows, err)
	}
	second := o.begin("second")
	if second.ID != first.ID+1 || second.Slip != "2023-0002" {
		t.Errorf("the next one is %d, %s", second.ID, second.Slip)
	}
	if _, n, err := o.VerifyChain(bg); err != nil || n != rows+1 {
		t.Errorf("the chain has %d rows: %v", n, err)
	}
}

func TestASecondProcessIsKeptOff(t *testing.T) {
	file := filepath.Join(t.TempDir(), "duban.db")
	lock, err := store.TakeLock(file)
	if err != nil {
		t.Fatal(err)
	}
	_, err = store.TakeLock(file)
	var locked *store.ErrLocked
	if !errors.As(err, &locked) || locked.File != file || !strings.Contains(err.Error(), file) {
		t.Fatalf("the second got %v", err)
	}
	if err := lock.Release(); err != nil {
		t.Fatal(err)
	}
	if lock, err = store.TakeLock(file); err != nil {
		t.Fatalf("after the release: %v", err)
	}
	if err := lock.Release(); err != nil {
		t.Fatal(err)
	}
	if _, err := store.TakeLock(filepath.Join(t.TempDir(), "no", "folder")); err == nil || errors.As(err, &locked) {
		t.Errorf("a folder that is not there: %v", err)
	}
}

func TestAReaderBesideTheServiceWritesNothing(t *testing.T) {
	o := newOffice(t)
	o.begin("k")
	r, err := store.OpenReader(bg, o.file)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if _, n, err := r.VerifyChain(bg); err != nil || n != 1 {
		t.Errorf("%d rows, %v", n, err)
	}
	if err := r.Write(bg, o.now, func(*store.Tx) error { return nil }); err == nil {
		t.Error("a reader wrote")
	}
}
