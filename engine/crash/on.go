//go:build crashpoints

package crash

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
)

var hits atomic.Int64

// Point is a place; what says of what kind, or is empty. A place that Names
// does not know ends the process too, so that none is forgotten there.
func Point(where, what string) {
	here := strings.TrimSpace(where + " " + what)
	if !slices.Contains(Names(), here) {
		fmt.Fprintf(os.Stderr, "crash: %q is not among the names\n", here)
		os.Exit(70)
	}
	name, nth, _ := strings.Cut(os.Getenv("DUBAN_CRASH"), "#")
	if name != here {
		return
	}
	if n, err := strconv.ParseInt(nth, 10, 64); err == nil && hits.Add(1) < n {
		return
	}
	syscall.Kill(os.Getpid(), syscall.SIGKILL)
	select {} // until the signal strikes
}
