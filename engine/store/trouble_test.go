package store_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
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
