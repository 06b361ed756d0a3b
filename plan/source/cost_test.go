package source

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
)

// different paragraphs, so that packing them is no bomb.
func paragraphsOf(n int, wrap func(i int, text string) string) string {
	var b strings.Builder
	noise := []rune("督导工作教学检查反馈整改落实部门每月季度学期完成总结部署推动提高质量制度办法课堂实验")
	seed := uint32(1)
	for i := range n {
		var line strings.Builder
		for range 60 {
			seed = seed*1664525 + 1013904223
			line.WriteRune(noise[int(seed>>16)%len(noise)])
		}
		b.WriteString(wrap(i, line.String()))
	}
	return b.String()
}

// sized makes files of all formats with n paragraphs.
var sized = map[string]func(n int) []byte{
	"a.txt": func(n int) []byte {
		return []byte(paragraphsOf(n, func(i int, s string) string { return fmt.Sprintf("　　%d.%s\r\n", i, s) }))
	},
	"gb.txt": func(n int) []byte { return gb(paragraphsOf(n, func(_ int, s string) string { return s + "\n" })) },
	"a.md": func(n int) []byte {
		return []byte(paragraphsOf(n, func(_ int, s string) string { return "- **" + s + "**\n" }))
	},
	"wrapped.md": func(n int) []byte {
		return []byte(paragraphsOf(n, func(_ int, s string) string { return s + "\n" }))
	},
	"a.html": func(n int) []byte {
		return []byte("<html>" + paragraphsOf(n, func(_ int, s string) string { return "<div><p>&emsp;" + s + "</p>" }))
	},
	"table.html": func(n int) []byte {
		return []byte("<html><table>" + paragraphsOf(n, func(_ int, s string) string { return "<tr><td rowspan=9>" + s + "<td>a" }))
	},
	"a.docx": func(n int) []byte {
		return docx(paragraphsOf(n, func(i int, s string) string { return listed(3, i%3, s) }), threeLevels, "")
	},
	"deleted.docx": func(n int) []byte {
		return docx(paragraphsOf(n, func(_ int, s string) string {
			return "<w:p><w:pPr><w:rPr><w:del/></w:rPr></w:pPr>" + run(s) + "</w:p>"
		}), "", "")
	},
	"table.docx": func(n int) []byte {
		return docx("<w:tbl>"+paragraphsOf(n, func(i int, s string) string {
			return "<w:tr>" + tc("<w:vMerge/>", "<w:p/>") + tc("", p(s)) + tc("", p("甲")) + "</w:tr>"
		})+"</w:tbl>", "", "")
	},
	"a.xlsx": func(n int) []byte {
		return xlsx(sheetXML(paragraphsOf(n, func(i int, s string) string {
			return fmt.Sprintf(`<row r="%d"><c r="A%d" t="inlineStr"><is><t>%s</t></is></c><c s="1"><v>45107</v></c></row>`, i+1, i+1, s)
		}), `<mergeCells><mergeCell ref="B1:B99999"/></mergeCells>`))
	},
	"a.pdf": func(n int) []byte {
		var pages []string
		for range n / 10 {
			pages = append(pages, page("文件", "- 1 -", strings.SplitAfter(paragraphsOf(10, func(_ int, s string) string { return s + "。" }), "。")...))
		}
		return pdfPages(songResources, pages...)
	},
	"brackets.pdf": func(n int) []byte {
		return pdfPages(songResources, page("", "", "督导"), strings.Repeat("[(<", n*60))
	},
	"objects.pdf": func(n int) []byte {
		return append(pdfPages(songResources, page("", "", "督导")), []byte("\n"+strings.Repeat("9 0 obj [ ", n*10)+"%%EOF")...)
	},
}

// allocated is how many bytes reading a file allocates.
func allocated(t *testing.T, name string, content []byte) uint64 {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, err := Open(name, content); err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// Twice the document costs twice as much, in every format.
func TestCostIsLinear(t *testing.T) {
	for name, make := range sized {
		t.Run(name, func(t *testing.T) {
			one, two := make(1000), make(2000)
			a, b := allocated(t, name, one), allocated(t, name, two)
			if float64(b) > 2.6*float64(a) {
				t.Errorf("%d bytes for one, %d for two", a, b)
			}
		})
	}
}

// A text's blocks share its memory: little more than the text is kept, even of
// lines with one character.
func TestMemoryOfALongText(t *testing.T) {
	for name, content := range map[string][]byte{"long": sized["a.txt"](20_000), "short": []byte(strings.Repeat("督\n", 200_000))} {
		if got := allocated(t, "a.txt", content); got > 20*uint64(len(content)) {
			t.Errorf("%s lines: %d bytes allocated for a text of %d", name, got, len(content))
		}
	}
}

func BenchmarkOpen(b *testing.B) {
	for _, c := range []struct {
		name string
		n    int
	}{{"a.txt", 105_000}, {"gb.txt", 105_000}, {"a.md", 105_000}, {"a.html", 105_000}, {"a.docx", 105_000}, {"a.xlsx", 20_000}, {"a.pdf", 10_000}} {
		content := sized[c.name](c.n)
		b.Run(c.name, func(b *testing.B) {
			b.SetBytes(int64(len(content)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Open(c.name, content); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
