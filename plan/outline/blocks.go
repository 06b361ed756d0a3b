package outline

import (
	"strings"

	"duban/plan/source"
)

// block is what is left of a block of the document: no page marks, no running
// heads. skip bytes were cut from its front.
type block struct {
	text    string
	skip    int
	runsOn  bool // the sentence goes on in the next block
	dropped bool
}

// trimmed cleans all blocks of a document.
func trimmed(d *source.Document) []block {
	out := make([]block, len(d.Blocks))
	for i, b := range d.Blocks {
		left := strings.TrimLeftFunc(b.Text, isBlank)
		out[i] = block{text: strings.TrimRightFunc(left, isBlank), skip: len(b.Text) - len(left)}
		out[i].dropped = len(b.Rows) == 0 && (out[i].text == "" || isPageMark(out[i].text))
	}
	dropRunningHeads(out)
	dropPageNumbers(out)
	if d.Format == source.Text || d.Format == source.PDF || d.Format == "" {
		joinWrapped(d, out)
	}
	return out
}

// isPageMark tells a line such as "- 3 -", "—3—", "第3页" or "第 3 页 共 9 页".
func isPageMark(s string) bool {
	if len(s) > 40 {
		return false
	}
	core := strings.Trim(bare(s), "-—－–·~")
	if _, n := arabNumber(core); n > 0 && n == len(core) {
		return core != bare(s) // a bare number may be a cell of a table
	}
	if !strings.HasPrefix(core, "第") || !strings.Contains(core, "页") {
		return false
	}
	rest := strings.Map(func(r rune) rune {
		if isDigit(r) || in("第页共，,/", r) {
			return -1
		}
		return r
	}, core)
	return rest == ""
}

// headRepeats is how often a line must come again before it is a running head.
const headRepeats = 3

// dropRunningHeads drops lines that come again and again, are named like a
// document and stand where a sentence was broken.
func dropRunningHeads(blocks []block) {
	count := map[string]int{}
	for _, b := range blocks {
		if isTitleLike(b.text) {
			count[b.text]++
		}
	}
	seen := map[string]int{}
	for i := range blocks {
		if t := blocks[i].text; count[t] >= headRepeats {
			if seen[t]++; seen[t] > 1 {
				blocks[i].dropped = true
			}
		}
	}
}

// titleEnds are the words that the name of a document ends with.
var titleEnds = []string{
	"方案", "要点", "意见", "通知", "计划", "办法", "决定", "细则", "规划", "纲要", "清单", "安排", "通报", "任务分解表", "任务表",
	"分工表", "一览表", "任务书", "规定", "报告", "实施办法", "行动计划", "配档表", "推进表", "台账", "日程", "工作历", "分解", "分工", "预案", "日程表", "计划表", "安排表", "进度表", "分解表", "行事历",
}

func isTitleLike(s string) bool {
	n := runes(s)
	return n >= 6 && n <= 60 && endsWith(strings.TrimRight(s, "》）)"), titleEnds) && !in("一二三四五六七八九十1234567890（(", first(s)) || n <= 60 && strings.HasSuffix(s, "的通知")
}

// pageLength is the least mean length of a page that was scraped onto one line.
const pageLength = 150

// dropPageNumbers cuts the numbers "1、", "2、" that a scrape puts before every
// page. They count the lines of the file and stand in the middle of sentences,
// which a list's numbers do not.
func dropPageNumbers(blocks []block) {
	type mark struct{ block, length, prev int }
	var marks []mark
	broken, length, prev := 0, 0, -1
	for i, b := range blocks {
		if b.dropped {
			continue
		}
		if v, n := arabNumber(b.text); n > 0 && v == len(marks)+1 {
			if end := after(b.text, n, "、"); end > 0 {
				marks = append(marks, mark{i, end, prev})
				length += runes(b.text)
				if v > 1 && prev >= 0 && !endsSentence(blocks[prev].text) {
					broken++
				}
			}
		}
		prev = i
	}
	if len(marks) < 2 || broken*2 < len(marks)-1 || length < pageLength*len(marks) {
		return
	}
	for k, m := range marks {
		b := &blocks[m.block]
		b.text, b.skip = b.text[m.length:], b.skip+m.length
		if k > 0 {
			blocks[m.prev].runsOn = true
		}
	}
}

func endsSentence(s string) bool {
	return s == "" || in(enders+colons+closers+"”》.", last(s))
}

// wrapWidth is the least width of a line that was broken in a sentence; a
// shorter one without a mark at its end is a heading.
const wrapWidth = 26

// joinWrapped marks the lines of a plain text that go on in the next one.
func joinWrapped(d *source.Document, blocks []block) {
	prev := -1
	for i := range blocks {
		if blocks[i].dropped {
			continue
		}
		if prev >= 0 && goesOn(blocks[prev].text, blocks[i].text) && len(d.Blocks[i].Rows) == 0 && len(d.Blocks[prev].Rows) == 0 {
			blocks[prev].runsOn = true
		}
		prev = i
	}
}

// goesOn says whether a sentence broken at the end of a line goes on in the next.
func goesOn(a, b string) bool {
	if endsSentence(a) || startsAfresh(b) {
		return false
	}
	if last(a) == '、' {
		return true
	}
	if in("，,", last(a)) {
		return runes(a) >= 12
	}
	return runes(a) >= wrapWidth && strings.ContainsAny(a, "，,、。；") && !isTitleLike(a)
}

// startsAfresh tells a line that begins something: a number, a tag, a date.
func startsAfresh(s string) bool {
	if _, ok := markerAt(s, 0); ok {
		return true
	}
	if m, ok := decimalAt(s, 0); ok && (m.form == decimals || m.form == decimal && isBlank(first(s[m.end:]))) {
		return true // 1.5万 may go on a sentence; 1.1.2 does not
	}
	if _, n := roleAt(strings.TrimLeft(s, dashes+" ")); n > 0 {
		return true
	}
	_, n := printedDate(s)
	return n == len(s) || strings.HasPrefix(s, "附件") || isTitleLike(s) || in(openers+"|", first(s))
}
