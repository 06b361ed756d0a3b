package postbox

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// shownPeople keeps the overview light; the rest is one click away.
const shownPeople = 30

type overview struct {
	view
	Mail, Wecom, Violations int
	From, Until             string // days
	Groups, People          []card
	Everyone                int // people in all
	Months                  []monthGrid
	Search                  filter
}

// card is one receiver.
type card struct {
	Name, Title, Link string
	Mail, Wecom       int64
	Last, LastLink    string
	LastAt            string
}

type monthGrid struct {
	Name, Link string
	N          int
	Weeks      [][]cell
}

type cell struct {
	Day  int // 0: not of this month
	N    int
	Link string
}

func (d *desk) overview(r *http.Request) (o overview, err error) {
	ctx := r.Context()
	o.view = view{"./", "总览"}
	if o.Mail, o.Wecom, err = d.box.Received(ctx); err != nil {
		return o, err
	}
	if o.Violations, err = d.box.Violations(ctx); err != nil {
		return o, err
	}
	days, err := d.box.days(ctx)
	if err != nil {
		return o, err
	}
	if len(days) > 0 {
		o.From, o.Until = days[0].Day, days[len(days)-1].Day
	}
	o.Months = monthGrids(days)
	all, err := d.box.receivers(ctx)
	if err != nil {
		return o, err
	}
	o.Groups, o.People = d.cards(all)
	o.Everyone = len(o.People)
	if len(o.People) > shownPeople && r.URL.Query().Get("people") != "all" {
		o.People = o.People[:shownPeople]
	}
	return o, nil
}

// cards parts the robots from the people. all holds a row for every receiver
// and channel.
func (d *desk) cards(all []receiver) (groups, people []card) {
	where := map[string]int{}
	for _, r := range all {
		if r.Channel == WeCom {
			groups = append(groups, d.card(r))
			continue
		}
		if i, ok := where[r.Receiver]; ok {
			people[i].Mail += r.N
			continue
		}
		where[r.Receiver] = len(people)
		people = append(people, d.card(r))
	}
	return groups, people
}

func (d *desk) card(r receiver) card {
	c := card{Link: link("./", filter{Person: r.Receiver, Channel: r.Channel}), Last: r.Subject,
		LastLink: messageLink("./", r.ID), LastAt: d.box.time(r.At).Format("1月2日 15:04")}
	if r.Channel == WeCom {
		c.Name, c.Wecom = r.Receiver, r.N
		return c
	}
	c.Link = link("./", filter{Person: r.Receiver})
	c.Name, c.Title = d.nameOf(r.Receiver)
	c.Mail = r.N
	return c
}

// monthGrids draws every month that has messages, Monday first.
func monthGrids(days []dayCount) (grids []monthGrid) {
	n := map[string]int{}
	for _, d := range days {
		n[d.Day] = d.N
	}
	last := ""
	for _, d := range days {
		t, err := time.Parse(time.DateOnly, d.Day)
		if month := t.Format("2006-01"); err == nil && month != last {
			last = month
			grids = append(grids, monthGridOf(t.AddDate(0, 0, 1-t.Day()), n))
		}
	}
	return grids
}

func monthGridOf(first time.Time, n map[string]int) monthGrid {
	key := first.Format("2006-01")
	g := monthGrid{Name: monthName(key), Link: link("./", filter{Month: key})}
	week := make([]cell, (int(first.Weekday())+6)%7, 7)
	for t := first; t.Month() == first.Month(); t = t.AddDate(0, 0, 1) {
		day := t.Format(time.DateOnly)
		c := cell{Day: t.Day(), N: n[day]}
		if c.N > 0 {
			c.Link = link("./", filter{Day: day})
			g.N += c.N
		}
		if week = append(week, c); len(week) == 7 {
			g.Weeks, week = append(g.Weeks, week), nil
		}
	}
	if len(week) > 0 {
		g.Weeks = append(g.Weeks, slices.Concat(week, make([]cell, 7-len(week))))
	}
	return g
}

func link(root string, f filter) string {
	v := f.values().Encode()
	if v == "" {
		return root
	}
	return root + "?" + strings.ReplaceAll(v, "%40", "@")
}
