package scheduler_test

import (
	"errors"
	"slices"
	"testing"

	"duban/engine"
	"duban/engine/store"
	"duban/scheduler"
)

func office(*engine.Instance, engine.EventKind) engine.Actor {
	return engine.Actor{Name: "效能办", Roles: []engine.Role{engine.RoleOffice}}
}

func event(kind engine.EventKind, data ...string) engine.Event {
	ev := engine.Event{Kind: kind, Data: map[string]string{"reason": "计划修订"}}
	for i := 0; i < len(data); i += 2 {
		ev.Data[data[i]] = data[i+1]
	}
	return ev
}

func nothing(*store.Tx) error { return nil }

func TestReviseMovesReplacesCancelsAndLeaves(t *testing.T) {
	w := newWorld(t, "2023-02-17")
	w.begin(many(t, 5, "2023-02-17", "2023-06-30")...)
	in := w.instances(store.Filter{})
	w.mustAct(in[4].Slip, "close", map[string]string{"result": "完成"}, engine.RoleOffice)
	cancel := event("cancel")
	anew := matter(7, "第7系", date(t, "2023-02-17"), date(t, "2023-05-31"))
	turned, begun, err := w.Revise(bg, []scheduler.Turn{
		{ID: in[0].ID, Events: []engine.Event{event("extend", "due", "2023-09-30"), event("reassign", "unit", "第9系")}, Cancel: &cancel},
		{ID: in[1].ID, Events: []engine.Event{event("extend", "due", "2023-05-31")}, Cancel: &cancel, Else: []engine.Start{anew}},
		{ID: in[2].ID, Cancel: &cancel},
		{ID: in[3].ID, Events: []engine.Event{event("extend", "due", "2023-05-31")}, Gentle: true},
		{ID: in[4].ID, Cancel: &cancel},
	}, many(t, 1, "2023-02-17", "2023-06-30"), office, nothing)
	if err != nil || begun != 0 { // that start was here before
		t.Fatal(begun, err)
	}
	var did []string
	for _, x := range turned {
		did = append(did, x.Did+" "+string(x.Instance.State))
	}
	if want := []string{"moved assigned", "replaced cancelled", "cancelled cancelled", "left assigned", "left closed"}; !slices.Equal(did, want) {
		t.Errorf("%q, want %q", did, want)
	}
	if turned[0].Instance.Unit != "第9系" || turned[0].Instance.Due != date(t, "2023-09-30") || turned[1].Begun != 1 || turned[3].Why == "" {
		t.Errorf("%+v", turned)
	}
	if n := len(w.instances(store.Filter{})); n != 6 {
		t.Errorf("%d instances, want 6", n)
	}
}

// A revision that fails anywhere leaves nothing of itself.
func TestReviseIsAllOrNothing(t *testing.T) {
	w := newWorld(t, "2023-02-17")
	w.begin(many(t, 2, "2023-02-17", "2023-06-30")...)
	in := w.instances(store.Filter{})
	before := w.rows()
	cancel := event("cancel")
	turns := []scheduler.Turn{{ID: in[0].ID, Cancel: &cancel}, {ID: in[1].ID, Events: []engine.Event{event("extend", "due", "2023-09-30")}, Cancel: &cancel}}
	bad := []engine.Start{{Workflow: "no such workflow", Key: "x"}}
	failed := errors.New("disk full")
	for name, revise := range map[string]func() error{
		"a start that cannot be": func() error { _, _, err := w.Revise(bg, turns, bad, office, nothing); return err },
		"a plan that is not written": func() error {
			_, _, err := w.Revise(bg, turns, nil, office, func(*store.Tx) error { return failed })
			return err
		},
		"an instance that is not there": func() error {
			_, _, err := w.Revise(bg, append(turns, scheduler.Turn{ID: 99, Cancel: &cancel}), nil, office, nothing)
			return err
		},
	} {
		if err := revise(); err == nil {
			t.Errorf("%s: no error", name)
		}
		if after := w.rows(); after != before {
			t.Errorf("%s: %s, was %s", name, after, before)
		}
	}
}

// What ends takes its children along, and does not take their end for success.
func TestACancelledDeploymentEndsWithItsParts(t *testing.T) {
	w := newWorld(t, "2023-02-17")
	w.begin(engine.Start{Workflow: "deployment", Key: "d", Facts: engine.Facts{Unit: "各系", Units: []string{"甲系", "乙系"}, Issued: date(t, "2023-02-17"), Due: date(t, "2023-03-31")}})
	cancel := event("cancel")
	if _, _, err := w.Revise(bg, []scheduler.Turn{{ID: 1, Cancel: &cancel}}, nil, office, nothing); err != nil {
		t.Fatal(err)
	}
	for _, in := range w.instances(store.Filter{}) {
		if in.State != "cancelled" {
			t.Errorf("%s is %s", in.Slip, in.State)
		}
	}
}
