package when

import (
	"fmt"
	"time"

	"duban/engine/calendar"
)

// level is how long a stretch of days is.
type level uint8

const (
	aDay level = iota + 1
	aFestival
	aWeek
	aTenDays
	aMonth
	aQuarter
	aHalf
	aTerm
	aSchoolYear
	aYear
	aPlan // five years
)

// span is a stretch of days that words name.
type span struct {
	first, last calendar.Date // zero when the year is not known
	level       level
	y, m        int    // what a later date may inherit; 0: nothing
	own         bool   // it names its year itself
	end         bool   // 底, 末: its last day is meant
	whole       bool   // 月份: the month as a whole
	name        int    // of a festival
	none        string // no such date: why
	warning     string
}

// anchor is the year and month that a date without them takes.
type anchor struct{ y, m int }

func (s span) anchor() anchor { return anchor{s.y, s.m} }

// base is the year of a date that names none.
func (r *reader) base(a anchor) int {
	switch {
	case a.y > 0:
		return a.y
	case r.c.Year > 0:
		return r.c.Year
	case r.c.Issued != 0:
		return r.c.Issued.Year()
	}
	return 0
}

// span reads a date or a stretch at i and says how many tokens it takes; 0: none.
func (r *reader) span(i int, a anchor) (span, int) {
	r.steps++
	if s, n := r.dotted(i, a); n > 0 {
		return s, n
	}
	y, n := r.yearAt(i, a)
	own := n > 0
	if own {
		a = anchor{y: y}
	} else {
		y = r.base(a)
	}
	j := i + n
	if n > 0 && r.kind(j) == comma && r.kind(j+1) == number && r.kind(j+2) == month { // 2019年，6月底前: a stray comma
		j++
	}
	if r.kind(j) == year && (own || r.freeYear(j)) && (r.kind(j+1) == end || r.kind(j+1) == within) {
		return r.ended(yearSpan(y, own), j+1, i)
	}
	for _, read := range []func(int, int, anchor) (span, int){r.monthAt, r.partOfYear, r.festivalAt, r.termAt} {
		if s, m := read(j, y, a); m > 0 {
			s.own = s.own || own
			if !own && a.y == 0 {
				s = r.nextYear(s)
			}
			return s, j + m - i
		}
	}
	if k := r.kind(j); own && k == early || k == year && (own || r.freeYear(j) && r.mode != running) && r.kind(j+1) == early { // 年初
		return span{first: day1(y, 1), last: lastOf(y, 1), level: aTenDays, y: y, own: own}, j + 1 + oneIf(k == year) - i
	}
	if s, m := r.inYear(j, y); m > 0 && (own || r.freeYear(j)) {
		s.own = own
		return s, j + m - i
	}
	if own {
		return r.ended(yearSpan(y, true), j, i)
	}
	return r.relative(i)
}

// inYear reads 年中 and 年终 as far as they are times: 年中前, or alone.
func (r *reader) inYear(i, y int) (span, int) {
	w := r.tok(i + 1).word
	if r.kind(i) != year || w != "中" && w != "终" || r.kind(i+2) != before && (r.mode == running || !r.ends(i+2)) {
		return span{}, 0
	}
	s := yearSpan(y, false)
	if w == "中" {
		s.last = lastOf(y, 6)
	}
	s.end = true
	return s, 2
}

// freeYear says that the 年 at i has no number before it: 年底, 年内.
func (r *reader) freeYear(i int) bool {
	k := r.kind(i - 1)
	return k != number && k != half && k != every && k != piece
}

// ended takes a 底 or 末 after the span.
func (r *reader) ended(s span, j, i int) (span, int) {
	if r.kind(j) == end {
		s.end = true
		j++
	}
	return s, j - i
}

// nextYear moves a month that names no year on by one where it lies eight
// months and more before the issue: what is ordered in December for March is
// the next March.
func (r *reader) nextYear(s span) span {
	const long = 8 * 30
	if s.last == 0 || r.c.Issued == 0 || s.level > aMonth || s.level == aFestival || s.none != "" {
		return s
	}
	if r.c.Year > 0 && r.c.Year != r.c.Issued.Year() || r.c.Issued-s.last < long {
		return s
	}
	s.first, s.last, s.y = s.first.AddMonths(12), s.last.AddMonths(12), s.y+1
	if s.level != aDay {
		s.last = s.last.MonthEnd()
	}
	s.warning = "月份早于印发日期，按次年理解"
	return s
}

func yearSpan(y int, own bool) span {
	return span{first: day1(y, 1), last: lastOf(y, 12), level: aYear, y: y, own: own}
}

func day1(y, m int) calendar.Date {
	if y == 0 {
		return 0
	}
	return calendar.Of(y, time.Month(m), 1)
}

func lastOf(y, m int) calendar.Date { return day1(y, m).MonthEnd() }

// The years that plans name.
const firstYear, lastYear = 1949, 2100

func isYear(t token) bool {
	return t.kind == number && t.value >= firstYear && t.value <= lastYear && (t.digits == 4 || len([]rune(t.word)) == 4)
}

// yearAt reads 2023年, 二〇二三年, 今年, 次年; 年度 counts as 年.
func (r *reader) yearAt(i int, a anchor) (y, n int) {
	t := r.tok(i)
	switch {
	case isYear(t) && (r.kind(i+1) == year || r.kind(i+1) == yearWord):
		return t.value, 2
	case t.kind == number && t.digits == 2 && t.value >= 10 && r.kind(i+1) == year && r.kind(i+2) == number && r.kind(i+3) == month: // 23年6月
		return 2000 + t.value, 2
	case t.kind != relYear:
		return 0, 0
	}
	n = 1
	if k := r.kind(i + 1); k == other && r.tok(i+1).word == "度" { // 本年度
		n = 2
	}
	if t.value != 1 || t.word == "明年" || t.word == "来年" { // only 次年 follows the year named before
		a = anchor{}
	}
	if b := r.base(a); b > 0 {
		return b + t.value, n
	}
	return 0, n
}

// monthAt reads 3月, 3月份, 本月, 月底 and what may stand after: a day, 上旬, 底.
func (r *reader) monthAt(i, y int, a anchor) (span, int) {
	t := r.tok(i)
	m, n := 0, 0
	if t.kind == tenDays && a.m > 0 && y > 0 && r.opens(i) { // 4月上旬部署，下旬总结
		return r.inMonth(span{level: aMonth, y: y, m: a.m, first: day1(y, a.m), last: lastOf(y, a.m)}, i, i)
	}
	switch {
	case t.kind == number && t.value >= 1 && t.value <= 12 && r.kind(i+1) == month && !r.glued(i):
		m, n = t.value, 2
	case t.kind == number && t.digits == 2 && r.kind(i+1) == month && !r.glued(i) && (r.kind(i+2) == end || r.kind(i+2) == before):
		return span{level: aMonth, none: fmt.Sprintf("没有%d月", t.value)}, 2
	case t.kind == relMonth && r.cad >= 0 && t.word != "本月": // the month of each occasion: 每月…次月5日前
		return span{}, 0
	case t.kind == relMonth || t.kind == month && t.value == 0 && r.kind(i+1) == end && r.kind(i-1) != number && r.kind(i-1) != every:
		d := day1(r.issued())
		if t.kind == month && a.m > 0 {
			d = day1(y, a.m)
		}
		d = d.AddMonths(t.value)
		if d != 0 {
			y, m = d.Year(), int(d.Month())
		}
		n = 1
	default:
		return span{}, 0
	}
	s := span{level: aMonth, y: y, m: m, whole: r.tok(i+n-1).kind == month && r.tok(i+n-1).value == 1}
	if m > 0 {
		s.first, s.last = day1(y, m), lastOf(y, m)
	}
	return r.inMonth(s, i, i+n)
}

// glued says that a letter stands right before the number at i: a code, or a
// digit that was mistyped (l2月).
func (r *reader) glued(i int) bool {
	w := r.tok(i - 1).word
	return i > 0 && !r.tok(i).gap && len(w) == 1 && (w[0] >= 'a' && w[0] <= 'z' || w[0] >= 'A' && w[0] <= 'Z')
}

// issued is year and month of the issue.
func (r *reader) issued() (y, m int) {
	if r.c.Issued == 0 {
		return 0, 1
	}
	return r.c.Issued.Year(), int(r.c.Issued.Month())
}

// inMonth reads the day or the ten days after a month.
func (r *reader) inMonth(s span, i, j int) (span, int) {
	t := r.tok(j)
	switch {
	case t.kind == number && t.value > 0 && t.value <= 31 && r.kind(j+1) == day && r.tok(j+1).value == 0:
		return r.dayOf(s, t.value), j + 2 - i
	case t.kind == number && t.digits > 0 && t.value > 0 && t.value <= 31 && r.kind(j+1) == before: // 8月15前: 日 is left out
		return r.dayOf(s, t.value), j + 1 - i
	case t.kind == tenDays:
		return partOf(s, t.value/10, t.value%10), j + 1 - i
	case t.kind == early:
		return partOf(s, 1, 1), j + 1 - i
	case t.word == "中" && r.ends(j+1): // 6月中
		return partOf(s, 2, 2), j + 1 - i
	}
	return r.ended(s, j, i)
}

// partOf is the stretch from one third of a month to another: 中下旬 is 2 to 3.
func partOf(s span, from, to int) span {
	s.level = aTenDays
	if s.first == 0 {
		return s
	}
	first := s.first
	s.first = first.AddDays(10 * (from - 1))
	if to < 3 {
		s.last = first.AddDays(10*to - 1)
	}
	return s
}

func (r *reader) dayOf(s span, d int) span {
	s.level = aDay
	if s.first == 0 {
		return s
	}
	if d > int(s.last-s.first)+1 {
		s.none = fmt.Sprintf("%d年%d月没有%d日", s.y, s.m, d)
	}
	s.first = s.first.AddDays(d - 1)
	s.last = s.first
	return s
}

// partOfYear reads 上半年, 第三季度, 年初.
func (r *reader) partOfYear(i, y int, _ anchor) (span, int) {
	t, j := r.tok(i), i
	if t.kind == quarter && t.word == "季度" && r.kind(i+1) == end && r.kind(i-1) != number && r.kind(i-1) != every && r.mode != running {
		_, m := r.issued()
		t.value = (m + 2) / 3
		return r.ended(span{first: day1(y, 3*t.value-2), last: lastOf(y, 3*t.value), level: aQuarter, y: y}, i+1, i)
	}
	if t.kind == relQuarter && r.c.Issued != 0 {
		first := day1(r.issued())
		first = first.AddMonths(3*t.value - (int(first.Month())-1)%3)
		return r.ended(span{first: first, last: first.AddMonths(2).MonthEnd(), level: aQuarter, y: first.Year()}, i+1, i)
	}
	if t.kind == halfYear {
		s := span{first: day1(y, 6*t.value-5), last: lastOf(y, 6*t.value), level: aHalf, y: y}
		return r.ended(s, i+1, i)
	}
	if t.kind == ordinal {
		j++
		t = r.tok(j)
	}
	if t.kind != number || t.value < 1 || t.value > 4 || r.kind(j+1) != quarter {
		return span{}, 0
	}
	if r.tok(j+1).word == "季" && r.kind(j+2) != end {
		return span{}, 0
	}
	s := span{first: day1(y, 3*t.value-2), last: lastOf(y, 3*t.value), level: aQuarter, y: y}
	return r.ended(s, j+2, i)
}
