package workflows_test

import (
	"os"
	"strings"
	"testing"

	"duban/engine"
	"duban/workflows"
)

func TestPictureOfAssignment(t *testing.T) {
	want, err := os.ReadFile("testdata/assignment.mmd")
	if err != nil {
		t.Fatal(err)
	}
	d := get(t, "assignment")
	for range 20 { // the events of a state stand in a map
		if got := workflows.Mermaid(d); got != string(want) {
			t.Fatalf("testdata/assignment.mmd is no longer the picture:\n%s", got)
		}
	}
}

func TestPictureSaysHowPeopleAndTimeMoveThings(t *testing.T) {
	for name, lines := range map[string][]string{
		"recurring":   {"[*] --> running", "open --> lapsed: 到时（due + 20wd @closing）", "open --> done: 登记（ticks_missing ≤ 1）、办结", "lapsed --> [*]"},
		"supervision": {`state "收集中" as collecting`, "collecting --> checking: 到时（last_workday @closing）", "verifying --> drafted: 起草、到时（entered + 1wd @closing）"},
		"deployment":  {"collecting --> complete: 下级办结（open = 0）", "complete --> collecting: 下级重新办理"},
	} {
		got := workflows.Mermaid(get(t, name))
		for _, line := range lines {
			if !strings.Contains(got, "    "+line+"\n") {
				t.Errorf("%s: no line %q in\n%s", name, line, got)
			}
		}
	}
}

func TestPictureKeepsToMermaidsSigns(t *testing.T) {
	d := &engine.Definition{
		Start: []engine.Entry{{To: "note"}},
		Order: []engine.State{"note", "wait-here"},
		States: map[engine.State]*engine.StateDef{
			"note":      {Name: "note", Title: "“a: \"b\"; <c>", On: map[engine.EventKind][]engine.Move{"sign_off": {{To: "wait-here"}}}},
			"wait-here": {Name: "wait-here", Title: "等", Final: true},
		},
	}
	want := "stateDiagram-v2\n" +
		"    state \"“a： ”b”； ＜c＞\" as note_\n" +
		"    state \"等\" as wait_here\n" +
		"    [*] --> note_\n" +
		"    note_ --> wait_here: sign_off\n" +
		"    wait_here --> [*]\n"
	if got := workflows.Mermaid(d); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestTableListsStatesInOrder(t *testing.T) {
	got := workflows.Table(get(t, "standing"))
	want := "| 状态 | 代码 | 可以做什么 | 定时 |\n|---|---|---|---|\n" +
		"| 长期坚持 | `kept` | 反馈；办结 → 销号；批示；撤销 → 撤销 | `year_ends` due @closing |\n" +
		"| 待报告 | `open` | 反馈 → 销号；批示；撤销 → 撤销 |  |\n" +
		"| 销号（终） | `struck` |  |  |\n" +
		"| 撤销（终） | `cancelled` |  |  |\n"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got := workflows.Table(get(t, "assignment")); !strings.Contains(got, "`overdue` due + 1wd，每5wd，共3次") {
		t.Errorf("no repeats in\n%s", got)
	}
}

func TestEveryShippedEventHasAName(t *testing.T) {
	lib := shipped(t)
	for _, name := range lib.Names() {
		d, _ := lib.Get(name)
		for _, s := range d.States {
			for event := range s.On {
				if workflows.EventName(event) == string(event) {
					t.Errorf("%s: %s has no Chinese name", name, event)
				}
			}
		}
	}
}
