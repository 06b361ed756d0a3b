package engine_test

import (
	"errors"
	"testing"

	"duban/engine"
	"duban/engine/calendar"
)

// The table of 2023 arrives after the issue: 25 June becomes a work day, so the
// reminder seven work days before 30 June moves from the 21st to the 20th.
func TestTimersFollowANewCalendar(t *testing.T) {
	s := assigned(t, from("2023-02-17", "2023-06-30"))
	bare, err := calendar.New(nil, nil, calendar.Options{})
	if err != nil {
		t.Fatal(err)
	}
	at := func(in engine.Instance, timer string) string {
		for _, a := range in.Timers {
			if a.Name == timer {
				return a.At.Format("2006-01-02")
			}
		}
		return ""
	}
	with := at(s.all[0], "week_ahead")
	in, effects, err := engine.Step(s.def(&s.all[0]), s.all[0], engine.Event{Kind: engine.EventCalendar}, s.now, bare)
	if err != nil || len(effects) > 0 {
		t.Fatal(err, effects)
	}
	if got := at(in, "week_ahead"); with != "2023-06-20" || got != "2023-06-21" {
		t.Errorf("with the table %s, without it %s", with, got)
	}
	back, _, err := engine.Step(s.def(&s.all[0]), in, engine.Event{Kind: engine.EventCalendar}, s.now, s.cal)
	if err != nil || at(back, "week_ahead") != with {
		t.Errorf("with the table again: %s, %v", at(back, "week_ahead"), err)
	}
	byHand := engine.Event{Kind: engine.EventCalendar, By: engine.Actor{Person: "x", Roles: []engine.Role{engine.RoleOffice}}}
	var refusal *engine.Refusal
	if _, _, err := engine.Step(s.def(&s.all[0]), s.all[0], byHand, s.now, s.cal); !errors.As(err, &refusal) || refusal.Code != "not_you" {
		t.Errorf("by hand: %v", err)
	}
}
