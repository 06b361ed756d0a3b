package text

import "fmt"

// asks is 3 项事项, or 有关事项 when the number is not known.
func (v voice) asks() string {
	if v.Asks > 0 {
		return fmt.Sprintf(" %d 项事项", v.Asks)
	}
	return "有关事项"
}

// roundTail is ：3项，请于5月25日前反馈.
func roundTail(v voice) string {
	s := "，"
	if v.Asks > 0 {
		s = fmt.Sprintf("：%d项，", v.Asks)
	}
	return s + beforeTail("反馈")(v)
}

func roundDueTail(v voice) string {
	if v.Left == 0 {
		return "今日截止"
	}
	return roundTail(v)
}

func roundAsk(v voice) string {
	return v.round() + "已开始，请贵单位反馈" + v.asks() + "的进展，" + v.before("提交") +
		"。本月没有变化的，选“本月无变化”即可。"
}

// closing is the day a collection ends and what is left until then.
func (v voice) closing() string {
	switch {
	case v.date() == 0:
		return "请尽快提交。"
	case v.Left > 0:
		return v.day(v.date()) + "截止，" + v.left() + "，请及时提交。"
	case v.Left == 0:
		return "今日截止，请今日提交。"
	}
	return v.day(v.date()) + "已截止，请尽快补交。"
}

func roundRemind(v voice) string {
	return v.round() + "尚有" + v.asks() + "待反馈，" + v.closing()
}

func roundDue(v voice) string {
	return v.round() + "尚有" + v.asks() + "待反馈，" + v.closing()
}

func roundOpened(v voice) string {
	units, known := v.count("units")
	switch {
	case known && units == 0:
		return v.round() + "已启动，本次按已有进展汇总，不向单位征集。"
	case known:
		return fmt.Sprintf("%s已启动，向 %d 家单位征集%s的进展，%s", v.round(), units, v.asks(), v.until())
	case v.Asks > 0:
		return v.round() + "已启动，向有关单位征集" + v.asks() + "的进展，" + v.until()
	}
	return v.round() + "已启动，请按时核对、印发通报。"
}

// until is the end of a collection.
func (v voice) until() string {
	if v.date() == 0 {
		return "请及时核对。"
	}
	return v.day(v.date()) + "截止。"
}

// roundNotice goes to the group of all units: counts, and nobody's name.
func roundNotice(v voice) string {
	s := v.round() + "已开始"
	if n, ok := v.count("units"); ok && n > 0 {
		s += fmt.Sprintf("，涉及 %d 家单位", n)
	}
	if v.Asks > 0 {
		s += fmt.Sprintf("，共 %d 项事项", v.Asks)
	}
	return s + "。请有关单位联络员" + v.answer() + "，事项清单已发至各联络员。"
}

func (v voice) answer() string {
	if v.date() == 0 {
		return "及时反馈"
	}
	return "于" + v.before("反馈")
}

func reviewAsk(v voice) string {
	return v.name() + "已启动，请贵单位" + v.submit() + "，写明完成情况、主要成效和存在问题。"
}

// submit is 于6月19日（周一）前报送自评.
func (v voice) submit() string {
	if v.date() == 0 {
		return v.before("报送自评")
	}
	return "于" + v.before("报送自评")
}

func reviewRemind(v voice) string { return v.name() + "的自评尚未报送，" + v.closing() }

func reviewDue(v voice) string { return v.name() + "的自评尚未报送，" + v.closing() }

func reviewDraft(v voice) string {
	s := v.name() + v.should("完成") + "，请根据各单位自评着手起草。"
	if n, ok := v.count("silent"); ok && n > 0 {
		s += fmt.Sprintf("尚有 %d 家单位未报送自评。", n)
	}
	return s
}
