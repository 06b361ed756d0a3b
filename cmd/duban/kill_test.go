package main

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strconv"
	"testing"
	"time"

	"duban/cmd/duban/internal/demo"
)

// inFlight bounds what one kill may double: the mails and posts whose answer had
// not been written down. Four mail workers and two for the robots.
const inFlight = 6

// build makes the program once, to be killed as a process of its own.
func build(t *testing.T) string {
	t.Helper()
	bin := filepath.Join(t.TempDir(), "duban")
	if out, err := exec.Command("go", "build", "-o", bin, ".").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return bin
}

func runDemo(t *testing.T, bin, dir string) demo.Summary {
	t.Helper()
	var out, errs bytes.Buffer
	cmd := exec.Command(bin, "demo", "--headless", "--json", "--dir", dir)
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
// run, and double at most what was in flight. DUBAN_KILLS sets how often (20).
func TestKillerDemo(t *testing.T) {
	if testing.Short() {
		t.Skip("starts and kills processes")
	}
	kills := 20
	if v := os.Getenv("DUBAN_KILLS"); v != "" {
		n, err := strconv.Atoi(v)
		if err != nil {
			t.Fatalf("DUBAN_KILLS: %v", err)
		}
		kills = n
	}
	bin := build(t)
	want := runDemo(t, bin, t.TempDir())
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	dice := rand.New(rand.NewPCG(seed, 1))
	dir, killed := t.TempDir(), 0
	for killed < kills {
		cmd := exec.Command(bin, "demo", "--headless", "--json", "--dir", dir)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		done := make(chan error, 1)
		go func() { done <- cmd.Wait() }()
		select {
		case err := <-done: // it was done before the blow fell: begin a new folder
			if err != nil {
				t.Fatalf("a run after %d kills failed: %v", killed, err)
			}
			compareKilled(t, runDemo(t, bin, dir), want, killed)
			dir = t.TempDir()
		case <-time.After(time.Duration(60+dice.IntN(700)) * time.Millisecond):
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			<-done
			killed++
		}
	}
	compareKilled(t, runDemo(t, bin, dir), want, killed)
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
