package main

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"duban/cmd/duban/internal/config"
	"duban/cmd/duban/internal/control"
	"duban/engine/store"
)

// manyTimes is how often a test does something: what an environment variable
// says, or a number that fits the normal run.
func manyTimes(t *testing.T, variable string, usual int) int {
	t.Helper()
	v := os.Getenv(variable)
	if v == "" {
		return usual
	}
	n, err := strconv.Atoi(v)
	if err != nil {
		t.Fatalf("%s: %v", variable, err)
	}
	return n
}

// lived is the data file of a house in which something of everything happened:
// mail that came and mail that is dead, a robot, notices that wait, are held and
// were withdrawn, items that wait for the office.
func lived(t *testing.T) (h *house, file string) {
	h = newHouse(t, "")
	r := h.serve()
	h.want(0, nil, "plan", "add", h.file("plan.yaml"))
	h.want(0, nil, "act", "2023-0001", "acknowledge", "--by", "周志强")
	h.want(0, nil, "act", "2023-0001", "instruct", "--by", "zhao", "--data", "text=请务必抓紧")
	h.arrived(2, 0)
	for _, day := range []string{"2023-02-22 09:00", "2023-02-28 09:00"} {
		h.to(day)
		h.want(0, nil, "act", "2023-0002", "instruct", "--by", "zhao", "--data", "text=请抓紧") // wakes the loops
		h.quiet()
	}
	h.want(0, nil, "draft", "alias", "学校教务=教务处", "--by", "zhao")
	h.write("plan.yaml", strings.Replace(planFile, "heading: 教学检查", "heading: 教学大检查", 1))
	h.want(0, nil, "import", h.file("plan.yaml"))
	h.want(0, nil, "draft", "confirm", "plan", "--all") // a former version, with what runs as it was
	h.want(0, nil, "act", "2023-0001", "report", "--by", "xiaoyan", "--data", "progress=已完成八成")
	r.stop()
	return h, h.file("data/duban.db")
}

// quiet waits until nothing is left that could go now. It looks twice: a notice
// may become a message between two questions of one look.
func (h *house) quiet() {
	h.t.Helper()
	looks := 0
	h.eventually("quiet outbox", func() bool {
		o := ask[control.Outbox](h, "outbox", "list")
		moves := o.Counts[control.Pending] > 0 || slices.ContainsFunc(o.Entries, func(e control.Entry) bool {
			return e.State == control.Waiting && e.Next <= h.clock.Now().Format(time.RFC3339)
		})
		if looks++; moves {
			looks = 0
		}
		return looks > 1
	})
}

// logical is every row of every table as the program reads it. When a migration
// ran is the one thing that nothing reads; of its number the order alone.
func logical(t *testing.T, file string) map[string][]string {
	t.Helper()
	db, err := sqlx.Open("sqlite", "file:"+file+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	out := map[string][]string{}
	for table, columns := range map[string]string{"definitions": "*", "plans": "*", "items": "*", "counters": "*", "instances": "*", "history": "*",
		"outbox": "*", "deliveries": "*", "ledger": "*", "meta": "*", "calendars": "*", "drafts": "*", "aliases": "*", "plan_versions": "*", "goose_db_version": "version_id, is_applied"} {
		rows, err := db.Queryx("SELECT " + columns + " FROM " + table)
		if err != nil {
			return map[string][]string{"unreadable": {err.Error()}}
		}
		for rows.Next() {
			cells, err := rows.SliceScan()
			if err != nil {
				return map[string][]string{"unreadable": {err.Error()}}
			}
			out[table] = append(out[table], fmt.Sprintf("%q", cells))
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			return map[string][]string{"unreadable": {err.Error()}}
		}
		sort.Strings(out[table])
	}
	return out
}

func difference(a, b map[string][]string) string {
	for table := range a {
		for i := range max(len(a[table]), len(b[table])) {
			if i >= len(a[table]) || i >= len(b[table]) {
				return fmt.Sprintf("%s has %d rows, had %d", table, len(b[table]), len(a[table]))
			}
			if a[table][i] != b[table][i] {
				return fmt.Sprintf("%s:\n%s\nwas\n%s", table, b[table][i], a[table][i])
			}
		}
	}
	return ""
}

// TestAFlippedByteNeverGivesASilentWrongAnswer changes one byte of the data file
// at random: verify finds it, or every answer is the same as before. DUBAN_FLIPS
// sets how often (150).
func TestAFlippedByteNeverGivesASilentWrongAnswer(t *testing.T) {
	h, file := lived(t)
	cfg, faults := config.Load(h.config)
	if err := faults.Err(); err != nil {
		t.Fatal(err)
	}
	by, err := newVerifier(cfg)
	if err != nil {
		t.Fatal(err)
	}
	sound, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	h.want(0, []string{"head"}, "verify")
	want := logical(t, file)
	for _, table := range []string{"definitions", "plans", "items", "counters", "instances", "history", "outbox", "deliveries", "ledger", "meta", "calendars", "drafts", "aliases", "plan_versions"} {
		if len(want[table]) == 0 {
			t.Fatalf("the story leaves nothing in %s", table)
		}
	}
	seed := uint64(time.Now().UnixNano())
	dice := rand.New(rand.NewPCG(seed, 3))
	bad := filepath.Join(t.TempDir(), "flipped.db")
	flips, found := manyTimes(t, "DUBAN_FLIPS", 150), 0
	for range flips {
		at, bits := dice.IntN(len(sound)), byte(1+dice.IntN(255))
		flipped := bytes.Clone(sound)
		flipped[at] ^= bits
		for _, beside := range []string{"", "-wal", "-shm", "-journal"} {
			if err := os.Remove(bad + beside); err != nil && !os.IsNotExist(err) {
				t.Fatal(err)
			}
		}
		if err := os.WriteFile(bad, flipped, 0o600); err != nil {
			t.Fatal(err)
		}
		if refused(t, bad, by) {
			found++
		} else if d := difference(want, logical(t, bad)); d != "" {
			t.Errorf("seed %d: byte %d of page %d is %#x instead of %#x, verify finds nothing, and %s",
				seed, at%4096, at/4096+1, flipped[at], sound[at], d)
		}
	}
	t.Logf("%d flips in %d bytes: %d found, %d changed nothing", flips, len(sound), found, flips-found)
	if found == 0 {
		t.Error("nothing was ever found")
	}
}

// A byte that is flipped in the write-ahead log of a killed service ends the log
// there for SQLite: what was committed after it is gone without a word. verify
// cannot know that from the file; it finds it by the head that was kept outside.
func TestAFlippedByteInTheLogIsFoundByTheHead(t *testing.T) {
	h := newHouse(t, "")
	r := h.serve()
	h.want(0, nil, "plan", "add", h.file("plan.yaml"))
	h.want(0, nil, "act", "2023-0001", "acknowledge", "--by", "周志强")
	h.quiet()
	head := headIn(h.want(0, []string{"head"}, "verify"))
	killed := filepath.Join(t.TempDir(), "killed.db")
	sound, err1 := os.ReadFile(h.file("data/duban.db"))
	log, err2 := os.ReadFile(h.file("data/duban.db-wal"))
	r.stop()
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	for i := range 40 {
		flipped := bytes.Clone(log)
		at := (2*i + 1) * len(log) / 80
		flipped[at] ^= 0x10
		for name, content := range map[string][]byte{killed: sound, killed + "-wal": flipped} {
			if err := os.WriteFile(name, content, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		os.Remove(killed + "-shm")
		if code, out, errs := h.runPlain("verify", "--file", killed, "--head", head); code != 1 {
			t.Errorf("byte %d of the log: exit code %d, %s%s", at, code, out, errs)
		}
	}
}

// refused says whether the file cannot be opened or verify finds something.
func refused(t *testing.T, file string, by verifier) bool {
	t.Helper()
	db, err := store.OpenSnapshot(t.Context(), file)
	if err != nil {
		return true
	}
	defer db.Close()
	v, err := by.verify(t.Context(), db)
	return err != nil || len(v.Faults) > 0 || strings.TrimSpace(v.Head) == ""
}
