// Package outline finds the items of a document: its heading hierarchy, its
// title and issuer, and for every item the units that are responsible.
//
// The hierarchy is a grammar of number series (number.go, series.go), not a
// format: a level is known by the form of its numbers, and a number counts only
// where its series goes on. Responsibility is read from tags (tag.go), tables
// (table.go) and the subjects of sentences (subject.go).
package outline

import (
	"strconv"
	"strings"

	"duban/plan"
	"duban/plan/source"
)

// Item is an item as it stands in the document, with its time words unread.
type Item struct {
	plan.Item
	Column string // the cell of a table's deadline column, or of a tag that names a time limit (完成时限：…); "" without one
}

// Outline is a document in its parts.
type Outline struct {
	Title    string
	Issuer   string
	Number   string // 发文字号
	Issued   string // the date of issue as printed
	Year     int    // the year that title, number or opening name; 0: none
	Secret   string // 秘密, 机密, 绝密 as printed in the head; "" without one
	Items    []Item
	Warnings []string
}

// reader is one reading of one document.
type reader struct {
	sheet *sheet
	tags  []tag
	out   *Outline
	used  map[string]int // item numbers given
	count int
	// ownTags are the levels whose headings have tags of their own.
	ownTags [forms]bool
}

// MostItems bounds the items of a plan: what has more is no plan, and the reader
// stops there.
const MostItems = 5000

// Of finds the parts of a document.
func Of(d *source.Document) *Outline {
	folded, back := fold(d)
	out := outlineOf(folded)
	if back != nil {
		out.printed(back)
	}
	return out
}

// outlineOf finds the parts of a document in simplified characters.
func outlineOf(d *source.Document) *Outline {
	s := newSheet(d)
	r := &reader{sheet: s, out: &Outline{}, used: map[string]int{}}
	r.tags = s.findTags()
	cuts := s.findCuts()
	marks := s.structure(cuts, r.tags)
	root := s.tree(marks, cuts)
	r.head(cuts, marks)
	r.noteTags(root)
	r.tablesIn(root, where{})
	for _, n := range root.children {
		r.visit(n, r.start(n, cuts))
	}
	if r.count == 0 {
		r.whole(root)
	}
	r.doubts(root)
	return r.out
}

// start is what the first level takes from the document: in one that begins in
// the middle and goes on with 附件2, what is before it was 附件1.
func (r *reader) start(n *node, c *cuts) where {
	if n.part == nil && n.mark.form == arab && r.out.Title == "" && len(c.attach) > 0 && c.attach[0].no == "附件2" {
		return where{no: "附件1", section: "附件1"}
	}
	return where{}
}

// add takes an item into the outline and gives it a number of its own.
func (r *reader) add(items ...Item) {
	for _, it := range items {
		if r.count++; r.count > MostItems+1 {
			return
		}
		if it.No == "" {
			it.No = strconv.Itoa(r.count)
		}
		no := it.No
		for r.used[it.No] > 0 {
			r.used[no]++
			it.No = no + "#" + strconv.Itoa(r.used[no])
		}
		r.used[it.No]++
		r.out.Items = append(r.out.Items, it)
	}
}

// whole reads a document without numbered headings: its tables, and paragraphs
// that name who is responsible or begin with a time.
func (r *reader) whole(root *node) {
	at := span{root.own.from, len(r.sheet.text)}
	if root.own.to > root.own.from && len(root.children) > 0 {
		at = root.own
	}
	leaf := &node{own: at, full: at}
	for _, g := range r.groups(leaf) {
		switch {
		case g.table != nil:
			r.add(r.tableItems(g.table, where{})...)
		case g.tagged || g.timed:
			if len(g.at) > 1 && r.isHead(g.at[0]) {
				g.at = g.at[1:]
			}
			r.add(r.item(g, where{no: strconv.Itoa(r.count + 1)}))
		}
	}
}

// isHead tells a line that belongs to the title, or is one.
func (r *reader) isHead(l span) bool {
	words := r.sheet.words(l)
	if r.out.Title == "" && l.from == r.sheet.trim(r.sheet.lines[0]).from && runes(words) <= headingLength && !endsSentence(strings.TrimRight(words, closers)) {
		r.out.Title, r.out.Year = words, yearIn(words)
		return true
	}
	return strings.Contains(r.out.Title, words)
}

// doubts are what is said of the whole document.
func (r *reader) doubts(root *node) {
	if r.out.Title == "" {
		r.out.Warnings = append(r.out.Warnings, "未找到文件标题，请补填。")
	}
	last := 0
	for _, n := range root.children {
		if n.mark.form != han {
			continue
		}
		if last > 0 && n.mark.value > last+1 {
			r.out.Warnings = append(r.out.Warnings, "一级标题由“"+label(han, last)+"”跳到“"+n.mark.label+"”，中间的内容可能缺失，请核对原件。")
		}
		last = n.mark.value
	}
}

// join puts the numbers of the levels together: 三.(一).1.
func join(a, b string) string {
	switch {
	case a == "":
		return b
	case b == "":
		return a
	case strings.HasPrefix(b, a+"."): // 1.1 below 1
		return b
	}
	return a + "." + b
}

// headingLength is how much of a sentence without an end stands as a heading.
const headingLength = 40

// heading is the first sentence of a text.
func heading(text string) string {
	if i := strings.IndexAny(text, "。！？!?\n"); i >= 0 {
		text = text[:i]
	}
	return strings.TrimSpace(strings.TrimRight(cut(strings.TrimSpace(text), headingLength), "；;：: "))
}
