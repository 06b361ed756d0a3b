package outline

import (
	"slices"
	"strings"
	"testing"

	"duban/plan/source"
)

// row makes a row of a table; "^" is a cell merged with the one above, "<" with
// the one on the left.
func row(above []source.Cell, texts ...string) []source.Cell {
	out := make([]source.Cell, len(texts))
	for i, t := range texts {
		switch {
		case t == "^":
			out[i] = source.Cell{Text: above[i].Text, Merged: true}
		case t == "<":
			out[i] = source.Cell{Text: out[i-1].Text, Merged: true}
		default:
			out[i] = source.Cell{Text: t}
		}
	}
	return out
}

func rows(lines ...[]string) [][]source.Cell {
	var out [][]source.Cell
	for _, l := range lines {
		var above []source.Cell
		if len(out) > 0 {
			above = out[len(out)-1]
		}
		out = append(out, row(above, l...))
	}
	return out
}

type want struct{ no, section, heading, lead, cooperating, leader, column string }

func check(t *testing.T, o *Outline, wants ...want) {
	t.Helper()
	for i, w := range wants {
		if i >= len(o.Items) {
			t.Errorf("item %s is missing", w.no)
			continue
		}
		it := o.Items[i]
		got := want{it.No, it.Section, it.Heading, strings.Join(it.Lead, "、"), strings.Join(it.Cooperating, "、"), strings.Join(it.Leader, "、"), it.Column}
		if got != w {
			t.Errorf("item %d\n got %+v\nwant %+v", i+1, got, w)
		}
	}
	if len(o.Items) > len(wants) {
		t.Errorf("%d items, want %d; the first too many: %+v", len(o.Items), len(wants), o.Items[len(wants)].Item)
	}
}

// A county sends its plan as a Word table: groups merged over several rows, a head
// of two rows, a row over the whole width as a heading.
func TestTableWithMergedCells(t *testing.T) {
	d := &source.Document{Format: source.Docx, Blocks: []source.Block{
		{Text: "平川县2024年重点任务分解表", Place: source.Place{Line: 1}},
		{Place: source.Place{Line: 2}, Rows: rows(
			[]string{"序号", "类别", "工作任务", "责任单位", "<", "分管领导", "完成时限"},
			[]string{"^", "^", "^", "牵头单位", "配合单位", "^", "^"},
			[]string{"一、产业发展", "<", "<", "<", "<", "<", "<"},
			[]string{"1", "工业", "新增规上企业8家", "县工信局", "县科技局、各乡镇", "何敏", "12月底前"},
			[]string{"2", "^", "建成标准厂房\n5万平方米", "开发区\n管委会", "县住建局", "何敏", "^"},
			[]string{"二、民生事业", "<", "<", "<", "<", "<", "<"},
			[]string{"3", "教育", "新建幼儿园2所", "县教体局", "无", "陈力", "9月"},
		)},
	}}
	check(t, Of(d),
		want{"1", "工业", "新增规上企业8家", "县工信局", "县科技局、各乡镇", "何敏", "12月底前"},
		want{"2", "工业", "建成标准厂房5万平方米", "开发区管委会", "县住建局", "何敏", "12月底前"},
		want{"3", "教育", "新建幼儿园2所", "县教体局", "", "陈力", "9月"})
}

// A table without a column of numbers stands under a heading of the text; a cell
// of units says itself who leads.
func TestTableUnderAHeading(t *testing.T) {
	d := &source.Document{Format: source.Docx, Blocks: []source.Block{
		{Text: "一、检查分工"},
		{Rows: rows(
			[]string{"检查内容", "责任部门"},
			[]string{"食堂卫生", "牵头：后勤处\n配合：学生处、工会"},
			[]string{"消防设施", "保卫处 基建处"},
		)},
		{Text: "二、结果运用"},
		{Text: "检查结果纳入考核。（责任部门：督查办）"},
	}}
	check(t, Of(d),
		want{"一.1", "检查分工", "食堂卫生", "后勤处", "学生处、工会", "", ""},
		want{"一.2", "检查分工", "消防设施", "保卫处、基建处", "", "", ""},
		want{"二", "", "结果运用", "督查办", "", "", ""})
}

// A table of names or figures holds no items.
func TestTableWithoutTasks(t *testing.T) {
	d := &source.Document{Blocks: []source.Block{
		{Text: "一、成立专班。每周调度一次。（责任单位：县府办）"},
		{Rows: rows([]string{"姓名", "职务"}, []string{"张三", "主任"})},
	}}
	check(t, Of(d), want{"一", "", "成立专班", "县府办", "", "", ""})
}

// Every word that was read can be shown in the document, even where a page mark or
// a line end parts it.
func TestPlacesLeadBackToTheDocument(t *testing.T) {
	d := document("要点\n一、教学\n　　1.优化专业。停招两个专业。（牵头部门：\n教务处，配合部门：招生处、学生处）\n2.修订章程。\n责任单位： 党政办\n完成时限：6月底")
	o := Of(d)
	found := map[string][]string{}
	for _, it := range o.Items {
		for _, p := range it.Places {
			i := slices.IndexFunc(d.Blocks, func(b source.Block) bool { return b.Place.Line == p.Line })
			found[p.Field] = append(found[p.Field], d.Blocks[i].Text[p.From:p.To])
		}
	}
	for field, words := range map[string]string{
		"heading": "优化专业|修订章程", "lead": "教务处|党政办", "cooperating": "招生处|学生处", "deadline": "6月底",
	} {
		if got := strings.Join(found[field], "|"); got != words {
			t.Errorf("%s stands at %q, want %q", field, got, words)
		}
	}
}

// What is uncertain is said.
func TestDoubtsAreSaid(t *testing.T) {
	for text, words := range map[string]string{
		"一、甲\n1.做事。（责任部门：教务处）\n3.做人。（责任部门：学生处）": "缺 1 个序号",
		"一、甲\n1.教务处要做事。\n2.做人。":                 "句子的主语",
		"一、甲\n1.做事。（责任部门：关于此事大家商量）":             "不像单位名称",
		"一、甲\n1.做事。\n三、乙\n1.做人。":                "跳到“三”",
		"内部资料 注意保存\n一、甲\n1.做事。":                 "内部资料",
	} {
		o := Of(document(text))
		all := slices.Clone(o.Warnings)
		for _, it := range o.Items {
			all = append(all, it.Warnings...)
		}
		if !strings.Contains(strings.Join(all, "\n"), words) {
			t.Errorf("%q: warnings %q, want one with %q", text, all, words)
		}
	}
}

// Numbers in a sentence are no headings.
func TestNumbersThatAreText(t *testing.T) {
	for _, text := range []string{
		"一、评奖\n1.设一、二、三等奖，奖金按1.5倍和2.0倍发放。",
		"一、评奖\n1.依据第三条第（二）项和附件2.的标准评审，第1、2组先评。",
		"一、评奖\n1.（1）初评；（2）复评。①公示；②发证。",
		"一、评奖\n1.全年2.3万人参加，\n2.5万人次受益。",
	} {
		if o := Of(document(text)); len(o.Items) != 1 {
			t.Errorf("%q: %d items, want 1", text, len(o.Items))
		}
	}
}

func TestDatesOfIssue(t *testing.T) {
	for printed, iso := range map[string]string{
		"2023年3月15日": "2023-03-15", "二〇二三年三月十五日": "2023-03-15", "二○二三年十二月三十一日": "2023-12-31",
		"2023-03-15": "2023-03-15", "2023.3.5": "2023-03-05", "2023 年 3 月 15 日": "2023-03-15",
		"2024327": "2024-03-27", "20240327": "2024-03-27", "2024111": "", "2023年13月1日": "", "2023年2月30日": "", "三月": "",
	} {
		d, ok := ParseDate(printed)
		if got := d.String(); ok != (iso != "") || ok && got != iso {
			t.Errorf("%q: %s %v, want %q", printed, got, ok, iso)
		}
	}
}

func TestListsOfUnits(t *testing.T) {
	for printed, names := range map[string]string{
		"教务处、学生处":          "教务处|学生处",
		"教务处和学生处":          "教务处|学生处",
		"工业和信息化部、文化和旅游部":   "工业和信息化部|文化和旅游部",
		"商务局等相关部门及各乡镇":     "商务局|各乡镇",
		"教务处等":             "教务处",
		"高等教育处、学生处":        "高等教育处|学生处",
		"教育局（体育局、文旅局），公安局": "教育局（体育局、文旅局）|公安局",
		"各二级学院，有关单位":       "各二级学院",
		"有关单位":             "有关单位",
		"教务处 学生处\n团委":      "教务处|学生处|团委",
		"国务院相关部门和单位及各地区":   "国务院相关部门和单位|各地区",
	} {
		s := &sheet{text: printed}
		var got []string
		for _, n := range s.names(span{0, len(printed)}) {
			got = append(got, n.text)
		}
		if strings.Join(got, "|") != names {
			t.Errorf("%q: %q, want %q", printed, got, names)
		}
	}
}
