package store_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"duban/engine/store"
)

// limit caps the data file at so many pages more than it has, or lifts the cap.
func (o *office) limit(more int) {
	o.t.Helper()
	o.write(func(tx *store.Tx) error {
		var pages int
		if err := tx.GetContext(bg, &pages, `PRAGMA page_count`); err != nil {
			return err
		}
		if more < 0 {
			pages, more = 1<<30, 0
		}
		_, err := tx.ExecContext(bg, fmt.Sprintf(`PRAGMA max_page_count = %d`, pages+more))
		return err
	})
}

func TestAFullDiskStopsWritingAndNothingElse(t *testing.T) {
	o := newOffice(t)
	first := o.begin("first")
	o.limit(8)
	long := strings.Repeat("进展", 500)
	written, failed := 0, 0
	for i := range 200 {
		err := o.Write(bg, o.now, func(tx *store.Tx) error {
			in, err := begin(tx, fmt.Sprint(i), long)
			if err != nil {
				return err
			}
			_, err = report(tx, in, long, notice("returned", "lead.head", tx.Now))
			return err
		})
		if err == nil {
			written++
		} else if failed++; !strings.Contains(err.Error(), "full") {
			t.Fatalf("a full disk is called %v", err)
		}
	}
	if written == 0 || failed == 0 {
		t.Fatalf("%d written, %d failed: the test fills no disk", written, failed)
	}
	if got, want := o.rows(), fmt.Sprint(1+written, 1+2*written, 1+2*written, 1); got != want {
		t.Errorf("rows %s, want %s: something is half written", got, want)
	}
	if o.read(first.ID).Slip != first.Slip {
		t.Error("reading does not work")
	}
	o.limit(-1)
	if next := o.begin("space again"); next.Slip != fmt.Sprintf("2023-%04d", written+2) {
		t.Errorf("the next slip is %s", next.Slip)
	}
	if _, n, err := o.VerifyChain(bg); err != nil || n != int64(2+2*written) {
		t.Errorf("%d rows in the chain: %v", n, err)
	}
	o.reopen() // reads the whole file
}

func TestARivalWriterIsWaitedForAndNotForEver(t *testing.T) {
	o := newOffice(t)
	in := o.begin("k")
	rival, err := o.raw().Conn(bg)
	if err != nil {
		t.Fatal(err)
	}
	defer rival.Close()
	if _, err := rival.ExecContext(bg, `BEGIN IMMEDIATE`); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(bg, 50*time.Millisecond)
	defer cancel()
	begun := time.Now()
	err = o.Write(ctx, o.now, func(*store.Tx) error { t.Error("two write at once"); return nil })
	if !errors.Is(err, context.DeadlineExceeded) || time.Since(begun) > 3*time.Second {
		t.Errorf("after %v: %v", time.Since(begun), err)
	}
	if o.read(in.ID).Version != 1 {
		t.Error("reading waits for a writer")
	}
	done := make(chan error)
	go func() {
		done <- o.Write(bg, o.now, func(tx *store.Tx) error { return tx.SetMeta("a", "b") })
	}()
	select {
	case err := <-done:
		t.Fatalf("not waited for the rival: %v", err)
	case <-time.After(50 * time.Millisecond):
	}
	if _, err := rival.ExecContext(bg, `COMMIT`); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Errorf("after the rival: %v", err)
	}
}

// A rival that does write, past the lock, is met with an error, never with a
// second history under the same numbers.
func TestARivalThatWroteIsNoticed(t *testing.T) {
	o := newOffice(t)
	o.begin("k")
	rival, err := store.Open(bg, o.file)
	if err != nil {
		t.Fatal(err)
	}
	defer rival.Close()
	err = rival.Write(bg, o.now, func(tx *store.Tx) error { _, err := begin(tx, "rival", "教务处"); return err })
	if err != nil {
		t.Fatal(err)
	}
	before := o.rows()
	err = o.Write(bg, o.now, func(tx *store.Tx) error { _, err := begin(tx, "mine", "教务处"); return err })
	if err == nil || o.rows() != before {
		t.Errorf("rows %s, then %s: %v", before, o.rows(), err)
	}
	if _, n, err := o.VerifyChain(bg); err != nil || n != 2 {
		t.Errorf("%d rows: %v", n, err)
	}
	o.reopen()
	o.begin("mine")
}

// The same on a real disk that is full, with nothing pretended: where the test
// may mount one. It fills up with what the house writes, and later with a file
// of somebody else's.
func TestARealDiskThatIsFull(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=3m"); err != nil {
		t.Skipf("needs the right to mount a small disk (%v); TestAFullDiskStopsWritingAndNothingElse runs everywhere", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	o := &office{t: t, file: filepath.Join(dir, "duban.db"), now: clock(t, "2023-02-17 09:00")}
	o.open()
	other := filepath.Join(dir, "somebody else's")
	if err := os.WriteFile(other, make([]byte, 1<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	long := strings.Repeat("进展", 500)
	fill := func() (written int) {
		for i := 0; ; i++ {
			err := o.Write(bg, o.now, func(tx *store.Tx) error {
				in, err := begin(tx, fmt.Sprint(o.now.UnixMilli(), i), "教务处")
				if err == nil {
					_, err = report(tx, in, long)
				}
				return err
			})
			if err != nil {
				t.Logf("full after %d: %v", written, err)
				return written
			}
			written++
		}
	}
	before := fill()
	if o.read(1).Slip != "2023-0001" {
		t.Error("reading does not work")
	}
	if err := os.Remove(other); err != nil {
		t.Fatal(err)
	}
	o.now = o.now.Add(time.Hour)
	after := fill() // it goes on by itself
	if before == 0 || after == 0 {
		t.Fatalf("%d written before the disk was full, %d when there was space again", before, after)
	}
	if n := o.count("instances"); n != before+after {
		t.Errorf("%d instances, %d were acknowledged", n, before+after)
	}
	if _, n, err := o.VerifyChain(bg); err != nil || n != int64(2*(before+after)) {
		t.Errorf("%d rows in the chain: %v", n, err)
	}
	if faults := o.audit(); len(faults) > 0 {
		t.Errorf("%q", faults)
	}
}

// A rival holds the file for several times as long as a writer waits, which is
// five seconds in a service and a tenth of one here. Every attempt ends with an
// error, none hangs, and the first after the rival goes through.
func TestARivalThatStaysIsGivenUpOn(t *testing.T) {
	o := newOffice(t)
	in := o.begin("k")
	o.write(func(tx *store.Tx) error {
		_, err := tx.ExecContext(bg, `PRAGMA busy_timeout = 100`)
		return err
	})
	rival, err := o.raw().Conn(bg)
	if err != nil {
		t.Fatal(err)
	}
	defer rival.Close()
	if _, err := rival.ExecContext(bg, `BEGIN IMMEDIATE`); err != nil {
		t.Fatal(err)
	}
	for range 4 {
		begun := time.Now()
		err := o.Write(bg, o.now, func(*store.Tx) error { t.Error("two write at once"); return nil })
		if err == nil || !strings.Contains(err.Error(), "locked") || errors.Is(err, store.ErrDamaged) {
			t.Errorf("a held file is called %v", err)
		}
		if took := time.Since(begun); took < 90*time.Millisecond || took > 3*time.Second {
			t.Errorf("waited %v", took)
		}
		if o.read(in.ID).Version != 1 {
			t.Error("reading waits for a writer")
		}
	}
	if _, err := rival.ExecContext(bg, `COMMIT`); err != nil {
		t.Fatal(err)
	}
	if in = o.report(in, "张三"); o.read(in.ID).Version != 2 {
		t.Error("the step after the rival is not there")
	}
	if faults := o.audit(); len(faults) > 0 {
		t.Errorf("%q", faults)
	}
}
