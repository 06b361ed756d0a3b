package engine_test

import (
	"maps"
	"reflect"
	"slices"
	"testing"

	"duban/engine"
)

var all = engine.Actor{Person: "root", Name: "众", Roles: []engine.Role{
	engine.RoleLead, engine.RoleOffice, engine.RoleSponsor, engine.RolePrincipal}}

// filled fills in every field any act may need.
func filled() map[string]string {
	return map[string]string{"due": "2024-03-29", "month": "12", "progress": "进展", "reason": "理由", "result": "结果",
		"text": "批示", "topic": "主题", "unit": "学生工作处", "words": "电话"}
}

// kinds are all events that any shipped definition knows, and some that none does.
func kinds(s *story) []engine.EventKind {
	found := map[engine.EventKind]bool{engine.EventStart: true, engine.EventTimer: true, engine.EventChildDone: true,
		engine.EventChildReopened: true, "": true, "explode": true}
	for _, name := range s.lib.Names() {
		def, _ := s.lib.Get(name)
		for _, st := range def.States {
			for k := range st.On {
				found[k] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// Every state of every shipped definition, and no state at all, meets every
// event, from people who may do everything and from people who may do nothing,
// with every field filled in and with none.
func TestEveryStateMeetsEveryEvent(t *testing.T) {
	s := newStory(t, "2023-06-28 10:00")
	codes := []string{"unknown_event", "not_now", "not_you", "missing", "guard", "ended", "not_armed", "early", "bad_value"}
	pairs, moves := 0, 0
	for _, name := range s.lib.Names() {
		def, _ := s.lib.Get(name)
		for _, state := range append([]engine.State{"", "lost"}, def.Order...) {
			for _, kind := range kinds(s) {
				pairs++
				in := standing(def, state)
				for _, ev := range []engine.Event{
					{Kind: kind}, {Kind: kind, By: nobody}, {Kind: kind, By: all},
					{Kind: kind, By: nobody, Data: filled()}, {Kind: kind, By: all, Data: filled()},
				} {
					kept := clone(in)
					after, effects, err := engine.Step(def, in, ev, s.now, s.cal)
					if !reflect.DeepEqual(in, kept) {
						t.Fatalf("%s %s %s wrote to its instance", name, state, kind)
					}
					if err == nil {
						if ev.By.Person == "root" && ev.Data != nil {
							moves++
						}
						s.checkTimers(def, stateOf(def, after.State), &after)
						continue
					}
					r, ok := err.(*engine.Refusal)
					if !ok || !slices.Contains(codes, r.Code) || r.Hint == "" || r.State != state || r.Event != kind {
						t.Errorf("%s %s %s: %v", name, state, kind, err)
					}
					if !reflect.DeepEqual(after, kept) || effects != nil {
						t.Errorf("%s %s %s is refused and changes something", name, state, kind)
					}
				}
				if want := len(stateOf(def, state).On[kind]) > 0; want != accepted(s, def, in, kind) && kind != engine.EventChildDone && kind != engine.EventChildReopened {
					t.Errorf("%s in %s takes %s: %v, but the definition says %v", name, state, kind, !want, want)
				}
			}
		}
	}
	if pairs < 1000 || moves < 100 {
		t.Errorf("only %d pairs and %d moves were tried", pairs, moves)
	}
}

// standing is an instance put into a state, early in its life.
func standing(def *engine.Definition, state engine.State) engine.Instance {
	in := engine.Instance{ID: 7, Slip: "2023-0007", Key: "k", Workflow: def.Name, DefHash: def.Hash, Kind: def.Kind,
		Facts: matter(), Course: engine.Course{State: state, Version: 3, Open: 2, Children: 2}}
	in.Cadence, in.Until, in.Effective = "P1Y", date("2023-12-31"), in.Due
	return in
}

func stateOf(def *engine.Definition, state engine.State) *engine.StateDef {
	if st := def.States[state]; st != nil {
		return st
	}
	return &engine.StateDef{}
}

func accepted(s *story, def *engine.Definition, in engine.Instance, kind engine.EventKind) bool {
	_, _, err := engine.Step(def, in, engine.Event{Kind: kind, By: all, Data: filled()}, s.now, s.cal)
	return err == nil
}

// A child's end is heard in every state, whether it matters there or not.
func TestEveryStateHearsItsChildren(t *testing.T) {
	s := newStory(t, "2023-06-28 10:00")
	for _, name := range s.lib.Names() {
		def, _ := s.lib.Get(name)
		for _, state := range def.Order {
			in := standing(def, state)
			after, _, err := engine.Step(def, in, engine.Event{Kind: engine.EventChildDone}, s.now, s.cal)
			if err != nil || after.Open != 1 {
				t.Errorf("%s %s: %v, %d children open", name, state, err, after.Open)
			}
			in.Open = 0
			after, _, err = engine.Step(def, in, engine.Event{Kind: engine.EventChildDone}, s.now, s.cal)
			if err != nil || after.Open != 0 {
				t.Errorf("%s %s: %v, %d children open of none", name, state, err, after.Open)
			}
		}
	}
}
