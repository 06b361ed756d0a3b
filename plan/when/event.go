package when

import (
	"duban/plan"
)

// event reads 民主生活会召开前, 开学前, 期中考试前, 会前: a point that waits for
// an event. Only the school calendar can give some of them a day.
func (r *reader) event(i int) reading {
	t, j := r.tok(i), i+1
	switch t.kind {
	case event, termEvent:
	case eventLike:
		if r.kind(j) != held && r.mode == running { // 会前, 活动前 in a text is how something is done
			return reading{}
		}
	default:
		return reading{}
	}
	if t.kind == termEvent {
		if f := r.ofTerm(i); f.n > 0 {
			return f
		}
	}
	for k := 0; k < 2 && (r.kind(j) == held || r.kind(j) == event || r.kind(j) == termEvent || r.kind(j) == eventLike); k++ { // 期末考试结束, 运动会开幕
		j++
	}
	if r.kind(j) != before {
		return reading{}
	}
	j++
	if _, _, n := r.length(j); n > 0 { // 会前3天
		j += n
		if r.kind(j) == within {
			j++
		}
	}
	return r.waiting(i, j)
}

// ofTerm reads what the school calendar alone has: 开学第一周, 秋季开学起, 暑假期间,
// and 期末 by itself in a column.
func (r *reader) ofTerm(i int) reading {
	j := i + 1
	switch k := r.kind(j); {
	case k == starting:
		f := r.waiting(i, j+1)
		f.Kind = plan.Open
		return f
	case k == ordinal && r.kind(j+1) == number && r.kind(j+2) == week:
		return r.waiting(i, j+3)
	case k == early, k == during && (r.opens(i) || r.mode != running):
		return r.waiting(i, j+1)
	case r.mode != running && r.opens(i) && r.ends(j):
		return r.waiting(i, j)
	}
	return reading{}
}

// waiting is the reading of tokens i to j, and of the words before that name
// the event.
func (r *reader) waiting(i, j int) reading {
	f := reading{n: j - i, Deadline: plan.Deadline{Kind: plan.Point, Trigger: "event"}}
	if r.named(i, f.n) {
		return reading{n: f.n, refused: whyName}
	}
	if d := r.termDay(i); d != 0 && r.kind(j-1) == before {
		f.End, f.Trigger = d, ""
	}
	const most = 16
	for f.back < most && !r.boundsEvent(i-1-f.back) {
		f.back++
	}
	return f
}

// boundsEvent says that the name of an event begins behind the token at i.
func (r *reader) boundsEvent(i int) bool {
	switch r.kind(i) {
	case stop, comma, colon, at, upTo, from, every, closeParen, openParen, close, open, closeTitle:
		return true
	}
	return i < 0
}

// dayAlone reads the 15日前 that takes its month from a date before, or from
// the issue.
func (r *reader) dayAlone(i int) reading {
	t := r.tok(i)
	if t.kind != number || t.value < 1 || t.value > 31 || r.kind(i+1) != day || r.tok(i+1).value != 0 || r.kind(i-1) == month || r.kind(i-1) == relMonth {
		return reading{}
	}
	n := 2 + r.decoration(i+2)
	if r.kind(i+n) != before {
		return reading{}
	}
	s := span{y: r.last.y, m: r.last.m}
	if s.m == 0 && r.c.Issued != 0 {
		y, m, d := r.c.Issued.Civil()
		s.y, s.m = y, int(m)
		if t.value < d { // over in this month
			next := day1(s.y, s.m).AddMonths(1)
			s.y, s.m = next.Year(), int(next.Month())
		}
	}
	f := reading{n: n + 1, last: s.anchor(), Deadline: plan.Deadline{Kind: plan.Point}}
	if s.m > 0 {
		s.first, s.last = day1(s.y, s.m), lastOf(s.y, s.m)
		s = r.dayOf(s, t.value)
	}
	switch {
	case s.none != "":
		return r.impossible(f, s.none)
	case r.named(i, f.n) || s.m == 0 && r.mode == running:
		return reading{n: f.n, refused: "只有日，没有月份"}
	}
	f.End = s.last
	return f
}

// allYear reads 全年 in a column or alone; in running text it only says how long
// the figures of a year are.
func (r *reader) allYear(i int) reading {
	if r.kind(i) != wholeYear || r.mode == running {
		return reading{}
	}
	y := r.base(anchor{})
	return reading{n: 1, Deadline: plan.Deadline{Kind: plan.Range, Start: day1(y, 1), End: lastOf(y, 12)}}
}

// sameDay reads 当日, 次日 where they stand alone: the day of receipt.
func (r *reader) sameDay(i int) reading {
	if r.kind(i) == nowOn && r.mode != running && r.ends(i+1) {
		return reading{n: 1, Deadline: plan.Deadline{Kind: plan.Open, Start: r.c.Issued}}
	}
	if r.kind(i) != relDay || r.mode == running {
		return reading{}
	}
	return reading{n: 1, Deadline: plan.Deadline{Kind: plan.Point, Trigger: "event"}}
}

// openWord reads words that set no time: 定期, 适时; alone also 及时, 持续. As an
// attribute (常态化机制, 长期以来) such a word sets nothing.
func (r *reader) openWord(i int) reading {
	t := r.tok(i)
	if t.kind != soft && (t.kind != softCell || r.mode == running) {
		return reading{}
	}
	if r.mode == running && (r.named(i, 1) || r.follows(i+1, "的 以来 存在 制度 机制 长效 规划 性 健康 稳定 受 化 联席 报告制")) {
		return reading{n: 1, refused: "只作修饰"}
	}
	f := reading{n: 1, Deadline: plan.Deadline{Kind: plan.Open}}
	if r.mode != running {
		f.n = r.clauseEnd(i, 12) - i
	}
	return f
}

// asTold reads 按上级要求, 根据工作进度 in a column.
func (r *reader) asTold(i int) reading {
	if r.kind(i) != according && r.tok(i).word != "按" || r.mode == running || !r.opens(i) {
		return reading{}
	}
	for j := i + 1; j < i+12 && !r.ends(j); j++ {
		if r.kind(j) == demand {
			return reading{n: j + 1 - i, Deadline: plan.Deadline{Kind: plan.Open}}
		}
	}
	return reading{}
}
