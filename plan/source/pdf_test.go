package source

import (
	"encoding/binary"
	"fmt"
	"strings"
	"testing"
)

// page lays lines out as an office prints them: 28 characters a line, first
// lines indented; head and foot as given.
func page(head, foot string, paragraphs ...string) string {
	const left, top, size, pitch = 75.0, 740.0, 16.0, 28.0
	lines := []sheetText{{200, 800, 10, head}, {290, 50, 10, foot}}
	y := top
	for _, p := range paragraphs {
		x := left + 2*size
		rest, room := []rune(p), 26
		if cont, ok := strings.CutPrefix(p, "~"); ok { // goes on from the page before
			rest, room, x = []rune(cont), 28, left
		}
		for len(rest) > 0 {
			n := min(room, len(rest))
			lines = append(lines, sheetText{x, y, size, string(rest[:n])})
			rest, room, x, y = rest[n:], 28, left, y-pitch
		}
	}
	return paint(lines)
}

func TestPDFLinesBecomeParagraphs(t *testing.T) {
	long := strings.Repeat("坚持把督导工作贯穿教学全过程", 5)
	one, two := string([]rune(long)[:54]), "年底前完成总结。" // 54: two full lines
	d, err := Open("a.pdf", pdfPages(songResources,
		page("滨湖学院文件", "— 1 —", "一、总体要求", long+"。", "二、重点任务", "1.修订办法，3月底前完成。", one),
		page("滨湖学院文件", "— 2 —", "~"+two, "三、时间安排", strings.Repeat("督", 26), "（一）部署"),
		page("滨湖学院文件", "- 3 -", "四、其他")))
	if err != nil {
		t.Fatal(err)
	}
	same(t, blockTexts(d), "一、总体要求", long+"。", "二、重点任务", "1.修订办法，3月底前完成。", one+two, "三、时间安排", strings.Repeat("督", 26), "（一）部署", "四、其他")
	if at := d.Blocks[5].Place; at.Page != 2 {
		t.Errorf("place %v", at)
	}
}

// The order of drawing means nothing; the place on the page does.
func TestPDFByPlace(t *testing.T) {
	content := paint([]sheetText{{75, 600, 16, "二、任务"}, {139, 700, 16, "目标"}, {75, 700, 16, "一、总体"}, {75.4, 700.2, 16, "一"}}) +
		"q 0.7 0.7 -0.7 0.7 200 200 cm " + paint([]sheetText{{0, 0, 40, "内部资料"}}) + "Q\n" +
		paint([]sheetText{{75, 500, 16, "1"}, {200, 500, 16, "教务处"}, {75, 400, 16, "\u2f00\u2f8f\ufa0c"}})
	same(t, texts(t, "a.pdf", pdfPages(songResources, content)), "一、总体目标", "二、任务", "1\t教务处", "一行兀")
}

func TestPDFFonts(t *testing.T) {
	cmap := deflated("/CIDInit begincmap 1 begincodespacerange <0000><ffff> endcodespacerange 2 beginbfchar <0001> <7763> <0002> <529e> endbfchar 1 beginbfrange <0010> <0012> <4e00> <0020> <0021> [<5bfc> <5de5>] endbfrange endcmap")
	fontWith := func(font, show string) []byte {
		return pdfOf("<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
			"<</Type/Page/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>", deflated("BT /F1 16 Tf 75 700 Td "+show+" ET"), font, cmap)
	}
	for name, c := range map[string]struct{ font, show, want string }{
		"own table":         {"<</Subtype/Type0/Encoding/Identity-H/ToUnicode 6 0 R/DescendantFonts[<</W[1[1000 1000] 16 33 1000]>>]>>", "<00010002>Tj", "督办"},
		"ranges":            {"<</Subtype/Type0/Encoding/Identity-H/ToUnicode 6 0 R/DescendantFonts[<<>>]>>", "[<0010> -20 <0011> <00200021>]TJ", "一丁导工"},
		"national encoding": {"<</Subtype/Type0/Encoding/GBK-EUC-H/DescendantFonts[<<>>]>>", fmt.Sprintf("<%x>Tj", gb("2026年督导")), "2026年督导"},
		"UTF-16":            {"<</Subtype/Type0/Encoding/UniGB-UTF16-H/DescendantFonts[<<>>]>>", fmt.Sprintf("<%x>Tj", utf16In(binary.BigEndian, "督导")), "督导"},
		"Latin":             {"<</Subtype/Type1/Encoding/WinAnsiEncoding>>", `(Plan \(2026\) \101)Tj`, "Plan (2026) A"},
		"named glyphs":      {"<</Subtype/Type1/Encoding<</Differences[65/uni7763/two/period]>>>>", "(ABC)Tj", "督2."},
	} {
		t.Run(name, func(t *testing.T) { same(t, texts(t, "a.pdf", fontWith(c.font, c.show)), c.want) })
	}
}

func TestPDFPackedObjectsAndTurnedPage(t *testing.T) {
	packed := "1 0 2 50 3 100 " + fmt.Sprintf("%-50s%-50s%-300s", "<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
		"<</Type/Page/Rotate 90/MediaBox[0 0 595 842]/Contents 5 0 R/Resources<<"+songResources+">>>>")
	content := "q 0 1 -1 0 500 75 cm " + paint([]sheetText{{0, 0, 16, "横页督导"}}) + "Q"
	file := "%PDF-1.5\n4 0 obj\n" + strings.Replace(deflated(packed), "<<", "<</Type/ObjStm/N 3/First 15", 1) + "\nendobj\n5 0 obj\n" + deflated(content) +
		"\nendobj\n6 0 obj\n<</Type/XRef/Root 1 0 R/Length 0>>\nstream\n\nendstream\nendobj\nstartxref\n0\n%%EOF"
	same(t, texts(t, "a.pdf", []byte(file)), "横页督导")
}

// One page that is a picture among pages with text is named, not passed over.
func TestPDFPicturePageIsNamed(t *testing.T) {
	d, err := Open("a.pdf", pdfPages(songResources+pictureResources, page("", "", "一、总体要求"), "/I1 Do", page("", "", "二、任务")))
	if err != nil {
		t.Fatal(err)
	}
	if len(d.Warnings) != 1 || !strings.Contains(d.Warnings[0], "第2页") {
		t.Errorf("warnings %q", d.Warnings)
	}
}

func TestNumberedLines(t *testing.T) {
	for s, want := range map[string]bool{
		"一、目标": true, "（一）": true, "(12)甲": true, "1.甲": true, "12、": true, "１．甲": true, "①甲": true, "第一章": true, "第3条 甲": true, "㈠": true,
		"1.5亿元": false, "2026年": false, "一是": false, "第一个": false, "（略）": false, "": false, "1": false, "（一": false, "一二三四五六七八九十一、": false,
	} {
		if isNumbered(s) != want {
			t.Errorf("%q: %v", s, !want)
		}
	}
}

// ruled draws a table of two columns, 200 and 240 points wide, with rows 60
// points high; cells are lines of text.
func ruledTable(top float64, rows ...[2][]string) string {
	var b strings.Builder
	bottom := top - 60*float64(len(rows))
	for i := range len(rows) + 1 {
		fmt.Fprintf(&b, "75 %g m 515 %g l S\n", top-60*float64(i), top-60*float64(i))
	}
	for _, x := range []float64{75, 275, 515} {
		fmt.Fprintf(&b, "%g %g 0.5 %g re f\n", x, bottom, top-bottom)
	}
	for i, r := range rows {
		for c, x := range []float64{80, 280} {
			for j, l := range r[c] {
				b.WriteString(paint([]sheetText{{x, top - 60*float64(i) - 20*float64(j+1), 16, l}}))
			}
		}
	}
	return b.String()
}

// The text of a cell is kept together, whatever stands beside it; a table goes on
// over a page, with its head printed again or in the middle of a row.
func TestPDFRuledTables(t *testing.T) {
	head := [2][]string{{"工作任务"}, {"时间"}}
	d, err := Open("a.pdf", pdfPages(songResources,
		paint([]sheetText{{200, 780, 16, "任务分解表"}})+ruledTable(760, head, [2][]string{{"修订办法，听取各二级学院", "意见后印发"}, {"3月底"}}, [2][]string{{"听课", "1.教务处"}, {"每月"}}),
		ruledTable(760, head, [2][]string{{"督导工作各部门及二级学院"}, {"6月底"}}),
		ruledTable(760, [2][]string{{"应当配合"}, {}}, [2][]string{{"总结"}, {"12月"}})+paint([]sheetText{{75, 500, 16, "附注"}})))
	if err != nil {
		t.Fatal(err)
	}
	same(t, blockTexts(d), "任务分解表", "|工作任务|时间|", "|修订办法，听取各二级学院意见后印发|3月底|", "|听课/1.教务处|每月|", "|督导工作各部门及二级学院应当配合|6月底|", "|总结|12月|", "附注")
}

func TestPDFCentredTitleOfTwoLines(t *testing.T) {
	content := paint([]sheetText{{83, 760, 22, "滨湖学院关于印发二〇二六年教学督导工"}, {215, 728, 22, "作要点的通知"}, {107, 690, 16, "各部门："}, {107, 660, 16, "现将要点印发给你们。"}})
	same(t, texts(t, "a.pdf", pdfPages(songResources, content)), "滨湖学院关于印发二〇二六年教学督导工作要点的通知", "各部门：", "现将要点印发给你们。")
}

func TestWhatALineBreakCannotPart(t *testing.T) {
	for s, want := range map[string]float64{"督导": 1, "督，导": 2, "“督”导": 3, "（2026年": 3, "abcd 督": 2, "督)12.导": 3, "": 0} {
		if got := leading(s); got != want {
			t.Errorf("%q: %g, want %g", s, got, want)
		}
	}
}
