package workflows_test

import (
	"flag"
	"os"
	"strings"
	"testing"

	"duban/workflows"
)

var update = flag.Bool("update", false, "write the pictures in the READMEs anew")

// The picture stands between these lines.
const (
	statesBegin = "<!-- states:begin -->\n"
	statesEnd   = "<!-- states:end -->\n"
)

// around cuts a document into what stands before and after its picture, and the
// picture itself; false when the marks are not there once each and in order.
func around(doc string) (before, picture, after string, ok bool) {
	if strings.Count(doc, statesBegin) != 1 || strings.Count(doc, statesEnd) != 1 {
		return "", "", "", false
	}
	before, rest, _ := strings.Cut(doc, statesBegin)
	picture, after, ok = strings.Cut(rest, statesEnd)
	return before, picture, after, ok
}

func TestReadmesShowTheStatesOfAnAssignment(t *testing.T) {
	want := "```mermaid\n" + workflows.Mermaid(get(t, "assignment")) + "```\n"
	for _, file := range []string{"../README.md", "../README.zh-CN.md"} {
		doc, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		before, picture, after, ok := around(string(doc))
		switch {
		case !ok:
			t.Errorf("%s: the picture belongs between %q and %q, once", file, strings.TrimSpace(statesBegin), strings.TrimSpace(statesEnd))
		case picture == want:
		case !*update:
			t.Errorf("%s does not show the definition's states; run: go test ./workflows -run Readmes -update", file)
		default:
			if err := os.WriteFile(file, []byte(before+statesBegin+want+statesEnd+after), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestAPictureWithoutItsMarksIsNotFound(t *testing.T) {
	for doc, want := range map[string]bool{
		"a\n" + statesBegin + "x\n" + statesEnd + "b\n": true,
		"a\n" + statesEnd + statesBegin:                 false,
		"a\n" + statesBegin + "x\n":                     false,
		statesBegin + statesBegin + statesEnd:           false,
		"no marks at all\n":                             false,
	} {
		if _, _, _, ok := around(doc); ok != want {
			t.Errorf("%q: found %v", doc, ok)
		}
	}
}
