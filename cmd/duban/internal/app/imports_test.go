package app_test

import (
	"encoding/json"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// rules say what a room may import of the house, and why. A room not listed here
// may import what it likes of the rooms before it, but never cmd.
var rules = []struct {
	room    string
	allowed []string // of the module; nil: nothing
	std     bool     // nothing from outside the standard library either
	why     string
}{
	{"duban/engine/calendar", nil, true, "the calendar is pure: dates in, dates out"},
	{"duban/engine", []string{"duban/engine/calendar"}, true, "Step is pure: what decides must not be able to store, send or read a clock"},
	{"duban/engine/crash", nil, true, "the places of a crash are empty outside a test: nothing may be drawn in through them"},
	{"duban/engine/fault", nil, false, "faults are the bottom: everything may report them"},
	{"duban/engine/org", []string{"duban/engine/calendar", "duban/engine/fault"}, false, "the organisation knows people and days, not workflows"},
	{"duban/engine/store", []string{"duban/engine", "duban/engine/calendar", "duban/engine/crash"}, false, "the store writes what it is given; it decides nothing"},
	{"duban/plan", []string{"duban/engine/calendar", "duban/engine/fault"}, false, "plans are documents: no SQL, no workflow"},
	{"duban/plan/source", nil, false, "files become blocks: what they mean is the business of the rooms after it"},
	{"duban/plan/when", []string{"duban/engine/calendar", "duban/plan"}, false, "the time grammar is pure: words and the day of issue in, dates out; the lunar calendar alone comes from outside"},
	{"duban/plan/outline", []string{"duban/engine/calendar", "duban/plan", "duban/plan/source"}, true, "the outline reads words: it knows no file format and no time grammar"},
	{"duban/plan/read", []string{"duban/engine/calendar", "duban/plan", "duban/plan/outline", "duban/plan/source", "duban/plan/when"}, true, "the reader ties its parts together and stores nothing"},
	{"duban/workflows", []string{"duban/engine", "duban/engine/calendar", "duban/engine/fault", "duban/engine/org", "duban/plan"}, false, "definitions are data for the engine"},
	{"duban/plan/draft", []string{"duban/engine/fault", "duban/engine/org", "duban/plan"}, false, "a draft is looked at: no SQL, no workflow, nothing starts from it"},
	{"duban/seeds", []string{"duban/engine/calendar", "duban/engine/fault", "duban/engine/org", "duban/plan"}, false, "seeds are data"},
	{"duban/scheduler", []string{"duban/engine", "duban/engine/calendar", "duban/engine/store", "duban/workflows"}, false, "the scheduler sends nothing: the outbox is the only door to the notifier"},
	{"duban/notifier", []string{"duban/engine", "duban/engine/calendar", "duban/engine/crash", "duban/engine/org", "duban/engine/store", "duban/notifier/text"}, false, "the notifier cannot change a state: it does not know the scheduler"},
	{"duban/notifier/text", []string{"duban/engine/calendar"}, false, "words are pure: a preview shows what goes out"},
	{"duban/notifier/mail", []string{"duban/notifier"}, false, "a channel sends messages and knows nothing of assignments"},
	{"duban/notifier/wecom", []string{"duban/notifier", "duban/notifier/guard"}, false, "a channel sends messages and knows nothing of assignments"},
	{"duban/notifier/guard", nil, true, "the guard of outgoing addresses is used by all who go out and knows nobody"},
	{"duban/notifier/events", []string{"duban/engine", "duban/engine/store"}, false, "events tell what the history says; they neither send to people nor change anything"},
	{"duban/notifier/postbox", nil, false, "the post box is the far side: it must not share code with the sender it checks"},
}

type pkg struct {
	ImportPath string
	Imports    []string
}

func packages(t *testing.T) map[string]pkg {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", "duban/...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	all := map[string]pkg{}
	for dec := json.NewDecoder(strings.NewReader(string(out))); dec.More(); {
		var p pkg
		if err := dec.Decode(&p); err != nil {
			t.Fatal(err)
		}
		all[p.ImportPath] = p
	}
	return all
}

func TestRoomsImportOnlyWhatTheyMay(t *testing.T) {
	all := packages(t)
	for _, r := range rules {
		p, ok := all[r.room]
		if !ok {
			t.Errorf("%s is named in the rules but does not exist", r.room)
			continue
		}
		for _, imp := range p.Imports {
			inHouse := strings.HasPrefix(imp, "duban/")
			if inHouse && !slices.Contains(r.allowed, imp) {
				t.Errorf("%s imports %s: %s", r.room, imp, r.why)
			}
			if r.std && !inHouse && strings.Contains(strings.Split(imp, "/")[0], ".") {
				t.Errorf("%s imports %s, which is not in the standard library: %s", r.room, imp, r.why)
			}
		}
	}
}

func TestNothingImportsCmd(t *testing.T) {
	for _, p := range packages(t) {
		if strings.HasPrefix(p.ImportPath, "duban/cmd/") {
			continue
		}
		for _, imp := range p.Imports {
			if strings.HasPrefix(imp, "duban/cmd") {
				t.Errorf("%s imports %s: commands are the outermost room", p.ImportPath, imp)
			}
		}
	}
}
