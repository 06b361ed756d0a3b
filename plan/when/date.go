package when

import (
	"strings"

	"duban/plan"
)

// date reads one date or stretch with what marks it: 前, 底, 后, 起, 内, 到.
func (r *reader) date(i int) reading {
	s, n := r.span(i, r.last)
	if n == 0 {
		return reading{}
	}
	n += r.decoration(i + n)
	f := reading{n: n, warning: s.warning}
	if s.m > 0 {
		f.last = s.anchor()
	}
	if s.none != "" {
		return r.impossible(f, s.none)
	}
	if s.level == aTerm && s.last == 0 {
		f.Trigger = "event"
	}
	if isLunar(s.name) {
		f.Trigger = "lunar"
	}
	marked := r.mark(&f, i, s)
	if !marked {
		marked = r.led(&f, i, s)
	}
	switch {
	case f.refused != "":
	case r.named(i, f.n):
		f.refused = whyName
	case r.isReport(i, f.n, s, marked):
		f.refused = whyReport
	case !marked && !r.bare(&f, i, s):
		f.refused = whyDescribes
	}
	return f
}

// decoration skips (星期五), 17:00, 下午5时 after a date: the day is what binds.
func (r *reader) decoration(i int) int {
	j := i
	if r.kind(j) == openParen && (r.kind(j+1) == week || r.tok(j+1).word == "含") {
		if c := closing(r.toks, j, closeParen, 4); c > 0 {
			j = c + 1
		}
	}
	for r.kind(j) == clock && r.tok(j).word != "时" && r.tok(j).word != "点" {
		j++
	}
	switch {
	case r.kind(j) == number && r.kind(j+1) == colon && r.kind(j+2) == number:
		j += 3
	case r.kind(j) == number && r.kind(j+1) == clock:
		j += 2
		if r.kind(j) == half {
			j++
		} else if r.kind(j) == number && r.tok(j+1).word == "分" {
			j += 2
		}
	}
	return j - i
}

// mark reads the word behind the date and says what is meant.
func (r *reader) mark(f *reading, i int, s span) bool {
	k := r.kind(i + f.n)
	switch k {
	case before:
		f.n++
		f.Kind = plan.Point
		r.by(f, s)
	case after:
		if s.level == aYear && !s.end { // 2023年后 is no deadline that anybody can miss
			return false
		}
		f.n++
		f.Kind, f.Start = plan.Open, s.last.AddDays(1)
	case starting:
		f.n++
		f.Kind, f.Start = plan.Open, s.first
		if r.follows(i+f.n, "施行 生效 正式施行 试行 执行") || r.follows(i+f.n, "实施") && (r.ends(i+f.n+2) || r.tok(i+f.n+2).word == "的") {
			f.refused = "说的是文件施行日期"
		}
	case within, about:
		f.n++
		f.Kind, f.End = plan.Point, s.last
	case during:
		f.n++
		f.Kind, f.Start, f.End = plan.Range, s.first, s.last
		if s.level == aFestival {
			f.Kind, f.Start = plan.Point, 0
		}
	case since:
		return false
	default:
		if !s.end {
			return false
		}
		f.Kind, f.End = plan.Point, s.last
	}
	if r.kind(i-1) == from && (k == starting || k == after) {
		f.back = 1
	}
	return true
}

// by sets the end of X前. A day counts; a festival and a stretch are over before
// they begin. With 底 the last day is meant.
func (r *reader) by(f *reading, s span) {
	switch {
	case s.end || s.level == aDay:
		f.End = s.last
	case s.level == aFestival:
		f.End = s.first.AddDays(-1)
	default:
		f.End, f.AltEnd = s.first.AddDays(-1), s.last
		if r.c.Issued != 0 && f.End < r.c.Issued { // nobody orders what is over
			f.End, f.AltEnd = f.AltEnd, 0
		}
	}
}

// led reads the word before the date: 到2023年, 自4月起, 每.
func (r *reader) led(f *reading, i int, s span) bool {
	if deadline(r.tok(i-1)) || s.level < aTenDays && r.afterLimit(i) || s.level == aMonth && !s.whole && r.afterLimit(i) {
		f.Kind, f.End = plan.Point, s.last
		return true
	}
	switch r.kind(i - 1) {
	case upTo:
		f.Kind, f.End, f.back = plan.Point, s.last, 1
		return true
	case from:
		if r.kind(i+f.n) == starting {
			f.n++
		}
		f.Kind, f.Start, f.back = plan.Open, s.first, 1
		return r.kind(i+f.n-1) == starting
	}
	return false
}

// deadline says that a word means: until the day that follows.
func deadline(t token) bool { return t.kind == past && strings.HasPrefix(t.word, "截") }

// afterLimit says that 完成时限: or 截止时间为 stands before i.
func (r *reader) afterLimit(i int) bool {
	return r.kind(i-1) == limit || r.kind(i-2) == limit && (r.kind(i-1) == colon || r.tok(i-1).word == "为")
}

// bare reads a date that nothing marks. What it is depends on where it stands.
func (r *reader) bare(f *reading, i int, s span) bool {
	next := i + f.n
	if r.kind(next) == edition && (r.tok(next).word != "本" || r.ends(next+1)) { // 2021年版, 2021年新修订
		return false
	}
	if s.level == aYear {
		return r.bareYear(f, i, s)
	}
	f.Kind, f.Start, f.End = plan.Range, s.first, s.last
	switch {
	case s.level == aTerm:
		f.Kind, f.Start = plan.Point, 0
		return r.bareTerm(i, next)
	case s.level == aFestival: // 七一勋章, 春节假期: a name without 前 sets no day
		f.Kind, f.Start = plan.Point, 0
		return r.mode != running && r.ends(next) && r.opens(i)
	case r.mode != cell && (s.level != aDay && r.describes(next) || r.observance(next)): // 上半年工作总结, 12月4日国家宪法日
		return false
	case s.level == aDay, s.level == aMonth && !s.whole && r.mode != running:
		f.Kind, f.Start = plan.Point, 0
	case r.mode == running && (r.kind(i) == relMonth || r.kind(i) == relQuarter || r.kind(i) == relWeek && s.level == aWeek) && !r.acts(next): // 报送本月进展
		return false
	case s.level == aMonth && r.kind(next) == number && r.tok(next).digits == 0 && !r.isCount(next) && r.tok(i).digits == 0: // 三月三
		return false
	}
	r.listed(f, next, s)
	return true
}

// bareTerm says that a term or a week of it stands for itself: 第5周集中检查, but
// not 2023年秋季学期新生入学前, which waits for the event.
func (r *reader) bareTerm(i, next int) bool {
	switch r.kind(next) {
	case event, termEvent, eventLike, ordinal:
		return false
	case act, held:
		return r.opens(i) || r.kind(i-1) == term || r.mode != running
	}
	aWeek := r.kind(i) == ordinal && r.kind(i+2) == week
	return r.mode != running || aWeek && r.kind(i-1) == term || r.opens(i) && (aWeek || r.ends(next))
}

// acts says that a clause ends before i, or a verb stands there.
func (r *reader) acts(i int) bool {
	k := r.kind(i)
	return k == act || k == held || r.ends(i)
}

// listed lets 6月、12月底前 mean the end of both months: the mark of the last
// member holds for all.
func (r *reader) listed(f *reading, i int, s span) {
	for k := 0; k < 6 && s.level == aMonth && r.kind(i) == pause; k++ {
		t, n := r.span(i+1, s.anchor())
		if n == 0 || t.level != aMonth {
			return
		}
		if t.end || r.kind(i+1+n) == before {
			f.Kind, f.Start, f.End = plan.Point, 0, s.last
			return
		}
		i += 1 + n
	}
}

// bareYear reads 2023年 alone, 2025年，… and 2025年建成: a year that only names
// something (2024年度学习计划, 2023年1号文件) is none.
func (r *reader) bareYear(f *reading, i int, s span) bool {
	next := i + f.n
	ends := r.ends(next) && r.kind(next) != openParen
	if !ends && (r.ends(next) || !r.acts(next)) {
		return false
	}
	if r.mode == running && (!r.opens(i) || r.kind(next) == close || s.y == r.base(anchor{})) { // the plan's own year says nothing
		return false
	}
	f.Kind, f.Start, f.End = plan.Range, s.first, s.last
	return true
}

// describes says that the words at i are what a period describes.
func (r *reader) describes(i int) bool {
	t := r.tok(i)
	return t.kind == attribute || t.kind == fiveYear || t.word == "计划" || t.word == "情况" || t.word == "规定"
}
