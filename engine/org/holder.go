package org

import (
	"slices"
	"strings"

	"duban/engine/calendar"
)

// Holder is whoever answers for a role on a day.
type Holder struct {
	Person Person
	Title  string // 负责人, 联络员, 分管校领导, 党委书记, 校长 or 效能办
	Via    string // "AB角" when a substitute stands in
	For    Person // whom Person stands in for; zero without Via

	Passed []string // names of the substitutes passed over, for they are away too
	Away   bool     // nobody is there: the holder and all substitutes are on leave
}

// viaSubstitute marks a holder who stands in for one on leave.
const viaSubstitute = "AB角"

var titles = map[string]string{
	Head: "负责人", Liaison: "联络员", Sponsor: "分管校领导",
	PrincipalParty: "党委书记", PrincipalAdmin: "校长", Staff: "效能办",
}

// Holder finds who holds a role towards a unit on a day. Role is a role of the
// workflow language, with or without its first part: head or lead.head, liaison,
// sponsor, principal, office. Party chooses between the two principals.
//
// Someone on leave is replaced by a substitute, of the post or of the person, or
// by that one's own. When none is there, the answer is the holder, who is Away:
// the post is not vacant, and the caller decides whether to go on up the ladder.
// A vacant post has no holder.
func (o *Org) Holder(unit, role string, party bool, on calendar.Date) (Holder, bool) {
	role = role[strings.LastIndexByte(role, '.')+1:]
	switch role {
	case "principal":
		return o.principal(party, on)
	case "office":
		return o.officer(on)
	case Head, Liaison, Sponsor:
		if i, ok := o.unit(unit); ok {
			return o.first(postKey{i, role}, on)
		}
	}
	return Holder{}, false
}

func (o *Org) principal(party bool, on calendar.Date) (Holder, bool) {
	if party {
		return o.first(postKey{noUnit, PrincipalParty}, on)
	}
	return o.first(postKey{noUnit, PrincipalAdmin}, on)
}

// officer is the first of the office's staff, else its head.
func (o *Org) officer(on calendar.Date) (Holder, bool) {
	h, ok := o.first(postKey{o.office, Staff}, on)
	if !ok {
		h, ok = o.first(postKey{o.office, Head}, on)
	}
	h.Title = titles[Staff]
	return h, ok
}

// first is the first current holder of a post who is there or has somebody who
// stands in; when all are away, the first of them.
func (o *Org) first(key postKey, on calendar.Date) (found Holder, ok bool) {
	for _, i := range o.posts[key] {
		p := &o.Posts[i]
		if !p.current(on) {
			continue
		}
		if h := o.standing(p, on); !h.Away {
			return h, true
		} else if !ok {
			found, ok = h, true
		}
	}
	return found, ok
}

func (p *Post) current(on calendar.Date) bool { return within(on, p.From, p.To) }

// within takes a zero bound for none.
func within(on, from, to calendar.Date) bool {
	return (from == 0 || from <= on) && (to == 0 || on <= to)
}

func (o *Org) standing(p *Post, on calendar.Date) Holder {
	h := Holder{Person: o.personOf(p.Person), Title: titles[p.Role]}
	id, passed := o.standIn(p, on)
	for _, sub := range passed {
		h.Passed = append(h.Passed, o.personOf(sub).Name)
	}
	switch {
	case id == "":
		h.Away = true
	case id != p.Person:
		h.For, h.Via, h.Person = h.Person, viaSubstitute, o.personOf(id)
	}
	return h
}

func (o *Org) away(person string, on calendar.Date) bool {
	for _, i := range o.leaves[person] {
		if within(on, o.Leave[i].From, o.Leave[i].To) {
			return true
		}
	}
	return false
}

// Roles lists what a person may act as towards an assignment led by a unit, on
// a day: lead (head or liaison of that unit), office, sponsor, principal.
// Someone on leave keeps the role, and the substitute has it as well. Staff of
// the office are those with any post in it.
func (o *Org) Roles(person, leadUnit string, party bool, on calendar.Date) []string {
	var roles []string
	keys := o.keysOf(leadUnit, party)
	for _, role := range []string{"lead", "office", Sponsor, "principal"} {
		if slices.ContainsFunc(keys[role], func(k postKey) bool { return o.fills(person, k, on) }) {
			roles = append(roles, role)
		}
	}
	return roles
}

// fills says whether a person holds a post or stands in for its holder.
func (o *Org) fills(person string, key postKey, on calendar.Date) bool {
	for _, i := range o.posts[key] {
		p := &o.Posts[i]
		if !p.current(on) {
			continue
		}
		if id, _ := o.standIn(p, on); p.Person == person || id == person {
			return true
		}
	}
	return false
}

// Officers are all who have a post in the supervising office on a day: whoever
// has handled a matter leaves its closing to another of them.
func (o *Org) Officers(on calendar.Date) []Person {
	var out []Person
	for _, role := range []string{Staff, Head, Liaison} {
		for _, i := range o.posts[postKey{o.office, role}] {
			p := o.People[o.people[o.Posts[i].Person]]
			if o.Posts[i].current(on) && !slices.Contains(out, p) {
				out = append(out, p)
			}
		}
	}
	return out
}

// TitleOf is a person's first post as people say it: 组织部 负责人.
func (o *Org) TitleOf(person string) string {
	for _, p := range o.Posts {
		if p.Person == person {
			return strings.TrimSpace(p.Unit + " " + titles[p.Role])
		}
	}
	return ""
}
