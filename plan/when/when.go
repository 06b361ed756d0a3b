// Package when reads time expressions of Chinese public documents: 2月底, 3-12月,
// 每季度至少1次, 七一前. It is pure: text and the day of issue in, meanings out.
//
// A scanner cuts the text into numbers and words (scan), rules read them (rules).
// The grammar is described in docs/time-grammar.md.
package when

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"duban/engine/calendar"
	"duban/plan"
)

// Context is what a bare expression is read against.
type Context struct {
	Issued calendar.Date      // the day of issue; "今年" and "3日内" count from it
	Year   int                // the year that bare months belong to; 0: that of Issued
	Cal    *calendar.Calendar // work days and, where it has them, school terms; nil: weekends alone, no terms
}

// Found is one expression in a text. One without a Kind is no deadline but a
// date that does not exist (2月30日); its Warning says why.
type Found struct {
	plan.Deadline        // Text is verbatim
	From, To      int    // bytes in the text
	Rule          string // the rule of the grammar that read it
	Warning       string // what a person should look at; "" when all is plain
}

// Find reads all time expressions of running text, in order. What names no
// deadline (editions, titles, congresses, reports of the past) is left out.
// Expressions further on may take year and month from those before them.
func Find(text string, c Context) []Found { return read(text, c, running) }

// Column reads the cell of a table's deadline column, where a bare month or date
// is a deadline and a word such as 持续推进 is all there is.
func Column(text string, c Context) []Found {
	found := read(text, c, cell)
	if len(found) == 0 && mayBeOpen(text) {
		return wholeCell(text)
	}
	return found
}

// mayBeOpen says that a cell without a time says something all the same:
// 随项目推进. A title, a stroke and what is done say nothing.
func mayBeOpen(text string) bool {
	const longest = 40 // characters
	if n := utf8.RuneCountInString(text); n < 2 || n > longest || strings.ContainsAny(text, "0123456789《》“”") {
		return false
	}
	return !strings.Contains(text, "已") && !strings.HasPrefix(text, "无") && strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Han, r) })
}

func wholeCell(text string) []Found {
	words := strings.TrimSpace(text)
	at := strings.Index(text, words)
	return []Found{{Deadline: plan.Deadline{Text: words, Kind: plan.Open}, From: at, To: at + len(words), Rule: "as told"}}
}

// Alone reads one expression that stands by itself, as a person types it: as in
// a column, but a bare month or date that was over at the issue is a report.
func Alone(text string, c Context) []Found { return read(text, c, alone) }

// mode is where an expression stands.
type mode uint8

const (
	running mode = iota
	cell
	alone
)

// reader walks over the tokens of one text.
type reader struct {
	c      Context
	mode   mode
	text   string
	toks   []token
	quotes []quote // by token
	last   anchor  // year and month of the date before
	cad    int     // in found: the cadence of this sentence, for ，至少1次; -1: none
	found  []Found
	why    string // the first refusal's reason
	steps  int    // calls of rules' parts: linear in the text
}

// reading is what a rule made of some tokens.
type reading struct {
	plan.Deadline
	back    int // tokens before the place that belong to it
	n       int // tokens from the place; 0: the rule does not apply
	warning string
	last    anchor // for what follows
	refused string // why the tokens are no deadline, in Chinese; no other rule may try them
}

// rule is one rule of the grammar. starts is where it may begin.
type rule struct {
	name string
	read func(*reader, int) reading
}

// rules in the order they are tried.
var rules = []rule{
	{"title", (*reader).title},
	{"event cadence", (*reader).fixed},
	{"cadence", (*reader).every},
	{"cadence by unit", (*reader).byUnit},
	{"cadence by number", (*reader).numberPer},
	{"cadence of halves", (*reader).halves},
	{"regular check", (*reader).regular},
	{"number a period", (*reader).perPeriod},
	{"same cadence", (*reader).inherited},
	{"within", (*reader).within},
	{"event", (*reader).event},
	{"range", (*reader).rangeOf},
	{"date", (*reader).date},
	{"day alone", (*reader).dayAlone},
	{"whole year", (*reader).allYear},
	{"same day", (*reader).sameDay},
	{"open word", (*reader).openWord},
	{"as told", (*reader).asTold},
}

// mayBegin are the kinds of token that an expression begins with; besides them
// only the 上 of 上、下半年 and the 春 of 春、秋季学期.
var mayBegin = func() (m [guard + 1]bool) {
	for _, k := range []kind{openTitle, open, fixedEvent, every, byUnit, skip, paired, number, half, halfYear, season, month, week, quarter,
		day, year, yearWord, wholeYear, each, atLeast, event, termEvent, eventLike, relYear, relMonth, relQuarter, relWeek, relDay, relTerm, nowOn, festival,
		ordinal, tenDays, fiveYear, term, soft, softCell, according} {
		m[k] = true
	}
	return m
}()

func read(text string, c Context, m mode) []Found {
	var found []Found
	var last anchor
	for at := 0; at < len(text); {
		n := pieceOf(text[at:])
		r := newReader(text[at:at+n], c, m)
		r.last = last
		r.walk()
		for _, f := range r.found {
			f.From, f.To = f.From+at, f.To+at
			found = append(found, f)
		}
		at, last = at+n, r.last
	}
	return found
}

func newReader(text string, c Context, m mode) *reader {
	toks := scan(text)
	return &reader{c: c, mode: m, text: text, toks: toks, quotes: quotes(toks), cad: -1}
}

// longestPiece in bytes is how much text is cut into tokens at a time, so that
// memory does not grow with the text.
const longestPiece = 1 << 16

// pieceOf is how much of a text to read next: all of it, or up to the end of a
// line or sentence; where there is none, to the end of a character.
func pieceOf(text string) int {
	if len(text) <= longestPiece {
		return len(text)
	}
	for _, end := range []string{"\n", "。"} {
		if i := strings.LastIndex(text[:longestPiece], end); i > 0 {
			return i + len(end)
		}
	}
	n := longestPiece
	for n > longestPiece-utf8.UTFMax && !utf8.RuneStart(text[n]) {
		n--
	}
	return n
}

// WhyNot says in a Chinese sentence why an expression that stands alone is no
// deadline.
func WhyNot(text string, c Context) string {
	r := newReader(text, c, alone)
	if r.walk(); r.why == "" {
		r.why = "没有可认的时间词语"
	}
	return fmt.Sprintf("“%s”不是时限：%s。", text, r.why)
}

func (r *reader) walk() {
	for i := 0; i < len(r.toks); {
		i += r.step(i)
	}
	r.extend()
}

// step tries the rules at i and says how many tokens are done with.
func (r *reader) step(i int) int {
	if k := r.kind(i); k == stop || k == openTitle {
		r.cad = -1
	}
	if t := r.toks[i]; !mayBegin[t.kind] && t.word != "上" && t.word != "春" {
		return 1
	}
	for _, rule := range rules {
		f := rule.read(r, i)
		r.steps++
		if f.n == 0 {
			continue
		}
		if f.refused == "" {
			r.take(f, i, rule.name)
		} else if r.why == "" {
			r.why = f.refused
		}
		return f.n
	}
	return 1
}

// take records a reading; its words may begin before i.
func (r *reader) take(f reading, i int, name string) {
	from, to := r.toks[i-f.back].from, r.toks[i+f.n-1].to
	if n := len(r.found); n > 0 && from < r.found[n-1].To {
		from = r.toks[i].from
	}
	f.Text = r.text[from:to]
	if f.last.y > 0 {
		r.last = f.last
	}
	r.found = append(r.found, Found{f.Deadline, from, to, name, f.warning})
	if f.Kind == plan.Cadence && f.Cadence != "event" {
		r.cad = len(r.found) - 1
	}
}

func (r *reader) tok(i int) token {
	if i < 0 || i >= len(r.toks) {
		return token{kind: stop}
	}
	return r.toks[i]
}

func (r *reader) kind(i int) kind { return r.tok(i).kind }
