package source

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
)

// A pdf is read by own code. The libraries for it recover from a panic, but a
// file can make them loop, overflow the stack or ask for all memory, which
// nothing recovers from; and they do not know the widths of Chinese fonts, by
// which lines become paragraphs. What is here reads text only.

// pdfPage is a page as it is read.
type pdfPage struct {
	lines   []pdfLine
	width   float64
	picture bool // it has a picture and next to no text
}

// fewChars on a page with a picture are a stamp or the mark of a scanner.
const fewChars = 20

func readPDF(content []byte) (*Document, error) {
	f, err := parsePDF(content)
	if err != nil {
		return nil, err
	}
	found := f.pages()
	if len(found) == 0 {
		return nil, damaged()
	}
	if len(found) > maxPages {
		return nil, refuse("PDF 超过 2000 页", "请拆成几个文件")
	}
	var pages []pdfPage
	var all garble
	for i, d := range found {
		p, err := f.page(d, i+1, &all)
		if err != nil {
			return nil, err
		}
		pages = append(pages, p)
	}
	warnings, err := checkScan(pages)
	if err != nil {
		return nil, err
	}
	if all.unreadable() {
		return nil, refuse("PDF 的字体没有标明对应的文字，读出来会是乱码", "请索取 Word 原文件，或先做文字识别")
	}
	blocks, err := paragraphs(pages)
	if err != nil {
		return nil, err
	}
	return &Document{Format: PDF, Blocks: blocks, Warnings: warnings}, nil
}

// checkScan refuses a scan and names single pages that are pictures.
func checkScan(pages []pdfPage) (warnings []string, err error) {
	pictures := 0
	for i, p := range pages {
		if p.picture {
			pictures++
			warnings = append(warnings, fmt.Sprintf("第%d页是图片，未读取", i+1))
		}
	}
	if pictures*2 >= len(pages) && pictures > 0 {
		return nil, refuse("PDF 是扫描件", pictureHint)
	}
	for _, p := range pages {
		if len(p.lines) > 0 {
			return warnings, nil
		}
	}
	return nil, refuse("PDF 里没有文字", pictureHint)
}

// pages lists the pages in their order, each with what it inherits.
func (f *pdfFile) pages() []pdfDict {
	var out []pdfDict
	seen := map[pdfRef]bool{}
	var walk func(v any, from pdfDict, depth int)
	walk = func(v any, from pdfDict, depth int) {
		if r, ok := v.(pdfRef); ok {
			if seen[r] {
				return
			}
			seen[r] = true
		}
		d := f.dict(v)
		if d == nil || depth > pdfNesting || len(out) > maxPages {
			return
		}
		own := pdfDict{"Contents": d["Contents"]}
		for _, k := range []pdfName{"Resources", "MediaBox", "Rotate"} {
			if own[k] = d[k]; own[k] == nil {
				own[k] = from[k]
			}
		}
		kids := f.array(d["Kids"])
		if f.name(d["Type"]) == "Page" || kids == nil {
			out = append(out, own)
			return
		}
		for _, k := range kids {
			walk(k, own, depth+1)
		}
	}
	root := f.dict(f.trailer["Root"])
	if root == nil {
		return nil
	}
	walk(root["Pages"], nil, 0)
	return out
}

// page reads the lines of a page.
func (f *pdfFile) page(d pdfDict, number int, all *garble) (pdfPage, error) {
	width, turn := f.sheet(d)
	p := &painter{f: f, look: look{ctm: turn, scale: 1}, tm: identity, line: identity}
	var content []byte
	for _, v := range f.list(d["Contents"]) {
		if s, ok := f.get(v).(*pdfStream); ok {
			data, err := f.data(s)
			if err != nil {
				return pdfPage{}, err
			}
			content = append(append(content, data...), '\n')
		}
	}
	if err := p.run(content, f.dict(d["Resources"]), 0); err != nil {
		return pdfPage{}, err
	}
	chars := 0
	for _, g := range p.glyphs {
		chars += all.count(g.text)
	}
	lines, err := p.lines(number)
	return pdfPage{lines, width, p.pictures > 0 && chars < fewChars}, err
}

// sheet is the width of a page as it is read, and the matrix that turns it so.
func (f *pdfFile) sheet(d pdfDict) (width float64, turn matrix) {
	box := [4]float64{0, 0, 595, 842}
	if m := f.array(d["MediaBox"]); len(m) == 4 {
		for i, v := range m {
			box[i] = f.number(v)
		}
	}
	w, h := box[2]-box[0], box[3]-box[1]
	move := matrix{1, 0, 0, 1, -box[0], -box[1]}
	switch ((f.int(d["Rotate"]) % 360) + 360) % 360 {
	case 90:
		return h, move.mul(matrix{0, -1, 1, 0, 0, w})
	case 180:
		return w, move.mul(matrix{-1, 0, 0, -1, w, h})
	case 270:
		return h, move.mul(matrix{0, 1, -1, 0, h, 0})
	}
	return w, move
}

// joiner puts lines together over the pages.
type joiner struct {
	*builder
	text strings.Builder
	last pdfLine
	page int // where the paragraph begins
}

func paragraphs(pages []pdfPage) ([]Block, error) {
	lines := make([][]pdfLine, len(pages))
	for i, p := range pages {
		lines[i] = p.lines
	}
	lines = withoutHeads(lines)
	byWidth := map[int][][]pdfLine{} // pages that lie and pages that stand
	for i, p := range pages {
		byWidth[int(p.width)] = append(byWidth[int(p.width)], lines[i])
	}
	known := map[int]margins{}
	for w, p := range byWidth {
		known[w] = marginsOf(p, float64(w))
	}
	j := &joiner{builder: &builder{budget: newBudget()}}
	for i, page := range lines {
		m := known[int(pages[i].width)]
		for _, l := range page {
			if err := j.line(l, m); err != nil {
				return nil, err
			}
		}
	}
	if err := j.end(); err != nil {
		return nil, err
	}
	number(j.blocks)
	return j.blocks, nil
}

func (j *joiner) line(l pdfLine, m margins) error {
	if j.text.Len() > 0 && m.goesOn(j.last, l) {
		if !glued(j.last.text, l.text) {
			j.text.WriteByte(' ')
		}
	} else if err := j.end(); err != nil {
		return err
	}
	if j.text.Len() == 0 {
		j.page = l.page
	}
	if l.rows != nil {
		if err := j.table(l); err != nil {
			return err
		}
	}
	j.text.WriteString(l.text)
	j.last = l
	return nil
}

// end ends the paragraph.
func (j *joiner) end() error {
	text := j.text.String()
	j.text.Reset()
	return j.paragraph(text, Place{Page: j.page})
}

// table adds a table; one that goes on from the page before joins it, and its
// repeated head is left out.
func (j *joiner) table(l pdfLine) error {
	if n := len(j.blocks); n > 0 && len(j.blocks[n-1].Rows) > 0 && j.last.rows != nil && j.last.page+1 == l.page && len(j.last.rows[0]) == len(l.rows[0]) {
		above, rows := j.blocks[n-1].Rows, l.rows
		if slices.Equal(rows[0], above[0]) {
			rows = rows[1:]
		} else if last := above[len(above)-1]; isTorn(last, rows[0]) {
			mend(last, rows)
			rows = rows[1:]
		}
		j.blocks[n-1].Rows = append(above, rows...)
		return nil
	}
	return j.builder.table(l.rows, func(int) Place { return Place{Page: l.page} })
}

// isTorn says whether a page ends within a row: most cells have nothing more to
// say, and the others go on in the middle of a sentence.
func isTorn(above, below []Cell) bool {
	empty := 0
	for i, c := range below {
		last, _ := utf8.DecodeLastRuneInString(above[i].Text)
		switch {
		case c.Text == "":
			empty++
		case above[i].Text == "" || strings.ContainsRune("。；！？", last) || isNumbered(c.Text):
			return false
		}
	}
	return empty*2 >= len(below)
}

// mend joins the first of the rows to the row above; a merged cell takes the
// whole text further down.
func mend(above []Cell, rows [][]Cell) {
	for i, c := range rows[0] {
		if c.Text == "" {
			continue
		}
		if !glued(above[i].Text, c.Text) {
			above[i].Text += " "
		}
		above[i].Text += c.Text
		for _, r := range rows[1:] {
			if !r[i].Merged || r[i].Text != c.Text {
				break
			}
			r[i].Text = above[i].Text
		}
	}
}

// garble counts whether a text makes sense.
type garble struct {
	chars, bad int // all that can be seen; those that no document prints
	han, usual int // Chinese characters, and the frequent ones of them in a sample
}

// hanSample characters tell whether a text is Chinese.
const hanSample = 5000

// count looks at a text and returns how many characters can be seen.
func (c *garble) count(text string) int {
	n := 0
	for _, r := range text {
		switch {
		case unicode.IsSpace(r):
			continue
		case r == unicode.ReplacementChar || unicode.Is(unicode.Co, r) || !unicode.IsPrint(r) && careOf(r) != drop:
			c.bad++
		case r >= 0x80 && r < 0x100 && r != 0xb7 && r != 0xd7 && r != 0xb0: // accents where Chinese stood
			c.bad++
		case unicode.Is(unicode.Han, r) && c.han < hanSample:
			c.han++
			if isFrequent(r) {
				c.usual++
			}
		}
		n++
	}
	c.chars += n
	return n
}

// isFrequent says whether r is in the first level of the national sets, where
// the characters of nearly every text are. Wrong codes give characters of all
// levels alike.
func isFrequent(r rune) bool {
	if b, err := simplifiedchinese.GBK.NewEncoder().String(string(r)); err == nil && len(b) == 2 && b[0] >= 0xb0 && b[0] <= 0xd7 && b[1] >= 0xa1 {
		return true
	}
	b, err := traditionalchinese.Big5.NewEncoder().String(string(r))
	return err == nil && len(b) == 2 && b[0] >= 0xa4 && b[0] < 0xc6
}

// Shares from which on a text is not imported.
const (
	badShare   = 0.05
	usualShare = 0.7
	hanEnough  = 50
)

func (c *garble) unreadable() bool {
	if c.chars == 0 || float64(c.bad) > badShare*float64(c.chars) {
		return true
	}
	return c.han >= hanEnough && float64(c.usual) < usualShare*float64(c.han)
}
