package source

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"golang.org/x/text/encoding/traditionalchinese"
)

func noise(n int) []byte {
	r := rand.New(rand.NewPCG(1, 2))
	out := make([]byte, n)
	for i := range out {
		out[i] = byte(r.Uint32())
	}
	return out
}

func ole(streams ...string) []byte {
	out := []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + strings.Repeat("\x00", 504))
	for _, s := range streams {
		out = append(out, utf16Bytes(s)...)
	}
	return append(out, make([]byte, 512)...)
}

// storedDocx has a part that is stored as it is, whatever its size.
func documentPart(xml string) []byte {
	return zipOf("_rels/.rels", packageRels, "word/document.xml", xml)
}

func manyParts(n int) []byte {
	parts := []string{"word/document.xml", "<w:document " + wordNS + "/>"}
	for i := range n {
		parts = append(parts, fmt.Sprintf("word/media/%d.png", i), "")
	}
	return zipOf(parts...)
}

// lyingZip states a small size for a part that unpacks to much.
func lyingZip() []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.Create("word/document.xml")
	if err != nil {
		panic(err)
	}
	fmt.Fprintf(w, `<w:document %s><w:body>`, wordNS)
	spaces := bytes.Repeat([]byte(" "), 1<<20)
	for range 70 {
		if _, err := w.Write(spaces); err != nil {
			panic(err)
		}
	}
	if err := z.Close(); err != nil {
		panic(err)
	}
	out := b.Bytes()
	at := bytes.Index(out, []byte("PK\x01\x02"))
	binary.LittleEndian.PutUint32(out[at+24:], 1000) // the size in the directory
	return out
}

func lockedZip() []byte {
	out := pointsDocx()
	for at := 0; ; {
		i := bytes.Index(out[at:], []byte("PK\x01\x02"))
		if i < 0 {
			return out
		}
		out[at+i+8] |= 1
		at += i + 4
	}
}

func must(s string, err error) string {
	if err != nil {
		panic(err)
	}
	return s
}

var garbledPDF = pdfPages("/Font<</F1 <</Type/Font/Subtype/Type0/BaseFont/ABCDEF+SimSun/Encoding/Identity-H/DescendantFonts[<</Type/Font/Subtype/CIDFontType2>>]>>>>",
	"BT /F1 16 Tf 100 700 Td <0102030405060708090a0b0c0d0e0f101112131415161718191a> Tj ET")

// badFile is a file and words of the message about it.
type badFile struct {
	file       string
	content    []byte
	what, hint string
}

func badFiles() []badFile {
	return []badFile{
		{"plan.txt", nil, "文件是空的", "重新复制或下载"},
		{"plan.txt", []byte(" \n\u3000\ufeff\r\n"), "文件里没有文字", "选错了文件"},
		{"plan.txt", noise(4000), "内容不是文字", "请改用 docx、pdf、xlsx、html、txt 或 md"},
		{"plan.txt", []byte("\x00\x01\x02\x03\x04\x05\x06\x07 abc\x00\x00\x00\x10\x11"), "内容不是文字", "请改用 docx、pdf、xlsx、html、txt 或 md"},
		{"plan.txt", []byte("\x01\x02\x03\x04\x05\x06\x07 abc"), "内容不是文字", "请改用 docx、pdf、xlsx、html、txt 或 md"},
		{"plan.txt", []byte("caf\xe9 cr\xe8me br\xfbl\xe9e d\xe9j\xe0 vu, na\xefve fa\xe7ade"), "文字的编码", "UTF-8"},
		{"plan.txt", []byte(must(traditionalchinese.Big5.NewEncoder().String(strings.Repeat("為做好督導工作，各單位應當按時報送情況。", 5)))), "文字的编码", "UTF-8"},
		{"plan.txt", append([]byte(strings.Repeat("做好督导工作\n", 30)), 0xff, 0xfe, '\n', 'a'), "文字的编码", "UTF-8"},
		{"plan.txt", bytes.Repeat([]byte("做好督导工作，按时报送。\n"), maxText/37*2), "文字超过 20 MB", "拆成几个文件"},
		{"plan.txt", bytes.Repeat([]byte("a\n"), maxBlocks+1), "段落超过 100 万", "拆成几个文件"},
		{"plan.txt", make([]byte, maxFile+1), "文件超过 64 MB", "删去其中的图片"},
		{"plan.mht", []byte("From: saved\r\nMIME-Version: 1.0\r\n\r\n<x>"), "单个文件网页（mht）", "仅 HTML"},
		{"plan.xml", []byte(`<?xml version="1.0"?><w:wordDocument/>`), "XML", "另存为 .docx"},
		{"plan.rtf", []byte(`{\rtf1\ansi hello}`), "rtf", "另存为 .docx"},
		{"plan.doc", ole("Root Entry", "WordDocument"), "旧版 .doc 文件", "另存为 .docx"},
		{"plan.wps", ole("Root Entry", "WordDocument"), "旧版 .wps 文件", "另存为 .docx"},
		{"plan.xls", ole("Workbook"), "旧版 .xls 文件", "另存为 .xlsx"},
		{"plan.ppt", ole("PowerPoint Document"), "旧版 .ppt 文件", "保存为 .docx"},
		{"plan.docx", ole("EncryptionInfo", "EncryptedPackage"), "文件设了密码", "取消密码"},
		{"plan.docx", lockedZip(), "文件设了密码", "取消密码"},
		{"plan.png", []byte("\x89PNG\r\n\x1a\n\x00"), "这是图片", "文字识别"},
		{"plan.docx", []byte("\xff\xd8\xff\xe0\x00\x10JFIF"), "这是图片", "文字识别"},
		{"plan.bmp", []byte("BM\x36\x00\x00\x00\x00\x00"), "这是图片", "文字识别"},
		{"plan.rar", []byte("Rar!\x1a\x07\x00"), "压缩包", "解压"},
		{"plan.7z", []byte("7z\xbc\xaf\x27\x1c"), "压缩包", "解压"},
		{"plan.gz", []byte("\x1f\x8b\x08\x00"), "压缩包", "解压"},
		{"plan.zip", zipOf("a.docx", "x"), "压缩包", "解压"},
		{"plan.ofd", zipOf("OFD.xml", "<ofd/>", "Doc_0/Document.xml", ""), ".ofd 文件", "另存为 .pdf 或 .docx"},
		{"plan.pptx", zipOf("ppt/presentation.xml", ""), "演示文稿", "保存为 .docx"},
		{"plan.odt", zipOf("mimetype", "x", "content.xml", ""), "OpenDocument", "另存为 .docx 或 .xlsx"},
		{"plan.docx", pointsDocx()[:2000], "不完整", "重新复制或下载"},
		{"plan.docx", pointsDocx()[:len(pointsDocx())-1], "不完整", "重新复制或下载"},
		{"plan.docx", []byte("PK\x03\x04"), "不完整", "重新复制或下载"},
		{"plan.docx", zipOf("word/other.xml", "<x/>"), "已损坏", "重新复制或下载"},
		{"plan.docx", documentPart("<w:document><w:body><w:p>"), "不完整", "重新复制或下载"},
		{"plan.docx", documentPart("<w:document><w:body></w:body></w:document></x>"), "已损坏", "重新复制或下载"},
		{"plan.docx", documentPart("<w:document><w:t>a & b</w:t>"), "已损坏", "重新复制或下载"},
		{"plan.docx", documentPart("<w:document><w:t>&secret;</w:t></w:document>"), "已损坏", "重新复制或下载"},
		{"plan.docx", documentPart(`<!DOCTYPE x [<!ENTITY secret SYSTEM "file:///etc/hostname">]><w:document>` + p("&secret;") + `</w:document>`), "DOCTYPE", "另存一份"},
		{"plan.docx", documentPart(strings.Repeat("<w:p>", 2_000_000)), "文件内部嵌套太深", "另存一份"},
		{"plan.docx", documentPart("<w:document>" + strings.Repeat("<w:sdt>", 300) + strings.Repeat("</w:sdt>", 300) + "</w:document>"), "文件内部嵌套太深", "另存一份"},
		{"plan.docx", documentPart("<w:document>" + strings.Repeat(" ", 3<<20) + "</w:document>"), "文件解压后远超", "另存一份"},
		{"plan.docx", lyingZip(), "已损坏", "另存一份"},
		{"plan.docx", manyParts(maxEntries), "超过 2000 个部分", "另存一份"},
		{"plan.docx", docx("", "", ""), "文件里没有文字", "选错了文件"},
		{"plan.docx", docx(`<w:p><w:r><w:drawing><a:blip r:embed="rId9"/></w:drawing></w:r></w:p>`, "", ""), "只有图片", "文字识别"},
		{"plan.docx", docx(manyCells(), "", ""), "超过 100 万个单元格", "删去空行"},
		{"plan.html", []byte("<html>" + strings.Repeat("<table><tr><td>", 2_000_000)), "网页内部嵌套太深", "复制到 Word"},
		{"plan.html", []byte("<html>" + strings.Repeat("<ol>", 2_000_000)), "网页内部嵌套太深", "复制到 Word"},
		{"plan.html", []byte("<html><table>" + strings.Repeat("<tr><td colspan=1000>x<td>y", 20_000)), "超过 100 万个单元格", "删去空行"},
		{"plan.html", []byte("<html><script>var a</script></html>"), "文件里没有文字", "选错了文件"},
		{"plan.xlsx", xlsx(sheetXML(`<row r="1"/>`)), "文件里没有文字", "选错了文件"},
		{"plan.xlsx", xlsx(sheetXML(diagonal(1500))), "超过 100 万个单元格", "空行和空列"},
		{"plan.pdf", []byte("%PDF-1.4\n1 0 obj"), "不完整", "重新复制或下载"},
		{"plan.pdf", cutPDF(), "不完整", "重新复制或下载"},
		{"plan.pdf", []byte("%PDF-1.4\n%%EOF"), "已损坏", "重新复制或下载"},
		{"plan.pdf", bytes.Replace(pdfPages(songResources, ""), []byte("/Root"), []byte("/Encrypt<</Filter/Standard>>/Root"), 1), "PDF 设了密码或使用限制", "取消密码和限制"},
		{"plan.pdf", pdfPages(pictureResources, "/I1 Do", "/I1 Do"), "扫描件", "请先做文字识别，或索取 Word 原文件"},
		{"plan.pdf", pdfPages(songResources+pictureResources, "/I1 Do "+paint([]sheetText{{50, 50, 9, "扫描件"}}), "/I1 Do"), "扫描件", "文字识别"},
		{"plan.pdf", pdfPages("", "0 0 m 10 10 l S"), "PDF 里没有文字", "文字识别"},
		{"plan.pdf", garbledPDF, "没有标明对应的文字", "索取 Word 原文件"},
		{"plan.pdf", pdfPages(songResources, paint([]sheetText{{50, 700, 16, strings.Repeat("\ue000\ue123", 30)}})), "没有标明对应的文字", "Word"},
		{"plan.pdf", pdfPages(songResources, paint([]sheetText{{50, 700, 16, strings.Repeat("龘靐齉爩麤灪龗飝虪籱", 10)}})), "没有标明对应的文字", "Word"},
		{"plan.pdf", pdfPages("/Font<</F1<</Type/Font/Subtype/TrueType/BaseFont/SimSun>>>>", "BT /F1 16 Tf 50 700 Td <b9a4d7f7d2aab5e3b0d1> Tj ET"), "没有标明对应的文字", "Word"},
		{"plan.pdf", pdfOf("<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[2 0 R 2 0 R]/Count 2>>"), "已损坏", "重新复制或下载"},
		{"plan.pdf", pdfOf(strings.Repeat("[", 5_000_000)), "已损坏", "重新复制或下载"},
		{"plan.pdf", pdfPages(songResources, strings.Repeat("<<", 2_000_000)), "PDF 里没有文字", "文字识别"},
		{"plan.pdf", pdfPages(songResources, strings.Repeat(" ", 70<<20)), "PDF 解压后远超", "重新打印"},
		{"plan.pdf", formsPDF(), "绘制内容远超", "重新打印"},
	}
}

// cutPDF lacks its end.
func cutPDF() []byte {
	whole := pdfPages(songResources, paint([]sheetText{{50, 700, 16, "督导"}}))
	return whole[:len(whole)-60]
}

// formsPDF has forms that paint each other, ten times at each level.
func formsPDF() []byte {
	objects := []string{"<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]>>", "<</Type/Page/Contents 4 0 R/Resources<</XObject<</X 5 0 R>>>>>>", deflated("/X Do")}
	for i := range maxForms {
		s := strings.Repeat("/X Do ", 10)
		objects = append(objects, fmt.Sprintf("<</Subtype/Form/Length %d/Resources<</XObject<</X %d 0 R>>>>>>\nstream\n%s\nendstream", len(s), i+6, s))
	}
	return pdfOf(append(objects, "<</Subtype/Form/Length 2>>\nstream\nq Q\nendstream")...)
}

func manyCells() string {
	row := "<w:tr>" + strings.Repeat(`<w:tc><w:tcPr><w:gridSpan w:val="200"/></w:tcPr>`+p("x")+`</w:tc>`, 2) + "</w:tr>"
	var b strings.Builder
	for i := range 6000 { // not too alike, or the zip is refused first
		b.WriteString(strings.ReplaceAll(row, ">x<", fmt.Sprintf(">%x<", noise(3000)[i%2900:i%2900+40])))
	}
	return "<w:tbl>" + b.String() + "</w:tbl>"
}

// diagonal uses a new row and a new column for every cell.
func diagonal(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `<row r="%d"><c r="%s%d" t="inlineStr"><is><t>%x</t></is></c></row>`, i+1, columnName(i+1), i+1, noise(20+i%7))
	}
	return b.String()
}

func columnName(n int) string {
	s := ""
	for ; n > 0; n = (n - 1) / 26 {
		s = string(rune('A'+(n-1)%26)) + s
	}
	return s
}

// A file that cannot be read is refused with one sentence and what to do.
func TestBadFilesAreRefused(t *testing.T) {
	for i, c := range badFiles() {
		t.Run(fmt.Sprintf("%d-%s-%s", i, c.file, c.what), func(t *testing.T) {
			_, err := Open(c.file, c.content)
			var r *Refused
			if !errors.As(err, &r) {
				t.Fatalf("got %v, want a refusal", err)
			}
			if r.File != c.file || !strings.Contains(r.What, c.what) || !strings.Contains(r.Hint, c.hint) {
				t.Errorf("got  %v\nwant words %q and %q", r, c.what, c.hint)
			}
			if got, want := err.Error(), c.file+"："+r.What+"；"+r.Hint; got != want || strings.ContainsAny(got, "\r\n") {
				t.Errorf("got %q, want one line %q", got, want)
			}
			if !strings.HasPrefix(r.Hint, "请") {
				t.Errorf("not what to do: %q", r.Hint)
			}
		})
	}
}
