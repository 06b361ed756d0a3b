package workflows

import (
	"fmt"
	"maps"
	"slices"

	"duban/engine"
)

const maxNumber = 99999

// ParseGuard reads a condition over [engine.Fields]. Its error is a
// *SyntaxError. Comparisons bind closest, then not, and, or.
//
//	period <= 10wd or reminders >= 3 or reported_within(5wd)
//	cadence in (P3M, P6M) and not (done or leader)
func ParseGuard(s string) (*engine.Guard, error) {
	p := newParser(s)
	g, err := p.anyOf()
	if err != nil {
		return nil, err
	}
	if p.peek().kind != tokenEnd {
		return nil, p.expected("and, or, or the end", "")
	}
	g.Text = s
	return g, nil
}

func (p *parser) anyOf() (*engine.Guard, error) { return p.chain("or", p.allOf) }

func (p *parser) allOf() (*engine.Guard, error) { return p.chain("and", p.not) }

func (p *parser) chain(op string, part func() (*engine.Guard, error)) (*engine.Guard, error) {
	first := p.peek()
	g, err := part()
	if err != nil {
		return nil, err
	}
	args := []*engine.Guard{g}
	for p.word(op) {
		if g, err = part(); err != nil {
			return nil, err
		}
		args = append(args, g)
	}
	if len(args) == 1 {
		return args[0], nil
	}
	return &engine.Guard{Op: op, Args: args, Text: p.since(first)}, nil
}

func (p *parser) not() (*engine.Guard, error) {
	first := p.peek()
	if err := p.deeper(); err != nil {
		return nil, err
	}
	defer func() { p.depth-- }()
	switch {
	case p.word("not"):
		g, err := p.not()
		if err != nil {
			return nil, err
		}
		return &engine.Guard{Op: "not", Args: []*engine.Guard{g}, Text: p.since(first)}, nil
	case p.sign("("):
		g, err := p.anyOf()
		if err != nil {
			return nil, err
		}
		return g, p.want(")")
	}
	return p.condition()
}

var keywords = []string{"and", "or", "not", "in"}

// condition reads one field and what is asked of it.
func (p *parser) condition() (*engine.Guard, error) {
	name := p.peek()
	if name.kind != tokenWord || slices.Contains(keywords, name.text) {
		return nil, p.expected("a field", "")
	}
	field, ok := engine.Fields[name.text]
	if !ok {
		return nil, p.fail(name, fmt.Sprintf("unknown field %q", name.text), suggest(name.text, slices.Sorted(maps.Keys(engine.Fields))))
	}
	p.at++
	arg, err := p.argument(name, field)
	if err != nil {
		return nil, err
	}
	g := &engine.Guard{Op: "is", Field: name.text, Arg: arg}
	if field.Kind == engine.FieldYesNo {
		if t := p.peek(); isComparison(t) || t.text == "in" {
			return nil, p.fail(t, name.text+" is yes or no and is not compared", fmt.Sprintf("write %s, or not %s", name.text, name.text))
		}
	} else if p.word("in") {
		return p.oneOf(name, g, field)
	} else if err := p.comparison(g, field); err != nil {
		return nil, err
	}
	g.Text = p.since(name)
	return g, nil
}

func (p *parser) argument(name token, field engine.FieldType) (int, error) {
	if !field.Arg {
		if t := p.peek(); t.kind == tokenSign && t.text == "(" {
			return 0, p.fail(t, name.text+" takes no argument", "")
		}
		return 0, nil
	}
	if !p.sign("(") {
		return 0, p.expected(`"("`, fmt.Sprintf("write a number of work days, such as %s(5wd)", name.text))
	}
	n, _, err := p.number("a number of work days", 0, maxNumber, "", "wd")
	if err != nil {
		return 0, err
	}
	return n, p.want(")")
}

func isComparison(t token) bool {
	return t.kind == tokenSign && slices.Contains([]string{"=", "!=", "<", "<=", ">", ">=", "=="}, t.text)
}

func (p *parser) comparison(g *engine.Guard, field engine.FieldType) error {
	op := p.peek()
	switch {
	case op.text == "==" && op.kind == tokenSign:
		return p.expected("a comparison", `write "="`)
	case !isComparison(op):
		return p.expected("a comparison", "one of = != < <= > >=, or in (…)")
	case field.Kind == engine.FieldWord && op.text != "=" && op.text != "!=":
		return p.fail(op, g.Field+" is a word and has no order", "compare it with =, != or in (…)")
	}
	p.at++
	g.Op = op.text
	return p.literal(g, field)
}

func (p *parser) literal(g *engine.Guard, field engine.FieldType) (err error) {
	if field.Kind == engine.FieldNumber {
		g.Int, _, err = p.number("a number", 0, maxNumber, "", "wd")
		return err
	}
	t := p.peek()
	if t.kind != tokenQuoted && (t.kind != tokenWord || slices.Contains(keywords, t.text)) {
		return p.expected("a word", `put words with other signs than letters into quotation marks`)
	}
	if field.Words != nil && !slices.Contains(field.Words, t.text) {
		return p.fail(t, fmt.Sprintf("%s is never %q", g.Field, t.text), suggest(t.text, field.Words))
	}
	p.at++
	g.Str, g.IsStr = t.text, true
	return nil
}

// oneOf reads the brackets of field in (A, B) and gives field = A or field = B.
func (p *parser) oneOf(name token, g *engine.Guard, field engine.FieldType) (*engine.Guard, error) {
	if err := p.want("("); err != nil {
		return nil, err
	}
	var args []*engine.Guard
	for {
		a := &engine.Guard{Op: "=", Field: g.Field, Arg: g.Arg}
		first := p.peek()
		if err := p.literal(a, field); err != nil {
			return nil, err
		}
		a.Text = g.Field + " = " + p.since(first)
		args = append(args, a)
		if p.sign(",") {
			continue
		}
		if !p.sign(")") {
			return nil, p.expected(`"," or ")"`, "")
		}
		if len(args) == 1 {
			return args[0], nil
		}
		return &engine.Guard{Op: "or", Args: args, Text: p.since(name)}, nil
	}
}
