package outline

import (
	"strconv"
	"strings"
)

// leaf reads a heading that has no numbered items below it.
func (r *reader) leaf(n *node, w where, title string) {
	w.no = join(w.no, n.mark.label)
	groups := r.groups(n)
	text, tagged := 0, 0
	for _, g := range groups {
		if g.table != nil {
			below := w
			below.section = title
			r.add(r.tableItems(g.table, below)...)
			continue
		}
		text++
		if g.tagged {
			tagged++
		}
	}
	switch {
	case text < len(groups) && tagged == 0: // a heading over a table
	case tagged > 1:
		r.several(n, w, title, groups)
	default:
		r.single(n, w, title, groups)
	}
}

// several adds an item for every stretch of text that has a tag of its own.
func (r *reader) several(n *node, w where, title string, groups []group) {
	if len(groups[0].at) > 1 && r.headsLine(n, title) {
		groups[0].at = groups[0].at[1:]
		w.section = title
	}
	k := 0
	for _, g := range groups {
		if g.table != nil || !g.tagged {
			continue // behind the last tag: closing words
		}
		k++
		no := w.no + "#" + strconv.Itoa(k)
		m, numbered := r.fineNumber(g)
		if numbered {
			g.at[0].from = m.end
			no = join(w.no, m.label)
		}
		it := r.item(g, w)
		if it.No = no; k > 1 && !numbered {
			it.Warnings = append(it.Warnings, "原文此处没有序号，按其责任标注单列为一项，请核对。")
		}
		r.add(it)
	}
}

// fineNumber is the number such as （1） that a stretch of text begins with.
func (r *reader) fineNumber(g group) (marker, bool) {
	if len(g.at) == 0 {
		return marker{}, false
	}
	m, ok := markerAt(r.sheet.text[:g.at[0].to], g.at[0].from)
	return m, ok && m.form == arabParen
}

// headsLine says that a heading stands alone on its line.
func (r *reader) headsLine(n *node, title string) bool {
	lines := r.sheet.linesIn(n.own)
	return len(lines) > 1 && r.headingSpan(n.own).to >= lines[0].to-len("。") && runes(title) <= headingLength
}

// single adds the item of a heading, or one for each paragraph of a mere label.
func (r *reader) single(n *node, w where, title string, groups []group) {
	var g group
	for i, x := range groups {
		if i > 0 && groups[i-1].tagged && r.isClosing(x) {
			break
		}
		g.at = append(g.at, x.at...)
		g.tags = append(g.tags, x.tags...)
	}
	if len(g.at) == 0 || r.saysNothing(title, g) {
		return
	}
	if w.goal || isGoal(title) {
		r.goal(n, w, title, g)
		return
	}
	if r.headsLine(n, title) && len(g.at) > 1 {
		timed := r.timedLines(g.at[1:]) || r.unitLines(g.at[1:])
		if len(g.tags) == 0 && (isLabel(title) && !isStage(title) || timed) {
			r.label(w, title, g.at[1:])
			return
		}
		if isLabel(title) && !isStage(title) {
			g.at, w.section = g.at[1:], title
		}
	}
	if len(g.tags) == 0 && len(g.at) == 1 {
		if parts := r.sheet.clausesByUnit(g.at[0]); parts != nil {
			r.byUnit(w, parts)
			return
		}
	}
	it := r.item(g, w)
	it.No = w.no
	r.noteNumber(&it, n)
	if isStage(title) {
		it.Type = "milestone"
	}
	r.add(it)
}

// saysNothing tells what is no duty: whom to call, and a label over lines of units.
func (r *reader) saysNothing(title string, g group) bool {
	if longest(title, []string{"联系人", "联系电话", "联系方式", "咨询电话"}) != "" {
		return true
	}
	return len(g.at) == 1 && len(g.tags) > 0 && g.tags[0].plain && isLabel(title) && namesWho(title) && runes(r.sheet.words(g.at[0])) <= runes(title)+1
}

// namesWho tells a label of those who act, not of what is done.
func namesWho(title string) bool {
	return hasAny(title, []string{"责任", "分工", "单位", "部门", "组织", "领导", "机构", "人员", "职责"})
}

// noteNumber says what is odd about the number of an item.
func (r *reader) noteNumber(it *Item, n *node) {
	if n.mark.lost {
		it.Warnings = append(it.Warnings, "原文缺少序号，按顺序补为“"+n.mark.label+"”。")
	}
	if n.skipped > 0 {
		it.Warnings = append(it.Warnings, "本项之前缺 "+strconv.Itoa(n.skipped)+" 个序号，中间的事项可能缺失。")
	}
}

func (r *reader) timedLines(lines []span) bool {
	count := 0
	for _, l := range lines {
		if timeLabel(r.sheet.text[l.from:l.to]) > 0 {
			count++
		}
	}
	return count >= 2
}

// unitLines tells paragraphs that begin with a unit and a colon: 教务处：….
func (r *reader) unitLines(lines []span) bool {
	count := 0
	for _, l := range lines {
		if i := strings.IndexAny(r.sheet.text[l.from:l.to], colons); i > 0 && i < 90 && isUnit(r.sheet.text[l.from:l.from+i]) {
			count++
		}
	}
	return count >= 2 && count == len(lines)
}

// label adds the paragraphs under a heading that only names them.
func (r *reader) label(w where, title string, lines []span) {
	w.section = title
	lines = r.withoutNames(lines)
	for i, l := range lines {
		it := r.item(group{at: []span{l}}, w)
		if it.No = w.no; len(lines) > 1 {
			it.No += "#" + strconv.Itoa(i+1)
		}
		r.add(it)
	}
}

// withoutNames leaves out the members of a group: 组长：…
func (r *reader) withoutNames(lines []span) []span {
	var out []span
	for _, l := range lines {
		if longest(r.sheet.text[l.from:l.to], []string{"组长：", "组长:", "副组长", "成员：", "成员:", "组 长", "成 员", "主任：", "副主任：", "附件", "联系"}) == "" {
			out = append(out, l)
		}
	}
	return out
}

func (r *reader) byUnit(w where, parts []span) {
	for i, p := range parts {
		it := r.item(group{at: []span{p}}, w)
		it.No = w.no + "#" + strconv.Itoa(i+1)
		r.add(it)
	}
}

// goal adds what is to be reached, where it says by when.
func (r *reader) goal(n *node, w where, title string, g group) {
	if len(g.at) > 1 && r.headsLine(n, title) {
		g.at, w.section = g.at[1:], title
	}
	it := r.item(g, w)
	it.No = w.no
	if len(it.Lead) == 0 && n.mark.form <= hanParen {
		it.Type = "goal"
		if !strings.ContainsAny(it.Text, "0123456789") || !strings.Contains(it.Text, "年") {
			return
		}
	}
	r.noteNumber(&it, n)
	r.add(it)
}

// isClosing tells words behind the last item that close the document.
func (r *reader) isClosing(g group) bool {
	if len(g.at) == 0 {
		return true
	}
	text := r.sheet.text[g.at[0].from:g.at[0].to]
	return longest(text, []string{"各", "请各", "全校", "以上", "本方案", "本通知", "特此"}) != ""
}
