package text

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Part is one WeCom message.
type Part struct {
	Text     string
	Mention  bool     // the unit's liaison is to be mentioned; only ever on the first part
	Markdown bool     // never set so far: a text shows on every client and can mention
	IDs      []string // the notices in this part
	Card     *Card    // the same as a card, where it can be one
}

// WeCom words a digest for a robot as parts of at most limit bytes, split at
// line breaks; each part ends with a line naming the notices in it.
//
// A group hears nothing of a matter that is late or sensitive, and gets no
// link; lines that speak of lateness are left out whoever the receiver is. What
// is left out is in no part's IDs and has to go by mail. Nil when nothing is left.
func WeCom(d Digest, limit int) []Part {
	lines := speakable(d)
	if len(lines) == 0 {
		return nil
	}
	if d.Group == GroupShared {
		return carded(d, lines, pack(shared(d, lines), limit))
	}
	all := entries(d, lines)
	parts := pack(blocks(d, all), limit)
	if len(parts) > 0 && d.Group == GroupUnit {
		parts[0].Mention = asking(all)
	}
	return carded(d, lines, parts)
}

// carded makes a message of one part a card where it can be one.
func carded(d Digest, lines []Line, parts []Part) []Part {
	if len(parts) == 1 {
		parts[0].Card = cardOf(d, lines, parts[0])
	}
	return parts
}

// speakable keeps the lines that may be said over WeCom.
func speakable(d Digest) []Line {
	var out []Line
	for _, l := range d.Lines {
		late := d.Late || l.Late || wordingOf(l.Reason).late
		past := l.Left < 0 && (l.Due != 0 || l.Effective != 0) || l.Light == "red"
		if late || d.Group != "" && (past || l.Sensitive) {
			continue
		}
		out = append(out, l)
	}
	return out
}

// asking tells whether any entry wants something done.
func asking(all []entry) bool {
	for _, e := range all {
		if !e.tells {
			return true
		}
	}
	return false
}

// block is a piece of text that is not split, with the notices it speaks of.
type block struct {
	text string
	ids  []string
}

func blocks(d Digest, all []entry) []block {
	out := make([]block, 0, len(all))
	for _, e := range all {
		out = append(out, block{text: spoken(d, e), ids: e.IDs})
	}
	if len(all) > 1 {
		day := voice{today: d.Date}.short(d.Date)
		head := fmt.Sprintf("%s督办提醒：%d项\n", day, len(all))
		out[0].text = safe(head) + out[0].text
	}
	return out
}

// spoken is one entry as WeCom lines.
func spoken(d Digest, e entry) string {
	var b strings.Builder
	if e.N > 0 {
		fmt.Fprintf(&b, "%d. ", e.N)
	}
	b.WriteString("【" + e.Title + "】" + resent(e.Resent))
	if w := wordingOf(e.voice.Reason); e.Slip != "" && !(w.topic != nil && e.voice.ofRound()) {
		b.WriteString(e.Slip + " ")
	}
	b.WriteString(e.Says)
	for _, n := range e.Notes {
		b.WriteString("\n" + n.Label + "：" + n.Text)
	}
	s := safe(b.String())
	if d.Group == "" && e.Link != "" {
		s += "\n" + e.Act + "：" + e.Link
	}
	return s
}

// shared words what all units may read: the round's own notice, and for
// everything else a count that names nobody.
func shared(d Digest, lines []Line) []block {
	var out []block
	var rest []Line
	for _, l := range lines {
		if l.Reason == "round_notice" {
			e := newEntry(d, []Line{l})
			out = append(out, block{text: safe("【" + e.Title + "】" + resent(e.Resent) + e.Says), ids: e.IDs})
			continue
		}
		rest = append(rest, l)
	}
	if len(rest) == 0 {
		return out
	}
	count := block{text: fmt.Sprintf("【督办提醒】近期有 %d 项督办事项需要办理，请各单位联络员及时查看本单位通知。", len(entries(d, rest)))}
	for _, l := range rest {
		count.ids = append(count.ids, l.ID)
	}
	return append(out, count)
}

// safe takes the marks that WeCom reads as mentions (<@id>, @all) out of a text.
func safe(s string) string {
	return strings.NewReplacer("<", "＜", ">", "＞", "@", "＠").Replace(s)
}

const idLabel = "编号："

func idLine(ids []string) string { return idLabel + safe(strings.Join(ids, "、")) }

// pack fills parts with whole blocks. A block that alone is over the limit is
// cut short; the page and the mail have the rest.
func pack(all []block, limit int) []Part {
	var parts []Part
	var cur block
	for _, b := range fitting(all, limit) {
		next := block{text: cur.text + "\n" + b.text, ids: append(cur.ids[:len(cur.ids):len(cur.ids)], b.ids...)}
		switch {
		case cur.ids == nil:
			cur = b
		case next.size() <= limit:
			cur = next
		default:
			parts = append(parts, cur.part())
			cur = b
		}
	}
	if cur.ids != nil {
		parts = append(parts, cur.part())
	}
	return parts
}

func (b block) size() int { return len(b.text) + 1 + len(idLine(b.ids)) }

func (b block) part() Part {
	return Part{Text: strings.TrimLeft(b.text+"\n"+idLine(b.ids), "\n"), IDs: b.ids}
}

// fitting makes every block fit a part of its own: first its ids are spread over
// several blocks when they alone fill more than half of one, then its text is
// cut. An id too long for any part is left out.
func fitting(all []block, limit int) []block {
	var out []block
	for _, b := range all {
		for _, ids := range spread(b.ids, limit) {
			room := limit - 1 - len(idLine(ids))
			out = append(out, block{text: cut(b.text, room), ids: ids})
		}
	}
	return out
}

// spread groups ids so that each group's line takes at most half a part.
func spread(ids []string, limit int) [][]string {
	var out [][]string
	var cur []string
	for _, id := range ids {
		if len(idLine([]string{id})) > limit {
			continue
		}
		if len(cur) > 0 && len(idLine(append(cur[:len(cur):len(cur)], id))) > limit/2 {
			out = append(out, cur)
			cur = nil
		}
		cur = append(cur, id)
	}
	if len(cur) > 0 {
		out = append(out, cur)
	}
	return out
}

// cut keeps at most room bytes, at a rune's end, with … where something is lost.
func cut(s string, room int) string {
	if len(s) <= room {
		return s
	}
	room -= len("…")
	if room <= 0 {
		return ""
	}
	for room > 0 && !utf8.RuneStart(s[room]) {
		room--
	}
	return s[:room] + "…"
}
