package source

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"
)

// sound checks what every document promises, whatever the file.
func sound(t *testing.T, name string, content []byte) {
	t.Helper()
	d, err := Open(name, content)
	var r *Refused
	if err != nil {
		if !errors.As(err, &r) || r.File != name || r.What == "" || r.Hint == "" {
			t.Fatalf("an error that helps nobody: %v", err)
		}
		return
	}
	if len(d.Blocks) == 0 || d.Format == "" {
		t.Fatal("a document without blocks or format")
	}
	for _, b := range d.Blocks {
		if (b.Text == "") == (len(b.Rows) == 0) {
			t.Fatalf("neither paragraph nor table: %+v", b)
		}
		if b.Text != clean(b.Text) || strings.ContainsAny(b.Text, "\n\r") || !utf8.ValidString(b.Text) {
			t.Fatalf("text not clean: %q", b.Text)
		}
		for _, row := range b.Rows {
			if len(row) != len(b.Rows[0]) {
				t.Fatal("rows of different lengths")
			}
			for _, c := range row {
				if strings.ContainsAny(c.Text, "\r\v\f") || !utf8.ValidString(c.Text) {
					t.Fatalf("cell not clean: %q", c.Text)
				}
			}
		}
		if b.Place.Line < 1 {
			t.Fatalf("no place: %+v", b)
		}
	}
}

func FuzzText(f *testing.F) {
	text := strings.Join(printed(), "\n")
	for _, s := range [][]byte{[]byte(text), gb(text), []byte(asMarkdown()), []byte("\xff\xfea\x00"), []byte("| a |\n|---|\n| b |"), []byte("[a](b)![c](d)**e**`f`")} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		sound(t, "a.txt", content)
		sound(t, "a.md", content)
	})
}

func FuzzHTML(f *testing.F) {
	for _, s := range []string{asHTML(), "<table><td rowspan=3 colspan=2>a<tr><td>b<table><td>c", "<ol start=9><li>a<p>b</ol>", "<div style='display:none'><div>x"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		sound(t, "a.html", append([]byte("<html>"), content...))
	})
}

// FuzzDocx changes the three parts, not the zip around them: a change there only
// breaks the checksum.
func FuzzDocx(f *testing.F) {
	f.Add(p("甲")+listed(3, 1, "乙"), threeLevels, headingStyle)
	f.Add(`<w:tbl><w:tr>`+tc(`<w:gridSpan w:val="3"/>`, p("甲"))+tc("<w:vMerge/>", p("乙"))+`</w:tr></w:tbl>`, abstractNum(0, lvl(0, "japaneseCounting", "第%1%9")), "")
	f.Add(`<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><mc:AlternateContent><mc:Choice><w:txbxContent>`+p("甲")+`</w:txbxContent></mc:Choice></mc:AlternateContent></w:r></w:p>`, "", "")
	f.Fuzz(func(t *testing.T, body, numbering, styles string) {
		sound(t, "a.docx", docx(body, numbering, styles))
	})
}

func FuzzXlsx(f *testing.F) {
	f.Add(`<row r="2"><c r="B2" t="s"><v>0</v></c><c s="1"><v>45107</v></c></row>`, `<mergeCells><mergeCell ref="A1:C9"/></mergeCells>`)
	f.Add(diagonal(5), "")
	f.Fuzz(func(t *testing.T, rows, more string) {
		sound(t, "a.xlsx", xlsx(sheetXML(rows, more)))
	})
}

func FuzzPDF(f *testing.F) {
	f.Add(pdfPages(songResources, page("文件", "- 1 -", "一、总体要求")))
	f.Add(garbledPDF)
	f.Add([]byte("%PDF-1.4\n1 0 obj<</Root 1 0 R/Pages 1 0 R/Kids[1 0 R]>>endobj trailer<</Root 1 0 R>>%%EOF"))
	f.Fuzz(func(t *testing.T, content []byte) {
		sound(t, "a.pdf", append([]byte("%PDF-1.4\n"), content...))
	})
}

// FuzzPDFContent changes what a page paints, which FuzzPDF cannot reach through
// the packing.
func FuzzPDFContent(f *testing.F) {
	f.Add(page("文件", "- 1 -", "一、总体要求", strings.Repeat("督导", 40)))
	f.Add("q 1 0 0 1 5 5 cm BT /F1 9 Tf 12 TL T* <4e00> ' [<4e8c> -9 ] TJ ET Q BI /W 1 ID x EI")
	f.Add(ruledTable(760, [2][]string{{"工作任务"}, {"时间"}}, [2][]string{{"修订办法"}, {"3月底"}}))
	f.Fuzz(func(t *testing.T, content string) {
		sound(t, "a.pdf", pdfPages(songResources+pictureResources, content))
	})
}
