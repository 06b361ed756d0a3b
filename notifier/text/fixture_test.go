package text_test

import (
	"testing"

	"duban/engine/calendar"
	"duban/notifier/text"
)

func date(t *testing.T, s string) calendar.Date {
	t.Helper()
	d, err := calendar.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// notice is one example as the office would live it: who hears it, when, of what.
type notice struct {
	name  string // of the golden file, when a reason has more than one example
	to    string // liaison, head, leader, office
	today string
	due   string
	line  text.Line
}

func (n notice) file() string {
	if n.name != "" {
		return n.line.Reason + "_" + n.name
	}
	return n.line.Reason
}

func (n notice) digest(t *testing.T) text.Digest {
	d := college(t, n.to, n.today)
	l := n.line
	l.Due = date(t, n.due)
	if l.Effective == 0 {
		l.Effective = l.Due
	}
	d.Lines = []text.Line{l}
	return d
}

// college is a message of the demo college to one of its people.
func college(t *testing.T, to, today string) text.Digest {
	d := text.Digest{Office: "效能办", Phone: "0591-83760000", School: "福州职业技术学院", Date: date(t, today)}
	switch to {
	case "head":
		d.Name, d.Title, d.Unit = "陈志强", "部长", "组织部"
	case "leader":
		d.Name, d.Title, d.Unit = "林国平", "副书记", "校领导"
	case "office":
		d.Name, d.Title, d.Unit = "刘敏", "主任", "效能办"
	default:
		d.Name, d.Title, d.Unit = "王芳", "联络员", "组织部"
	}
	return d
}

// selfCheck is the matter most examples are about: due on Friday 30 June 2023.
func selfCheck(reason, title string, gravity, left int) text.Line {
	return text.Line{
		ID: "1024-3-0", Reason: reason, Title: title, Gravity: gravity, Left: left, Slip: "2023-0005",
		Plan: "2023年党建工作要点", Item: "三.(一).1", Heading: "开展党支部规范化建设半年自查", When: "6月底",
		Unit: "组织部", Link: "https://duban.fzpc.example/a/2023-0005",
	}
}

func with(l text.Line, change func(*text.Line)) text.Line {
	change(&l)
	return l
}

func words(l text.Line, kv ...string) text.Line {
	l.Words = map[string]string{}
	for i := 0; i < len(kv); i += 2 {
		l.Words[kv[i]] = kv[i+1]
	}
	return l
}

func late(l text.Line, chased int) text.Line {
	l.Late, l.Chased = true, chased
	return l
}

func lecture(l text.Line, period string, need, done int) text.Line {
	l.Slip, l.Item, l.Heading = "2023-0031", "二.(四).2", "举行党员集中学习交流"
	l.When, l.Period, l.Need, l.Done = "每季度至少举行2次", period, need, done
	return l
}

func round(reason, title string, gravity, left int) text.Line {
	return text.Line{ID: "2101-1-0", Reason: reason, Title: title, Gravity: gravity, Left: left,
		Slip: "2023-D05", Period: "2023年5月", Asks: 3, Link: "https://duban.fzpc.example/r/2023-05"}
}

func review(reason, title string, gravity, left int) text.Line {
	return text.Line{ID: "2201-1-0", Reason: reason, Title: title, Gravity: gravity, Left: left, Slip: "2023-0002",
		Plan: "“深学争优、敢为争先、实干争效”行动工作方案", Item: "三.(三).1", Heading: "6月底阶段性点评", When: "6月底",
		Unit: "党政办公室", Link: "https://duban.fzpc.example/a/2023-0002"}
}

const needsHelp = "试点支部的活动场地至今没有落实，后勤处答复需要下半年统筹。"

// notices has at least one example of every reason.
func notices(t *testing.T) []notice {
	t.Helper()
	const due = "2023-06-30"
	yearEnd := selfCheck("issued", "交办", 20, 215)
	yearEnd.Effective = date(t, "2023-12-29")
	yearEnd.When, yearEnd.Why = "12月底", "12月31日是星期日，提前到之前最近的工作日"
	dec := func(reason, title string, g, left int) text.Line {
		return with(yearEnd, func(l *text.Line) { l.Reason, l.Title, l.Gravity, l.Left = reason, title, g, left })
	}
	weekly := text.Line{ID: "3001-1-0", Reason: "weekly", Title: "本周要点", Gravity: 10, Link: "https://duban.fzpc.example/today",
		Extra: map[string]string{"due_week": "5", "overdue": "2", "phone": "3", "decide": "4", "waiting": "1", "silent": "0", "undated": "6"}}
	range12 := with(selfCheck("issued", "交办", 20, 200), func(l *text.Line) { l.Frame, l.When = true, "3-12月" })
	notDated := with(selfCheck("ask_date", "待定日期", 35, 0), func(l *text.Line) {
		l.Heading, l.When = "开展领导班子和党员问题整改“回头看”", "2022年度民主生活会、组织生活会召开前"
	})
	return []notice{
		{to: "head", today: "2023-03-15", due: due, line: selfCheck("issued", "交办", 20, 74)},
		{name: "coop", today: "2023-03-15", due: due, line: with(selfCheck("issued", "交办", 20, 74), func(l *text.Line) { l.Coop, l.Unit = true, "宣传统战部" })},
		{name: "rolled", to: "head", today: "2023-03-15", due: "2023-12-31", line: yearEnd},
		{name: "range", today: "2023-03-15", due: "2023-12-31", line: range12},
		{name: "open", today: "2023-03-15", line: with(selfCheck("issued", "交办", 20, 0), func(l *text.Line) { l.When = "" })},
		{name: "year", today: "2023-03-15", due: "2023-11-30", line: lecture(selfCheck("issued", "交办", 20, 170), "2023年", 1, 0)},
		{name: "two_years", today: "2023-03-15", due: "2024-12-31", line: lecture(selfCheck("issued", "交办", 20, 440), "2023—2024年", 2, 0)},
		{name: "sensitive", to: "head", today: "2023-03-15", due: due, line: with(selfCheck("issued", "交办", 20, 74), func(l *text.Line) { l.Sensitive = true })},
		{today: "2023-03-17", due: due, line: late(selfCheck("unsigned", "待签收", 30, 72), 0)},
		{today: "2023-06-20", due: due, line: selfCheck("week_ahead", "提醒", 40, 7)},
		{name: "quarter", today: "2023-06-20", due: due, line: lecture(selfCheck("week_ahead", "提醒", 40, 7), "2023年第二季度", 2, 1)},
		{name: "once", today: "2023-06-20", due: due, line: lecture(selfCheck("week_ahead", "提醒", 40, 7), "2023年第二季度", 1, 0)},
		{to: "head", today: "2023-06-27", due: due, line: selfCheck("three_days", "提醒", 50, 3)},
		{name: "rolled", to: "head", today: "2023-12-26", due: "2023-12-31", line: dec("three_days", "提醒", 50, 3)},
		{today: "2023-06-29", due: due, line: selfCheck("eve", "提醒", 60, 1)},
		{to: "head", today: "2023-06-30", due: due, line: selfCheck("due_day", "到期", 70, 0)},
		{name: "rolled", to: "head", today: "2023-12-29", due: "2023-12-31", line: dec("due_day", "到期", 70, 0)},
		{name: "quarter", today: "2023-06-30", due: due, line: lecture(selfCheck("due_day", "到期", 70, 0), "2023年第二季度", 2, 1)},
		{to: "head", today: "2023-07-03", due: due, line: late(selfCheck("overdue", "催办", 90, -1), 1)},
		{name: "second", today: "2023-07-10", due: due, line: words(late(selfCheck("overdue", "催办", 90, -6), 2), "progress", "已完成三分之二")},
		{name: "quarter", today: "2023-07-03", due: due, line: late(lecture(selfCheck("overdue", "催办", 90, -1), "2023年第二季度", 2, 1), 1)},
		{name: "new_year", today: "2024-01-02", due: "2023-12-31", line: late(dec("overdue", "催办", 90, -1), 1)},
		{to: "leader", today: "2023-07-10", due: due, line: words(late(selfCheck("sponsor", "请予协调", 95, -6), 2), "difficulty", needsHelp)},
		{name: "silent", to: "leader", today: "2023-07-10", due: due, line: late(selfCheck("sponsor", "请予协调", 95, -6), 2)},
		{name: "sensitive", to: "leader", today: "2023-07-10", due: due, line: with(words(late(selfCheck("sponsor", "请予协调", 95, -6), 2), "difficulty", needsHelp), func(l *text.Line) { l.Sensitive = true })},
		{to: "office", today: "2023-07-07", due: due, line: late(selfCheck("named", "提请通报", 92, -5), 1)},
		{to: "leader", today: "2023-07-14", due: due, line: words(late(selfCheck("principal", "专报", 99, -10), 3), "difficulty", needsHelp, "suggestion", "请分管校领导召集后勤处、组织部专题协调")},
		{to: "head", today: "2023-05-08", due: due, line: words(selfCheck("instructed", "批示", 100, 38), "by", "校党委书记", "text", "此项工作要抓实，5月底前先报一次进展。")},
		{today: "2023-06-15", due: due, line: words(late(selfCheck("urged", "催办", 72, 10), 0), "message", "市委组织部下周来校调研，请先报一次进展。")},
		{name: "overdue", to: "head", today: "2023-07-05", due: due, line: late(selfCheck("urged", "催办", 72, -3), 2)},
		{name: "range", today: "2023-09-15", due: "2023-12-31", line: with(late(selfCheck("urged", "催办", 72, 74), 0), func(l *text.Line) { l.Frame, l.When = true, "3-12月" })},
		{to: "head", today: "2023-06-30", due: "2023-07-05", line: words(selfCheck("returned", "退回补正", 80, 3), "reason", "缺少三个直属支部的自查表，请补齐。")},
		{to: "head", today: "2023-06-28", due: "2023-07-31", line: words(selfCheck("extended", "同意延期", 45, 23), "reason", "场地七月中旬交付")},
		{to: "head", today: "2023-06-28", due: due, line: words(selfCheck("refused", "未予同意", 75, 2), "reason", "上级检查时间已定，不能顺延")},
		{to: "head", today: "2023-05-08", due: due, line: words(selfCheck("suspended", "暂缓", 25, 38), "reason", "上级方案正在修订")},
		{to: "head", today: "2023-06-12", due: "2023-08-31", line: selfCheck("resumed", "恢复办理", 55, 57)},
		{to: "head", today: "2023-07-17", due: "2023-07-24", line: words(selfCheck("reopened", "重新办理", 78, 5), "reason", "抽查发现两个支部台账与实际不符")},
		{to: "head", today: "2023-05-08", due: due, line: words(selfCheck("cancelled", "撤销", 15, 38), "reason", "与“三级联创”任务合并")},
		{to: "head", today: "2023-06-16", due: due, line: selfCheck("thanks", "感谢", 5, 9)},
		{to: "office", today: "2023-06-28", due: due, line: words(selfCheck("close_asked", "申请办结", 64, 2), "result", "36个支部自查全部完成，形成问题清单12条")},
		{to: "office", today: "2023-03-17", due: due, line: words(selfCheck("contested", "申请调整", 66, 72), "reason", "此项工作由各二级学院党总支实施，建议改为共同牵头")},
		{to: "office", today: "2023-06-26", due: due, line: words(selfCheck("extension_asked", "申请延期", 65, 4), "due", "2023-07-31", "reason", "场地七月中旬交付")},
		{to: "office", today: "2023-07-03", due: due, line: selfCheck("office_limit", "待审核", 67, -1)},
		{name: "round", to: "office", today: "2023-06-02", line: with(round("office_limit", "待核对", 67, 0), func(l *text.Line) { l.Asks = 0 })},
		{today: "2022-11-01", line: notDated},
		{today: "2024-09-29", due: "2024-12-31", line: lecture(selfCheck("sixty_days", "提醒", 40, 60), "2023—2024年", 1, 0)},
		{today: "2024-12-03", due: "2024-12-31", line: lecture(selfCheck("twenty_days", "提醒", 45, 20), "2023—2024年", 1, 0)},
		{today: "2023-04-17", due: "2023-06-16", line: lecture(selfCheck("term_week_10", "提醒", 40, 41), "2022—2023学年第二学期", 2, 0)},
		{to: "head", today: "2023-05-29", due: "2023-06-16", line: lecture(selfCheck("term_week_16", "提醒", 50, 14), "2022—2023学年第二学期", 2, 1)},
		{today: "2023-05-22", due: "2023-05-26", line: round("round_ask", "月度反馈", 32, 4)},
		{today: "2023-05-25", due: "2023-05-26", line: round("round_remind", "月度反馈", 52, 1)},
		{today: "2023-05-26", due: "2023-05-26", line: round("round_due", "月度反馈", 68, 0)},
		{to: "office", today: "2023-05-22", due: "2023-05-26", line: with(round("round_opened", "月度督办", 33, 4), func(l *text.Line) { l.Asks, l.Extra = 34, map[string]string{"units": "12"} })},
		{name: "vacation", to: "office", today: "2023-08-21", line: with(round("round_opened", "月度督办", 33, 0), func(l *text.Line) { l.Period, l.Asks, l.Extra = "2023年8月", 0, map[string]string{"units": "0"} })},
		{today: "2023-05-22", due: "2023-05-26", line: with(round("round_notice", "月度督办", 33, 4), func(l *text.Line) { l.Asks, l.Extra = 34, map[string]string{"units": "12"} })},
		{to: "office", today: "2023-06-07", line: round("bulletin_due", "通报", 69, 0)},
		{today: "2023-06-08", due: "2023-06-19", line: review("review_ask", "自评", 32, 7)},
		{today: "2023-06-16", due: "2023-06-19", line: review("review_remind", "自评", 52, 1)},
		{today: "2023-06-19", due: "2023-06-19", line: review("review_due", "自评", 68, 0)},
		{to: "office", today: "2023-06-27", due: due, line: with(review("review_draft", "点评起草", 69, 3), func(l *text.Line) { l.Extra = map[string]string{"silent": "2"} })},
		{to: "office", today: "2023-06-26", line: weekly},
		{name: "quiet", to: "office", today: "2023-06-26", line: with(weekly, func(l *text.Line) { l.Extra = nil })},
		{today: "2023-06-20", due: due, line: selfCheck("written_later", "督查", 40, 7)},
	}
}
