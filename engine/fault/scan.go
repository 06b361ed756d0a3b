package fault

import (
	"io"

	"github.com/goccy/go-yaml/scanner"
	"github.com/goccy/go-yaml/token"
)

// The scanner keeps some 200 bytes for every mark. The parser recurses into
// every level and from each key of a block mapping to the next, copying what it
// has: time and stack grow with both.
const (
	maxDepth = 64
	maxKeys  = 5_000
	maxMarks = 1_000_000
)

// marks counts what may become a token.
func marks(text string) (n int) {
	for i := range len(text) {
		switch text[i] {
		case '\n', ':', '-', ',', '[', ']', '{', '}', '"', '\'', '#', '&', '*', '!', '|', '>', '?', '%':
			n++
		}
	}
	return n
}

// scan refuses by tokens, before the parser recurses: a stack that runs out
// cannot be recovered from.
func scan(text string) (token.Tokens, List) {
	if marks(text) > maxMarks {
		return nil, List{{What: "more than a million lines and marks", Hint: "split the file"}}
	}
	var s scanner.Scanner
	s.Init(text)
	var tokens token.Tokens
	var faults List
	var d depth
	for {
		part, err := s.Scan()
		if err == io.EOF {
			return tokens, faults
		}
		for _, t := range part {
			tokens.Add(t)
			if hint := refused[t.Type]; hint != "" {
				faults = append(faults, at(t, t.Type.String()+" is not accepted", hint))
			}
			if what, hint := d.see(t); what != "" {
				return nil, append(faults, at(t, what, hint))
			}
		}
		if err != nil { // the parser reports the invalid token
			return tokens, faults
		}
	}
}

var refused = map[token.Type]string{
	token.AnchorType:     `write it out, or quote text that begins with "&"`,
	token.AliasType:      `write it out, or quote text that begins with "*"`,
	token.MergeKeyType:   "write the keys out",
	token.TagType:        `remove it, or quote text that begins with "!"`,
	token.DirectiveType:  "remove the line",
	token.MappingKeyType: `write "key: value", or quote text that begins with "?"`,
}

func at(t *token.Token, what, hint string) Fault {
	return Fault{Line: t.Position.Line, Column: max(t.Position.Column, 1), What: what, Hint: hint}
}

// depth follows the nesting: open columns in block style, open brackets in
// flow style.
type depth struct {
	levels []level
	flow   int
	colons int // "a: b: c:" within brackets nests as well
}

// level is an open mapping or list: twice its column, and one more for a list,
// which may stand in the column of its key.
type level struct{ column, entries int }

// see is what a token makes too much, or "".
func (d *depth) see(t *token.Token) (what, hint string) {
	switch t.Type {
	case token.MappingStartType, token.SequenceStartType:
		d.flow++
	case token.MappingEndType, token.SequenceEndType:
		d.flow, d.colons = max(d.flow-1, 0), 0
	case token.CollectEntryType:
		d.colons = 0
	case token.SequenceEntryType:
		d.open(2*t.Position.Column + 1)
	case token.MappingValueType:
		if d.flow > 0 {
			d.colons++
		} else if t.Prev != nil && d.open(2*t.Prev.Position.Column) > maxKeys {
			return "more than 5,000 keys in one mapping", "write a list, or split the file"
		}
	}
	if len(d.levels)+d.flow+d.colons > maxDepth {
		return "nested deeper than 64 levels", "flatten it"
	}
	return "", ""
}

// open counts the entries at a column, closing what stood further right.
func (d *depth) open(column int) int {
	if d.flow > 0 {
		return 0
	}
	n := len(d.levels)
	for n > 0 && d.levels[n-1].column > column {
		n--
	}
	d.levels = d.levels[:n]
	if n == 0 || d.levels[n-1].column < column {
		d.levels = append(d.levels, level{column: column})
		n++
	}
	d.levels[n-1].entries++
	return d.levels[n-1].entries
}
