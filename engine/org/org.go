// Package org knows a school's units, people and posts, and who holds a post on
// a given day. Roles become people only when a message is sent or an act
// arrives, so everything here is asked with a date.
package org

import (
	"strings"
	"unicode"

	"duban/engine/calendar"
)

// Org is an organisation as loaded by [Load]. It is read-only and safe for use
// by several goroutines.
type Org struct {
	Name   string   `yaml:"name"`
	Phone  string   `yaml:"phone"` // the supervising office's number, as printed in messages
	Units  []Unit   `yaml:"units"`
	Groups []Group  `yaml:"groups"`
	People []Person `yaml:"people"`
	Posts  []Post   `yaml:"posts"`
	Leave  []Leave  `yaml:"leave"`
	Robots []Robot  `yaml:"robots"`

	index
}

// Unit is a department, college, branch or body.
type Unit struct {
	Name    string   `yaml:"name"`
	Aliases []string `yaml:"aliases"` // other names that documents print
	Kind    string   `yaml:"kind"`    // department, college, branch or body
	Office  bool     `yaml:"office"`  // 效能办: exactly one unit
	Issuing bool     `yaml:"issuing"` // 党政办公室: answers for milestones without a unit; at most one
}

// Group is a word for many units, such as 各二级学院.
type Group struct {
	Name    string   `yaml:"name"`
	Aliases []string `yaml:"aliases"`
	Members []string `yaml:"members"` // names of units
}

// Person is someone who can be told.
type Person struct {
	ID     string `yaml:"id"`
	Name   string `yaml:"name"`
	Mail   string `yaml:"mail"`   // a bare address; "" when there is none
	WeCom  string `yaml:"wecom"`  // WeCom user id
	Mobile string `yaml:"mobile"` // for the office's phone list

	Substitute string `yaml:"substitute"` // AB角 in every post that names none of its own, or whose own is away
}

// The roles of posts.
const (
	Head           = "head"            // 负责人
	Liaison        = "liaison"         // 联络员
	Sponsor        = "sponsor"         // 分管校领导 of the unit
	PrincipalParty = "principal_party" // 党委书记: without a unit
	PrincipalAdmin = "principal_admin" // 校长: without a unit
	Staff          = "staff"           // several may hold it
)

// Post is a person's part in a unit for a time.
type Post struct {
	Unit       string        `yaml:"unit"` // name or alias; "" for the principals
	Role       string        `yaml:"role"`
	Person     string        `yaml:"person"`     // person id
	From       calendar.Date `yaml:"from"`       // inclusive; zero: always has been
	To         calendar.Date `yaml:"to"`         // inclusive; zero: until further notice
	Substitute string        `yaml:"substitute"` // AB角: the id of whoever stands in during leave
}

// Leave is a time during which a person is away, both days included.
type Leave struct {
	Person string        `yaml:"person"`
	From   calendar.Date `yaml:"from"`
	To     calendar.Date `yaml:"to"`
}

// The audiences of robots.
const (
	AudienceUnit   = "unit"   // the unit's own group
	AudienceShared = "shared" // all units' heads: neutral counts only
)

// Robot is a WeCom group robot. Its key is a secret and lives in the
// configuration, under the robot's name.
type Robot struct {
	Name     string `yaml:"name"`
	Title    string `yaml:"title"` // the group's name as people know it
	Audience string `yaml:"audience"`
	Unit     string `yaml:"unit"` // name or alias; "" for the shared one
}

// Unit finds a unit by its printed name or alias. Blanks do not matter, nor
// does 学校 before the name.
func (o *Org) Unit(printed string) (Unit, bool) {
	i, ok := o.unit(printed)
	if !ok {
		return Unit{}, false
	}
	return o.Units[i], true
}

func (o *Org) unit(printed string) (int, bool) { return lookup(o.units, printed) }

// Group finds a group by its printed name or alias.
func (o *Org) Group(printed string) (Group, bool) {
	i, ok := lookup(o.groups, printed)
	if !ok {
		return Group{}, false
	}
	return o.Groups[i], true
}

// Members are the names of the units that a printed word stands for: a group's
// members, a unit itself, nil for a word that is neither.
func (o *Org) Members(printed string) []string {
	if i, ok := lookup(o.groups, printed); ok {
		return append([]string(nil), o.members[i]...)
	}
	if u, ok := o.Unit(printed); ok {
		return []string{u.Name}
	}
	return nil
}

// Person finds a person by id.
func (o *Org) Person(id string) (Person, bool) {
	i, ok := o.people[id]
	if !ok {
		return Person{}, false
	}
	return o.People[i], true
}

// PersonByAddress finds a person by mail address, in either case; "Name <addr>"
// will do as well.
func (o *Org) PersonByAddress(addr string) (Person, bool) {
	if start := strings.LastIndexByte(addr, '<'); start >= 0 {
		addr, _, _ = strings.Cut(addr[start+1:], ">")
	}
	i, ok := o.mails[strings.ToLower(strings.TrimSpace(addr))]
	if !ok {
		return Person{}, false
	}
	return o.People[i], true
}

// RobotOf is the robot of a unit's own group.
func (o *Org) RobotOf(unit string) (Robot, bool) {
	if i, ok := o.unit(unit); ok {
		if r, ok := o.robots[i]; ok {
			return o.Robots[r], true
		}
	}
	return Robot{}, false
}

// Shared is the robot of the group that all units share.
func (o *Org) Shared() (Robot, bool) {
	for _, r := range o.Robots {
		if r.Audience == AudienceShared {
			return r, true
		}
	}
	return Robot{}, false
}

// Office is the unit that supervises (效能办). Load makes sure that there is one.
func (o *Org) Office() Unit {
	if o.office < 0 || o.office >= len(o.Units) {
		return Unit{}
	}
	return o.Units[o.office]
}

// Issuing is the unit that answers for milestones without a unit
// (党政办公室).
func (o *Org) Issuing() (Unit, bool) {
	for _, u := range o.Units {
		if u.Issuing {
			return u, true
		}
	}
	return Unit{}, false
}

// lookup tries a name as printed, then without 学校 before it.
func lookup(table map[string]int, printed string) (int, bool) {
	if i, ok := table[printed]; ok { // the usual case: no blanks to remove
		return i, true
	}
	name := squeeze(printed)
	if i, ok := table[name]; ok {
		return i, true
	}
	i, ok := table[strings.TrimPrefix(name, "学校")]
	return i, ok
}

// squeeze removes blanks, which scanned documents strew into names.
func squeeze(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || r == '\u200b' || r == '\ufeff' {
			return -1
		}
		return r
	}, s)
}
