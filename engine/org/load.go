package org

import (
	"strings"

	"duban/engine/fault"
)

// noUnit is the place of posts that belong to the whole school.
const noUnit = -1

type postKey struct {
	unit int // position in Units, or noUnit
	role string
}

// index is what look-ups use; Load builds it once.
type index struct {
	units, groups map[string]int // names and aliases without blanks
	people, mails map[string]int
	members       map[int][]string // group → proper names of its units
	posts         map[postKey][]int
	leaves        map[string][]int
	robots        map[int]int // unit → robot
	office        int
	warnings      fault.List
}

// Load reads an organisation file and lists everything that is wrong with it.
// The organisation is nil when there is a fault.
func Load(file string, data []byte) (*Org, fault.List) {
	src, faults := fault.Parse(file, data)
	if len(faults) > 0 {
		return nil, faults
	}
	o := &Org{}
	c := checker{src: src, org: o, faults: src.Decode(o)}
	c.names()
	c.persons()
	c.circles()
	c.posts()
	c.robots()
	if len(c.faults) > 0 {
		c.faults.Sort()
		return nil, c.faults
	}
	c.together()
	o.warnings.Sort()
	return o, nil
}

// properMembers is a group's units by their proper names, each once.
func (o *Org) properMembers(g Group) []string {
	var names []string
	seen := map[int]bool{}
	for _, m := range g.Members {
		if i, ok := o.unit(m); ok && !seen[i] {
			seen[i] = true
			names = append(names, o.Units[i].Name)
		}
	}
	return names
}

func lower(addr string) string { return strings.ToLower(strings.TrimSpace(addr)) }
