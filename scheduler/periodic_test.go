package scheduler_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"duban/engine"
	"duban/engine/calendar"
	"duban/engine/store"
	"duban/scheduler"
)

// periodic is the schedules as a start of the program reads them.
func (w *world) periodic() *scheduler.Periodic {
	w.t.Helper()
	p, err := scheduler.NewPeriodic(w.Runner)
	if err != nil {
		w.t.Fatal(err)
	}
	return p
}

func (w *world) runPeriodic(p *scheduler.Periodic) {
	w.t.Helper()
	if err := p.Run(bg); err != nil {
		w.t.Fatal(err)
	}
}

// occurrences are the rounds or briefs there are, by their keys.
func (w *world) occurrences(kind engine.Kind) (keys []string) {
	for _, in := range w.instances(store.Filter{Kinds: []engine.Kind{kind}}) {
		keys = append(keys, in.Key)
	}
	return keys
}

// logged catches what is logged until the test ends.
func logged(t *testing.T) *bytes.Buffer {
	var b bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&b, nil)))
	t.Cleanup(func() { slog.SetDefault(before) })
	return &b
}

func TestFortyThreeRoundsOverTheSpanOfTheDemo(t *testing.T) {
	w := newWorld(t, "2020-06-12")
	p := w.periodic()
	end := w.cal.Closing(date(t, "2024-01-15"))
	restarts := 0
	for n := 0; ; n++ {
		next, err := p.Next(bg)
		if err != nil {
			t.Fatal(err)
		}
		if next.After(end) {
			break
		}
		if n%25 == 24 { // now and then the program is started anew, before or after the round
			w.reopen()
			p = w.periodic()
			restarts++
		}
		w.clock.set(next)
		w.runPeriodic(p)
		if n%40 == 39 {
			w.reopen()
			p = w.periodic()
			w.runPeriodic(p)
			restarts++
		}
	}
	rounds := w.occurrences(engine.KindRound)
	if len(rounds) != 43 || rounds[0] != "supervision/2020-06" || rounds[42] != "supervision/2023-12" || restarts < 5 {
		t.Errorf("%d rounds, %q to %q, %d restarts", len(rounds), rounds[0], rounds[len(rounds)-1], restarts)
	}
	for i, in := range w.instances(store.Filter{Kinds: []engine.Kind{engine.KindRound}}) {
		if day := w.cal.DateOf(in.Opened); in.Issued != day || !w.cal.IsWorkday(day) || !in.Opened.Equal(w.cal.Opening(day)) {
			t.Errorf("round %d opened at %v", i, in.Opened)
		}
	}
	// With nothing to do and nothing open the office has no week; only its rounds wait for it.
	if briefs := w.occurrences(engine.KindBrief); len(briefs) != 0 {
		t.Errorf("%d briefs about nothing", len(briefs))
	}
}

func TestAfterThreeMonthsAsleepOnlyTheLatestStarts(t *testing.T) {
	w := newWorld(t, "2023-03-20")
	w.begin(many(t, 2, "2023-02-17", "2023-03-24")...)
	p := w.periodic()
	w.runPeriodic(p)
	log := logged(t)
	w.at("2023-06-25 10:00")
	w.runPeriodic(p)
	if got := w.occurrences(engine.KindRound); !slices.Equal(got, []string{"supervision/2023-03", "supervision/2023-06"}) {
		t.Errorf("rounds %q", got)
	}
	if got := w.occurrences(engine.KindBrief); !slices.Equal(got, []string{"weekly/2023-03-20", "weekly/2023-06-19"}) {
		t.Errorf("briefs %q", got)
	}
	for _, want := range []string{"level=WARN", "workflow=supervision missed=2", "workflow=weekly missed=12"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log does not say %s:\n%s", want, log)
		}
	}
	log.Reset()
	w.runPeriodic(p)
	if log.Len() > 0 || len(w.occurrences(engine.KindRound)) != 2 {
		t.Errorf("a second look did something: %s", log)
	}
}

func TestARestartNeitherRepeatsNorForgets(t *testing.T) {
	w := newWorld(t, "2023-03-14")
	restart := func() *scheduler.Periodic {
		w.reopen()
		return w.periodic()
	}
	want := func(when string, rounds ...string) {
		t.Helper()
		if got := w.occurrences(engine.KindRound); !slices.Equal(got, rounds) {
			t.Errorf("%s: %q", when, got)
		}
	}
	// The very first occurrence passes while the program is down.
	w.runPeriodic(w.periodic())
	w.at("2023-03-20 13:00")
	w.runPeriodic(restart())
	want("down over the first round", "supervision/2023-03")
	w.runPeriodic(restart())
	want("started anew at once", "supervision/2023-03")

	p := restart()
	next, err := p.Next(bg)
	if err != nil || !next.Equal(w.cal.Opening(date(t, "2023-03-27"))) { // the office's week
		t.Errorf("next is %v, %v", next, err)
	}
	w.at("2023-04-20 08:59")
	w.runPeriodic(p)
	want("a minute early", "supervision/2023-03")
	w.at("2023-04-20 09:00")
	w.runPeriodic(restart())
	want("started on the minute", "supervision/2023-03", "supervision/2023-04")
}

func TestAClockThatWentBackNeitherRepeatsNorStops(t *testing.T) {
	w := newWorld(t, "2023-03-20")
	p := w.periodic()
	w.at("2033-04-20 09:00") // a wrong battery clock, for a minute
	w.runPeriodic(p)
	w.at("2023-03-21 09:00")
	w.runPeriodic(p)
	w.at("2023-04-20 09:00")
	w.runPeriodic(p)
	w.at("2023-04-20 08:30") // set back half an hour
	w.runPeriodic(p)
	w.at("2023-04-20 09:00")
	w.runPeriodic(p)
	if got := w.occurrences(engine.KindRound); !slices.Equal(got, []string{"supervision/2033-04", "supervision/2023-04"}) {
		t.Errorf("rounds %q", got)
	}
}

func TestARoundThatCannotOpenHoldsUpNothingAndIsTriedAgain(t *testing.T) {
	w := newWorld(t, "2023-03-20") // a Monday: round and week at once
	w.begin(many(t, 1, "2023-02-17", "2023-03-22")...)
	p := w.periodic()
	w.raw(`CREATE TRIGGER accident BEFORE INSERT ON instances WHEN NEW.kind = 'round' BEGIN SELECT RAISE(ABORT, 'accident'); END`)
	if err := p.Run(bg); err == nil || !strings.Contains(err.Error(), "periodic supervision") {
		t.Errorf("got %v", err)
	}
	if r, b := w.occurrences(engine.KindRound), w.occurrences(engine.KindBrief); len(r) != 0 || len(b) != 1 {
		t.Errorf("rounds %q, briefs %q", r, b)
	}
	w.raw(`DROP TRIGGER accident`)
	w.at("2023-03-20 09:05")
	w.runPeriodic(p)
	if r := w.occurrences(engine.KindRound); len(r) != 1 {
		t.Errorf("rounds %q", r)
	}
}

// open is a matter that is worked on.
func open(unit, issued, due string, more ...func(*engine.Instance)) func(t *testing.T, cal *calendar.Calendar) engine.Instance {
	return func(t *testing.T, cal *calendar.Calendar) engine.Instance {
		in := engine.Instance{Workflow: "assignment", Kind: engine.KindAssignment, Course: engine.Course{State: "in_progress"},
			Facts: engine.Facts{Unit: unit, Issued: date(t, issued), Due: date(t, due)}}
		in.Effective = cal.Roll(in.Due, "")
		for _, m := range more {
			m(&in)
		}
		return in
	}
}

func TestWhomARoundAsks(t *testing.T) {
	state := func(s engine.State) func(*engine.Instance) { return func(in *engine.Instance) { in.State = s } }
	frame := func(in *engine.Instance) { in.Frame = true }
	instructed := func(in *engine.Instance) { in.Instructed = true }
	cadence := func(c string) func(*engine.Instance) { return func(in *engine.Instance) { in.Cadence = c } }
	review := func(in *engine.Instance) { in.Workflow = "review" }
	kind := func(k engine.Kind) func(*engine.Instance) { return func(in *engine.Instance) { in.Kind = k } }
	type matters []func(*testing.T, *calendar.Calendar) engine.Instance
	w := newWorld(t, "2023-05-22")

	for _, c := range []struct {
		name  string
		month string // the day the round opens
		open  matters
		want  map[string]int
	}{
		{"nothing open", "2023-05-22", nil, nil},
		{"due this month", "2023-05-22", matters{open("甲", "2023-02-17", "2023-05-31")}, map[string]int{"甲": 1}},
		{"due next month", "2023-05-22", matters{open("甲", "2023-02-17", "2023-06-30")}, nil},
		{"rolled into this month", "2023-04-20", matters{open("甲", "2023-02-17", "2023-05-01")}, map[string]int{"甲": 1}},
		{"overdue", "2023-05-22", matters{open("甲", "2023-02-17", "2023-02-28"), open("甲", "2023-02-17", "2023-05-05")}, map[string]int{"甲": 2}},
		{"no deadline", "2023-05-22", matters{open("甲", "2023-02-17", "")}, nil},
		{"instructed, whenever due", "2023-05-22", matters{open("甲", "2023-02-17", "2023-12-31", instructed)}, map[string]int{"甲": 1}},
		{"a range", "2023-05-22", matters{open("甲", "2023-02-17", "2023-12-31", frame, state("framed"))}, map[string]int{"甲": 1}},
		{"a monthly duty", "2023-05-22", matters{open("甲", "2023-02-17", "2023-12-31", cadence("P1M"))}, map[string]int{"甲": 1}},
		{"a weekly duty", "2023-05-22", matters{open("甲", "2023-02-17", "2023-12-31", cadence("P1W"))}, map[string]int{"甲": 1}},
		{"a quarterly duty", "2023-05-22", matters{open("甲", "2023-02-17", "2023-12-31", cadence("P3M"))}, nil},
		{"everything once a quarter", "2023-09-20", matters{open("甲", "2023-02-17", "2023-12-31"), open("乙", "2023-02-17", "", cadence("P3M"))}, map[string]int{"甲": 1, "乙": 1}},
		{"issued this month", "2023-05-22", matters{open("甲", "2023-05-04", "2023-05-31", instructed), open("乙", "2023-04-28", "2023-05-31")}, map[string]int{"乙": 1}},
		{"what waits for others", "2023-05-22", matters{open("甲", "2023-02-17", "2023-05-31", state("to_check")), open("甲", "2023-02-17", "2023-05-31", state("suspended")),
			open("甲", "2023-02-17", "2023-05-31", state("awaiting_date"))}, nil},
		{"what is no matter of its own", "2023-05-22", matters{open("甲", "2023-02-17", "2023-05-31", kind(engine.KindSeries)),
			open("甲", "2023-02-17", "2023-05-31", kind(engine.KindAsked)), open("甲", "2023-02-17", "2023-05-31", kind(engine.KindStanding))}, nil},
		{"in the summer vacation", "2023-07-20", matters{open("甲", "2023-02-17", "2023-07-31", instructed)}, nil},
		{"in the winter vacation", "2023-01-20", matters{open("甲", "2022-02-17", "2023-01-31", instructed)}, nil},
		{"the month of a review", "2023-06-20", matters{open("甲", "2023-02-17", "2023-06-30", instructed), open("办", "2023-02-17", "2023-06-30", review)}, nil},
		{"a review of another month", "2023-05-22", matters{open("甲", "2023-02-17", "2023-05-31"), open("办", "2023-02-17", "2023-06-30", review)}, map[string]int{"甲": 1}},
		{"the units a review asks are none", "2023-06-20", matters{open("甲", "2023-02-17", "2023-06-30"), open("乙", "2023-02-17", "2023-06-19", review, kind(engine.KindAsked))}, map[string]int{"甲": 1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var all []*engine.Instance
			for _, o := range c.open {
				in := o(t, w.cal)
				all = append(all, &in)
			}
			got := scheduler.Asks(all, date(t, c.month), w.cal)
			if !maps.Equal(got, c.want) {
				t.Errorf("asked %v, want %v", got, c.want)
			}
			def, _ := w.Library.Get("supervision")
			f, ok := scheduler.Collect(def, all, nil, date(t, c.month), w.cal)
			if !ok || !slices.Equal(f.Units, slices.Sorted(maps.Keys(c.want))) || f.Occurrence != c.month[:7] || f.Extra["units"] != fmt.Sprint(len(c.want)) {
				t.Errorf("the round is %+v, %t", f, ok)
			}
		})
	}
}

func TestTheOfficesWeek(t *testing.T) {
	w := newWorld(t, "2023-05-22")
	state := func(s engine.State) func(*engine.Instance) { return func(in *engine.Instance) { in.State = s } }
	red := func(in *engine.Instance) { in.Light = "red" }
	deemed := func(in *engine.Instance) { in.Deemed = true }
	signed := func(in *engine.Instance) { in.Deemed, in.Signed = true, time.Unix(1, 0) }
	var all []*engine.Instance
	for _, o := range []func(*testing.T, *calendar.Calendar) engine.Instance{
		open("甲", "2023-02-17", "2023-05-31", state("to_check")), open("甲", "2023-02-17", "2023-05-31", state("extension")),
		open("甲", "2023-02-17", "2023-05-31", state("contested")),
		open("甲", "2023-02-17", "", state("awaiting_date")),
		open("甲", "2023-02-17", "2023-05-12", red), open("甲", "2023-02-17", "2023-05-12", red, state("suspended")),
		open("甲", "2023-02-17", "2023-05-29"), open("甲", "2023-02-17", "2023-05-30"),
		open("甲", "2023-02-17", "2023-12-31", deemed), open("甲", "2023-02-17", "2023-12-31", signed),
	} {
		in := o(t, w.cal)
		all = append(all, &in)
	}
	def, _ := w.Library.Get("weekly")
	f, ok := scheduler.Collect(def, all, []store.Item{{Status: "waiting", Why: "待明确时限"},
		{Status: "waiting", Why: "待明确牵头单位"}, {Status: "kept"}}, date(t, "2023-05-22"), w.cal)
	want := map[string]string{"decide": "3", "undated": "2", "overdue": "1", "due_week": "1", "phone": "1", "unassigned": "1"}
	if !ok || !maps.Equal(f.Extra, want) {
		t.Errorf("the week is %v, want %v", f.Extra, want)
	}
	if _, ok := scheduler.Collect(def, all[8:8], nil, date(t, "2023-05-22"), w.cal); ok {
		t.Error("a week about nothing")
	}
}
