package sim

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"

	"duban/engine/calendar"
	"duban/engine/org"
	"duban/plan"
)

// era is a year worth living through.
type era struct {
	name        string
	first, last calendar.Date
}

// eras: 31 December on a Sunday; 29 February; a year whose holiday table comes
// late or never; an ordinary one; one with the longest break of all.
var eras = []era{
	{"2023, ends on a Sunday", calendar.Of(2023, 2, 13), calendar.Of(2024, 1, 19)},
	{"leap day", calendar.Of(2023, 11, 6), calendar.Of(2024, 10, 18)},
	{"no holiday table for 2027", calendar.Of(2026, 9, 1), calendar.Of(2027, 7, 16)},
	{"2022", calendar.Of(2022, 2, 21), calendar.Of(2023, 1, 20)},
	{"2025", calendar.Of(2025, 1, 6), calendar.Of(2025, 11, 28)},
}

// lateTable is a table for 2027 that arrives while assignments run.
const lateTable = `
year 2027 国办发明电〔2026〕7号 http://www.gov.cn/zhengce/content/2026-11/05/content_0.htm
title 国务院办公厅关于2027年部分节假日安排的通知
off  2027-01-01 元旦
off  2027-02-05 2027-02-11 春节
work 2027-02-13 春节
off  2027-04-05 清明节
off  2027-05-01 2027-05-05 劳动节
work 2027-05-08 劳动节
off  2027-06-09 端午节
`

// late is a calendar with the table of 2027.
func late(c *calendar.Calendar) (*calendar.Calendar, error) {
	tables, faults := calendar.ParseHolidays("late.txt", []byte(lateTable))
	source, err := c.Source()
	if err := errors.Join(faults.Err(), err); err != nil {
		return nil, err
	}
	var saved map[string]any
	if err := json.Unmarshal([]byte(source), &saved); err != nil {
		return nil, err
	}
	saved["Tables"] = append(saved["Tables"].([]any), tables[0])
	more, err := json.Marshal(saved)
	if err != nil {
		return nil, err
	}
	return calendar.FromSource(string(more))
}

var unitNames = []string{"教务处", "人事处", "学生工作处", "科技处", "保卫处", "资产管理处", "机电工程学院", "信息工程学院", "艺术设计学院"}

// register is an organisation file in the making.
type register struct {
	r                                   *rand.Rand
	e                                   era
	units, people, posts, leave, robots strings.Builder
}

// person adds somebody who may be away for some weeks.
func (g *register) person(id string) string {
	fmt.Fprintf(&g.people, "  - {id: %s, name: 某%s, mail: %s@sim.example, wecom: %s}\n", id, id, id, id)
	if g.r.IntN(4) == 0 {
		from := g.e.first.AddDays(g.r.IntN(250))
		fmt.Fprintf(&g.leave, "  - {person: %s, from: %s, to: %s}\n", id, from, from.AddDays(5+g.r.IntN(40)))
	}
	return id
}

func (g *register) post(unit, role, id, more string) {
	fmt.Fprintf(&g.posts, "  - {unit: %q, role: %s, person: %s%s}\n", unit, role, id, more)
}

// unit adds a unit whose head or liaison may be missing, for a while or for good.
func (g *register) unit(i int, name string) {
	h, l := g.person(fmt.Sprintf("h%d", i)), g.person(fmt.Sprintf("l%d", i))
	fmt.Fprintf(&g.units, "  - {name: %s, kind: department}\n", name)
	g.post(name, "sponsor", "p2", "")
	if g.r.IntN(5) > 0 {
		g.post(name, "head", h, ", substitute: "+l)
	}
	if g.r.IntN(4) == 0 { // nobody for a while, then somebody new
		leaves := g.e.first.AddDays(40 + g.r.IntN(150))
		g.post(name, "liaison", l, ", to: "+leaves.String())
		g.post(name, "liaison", h, ", from: "+leaves.AddDays(20).String())
	} else {
		g.post(name, "liaison", l, "")
	}
	if g.r.IntN(3) > 0 {
		fmt.Fprintf(&g.robots, "  - {name: r%d, title: %s群, audience: unit, unit: %s}\n", i, name, name)
	}
}

// college makes an organisation: some posts vacant for a while, some people on
// leave with a substitute or without, some units without a robot.
func college(r *rand.Rand, e era) (*org.Org, error) {
	g := &register{r: r, e: e}
	fmt.Fprintln(&g.units, "  - {name: 效能办, kind: department, office: true}\n  - {name: 党政办公室, kind: department, issuing: true}")
	g.post("效能办", "head", g.person("o1"), ", substitute: "+g.person("o2"))
	g.post("效能办", "staff", "o2", ", substitute: o1")
	g.post("效能办", "staff", g.person("o3"), "")
	g.post("党政办公室", "head", g.person("d1"), "")
	g.post("党政办公室", "liaison", g.person("d2"), ", substitute: d1")
	fmt.Fprintf(&g.posts, "  - {role: principal_party, person: %s}\n  - {role: principal_admin, person: %s}\n", g.person("p1"), g.person("p2"))
	var members []string
	for i, u := range r.Perm(len(unitNames))[:4+r.IntN(3)] {
		g.unit(i, unitNames[u])
		members = append(members, unitNames[u])
	}
	fmt.Fprintln(&g.robots, "  - {name: all, title: 中层干部群, audience: shared}")
	text := fmt.Sprintf("name: 模拟学院\nphone: 内线1\nunits:\n%sgroups:\n  - {name: 各二级学院, members: [%s]}\npeople:\n%sposts:\n%s",
		g.units.String(), strings.Join(members[:3], ", "), g.people.String(), g.posts.String())
	if g.leave.Len() > 0 {
		text += "leave:\n" + g.leave.String()
	}
	o, faults := org.Load("org.yaml", []byte(text+"robots:\n"+g.robots.String()))
	return o, faults.Err()
}

var cadences = []string{"P1W", "P1M", "P3M", "P3M", "P6M", "P1Y", "P2Y", "term"}

// planFor makes a plan issued on a day.
func planFor(r *rand.Rand, o *org.Org, e era, nr int, issued calendar.Date) *plan.Plan {
	p := &plan.Plan{Source: fmt.Sprintf("plan%d", nr), Title: fmt.Sprintf("第%d号工作要点", nr), Issuer: "党政办公室", Issued: issued, Year: issued.Year(), Until: e.last.AddDays(-r.IntN(30))}
	if r.IntN(3) == 0 {
		p.Title = "党委" + p.Title
	}
	for i := range 4 + r.IntN(6) {
		it := plan.Item{No: fmt.Sprintf("一.%d", i+1), Heading: fmt.Sprintf("事项%d之%d", nr, i+1), Text: "按要求办理"}
		some := r.Perm(len(o.Units))
		for _, u := range some[:1+r.IntN(2)] {
			it.Lead = append(it.Lead, o.Units[u].Name)
		}
		if r.IntN(3) == 0 {
			it.Cooperating = []string{o.Units[some[2]].Name}
		}
		it.Roll = []calendar.Roll{"", "", calendar.After, calendar.Nearest, calendar.Stay}[r.IntN(5)]
		deadline(r, e, &it, issued)
		p.Items = append(p.Items, it)
	}
	return p
}

func deadline(r *rand.Rand, e era, it *plan.Item, issued calendar.Date) {
	end := issued.AddDays(3 + r.IntN(150))
	switch n := r.IntN(20); {
	case n < 9:
		if r.IntN(4) == 0 { // the days that go wrong
			for _, d := range []calendar.Date{calendar.Of(2023, 12, 31), calendar.Of(2024, 2, 29), calendar.Of(2027, 1, 1), end.MonthEnd()} {
				if d > issued && d < e.last {
					end = d
				}
			}
		}
		it.Deadlines = []plan.Deadline{{Text: end.Chinese() + "前", Kind: plan.Point, End: end}}
	case n < 11:
		it.Deadlines = []plan.Deadline{{Text: "起至", Kind: plan.Range, Start: issued, End: end}}
	case n < 15:
		it.Deadlines = []plan.Deadline{{Text: "定期", Kind: plan.Cadence, Cadence: cadences[r.IntN(len(cadences))], Count: 1 + r.IntN(2), AtLeast: r.IntN(2) == 0}}
	case n < 16:
		it.Lead = []string{"各二级学院"}
		it.Deadlines = []plan.Deadline{{Text: end.Chinese() + "前", Kind: plan.Point, End: end}}
	case n < 17:
		it.Usual = issued.AddDays(60 + r.IntN(120))
		it.Deadlines = []plan.Deadline{{Text: "会议召开前", Kind: plan.Point, Trigger: "event"}}
	case n < 18:
		it.Lead, it.Workflow = []string{"党政办公室"}, "review"
		it.Deadlines = []plan.Deadline{{Text: end.Chinese() + "点评", Kind: plan.Point, End: max(end, issued.AddDays(45))}}
	case n < 19:
		it.Lead = nil
		it.Deadlines = []plan.Deadline{{Text: end.Chinese() + "前", Kind: plan.Point, End: end}}
	default:
		it.Deadlines = []plan.Deadline{{Text: "适时", Kind: plan.Open}}
	}
}
