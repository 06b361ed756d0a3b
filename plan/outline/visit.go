package outline

import "strings"

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
	below := r.below(n, w, title)
	own := tagsIn(r.tags, n.own)
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

// below is what the headings under one take from it.
func (r *reader) below(n *node, w where, title string) where {
	w.no, w.section = join(w.no, n.mark.label), title
	w.goal = w.goal || isGoal(title)
	if p := postOf(title); p != "" {
		w.leader = p
	}
	if n.mark.form == month {
		w.section, w.column = n.mark.label, n.mark.label
	} else if label := timeHeading(title); label != "" {
		w.column = label
	}
	if t, ok := r.unitHeading(n); ok {
		w.tags = []tag{t}
	}
	return w
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
	if endsWith(n.part.title, blankForms) {
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

// blankForms end the title of an attachment to be filled in.
var blankForms = []string{"回执", "报名表", "汇总表", "申报表", "登记表", "名单", "样表", "模板", "评分表", "申请表", "承诺书"}

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
