package when

import (
	"duban/engine/calendar"
	"duban/plan"
)

// rangeOf reads 3-12月, 3月中旬至4月上旬, 11月—次年1月, 即日起至4月30日.
func (r *reader) rangeOf(i int) reading {
	if k := r.kind(i); k != number && k != relYear && k != relMonth && k != nowOn && k != month && k != halfYear && k != festival && k != ordinal {
		return reading{}
	}
	first, n := r.rangeStart(i)
	if n == 0 {
		return reading{}
	}
	last, m := r.rangeEnd(i+n, first)
	if m == 0 {
		return reading{}
	}
	f := reading{n: n + m, warning: last.warning, last: anchor{last.y, last.m}}
	if k := r.kind(i + f.n); k == during || k == before || k == within {
		f.n++
	}
	f.Kind, f.Start, f.End = plan.Range, first.first, last.last
	switch {
	case first.none != "" || last.none != "":
		return r.impossible(f, first.none+last.none)
	case f.Start != 0 && f.End != 0 && f.Start > f.End:
		return r.impossible(f, "起止日期前后颠倒")
	case r.named(i, f.n):
		return reading{n: f.n, refused: whyName}
	case r.isReport(i, f.n, last, false):
		return reading{n: f.n, refused: whyReport}
	case r.mode == running && last.level >= aSchoolYear && !r.stands(i, f.n):
		return reading{n: f.n, refused: whyDescribes}
	}
	if r.kind(i-1) == from {
		f.back = 1
	}
	return f
}

// stands says that years stand as a time: 2021—2025年，每年…. Else they name
// something: 三年行动计划（2023—2025年）, 2022—2023学年优秀学生.
func (r *reader) stands(i, n int) bool {
	k, p := r.kind(i+n), r.tok(i-2)
	if r.kind(i-1) == openParen && (p.kind == demand || p.kind == attribute || p.word == "动") {
		return false
	}
	return r.ends(i+n) || k == act || k == held || k == every
}

// Why a date is no deadline.
const (
	whyReport    = "说的是已经过去或已经发生的事"
	whyDescribes = "时间词只作名称或修饰"
)

// impossible is a reading of dates that do not exist: no deadline, a warning.
func (r *reader) impossible(f reading, why string) reading {
	return reading{n: f.n, warning: why}
}

// rangeStart reads the first date with the sign that leads to the second.
func (r *reader) rangeStart(i int) (span, int) {
	if r.kind(i) == nowOn {
		s := span{first: r.c.Issued, last: r.c.Issued, level: aDay}
		if r.c.Issued != 0 {
			y, m, _ := r.c.Issued.Civil()
			s.y, s.m = y, int(m)
		}
		if !r.joins(i + 1) {
			return s, 0
		}
		return s, 2
	}
	if s, n := r.shortStart(i); n > 0 {
		return s, n
	}
	s, n := r.span(i, anchor{})
	if n == 0 {
		return s, 0
	}
	if r.kind(i+n) == starting {
		n++
	}
	if r.kind(i+n) == comma && r.kind(i+n+1) == upTo { // 3月1日起，至5月底
		n++
	}
	if !r.joins(i + n) {
		return s, 0
	}
	return s, n + 1
}

func (r *reader) joins(i int) bool { return r.kind(i) == dash || r.kind(i) == upTo }

// shortStart reads the 3- of 3-12月, 2023年3-, 2020-2024年, 3月1-15日: the unit
// stands once, behind the second number.
func (r *reader) shortStart(i int) (span, int) {
	j, y := i, r.base(anchor{})
	own := false
	if v, n := r.yearAt(i, anchor{}); n > 0 {
		j, y, own = i+n, v, true
	}
	s := span{y: y, own: own, level: aMonth}
	if r.kind(j) == number && r.kind(j+1) == month && r.kind(j+2) == number && r.joins(j+3) && r.kind(j+4) == number && r.kind(j+5) == day {
		if m := r.tok(j).value; m >= 1 && m <= 12 {
			s.first, s.last, s.m = day1(y, m), lastOf(y, m), m
			return r.dayOf(s, r.tok(j+2).value), j + 4 - i
		}
	}
	if r.kind(j) != number || !r.joins(j+1) || r.kind(j+2) != number {
		return span{}, 0
	}
	v := r.tok(j).value
	switch r.kind(j + 3) {
	case month:
		if v < 1 || v > 12 || r.tok(j+2).value < 1 || r.tok(j+2).value > 12 || r.tok(j+2).digits == 0 && r.tok(j).digits > 0 {
			return span{}, 0
		}
		s.m, s.first, s.last = v, day1(y, v), lastOf(y, v)
		return r.nextYear(s), j + 2 - i
	case year, yearWord, schoolYear:
		if !isYear(r.tok(j)) || !isYear(r.tok(j+2)) {
			return span{}, 0
		}
		s = yearSpan(v, true)
		if r.kind(j+3) == schoolYear {
			s.first = day1(v, 9)
		}
		return s, j + 2 - i
	}
	return span{}, 0
}

// rangeEnd reads the second date, which takes year and month from the first.
func (r *reader) rangeEnd(i int, first span) (span, int) {
	a := first.anchor()
	t := r.tok(i)
	if t.kind == number && r.kind(i+1) == schoolYear && isYear(t) {
		return span{first: day1(t.value, 1), last: lastOf(t.value, 8), level: aSchoolYear, y: t.value}, 2
	}
	if t.kind == number && r.kind(i+1) == day && first.level == aDay && first.m > 0 && t.value <= 31 {
		s := span{first: day1(a.y, a.m), last: lastOf(a.y, a.m), y: a.y, m: a.m}
		return r.dayOf(s, t.value), 2
	}
	s, n := r.span(i, a)
	if n == 0 || s.own || s.last == 0 || s.last >= first.first || s.m == 0 {
		return s, n
	}
	// 11月至2月 is plainly a winter; anything else backwards is a slip.
	if first.m >= 9 && s.m <= 3 {
		return overNewYear(s), n
	}
	return s, n
}

func overNewYear(s span) span {
	s.first, s.last, s.y = s.first.AddMonths(12), s.last.AddMonths(12), s.y+1
	if s.level != aDay {
		s.last = s.last.MonthEnd()
	}
	s.warning = "止期早于起期，按跨年理解"
	return s
}

// date reads one date or stretch with what marks it: 前, 底, 后, 起, 内, 到.
func (r *reader) date(i int) reading {
	s, n := r.span(i, anchor{r.last.y, 0})
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
	if r.kind(j) == openParen && r.kind(j+1) == week {
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
		if r.follows(i+f.n, "施行 生效 正式施行 试行 执行") {
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
		return r.mode != running || r.opens(i) && r.ends(next)
	case s.level == aFestival: // 七一勋章, 春节假期: a name without 前 sets no day
		f.Kind, f.Start = plan.Point, 0
		return r.mode != running && r.ends(next) && r.opens(i)
	case r.mode == running && (s.level != aDay && r.describes(next) || r.observance(next)): // 上半年工作总结, 12月4日国家宪法日
		return false
	case s.level == aDay, s.level == aMonth && !s.whole && r.mode != running:
		f.Kind, f.Start = plan.Point, 0
	case s.level == aMonth && s.own && s.first == 0:
		return false
	}
	r.listed(f, next, s)
	return true
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
	acts := r.kind(next) == act || r.kind(next) == held
	if !ends && !acts {
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
	return t.kind == attribute || t.kind == duty && t.value == 1 || t.kind == fiveYear
}

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
	if p := r.tok(i - 1); p.kind == past && (s.last == 0 || p.word != "截至" || s.last < r.c.Issued || r.inClause(next, 1, 20, past)) {
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
