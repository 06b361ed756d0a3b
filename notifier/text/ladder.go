package text

import (
	"fmt"
	"strings"
)

func issuedTail(v voice) string {
	switch {
	case v.Coop:
		return "请配合办理"
	case v.framed():
		return "请持续推进"
	}
	return beforeTail("办结")(v)
}

// framed tells whether the matter is to be kept going rather than handed in.
func (v voice) framed() bool { return v.Frame || v.date() == 0 && v.When != "" }

func issued(v voice) string {
	duty := "请贵单位牵头" + v.name()
	if v.Coop {
		duty = "请贵单位配合" + v.lead() + "办理" + v.name()
	}
	if v.Need > 1 {
		duty += fmt.Sprintf("，%s应完成 %d 次", v.period(), v.Need)
	} else {
		duty += v.occasion()
	}
	if !v.framed() && v.date() == 0 {
		return duty + "。请及时签收，办结后报告结果。"
	}
	return duty + "，" + v.term() + v.next()
}

// term is by when a new matter is to be done.
func (v voice) term() string {
	switch {
	case v.framed() && v.When != "":
		return "按“" + v.When + "”的安排持续推进，进展随月度督办反馈。"
	case v.framed():
		return "持续推进，进展随月度督办反馈。"
	}
	return v.before("办结") + "。"
}

// next is the step that follows on a new matter.
func (v voice) next() string {
	switch {
	case v.Coop:
		return "具体安排请与牵头单位衔接。"
	case v.yearly():
		return "请及时签收，并在签收时选定办理月份。"
	}
	return "请及时签收。"
}

// yearly tells whether the occurrence is one year: its lead picks the month.
func (v voice) yearly() bool {
	year, ok := strings.CutSuffix(strings.TrimSuffix(v.Period, "度"), "年")
	return ok && len(year) == 4 && !v.framed()
}

func unsigned(v voice) string {
	return v.name() + "已交办，尚未签收，请今日签收；不属本单位职责的，可申请调整。到期未签收的，视同送达。"
}

// ahead is a reminder before the deadline that ends with what is asked for.
func ahead(ask string) func(voice) string {
	return func(v voice) string { return v.running() + "，" + ask }
}

// running is the matter, its deadline and the days left.
func (v voice) running() string {
	if v.date() == 0 {
		return v.owed()
	}
	return v.owed() + "，" + v.left()
}

func inWeek(n int, ask string) func(voice) string {
	return func(v voice) string {
		return fmt.Sprintf("本学期已到第 %d 教学周。%s，%s", n, v.running(), ask)
	}
}

func dueDay(v voice) string {
	ask := "请今日反馈或申请办结；确有困难的，请今日申请延期。"
	if v.recurs() {
		ask = "请今日登记完成情况；确有困难的，请" + v.contact() + "。"
	}
	if v.Left != 0 || v.date() == 0 {
		return v.running() + "，" + ask
	}
	what := v.name() + v.occasion()
	if v.Need > 1 {
		what = fmt.Sprintf("%s%s应完成 %d 次，已完成 %d 次，", v.name(), v.period(), v.Need, v.Done)
	}
	return what + "今日到期" + v.paper() + "，" + ask
}

// heard says what the unit has sent so far.
func (v voice) heard() string {
	switch {
	case v.Need > 1: // how many are done is said already
		return ""
	case v.answered:
		return "尚未办结，"
	}
	return "尚未收到反馈，"
}

func overdue(v voice) string {
	s := v.owed() + "，" + v.heard() + "已" + v.over() + "。"
	if v.Chased > 1 {
		s += fmt.Sprintf("本次为第 %d 次催办。", v.Chased)
	}
	if v.recurs() {
		return s + "请尽快登记完成情况，如有困难请" + v.contact() + "。"
	}
	return s + "如有困难请申请延期或" + v.contact() + "。"
}

// unmet is a late matter as leaders and the office read it.
func (v voice) unmet() string {
	s := v.name() + v.occasion() + "（" + v.lead() + "牵头）" + v.over()
	if v.Chased > 0 {
		s += fmt.Sprintf("，已提醒 %d 次", v.Chased)
	}
	return s + "；" + v.voiced()
}

// voiced is what the unit says stands in the way.
func (v voice) voiced() string {
	for _, key := range []string{"difficulty", "progress"} {
		if w := v.Words[key]; w != "" {
			return "单位反映：" + w
		}
	}
	if v.Sensitive {
		return "单位反映情况见系统"
	}
	return "单位尚未反映情况"
}

func sponsor(v voice) string {
	s := v.unmet() + "；建议："
	switch {
	case v.Words["suggestion"] != "":
		return s + v.Words["suggestion"] + "。"
	case v.Words["difficulty"] != "":
		return s + "请协调解决有关困难，督促尽快办结。"
	}
	return s + "请督促尽快反馈并办结。"
}

func principal(v voice) string {
	s := v.unmet() + "。"
	if w := v.Words["suggestion"]; w != "" {
		s += "建议：" + w + "。"
	}
	return s + "请阅示。"
}

func named(v voice) string {
	return v.name() + v.occasion() + "（" + v.lead() + "牵头）" + v.over() + "，已列入本期通报的“提请通报”名单，是否通报请审定。"
}
