package outline

import (
	"strings"
	"unicode/utf8"
)

// Where no tag says who is responsible the subject of the sentence may: 效能办要…,
// 各系分团委配合…. Only the name of a unit that an act follows is a subject.

// duties follow a unit that has something to do.
var duties = []string{"要", "应", "须", "需", "负责", "牵头", "作为", "配合", "协助", "会同", "统筹", "承担", "具体负责", "每", "定期", "按要求", "于", "为牵头", "是牵头"}

// wideDuties follow a phrase such as 各二级学院 too, which is never the attribute
// of what comes next.
var wideDuties = []string{
	"按", "根据", "结合", "制定", "制订", "将", "以", "对", "具体", "及时", "认真", "全面", "积极", "切实", "严格", "充分", "履行", "落实", "做好", "成立", "建立", "组织",
	"开展", "上报", "报送", "完成", "推进", "加强", "明确", "在", "进一步", "围绕", "确定", "自行", "自主", "指定", "参照", "提交", "召开", "依据", "抓好", "可", "均", "逐", "按时", "选派", "推荐", "填报", "自查", "派", "汇总", "梳理", "排查", "整理", "发动", "利用", "通过", "紧", "坚持", "立足", "统一", "高度", "务必", "主动", "督促", "指导", "邀请", "设立", "举办", "深入", "分别", "安排",
}

// actDuties follow the name of a single unit as well; as parts of a noun they
// would not stand behind one.
var actDuties = []string{
	"制定", "制订", "组织开展", "组织实施", "组织召开", "组织专家", "组织各", "组织教师", "组织学生", "组织编", "开展", "完成", "落实", "做好", "加强", "推进", "抓好", "召开", "举办", "汇总", "审核", "及时",
	"认真", "积极", "切实", "严格", "进一步", "全面", "对", "按", "根据", "履行", "主动", "全程", "统一", "提供", "发挥", "联合", "编制", "指导", "督促", "监督", "开放", "安排", "报送", "上报", "梳理", "检查",
}

// actsFirst begin a sentence without a subject: 加强对学校….
var actsFirst = []string{"加强", "推进", "深化", "强化", "完善", "做好", "抓好", "落实", "推动", "提升", "建立", "健全", "支持", "引导", "鼓励", "深入", "充分", "督促", "指导", "配合", "协助", "依托", "联合", "对", "以", "在", "将", "把", "为"}

// subjectReach is how long a subject may be, in bytes.
const subjectReach = 150

// subject reads the units at the beginning of a sentence that have something to
// do, and whether they lead or cooperate.
func (s *sheet) subject(at span) ([]name, role) {
	at = s.trim(at)
	at.from += timeLead(s.text[at.from:at.to])
	if strings.HasPrefix(s.text[at.from:at.to], "由") {
		return nil, noRole // charge reads it
	}
	if strings.HasPrefix(s.text[at.from:at.to], "请") { // it asks, and names whom
		at.from += len("请")
	}
	depth := 0
	for i, r := range s.text[at.from:min(at.to, at.from+subjectReach)] {
		switch {
		case in(openers, r):
			depth++
		case in(closers, r):
			depth--
		case depth > 0 || i == 0:
		case in("，,。；;！“《\n", r):
			return nil, noRole
		default:
			if names, as, done := s.subjectUpTo(span{at.from, at.from + i}, s.text[at.from+i:at.to]); done {
				return names, as
			}
		}
	}
	return nil, noRole
}

// subjectUpTo reads a subject that ends where rest begins; done: there is no
// longer one to be looked for.
func (s *sheet) subjectUpTo(at span, rest string) (names []name, as role, done bool) {
	if in(colons, first(rest)) { // 教务处：8月底前完成分班
		if names = s.names(at); s.areSubjects(names, true) {
			return names, leading, true
		}
		return nil, noRole, true
	}
	single := longest(rest, duties) + longest(rest, actDuties)
	if single == "" && longest(rest, wideDuties) == "" || longest(rest, []string{"负责人", "负责同志"}) != "" {
		return nil, noRole, false
	}
	if names = s.names(at); !s.areSubjects(names, single != "") {
		return nil, noRole, false
	}
	if longest(rest, []string{"配合", "协助"}) != "" {
		return names, cooperating, true
	}
	return names, leading, true
}

func (s *sheet) areSubjects(names []name, strong bool) bool {
	for _, n := range names {
		all := strings.HasPrefix(n.text, "各") || strings.Contains(n.text, "各") && isWildcard(n.text)
		if !isUnit(n.text) && !(all && isUnit(strings.TrimPrefix(n.text, "各"))) && n.text != "各地" {
			return false
		}
		if !all && !strong {
			return false
		}
		if isInstitution(n.text) || longest(n.text, actsFirst) != "" {
			return false
		}
	}
	return len(names) > 0
}

// charge reads 由教务处牵头，学生处配合 within a text.
func (s *sheet) charge(at span, u *units) {
	for _, c := range s.splitClauses(at) {
		text := s.text[c.from:c.to]
		r, n := tailOf(text)
		i := strings.Index(text, "由")
		if i < 0 && !u.empty() { // the clause behind one that names who leads
			i = -len("由")
			for i+len("由") < len(text) && in("，,；;", first(text[i+len("由"):])) {
				i += utf8.RuneLen(first(text[i+len("由"):]))
			}
		}
		if n == 0 || i == -1 || i+len("由") >= len(text)-n || r == responsible && u.empty() && !strings.HasSuffix(text, "负责") {
			continue
		}
		names := s.names(span{c.from + i + len("由"), c.to - n})
		if len(names) == 0 || !allUnits(names) {
			continue
		}
		for _, n := range names {
			u.add(r, n.text, s.place("", n.at))
		}
	}
}

// isInstitution tells the whole house, which is no unit of it.
func isInstitution(s string) bool {
	return contains([]string{"学校党委", "校党委", "党委", "党组", "市委", "县委", "区委", "省委", "政府", "市政府", "区政府", "县政府", "省政府", "全校", "有关部门", "相关部门", "有关单位", "相关单位"}, s)
}

// timeLead is the length of a time that a sentence begins with, its mark included:
// "2月底：", "从第一季度起，". 0: none.
func timeLead(s string) int {
	if n := timeLabel(s); n > 0 {
		return n + utf8.RuneLen(first(s[n:]))
	}
	comma := strings.IndexAny(s[:min(len(s), 45)], "，,")
	if comma < 0 || !strings.ContainsAny(s[:comma], "月季年日周") || !endsWith(s[:comma], []string{"起", "前", "底", "期间", "开始", "后", "末", "日", "旬"}) {
		return 0
	}
	return comma + utf8.RuneLen(first(s[comma:]))
}

// timeLabel is the length of a time that stands before a colon at the beginning
// of s; 0: none.
func timeLabel(s string) int {
	n, unit := leadingTime(s)
	if n < 2 || !unit || !in(colons, first(s[n:])) {
		return 0
	}
	return n
}

// timeSigns are what a time may be written with.
const timeSigns = "0123456789０１２３４５６７８９年月日号上中下旬底初末至到-—－–~～、第一二三四五六七八九十季度学期半份前后周期间起 （）()."

// leadingTime is the length of the time signs that s begins with, and whether a
// unit of time is among them.
func leadingTime(s string) (length int, unit bool) {
	for i, r := range s {
		if !in(timeSigns, r) || i > 90 {
			return i, unit
		}
		unit = unit || in("月季学周年日旬", r)
	}
	return len(s), unit
}

// timeHeading is the time that a heading begins with, of which it says little
// more: 3月份工作. "" without one.
func timeHeading(title string) string {
	n, _ := leadingTime(title)
	label := strings.TrimRight(title[:n], " （(、")
	rest := strings.Trim(title[n:], "：: ")
	if !strings.ContainsAny(label, "月季周") || runes(label) < 2 || runes(rest) > 8 || rest != "" && longest(rest, []string{"工作", "重点", "主要", "任务", "活动", "安排", "计划"}) == "" {
		return ""
	}
	return label
}

// clausesByUnit parts a text that gives several units one duty each:
// "教务处负责…；学生处要…。" nil: it does not.
func (s *sheet) clausesByUnit(at span) []span {
	var out []span
	from, count := at.from, 0
	cutAt := func(to int) {
		c := s.trim(span{from, to})
		if c.from >= c.to {
			return
		}
		names, _ := s.subject(c)
		if len(names) > 0 {
			count++
		}
		if len(names) == 0 && len(out) > 0 {
			out[len(out)-1].to = c.to
			return
		}
		out = append(out, c)
	}
	depth := 0
	for i, r := range s.text[at.from:at.to] {
		switch {
		case in(openers, r):
			depth++
		case in(closers, r):
			depth--
		case depth <= 0 && in("；;。", r):
			cutAt(at.from + i)
			from = at.from + i + utf8.RuneLen(r)
		}
	}
	cutAt(at.to)
	if count < 2 || count != len(out) {
		return nil
	}
	return out
}
