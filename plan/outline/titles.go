package outline

import "strings"

// What a heading says decides what stands under it: 指导思想 holds no items,
// 时间安排 is a label and its paragraphs are the items, 部署阶段（2月） is one.

// purposes head parts that say why and for whom, not who must do what.
var purposes = []string{
	"指导思想", "总体要求", "总体思路", "工作思路", "基本思路", "基本原则", "工作原则", "主要原则", "重要意义", "目的意义", "重大意义", "工作背景", "基本情况", "编制依据", "文件依据",
	"活动主题", "工作主题", "主题", "活动目的", "适用范围", "参加对象", "活动对象", "参赛对象", "参加人员", "参会人员", "活动地点", "地点", "对象范围", "总则", "附则", "编制背景", "形势分析", "现状", "发展基础", "面临形势", "工作目的", "目的", "意义", "背景", "范围对象", "培训对象", "实施范围", "对象", "时间地点",
}

// goals head parts that say what is to be reached.
var goals = []string{"目标", "目标要求", "总体目标要求", "预期成效", "活动时间", "实施时间", "行动时间", "时间", "目标愿景"}

// verbs begin a heading that is a duty of its own.
var verbs = []string{
	"加强", "强化", "落实", "完善", "做好", "推进", "健全", "明确", "严格", "提升", "深化", "抓好", "开展", "优化", "坚持", "规范", "建立", "注重", "压实", "严肃", "提高", "加大", "聚焦", "突出", "推动", "全面", "持续", "深入", "着力", "切实", "认真", "积极",
	"扎实", "进一步", "统筹", "构建", "打造", "实施", "成立", "制定", "制订", "细化", "狠抓", "确保", "营造", "创新", "改进", "夯实", "培育", "组织开展", "巩固", "丰富", "拓展", "大力", "促进", "压缩", "缩短", "减少", "降低", "延长", "控制", "增加", "扩大", "简化", "取消", "整合", "梳理", "保证", "选优", "培养", "引进", "精心", "高度", "周密", "及时", "确定", "发布", "编制", "召开", "举办", "广泛", "努力", "实现", "完成",
}

// labelEnds end a heading that only names its part.
var labelEnds = []string{
	"安排", "举措", "措施", "要求", "任务", "步骤", "内容", "分工", "实施", "事项", "方法", "办法", "进度", "程序", "流程", "说明", "形式", "方式", "重点", "保障", "阶段划分", "组织领导", "其他", "计划", "时间", "工作", "职责", "节点", "日程", "要点", "机构", "组织",
}

// titleWords are a heading without the marks around it.
func titleWords(s string) string {
	t := strings.Trim(bare(s), "：:。；;、【】[]")
	if i := strings.IndexAny(t, colons); i > 0 && i <= 24 { // 行动时间：9月至12月
		t = t[:i]
	}
	return t
}

func isPurpose(title string, f form) bool {
	t := titleWords(title)
	if runes(t) > 14 || longest(t, verbs) != "" {
		return false
	}
	if runes(t) <= 6 && f <= hanParen && endsWith(t, []string{"范围", "对象", "地点", "附则"}) {
		return true
	}
	for _, w := range purposes {
		near := f <= hanParen && runes(w) >= 4 && runes(t) <= runes(w)+4
		if t == w || near && (strings.HasSuffix(t, w) || strings.HasPrefix(t, w)) {
			return true
		}
	}
	return false
}

func isGoal(title string) bool {
	t := titleWords(title)
	if runes(t) > 16 || longest(t, verbs) != "" {
		return false
	}
	return strings.HasSuffix(t, "目标") || endsWith(t, goals[1:]) && runes(t) <= 8 && t != "完成时间"
}

// isLabel tells a heading that names its part and is no duty itself.
func isLabel(title string) bool {
	t := titleWords(title)
	if runes(t) == 4 && endsWith(t, []string{"举措", "措施", "步骤", "安排", "方式", "方法"}) {
		return true // 推进举措
	}
	return runes(t) <= 10 && longest(t, verbs) == "" && endsWith(t, labelEnds)
}

// isStage tells the heading of a stage: its steps belong to it.
func isStage(title string) bool {
	t := titleWords(title)
	if i := strings.IndexAny(t, openers); i > 0 && in(closers, last(t)) {
		inner := strings.Trim(t[i:], openers+closers)
		if n := timeLabel(inner + "："); n > 0 && n == len(inner) {
			return true
		}
		t = t[:i]
	}
	if i := strings.IndexAny(t, "：:，,"); i > 0 {
		t = t[:i]
	}
	return strings.HasSuffix(t, "阶段") && runes(t) <= 16
}

// posts are persons that the head of a list of duties may name.
var posts = []string{"书记", "校长", "院长", "主任", "局长", "县长", "市长", "区长", "镇长", "成员", "领导", "负责人", "厅长", "会长", "组长", "部长", "处长", "科长", "所长", "园长", "馆长"}

// postOf is who a title such as 党委书记责任清单 speaks of; "" for nobody.
func postOf(title string) string {
	t := titleWords(title)
	i := -1
	for _, w := range []string{"落实", "履行", "责任", "职责", "抓"} {
		if k := strings.Index(t, w); k > 0 && (i < 0 || k < i) {
			i = k
		}
	}
	if i < 0 || !strings.Contains(t[i:], "责") || !endsWith(t[:i], posts) {
		return ""
	}
	who := t[:i]
	start := -1
	for _, w := range []string{"县委", "市委", "区委", "省委", "党委", "党组", "党总支", "党支部", "领导班子", "分管", "主要", "纪委", "行政", "校长", "副校长", "书记", "院长", "局长"} {
		if k := strings.Index(who, w); k >= 0 && (start < 0 || k < start) {
			start = k
		}
	}
	if start < 0 {
		return who
	}
	return who[start:]
}
