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
// Someone on leave is replaced by the post's substitute; without a substitute
// who is there, the message still goes to the holder, for the post is not
// vacant. A vacant post has no holder, and the caller goes on up the ladder.
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

// first is the first current holder of a post, or who stands in for that one.
func (o *Org) first(key postKey, on calendar.Date) (Holder, bool) {
	for _, i := range o.posts[key] {
		if p := &o.Posts[i]; p.current(on) {
			return o.standing(p, on), true
		}
	}
	return Holder{}, false
}

func (p *Post) current(on calendar.Date) bool { return within(on, p.From, p.To) }

// within takes a zero bound for none.
func within(on, from, to calendar.Date) bool {
	return (from == 0 || from <= on) && (to == 0 || on <= to)
}

func (o *Org) standing(p *Post, on calendar.Date) Holder {
	id, via := p.Person, ""
	if p.Substitute != "" && o.away(p.Person, on) && !o.away(p.Substitute, on) {
		id, via = p.Substitute, viaSubstitute
	}
	return Holder{Person: o.People[o.people[id]], Title: titles[p.Role], Via: via}
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
	lead, known := o.unit(leadUnit)
	has := func(unit int, postRoles ...string) bool {
		return slices.ContainsFunc(postRoles, func(r string) bool { return o.fills(person, postKey{unit, r}, on) })
	}
	if known && has(lead, Head, Liaison) {
		roles = append(roles, "lead")
	}
	if has(o.office, Head, Liaison, Staff) {
		roles = append(roles, "office")
	}
	if known && has(lead, Sponsor) {
		roles = append(roles, Sponsor)
	}
	principal := PrincipalAdmin
	if party {
		principal = PrincipalParty
	}
	if has(noUnit, principal) {
		roles = append(roles, "principal")
	}
	return roles
}

// fills says whether a person holds a post or stands in for its holder.
func (o *Org) fills(person string, key postKey, on calendar.Date) bool {
	for _, i := range o.posts[key] {
		p := &o.Posts[i]
		if p.current(on) && (p.Person == person || p.Substitute == person && o.standing(p, on).Via != "") {
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
