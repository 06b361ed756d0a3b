package draft

import (
	"fmt"
	"strings"

	"duban/plan"
)

// Level is how sure a field is.
type Level string

// The levels.
const (
	High   Level = "high"
	Medium Level = "medium"
	Low    Level = "low"
)

// Chinese is 高, 中 or 低.
func (l Level) Chinese() string {
	return map[Level]string{High: "高", Medium: "中", Low: "低"}[l]
}

// Mark is how sure a field is, and why: one Chinese sentence.
type Mark struct {
	Level Level  `json:"level"`
	Why   string `json:"why"`
}

// place is where a field stands.
type place int

const (
	outside place = iota // not in the text of the item: a column or a line of its own
	tagged               // behind a tag such as 牵头单位：
	prose
)

// tags are words before a colon that name what follows.
var tags = []string{"牵头", "责任", "主责", "负责", "承办", "主办", "落实", "配合", "协办", "参与", "时限", "时间", "期限", "完成", "进度"}

// placeOf finds where words stand in the text of an item; behind a tag, if that
// is so anywhere.
func placeOf(text, words string) place {
	found := outside
	for from := 0; words != ""; {
		i := strings.Index(text[from:], words)
		if i < 0 {
			break
		}
		if i += from; isTagged(text[:i]) {
			return tagged
		}
		found, from = prose, i+len(words)
	}
	return found
}

// isTagged says whether a tag with its colon stands before, in the same clause.
func isTagged(before string) bool {
	if i := strings.LastIndexAny(before, "。；;（(【[\n"); i >= 0 {
		before = before[i:]
	}
	i := strings.LastIndexAny(before, "：:")
	if i < 0 {
		return false
	}
	for _, t := range tags {
		if strings.Contains(before[:i], t) {
			return true
		}
	}
	return false
}

// LeadMark says how sure a printed lead is.
func LeadMark(it *plan.Item, f *Found) Mark {
	switch f.How {
	case Unknown:
		return Mark{Low, "组织机构中没有这个名称，也没有相近的"}
	case Proposed:
		return Mark{Medium, fmt.Sprintf("组织机构中没有这个名称，最接近的是“%s”（%s）", f.Proposals[0].Unit, f.Proposals[0].Why)}
	}
	m := Mark{High, "责任栏写明"}
	switch placeOf(it.Text, f.Printed) {
	case tagged:
		m.Why = "责任标签后写明"
	case prose:
		m = Mark{Medium, "从正文叙述中认出"}
	}
	if f.How == Aliased {
		m.Why += "，按别名对应"
	}
	return m
}

// DeadlineMark says how sure a time limit is.
func DeadlineMark(it *plan.Item, d *plan.Deadline) Mark {
	where := placeOf(it.Text, d.Text)
	switch {
	case d.AltStart != 0 || d.AltEnd != 0:
		alt := *d
		alt.Start, alt.End = d.AltStart, d.AltEnd
		return Mark{Low, "有两种读法，也可能是" + Meaning(&alt)}
	case d.Kind == plan.Open:
		return Mark{Low, "文中没有日期"}
	case d.Kind == plan.Cadence && where == prose:
		return Mark{Medium, "正文写明周期"}
	case d.Kind == plan.Cadence:
		return Mark{High, "时限栏写明周期"}
	case d.End == 0 && d.Trigger == "event":
		return Mark{Medium, "等待事件，日期由牵头单位填报"}
	case d.End == 0:
		return Mark{Low, "没有截止日期"}
	case d.Trigger == "lunar":
		return Mark{Medium, "按节日推算"}
	case namesYear(d.Text):
		return Mark{High, "文中写明年份"}
	case where == prose:
		return Mark{Medium, fmt.Sprintf("正文写明，年份按文件推定为%d年", d.End.Year())}
	}
	return Mark{High, fmt.Sprintf("时限栏写明，年份按文件推定为%d年", d.End.Year())}
}

// namesYear says whether a text has a year of four digits.
func namesYear(s string) bool {
	digits := 0
	for _, r := range s {
		if r >= '0' && r <= '9' {
			if digits++; digits == 4 {
				return true
			}
			continue
		}
		digits = 0
	}
	return false
}

// Head marks the fields of the plan itself. given are the names of those that
// the office gave: issued, year.
func Head(p *plan.Plan, given []string) map[string]Mark {
	gave := " " + strings.Join(given, " ") + " "
	m := map[string]Mark{"title": {High, "文首标题"}, "issuer": {High, "文头或落款写明"}, "issued": {High, "文中印有日期"}, "year": {High, "文件年度"}}
	if p.Title == "" {
		m["title"] = Mark{Low, "未读到标题"}
	}
	if p.Issuer == "" {
		m["issuer"] = Mark{Low, "未读到发文单位"}
	}
	switch {
	case strings.Contains(gave, " issued "):
		m["issued"] = Mark{High, "由办公室给定"}
	case p.Issued == 0:
		m["issued"] = Mark{Low, "文中未印日期，确认前须给定"}
	}
	switch {
	case strings.Contains(gave, " year "):
		m["year"] = Mark{High, "由办公室给定"}
	case p.Year == 0:
		m["year"] = Mark{Low, "未读到年度"}
	case !strings.Contains(p.Title, fmt.Sprint(p.Year)):
		m["year"] = Mark{Medium, "标题未写年度，按文件推定"}
	}
	return m
}
