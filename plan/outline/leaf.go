package outline

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"duban/plan"
)

// where is what an item takes from the headings above it.
type where struct {
	no      string
	section string
	tags    []tag
	leader  string
	column  string
	goal    bool
}

// visit reads a heading and all below it.
func (r *reader) visit(n *node, w where) {
	if r.count > MostItems {
		return
	}
	if n.part != nil {
		r.attachment(n, w)
		return
	}
	title := r.title(n)
	tags := tagsIn(r.tags, n.full)
	if isPurpose(title, n.mark.form) && len(tags) == 0 {
		for _, c := range n.children { // 总体要求 may hold the goals
			if isGoal(r.title(c)) {
				r.visit(c, where{no: join(w.no, n.mark.label), section: title})
			}
		}
		return
	}
	below := w
	below.no, below.section = join(w.no, n.mark.label), title
	below.goal = w.goal || isGoal(title)
	if p := postOf(title); p != "" {
		below.leader = p
	}
	if n.mark.form == month {
		below.section, below.column = n.mark.label, n.mark.label
	} else if label := timeHeading(title); label != "" {
		below.column = label
	}
	own := tagsIn(r.tags, n.own)
	if t, ok := r.unitHeading(n); ok {
		below.tags = []tag{t}
	}
	switch {
	case len(n.children) == 0 || isStage(title) && len(tags) == len(own) || r.sharesTag(n):
		r.leaf(n, w, title)
	default:
		if len(own) > 0 {
			below.tags = own
		}
		r.tablesIn(n, below)
		for _, c := range n.children {
			r.visit(c, below)
		}
	}
}

// unitHeading reads a heading that is the name of a unit: what stands below it is
// the unit's.
func (r *reader) unitHeading(n *node) (tag, bool) {
	at := r.headingSpan(n.own)
	if at.to-at.from > longestName*6 {
		return tag{}, false
	}
	names := r.sheet.names(at)
	if len(names) == 0 || !allUnits(names) || isLabel(names[0].text) {
		return tag{}, false
	}
	return tag{at: at, parts: []part{{role: responsible, names: names}}}, true
}

// sharesTag says that a single tag stands below all steps of a duty: the duty is
// the item, and its steps are the text.
func (r *reader) sharesTag(n *node) bool {
	if len(n.children) < 2 || len(tagsIn(r.tags, n.own)) > 0 || r.ownTags[n.children[0].mark.form] {
		return false
	}
	for i, c := range n.children {
		lastOne := i == len(n.children)-1
		if len(c.children) > 0 || (len(tagsIn(r.tags, c.own)) > 0) != lastOne {
			return false
		}
	}
	lines := r.sheet.linesIn(n.children[len(n.children)-1].own)
	tags := tagsIn(r.tags, n.children[len(n.children)-1].own)
	return len(lines) > 1 && tags[0].at.from <= lines[len(lines)-1].from
}

// noteTags notes the levels on which single headings have tags of their own: there
// a tag below the last of several is that one's alone.
func (r *reader) noteTags(n *node) {
	for i, c := range n.children {
		if len(c.children) == 0 && i+1 < len(n.children) && len(tagsIn(r.tags, c.own)) > 0 {
			r.ownTags[c.mark.form] = true
		}
		r.noteTags(c)
	}
}

// attachment reads an attachment: its headings, or what stands in it without any.
func (r *reader) attachment(n *node, w where) {
	if longest(reversed(n.part.title), blankForms) != "" {
		return
	}
	w = where{no: n.part.no, section: n.part.no, leader: postOf(n.part.title)}
	before := r.count
	r.tablesIn(n, w)
	for _, c := range n.children {
		r.visit(c, w)
	}
	if r.count == before && len(n.children) == 0 {
		leaf := &node{own: n.own, full: n.own}
		for _, g := range r.groups(leaf) {
			if g.table == nil && (g.tagged || g.timed) {
				r.add(r.item(g, w))
			}
		}
	}
}

// blankForms end the title of an attachment to be filled in, written backwards.
var blankForms = []string{reversed("回执"), reversed("报名表"), reversed("汇总表"), reversed("申报表"), reversed("登记表"), reversed("名单"), reversed("样表"), reversed("模板"), reversed("评分表"), reversed("申请表"), reversed("承诺书")}

func reversed(s string) string {
	out := make([]byte, 0, len(s))
	for len(s) > 0 {
		_, n := utf8.DecodeLastRuneInString(s)
		out = append(out, s[len(s)-n:]...)
		s = s[:len(s)-n]
	}
	return string(out)
}

// tablesIn reads the tables that stand directly under a heading.
func (r *reader) tablesIn(n *node, w where) {
	for _, l := range r.sheet.linesIn(n.own) {
		if t := r.sheet.tables[l.from]; t != nil {
			r.add(r.tableItems(t, w)...)
		}
	}
}

// title is a heading's words: its first sentence, without a tag behind it.
func (r *reader) title(n *node) string {
	at := r.headingSpan(n.own)
	return strings.TrimRight(r.sheet.words(at), "：: ")
}

// headingSpan is the first sentence of a span, on its first line, up to a tag.
func (r *reader) headingSpan(at span) span {
	at = r.sheet.trim(at)
	if i := strings.IndexAny(r.sheet.text[at.from:at.to], "。\n"); i >= 0 {
		at.to = at.from + i
	}
	for _, t := range tagsIn(r.tags, at) {
		if t.at.from > at.from {
			at.to = t.at.from
			break
		}
	}
	return r.sheet.trim(at)
}

// group is a stretch of text that makes one item, with its tags.
type group struct {
	at     []span // without tags that stand alone
	tags   []tag
	tagged bool
	timed  bool
	table  *table
}

// within tells whether an offset stands inside the last tag.
func (g *group) within(at int) bool {
	k := len(g.tags) - 1
	return k >= 0 && g.tags[k].at.from < at && at < g.tags[k].at.to
}

// groups parts the text of a heading: a tag closes an item, and a table stands alone.
func (r *reader) groups(n *node) []group {
	var out []group
	for _, l := range r.pieces(n.full) {
		if t := r.sheet.tables[l.from]; t != nil {
			out = append(out, group{table: t})
			continue
		}
		tags := tagsIn(r.tags, l)
		alone := len(tags) > 0 && tags[0].at.from <= l.from
		k := len(out) - 1
		if k >= 0 && out[k].within(l.from) {
			if !out[k].tags[len(out[k].tags)-1].plain {
				out[k].at = append(out[k].at, l) // the rest of a tag broken over two lines
			}
			continue
		}
		if k < 0 || out[k].table != nil || out[k].tagged && !alone && len(out[k].at) > 0 {
			out = append(out, group{timed: timeLabel(r.sheet.text[l.from:l.to]) > 0})
			k++
		}
		out[k].tags = append(out[k].tags, tags...)
		out[k].at = append(out[k].at, withoutPlain(r.sheet.text, l, tags)...)
		out[k].tagged = out[k].tagged || len(tags) > 0 && l.to-tags[len(tags)-1].at.to <= len("。")
	}
	return out
}

// withoutPlain is a line without the tags that stand in it without brackets.
func withoutPlain(text string, l span, tags []tag) []span {
	var out []span
	for _, t := range tags {
		if !t.plain {
			continue
		}
		if head := strings.TrimRight(text[l.from:max(l.from, t.at.from)], "，,；; "); head != "" {
			out = append(out, span{l.from, l.from + len(head)})
		}
		l.from = max(l.from, t.at.to)
	}
	if l.from < l.to {
		out = append(out, l)
	}
	return out
}

// pieces are the lines of a span, parted behind a tag that ends a sentence.
func (r *reader) pieces(at span) []span {
	var out []span
	for _, l := range r.sheet.linesIn(at) {
		for _, t := range tagsIn(r.tags, l) {
			prev, _ := before(r.sheet.text, t.at.from)
			if !t.plain && in("。；", prev) && t.at.to < l.to && l.to-t.at.to > len("。") && t.at.to > l.from {
				out = append(out, span{l.from, t.at.to})
				l = r.sheet.trim(span{t.at.to, l.to})
			}
		}
		if l.from < l.to {
			out = append(out, l)
		}
	}
	return out
}

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
		it := r.item(g, w)
		if it.No = w.no; k > 1 {
			it.Warnings = append(it.Warnings, "原文此处没有序号，按其责任标注单列为一项，请核对。")
		}
		it.No += "#" + strconv.Itoa(k)
		r.add(it)
	}
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
	if len(g.at) == 0 {
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

// item makes the item of a stretch of text.
func (r *reader) item(g group, w where) Item {
	s := r.sheet
	var b strings.Builder
	for _, l := range g.at {
		b.WriteString(s.words(l))
	}
	it := Item{Item: plan.Item{No: w.no, Section: w.section, Text: b.String()}}
	if !strings.ContainsAny(it.Text, "月日") {
		it.Column = w.column // the month of the heading above, where it says nothing nearer
	}
	if len(g.at) > 0 {
		at := r.headingSpan(g.at[0])
		it.Heading = heading(s.words(at))
		it.Places = append(it.Places, s.place("heading", at), s.place("text", g.at[0]))
	}
	if timeLabel(it.Text) > 0 {
		it.Type = "milestone"
	}
	r.responsibility(&it, g, w)
	if w.leader != "" && len(it.Leader) == 0 {
		it.Leader = []string{w.leader}
	}
	return it
}

// responsibility gives an item its units: from its own tags, else from the
// subject of its sentence, else from the heading above.
func (r *reader) responsibility(it *Item, g group, w where) {
	u := newUnits()
	for _, t := range g.tags {
		u.tag(r.sheet, t)
		r.timeTag(it, t)
	}
	if u.empty() {
		r.subjects(it, g, u)
	}
	if u.empty() {
		for _, t := range w.tags {
			u.tag(r.sheet, t)
			r.timeTag(it, t)
		}
	}
	if u.empty() && mentionsDuty(it.Text) {
		it.Warnings = append(it.Warnings, "文中提到牵头或责任，但未能认出是哪个单位，请核对。")
	}
	u.settle(it)
}

func (r *reader) timeTag(it *Item, t tag) {
	for _, p := range t.parts {
		if p.role == timeLimit && it.Column == "" {
			it.Column = r.sheet.words(p.words)
			it.Places = append(it.Places, r.sheet.place("deadline", p.words))
		}
	}
}

// subjects takes the subject of the first sentence, of the first behind a short
// heading, and of the steps of a stage.
func (r *reader) subjects(it *Item, g group, u *units) {
	for i, l := range g.at {
		from := l.from
		if m, ok := markerAt(r.sheet.text, l.from); ok && i > 0 {
			from = m.end
		} else if i > 1 || i == 1 && endsSentence(r.sheet.text[g.at[0].from:g.at[0].to]) && !in(closers, last(r.sheet.text[g.at[0].from:g.at[0].to])) {
			continue
		}
		sentences := []span{{from, l.to}}
		if i == 1 {
			if all := r.sheet.clausesByUnit(sentences[0]); all != nil {
				sentences = all
			}
		}
		for _, c := range sentences {
			names, as := r.sheet.subject(c)
			for _, n := range names {
				u.add(as, n.text, r.sheet.place("", n.at))
			}
		}
		if i == 0 {
			r.afterHeading(l, u)
		}
	}
	if u.empty() {
		for _, l := range g.at {
			r.sheet.charge(l, u)
		}
	}
	if !u.empty() {
		it.Warnings = append(it.Warnings, "责任单位取自句子的主语，请核对。")
	}
}

// shortHeading is how long a heading is at most that a sentence follows on the
// same line, in runes.
const shortHeading = 24

// afterHeading takes the subject of the sentence behind a heading on its line:
// "（三）整改阶段。各二级学院逐项销号".
func (r *reader) afterHeading(l span, u *units) {
	h := r.headingSpan(l)
	rest := l.to - h.to
	if runes(r.sheet.text[h.from:h.to]) > shortHeading || rest <= len("。") || !strings.HasPrefix(r.sheet.text[h.to:], "。") {
		return
	}
	names, as := r.sheet.subject(span{h.to + len("。"), l.to})
	for _, n := range names {
		u.add(as, n.text, r.sheet.place("", n.at))
	}
}

// mentionsDuty tells a text that speaks of who is responsible.
func mentionsDuty(s string) bool {
	return hasAny(s, []string{"责任单位：", "责任部门：", "牵头单位：", "牵头部门：", "牵头负责）", "分工负责）", "责任单位:", "责任部门:", "负责)", "负责）"})
}
