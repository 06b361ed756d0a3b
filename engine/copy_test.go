package engine_test

import (
	"encoding/json"
	"maps"
	"slices"
	"testing"

	"duban/engine"
)

func text(t testing.TB, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// restored is an instance as the store gives it back.
func restored(t testing.TB, in engine.Instance) (out engine.Instance) {
	t.Helper()
	saved := text(t, in)
	if err := json.Unmarshal([]byte(saved), &out); err != nil {
		t.Fatal(err)
	}
	if again := text(t, out); again != saved {
		t.Fatalf("an instance does not survive the store:\n%s\n%s", saved, again)
	}
	return out
}

func clone(in engine.Instance) engine.Instance {
	in.Facts = cloneFacts(in.Facts)
	in.Timers, in.Handlers = slices.Clone(in.Timers), slices.Clone(in.Handlers)
	in.Fired, in.Words = maps.Clone(in.Fired), maps.Clone(in.Words)
	return in
}

func cloneFacts(f engine.Facts) engine.Facts {
	f.Coop, f.Units = slices.Clone(f.Coop), slices.Clone(f.Units)
	f.Asks, f.Extra = maps.Clone(f.Asks), maps.Clone(f.Extra)
	return f
}

func cloneEvent(ev engine.Event) engine.Event {
	ev.By.Roles, ev.Data = slices.Clone(ev.By.Roles), maps.Clone(ev.Data)
	if ev.Start != nil {
		st := *ev.Start
		st.Facts = cloneFacts(st.Facts)
		ev.Start = &st
	}
	return ev
}
