package source

import (
	"bytes"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
	"golang.org/x/text/encoding/traditionalchinese"
)

// decodeByMeta decodes a page whose bytes alone do not say their encoding, as
// the page itself says.
func decodeByMeta(content []byte) (string, bool) {
	head := bytes.ToLower(content[:min(len(content), 4096)])
	_, after, ok := bytes.Cut(head, []byte("charset="))
	if !ok || !bytes.Contains(head, []byte("<")) {
		return "", false
	}
	after = bytes.TrimLeft(after, `"' `)
	switch {
	case bytes.HasPrefix(after, []byte("gb")):
		return decodeGB(content), true
	case bytes.HasPrefix(after, []byte("big5")):
		out, err := traditionalchinese.Big5.NewDecoder().Bytes(content)
		return string(out), err == nil
	}
	return "", false
}

// htmlReader reads a page tag by tag. It builds no tree, so the depth of a page
// costs nothing; only open tables and lists are kept.
type htmlReader struct {
	z      *html.Tokenizer
	chrome bool // leave out what stands around the article
	tables []*htmlTable
	lists  []*htmlList
	label  string // of a list's item, before its first words
	out    *builder
	text   strings.Builder
	gap    byte // white space before the next word: 0, ' ' or '\n'
	pre    int
	skip   atom.Atom // the element that is left out
	depth  int       // how many of its name are open within
}

// htmlTable is an open table.
type htmlTable struct {
	grid       *grid
	row        bool
	cell       *builder // nil: no cell is open
	cols, span int
}

// htmlList is an open list.
type htmlList struct {
	format string // "": bullets, which are not kept
	next   int
}

// chromeWords are ids and classes of what stands around an article.
var chromeWords = []string{"nav", "navbar", "menu", "footer", "foot", "copyright", "sidebar", "breadcrumb", "crumbs", "crumb", "pagination"}

func readHTML(text string) (*Document, error) {
	d, err := readPage(text, true)
	if err == nil && len(d.Blocks) == 0 { // a page that is all frame, or never closes it
		d, err = readPage(text, false)
	}
	return d, err
}

func readPage(text string, chrome bool) (*Document, error) {
	h := &htmlReader{z: html.NewTokenizer(strings.NewReader(text)), chrome: chrome, out: &builder{budget: newBudget()}}
	for h.z.Next() != html.ErrorToken {
		if err := h.token(h.z.Token()); err != nil {
			return nil, err
		}
	}
	for len(h.tables) > 0 {
		if err := h.endTable(); err != nil {
			return nil, err
		}
	}
	if err := h.flush(); err != nil {
		return nil, err
	}
	number(h.out.blocks)
	return &Document{Format: HTML, Blocks: h.out.blocks}, nil
}

func (h *htmlReader) token(t html.Token) error {
	if h.skip != 0 {
		h.skipped(t)
		return nil
	}
	switch t.Type {
	case html.TextToken:
		h.write(t.Data)
	case html.StartTagToken, html.SelfClosingTagToken:
		if h.leftOut(t) {
			if t.Type == html.StartTagToken {
				h.skip, h.depth = t.DataAtom, 1
			}
			return nil
		}
		return h.start(t)
	case html.EndTagToken:
		return h.end(t)
	}
	return nil
}

// skipped follows the tags within what is left out, to its end.
func (h *htmlReader) skipped(t html.Token) {
	if t.DataAtom != h.skip {
		return
	}
	switch t.Type {
	case html.StartTagToken:
		h.depth++
	case html.EndTagToken:
		h.depth--
	}
	if h.depth == 0 {
		h.skip = 0
	}
}

// leftOut says whether nobody reads an element as part of the document.
func (h *htmlReader) leftOut(t html.Token) bool {
	switch t.DataAtom {
	case atom.Script, atom.Style, atom.Template, atom.Title, atom.Svg, atom.Iframe, atom.Select, atom.Button, atom.Textarea, atom.Noscript, atom.Object, atom.Rt, atom.Rp:
		return true
	case atom.Nav, atom.Footer, atom.Aside:
		return h.chrome
	case atom.Div, atom.Span, atom.Section, atom.Ul, atom.Table:
		return h.chrome && (isHidden(t) || isChrome(t))
	}
	return false
}

func isHidden(t html.Token) bool {
	style := strings.ReplaceAll(attr(t, "style"), " ", "")
	return strings.Contains(strings.ToLower(style), "display:none")
}

func isChrome(t html.Token) bool {
	if t.DataAtom == atom.Span || t.DataAtom == atom.Table {
		return false
	}
	if title := attr(t, "title"); title == "header" || title == "footer" { // of a page that LibreOffice saved
		return true
	}
	for _, w := range strings.Fields(attr(t, "id") + " " + attr(t, "class")) {
		if slices.Contains(chromeWords, strings.ToLower(w)) {
			return true
		}
	}
	return false
}

func attr(t html.Token, name string) string {
	for _, a := range t.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// parts are elements that begin and end a paragraph.
var parts = map[atom.Atom]bool{
	atom.P: true, atom.Div: true, atom.Section: true, atom.Article: true, atom.Header: true, atom.Main: true, atom.Body: true,
	atom.H1: true, atom.H2: true, atom.H3: true, atom.H4: true, atom.H5: true, atom.H6: true, atom.Ul: true, atom.Ol: true,
	atom.Li: true, atom.Dl: true, atom.Dt: true, atom.Dd: true, atom.Blockquote: true, atom.Pre: true, atom.Hr: true,
	atom.Form: true, atom.Fieldset: true, atom.Figure: true, atom.Figcaption: true, atom.Address: true, atom.Center: true,
	atom.Caption: true, atom.Nav: true, atom.Footer: true, atom.Aside: true, atom.Details: true, atom.Summary: true,
}

func (h *htmlReader) start(t html.Token) error {
	switch t.DataAtom {
	case atom.Br:
		h.text.WriteByte('\n')
		h.gap = 0
		return nil
	case atom.Table:
		return h.startTable()
	case atom.Tr:
		return h.startRow()
	case atom.Td, atom.Th:
		return h.startCell(t)
	}
	if !parts[t.DataAtom] {
		return nil
	}
	if err := h.flush(); err != nil {
		return err
	}
	switch t.DataAtom {
	case atom.Pre:
		h.pre++
	case atom.Ol, atom.Ul:
		return h.startList(t)
	case atom.Li:
		h.item(t)
	}
	return nil
}

func (h *htmlReader) end(t html.Token) error {
	switch t.DataAtom {
	case atom.Table:
		return h.endTable()
	case atom.Tr:
		return h.endRow()
	case atom.Td, atom.Th:
		return h.endCell()
	case atom.Pre:
		h.pre = max(0, h.pre-1)
	case atom.Ol, atom.Ul:
		if n := len(h.lists); n > 0 {
			h.lists = h.lists[:n-1]
		}
	}
	if parts[t.DataAtom] {
		return h.flush()
	}
	return nil
}

// listFormats are the values of the type attribute.
var listFormats = map[string]string{"": "decimal", "1": "decimal", "a": "lowerLetter", "A": "upperLetter", "i": "lowerRoman", "I": "upperRoman"}

func (h *htmlReader) startList(t html.Token) error {
	l := &htmlList{next: 1}
	plain := strings.Contains(attr(t, "style"), "list-style")
	if t.DataAtom == atom.Ol && !plain {
		l.format = listFormats[attr(t, "type")]
		if s := attr(t, "start"); s != "" {
			l.next = atoi(s)
		}
	}
	if h.lists = append(h.lists, l); len(h.lists) > maxDepth {
		return refuse("网页内部嵌套太深，不像正常文档", "请重新保存网页，或把文字复制到 Word 文件中")
	}
	return nil
}

// item counts an item of a list.
func (h *htmlReader) item(t html.Token) {
	h.label = ""
	if n := len(h.lists); n > 0 && h.lists[n-1].format != "" {
		l := h.lists[n-1]
		if v := attr(t, "value"); v != "" {
			l.next = atoi(v)
		}
		h.label = numeral(l.format, l.next) + "."
		l.next++
	}
}

// write adds text as a browser shows it: white space is one blank, and a line
// end between two Chinese characters is nothing.
func (h *htmlReader) write(s string) {
	if h.pre > 0 {
		h.text.WriteString(s)
		return
	}
	for s != "" {
		n := strings.IndexAny(s, " \t\r\n\f")
		if n != 0 {
			if n < 0 {
				n = len(s)
			}
			h.word(s[:n])
		} else if n = 1; s[0] == '\n' || s[0] == '\r' || h.gap == '\n' {
			h.gap = '\n'
		} else {
			h.gap = ' '
		}
		s = s[n:]
	}
}

func (h *htmlReader) word(w string) {
	if h.gap != 0 && h.text.Len() > 0 {
		first, _ := utf8.DecodeRuneInString(w)
		before := h.text.String()
		last, _ := utf8.DecodeLastRuneInString(before)
		if h.gap == ' ' || !isWide(first) || !isWide(last) {
			h.text.WriteByte(' ')
		}
	}
	h.gap = 0
	h.text.WriteString(w)
}

// isWide says whether r is written without blanks around it.
func isWide(r rune) bool {
	return unicode.Is(unicode.Han, r) || r >= 0x3000 && r <= 0x303f || r >= 0xff00 && r <= 0xff60 || r >= 0x2014 && r <= 0x201d
}

// flush ends the paragraph.
func (h *htmlReader) flush() error {
	h.gap = 0
	if h.text.Len() == 0 {
		return nil
	}
	text := h.text.String()
	h.text.Reset()
	if h.label != "" && clean(text) != "" {
		text, h.label = h.label+strings.TrimLeft(text, " \n"), ""
	}
	return h.sink().paragraph(text, Place{})
}

// sink is where text goes: the innermost open cell. Text of a table outside its
// cells stands before the table, as browsers show it.
func (h *htmlReader) sink() *builder {
	for i := len(h.tables) - 1; i >= 0; i-- {
		if h.tables[i].cell != nil {
			return h.tables[i].cell
		}
	}
	return h.out
}
