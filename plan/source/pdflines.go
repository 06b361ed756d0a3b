package source

import (
	"cmp"
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
	columnGap = 3
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

// marginsOf takes the outermost places that several lines share; a page's two
// margins are about the same, so no line that is short ends at the right one.
func marginsOf(lines []pdfLine, pageWidth float64) margins {
	m := margins{left: pageWidth}
	lefts := map[int]int{}
	lines = slices.DeleteFunc(slices.Clone(lines), func(l pdfLine) bool { return l.rows != nil })
	for _, l := range lines {
		lefts[int(l.left/2)]++
	}
	for _, l := range lines {
		if lefts[int(l.left/2)] >= 2 || len(lines) < 8 {
			m.left = min(m.left, l.left)
		}
		m.right = max(m.right, l.right)
	}
	if len(lines) > 0 {
		m.right = max(m.right, pageWidth-m.left-2*lines[0].size)
	}
	return m
}

// Places of a line, in sizes.
const (
	fullLine  = 2.2 // a line that ends this near to the margin is full: punctuation may not begin the next one
	indented  = 1.2
	farBelow  = 3.2 // a line this far below begins anew
	otherSize = 1.2 // a heading is larger by this factor
)

// goesOn says whether b continues the paragraph that a ends.
func (m margins) goesOn(a, b pdfLine) bool {
	larger, smaller := max(a.size, b.size), min(a.size, b.size)
	switch {
	case a.rows != nil || b.rows != nil || strings.Contains(a.text, "\t"): // a table, or a row of one
		return false
	case a.right < m.right-fullLine*a.size || isNumbered(b.text) || larger > otherSize*smaller:
		return false
	case a.page == b.page && a.y-b.y > farBelow*larger:
		return false
	case b.left < m.left+indented*b.size:
		return true
	}
	// An indented line: within an indented paragraph, if the sentence goes on.
	last, _ := utf8.DecodeLastRuneInString(a.text)
	return !strings.ContainsRune("。；：！？.;:", last)
}
