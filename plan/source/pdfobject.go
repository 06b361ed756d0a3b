package source

import (
	"bytes"
	"strconv"
)

// The objects of a pdf: nil, bool, float64, pdfString, pdfName, []any, pdfDict,
// pdfRef, *pdfStream; pdfWord is an operator or a keyword.
type (
	pdfString string
	pdfName   string
	pdfWord   string
	pdfDict   map[pdfName]any
	pdfRef    int // the object's number; a reader needs no generation
	pdfStream struct {
		dict pdfDict
		raw  []byte
	}
)

// pdfNesting bounds arrays and dictionaries; real ones nest some levels deep.
const pdfNesting = 64

// pdfLexer reads objects from bytes. It always moves on, so reading a file to
// its end costs no more than its length.
type pdfLexer struct {
	b    []byte
	i    int
	refs bool // "1 0 R" is a reference; not so in a page's content
}

func isPDFSpace(c byte) bool {
	return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == '\f' || c == 0
}

func isPDFDelimiter(c byte) bool { return bytes.IndexByte([]byte("()<>[]{}/%"), c) >= 0 }

// space skips blanks and comments.
func (l *pdfLexer) space() {
	for l.i < len(l.b) {
		switch c := l.b[l.i]; {
		case isPDFSpace(c):
			l.i++
		case c == '%':
			for l.i < len(l.b) && l.b[l.i] != '\n' && l.b[l.i] != '\r' {
				l.i++
			}
		default:
			return
		}
	}
}

// next reads one object; ok is false at the end.
func (l *pdfLexer) next() (v any, ok bool) {
	v, ok = l.object(0)
	l.i = min(l.i, len(l.b)) // what is cut off ends beyond the end
	return v, ok
}

func (l *pdfLexer) object(depth int) (any, bool) {
	l.space()
	if l.i >= len(l.b) {
		return nil, false
	}
	if depth > pdfNesting {
		l.i = len(l.b) // no document; what follows is not read
		return nil, false
	}
	switch c := l.b[l.i]; {
	case c == '/':
		return l.name(), true
	case c == '(':
		return l.literal(), true
	case c == '<' && l.at(1) == '<':
		l.i += 2
		return l.dict(depth), true
	case c == '<':
		return l.hex(), true
	case c == '[':
		l.i++
		return l.array(depth), true
	case c == '>' && l.at(1) == '>':
		l.i += 2
		return pdfWord(">>"), true
	case isPDFDelimiter(c):
		l.i++
		return pdfWord(string(c)), true
	}
	return l.word()
}

func (l *pdfLexer) at(n int) byte {
	if l.i+n < len(l.b) {
		return l.b[l.i+n]
	}
	return 0
}

// word reads a number, a reference, or a keyword.
func (l *pdfLexer) word() (any, bool) {
	s := l.run()
	switch s {
	case "true":
		return true, true
	case "false":
		return false, true
	case "null":
		return nil, true
	}
	if c := s[0]; c != '+' && c != '-' && c != '.' && (c < '0' || c > '9') {
		return pdfWord(s), true
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return 0.0, true // such as "--5", which viewers take for some number too
	}
	if l.refs && isCount(f) {
		return l.reference(f), true
	}
	return f, true
}

func isCount(f float64) bool { return f >= 0 && f < 1<<31 && f == float64(int(f)) }

// reference looks whether "0 R" follows.
func (l *pdfLexer) reference(f float64) any {
	back := l.i
	l.space()
	if l.i < len(l.b) && l.b[l.i] >= '0' && l.b[l.i] <= '9' {
		l.run()
		l.space()
		if l.at(0) == 'R' && (isPDFSpace(l.at(1)) || isPDFDelimiter(l.at(1))) {
			l.i++
			return pdfRef(int(f))
		}
	}
	l.i = back
	return f
}

func (l *pdfLexer) run() string {
	from := l.i
	for l.i < len(l.b) && !isPDFSpace(l.b[l.i]) && !isPDFDelimiter(l.b[l.i]) {
		l.i++
	}
	return string(l.b[from:l.i])
}

func (l *pdfLexer) name() pdfName {
	l.i++
	s := l.run()
	var out []byte
	for i := 0; i < len(s); i++ {
		if s[i] == '#' && i+2 < len(s) {
			if n, err := strconv.ParseUint(s[i+1:i+3], 16, 8); err == nil {
				out = append(out, byte(n))
				i += 2
				continue
			}
		}
		out = append(out, s[i])
	}
	return pdfName(out)
}

// escapes are the letters after a backslash; an end of line there is nothing.
var escapes = map[byte]string{'n': "\n", 'r': "\r", 't': "\t", 'b': "\b", 'f': "\f", '\n': "", '\r': ""}

func (l *pdfLexer) literal() pdfString {
	l.i++
	var out []byte
	for open := 1; l.i < len(l.b); l.i++ {
		switch c := l.b[l.i]; c {
		case '(':
			open++
		case ')':
			if open--; open == 0 {
				l.i++
				return pdfString(out)
			}
		case '\\':
			l.i++
			out = append(out, l.escape()...)
			continue
		}
		out = append(out, l.b[l.i])
	}
	return pdfString(out)
}

// escape reads what follows a backslash and stops on its last byte.
func (l *pdfLexer) escape() string {
	c := l.at(0)
	if s, ok := escapes[c]; ok {
		if c == '\r' && l.at(1) == '\n' {
			l.i++
		}
		return s
	}
	if c < '0' || c > '7' {
		return string([]byte{c})
	}
	n := int(c - '0')
	for range 2 {
		if d := l.at(1); d >= '0' && d <= '7' {
			n = n*8 + int(d-'0')
			l.i++
		}
	}
	return string([]byte{byte(n)})
}

func (l *pdfLexer) hex() pdfString {
	l.i++
	var out []byte
	high := -1
	for ; l.i < len(l.b) && l.b[l.i] != '>'; l.i++ {
		d := hexDigit(l.b[l.i])
		switch {
		case d < 0:
		case high < 0:
			high = d
		default:
			out = append(out, byte(high<<4|d))
			high = -1
		}
	}
	l.i++
	if high >= 0 {
		out = append(out, byte(high<<4))
	}
	return pdfString(out)
}

func hexDigit(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}

// broken says that an array or a dictionary was left open.
func broken(v any) bool {
	return v == pdfWord("endobj") || v == pdfWord("obj") || v == pdfWord("stream")
}

func (l *pdfLexer) array(depth int) []any {
	out := []any{}
	for {
		v, ok := l.object(depth + 1)
		if !ok || v == pdfWord("]") || broken(v) {
			return out
		}
		out = append(out, v)
	}
}

func (l *pdfLexer) dict(depth int) pdfDict {
	out := pdfDict{}
	for {
		k, ok := l.object(depth + 1)
		if !ok || k == pdfWord(">>") || broken(k) {
			return out
		}
		key, isName := k.(pdfName)
		if !isName {
			continue
		}
		v, ok := l.object(depth + 1)
		if !ok || v == pdfWord(">>") || broken(v) {
			return out
		}
		out[key] = v
	}
}
