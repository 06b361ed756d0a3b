package source

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// mdReader reads Markdown line by line: what is left is what a reader sees.
type mdReader struct {
	*builder
	para strings.Builder // lines of a paragraph so far
	last string          // its last line
	at   int             // where it begins
	grid *grid           // an open table
	row  int             // where it begins
	code bool            // within a fence
}

func readMarkdown(text string) (*Document, error) {
	m := &mdReader{builder: &builder{budget: newBudget()}}
	if err := lines(text, m.line); err != nil {
		return nil, err
	}
	if err := m.end(); err != nil {
		return nil, err
	}
	return &Document{Format: Markdown, Blocks: m.blocks}, nil
}

func (m *mdReader) line(n int, raw string) error {
	s := strings.TrimSpace(raw)
	if strings.HasPrefix(s, "```") || strings.HasPrefix(s, "~~~") {
		m.code = !m.code
		return m.end()
	}
	if m.code {
		return m.paragraph(raw, Place{Line: n})
	}
	s = strings.TrimSpace(strings.TrimLeft(s, ">"))
	switch {
	case s == "":
		return m.end()
	case m.grid != nil && strings.Contains(s, "|"):
		return m.tableRow(s, n)
	case isRuler(s) && m.single() && strings.Contains(m.last, "|"):
		return m.startTable(n - 1)
	case isRule(s): // under a heading, or between parts
		return m.end()
	}
	text, begins := withoutMark(s)
	if begins || m.grid != nil || !m.goesOn(text) {
		if err := m.end(); err != nil {
			return err
		}
	}
	if m.para.Len() == 0 {
		m.at = n
	}
	m.join(text)
	if s[0] == '#' && begins || strings.HasSuffix(raw, "  ") || strings.HasSuffix(s, `\`) {
		return m.end()
	}
	return nil
}

// single says whether the paragraph has one line so far.
func (m *mdReader) single() bool { return m.para.Len() > 0 && m.para.Len() == len(m.last) }

func (m *mdReader) join(text string) {
	if m.para.Len() > 0 && !glued(m.last, text) {
		m.para.WriteByte(' ')
	}
	m.para.WriteString(text)
	m.last = text
}

// glued says whether two pieces of text follow each other without a blank.
func glued(a, b string) bool {
	last, _ := utf8.DecodeLastRuneInString(a)
	first, _ := utf8.DecodeRuneInString(b)
	return isWide(last) || isWide(first)
}

// wrapWidth is where editors wrap at the earliest, in half-width columns.
const wrapWidth = 60

// goesOn says whether a line continues the one above: that one is full, ends no
// sentence, and this one has no number. Otherwise people mean a new paragraph,
// whatever Markdown thinks of it.
func (m *mdReader) goesOn(text string) bool {
	if m.para.Len() == 0 {
		return true
	}
	last, _ := utf8.DecodeLastRuneInString(m.last)
	return width(m.last) >= wrapWidth && !strings.ContainsRune("。；：！？;:", last) && !isNumbered(text)
}

// width counts wide characters twice.
func width(s string) int {
	n := 0
	for _, r := range s {
		if n++; isWide(r) {
			n++
		}
	}
	return n
}

// end ends the paragraph or the table.
func (m *mdReader) end() error {
	if g := m.grid; g != nil {
		m.grid = nil
		return g.finish(m.builder, Place{Line: m.row})
	}
	text := m.para.String()
	m.para.Reset()
	m.last = ""
	return m.paragraph(plain(text), Place{Line: m.at})
}

func (m *mdReader) startTable(at int) error {
	head := m.para.String()
	m.para.Reset()
	m.grid, m.row = &grid{budget: m.budget}, at
	return m.tableRow(head, at)
}

// tableRow cuts a row at its bars; \| is none.
func (m *mdReader) tableRow(s string, line int) error {
	m.grid.row()
	s = strings.TrimSuffix(strings.TrimPrefix(s, "|"), "|")
	for from, i := 0, 0; i <= len(s); i++ {
		if i < len(s) && (s[i] != '|' || i > 0 && s[i-1] == '\\') {
			continue
		}
		b := &builder{budget: m.budget}
		if err := b.paragraph(plain(s[from:i]), Place{Line: line}); err != nil {
			return err
		}
		if err := m.grid.add(b.blocks, 1, 1); err != nil {
			return err
		}
		from = i + 1
	}
	return nil
}

// isRuler says whether s parts the head of a table from its rows: |---|:-:|.
func isRuler(s string) bool {
	return strings.Contains(s, "-") && strings.Trim(s, "|:- ") == "" && (strings.Contains(s, "|") || strings.Contains(s, ":"))
}

// isRule says whether s is a line drawn with characters.
func isRule(s string) bool {
	for _, c := range []string{"=", "-", "*", "_"} {
		if bare := strings.ReplaceAll(s, " ", ""); len(bare) >= 3 && strings.Trim(bare, c) == "" {
			return true
		}
	}
	return false
}

// withoutMark takes the mark off that a line begins with: # of a heading, the
// bullet of a list. Numbers are printed and stay. begins: it starts a paragraph.
func withoutMark(s string) (text string, begins bool) {
	if h := strings.TrimLeft(s, "#"); len(h) < len(s) && len(s)-len(h) <= 6 && (h == "" || h[0] == ' ' || h[0] == '\t') {
		h = strings.TrimSpace(h)
		if t := strings.TrimRight(h, "#"); t == "" || strings.HasSuffix(t, " ") {
			h = strings.TrimSpace(t)
		}
		return h, true
	}
	if len(s) > 1 && strings.ContainsRune("-*+", rune(s[0])) && s[1] == ' ' {
		s = strings.TrimSpace(s[2:])
		for _, box := range []string{"[ ] ", "[x] ", "[X] "} {
			s = strings.TrimPrefix(s, box)
		}
		return s, true
	}
	return s, isNumbered(s)
}

// plain takes the marks within a line away.
func plain(s string) string {
	if !strings.ContainsAny(s, "\\`*_~[!<") {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		n, text := mark(s, i)
		if n == 0 {
			n, text = 1, s[i:i+1]
		}
		b.WriteString(text)
		i += n
	}
	return b.String()
}

// mark reads the mark at i: how long it is and what is printed for it.
func mark(s string, i int) (n int, text string) {
	switch rest := s[i:]; rest[0] {
	case '\\':
		if c := rune(rest[min(1, len(rest)-1)]); len(rest) > 1 && (unicode.IsPunct(c) || unicode.IsSymbol(c)) {
			return 2, rest[1:2]
		}
		if len(rest) == 1 {
			return 1, ""
		}
	case '`':
		return 1, ""
	case '*', '~':
		if strings.HasPrefix(rest, "**") || strings.HasPrefix(rest, "~~") {
			return 2, ""
		}
		if rest[0] == '*' && !(isBlankAt(s, i-1) && isBlankAt(s, i+1)) && !isDigitAt(s, i-1) {
			return 1, ""
		}
	case '_':
		if !isWordAt(s, i-1) || !isWordAt(s, i+1) {
			return 1, ""
		}
	case '!', '[':
		return link(rest)
	case '<':
		if tag := strings.ToLower(rest[:min(len(rest), 6)]); strings.HasPrefix(tag, "<br") {
			if end := strings.IndexByte(tag, '>'); end > 0 {
				return end + 1, "\n"
			}
		}
	}
	return 0, ""
}

// longestLink bounds the search for the end of a link.
const longestLink = 2048

// link reads [text](address), of which the text is printed; of a picture nothing.
func link(s string) (n int, text string) {
	picture := strings.HasPrefix(s, "![")
	if !picture && s[0] == '!' {
		return 0, ""
	}
	near := s[:min(len(s), longestLink)]
	mid := strings.Index(near, "](")
	if mid < 0 {
		return 0, ""
	}
	end := strings.IndexByte(near[mid:], ')')
	if end < 0 || !picture && strings.Contains(near[1:mid], "[") {
		return 0, ""
	}
	if picture {
		return mid + end + 1, ""
	}
	return mid + end + 1, near[1:mid]
}

func isBlankAt(s string, i int) bool { return i < 0 || i >= len(s) || s[i] == ' ' || s[i] == '\t' }

func isDigitAt(s string, i int) bool { return i >= 0 && i < len(s) && s[i] >= '0' && s[i] <= '9' }

// isWordAt says whether the byte at i belongs to a word of Latin letters.
func isWordAt(s string, i int) bool {
	return i >= 0 && i < len(s) && s[i] < utf8.RuneSelf && (unicode.IsLetter(rune(s[i])) || unicode.IsDigit(rune(s[i])))
}
