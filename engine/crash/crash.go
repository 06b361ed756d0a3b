// Package crash names the places at which a process may be cut off: around
// every commit, publish, send and acknowledgement. In a program built with the
// tag crashpoints, DUBAN_CRASH="before send mail#3" kills the process when it
// comes to that place for the third time. Without the tag Point is empty and
// the compiler leaves nothing of it.
package crash

import "strings"

// commits are what a writing transaction is for; "" is any that has no name.
func commits() []string {
	return []string{"calendar", "recall", "plan", "items", "periodic", "timers", "act", "digest", "claim", "ledger", ""}
}

// Names are the names of all places, in the order in which a young data folder
// can come to them.
func Names() []string {
	all := []string{"before migration", "after migration"}
	for _, what := range commits() {
		all = append(all, strings.TrimSpace("before commit "+what), strings.TrimSpace("after commit "+what))
	}
	for _, what := range []string{"publish", "check mail", "check wecom", "send mail", "send wecom", "acknowledge mail", "acknowledge wecom"} {
		all = append(all, "before "+what, "after "+what)
	}
	return all
}
