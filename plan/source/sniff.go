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
	{"{\\rtf", "this is an rtf file", "open it in Word or WPS and save it as .docx"},
	{"\x89PNG", "this is a picture", pictureHint},
	{"\xff\xd8\xff", "this is a picture", pictureHint},
	{"GIF8", "this is a picture", pictureHint},
	{"BM", "this is a picture", pictureHint},
	{"II*\x00", "this is a picture", pictureHint},
	{"MM\x00*", "this is a picture", pictureHint},
	{"RIFF", "this is a picture or a recording", pictureHint},
	{"Rar!", "this is an archive", archiveHint},
	{"7z\xbc\xaf\x27\x1c", "this is an archive", archiveHint},
	{"\x1f\x8b", "this is an archive", archiveHint},
	{"BZh", "this is an archive", archiveHint},
	{"\xfd7zXZ", "this is an archive", archiveHint},
}

const (
	pictureHint = "recognise its text first, or ask for the Word file"
	archiveHint = "unpack it and give the document within"
)

// sniff tells what the content is.
func sniff(name string, content []byte) (kind, error) {
	switch {
	case len(content) == 0:
		return kind{}, refuse("the file is empty", "copy or download it again")
	case len(content) > maxFile:
		return kind{}, refuse("the file is larger than 64 MB", "remove its pictures or split it")
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
		return refuse("the file is locked with a password", "open it, remove the password and save it again")
	case has("Workbook"):
		return refuse(fmt.Sprintf("this is an old %s", or(ext, ".xls")), "open it in Excel or WPS and save it as .xlsx")
	case has("PowerPoint Document"):
		return refuse(fmt.Sprintf("this is an old %s", or(ext, ".ppt")), "copy its text into a Word file and save it as .docx")
	}
	return refuse(fmt.Sprintf("this is an old %s", or(ext, ".doc")), "open it in Word or WPS and save it as .docx")
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
	{part: "ppt/", what: "this is a presentation", hint: "copy its text into a Word file and save it as .docx"},
	{part: "OFD.xml", what: "this is an .ofd", hint: "open it in its reader and save it as .pdf or .docx, or ask for the Word file"},
	{part: "content.xml", what: "this is an OpenDocument file", hint: "open it in Word or WPS and save it as .docx or .xlsx"},
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
	return nil, refuse("this is an archive", archiveHint)
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
		return nil, refuse("this is a web archive (mht)", "open it in a browser and save it as a web page, html only")
	case strings.HasPrefix(strings.TrimSpace(begin), "<?xml"):
		return nil, refuse("this is an XML file", "open it in Word or WPS and save it as .docx")
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
