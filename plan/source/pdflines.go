package source

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// pdfLine is a line as it stands on a page, or a table if it has rows.
type pdfLine struct {
	text        string
	rows        [][]Cell
	left, right float64 // of what can be seen
	y, size     float64
	page        int
}

// sameLine is how far two characters of one line may stand apart in height, in
// sizes: raised numbers do, the next line does not.
const sameLine = 0.5

// toLines puts the characters of a page together by their places; the order in
// which they are drawn means nothing.
func toLines(glyphs []glyph, page int) []pdfLine {
	slices.SortStableFunc(glyphs, func(a, b glyph) int { return cmp.Compare(b.y, a.y) })
	var out []pdfLine
	for from := 0; from < len(glyphs); {
		to, size := from, glyphs[from].size
		for to < len(glyphs) && glyphs[from].y-glyphs[to].y < sameLine*size {
			size = max(size, glyphs[to].size)
			to++
		}
		to = max(to, from+1)
		if l := toLine(glyphs[from:to]); l.text != "" {
			l.page = page
			out = append(out, l)
		}
		from = to
	}
	return out
}

// Gaps between two characters, in sizes: from wordGap on there is a blank
// between Latin words, from wideGap on between Chinese ones; columnGap is a tab.
const (
	wordGap   = 0.15
	wideGap   = 0.7
	columnGap = 2.2
	// twice: bold made by printing a character twice
	twice = 0.3
)

func toLine(glyphs []glyph) pdfLine {
	slices.SortStableFunc(glyphs, func(a, b glyph) int { return cmp.Compare(a.x, b.x) })
	var b strings.Builder
	var last *glyph // that can be seen
	line := pdfLine{}
	for i := range glyphs {
		g := &glyphs[i]
		if strings.TrimFunc(g.text, unicode.IsSpace) == "" {
			continue
		}
		if last != nil {
			if last.text == g.text && g.x-last.x < twice*g.size {
				continue
			}
			b.WriteString(between(last, g))
		} else {
			line.left = g.x
		}
		b.WriteString(usualForm(g.text))
		line.right, line.size, line.y = max(line.right, g.x+g.w), max(line.size, g.size), g.y
		last = g
	}
	line.text = clean(b.String())
	return line
}

// between is the blank between two characters.
func between(a, b *glyph) string {
	gap := (b.x - a.x - a.w) / max(a.size, b.size)
	last, _ := utf8.DecodeLastRuneInString(a.text)
	first, _ := utf8.DecodeRuneInString(b.text)
	switch {
	case gap > columnGap:
		return "\t"
	case gap > wideGap || gap > wordGap && !isWide(last) && !isWide(first):
		return " "
	}
	return ""
}

// usualForm replaces characters that fonts put in the place of the usual ones:
// radicals for Chinese characters, ligatures.
func usualForm(s string) string {
	r, _ := utf8.DecodeRuneInString(s)
	if r >= 0x2e80 && r <= 0x2fdf || r >= 0xf900 && r <= 0xfaff || r >= 0xfb00 && r <= 0xfb06 {
		return norm.NFKC.String(s)
	}
	return s
}

// edgeLines at the top and the bottom of a page can be a running head.
const edgeLines = 2

// withoutHeads drops page numbers and what stands at the same place of the edge
// on half of the pages.
func withoutHeads(pages [][]pdfLine) [][]pdfLine {
	type edge struct {
		text string
		y    int
	}
	key := func(l pdfLine) edge { return edge{withoutDigits(l.text), int(l.y / 4)} }
	seen := map[edge]int{}
	for _, p := range pages {
		for i, l := range p {
			if l.rows == nil && (i < edgeLines || i >= len(p)-edgeLines) {
				seen[key(l)]++
			}
		}
	}
	often := max(2, (len(pages)+1)/2)
	for n, p := range pages {
		var kept []pdfLine
		for i, l := range p {
			atEdge := i < edgeLines || i >= len(p)-edgeLines
			if atEdge && l.rows == nil && seen[key(l)] >= often || (i == 0 || i == len(p)-1) && isPageNumber(l.text) {
				continue
			}
			kept = append(kept, l)
		}
		pages[n] = kept
	}
	return pages
}

func withoutDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsDigit(r) {
			return '#'
		}
		return r
	}, s)
}

// isPageNumber reads "3", "- 3 -", "— 3 —", "第3页", "第3页 共8页", "3/8".
func isPageNumber(s string) bool {
	s = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || strings.ContainsRune("-–—－―·•~〜", r) {
			return -1
		}
		return r
	}, s)
	for _, sign := range []string{"第", "页", "共", "/", ",", "，"} {
		s = strings.ReplaceAll(s, sign, "")
	}
	return s != "" && len(s) <= 8 && strings.Trim(s, "0123456789０１２３４５６７８９") == ""
}

// margins are where the text of a document begins and ends.
type margins struct{ left, right float64 }

// marginsOf takes the outermost places that several lines of the document share.
// Where nearly all paragraphs have one line, the left margin is that of the few
// second lines. A page's two margins are about the same, so no line that is short
// ends at the right one.
func marginsOf(pages [][]pdfLine, pageWidth float64) margins {
	m := margins{left: pageWidth}
	lefts, size := map[int]int{}, 0.0
	each := func(f func(l pdfLine)) {
		for _, p := range pages {
			for _, l := range p {
				if l.rows == nil {
					f(l)
				}
			}
		}
	}
	each(func(l pdfLine) { lefts[int(l.left/2)]++ })
	each(func(l pdfLine) {
		if lefts[int(l.left/2)] >= 2 {
			m.left = min(m.left, l.left)
		}
		m.right = max(m.right, l.right)
	})
	common := m.left
	each(func(l pdfLine) {
		if out := (common - l.left) / safe(l.size); out < twoTo && (out > twoFrom || common == pageWidth) {
			m.left = min(m.left, l.left)
		}
		size = max(size, l.size)
	})
	m.right = max(m.right, pageWidth-m.left-2*size)
	return m
}

// Places of a line, in sizes.
const (
	slack     = 0.8 // a word that would have fit by this much did not: the line is not full
	fullLine  = 2.2 // but so near to the margin lines are, in a setting of other rules
	indented  = 1.2
	twoFrom   = 1.7 // the indentation of a paragraph's first line: two characters
	twoTo     = 2.3
	sameLeft  = 0.3
	farBelow  = 3.2 // a line this far below begins anew
	otherSize = 1.2 // a heading is larger by this factor
)

// goesOn says whether b continues the paragraph that a ends: a is full, and b is
// neither indented nor numbered.
func (m margins) goesOn(a, b pdfLine) bool {
	larger, smaller := max(a.size, b.size), min(a.size, b.size)
	indent := (b.left - m.left) / safe(b.size)
	switch {
	case a.rows != nil || b.rows != nil || strings.Contains(a.text, "\t"): // a table, or a row of one
		return false
	case a.right+max(leading(b.text)+slack, fullLine)*a.size < m.right || larger > otherSize*smaller:
		return false
	case a.page == b.page && a.y-b.y > farBelow*larger:
		return false
	case b.left > a.left && math.Abs(a.left+a.right-b.left-b.right) < b.size: // a centred title
		return !endsSentence(a.text) && !isNumbered(b.text)
	case isNumbered(b.text) || indent > twoFrom && indent < twoTo:
		return false
	case indent < indented:
		return true
	}
	// A paragraph that is indented as a whole.
	return math.Abs(a.left-b.left) < sameLeft*b.size && !endsSentence(a.text)
}

func endsSentence(s string) bool {
	last, _ := utf8.DecodeLastRuneInString(strings.TrimRight(s, "”’）)"))
	return strings.ContainsRune("。；：！？.;:!?", last)
}

const (
	opening = "“‘（《〈【〔「『(["
	closing = "，。、；：？！”’）》〉】〕」』,.;:?!)]%％"
)

// leading is the width, in sizes, of what a line break cannot part at the
// beginning of s: a character or a Latin word, with the signs around it. Had it
// fit on the line above, it would stand there.
func leading(s string) float64 {
	w := 0.0
	inWord, done := false, false
	for _, r := range s {
		latin := r < utf8.RuneSelf && r > ' '
		switch {
		case !inWord && !done && strings.ContainsRune(opening, r):
		case latin && (inWord || !done):
			inWord, done = true, true
		case strings.ContainsRune(closing, r) && done:
			inWord = latin
		case !done:
			done = true
		default:
			return w
		}
		if w++; latin {
			w -= 0.5
		}
	}
	return w
}
