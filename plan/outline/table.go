package outline

import (
	"strconv"
	"strings"

	"duban/plan"
	"duban/plan/source"
)

// column is what a column of a table holds, known by the words of its head.
type column int

const (
	noColumn column = iota
	numberCol
	groupCol  // 类别, 项目: what several rows have in common
	taskCol   // 工作任务, 事项
	detailCol // 具体要求, 工作举措: the finest words
	goalCol   // 工作目标, 成果形式
	leadCol
	responsibleCol
	cooperatingCol
	leaderCol
	timeCol
	noteCol
)

// columnWords are looked for in the head of a column, in this order.
var columnWords = []struct {
	column column
	words  []string
}{
	{numberCol, []string{"序号", "编号", "项次", "周次"}},
	{timeCol, []string{"时限", "时间", "期限", "日期", "节点", "月份", "进度"}},
	{noteCol, []string{"备注", "说明", "电话", "完成情况", "进展", "依据", "来源", "联系人", "地点", "场地", "对象", "人数", "形式", "评分", "分值", "自评", "得分"}},
	{goalCol, []string{"成果", "成效", "预期", "工作目标", "目标要求", "完成标志", "完成标准"}},
	{detailCol, []string{"具体", "举措", "措施", "内容", "要求", "做法", "要点"}},
	{groupCol, []string{"类别", "分类", "领域", "板块", "一级", "大项", "方面"}},
	{taskCol, []string{"任务", "事项", "工作", "活动", "问题", "指标", "项目", "目标", "主题", "名称"}},
	{responsibleCol, []string{"部门", "单位", "科室", "处室", "承办", "责任"}},
}

var roleColumns = map[role]column{leading: leadCol, responsible: responsibleCol, cooperating: cooperatingCol, leader: leaderCol, timeLimit: timeCol}

// columnOf reads the head of a column; noColumn when it is none.
func columnOf(head string) column {
	t := bare(head)
	if n := runes(t); n < 2 || n > 12 || strings.ContainsAny(t, "。，；") {
		return noColumn
	}
	if m, ok := markerAt(t, 0); ok && m.form <= arab {
		return noColumn // a heading
	}
	r, n := roleName(t)
	if c := roleColumns[r]; c != noColumn && (n == len(t) || in(openers+"/、", first(t[n:]))) {
		return c
	}
	for _, w := range columnWords {
		if hasAny(t, w.words) {
			return w.column
		}
	}
	return noColumn
}

// cell is one cell of a table, and the block that it stands in.
type cell struct {
	text   string
	merged bool
	block  int
	from   int
}

// table is a table with its columns known.
type table struct {
	columns   []column
	rows      [][]cell
	lastBlock int
	warning   string
}

// isHead tells the head of the table, which is printed again on every page.
func (t *table) isHead(row []cell) bool {
	known := 0
	for i, c := range row {
		if c.text == "" {
			continue
		}
		if i >= len(t.columns) || columnOf(c.text) != t.columns[i] || t.columns[i] == noColumn {
			return false
		}
		known++
	}
	return known >= 3
}

// headRows is how far down the head of a table is looked for.
const headRows = 6

// tableOf reads a table of the document; a table without a head of tasks and
// units or times has no rows.
func tableOf(rows [][]source.Cell, block int) *table {
	t := &table{lastBlock: block}
	for i := 0; i < len(rows) && i < headRows; i++ {
		heads := make([]string, len(rows[i]))
		for j, c := range rows[i] {
			heads[j] = c.Text
		}
		columns := columnsOf(heads)
		if columns == nil {
			continue
		}
		if i+1 < len(rows) && secondHead(rows[i+1], columns) {
			i++
		}
		t.columns = columns
		for _, r := range rows[i+1:] {
			t.rows = append(t.rows, cellsOf(r, block))
		}
		break
	}
	return t
}

func cellsOf(row []source.Cell, block int) []cell {
	out := make([]cell, len(row))
	for i, c := range row {
		out[i] = cell{text: c.Text, merged: c.Merged, block: block}
	}
	return out
}

// columnsOf reads a head; nil when it names no task, or neither unit nor time.
func columnsOf(heads []string) []column {
	columns := make([]column, len(heads))
	task, who := false, false
	for i, h := range heads {
		columns[i] = columnOf(h)
		task = task || columns[i] >= groupCol && columns[i] <= detailCol
		who = who || columns[i] >= leadCol && columns[i] <= timeCol
	}
	if !task || !who {
		return nil
	}
	return columns
}

// secondHead tells a second row of the head and takes what is finer in it:
// 责任单位 over 牵头 and 配合.
func secondHead(row []source.Cell, columns []column) bool {
	known, finer := 0, 0
	for _, c := range row {
		if c.Merged || c.Text == "" {
			known++
		} else if columnOf(c.Text) != noColumn {
			known++
			finer++
		}
	}
	if known < len(row) || finer < 2 || len(row) != len(columns) {
		return false
	}
	for j, c := range row {
		if fine := columnOf(c.Text); fine != noColumn && !c.Merged {
			columns[j] = fine
		}
	}
	return true
}

// itemColumn is the column whose cells are the items: the finest, of equals the
// one on the right.
func (t *table) itemColumn() int {
	best := -1
	for i, c := range t.columns {
		if c >= groupCol && c <= detailCol && (best < 0 || c >= t.columns[best]) {
			best = i
		}
	}
	return best
}

// tableItems are the items of a table, one a row.
func (r *reader) tableItems(t *table, w where) []Item {
	main := t.itemColumn()
	if main < 0 {
		return nil
	}
	var out []Item
	section := w.section
	for i, row := range t.rows {
		if t.isHead(row) {
			continue
		}
		if alone, ok := spanning(row); ok {
			section = stripNumber(alone)
			continue
		}
		c := at(row, main)
		text := bareLines(c.text)
		if text == "" {
			c, text = t.coarser(row, main)
		}
		if text == "" || text == "合计" || isUnchanged(out, t, i, main) {
			if len(out) > 0 {
				r.addCells(&out[len(out)-1], t, row)
			}
			continue
		}
		it := Item{Item: plan.Item{Section: section, Heading: heading(stripNumber(text)), Text: text}}
		if col := t.groupColumn(main); col >= 0 {
			g := t.group(i, col)
			if _, steps := markerAt(text, 0); steps && g != "" && !at(row, col).merged && at(row, col).text != "" {
				it.Heading, it.Text = heading(g), g+text // the cell holds the steps of the task beside it
				g = t.group(i, t.groupColumn(col))
			}
			if g != "" {
				it.Section = g
			}
		}
		it.No = join(w.no, t.number(row, len(out)+1))
		it.Places = append(it.Places, r.cellPlace("heading", c), r.cellPlace("text", c))
		r.addCells(&it, t, row)
		if t.warning != "" {
			it.Warnings = append(it.Warnings, t.warning)
		}
		out = append(out, it)
	}
	return out
}

func at(row []cell, i int) cell {
	if i < len(row) {
		return row[i]
	}
	return cell{}
}

// isUnchanged tells a row whose item goes on from the row above: its cell is
// part of a merged one.
func isUnchanged(out []Item, t *table, row, main int) bool {
	c := at(t.rows[row], main)
	if !c.merged || row == 0 || len(out) == 0 {
		return false
	}
	return at(t.rows[row-1], main).text == c.text
}

// spanning tells a row that is one cell over the whole width: a heading.
func spanning(row []cell) (string, bool) {
	text := ""
	for i, c := range row {
		if c.text == "" {
			continue
		}
		if text != "" && (c.text != text || !c.merged) || text == "" && i > 0 {
			return "", false
		}
		text = c.text
	}
	_, n := arabNumber(text)
	return bareLines(text), text != "" && len(row) > 1 && n < len(text)
}

// coarser is the cell of another column of words, where the finest is empty.
func (t *table) coarser(row []cell, main int) (cell, string) {
	for i := len(t.columns) - 1; i >= 0; i-- {
		if c := t.columns[i]; i != main && c >= groupCol && c <= detailCol && i < len(row) && !row[i].merged {
			if text := bareLines(row[i].text); text != "" {
				return row[i], text
			}
		}
	}
	return cell{}, ""
}

// groupColumn is the next column of words left of another; -1: none.
func (t *table) groupColumn(of int) int {
	for i := of - 1; i >= 0; i-- {
		if c := t.columns[i]; c >= groupCol && c <= detailCol {
			return i
		}
	}
	return -1
}

// group is what a column says that a row belongs to; an empty cell belongs to the
// one above.
func (t *table) group(row, col int) string {
	for up := row; up >= 0 && up > row-200 && col >= 0; up-- {
		if text := bareLines(at(t.rows[up], col).text); text != "" {
			return stripNumber(text)
		}
	}
	return ""
}

func (t *table) number(row []cell, count int) string {
	for i, c := range t.columns {
		if c == numberCol && i < len(row) && !row[i].merged {
			if n := strings.Trim(bare(row[i].text), "."); n != "" && runes(n) <= 8 {
				return n
			}
		}
	}
	return strconv.Itoa(count)
}

// addCells reads the cells of units, leaders and times into an item.
func (r *reader) addCells(it *Item, t *table, row []cell) {
	u := newUnits()
	for i, c := range row {
		if i >= len(t.columns) || bare(c.text) == "" {
			continue
		}
		switch t.columns[i] {
		case timeCol:
			if it.Column == "" {
				it.Column = bareLines(c.text)
				it.Places = append(it.Places, r.cellPlace("deadline", c))
			}
		case leadCol:
			r.cellUnits(u, leading, c)
		case responsibleCol:
			r.cellUnits(u, responsible, c)
		case cooperatingCol:
			r.cellUnits(u, cooperating, c)
		case leaderCol:
			r.cellUnits(u, leader, c)
		}
	}
	u.settle(it)
}

// cellUnits reads the units of a cell, which may itself say 牵头 and 配合.
func (r *reader) cellUnits(u *units, as role, c cell) {
	s := &sheet{text: c.text}
	all := span{0, len(c.text)}
	parts := []part{{role: as, names: s.names(s.withoutTail(all))}}
	if roles := s.rolesIn(all, false); len(roles) > 0 {
		parts = s.rolesParts(roles, all.to)
	} else if p := s.clauses(all); len(p) > 1 {
		parts = p
	}
	for _, p := range parts {
		for _, n := range p.names {
			if isNobody(n.text) {
				continue
			}
			place := r.cellPlace("", c)
			if len(r.sheet.doc.Blocks[c.block].Rows) == 0 {
				place.From, place.To = c.from+n.at.from, c.from+n.at.to
			}
			u.add(p.role, n.text, place)
		}
	}
}

// isNobody tells marks of an empty cell.
func isNobody(s string) bool { return strings.Trim(s, "-—－/／\\无 ") == "" }

func (r *reader) cellPlace(field string, c cell) plan.Place {
	b := r.sheet.doc.Blocks[c.block]
	p := plan.Place{Field: field, Page: b.Place.Page, Line: b.Place.Line}
	if len(b.Rows) == 0 {
		p.From, p.To = c.from, min(len(b.Text), c.from+len(c.text))
	}
	return p
}

// bareLines is the text of a cell on one line.
func bareLines(s string) string {
	return strings.TrimSpace(strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == '\n' || r == '\r' }), ""))
}

// stripNumber is a heading without the number before it.
func stripNumber(s string) string {
	if m, ok := markerAt(s, 0); ok {
		return strings.TrimSpace(s[m.end:])
	}
	return s
}
