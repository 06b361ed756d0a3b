package draft

import (
	"cmp"
	"slices"
	"strings"

	"duban/plan"
)

// Pair is one item in both versions of a plan.
type Pair struct {
	Old plan.Item `json:"old"`
	New plan.Item `json:"new"`
}

// Change is an item that says something else now.
type Change struct {
	Pair
	Fields []Field `json:"fields"`
}

// Field is one field in both versions.
type Field struct {
	Name string `json:"field"` // 牵头, 时限 …
	Old  string `json:"old"`
	New  string `json:"new"`
}

// The fields that move assignments.
const (
	FieldLead   = "牵头"
	FieldLimit  = "时限"
	FieldManner = "方式"
)

// Has says whether a field is among the changed ones.
func (c *Change) Has(name string) bool {
	return slices.ContainsFunc(c.Fields, func(f Field) bool { return f.Name == name })
}

// Diff is what a revised plan changes, each list in the plan's order.
type Diff struct {
	Added     []plan.Item `json:"added"`
	Changed   []Change    `json:"changed"`
	Withdrawn []plan.Item `json:"withdrawn"`
	Same      []Pair      `json:"-"`
	Unchanged int         `json:"unchanged"`
}

// Compare says what a revised plan changes. unit is the name of the unit that a
// printed name means, so that another name of the same unit is no change.
func Compare(was, is *plan.Plan, unit func(string) string) Diff {
	d := Diff{Added: []plan.Item{}, Changed: []Change{}, Withdrawn: []plan.Item{}}
	match := Match(was.Items, is.Items)
	taken := map[int]bool{}
	for j := range is.Items {
		i := match[j]
		if i < 0 {
			d.Added = append(d.Added, is.Items[j])
			continue
		}
		taken[i] = true
		p := Pair{was.Items[i], is.Items[j]}
		if fields := differences(&p, unit); len(fields) > 0 {
			d.Changed = append(d.Changed, Change{p, fields})
		} else {
			d.Same = append(d.Same, p)
		}
	}
	for i := range was.Items {
		if !taken[i] {
			d.Withdrawn = append(d.Withdrawn, was.Items[i])
		}
	}
	d.Unchanged = len(d.Same)
	return d
}

func differences(p *Pair, unit func(string) string) []Field {
	was, is := p.Old.AsDecided(), p.New.AsDecided()
	var out []Field
	add := func(name, a, b string, same bool) {
		if !same {
			out = append(out, Field{name, a, b})
		}
	}
	texts := func(name, a, b string) { add(name, a, b, Squeeze(a) == Squeeze(b)) }
	units := func(name string, a, b []string) {
		add(name, strings.Join(a, "、"), strings.Join(b, "、"), slices.Equal(sorted(a, unit), sorted(b, unit)))
	}
	texts("编号", was.No, is.No)
	texts("标题", was.Heading, is.Heading)
	texts("内容", was.Text, is.Text)
	units(FieldLead, was.Lead, is.Lead)
	units("配合", was.Cooperating, is.Cooperating)
	units("校领导", was.Leader, is.Leader)
	add(FieldLimit, limits(was.Deadlines), limits(is.Deadlines), slices.EqualFunc(was.Deadlines, is.Deadlines, sameLimit) && was.Usual == is.Usual)
	texts(FieldManner, Manner(was.Decided), Manner(is.Decided))
	return out
}

// sameLimit compares what two time limits mean; their words may differ.
func sameLimit(a, b plan.Deadline) bool {
	a.Text, b.Text = "", ""
	a.AltStart, a.AltEnd, b.AltStart, b.AltEnd = 0, 0, 0, 0
	return a == b
}

func sorted(names []string, unit func(string) string) []string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = unit(n)
	}
	slices.Sort(out)
	return out
}

// How alike two headings must be: less where the number is the same as well.
const (
	alikeSameNumber  = 0.5
	alikeOtherNumber = 0.7
	mostCompared     = 1_000_000 // pairs of headings; more is a matter of other documents, not of a revision
)

// Match finds for each new item the index of the old one that it is, or -1. An
// item is the same when heading and number are, when the heading is, when the
// number is and the heading is alike, or when the heading is very much alike: in
// that order, so that a renumbered item is not taken for its neighbour.
func Match(was, is []plan.Item) []int {
	m := matcher{was: was, is: is, to: make([]int, len(is)), taken: make([]bool, len(was))}
	for j := range m.to {
		m.to[j] = -1
	}
	m.byKey(func(it *plan.Item) string { return it.No + "\n" + label(it) }, nil)
	m.byKey(label, nil)
	m.byKey(func(it *plan.Item) string { return it.No }, func(i, j int) bool {
		return dice(label(&was[i]), label(&is[j])) >= alikeSameNumber
	})
	m.byLikeness()
	return m.to
}

type matcher struct {
	was, is []plan.Item
	to      []int // by new item
	taken   []bool
}

// label is what an item is known by: its heading, else how its text begins.
func label(it *plan.Item) string {
	if h := Squeeze(it.Heading); h != "" {
		return h
	}
	r := []rune(Squeeze(it.Text))
	return string(r[:min(len(r), 40)])
}

// byKey pairs what is left by a key, in order, where ok (nil: always) agrees.
func (m *matcher) byKey(key func(*plan.Item) string, ok func(i, j int) bool) {
	left := map[string][]int{}
	for i := range m.was {
		if !m.taken[i] {
			k := key(&m.was[i])
			left[k] = append(left[k], i)
		}
	}
	for j := range m.is {
		k := key(&m.is[j])
		if m.to[j] >= 0 || len(left[k]) == 0 {
			continue
		}
		if i := left[k][0]; ok == nil || ok(i, j) {
			m.to[j], m.taken[i] = i, true
			left[k] = left[k][1:]
		}
	}
}

// byLikeness pairs what is left, the most alike first.
func (m *matcher) byLikeness() {
	type pair struct {
		i, j int
		like float64
	}
	var was, is []int
	for i := range m.was {
		if !m.taken[i] {
			was = append(was, i)
		}
	}
	for j := range m.is {
		if m.to[j] < 0 {
			is = append(is, j)
		}
	}
	if len(was)*len(is) > mostCompared {
		return
	}
	var all []pair
	for _, i := range was {
		for _, j := range is {
			if like := dice(label(&m.was[i]), label(&m.is[j])); like >= alikeOtherNumber {
				all = append(all, pair{i, j, like})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b pair) int { return cmp.Compare(b.like, a.like) })
	for _, p := range all {
		if !m.taken[p.i] && m.to[p.j] < 0 {
			m.to[p.j], m.taken[p.i] = p.i, true
		}
	}
}

// Carry takes what the office decided about the items of a former version over
// to those of the new one, as far as the words it decided about are the same.
func Carry(was, is *plan.Plan, unit func(string) string) {
	for j, i := range Match(was.Items, is.Items) {
		if i < 0 || was.Items[i].Decided == nil || is.Items[j].Decided != nil {
			continue
		}
		old, it := &was.Items[i], &is.Items[j]
		d := *old.Decided
		if d.Aliased || !slices.Equal(sorted(old.Lead, unit), sorted(it.Lead, unit)) { // aliases are asked anew
			d.Lead, d.Aliased = nil, false
		}
		if !slices.EqualFunc(old.Deadlines, it.Deadlines, sameLimit) {
			d.Due, d.Usual, d.Keep = 0, 0, false
		}
		if !d.None() {
			it.Decided = &d
		}
	}
}
