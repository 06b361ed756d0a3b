package fault_test

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"duban/engine/calendar"
	"duban/engine/fault"
)

type roles []string

func (r *roles) UnmarshalText(b []byte) error {
	*r = roles{string(b)}
	return nil
}

type grade string

func (g *grade) UnmarshalText(b []byte) error {
	switch s := string(b); s {
	case "green", "red":
		*g = grade(s)
		return nil
	}
	return fault.Fault{What: "no such light", Hint: "green or red"}
}

type person struct {
	Name string `yaml:"name"`
	Age  int8   `yaml:"age"`
}

type Common struct {
	Note string `yaml:"note"`
}

type plan struct {
	Title  string                   `yaml:"标题"`
	Number string                   `yaml:"number"`
	Issued calendar.Date            `yaml:"issued"`
	Day    string                   `yaml:"day"`
	Wait   time.Duration            `yaml:"wait"`
	Draft  bool                     `yaml:"draft"`
	Share  float64                  `yaml:"share"`
	Count  uint                     `yaml:"count"`
	Lead   roles                    `yaml:"lead"`
	Head   *person                  `yaml:"head"`
	People []person                 `yaml:"people"`
	Due    map[calendar.Date]string `yaml:"due"`
	Units  map[string]person        `yaml:"units"`
	Light  grade                    `yaml:"light"`
	Free   any                      `yaml:"free"`
	Hidden string                   `yaml:"-"`
	Plain  string
	_      string // unexported fields are not read
	Common `yaml:",inline"`
}

const good = `# a plan
标题: 中文
number: 001
issued: 2023-02-28
day: 2023-02-28
wait: 30s
draft: true
share: 1e-1
count: 3
lead: [甲, 乙]
head: {name: 张, age: 50}
people:
- name: "a:b"
  age: 7
- name: yes
due: {2023-06-30: half, "2023-12-31": end}
units:
  信息.中心: {name: x}
light: red
free: {a: [1, 2.5, "3", true, 010, x, ~], b: -2}
plain: |
  two
  lines
note: in the outer mapping
`

func TestDecodeReadsEveryKindOfField(t *testing.T) {
	s, faults := fault.Parse("plan.yaml", []byte(good))
	if faults != nil {
		t.Fatal(faults)
	}
	var got plan
	if faults := s.Decode(&got); faults != nil {
		t.Fatal(faults)
	}
	want := plan{
		Title: "中文", Number: "001", Issued: calendar.Of(2023, 2, 28), Day: "2023-02-28",
		Wait: 30 * time.Second, Draft: true, Share: 0.1, Count: 3, Lead: roles{"甲", "乙"},
		Head:   &person{"张", 50},
		People: []person{{"a:b", 7}, {"yes", 0}},
		Due:    map[calendar.Date]string{calendar.Of(2023, 6, 30): "half", calendar.Of(2023, 12, 31): "end"},
		Units:  map[string]person{"信息.中心": {Name: "x"}},
		Light:  "red",
		Free:   map[string]any{"a": []any{1, 2.5, "3", true, "010", "x", nil}, "b": -2},
		Plain:  "two\nlines\n",
		Common: Common{"in the outer mapping"},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestDecodeJSONAndOneOrMany(t *testing.T) {
	s, faults := fault.Parse("plan.json", []byte(`{"标题": "a\u4e2d", "lead": "甲", "people": [{"name": "x", "age": -3}], "draft": false}`))
	var got plan
	faults = append(faults, s.Decode(&got)...)
	if faults != nil || got.Title != "a中" || !reflect.DeepEqual(got.Lead, roles{"甲"}) || got.People[0].Age != -3 {
		t.Errorf("%+v %v", got, faults)
	}
}

func TestDecodeKeepsDefaultsWhereNothingIsWritten(t *testing.T) {
	got := plan{Title: "default", Wait: time.Minute, Count: 9}
	s, _ := fault.Parse("p.yaml", []byte("标题:\nwait: null\ncount: 0\n"))
	if faults := s.Decode(&got); faults != nil {
		t.Fatal(faults)
	}
	if got.Title != "default" || got.Wait != time.Minute || got.Count != 0 {
		t.Errorf("%+v", got)
	}
}

func TestDecodeKeepsDefaultsWhereSomethingWrongIsWritten(t *testing.T) {
	want := plan{Wait: time.Minute, Draft: true, Share: 0.5, Count: 9, Head: &person{Age: 4}, Issued: 5}
	got := want
	got.Head = &person{Age: 4}
	s, _ := fault.Parse("p.yaml", []byte("wait: 1\ndraft: x\nshare: .inf\ncount: 1e99\nhead: {age: 999}\nissued: x\n"))
	if faults := s.Decode(&got); len(faults) != 6 || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v\n%v", got, faults)
	}
}

func TestDecodeListsAllFaultsAtOnce(t *testing.T) {
	const bad = `标题: [a]
titel: x
number: {a: 1}
issued: 2023-02-30
wait: 30
draft: yes
share: many
count: -1
head: 张
people: one
units: [x]
light: blue
标题: again
due:
  2023-02-30: x
plain: ok
note: "quoted"
nope_at_all: 1
---
`
	const bad2 = `people:
  - {name: a, age: 300}
  -  nmae: "x
       y"
     age: "5"
  - 中文: {a: 1, a: 2}
`
	cases := []struct{ name, text, want string }{
		{"types and keys", bad, `
p.yaml:1:5: 标题: expected text, found a list
p.yaml:2:1: unknown key "titel"; known keys: 标题, number, issued, day, wait, draft, share, count, lead, head, people, due, units, light, free, plain, note
p.yaml:3:9: number: expected text, found a mapping
p.yaml:4:9: issued: calendar: "2023-02-30" is no date like 2023-02-28
p.yaml:5:7: wait: expected a duration, found "30"; write a number and a unit, such as 30s, 10m or 2h
p.yaml:6:8: draft: expected true or false, found "yes"
p.yaml:7:8: share: expected a number, found "many"
p.yaml:8:8: count: expected a whole number from 0, found "-1"
p.yaml:9:7: head: expected a mapping, found "张"; write lines of "key: value"
p.yaml:10:9: people: expected a list, found "one"; write [a, b], or begin each line with "- "
p.yaml:11:8: units: expected a mapping, found a list; write lines of "key: value"
p.yaml:12:8: light: no such light; green or red
p.yaml:13:1: key "标题" is written twice; it already stands in line 1
p.yaml:15:3: 2023-02-30: calendar: "2023-02-30" is no date like 2023-02-28
p.yaml:18:1: unknown key "nope_at_all"; known keys: 标题, number, issued, day, wait, draft, share, count, lead, head, people, due, units, light, free, plain, note`},
		{"inside lists", bad2, `
p.yaml:2:20: age: expected a whole number, found "300"
p.yaml:3:6: unknown key "nmae"; did you mean "name"?
p.yaml:5:11: age: expected a whole number, found "5"; remove the quotation marks
p.yaml:6:5: unknown key "中文"; known keys: name, age
p.yaml:6:16: key "a" is written twice; it already stands in line 6`},
		{"a list for a mapping at the top", "- a\n", `
p.yaml:1:1: expected a mapping, found a list; write lines of "key: value"`},
		{"windows line ends", "标题: \"a\r\n  b\"\r\nsahre: 1\r\n", `
p.yaml:3:1: unknown key "sahre"; did you mean "share"?`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s, faults := fault.Parse("p.yaml", []byte(c.text))
			if faults != nil {
				t.Fatal(faults)
			}
			got := s.Decode(&plan{}).Error()
			if want := strings.TrimSpace(c.want); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	deep := strings.Repeat("[", 65) + strings.Repeat("]", 65)
	cases := []struct{ name, text, want string }{
		{"an open quotation mark", "a: 1\nb: \"x\n", "f:2:4: could not find end character of double-quoted text"},
		{"an open bracket", "a: [1, 2\nb: 3\n", "f:2:1: ',' or ']' must be specified"},
		{"a tab", "a:\n\tb: 1\n", "f:2:1: found character tab that cannot start any token; indent with spaces"},
		{"a wrong indent", "a:\n  - b\n c: 1\n", "f:3:2: value is not allowed in this context"},
		{"anchor and alias", "a: &x 1\nb: *x\n", `f:1:4: Anchor is not accepted; write it out, or quote text that begins with "&"` + "\n" + `f:2:4: Alias is not accepted; write it out, or quote text that begins with "*"`},
		{"merge", "<<: {a: 1}\n", "f:1:1: MergeKey is not accepted; write the keys out"},
		{"tag", "a: !!int 3\n", `f:1:4: Tag is not accepted; remove it, or quote text that begins with "!"`},
		{"a mapping as key", "? {a: 1}\n: b\n", `f:1:1: MappingKey is not accepted; write "key: value", or quote text that begins with "?"`},
		{"two documents", "a: 1\n---\nb: 2\n", "f:3:1: a second document begins here; one document a file: remove the --- line"},
		{"depth in brackets", deep, "f:1:65: nested deeper than 64 levels; flatten it"},
		{"depth in dashes", strings.Repeat("- ", 70), "f:1:129: nested deeper than 64 levels; flatten it"},
		{"depth without end", strings.Repeat("{a: ", 1<<17), "f:1:129: nested deeper than 64 levels; flatten it"},
		{"depth in colons", "[" + strings.Repeat("a: ", 1<<17), "f:1:192: nested deeper than 64 levels; flatten it"},
		{"keys without end", strings.Repeat("a: 1\n", 6000), "f:5001:2: more than 5,000 keys in one mapping; write a list, or split the file"},
		{"words without end", strings.Repeat("- [a, b]\n", 1<<19), "f: more than a million lines and marks; split the file"},
		{"a lone tag", "!!!!", `f:1:1: Tag is not accepted; remove it, or quote text that begins with "!"`},
		{"GBK", "a: 1\nb: \xd6\xd0\n", "f:2:4: the file is not UTF-8 text; save it as UTF-8, not GBK or UTF-16"},
		{"a control character", "a: \x00\n", "f:1:4: control character U+0000; remove it"},
		{"16 MiB and more", strings.Repeat("a", 16<<20+1), "f: the file is larger than 16 MiB; split it"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s, faults := fault.Parse("f", []byte(c.text))
			if got := faults.Error(); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
			if f := s.Fault("a.b", "x", ""); f.Line != 1 { // a Source can always place a fault
				t.Error(f)
			}
		})
	}
}

func TestParseAcceptsDepth64AndNothingAtAll(t *testing.T) {
	for _, text := range []string{
		"", "# only a comment\n", "---\n", "a: 1\n---\n", "\xef\xbb\xbfa: 1\n",
		strings.Repeat("[", 64) + strings.Repeat("]", 64),
		strings.Repeat("a:\n- b: 1\n", 1) + strings.Repeat("- b: 1\n  c: [[]]\n", 200),
	} {
		s, faults := fault.Parse("f", []byte(text))
		var v any
		if faults = append(faults, s.Decode(&v)...); faults != nil {
			t.Errorf("%.20q: %v", text, faults)
		}
	}
}

func TestPositions(t *testing.T) {
	const text = `title: x
items:
  - lead: [甲, 乙]
    when: {}
  -
    lead:
      - 丙
states:
  assigned:
    on:
      'my.key': {to: a}
      it's: {to: b}
      report: [{to: c}, {to: d}]
`
	s, faults := fault.Parse("f", []byte(text))
	if faults != nil {
		t.Fatal(faults)
	}
	cases := []struct {
		path      string
		line, col int
		has       bool
	}{
		{"", 1, 1, true},
		{"title", 1, 1, true},
		{"items[0]", 3, 5, true},
		{"items[0].lead[1]", 3, 15, true},
		{"items[0].when.until", 4, 5, false},
		{"items[1].lead[0]", 7, 9, true},
		{"items[1].lead[7]", 6, 5, false},
		{"items[9].lead", 2, 1, false},
		{"states.assigned.on['my.key'].to", 11, 18, true},
		{"states.assigned.on['it''s'].to", 12, 14, true},
		{"states.assigned.on.report[1].to", 13, 26, true},
		{"states.gone.on", 8, 1, false},
		{"nothing", 1, 1, false},
		{"[", 1, 1, false}, {"['", 1, 1, false}, {"a]b", 1, 1, false},
		{fault.Path("states", "assigned", "on", "my.key", "to"), 11, 18, true},
		{fault.Path("items", 0, "lead", 1), 3, 15, true},
		{fault.Path("states", "assigned", "on", "it's"), 12, 7, true},
	}
	for _, c := range cases {
		if l, col := s.At(c.path); l != c.line || col != c.col || s.Has(c.path) != c.has {
			t.Errorf("%s: %d:%d %v, want %d:%d %v", c.path, l, col, s.Has(c.path), c.line, c.col, c.has)
		}
	}
	if f := s.Fault("title", "no title", "write one"); f.Error() != "f:1:1: no title; write one" {
		t.Error(f)
	}
	if got := s.Keys("states.assigned.on"); !reflect.DeepEqual(got, []string{"my.key", "it's", "report"}) {
		t.Error(got)
	}
}

func TestRead(t *testing.T) {
	dir := t.TempDir()
	gone := filepath.Join(dir, "gone.yaml")
	if s, faults := fault.Read(gone, &plan{}); s == nil || faults.Error() != gone+": no such file; check the path, or create the file" {
		t.Error(faults)
	}
	if _, faults := fault.Read(dir, &plan{}); len(faults) != 1 || !strings.Contains(faults.Error(), "is a directory") {
		t.Error(faults)
	}
	file := filepath.Join(dir, "p.yaml")
	if err := os.WriteFile(file, []byte("标题: x\nwait: 1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var p plan
	_, faults := fault.Read(file, &p)
	if len(faults) != 1 || faults[0].Line != 2 || p.Title != "x" {
		t.Error(faults, p)
	}
	if _, faults := fault.Read(file, p); len(faults) != 1 || faults[0].Hint != "hand in a pointer" {
		t.Error(faults)
	}
}

func TestListIsAnErrorOnlyWhenItHoldsFaults(t *testing.T) {
	if fault.List(nil).Err() != nil {
		t.Error("an empty list is an error")
	}
	l := fault.List{{File: "b", Line: 2, Column: 1, What: "z"}, {What: "x\ny", Hint: "h"}, {File: "b", Line: 1, Column: 9, What: "w"}}
	l.Sort()
	if want := "x y; h\nb:1:9: w\nb:2:1: z"; l.Err().Error() != want {
		t.Errorf("%q", l.Error())
	}
	var got fault.List
	if !errors.As(l.Err(), &got) || len(got) != 3 {
		t.Error("the list is lost on the way")
	}
}

func TestNearest(t *testing.T) {
	words := []string{"lead", "leads", "deadline", "cooperating"}
	for in, want := range map[string]string{"laed": "lead", "Lead": "lead", "dedline": "deadline", "coperatign": "cooperating", "x": "", "zzzz": "", strings.Repeat("lead", 99): ""} {
		if got := fault.Nearest(in, words); got != want {
			t.Errorf("%.20s: %q, want %q", in, got, want)
		}
	}
}

func FuzzParseDecode(f *testing.F) {
	for _, s := range []string{good, "a: [1, {b: c}]", "- - x\n- y: z", "a: |\n  b\n c", "? a\n: b", "{a: b: c}", "\"a\n b\": 1", "- 1\n-\n- x\n", "a: &b *b", "%YAML\n---", "a:\n- b\nc: >-\n", "'", "[]]", "a: # x\n  - {\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, faults := fault.Parse("f", []byte(text))
		var v any
		var p plan
		faults = append(append(faults, s.Decode(&p)...), s.Decode(&v)...)
		for _, x := range faults {
			if x.File != "f" || x.What == "" || x.Line < 0 || (x.Line > 0 && x.Column < 1) || x.Line > strings.Count(text, "\n")+strings.Count(text, "\r")+1 {
				t.Fatalf("%#v", x)
			}
		}
		s.At(text)
		s.Keys(text)
	})
}
