package workflows_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"duban/engine"
	"duban/engine/fault"
	"duban/workflows"
)

// jsonSchema checks values against the part of JSON Schema that the shipped
// schema uses.
type jsonSchema struct{ root map[string]any }

func readSchema(t *testing.T) jsonSchema {
	t.Helper()
	var s jsonSchema
	if err := json.Unmarshal(workflows.Schema(), &s.root); err != nil {
		t.Fatal(err)
	}
	return s
}

// check is "" when the value is allowed, else where it is not.
func (s jsonSchema) check(path string, schema map[string]any, v any) string {
	if ref, ok := schema["$ref"].(string); ok {
		def := s.root["$defs"].(map[string]any)[strings.TrimPrefix(ref, "#/$defs/")]
		return s.check(path, def.(map[string]any), v)
	}
	for _, of := range []string{"anyOf", "oneOf"} {
		if !s.choice(of == "oneOf", path, schema[of], v) {
			return path + ": fits no choice"
		}
	}
	if enum, ok := schema["enum"].([]any); ok && !slices.Contains(enum, v) {
		return fmt.Sprintf("%s: %v is not among %v", path, v, enum)
	}
	if !hasType(schema["type"], v) {
		return fmt.Sprintf("%s: %v is no %v", path, v, schema["type"])
	}
	if p, ok := schema["pattern"].(string); ok && !regexp.MustCompile(p).MatchString(v.(string)) {
		return fmt.Sprintf("%s: %v does not match", path, v)
	}
	required := list(schema["required"])
	m, _ := v.(map[string]any)
	dependent, _ := schema["dependentRequired"].(map[string]any)
	for key, more := range dependent {
		if m[key] != nil {
			required = append(required, list(more)...)
		}
	}
	for _, key := range required {
		if m[key.(string)] == nil {
			return fmt.Sprintf("%s: %v is missing", path, key)
		}
	}
	return s.children(path, schema, v)
}

func list(v any) []any { l, _ := v.([]any); return l }

func (s jsonSchema) choice(one bool, path string, choices, v any) bool {
	fits := 0
	for _, c := range list(choices) {
		if s.check(path, c.(map[string]any), v) == "" {
			fits++
		}
	}
	return choices == nil || fits == 1 || fits > 1 && !one
}

func (s jsonSchema) children(path string, schema map[string]any, v any) string {
	if items, ok := schema["items"].(map[string]any); ok {
		for i, x := range list(v) {
			if bad := s.check(fmt.Sprintf("%s[%d]", path, i), items, x); bad != "" {
				return bad
			}
		}
	}
	m, _ := v.(map[string]any)
	known, _ := schema["properties"].(map[string]any)
	for key, x := range m {
		sub, ok := known[key].(map[string]any)
		if !ok {
			sub, ok = schema["additionalProperties"].(map[string]any)
		}
		if !ok && schema["additionalProperties"] == false {
			return path + ": unknown key " + key
		}
		if ok {
			if bad := s.check(path+"."+key, sub, x); bad != "" {
				return bad
			}
		}
	}
	return ""
}

func hasType(want, v any) bool {
	switch v.(type) {
	case map[string]any:
		return want == nil || want == "object"
	case []any:
		return want == nil || want == "array"
	case string:
		return want == nil || want == "string"
	case int:
		return want == nil || want == "integer"
	case bool:
		return want == nil || want == "boolean"
	}
	return false
}

func decode(t *testing.T, path string) any {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	src, faults := fault.Parse(path, data)
	var v any
	if faults = append(faults, src.Decode(&v)...); len(faults) > 0 {
		t.Fatal(faults)
	}
	return v
}

func TestSchemaAllowsEveryShippedDefinition(t *testing.T) {
	s := readSchema(t)
	paths, err := filepath.Glob("*.yaml")
	if err != nil || len(paths) == 0 {
		t.Fatal(paths, err)
	}
	for _, path := range paths {
		if bad := s.check("", s.root, decode(t, path)); bad != "" {
			t.Errorf("%s: %s", path, bad)
		}
	}
}

func TestSchemaMarksWrongWords(t *testing.T) {
	s := readSchema(t)
	for _, name := range []string{
		"unknown-key", "unknown-verb", "several-verbs", "no-verb", "unknown-role", "reminds-nobody", "start-without-state",
		"timer-without-at", "bad-repeat", "spawn-what", "unknown-note", "cooldown-in-days", "unknown-due", "unknown-list", "unknown-light",
		"unknown-class", "unknown-kind", "wrong-shape", "wrong-type", "two-names", "no-name",
	} {
		if bad := s.check("", s.root, decode(t, "testdata/bad/"+name+".yaml")); bad == "" {
			t.Errorf("%s passes", name)
		}
	}
}

// The words of the schema are those that the loader takes: each enum is tried
// out in a definition.
func TestSchemaAndLoaderKnowTheSameWords(t *testing.T) {
	s := readSchema(t)
	const text = `workflow: own
title: 自定
kind: KIND
roll: ROLL
start: {to: open}
states:
  open: {title: 待办, on: {close: {by: ACTOR, not: BARRED, to: closed, do: [
    {remind: RECEIVER, as: first, class: CLASS}, {light: LIGHT}, {list: LIST}, {note: NOTE}, {spawn: SPAWN}, {cancel: CANCEL}]}}}
  closed: {title: 办结, final: true}
reasons: {first: {title: 提醒, class: digest}}
`
	defs := s.root["$defs"].(map[string]any)
	enum := func(path ...string) []any {
		at := s.root
		if path[0] != "properties" {
			at = defs
		}
		for _, p := range path {
			at = at[p].(map[string]any)
		}
		return list(at["enum"])
	}
	words := map[string][]any{
		"KIND": enum("kind"), "ROLL": enum("properties", "roll"), "ACTOR": enum("actor"), "BARRED": enum("barred"),
		"RECEIVER": enum("receiver"), "CLASS": enum("class"), "LIGHT": enum("action", "properties", "light"),
		"LIST": enum("action", "properties", "list"), "NOTE": enum("action", "properties", "note"), "SPAWN": enum("action", "properties", "spawn"), "CANCEL": enum("action", "properties", "cancel"),
	}
	for place, all := range words {
		for _, word := range append(all, "nonsense") {
			own := text
			for p, w := range words {
				v := w[0].(string)
				if p == place {
					v = word.(string)
				}
				own = strings.ReplaceAll(own, p, v)
			}
			_, faults := workflows.Load("own.yaml", []byte(own), nil)
			if (len(faults) > 0) != (word == "nonsense") || len(faults) == 1 && !knows(faults[0].Hint, all) {
				t.Errorf("%s %v: %v; the schema has %v", place, word, faults, all)
			}
		}
	}
}

// knows says whether the words listed in a hint are those of the schema.
func knows(hint string, words []any) bool {
	listed := strings.Split(strings.TrimPrefix(hint, "known: "), ", ")
	for _, w := range words {
		if !slices.Contains(listed, w.(string)) {
			return false
		}
	}
	return len(listed) == len(words)
}

func TestFieldsAreWellDescribed(t *testing.T) {
	for name, f := range engine.Fields {
		text := map[engine.FieldKind]string{engine.FieldNumber: name + " >= 1", engine.FieldWord: name + " = x", engine.FieldYesNo: name}[f.Kind]
		if len(f.Words) > 0 {
			text = fmt.Sprintf("%s = %s", name, f.Words[0])
		}
		if f.Arg {
			text += "(5wd)"
		}
		if _, err := workflows.ParseGuard(text); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
