package when

import (
	"time"

	"duban/engine/calendar"
	"duban/plan"
)

// within reads 3日内, 5个工作日内, 自印发之日起30日内, 会议结束后3个工作日内: a
// point counted from the issue, or from an event that has no date yet.
func (r *reader) within(i int) reading {
	num, unit, n := r.length(i)
	if n == 0 || r.kind(i+n) != within {
		return reading{}
	}
	n++
	f := reading{n: n, Deadline: plan.Deadline{Kind: plan.Point}}
	from, back := r.countedFrom(i)
	f.back = back
	switch {
	case from == fromNothing || r.isService(i, n, from) || r.mode == running && r.follows(i+n, "不得 不能 不予 不再 不准 无 未 没有 禁止 免于"): // 三年内无违纪: how long something holds
		return reading{n: n, refused: "说的是办理时间或既往年限"}
	case from == fromEvent || unit == hour || unit == term || r.c.Issued == 0:
		f.Trigger = "event"
	default:
		f.End = r.after(num, unit)
	}
	if f.Trigger == "" && f.End == 0 {
		f.warning = "期限过长，请人工确定"
	}
	return f
}

// length reads 3日, 三个月, 半年, 5个工作日. 3月 is a month of the calendar, 一月
// and 两月 before 内 are lengths.
func (r *reader) length(i int) (num int, unit kind, n int) {
	t, j := r.tok(i), i+1
	switch {
	case t.kind == half:
		num = 1
	case t.kind == number && t.value > 0 && !isYear(t):
		num = 2 * t.value // in halves
	default:
		return 0, 0, 0
	}
	hasPiece := r.kind(j) == piece
	if hasPiece {
		j++
	}
	unit = r.kind(j)
	switch unit {
	case month:
		if !hasPiece && t.kind == number && (t.digits > 0 || t.value > 2) {
			return 0, 0, 0
		}
	case day, week, year, workday, hour, term, quarter:
	default:
		return 0, 0, 0
	}
	if r.tok(j).word == "号" || r.kind(i-1) == month || r.kind(i-1) == year && unit != month {
		return 0, 0, 0
	}
	return num, unit, j + 1 - i
}

// after is the day a length of time after the issue; num counts halves.
func (r *reader) after(num int, unit kind) calendar.Date {
	const longest = 2 * 3660
	d := r.c.Issued
	if num > longest {
		return 0
	}
	switch unit {
	case day:
		return d.AddDays(num / 2)
	case week:
		return d.AddDays(7 * num / 2)
	case month:
		return d.AddMonths(num / 2).AddDays(num % 2 * 15)
	case quarter:
		return d.AddMonths(3 * num / 2)
	case year:
		if num > 200 {
			return 0
		}
		return d.AddMonths(6 * num)
	case workday:
		return r.workdays(d, num/2)
	}
	return 0
}

// workdays counts by the calendar; without one every Monday to Friday counts.
func (r *reader) workdays(d calendar.Date, n int) calendar.Date {
	if r.c.Cal != nil {
		return r.c.Cal.AddWorkdays(d, n)
	}
	for n > 0 {
		d = d.AddDays(1)
		if w := d.Weekday(); w != time.Saturday && w != time.Sunday {
			n--
		}
	}
	return d
}

// origin is what a length of time is counted from.
type origin uint8

const (
	fromBare    origin = iota // nothing is said: the issue
	fromIssue                 // 自印发之日起
	fromEvent                 // 会后, 收到…后
	fromNothing               // 近三年内, 压缩至4个月以内: no deadline
)

// countedFrom looks at the words before a length.
func (r *reader) countedFrom(i int) (origin, int) {
	j := i - 1
	if r.kind(j) == dash || r.kind(j) == number { // 1-2周内
		return fromBare, 0
	}
	if r.kind(j) == comma || r.tok(j).word == "的" {
		j--
	}
	switch t := r.tok(j); {
	case t.kind == nowOn:
		return fromIssue, i - j
	case t.kind == after || t.kind == starting || t.kind == before && r.kind(j-1) != number:
		return r.eventBefore(i, j)
	case j == i-1 && (t.kind == event || t.kind == termEvent || t.word == "结束"): // 开学两周内: 后 is left out
		return r.eventBefore(i, i)
	case t.kind == past:
		return fromNothing, 0
	case t.kind == relDay:
		return fromEvent, i - j
	case r.shortened(i):
		return fromNothing, 0
	}
	return fromBare, 0
}

// shortened says that the length before i is set or cut, as in 压缩至.
func (r *reader) shortened(i int) bool {
	for j := i - 1; j >= i-4 && j >= 0; j-- {
		switch t := r.tok(j); {
		case t.kind == shorten:
			return true
		case t.kind == stop || t.kind == comma:
			return false
		}
	}
	return r.kind(i-1) == upTo && r.mode == running
}

// eventBefore looks back from the 后 at j for what comes first: the issue or an
// event. It is quoted from there on.
func (r *reader) eventBefore(i, j int) (origin, int) {
	o := fromEvent
	k := j - 1
	for ; k >= 0 && k > j-14; k-- {
		r.steps++
		switch t := r.tok(k); {
		case t.kind == issued:
			o = fromIssue
		case t.kind == stop || t.kind == comma || t.kind == colon || t.kind == at:
			return o, i - k - 1
		}
	}
	return o, i - k - 1
}

// isService says that the length is how long a service may take: it binds
// those who serve, again and again, and is no deadline of the plan.
func (r *reader) isService(i, n int, o origin) bool {
	if r.mode != running || o == fromIssue {
		return false
	}
	return r.inClause(i-1, -1, 20, service) || r.inClause(i+n, 1, 8, service)
}
