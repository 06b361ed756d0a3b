package when

import (
	"fmt"
	"strings"

	"duban/engine/calendar"
	"duban/plan"
)

// ruleTitles say in Chinese what a rule goes by.
var ruleTitles = map[string]string{
	"event cadence":     "“一事一议”类，随事项发生，不设固定周期",
	"cadence":           "“每”加周期，数量取同一分句中的数",
	"cadence by unit":   "“按、逐、隔、双”加周期",
	"cadence by number": "周期加次数",
	"cadence of halves": "上、下半年各若干次，即每半年",
	"regular check":     "周期加例行工作",
	"number a period":   "周期加最低数量",
	"same cadence":      "沿用前一分句的周期",
	"within":            "“若干时间内”，自印发之日起算；以事件起算的，待事件发生",
	"event":             "某事件之前，日期待事件确定",
	"range":             "起止日期，后一日期沿用前一日期的年、月",
	"date":              "日期及其后的“底、前、后、起、内”",
	"day alone":         "只写日，沿用前文或印发之日的月份",
	"whole year":        "“全年”，一年的起止日期",
	"same day":          "“当日”类，自收到之日起算",
	"open word":         "不含时间的词语",
	"as told":           "按要求或进度办理，不含时间",
}

// Explain is the meaning of one expression in a Chinese sentence, with the rule
// that applied.
func Explain(f Found, c Context) string {
	var b strings.Builder
	fmt.Fprintf(&b, "“%s”：%s", f.Text, meaning(&f.Deadline))
	if f.AltEnd != 0 {
		fmt.Fprintf(&b, "，从宽理解为%s", f.AltEnd.Chinese())
	}
	if c.Issued != 0 && (f.Rule == "within" && f.End != 0) {
		fmt.Fprintf(&b, "，自%s起算", c.Issued.Chinese())
	}
	if f.Warning != "" {
		fmt.Fprintf(&b, "，请核对：%s", f.Warning)
	}
	fmt.Fprintf(&b, "。依据：%s。", ruleTitles[f.Rule])
	return b.String()
}

func meaning(d *plan.Deadline) string {
	switch d.Kind {
	case plan.Point:
		if d.End == 0 {
			return "截止日期待定，" + waitsFor(d)
		}
		return "截至" + d.End.Chinese() + "（含当日）"
	case plan.Range:
		return fmt.Sprintf("自%s至%s", orUnknown(d.Start), orUnknown(d.End))
	case plan.Cadence:
		return cadenceWords(d)
	case plan.Open:
		if d.Start != 0 {
			return "自" + d.Start.Chinese() + "起，未设截止日期"
		}
		return "未设具体时间"
	}
	return "没有这样的日期，不作时限"
}

func waitsFor(d *plan.Deadline) string {
	if d.Trigger == "event" {
		return "待所称事件（或校历）确定"
	}
	return "文中未说明年份"
}

func orUnknown(d calendar.Date) string {
	if d == 0 {
		return "未知日期"
	}
	return d.Chinese()
}

// cadenceTitles are the periods in words.
var cadenceTitles = map[string]string{
	"P1D": "每天", "P1W": "每周", "P2W": "每两周", "P1M": "每月", "P2M": "每两个月", "P3M": "每季度", "P6M": "每半年",
	"P1Y": "每年", "P2Y": "每两年", "P3Y": "每三年", "P4Y": "每四年", "P5Y": "每五年", "term": "每学期", "event": "随事项发生",
}

func cadenceWords(d *plan.Deadline) string {
	s := cadenceTitles[d.Cadence]
	if d.Count == 0 {
		return s + "，周期性时限"
	}
	if d.AtLeast {
		s += "至少"
	}
	return fmt.Sprintf("%s%d次（项）", s, d.Count)
}
