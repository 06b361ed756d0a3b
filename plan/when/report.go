package when

import (
	"duban/engine/calendar"
)

// observance says that a date is the date of a day, week or month that has a
// name: 12月4日国家宪法日.
func (r *reader) observance(i int) bool {
	for j := i; j < i+12 && !r.ends(j); j++ {
		switch k := r.kind(j); k {
		case held, act, number, at, every:
			return false
		case day, month, week:
			return j > i+1
		}
	}
	return false
}

// heads says that the tokens are all that stands in brackets, or that a colon
// follows: the heading of a stage, which is a plan even where its days are over.
func (r *reader) heads(i, n int) bool {
	return r.kind(i-1) == openParen && r.kind(i+n) == closeParen || r.opens(i) && r.kind(i+n) == colon
}

// isReport says that a date tells what was, not what shall be.
func (r *reader) isReport(i, n int, s span, marked bool) bool {
	next := i + n
	if r.kind(next) == since {
		return true
	}
	if r.kind(i-1) == validity || r.kind(i-2) == validity { // 有效期至
		return true
	}
	if p := r.tok(i - 1); p.kind == past && (s.last == 0 || !deadline(p) || s.last < r.c.Issued || r.inClause(next, 1, 20, past)) {
		return true
	}
	if r.kind(i-2) == past && (r.kind(i-1) == at || r.kind(i-1) == upTo) || r.kind(next) == past && r.tok(next).word != "近" {
		return true
	}
	if r.kind(i) == relYear && r.tok(i).value < 0 {
		return true
	}
	if r.mode == cell {
		return false
	}
	if ref := r.base(anchor{}); s.own && ref > 0 && s.y > 0 && s.y < ref && s.last != 0 && (!marked || r.mode == running) && s.last < r.start() {
		return true
	}
	if marked || r.heads(i, n) {
		return false
	}
	if s.last != 0 && r.c.Issued != 0 && s.last < r.c.Issued && (s.own || r.mode == running) {
		return true
	}
	return r.mode == running && r.toldOf(next, s)
}

// start is the first day that an order can be about.
func (r *reader) start() calendar.Date {
	if r.c.Issued != 0 {
		return r.c.Issued
	}
	return day1(r.c.Year, 1)
}

// toldOf says that a bare date in running text names something that happened:
// 3月5日印发的, 的讲话, or the day of issue itself.
func (r *reader) toldOf(i int, s span) bool {
	if k := r.kind(i); k == issued || k == received {
		return true
	}
	if s.level == aDay && s.last == r.c.Issued && s.last != 0 {
		return true
	}
	return r.kind(i) == attribute && r.tok(i).word == "的" || (r.kind(i) == held || r.kind(i) == duty) && r.tok(i+1).word == "的"
}
