package org_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"duban/engine/calendar"
	"duban/engine/org"
)

const college = `
name: 某学院
phone: 内线8012
units:
  - {name: 党政办公室, kind: department, aliases: [党政办, 党委办公室], issuing: true}
  - {name: 效能办, kind: department, office: true}
  - {name: 教务处, kind: department}
  - {name: 团委, kind: body}
  - {name: 机电学院, kind: college}
  - {name: 信息学院, kind: college}
groups:
  - {name: 各二级学院, aliases: [各二级学院部], members: [机电学院, 信息学院, 机电学院]}
  - {name: 各单位, members: [党政办, 效能办, 教务处, 团委, 机电学院, 信息学院]}
people:
  - {id: shu.ji, name: 书记, mail: shu.ji@demo.example}
  - {id: xiao.zhang, name: 校长, mail: xiao.zhang@demo.example}
  - {id: fu.xiaozhang, name: 副校长, mail: fu.xiaozhang@demo.example}
  - {id: jia, name: 甲, mail: Jia@demo.example, wecom: Jia}
  - {id: yi, name: 乙, mail: yi@demo.example}
  - {id: bing, name: 丙, mail: bing@demo.example}
  - {id: ding, name: 丁}
posts:
  - {role: principal_party, person: shu.ji}
  - {role: principal_admin, person: xiao.zhang}
  - {unit: 教务处, role: sponsor, person: fu.xiaozhang}
  - {unit: 教务处, role: head, person: jia, to: 2022-08-31, substitute: yi}
  - {unit: 教务处, role: head, person: bing, from: 2022-09-01, substitute: yi}
  - {unit: 教务处, role: liaison, person: yi}
  - {unit: 党政办, role: head, person: jia}
  - {unit: 效能办, role: head, person: ding}
  - {unit: 效能办, role: staff, person: bing, to: 2022-12-31}
  - {unit: 效能办, role: staff, person: yi, to: 2022-12-31}
leave:
  - {person: bing, from: 2023-05-08, to: 2023-06-16}
  - {person: yi, from: 2023-06-12, to: 2023-06-16}
robots:
  - {name: jiaowu, title: 教务处群, audience: unit, unit: 教务处}
  - {name: zhongceng, title: 中层干部群, audience: shared}
`

func load(t testing.TB) *org.Org {
	t.Helper()
	o, faults := org.Load("org.yaml", []byte(college))
	if err := faults.Err(); err != nil {
		t.Fatal(err)
	}
	return o
}

func date(t testing.TB, s string) calendar.Date {
	t.Helper()
	d, err := calendar.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestPrintedNames(t *testing.T) {
	o := load(t)
	for printed, want := range map[string]string{
		"党政办公室": "党政办公室", "党政办": "党政办公室", "学校党政办公室": "党政办公室",
		"党 政\n办": "党政办公室", "教务　处": "教务处", " 学校 团委": "团委",
		"学校": "", "总务处": "", "": "", "各单位": "",
	} {
		if u, ok := o.Unit(printed); u.Name != want || ok != (want != "") {
			t.Errorf("%q is %q, want %q", printed, u.Name, want)
		}
	}
	for printed, want := range map[string]int{
		"各二级学院": 2, "各二级 学院部": 2, "学校各单位": 6, "教务处": 1, "党委办公室": 1, "校友会": 0,
	} {
		if got := o.Members(printed); len(got) != want {
			t.Errorf("%q stands for %v, want %d units", printed, got, want)
		}
	}
	if got := o.Members("各单位")[0]; got != "党政办公室" {
		t.Errorf("members go by their proper names, got %s", got)
	}
	if g, ok := o.Group("各二级学院部"); !ok || g.Name != "各二级学院" {
		t.Errorf("group: %v %+v", ok, g)
	}
	if _, ok := o.Group("教务处"); ok {
		t.Error("a unit is no group")
	}
}

// Nobody who asks may change what the next one hears.
func TestMembersIsTheCallersOwn(t *testing.T) {
	o := load(t)
	o.Members("各二级学院")[0] = "甲"
	if got := o.Members("各二级学院"); got[0] != "机电学院" {
		t.Errorf("members are now %v", got)
	}
}

func TestHolder(t *testing.T) {
	o := load(t)
	for _, tt := range []struct {
		unit, role string
		party      bool
		on         string
		want       string // person, title, via
	}{
		{"教务处", "head", false, "2022-08-31", "甲 负责人 "},
		{"教务处", "lead.head", false, "2022-09-01", "丙 负责人 "},
		{"教务处", "lead.head", false, "2023-05-08", "乙 负责人 AB角"},
		{"教务处", "lead.head", false, "2023-06-16", "丙 负责人 "}, // the substitute is away as well
		{"教务处", "lead.head", false, "2023-06-17", "丙 负责人 "},
		{"学校教务处", "coop.liaison", false, "2023-03-01", "乙 联络员 "},
		{"教务处", "lead.liaison", false, "2023-06-13", "乙 联络员 "}, // away without a substitute
		{"教务处", "sponsor", true, "2023-03-01", "副校长 分管校领导 "},
		{"团委", "sponsor", true, "2023-03-01", ""},
		{"团委", "principal", true, "2023-03-01", "书记 党委书记 "},
		{"", "principal", false, "2023-03-01", "校长 校长 "},
		{"", "office", false, "2022-12-31", "丙 效能办 "},
		{"教务处", "office", false, "2023-01-01", "丁 效能办 "}, // no staff any more: its head
		{"各二级学院", "head", false, "2023-03-01", ""},
		{"教务处", "staff", false, "2023-03-01", ""},
		{"教务处", "lead", false, "2023-03-01", ""},
		{"总务处", "head", false, "2023-03-01", ""},
	} {
		h, ok := o.Holder(tt.unit, tt.role, tt.party, date(t, tt.on))
		got := ""
		if ok {
			got = h.Person.Name + " " + h.Title + " " + h.Via
		}
		if got != tt.want {
			t.Errorf("%s %s on %s: %q, want %q", tt.unit, tt.role, tt.on, got, tt.want)
		}
	}
}

func TestRoles(t *testing.T) {
	o := load(t)
	for _, tt := range []struct {
		person, unit string
		party        bool
		on, want     string
	}{
		{"jia", "教务处", false, "2022-08-31", "lead"},
		{"jia", "教务处", false, "2022-09-01", ""}, // a former head
		{"jia", "党政办公室", false, "2022-09-01", "lead"},
		{"yi", "教务处", false, "2023-03-01", "lead"},
		{"yi", "教务处", false, "2022-12-01", "lead office"},
		{"bing", "教务处", false, "2023-05-10", "lead"}, // on leave, and still head
		{"fu.xiaozhang", "教务处", false, "2023-03-01", "sponsor"},
		{"fu.xiaozhang", "团委", false, "2023-03-01", ""},
		{"shu.ji", "教务处", true, "2023-03-01", "principal"},
		{"shu.ji", "教务处", false, "2023-03-01", ""},
		{"xiao.zhang", "总务处", false, "2023-03-01", "principal"},
		{"ding", "教务处", false, "2023-03-01", "office"},
		{"nobody", "教务处", false, "2023-03-01", ""},
	} {
		got := strings.Join(o.Roles(tt.person, tt.unit, tt.party, date(t, tt.on)), " ")
		if got != tt.want {
			t.Errorf("%s towards %s on %s: %q, want %q", tt.person, tt.unit, tt.on, got, tt.want)
		}
	}
}

// A substitute may sign while the head is away, and not before or after.
func TestASubstituteActsDuringLeaveOnly(t *testing.T) {
	text := strings.Replace(college, "  - {unit: 教务处, role: liaison, person: yi}\n", "", 1)
	o, faults := org.Load("org.yaml", []byte(text))
	if err := faults.Err(); err != nil {
		t.Fatal(err)
	}
	for on, want := range map[string]bool{"2023-05-07": false, "2023-05-08": true, "2023-06-11": true, "2023-06-12": false, "2023-06-17": false} {
		if got := slices.Contains(o.Roles("yi", "教务处", false, date(t, on)), "lead"); got != want {
			t.Errorf("on %s the substitute may act: %v, want %v", on, got, want)
		}
	}
}

func TestPeopleAndRobots(t *testing.T) {
	o := load(t)
	for _, addr := range []string{"jia@demo.example", "JIA@DEMO.EXAMPLE", `"甲" <jia@demo.example>`, " jia@demo.example "} {
		if p, ok := o.PersonByAddress(addr); !ok || p.ID != "jia" {
			t.Errorf("%s belongs to %q", addr, p.ID)
		}
	}
	for _, addr := range []string{"", "<>", "nobody@demo.example"} {
		if p, ok := o.PersonByAddress(addr); ok {
			t.Errorf("%q belongs to %q", addr, p.ID)
		}
	}
	if p, ok := o.Person("yi"); !ok || p.Name != "乙" {
		t.Errorf("person yi: %+v", p)
	}
	if _, ok := o.Person("wu"); ok {
		t.Error("found a person who is not there")
	}
	if r, ok := o.RobotOf("学校教务处"); !ok || r.Name != "jiaowu" {
		t.Errorf("robot of 教务处: %+v", r)
	}
	if _, ok := o.RobotOf("团委"); ok {
		t.Error("团委 has no robot")
	}
	if r, ok := o.Shared(); !ok || r.Name != "zhongceng" {
		t.Errorf("shared robot: %+v", r)
	}
	issuing, ok := o.Issuing()
	if o.Office().Name != "效能办" || !ok || issuing.Name != "党政办公室" {
		t.Errorf("office %s, issuing %s", o.Office().Name, issuing.Name)
	}
}

func TestManyMayAskAtOnce(t *testing.T) {
	o := load(t)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 100 {
				if h, ok := o.Holder("学校 教务处", "lead.head", false, calendar.Of(2023, 3, 1)); !ok || h.Person.ID != "bing" {
					t.Error("another answer under load")
				}
			}
		})
	}
	wg.Wait()
}

func BenchmarkHolder(b *testing.B) {
	o := load(b)
	on := calendar.Of(2023, 3, 1)
	b.ReportAllocs()
	for b.Loop() {
		if _, ok := o.Holder("教务处", "lead.head", false, on); !ok {
			b.Fatal("no holder")
		}
	}
}

func ExampleOrg_Members() {
	o, _ := org.Load("org.yaml", []byte(college))
	fmt.Println(o.Members("各二级学院部"))
	// Output: [机电学院 信息学院]
}
