package sim

import (
	"fmt"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
)

// ordinary is how many seeds a normal run lives through.
const ordinary = 20

func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.DiscardHandler)) // failures are what is played here
	os.Exit(m.Run())
}

// A year of a college, with everything that goes wrong in one: nothing is lost,
// nothing comes too early, too late or too often, and the books are right.
func TestSimulatedYears(t *testing.T) {
	for _, seed := range chosen(t) {
		t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { year(t, seed) })
		})
	}
}

func chosen(t *testing.T) []uint64 {
	if one := os.Getenv("DUBAN_SEED"); one != "" {
		n, err := strconv.ParseUint(one, 10, 64)
		if err != nil {
			t.Fatal("DUBAN_SEED: ", err)
		}
		return []uint64{n}
	}
	n := ordinary
	if many := os.Getenv("DUBAN_SEEDS"); many != "" {
		var err error
		if n, err = strconv.Atoi(many); err != nil {
			t.Fatal("DUBAN_SEEDS: ", err)
		}
	}
	out := make([]uint64, n)
	for i := range out {
		out[i] = uint64(i + 1)
	}
	return out
}

func year(t *testing.T, seed uint64) {
	w, err := newWorld(t, seed)
	if err != nil {
		t.Fatalf("seed %d: %v", seed, err)
	}
	err = w.live()
	if e := w.close(); err == nil {
		err = e
	}
	if err != nil {
		t.Errorf("%v", err)
	}
	for _, f := range w.faults {
		t.Error(f)
	}
	if t.Failed() {
		t.Logf("replay with DUBAN_SEED=%d (%s); the last events:\n%s", seed, w.era.name, w.tail(40))
	}
	t.Log(w.summary())
}

// tail are the last events; in a replay of one seed, all that are kept.
func (w *world) tail(n int) string {
	if os.Getenv("DUBAN_SEED") != "" {
		n = len(w.events)
	}
	return strings.Join(w.events[max(0, len(w.events)-n):], "\n")
}

func (w *world) summary() string {
	c := &w.watch.count
	return fmt.Sprintf("%s: %d looks, %d steps of %d assignments, %d acts (%d refused), %d messages, %d lives, %d doubles allowed",
		w.era.name, c.looks, c.steps, c.instances, c.acts, c.refused, c.arrived, w.lives+1, c.doubles)
}
