package source

import "strings"

// grid lays the cells of a table out in rows and columns. The text of a merged
// cell is kept once, whatever the number of its places.
type grid struct {
	*budget
	rows    [][]place
	pending []span // by column: cells of rows above that reach into this one
	content []*content
}

// place is one place of the grid.
type place struct {
	of     *content // nil: nothing
	merged bool
}

// content is what a cell holds.
type content struct {
	blocks []Block
	text   string
}

// span is a cell that still covers rows.
type span struct {
	rows int
	of   *content
}

// row begins a row.
func (g *grid) row() { g.rows = append(g.rows, nil) }

// drop takes the last row back.
func (g *grid) drop() { g.rows = g.rows[:len(g.rows)-1] }

// add puts a cell at the next free place of the last row.
func (g *grid) add(blocks []Block, cols, rows int) error {
	if err := g.fill(); err != nil {
		return err
	}
	c := &content{blocks: blocks}
	g.content = append(g.content, c)
	return g.put(c, cols, rows, false)
}

// gap leaves places empty.
func (g *grid) gap(cols int) error { return g.put(nil, cols, 1, false) }

// below goes on with the cell above, as Word's vMerge says.
func (g *grid) below(cols int) error {
	last := len(g.rows) - 1
	at := len(g.rows[last])
	if last == 0 || at >= len(g.rows[last-1]) {
		return g.gap(cols)
	}
	return g.put(g.rows[last-1][at].of, cols, 1, true)
}

// fill puts the cells that come down from above.
func (g *grid) fill() error {
	last := len(g.rows) - 1
	for at := len(g.rows[last]); at < len(g.pending) && g.pending[at].rows > 0; at++ {
		g.pending[at].rows--
		if err := g.cell(1); err != nil {
			return err
		}
		g.rows[last] = append(g.rows[last], place{g.pending[at].of, true})
	}
	return nil
}

func (g *grid) put(c *content, cols, rows int, merged bool) error {
	last := len(g.rows) - 1
	at := len(g.rows[last])
	cols = max(1, min(cols, maxColumns-at))
	if err := g.cell(cols); err != nil {
		return err
	}
	for i := range cols {
		g.rows[last] = append(g.rows[last], place{c, merged || i > 0})
		if rows > 1 {
			for len(g.pending) <= at+i {
				g.pending = append(g.pending, span{})
			}
			g.pending[at+i] = span{rows - 1, c}
		}
	}
	return nil
}

// endRow fills what comes down at the end of a row.
func (g *grid) endRow() error {
	if err := g.fill(); err != nil {
		return err
	}
	last := len(g.rows) - 1
	for at := len(g.rows[last]); at < len(g.pending); at++ { // beyond a gap
		if g.pending[at].rows > 0 {
			for len(g.rows[last]) < at {
				if err := g.gap(1); err != nil {
					return err
				}
			}
			if err := g.fill(); err != nil {
				return err
			}
		}
	}
	return nil
}

// finish adds the table to b: as a table, or as the paragraphs in it where the
// table only arranges them.
func (g *grid) finish(b *builder, at Place) error {
	if g.arranges() {
		for _, c := range g.content {
			b.blocks = append(b.blocks, c.blocks...)
		}
		return nil
	}
	rows, err := g.table()
	if err != nil {
		return err
	}
	return b.table(rows, func(int) Place { return at })
}

// table returns the rows with their texts.
func (g *grid) table() ([][]Cell, error) {
	for _, c := range g.content {
		c.text = join(c.blocks)
	}
	return g.cells()
}

// table adds rows as a block. Rows above the head that say one thing, the title
// and who made the table, are paragraphs, as they are where they stand before it.
func (b *builder) table(rows [][]Cell, at func(row int) Place) error {
	n := titleRows(rows)
	for i, r := range rows[:n] {
		if err := b.paragraph(only(r), at(i)); err != nil {
			return err
		}
	}
	if n == len(rows) {
		return nil
	}
	if err := b.block(0); err != nil {
		return err
	}
	b.blocks = append(b.blocks, Block{Rows: rows[n:], Place: at(n)})
	return nil
}

// titleRows counts the rows at the top with one text that goes no further down.
func titleRows(rows [][]Cell) int {
	for i, r := range rows {
		if only(r) == "" {
			return i
		}
		for c := range r {
			if i+1 < len(rows) && r[c].Text != "" && rows[i+1][c].Merged && rows[i+1][c].Text == r[c].Text {
				return i
			}
		}
	}
	return len(rows)
}

// only is the text of a row with one cell that says something, else "".
func only(row []Cell) string {
	text := ""
	for _, c := range row {
		if c.Text == "" || c.Merged {
			continue
		}
		if text != "" {
			return ""
		}
		text = c.Text
	}
	return text
}

// cells returns the rows that hold something, all equally long.
func (g *grid) cells() ([][]Cell, error) {
	width := 0
	for _, r := range g.rows {
		width = max(width, len(r))
	}
	var out [][]Cell
	for _, r := range g.rows {
		if !says(r) {
			continue
		}
		if err := g.cell(width - len(r)); err != nil {
			return nil, err
		}
		cells := make([]Cell, width)
		for i, p := range r {
			if p.of != nil {
				cells[i] = Cell{p.of.text, p.merged}
			}
		}
		out = append(out, cells)
	}
	return out, nil
}

func says(row []place) bool {
	for _, p := range row {
		if p.of != nil && p.of.text != "" {
			return true
		}
	}
	return false
}

// proseBlocks in one cell, and mostOfAll of the table's text: then the table is
// there for the look of the page. Cells of real tables share the text among them.
const (
	proseBlocks = 5
	mostOfAll   = 0.8
)

// arranges says whether the table only arranges a page: no row has two cells
// that say something, or one cell has nearly all the text, in many paragraphs or
// in a table of its own.
func (g *grid) arranges() bool {
	total, most := 0, 0
	var big *content
	for _, c := range g.content {
		n := size(c.blocks)
		if total += n; n > most {
			most, big = n, c
		}
	}
	if big == nil {
		return true
	}
	if !g.sideBySide() {
		return true
	}
	holds := len(big.blocks) >= proseBlocks || hasTable(big.blocks)
	return holds && float64(most) > mostOfAll*float64(total)
}

func (g *grid) sideBySide() bool {
	for _, r := range g.rows {
		said := 0
		var before *content
		for _, p := range r {
			if p.of != nil && p.of != before && size(p.of.blocks) > 0 {
				said++
			}
			before = p.of
		}
		if said > 1 {
			return true
		}
	}
	return false
}

func hasTable(blocks []Block) bool {
	for _, b := range blocks {
		if len(b.Rows) > 0 {
			return true
		}
	}
	return false
}

// size is the length of the text in blocks.
func size(blocks []Block) int {
	n := 0
	for _, b := range blocks {
		n += len(b.Text)
		for _, r := range b.Rows {
			for _, c := range r {
				if !c.Merged {
					n += len(c.Text)
				}
			}
		}
	}
	return n
}

// join makes one text of the blocks of a cell.
func join(blocks []Block) string {
	if len(blocks) == 1 && len(blocks[0].Rows) == 0 {
		return blocks[0].Text
	}
	var out []string
	for _, b := range blocks {
		if b.Text != "" {
			out = append(out, b.Text)
		}
		for _, r := range b.Rows {
			var cells []string
			for _, c := range r {
				if !c.Merged && c.Text != "" {
					cells = append(cells, strings.ReplaceAll(c.Text, "\n", " "))
				}
			}
			out = append(out, strings.Join(cells, " "))
		}
	}
	return strings.Join(out, "\n")
}
