package workflows_test

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"duban/engine"
	"duban/workflows"
)

func shipped(t *testing.T) *workflows.Library {
	t.Helper()
	lib, err := workflows.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	return lib
}

func get(t *testing.T, name string) *engine.Definition {
	t.Helper()
	d, ok := shipped(t).Get(name)
	if !ok {
		t.Fatalf("no workflow %s", name)
	}
	return d
}

func TestShippedDefinitionsHaveNoFaults(t *testing.T) {
	lib := shipped(t)
	want := []string{"assignment", "deployment", "recurring", "review", "standing", "supervision", "weekly"}
	if got := lib.Names(); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if _, ok := lib.Get("ladder"); ok {
		t.Error("the fragment ladder passes for a workflow")
	}
}

func TestAssignmentIsReadAsWritten(t *testing.T) {
	d := get(t, "assignment")
	if d.Title != "节点任务" || d.Kind != engine.KindAssignment || d.Order[0] != "awaiting_date" || len(d.Order) != len(d.States) {
		t.Errorf("head: %s %s %v", d.Title, d.Kind, d.Order)
	}
	if s := d.Start[0]; s.To != "awaiting_date" || s.When.Text != "trigger = event" {
		t.Errorf("start: %+v", s)
	}
	closing := d.States["to_check"].On["close"][0]
	if !slices.Equal(closing.Not, []engine.Role{engine.RoleHandler}) || closing.To != "closed" || closing.Do[2].When.Field != "early" {
		t.Errorf("close: %+v", closing)
	}
	if m := d.States["in_progress"].On["remind"][0]; m.Cooldown != 24*time.Hour || m.Do[0].Value != "urged" {
		t.Errorf("remind: %+v", m)
	}
	if do := closing.Do[1]; do.Verb != engine.DoWithdraw || do.Value != "all" || do.Values != nil {
		t.Errorf("withdraw all: %+v", do)
	}
	if do := d.States["to_check"].On["return"][0].Do[1]; do.Verb != engine.DoDue || do.Value != "3wd" {
		t.Errorf("grace: %+v", do)
	}
	if r := d.Reasons["overdue"]; r.Name != "overdue" || r.Title != "催办" || !r.Late || r.Class != engine.Digest || r.Gravity != 90 {
		t.Errorf("reason of the ladder: %+v", r)
	}
	i := slices.IndexFunc(d.Timers, func(t engine.Timer) bool { return t.Name == "overdue" })
	want := engine.Timer{
		Name: "overdue", In: []engine.State{"assigned", "in_progress"},
		At:    engine.At{Anchor: "due", Offset: engine.Offset{N: 1, Unit: engine.Workdays}, Text: "due + 1wd"},
		Every: engine.Offset{N: 5, Unit: engine.Workdays}, Times: 3, Rung: true, Catch: true,
		Unless: &engine.Guard{Op: "or", Text: "phoned_within(2wd) or urged_within(0wd)", Args: []*engine.Guard{
			{Op: "is", Field: "phoned_within", Arg: 2, Text: "phoned_within(2wd)"},
			{Op: "is", Field: "urged_within", Text: "urged_within(0wd)"},
		}},
		Do: []engine.Action{
			{Verb: engine.DoRemind, To: []engine.Role{engine.RoleLeadLiaison, engine.RoleLeadHead}, As: "overdue"},
			{Verb: engine.DoSlip, Value: "chase"},
		},
	}
	if i < 0 || !reflect.DeepEqual(d.Timers[i], want) {
		t.Errorf("timer overdue:\n got %+v\nwant %+v", d.Timers[max(i, 0)], want)
	}
}

func TestOtherShapesAreReadAsWritten(t *testing.T) {
	review := get(t, "review")
	if review.Start[0].Name != "ask" || review.Start[0].Kind != engine.KindAsked || review.Start[len(review.Start)-1].To != "assigned" {
		t.Errorf("a review's own start does not come before those of assignment: %+v", review.Start)
	}
	spawn := review.Timers[slices.IndexFunc(review.Timers, func(t engine.Timer) bool { return t.Name == "self_review" })].Do[0]
	if spawn.Value != "unit" || spawn.Start != "ask" || spawn.By.Func != "day" || spawn.By.N != 19 {
		t.Errorf("spawn: %+v", spawn)
	}
	moves := get(t, "deployment").States["collecting"].On[engine.EventChildDone]
	if len(moves) != 2 || moves[0].To != "complete" || moves[1].To != "" || moves[1].By != nil {
		t.Errorf("a list of moves: %+v", moves)
	}
	if d := get(t, "supervision"); d.Cron != "0 9 20 * *" || d.Roll != "after" {
		t.Errorf("periodic start: %q %q", d.Cron, d.Roll)
	}
}

const base = `fragment: base
start: [{to: open}]
states:
  open: {title: 待办, on: {close: {by: office, to: closed}}}
  closed: {title: 办结, final: true}
timers:
  first: {in: open, at: due - 7wd, do: {remind: lead.head, as: first}}
  second: {in: open, at: due - 1wd, do: {remind: lead.head, as: first}}
reasons:
  first: {title: 提醒, class: digest}
`

// files is an include function over texts by name.
func files(texts map[string]string) func(string) (string, []byte, bool) {
	return func(name string) (string, []byte, bool) {
		s, ok := texts[name]
		return name + ".yaml", []byte(s), ok
	}
}

func TestIncludeIsMergedUnderTheOwnText(t *testing.T) {
	own := `workflow: own
title: 自定
kind: standing
include: base
start: [{name: ask, to: asked}]
states:
  asked: {title: 待答, on: {report: {by: lead, to: closed}}}
  closed: {title: 销号, final: true}
timers:
  third: {in: asked, at: due, to: closed}
  first: {in: open, at: due - 3wd, do: {remind: office, as: first}}
reasons:
  first: {title: 催促, class: prompt}
`
	d, faults := workflows.Load("own.yaml", []byte(own), files(map[string]string{"base": base}))
	if err := faults.Err(); err != nil {
		t.Fatal(err)
	}
	var timers []string
	for _, t := range d.Timers {
		timers = append(timers, t.Name+" "+t.At.Text)
	}
	if want := []string{"first due - 3wd", "second due - 1wd", "third due"}; !slices.Equal(timers, want) {
		t.Errorf("timers: got %v, want %v", timers, want)
	}
	if d.Start[0].Name != "ask" || d.Start[1].To != "open" {
		t.Errorf("starts: %+v", d.Start)
	}
	if !slices.Equal(d.Order, []engine.State{"open", "closed", "asked"}) || d.States["closed"].Title != "销号" || d.Reasons["first"].Title != "催促" {
		t.Errorf("states %v, closed %q, reason %q", d.Order, d.States["closed"].Title, d.Reasons["first"].Title)
	}
}

func TestFaultsOfAnIncludedFileCarryItsPlace(t *testing.T) {
	texts := map[string]string{
		"base":  strings.Replace(base, "as: first}}\n  second", "as: frist}}\n  second", 1),
		"alias": "fragment: self\ninclude: [alias]\n",
		"loop":  "fragment: loop\ninclude: [loop2]\n",
		"loop2": "fragment: loop2\ninclude: [base, loop]\n",
	}
	for _, c := range []struct{ own, want string }{
		{"workflow: own\ntitle: 自定\nkind: brief\ninclude: [base]\n", `base.yaml:7:64: reason "frist" is not defined; did you mean "first"?`},
		{"workflow: own\ntitle: 自定\nkind: brief\ninclude: [loop]\n", "loop2.yaml:2:17: loop includes itself by way of loop2"},
		{"workflow: own\ntitle: 自定\nkind: brief\ninclude: [base, own]\n", "own.yaml:4:17: own includes itself"},
		{"workflow: own\ntitle: 自定\nkind: brief\ninclude: [alias]\n", "alias.yaml:1:1: self stands in a file called alias.yaml; call the file self.yaml\nalias.yaml:2:11: alias includes itself"},
		{"fragment: own\ninclude: [base]\n", "own.yaml:1:1: fragment own is no workflow by itself; workflows include it"},
	} {
		d, faults := workflows.Load("own.yaml", []byte(c.own), files(texts))
		if got := faults.Error(); got != c.want || d != nil {
			t.Errorf("%s\n got %s\nwant %s", c.own, got, c.want)
		}
	}
}

func TestSourceReadsBackWithTheSameHash(t *testing.T) {
	lib := shipped(t)
	for _, name := range lib.Names() {
		d, _ := lib.Get(name)
		again, err := workflows.FromSource(lib.Source(d.Hash))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if !reflect.DeepEqual(d, again) {
			t.Errorf("%s: changed by its source", name)
		}
		if same, ok := lib.ByHash(d.Hash); !ok || same != d || len(d.Hash) != 64 {
			t.Errorf("%s: hash %q finds another definition", name, d.Hash)
		}
	}
	if _, ok := lib.ByHash("0"); ok || lib.Source("0") != "" {
		t.Error("an unknown hash finds something")
	}
}

func TestHashFollowsTheText(t *testing.T) {
	own := "workflow: own\ntitle: 自定\nkind: brief\ninclude: [base]\n"
	hash := func(own, base string) string {
		d, faults := workflows.Load("/anywhere/own.yaml", []byte(own), files(map[string]string{"base": base}))
		if err := faults.Err(); err != nil {
			t.Fatal(err)
		}
		return d.Hash
	}
	first := hash(own, base)
	if hash("\xef\xbb\xbf"+strings.ReplaceAll(own, "\n", "\r\n"), base) != first {
		t.Error("line ends or a byte order mark change the hash")
	}
	if hash(strings.Replace(own, "自定", "自订", 1), base) == first {
		t.Error("another title, the same hash")
	}
	if hash(own, strings.Replace(base, "due - 7wd", "due - 8wd", 1)) == first {
		t.Error("another included text, the same hash")
	}
	if hash(own+"# 1\n", base) == hash(own+"# 2\n", base) {
		t.Error("another comment, the same hash")
	}
}

func TestFromSourceRefusesWhatIsNoSource(t *testing.T) {
	for src, want := range map[string]string{
		"":                                   "the text is empty",
		"workflow: own\n":                    "expected a line with a file's name and length",
		"--- own x\n":                        "expected x bytes",
		"--- own 99\nworkflow":               "expected 99 bytes, found 8",
		"--- own 14\nworkflow: own\n":        "own.yaml:1:1: kind is missing",
		"--- own 14\nworkflow: own\n--- x\n": "found \"--- x\"",
	} {
		if _, err := workflows.FromSource(src); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %s", src, err, want)
		}
	}
}

// write makes a folder of files.
func write(t *testing.T, texts map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, s := range texts {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(s), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestFolderGoesOverTheShippedDefinitions(t *testing.T) {
	weekly := "workflow: weekly\ntitle: 周报\nkind: brief\nstart: {to: sent}\nstates: {sent: {title: 已发, final: true}}\n"
	ladder, err := os.ReadFile("ladder.yaml")
	if err != nil {
		t.Fatal(err)
	}
	own := strings.ReplaceAll(weekly, "weekly", "own")
	changed := strings.Replace(string(ladder), "at: due - 7wd", "at: due - 9wd", 1)
	lib, faults := workflows.LoadDir(write(t, map[string]string{"weekly.yaml": weekly, "own.yaml": own, "ladder.yaml": changed, "notes.txt": "?"}))
	if err := faults.Err(); err != nil {
		t.Fatal(err)
	}
	if d, _ := lib.Get("weekly"); d.Title != "周报" || d.Cron != "" {
		t.Errorf("weekly is not replaced: %+v", d)
	}
	if _, ok := lib.Get("own"); !ok {
		t.Error("own is not added")
	}
	for name, same := range map[string]bool{"assignment": false, "review": false, "standing": true} {
		if d, _ := lib.Get(name); (d.Hash == get(t, name).Hash) != same {
			t.Errorf("%s: unchanged is %v, want %v", name, !same, same)
		}
	}
}

func TestFolderThatCannotBeRead(t *testing.T) {
	dir := write(t, map[string]string{"own.yml": ""})
	for d, want := range map[string]string{
		filepath.Join(dir, "none"): "none: cannot be read: no such file or directory",
		dir:                        "own.yml: not read; call it .yaml",
	} {
		lib, faults := workflows.LoadDir(d)
		if lib != nil || !strings.HasSuffix(faults.Error(), want) {
			t.Errorf("got %v, want %s", faults, want)
		}
	}
}

// Every file of testdata/bad says in its first lines which faults it has, one
// "# want: line:col: what; hint" a fault.
func TestBadDefinitionsAreExplained(t *testing.T) {
	paths, err := filepath.Glob("testdata/bad/*.yaml")
	if err != nil || len(paths) < 20 {
		t.Fatalf("%d bad definitions, %v", len(paths), err)
	}
	_, faults := workflows.LoadDir("testdata/bad")
	got := map[string][]string{}
	for _, f := range faults {
		file := f.File
		f.File = ""
		got[file] = append(got[file], f.Error())
	}
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if want := wanted(string(data)); len(want) == 0 || !slices.Equal(got[path], want) {
			t.Errorf("%s\n got\n%s\nwant\n%s", path, strings.Join(got[path], "\n"), strings.Join(want, "\n"))
		}
		delete(got, path)
	}
	for file, faults := range got {
		t.Errorf("%s has no fault of its own, but is blamed: %v", file, faults)
	}
}

func wanted(text string) []string {
	var out []string
	for line := range strings.Lines(text) {
		want, ok := strings.CutPrefix(line, "# want: ")
		if !ok {
			break
		}
		out = append(out, strings.TrimSpace(want))
	}
	return out
}

func TestPeriodicStarts(t *testing.T) {
	text := "workflow: own\ntitle: 自定\nkind: brief\nstart: {to: sent}\nstates: {sent: {title: 已发, final: true}}\ncron: "
	for cron, want := range map[string]string{
		"0 9 * * 1":                    "",
		"30 8 L * *":                   "",
		"0 17 LW 6,12 *":               "",
		"0 9 WD5 * *":                  "",
		"0 9 29 2 *":                   "",
		"0 9 WD0 * *":                  "failed to parse int",
		"0 9 WD24 * *":                 "failed to parse int",
		"0 9 LX * *":                   "failed to parse int",
		"61 9 * * *":                   "above maximum (59)",
		"0 9 * * 7":                    "above maximum (6)",
		"@monthly":                     "expected five fields, found 1",
		"0 0 9 * * 1":                  "expected five fields, found 6",
		"":                             "expected five fields, found 0",
		"CRON_TZ=Asia/Shanghai":        "a time zone is not accepted",
		"TZ=Asia/Shanghai 0 9 20 * * ": "a time zone is not accepted",
		"0 9 31 4 *":                   "never comes",
	} {
		_, faults := workflows.Load("own.yaml", []byte(text+`"`+cron+`"`), nil)
		if got := faults.Error(); want == "" && got != "" || !strings.Contains(got, want) || len(faults) > 1 {
			t.Errorf("%q: got %q, want %q", cron, got, want)
		}
	}
}

func FuzzLoad(f *testing.F) {
	for _, dir := range []string{"*.yaml", "testdata/bad/*.yaml"} {
		paths, err := filepath.Glob(dir)
		if err != nil {
			f.Fatal(err)
		}
		for _, path := range paths {
			data, err := os.ReadFile(path)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		d, faults := workflows.Load("own.yaml", data, files(map[string]string{"base": base, "own": string(data)}))
		if (d == nil) == (len(faults) == 0) {
			t.Fatalf("definition %v with faults %v", d, faults)
		}
		for _, f := range faults {
			if f.File == "" || f.Line < 1 || f.Column < 1 || f.What == "" {
				t.Fatalf("fault without a place or words: %+v", f)
			}
		}
		if d != nil {
			workflows.Mermaid(d)
			workflows.Table(d)
		}
	})
}
