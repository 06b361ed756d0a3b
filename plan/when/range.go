package when

import (
	"duban/plan"
)

// rangeOf reads 3-12月, 3月中旬至4月上旬, 11月—次年1月, 即日起至4月30日.
func (r *reader) rangeOf(i int) reading {
	if k := r.kind(i); k != number && k != relYear && k != relMonth && k != relQuarter && k != nowOn && k != month && k != halfYear && k != festival && k != ordinal {
		return reading{}
	}
	first, last, n := r.bounds(i)
	if n == 0 {
		return reading{}
	}
	f := reading{n: n, warning: last.warning, last: anchor{last.y, last.m}}
	if first.m != last.m { // which month is then open
		f.last.m = 0
	}
	if k := r.kind(i + f.n); k == during || k == before || k == within || r.tok(i+f.n).word == "止" {
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
	case r.mode != cell && last.level >= aSchoolYear && !r.stands(i, f.n):
		return reading{n: f.n, refused: whyDescribes}
	}
	if r.kind(i-1) == from {
		f.back = 1
	}
	return f
}

// bounds reads both dates of a range.
func (r *reader) bounds(i int) (first, last span, n int) {
	if first, last, n = r.dottedRange(i); n > 0 {
		return first, last, n
	}
	first, n = r.rangeStart(i)
	if n == 0 {
		return first, last, 0
	}
	if first.end { // 6月底至7月初
		first.first = first.last
	}
	last, m := r.rangeEnd(i+n, first)
	if m == 0 {
		return first, last, 0
	}
	return first, last, n + m
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
	if r.tok(i+n).word == "起到" { // 3月起到5月
		return s, n + 1
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
	if r.kind(j) == ordinal && r.kind(j+3) == quarter { // 第二、三季度
		j++
	}
	if r.kind(j) != number || !r.joins(j+1) && !r.adjoins(j) || r.kind(j+2) != number {
		return span{}, 0
	}
	v := r.tok(j).value
	if t := r.tok(j + 2); r.mode != running && r.ends(j+3) && isYear(r.tok(j)) && isYear(t) { // 2023—2025
		return yearSpan(v, true), j + 2 - i
	}
	switch r.kind(j + 3) {
	case month:
		if v < 1 || v > 12 || r.tok(j+2).value < 1 || r.tok(j+2).value > 12 || r.tok(j+2).digits == 0 && r.tok(j).digits > 0 {
			return span{}, 0
		}
		s.m, s.first, s.last = v, day1(y, v), lastOf(y, v)
		return r.nextYear(s), j + 2 - i
	case quarter:
		if r.tok(j+3).word != "季度" || v < 1 || v > 4 || r.tok(j+2).value > 4 {
			return span{}, 0
		}
		s.first, s.last, s.level = day1(y, 3*v-2), lastOf(y, 3*v), aQuarter
		return s, j + 2 - i
	case year, yearWord, schoolYear:
		if !isYear(r.tok(j)) || !isYear(r.tok(j+2)) || r.kind(j+4) == ordinal && r.kind(j+6) == term {
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

// adjoins says that the numbers at i are two months or quarters in a row, read
// as one stretch: 3、4月份. A 2、 that begins a sentence is the number of an item.
func (r *reader) adjoins(i int) bool {
	if r.kind(i+1) != pause || r.tok(i+2).value != r.tok(i).value+1 {
		return false
	}
	k := r.kind(i + 4)
	if i > 0 && r.kind(i-1) == stop || r.kind(i-1) == pause || r.kind(i+3) != month && r.kind(i+3) != quarter {
		return false
	}
	return k != end && k != before && k != number && k != pause
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
	if r.mode != running && isYear(t) && first.level == aYear && r.ends(i+1) {
		return yearSpan(t.value, true), 1
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
