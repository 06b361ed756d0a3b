package when

import (
	"slices"
	"strings"

	"duban/plan"
)

// quote is the pair of quotation marks that a token stands in.
type quote struct{ open, close int } // tokens; close is 0 outside quotes

// The longest quotation that is taken for a name, and the longest title, in
// tokens. A mark that is not closed within is a slip of the pen.
const (
	longestQuote = 40
	longestTitle = 120
)

// quotes finds for each token the quotation it stands in.
func quotes(toks []token) []quote {
	out := make([]quote, len(toks))
	for i := 0; i < len(toks); i++ {
		if toks[i].kind != open {
			continue
		}
		j := closing(toks, i, close, longestQuote)
		for k := i; j > 0 && k <= j; k++ {
			out[k] = quote{i, j}
		}
		i = max(i, j)
	}
	return out
}

// closing is where the mark opened at i is closed; 0: not within limit.
func closing(toks []token, i int, k kind, limit int) int {
	for j := i + 1; j < len(toks) && j <= i+limit; j++ {
		if toks[j].kind == k {
			return j
		}
	}
	return 0
}

const whyName = "引号内是名称"

// title skips what stands between 《 and 》: the years and periods there belong
// to the name of another document.
func (r *reader) title(i int) reading {
	if r.kind(i) != openTitle {
		return reading{}
	}
	if j := closing(r.toks, i, closeTitle, longestTitle); j > 0 {
		return reading{n: j + 1 - i, refused: "书名号内是文件名称"}
	}
	return reading{}
}

// named says that the tokens are part of a quoted name, such as “四月读书会”. A
// quotation that holds nothing else is the words of a rule (“每月调度”).
func (r *reader) named(i, n int) bool {
	if i >= len(r.quotes) || r.quotes[i].close == 0 || r.kind(i) == open {
		return false
	}
	q := r.quotes[i]
	return q.open != i-1 || q.close != i+n
}

// opens says that i begins a clause, a quotation or a member of a list.
func (r *reader) opens(i int) bool {
	switch r.kind(i - 1) {
	case stop, comma, pause, colon, open, openParen, closeParen:
		return true
	}
	return i <= 0
}

// ends says that a clause ends before i.
func (r *reader) ends(i int) bool {
	switch r.kind(i) {
	case stop, comma, colon, close, closeParen, openParen, pause:
		return true
	}
	return i >= len(r.toks)
}

// clauseEnd is the first token from i on that no longer belongs to its clause;
// a 、 does not end it, a quotation or title is passed over.
func (r *reader) clauseEnd(i, limit int) int {
	for j := i; j < len(r.toks) && j < i+limit; j++ {
		r.steps++
		switch r.kind(j) {
		case stop, comma, colon, closeParen:
			return j
		case openTitle:
			j = max(j, closing(r.toks, j, closeTitle, limit))
		case open:
			if q := r.quotes[j]; q.close > 0 {
				j = min(q.close, i+limit)
			}
		}
	}
	return min(len(r.toks), i+limit)
}

// inClause looks for a kind from i back or forth to the bounds of its clause.
func (r *reader) inClause(i, step, limit int, kinds ...kind) bool {
	for j := i; j >= 0 && j < len(r.toks) && limit > 0; j, limit = j+step, limit-1 {
		r.steps++
		k := r.kind(j)
		if k == stop || k == comma {
			return false
		}
		if slices.Contains(kinds, k) {
			return true
		}
	}
	return false
}

// follows says that the words at i begin with one of those given.
func (r *reader) follows(i int, words string) bool {
	var b strings.Builder
	for j := i; j < i+4 && j < len(r.toks); j++ {
		b.WriteString(r.toks[j].word)
	}
	for w := range strings.FieldsSeq(words) {
		if strings.HasPrefix(b.String(), w) {
			return true
		}
	}
	return false
}

// longestText in characters is how far a cadence without a number runs on to
// show what is done.
const longestText = 30

// extend lets a cadence that has no number show what is done each time: to the
// end of the clause or the next expression.
func (r *reader) extend() {
	at := 0 // tokens and expressions are both in order
	for i := range r.found {
		f := &r.found[i]
		if f.Kind != plan.Cadence || f.Count > 0 || f.Cadence == "event" || f.Rule == "regular check" {
			continue
		}
		limit := len(r.text)
		if i+1 < len(r.found) {
			limit = r.found[i+1].From
		}
		for at < len(r.toks) && r.toks[at].from < f.To {
			at++
		}
		end := r.clauseEnd(at, longestText)
		for j := at; j < end && r.toks[j].to <= limit && !(r.kind(j) == close && r.quotes[j].open < at); j++ {
			if k := r.kind(j); k != pause && k != openParen {
				f.To = r.toks[j].to
			}
		}
		f.Text = r.text[f.From:f.To]
	}
}
