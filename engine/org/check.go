package org

import (
	"fmt"
	"maps"
	"net/mail"
	"slices"
	"strings"

	"duban/engine/calendar"
	"duban/engine/fault"
)

var (
	unitKinds = []string{"department", "college", "branch", "body"}
	postRoles = []string{Head, Liaison, Sponsor, PrincipalParty, PrincipalAdmin, Staff}
	audiences = []string{AudienceUnit, AudienceShared}
)

// checker fills the index and lists what does not fit, in one go.
type checker struct {
	src    *fault.Source
	org    *Org
	faults fault.List
}

func (c *checker) say(path, what, hint string) {
	c.faults = append(c.faults, c.src.Fault(path, what, hint))
}

// names enters units and groups under every name they go by.
func (c *checker) names() {
	o := c.org
	o.units, o.groups, o.members, o.office = map[string]int{}, map[string]int{}, map[int][]string{}, noUnit
	taken := map[string]string{}
	issuing := ""
	for i, u := range o.Units {
		path := fmt.Sprintf("units[%d]", i)
		c.enter(o.units, taken, i, path, u.Name, u.Aliases)
		c.oneOf(path+".kind", "kind", u.Kind, unitKinds)
		if u.Office && o.office != noUnit {
			c.say(path+".office", "a second office", "only one unit supervises; it is "+o.Units[o.office].Name)
		} else if u.Office {
			o.office = i
		}
		if u.Issuing && issuing != "" {
			c.say(path+".issuing", "a second issuing unit", "it is "+issuing)
		} else if u.Issuing {
			issuing = u.Name
		}
	}
	if o.office == noUnit {
		c.say("units", "no unit is the office", "write office: true at the unit that supervises")
	}
	for i, g := range o.Groups {
		path := fmt.Sprintf("groups[%d]", i)
		c.enter(o.groups, taken, i, path, g.Name, g.Aliases)
		for j, m := range g.Members {
			c.knownUnit(fmt.Sprintf("%s.members[%d]", path, j), m)
		}
		if len(g.Members) == 0 {
			c.say(path, "group "+g.Name+" has no members", "write members: [...]")
		}
		o.members[i] = o.properMembers(g)
	}
}

func (c *checker) enter(table map[string]int, taken map[string]string, i int, path, name string, aliases []string) {
	if squeeze(name) == "" {
		c.say(path+".name", "a name is missing", "write name:")
		return
	}
	for j, word := range append([]string{name}, aliases...) {
		at := path + ".name"
		if j > 0 {
			at = fmt.Sprintf("%s.aliases[%d]", path, j-1)
		}
		word = squeeze(word)
		if owner, twice := taken[word]; twice {
			c.say(at, fmt.Sprintf("%s already means %s", word, owner), "a name or alias belongs to one unit or group")
			continue
		}
		taken[word] = name
		table[word] = i
	}
}

// persons enters people and their leave.
func (c *checker) persons() {
	o := c.org
	o.people, o.mails, o.leaves = map[string]int{}, map[string]int{}, map[string][]int{}
	for i, p := range o.People {
		path := fmt.Sprintf("people[%d]", i)
		if _, twice := o.people[p.ID]; twice || p.ID == "" {
			c.say(path+".id", fmt.Sprintf("person id %q is missing or used twice", p.ID), "give each person an id, such as zhang.wei2")
		}
		if p.Name == "" {
			c.say(path+".name", "person "+p.ID+" has no name", "write name:")
		}
		o.people[p.ID] = i
		c.mail(path+".mail", i, p.Mail)
	}
	for i, l := range o.Leave {
		path := fmt.Sprintf("leave[%d]", i)
		c.knownPerson(path+".person", l.Person)
		c.span(path, l.From, l.To)
		o.leaves[l.Person] = append(o.leaves[l.Person], i)
	}
}

func (c *checker) mail(path string, person int, addr string) {
	if addr == "" {
		return
	}
	a, err := mail.ParseAddress(addr)
	if err != nil || a.Address != addr {
		c.say(path, fmt.Sprintf("%q is no mail address", addr), "write it bare: name@school.example")
		return
	}
	if other, twice := c.org.mails[lower(addr)]; twice {
		c.say(path, addr+" already belongs to "+c.org.People[other].Name, "each person has an address of their own")
	}
	c.org.mails[lower(addr)] = person
}

// posts enters posts and compares those of one kind with each other.
func (c *checker) posts() {
	o := c.org
	o.posts = map[postKey][]int{}
	for i, p := range o.Posts {
		path := fmt.Sprintf("posts[%d]", i)
		c.oneOf(path+".role", "role", p.Role, postRoles)
		c.knownPerson(path+".person", p.Person)
		c.span(path, p.From, p.To)
		if p.Substitute != "" {
			c.knownPerson(path+".substitute", p.Substitute)
		}
		if p.Substitute != "" && p.Substitute == p.Person {
			c.say(path+".substitute", "a person cannot stand in for themselves", "name another person")
		}
		unit, ok := c.unitOf(path, p)
		if !ok {
			continue
		}
		key := postKey{unit, p.Role}
		c.overlap(path, p, key)
		o.posts[key] = append(o.posts[key], i)
	}
}

// unitOf is where a post belongs; principals belong to no unit.
func (c *checker) unitOf(path string, p Post) (int, bool) {
	if p.Role == PrincipalParty || p.Role == PrincipalAdmin {
		if p.Unit != "" {
			c.say(path+".unit", "a principal belongs to the whole school", "remove unit:")
		}
		return noUnit, true
	}
	c.knownUnit(path+".unit", p.Unit)
	return c.org.unit(p.Unit)
}

func (c *checker) overlap(path string, p Post, key postKey) {
	if p.Role == Staff || c.misdated(path, p) {
		return
	}
	for _, i := range c.org.posts[key] {
		if q := c.org.Posts[i]; (q.To == 0 || p.From <= q.To) && (p.To == 0 || q.From <= p.To) {
			line, _ := c.src.At(fmt.Sprintf("posts[%d]", i))
			c.say(path, fmt.Sprintf("%s %s is held twice at one time", p.Unit, p.Role), fmt.Sprintf("end the post in line %d with to:, or begin this one later with from:", line))
		}
	}
}

// misdated says that a bound is written but could not be read.
func (c *checker) misdated(path string, p Post) bool {
	return p.From == 0 && c.src.Has(path+".from") || p.To == 0 && c.src.Has(path+".to")
}

// robots enters the robots of units.
func (c *checker) robots() {
	o := c.org
	o.robots = map[int]int{}
	names, shared := map[string]bool{}, false
	for i, r := range o.Robots {
		path := fmt.Sprintf("robots[%d]", i)
		c.oneOf(path+".audience", "audience", r.Audience, audiences)
		if r.Name == "" || names[r.Name] {
			c.say(path+".name", fmt.Sprintf("robot name %q is missing or used twice", r.Name), "the configuration finds its key by the name")
		}
		names[r.Name] = true
		switch r.Audience {
		case AudienceUnit:
			c.robotOfUnit(path, i, r)
		case AudienceShared:
			if r.Unit != "" {
				c.say(path+".unit", "the shared robot belongs to no unit", "remove unit:")
			}
			if shared {
				c.say(path, "a second shared robot", "one group is shared by all units")
			}
			shared = true
		}
	}
}

func (c *checker) robotOfUnit(path string, i int, r Robot) {
	if r.Unit == "" {
		c.say(path, "robot "+r.Name+" has no unit", "write unit:, or audience: shared")
		return
	}
	c.knownUnit(path+".unit", r.Unit)
	unit, ok := c.org.unit(r.Unit)
	if _, twice := c.org.robots[unit]; ok && twice {
		c.say(path+".unit", "a second robot for "+r.Unit, "one group a unit")
	}
	if ok {
		c.org.robots[unit] = i
	}
}

func (c *checker) span(path string, from, to calendar.Date) {
	if from != 0 && to != 0 && from > to {
		c.say(path+".from", fmt.Sprintf("from %s is after to %s", from, to), "exchange or correct the dates")
	}
}

func (c *checker) knownUnit(path, name string) {
	if _, ok := c.org.unit(name); !ok {
		c.say(path, fmt.Sprintf("unknown unit %q", name), meant(name, c.org.units, "write the unit under units:, or add an alias"))
	}
}

func (c *checker) knownPerson(path, id string) {
	if _, ok := c.org.people[id]; !ok {
		c.say(path, fmt.Sprintf("unknown person %q", id), meant(id, c.org.people, "write the person under people:"))
	}
}

func (c *checker) oneOf(path, name, word string, words []string) {
	if !slices.Contains(words, word) {
		c.say(path, fmt.Sprintf("unknown %s %q", name, word), name+" is one of "+strings.Join(words, ", "))
	}
}

func meant(word string, known map[string]int, otherwise string) string {
	if near := fault.Nearest(word, slices.Sorted(maps.Keys(known))); near != "" {
		return fmt.Sprintf("did you mean %q?", near)
	}
	return otherwise
}
