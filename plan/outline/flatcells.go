package outline

import "strings"

// Bounds of a table with one cell a line.
const (
	leastHead = 3
	mostHead  = 14
	rowReach  = 40 // cells between two row numbers
)

// inCells reads a table with one cell a line.
func inCells(blocks []block, head int) *table {
	var heads []string
	i := head
	for ; i < len(blocks) && len(heads) <= mostHead; i++ {
		if isBar(blocks[i]) {
			continue
		}
		if columnOf(blocks[i].text) == noColumn {
			break
		}
		heads = append(heads, blocks[i].text)
	}
	columns := columnsOf(heads)
	if len(heads) < leastHead || len(heads) > mostHead || columns == nil {
		return nil
	}
	t := &table{columns: columns, lastBlock: i - 1}
	cells := cellsFrom(blocks, i)
	if first := firstNumber(cells, len(columns)+1); first >= 0 {
		t.numbered(cells, first)
	} else {
		t.counted(cells)
	}
	if len(t.rows) == 0 {
		return nil
	}
	return t
}

func isBar(b block) bool { return b.dropped || b.text == "|" }

// cellsFrom are the lines of a table, as far as its text may go.
func cellsFrom(blocks []block, from int) []cell {
	var out []cell
	for i := from; i < len(blocks); i++ {
		b := blocks[i]
		if isBar(b) {
			continue
		}
		if strings.HasPrefix(b.text, "附件") || strings.HasPrefix(b.text, "抄送") {
			break
		}
		out = append(out, cell{text: b.text, block: i, from: b.skip})
	}
	return out
}

// firstNumber is where the first row number stands: 1, or the week or month that
// a calendar begins with; -1: the rows have no numbers.
func firstNumber(cells []cell, reach int) int {
	for i := 0; i < len(cells) && i < reach; i++ {
		if v, unit := rowNumber(cells[i].text); v == 1 || v > 0 && unit != "" {
			return i
		}
	}
	return -1
}

// rowNumber reads a cell that is a number and nothing more: 3, 第3周, 三月.
func rowNumber(s string) (value int, unit string) {
	core := strings.TrimPrefix(bare(s), "第")
	v, n := arabNumber(core)
	if n == 0 && core != bare(s) || n == 0 && strings.HasSuffix(core, "月") {
		v, n = hanNumber(core)
	}
	rest := core[n:]
	if n == 0 || v > maxNumber || rest != "" && rest != "周" && rest != "月" && rest != "月份" || rest == "" && core != bare(s) {
		return 0, ""
	}
	return v, rest
}

// numbered reads rows that begin with, or contain, a number one higher than that
// of the row before. Cells before the number may be missing where they were
// merged; a heading over the whole width stands between two rows.
func (t *table) numbered(cells []cell, number int) {
	before := number // columns before the number
	var after []column
	for i, c := range t.columns {
		if c == numberCol {
			before = i
		}
	}
	for i, c := range t.columns {
		if c != numberCol && i >= before {
			after = append(after, c)
		}
	}
	if before > number || before >= len(t.columns) {
		return
	}
	t.columns = append(append(append([]column{}, t.columns[:before]...), numberCol), after...)
	lead := cells[:number]
	for start, _ := rowNumber(cells[number].text); number < len(cells); start++ {
		next := nextNumber(cells, number, start+1)
		end := next
		if next < 0 {
			end = lastRowEnd(cells, number+1, after)
		}
		own, rest := t.ownCells(cells[number+1:end], after, before)
		lead = t.heading(lead, before)
		row := make([]cell, before, len(t.columns))
		copy(row[max(0, before-len(lead)):], lead)
		t.rows = append(t.rows, append(append(row, cells[number]), t.fit(own, after)...))
		if len(own) > 0 {
			t.lastBlock = own[len(own)-1].block
		}
		if next < 0 {
			return
		}
		lead, number = rest, next
	}
}

// lastRowEnd is where the last row ends: with its time, where that is the last
// column, else with as many cells as there are columns.
func lastRowEnd(cells []cell, from int, after []column) int {
	end := min(len(cells), from+len(after))
	if len(after) == 0 || after[len(after)-1] != timeCol {
		return end
	}
	for i := end - 1; i >= 0 && i < len(cells) && i < end+6; i++ {
		if looksLikeTime(cells[i].text) {
			return i + 1
		}
	}
	return end
}

// ownCells parts the cells between two numbers: those of the row, and those that
// stand before the next number.
func (t *table) ownCells(between []cell, after []column, before int) (own, rest []cell) {
	for i, c := range between {
		m, ok := markerAt(c.text, 0)
		if i > 0 && isHanNumber(c.text) || i >= len(after)-1 && i > 0 && ok && m.form <= hanParen {
			return between[:i], between[i:]
		}
	}
	if len(between) > len(after) && len(between) <= len(after)+before {
		return between[:len(after)], between[len(after):]
	}
	if len(after) > 0 && len(between) > len(after) && after[len(after)-1] == timeCol {
		for i := len(between) - 1; i >= len(after)-1; i-- {
			if looksLikeTime(between[i].text) {
				return between[:i+1], between[i+1:]
			}
		}
	}
	return between, nil
}

// heading takes a heading over the whole width from the cells before a number.
func (t *table) heading(lead []cell, before int) []cell {
	extra := len(lead) - before
	if extra <= 0 {
		return lead
	}
	var words []string
	for _, c := range lead[:extra] {
		if !isHanNumber(c.text) {
			words = append(words, c.text)
		}
	}
	if len(words) > 0 {
		row := make([]cell, len(t.columns))
		row[0] = cell{text: strings.Join(words, ""), block: lead[0].block}
		t.rows = append(t.rows, row)
	}
	return lead[extra:]
}

// isHanNumber tells a cell that is 一 or （一） and nothing more.
func isHanNumber(s string) bool {
	core := strings.Trim(bare(s), openers+closers+"、")
	_, n := hanNumber(core)
	return n > 0 && n == len(core)
}

func nextNumber(cells []cell, from, n int) int {
	_, unit := rowNumber(cells[from].text)
	for i := from + 1; i < len(cells) && i <= from+rowReach; i++ {
		if v, u := rowNumber(cells[i].text); v == n && u == unit {
			return i
		}
	}
	return -1
}

// fit puts the cells of a row under its columns. Where some are missing or one
// was broken into several lines, units and times are told by their form, from the
// last column on; the words that are left belong to the columns of words.
func (t *table) fit(cells []cell, columns []column) []cell {
	if len(cells) == len(columns) {
		return cells
	}
	t.warning = "表格各行单元格数目不一，已按内容归列，请核对。"
	row := make([]cell, len(columns))
	end, start := len(cells), 0
	if len(columns) > 0 && columns[0] == timeCol && len(cells) > 0 && looksLikeTime(cells[0].text) {
		row[0], start = cells[0], 1
	}
	words := start
	for _, c := range columns {
		if c < leadCol || c > timeCol {
			words++
		}
	}
	for i := len(columns) - 1; i >= start; i-- {
		from := end
		switch c := columns[i]; {
		case end == start:
		case c == timeCol:
			if looksLikeTime(cells[end-1].text) {
				from = end - 1
			}
		case c == leaderCol:
			if t := cells[end-1].text; runes(t) <= 12 && !strings.HasSuffix(t, "。") {
				from = end - 1
			}
		case c >= leadCol && c < timeCol:
			for from > start+1 && looksLikeUnits(cells[from-1].text) && (from == end || in(listMark, last(cells[from-1].text))) {
				from--
			}
		default:
			words--
			from = min(end, words)
		}
		row[i] = joined(cells[from:end])
		end = from
	}
	return row
}

// joined is one cell of several lines.
func joined(lines []cell) cell {
	if len(lines) == 0 {
		return cell{}
	}
	out := lines[0]
	for _, l := range lines[1:] {
		out.text += "\n" + l.text
	}
	return out
}

// looksLikeUnits tells the cell of a column of units.
func looksLikeUnits(s string) bool {
	if runes(s) > 60 || strings.HasSuffix(s, "。") {
		return false
	}
	sh := &sheet{text: s}
	names := sh.names(sh.withoutTail(sh.trimName(span{0, len(s)})))
	return len(names) > 0 && (allUnits(names) || isWildcard(s) && runes(s) <= 12)
}

// looksLikeTime tells the cell of a deadline column.
func looksLikeTime(s string) bool {
	return runes(s) <= 20 && (hasAny(s, []string{"月", "年底", "季度", "学期", "持续", "长期", "全年", "每年", "每周", "即时", "立即", "及时", "推进", "适时"}))
}

// counted reads rows of a fixed count of cells.
func (t *table) counted(cells []cell) {
	k := len(t.columns)
	for i := 0; i+k <= len(cells); i += k {
		row := cells[i : i+k]
		if m, ok := markerAt(row[0].text, 0); ok && m.form <= hanParen || !t.plausible(row) {
			break
		}
		t.rows = append(t.rows, row)
		t.lastBlock = row[k-1].block
	}
}

// plausible says whether the cells of a row may stand under their columns.
func (t *table) plausible(row []cell) bool {
	for i, c := range t.columns {
		long := runes(row[i].text) > 60
		if c >= leadCol && c <= timeCol && (long || strings.HasSuffix(row[i].text, "。")) {
			return false
		}
	}
	return true
}
