package source

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxLevels is Word's.
const maxLevels = 9

// level says how one level of a list is numbered.
type level struct {
	start   int
	format  string // Word's name for the numerals
	text    string // "第%1章", %1 is the number of the first level
	style   string // the style of paragraphs that are numbered here
	legal   bool   // all numbers in digits
	suffix  string // what follows: tab, space, nothing
	restart int    // the level that it begins anew after; 0 never, -1 any above
}

// abstract is a list as it is designed; several lists can share one and then
// count on together.
type abstract struct {
	levels [maxLevels]level
	link   string // the style that has the real design
	count  [maxLevels]int
	used   [maxLevels]bool
}

// list is a list as paragraphs name it.
type list struct {
	of      *abstract
	own     map[int]level // levels designed anew
	restart map[int]int   // levels that begin anew at the first paragraph
}

// listing is the numPr of a paragraph or a style.
type listing struct{ list, level string }

// numbering is all lists of a document.
type numbering struct {
	abstracts map[string]*abstract
	lists     map[string]*list
	byLink    map[string]*abstract // designs that styles have
}

func readListing(x *xmlReader) (*listing, error) {
	l := &listing{}
	return l, x.each(func(e element) error {
		switch e.Name.Local {
		case "numId":
			l.list = e.get("val")
		case "ilvl":
			l.level = e.get("val")
		}
		return x.skip()
	})
}

func readNumbering(a *archive) (*numbering, error) {
	n := &numbering{map[string]*abstract{}, map[string]*list{}, map[string]*abstract{}}
	const part = "word/numbering.xml"
	if !a.has(part) {
		return n, nil
	}
	return n, a.walk(part, func(x *xmlReader, e element) error {
		switch e.Name.Local {
		case "abstractNum":
			return n.abstract(x, e.get("abstractNumId"))
		case "num":
			return n.list(x, e.get("numId"))
		case "numPicBullet":
			return x.skip()
		}
		return nil
	})
}

func (n *numbering) abstract(x *xmlReader, id string) error {
	a := &abstract{}
	n.abstracts[id] = a
	return x.each(func(e element) error {
		switch e.Name.Local {
		case "lvl":
			at := atoi(e.get("ilvl"))
			l, err := readLevel(x)
			if at >= 0 && at < maxLevels {
				a.levels[at] = l
			}
			return err
		case "numStyleLink":
			a.link = e.get("val")
		case "styleLink":
			n.byLink[e.get("val")] = a
		}
		return x.skip()
	})
}

func readLevel(x *xmlReader) (level, error) {
	l := level{format: "decimal", restart: -1}
	return l, x.each(func(e element) error {
		v := e.get("val")
		switch e.Name.Local {
		case "start":
			l.start = atoi(v)
		case "numFmt":
			l.format = v
		case "lvlText":
			l.text = shorten(v)
		case "pStyle":
			l.style = v
		case "isLgl":
			l.legal = e.is()
		case "suff":
			l.suffix = v
		case "lvlRestart":
			l.restart = atoi(v)
		case "AlternateContent": // numerals that newer versions know
			return x.only(func() error {
				return x.each(func(e element) error {
					l.format = e.get("val")
					return x.skip()
				})
			})
		}
		return x.skip()
	})
}

// shorten cuts a label to what can be one.
func shorten(s string) string {
	if len(s) <= maxLabel {
		return s
	}
	return strings.ToValidUTF8(s[:maxLabel], "")
}

func (n *numbering) list(x *xmlReader, id string) error {
	l := &list{own: map[int]level{}, restart: map[int]int{}}
	n.lists[id] = l
	return x.each(func(e element) error {
		switch e.Name.Local {
		case "abstractNumId":
			l.of = n.abstracts[e.get("val")]
		case "lvlOverride":
			at := atoi(e.get("ilvl"))
			return x.each(func(e element) error {
				switch e.Name.Local {
				case "startOverride":
					l.restart[at] = atoi(e.get("val"))
				case "lvl":
					own, err := readLevel(x)
					l.own[at] = own
					return err
				}
				return x.skip()
			})
		}
		return x.skip()
	})
}

// design follows a link to the style that has the design.
func (n *numbering) design(l *list) *abstract {
	if l.of != nil && l.of.link != "" {
		if a := n.byLink[l.of.link]; a != nil {
			return a
		}
	}
	return l.of
}

// levelOf finds the level that a style is bound to.
func (n *numbering) levelOf(listID, style string) int {
	l := n.lists[listID]
	if l == nil || l.of == nil {
		return 0
	}
	for i, v := range n.design(l).levels {
		if v.style == style {
			return i
		}
	}
	return 0
}

// label counts a paragraph of a list and returns its number as it is printed.
func (n *numbering) label(of listing) string {
	l := n.lists[of.list]
	at := atoi(of.level)
	if l == nil || l.of == nil || at < 0 || at >= maxLevels {
		return ""
	}
	a := n.design(l)
	if start, ok := l.restart[at]; ok { // only the first paragraph begins anew
		a.count[at], a.used[at] = start-1, true
		delete(l.restart, at)
	}
	a.step(at)
	v := l.level(a, at)
	return finish(l.print(a, at), v.suffix)
}

func (l *list) level(a *abstract, at int) level {
	if own, ok := l.own[at]; ok {
		return own
	}
	return a.levels[at]
}

// step counts one on at a level; deeper levels begin anew.
func (a *abstract) step(at int) {
	if !a.used[at] {
		a.count[at], a.used[at] = a.levels[at].start-1, true
	}
	a.count[at]++
	for i := at + 1; i < maxLevels; i++ {
		if r := a.levels[i].restart; r < 0 || r > at {
			a.used[i] = false
		}
	}
}

// print writes the text of a level with the numbers of it and of those above.
func (l *list) print(a *abstract, at int) string {
	v := l.level(a, at)
	if v.format == "bullet" || v.format == "none" && !strings.Contains(v.text, "%") {
		return ""
	}
	var b strings.Builder
	for s := v.text; s != ""; {
		if s[0] == '%' && len(s) > 1 && s[1] >= '1' && s[1] <= '9' {
			b.WriteString(l.numeral(a, int(s[1]-'1'), v.legal))
			s = s[2:]
			continue
		}
		b.WriteByte(s[0])
		s = s[1:]
	}
	return b.String()
}

func (l *list) numeral(a *abstract, at int, legal bool) string {
	v, n := l.level(a, at), a.count[at]
	if !a.used[at] { // a level above that has had no paragraph yet
		n = v.start
	}
	if legal {
		return numeral("decimal", n)
	}
	return numeral(v.format, n)
}

// finish parts a label from the text: 一、 and 1. need nothing, 1.1 does.
func finish(label, suffix string) string {
	last, _ := utf8.DecodeLastRuneInString(label)
	if label == "" || suffix == "nothing" || !unicode.IsLetter(last) && !unicode.IsDigit(last) {
		return label
	}
	return label + " "
}
