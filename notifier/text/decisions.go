package text

func extendedTail(v voice) string {
	if v.date() == 0 {
		return "同意延期"
	}
	return "延期至" + v.short(v.date())
}

func instructed(v voice) string {
	who := v.Words["by"]
	if who == "" {
		who = "校领导"
	}
	if v.Words["text"] == "" {
		return who + "对" + v.name() + "作出批示，内容请登录系统查看。请抓紧办理，并及时反馈。"
	}
	return who + "对" + v.name() + "作出批示：" + quoted(v.Words["text"]+"。") + "请抓紧办理，并及时反馈。"
}

// urged is what the office sends by hand, at any day before or after the deadline.
func urged(v voice) string {
	s := v.owed() + "，"
	switch {
	case v.framed():
		s = v.name() + "需持续推进，"
	case v.date() != 0 && v.Left < 0:
		s += "已" + v.left() + "，" + v.heard()
	case v.date() != 0:
		s += v.left() + "，" + v.heard()
	default:
		s += v.heard()
	}
	s += "请尽快反馈进展。" + v.said("督办意见", "message")
	if v.framed() || v.recurs() {
		return s + "如有困难请" + v.contact() + "。"
	}
	return s + "如有困难请申请延期或" + v.contact() + "。"
}

func returned(v voice) string {
	return v.name() + "的办结申请已退回，请补正后重新提交，" + v.before("完成") + "。" + v.said("退回原因", "reason")
}

func extended(v voice) string {
	if v.date() == 0 {
		return v.name() + "已同意延期。"
	}
	return v.name() + "已同意延期，新的时限为" + v.day(v.date()) + v.paper() + "。" + v.said("理由", "reason")
}

func refused(v voice) string {
	s := v.name() + "的申请未予同意，请继续办理，" + v.before("办结") + "。"
	return s + v.said("理由", "reason")
}

func suspended(v voice) string {
	return v.name() + "暂缓办理，暂缓期间不再催办，恢复办理时另行通知。" + v.said("原因", "reason")
}

func resumed(v voice) string {
	if v.date() == 0 {
		return v.name() + "恢复办理，请继续推进。"
	}
	return v.name() + "恢复办理，时限调整为" + v.day(v.date()) + v.paper() + "，请继续推进。"
}

func reopened(v voice) string {
	return v.name() + "经复核需重新办理，请" + v.anew() + "。" + v.said("原因", "reason")
}

func (v voice) anew() string {
	if v.date() == 0 {
		return v.before("完成")
	}
	return "于" + v.before("完成")
}

func cancelled(v voice) string {
	return v.name() + "已撤销，无需继续办理。" + v.said("原因", "reason")
}

func thanks(v voice) string {
	return v.name() + v.occasion() + "已提前办结并通过审核，感谢贵单位的支持。"
}

func askDate(v voice) string {
	if v.When == "" {
		return v.name() + "的办理日期尚未确定，请填报具体日期。确定前不计时限。"
	}
	return v.name() + "按“" + v.When + "”的要求办理，具体日期尚未确定，请填报日期。确定前不计时限。"
}
