package store_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"modernc.org/sqlite"

	"duban/engine"
	"duban/engine/store"
)

// TestDiesWhileMigrating is no test of its own: it is the process that another
// test kills. It opens the file that DUBAN_DIES names and kills itself at the
// moment that DUBAN_DIES_AT counts: before a row is changed, before a commit.
func TestDiesWhileMigrating(t *testing.T) {
	file := os.Getenv("DUBAN_DIES")
	if file == "" {
		t.Skip("the other half of TestAStartThatBreaksOffInAMigrationIsBegunAgain")
	}
	left, err := strconv.Atoi(os.Getenv("DUBAN_DIES_AT"))
	if err != nil {
		t.Fatal(err)
	}
	moment := func() {
		if left--; left == 0 {
			if err := syscall.Kill(os.Getpid(), syscall.SIGKILL); err != nil {
				t.Error(err)
			}
			time.Sleep(time.Minute)
		}
	}
	sqlite.RegisterConnectionHook(func(c sqlite.ExecQuerierContext, _ string) error {
		h, ok := c.(sqlite.HookRegisterer)
		if !ok {
			return errors.New("no hooks")
		}
		h.RegisterPreUpdateHook(func(sqlite.SQLitePreUpdateData) { moment() })
		h.RegisterCommitHook(func() int32 { moment(); return 0 })
		return nil
	})
	db, err := store.Open(bg, file)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

// olderFile is a file of version 3, with something in every table that version 4
// touches.
func olderFile(t *testing.T) string {
	t.Helper()
	o := withHistory(t)
	in := o.begin("with more")
	o.write(func(tx *store.Tx) error {
		if _, err := tx.AddPlan(store.Plan{Key: "p", Digest: "d", Title: "要点", Issued: "2023-02-17", Body: "{}"}); err != nil {
			return err
		}
		if err := tx.AddDelivery(store.Delivery{Key: "d1", Channel: "mail", Person: "zhang", Message: `{"notices":["1-1-0"]}`}, o.now); err != nil {
			return err
		}
		_, err := tx.KeepCalendar("a calendar")
		return errors.Join(err, tx.SetItem(store.Item{Plan: "p", No: "1", Status: "waiting", Why: "无牵头单位"}), tx.SetMeta("cron x", "1"),
			tx.Plan(1, "d1", "zhang", "经代理人"), tx.Postpone(2, o.now.Add(time.Hour), "等"))
	})
	o.report(in, "张三", engine.Effect{Kind: engine.EffectWithdraw})
	if faults := o.audit(); len(faults) > 0 {
		t.Fatalf("as written: %q", faults)
	}
	if err := o.MigrateDown(bg, 3); err != nil {
		t.Fatal(err)
	}
	if err := o.Close(); err != nil {
		t.Fatal(err)
	}
	return o.file
}

// audit is what an audit of the file finds.
func (o *office) audit() []string {
	o.t.Helper()
	db, err := store.OpenSnapshot(bg, o.file)
	if err != nil {
		o.t.Fatal(err)
	}
	defer db.Close()
	faults, err := db.Audit(bg)
	if err != nil {
		o.t.Fatal(err)
	}
	return faults
}

// A start is killed at every moment of every migration, of a new file and of one
// with data. The next start completes it, and nothing is lost.
func TestAStartThatBreaksOffInAMigrationIsBegunAgain(t *testing.T) {
	if testing.Short() {
		t.Skip("starts and kills processes")
	}
	older := olderFile(t)
	for name, from := range map[string]string{"a new file": "", "version 3": older} {
		t.Run(name, func(t *testing.T) {
			killed := 0
			for moment := 1; ; moment++ {
				file := filepath.Join(t.TempDir(), "duban.db")
				if from != "" {
					if err := store.CopyFile(from, file); err != nil {
						t.Fatal(err)
					}
				}
				cmd := exec.Command(os.Args[0], "-test.run=^TestDiesWhileMigrating$")
				cmd.Env = append(os.Environ(), "DUBAN_DIES="+file, fmt.Sprintf("DUBAN_DIES_AT=%d", moment))
				out, err := cmd.CombinedOutput()
				if err == nil {
					break // it got through
				}
				if cmd.ProcessState.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
					t.Fatalf("moment %d: %v\n%s", moment, err, out)
				}
				killed++
				o := &office{t: t, file: file, now: clock(t, "2023-02-17 09:00")}
				o.open()
				if faults := o.audit(); len(faults) > 0 {
					t.Errorf("killed at moment %d: %q", moment, faults)
				}
				if from != "" && (o.count("history") != 22 || o.count("ledger") != 1 || o.count("deliveries") != 1) {
					t.Errorf("killed at moment %d: rows are lost", moment)
				}
				o.begin("goes on")
				if err := o.Close(); err != nil {
					t.Fatal(err)
				}
			}
			if killed < 5 {
				t.Errorf("killed %d times: the test kills nothing", killed)
			}
			t.Logf("killed at %d moments", killed)
		})
	}
}
