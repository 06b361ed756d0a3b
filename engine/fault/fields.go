package fault

import (
	"fmt"
	"reflect"
	"strings"
)

// field is a place in a struct that a key fills.
type field struct {
	name  string
	index []int
}

func (d *decoder) structure(name string, n *node, v reflect.Value) {
	if n.kind != mapping {
		d.wrong(name, n, "a mapping", `write lines of "key: value"`)
		return
	}
	fields, ok := d.fields[v.Type()]
	if !ok {
		fields = fieldsOf(v.Type(), nil)
		d.fields[v.Type()] = fields
	}
	seen := make(map[string]bool, len(n.entries))
	for _, e := range n.entries {
		f := find(fields, e.key)
		switch {
		case seen[e.key]: // reported as written twice; the first one counts
		case f == nil:
			d.fault(e.line, e.col, fmt.Sprintf("unknown key %q", e.key), suggest(fields, e.key))
		default:
			d.value(e.key, e.value, v.FieldByIndex(f.index))
		}
		seen[e.key] = true
	}
}

func fieldsOf(t reflect.Type, outer []int) []field {
	var out []field
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		index := append(append([]int(nil), outer...), i)
		inline := options == "inline" || (f.Anonymous && name == "")
		switch {
		case name == "-" || (!f.IsExported() && !inline):
		case inline && f.Type.Kind() == reflect.Struct:
			out = append(out, fieldsOf(f.Type, index)...)
		case !f.IsExported():
		case name == "":
			out = append(out, field{strings.ToLower(f.Name), index})
		default:
			out = append(out, field{name, index})
		}
	}
	return out
}

func find(fields []field, name string) *field {
	for i := range fields {
		if fields[i].name == name {
			return &fields[i]
		}
	}
	return nil
}

// suggest names the key that was probably meant, else the keys there are.
func suggest(fields []field, key string) string {
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.name
	}
	if near := Nearest(key, names); near != "" {
		return fmt.Sprintf("did you mean %q?", near)
	}
	if len(names) == 0 {
		return "no keys are known here"
	}
	return "known keys: " + strings.Join(names, ", ")
}

// Nearest is the one of words that is probably meant by word, or "" when none
// is close: one slip, and one more for every four characters.
func Nearest(word string, words []string) string {
	best, least := "", 2+len([]rune(word))/4
	if len(word) > 200 {
		return ""
	}
	for _, w := range words {
		if d := Distance([]rune(strings.ToLower(word)), []rune(strings.ToLower(w))); d < least && d < len([]rune(w)) {
			best, least = w, d
		}
	}
	return best
}

// Distance is the edit distance of Levenshtein: how many characters are to be put
// in, taken out or changed.
func Distance(a, b []rune) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i, x := range a {
		corner := row[0]
		row[0] = i + 1
		for j, y := range b {
			change := corner
			if x != y {
				change++
			}
			corner = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
