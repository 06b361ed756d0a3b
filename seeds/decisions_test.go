package seeds_test

import (
	"slices"
	"strings"
	"testing"

	"duban/engine/calendar"
	"duban/engine/org"
	"duban/plan"
	"duban/seeds"
)

func TestWhatTheOfficeDecided(t *testing.T) {
	f := must(t, seeds.Decisions)
	count := map[string]int{}
	for i, d := range f.Decisions {
		if !strings.HasPrefix(d.Note, "assumption: ") {
			t.Errorf("decision about %s %v is not called an assumption: %s", d.Plan, d.Items, d.Note)
		}
		if i > 0 && d.At < f.Decisions[i-1].At {
			t.Errorf("decisions are out of order at %s", d.At)
		}
		switch {
		case d.Due != 0:
			count["dated"] += len(d.Items)
		case d.Keep:
			count["kept"] += len(d.Items)
		case d.Wait:
			count["waiting"] += len(d.Items)
		}
	}
	if count["dated"] != 12 || count["kept"] != 36 || count["waiting"] != 33 {
		t.Errorf("%v, want 12 dated, 36 kept, 33 waiting", count)
	}
}

func TestDaysOfIssueThatNoDocumentPrints(t *testing.T) {
	f := must(t, seeds.Decisions)
	want := map[string]string{"000": "2023-03-15", "001": "2023-02-27", "002": "2023-02-17", "003": "2020-06-12", "004": "2022-03-01"}
	for _, p := range must(t, seeds.Plans) {
		if got := f.Issued(p).String(); got != want[p.Key()] {
			t.Errorf("%s issued %s, want %s", p.Key(), got, want[p.Key()])
		}
	}
	if got := f.Issued(&plan.Plan{Source: "another"}); got != 0 {
		t.Errorf("a plan nobody decided about was issued %s", got)
	}
}

func TestTheAwaitedMeetingIsNamedLater(t *testing.T) {
	var usual, date calendar.Date
	for _, d := range must(t, seeds.Decisions).For("004") {
		if slices.Contains(d.Items, "二.6") {
			usual, date = max(usual, d.Usual), max(date, d.Date)
		}
	}
	if usual != calendar.Of(2023, 1, 10) || date != calendar.Of(2023, 1, 6) {
		t.Errorf("usual %s, date %s", usual, date)
	}
}

const college = `
units: [{name: 党政办公室, kind: department, office: true}, {name: 教务处, kind: department}]
groups: [{name: 各单位, members: [党政办公室, 教务处]}]
`

// Of these items only the first needs no decision.
const keyTasks = `
source: "009"
title: 要点
issued: 2023-03-01
items:
  - {no: "1", text: 甲, lead: [教务处], deadlines: [{text: 6月底, kind: point, end: 2023-06-30}]}
  - {no: "2", text: 乙, lead: [教务处]}
  - {no: "3", text: 丙, deadlines: [{text: 会前, kind: point, trigger: event}]}
  - {no: "4", text: 丁}
`

func check(t *testing.T, decisions string) (*seeds.DecisionFile, []string) {
	t.Helper()
	o, faults := org.Load("org.yaml", []byte(college))
	if err := faults.Err(); err != nil {
		t.Fatal(err)
	}
	p, faults := plan.Load("009.yaml", []byte(keyTasks))
	if err := faults.Err(); err != nil {
		t.Fatal(err)
	}
	f, faults := seeds.LoadDecisions("d.yaml", []byte("decisions:\n"+decisions), []*plan.Plan{p}, o)
	var lines []string
	for _, f := range faults {
		lines = append(lines, f.Error())
	}
	return f, lines
}

const complete = `
  - {plan: "009", at: 2023-03-08, items: ["3"], lead: [各单位], usual: 2024-01-10, note: x}
  - {plan: "009", at: 2023-03-07, items: ["2"], due: 2023-05-31, note: x}
  - {plan: "009", at: 2023-03-06, items: ["4"], wait: true, note: x}
`

func TestCompleteDecisions(t *testing.T) {
	f, faults := check(t, complete)
	if len(faults) > 0 {
		t.Fatal(strings.Join(faults, "\n"))
	}
	if f.Decisions[0].Items[0] != "4" || f.Decisions[2].Items[0] != "3" {
		t.Errorf("not in the order of time: %+v", f.Decisions)
	}
}

func TestFaultyDecisions(t *testing.T) {
	for name, tt := range map[string]struct{ more, want string }{
		"unknown plan":     {`{plan: "008", at: 2023-03-06, until: 2023-12-31, note: x}`, `d.yaml:6:6: unknown plan "008"; the plans are 009`},
		"unknown item":     {`{plan: "009", at: 2023-03-06, items: ["5"], wait: true, note: x}`, `d.yaml:6:43: plan 009 has no item "5"`},
		"unknown unit":     {`{plan: "009", at: 2023-03-06, items: ["4"], lead: [教务], note: x}`, `unknown unit "教务"`},
		"bad date":         {`{plan: "009", at: 2023-02-30, until: 2023-12-31, note: x}`, `"2023-02-30" is no date`},
		"no note":          {`{plan: "009", at: 2023-03-06, until: 2023-12-31}`, `d.yaml:6:5: a decision without a note`},
		"no day":           {`{plan: "009", until: 2023-12-31, note: x}`, `a decision without a day`},
		"too early":        {`{plan: "009", at: 2023-02-06, until: 2023-12-31, note: x}`, `at 2023-02-06 is before the day of issue 2023-03-01`},
		"no event":         {`{plan: "009", at: 2023-03-06, items: ["4"], lead: [教务处], usual: 2023-01-01, note: x}`, `item 4 waits for no event`},
		"twice":            {`{plan: "009", at: 2023-03-06, items: ["4"], wait: true, note: x}`, `item 4 is decided twice; it already stands in line 5`},
		"two at once":      {`{plan: "009", at: 2023-03-06, items: ["1"], wait: true, keep: true, note: x}`, `more than one of due, keep and wait`},
		"nothing":          {`{plan: "009", at: 2023-03-06, items: ["1"], note: x}`, `says nothing about its items`},
		"nothing at all":   {`{plan: "009", at: 2023-03-06, note: x}`, `the decision says nothing; `},
		"own lead":         {`{plan: "009", at: 2023-03-06, items: ["1"], lead: [教务处], note: x}`, `item 1 prints its lead: 教务处`},
		"own deadline":     {`{plan: "009", at: 2023-03-06, items: ["1"], due: 2023-07-01, note: x}`, `item 1 prints its own time: 6月底`},
		"own day of issue": {`{plan: "009", at: 2023-03-06, issued: 2023-03-01, note: x}`, `the plan prints its day of issue`},
		"whole and items":  {`{plan: "009", at: 2023-03-06, until: 2023-12-31, keep: true, note: x}`, `are about items`},
		"items and whole":  {`{plan: "009", at: 2023-03-06, items: ["3"], date: 2024-01-06, until: 2024-12-31, note: x}`, `about the whole plan`},
		"meeting long ago": {`{plan: "009", at: 2023-03-06, items: ["3"], date: 2023-01-06, note: x}`, `date 2023-01-06 is before at 2023-03-06`},
		"unknown key":      {`{plan: "009", at: 2023-03-06, until: 2023-12-31, notes: x, note: x}`, `unknown key "notes"; did you mean "note"?`},
	} {
		t.Run(name, func(t *testing.T) {
			f, faults := check(t, complete+"  - "+tt.more+"\n")
			if f != nil || len(faults) != 1 || !strings.Contains(faults[0], tt.want) {
				t.Errorf("\n got %s\nwant %s", strings.Join(faults, "\n     "), tt.want)
			}
		})
	}
}

func TestNothingStaysUndecided(t *testing.T) {
	_, faults := check(t, `  - {plan: "009", at: 2023-03-06, items: ["4"], keep: true, note: x}`)
	want := []string{
		"d.yaml:1:1: item 2 of plan 009 is undecided; give it a lead and a date, or keep or wait",
		"d.yaml:1:1: item 3 of plan 009 is undecided; give it a lead and a date, or keep or wait",
		"d.yaml:2:43: item 4 has no lead; write lead:, or let it wait",
	}
	if !slices.Equal(faults, want) {
		t.Errorf("\n got %s\nwant %s", strings.Join(faults, "\n     "), strings.Join(want, "\n     "))
	}
}
