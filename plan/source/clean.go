package source

import (
	"strings"
	"unicode/utf8"
)

// care is what happens to a character before anyone reads it.
type care byte

const (
	keep  care = iota
	blank      // becomes a plain space
	drop       // cannot be seen: a copy from a web page brings it along
	ends       // ends a line
)

// careOf tells the care for r. The tab stays: it parts columns.
func careOf(r rune) care {
	switch {
	case r == '\n' || r == '\r' || r == '\v' || r == '\f' || r == 0x85 || r == 0x2028 || r == 0x2029:
		return ends
	case r == '\t' || r == ' ':
		return keep
	case r < ' ' || r >= 0x7f && r < 0xa0: // control characters
		return drop
	case r == 0xa0 || r == 0x3000 || r == 0x1680 || r == 0x202f || r == 0x205f || r >= 0x2000 && r <= 0x200a:
		return blank
	case r == 0xad || r == 0xfeff || r == 0xfffc: // soft hyphen, BOM, place of an object
		return drop
	case r >= 0x200b && r <= 0x200f || r >= 0x202a && r <= 0x202e || r >= 0x2060 && r <= 0x206f:
		return drop // zero width, marks of direction
	case r >= 0xfe00 && r <= 0xfe0f || r >= 0xf000 && r <= 0xf0ff: // variants of a glyph; bullets of symbol fonts
		return drop
	}
	return keep
}

// clean makes one line readable: blanks of all widths are plain spaces, what
// cannot be seen is gone, the ends are trimmed. A line that is clean but for its
// ends is not copied.
func clean(s string) string {
	s = strings.TrimFunc(s, unseen)
	if i := firstUnclean(s); i >= 0 {
		s = cleaned(s, i)
	}
	return s
}

func unseen(r rune) bool { return r == ' ' || r == '\t' || careOf(r) != keep }

func firstUnclean(s string) int {
	for i, r := range s {
		if careOf(r) != keep {
			return i
		}
	}
	return -1
}

func cleaned(s string, from int) string {
	var b strings.Builder
	b.Grow(len(s))
	b.WriteString(s[:from])
	for _, r := range s[from:] {
		switch careOf(r) {
		case keep:
			b.WriteRune(r)
		case blank, ends:
			b.WriteByte(' ')
		}
	}
	return b.String()
}

// cutLine returns the first line of s without its end, and what follows. All
// kinds of line ends count; CR LF is one.
func cutLine(s string) (line, rest string) {
	for i := 0; i < len(s); i++ {
		n := endAt(s, i)
		if n > 0 {
			return s[:i], s[i+n:]
		}
	}
	return s, ""
}

// endAt is the length of the line end at i, 0 where there is none.
func endAt(s string, i int) int {
	switch c := s[i]; {
	case c == '\r' && i+1 < len(s) && s[i+1] == '\n':
		return 2
	case c == '\n' || c == '\r' || c == '\v' || c == '\f':
		return 1
	case c < utf8.RuneSelf || c != 0xc2 && c != 0xe2: // the leads of U+0085 and U+2028
		return 0
	}
	r, n := utf8.DecodeRuneInString(s[i:])
	if careOf(r) == ends {
		return n
	}
	return 0
}

// lines calls f with every line of s and its number.
func lines(s string, f func(n int, line string) error) error {
	for n := 1; s != ""; n++ {
		var line string
		line, s = cutLine(s)
		if err := f(n, line); err != nil {
			return err
		}
	}
	return nil
}

// builder collects blocks within a budget.
type builder struct {
	*budget
	blocks []Block
}

// paragraph adds text; each of its lines is a block of its own.
func (b *builder) paragraph(text string, at Place) error {
	for text != "" {
		var line string
		line, text = cutLine(text)
		if line = clean(line); line == "" {
			continue
		}
		if err := b.block(len(line)); err != nil {
			return err
		}
		b.blocks = append(b.blocks, Block{Text: line, Place: at})
	}
	return nil
}

// number gives every block its number as its line.
func number(blocks []Block) {
	for i := range blocks {
		blocks[i].Place.Line = i + 1
	}
}
