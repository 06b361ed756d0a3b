package outline

import "strings"

// namesYear tells a first line that is a title although it ends with no word of
// one: 市科技局2025年重点工作.
func namesYear(l string) bool {
	return titleLine(l) && yearIn(l) > 0 && runes(l) >= 6 && runes(l) <= 40 && !strings.ContainsAny(l, "，,|\t")
}

// withoutNote is a title without the note behind it: 方案（试行）.
func withoutNote(t string) string {
	t = strings.TrimRight(t, "》 ")
	if in("）)", last(t)) {
		if i := strings.LastIndexAny(t, "（("); i > 0 && runes(t[i:]) <= 14 {
			return strings.TrimRight(t[:i], "》 ")
		}
	}
	return strings.TrimRight(t, "》）)")
}
