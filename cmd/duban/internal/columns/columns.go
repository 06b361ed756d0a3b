// Package columns aligns texts in a terminal, where a Chinese character takes two
// columns.
package columns

import "strings"

// Width is how many columns a text takes.
func Width(s string) int {
	n := 0
	for _, r := range s {
		n += width(r)
	}
	return n
}

func width(r rune) int {
	if r >= 0x1100 {
		return 2
	}
	return 1
}

// Pad cuts or fills a text to a width.
func Pad(s string, width int) string { return Fill(Cut(s, width), width) }

// Fill adds blanks up to a width.
func Fill(s string, width int) string {
	return s + strings.Repeat(" ", max(0, width-Width(s)))
}

// Cut takes as much of a text as a width has room for.
func Cut(s string, room int) string {
	n := 0
	for i, r := range s {
		if n += width(r); n > room {
			return s[:i]
		}
	}
	return s
}
