package outline

import (
	"strings"
	"unicode/utf8"
)

// role is what a word such as 牵头部门 says of the units after it.
type role int

const (
	noRole      role = iota
	leading          // 牵头, 主办
	responsible      // 责任, 落实: leads where nobody else does
	cooperating      // 配合, 协办
	leader           // 分管领导, 责任人: people
	timeLimit        // 完成时限
	remark           // 备注 and other words that end a list
)

// A word of responsibility is an act and, mostly, who acts: 牵头 + 部门. The
// tables are short because documents build all their words this way.
var (
	acts = map[string]role{
		"牵头": leading, "总牵头": leading, "主办": leading, "主责": leading, "主要责任": leading, "第一责任": leading, "主要负责": leading,
		"牵头责任": leading, "牵头负责": leading, "主牵头": leading, "主体责任": leading,
		"责任": responsible, "承办": responsible, "落实": responsible, "实施": responsible, "负责": responsible, "完成": responsible,
		"执行": responsible, "具体责任": responsible, "具体落实": responsible, "具体负责": responsible, "落实责任": responsible, "组织": responsible, "整改责任": responsible,
		"配合": cooperating, "协同": cooperating, "协办": cooperating, "协助": cooperating, "协作": cooperating, "参与": cooperating,
		"参加": cooperating, "支持": cooperating, "协同配合": cooperating, "配合责任": cooperating, "协调配合": cooperating, "配合落实": cooperating,
		"分管": leader, "联系": leader, "包保": leader, "包联": leader, "挂点": leader, "主管": leader, "督办": leader,
	}
	actors = []string{
		"部门", "单位", "科室", "处室", "股室", "机构", "组织", "学院", "院系", "主体", "方", "局", "委办局", "部门单位", "部门和单位", "单位和部门",
		"单位部门", "职能部门", "责任单位", "责任部门", "分工", "党组织", "支部", "站所", "镇街",
	}
	people = []string{
		"领导", "校领导", "院领导", "局领导", "县领导", "市领导", "区领导", "党委领导", "委领导", "厅领导", "责任人", "负责人", "人", "同志", "责任领导", "负责同志",
	}
	// peopleAlone name people without an act before them.
	peopleAlone = []string{"校领导", "院领导", "局领导", "县领导", "市领导", "区领导", "主要领导", "带队领导", "包抓领导"}
	timeWords   = []string{
		"完成时限", "完成时间", "时限", "时限要求", "完成期限", "办结时限", "时间节点", "时间要求", "整改时限", "整改期限", "办理时限", "实施时间",
		"工作时限", "推进时限", "计划完成时间", "预计完成时间", "完成日期", "责任时限", "完成节点", "整改完成时限", "进度时限", "落实时限", "办结时间", "时间期限",
	}
	remarks = []string{"备注", "说明", "联系电话", "联系人", "成果形式", "目标要求", "工作目标", "预期成效", "完成标志", "工作措施", "整改措施"}
)

// bareActs are too common to be a word of responsibility by themselves.
var bareActs = []string{"组织", "实施", "完成", "执行", "参加", "参与", "支持", "联系", "挂点", "负责", "主管", "督办", "分管"}

// roleBegins are the characters that words of responsibility begin with: a quick
// look that saves the rest.
const roleBegins = "牵总主第责承落实负完执具组整配协参支分联包挂督校院局县市区带时办推计预进备说成目工预"

// roleName reads a word of responsibility that s begins with; length 0: none.
func roleName(s string) (role, int) {
	if !in(roleBegins, first(s)) {
		return noRole, 0
	}
	if w := longest(s, timeWords); w != "" {
		return timeLimit, len(w)
	}
	if w := longest(s, peopleAlone); w != "" {
		return leader, len(w)
	}
	if w := longest(s, remarks); w != "" {
		return remark, len(w)
	}
	act := ""
	for w := range acts {
		if len(w) > len(act) && strings.HasPrefix(s, w) {
			act = w
		}
	}
	if act == "" {
		return noRole, 0
	}
	n := len(act)
	if w := longest(s[n:], people); w != "" {
		return leader, n + len(w)
	}
	r := acts[act]
	w := longest(s[n:], actors)
	if r == leader && w != "" { // 主管部门, 联系单位
		r = responsible
	}
	if w == "" && contains(bareActs, act) {
		return noRole, 0
	}
	n += len(w)
	for _, also := range []string{"及责任人", "和责任人", "及负责人", "及人员", "名称"} {
		if strings.HasPrefix(s[n:], also) {
			n += len(also)
		}
	}
	return r, n
}

// roleAt reads a word of responsibility with its colon; the length is that of
// both. Length 0: none.
func roleAt(s string) (role, int) {
	r, n := roleName(s)
	if n == 0 {
		return inFrame(s)
	}
	n = skipNote(s, n)
	i := n
	for i < len(s) && (isBlank(first(s[i:])) || s[i] == '\n') {
		i += utf8.RuneLen(first(s[i:]))
	}
	if c := first(s[i:]); in(colons, c) {
		return r, i + utf8.RuneLen(c)
	}
	return noRole, 0
}

// inFrame reads 【责任单位】, which the names follow.
func inFrame(s string) (role, int) {
	open := first(s)
	if !in("【[〔", open) {
		return noRole, 0
	}
	at := utf8.RuneLen(open)
	r, n := roleName(s[at:])
	if n == 0 {
		return noRole, 0
	}
	at += n
	if c := first(s[at:]); in(colons, c) {
		at += utf8.RuneLen(c)
	}
	if c := first(s[at:]); in("】]〕", c) {
		at += utf8.RuneLen(c)
		if c := first(s[at:]); in(colons, c) {
			at += utf8.RuneLen(c)
		}
		return r, at
	}
	return noRole, 0
}

// skipNote is the offset behind a note such as （单位） that belongs to the word.
func skipNote(s string, n int) int {
	if in(openers, first(s[n:])) {
		if w, ok := closing(s[n:], 36); ok {
			return n + w
		}
	}
	if in("/／", first(s[n:])) {
		w := utf8.RuneLen(first(s[n:]))
		if l := longest(s[n+w:], actors); l != "" {
			return n + w + len(l)
		}
	}
	return n
}

// roleLoose reads a word of responsibility that blanks part from what follows
// instead of a colon: （牵头部门 教务处）.
func roleLoose(s string) (role, int) {
	if r, n := roleAt(s); n > 0 {
		return r, n
	}
	r, n := roleName(s)
	if n < len("责任单位") {
		return noRole, 0
	}
	n = skipNote(s, n)
	if n >= len(s) {
		return noRole, 0
	}
	if c := first(s[n:]); isBlank(c) || c == '\n' {
		return r, n
	}
	next := s[n:]
	if end := strings.IndexAny(next, listMark+"。 \n"); end >= 0 {
		next = next[:end]
	}
	if isUnit(next) || isWildcard(next) { // the blank was lost
		return r, n
	}
	return noRole, 0
}
