package text

import (
	"fmt"
	"strconv"
	"strings"

	"duban/engine/calendar"
)

// voice words one line for one receiver. Its line is cleaned: every text in it
// is one printable line and, for a sensitive matter, only the number is left.
type voice struct {
	Line
	today    calendar.Date
	phone    string
	group    bool
	answered bool // the unit has reported something
}

func newVoice(d Digest, l Line) voice {
	answered := l.Words["progress"] != "" || l.Done > 0
	words, most := map[string]string{}, maxWords
	if len(d.Lines) > fewLines {
		most = maxWordsIn
	}
	for k, s := range l.Words {
		words[k] = phrase(s, most)
	}
	l.Words = words
	l.Title = strings.Trim(clean(l.Title, 10), "【】")
	if l.Title == "" {
		l.Title = wordingOf(l.Reason).title
	}
	l.Slip = clean(l.Slip, 30)
	l.Heading = phrase(l.Heading, maxHeading)
	l.Plan, l.Item = clean(l.Plan, maxShort), clean(l.Item, 20)
	l.When, l.Period = inner(phrase(l.When, maxShort)), clean(l.Period, 20)
	l.Unit, l.Why = clean(l.Unit, 30), phrase(l.Why, 120)
	l.Link = webLink(l.Link)
	if l.Sensitive {
		l.Heading, l.Plan, l.Item, l.When = "", "", "", ""
		l.Words, l.Extra = nil, nil
	}
	return voice{Line: l, today: d.Date, phone: clean(d.Phone, 30), group: d.Group != "", answered: answered}
}

// hidden stands where a sensitive matter's name would.
const hidden = "（敏感事项，见督办编号）"

// name is the matter as a sentence calls it.
func (v voice) name() string {
	switch {
	case v.Sensitive:
		return "本事项" + hidden
	case v.Heading == "":
		return "本事项"
	}
	return quoted(v.Heading)
}

// matter is the number and the name, as a subject calls it.
func (v voice) matter() string {
	switch {
	case v.Sensitive:
		return v.Slip + hidden
	case v.Slip == "":
		return v.name()
	}
	return v.Slip + " " + v.name()
}

// round is the round as a sentence calls it: 5月份月度督办.
func (v voice) round() string { return v.month() + "月度督办" }

// month is 5月份.
func (v voice) month() string {
	if p := v.period(); strings.HasSuffix(p, "月") {
		return p + "份"
	}
	return v.period()
}

// date is the day that counts, zero when there is none.
func (v voice) date() calendar.Date {
	if v.Effective != 0 {
		return v.Effective
	}
	return v.Due
}

// short is 2月28日, with its year when that is not the message's.
func (v voice) short(d calendar.Date) string {
	y, m, day := d.Civil()
	if y == v.today.Year() && v.today != 0 {
		return fmt.Sprintf("%d月%d日", int(m), day)
	}
	return fmt.Sprintf("%d年%d月%d日", y, int(m), day)
}

var weekdays = [...]string{"周日", "周一", "周二", "周三", "周四", "周五", "周六"}

// day is 2月28日（周二）.
func (v voice) day(d calendar.Date) string {
	return v.short(d) + "（" + weekdays[d.Weekday()] + "）"
}

// rolled says that the day that counts is not the day on paper.
func (v voice) rolled() bool {
	return v.Due != 0 && v.Effective != 0 && v.Due != v.Effective
}

// paper adds the date on paper where it is another one.
func (v voice) paper() string {
	if !v.rolled() {
		return ""
	}
	return "（文件时限为" + v.short(v.Due) + weekdays[v.Due.Weekday()] + "）"
}

// before is 2月28日（周二）前办结, or 尽快办结 without a date.
func (v voice) before(verb string) string {
	if v.date() == 0 {
		return "尽快" + verb
	}
	return v.day(v.date()) + "前" + verb + v.paper()
}

// should is 应于2月28日（周二）办结, or 应尽快办结 without a date.
func (v voice) should(verb string) string {
	if v.date() == 0 {
		return "应尽快" + strings.TrimPrefix(verb, "前")
	}
	return "应于" + v.day(v.date()) + verb + v.paper()
}

// owed is the matter with what is asked of it and when.
func (v voice) owed() string {
	if v.Need > 1 {
		return fmt.Sprintf("%s%s应完成 %d 次，已完成 %d 次，%s", v.name(), v.period(), v.Need, v.Done, v.should("前补齐"))
	}
	return v.name() + v.occasion() + v.should("办结")
}

// recurs tells whether a cadence asks for the matter: it is ticked off with
// each time it took place, and its unit asks neither for an end nor for more time.
func (v voice) recurs() bool { return v.Need > 0 || v.Period != "" }

// left is 还有 3 个工作日, 今日到期 or 逾期 2 个工作日; "" without a date.
func (v voice) left() string {
	switch {
	case v.date() == 0:
		return ""
	case v.Left > 0:
		return fmt.Sprintf("还有 %d 个工作日", v.Left)
	case v.Left == 0:
		return "今日到期"
	}
	return v.over()
}

// over is 逾期 2 个工作日.
func (v voice) over() string { return fmt.Sprintf("逾期 %d 个工作日", max(1, -v.Left)) }

// period is the occurrence without the message's own year: 第一季度, 5月.
func (v voice) period() string {
	year := fmt.Sprintf("%d年", v.today.Year())
	if p, ok := strings.CutPrefix(v.Period, year); ok && p != "" {
		return strings.TrimPrefix(p, "度")
	}
	if strings.HasSuffix(v.Period, "年") {
		return v.Period + "度"
	}
	return v.Period
}

// occasion is （第一季度）, or "".
func (v voice) occasion() string {
	if p := v.period(); p != "" {
		return "（" + p + "）"
	}
	return ""
}

// said is a label with somebody's words as a sentence, or "" when there are none.
func (v voice) said(label, key string) string {
	if w := v.Words[key]; w != "" {
		return label + "：" + w + "。"
	}
	return ""
}

// lead is the lead unit as a sentence calls it.
func (v voice) lead() string {
	if v.Unit == "" {
		return "牵头单位"
	}
	return v.Unit
}

// contact is how to reach the office.
func (v voice) contact() string {
	if v.phone == "" {
		return "与督办部门联系"
	}
	return "致电" + v.phone
}

// count is one of the Extra counts; false when it is absent or no number.
func (v voice) count(key string) (int, bool) {
	n, err := strconv.Atoi(v.Extra[key])
	return n, err == nil && n >= 0
}
