package workflows_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"duban/engine"
	"duban/workflows"
)

func TestParseAt(t *testing.T) {
	due := func(n int, text string) engine.At {
		return engine.At{Anchor: "due", Offset: engine.Offset{N: n, Unit: engine.Workdays}, Text: text}
	}
	tests := map[string]engine.At{
		"due":                      {Anchor: "due"},
		"due - 7wd":                due(-7, ""),
		"due-7wd":                  due(-7, ""),
		"due + 20wd @closing":      {Anchor: "due", Offset: engine.Offset{N: 20, Unit: engine.Workdays}, Clock: "closing"},
		"due @opening":             {Anchor: "due"},
		"usual - 2m":               {Anchor: "usual", Offset: engine.Offset{N: -2, Unit: engine.Months}},
		"issued + 1w":              {Anchor: "issued", Offset: engine.Offset{N: 1, Unit: engine.Weeks}},
		"opened + 10d":             {Anchor: "opened", Offset: engine.Offset{N: 10, Unit: engine.Days}},
		"entered + 0wd":            {Anchor: "entered", Offset: engine.Offset{Unit: engine.Workdays}},
		"30% left":                 {Func: "left", N: 30},
		"day(8)":                   {Func: "day", N: 8},
		"teaching_week(16)":        {Func: "teaching_week", N: 16},
		"last_workday @closing":    {Func: "last_workday", Clock: "closing"},
		"workday_of_next_month(5)": {Func: "workday_of_next_month", N: 5},
		"next_period":              {Func: "next_period"},
		"monday( due + 3wd )":      {Func: "monday", Args: []engine.At{due(3, "due + 3wd")}},
		"later(30% left, due - 15wd)": {Func: "later", Args: []engine.At{
			{Func: "left", N: 30, Text: "30% left"}, due(-15, "due - 15wd")}},
		"earlier(monday(due - 3wd), issued, day(1))": {Func: "earlier", Args: []engine.At{
			{Func: "monday", Args: []engine.At{due(-3, "due - 3wd")}, Text: "monday(due - 3wd)"},
			{Anchor: "issued", Text: "issued"}, {Func: "day", N: 1, Text: "day(1)"}}},
	}
	for text, want := range tests {
		want.Text = text
		got, err := workflows.ParseAt(text)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s:\n got %+v, %v\nwant %+v", text, got, err, want)
		}
	}
}

// syntax is what a test expects of a *SyntaxError.
type syntax struct {
	text   string
	column int
	says   string
}

func (want syntax) check(t *testing.T, err error) {
	t.Helper()
	var got *workflows.SyntaxError
	switch {
	case !errors.As(err, &got):
		t.Errorf("%s: got %v, want a syntax error", want.text, err)
	case got.Column != want.column || !strings.Contains(err.Error(), want.says) || got.Text != want.text:
		t.Errorf("%s:\n got column %d of %q: %v\nwant column %d: %s", want.text, got.Column, got.Text, err, want.column, want.says)
	}
}

func TestParseAtPointsAtTheFault(t *testing.T) {
	for _, want := range []syntax{
		{"", 1, "expected a time, found the end; write a time such as"},
		{"  ", 3, "expected a time, found the end"},
		{"isued + 2wd", 1, `found "isued"; did you mean "issued"?`},
		{"mondy(due)", 1, `did you mean "monday"?`},
		{"due 3wd", 5, `expected the end or @closing, found "3wd"`},
		{"due -", 6, "expected a distance, found the end"},
		{"due - wd", 7, `expected a distance, found "wd"`},
		{"due - 3", 8, "expected a unit after 3; units: wd, d, w, m"},
		{"due - 3 wd", 8, "expected a unit after 3"},
		{"due - 3y", 8, `unknown unit "y"`},
		{"due - 99999wd", 7, "from 0 to 9999"},
		{"due - 99999999999999999999wd", 7, "from 0 to 9999"},
		{"due - 1wd - 1wd", 11, "only an anchor takes an offset, and only one"},
		{"last_workday - 2wd", 14, "only an anchor takes an offset"},
		{"due @noon", 6, `expected closing or opening, found "noon"`},
		{"due @", 6, "found the end"},
		{"30% right", 5, "expected left"},
		{"30 left", 4, `expected "%"`},
		{"0% left", 1, "a percentage from 1 to 100"},
		{"30wd% left", 3, `expected no unit, found "wd"`},
		{"day(32)", 5, "from 1 to 31"},
		{"day(due)", 5, `expected a number, found "due"`},
		{"day 8", 5, `expected "("`},
		{"day(8", 6, `expected ")", found the end`},
		{"later(due)", 10, "later takes at least 2 times"},
		{"monday(due, issued)", 11, "monday takes at most 1 times"},
		{"later(due; issued)", 10, `expected "," or ")", found ";"`},
		{"later(due @closing, issued)", 11, `expected "," or ")", found "@"`},
		{"monday（due）", 7, `found "（"; write "("`},
		{"due － 3wd", 5, `found "－"; write "-"`},
		{"截止 - 3wd", 1, `found "截止"`},
		{"later(due, 截止)", 12, `found "截止"`},
		{strings.Repeat("monday(", 40) + "due", 7*16 + 8, "nested deeper than 16 levels"},
	} {
		_, err := workflows.ParseAt(want.text)
		want.check(t, err)
	}
}

func FuzzParseAt(f *testing.F) {
	for _, s := range []string{"due - 7wd", "later(30% left, due - 15wd)", "monday(due + 3wd) @closing", "截止（", `"`, "9%"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		at, err := workflows.ParseAt(s)
		if err == nil && at.Text != s {
			t.Fatalf("text %q of %q", at.Text, s)
		}
		inside(t, s, err)
	})
}

// inside checks that a fault is placed in the expression, or right after it.
func inside(t *testing.T, s string, err error) {
	t.Helper()
	var e *workflows.SyntaxError
	if errors.As(err, &e) && (e.Column < 1 || e.Column > len([]rune(s))+1) {
		t.Fatalf("%q: column %d", s, e.Column)
	}
}
