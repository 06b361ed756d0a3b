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
