package main

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"testing"
	"time"

	"duban/cmd/duban/internal/demo"
	"duban/engine/store"
)

// inFlight bounds what one kill may double: the mails and posts whose answer had
// not been written down. Four mail workers and two for the robots.
const inFlight = 6

// build makes the program, to be killed as a process of its own.
func build(t *testing.T, args ...string) string {
	t.Helper()
	bin := filepath.Join(t.TempDir(), "duban")
	args = append([]string{"build", "-o", bin}, args...)
	if out, err := exec.Command("go", append(args, ".")...).CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return bin
}

func demoCommand(bin, dir string, args ...string) *exec.Cmd {
	return exec.Command(bin, append([]string{"demo", "--headless", "--json", "--dir", dir}, args...)...)
}

func runDemo(t *testing.T, bin, dir string, args ...string) demo.Summary {
	t.Helper()
	var out, errs bytes.Buffer
	cmd := demoCommand(bin, dir, args...)
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		t.Fatalf("demo: %v\n%s%s", err, out.String(), errs.String())
	}
	var s demo.Summary
	if err := json.Unmarshal(out.Bytes(), &s); err != nil {
		t.Fatalf("summary: %v\n%s", err, out.String())
	}
	return s
}

// TestKillerDemo kills the demo with -9 at random moments and starts it again
// each time in the same folder: it must end with the summary of an undisturbed
// run, and double at most what was in flight. DUBAN_KILLS sets how often (100).
func TestKillerDemo(t *testing.T) {
	if testing.Short() {
		t.Skip("starts and kills processes")
	}
	t.Parallel()
	kills := manyTimes(t, "DUBAN_KILLS", 100)
	bin := build(t)
	began := time.Now()
	want := runDemo(t, bin, t.TempDir())
	window := max(time.Since(began)/20, 100*time.Millisecond) // a slow machine gets as many kills a run as a fast one
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	k := &killer{t: t, bin: bin, dir: t.TempDir(), window: window, dice: rand.New(rand.NewPCG(seed, 1))}
	for range kills {
		for !k.blow() { // it was done before the blow fell: begin a new folder
			k.settle(want)
		}
	}
	k.settle(want)
	k.report(kills)
}

// killer is a folder in which runs are killed, and what the kills hit.
type killer struct {
	t       *testing.T
	bin     string
	dir     string
	window  time.Duration
	dice    *rand.Rand
	kills   int   // in this folder
	last    int   // state changes at the last kill
	moved   []int // state changes between a kill and the one before
	caught  int   // kills with messages under way
	doubled int
}

// blow starts a run and kills it: one in eight during its start, the others
// within the window after it began to write. It answers false when the run was faster.
func (k *killer) blow() bool {
	k.t.Helper()
	began := time.Now()
	cmd := demoCommand(k.bin, k.dir)
	if err := cmd.Start(); err != nil {
		k.t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	wait := time.Duration(k.dice.Int64N(int64(k.window)))
	writes := k.dice.IntN(8) == 0
	for {
		select {
		case err := <-done:
			if err != nil {
				k.t.Fatalf("a run after %d kills failed: %v", k.kills, err)
			}
			return false
		case <-time.After(3 * time.Millisecond):
		}
		if !writes && k.writes(began) {
			writes, wait = true, time.Since(began)+wait
		}
		if writes && time.Since(began) >= wait {
			break
		}
	}
	if err := cmd.Process.Kill(); err != nil {
		k.t.Fatal(err)
	}
	<-done
	k.look()
	return true
}

// writes says that a run has begun to work: opening the data file writes nothing
// to its log.
func (k *killer) writes(began time.Time) bool {
	f, err := os.Stat(filepath.Join(k.dir, "duban.db-wal"))
	return err == nil && f.Size() > 0 && f.ModTime().After(began)
}

// look notes what the kill has hit.
func (k *killer) look() {
	k.t.Helper()
	k.kills++
	db, err := store.OpenReader(k.t.Context(), filepath.Join(k.dir, "duban.db"))
	if err != nil {
		k.moved = append(k.moved, 0) // killed before there was a file
		return
	}
	defer db.Close()
	steps, err := db.Tally(k.t.Context(), store.Transitions)
	if err != nil {
		k.moved = append(k.moved, 0)
		return
	}
	k.moved = append(k.moved, steps["all"]-k.last)
	k.last = steps["all"]
	pending, err := db.Deliveries(k.t.Context(), "pending", 1000)
	if err != nil {
		k.t.Fatal(err)
	}
	if slices.ContainsFunc(pending, func(d store.Delivery) bool { return d.Published > 0 }) {
		k.caught++
	}
}

// settle runs the folder to its end, compares, and begins another one.
func (k *killer) settle(want demo.Summary) {
	k.t.Helper()
	got := runDemo(k.t, k.bin, k.dir)
	compareKilled(k.t, got, want, k.kills)
	k.doubled += got.Duplicates
	k.dir, k.kills, k.last = k.t.TempDir(), 0, 0
}

// report says what the kills hit: a killer that strikes idle processes proves nothing.
func (k *killer) report(kills int) {
	k.t.Helper()
	slices.Sort(k.moved)
	idle, _ := slices.BinarySearch(k.moved, 1)
	k.t.Logf("%d kills, %d duplicates; state changes between two kills: median %d, most %d, none %d times; messages under way %d times",
		kills, k.doubled, k.moved[len(k.moved)/2], k.moved[len(k.moved)-1], idle, k.caught)
	if idle*2 > kills {
		k.t.Errorf("%d of %d kills struck before anything had moved", idle, kills)
	}
	if k.caught == 0 && kills >= 50 {
		k.t.Error("no kill struck while a message was under way")
	}
}

func compareKilled(t *testing.T, got, want demo.Summary, kills int) {
	t.Helper()
	if got.Duplicates > kills*inFlight {
		t.Errorf("%d duplicates after %d kills; at most %d a kill may be in flight", got.Duplicates, kills, inFlight)
	}
	t.Logf("%d kills: %d duplicates", kills, got.Duplicates)
	for _, s := range []*demo.Summary{&got, &want} {
		s.Seconds, s.Duplicates = 0, 0
		s.Deliveries.Mail.Received, s.Deliveries.WeCom.Received = 0, 0
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("after %d kills the summary is\n%+v\nundisturbed it is\n%+v", kills, got, want)
	}
}
