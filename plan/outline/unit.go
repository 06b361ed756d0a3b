package outline

import (
	"strings"
	"unicode/utf8"
)

// unitEnds are the words that the names of units end with.
var unitEnds = []string{
	"部", "处", "办", "室", "科", "局", "委", "院", "系", "厅", "署", "股", "所", "站", "馆", "库", "社", "台", "镇", "乡", "县", "区", "市", "州", "省",
	"中心", "工会", "学会", "协会", "商会", "联合会", "委员会", "理事会", "组委会", "学生会", "居委会", "村委会", "董事会", "妇联", "残联", "科协", "工商联", "文联", "社联",
	"团委", "纪委", "党委", "党组", "支部", "总支", "党总支", "党支部", "分团委", "团总支", "团支部", "工委", "党工委", "管委会", "指挥部", "总队", "支队", "大队", "中队", "专班",
	"小组", "工作组", "项目组", "课题组", "组织", "专业群", "大学", "学校", "中学", "小学", "党校", "高校", "幼儿园", "医院", "法院", "检察院", "公司", "集团", "银行", "人行", "企业",
	"街道", "社区", "村", "园区", "开发区", "高新区", "新区", "各地", "地区", "部门", "单位", "机构", "政府", "总局", "税务局", "金融监管局", "证监会", "银保监会", "编辑部",
	"国资委", "发改委", "卫健委", "信息化部", "海关", "海事", "气象", "邮政", "电力", "铁塔", "基地", "书院", "校区", "分校", "二级学院", "学部", "教研室", "实验室",
	"政协", "人大", "团省委", "团市委", "团县委", "团区委", "办公厅", "联席会议", "网信办", "供销社", "公安", "武警", "消防", "红十字会", "院校", "科研机构", "分局", "分公司", "用人单位", "学会",
	"县市区", "市县", "乡镇", "部队", "场", "关工委", "督导团", "组",
}

// notUnits end like a unit and are none.
var notUnits = []string{
	"全部", "干部", "内部", "外部", "一部", "大部", "何处", "好处", "用处", "到处", "长处", "之处", "教室", "本科", "学科", "专科", "关系", "体系", "联系",
	"场所", "市场", "立场", "现场", "课堂", "社会", "校园", "广场", "农村", "城市", "团队", "公办", "民办", "举办", "承办", "主办", "协办", "督办", "创办", "交办", "代办",
	"行政区", "景区", "住院", "小区", "平台", "职业病", "基本建设", "兴办", "严处", "查处", "惩处",
	"学校", "我校", "我院", "全校", "本校", "我市", "我县", "我区", "全市", "全县", "全区", "全省", "我省", "一组", "全院",
}

// isUnit tells by its form whether a name is that of a unit. A bracket after the
// name is part of it: 教育局（体育局）.
func isUnit(name string) bool {
	core := bare(name)
	if in(closers, last(core)) {
		if i := strings.IndexAny(core, openers); i > 0 {
			core = core[:i]
		}
	}
	n := runes(core)
	if n < 2 || n > 24 || strings.ContainsAny(core, "，。；：！？“《的") {
		return false
	}
	if w, ok := strings.CutSuffix(core, "等"); ok {
		core = w
	}
	if core == "组织" { // to organise, where nothing says whose
		return false
	}
	for _, w := range notUnits {
		if core == w || runes(w) == 2 && w != "学校" && strings.HasSuffix(core, w) {
			return false
		}
	}
	return endsWith(core, unitEnds)
}

// isWildcard tells a phrase that stands for many units: 各二级学院.
func isWildcard(name string) bool {
	return longest(name, []string{"各", "全校各", "全市各", "全县各", "全区各", "学校各", "校内各", "区直各", "机关各", "局属各", "市直各", "县直各", "所有", "相关", "有关", "国务院"}) != ""
}

// name is a unit as printed, and where.
type name struct {
	text string
	at   span
}

// joiners stand between two units as 和 does. They are also parts of names
// (文化和旅游部), so what is before them must be a unit by itself.
var joiners = []string{"以及", "和", "及", "与", "暨"}

// names splits a list of units. Marks in brackets belong to a name.
func (s *sheet) names(at span) []name {
	var out []name
	depth, from := 0, at.from
	add := func(to int) {
		l := s.trimName(span{from, to})
		if l.from < l.to {
			out = append(out, name{bare(s.text[l.from:l.to]), l})
		}
	}
	for i := at.from; i < at.to; {
		r, n := utf8.DecodeRuneInString(s.text[i:])
		switch {
		case in(openers, r):
			depth++
		case in(closers, r):
			depth = max(0, depth-1)
		case depth > 0:
		case r == '、' && depth == 0 && s.placesGoOn(span{from, i}, i+n, at.to):
		case in(listMark, r), in("。.", r) && r != '.', (r == '\n' || isBlank(r)) && s.unitBefore(from, i) && !s.halfAfter(i+n, at.to):
			add(i)
			from = i + n
		default:
			if w := longest(s.text[i:at.to], joiners); w != "" && s.joins(span{from, i}, span{i + len(w), at.to}) {
				add(i)
				from, n = i+len(w), len(w)
			}
		}
		i += n
	}
	add(at.to)
	return settled(out)
}

// placesGoOn tells the mark in 各市、县人民政府: one phrase for all governments,
// whose levels stand side by side.
func (s *sheet) placesGoOn(left span, from, to int) bool {
	level, ok := strings.CutPrefix(s.words(left), "各")
	if !ok || level == "" || runes(level) > 8 {
		return false
	}
	for _, part := range strings.Split(level, "、") {
		if !contains(placeLevels, part) {
			return false
		}
	}
	next := s.text[from:to]
	if end := strings.IndexAny(next, "，,；;。"); end >= 0 {
		next = next[:end]
	}
	next, _, ok = strings.Cut(next, "政府")
	if !ok {
		return false // 各乡镇、街道 are two
	}
	for _, part := range strings.Split(strings.TrimSuffix(next, "人民"), "、") {
		if i := strings.IndexAny(part, openers); i > 0 {
			part = part[:i]
		}
		if !contains(placeLevels, part) {
			return false
		}
	}
	return true
}

// placeLevels are the levels of government.
var placeLevels = []string{"省", "市", "县", "区", "州", "乡", "镇", "街道", "乡镇", "自治区", "直辖市", "设区市", "地级市", "市县"}

// halfAfter tells a word that is no name by itself: 开发区 / 管委会.
func (s *sheet) halfAfter(from, to int) bool {
	return longest(s.text[from:to], []string{"管委会", "委员会", "人民政府", "指挥部", "领导小组", "办事处", "（", "("}) != ""
}

func (s *sheet) unitBefore(from, to int) bool { return isUnit(s.words(span{from, to})) }

// joins says whether a word such as 和 stands between two units: the left one is
// complete, and the right one is more than a bare 单位.
func (s *sheet) joins(left, right span) bool {
	if left.to-left.from > 90 || !s.unitBefore(left.from, left.to) {
		return false
	}
	if endsWith(s.text[left.from:left.to], fields) && strings.HasPrefix(s.text[left.to:], "与") {
		return false // 实验室与设备管理处
	}
	next := s.text[right.from:min(right.to, right.from+90)]
	next = bare(next)
	if end := strings.IndexAny(next, listMark); end >= 0 {
		next = next[:end]
	}
	for _, w := range joiners {
		if end := strings.Index(next, w); end > 0 {
			next = next[:end]
		}
	}
	return next != "" && next != "单位" && next != "部门" && next != "个人"
}

// fields end like units and are what a unit looks after.
var fields = []string{"实验室", "基地", "企业", "社区", "学校", "高校", "院校", "组织", "机构", "市场", "单位", "海关"}

// trimName leaves out marks and little words around a name.
func (s *sheet) trimName(at span) span {
	at = s.trim(at)
	for _, lead := range []string{"由", "以及", "及", "和", "具体由"} {
		if rest := s.text[at.from:at.to]; strings.HasPrefix(rest, lead) && isUnit(rest[len(lead):]) && !isUnit(rest) {
			at.from += len(lead)
		}
	}
	for at.from < at.to && in("。.：:，,；;", last(s.text[at.from:at.to])) {
		at.to -= utf8.RuneLen(last(s.text[at.from:at.to]))
	}
	return s.trim(at)
}

// settled leaves out phrases that only sum up: 等相关部门, and 有关单位 at the
// end of a list of names.
func settled(in []name) []name {
	out := in[:0]
	for _, n := range in {
		if i := summing(n.text); i >= 0 {
			n.at.to -= len(n.text) - i
			n.text = n.text[:i]
		}
		if n.text == "" || len(in) > 1 && sumsUp(n.text) {
			continue
		}
		out = append(out, n)
	}
	return out
}

// summing is where 等 begins a phrase that sums up; -1: nowhere. In 高等教育处
// it is part of the name.
func summing(s string) int {
	for at := 0; ; {
		i := strings.Index(s[at:], "等")
		if i < 0 {
			return -1
		}
		i += at
		rest := s[i+len("等"):]
		if i > 0 && (rest == "" || longest(rest, []string{"相关", "有关", "各", "国务院", "部门", "单位", "处室", "科室", "按", "部委", "职能", "多部门"}) != "" || runes(rest) <= 10 && hasAny(rest, manyUnits)) {
			return i
		}
		at = i + len("等")
	}
}

// manyUnits are words for units in general.
var manyUnits = []string{"部门", "单位", "处室", "科室", "二级学院", "院系", "教学系部", "相关", "有关"}

// sumsUp tells 相关部门 and 有关单位, which name nobody.
func sumsUp(s string) bool {
	core, ok := strings.CutPrefix(s, "相关")
	if !ok {
		core, ok = strings.CutPrefix(s, "有关")
	}
	if !ok {
		core, ok = strings.CutPrefix(s, "其他")
		core = strings.TrimPrefix(strings.TrimPrefix(core, "相关"), "有关")
	}
	return ok && longest(core, []string{"部门", "单位", "处室", "科室", "学院", "院系", "方面", "职能"}) != ""
}
