package plan_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"duban/plan"
)

// An item with this deadline, for faults of deadlines.
func due(deadline string) string {
	return "items:\n  - no: \"1\"\n    text: 做\n    deadlines:\n      - " + deadline + "\n"
}

func TestFaultsPointAtTheirPlace(t *testing.T) {
	for name, tt := range map[string]struct {
		text string
		want string // position, what and part of the hint
	}{
		"twice":            {"items:\n  - {no: \"1\", text: 甲}\n  - {no: \"1\", text: 乙}\n", `p.yaml:3:6: item number "1" is used twice; it already stands in line 2`},
		"no number":        {"items:\n  - text: 甲\n", `p.yaml:2:5: the item has no number`},
		"nothing said":     {"items:\n  - no: \"1\"\n    lead: [教务处]\n", `p.yaml:2:5: the item has neither heading nor text`},
		"no items":         {"title: 甲\n", `the plan has no items`},
		"unknown key":      {"items:\n  - {no: \"1\", text: 甲, leed: [教务处]}\n", `p.yaml:2:24: unknown key "leed"; did you mean "lead"?`},
		"unknown type":     {"items:\n  - {no: \"1\", text: 甲, type: tasks}\n", `unknown type "tasks"; did you mean "task"?`},
		"unknown roll":     {"items:\n  - {no: \"1\", text: 甲, roll: later}\n", `unknown roll "later"; `},
		"empty unit":       {"items:\n  - {no: \"1\", text: 甲, lead: [\"\"]}\n", `p.yaml:2:31: a unit without a name`},
		"unit twice":       {"items:\n  - {no: \"1\", text: 甲, lead: [教务处, 教务处]}\n", `unit 教务处 is named twice`},
		"until early":      {"issued: 2023-03-01\nuntil: 2023-01-01\n" + due("{text: 定期, kind: open}"), `p.yaml:2:1: until 2023-01-01 is before issued 2023-03-01`},
		"year":             {"year: 23\n" + due("{text: 定期, kind: open}"), `p.yaml:1:1: year 23; write four digits`},
		"unknown kind":     {due("{text: 2月底, kind: piont, end: 2023-02-28}"), `p.yaml:5:21: unknown kind "piont"; did you mean "point"?`},
		"no kind":          {due("{text: 2月底, end: 2023-02-28}"), `the deadline has no kind`},
		"no words":         {due("{kind: point, end: 2023-02-28}"), `the deadline has no text`},
		"backwards":        {due("{text: 3-12月, kind: range, start: 2023-12-31, end: 2023-03-01}"), `start 2023-12-31 is after end 2023-03-01`},
		"bad date":         {due("{text: 2月底, kind: point, end: 2023-02-30}"), `"2023-02-30" is no date like 2023-02-28`},
		"unknown cadence":  {due("{text: 每月, kind: cadence, cadence: P1m}"), `unknown cadence "P1m"; did you mean "P1M"?`},
		"cadence without":  {due("{text: 每月, kind: cadence}"), `a cadence without cadence`},
		"cadence on point": {due("{text: 每月, kind: point, end: 2023-02-28, cadence: P1M}"), `cadence P1M on a deadline of kind point`},
		"trigger":          {due("{text: 会前, kind: point, trigger: meeting}"), `unknown trigger "meeting"; trigger is one of event, lunar`},
		"count":            {due("{text: 每月, kind: cadence, cadence: P1M, count: -1}"), `a negative count`},
	} {
		t.Run(name, func(t *testing.T) {
			p, faults := plan.Load("p.yaml", []byte(tt.text))
			if p != nil || len(faults) != 1 {
				t.Fatalf("plan %v, faults:\n%v", p != nil, faults)
			}
			if got := faults.Error(); !strings.Contains(got, tt.want) {
				t.Errorf("\n got %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestAllFaultsAtOnceInTheOrderOfTheFile(t *testing.T) {
	_, faults := plan.Load("p.yaml", []byte("titel: 甲\nyear: 5\n"+due("{text: 2月底, kind: pont, end: 2023-13-01}")))
	if len(faults) != 4 {
		t.Fatalf("want 4 faults, got\n%v", faults)
	}
	for i := 1; i < len(faults); i++ {
		if faults[i].Line < faults[i-1].Line {
			t.Errorf("out of order:\n%v", faults)
		}
	}
}

func TestRemarksOfAnnotatedPlansAreAccepted(t *testing.T) {
	p, faults := plan.Load("a.json", []byte(`{"title": null, "title_inferred": "甲要点", "issuer": null, "issuer_note": "x", "issued": null,
		"note": "y", "items": [{"no": "一.1", "no_printed": "1", "lead_printed": "z", "heading": "甲", "deadlines": [
		{"text": "适时", "kind": "open", "start": null, "end": null, "cadence": null, "count": null, "at_least": false}],
		"deadlines_optional": [{"text": "定期", "kind": "no kind"}], "quantities": [{"text": "3-4个", "count": null, "count_min": 3, "count_max": 4, "unit": "个"}]}]}`))
	if err := faults.Err(); err != nil {
		t.Fatal(err)
	}
	if it := p.Items[0]; p.Title != "甲要点" || p.Issued != 0 || len(it.Deadlines) != 1 || it.Quantities[0].Count != 0 {
		t.Errorf("%+v", p)
	}
	out, err := json.Marshal(p)
	if err != nil || strings.Contains(string(out), "no_printed") || strings.Contains(string(out), "optional") {
		t.Errorf("remarks are written out again: %s (%v)", out, err)
	}
}

// The annotated plans that the reader is measured with are plan files as well.
func TestAnnotatedPlansLoad(t *testing.T) {
	files, err := filepath.Glob("../../*/corpus/*/*.gold.json")
	if err != nil || len(files) == 0 {
		t.Skip("no annotated plans beside the project")
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		p, faults := plan.Load(file, data)
		for _, f := range faults {
			t.Error(f)
		}
		if p != nil && p.Key() == "" {
			t.Errorf("%s has no key", file)
		}
	}
}

// A day without a year, a range that only begins: the document says no more, and
// the item waits for the office instead of keeping the plan out.
func TestADeadlineMayBeWithoutItsDay(t *testing.T) {
	for _, deadline := range []string{"{text: 年底前, kind: point}", "{text: 3月起, kind: range, start: 2023-03-01}"} {
		p, faults := plan.Load("p.yaml", []byte(due(deadline)))
		if len(faults) > 0 || p.Items[0].Deadlines[0].End != 0 {
			t.Errorf("%s: %v", deadline, faults)
		}
	}
}
