package workflows

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"duban/engine"
	"duban/engine/fault"
)

// Load reads one workflow definition; include finds the files it names under
// include:, by their names without ending. Every fault of the file and of what
// it includes is listed, and the definition is nil when there is one. Whether
// the workflows of its children exist is checked where they are known: by
// [LoadDir] and [Embedded].
func Load(file string, data []byte, include func(name string) (file string, data []byte, ok bool)) (*engine.Definition, fault.List) {
	l := load(file, data, include)
	if l.part.fragment {
		f := l.part.where
		f.What, f.Hint = fmt.Sprintf("fragment %s is no workflow by itself", l.part.name), "workflows include it"
		l.faults = append(l.faults, f)
	}
	if len(l.faults) > 0 {
		return nil, l.faults
	}
	return l.def, nil
}

// FromSource reads a definition again from the text that [Library.Source] gave:
// the definition of that time, with the same hash.
func FromSource(src string) (*engine.Definition, error) {
	files, err := split(src)
	if err != nil {
		return nil, fmt.Errorf("workflows: read source: %w", err)
	}
	find := func(name string) (string, []byte, bool) {
		i := slices.IndexFunc(files, func(s source) bool { return s.name == name })
		if i < 0 {
			return "", nil, false
		}
		return name + ".yaml", []byte(files[i].text), true
	}
	def, faults := Load(files[0].name+".yaml", []byte(files[0].text), find)
	if err := faults.Err(); err != nil {
		return nil, fmt.Errorf("workflows: read source: %w", err)
	}
	return def, nil
}

// loaded is a file with all it includes.
type loaded struct {
	part    *part
	def     *engine.Definition
	source  string
	faults  fault.List
	include func(name string) (string, []byte, bool)
	stack   []string // names being read, to find circles
	sources []source // in the order first read
}

// source is one file of a definition's canonical text.
type source struct{ name, text string }

func load(file string, data []byte, include func(string) (string, []byte, bool)) *loaded {
	l := &loaded{include: include}
	l.part = l.read("", file, data)
	if !l.part.broken && !l.part.fragment {
		l.faults = append(l.faults, l.part.check()...)
	}
	l.faults.Sort()
	l.faults = slices.Compact(l.faults)
	if len(l.faults) == 0 {
		l.source = bundle(l.sources)
		l.def = l.part.definition(hash(l.source))
	}
	return l
}

// read gives a file's own part, merged over the parts it includes. An included
// file goes by the name it was included by, the first one by its own.
func (l *loaded) read(name, file string, data []byte) *part {
	r, root := newReader(file, data)
	own := &part{broken: true}
	if !r.broken {
		own = readPart(root)
	}
	l.faults = append(l.faults, r.faults...)
	if name == "" {
		name = own.name
	}
	l.faults = append(l.faults, misnamed(own, name)...)
	l.sources = append(l.sources, source{name, string(normal(data))})
	l.stack = append(l.stack, name)
	defer func() { l.stack = l.stack[:len(l.stack)-1] }()
	var merged part
	for _, v := range own.include {
		if p := l.included(v); p != nil {
			merged.add(p)
		}
	}
	return own.over(&merged)
}

// included reads a file named by include; nil when it is already there.
func (l *loaded) included(v value) *part {
	name := v.text()
	where := v.where()
	switch {
	case slices.Contains(l.stack, name):
		where.What = fmt.Sprintf("%s includes itself", name)
		if last := l.stack[len(l.stack)-1]; last != name {
			where.What += " by way of " + last
		}
	case slices.ContainsFunc(l.sources, func(s source) bool { return s.name == name }):
		return nil
	default:
		if l.include != nil && name != "" {
			if file, data, ok := l.include(name); ok {
				return l.read(name, file, data)
			}
		}
		where.What, where.Hint = fmt.Sprintf("nothing called %q to include", name), "include a definition or fragment by its file name without .yaml"
	}
	l.faults = append(l.faults, where)
	return &part{broken: true}
}

// misnamed reports a part that does not have the name of its file.
func misnamed(p *part, name string) fault.List {
	if p.name == "" || p.name == name {
		return nil
	}
	f := p.where
	f.What, f.Hint = fmt.Sprintf("%s stands in a file called %s.yaml", p.name, name), fmt.Sprintf("call the file %s.yaml", p.name)
	return fault.List{f}
}

// add merges an included part in; what comes later replaces what came before
// under the same name, in its place.
func (p *part) add(q *part) {
	p.starts = append(p.starts, q.starts...)
	p.states = merge(p.states, q.states)
	p.timers = merge(p.timers, q.timers)
	p.reasons = merge(p.reasons, q.reasons)
	p.broken = p.broken || q.broken
}

// over puts a part over the included ones: its starts come first, because the
// first start that fits is taken.
func (p *part) over(included *part) *part {
	p.starts = append(p.starts, included.starts...)
	p.states = merge(included.states, p.states)
	p.timers = merge(included.timers, p.timers)
	p.reasons = merge(included.reasons, p.reasons)
	p.broken = p.broken || included.broken
	return p
}

func merge[T any](under, over []item[T]) []item[T] {
	out := slices.Clone(under)
	for _, o := range over {
		if i := slices.IndexFunc(out, func(u item[T]) bool { return u.name == o.name }); i >= 0 {
			out[i] = o
		} else {
			out = append(out, o)
		}
	}
	return out
}

func (p *part) definition(hash string) *engine.Definition {
	d := &engine.Definition{
		Name: p.name, Title: p.title, Hash: hash, Kind: p.kind, Cron: p.cron, Roll: p.roll,
		States:  make(map[engine.State]*engine.StateDef, len(p.states)),
		Reasons: make(map[string]engine.Reason, len(p.reasons)),
	}
	for _, s := range p.starts {
		d.Start = append(d.Start, s.def)
	}
	for _, s := range p.states {
		d.States[s.def.Name] = s.def
		d.Order = append(d.Order, s.def.Name)
	}
	for _, t := range p.timers {
		d.Timers = append(d.Timers, t.def)
	}
	for _, r := range p.reasons {
		d.Reasons[r.name] = r.def
	}
	return d
}

// normal makes the text the same on every machine.
func normal(data []byte) []byte {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	data = bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n"))
	data = bytes.ReplaceAll(data, []byte("\r"), []byte("\n"))
	if len(data) > 0 && data[len(data)-1] != '\n' {
		data = append(slices.Clip(data), '\n')
	}
	return data
}

func hash(source string) string {
	sum := sha256.Sum256([]byte(source))
	return hex.EncodeToString(sum[:])
}

// bundle writes files one after the other, each under a line with its name and
// its length in bytes, so that no content can be taken for a border.
func bundle(files []source) string {
	var b strings.Builder
	for _, f := range files {
		fmt.Fprintf(&b, "--- %s %d\n%s", f.name, len(f.text), f.text)
	}
	return b.String()
}

func split(src string) ([]source, error) {
	var out []source
	for src != "" {
		head, rest, _ := strings.Cut(src, "\n")
		fields := strings.Fields(head)
		if len(fields) != 3 || fields[0] != "---" {
			return nil, fmt.Errorf("expected a line with a file's name and length, found %.40q", head)
		}
		n, err := strconv.Atoi(fields[2])
		if err != nil || n < 0 || n > len(rest) {
			return nil, fmt.Errorf("%s: expected %s bytes, found %d", fields[1], fields[2], len(rest))
		}
		out = append(out, source{fields[1], rest[:n]})
		src = rest[n:]
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("the text is empty")
	}
	return out, nil
}
