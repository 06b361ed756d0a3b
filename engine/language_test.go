package engine_test

import (
	"fmt"
	"strings"
	"testing"

	"duban/engine"
	"duban/workflows"
)

// trial is a workflow of its own, to see what the words of the language do.
// Lines are put under its parts by name: start, on, timers.
func trial(t testing.TB, parts map[string]string) *engine.Definition {
	t.Helper()
	text := `workflow: trial
title: 试验
kind: assignment
start:
` + orElse(parts["start"], "  - to: open") + `
states:
  open:
    title: 在办
    on:
      ask: [{by: office, when: "` + orElse(parts["guard"], "frame") + `", to: yes}, {by: office}]
` + parts["on"] + `
      end: {by: office, to: yes}
  yes: {title: 是, final: true}
timers:
` + orElse(parts["timers"], "  never: {in: open, at: usual, do: {remind: office, as: told}}") + `
reasons:
  told: {title: 告知, class: digest}
`
	def, faults := workflows.Load("trial.yaml", []byte(text), nil)
	if err := faults.Err(); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return def
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

func begin(s *story, def *engine.Definition, f engine.Facts) engine.Instance {
	s.Helper()
	in, _, err := engine.Step(def, engine.Instance{ID: 1}, engine.Event{Kind: engine.EventStart, Start: &engine.Start{Workflow: "trial", Facts: f}}, s.now, s.cal)
	if err != nil {
		s.Fatal(err)
	}
	return in
}

func TestGuards(t *testing.T) {
	s := newStory(t, "2023-06-28 10:00") // two work days before the deadline
	facts := matter(func(f *engine.Facts) { f.Cadence, f.Need, f.Until = "P3M", 2, date("2023-12-31") })
	for guard, change := range map[string]func(in *engine.Instance){
		"period = 92wd":                    func(in *engine.Instance) {},
		"period != 91":                     func(in *engine.Instance) {},
		"period > 91 and period >= 92":     func(in *engine.Instance) {},
		"left = 2":                         func(in *engine.Instance) {},
		"left < 3wd and left <= 2wd":       func(in *engine.Instance) {},
		"chased = 2":                       func(in *engine.Instance) { in.Chased = 2 },
		"reminders = 1":                    func(in *engine.Instance) { in.Reminders = 1 },
		"extended >= 1":                    func(in *engine.Instance) { in.Extended = 1 },
		"open = 3":                         func(in *engine.Instance) { in.Open = 3 },
		"asked = 2":                        func(in *engine.Instance) { in.Asks = map[string]int{"a": 1, "b": 1} },
		"ticks_missing = 1 and not done":   func(in *engine.Instance) { in.Done = 1 },
		"done and ticks_missing = 0":       func(in *engine.Instance) { in.Done = 2 },
		"done":                             func(in *engine.Instance) { in.Need, in.Done = 0, 1 },
		"periods_left = 3":                 func(in *engine.Instance) { in.Children = 1 },
		"cadence = P3M":                    func(in *engine.Instance) {},
		"cadence != P1Y":                   func(in *engine.Instance) {},
		"cadence in (P1Y, P3M)":            func(in *engine.Instance) {},
		"trigger = event":                  func(in *engine.Instance) { in.Trigger = "event" },
		"light = green":                    func(in *engine.Instance) {},
		"light = red":                      func(in *engine.Instance) { in.Light = "red" },
		"unit = 组织部":                       func(in *engine.Instance) {},
		"frame":                            func(in *engine.Instance) { in.Frame = true },
		"acknowledged":                     func(in *engine.Instance) { in.Signed = s.now },
		"reported":                         func(in *engine.Instance) { in.Reported = s.now },
		"deemed":                           func(in *engine.Instance) { in.Deemed = true },
		"instructed":                       func(in *engine.Instance) { in.Instructed = true },
		"leader":                           func(in *engine.Instance) { in.Leader = true },
		"sensitive":                        func(in *engine.Instance) { in.Sensitive = true },
		"at_least":                         func(in *engine.Instance) { in.AtLeast = true },
		"early":                            func(in *engine.Instance) { in.Handed = s.time("2023-06-29 18:00") },
		"not early":                        func(in *engine.Instance) { in.Handed = s.time("2023-06-30 08:00") },
		"not vacation":                     func(in *engine.Instance) {},
		"reported_within(5wd)":             func(in *engine.Instance) { in.Reported = s.time("2023-06-20 10:00") },
		"not reported_within(4wd)":         func(in *engine.Instance) { in.Reported = s.time("2023-06-20 10:00") },
		"phoned_within(0)":                 func(in *engine.Instance) { in.Phoned = s.time("2023-06-28 08:00") },
		"urged_within(0)":                  func(in *engine.Instance) { in.Urged = s.time("2023-06-28 08:00") },
		"not urged_within(9wd)":            func(in *engine.Instance) {},
		"not phoned_within(9wd)":           func(in *engine.Instance) {},
		"frame or not (leader or deemed)":  func(in *engine.Instance) {},
		"not frame and (leader or deemed)": func(in *engine.Instance) { in.Deemed = true },
	} {
		for _, negate := range []bool{false, true} {
			text := guard
			if negate {
				text = "not (" + guard + ")"
			}
			def := trial(t, map[string]string{"guard": text})
			in := begin(s, def, facts)
			change(&in)
			after, _, err := engine.Step(def, in, engine.Event{Kind: "ask", By: office}, s.now, s.cal)
			if err != nil || (after.State == "yes") == negate {
				t.Errorf("%s: %v, %v", text, after.State, err)
			}
		}
	}
}

func TestTimes(t *testing.T) {
	s := newStory(t, "2023-05-22") // a Monday
	facts := matter(func(f *engine.Facts) { f.Issued, f.Usual = date("2023-05-22"), date("2023-09-10") })
	for expr, want := range map[string]string{
		"issued + 2wd":                          "2023-05-24",
		"due - 7wd":                             "2023-06-20",
		"due - 8d":                              "2023-06-21", // the 22nd is a holiday: before a deadline, times move back
		"due + 1d":                              "2023-07-03", // a Saturday: after it, forward
		"due - 2w":                              "2023-06-16",
		"due + 1m":                              "2023-07-31", // the 30th is a Sunday
		"due @closing":                          "2023-06-30 17:30",
		"entered + 3wd":                         "2023-05-25",
		"opened + 4wd":                          "2023-05-26",
		"usual - 2m":                            "2023-07-10",
		"monday(due + 3wd)":                     "2023-07-10",
		"monday(due)":                           "2023-07-03",
		"monday(due - 4d)":                      "2023-06-26", // a Monday is itself
		"monday(due + 3m)":                      "2023-10-07", // 2 October is a holiday
		"later(due - 5wd, due - 6wd)":           "2023-06-25",
		"earlier(due - 5wd, due - 6wd)":         "2023-06-21",
		"earlier(due, later(due - 5wd, usual))": "2023-06-30",
		"30% left":                              "2023-06-19",
		"100% left":                             "2023-05-22",
		"day(8)":                                "2023-06-08",
		"day(17)":                               "2023-06-19", // a Saturday
		"teaching_week(16)":                     "2023-06-05",
		"last_workday @closing":                 "2023-05-31 17:30",
		"workday_of_next_month(5)":              "2023-06-07",
	} {
		def := trial(t, map[string]string{"timers": fmt.Sprintf("  it: {in: open, at: %q, do: {remind: office, as: told}}", expr)})
		in := begin(s, def, facts)
		if a, ok := in.Next(); !ok || when(a.At) != want {
			t.Errorf("%s is %v, want %s", expr, a.At, want)
		}
	}
}

func TestTimesThatNameNoDay(t *testing.T) {
	s := newStory(t, "2023-05-22")
	for _, expr := range []string{"due", "usual - 2m", "issued", "later(opened, due)", "30% left", "monday(due)", "teaching_week(10)", "next_period"} {
		def := trial(t, map[string]string{"timers": fmt.Sprintf("  it: {in: open, at: %q, do: {remind: office, as: told}}", expr)})
		if in := begin(s, def, engine.Facts{}); len(in.Timers) > 0 {
			t.Errorf("%s of nothing is %v", expr, in.Timers)
		}
	}
	def := trial(t, map[string]string{"timers": "  it: {in: open, at: day(8), do: {remind: office, as: told}}"})
	if in := begin(s, def, engine.Facts{}); len(in.Timers) != 0 {
		t.Errorf("the 8th of May has passed, but %v is armed", in.Timers)
	}
}

func TestActionsOfAnEntry(t *testing.T) {
	s := newStory(t, "2023-05-22")
	def := trial(t, map[string]string{"start": `  - {to: open, do: [{remind: coop.head, as: told}, {light: green}, {spawn: period}, {spawn: unit}]}`})
	in := engine.Instance{ID: 1}
	f := matter(func(f *engine.Facts) { f.Units = []string{"甲", "乙"} })
	after, effects, err := engine.Step(def, in, engine.Event{Kind: engine.EventStart, Start: &engine.Start{Key: "k", Kind: engine.KindStanding, Facts: f}}, s.now, s.cal)
	if err != nil || after.Kind != engine.KindStanding || after.Light != "" {
		t.Fatalf("%v, %s, light %q", err, after.Kind, after.Light)
	}
	var got []string
	for _, e := range effects {
		switch e.Kind {
		case engine.EffectNotice:
			got = append(got, e.Reason+" "+e.Unit)
		case engine.EffectSpawn:
			got = append(got, e.Spawn.Workflow+" "+e.Spawn.Key)
		default:
			t.Errorf("effect %+v", e)
		}
	}
	want := "told 宣传统战部, told 学生工作处, trial k/甲, trial k/乙" // no cadence, no period
	if strings.Join(got, ", ") != want {
		t.Errorf("got  %s\nwant %s", strings.Join(got, ", "), want)
	}
}

func TestStartWhoseActionIsRefused(t *testing.T) {
	s := newStory(t, "2023-05-22")
	def := trial(t, map[string]string{"start": `  - {to: open, do: [{due: event}]}`})
	in := engine.Instance{ID: 1}
	after, _, err := engine.Step(def, in, engine.Event{Kind: engine.EventStart, Start: &engine.Start{Facts: matter()}}, s.now, s.cal)
	if r, ok := err.(*engine.Refusal); !ok || r.Code != "bad_value" || after.Version != 0 {
		t.Errorf("%v, version %d", err, after.Version)
	}
}

func TestStateWhoseEntryIsRefused(t *testing.T) {
	s := newStory(t, "2023-05-22")
	def := trial(t, nil)
	def.States["yes"] = &engine.StateDef{Name: "yes", Enter: []engine.Action{{Verb: engine.DoDue, Value: "soon"}}}
	in := begin(s, def, matter())
	after, _, err := engine.Step(def, in, engine.Event{Kind: "end", By: office}, s.now, s.cal)
	if r, ok := err.(*engine.Refusal); !ok || r.Code != "bad_value" || after.State != "open" {
		t.Errorf("%v, %s", err, after.State)
	}
}

func TestNoMoveWhoseGuardHolds(t *testing.T) {
	s := newStory(t, "2023-05-22")
	def := trial(t, map[string]string{"on": "      stop: {by: office, when: leader, to: yes}"})
	_, _, err := engine.Step(def, begin(s, def, matter()), engine.Event{Kind: "stop", By: office}, s.now, s.cal)
	if r, ok := err.(*engine.Refusal); !ok || r.Code != "guard" {
		t.Errorf("%v, want the refusal guard", err)
	}
}

func TestMoveThatBarsARole(t *testing.T) {
	s := newStory(t, "2023-05-22")
	def := trial(t, map[string]string{"on": "      stop: {by: [office, lead], not: [sponsor], to: yes}"})
	by := engine.Actor{Person: "x", Roles: []engine.Role{engine.RoleOffice, engine.RoleSponsor}}
	_, _, err := engine.Step(def, begin(s, def, matter()), engine.Event{Kind: "stop", By: by}, s.now, s.cal)
	if r, ok := err.(*engine.Refusal); !ok || r.Code != "not_you" {
		t.Errorf("%v, want the refusal not_you", err)
	}
}

// A timer that fires again ends when its expression gives no later time, also
// where a guard keeps it from doing anything.
func TestAgainEnds(t *testing.T) {
	s := newStory(t, "2023-05-22")
	def := trial(t, map[string]string{"timers": "  it: {in: open, at: issued + 1wd, again: true, when: leader, do: {remind: office, as: told}}"})
	in := begin(s, def, matter(from("2023-05-22", "2023-06-30")))
	a, _ := in.Next()
	after, effects, err := engine.Step(def, in, engine.Event{Kind: engine.EventTimer, Timer: "it"}, a.At, s.cal)
	if err != nil || len(after.Timers) != 0 || len(effects) != 1 || effects[0].Why != "withheld: not leader" {
		t.Errorf("%v, timers %v, effects %+v", err, after.Timers, effects)
	}
}

// A rung takes the milder ones with it only if it tells everyone they would tell.
func TestGraverRungLeavesOthersTheirMilderOne(t *testing.T) {
	s := newStory(t, "2023-05-22")
	def := trial(t, map[string]string{"timers": `
  mild: {in: open, at: issued + 3wd, rung: true, do: {remind: [lead.head, office], as: told}}
  grave: {in: open, at: issued + 2wd, rung: true, do: {remind: lead.head, as: told}}`})
	in := begin(s, def, matter(from("2023-05-22", "2023-06-30")))
	s.now = s.time("2023-05-26 10:00") // both are late
	after, effects, err := engine.Step(def, in, engine.Event{Kind: engine.EventTimer, Timer: "grave"}, s.now, s.cal)
	if err != nil || len(effects) != 1 || len(after.Timers) != 1 {
		t.Errorf("%v, effects %+v, timers %v", err, effects, after.Timers)
	}
}

func TestMoveMadeByTimeIsNeverLost(t *testing.T) {
	s := newStory(t, "2023-05-22 10:00")
	def := trial(t, map[string]string{"timers": "  it: {in: open, at: due @closing, to: yes}"})
	in := begin(s, def, matter(from("2023-05-22", "2023-05-01")))
	if a, ok := in.Next(); !ok || when(a.At) != "2023-05-23" {
		t.Errorf("owed %v, want the next work morning", a)
	}
}
