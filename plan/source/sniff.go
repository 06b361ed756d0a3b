package source

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"
	"unicode/utf16"
)

// kind is a format with its reader.
type kind struct {
	format Format
	read   func(content []byte) (*Document, error)
}

// foreign are beginnings of files that hold no text to read, and what to do.
var foreign = []struct{ magic, what, hint string }{
	{"{\\rtf", "这是 rtf 文件", "请用 Word 或 WPS 打开，另存为 .docx"},
	{"\x89PNG", "这是图片", pictureHint},
	{"\xff\xd8\xff", "这是图片", pictureHint},
	{"GIF8", "这是图片", pictureHint},
	{"BM", "这是图片", pictureHint},
	{"II*\x00", "这是图片", pictureHint},
	{"MM\x00*", "这是图片", pictureHint},
	{"RIFF", "这是图片或音像文件", pictureHint},
	{"Rar!", "这是压缩包", archiveHint},
	{"7z\xbc\xaf\x27\x1c", "这是压缩包", archiveHint},
	{"\x1f\x8b", "这是压缩包", archiveHint},
	{"BZh", "这是压缩包", archiveHint},
	{"\xfd7zXZ", "这是压缩包", archiveHint},
}

const (
	pictureHint = "请先做文字识别，或索取 Word 原文件"
	archiveHint = "请先解压，再选里面的文档"
)

// sniff tells what the content is.
func sniff(name string, content []byte) (kind, error) {
	switch {
	case len(content) == 0:
		return kind{}, refuse("文件是空的", "请重新复制或下载")
	case len(content) > maxFile:
		return kind{}, refuse("文件超过 64 MB", "请删去其中的图片，或拆成几个文件")
	case bytes.HasPrefix(content, []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")):
		return kind{}, refuseOLE(name, content)
	case bytes.HasPrefix(content, []byte("PK\x03\x04")) || bytes.HasPrefix(content, []byte("PK\x05\x06")):
		return kind{read: readPackage}, nil
	case isPDF(content):
		return kind{PDF, readPDF}, nil
	}
	for _, f := range foreign {
		if bytes.HasPrefix(content, []byte(f.magic)) && isBinary(f.magic, content) {
			return kind{}, refuse(f.what, f.hint)
		}
	}
	return kind{read: func(content []byte) (*Document, error) { return readPlain(name, content) }}, nil
}

// isPDF: some servers put a line before the beginning.
func isPDF(content []byte) bool {
	begin := content[:min(len(content), 1024)]
	return bytes.HasPrefix(bytes.TrimLeft(begin, "\xef\xbb\xbf \r\n"), []byte("%PDF-")) ||
		bytes.Contains(begin, []byte("%PDF-")) && bytes.Contains(content, []byte("endobj"))
}

// isBinary confirms a beginning of letters only, which a text could have too.
func isBinary(magic string, content []byte) bool {
	if magic != "BM" && magic != "BZh" && magic != "RIFF" {
		return true
	}
	return bytes.IndexByte(content[:min(len(content), 64)], 0) >= 0 || magic == "BZh" && !bytes.ContainsRune(content[:min(len(content), 64)], '\n')
}

// refuseOLE tells the old binary formats apart by the names of their streams.
func refuseOLE(name string, content []byte) error {
	has := func(stream string) bool { return bytes.Contains(content, utf16Bytes(stream)) }
	ext := strings.ToLower(filepath.Ext(name))
	if ext != ".wps" && ext != ".et" && ext != ".dps" {
		ext = ""
	}
	switch {
	case has("EncryptedPackage"):
		return refuse("文件设了密码", "请打开文件，取消密码后重新保存")
	case has("Workbook"):
		return refuse(fmt.Sprintf("这是旧版 %s 文件", or(ext, ".xls")), "请用 Excel 或 WPS 打开，另存为 .xlsx")
	case has("PowerPoint Document"):
		return refuse(fmt.Sprintf("这是旧版 %s 文件", or(ext, ".ppt")), "请把文字复制到 Word 文件中，保存为 .docx")
	}
	return refuse(fmt.Sprintf("这是旧版 %s 文件", or(ext, ".doc")), "请用 Word 或 WPS 打开，另存为 .docx")
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// utf16Bytes is s as it stands in an OLE directory.
func utf16Bytes(s string) []byte {
	var out []byte
	for _, u := range utf16.Encode([]rune(s)) {
		out = append(out, byte(u), byte(u>>8))
	}
	return out
}

// packages are what a zip can be, told by one of its parts.
var packages = []struct {
	part       string
	read       func(*archive) (*Document, error)
	what, hint string
}{
	{part: "word/", read: readDocx},
	{part: "xl/", read: readXlsx},
	{part: "ppt/", what: "这是演示文稿", hint: "请把文字复制到 Word 文件中，保存为 .docx"},
	{part: "OFD.xml", what: "这是 .ofd 文件", hint: "请用 OFD 阅读器打开，另存为 .pdf 或 .docx，或索取 Word 原文件"},
	{part: "content.xml", what: "这是 OpenDocument 文件", hint: "请用 Word 或 WPS 打开，另存为 .docx 或 .xlsx"},
}

// readPackage reads a zip by what is in it.
func readPackage(content []byte) (*Document, error) {
	a, err := openArchive(content)
	if err != nil {
		return nil, err
	}
	for _, p := range packages {
		if !a.has(p.part) {
			continue
		}
		if p.read == nil {
			return nil, refuse(p.what, p.hint)
		}
		return p.read(a)
	}
	return nil, refuse("这是压缩包", archiveHint)
}

// readPlain reads what is a text of some kind.
func readPlain(name string, content []byte) (*Document, error) {
	text, err := decode(content)
	if err != nil {
		if t, ok := decodeByMeta(content); ok {
			return readHTML(t)
		}
		return nil, err
	}
	if err := checkText(text); err != nil {
		return nil, err
	}
	ext := strings.ToLower(filepath.Ext(name))
	begin := strings.ToLower(text[:min(len(text), 4096)])
	switch {
	case isHTML(begin, ext):
		return readHTML(text)
	case strings.HasPrefix(begin, "mime-version:") || strings.Contains(begin, "\nmime-version:"):
		return nil, refuse("这是单个文件网页（mht）", "请用浏览器打开，另存为“网页，仅 HTML”")
	case strings.HasPrefix(strings.TrimSpace(begin), "<?xml"):
		return nil, refuse("这是 XML 文件", "请用 Word 或 WPS 打开，另存为 .docx")
	case ext == ".md" || ext == ".markdown":
		return readMarkdown(text)
	}
	return readText(text)
}

// isHTML looks for the tags that a saved page begins with.
func isHTML(begin, ext string) bool {
	for _, tag := range []string{"<!doctype html", "<html", "<head>", "<body"} {
		if strings.Contains(begin, tag) {
			return true
		}
	}
	if ext != ".html" && ext != ".htm" && ext != ".doc" && ext != ".xls" {
		return false
	}
	return strings.Contains(begin, "</") || strings.Contains(begin, "<p") || strings.Contains(begin, "<br")
}
