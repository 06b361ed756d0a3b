package outline

import (
	"strings"

	"duban/plan/source"
)

// A table that became text has one cell a line, or one row a line with bars or
// tabs. Its head is known by its words; its rows by their numbers, else by the
// count of columns.

// flattened finds the tables of a text, by the block they begin with.
func flattened(d *source.Document, blocks []block) map[int]*table {
	found := map[int]*table{}
	for i := 0; i < len(blocks); i++ {
		if blocks[i].dropped || len(d.Blocks[i].Rows) > 0 || !mayBeHead(blocks[i].text) {
			continue
		}
		t := inRows(blocks, i)
		if t == nil {
			t = inCells(blocks, i)
		}
		if t != nil {
			found[i] = t
			i = t.lastBlock
		}
	}
	return found
}

// mayBeHead is a quick look at the first cell of a head.
func mayBeHead(s string) bool {
	return strings.ContainsAny(s, "|\t") || columnOf(s) != noColumn
}

// splitRow parts a line at bars or tabs; nil when it has none.
func splitRow(b block, index int) []cell {
	text := b.text
	mark := "\t"
	if strings.Contains(text, "|") {
		mark = "|"
	}
	if !strings.Contains(text, mark) || strings.Trim(text, "| \t") == "" {
		return nil
	}
	var out []cell
	at := b.skip
	for i, part := range strings.Split(text, mark) {
		t := strings.TrimSpace(part)
		edge := t == "" && (i == 0 || at+len(part) >= b.skip+len(text)) && mark == "|"
		if !edge {
			out = append(out, cell{text: t, block: index, from: at + strings.Index(part, t)})
		}
		at += len(part) + len(mark)
	}
	return out
}

// inRows reads a table with one row a line.
func inRows(blocks []block, head int) *table {
	row := splitRow(blocks[head], head)
	if len(row) < 2 {
		return nil
	}
	heads := make([]string, len(row))
	for i, c := range row {
		heads[i] = c.text
	}
	columns := columnsOf(heads)
	if columns == nil {
		return nil
	}
	t := &table{columns: columns, lastBlock: head}
	for i := head + 1; i < len(blocks); i++ {
		if blocks[i].dropped {
			continue
		}
		row := splitRow(blocks[i], i)
		if row == nil && i+1 < len(blocks) && splitRow(blocks[i+1], i+1) != nil && startsAfresh(blocks[i].text) {
			row = make([]cell, len(t.columns)) // a heading over the whole width
			row[0] = cell{text: blocks[i].text, block: i, from: blocks[i].skip}
		}
		if row == nil {
			break
		}
		t.lastBlock = i
		switch {
		case t.isHead(row):
		case strings.Trim(blocks[i].text, "|-: \t") == "", len(t.rows) == 0 && t.finer(row):
		case t.withoutNotes(row):
			t.rows = append(t.rows, row)
		case len(row) < len(t.columns) && t.columns[0] == numberCol:
			t.rows = append(t.rows, append(row[:1:1], t.fit(row[1:], t.columns[1:])...))
		default:
			t.rows = append(t.rows, row)
		}
	}
	return t
}

// withoutNotes tells a row whose last cells are empty, and were lost with the
// blanks at the end of the line: only those for notes, behind a time that stands
// in its column.
func (t *table) withoutNotes(row []cell) bool {
	k := len(row) - 1
	if len(row) >= len(t.columns) || t.columns[k] != timeCol || !looksLikeTime(row[k].text) {
		return false
	}
	for _, c := range t.columns[len(row):] {
		if c != noteCol {
			return false
		}
	}
	return true
}

// finer reads a second line of the head, 牵头 and 配合 below 责任单位.
func (t *table) finer(row []cell) bool {
	var fine []column
	for _, c := range row {
		col := columnOf(c.text)
		if col < leadCol || col > leaderCol {
			return false
		}
		fine = append(fine, col)
	}
	for i, c := range t.columns {
		if c == responsibleCol && len(fine) > 1 {
			t.columns = append(append(append([]column{}, t.columns[:i]...), fine...), t.columns[i+1:]...)
			return true
		}
	}
	return false
}
