package source

import (
	"encoding/binary"
	"os"
	"strings"
	"testing"
	"unicode/utf16"

	"golang.org/x/text/encoding/simplifiedchinese"
)

func gb(s string) []byte {
	out, err := simplifiedchinese.GB18030.NewEncoder().Bytes([]byte(s))
	if err != nil {
		panic(err)
	}
	return out
}

func utf16In(order binary.AppendByteOrder, s string) []byte {
	var out []byte
	for _, u := range utf16.Encode([]rune(s)) {
		out = order.AppendUint16(out, u)
	}
	return out
}

// One document, saved in every way an office saves it, is one document.
func TestEveryFormatSaysTheSame(t *testing.T) {
	text := strings.Join(printed(), "\n")
	pdf, err := os.ReadFile("testdata/points.pdf")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		format  Format
		content []byte
	}{
		"utf8.txt":        {Text, []byte(text)},
		"bom.txt":         {Text, []byte("\ufeff" + text)},
		"gb18030.txt":     {Text, gb(text)},
		"crlf.txt":        {Text, []byte(strings.ReplaceAll(text, "\n", "\r\n"))},
		"cr.txt":          {Text, []byte(strings.ReplaceAll(text, "\n", "\r"))},
		"utf16le-bom.txt": {Text, utf16In(binary.LittleEndian, "\ufeff"+text)},
		"utf16be-bom.txt": {Text, utf16In(binary.BigEndian, "\ufeff"+text)},
		"utf16le.txt":     {Text, utf16In(binary.LittleEndian, text)},
		"utf16be.txt":     {Text, utf16In(binary.BigEndian, text)},
		"points.md":       {Markdown, []byte(asMarkdown())},
		"points.docx":     {Docx, pointsDocx()},
		"a-docx.txt":      {Docx, pointsDocx()},
		"points.html":     {HTML, gb(asHTML())},
		"a-page.doc":      {HTML, []byte(asHTML())},
		"points.pdf":      {PDF, pdf},
		"points":          {Text, []byte(text)},
	} {
		t.Run(name, func(t *testing.T) {
			d, err := Open(name, c.content)
			if err != nil {
				t.Fatal(err)
			}
			if d.Format != c.format {
				t.Errorf("format %s, want %s", d.Format, c.format)
			}
			saysTheSame(t, d)
		})
	}
}

// testdata/points.pdf is this docx printed by LibreOffice (soffice --convert-to
// pdf) with a Noto font.
func TestWriteFixture(t *testing.T) {
	if dir := os.Getenv("SOURCE_FIXTURE"); dir != "" {
		if err := os.WriteFile(dir+"/points.docx", pointsDocx(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
