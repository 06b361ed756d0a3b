package org

import (
	"fmt"
	"slices"
	"strings"

	"duban/engine/calendar"
	"duban/engine/fault"
)

// standIn finds who is there for the holder of a post on a day. The post's own
// substitute (AB角) comes first, then that of the person; then whoever stands in
// for a substitute who is away as well. away are the substitutes passed over.
func (o *Org) standIn(p *Post, on calendar.Date) (id string, away []string) {
	if !o.away(p.Person, on) {
		return p.Person, nil
	}
	next := []string{p.Substitute, o.personOf(p.Person).Substitute}
	seen := []string{p.Person}
	for len(next) > 0 {
		id, next = next[0], next[1:]
		if id == "" || slices.Contains(seen, id) {
			continue
		}
		if !o.away(id, on) {
			return id, away
		}
		seen, away = append(seen, id), append(away, id)
		next = append(next, o.personOf(id).Substitute)
	}
	return "", away
}

func (o *Org) personOf(id string) Person {
	if i, ok := o.people[id]; ok {
		return o.People[i]
	}
	return Person{}
}

// StandsInFor names, for each role of [Org.Roles] that a person has on a day
// only as somebody's substitute, whom the person stands in for.
func (o *Org) StandsInFor(person, leadUnit string, party bool, on calendar.Date) map[string]Person {
	out := map[string]Person{}
	for role, keys := range o.keysOf(leadUnit, party) {
		var away string
		own := false
		for _, key := range keys {
			for _, i := range o.posts[key] {
				p := &o.Posts[i]
				if !p.current(on) {
					continue
				}
				own = own || p.Person == person
				if id, _ := o.standIn(p, on); id == person && away == "" {
					away = p.Person
				}
			}
		}
		if !own && away != "" {
			out[role] = o.personOf(away)
		}
	}
	return out
}

// keysOf are the posts whose holders have a role towards a unit's assignment.
func (o *Org) keysOf(leadUnit string, party bool) map[string][]postKey {
	principal := PrincipalAdmin
	if party {
		principal = PrincipalParty
	}
	keys := map[string][]postKey{
		"office":    {{o.office, Head}, {o.office, Liaison}, {o.office, Staff}},
		"principal": {{noUnit, principal}},
	}
	if lead, known := o.unit(leadUnit); known {
		keys["lead"], keys[Sponsor] = []postKey{{lead, Head}, {lead, Liaison}}, []postKey{{lead, Sponsor}}
	}
	return keys
}

// circles refuses people who stand in for each other in a circle: the chain of
// substitutes must end. Two who are each other's AB角 say so at their posts.
func (c *checker) circles() {
	for i, p := range c.org.People {
		path := fmt.Sprintf("people[%d].substitute", i)
		if p.Substitute == "" {
			continue
		}
		c.knownPerson(path, p.Substitute)
		chain := []string{p.ID}
		for at := p.Substitute; at != ""; at = c.org.personOf(at).Substitute {
			again := slices.Contains(chain, at)
			chain = append(chain, at)
			if again {
				break
			}
		}
		if last := chain[len(chain)-1]; last == p.ID && len(chain) == 2 {
			c.say(path, "a person cannot stand in for themselves", "name another person")
		} else if last == p.ID {
			c.say(path, "substitutes stand in for each other in a circle: "+strings.Join(chain, " → "),
				"leave one of them out; two who are each other's AB角 are named as substitute: at their posts")
		}
	}
}

// together warns of posts for which nobody stands in on some days, because the
// holder and every substitute named are on leave at once.
func (c *checker) together() {
	o := c.org
	for i := range o.Leave {
		l := &o.Leave[i]
		for j := range o.Posts {
			p := &o.Posts[j]
			if p.Person != l.Person {
				continue
			}
			for _, day := range o.turns(l) {
				id, away := o.standIn(p, day)
				if id != "" || len(away) == 0 || !p.current(day) {
					continue
				}
				f := c.src.Fault(fmt.Sprintf("leave[%d]", i), fmt.Sprintf("on %s %s and %s are away together; nobody stands in as %s %s",
					day, o.personOf(l.Person).Name, o.namesOf(away), p.Unit, p.Role), "move one leave, or name a further substitute")
				o.warnings = append(o.warnings, f)
				break
			}
		}
	}
}

// turns are the days within a leave on which who is away may change.
func (o *Org) turns(l *Leave) []calendar.Date {
	days := []calendar.Date{l.From}
	for _, other := range o.Leave {
		if other.From > l.From && within(other.From, l.From, l.To) {
			days = append(days, other.From)
		}
	}
	slices.Sort(days)
	return days
}

func (o *Org) namesOf(ids []string) string {
	var names []string
	for _, id := range ids {
		names = append(names, o.personOf(id).Name)
	}
	return strings.Join(names, "、")
}

// Warnings are what may be meant but should be looked at, with line and column.
func (o *Org) Warnings() fault.List { return slices.Clone(o.warnings) }
