package workflows_test

import (
	"testing"
	"time"

	"duban/engine/calendar"
	"duban/engine/org"
	"duban/plan"
	"duban/workflows"
)

// assigner is of a plan p, issued on a Friday, in a school with two units.
func assigner(t *testing.T, items ...plan.Item) *workflows.Assigner {
	t.Helper()
	o, faults := org.Load("org.yaml", []byte(`name: 测试学院
units:
  - {name: 效能办, kind: department, office: true}
  - {name: 教务处, kind: department}
people:
  - {id: zhao, name: 赵雪梅, mail: zhao@demo.example}
posts:
  - {unit: 效能办, role: staff, person: zhao}
`))
	if err := faults.Err(); err != nil {
		t.Fatal(err)
	}
	cal, err := calendar.New(nil, nil, calendar.Options{Zone: time.FixedZone("CST", 8*3600), Open: 9 * time.Hour, Close: 17*time.Hour + 30*time.Minute,
		SendFrom: 8*time.Hour + 30*time.Minute, SendTo: 17*time.Hour + 30*time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	return &workflows.Assigner{Plan: &plan.Plan{Source: "p", Issued: calendar.Of(2023, 2, 17), Items: items}, Org: o, Cal: cal}
}

// What the office decided before it confirmed is what is assigned.
func TestDecisionsAreAssigned(t *testing.T) {
	due := []plan.Deadline{{Text: "6月底", Kind: plan.Point, End: calendar.Of(2023, 6, 30)}}
	for name, c := range map[string]struct {
		item             plan.Item
		status, why, key string
	}{
		"nothing":            {plan.Item{Lead: []string{"教务处"}, Deadlines: due}, "started", "", "p/1/1/教务处"},
		"a lead":             {plan.Item{Lead: []string{"旧名"}, Deadlines: due, Decided: &plan.Decision{Lead: []string{"教务处"}}}, "started", "", "p/1/1/教务处"},
		"a day":              {plan.Item{Lead: []string{"教务处"}, Decided: &plan.Decision{Due: calendar.Of(2023, 5, 31)}}, "started", "", "p/1/1/教务处"},
		"for good":           {plan.Item{Lead: []string{"教务处"}, Deadlines: due, Decided: &plan.Decision{Keep: true}}, "kept", "长期坚持", "p/1/keep/教务处"},
		"for good, by whom?": {plan.Item{Lead: []string{"旧名"}, Decided: &plan.Decision{Keep: true}}, "waiting", "牵头单位不在组织机构中", ""},
		"left out":           {plan.Item{Lead: []string{"教务处"}, Deadlines: due, Decided: &plan.Decision{Drop: true}}, "dropped", "不督办", ""},
		"of a revision":      {plan.Item{Lead: []string{"教务处"}, Deadlines: due, Runs: []string{"p/0", "p/@2/1"}}, "started", "", "p/@2/1/1/教务处"},
	} {
		c.item.No, c.item.Heading = "1", "甲"
		a := assigner(t, c.item)
		o := a.Item(&c.item, calendar.Of(2023, 2, 17))
		key := ""
		if len(o.Starts) == 1 {
			key = o.Starts[0].Key
		}
		if o.Status != c.status || o.Why != c.why || key != c.key {
			t.Errorf("%s: %+v", name, o)
		}
	}
}

// A later decision about an item that waits goes before an earlier one; 敏感 stays.
func TestTheNewerDecisionHolds(t *testing.T) {
	it := plan.Item{No: "1", Heading: "甲", Lead: []string{"旧名"}, Decided: &plan.Decision{Due: calendar.Of(2023, 5, 31), Sensitive: true}}
	a := assigner(t, it)
	o := a.Decide(it, workflows.Decision{Day: calendar.Of(2023, 3, 1), Lead: []string{"教务处"}, Due: calendar.Of(2023, 7, 14)})
	if len(o.Starts) != 1 || o.Starts[0].Facts.Due != calendar.Of(2023, 7, 14) || !o.Starts[0].Facts.Sensitive || o.Starts[0].Facts.Issued != calendar.Of(2023, 3, 1) {
		t.Errorf("%+v", o)
	}
	if some := a.Some([]string{"2", "1"}, calendar.Of(2023, 3, 1)); len(some) != 1 || some[0].Status != workflows.Waiting {
		t.Errorf("%+v", some)
	}
}
