package source

import (
	"fmt"
	"strings"
	"testing"
)

// texts reads a file and returns its blocks as lines; a table is a line a row,
// cells between bars, ^ before a merged one.
func texts(t *testing.T, name string, content []byte) []string {
	t.Helper()
	d, err := Open(name, content)
	if err != nil {
		t.Fatal(err)
	}
	return blockTexts(d)
}

func blockTexts(d *Document) []string {
	var out []string
	for _, b := range d.Blocks {
		if len(b.Rows) == 0 {
			out = append(out, b.Text)
		}
		for _, r := range b.Rows {
			line := "|"
			for _, c := range r {
				if c.Merged {
					line += "^"
				}
				line += strings.ReplaceAll(c.Text, "\n", "/") + "|"
			}
			out = append(out, line)
		}
	}
	return out
}

func same(t *testing.T, got []string, want ...string) {
	t.Helper()
	if g, w := strings.Join(got, "\n"), strings.Join(want, "\n"); g != w {
		t.Errorf("got\n%s\nwant\n%s", g, w)
	}
}

func run(text string) string { return `<w:r><w:t>` + text + `</w:t></w:r>` }

func wp(inner string) string { return `<w:p>` + inner + `</w:p>` }

func TestDocxKeepsWhatIsPrinted(t *testing.T) {
	field := func(kind string) string { return `<w:r><w:fldChar w:fldCharType="` + kind + `"/></w:r>` }
	for name, c := range map[string]struct {
		body string
		want []string
	}{
		"runs are one text":   {wp(run("3月") + run("底前") + `<w:r><w:t xml:space="preserve"> 完成 </w:t></w:r>`), []string{"3月底前 完成"}},
		"tab and breaks":      {wp(`<w:r><w:t>部门</w:t><w:tab/><w:t>时间</w:t><w:br/><w:t>教务处</w:t></w:r>`), []string{"部门\t时间", "教务处"}},
		"deleted left out":    {wp(run("每月") + `<w:del><w:r><w:delText>每季度</w:delText></w:r></w:del><w:ins>` + run("召开例会") + `</w:ins>`), []string{"每月召开例会"}},
		"moved counted once":  {wp(`<w:moveFrom>`+run("甲")+`</w:moveFrom>`) + wp(`<w:moveTo>`+run("甲")+`</w:moveTo>`), []string{"甲"}},
		"deleted end joins":   {wp(`<w:pPr><w:rPr><w:del/></w:rPr></w:pPr>`+run("上半")) + wp(run("下半")) + p("后"), []string{"上半下半", "后"}},
		"hidden left out":     {wp(run("公开") + `<w:r><w:rPr><w:vanish/></w:rPr><w:t>批注</w:t></w:r><w:r><w:rPr><w:vanish w:val="0"/></w:rPr><w:t>内容</w:t></w:r><w:r><w:rPr><w:rStyle w:val="Hid"/></w:rPr><w:t>藏</w:t></w:r>`), []string{"公开内容"}},
		"field result":        {wp(run("截至") + field("begin") + `<w:r><w:instrText>DATE \@ "yyyy"</w:instrText></w:r>` + field("begin") + run("套") + field("end") + field("separate") + run("2026") + field("end") + run("年")), []string{"截至2026年"}},
		"simple field, links": {wp(`<w:fldSimple w:instr="REF a">` + run("附件") + `</w:fldSimple><w:hyperlink r:id="r1">` + run("通知") + `</w:hyperlink>`), []string{"附件通知"}},
		"content control":     {`<w:sdt><w:sdtPr><w:alias w:val="x"/></w:sdtPr><w:sdtContent>` + p("甲") + `</w:sdtContent></w:sdt>`, []string{"甲"}},
		"contents left out":   {wp(`<w:pPr><w:pStyle w:val="T1"/></w:pPr>`+run("一、总体要求")+`<w:r><w:tab/></w:r>`+run("1")) + p("正文"), []string{"正文"}},
		"note marks left out": {wp(run("督导") + `<w:r><w:footnoteReference w:id="2"/></w:r>` + run("工作")), []string{"督导工作"}},
		"text box once": {wp(run("正文") + `<w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wp:anchor><a:graphic><wps:wsp><wps:txbx><w:txbxContent>` + p("框内") + `</w:txbxContent></wps:txbx></wps:wsp></a:graphic></wp:anchor></w:drawing></mc:Choice><mc:Fallback><w:pict><v:shape><v:textbox><w:txbxContent>` + p("框内") + `</w:txbxContent></v:textbox></v:shape></w:pict></mc:Fallback></mc:AlternateContent></w:r>`),
			[]string{"正文", "框内"}},
		"old text box": {wp(`<w:r><w:pict><v:shape><v:textbox><w:txbxContent>` + p("旧框") + `</w:txbxContent></v:textbox></v:shape></w:pict></w:r>`), []string{"旧框"}},
	} {
		t.Run(name, func(t *testing.T) {
			styles := `<w:style w:styleId="T1"><w:name w:val="toc 1"/></w:style><w:style w:styleId="Hid"><w:name w:val="x"/><w:rPr><w:vanish/></w:rPr></w:style>`
			same(t, texts(t, "a.docx", docx(c.body, "", styles)), c.want...)
		})
	}
}

func tc(props, inner string) string {
	return `<w:tc><w:tcPr>` + props + `</w:tcPr>` + inner + `</w:tc>`
}

func TestDocxTables(t *testing.T) {
	const down, on = `<w:vMerge w:val="restart"/>`, `<w:vMerge/>`
	body := `<w:tbl><w:tblPr/><w:tr>` + tc(`<w:gridSpan w:val="2"/>`, p("任务")) + tc("", p("时间")) + `</w:tr><w:tr>` +
		tc(down, p("制度建设")) + tc("", p("修订办法")+p("征求意见")) + tc("", p("3月底")) + `</w:tr><w:tr>` +
		tc(on, `<w:p/>`) + tc("", `<w:tbl><w:tr>`+tc("", p("甲"))+tc("", p("乙"))+`</w:tr></w:tbl><w:p/>`) + tc("", p("6月底")) + `</w:tr>` +
		`<w:tr><w:trPr><w:del/></w:trPr>` + tc("", p("删去")) + `</w:tr><w:tr>` + tc("", `<w:p/>`) + `</w:tr></w:tbl>`
	same(t, texts(t, "a.docx", docx(body, "", "")),
		"|任务|^任务|时间|", "|制度建设|修订办法/征求意见|3月底|", "|^制度建设|甲 乙|6月底|")
}

// A table of one column, or with nearly everything in one cell, only frames text.
func TestFramesAreNoTables(t *testing.T) {
	body := `<w:tbl><w:tr>` + tc("", p("一、目标")+p("正文")) + `</w:tr><w:tr>` + tc("", p("二、任务")) + `</w:tr></w:tbl>`
	same(t, texts(t, "a.docx", docx(body, "", "")), "一、目标", "正文", "二、任务")
}

func abstractNum(id int, levels ...string) string {
	return fmt.Sprintf(`<w:abstractNum w:abstractNumId="%d">%s</w:abstractNum>`, id, strings.Join(levels, ""))
}

func lvl(at int, format, text string, more ...string) string {
	return fmt.Sprintf(`<w:lvl w:ilvl="%d"><w:start w:val="1"/><w:numFmt w:val="%s"/><w:lvlText w:val="%s"/>%s</w:lvl>`, at, format, text, strings.Join(more, ""))
}

func listed(num, level int, text string) string {
	return fmt.Sprintf(`<w:p><w:pPr><w:numPr><w:ilvl w:val="%d"/><w:numId w:val="%d"/></w:numPr></w:pPr>%s</w:p>`, level, num, run(text))
}

func TestDocxNumbersAsPrinted(t *testing.T) {
	numbering := abstractNum(0, lvl(0, "japaneseCounting", "第%1章"), lvl(1, "decimal", "%1.%2", `<w:isLgl/>`), lvl(2, "decimalEnclosedCircle", "%3")) +
		abstractNum(1, lvl(0, "decimalFullWidth", "%1．"), lvl(1, "bullet", "\uf0b7")) +
		`<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num><w:num w:numId="2"><w:abstractNumId w:val="1"/></w:num>` +
		`<w:num w:numId="5"><w:abstractNumId w:val="1"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="4"/></w:lvlOverride></w:num>` +
		`<w:num w:numId="6"><w:abstractNumId w:val="1"/><w:lvlOverride w:ilvl="0">` + lvl(0, "upperRoman", "%1)") + `</w:lvlOverride></w:num>`
	styles := `<w:style w:styleId="Base"><w:pPr><w:numPr><w:numId w:val="2"/></w:numPr></w:pPr></w:style><w:style w:styleId="Own"><w:basedOn w:val="Base"/></w:style>`
	styled := func(props, text string) string {
		return wp(`<w:pPr><w:pStyle w:val="Own"/>` + props + `</w:pPr>` + run(text))
	}
	body := listed(1, 0, "总则") + listed(1, 1, "目标") + listed(1, 2, "细") + listed(1, 2, "目") + listed(1, 1, "2026年") +
		listed(1, 0, "职责") + listed(1, 1, "分工") + listed(2, 0, "甲") + listed(2, 1, "点") + styled("", "乙") + listed(2, 0, "\u200b") + listed(2, 0, "丁") +
		listed(5, 0, "重起") + listed(5, 0, "再") + listed(6, 0, "罗马") + styled(`<w:numPr><w:numId w:val="0"/></w:numPr>`, "无号") + listed(99, 0, "无此表")
	same(t, texts(t, "a.docx", docx(body, numbering, styles)),
		"第一章 总则", "1.1 目标", "①细", "②目", "1.2 2026年", "第二章 职责", "2.1 分工",
		"１．甲", "点", "２．乙", "４．丁", "４．重起", "５．再", "VI)罗马", "无号", "无此表")
}

func TestNumerals(t *testing.T) {
	for _, c := range []struct {
		format string
		n      int
		want   string
	}{
		{"chineseCounting", 10, "十"}, {"chineseCounting", 12, "十二"}, {"chineseCounting", 20, "二十"}, {"chineseCounting", 105, "一百〇五"},
		{"chineseCountingThousand", 21, "二十一"}, {"chineseCountingThousand", 105, "一百零五"}, {"chineseCountingThousand", 1010, "一千零一十"},
		{"japaneseCounting", 11, "十一"}, {"ideographDigital", 10, "一〇"}, {"chineseLegalSimplified", 10, "壹拾"},
		{"decimalEnclosedCircle", 20, "⑳"}, {"decimalEnclosedCircle", 21, "21"}, {"decimalEnclosedParen", 2, "⑵"}, {"decimalFullWidth", 12, "１２"},
		{"decimalZero", 3, "03"}, {"upperRoman", 14, "XIV"}, {"lowerRoman", 4, "iv"}, {"lowerLetter", 2, "b"}, {"upperLetter", 28, "BB"},
		{"ideographTraditional", 1, "甲"}, {"none", 3, ""}, {"somethingNew", 3, "3"}, {"decimal", -1, "-1"}, {"chineseCounting", 0, "0"},
	} {
		if got := numeral(c.format, c.n); got != c.want {
			t.Errorf("%s %d: %s, want %s", c.format, c.n, got, c.want)
		}
	}
}

// Word on the web names its main part document2.xml.
func TestDocxMainPartByRelation(t *testing.T) {
	content := zipOf("_rels/.rels", strings.ReplaceAll(packageRels, "document.xml", "document2.xml"),
		"word/document2.xml", "<w:document "+wordNS+"><w:body>"+p("正文")+"</w:body></w:document>")
	same(t, texts(t, "a.docx", content), "正文")
}
