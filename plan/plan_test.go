package plan_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"duban/engine/calendar"
	"duban/plan"
)

const sample = `
source: 2023要点.docx
title: 某学院2023年重点工作方案
issuer: 院长办公室
issued: 2023-02-17
items:
  - no: "三.(一).1"
    section: 时间安排
    heading: 各单位研究部署
    type: milestone
    lead: [全校各单位]
    deadlines:
      - {text: 2月底, kind: point, end: 2023-02-28}
      - {text: 3-12月, kind: range, start: 2023-03-01, end: 2023-12-31}
    workflow: deployment
    roll: stay
  - no: "三.(一).2"
    text: 每季度至少举行1次学习
    lead: [党委办公室]
    cooperating: [各支部]
    deadlines:
      - {text: 每季度至少1次, kind: cadence, cadence: P3M, count: 1, at_least: true}
      - {text: 民主生活会召开前, kind: point, trigger: event}
    quantities:
      - {text: 3-4个, unit: 个}
    usual: 2024-01-10
`

func load(t *testing.T, text string) *plan.Plan {
	t.Helper()
	p, faults := plan.Load("plans/sample.yaml", []byte(text))
	if err := faults.Err(); err != nil {
		t.Fatal(err)
	}
	return p
}

func TestAPlanFileIsReadAsWritten(t *testing.T) {
	p := load(t, sample)
	if p.Issued != calendar.Of(2023, 2, 17) || p.Year != 2023 || len(p.Items) != 2 {
		t.Fatalf("issued %s, year %d, %d items", p.Issued, p.Year, len(p.Items))
	}
	first, second := p.Items[0], p.Items[1]
	if first.Deadlines[1].Start != calendar.Of(2023, 3, 1) || first.Workflow != "deployment" || first.Roll != calendar.Stay {
		t.Errorf("first item: %+v", first)
	}
	if d := second.Deadlines[0]; d.Kind != plan.Cadence || d.Cadence != "P3M" || d.Count != 1 || !d.AtLeast {
		t.Errorf("cadence: %+v", d)
	}
	if d := second.Deadlines[1]; d.End != 0 || d.Trigger != "event" || second.Usual != calendar.Of(2024, 1, 10) {
		t.Errorf("event: %+v, usual %s", d, second.Usual)
	}
	if it, ok := p.Item("三.(一).2"); !ok || it.Cooperating[0] != "各支部" {
		t.Errorf("Item: %v %+v", ok, it)
	}
	if _, ok := p.Item("九.9"); ok {
		t.Error("an item that is not there was found")
	}
}

// Scripts rely on every field being there, null where nothing is known.
func TestJSONHasEveryFieldOfTheContract(t *testing.T) {
	out, err := json.Marshal(load(t, sample))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`"source":"2023要点.docx"`, `"until":null`, `"issued":"2023-02-17"`,
		`"leader":[]`, `"warnings":[]`, `"quantities":[]`, `"type":"task"`, `"type":"milestone"`,
		`{"text":"2月底","kind":"point","start":null,"end":"2023-02-28","cadence":null,"count":null,"at_least":false,"trigger":null,"alt_start":null,"alt_end":null}`,
		`{"text":"3-4个","count":null,"unit":"个","at_least":false}`,
	} {
		if !strings.Contains(string(out), want) {
			t.Errorf("missing %s in\n%s", want, out)
		}
	}
	bare, err := json.Marshal(plan.Plan{})
	if err != nil || !strings.Contains(string(bare), `"title":null`) || !strings.Contains(string(bare), `"items":[]`) {
		t.Errorf("empty plan: %s, %v", bare, err)
	}
}

func TestWhatIsWrittenIsReadBack(t *testing.T) {
	p := load(t, sample)
	asYAML, err := yaml.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	asJSON, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	for form, text := range map[string][]byte{"YAML": asYAML, "JSON": asJSON} {
		back, faults := plan.Load("x", text)
		if len(faults) > 0 {
			t.Errorf("%s: %v\n%s", form, faults, text)
			continue
		}
		if back.Digest() != p.Digest() || back.Key() != p.Key() {
			t.Errorf("%s reads back differently:\n%s", form, text)
		}
	}
	var decoded plan.Plan
	if err := json.Unmarshal(asJSON, &decoded); err != nil || decoded.Digest() != p.Digest() {
		t.Errorf("encoding/json reads back differently (%v)", err)
	}
}

func TestKeyIsTheDocumentsName(t *testing.T) {
	for source, want := range map[string]string{
		"004": "004", "002.docx": "002", `C:\plans\要点.pdf`: "要点", "in/002.gold.json": "002.gold",
		"要点2023.3.15印发": "要点2023.3.15印发", "方案v1.20": "方案v1.20",
	} {
		if got := (&plan.Plan{Source: source}).Key(); got != want {
			t.Errorf("%s: key %s, want %s", source, got, want)
		}
	}
	a, b := plan.Plan{Title: "甲方案"}, plan.Plan{Title: "乙方案"}
	if a.Key() == b.Key() || len(a.Key()) != 8 {
		t.Errorf("keys without a file name: %s %s", a.Key(), b.Key())
	}
	if p := load(t, "title: 甲\nitems: [{no: \"1\", text: 做}]"); p.Key() != "sample" {
		t.Errorf("a plan that names no document is called after its file, got %s", p.Key())
	}
}

func TestDigestFollowsTheContentAlone(t *testing.T) {
	p := load(t, sample)
	want := p.Digest()
	p.Source, p.Warnings, p.Items[0].Warnings = "other.pdf", []string{"x"}, []string{"y"}
	if p.Digest() != want {
		t.Error("file name or warnings change the digest")
	}
	p.Items[0].Deadlines[0].End++
	if p.Digest() == want {
		t.Error("another deadline leaves the digest as it was")
	}
}

func TestWhoIsPrincipal(t *testing.T) {
	yes, no := true, false
	for _, tt := range []struct {
		p    plan.Plan
		want bool
	}{
		{plan.Plan{Title: "2023年统战工作要点"}, true},
		{plan.Plan{Title: "组织、宣传工作要点"}, true},
		{plan.Plan{Title: "行动方案", Issuer: "中共某学院委员会"}, true},
		{plan.Plan{Title: "重点工作分工", Issuer: "学校党政办公室"}, false},
		{plan.Plan{Title: "教学质量年行动方案", Issuer: "教务处"}, false},
		{plan.Plan{Title: "教学质量年行动方案", Party: &yes}, true},
		{plan.Plan{Title: "党建要点", Party: &no}, false},
	} {
		if got := tt.p.IsParty(); got != tt.want {
			t.Errorf("%s %s: party %v, want %v", tt.p.Title, tt.p.Issuer, got, tt.want)
		}
	}
}
