package org_test

import (
	"strings"
	"testing"

	"duban/engine/org"
)

func TestFaultsPointAtTheirPlace(t *testing.T) {
	for name, tt := range map[string]struct {
		old, new string // one change to the college
		want     string
	}{
		"unknown unit in a post":   {"{unit: 教务处, role: sponsor", "{unit: 教务科, role: sponsor", `org.yaml:25:6: unknown unit "教务科"; did you mean "教务处"?`},
		"unknown person in a post": {"sponsor, person: fu.xiaozhang", "sponsor, person: fu.xiaozhan", `org.yaml:25:32: unknown person "fu.xiaozhan"; did you mean "fu.xiaozhang"?`},
		"unknown substitute":       {"to: 2022-08-31, substitute: yi", "to: 2022-08-31, substitute: yi2", `unknown person "yi2"`},
		"own substitute":           {"to: 2022-08-31, substitute: yi", "to: 2022-08-31, substitute: jia", `a person cannot stand in for themselves`},
		"unknown role":             {"role: liaison, person: yi", "role: liason, person: yi", `unknown role "liason"; role is one of head, liaison`},
		"overlapping posts":        {"to: 2022-08-31", "to: 2022-09-01", `org.yaml:27:5: 教务处 head is held twice at one time; end the post in line 26`},
		"no end":                   {"person: jia, to: 2022-08-31", "person: jia", `教务处 head is held twice at one time`},
		"two secretaries":          {"role: principal_admin", "role: principal_party", `principal_party is held twice`},
		"principal of a unit":      {"{role: principal_admin", "{unit: 团委, role: principal_admin", `a principal belongs to the whole school`},
		"post backwards":           {"from: 2022-09-01", "from: 2022-09-01, to: 2022-08-01", `from 2022-09-01 is after to 2022-08-01`},
		"bad date":                 {"from: 2022-09-01", "from: 2022-09-31", `"2022-09-31" is no date`},
		"alias used twice":         {"{name: 团委, kind: body}", "{name: 团委, kind: body, aliases: [党政 办]}", `org.yaml:8:38: 党政办 already means 党政办公室`},
		"alias of a group":         {"{name: 团委, kind: body}", "{name: 团委, kind: body, aliases: [各二级学院]}", `各二级学院 already means 团委`},
		"unknown kind":             {"{name: 信息学院, kind: college}", "{name: 信息学院, kind: school}", `unknown kind "school"; kind is one of department`},
		"no office":                {", office: true", "", `org.yaml:4:1: no unit is the office`},
		"two offices":              {"{name: 教务处, kind: department}", "{name: 教务处, kind: department, office: true}", `a second office`},
		"two issuing units":        {"{name: 教务处, kind: department}", "{name: 教务处, kind: department, issuing: true}", `a second issuing unit; it is 党政办公室`},
		"unknown member":           {"members: [机电学院, 信息学院, 机电学院]", "members: [机电学院, 信息系]", `org.yaml:12:54: unknown unit "信息系"`},
		"empty group":              {"members: [机电学院, 信息学院, 机电学院]", "members: []", `group 各二级学院 has no members`},
		"bad mail":                 {"mail: yi@demo.example", "mail: yi.demo.example", `org.yaml:19:23: "yi.demo.example" is no mail address`},
		"mail with a name":         {"mail: yi@demo.example", "mail: \"乙 <yi@demo.example>\"", `is no mail address; write it bare`},
		"mail used twice":          {"mail: yi@demo.example", "mail: jia@Demo.example", `already belongs to 甲`},
		"id used twice":            {"{id: ding, name: 丁}", "{id: ding, name: 丁}\n  - {id: ding, name: 戊}", `person id "ding" is missing or used twice`},
		"person without a name":    {"{id: ding, name: 丁}", "{id: ding}", `person ding has no name`},
		"leave of nobody":          {"{person: bing, from: 2023-05-08", "{person: bin, from: 2023-05-08", `unknown person "bin"`},
		"robot without a unit":     {", audience: unit, unit: 教务处", ", audience: unit", `org.yaml:37:5: robot jiaowu has no unit`},
		"robot of nobody":          {"audience: unit, unit: 教务处", "audience: unit, unit: 总务处", `unknown unit "总务处"`},
		"robot of an audience":     {"audience: unit,", "audience: all,", `unknown audience "all"; audience is one of unit, shared`},
		"two robots for a unit":    {"audience: shared}", "audience: unit, unit: 教务处}", `a second robot for 教务处`},
		"two shared robots":        {"audience: unit, unit: 教务处", "audience: shared", `a second shared robot`},
		"shared robot of a unit":   {"audience: shared}", "audience: shared, unit: 团委}", `the shared robot belongs to no unit`},
		"robot name twice":         {"name: zhongceng", "name: jiaowu", `robot name "jiaowu" is missing or used twice`},
		"unknown key":              {"phone: 内线8012", "fone: 内线8012", `org.yaml:3:1: unknown key "fone"; did you mean "phone"?`},
	} {
		t.Run(name, func(t *testing.T) {
			text := strings.Replace(college, tt.old, tt.new, 1)
			if text == college {
				t.Fatal("the change was not made")
			}
			o, faults := org.Load("org.yaml", []byte(text))
			if o != nil || len(faults) != 1 {
				t.Fatalf("loaded %v, faults:\n%v", o != nil, faults)
			}
			if got := faults.Error(); !strings.Contains(got, tt.want) {
				t.Errorf("\n got %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestAllFaultsAtOnce(t *testing.T) {
	_, faults := org.Load("o.yaml", []byte("units: [{name: \"\", kind: x}]\nposts: [{unit: 甲, role: head, person: a}]\n"))
	if len(faults) != 5 {
		t.Errorf("want 5 faults (name, kind, office, unit, person), got\n%v", faults)
	}
	if _, faults := org.Load("o.yaml", []byte("units: [")); len(faults) != 1 || faults[0].Line != 1 {
		t.Errorf("no YAML: %v", faults)
	}
}
