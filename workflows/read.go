package workflows

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"duban/engine"
	"duban/engine/fault"
)

// reader walks one file and collects its faults. A walk over untyped values,
// because several keys may hold one thing or a list of them, and because every
// reference must keep its place until all files are merged.
type reader struct {
	src    *fault.Source
	lines  []string
	faults fault.List
	broken bool  // something is missing or misshapen: what would follow from it is not reported
	refs   []ref // of the item being read
}

// ref is a name used by an item, to be looked up when all files are merged.
type ref struct {
	kind     refKind
	name     string
	workflow string // spawn: "" this one
	where    fault.Fault
}

type refKind int

const (
	refState refKind = iota
	refTimed         // a state a timer runs in
	refReason
	refSpawn
)

func newReader(file string, data []byte) (*reader, value) {
	src, faults := fault.Parse(file, data)
	r := &reader{src: src, faults: faults, broken: len(faults) > 0}
	r.lines = strings.Split(string(normal(data)), "\n")
	root := value{r: r}
	if !r.broken {
		r.faults = append(r.faults, src.Decode(&root.raw)...)
	}
	return r, root
}

// take hands over the references of the item just read.
func (r *reader) take() []ref {
	refs := r.refs
	r.refs = nil
	return refs
}

// value is a place in a file and what stands there; raw is nil when nothing
// does.
type value struct {
	r    *reader
	path string
	key  string // "" for an element of a list
	raw  any
}

func (v value) get(key string) value {
	m, _ := v.raw.(map[string]any)
	return value{r: v.r, path: join(v.path, key), key: key, raw: m[key]}
}

func join(path string, segment any) string {
	s := fault.Path(segment)
	if path == "" || s[0] == '[' {
		return path + s
	}
	return path + "." + s
}

func (v value) absent() bool { return v.raw == nil }

// pairs are the entries of a mapping in the order written.
func (v value) pairs() []value {
	m, ok := v.raw.(map[string]any)
	if !ok {
		if !v.absent() {
			v.misshapen("a mapping", `write lines of "key: value"`)
		}
		return nil
	}
	out := make([]value, 0, len(m))
	seen := make(map[string]bool, len(m))
	for _, k := range v.r.src.Keys(v.path) {
		if !seen[k] {
			out = append(out, v.get(k))
		}
		seen[k] = true
	}
	return out
}

// items are the elements of a list; a single value is a list of one.
func (v value) items() []value {
	switch raw := v.raw.(type) {
	case nil:
		return nil
	case []any:
		out := make([]value, len(raw))
		for i, x := range raw {
			out[i] = value{r: v.r, path: join(v.path, i), raw: x}
		}
		return out
	}
	return []value{v}
}

// known reports the keys of a mapping that are not among keys.
func (v value) known(keys ...string) bool {
	if _, ok := v.raw.(map[string]any); !ok {
		v.misshapen("a mapping", `write lines of "key: value"`)
		return false
	}
	for _, p := range v.pairs() {
		if !slices.Contains(keys, p.key) {
			p.faultAtKey(fmt.Sprintf("unknown key %q", p.key), suggest(p.key, keys))
		}
	}
	return true
}

func (v value) text() string {
	switch raw := v.raw.(type) {
	case nil:
		return ""
	case string:
		return raw
	case int:
		return strconv.Itoa(raw)
	case bool, float64:
		v.fault(fmt.Sprintf("%sexpected text, found %v", v.label(), raw), "put it into quotation marks")
		return ""
	}
	v.misshapen("text", "")
	return ""
}

func (v value) flag() bool {
	b, ok := v.raw.(bool)
	if !ok && !v.absent() {
		v.misshapen("true or false", "")
	}
	return b
}

func (v value) number() int {
	n, ok := v.raw.(int)
	if !ok && !v.absent() {
		v.misshapen("a whole number", "")
	}
	return n
}

// oneOf is the text when it is one of the words; what names them in a fault.
func (v value) oneOf(what string, words []string) string {
	if v.absent() {
		v.faultAtKey(what+" is missing", "known: "+strings.Join(words, ", "))
		return ""
	}
	s := v.text()
	if slices.Contains(words, s) {
		return s
	}
	if s != "" {
		v.fault(fmt.Sprintf("unknown %s %q", what, s), suggest(s, words))
	}
	return ""
}

// name is a name that a definition gives: it ends up in addresses and pictures.
func (v value) name(what, s string) string {
	for i, r := range s {
		if r >= 'a' && r <= 'z' || i > 0 && (r >= '0' && r <= '9' || r == '_' || r == '-') {
			continue
		}
		v.faultAtKey(fmt.Sprintf("%s name %q is not accepted", what, s), "use small Latin letters, digits and _")
		break
	}
	return s
}

func (v value) guard() *engine.Guard {
	if v.absent() {
		return nil
	}
	s, ok := v.expression("a condition")
	if !ok {
		return nil
	}
	g, err := ParseGuard(s)
	v.syntax(err)
	return g
}

func (v value) time() engine.At {
	s, ok := v.expression("a time")
	if !ok {
		return engine.At{}
	}
	at, err := ParseAt(s)
	v.syntax(err)
	return at
}

func (v value) expression(want string) (string, bool) {
	s, ok := v.raw.(string)
	if !ok {
		v.fault(v.label()+"expected "+want+", found "+describe(v.raw), "")
	}
	return s, ok
}

// syntax places a *SyntaxError in the file.
func (v value) syntax(err error) {
	var e *SyntaxError
	if !errors.As(err, &e) {
		return
	}
	f := v.where()
	if line := tail(v.r.lines, f.Line, f.Column); len(line) > 0 && (line[0] == '"' || line[0] == '\'') {
		f.Column++
	}
	f.Column += e.Column - 1
	f.What, f.Hint = v.label()+e.What, e.Hint
	cut := strings.Count(e.Text, "(") > strings.Count(e.Text, ")")
	if rest := tail(v.r.lines, f.Line, f.Column); cut && len(rest) > 0 && rest[0] == ',' {
		f.Hint = "within { } put an expression with a comma into quotation marks"
	}
	v.r.faults = append(v.r.faults, f)
}

func (v value) label() string {
	if v.key == "" {
		return ""
	}
	return v.key + ": "
}

func (v value) misshapen(want, hint string) {
	v.r.broken = true
	v.fault(v.label()+"expected "+want+", found "+describe(v.raw), hint)
}

func describe(raw any) string {
	switch raw := raw.(type) {
	case nil:
		return "nothing"
	case map[string]any:
		return "a mapping"
	case []any:
		return "a list"
	case string:
		return strconv.Quote(raw)
	default:
		return fmt.Sprint(raw)
	}
}

func (v value) fault(what, hint string) {
	f := v.where()
	f.What, f.Hint = what, hint
	v.r.faults = append(v.r.faults, f)
}

func (v value) faultAtKey(what, hint string) {
	v.r.faults = append(v.r.faults, v.r.src.Fault(v.path, what, hint))
}

func (v value) refer(kind refKind, name string) {
	if name != "" {
		v.r.refs = append(v.r.refs, ref{kind: kind, name: name, where: v.where()})
	}
}

// where is the place of the value itself, not of its key.
func (v value) where() fault.Fault {
	f := v.r.src.Fault(v.path, "", "")
	if v.key == "" || v.absent() {
		return f
	}
	rest := tail(v.r.lines, f.Line, f.Column)
	colon := keyEnd(rest)
	if colon < 0 {
		return f
	}
	line, column := f.Line, f.Column+colon+1
	for rest = rest[colon+1:]; ; rest = tail(v.r.lines, line, column) {
		n := 0
		for n < len(rest) && (rest[n] == ' ' || rest[n] == '\t') {
			n++
		}
		if n < len(rest) && rest[n] != '#' {
			f.Line, f.Column = line, column+n
			return f
		}
		if line++; line > len(v.r.lines) {
			return f
		}
		column = 1
	}
}

func tail(lines []string, line, column int) []rune {
	if line < 1 || line > len(lines) {
		return nil
	}
	s := []rune(lines[line-1])
	if column < 1 || column > len(s) {
		return nil
	}
	return s[column-1:]
}

// keyEnd finds the colon after a key, which may stand in quotation marks.
func keyEnd(s []rune) int {
	var quote rune
	for i, r := range s {
		switch {
		case quote != 0:
			if r == quote && (quote != '"' || s[i-1] != '\\') {
				quote = 0
			}
		case i == 0 && (r == '"' || r == '\''):
			quote = r
		case r == ':' && (i+1 == len(s) || s[i+1] == ' ' || s[i+1] == '\t' || s[0] == '"' || s[0] == '\''):
			return i
		}
	}
	return -1
}
