package calendar

import "fmt"

var weekdayNames = [...]string{"星期日", "星期一", "星期二", "星期三", "星期四", "星期五", "星期六"}

func weekdayName(d Date) string { return weekdayNames[d.Weekday()] }

// Title is the rule in Chinese, as a person chooses it.
func (r Roll) Title() string {
	switch r {
	case After:
		return "顺延到工作日"
	case Nearest:
		return "就近到工作日"
	case Stay:
		return "不调整"
	}
	return "提前到工作日"
}

// Why says in one Chinese sentence why d is a work day or not.
func (c *Calendar) Why(d Date) string {
	if d == 0 {
		return "没有日期。"
	}
	return fmt.Sprintf("%s是%s，%s。", d, weekdayName(d), c.reason(d))
}

func (c *Calendar) reason(d Date) string {
	m, named := c.marks[d]
	switch {
	case named && m.work:
		return fmt.Sprintf("按国务院办公厅%d年%s调休安排为工作日", m.year, m.name)
	case named:
		return fmt.Sprintf("按国务院办公厅%d年%s放假安排休息", m.year, m.name)
	case c.Provisional(d):
		return fmt.Sprintf("尚无国务院办公厅%d年放假安排，暂按周一至周五为工作日推算", d.Year())
	case weekend(d):
		return "休息日"
	}
	return "工作日"
}

// WhyRolled says in one Chinese sentence where a deadline goes under a roll
// rule and why. What rests on a year without a notice is said to be so.
func (c *Calendar) WhyRolled(due Date, r Roll) string {
	if due == 0 {
		return "没有期限。"
	}
	to := c.Roll(due, r)
	return fmt.Sprintf("%s是%s，%s%s。", due.Chinese(), weekdayName(due), c.outcome(due, to, r), c.caution(due, to))
}

func (c *Calendar) outcome(due, to Date, r Roll) string {
	m, named := c.marks[due]
	switch {
	case named && m.work:
		return c.reason(due) + "，期限不变"
	case c.IsWorkday(due):
		return "工作日，期限不变"
	}
	holiday := ""
	if named {
		holiday = m.name + "放假，"
	}
	if to == due {
		return fmt.Sprintf("%s按“%s”办理，期限不变", holiday, r.Title())
	}
	return fmt.Sprintf("%s按“%s”办理，实际期限为%s（%s）", holiday, r.Title(), to.Chinese(), weekdayName(to))
}

// caution warns when either day lies in a year without a notice.
func (c *Calendar) caution(due, to Date) string {
	for _, d := range []Date{due, to} {
		if c.Provisional(d) {
			return fmt.Sprintf("（尚无国务院办公厅%d年放假安排，暂按周一至周五为工作日推算）", d.Year())
		}
	}
	return ""
}
