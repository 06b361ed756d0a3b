package columns

import "testing"

func TestChineseTakesTwoColumns(t *testing.T) {
	for _, c := range []struct {
		text  string
		width int
		want  string
	}{
		{"教务处", 8, "教务处  "},
		{"教务处", 6, "教务处"},
		{"教务处", 5, "教务 "}, // half a character is none
		{"三.(一).1", 12, "三.(一).1   "},
		{"", 2, "  "},
	} {
		if got := Pad(c.text, c.width); got != c.want {
			t.Errorf("Pad(%q, %d) = %q, want %q", c.text, c.width, got, c.want)
		}
	}
	if got := Fill("教务处", 2); got != "教务处" {
		t.Errorf("Fill cuts: %q", got)
	}
}
