package fault

import (
	"fmt"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// node is a value as written. The library's own tree stays behind parse: it
// places mappings at their first colon and knows a dozen scalar types, where
// here the target of the decoding decides.
type node struct {
	kind      kind
	line, col int
	text      string
	quoted    bool
	items     []*node
	entries   []entry
}

type entry struct {
	key       string
	line, col int
	value     *node
}

type kind int

const (
	null kind = iota
	scalar
	list
	mapping
)

// parse recovers because the library may panic on odd input; a panic must not
// take the service down with it.
func parse(text string) (root *node, faults List) {
	defer func() {
		if r := recover(); r != nil {
			root, faults = nil, List{{Line: 1, Column: 1, What: fmt.Sprintf("cannot be read as YAML: %v", r)}}
		}
	}()
	tokens, faults := scan(text)
	if len(faults) > 0 {
		return nil, faults
	}
	file, err := parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		return nil, List{syntax(err)}
	}
	return document(file)
}

func syntax(err error) Fault {
	f := Fault{Line: 1, Column: 1, What: "cannot be read as YAML: " + err.Error()}
	ye, ok := err.(yaml.Error)
	if !ok {
		return f
	}
	f.What = strings.ReplaceAll(ye.GetMessage(), "'\t'", "tab")
	if strings.Contains(f.What, "tab") {
		f.Hint = "indent with spaces"
	}
	if t := ye.GetToken(); t != nil && t.Position != nil {
		f.Line, f.Column = t.Position.Line, max(t.Position.Column, 1)
	}
	return f
}

func document(file *ast.File) (*node, List) {
	var root *node
	for _, d := range file.Docs {
		if d.Body == nil {
			continue
		}
		n, faults := convert(d.Body)
		if len(faults) > 0 {
			return nil, faults
		}
		if root != nil {
			return nil, List{{Line: n.line, Column: n.col, What: "a second document begins here", Hint: "one document a file: remove the --- line"}}
		}
		root = n
	}
	return root, nil
}

func convert(n ast.Node) (*node, List) {
	switch n := n.(type) {
	case *ast.MappingNode:
		return convertMapping(n, n.Values)
	case *ast.MappingValueNode:
		return convertMapping(n, []*ast.MappingValueNode{n})
	case *ast.SequenceNode:
		return convertList(n)
	case *ast.LiteralNode:
		out := place(n.GetToken(), scalar)
		out.text, out.quoted = n.Value.Value, true
		return out, nil
	case *ast.NullNode:
		return place(n.GetToken(), null), nil
	case *ast.StringNode, *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		t := n.GetToken()
		out := place(t, scalar)
		out.text = t.Value
		out.quoted = t.Type == token.SingleQuoteType || t.Type == token.DoubleQuoteType
		return out, nil
	}
	return nil, List{at(n.GetToken(), n.Type().String()+" is not accepted", "write plain keys, lists and values")}
}

func place(t *token.Token, k kind) *node {
	return &node{kind: k, line: t.Position.Line, col: max(t.Position.Column, 1)}
}

func convertList(n *ast.SequenceNode) (*node, List) {
	out := place(n.Start, list)
	var faults List
	for _, v := range n.Values {
		item, bad := convert(v)
		out.items = append(out.items, item)
		faults = append(faults, bad...)
	}
	return out, faults
}

func convertMapping(n ast.Node, values []*ast.MappingValueNode) (*node, List) {
	out := place(n.GetToken(), mapping)
	var faults List
	for i, v := range values {
		key, bad := convert(v.Key)
		faults = append(faults, bad...)
		value, bad := convert(v.Value)
		faults = append(faults, bad...)
		if key == nil || value == nil {
			continue
		}
		if key.kind == null {
			key.text = v.Key.GetToken().Value
		}
		if m, ok := n.(*ast.MappingNode); i == 0 && !(ok && m.IsFlowStyle) {
			out.line, out.col = key.line, key.col
		}
		out.entries = append(out.entries, entry{key.text, key.line, key.col, value})
	}
	return out, faults
}

// twice lists the keys that a mapping holds more than once.
func (n *node) twice(file string, faults List) List {
	for _, item := range n.items {
		faults = item.twice(file, faults)
	}
	seen := make(map[string]int, len(n.entries))
	for _, e := range n.entries {
		if first, ok := seen[e.key]; ok {
			faults = append(faults, Fault{file, e.line, e.col, fmt.Sprintf("key %q is written twice", e.key), fmt.Sprintf("it already stands in line %d", first)})
		} else {
			seen[e.key] = e.line
		}
		faults = e.value.twice(file, faults)
	}
	return faults
}
