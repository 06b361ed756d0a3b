// Package draft is what the office sees of a document between its reading and
// its confirmation: which unit a printed name means, how sure each field is, and
// what a revised document changes. It is pure; nothing starts from here.
package draft

import (
	"fmt"
	"slices"
	"strings"

	"duban/plan"
)

// Prepare makes a plan as read fit to be decided about item by item: every item
// gets a number of its own, a unit is named once, and time words that nobody
// understood wait for the office.
func Prepare(p *plan.Plan) {
	p.Items = slices.DeleteFunc(p.Items, func(it plan.Item) bool { return strings.TrimSpace(it.Heading+it.Text) == "" })
	used := map[string]bool{}
	for i := range p.Items {
		it := &p.Items[i]
		it.Lead, it.Cooperating = once(it.Lead), once(it.Cooperating)
		if no := unused(used, it.No); no != it.No {
			it.Warnings = append(it.Warnings, "编号为导入时所加："+no)
			it.No = no
		}
		used[it.No] = true
		prepareLimits(it)
	}
}

func prepareLimits(it *plan.Item) {
	it.Deadlines = slices.DeleteFunc(it.Deadlines, func(d plan.Deadline) bool { return d.Text == "" })
	for i := range it.Deadlines {
		if d := &it.Deadlines[i]; d.Kind == "" {
			*d = plan.Deadline{Text: d.Text, Kind: plan.Open}
			it.Warnings = append(it.Warnings, "时限“"+d.Text+"”不能识别")
		}
	}
}

// unused is a number, or that number with #2, #3 after it where it is taken.
func unused(used map[string]bool, no string) string {
	if no != "" && !used[no] {
		return no
	}
	n := 2
	if no == "" {
		n = 1
	}
	for used[fmt.Sprintf("%s#%d", no, n)] {
		n++
	}
	return fmt.Sprintf("%s#%d", no, n)
}

func once(names []string) []string {
	var out []string
	for _, n := range names {
		if strings.TrimSpace(n) != "" && !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	return out
}

// WithAliases is the plan with the units that aliases name decided as leads,
// where the office has not decided otherwise.
func WithAliases(p *plan.Plan, n Names) *plan.Plan {
	out := *p
	out.Items = slices.Clone(p.Items)
	for i := range out.Items {
		it := &out.Items[i]
		if it.Decided != nil && len(it.Decided.Lead) > 0 {
			continue
		}
		units, aliased := n.units(it.Lead)
		if !aliased {
			continue
		}
		d := plan.Decision{}
		if it.Decided != nil {
			d = *it.Decided
		}
		d.Lead, d.Aliased, it.Decided = once(units), true, &d
	}
	return &out
}

// units are printed names with aliases replaced by what they mean.
func (n Names) units(printed []string) (units []string, aliased bool) {
	for _, p := range printed {
		f := n.Find(p)
		if f.How == Aliased {
			p, aliased = f.Unit, true
		}
		units = append(units, p)
	}
	return units, aliased
}
