package text

import (
	"fmt"
	"strings"

	"duban/engine/calendar"
)

func closeAsked(v voice) string {
	return v.lead() + "就" + v.name() + "申请办结，请予审核。" + v.said("办理结果", "result")
}

func contested(v voice) string {
	return v.lead() + "就" + v.name() + "申请调整，请予审核。" + v.said("理由", "reason")
}

func extensionAsked(v voice) string {
	to := ""
	if d, err := calendar.ParseDate(v.Words["due"]); err == nil && d != 0 {
		to = "至" + v.day(d)
	}
	return v.lead() + "就" + v.name() + "申请延期" + to + "，请予审核。" + v.said("理由", "reason")
}

// ofRound tells whether a line is about the round itself, not about a matter.
func (v voice) ofRound() bool { return v.Heading == "" && !v.Sensitive }

func limitTopic(v voice) string {
	if v.ofRound() {
		return v.round()
	}
	return v.matter()
}

func limitTail(v voice) string {
	if v.ofRound() {
		return "核对时限已到"
	}
	return "审核时限已到"
}

func officeLimit(v voice) string {
	if v.ofRound() {
		return v.round() + "的反馈尚未核对完毕，核对时限已到，请尽快核对并送各单位核实。"
	}
	return v.name() + "的申请尚未审核，审核时限已到，请尽快审核。审核用时不计入承办单位。"
}

// bulletin is the paper a round publishes: 5月份《效能督办通报》.
func bulletin(v voice) string { return v.month() + "《效能督办通报》" }

func bulletinDue(v voice) string {
	return bulletin(v) + "应于今日印发，目前尚未印发，请抓紧核对、送审。"
}

func weeklyTopic(voice) string { return "" }

// weekCounts are the counts of the Monday list in the order the office works
// them off. Counts of lateness are left out of groups.
var weekCounts = []struct {
	key, text string
	late      bool
}{
	{"due_week", "本周到期 %d 项", false},
	{"overdue", "逾期 %d 项", true},
	{"phone", "需电话催办 %d 项", true},
	{"decide", "待审核 %d 项", false},
	{"waiting", "待送校领导 %d 项", false},
	{"named", "提请通报 %d 项", true},
	{"silent", "未反馈 %d 项", true},
	{"undated", "待明确时限 %d 项", false},
	{"unassigned", "待明确责任单位 %d 项", false},
}

// counted lists what there is to do this week.
func (v voice) counted() []string {
	var out []string
	for _, c := range weekCounts {
		if n, ok := v.count(c.key); ok && n > 0 && !(c.late && v.group) {
			out = append(out, fmt.Sprintf(c.text, n))
		}
	}
	return out
}

func weeklyTail(v voice) string {
	all := v.counted()
	if len(all) == 0 {
		return "本周督办要点"
	}
	return "本周督办要点：" + strings.ReplaceAll(strings.Join(all[:min(3, len(all))], "，"), " ", "")
}

func weekly(v voice) string {
	all := v.counted()
	if len(all) == 0 {
		return "本周督办要点已生成，请查看。"
	}
	return strings.Join(all, "，") + "。"
}
