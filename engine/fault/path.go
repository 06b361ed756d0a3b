package fault

import (
	"fmt"
	"strconv"
	"strings"
)

// Fault places a fault at a path such as items[3].lead[0] or
// states.assigned.on['my.key'].to: at the key of a mapping's entry, at the
// element of a list. Where the path leads nowhere, the nearest place on the way
// that exists is pointed at, so a missing key points at what lacks it.
func (s *Source) Fault(path, what, hint string) Fault {
	line, col := s.At(path)
	return Fault{s.file, line, col, what, hint}
}

// At is the line and column of a path, both from 1; see Fault.
func (s *Source) At(path string) (line, col int) {
	line, col, _ = s.walk(path)
	return max(line, 1), max(col, 1)
}

// Keys lists the keys of the mapping at path in the order written; none when
// there is no mapping.
func (s *Source) Keys(path string) []string {
	_, _, n := s.walk(path)
	if n == nil {
		return nil
	}
	keys := make([]string, len(n.entries))
	for i, e := range n.entries {
		keys[i] = e.key
	}
	return keys
}

// Has says whether something is written at path, be it empty.
func (s *Source) Has(path string) bool {
	_, _, n := s.walk(path)
	return n != nil
}

// Path joins keys (string) and list positions (int) to a path; keys with dots,
// brackets or quotes are quoted.
func Path(segments ...any) string {
	var b strings.Builder
	for _, s := range segments {
		switch key := fmt.Sprint(s); {
		case isIndex(s):
			b.WriteString("[" + key + "]")
		case key == "" || strings.ContainsAny(key, ".[]'"):
			b.WriteString("['" + strings.ReplaceAll(key, "'", "''") + "']")
		case b.Len() > 0:
			b.WriteString("." + key)
		default:
			b.WriteString(key)
		}
	}
	return b.String()
}

func isIndex(s any) bool {
	_, ok := s.(int)
	return ok
}

// walk goes as far as it can; the node is nil when that is not to the end.
func (s *Source) walk(path string) (line, col int, n *node) {
	n = s.root
	line, col = n.line, n.col
	for path != "" {
		var step segment
		if step, path = cut(path); step.key == "" && step.index < 0 && !step.quoted {
			continue
		}
		next, l, c := n.child(step)
		if next == nil {
			return line, col, nil
		}
		n, line, col = next, l, c
	}
	return line, col, n
}

type segment struct {
	key    string
	index  int // -1: a key
	quoted bool
}

func (n *node) child(s segment) (*node, int, int) {
	if s.index >= 0 {
		if s.index < len(n.items) {
			item := n.items[s.index]
			return item, item.line, item.col
		}
		return nil, 0, 0
	}
	for _, e := range n.entries {
		if e.key == s.key {
			return e.value, e.line, e.col
		}
	}
	return nil, 0, 0
}

// cut takes the first segment off a path.
func cut(path string) (segment, string) {
	if rest, ok := strings.CutPrefix(path, "['"); ok {
		return cutQuoted(rest)
	}
	if path[0] == '[' {
		inside, rest, _ := strings.Cut(path[1:], "]")
		if i, err := strconv.Atoi(inside); err == nil && i >= 0 {
			return segment{index: i}, strings.TrimPrefix(rest, ".")
		}
		return segment{key: inside, index: -1, quoted: true}, strings.TrimPrefix(rest, ".")
	}
	end := strings.IndexAny(path, ".[")
	if end < 0 {
		return segment{key: path, index: -1}, ""
	}
	return segment{key: path[:end], index: -1}, strings.TrimPrefix(path[end:], ".")
}

func cutQuoted(rest string) (segment, string) {
	var key strings.Builder
	for {
		part, after, found := strings.Cut(rest, "'")
		key.WriteString(part)
		rest = after
		if !found || !strings.HasPrefix(rest, "'") {
			break
		}
		key.WriteByte('\'')
		rest = rest[1:]
	}
	rest = strings.TrimPrefix(rest, "]")
	return segment{key: key.String(), index: -1, quoted: true}, strings.TrimPrefix(rest, ".")
}
