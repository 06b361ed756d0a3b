package fault

import (
	"encoding"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// Decode fills the struct, map or slice that into points to and lists every
// fault at once: unknown and repeated keys, wrong types, and whatever an
// UnmarshalText refuses (it may return a Fault to give a hint as well).
//
// Fields are named by `yaml:"name"`, else by their name in lower case; "-"
// leaves one out, ",inline" takes a struct's fields into the outer one. The
// type of the field decides what a word means: 001 is "001" for a string and
// 2023-02-28 is text. A type with UnmarshalText takes plain values through it
// and lists or mappings by its own kind, so that one type can read "a" as well
// as [a, b]. Keys that are absent, empty or
// wrong leave what is there already.
func (s *Source) Decode(into any) List {
	v := reflect.ValueOf(into)
	if v.Kind() != reflect.Pointer || v.IsNil() {
		return List{{File: s.file, What: fmt.Sprintf("cannot decode into %T", into), Hint: "hand in a pointer"}}
	}
	d := decoder{file: s.file, fields: map[reflect.Type][]field{}}
	d.faults = append(d.faults, s.twice...)
	d.value("", s.root, v.Elem())
	d.faults.Sort()
	return d.faults
}

type decoder struct {
	file   string
	faults List
	fields map[reflect.Type][]field
}

func (d *decoder) fault(line, col int, what, hint string) {
	d.faults = append(d.faults, Fault{d.file, line, col, what, hint})
}

// wrong says that the value under the key name is not what is wanted.
func (d *decoder) wrong(name string, n *node, want, hint string) {
	d.fault(n.line, n.col, named(name, "expected "+want+", found "+n.describe()), hint)
}

func named(name, what string) string {
	if name == "" {
		return what
	}
	return name + ": " + what
}

func (n *node) describe() string {
	switch n.kind {
	case list:
		return "a list"
	case mapping:
		return "a mapping"
	case null:
		return "nothing"
	}
	if r := []rune(n.text); len(r) > 40 {
		return strconv.Quote(string(r[:40]) + "…")
	}
	return strconv.Quote(n.text)
}

var (
	durationType  = reflect.TypeFor[time.Duration]()
	unmarshalType = reflect.TypeFor[encoding.TextUnmarshaler]()
)

func (d *decoder) value(name string, n *node, v reflect.Value) {
	if n.kind == null {
		return
	}
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			v.Set(reflect.New(v.Type().Elem()))
		}
		d.value(name, n, v.Elem())
		return
	}
	if n.kind == scalar && v.CanAddr() && v.Addr().Type().Implements(unmarshalType) {
		d.text(name, n, v)
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		d.structure(name, n, v)
	case reflect.Map:
		d.table(name, n, v)
	case reflect.Slice:
		d.list(name, n, v)
	case reflect.Interface:
		d.any(name, n, v)
	default:
		d.scalar(name, n, v)
	}
}

func (d *decoder) text(name string, n *node, v reflect.Value) {
	u := v.Addr().Interface().(encoding.TextUnmarshaler)
	d.refused(name, n.line, n.col, u.UnmarshalText([]byte(n.text)))
}

// refused reports what an UnmarshalText said.
func (d *decoder) refused(name string, line, col int, err error) {
	var f Fault
	switch {
	case err == nil:
	case errors.As(err, &f):
		d.fault(line, col, named(name, f.What), f.Hint)
	default:
		d.fault(line, col, named(name, err.Error()), "")
	}
}

func (d *decoder) list(name string, n *node, v reflect.Value) {
	if n.kind != list {
		d.wrong(name, n, "a list", `write [a, b], or begin each line with "- "`)
		return
	}
	out := reflect.MakeSlice(v.Type(), len(n.items), len(n.items))
	for i, item := range n.items {
		d.value(name, item, out.Index(i))
	}
	v.Set(out)
}

func (d *decoder) table(name string, n *node, v reflect.Value) {
	if n.kind != mapping {
		d.wrong(name, n, "a mapping", `write lines of "key: value"`)
		return
	}
	t := v.Type()
	out := reflect.MakeMapWithSize(t, len(n.entries))
	for _, e := range n.entries {
		key, value := reflect.New(t.Key()).Elem(), reflect.New(t.Elem()).Elem()
		d.value(e.key, &node{kind: scalar, line: e.line, col: e.col, text: e.key}, key)
		d.value(e.key, e.value, value)
		if !out.MapIndex(key).IsValid() {
			out.SetMapIndex(key, value)
		}
	}
	v.Set(out)
}

func (d *decoder) any(name string, n *node, v reflect.Value) {
	if v.NumMethod() > 0 {
		d.wrong(name, n, "a type that can be decoded: "+v.Type().String(), "")
		return
	}
	v.Set(reflect.ValueOf(n.plain()))
}

// plain is what an any holds: map[string]any, []any, bool, int, float64 or
// string; an integer too large for an int stays text.
func (n *node) plain() any {
	switch n.kind {
	case mapping:
		out := make(map[string]any, len(n.entries))
		for _, e := range n.entries {
			if _, ok := out[e.key]; !ok {
				out[e.key] = e.value.plain()
			}
		}
		return out
	case list:
		out := make([]any, len(n.items))
		for i, item := range n.items {
			out[i] = item.plain()
		}
		return out
	case null:
		return nil
	}
	return n.guess()
}

func (n *node) guess() any {
	if n.quoted {
		return n.text
	}
	if b, ok := truth(n.text); ok {
		return b
	}
	digits := strings.TrimLeft(n.text, "+-")
	if len(digits) > 1 && digits[0] == '0' && digits[1] != '.' {
		return n.text // 001 is a number to no one
	}
	if i, err := strconv.Atoi(n.text); err == nil {
		return i
	}
	if f, ok := finite(n.text); ok && digits != "" && digits[0] <= '9' {
		return f
	}
	return n.text
}

func (d *decoder) scalar(name string, n *node, v reflect.Value) {
	want, hint := expectation(v)
	if n.kind != scalar || want == "" {
		d.wrong(name, n, want, hint)
		return
	}
	if n.quoted && v.Kind() != reflect.String && v.Type() != durationType {
		d.wrong(name, n, want, "remove the quotation marks")
		return
	}
	if !set(v, n.text) {
		d.wrong(name, n, want, hint)
	}
}

func expectation(v reflect.Value) (want, hint string) {
	if v.Type() == durationType {
		return "a duration", "write a number and a unit, such as 30s, 10m or 2h"
	}
	switch v.Kind() {
	case reflect.String:
		return "text", ""
	case reflect.Bool:
		return "true or false", ""
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return "a whole number", ""
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return "a whole number from 0", ""
	case reflect.Float32, reflect.Float64:
		return "a number", ""
	}
	return "a type that can be decoded, not " + v.Type().String(), ""
}

// set leaves v as it is when the text does not fit.
func set(v reflect.Value, text string) bool {
	if v.Type() == durationType {
		t, err := time.ParseDuration(text)
		return keep(err == nil, func() { v.SetInt(int64(t)) })
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(text)
		return true
	case reflect.Bool:
		b, ok := truth(text)
		return keep(ok, func() { v.SetBool(b) })
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		i, err := strconv.ParseInt(text, 10, v.Type().Bits())
		return keep(err == nil, func() { v.SetInt(i) })
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		u, err := strconv.ParseUint(text, 10, v.Type().Bits())
		return keep(err == nil, func() { v.SetUint(u) })
	case reflect.Float32, reflect.Float64:
		f, ok := finite(text)
		return keep(ok, func() { v.SetFloat(f) })
	}
	return false
}

func keep(ok bool, set func()) bool {
	if ok {
		set()
	}
	return ok
}

func truth(text string) (value, ok bool) {
	switch text {
	case "true", "True", "TRUE":
		return true, true
	case "false", "False", "FALSE":
		return false, true
	}
	return false, false
}

func finite(text string) (float64, bool) {
	f, err := strconv.ParseFloat(text, 64)
	return f, err == nil && !math.IsInf(f, 0) && !math.IsNaN(f)
}
