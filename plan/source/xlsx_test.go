package source

import "testing"

func TestXlsxCellsAsShown(t *testing.T) {
	rows := `<row r="2"><c r="B2" t="s"><v>0</v></c><c r="C2" t="s"><v>1</v></c><c r="D2" t="inlineStr"><is><t>完成` + "\n" + `时限</t></is></c><c r="F2" t="str"><f>A1</f><v>备注</v></c></row>` +
		`<row r="4"><c r="B4" t="inlineStr"><is><t>修订办法</t></is></c><c r="C4" t="inlineStr"><is><t>教务处</t></is></c><c r="D4" s="1"><v>46112</v></c><c r="F4" t="e"><v>#N/A</v></c></row>` +
		`<row r="5"><c r="C5" t="inlineStr"><is><t>人事处</t></is></c><c r="D5" s="3"><v>46203</v></c><c r="F5" s="4"><v>0.9500000001</v></c></row>` +
		`<row><c t="inlineStr"><is><t/></is></c><c t="inlineStr"><is><t>听课</t></is></c><c s="5"><v>20</v></c><c s="2"><v>46112</v></c></row>`
	d, err := Open("a.xlsx", xlsx(
		sheetXML(rows, `<mergeCells><mergeCell ref="B4:B5"/><mergeCell ref="D4:D4"/><mergeCell ref="ZZ1:ZZ9"/></mergeCells>`),
		sheetXML(`<row r="1"><c r="A1" t="inlineStr"><is><t>藏</t></is></c></row><!--hidden-->`),
		sheetXML(`<row r="1"><c r="A1"/></row>`),
		sheetXML(`<row r="9"><c r="A9" s="6"><v>46112</v></c><c r="B9" t="d"><v>2026-03-31</v></c></row>`),
	))
	if err != nil {
		t.Fatal(err)
	}
	same(t, blockTexts(d),
		"|任务|责任部门|完成/时限|备注|", "|修订办法|教务处|2026年3月31日||", "|^修订办法|人事处|6月底|95%|", "|听课|20次|2026/3/31||",
		"|2026年3月|2026-03-31|")
	if p := d.Blocks[0].Place; p != (Place{1, 2}) {
		t.Errorf("first sheet at %v", p)
	}
	if p := d.Blocks[1].Place; p != (Place{4, 9}) {
		t.Errorf("last sheet at %v", p)
	}
}

func TestNumbersAsFormatted(t *testing.T) {
	for _, c := range []struct{ v, code, want string }{
		{"45107", `yyyy"年"m"月"d"日"`, "2023年6月30日"}, {"45107", "yyyy\\-mm\\-dd", "2023-06-30"}, {"45107", "[$-804]yyyy/m/d", "2023/6/30"},
		{"45107", "aaaa", "星期五"}, {"45107.75", "yyyy/m/d h:mm", "2023/6/30 18:00"}, {"0.5", "h:mm:ss", "12:00:00"}, {"1", "yyyy-m-d", "1900-1-1"},
		{"45107", "yy.mm.dd;@", "23.06.30"}, {"45107", "", "45107"}, {"45107", "General", "45107"}, {"45107", "G/通用格式", "45107"},
		{"0.30000000000000004", "", "0.3"}, {"1234567.5", "#,##0.00", "1,234,567.50"}, {"-1234", "#,##0", "-1,234"}, {"0.5", "0%", "50%"},
		{"3", `"第"0"项"`, "第3项"}, {"abc", "0", "abc"}, {"1e300", "", "1e+300"}, {"99999999", "yyyy", "99999999"}, {"-5", "yyyy", "-5"}, {"NaN", "0", "NaN"},
	} {
		if got := formatValue(c.v, c.code, false); got != c.want {
			t.Errorf("%s as %q: %s, want %s", c.v, c.code, got, c.want)
		}
	}
	if got := formatValue("43645", "yyyy-m-d", true); got != "2023-6-30" {
		t.Errorf("days from 1904: %s", got)
	}
}

// The title of a sheet stands in its first rows, over all columns.
func TestTitleAboveTheTable(t *testing.T) {
	cell := func(ref, text string) string {
		return `<c r="` + ref + `" t="inlineStr"><is><t>` + text + `</t></is></c>`
	}
	rows := `<row r="1">` + cell("A1", "任务分解表") + `</row><row r="2">` + cell("B2", "单位：质量办") + `</row>` +
		`<row r="4">` + cell("A4", "任务") + cell("B4", "时间") + `</row><row r="5">` + cell("A5", "一、检查") + `</row><row r="6">` + cell("A6", "听课") + cell("B6", "每月") + `</row>`
	d, err := Open("a.xlsx", xlsx(sheetXML(rows, `<mergeCells><mergeCell ref="A1:B1"/></mergeCells>`)))
	if err != nil {
		t.Fatal(err)
	}
	same(t, blockTexts(d), "任务分解表", "单位：质量办", "|任务|时间|", "|一、检查||", "|听课|每月|")
	if d.Blocks[1].Place != (Place{1, 2}) || d.Blocks[2].Place != (Place{1, 4}) {
		t.Errorf("places %v, %v", d.Blocks[1].Place, d.Blocks[2].Place)
	}
	const span = `<w:gridSpan w:val="2"/>`
	body := `<w:tbl><w:tr>` + tc(span, p("分工表")) + `</w:tr><w:tr>` + tc("", p("任务")) + tc("", p("时间")) + `</w:tr></w:tbl>`
	same(t, texts(t, "a.docx", docx(body, "", "")), "分工表", "|任务|时间|")
	down := `<table><tr><td rowspan=2>检查<td><tr><td>听课</table><table><tr><td>甲<td>乙</table>`
	same(t, texts(t, "a.html", []byte("<html>"+down)), "|检查||", "|^检查|听课|", "|甲|乙|") // goes further down: no title
}
