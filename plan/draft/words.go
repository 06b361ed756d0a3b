package draft

import (
	"fmt"
	"strings"

	"duban/plan"
)

// periods are the cadences in Chinese.
var periods = map[string]string{"P1D": "每日", "P1W": "每周", "P2W": "每两周", "P1M": "每月", "P2M": "每两个月", "P3M": "每季度", "P6M": "每半年",
	"P1Y": "每年", "P2Y": "每两年", "P3Y": "每三年", "P4Y": "每四年", "P5Y": "每五年", "term": "每学期", "event": "一事一报"}

// Meaning is what a time limit means, in a few Chinese words.
func Meaning(d *plan.Deadline) string {
	switch {
	case d.Kind == plan.Cadence:
		return cadence(d)
	case d.Kind == plan.Open:
		return "时限未定"
	case d.End == 0 && d.Trigger == "event":
		return "待事件日期"
	case d.End == 0 && d.Start != 0:
		return d.Start.Chinese() + "起"
	case d.End == 0:
		return "日期未定"
	case d.Start != 0 && d.Start != d.End:
		return d.Start.Chinese() + "至" + d.End.Chinese()
	}
	return d.End.Chinese() + "前"
}

func cadence(d *plan.Deadline) string {
	s := periods[d.Cadence]
	if s == "" {
		s = d.Cadence
	}
	if d.Count > 0 && d.Cadence != "event" {
		if d.AtLeast {
			s += "至少"
		}
		s += fmt.Sprintf("%d次", d.Count)
	}
	return s
}

// limits are the time limits of an item on one line.
func limits(ds []plan.Deadline) string {
	words := make([]string, len(ds))
	for i := range ds {
		words[i] = ds[i].Text + "（" + Meaning(&ds[i]) + "）"
	}
	return strings.Join(words, "；")
}

// Manner is how the office wants an item handled, "" as printed.
func Manner(d *plan.Decision) string {
	var words []string
	if d != nil && d.Drop {
		words = append(words, "不督办")
	}
	if d != nil && d.Keep {
		words = append(words, "长期坚持")
	}
	if d != nil && d.Sensitive {
		words = append(words, "敏感")
	}
	return strings.Join(words, "、")
}
