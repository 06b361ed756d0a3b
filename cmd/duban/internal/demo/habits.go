package demo

import (
	"strconv"
	"time"

	"duban/engine"
	"duban/engine/calendar"
)

// decide says what the people concerned do next with an instance, if anything.
// The shares are invented; they are meant to show every path of the ladder.
func (c *crowd) decide(in *engine.Instance) (act, bool) {
	if !in.Closed.IsZero() {
		return act{}, false
	}
	switch in.Kind {
	case engine.KindAssignment:
		if in.Workflow == "recurring" {
			return c.recurring(in)
		}
		return c.assignment(in)
	case engine.KindAsked:
		return c.asked(in)
	case engine.KindRound:
		return c.round(in)
	}
	return act{}, false
}

func (c *crowd) assignment(in *engine.Instance) (act, bool) {
	switch in.State {
	case "assigned":
		return c.assigned(in)
	case "in_progress":
		return c.inProgress(in)
	case "to_check":
		return c.check(in)
	case "extension":
		if c.dice(in, "extend", 5) > 0 {
			return c.office(in, 1, "extend", words("due", in.Words["due"], "reason", "情况属实，同意延期"))
		}
		return c.office(in, 1, "refuse", words("reason", "请按原时限加快推进"))
	case "contested":
		return c.office(in, 1, "refuse", words("reason", "经核实，此项属贵单位职责"))
	}
	return act{}, false
}

// assigned: most sign within a day, some need the reminder, few never sign.
func (c *crowd) assigned(in *engine.Instance) (act, bool) {
	r := c.dice(in, "sign", 100)
	if r >= 96 && c.dice(in, "contest", 2) == 0 {
		return c.after(in, 1, "head", "contest", words("reason", "此项似应由其他单位牵头"))
	}
	days := 0
	switch {
	case r < 55:
	case r < 80:
		days = 1
	case r < 92:
		days = 3
	default:
		days = 4
	}
	return c.after(in, days, "liaison", "acknowledge", nil)
}

// inProgress: a report on the way, then the request to close: early, on the
// day, late, or very late.
func (c *crowd) inProgress(in *engine.Instance) (act, bool) {
	cal := c.app.Calendar
	r := c.dice(in, "finish", 100)
	if r >= 93 && in.Extended == 0 && in.Words["due"] == "" {
		due := cal.AddWorkdays(in.Effective, 10)
		return c.on(in, cal.AddWorkdays(in.Effective, -2), "head", "ask_extension",
			words("due", due.String(), "reason", "外部单位材料未到，需顺延两周"))
	}
	if in.Light == "red" && !in.Instructed && c.dice(in, "instruct", 4) == 0 {
		return c.on(in, cal.AddWorkdays(in.Effective, 6), "sponsor", "instruct", words("text", "请抓紧推进，本周内报结果。", "by", "分管校领导"))
	}
	middle := cal.AddWorkdays(in.Issued, cal.Workdays(in.Issued, in.Effective)*2/3)
	if in.Reported.IsZero() && c.dice(in, "report", 3) > 0 && middle > cal.DateOf(in.Entered) {
		progress := words("progress", "已完成方案，正在组织实施")
		if r >= 75 {
			progress["difficulty"] = "涉及部门较多，材料收集较慢"
		}
		return c.on(in, middle, "liaison", "report", progress)
	}
	if r >= 97 {
		return act{}, false // stays undone, whatever is sent
	}
	return c.on(in, cal.AddWorkdays(in.Effective, finish(r)), "head", "request_close", words("result", "已完成，材料齐备"))
}

// finish is how many work days after the deadline a unit is done, by its dice.
func finish(r int) int {
	switch {
	case r < 60:
		return -1 - r%8
	case r < 76:
		return 0
	case r < 86:
		return 1 + r%3
	case r < 92:
		return 5 + r%4
	case r < 96:
		return 11 + r%5
	}
	return 18 + r%10
}

func (c *crowd) check(in *engine.Instance) (act, bool) {
	if c.dice(in, "return", 9) == 0 && in.Words["returned"] == "" {
		return c.office(in, 1, "return", words("reason", "缺少佐证材料，请补充", "returned", "1"))
	}
	return c.office(in, c.dice(in, "check", 3), "close", words("result", "材料齐备，准予办结"))
}

// recurring: most hold the meeting well before the period ends.
func (c *crowd) recurring(in *engine.Instance) (act, bool) {
	if in.State != "open" {
		return act{}, false
	}
	cal := c.app.Calendar
	if in.Cadence == "P1Y" && in.Signed.IsZero() && c.dice(in, "month", 3) == 0 {
		if m := 6 + c.dice(in, "which", 6); time.Month(m) > in.Issued.Month() {
			return c.after(in, 2, "head", "acknowledge", words("month", strconv.Itoa(m)))
		}
	}
	period := max(cal.Workdays(in.Issued, in.Effective), 1)
	r := c.dice(in, "tick"+strconv.Itoa(in.Done), 100)
	day := cal.AddWorkdays(in.Issued, period*(30+r)/130)
	switch {
	case r >= 97 && period < 30:
		return act{}, false // a month nobody reports
	case r >= 94:
		day = cal.AddWorkdays(in.Effective, 7+r%9)
	case r >= 86:
		day = cal.AddWorkdays(in.Effective, 1+r%3)
	}
	return c.on(in, day, "liaison", "tick", words("topic", "第"+strconv.Itoa(in.Done+1)+"次，已按要求开展"))
}

// asked: a round's or review's question is answered within its days, or not at all.
func (c *crowd) asked(in *engine.Instance) (act, bool) {
	r := c.dice(in, "answer", 100)
	days := r % 4
	switch {
	case r >= 98:
		return act{}, false
	case r >= 92:
		days = 5
	case r >= 82:
		days = 4
	}
	progress := "本月按计划推进"
	if r%3 == 0 {
		progress = "本月无变化"
	}
	return c.after(in, days, "liaison", "report", words("progress", progress))
}

func (c *crowd) round(in *engine.Instance) (act, bool) {
	switch in.State {
	case "checking":
		return c.office(in, 1, "checked", nil)
	case "drafted":
		return c.office(in, 0, "approve", nil)
	case "approved":
		return c.office(in, 0, "publish", nil)
	}
	return act{}, false
}

func words(kv ...string) map[string]string {
	m := map[string]string{}
	for i := 0; i+1 < len(kv); i += 2 {
		m[kv[i]] = kv[i+1]
	}
	return m
}

// office is an act of the office so many work days after the state was entered.
func (c *crowd) office(in *engine.Instance, days int, kind engine.EventKind, data map[string]string) (act, bool) {
	return c.after(in, days, "office", kind, data)
}

// after is an act so many work days after the state was entered.
func (c *crowd) after(in *engine.Instance, days int, role string, kind engine.EventKind, data map[string]string) (act, bool) {
	return c.on(in, c.app.Calendar.AddWorkdays(c.app.Calendar.DateOf(in.Entered), days), role, kind, data)
}

// on is an act on a day, at a minute between 09:11 and 16:50, and never before
// the state was entered.
func (c *crowd) on(in *engine.Instance, d calendar.Date, role string, kind engine.EventKind, data map[string]string) (act, bool) {
	cal := c.app.Calendar
	d = cal.OnOrAfter(max(d, cal.DateOf(in.Entered)))
	at := cal.Opening(d).Add(time.Duration(11+c.dice(in, "minute "+string(kind)+strconv.Itoa(in.Done), 459)) * time.Minute)
	if !at.After(in.Entered) {
		at = in.Entered.Add(time.Duration(17+c.dice(in, "wait", 60)) * time.Minute)
	}
	return act{at: at, role: role, kind: kind, data: data}, true
}
