package plan_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"duban/engine/calendar"
	"duban/plan"
)

const decidedPlan = `title: 甲
items:
  - {no: "1", heading: 一, lead: [旧名], deadlines: [{text: 适时, kind: open}], decided: {lead: [教务处], due: 2023-06-30, sensitive: true}, runs: [p/1, p/@2/1]}
  - {no: "2", heading: 二, deadlines: [{text: 大会前, kind: point, trigger: event}], decided: {usual: 2023-09-01}}
  - {no: "3", heading: 三, decided: {drop: true}}
  - {no: "4", heading: 四}
`

// What the office decided is written and read again, in YAML and in JSON, and
// changes no printed word.
func TestDecisionsStandBesideWhatIsPrinted(t *testing.T) {
	p, faults := plan.Load("p.yaml", []byte(decidedPlan))
	if err := faults.Err(); err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	again, err := plan.FromJSON(text)
	if err != nil || again.Digest() != p.Digest() || !reflect.DeepEqual(again.Items[0].Decided, p.Items[0].Decided) {
		t.Errorf("%+v, %v", again, err)
	}
	if loaded, faults := plan.Load("p.json", text); len(faults) > 0 || loaded.Digest() != p.Digest() {
		t.Errorf("%v", faults)
	}
	it := p.Items[0].AsDecided()
	if it.Lead[0] != "教务处" || it.Deadlines[0].End != calendar.Of(2023, 6, 30) || p.Items[0].Lead[0] != "旧名" || p.Items[0].Deadlines[0].Kind != plan.Open {
		t.Errorf("decided %+v, printed %+v", it, p.Items[0])
	}
	if u := p.Items[1].AsDecided(); u.Usual != calendar.Of(2023, 9, 1) || u.Deadlines[0].Text != "大会前" {
		t.Errorf("%+v", u)
	}
	if strings.Count(string(text), `"decided"`) != 3 || strings.Count(string(text), `"runs"`) != 1 {
		t.Errorf("what is not decided is written: %s", text)
	}
	if got := p.Items[0].Prefixes("p"); got[len(got)-1] != "p/@2/1" || p.Items[3].Prefixes("p")[0] != "p/4" {
		t.Errorf("prefixes %v", got)
	}
}

func TestAPlanWithoutAFileIsCheckedToo(t *testing.T) {
	p := &plan.Plan{Items: []plan.Item{{No: "1", Heading: "甲"}, {No: "1", Heading: "乙", Deadlines: []plan.Deadline{{Text: "x", Kind: "pont"}}}}}
	faults := p.Check("a.docx")
	if len(faults) != 2 || !strings.HasPrefix(faults.Error(), "a.docx: ") {
		t.Errorf("%v", faults)
	}
	if faults := (&plan.Plan{Items: p.Items[:1]}).Check("a.docx"); len(faults) > 0 {
		t.Errorf("%v", faults)
	}
	if _, err := plan.FromJSON([]byte("{")); err == nil {
		t.Error("half a plan was read")
	}
}
