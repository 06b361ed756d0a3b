package workflows

import (
	"fmt"
	"slices"

	"duban/engine/fault"
)

// check lists what is wrong with the whole, once all files are merged: names
// that lead nowhere, states that cannot be reached or left.
func (p *part) check() fault.List {
	c := checker{part: p, states: map[string]bool{}, reasons: map[string]bool{}}
	for _, s := range p.states {
		c.states[s.name] = s.def.Final
	}
	for _, r := range p.reasons {
		c.reasons[r.name] = true
	}
	c.starts()
	for _, r := range p.allRefs() {
		c.ref(r)
	}
	if !c.lost {
		c.graph()
	}
	return c.faults
}

type checker struct {
	part    *part
	states  map[string]bool // name → final
	reasons map[string]bool
	faults  fault.List
	lost    bool // a state is named that is not defined: the graph would tell the same again
}

func (c *checker) fault(where fault.Fault, what, hint string) {
	where.What, where.Hint = what, hint
	c.faults = append(c.faults, where)
}

func (p *part) allRefs() []ref {
	var out []ref
	for _, s := range p.starts {
		out = append(out, s.refs...)
	}
	for _, s := range p.states {
		out = append(out, s.refs...)
	}
	for _, t := range p.timers {
		out = append(out, t.refs...)
	}
	return out
}

func (p *part) startNames() []string {
	var out []string
	for _, s := range p.starts {
		out = append(out, s.name)
	}
	return out
}

func (c *checker) starts() {
	if len(c.part.starts) == 0 {
		c.lost = true
		c.fault(c.part.where, "no start", "add start: with at least one - to: state")
		return
	}
	if c.part.cron != "" && !slices.Contains(c.part.startNames(), "") {
		c.fault(c.part.cronAt, "cron begins nothing: every start has a name", "add a start without a name")
	}
}

func (c *checker) ref(r ref) {
	switch r.kind {
	case refState, refTimed:
		final, ok := c.states[r.name]
		if !ok {
			c.lost = true
			c.fault(r.where, fmt.Sprintf("state %q is not defined", r.name), suggest(r.name, names(c.part.states)))
		} else if final && r.kind == refTimed {
			c.fault(r.where, fmt.Sprintf("state %s is final: no timer runs in it", r.name), "take it out of in:")
		}
	case refReason:
		if !c.reasons[r.name] {
			c.fault(r.where, fmt.Sprintf("reason %q is not defined", r.name), suggest(r.name, names(c.part.reasons)))
		}
	case refSpawn:
		if r.workflow == "" || r.workflow == c.part.name {
			c.faults = append(c.faults, spawnFault(r, c.part)...)
		}
	}
}

// spawnFault checks that the children's start exists in their workflow.
func spawnFault(r ref, child *part) fault.List {
	if slices.Contains(child.startNames(), r.name) {
		return nil
	}
	f := r.where
	if r.name == "" {
		f.What, f.Hint = fmt.Sprintf("workflow %s has no start without a name", child.name), "add start: and the name of one"
	} else {
		f.What, f.Hint = fmt.Sprintf("workflow %s has no start %q", child.name, r.name), suggest(r.name, child.startNames())
	}
	return fault.List{f}
}

func names[T any](items []item[T]) []string {
	out := make([]string, len(items))
	for i, it := range items {
		out[i] = it.name
	}
	return out
}

// graph reports states that no start leads to, and states with no way to an
// end.
func (c *checker) graph() {
	forward := c.part.edges()
	backward := map[string][]string{}
	var ends []string
	for _, s := range c.part.states {
		for _, to := range forward[s.name] {
			backward[to] = append(backward[to], s.name)
		}
		if s.def.Final {
			ends = append(ends, s.name)
		}
	}
	if len(ends) == 0 {
		c.fault(c.part.where, "no state is final", "mark the ends with final: true")
	}
	var begins []string
	for _, s := range c.part.starts {
		begins = append(begins, string(s.def.To))
	}
	reached, ending := reach(forward, begins), reach(backward, ends)
	for _, s := range c.part.states {
		if !reached[s.name] && len(c.part.starts) > 0 {
			c.fault(s.where, fmt.Sprintf("state %s cannot be reached", s.name), "no start, move or timer leads to it")
		}
		if !ending[s.name] && len(ends) > 0 {
			c.fault(s.where, fmt.Sprintf("state %s leads to no end", s.name), "add a way to a final state, or final: true")
		}
	}
}

// edges are the states that moves and timers lead to from each state.
func (p *part) edges() map[string][]string {
	out := map[string][]string{}
	for _, s := range p.states {
		for _, moves := range s.def.On {
			for _, m := range moves {
				out[s.name] = append(out[s.name], string(m.To))
			}
		}
	}
	for _, t := range p.timers {
		for _, in := range t.def.In {
			out[string(in)] = append(out[string(in)], string(t.def.To))
		}
	}
	return out
}

// reach is every state that the edges lead to from the first ones.
func reach(edges map[string][]string, from []string) map[string]bool {
	seen := map[string]bool{}
	for len(from) > 0 {
		s := from[0]
		from = from[1:]
		if s != "" && !seen[s] {
			seen[s] = true
			from = append(from, edges[s]...)
		}
	}
	return seen
}
