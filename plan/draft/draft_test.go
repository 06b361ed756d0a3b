package draft_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"duban/engine/calendar"
	"duban/engine/org"
	"duban/plan"
	"duban/plan/draft"
)

const school = `name: 测试学院
units:
  - {name: 效能办, kind: department, office: true, aliases: [效能建设办公室]}
  - {name: 党政办公室, kind: department}
  - {name: 党委组织部, kind: department, aliases: [组织部]}
  - {name: 党委宣传统战部, kind: department}
  - {name: 学生工作部, kind: department}
  - {name: 教务处, kind: department}
  - {name: 财务处, kind: department}
  - {name: 科研与社会服务处, kind: department}
  - {name: 马克思主义学院, kind: college}
  - {name: 信息工程学院, kind: college}
groups:
  - {name: 各二级学院, members: [马克思主义学院, 信息工程学院]}
people:
  - {id: zhao, name: 赵雪梅, mail: zhao@demo.example}
posts:
  - {unit: 效能办, role: staff, person: zhao}
`

func names(t testing.TB, aliases map[string]string) draft.Names {
	t.Helper()
	o, faults := org.Load("org.yaml", []byte(school))
	if err := faults.Err(); err != nil {
		t.Fatal(err)
	}
	return draft.Names{Org: o, Aliases: aliases}
}

func TestProposals(t *testing.T) {
	n := names(t, nil)
	for _, c := range []struct{ printed, first string }{
		{"宣传统战部", "党委宣传统战部"},
		{"党委宣传部", "党委宣传统战部"},
		{"学工部", "学生工作部"},
		{"学生工作处", "学生工作部"},
		{"教务科", "教务处"},
		{"党 政 办", "党政办公室"},
		{"科研处", "科研与社会服务处"},
		{"马克思主义学院党总支", "马克思主义学院"},
		{"信息工程系", "信息工程学院"},
		{"二级学院", "各二级学院"},
		{"效能建设办", "效能办"},
		{"党委组织人事部", "党委组织部"},
		// Nobody: two characters that share one are different offices.
		{"财政处", ""}, {"教育处", ""}, {"保卫处", ""}, {"处", ""}, {"", ""}, {"办公室", ""}, {"图书馆", ""},
	} {
		got := ""
		if p := n.Propose(c.printed); len(p) > 0 {
			got = p[0].Unit
		}
		if got != c.first {
			t.Errorf("%q: proposed %q of %v, want %q", c.printed, got, n.Propose(c.printed), c.first)
		}
	}
}

func TestFind(t *testing.T) {
	n := names(t, map[string]string{"学校教学办": "教务处", "旧部门": "没有的处", "组织部": "教务处"})
	for _, c := range []struct {
		printed, unit string
		how           draft.How
	}{
		{"教务处", "教务处", draft.Known},
		{"组织部", "党委组织部", draft.Known}, // the organisation's own names go first
		{"学校 教学办", "教务处", draft.Aliased},
		{"各二级学院", "各二级学院", draft.Known},
		{"旧部门", "", draft.Unknown}, // an alias of a unit that is gone
		{"学工部", "", draft.Proposed},
	} {
		if f := n.Find(c.printed); f.Unit != c.unit || f.How != c.how {
			t.Errorf("%s: %+v, want %s, %s", c.printed, f, c.unit, c.how)
		}
	}
}

// An alias becomes a decision beside the printed name; what the office decided
// itself is left alone.
func TestAliasesBecomeDecisions(t *testing.T) {
	n := names(t, map[string]string{"教学办": "教务处"})
	p := &plan.Plan{Items: []plan.Item{
		{No: "1", Lead: []string{"教学办", "组织部", "教务处"}},
		{No: "2", Lead: []string{"教学办"}, Decided: &plan.Decision{Lead: []string{"财务处"}, Sensitive: true}},
		{No: "3", Lead: []string{"教务处"}},
	}}
	got := draft.WithAliases(p, n)
	if d := got.Items[0].Decided; d == nil || !slices.Equal(d.Lead, []string{"教务处", "组织部"}) || got.Items[0].Lead[0] != "教学办" {
		t.Errorf("%+v", got.Items[0])
	}
	if d := got.Items[1].Decided; !slices.Equal(d.Lead, []string{"财务处"}) {
		t.Errorf("%+v", d)
	}
	if got.Items[2].Decided != nil || p.Items[0].Decided != nil {
		t.Error("something is decided that nobody decided")
	}
}

func TestEveryItemGetsANumberOfItsOwn(t *testing.T) {
	p := &plan.Plan{Items: []plan.Item{{No: "1", Heading: "甲"}, {No: "1", Heading: "乙"}, {Heading: "丙"}, {Heading: "丁"}, {No: "1#2", Heading: "戊", Lead: []string{"教务处", "教务处"}}, {No: "9"}}}
	draft.Prepare(p)
	var got []string
	for _, it := range p.Items {
		got = append(got, it.No)
	}
	if want := []string{"1", "1#2", "#1", "#2", "1#2#2"}; !slices.Equal(got, want) || len(p.Items[4].Lead) != 1 || len(p.Items[1].Warnings) != 1 {
		t.Errorf("got %v, want %v; %+v", got, want, p.Items)
	}
}

func TestTimeWordsNobodyUnderstoodWait(t *testing.T) {
	p := &plan.Plan{Items: []plan.Item{{No: "1", Heading: "甲", Deadlines: []plan.Deadline{{Text: "13月底"}, {Kind: plan.Open}, {Text: "适时", Kind: plan.Open}}}}}
	draft.Prepare(p)
	if it := p.Items[0]; len(it.Deadlines) != 2 || it.Deadlines[0].Kind != plan.Open || !slices.Equal(it.Warnings, []string{"时限“13月底”不能识别"}) {
		t.Errorf("%+v", it)
	}
}

func day(s string) calendar.Date {
	d, err := calendar.ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

func TestConfidenceOfLeads(t *testing.T) {
	n := names(t, map[string]string{"教学办": "教务处"})
	for _, c := range []struct {
		text, printed string
		level         draft.Level
		why           string
	}{
		{"抓好检查。（牵头部门：教务处，配合部门：财务处）", "教务处", draft.High, "责任标签后写明"},
		{"教务处要抓好检查。责任单位：教务处", "教务处", draft.High, "责任标签后写明"},
		{"抓好检查。", "教务处", draft.High, "责任栏写明"},
		{"由教务处抓好检查。", "教务处", draft.Medium, "从正文叙述中认出"},
		{"会议指出：由教务处抓好检查", "教务处", draft.Medium, "从正文叙述中认出"},
		{"牵头部门：教学办", "教学办", draft.High, "责任标签后写明，按别名对应"},
		{"牵头部门：学工部", "学工部", draft.Medium, "组织机构中没有这个名称，最接近的是“学生工作部”（像是简称）"},
		{"牵头部门：保卫处", "保卫处", draft.Low, "组织机构中没有这个名称，也没有相近的"},
	} {
		f := n.Find(c.printed)
		if m := draft.LeadMark(&plan.Item{Text: c.text}, &f); m.Level != c.level || m.Why != c.why {
			t.Errorf("%s in %s: %+v", c.printed, c.text, m)
		}
	}
}

func TestConfidenceOfDeadlines(t *testing.T) {
	for _, c := range []struct {
		text  string
		d     plan.Deadline
		level draft.Level
		means string
	}{
		{"2023年6月底前完成", plan.Deadline{Text: "2023年6月底前", Kind: plan.Point, End: day("2023-06-30")}, draft.High, "2023年6月30日前"},
		{"6月底前完成", plan.Deadline{Text: "6月底前", Kind: plan.Point, End: day("2023-06-30")}, draft.Medium, "2023年6月30日前"},
		{"完成时限：6月底", plan.Deadline{Text: "6月底", Kind: plan.Point, End: day("2023-06-30")}, draft.High, "2023年6月30日前"},
		{"", plan.Deadline{Text: "6月底", Kind: plan.Point, End: day("2023-06-30")}, draft.High, "2023年6月30日前"},
		{"年底", plan.Deadline{Text: "年底", Kind: plan.Point, End: day("2023-12-31"), AltEnd: day("2023-12-20")}, draft.Low, "2023年12月31日前"},
		{"3-12月推进", plan.Deadline{Text: "3-12月", Kind: plan.Range, Start: day("2023-03-01"), End: day("2023-12-31")}, draft.Medium, "2023年3月1日至2023年12月31日"},
		{"3月起", plan.Deadline{Text: "3月起", Kind: plan.Range, Start: day("2023-03-01")}, draft.Low, "2023年3月1日起"},
		{"适时", plan.Deadline{Text: "适时", Kind: plan.Open}, draft.Low, "时限未定"},
		{"每季度至少举行1次", plan.Deadline{Text: "每季度至少举行1次", Kind: plan.Cadence, Cadence: "P3M", Count: 1, AtLeast: true}, draft.Medium, "每季度至少1次"},
		{"", plan.Deadline{Text: "每月", Kind: plan.Cadence, Cadence: "P1M"}, draft.High, "每月"},
		{"一事一报", plan.Deadline{Text: "一事一报", Kind: plan.Cadence, Cadence: "event"}, draft.Medium, "一事一报"},
		{"民主生活会前", plan.Deadline{Text: "民主生活会前", Kind: plan.Point, Trigger: "event"}, draft.Medium, "待事件日期"},
	} {
		m := draft.DeadlineMark(&plan.Item{Text: c.text}, &c.d)
		if got := draft.Meaning(&c.d); m.Level != c.level || m.Why == "" || got != c.means {
			t.Errorf("%s: %+v, %s; want %s, %s", c.d.Text, m, got, c.level, c.means)
		}
	}
}

func TestConfidenceOfTheHead(t *testing.T) {
	m := draft.Head(&plan.Plan{}, nil)
	for _, f := range []string{"title", "issuer", "issued", "year"} {
		if m[f].Level != draft.Low {
			t.Errorf("%s of an empty plan: %+v", f, m[f])
		}
	}
	m = draft.Head(&plan.Plan{Title: "2023年工作要点", Issuer: "甲", Issued: day("2023-02-17"), Year: 2024}, []string{"issued"})
	if m["title"].Level != draft.High || m["issued"].Why != "由办公室给定" || m["year"].Level != draft.Medium {
		t.Errorf("%+v", m)
	}
}

// FuzzPropose asks for proposals for any name.
func FuzzPropose(f *testing.F) {
	n := names(f, nil)
	for _, s := range []string{"宣传统战部", "党委", "校校校校校校", "", "办公室", strings.Repeat("党委", 200)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, printed string) {
		if len(printed) > 2000 {
			return
		}
		began := time.Now()
		for _, p := range n.Propose(printed) {
			if _, unit := n.Org.Unit(p.Unit); !unit && len(n.Org.Members(p.Unit)) == 0 || p.Why == "" {
				t.Errorf("%q: proposed %+v", printed, p)
			}
		}
		if d := time.Since(began); d > time.Second {
			t.Errorf("%q took %s", printed, d)
		}
	})
}

func items(lines ...string) *plan.Plan {
	p := &plan.Plan{Source: "p"}
	for _, l := range lines {
		f := strings.Split(l, "|")
		it := plan.Item{No: f[0], Heading: f[1]}
		if len(f) > 2 && f[2] != "" {
			it.Lead = strings.Split(f[2], "、")
		}
		if len(f) > 3 {
			it.Deadlines = []plan.Deadline{{Text: f[3], Kind: plan.Point, End: day(f[3])}}
		}
		p.Items = append(p.Items, it)
	}
	return p
}

// said is a diff in few words.
func said(d *draft.Diff) string {
	var out []string
	for _, it := range d.Added {
		out = append(out, "+"+it.No)
	}
	for _, c := range d.Changed {
		var fields []string
		for _, f := range c.Fields {
			fields = append(fields, fmt.Sprintf("%s %s>%s", f.Name, f.Old, f.New))
		}
		out = append(out, "~"+c.New.No+" "+strings.Join(fields, ", "))
	}
	for _, it := range d.Withdrawn {
		out = append(out, "-"+it.No)
	}
	return strings.Join(out, "; ")
}

func TestCompare(t *testing.T) {
	n := names(t, nil)
	for name, c := range map[string]struct {
		was, is []string
		want    string
	}{
		"nothing":            {[]string{"1|甲项工作|教务处|2023-06-30"}, []string{"1|甲项工作|教务处|2023-06-30"}, ""},
		"another name of it": {[]string{"1|甲项工作|组织部"}, []string{"1|甲 项工作|党委组织部"}, ""},
		"a date":             {[]string{"1|甲项工作|教务处|2023-06-30"}, []string{"1|甲项工作|教务处|2023-07-31"}, "~1 时限 2023-06-30（2023年6月30日前）>2023-07-31（2023年7月31日前）"},
		"a lead":             {[]string{"1|甲项工作|教务处"}, []string{"1|甲项工作|财务处、教务处"}, "~1 牵头 教务处>财务处、教务处"},
		"the order of leads": {[]string{"1|甲项工作|教务处、财务处"}, []string{"1|甲项工作|财务处、教务处"}, ""},
		"added and gone":     {[]string{"1|甲项工作", "2|乙项任务"}, []string{"1|甲项工作", "2|食堂卫生检查"}, "+2; -2"},
		"one put in between": {[]string{"1|干部队伍建设", "2|教学质量检查"}, []string{"1|党风廉政教育", "2|干部队伍建设", "3|教学质量检查"}, "+1; ~2 编号 1>2; ~3 编号 2>3"},
		"a heading reworded": {[]string{"1|加强干部队伍建设", "2|校园安全"}, []string{"1|加强干部人才队伍建设", "2|校园安全"}, "~1 标题 加强干部队伍建设>加强干部人才队伍建设"},
		"reworded and moved": {[]string{"1|校园安全", "2|持续加强干部队伍建设工作"}, []string{"1|持续加强干部队伍建设", "2|校园安全"}, "~1 编号 2>1, 标题 持续加强干部队伍建设工作>持续加强干部队伍建设; ~2 编号 1>2"},
		"one number, twice":  {[]string{"1#1|学习教育", "1#2|学习教育"}, []string{"1#1|学习教育", "1#2|学习教育", "1#3|学习教育"}, "+1#3"},
		"all of it":          {nil, []string{"1|甲"}, "+1"},
	} {
		t.Run(name, func(t *testing.T) {
			d := draft.Compare(items(c.was...), items(c.is...), n.Canonical)
			if got := said(&d); got != c.want {
				t.Errorf("got %s\nwant %s", got, c.want)
			}
			if len(d.Added)+len(d.Changed)+d.Unchanged != len(c.is) || len(d.Withdrawn)+len(d.Changed)+d.Unchanged != len(c.was) {
				t.Errorf("items are lost or doubled: %+v", d)
			}
		})
	}
}

func TestDecisionsAreCarriedWhereTheWordsStand(t *testing.T) {
	was := items("1|干部队伍|组织部|2023-06-30", "2|教学检查|保卫处|2023-06-30", "3|厉行节约")
	was.Items[0].Decided = &plan.Decision{Due: day("2023-07-31"), Sensitive: true}
	was.Items[1].Decided = &plan.Decision{Lead: []string{"教务处"}, Keep: true}
	was.Items[2].Decided = &plan.Decision{Drop: true, Lead: []string{"教务处"}, Aliased: true} // which may mean another unit by now
	is := items("1|干部队伍|组织部|2023-08-31", "2|教学检查|保卫处|2023-06-30", "4|厉行节约")
	draft.Carry(was, is, func(s string) string { return s })
	for i, want := range []plan.Decision{{Sensitive: true}, {Lead: []string{"教务处"}, Keep: true}, {Drop: true}} {
		if got := is.Items[i].Decided; got == nil || fmt.Sprint(*got) != fmt.Sprint(want) {
			t.Errorf("item %d: %+v, want %+v", i+1, got, want)
		}
	}
}

// A plan of many items is compared in time that does not grow with their square.
func TestALargePlanIsCompared(t *testing.T) {
	var was, is []string
	for i := range 20_000 {
		was = append(was, fmt.Sprintf("%d|第%d项工作任务|教务处", i, i))
		is = append(is, fmt.Sprintf("%d|第%d项工作任务|教务处", i+1, i))
	}
	began := time.Now()
	d := draft.Compare(items(was...), items(is...), func(s string) string { return s })
	if took := time.Since(began); len(d.Changed) != 20_000 || took > 5*time.Second {
		t.Errorf("%d changed in %s", len(d.Changed), took)
	}
}

// FuzzCompare compares any two plans: no item is lost, none is doubled.
func FuzzCompare(f *testing.F) {
	f.Add("1|甲项工作\n2|乙项工作", "1|乙项工作\n2|甲项工作\n3|丙")
	f.Add("|\n|", "|\n||")
	f.Fuzz(func(t *testing.T, a, b string) {
		if len(a)+len(b) > 4000 {
			return
		}
		lines := func(s string) (out []string) {
			for l := range strings.SplitSeq(s, "\n") {
				if no, heading, ok := strings.Cut(l, "|"); ok {
					out = append(out, strings.ReplaceAll(no, "|", "")+"|"+strings.ReplaceAll(heading, "|", ""))
				}
			}
			return out
		}
		was, is := items(lines(a)...), items(lines(b)...)
		draft.Prepare(was)
		draft.Prepare(is)
		d := draft.Compare(was, is, draft.Squeeze)
		if len(d.Added)+len(d.Changed)+d.Unchanged != len(is.Items) || len(d.Withdrawn)+len(d.Changed)+d.Unchanged != len(was.Items) {
			t.Errorf("%q, %q: %+v", a, b, d)
		}
		if again := draft.Compare(is, is, draft.Squeeze); again.Unchanged != len(is.Items) {
			t.Errorf("%q is not what it is: %+v", b, again)
		}
	})
}
