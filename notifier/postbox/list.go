package postbox

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

type listing struct {
	view
	Filter           filter
	Heading, Sub     string
	Chips            []chip
	Total            int
	Days             []dayGroup
	Order, OrderLink string
	Pages            int
	Before, After    string // links to the neighbouring pages
	First            string
}

// chip is one condition of the list, with the list without it.
type chip struct{ Words, Without string }

type dayGroup struct {
	Name  string
	Lines []line
}

type line struct {
	Link, Time, Channel, Subject, Words, To string
}

func (d *desk) list(w http.ResponseWriter, r *http.Request) {
	f := readFilter(r.URL.Query())
	rows, total, err := d.box.list(r.Context(), f)
	if err != nil {
		d.failed(w, r, err)
		return
	}
	l := listing{view: view{Root: "./"}, Filter: f, Total: total, Chips: d.chips(f), Days: d.groups(rows, f),
		Pages: max(1, (total+perPage-1)/perPage)}
	l.Heading, l.Sub = d.heading(f)
	l.Title = l.Heading
	turned := f
	turned.Old, turned.Page = !f.Old, 1
	l.OrderLink, l.Order = listLink(turned), "从早到晚看"
	if f.Old {
		l.Order = "从新到旧看"
	}
	l.Before, l.After = neighbours(f, l.Pages)
	f.Page = 1
	l.First = listLink(f)
	d.show(w, http.StatusOK, "list", l)
}

func neighbours(f filter, pages int) (before, after string) {
	page := f.Page
	if page > 1 {
		f.Page = min(page-1, pages)
		before = listLink(f)
	}
	if page < pages {
		f.Page = page + 1
		after = listLink(f)
	}
	return before, after
}

// listLink keeps a list without any condition from becoming the overview.
func listLink(f filter) string {
	l := link("./", f)
	if f.Person+f.Day+f.Month+f.Channel+f.Q != "" {
		return l
	}
	if strings.Contains(l, "?") {
		return l + "&all=1"
	}
	return l + "?all=1"
}

func (d *desk) heading(f filter) (heading, sub string) {
	switch {
	case f.Person != "":
		heading, sub = d.nameOf(f.Person)
		if sub != "" {
			sub += " · "
		}
		if heading == f.Person {
			return heading, ""
		}
		return heading, sub + f.Person
	case f.Day != "":
		return dayName(f.Day), ""
	case f.Month != "":
		return monthName(f.Month), ""
	case f.Q != "":
		return "搜索“" + f.Q + "”", ""
	case f.Channel != "":
		return channelName(f.Channel), ""
	}
	return "全部消息", ""
}

// chips name the conditions besides the heading's, each with the list that is
// left without it.
func (d *desk) chips(f filter) (chips []chip) {
	headed := false
	add := func(value, words string, drop func(*filter)) {
		if value == "" {
			return
		}
		if !headed {
			headed = true
			return
		}
		without := f
		without.Page = 1
		drop(&without)
		chips = append(chips, chip{words, listLink(without)})
	}
	add(f.Person, "", nil)
	add(f.Day, dayName(f.Day), func(f *filter) { f.Day = "" })
	add(f.Month, monthName(f.Month), func(f *filter) { f.Month = "" })
	add(f.Q, "含“"+f.Q+"”", func(f *filter) { f.Q = "" })
	add(f.Channel, channelName(f.Channel), func(f *filter) { f.Channel = "" })
	return chips
}

func (d *desk) groups(rows []row, f filter) (groups []dayGroup) {
	last := ""
	for _, r := range rows {
		if r.Day != last {
			last = r.Day
			groups = append(groups, dayGroup{})
			if f.Day == "" { // otherwise the heading has said it
				groups[len(groups)-1].Name = dayName(r.Day)
			}
		}
		g := &groups[len(groups)-1]
		g.Lines = append(g.Lines, d.line(r, f))
	}
	return groups
}

func (d *desk) line(r row, f filter) line {
	l := line{Link: messageLink("./", r.ID), Time: d.box.time(r.At).Format("15:04"), Channel: r.Channel,
		Subject: subjectOr(r.Subject), Words: excerpt(r.Words, r.Subject)}
	if f.Person == "" {
		l.To, _ = d.nameOf(r.Receiver)
	}
	return l
}

// excerpt is the beginning of a message on one line, from behind the words
// that the subject has said already.
func excerpt(words, subject string) string {
	words = strings.Join(strings.Fields(words), " ")
	if subject = strings.Join(strings.Fields(subject), " "); subject != "" {
		if greeting, rest, found := strings.Cut(words, subject); found && len(greeting) < 100 {
			words = strings.TrimSpace(rest)
		}
	}
	short := []rune(words)
	return string(short[:min(len(short), 80)])
}

func subjectOr(s string) string {
	if strings.TrimSpace(s) == "" {
		return "（无主题）"
	}
	return s
}

func messageLink(root string, id int64) string {
	return root + "message/" + strconv.FormatInt(id, 10)
}

func clock(t time.Time) string {
	return dayName(t.Format(time.DateOnly)) + t.Format(" 15:04:05")
}
