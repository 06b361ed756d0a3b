package plan_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"duban/plan"
)

// An item with this deadline, for faults of deadlines.
func due(deadline string) string {
	return "items:\n  - no: \"1\"\n    text: 做\n    deadlines:\n      - " + deadline + "\n"
}

// Every file of testdata/bad is named after its fault and says in its first
// lines which it has, one "# want: line:col: what; hint" a fault, in order.
func TestBadPlansAreExplained(t *testing.T) {
	paths, err := filepath.Glob("testdata/bad/*.yaml")
	if err != nil || len(paths) < 30 {
		t.Fatalf("%d bad plans, %v", len(paths), err)
	}
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var want []string
		for line := range strings.Lines(string(data)) {
			if w, ok := strings.CutPrefix(line, "# want: "); ok {
				want = append(want, strings.TrimSpace(w))
			}
		}
		p, faults := plan.Load("", data)
		if got := strings.Split(faults.Error(), "\n"); p != nil || len(want) == 0 || !slices.Equal(got, want) {
			t.Errorf("%s\n got\n%s\nwant\n%s", path, strings.Join(got, "\n"), strings.Join(want, "\n"))
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
