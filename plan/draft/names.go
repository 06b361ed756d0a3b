package draft

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"duban/engine/fault"
	"duban/engine/org"
)

// Names knows the units: those of the organisation with their other names, and
// what the office said that further printed names mean.
type Names struct {
	Org     *org.Org
	Aliases map[string]string // printed name without blanks → unit
}

// How says how a printed name became a unit.
type How string

// The ways.
const (
	Known    How = "known"    // the organisation has the name
	Aliased  How = "alias"    // the office said what it means
	Proposed How = "proposed" // nobody knows it, some units are near
	Unknown  How = "unknown"
)

// Found is what a printed name means.
type Found struct {
	Printed   string     `json:"printed"`
	Unit      string     `json:"unit"` // "" unless known or aliased
	How       How        `json:"how"`
	Proposals []Proposal `json:"proposals,omitempty"` // the nearest first
}

// Proposal is a unit that an unknown name may mean.
type Proposal struct {
	Unit string `json:"unit"`
	Why  string `json:"why"` // in Chinese
}

// Find says what a printed name means. The organisation's own names go first.
func (n Names) Find(printed string) Found {
	f := Found{Printed: printed, How: Known}
	if u, ok := n.Org.Unit(printed); ok {
		f.Unit = u.Name
		return f
	}
	if g, ok := n.Org.Group(printed); ok {
		f.Unit = g.Name
		return f
	}
	if unit, ok := n.Aliases[Squeeze(printed)]; ok && n.Org.Members(unit) != nil {
		f.Unit, f.How = unit, Aliased
		return f
	}
	f.How = Unknown
	if f.Proposals = n.Propose(printed); len(f.Proposals) > 0 {
		f.How = Proposed
	}
	return f
}

// Canonical is the unit a printed name means, or the name without blanks.
func (n Names) Canonical(printed string) string {
	if f := n.Find(printed); f.Unit != "" {
		return f.Unit
	}
	return Squeeze(printed)
}

// Squeeze takes blanks out of a name: scanned documents strew them into it.
func Squeeze(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || r == '\u200b' || r == '\ufeff' {
			return -1
		}
		return r
	}, s)
}

// mostProposals is how many units are proposed for a name.
const mostProposals = 3

// near is a proposal with what it is ordered by.
type near struct {
	Proposal
	tier int     // the kind of likeness; 0 is the nearest
	like float64 // within a tier
}

// Propose names the units that an unknown name may mean, the nearest first.
func (n Names) Propose(printed string) []Proposal {
	best := map[string]near{}
	try := func(unit string, names ...string) {
		for _, name := range names {
			c, ok := likeness(Squeeze(printed), Squeeze(name))
			if was, seen := best[unit]; ok && (!seen || c.nearer(was) < 0) {
				c.Unit = unit
				best[unit] = c
			}
		}
	}
	var order []string
	for _, u := range n.Org.Units {
		order = append(order, u.Name)
		try(u.Name, append([]string{u.Name}, u.Aliases...)...)
	}
	for _, g := range n.Org.Groups {
		order = append(order, g.Name)
		try(g.Name, append([]string{g.Name}, g.Aliases...)...)
	}
	var all []near
	for _, unit := range order {
		if c, ok := best[unit]; ok {
			all = append(all, c)
		}
	}
	slices.SortStableFunc(all, near.nearer)
	var out []Proposal
	for _, c := range all[:min(len(all), mostProposals)] {
		out = append(out, c.Proposal)
	}
	return out
}

func (c near) nearer(other near) int {
	return cmp.Or(cmp.Compare(c.tier, other.tier), cmp.Compare(other.like, c.like))
}

// What stands before and after the part of a name that tells units apart, the
// longest first.
var (
	before = []string{"学校党委", "学院党委", "校党委", "院党委", "中共", "党委", "学校", "校", "院"}
	after  = []string{"工作办公室", "办公室", "工作部", "工作处", "委员会", "中心", "部门", "部", "处", "科", "办", "室", "委", "院", "系"}
)

// stem is a name without what stands before it.
func stem(name string) string {
	for _, b := range before {
		if rest, ok := strings.CutPrefix(name, b); ok && len([]rune(rest)) >= 3 {
			return rest
		}
	}
	return name
}

// core is the part of a name that tells units apart: 宣传统战 of 党委宣传统战部.
// At least two characters of it stay.
func core(name string) string {
	name = stem(name)
	for _, a := range after {
		if rest, ok := strings.CutSuffix(name, a); ok && len([]rune(rest)) >= 2 {
			return rest
		}
	}
	return name
}

// likeness says how near two names are, and in which way.
func likeness(a, b string) (near, bool) {
	x, y := []rune(core(a)), []rune(core(b))
	if len(x) > len(y) {
		x, y, a, b = y, x, b, a
	}
	c := near{like: dice(a, b)}
	wrong := fault.Distance(x, y)
	switch {
	case len(x) < 2:
		return near{}, false
	case wrong == 0:
		c.Why = "只差前后缀"
	case strings.Contains(string(y), string(x)):
		c.tier, c.Why = 1, "名称相互包含"
	case x[0] == y[0] && within(x, []rune(stem(b))): // 学工 in 学生工作部, whose core is 学生
		c.tier, c.Why = 2, "像是简称"
	case wrong*3 <= len(y):
		c.tier, c.Why = 3, fmt.Sprintf("只差%d个字", wrong)
	case c.like >= 0.5 && dice(string(x), string(y)) >= 0.4:
		c.tier, c.Why = 4, "名称部分相同"
	default:
		return near{}, false
	}
	return c, true
}

// within says whether the characters of short stand in long in this order.
func within(short, long []rune) bool {
	i := 0
	for _, r := range long {
		if i < len(short) && short[i] == r {
			i++
		}
	}
	return i == len(short)
}

// dice is how alike two texts are by their pairs of neighbouring characters,
// from 0 to 1.
func dice(a, b string) float64 {
	x, y := pairs(a), pairs(b)
	if len(x) == 0 || len(y) == 0 {
		if a == b {
			return 1
		}
		return 0
	}
	count := map[[2]rune]int{}
	for _, p := range x {
		count[p]++
	}
	same := 0
	for _, p := range y {
		if count[p] > 0 {
			count[p]--
			same++
		}
	}
	return 2 * float64(same) / float64(len(x)+len(y))
}

func pairs(s string) [][2]rune {
	r := []rune(s)
	var out [][2]rune
	for i := 1; i < len(r); i++ {
		out = append(out, [2]rune{r[i-1], r[i]})
	}
	return out
}
