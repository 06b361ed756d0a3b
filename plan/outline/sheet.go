package outline

import (
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"

	"duban/plan"
	"duban/plan/source"
)

// sheet is the document as one running text: a paragraph a line, page marks,
// running heads and stray blanks left out. All parts of the reader speak of
// offsets in it; pieces lead back to the blocks.
type sheet struct {
	text   string
	lines  []span
	pieces []piece
	doc    *source.Document
	tables map[int]*table // by the offset of the mark that stands for each
	gappy  bool           // blanks stand anywhere and part nothing
}

// span is a stretch of the text.
type span struct{ from, to int }

// piece says that the text from at on stands in a block from byte from on.
type piece struct{ at, block, from int }

// tableMark stands in the text where a table stands in the document.
const tableMark = "\ufffc"

// newSheet writes the text of a document.
func newSheet(d *source.Document) *sheet {
	blocks := trimmed(d)
	s := &sheet{doc: d, tables: map[int]*table{}, gappy: isGappy(blocks)}
	tables := flattened(d, blocks)
	var b strings.Builder
	start := 0
	for i := 0; i < len(blocks); i++ {
		if blocks[i].dropped {
			continue
		}
		t, next := tables[i], i
		if t != nil {
			next = t.lastBlock
		} else if rows := d.Blocks[i].Rows; len(rows) > 0 {
			t = tableOf(rows, i)
		}
		if t != nil {
			s.tables[b.Len()] = t
			s.pieces = append(s.pieces, piece{b.Len(), i, 0})
			b.WriteString(tableMark)
			i = next
		} else {
			s.write(&b, blocks[i], i)
			if blocks[i].runsOn {
				continue
			}
		}
		s.lines = append(s.lines, span{start, b.Len()})
		b.WriteByte('\n')
		start = b.Len()
	}
	if b.Len() > start {
		s.lines = append(s.lines, span{start, b.Len()})
	}
	s.text = b.String()
	return s
}

// isGappy tells a text with a blank in the middle of words every few lines, as
// converters of pages leave them. In others a blank parts two names.
func isGappy(blocks []block) bool {
	gaps, length := 0, 0
	for _, b := range blocks {
		prev := utf8.RuneError
		for i, r := range b.text {
			if isBlank(r) && unicode.Is(unicode.Han, prev) && unicode.Is(unicode.Han, first(b.text[i+utf8.RuneLen(r):])) {
				gaps++
			}
			prev = r
			length++
		}
	}
	return gaps >= 5 && gaps*200 > length
}

// write appends a block; of a gappy text without the single blanks between Chinese
// characters.
func (s *sheet) write(b *strings.Builder, bl block, index int) {
	text := bl.text
	s.pieces = append(s.pieces, piece{b.Len(), index, bl.skip})
	if !s.gappy {
		b.WriteString(text)
		return
	}
	prev := utf8.RuneError
	from := 0
	for i, r := range text {
		if !isBlank(r) {
			prev = r
			continue
		}
		if i < from {
			continue
		}
		n := utf8.RuneLen(r)
		next := first(text[i+n:])
		if isWide(prev) && isWide(next) {
			b.WriteString(text[from:i])
			from = i + n
			s.pieces = append(s.pieces, piece{b.Len(), index, bl.skip + from})
		}
		prev = r
	}
	b.WriteString(text[from:])
}

// place leads back to the document: where the words of a span stand. A span that
// runs over several blocks ends with the first of them.
func (s *sheet) place(field string, at span) plan.Place {
	i := sort.Search(len(s.pieces), func(i int) bool { return s.pieces[i].at > at.from }) - 1
	if i < 0 {
		return plan.Place{Field: field}
	}
	p := s.pieces[i]
	b := s.doc.Blocks[p.block]
	from := p.from + at.from - p.at
	to := from
	for ; i < len(s.pieces) && s.pieces[i].block == p.block && s.pieces[i].at < at.to; i++ {
		end := at.to
		if i+1 < len(s.pieces) {
			end = min(end, s.pieces[i+1].at)
		}
		to = s.pieces[i].from + end - s.pieces[i].at
	}
	return plan.Place{Field: field, Page: b.Place.Page, Line: b.Place.Line, From: min(from, len(b.Text)), To: min(to, len(b.Text))}
}

// line is the index of the line that an offset stands in.
func (s *sheet) line(at int) int {
	return max(0, sort.Search(len(s.lines), func(i int) bool { return s.lines[i].from > at })-1)
}

// linesIn are the stretches of a span that stand on lines of their own, trimmed
// and without empty ones.
func (s *sheet) linesIn(at span) []span {
	var out []span
	for i := s.line(at.from); i < len(s.lines) && s.lines[i].from < at.to; i++ {
		l := s.trim(span{max(at.from, s.lines[i].from), min(at.to, s.lines[i].to)})
		if l.from < l.to {
			out = append(out, l)
		}
	}
	return out
}

func (s *sheet) trim(at span) span {
	t := s.text[at.from:max(at.from, at.to)]
	left := strings.TrimLeftFunc(t, isSpaceOrBlank)
	from := at.to - len(left)
	if left == "" {
		return span{at.from, at.from}
	}
	return span{from, from + len(strings.TrimRightFunc(left, isSpaceOrBlank))}
}

func isSpaceOrBlank(r rune) bool { return r == '\n' || isBlank(r) }

// words is the text of a span on one line.
func (s *sheet) words(at span) string {
	t := s.text[at.from:at.to]
	if strings.Contains(t, "\n") {
		t = strings.ReplaceAll(t, "\n", "")
	}
	if strings.Contains(t, tableMark) {
		t = strings.ReplaceAll(t, tableMark, "")
	}
	return strings.TrimSpace(t)
}
