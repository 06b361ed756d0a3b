package when

import (
	"duban/plan"
)

// Quantities reads the numbers that a text asks for: 召开1次座谈会, 至少4次,
// 3-4个. Each is quoted with its clause. Chinese numerals count occasions only
// (召开一次): elsewhere they are style (一项工作, 两支队伍).
func Quantities(text string) []plan.Quantity {
	var out []plan.Quantity
	for at := 0; at < len(text); {
		n := pieceOf(text[at:])
		r := newReader(text[at:at+n], Context{}, running)
		for i := 0; i < len(r.toks); {
			end := max(r.clauseEnd(i, len(r.toks)), i+1)
			out = append(out, r.quantities(i, end)...)
			i = end
		}
		at += n
	}
	return out
}

// quantities are those of the clause from i to end.
func (r *reader) quantities(i, end int) []plan.Quantity {
	var out []plan.Quantity
	least, from := false, i
	for j := i; j < end; j++ {
		switch r.kind(j) {
		case atLeast:
			least = true
		case ordinal, every:
			j++
		case openTitle:
			j = max(j, closing(r.toks, j, closeTitle, longestTitle))
		case open:
			j = max(j, r.quotes[j].close)
		case number:
			n, count, ok := r.counted(j)
			if !ok || !r.asked(i, j, n) {
				break
			}
			to := j + n
			if len(out) == 0 && r.onlyNumberFrom(to, end) { // what is counted may stand behind
				to = end
			}
			out = append(out, plan.Quantity{
				Text: r.words(from, to), Count: count, Unit: r.measureWord(j, n),
				AtLeast: count > 0 && (least || r.kind(j+n-1) == more),
			})
			j, from, least = to-1, to, false
		}
	}
	return out
}

// asked says that the number at j is asked for, not told: 全校18个学院, 共5人 and
// a number that begins its clause tell.
func (r *reader) asked(i, j, n int) bool {
	t := r.tok(j)
	if j == i || t.digits == 0 && !times(r.tok(j+n-1)) {
		return false
	}
	switch p := r.tok(j - 1); {
	case p.kind == past, p.kind == pause, p.kind == dot, p.kind == openParen:
		return false
	case p.word == "共" || p.word == "校" || p.word == "市" || p.word == "县" || p.word == "省" || p.word == "这" || p.word == "等":
		return false
	}
	return true
}

// onlyNumberFrom says that no further number stands between to and end.
func (r *reader) onlyNumberFrom(to, end int) bool {
	for j := to; j < end; j++ {
		if r.kind(j) == number {
			return false
		}
	}
	return true
}

// measureWord is the 次 of 1-2次以上.
func (r *reader) measureWord(j, n int) string {
	t := r.tok(j + n - 1)
	if t.kind == more {
		t = r.tok(j + n - 2)
	}
	return t.word
}

// words are the text from token i to before token end, without quotation marks
// that hang over and list signs at either end.
func (r *reader) words(i, end int) string {
	for i < end && (r.kind(i) == pause || r.kind(i) == close || r.kind(i) == stop || r.kind(i) == comma || r.kind(i) == closeParen) {
		i++
	}
	for end > i+1 && (r.kind(end-1) == pause || r.kind(end-1) == open) {
		end--
	}
	return r.text[r.toks[i].from:r.toks[end-1].to]
}
