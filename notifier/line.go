package notifier

import (
	"fmt"
	"maps"
	"strconv"
	"strings"
	"time"

	"duban/engine"
	"duban/engine/calendar"
	"duban/engine/org"
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
	}
	if in.Effective != 0 {
		l.Left = n.Calendar.Workdays(today, in.Effective)
	}
	if in.Effective != in.Due {
		l.Why = n.Calendar.WhyRolled(in.Due, in.Roll)
	}
	l.Asks, _ = strconv.Atoi(in.Extra["asks"])
	if n.Options.BaseURL != "" {
		l.Link = strings.TrimSuffix(n.Options.BaseURL, "/") + "/a/" + in.Slip
	}
	if in.Kind == engine.KindRound {
		l.Extra = maps.Clone(in.Extra)
		l.Extra["silent"] = strconv.Itoa(in.Open)
	}
	return l
}

// periodTitle is 2023-Q1 as people say it: 2023年第一季度.
func periodTitle(occurrence string) string {
	year, part, _ := strings.Cut(occurrence, "-")
	if len(year) != 4 {
		return occurrence
	}
	switch {
	case part == "":
		return year + "年"
	case part[0] == 'Q':
		return year + "年第" + string([]rune("一二三四")[part[1]-'1']) + "季度"
	case part == "H1":
		return year + "年上半年"
	case part == "H2":
		return year + "年下半年"
	case len(part) == 2:
		return year + "年" + strings.TrimPrefix(part, "0") + "月"
	}
	return occurrence
}

func (n *Notifier) textDigest(d *digest, now time.Time) text.Digest {
	phone := n.Options.Phone
	if phone == "" {
		phone = n.Org.Phone
	}
	td := text.Digest{
		Office: n.Org.Office().Name, Phone: phone, School: n.Org.Name,
		Name: d.route.Holder.Person.Name, Title: d.route.Holder.Title, Unit: d.route.Unit,
		Date: n.Calendar.DateOf(now), Lines: d.lines,
	}
	if d.route.Channel == "wecom" {
		td.Group = text.GroupUnit
		if d.route.Robot.Audience == org.AudienceShared {
			td.Group = text.GroupShared
		}
	}
	return td
}

// rerender writes a delivery's message anew from the notices that still stand.
func (n *Notifier) rerender(tx *store.Tx, del store.Delivery, old Message, keep []store.Notice) (Message, error) {
	robot, _ := n.Org.RobotOf(old.To.Unit)
	if del.Robot != robot.Name {
		robot, _ = n.Org.Shared()
	}
	d := &digest{notices: keep, route: Route{Channel: del.Channel, Unit: old.To.Unit, Robot: robot}}
	d.route.Holder.Person, _ = n.Org.Person(del.Person)
	today := n.Calendar.DateOf(tx.Now)
	for i := range keep {
		in, err := tx.Instance(keep[i].Instance)
		if err != nil {
			return old, err
		}
		r, err := n.reason(&in, keep[i].Reason)
		if err != nil {
			return old, err
		}
		d.lines = append(d.lines, n.line(&in, &keep[i], r, today))
	}
	ms := n.render(d, tx.Now)
	if len(ms) == 0 {
		return old, fmt.Errorf("notifier: nothing left to say in %s", del.Key)
	}
	ms[0].Key, ms[0].To = old.Key, old.To
	return ms[0], nil
}
