// Package workflows reads workflow definitions: YAML files with two small
// expression languages, one for times (due - 3wd) and one for conditions
// (reported or reminders >= 3). It ships the definitions of the house, lists
// every fault of a definition with line and column, and draws its states.
package workflows

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// SyntaxError is what is wrong with an expression, and where in it.
type SyntaxError struct {
	Text   string // the expression
	Column int    // counted in characters from 1
	What   string
	Hint   string // may be empty
}

// Error names the column within the expression.
func (e *SyntaxError) Error() string {
	s := fmt.Sprintf("workflows: %q: column %d: %s", e.Text, e.Column, e.What)
	if e.Hint != "" {
		s += "; " + e.Hint
	}
	return s
}

type tokenKind int

const (
	tokenEnd tokenKind = iota
	tokenWord
	tokenNumber // digits, with the letters that follow at once as unit
	tokenQuoted
	tokenSign
	tokenBad
)

type token struct {
	kind       tokenKind
	text       string // as written; a quoted word without its quotes
	digits     string
	unit       string
	start, end int // bytes of the expression
	column     int
}

const signs = "()+-%@=,<>!"

func scan(s string) []token {
	var out []token
	for i, column := 0, 1; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		if unicode.IsSpace(r) {
			i, column = i+size, column+1
			continue
		}
		t := lex(s[i:], r, size)
		t.start, t.end, t.column = i, i+t.end, column
		out = append(out, t)
		column += utf8.RuneCountInString(s[i:t.end])
		i = t.end
	}
	return append(out, token{start: len(s), end: len(s), column: utf8.RuneCountInString(s) + 1})
}

// lex reads one token from the beginning of s; its end is its length.
func lex(s string, first rune, size int) token {
	switch {
	case isDigit(first):
		digits := s[:span(s, isDigit)]
		unit := s[len(digits):]
		unit = unit[:span(unit, isWord)]
		n := len(digits) + len(unit)
		return token{kind: tokenNumber, text: s[:n], digits: digits, unit: unit, end: n}
	case isWord(first):
		n := span(s, isWord)
		return token{kind: tokenWord, text: s[:n], end: n}
	case first == '"' || first == '\'':
		if n := strings.IndexRune(s[1:], first); n >= 0 {
			return token{kind: tokenQuoted, text: s[1 : n+1], end: n + 2}
		}
	case len(s) > 1 && s[1] == '=' && strings.ContainsRune("<>!=", first):
		return token{kind: tokenSign, text: s[:2], end: 2}
	case strings.ContainsRune(signs, first):
		return token{kind: tokenSign, text: s[:1], end: 1}
	}
	return token{kind: tokenBad, text: s[:size], end: size}
}

func isDigit(r rune) bool { return r >= '0' && r <= '9' }

func isWord(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }

func span(s string, in func(rune) bool) int {
	n := strings.IndexFunc(s, func(r rune) bool { return !in(r) })
	if n < 0 {
		return len(s)
	}
	return n
}

// maxDepth is how deep brackets may nest: nobody reads more, and recursion
// must end.
const maxDepth = 16

type parser struct {
	text   string
	tokens []token
	at     int
	depth  int
}

func newParser(s string) *parser { return &parser{text: s, tokens: scan(s)} }

func (p *parser) peek() token { return p.tokens[p.at] }

// sign takes the sign if it is next.
func (p *parser) sign(s string) bool {
	if t := p.peek(); t.kind != tokenSign || t.text != s {
		return false
	}
	p.at++
	return true
}

// word takes the word if it is next.
func (p *parser) word(s string) bool {
	if t := p.peek(); t.kind != tokenWord || t.text != s {
		return false
	}
	p.at++
	return true
}

func (p *parser) want(s string) error {
	if !p.sign(s) {
		return p.expected(strconv.Quote(s), "")
	}
	return nil
}

// since is the text from a token to the last one taken.
func (p *parser) since(t token) string {
	return p.text[t.start:max(p.tokens[max(p.at-1, 0)].end, t.start)]
}

func (p *parser) fail(t token, what, hint string) error {
	return &SyntaxError{Text: p.text, Column: t.column, What: what, Hint: hint}
}

// expected fails at the next token.
func (p *parser) expected(what, hint string) error {
	t := p.peek()
	if t.kind == tokenBad {
		return p.fail(t, fmt.Sprintf("expected %s, found %q", what, t.text), badHint(t.text))
	}
	if t.kind == tokenEnd {
		return p.fail(t, "expected "+what+", found the end", hint)
	}
	return p.fail(t, fmt.Sprintf("expected %s, found %q", what, p.text[t.start:t.end]), hint)
}

func badHint(text string) string {
	r, _ := utf8.DecodeRuneInString(text)
	switch {
	case r >= '！' && r <= '～': // the full-width forms of ASCII
		return fmt.Sprintf("write %q", string(r-'！'+'!'))
	case r == '"' || r == '\'':
		return "the closing quotation mark is missing"
	case r == '&':
		return "write and"
	case r == '|':
		return "write or"
	}
	return ""
}

func (p *parser) deeper() error {
	if p.depth++; p.depth > maxDepth {
		return p.fail(p.peek(), fmt.Sprintf("nested deeper than %d levels", maxDepth), "")
	}
	return nil
}

// number takes a number from 1 (or from least) to most, with or without unit.
func (p *parser) number(what string, least, most int, units ...string) (int, string, error) {
	t := p.peek()
	if t.kind != tokenNumber {
		return 0, "", p.expected(what, "")
	}
	n, err := strconv.Atoi(t.digits)
	if err != nil || n < least || n > most {
		return 0, "", p.fail(t, fmt.Sprintf("expected %s from %d to %d, found %q", what, least, most, t.text), "")
	}
	for _, u := range units {
		if t.unit == u {
			p.at++
			return n, u, nil
		}
	}
	return 0, "", p.badUnit(t, units)
}

func (p *parser) badUnit(t token, units []string) error {
	t.column += len(t.digits)
	known := strings.Join(units, ", ")
	switch {
	case t.unit == "":
		return p.fail(t, "expected a unit after "+t.digits, "units: "+known)
	case len(units) == 1 && units[0] == "":
		return p.fail(t, fmt.Sprintf("expected no unit, found %q", t.unit), "")
	}
	return p.fail(t, fmt.Sprintf("unknown unit %q", t.unit), "units: "+strings.TrimPrefix(known, ", "))
}
