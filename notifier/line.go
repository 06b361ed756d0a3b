package notifier

import (
	"maps"
	"strconv"
	"strings"

	"duban/engine"
	"duban/engine/calendar"
	"duban/engine/store"
	"duban/notifier/text"
)

// line is a notice as its template sees it, from the instance as it stands now.
func (n *Notifier) line(in *engine.Instance, no *store.Notice, r engine.Reason, today calendar.Date) text.Line {
	l := text.Line{
		ID: no.ID, Reason: no.Reason, Title: r.Title, Gravity: r.Gravity, Late: r.Late,
		Slip: in.Slip, Plan: in.PlanTitle, Item: in.Item, Heading: in.Heading, When: in.When,
		Unit: in.Unit, Coop: no.Role == engine.RoleCoopLiaison, Frame: in.Frame, Due: in.Due, Effective: in.Effective,
		Light: in.Light, Period: periodTitle(in.Occurrence), Need: in.Need, Done: in.Done, Chased: in.Chased,
		Words: in.Words, Extra: in.Extra, Sensitive: in.Sensitive,
		Resent: n.sentBefore(no),
	}
	if in.Effective != 0 {
		l.Left = n.Calendar.Workdays(today, in.Effective)
	}
	if in.Effective != in.Due {
		l.Why = n.Calendar.WhyRolled(in.Due, in.Roll)
	}
	if n.Calendar.Provisional(in.Effective) {
		l.Why = n.Calendar.Why(in.Effective)
	}
	l.Asks, _ = strconv.Atoi(in.Extra["asks"])
	if n.Options.BaseURL != "" {
		l.Link = strings.TrimSuffix(n.Options.BaseURL, "/") + "/a/" + in.Slip
	}
	if in.Kind == engine.KindRound {
		l.Extra = map[string]string{}
		maps.Copy(l.Extra, in.Extra)
		l.Extra["silent"] = strconv.Itoa(in.Open)
	}
	return l
}

// sentBefore says that a notice has probably gone before: the data was restored
// from a backup, and it was due before that.
func (n *Notifier) sentBefore(no *store.Notice) bool {
	return no.Ready < n.restored.UnixMilli() || strings.Contains(no.Why, store.Again)
}

var quarters = map[string]string{"Q1": "一", "Q2": "二", "Q3": "三", "Q4": "四"}

// periodTitle is 2023-Q1 as people say it: 2023年第一季度.
func periodTitle(occurrence string) string {
	year, part, _ := strings.Cut(occurrence, "-")
	if len(year) != 4 {
		return occurrence
	}
	switch {
	case part == "":
		return year + "年"
	case quarters[part] != "":
		return year + "年第" + quarters[part] + "季度"
	case part == "H1":
		return year + "年上半年"
	case part == "H2":
		return year + "年下半年"
	case len(part) == 2:
		return year + "年" + strings.TrimPrefix(part, "0") + "月"
	}
	return occurrence
}
