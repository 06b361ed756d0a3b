package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"
)

// letter is one message as it arrived.
type letter struct {
	ID                       int64
	Receiver, Subject, Words string
}

func (l *letter) again() bool { return strings.Contains(l.Subject+l.Words, "补发") }

// letters are the messages that arrived after the one with this number.
func (h *house) letters(after int64) (out []letter) {
	h.t.Helper()
	db, err := sqlx.Open("sqlite", "file:"+h.file("postbox.db")+"?mode=ro")
	if err != nil {
		h.t.Fatal(err)
	}
	defer db.Close()
	err = db.Select(&out, `SELECT m.id, m.receiver, m.subject, b.words FROM messages m JOIN bodies b ON b.message = m.id WHERE m.id > ? ORDER BY m.id`, after)
	if err != nil {
		h.t.Fatal(err)
	}
	return out
}

// arrivals counts how often each notice arrived.
func (h *house) arrivals() map[string]int {
	h.t.Helper()
	all, err := h.box.Notices(h.t.Context(), "")
	if err != nil {
		h.t.Fatal(err)
	}
	n := map[string]int{}
	for id, a := range all {
		id, _, _ = strings.Cut(id, " ") // the receiver stands behind it
		n[id] += len(a)
	}
	return n
}

// noticesOf are the ids of the notices of a data file in a state.
func noticesOf(t *testing.T, file, state string) (ids []string) {
	t.Helper()
	db, err := sqlx.Open("sqlite", "file:"+file+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.Select(&ids, `SELECT id FROM outbox WHERE state = ?`, state); err != nil {
		t.Fatal(err)
	}
	return ids
}

// The disk dies on Friday morning, and Tuesday's backup is put back: what went
// since goes once more and says so, what the backup knows as sent does not, and
// what is new is new.
func TestYesterdaysBackupIsPutBack(t *testing.T) {
	h := newHouse(t, "")
	r := h.serve()
	h.want(0, nil, "plan", "add", h.file("plan.yaml"))
	h.want(0, nil, "act", "2023-0001", "instruct", "--by", "zhao", "--data", "text=请务必抓紧")
	h.arrived(2, 0)
	h.quiet()
	before := h.letters(0)

	copied := h.file("tuesday.db")
	out := h.want(0, []string{"steps", "head "}, "backup", "-o", copied)
	head := headIn(out)
	h.want(2, []string{"overwrites nothing"}, "backup", "-o", copied)
	h.want(1, []string{"in use by another duban process"}, "restore", copied)
	for _, day := range []string{"2023-02-22 09:00", "2023-02-23 09:00", "2023-02-24 09:00"} {
		h.to(day)
		h.want(0, nil, "act", "2023-0002", "instruct", "--by", "zhao", "--data", "text="+day) // wakes the loops, and is lost
		h.quiet()
	}
	h.want(0, nil, "verify", "--head", head)
	h.to("2023-02-24 10:00")
	if code := r.stop(); code != 0 {
		t.Fatalf("the service ended with %d", code)
	}
	since := h.letters(int64(len(before)))
	for _, l := range since {
		if l.again() {
			t.Errorf("marked without a restore: %s %s", l.Receiver, l.Subject)
		}
	}

	var errs bytes.Buffer
	behind := func() time.Time { return h.clock.Now().AddDate(0, 0, -4) }
	if code := run(t.Context(), []string{"restore", copied, "-c", h.config}, streams{Out: io.Discard, Err: &errs, Now: behind}); code != 1 ||
		!strings.Contains(errs.String(), "the clock shows 2023-02-20 10:00:00 and the backup knows of 2023-02-21 10:00") {
		t.Errorf("a clock behind the backup: %d %s", code, &errs)
	}
	h.want(0, []string{"tuesday.db", "duban.db.before-restore-1", "2023-02-21 10:00"}, "restore", copied)
	h.want(0, nil, "verify", "--head", head)
	code, kept, faults := h.runPlain("verify", "--file", h.file("data/duban.db.before-restore-1"))
	if code != 0 {
		t.Errorf("the file that was kept: %s", faults)
	}
	h.want(1, []string{"the chain does not contain the head"}, "verify", "--head", headIn(kept)) // its end is gone here
	h.want(1, []string{"the chain does not contain the head"}, "verify", "--head", strings.Split(head, "@")[0]+"@1")
	h.want(2, []string{"is no head"}, "verify", "--head", "4711")
	h.to("2023-02-24 10:05")
	r = h.serve()
	waited, sent := noticesOf(t, copied, "waiting"), noticesOf(t, copied, "sent")
	h.eventually("what waited in the backup, a second time", func() bool {
		arrivals := h.arrivals()
		return !slices.ContainsFunc(waited, func(id string) bool { return arrivals[id] < 2 })
	})
	h.quiet()
	again := h.letters(int64(len(before) + len(since)))
	for _, l := range again {
		if !l.again() {
			t.Errorf("it does not say that it may have come before: %s %s\n%s", l.Receiver, l.Subject, l.Words)
		}
	}
	for _, id := range sent {
		if n := h.arrivals()[id]; n != 1 {
			t.Errorf("the backup knew %s as sent, and it came %d times", id, n)
		}
	}
	last := before[0].ID - 1 + int64(len(before)+len(since)+len(again))
	h.to("2023-02-28 09:00")
	h.want(0, nil, "act", "2023-0002", "instruct", "--by", "zhao", "--data", "text=重新批示")
	h.eventually("something new", func() bool { return len(h.letters(last)) > 1 })
	h.quiet()
	fresh := h.letters(last)
	for _, l := range fresh {
		if l.again() {
			t.Errorf("due after the restore, and marked: %s %s\n%s", l.Receiver, l.Subject, l.Words)
		}
	}
	if len(waited) == 0 || len(sent) == 0 || len(before) == 0 || len(since) == 0 || len(again) == 0 || len(fresh) == 0 {
		t.Errorf("%d before the backup, %d since, %d once more, %d new: the story shows nothing", len(before), len(since), len(again), len(fresh))
	}
	r.stop()
	h.want(0, []string{"head"}, "verify", "--head", head)
}

// headIn finds the head in what verify or backup printed.
func headIn(out string) string { return strings.Fields(out[strings.Index(out, "head ")+5:])[0] }

// runPlain is run without the house's config.
func (h *house) runPlain(args ...string) (int, string, string) { return duban(h.t, args...) }

// A file that is no good backup touches nothing.
func TestABadBackupIsNotPutBack(t *testing.T) {
	h, file := lived(t)
	good := h.file("good.db")
	h.want(0, nil, "backup", "-o", good)
	before, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	bad := h.file("bad.db")
	damage := func(data []byte) {
		if err := os.WriteFile(bad, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	damage(whole[:len(whole)/2])
	h.want(1, []string{"damaged"}, "restore", bad)
	damage([]byte(strings.ReplaceAll(string(whole), "请务必抓紧", "请务必抓累")))
	h.want(1, []string{"is not sound, nothing was touched", "history row"}, "restore", bad)
	damage([]byte("not a database"))
	h.want(1, nil, "restore", bad)
	damage(whole)
	tamper(t, bad, `INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, 1)`)
	h.want(1, []string{"newer than this program"}, "restore", bad)
	h.want(2, []string{"data file itself"}, "restore", file)
	h.want(2, []string{"no such file"}, "restore", h.file("nothing.db"))
	h.write("running.db", "x")
	h.write("running.db-wal", "x")
	h.want(2, []string{"no finished backup"}, "restore", h.file("running.db"))
	if after, err := os.ReadFile(file); err != nil || string(after) != string(before) {
		t.Errorf("the data file was touched: %v", err)
	}
	left, err := filepath.Glob(h.file("data/duban.db.*"))
	if err != nil || len(left) != 1 { // the lock
		t.Errorf("left beside it: %v %v", left, err)
	}
	tamper(t, file, `DROP TRIGGER history_no_update; UPDATE history SET at = at + 1 WHERE seq = 2`)
	h.want(1, []string{"history row 2 ", "the data is not sound"}, "backup", "-o", h.file("never.db"))
	if left, _ := filepath.Glob(h.file("never.db*")); len(left) > 0 {
		t.Errorf("a bad backup stays: %v", left)
	}
}
