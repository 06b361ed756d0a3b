package workflows_test

import (
	"fmt"
	"strings"
	"testing"

	"duban/engine"
	"duban/workflows"
)

// show writes a guard with all its brackets, so that a test can see how it was
// read.
func show(g *engine.Guard) string {
	var args []string
	for _, a := range g.Args {
		args = append(args, show(a))
	}
	switch {
	case g.Op == "not":
		return "not " + args[0]
	case len(args) > 0:
		return "(" + strings.Join(args, " "+g.Op+" ") + ")"
	case g.Op == "is" && g.Arg != 0:
		return fmt.Sprintf("%s[%d]", g.Field, g.Arg)
	case g.Op == "is":
		return g.Field
	case g.IsStr:
		return fmt.Sprintf("%s%s%q", g.Field, g.Op, g.Str)
	}
	return fmt.Sprintf("%s%s%d", g.Field, g.Op, g.Int)
}

func TestParseGuard(t *testing.T) {
	for text, want := range map[string]string{
		"frame":                     "frame",
		"reported_within(5wd)":      "reported_within[5]",
		"phoned_within(2)":          "phoned_within[2]",
		"period <= 10wd":            "period<=10",
		"reminders>=3":              "reminders>=3",
		"left < 0":                  "left<0",
		"open != 1":                 "open!=1",
		"asked > 0":                 "asked>0",
		"cadence = P1Y":             `cadence="P1Y"`,
		"trigger != event":          `trigger!="event"`,
		"unit = 教务处":                `unit="教务处"`,
		"unit = '国际处（港澳台办）'":        `unit="国际处（港澳台办）"`,
		"not reported":              "not reported",
		"not not reported":          "not not reported",
		"not reported and leader":   "(not reported and leader)",
		"not (reported or leader)":  "not (reported or leader)",
		"done or early and leader":  "(done or (early and leader))",
		"(done or early) and frame": "((done or early) and frame)",
		"open = 0 and periods_left = 0 and not done": "(open=0 and periods_left=0 and not done)",
		"cadence in (P3M, term)":                     `(cadence="P3M" or cadence="term")`,
		"cadence in (P3M)":                           `cadence="P3M"`,
		"not cadence in (P3M, P6M)":                  `not (cadence="P3M" or cadence="P6M")`,
		"open in (0, 1)":                             "(open=0 or open=1)",
	} {
		g, err := workflows.ParseGuard(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := show(g); got != want || g.Text != text {
			t.Errorf("%s: got %s with text %q, want %s", text, got, g.Text, want)
		}
	}
}

func TestPartsOfAGuardKeepTheirWords(t *testing.T) {
	g, err := workflows.ParseGuard("reported or (period <= 10wd and not phoned_within( 2wd ))")
	if err != nil {
		t.Fatal(err)
	}
	and := g.Args[1]
	for _, c := range []struct{ got, want string }{
		{g.Args[0].Text, "reported"},
		{and.Text, "period <= 10wd and not phoned_within( 2wd )"},
		{and.Args[0].Text, "period <= 10wd"},
		{and.Args[1].Text, "not phoned_within( 2wd )"},
		{and.Args[1].Args[0].Text, "phoned_within( 2wd )"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

func TestParseGuardPointsAtTheFault(t *testing.T) {
	for _, want := range []syntax{
		{"", 1, "expected a field, found the end"},
		{"repoted", 1, `unknown field "repoted"; did you mean "reported"?`},
		{"reported or", 12, "expected a field, found the end"},
		{"or reported", 1, `expected a field, found "or"`},
		{"reported leader", 10, `expected and, or, or the end, found "leader"`},
		{"(reported", 10, `expected ")"`},
		{"reported)", 9, `found ")"`},
		{"reported = 1", 10, "reported is yes or no and is not compared; write reported, or not reported"},
		{"leader in (1)", 8, "leader is yes or no"},
		{"reminders", 10, "expected a comparison, found the end; one of ="},
		{"reminders == 3", 11, `found "=="; write "="`},
		{"reminders => 3", 12, `expected a number, found ">"`},
		{"reminders >= three", 14, `expected a number, found "three"`},
		{"period <= 10d", 13, `unknown unit "d"; units: wd`},
		{"period(5wd) <= 1", 7, "period takes no argument"},
		{"reported_within", 16, "such as reported_within(5wd)"},
		{"reported_within(wd)", 17, "expected a number of work days"},
		{"cadence < P1Y", 9, "cadence is a word and has no order"},
		{"cadence = P1Q", 11, `cadence is never "P1Q"; did you mean "P1D"?`},
		{"light = 3", 9, `expected a word, found "3"`},
		{"cadence in P1Y", 12, `expected "("`},
		{"cadence in (P1Y P2Y)", 17, `expected "," or ")"`},
		{"cadence in ()", 13, "expected a word"},
		{"done && early", 6, `found "&"; write and`},
		{"done || early", 6, `found "|"; write or`},
		{"open ＞ 0", 6, `found "＞"; write ">"`},
		{"unit = '教务处", 8, "the closing quotation mark is missing"},
		{strings.Repeat("(", 1000), 17, "nested deeper than 16 levels"},
		{strings.Repeat("not ", 1000), 65, "nested deeper than 16 levels"},
	} {
		_, err := workflows.ParseGuard(want.text)
		want.check(t, err)
	}
}

func FuzzParseGuard(f *testing.F) {
	for _, s := range []string{"not (a or b)", "period <= 10wd or reported_within(5wd)", "cadence in (P1Y, term)", "unit = '教", "((("} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		g, err := workflows.ParseGuard(s)
		if err == nil && g.Text != s {
			t.Fatalf("text %q of %q", g.Text, s)
		}
		inside(t, s, err)
	})
}
