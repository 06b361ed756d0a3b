package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"duban/cmd/duban/internal/demo"
	"duban/engine/crash"
)

// TestKillerNamedPoints cuts the process off at every named place, one after the
// other, and goes on in the same folder: in the end it must be the run that
// nobody disturbed. DUBAN_CRASH_EACH=1 gives each place a run of its own, to see
// which one is at fault.
func TestKillerNamedPoints(t *testing.T) {
	if testing.Short() {
		t.Skip("starts and kills processes")
	}
	t.Parallel()
	c := &crasher{t: t, bin: build(t, "-tags", "crashpoints"), args: []string{"--to", "2020-10-31"}, dir: t.TempDir()}
	want := runDemo(t, c.bin, t.TempDir(), c.args...)
	each := os.Getenv("DUBAN_CRASH_EACH") != ""
	for i, name := range crash.Names() {
		if c.at(name, often(name, i)) {
			c.crashes++
		} else { // the run came to its end first
			c.settle(want)
			if !c.at(name, 1) {
				t.Errorf("no run comes to %q", name)
			}
			c.crashes++
		}
		if each {
			t.Log(name)
			c.settle(want)
		}
	}
	c.settle(want)
	if c.doubled == 0 {
		t.Error("a process that dies after sending must send again, and nothing was doubled: the crashes do not strike")
	}
}

// often says at which visit a place strikes. Some places are few in a run.
func often(name string, i int) int {
	for _, many := range []string{"timers", "act", "digest", "claim", "ledger", "publish", "check", "send", "acknowledge"} {
		if strings.Contains(name, many) {
			return 1 + i%3
		}
	}
	return 1
}

// crasher is a folder in which runs are cut off.
type crasher struct {
	t       *testing.T
	bin     string
	args    []string
	dir     string
	crashes int // in this folder
	doubled int // in all folders
}

// at runs until the n-th visit of a place; false when the run ends before.
func (c *crasher) at(name string, n int) bool {
	c.t.Helper()
	var out bytes.Buffer
	cmd := demoCommand(c.bin, c.dir, c.args...)
	cmd.Env = append(os.Environ(), fmt.Sprintf("DUBAN_CRASH=%s#%d", name, n))
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	var exit *exec.ExitError
	if err == nil {
		return false
	}
	if !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
		c.t.Fatalf("%s: %v\n%s", name, err, out.String())
	}
	return true
}

// settle runs the folder to its end, compares, and begins another one.
func (c *crasher) settle(want demo.Summary) {
	c.t.Helper()
	got := runDemo(c.t, c.bin, c.dir, c.args...)
	compareKilled(c.t, got, want, c.crashes)
	c.doubled += got.Duplicates
	c.dir, c.crashes = c.t.TempDir(), 0
}
