package when

// farthest in tokens is how far behind its period a number may stand.
const farthest = 60

// count looks for the number tied to a period that ends before j: 至少给师生上
// 党课…1次. It ends with the clause or where another period begins; a range
// (1-2个) has no single number. to is the token behind the number, 0: none.
func (r *reader) count(j int) (to, count int, least bool) {
	if t := r.tok(j); t.kind == number && t.word == "一" && (r.isDuty(j+1) || r.kind(j+1) == other && (r.ends(j+2) || r.kind(j-2) == number || r.kind(j-2) == half)) { // 每月一督办, 每日一练, 一月一主题
		return r.wordEnd(j + 2), 1, false
	}
	end := r.clauseEnd(j, farthest)
	for ; j < end; j++ {
		r.steps++
		switch r.kind(j) {
		case every:
			if _, n, _ := r.unitAt(j+1, 1); n > 0 { // 每位学生 is no period
				return 0, 0, false
			}
		case closeParen:
			return 0, 0, false
		case open:
			if q := r.quotes[j]; q.close > 0 {
				j = q.close
			}
		case openTitle:
			j = max(j, closing(r.toks, j, closeTitle, longestTitle))
		case atLeast:
			least = true
		case ordinal:
			j++
		case number:
			if n, c, ok := r.counted(j); ok {
				return j + n, c, c > 0 && (least || r.kind(j+n-1) == more)
			}
		case fixedEvent, byUnit, wholeYear:
			return 0, 0, false
		}
	}
	return 0, 0, false
}

// wordEnd takes the rest of a word of at most three characters, where its
// clause ends with it: 一周一碰头.
func (r *reader) wordEnd(j int) int {
	for k := j; k <= j+2; k++ {
		if r.ends(k) {
			return k
		}
		if r.kind(k) != other {
			break
		}
	}
	return j
}

// counted reads 2次, 1-2个 (no single number), 2次以上. A date or a share is not
// counted.
func (r *reader) counted(j int) (n, c int, ok bool) {
	k := j
	if (r.kind(k+1) == dash || r.kind(k+1) == upTo || r.kind(k+1) == pause) && r.kind(k+2) == number {
		k += 2
	}
	if t := r.tok(k + 1); t.kind != measure && (t.kind != piece || unit(r.kind(k+2))) && t.kind != hour && t.kind != vague && t.word != "天" {
		return 0, 0, false
	}
	if r.kind(k+1) == vague {
		return 0, 0, false
	}
	n = k + 2 - j
	if r.kind(j+n) == more {
		n++
	}
	if k > j {
		return n, 0, true
	}
	return n, r.tok(j).value, true
}

// unit says that a 个 before it counts time: 3个月.
func unit(k kind) bool {
	switch k {
	case month, week, hour, workday, quarter, term, schoolYear:
		return true
	}
	return false
}

// inPeriod skips what places an occasion within its period: 每年3月, 每月5日前,
// 每周三下午, 每月第一个周一, 每月最后一个工作日. of is the period's unit.
func (r *reader) inPeriod(i int, of kind) int {
	j := i
	if k := r.kind(j + 1); r.tok(j).word == "的" && (k == number && !r.isCount(j+1) || k == ordinal || k == last || k == festival) { // 每年的3月
		j++
	}
	if of == week && r.kind(j) == week { // 每周周五
		j++
	}
	if of == week {
		j += r.onWeekday(j)
	} else {
		j += r.edges(j, of)
	}
	for r.kind(j) == number && (r.kind(j+1) == pause || r.joins(j+1)) && r.kind(j+2) == number && !r.isCount(j) && !r.isCount(j+2) { // 3、6、9、12月
		j += 2
	}
	for r.kind(j) == number && !r.isCount(j) || r.kind(j) == festival || r.kind(j) == halfYear || r.kind(j) == relYear {
		_, n := r.span(j, anchor{r.base(anchor{}), 0})
		if n == 0 && r.kind(j) == number && r.kind(j+1) == day {
			n = 2
		}
		if n == 0 {
			break
		}
		j += n
		if k, w := r.kind(j), r.tok(j).word; (k == pause || k == dash || k == upTo || w == "和" || w == "及" || w == "与") && (r.kind(j+1) == number && !r.isCount(j+1) || r.kind(j+1) == relYear) {
			j++
		}
	}
	j += r.nth(j)
	j += r.inTerm(j)
	for k := r.kind(j); k == early || k == end || k == tenDays || k == before || k == within || k == during || k == clock; k = r.kind(j) {
		j++
	}
	return j - i
}

// edges skips 年初, 年中和年底, 月底 behind 每年 and 每月.
func (r *reader) edges(i int, of kind) int {
	j := i
	for k := r.kind(j); k == year || k == month && of == month; k = r.kind(j) {
		if e := r.tok(j + 1); e.kind != early && e.kind != end && e.word != "中" {
			break
		}
		j += 2
		if t := r.tok(j); (t.kind == pause || t.word == "和") && r.kind(j+1) == k {
			j++
		}
	}
	return j - i
}

// inTerm skips what places an occasion within a term, and after its end: 每学期
// 期中、期末, 每学期开学第一周, 每季度结束后10日内.
func (r *reader) inTerm(i int) int {
	j := i
	for r.kind(j) == termEvent {
		j++
		j += r.nth(j)
		if r.kind(j) == pause && r.kind(j+1) == termEvent {
			j++
		}
	}
	if r.kind(j) == held && r.kind(j+1) == after {
		j++
	}
	if _, _, n := r.length(j + 1); r.kind(j) == after && n > 0 && r.kind(j+1+n) == within {
		j += 2 + n
	}
	return j - i
}

// isCount says that the number at i counts things: 每周一次 is no Monday.
func (r *reader) isCount(i int) bool {
	_, _, ok := r.counted(i)
	return ok || r.kind(i+1) == vague
}

// onWeekday reads the 一 of 每周一; 每周一次 and 每周一调度 are once a week.
func (r *reader) onWeekday(i int) int {
	_, n := r.weekday(i)
	if n == 0 || r.isCount(i) || r.tok(i).word == "一" && (r.isDuty(i+1) || r.kind(i+1) == other && r.ends(i+2)) {
		return 0
	}
	for r.joins(i+n) || r.kind(i+n) == pause {
		m := n + 1
		if r.kind(i+m) == week {
			m++
		}
		_, k := r.weekday(i + m)
		if k == 0 {
			break
		}
		n = m + k
	}
	return n
}

// nth reads 第一个周一, 第二周, 最后一个工作日.
func (r *reader) nth(i int) int {
	j := i
	if k := r.kind(j); k != ordinal && k != last {
		return 0
	}
	j++
	if r.kind(j) == number {
		j++
	}
	if r.joins(j) && r.kind(j+1) == number { // 第1-2周
		j += 2
	}
	if r.kind(j) == piece {
		j++
	}
	switch r.kind(j) {
	case week:
		_, n := r.weekday(j + 1)
		return j + 1 + n - i
	case workday, day, month, quarter, term:
		return j + 1 - i
	}
	return 0
}
