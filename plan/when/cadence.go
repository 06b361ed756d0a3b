package when

import (
	"slices"
	"strings"

	"duban/plan"
)

// The periods that the engine knows, by unit and number.
var periods = map[kind]map[int]string{
	day:        {1: "P1D", 7: "P1W", 14: "P2W"},
	workday:    {1: "P1D"},
	week:       {1: "P1W", 2: "P2W"},
	month:      {1: "P1M", 2: "P2M", 3: "P3M", 6: "P6M", 12: "P1Y"},
	quarter:    {1: "P3M", 2: "P6M", 4: "P1Y"},
	term:       {1: "term", 2: "P1Y"},
	schoolYear: {1: "P1Y"},
	year:       {1: "P1Y", 2: "P2Y", 3: "P3Y", 4: "P4Y", 5: "P5Y"},
	yearWord:   {1: "P1Y"},
}

// halves are the periods of half a unit; half a month is taken for two weeks.
var halves = map[kind]string{year: "P6M", month: "P2W", quarter: "", term: ""}

// unitAt reads the length of a period: 月, 两个月, 半年, 3年. times multiplies
// (隔周 is every second). known is false for a length the engine has no name for.
func (r *reader) unitAt(i, times int) (cadence string, n int, known bool) {
	j, num := i, 1
	if t := r.tok(j); t.kind == number && t.value > 0 && t.value < 100 {
		num = t.value
		j++
	}
	if r.kind(j) == piece {
		j++
	}
	if r.kind(j) == half && j == i {
		if r.kind(j+1) == piece {
			j++
		}
		c, ok := halves[r.kind(j+1)]
		return c, oneIf(ok) * (j + 2 - i), c != ""
	}
	if r.kind(j) == paired {
		j, num = j+1, 2*num
	}
	units, ok := periods[r.kind(j)]
	if !ok || r.tok(j).word == "号" {
		return "", 0, false
	}
	c := units[num*times]
	return c, j + 1 - i, c != ""
}

// every reads 每月, 每两个月, 每学期初, 每月第一个周一, 每年6月底前 and the number
// that is tied to it, also where words stand between.
func (r *reader) every(i int) reading {
	if r.kind(i) != every && !r.eachPeriod(i) {
		return reading{}
	}
	j, times := i+1, 1
	if r.kind(j) == skip {
		j, times = j+1, 2
	}
	c, n, known := r.unitAt(j, times)
	if n == 0 {
		return reading{}
	}
	if alt := r.kind(j + n); alt == other && r.tok(j+n).word == "或" && r.kind(j+n+1) == every { // 每月或每季度: the first counts
		n += 0
	}
	j += n
	j += r.inPeriod(j, r.kind(j-1))
	return r.cadence(i, j, c, known)
}

// eachPeriod says that 各 stands for 每: 各季度末. In running text 各学期 alone
// only describes.
func (r *reader) eachPeriod(i int) bool {
	if k := r.kind(i + 1); r.kind(i) != each || k != month && k != quarter && k != term && k != schoolYear {
		return false
	}
	k := r.kind(i + 2)
	return k == end || k == early || r.mode != running && r.ends(i+2)
}

// doubled says that a unit stands twice, which is to say each: 月月有主题.
func (r *reader) doubled(i int) bool {
	switch t := r.tok(i); t.word {
	case "日", "天", "周", "月", "季", "年":
		return t.word == r.tok(i+1).word && r.kind(i-1) != number && r.follows(i+2, "有 讲 学 查 评 比 抓")
	}
	return false
}

// byUnit reads 按月, 逐年, 隔周, 双月, 月月有.
func (r *reader) byUnit(i int) reading {
	var c string
	var n int
	var known bool
	switch t := r.tok(i); {
	case t.kind == byUnit:
		if k := r.kind(i + 1); k == number || k == piece {
			return reading{}
		}
		c, n, known = r.unitAt(i+1, 1)
		if n > 0 && t.value == 1 && r.mode == running && r.follows(i+1+n, "提 递 增 减 下降 上升 扩 完善 改善 加大 降 攀 优化 向好") { // a trend, not a beat
			return reading{n: n + 1, refused: "说的是趋势，不是周期"}
		}
		if n > 0 && r.mode == running && r.describes(i+1+n) { // 按年度计划
			return reading{n: n + 1, refused: whyDescribes}
		}
	case t.kind == skip && (r.kind(i+1) == week || r.kind(i+1) == month || r.kind(i+1) == year):
		c, n, known = r.unitAt(i+1, 2)
	case r.doubled(i):
		c, n, known = r.unitAt(i+1, 1)
	case t.kind == paired && t.value == 1 && !r.opens(i) && r.tok(i-1).word != "逢": // 账单月底前
		return reading{}
	case t.kind == paired && (r.kind(i+1) == month || r.kind(i+1) == week):
		c, n, known = r.unitAt(i, 1)
		n--
	}
	if n == 0 {
		return reading{}
	}
	return r.cadence(i, i+1+n, c, known)
}

// numberPer reads 一年两次, 半年一次, 两周一次, 一月一调度.
func (r *reader) numberPer(i int) reading {
	k := r.kind(i)
	if k != number && k != half || k == number && r.kind(i+1) == month && r.tok(i).digits > 0 || r.kind(i-1) == ordinal || r.kind(i-1) == every {
		return reading{}
	}
	c, n, known := r.unitAt(i, 1)
	j := i + n
	if n == 0 || r.kind(j-1) == yearWord {
		return reading{}
	}
	if r.kind(j) == number && r.kind(j+1) == measure && times(r.tok(j+1)) || r.kind(j) == number && r.tok(j).word == "一" && (r.isDuty(j+1) || r.once(i, j)) {
		return r.cadence(i, j, c, known)
	}
	return reading{}
}

// once says that the form is 一月一主题: whatever follows is done once a period.
// 一年一度 only says that it comes back.
func (r *reader) once(i, j int) bool {
	t := r.tok(j + 1)
	return (r.tok(i).word == "一" || r.kind(i) == half) && t.kind == other && t.word != "度"
}

// times says that a measure counts occasions, not things: 次, 场, 轮.
func times(t token) bool {
	switch t.word {
	case "次", "场", "回", "遍", "轮", "趟", "期", "场次":
		return true
	}
	return false
}

func (r *reader) isDuty(i int) bool {
	t := r.tok(i)
	return t.kind == duty || t.kind == check || t.kind == eventLike && (t.word == "检查" || t.word == "评估") || t.word == "课" || t.word == "讲"
}

// halves reads 上半年、下半年各1次, 上、下半年各召开1次, 春季学期和秋季学期各1次.
func (r *reader) halves(i int) reading {
	t := r.tok(i)
	j := i + 1
	if t.kind == season && r.kind(j) == term {
		j++
	}
	if t.word == "春" {
		return r.seasons(i)
	}
	if t.word == "上" && r.tok(j).word == "下半年" && r.kind(j+1) == each { // 上下半年各1次
		return r.cadence(i, j+2, "P6M", true)
	}
	if r.kind(j) != pause && !slices.Contains([]string{"和", "及", "与"}, r.tok(j).word) {
		return reading{}
	}
	next := r.kind(j + 1)
	switch {
	case (t.kind == halfYear || t.word == "上") && next == halfYear && r.kind(j+2) == each:
		return r.cadence(i, j+3, "P6M", true)
	case t.kind == season && next == season && r.kind(j+2) == term && r.kind(j+3) == each:
		return r.cadence(i, j+4, "term", true)
	}
	return reading{}
}

// seasons reads 春秋两季各1次, 春、秋季学期各1次.
func (r *reader) seasons(i int) reading {
	j := i + 1 + oneIf(r.kind(i+1) == pause)
	if w := r.tok(j).word; w != "秋" && w != "秋季" {
		return reading{}
	}
	j++
	if r.tok(j).word == "两" {
		j++
	}
	if r.tok(j).word == "季" {
		j++
	}
	c := "P6M"
	if r.kind(j) == term {
		c, j = "term", j+1
	}
	if r.kind(j) != each {
		return reading{}
	}
	return r.cadence(i, j+1, c, true)
}

// regular reads 月调度, 日报告, 半年专项自查, 年度综合检查: a period as the
// attribute of what is done each time.
func (r *reader) regular(i int) reading {
	t, j := r.tok(i), i+1
	c := ""
	switch {
	case t.kind == half && r.kind(j) == year:
		c, j = "P6M", j+1
	case t.kind == yearWord:
		c = "P1Y"
	case t.kind == month && t.value == 0 || t.kind == week || t.kind == quarter || t.kind == day && t.word == "日":
		c = periods[t.kind][1]
		if r.tok(j).word == "度" {
			j++
		}
	default:
		return reading{}
	}
	if k := r.kind(i - 1); k == number || k == ordinal || k == relYear || k == year || k == piece || k == past {
		return reading{}
	}
	if w := r.tok(i - 1).word; i > 0 && strings.Contains("本上下该当", w) { // 本季度检查 is one
		return reading{}
	}
	end, ok := r.occasion(j, t)
	if !ok || len([]rune(t.word)) == 1 && t.kind != half && !r.opens(i) && !r.practised(i-1) {
		return reading{}
	}
	if t.kind == yearWord && r.mode == running && !r.checked(i, end) {
		return reading{}
	}
	return reading{n: end - i, Deadline: plan.Deadline{Kind: plan.Cadence, Cadence: c}}
}

// practised says that the word before i introduces a practice: 实行月调度.
func (r *reader) practised(i int) bool {
	switch r.tok(i-1).word + r.tok(i).word {
	case "实行", "建立", "坚持", "落实", "推行", "执行", "健全", "完善", "开展", "采取", "实施":
		return true
	}
	return r.kind(i) == held || r.kind(i) == attribute
}

// occasion finds what is done: straight behind the period, or behind few words
// for a check (年度综合检查).
func (r *reader) occasion(j int, t token) (end int, ok bool) {
	long := t.kind == yearWord || t.kind == quarter || t.kind == half
	for k := j; k < len(r.toks) && k <= j+4; k++ {
		r.steps++
		if r.isDuty(k) && (len(r.tok(k).word) > len("报") || k == j && r.asReport(k)) {
			return k + 1, true
		}
		if !long || r.kind(k) != other && r.kind(k) != attribute && r.kind(k) != measure {
			return 0, false
		}
	}
	return 0, false
}

// asReport says that the 报 at i is a practice, not a paper: 月报, 周报制度.
func (r *reader) asReport(i int) bool {
	return r.tok(i).word == "报" && (r.mode != running && r.ends(i+1) || r.follows(i+1, "制"))
}

// checked tells a yearly check from the standing procedure 年度考核 of the
// personnel rules, which counts only where it is ordered: 开展年度考核.
func (r *reader) checked(i, end int) bool {
	t := r.tok(end - 1)
	if r.kind(i-1) == held || r.practised(i-1) {
		return t.kind == check || t.kind == eventLike
	}
	return t.kind == check && t.value == 0 || t.kind == eventLike
}

// perPeriod reads 年度不少于12学时 and 全年至少4次: a period with a number, though
// 每 is not said.
func (r *reader) perPeriod(i int) reading {
	t := r.tok(i)
	c, n := "", 1
	switch {
	case t.kind == yearWord || t.kind == wholeYear:
		c = "P1Y"
	case t.kind == number || t.kind == half:
		if r.kind(i+1) == month && t.digits > 0 || isYear(t) {
			return reading{}
		}
		if c, n, _ = r.unitAt(i, 1); n == 0 {
			return reading{}
		}
	default:
		return reading{}
	}
	least := false
	for j := i + n; j < i+n+10; j++ {
		r.steps++
		switch r.kind(j) {
		case atLeast:
			least = true
		case number:
			if m := r.tok(j + 1); m.kind == measure && (least || (t.kind == wholeYear || r.onceDone(i, i+n)) && times(m)) {
				return r.cadence(i, i+n, c, c != "")
			}
			return reading{}
		case stop, comma, colon, within, before, end, every:
			return reading{}
		}
	}
	return reading{}
}

// onceDone says that a verb follows one period: 一年开展两次, 半年召开一次. The
// period of a report (过去一年开展两次) is none.
func (r *reader) onceDone(i, j int) bool {
	if r.tok(i).word != "一" && r.kind(i) != half || r.kind(i-1) == ordinal || r.kind(i-1) == past {
		return false
	}
	k := r.kind(j)
	return k == held || k == act || k == duty
}

// inherited reads the ，至少1次… that goes on from 每年至少2次…: the same period.
func (r *reader) inherited(i int) reading {
	if r.kind(i) != atLeast || r.cad < 0 || !r.opens(i) || r.kind(i+1) != number || r.kind(i+2) != measure {
		return reading{}
	}
	d := &r.found[r.cad]
	if d.Count == 0 { // the number of the clause before
		d.Count, d.AtLeast = r.tok(i+1).value, true
		d.To = r.tok(i + 2).to
		d.Text = r.text[d.From:d.To]
		return reading{n: 3, refused: "次数属于前一周期"}
	}
	f := r.cadence(i, i, d.Cadence, true)
	return f
}

// fixed reads 一事一议: as often as it happens.
func (r *reader) fixed(i int) reading {
	if r.kind(i) != fixedEvent {
		return reading{}
	}
	return reading{n: 1, Deadline: plan.Deadline{Kind: plan.Cadence, Cadence: "event", Trigger: "event"}}
}

// cadence is the reading of a period that stands in tokens i to j, with its number.
func (r *reader) cadence(i, j int, c string, known bool) reading {
	if r.named(i, j-i) && r.kind(i-1) != open && r.kind(i-1) != pause {
		return reading{n: j - i, refused: whyName}
	}
	f := reading{Deadline: plan.Deadline{Kind: plan.Cadence, Cadence: c}}
	if !known {
		f.Kind, f.Cadence, f.warning = plan.Open, "", "周期不在可用之列，请人工确定"
	}
	to, count, least := r.count(j)
	if known {
		f.Count, f.AtLeast = count, least || count > 0 && r.kind(i-1) == atLeast // 至少每季度1次
	}
	f.n = max(j, to) - i
	return f
}
