package outline

import (
	"strings"

	"duban/plan"
)

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
