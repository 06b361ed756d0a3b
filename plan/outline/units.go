package outline

import (
	"strings"

	"duban/plan"
)

// units collects who is responsible for an item.
type units struct {
	by map[role][]placed
}

// placed is a name with its place in the document.
type placed struct {
	text  string
	place plan.Place
}

func newUnits() *units { return &units{by: map[role][]placed{}} }

// add takes a name. A note behind it may say its role: 农业农村局（牵头）.
func (u *units) add(r role, text string, at plan.Place) {
	if own, n := roleNote(text); n > 0 && r != leader {
		r, text = own, text[:len(text)-n]
	}
	u.by[r] = append(u.by[r], placed{text, at})
}

// roleNote is the role that the note at the end of a name gives, and the length
// of the note; 0: it ends with none.
func roleNote(name string) (role, int) {
	if !in(closers, last(name)) {
		return noRole, 0
	}
	open := strings.LastIndexAny(name, openers)
	if open <= 0 {
		return noRole, 0
	}
	note := strings.Trim(name[open:], openers+closers)
	r, n := roleName(note)
	if n == 0 || n < len(note) || r > cooperating {
		return noRole, 0
	}
	return r, len(name) - open
}

// tag takes all names of a tag.
func (u *units) tag(s *sheet, t tag) {
	for _, p := range t.parts {
		for _, n := range p.names {
			if !isNobody(n.text) {
				u.add(p.role, n.text, s.place("", n.at))
			}
		}
	}
}

// empty says that no unit is known.
func (u *units) empty() bool {
	return len(u.by[leading])+len(u.by[responsible])+len(u.by[cooperating]) == 0
}

// settle gives an item its units. Where one leads, those responsible cooperate;
// where none is named to lead, they lead.
func (u *units) settle(it *Item) {
	lead, others := u.by[leading], u.by[responsible]
	if len(lead) == 0 {
		lead, others = others, nil
	}
	it.Lead = u.fill(it, it.Lead, lead, "lead", nil)
	it.Cooperating = u.fill(it, it.Cooperating, others, "cooperating", it.Lead)
	it.Cooperating = u.fill(it, it.Cooperating, u.by[cooperating], "cooperating", it.Lead)
	it.Leader = u.fill(it, it.Leader, u.by[leader], "leader", nil)
}

// longestName is how long the name of a unit may be before it is doubted.
const longestName = 24

func (u *units) fill(it *Item, have []string, more []placed, field string, not []string) []string {
	for _, p := range more {
		name := withoutSchool(p.text)
		if contains(have, name) || contains(not, name) {
			continue
		}
		have = append(have, name)
		p.place.Field = field
		it.Places = append(it.Places, p.place)
		if field != "leader" && (runes(name) > longestName || !isUnit(name) && !isWildcard(name)) {
			it.Warnings = append(it.Warnings, "“"+cut(name, longestName)+"”不像单位名称，请核对。")
		}
	}
	return have
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

// withoutSchool takes 学校 from before the name of a single unit; 学校各单位 is a
// phrase and stays as printed.
func withoutSchool(s string) string {
	rest, ok := strings.CutPrefix(s, "学校")
	if !ok || runes(rest) < 2 || !isUnit(rest) || isWildcard(rest) {
		return s
	}
	return rest
}
