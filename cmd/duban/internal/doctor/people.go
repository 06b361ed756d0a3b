package doctor

import (
	"fmt"
	"slices"
	"strings"

	"duban/engine/calendar"
	"duban/engine/org"
)

const orgArea = "organisation"

// organisation asks whether everybody who is to be told can be told, today.
func (p *Patient) organisation(f *findings) {
	today := p.today()
	before := len(*f)
	if _, ok := p.Org.Holder("", "office", false, today); !ok {
		f.fail(orgArea, "nobody has a post in the office "+p.Org.Office().Name+": what nobody else can receive becomes a dead letter", "name its staff in the organisation's file")
	}
	for _, post := range []struct{ role, title, then string }{
		{org.Liaison, "liaison", "the head is told instead"},
		{org.Head, "head", "the liaison is told instead"},
		{org.Sponsor, "leader in charge", "the office is told instead"},
	} {
		p.vacant(f, post.role, post.title, post.then)
	}
	p.unreached(f)
	p.uncovered(f)
	if len(*f) == before {
		f.ok(orgArea, fmt.Sprintf("every post of %d units is held, every liaison has mail, everyone on leave a substitute", len(p.Org.Units)))
	}
}

func (p *Patient) vacant(f *findings, role, title, then string) {
	var units []string
	for _, u := range p.Org.Units {
		if _, ok := p.Org.Holder(u.Name, role, false, p.today()); !ok && !u.Office {
			units = append(units, u.Name)
		}
	}
	if len(units) > 0 {
		f.warn(orgArea, fmt.Sprintf("no %s today in %s; %s", title, listed(units), then), "fill the posts in the organisation's file and restart")
	}
}

// unreached are liaisons without mail, whether or not their unit has a robot:
// what concerns a person goes to that person.
func (p *Patient) unreached(f *findings) {
	var names []string
	for _, u := range p.Org.Units {
		if h, ok := p.Org.Holder(u.Name, org.Liaison, false, p.today()); ok && h.Person.Mail == "" {
			names = append(names, u.Name+" "+h.Person.Name)
		}
	}
	if len(names) > 0 {
		f.warn(orgArea, "liaisons without mail: "+listed(names), "add their mail in the organisation's file and restart")
	}
}

// uncovered are holders on leave for whom nobody stands in: their messages go to
// a desk where nobody sits.
func (p *Patient) uncovered(f *findings) {
	var names []string
	for i := range p.Org.Posts {
		post := &p.Org.Posts[i]
		if !within(p.today(), post.From, post.To) || !p.away(post.Person) || post.Substitute != "" && !p.away(post.Substitute) {
			continue
		}
		person, _ := p.Org.Person(post.Person)
		if name := strings.TrimSpace(post.Unit + " " + person.Name); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	if len(names) > 0 {
		f.warn(orgArea, "on leave today and nobody stands in: "+listed(names), "name a substitute at the post and restart")
	}
}

func (p *Patient) away(person string) bool {
	return slices.ContainsFunc(p.Org.Leave, func(l org.Leave) bool {
		return l.Person == person && within(p.today(), l.From, l.To)
	})
}

func within(day, from, to calendar.Date) bool {
	return (from == 0 || from <= day) && (to == 0 || day <= to)
}

// listed names at most eight.
func listed(names []string) string {
	const most = 8
	if len(names) <= most {
		return strings.Join(names, "、")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], "、"), len(names)-most)
}
