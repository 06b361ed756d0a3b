package source

import (
	"archive/zip"
	"bytes"
	"fmt"
	"strings"
	"testing"
)

// The document that all formats must read alike. # begins the title, ¶ lines are
// paragraphs; * ** *** are headings that a docx numbers by itself.
const points = `#滨湖学院2026年教学督导工作要点
为做好2026年教学督导工作，推动各项任务按时落实，根据学校年度安排，结合工作实际，制定本要点。全体督导员要深入课堂、实验室和实习基地，如实记录情况，及时反映问题，切实帮助教师改进教学。
*总体要求
坚持以学生为中心，以问题为导向，以改进为目的，做到有计划、有检查、有反馈、有整改，把督导工作贯穿教学全过程，促进教学质量稳步提高，为学校的长远发展打下扎实的基础。
*重点任务
**完善督导制度
***修订督导工作办法，明确督导员的职责和权利，3月底前完成。（责任部门：教务处；配合部门：人事处、各二级学院）
***每月召开1次督导例会，通报情况，研究问题。（责任部门：质量办）
**加强课堂检查
***每学期听课不少于20节，期末提交听课报告。（责任部门：质量办；配合部门：各二级学院）
***4月1日至15日开展期中检查。（责任部门：教务处）
*时间安排
|序号|时间|任务|责任部门
|1|2月底|部署全年工作|质量办
|2|6月底|完成阶段总结|教务处
滨湖学院办公室
2026年2月20日`

// label writes the printed numbers of headings.
type label struct{ n [3]int }

func (l *label) next(depth int) string {
	l.n[depth]++
	for i := depth + 1; i < 3; i++ {
		l.n[i] = 0
	}
	han := []string{"", "一", "二", "三", "四"}
	switch depth {
	case 0:
		return han[l.n[0]] + "、"
	case 1:
		return "（" + han[l.n[1]] + "）"
	}
	return fmt.Sprint(l.n[2]) + "."
}

func depthOf(line string) int { return len(line) - len(strings.TrimLeft(line, "*")) - 1 }

// printed is the document as it looks, a line a paragraph; rows of the table are
// cells between bars.
func printed() []string {
	var out []string
	var l label
	for line := range strings.SplitSeq(points, "\n") {
		if d := depthOf(line); d >= 0 {
			line = l.next(d) + strings.TrimLeft(line, "*")
		}
		out = append(out, strings.TrimPrefix(line, "#"))
	}
	return out
}

// saysTheSame compares blocks with the document; a table counts by its words.
func saysTheSame(t *testing.T, d *Document) {
	t.Helper()
	words := func(s string) string {
		return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == '|' || r == ' ' || r == '\t' }), " ")
	}
	var got, want []string
	for _, b := range d.Blocks {
		if len(b.Rows) == 0 {
			got = append(got, words(b.Text))
		}
		for _, r := range b.Rows {
			var cells []string
			for _, c := range r {
				cells = append(cells, c.Text)
			}
			got = append(got, words(strings.Join(cells, " ")))
		}
	}
	for _, p := range printed() {
		want = append(want, words(p))
	}
	for i := range max(len(got), len(want)) {
		g, w := "nothing", "nothing"
		if i < len(got) {
			g = got[i]
		}
		if i < len(want) {
			w = want[i]
		}
		if g != w {
			t.Fatalf("paragraph %d:\n got %s\nwant %s", i+1, g, w)
		}
	}
}

func asMarkdown() string {
	var b strings.Builder
	var l label
	rows := 0
	for line := range strings.SplitSeq(points, "\n") {
		d := depthOf(line)
		switch {
		case strings.HasPrefix(line, "#"):
			fmt.Fprintf(&b, "# **%s**\n\n", line[1:])
		case d == 2:
			fmt.Fprintf(&b, "%s%s\n\n", l.next(d), strings.ReplaceAll(line[3:], "3月底前", "**3月底前**"))
		case d >= 0:
			fmt.Fprintf(&b, "%s %s\n\n", strings.Repeat("#", d+2), l.next(d)+strings.TrimLeft(line, "*"))
		case strings.HasPrefix(line, "|"):
			b.WriteString(line + "|\n")
			if rows++; rows == 1 {
				b.WriteString("|---|:---:|----|---|\n")
			}
		default:
			b.WriteString(line + "\n\n")
		}
	}
	return b.String()
}

func asHTML() string {
	var b strings.Builder
	b.WriteString("<!DOCTYPE html><html><head><meta charset=\"gb2312\"><title>通知公告</title><style>p{color:red}</style></head><body>\n<div class=\"nav\"><ul><li>首页<li>新闻</ul></div><div><div id=article>\n")
	var l label
	open := false
	for line := range strings.SplitSeq(points, "\n") {
		if isRow := strings.HasPrefix(line, "|"); isRow != open {
			b.WriteString(map[bool]string{true: "<table>", false: "</table>"}[isRow])
			open = isRow
		}
		if open {
			b.WriteString("<tr><td><p>" + strings.ReplaceAll(line[1:], "|", "</p></td>\n<td><p>") + "</p></td>\n</tr>\n")
			continue
		}
		if d := depthOf(line); d >= 0 {
			line = l.next(d) + strings.TrimLeft(line, "*")
		}
		fmt.Fprintf(&b, "<p>&nbsp;&emsp;<span>%s</span></p>\n", strings.TrimPrefix(line, "#"))
	}
	b.WriteString("</div></div><script>var a = '<p>x</p>';</script><footer>版权所有</footer></body></html>")
	return b.String()
}

// zipOf packs parts, name and content in turn.
func zipOf(parts ...string) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i+1 < len(parts); i += 2 {
		w, err := z.Create(parts[i])
		if err != nil {
			panic(err)
		}
		if _, err := w.Write([]byte(parts[i+1])); err != nil {
			panic(err)
		}
	}
	if err := z.Close(); err != nil {
		panic(err)
	}
	return b.Bytes()
}

const wordNS = `xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" xmlns:v="urn:schemas-microsoft-com:vml" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"`

const packageRels = `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>`

const wordTypes = `<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/><Override PartName="/word/numbering.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.numbering+xml"/><Override PartName="/word/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.styles+xml"/></Types>`

const wordDocRels = `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/numbering" Target="numbering.xml"/><Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/></Relationships>`

// docx packs a body, with numbering and styles where they are given.
func docx(body, numbering, styles string) []byte {
	return zipOf(
		"[Content_Types].xml", wordTypes,
		"_rels/.rels", packageRels,
		"word/document.xml", `<?xml version="1.0" encoding="UTF-8" standalone="yes"?><w:document `+wordNS+`><w:body>`+body+`</w:body></w:document>`,
		"word/_rels/document.xml.rels", wordDocRels,
		"word/numbering.xml", `<w:numbering `+wordNS+`>`+numbering+`</w:numbering>`,
		"word/styles.xml", `<w:styles `+wordNS+`>`+styles+`</w:styles>`,
	)
}

// threeLevels numbers 一、 （一） 1. as most plans do; the first level belongs to
// a style.
const threeLevels = `<w:abstractNum w:abstractNumId="7"><w:multiLevelType w:val="multilevel"/>` +
	`<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="chineseCounting"/><w:pStyle w:val="H1"/><w:suff w:val="nothing"/><w:lvlText w:val="%1、"/></w:lvl>` +
	`<w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="chineseCountingThousand"/><w:suff w:val="nothing"/><w:lvlText w:val="（%2）"/></w:lvl>` +
	`<w:lvl w:ilvl="2"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:suff w:val="nothing"/><w:lvlText w:val="%3."/></w:lvl>` +
	`</w:abstractNum><w:num w:numId="3"><w:abstractNumId w:val="7"/></w:num>`

const headingStyle = `<w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii="Noto Sans CJK SC" w:eastAsia="Noto Sans CJK SC" w:hAnsi="Noto Sans CJK SC"/><w:sz w:val="32"/></w:rPr></w:rPrDefault></w:docDefaults><w:style w:type="paragraph" w:styleId="H1"><w:name w:val="heading 1"/><w:pPr><w:numPr><w:numId w:val="3"/></w:numPr></w:pPr></w:style>`

func p(text string) string {
	return `<w:p><w:r><w:t xml:space="preserve">` + text + `</w:t></w:r></w:p>`
}

// pointsDocx is the document as Word writes it.
func pointsDocx() []byte {
	const look = `<w:rPr><w:lang w:eastAsia="zh-CN"/></w:rPr>`
	var b strings.Builder
	open := false
	for line := range strings.SplitSeq(points, "\n") {
		if isRow := strings.HasPrefix(line, "|"); isRow != open {
			b.WriteString(map[bool]string{true: `<w:tbl><w:tblPr><w:tblW w:w="8800" w:type="dxa"/></w:tblPr><w:tblGrid><w:gridCol w:w="1400"/><w:gridCol w:w="1800"/><w:gridCol w:w="3400"/><w:gridCol w:w="2200"/></w:tblGrid>`, false: "</w:tbl>"}[isRow])
			open = isRow
		}
		if open {
			b.WriteString("<w:tr>")
			for cell := range strings.SplitSeq(line[1:], "|") {
				b.WriteString(`<w:tc><w:p><w:r>` + look + `<w:t>` + cell + `</w:t></w:r></w:p></w:tc>`)
			}
			b.WriteString("</w:tr>")
			continue
		}
		props := `<w:ind w:firstLine="640"/>`
		switch d := depthOf(line); {
		case strings.HasPrefix(line, "#"):
			props = `<w:jc w:val="center"/>`
		case d == 0:
			props = `<w:pStyle w:val="H1"/><w:ind w:firstLine="640"/>`
		case d > 0:
			props = fmt.Sprintf(`<w:numPr><w:ilvl w:val="%d"/><w:numId w:val="3"/></w:numPr><w:ind w:firstLine="640"/>`, d)
		}
		text := strings.TrimLeft(line, "*#")
		half := len([]rune(text)) / 2
		first, second := string([]rune(text)[:half]), string([]rune(text)[half:])
		b.WriteString(`<w:p><w:pPr>` + props + `</w:pPr><w:r>` + look + `<w:t>` + first + `</w:t></w:r><w:r>` + look + `<w:t>` + second + `</w:t></w:r></w:p>`)
	}
	b.WriteString(`<w:sectPr><w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="2098" w:right="1474" w:bottom="1984" w:left="1587" w:header="851" w:footer="992"/></w:sectPr>`)
	return docx(b.String(), threeLevels, headingStyle)
}
