package text

import (
	"cmp"
	"slices"
	"strings"
)

// entry is one matter in a message: the words of its gravest notice and the ids
// of all of them.
type entry struct {
	N      int    // its number in a digest, 0 when it stands alone
	Title  string // 催办
	Says   string // the text after 【催办】
	Slip   string
	Light  mark
	Left   string // 还有 3 个工作日, where the text does not say it
	Source string // 任务来源
	Notes  []note
	Act    string // what the link is called
	Link   string
	Resent bool
	IDs    []string

	voice voice
	tells bool
}

// note is one labelled line under the text.
type note struct{ Label, Text string }

// mark is a light: a shape and a word, so that nothing is lost without colour.
type mark struct{ Shape, Word, Colour, Class string }

var (
	red   = mark{"▲", "逾期", "#c9252d", "r"}
	amber = mark{"◆", "预警", "#b7791f", "a"}
	green = mark{"●", "正常", "#2f7d4f", "g"}
	fresh = mark{"○", "未开始", "#57606a", "m"}
	done  = mark{"✓", "办结", "#2f7d4f", "g"}
)

// nearDays is from when a light is amber if the line does not bring its own: the
// first reminder's distance, in work days.
const nearDays = 7

// light finds the light of a line.
func light(v voice, w wording) mark {
	overdue := v.date() != 0 && v.Left < 0
	near := v.date() != 0 && v.Left <= nearDays && v.Light == "" && !v.framed()
	switch {
	case w.late, v.Late && overdue: // some late reasons speak before the deadline: who has not signed, who was urged
		return red
	case w.light == lampNone:
		return mark{}
	case w.light == lampDone:
		return done
	case v.Light == "red" || overdue && v.Light == "":
		return red
	case v.Light == "yellow" || v.Light == "orange" || near:
		return amber
	case w.light == lampFresh:
		return fresh
	}
	return green
}

// entries makes one entry a matter, overdue and gravest first. Lines without a
// number each stand alone.
func entries(d Digest, lines []Line) []entry {
	var all [][]Line
	at := map[string]int{}
	for _, l := range lines {
		i, known := at[l.Slip]
		if l.Slip == "" || !known {
			at[l.Slip] = len(all)
			all = append(all, []Line{l})
			continue
		}
		all[i] = append(all[i], l)
	}
	out := make([]entry, 0, len(all))
	for _, same := range all {
		out = append(out, newEntry(d, same))
	}
	slices.SortStableFunc(out, before)
	for i := range out {
		if len(out) > 1 {
			out[i].N = i + 1
		}
	}
	return out
}

// before orders entries: overdue, then grave, then soon due, then by number.
func before(a, b entry) int {
	late := func(e entry) int {
		if e.Light == red {
			return 0
		}
		return 1
	}
	return cmp.Or(
		cmp.Compare(late(a), late(b)),
		cmp.Compare(b.voice.Gravity, a.voice.Gravity),
		cmp.Compare(a.voice.Left, b.voice.Left),
		cmp.Compare(a.voice.Slip, b.voice.Slip),
	)
}

// newEntry words the gravest of the lines that are about one matter.
func newEntry(d Digest, same []Line) entry {
	gravest, sensitive := same[0], false
	for _, l := range same {
		sensitive = sensitive || l.Sensitive
		if l.Gravity > gravest.Gravity {
			gravest = l
		}
	}
	gravest.Sensitive = sensitive
	w, v := wordingOf(gravest.Reason), newVoice(d, gravest)
	e := entry{Title: v.Title, Says: said(w, v), Slip: v.Slip, Light: light(v, w),
		Act: act(v, w), Link: v.Link, Resent: v.Resent, voice: v, tells: w.tells}
	if left := v.left(); e.Light != (mark{}) && e.Light != done && !v.framed() && !strings.Contains(e.Says, left) {
		e.Left = left
	}
	e.Source, e.Notes = source(v), append(notes(v), swallowed(d, v, same)...)
	if name := clean(gravest.For, 20); name != "" && d.Group == "" && !standsInForAll(d) {
		e.Notes = append(e.Notes, note{"代收", name + "休假，请代为办理。"})
	}
	for _, l := range same {
		e.IDs = append(e.IDs, l.ID)
	}
	return e
}

// said is the text of a line; after a cut no full stop follows.
func said(w wording, v voice) string { return strings.ReplaceAll(w.says(v), "…。", "…") }

// act is what the link of a line is called.
func act(v voice, w wording) string {
	switch {
	case v.Coop:
		return "查看"
	case w.act == "反馈" && v.recurs() && w.topic == nil:
		return "登记"
	}
	return w.act
}

// notes say why the day that counts is not the day on paper.
func notes(v voice) []note {
	if !v.rolled() || v.Why == "" {
		return nil
	}
	return []note{{"时限说明", v.Why + "。"}}
}

// swallowed notes what the graver notice of the same matter leaves unsaid.
func swallowed(d Digest, v voice, same []Line) []note {
	var out []note
	for _, l := range same {
		l.Sensitive = v.Sensitive
		switch w := wordingOf(l.Reason); {
		case l.Reason == v.Reason:
		case l.Reason == "issued" && !l.Coop:
			out = append(out, note{"一并交办", "本事项同时交办，请及时签收。"})
		case w.kept:
			o := newVoice(d, l)
			out = append(out, note{o.Title, said(w, o)})
		}
	}
	return out
}

// source is 《…》三.(一).1（文件表述：2月底）.
func source(v voice) string {
	if v.Plan == "" {
		return ""
	}
	s := titled(v.Plan) + v.Item
	if v.When != "" {
		s += "（文件表述：" + v.When + "）"
	}
	return s
}
