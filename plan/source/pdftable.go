package source

import (
	"cmp"
	"math"
	"slices"
	"unicode/utf8"
)

// A table of a pdf is nothing but lines and text between them. Where lines
// across and lines down meet, they make a grid; a cell ends where one is drawn.

// rule is a straight line: at a place, from one end to the other.
type rule struct {
	down         bool
	at, from, to float64
}

// Measures in points.
const (
	thin     = 3.0 // a box this thin is a line
	near     = 3.0 // two lines this near are one
	padding  = 6.0 // within a cell
	maxRules = 3000
	// maxSearch bounds the search for borders: places of a grid times its rules.
	maxSearch = 1_000_000
)

// drawing is a path that is not painted yet.
type drawing struct {
	rules  []rule
	x, y   float64 // where the pen is
	x0, y0 float64 // where it began
	boxes  []box
}

// box is a rectangle.
type box struct{ x0, y0, x1, y1 float64 }

// draw follows the operators that draw lines.
func (p *painter) draw(op pdfWord, args []any) {
	n := func(i int) float64 {
		if i < len(args) {
			f, _ := args[i].(float64)
			return f
		}
		return 0
	}
	d := &p.path
	switch op {
	case "m":
		d.x, d.y = p.point(n(0), n(1))
		d.x0, d.y0 = d.x, d.y
	case "l":
		d.to(p.point(n(0), n(1)))
	case "h":
		d.to(d.x0, d.y0)
	case "re":
		x0, y0 := p.point(n(0), n(1))
		x1, y1 := p.point(n(0)+n(2), n(1)+n(3))
		if len(d.boxes) < maxRules {
			d.boxes = append(d.boxes, box{min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)})
		}
	case "S", "s", "B", "B*", "b", "b*":
		p.paintPath(true)
	case "f", "F", "f*":
		p.paintPath(false)
	case "n":
		p.path = drawing{}
	}
}

func (p *painter) point(x, y float64) (float64, float64) {
	m := matrix{1, 0, 0, 1, x, y}.mul(p.ctm)
	return m[4], m[5]
}

func (d *drawing) to(x, y float64) {
	if len(d.rules) < maxRules {
		switch {
		case math.Abs(x-d.x) <= thin/2 && math.Abs(y-d.y) > thin:
			d.rules = append(d.rules, rule{true, x, min(y, d.y), max(y, d.y)})
		case math.Abs(y-d.y) <= thin/2 && math.Abs(x-d.x) > thin:
			d.rules = append(d.rules, rule{false, y, min(x, d.x), max(x, d.x)})
		}
	}
	d.x, d.y = x, y
}

// paintPath keeps the lines of a path; a filled box is one only if it is thin.
func (p *painter) paintPath(stroked bool) {
	d := p.path
	p.path = drawing{}
	if stroked {
		p.rules = append(p.rules, d.rules...)
	}
	for _, b := range d.boxes {
		w, h := b.x1-b.x0, b.y1-b.y0
		switch {
		case w <= thin && h > thin:
			p.rules = append(p.rules, rule{true, (b.x0 + b.x1) / 2, b.y0, b.y1})
		case h <= thin && w > thin:
			p.rules = append(p.rules, rule{false, (b.y0 + b.y1) / 2, b.x0, b.x1})
		case stroked:
			p.rules = append(p.rules, rule{true, b.x0, b.y0, b.y1}, rule{true, b.x1, b.y0, b.y1}, rule{false, b.y0, b.x0, b.x1}, rule{false, b.y1, b.x0, b.x1})
		}
	}
	if len(p.rules) > maxRules { // a drawing, no table
		p.rules = p.rules[:maxRules]
	}
}

// lines returns what a page says from top to bottom: its tables, and the lines
// of the text that stands in none.
func (p *painter) lines(page int) ([]pdfLine, error) {
	glyphs := p.glyphs
	var tables []pdfLine
	if len(p.rules) < maxRules {
		for _, group := range meeting(joined(p.rules)) {
			t := newRuled(group)
			if len(t.xs) < 3 || len(t.ys) < 2 || len(t.xs)*len(t.ys)*len(group) > maxSearch {
				continue // a frame, a line under a head; a drawing
			}
			rows, rest, err := t.read(glyphs)
			if err != nil {
				return nil, err
			}
			if rows != nil {
				glyphs = rest
				tables = append(tables, pdfLine{rows: rows, y: t.ys[len(t.ys)-1], page: page})
			}
		}
	}
	out := append(toLines(glyphs, page), tables...)
	slices.SortStableFunc(out, func(a, b pdfLine) int {
		return cmp.Compare(b.y, a.y)
	})
	return out, nil
}

// joined makes one rule of pieces that lie in one line.
func joined(rules []rule) []rule {
	var out []rule
	for _, down := range []bool{true, false} {
		some := slices.DeleteFunc(slices.Clone(rules), func(r rule) bool { return r.down != down })
		slices.SortStableFunc(some, func(a, b rule) int { return cmp.Compare(a.at, b.at) })
		for len(some) > 0 {
			n := slices.IndexFunc(some, func(r rule) bool { return r.at > some[0].at+near })
			if n < 0 {
				n = len(some)
			}
			out = append(out, joinedLine(some[:n])...)
			some = some[n:]
		}
	}
	return out
}

// joinedLine does so for rules at one place.
func joinedLine(rules []rule) []rule {
	slices.SortStableFunc(rules, func(a, b rule) int { return cmp.Compare(a.from, b.from) })
	out := rules[:1:1]
	for _, r := range rules[1:] {
		if last := &out[len(out)-1]; r.from <= last.to+near {
			last.to = max(last.to, r.to)
			continue
		}
		out = append(out, r)
	}
	return out
}

// meeting groups the rules that meet each other.
func meeting(rules []rule) [][]rule {
	group := make([]int, len(rules))
	for i := range group {
		group[i] = i
	}
	root := func(i int) int {
		for group[i] != i {
			group[i] = group[group[i]]
			i = group[i]
		}
		return i
	}
	across := slices.IndexFunc(rules, func(r rule) bool { return !r.down }) // joined puts those last
	for i := range max(across, 0) {
		for j := across; j < len(rules); j++ {
			v, h := rules[i], rules[j]
			if v.at >= h.from-near && v.at <= h.to+near && h.at >= v.from-near && h.at <= v.to+near {
				group[root(i)] = root(j)
			}
		}
	}
	byRoot := map[int]int{}
	var out [][]rule
	for i, r := range rules {
		k := root(i)
		if _, ok := byRoot[k]; !ok {
			byRoot[k] = len(out)
			out = append(out, nil)
		}
		out[byRoot[k]] = append(out[byRoot[k]], r)
	}
	return out
}

// ruled is the grid of a group of rules; xs and ys grow.
type ruled struct {
	rules  []rule
	xs, ys []float64
}

func newRuled(rules []rule) ruled {
	t := ruled{rules: rules}
	for _, r := range rules {
		if r.down {
			t.xs = append(t.xs, r.at)
			t.ys = append(t.ys, r.from, r.to)
		} else {
			t.ys = append(t.ys, r.at)
			t.xs = append(t.xs, r.from, r.to)
		}
	}
	t.xs, t.ys = distinct(t.xs), distinct(t.ys)
	return t
}

func distinct(v []float64) []float64 {
	slices.Sort(v)
	var out []float64
	for _, x := range v {
		if n := len(out); n == 0 || x-out[n-1] > near {
			out = append(out, x)
		}
	}
	return out
}

// isDrawn says whether a rule stands at a place and passes the middle.
func (t ruled) isDrawn(down bool, at, middle float64) bool {
	return slices.ContainsFunc(t.rules, func(r rule) bool {
		return r.down == down && math.Abs(r.at-at) <= near && r.from <= middle && middle <= r.to
	})
}

// read lays the text between the rules out as a table; rest is the text outside.
// No rows: it is no table.
func (t ruled) read(glyphs []glyph) (rows [][]Cell, rest []glyph, err error) {
	cols, n := len(t.xs)-1, len(t.ys)-1
	owner := t.owners(cols, n)
	within := make([][]glyph, cols*n)
	for _, g := range glyphs {
		c, r := slot(t.xs, g.x+g.w/2), slot(t.ys, g.y+0.3*g.size)
		if c < 0 || r < 0 {
			rest = append(rest, g)
			continue
		}
		o := owner[(n-1-r)*cols+c]
		within[o] = append(within[o], g)
	}
	g := &grid{budget: newBudget()}
	for r := range n {
		g.row()
		for c := range cols {
			at := r*cols + c
			if owner[at] != at {
				continue
			}
			w, h := extent(owner, at, cols)
			if err := g.add(t.cellText(within[at], t.xs[c+w]), w, h); err != nil {
				return nil, nil, err
			}
		}
		if err := g.endRow(); err != nil {
			return nil, nil, err
		}
	}
	if g.arranges() {
		return nil, glyphs, nil
	}
	rows, err = g.table()
	return rows, rest, err
}

// slot is the interval that v lies in, -1 outside.
func slot(edges []float64, v float64) int {
	i, found := slices.BinarySearch(edges, v)
	if !found {
		i--
	}
	if i < 0 || i >= len(edges)-1 {
		return -1
	}
	return i
}

// owners tells for every place of the grid, from the top, the first place of the
// cell that covers it.
func (t ruled) owners(cols, n int) []int {
	owner := make([]int, cols*n)
	for i := range owner {
		owner[i] = -1
	}
	for at := range owner {
		if owner[at] >= 0 {
			continue
		}
		r, c := at/cols, at%cols
		w, h := 1, 1
		for c+w < cols && owner[at+w] < 0 && !t.isDrawn(true, t.xs[c+w], t.middle(n, r)) {
			w++
		}
		for r+h < n && !t.isDrawn(false, t.ys[n-r-h], (t.xs[c]+t.xs[c+1])/2) {
			h++
		}
		for i := range h {
			for j := range w {
				if o := &owner[at+i*cols+j]; *o < 0 {
					*o = at
				}
			}
		}
	}
	return owner
}

// middle is the height of a row that counts from the top.
func (t ruled) middle(n, r int) float64 { return (t.ys[n-1-r] + t.ys[n-r]) / 2 }

// extent measures a cell.
func extent(owner []int, at, cols int) (w, h int) {
	for w = 1; at%cols+w < cols && owner[at+w] == at; w++ {
	}
	for h = 1; at+h*cols < len(owner) && owner[at+h*cols] == at; h++ {
	}
	return w, h
}

// cellText puts the lines of a cell together: one that reaches the edge goes on.
func (t ruled) cellText(glyphs []glyph, right float64) []Block {
	var out []Block
	var last pdfLine
	for _, l := range toLines(glyphs, 0) {
		n := len(out) - 1
		if n >= 0 && last.right+max(leading(l.text)+slack, fullLine)*last.size > right-padding && !isNumbered(l.text) {
			if !glued(last.text, l.text) && utf8.RuneCountInString(l.text) > 0 {
				out[n].Text += " "
			}
			out[n].Text += l.text
		} else {
			out = append(out, Block{Text: l.text})
		}
		last = l
	}
	return out
}
