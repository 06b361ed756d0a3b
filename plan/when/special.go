package when

import (
	"strings"
	"time"

	"duban/engine/calendar"
)

// dotted reads 2023.6.30, 2023-06-30, 2023/6 and, before 前, 6.30.
func (r *reader) dotted(i int, a anchor) (span, int) {
	sep := r.kind(i + 1)
	if r.kind(i) != number || sep != dot && sep != slash && sep != dash || r.tok(i).digits == 0 || r.tok(i+2).digits == 0 {
		return span{}, 0
	}
	if !isYear(r.tok(i)) {
		return r.dottedDay(i, a)
	}
	if r.glued(i) || strings.ContainsAny(r.tok(i+3).word, "%万亿元米公吨") { // GB2020.5, 2010.5万元
		return span{}, 0
	}
	m := r.tok(i + 2).value
	if m < 1 || m > 12 || sep == dash && r.tok(i+2).digits != 2 || r.kind(i+3) == month || r.kind(i+3) == year || r.kind(i+3) == schoolYear {
		return span{}, 0
	}
	y := r.tok(i).value
	s := span{first: day1(y, m), last: lastOf(y, m), level: aMonth, y: y, m: m, own: true}
	if d := r.tok(i + 4); r.kind(i+3) == sep && d.kind == number && d.digits > 0 && d.digits <= 2 && d.value > 0 && d.value <= 31 {
		return r.dayOf(s, d.value), 5
	}
	return r.ended(s, i+3, i)
}

// dottedDay reads 6.30 where 前 follows: without it 6.30 is a number.
func (r *reader) dottedDay(i int, a anchor) (span, int) {
	if r.kind(i+3) != before || r.kind(i-1) == dot {
		return span{}, 0
	}
	return r.monthDay(i, a)
}

// dottedRange reads 6.1-6.30. In running text only brackets tell it from numbers.
func (r *reader) dottedRange(i int) (first, last span, n int) {
	if r.mode == running && (r.kind(i-1) != openParen || r.kind(i+7) != closeParen) || r.kind(i+3) != dash {
		return span{}, span{}, 0
	}
	first, a := r.monthDay(i, anchor{})
	last, b := r.monthDay(i+4, first.anchor())
	if a == 0 || b == 0 {
		return span{}, span{}, 0
	}
	return first, last, 7
}

func (r *reader) monthDay(i int, a anchor) (span, int) {
	m, d := r.tok(i), r.tok(i+2)
	if m.digits == 0 || d.digits == 0 || d.digits > 2 || r.kind(i+1) != dot || m.value < 1 || m.value > 12 || d.value < 1 || d.value > 31 {
		return span{}, 0
	}
	y := r.base(a)
	return r.dayOf(span{first: day1(y, m.value), last: lastOf(y, m.value), y: y, m: m.value}, d.value), 3
}

// festivalAt reads 国庆节, 五四青年节, 七一, “七一”前. A festival by number counts
// only before 前, 后 or 期间: 七一勋章 and 十一 are something else.
func (r *reader) festivalAt(i, y int, _ anchor) (span, int) {
	if s, n := r.fiveYears(i); n > 0 {
		return s, n
	}
	j, n := i, 1
	if r.kind(i) == open && r.kind(i+2) == close {
		j, n = i+1, 3
	}
	t := r.tok(j)
	name := t.value
	switch {
	case t.kind == number && t.digits == 0 && numbered[t.word] > 0 && r.kind(i-1) != paired:
		name = numbered[t.word]
		if n == 1 && (r.kind(i+1) == festival || r.tok(i+1).word == "节") {
			n = 2
		}
	case t.kind != festival:
		return span{}, 0
	}
	if r.tok(i+n).word == "假" && r.tok(i+n+1).word == "期" { // 国庆假期前
		n += 2
	}
	if k := r.kind(i + n); (t.kind == number || n == 3) && k != before && k != after && k != during && k != about {
		return span{}, 0
	}
	return r.festivalSpan(i, y, name), n
}

// festivalSpan is the day of a festival: where no year stands before it and it
// was over at the issue, the next one.
func (r *reader) festivalSpan(i, y, name int) span {
	d := festivalDay(name, y)
	if k := r.kind(i - 1); k != year && k != relYear && k != yearWord && d != 0 && r.c.Issued != 0 && d <= r.c.Issued && y == r.c.Issued.Year() {
		y++
		d = festivalDay(name, y)
	}
	return span{first: d, last: d, level: aFestival, y: y, name: name}
}

// fiveYears reads 十四五 with 末 or 期间, in quotes or not. Without either it is
// part of a name: “十四五”发展规划.
func (r *reader) fiveYears(i int) (span, int) {
	j := i
	if r.kind(j) == open && r.kind(j+1) == fiveYear && r.kind(j+2) == close {
		j++
	}
	if r.kind(j) != fiveYear {
		return span{}, 0
	}
	y := 2011 + 5*(r.tok(j).value-12)
	n := j + 1 + (j - i)
	if r.tok(n).word == "期末" { // “十四五”期末
		return span{first: day1(y, 1), last: lastOf(y+4, 12), level: aPlan, y: y + 4, own: true, end: true}, n + 1 - i
	}
	if k := r.kind(n); k != end && k != during && k != before && k != within {
		return span{}, 0
	}
	s := span{first: day1(y, 1), last: lastOf(y+4, 12), level: aPlan, y: y + 4, own: true}
	return r.ended(s, n, i)
}

// relative reads 本周五, 下周.
func (r *reader) relative(i int) (span, int) {
	t := r.tok(i)
	if r.c.Issued == 0 {
		return span{}, 0
	}
	if d, n := r.weekday(i + 1); t.kind == week && n > 0 && r.kind(i+2) == before && r.freeYear(i) { // 周五前: the next one
		s := span{first: r.c.Issued.Monday().AddDays(d), level: aDay}
		if s.first < r.c.Issued {
			s.first = s.first.AddDays(7)
		}
		s.last = s.first
		return s, 2
	}
	if t.kind != relWeek {
		return span{}, 0
	}
	monday := r.c.Issued.Monday().AddDays(7 * t.value)
	s := span{first: monday, last: monday.AddDays(6), level: aWeek}
	if d, n := r.weekday(i + 1); n > 0 {
		s.first = monday.AddDays(d)
		s.last, s.level = s.first, aDay
		return s, n + 1
	}
	return r.ended(s, i+1, i)
}

// weekday reads the 五 of 周五: days after Monday.
func (r *reader) weekday(i int) (int, int) {
	t := r.tok(i)
	switch {
	case t.kind == number && t.digits == 0 && t.value >= 1 && t.value <= 6 && len(t.word) == len("一"):
		return t.value - 1, 1
	case t.kind == day && (t.word == "日" || t.word == "天"):
		return 6, 1
	}
	return 0, 0
}

// termAt reads what only a school calendar can date: 2023年秋季学期,
// 2022—2023学年第二学期, 本学期, 学期末, 第10周.
func (r *reader) termAt(i, y int, _ anchor) (span, int) {
	t := r.tok(i)
	switch {
	case isYear(t) && r.kind(i+1) == dash && r.kind(i+3) == schoolYear && r.kind(i+4) == ordinal && r.kind(i+5) == number && r.kind(i+6) == term:
		y = t.value + r.tok(i+5).value - 1 // the second term lies in the second year
		return r.ended(r.termSpan(r.termOf(y, 3-r.tok(i+5).value)), i+7, i)
	case t.kind == season && r.kind(i+1) == term:
		return r.ended(r.termSpan(r.termOf(y, t.value)), i+2, i)
	case t.kind == ordinal && r.kind(i+1) == number && r.kind(i+2) == term:
		return r.ended(r.termSpan(calendar.Term{}), i+3, i)
	case t.kind == relTerm:
		return r.ended(r.termSpan(r.termFrom(t.value)), i+1, i)
	case t.kind == term && r.kind(i-1) != every && r.kind(i-1) != number && (r.kind(i+1) == end || r.kind(i+1) == early || r.kind(i+1) == within):
		s, n := r.ended(r.termSpan(r.termFrom(0)), i+1, i)
		if r.kind(i+1) == early {
			n++
			if s.first != 0 {
				s.last = s.first.AddDays(13)
			}
		}
		return s, n
	case t.kind == ordinal && r.kind(i+1) == number && r.kind(i+2) == week:
		s := r.schoolWeek(r.tok(i + 1).value)
		d, m := r.weekday(i + 4)
		if r.kind(i+3) != week || m == 0 {
			return s, 3
		}
		if s.last != 0 { // 第8周周五
			s.last = s.last.AddDays(d - 6)
			s.first = s.last
		}
		return s, 4 + m
	}
	return span{}, 0
}

func (r *reader) termSpan(t calendar.Term) span {
	return span{first: t.Start, last: t.End, level: aTerm}
}

// termFrom is the term that runs at the issue or comes next, and n further on.
func (r *reader) termFrom(n int) calendar.Term {
	if r.c.Cal == nil || r.c.Issued == 0 {
		return calendar.Term{}
	}
	terms := r.c.Cal.TermsBetween(r.c.Issued, r.c.Issued.AddMonths(18))
	if n >= len(terms) {
		return calendar.Term{}
	}
	return terms[n]
}

// termOf is the spring (1) or autumn (2) term of a year.
func (r *reader) termOf(y, season int) calendar.Term {
	if r.c.Cal == nil || y == 0 {
		return calendar.Term{}
	}
	mid := calendar.Of(y, time.April, 15)
	if season == 2 {
		mid = calendar.Of(y, time.November, 1)
	}
	t, _ := r.c.Cal.Term(mid)
	return t
}

// schoolWeek is a week of the term at the issue; the longest term has 30.
func (r *reader) schoolWeek(n int) span {
	s := span{level: aTerm}
	if t := r.termFrom(0); t.Start != 0 && n >= 1 && n <= 30 {
		s.first = max(t.Week(n), t.Start)
		s.last = t.Week(n).AddDays(6)
	}
	return s
}
