package workflows

import (
	"fmt"
	"slices"
	"strings"

	"duban/engine"
	"duban/engine/fault"
)

var anchors = []string{"issued", "due", "entered", "opened", "usual"}

// function is the shape of a time function's arguments: expressions, a number
// up to most, or none.
type function struct {
	least, exprs int
	most         int
}

var functions = map[string]function{
	"later":                 {least: 2, exprs: 8},
	"earlier":               {least: 2, exprs: 8},
	"monday":                {least: 1, exprs: 1},
	"day":                   {most: 31},
	"teaching_week":         {most: 30},
	"workday_of_next_month": {most: 23},
	"last_workday":          {},
	"next_period":           {},
}

var functionNames = []string{"later", "earlier", "monday", "day", "teaching_week", "workday_of_next_month", "last_workday", "next_period"}

const (
	maxOffset = 9999
	timeHint  = "write a time such as due - 3wd, monday(due) or 30% left"
)

// ParseAt reads a time expression: an anchor with an offset, a function of
// times, or a share of the period left, each with @closing for the closing
// hour instead of the opening hour. Its error is a *SyntaxError.
//
//	due - 7wd    monday(due + 3wd)    later(30% left, due - 15wd)    last_workday @closing
func ParseAt(s string) (engine.At, error) {
	p := newParser(s)
	at, err := p.time()
	if err != nil {
		return engine.At{}, err
	}
	if at.Clock, err = p.clock(); err != nil {
		return engine.At{}, err
	}
	if t := p.peek(); t.kind != tokenEnd {
		hint := ""
		if t.text == "+" || t.text == "-" {
			hint = "only an anchor takes an offset, and only one"
		}
		return engine.At{}, p.expected("the end or @closing", hint)
	}
	at.Text = s
	return at, nil
}

func (p *parser) clock() (string, error) {
	switch {
	case !p.sign("@"), p.word("opening"):
		return "", nil
	case p.word("closing"):
		return "closing", nil
	}
	return "", p.expected("closing or opening", "")
}

func (p *parser) time() (engine.At, error) {
	first := p.peek()
	var at engine.At
	var err error
	switch first.kind {
	case tokenNumber:
		at, err = p.share()
	case tokenWord:
		p.at++
		if f, ok := functions[first.text]; ok {
			at, err = p.call(first.text, f)
		} else if slices.Contains(anchors, first.text) {
			at, err = p.anchor(first.text)
		} else {
			known := append(slices.Clone(anchors), functionNames...)
			return at, p.fail(first, fmt.Sprintf("expected a time, found %q", first.text), suggest(first.text, known))
		}
	default:
		return at, p.expected("a time", timeHint)
	}
	at.Text = p.since(first)
	return at, err
}

// share reads 30% left.
func (p *parser) share() (engine.At, error) {
	n, _, err := p.number("a percentage", 1, 100, "")
	if err != nil {
		return engine.At{}, err
	}
	if err := p.want("%"); err != nil {
		return engine.At{}, err
	}
	if !p.word("left") {
		return engine.At{}, p.expected("left", "")
	}
	return engine.At{Func: "left", N: n}, nil
}

func (p *parser) anchor(name string) (engine.At, error) {
	at := engine.At{Anchor: name}
	sign := 1
	switch {
	case p.sign("-"):
		sign = -1
	case !p.sign("+"):
		return at, nil
	}
	o, err := p.offset(0)
	o.N *= sign
	at.Offset = o
	return at, err
}

func (p *parser) offset(least int) (engine.Offset, error) {
	n, unit, err := p.number("a distance", least, maxOffset, "wd", "d", "w", "m")
	return engine.Offset{N: n, Unit: engine.Unit(unit)}, err
}

func (p *parser) call(name string, f function) (engine.At, error) {
	at := engine.At{Func: name}
	if f.most == 0 && f.exprs == 0 {
		return at, nil
	}
	err := p.want("(")
	if err != nil {
		return at, err
	}
	if f.most > 0 {
		if at.N, _, err = p.number("a number", 1, f.most, ""); err != nil {
			return at, err
		}
		return at, p.want(")")
	}
	at.Args, err = p.times(name, f)
	return at, err
}

// times reads the arguments and the closing bracket.
func (p *parser) times(name string, f function) ([]engine.At, error) {
	if err := p.deeper(); err != nil {
		return nil, err
	}
	var args []engine.At
	for {
		a, err := p.time()
		if err != nil {
			return nil, err
		}
		args = append(args, a)
		closing := p.peek()
		switch {
		case p.sign(",") && len(args) < f.exprs:
		case closing.text == ",":
			return nil, p.fail(closing, fmt.Sprintf("%s takes at most %d times", name, f.exprs), "")
		case !p.sign(")"):
			return nil, p.expected(`"," or ")"`, "")
		case len(args) < f.least:
			return nil, p.fail(closing, fmt.Sprintf("%s takes at least %d times", name, f.least), "")
		default:
			p.depth--
			return args, nil
		}
	}
}

// parseDistance reads a distance without a sign, such as 5wd; at least 1.
func parseDistance(s string) (engine.Offset, error) {
	p := newParser(s)
	o, err := p.offset(1)
	if err == nil && p.peek().kind != tokenEnd {
		err = p.expected("the end", "")
	}
	return o, err
}

// suggest names the word that was probably meant, else the words there are.
func suggest(word string, known []string) string {
	if near := fault.Nearest(word, known); near != "" {
		return fmt.Sprintf("did you mean %q?", near)
	}
	var words []string
	for _, k := range known {
		if k != "" && !slices.Contains(words, k) {
			words = append(words, k)
		}
	}
	if len(words) == 0 {
		return ""
	}
	return "known: " + strings.Join(words, ", ")
}
