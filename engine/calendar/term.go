package calendar

import (
	"fmt"
	"slices"
)

// Term is one school term (学期).
type Term struct {
	Name       string
	Start, End Date // both inclusive
}

// Week is the Monday of teaching week n. Week 1 is the week, Monday to Sunday,
// that holds Start, so its Monday may lie before Start.
func (t Term) Week(n int) Date { return t.Start.Monday().AddDays(7 * (n - 1)) }

// longestVacation is how far apart, in days, two terms may lie with a vacation
// between them. Where more is missing, a term is missing.
const longestVacation = 100

// checkTerms looks at terms sorted by Start.
func checkTerms(terms []Term) (errs []error) {
	for i, t := range terms {
		if t.Start == 0 || t.End < t.Start {
			errs = append(errs, fmt.Errorf("term %s: ends %s before it starts %s", t.Name, t.End, t.Start))
		}
		if i > 0 && t.Start <= terms[i-1].End {
			errs = append(errs, fmt.Errorf("term %s: overlaps %s", t.Name, terms[i-1].Name))
		}
	}
	return errs
}

// Term is the term that d falls in; false in vacations and where no term is
// known.
func (c *Calendar) Term(d Date) (Term, bool) {
	for _, t := range c.terms {
		if t.Start <= d && d <= t.End {
			return t, true
		}
	}
	return Term{}, false
}

// TermsBetween are the terms that share at least one day with from to to, both
// inclusive, in order.
func (c *Calendar) TermsBetween(from, to Date) []Term {
	return slices.DeleteFunc(slices.Clone(c.terms), func(t Term) bool {
		return t.End < from || t.Start > to
	})
}

// InVacation says that d lies between two known terms that follow each other.
// It is false where no terms are known, before the first and after the last.
func (c *Calendar) InVacation(d Date) bool {
	for i := 1; i < len(c.terms); i++ {
		end, start := c.terms[i-1].End, c.terms[i].Start
		if end < d && d < start {
			return int(start-end) <= longestVacation
		}
	}
	return false
}

// longestTerm in days catches a mistyped year.
const longestTerm = 250

// ParseTerms reads a term file:
//
//	# comment
//	term 2023-02-20 2023-07-07 2022-2023学年第二学期
//
// All faults are listed, in the order of lines; with any fault there are no
// terms.
func ParseTerms(file string, text []byte) ([]Term, Faults) {
	p := &termParser{source: source{file: file}}
	p.each(text, p.line)
	if len(p.faults) > 0 {
		return nil, p.faults
	}
	return p.terms, nil
}

type termParser struct {
	source
	terms []Term
}

func (p *termParser) line(w []word) {
	if w[0].text != "term" {
		p.fault(w[0], fmt.Sprintf("unknown word %q", w[0].text), "a line is: term FIRST-DAY LAST-DAY NAME")
		return
	}
	from, to, name, ok := p.span(w)
	if !ok {
		return
	}
	if days := int(to-from) + 1; days < 2 || days > longestTerm {
		p.fault(w[1], fmt.Sprintf("a term of %d days", days), fmt.Sprintf("give first and last day, at most %d days apart", longestTerm))
		return
	}
	for _, t := range p.terms {
		if t.Name == name {
			p.fault(w[0], "term "+name+" is there twice", "remove one")
			return
		}
		if from <= t.End && t.Start <= to {
			p.fault(w[1], fmt.Sprintf("term %s overlaps %s (%s to %s)", name, t.Name, t.Start, t.End), "terms follow each other")
			return
		}
	}
	p.terms = append(p.terms, Term{Name: name, Start: from, End: to})
}
