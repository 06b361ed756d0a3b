package outline

import "strings"

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
		if k < 0 || out[k].table != nil || out[k].tagged && !alone && len(out[k].at) > 0 && !r.saysWhat(l) {
			out = append(out, group{timed: timeLabel(r.sheet.text[l.from:l.to]) > 0})
			k++
		}
		out[k].tags = append(out[k].tags, tags...)
		out[k].at = append(out[k].at, withoutPlain(r.sheet.text, l, tags)...)
		out[k].tagged = out[k].tagged || len(tags) > 0 && l.to-tags[len(tags)-1].at.to <= len("。")
	}
	return out
}

// saysWhat tells a line with a label of what is to be done, 任务内容：…: it belongs
// to the heading whose units stand above it.
func (r *reader) saysWhat(l span) bool {
	text := r.sheet.text[l.from:l.to]
	w := longest(text, whatLabels)
	return w != "" && in(colons, first(text[len(w):]))
}

// whatLabels are labels of the words of a task.
var whatLabels = []string{"任务内容", "工作内容", "主要内容", "具体内容", "建设内容", "工作任务", "主要任务", "目标任务", "工作目标", "年度目标", "工作要求", "工作措施", "具体措施", "主要措施", "整改措施", "整改目标", "工作举措", "具体举措", "阶段目标", "预期成效", "预期成果", "推进措施"}

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
