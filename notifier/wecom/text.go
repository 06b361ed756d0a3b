package wecom

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// minLimit is room for a numbering and a few characters beside it.
const minLimit = 32

// Split cuts text into messages of at most limit bytes, at line breaks where it
// can and otherwise between characters. More than one part are numbered at
// their end, "（1/3）", within the limit: at the end because phones show the
// beginning, and because a heading must begin its line. Without the numbering
// the parts joined are text again (broken UTF-8 as U+FFFD). A limit below 32
// counts as 32.
func Split(text string, limit int) []string {
	text = strings.ToValidUTF8(text, "\uFFFD")
	limit = max(limit, minLimit)
	if len(text) <= limit {
		return []string{text}
	}
	for digits := 1; ; digits++ {
		parts := pieces(text, limit-len("（/）")-2*digits)
		if len(strconv.Itoa(len(parts))) <= digits {
			return number(parts)
		}
	}
}

func number(parts []string) []string {
	for i := range parts {
		parts[i] += fmt.Sprintf("（%d/%d）", i+1, len(parts))
	}
	return parts
}

// pieces cuts text into pieces of at most size bytes, size ≥ utf8.UTFMax.
func pieces(text string, size int) []string {
	var out []string
	for len(text) > size {
		cut := strings.LastIndexByte(text[:size], '\n') + 1
		if cut == 0 {
			cut = size
			for !utf8.RuneStart(text[cut]) {
				cut--
			}
		}
		out = append(out, text[:cut])
		text = text[cut:]
	}
	return append(out, text)
}

// wide are the characters with a meaning in WeCom's markdown and what replaces
// them: the same to the eye, nothing to the client.
var wide = map[rune]rune{
	'<': '＜', '>': '＞', '@': '＠', '[': '［', ']': '］',
	'*': '＊', '`': '｀', '#': '＃', '&': '＆', '\\': '＼',
}

// Escape makes user text safe inside markdown: no mention (<@id>, @all), no
// font or other tag, no link (neither [a](b) nor bare URLs and domains), no
// control or invisible characters. Characters with a meaning become their
// full-width twins; line breaks become spaces, so the text stays one line.
func Escape(s string) string {
	rs := []rune(strings.ReplaceAll(visible(s), "\n", " "))
	for i, r := range rs {
		switch {
		case wide[r] != 0:
			rs[i] = wide[r]
		case r == ':' && at(rs, i+1) == '/' && at(rs, i+2) == '/':
			rs[i] = '：'
		case r == '.' && inDomain(rs, i):
			rs[i] = '．'
		}
	}
	return string(rs)
}

// EscapeText makes user text safe inside a text message, where only <@userid>
// has a meaning: no mention can be forged. Line breaks stay.
func EscapeText(s string) string {
	return strings.ReplaceAll(visible(s), "<@", "＜@")
}

// visible drops control and format characters (zero-width ones could hide a
// mention from the replacement, bidirectional ones turn words round) and broken
// UTF-8. Line breaks become \n, tabs a space.
func visible(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n', r == '\u2028', r == '\u2029':
			return '\n'
		case r == '\t':
			return ' '
		case r == utf8.RuneError, unicode.In(r, unicode.Cc, unicode.Cf):
			return -1
		}
		return r
	}, s)
}

func at(rs []rune, i int) rune {
	if i < 0 || i >= len(rs) {
		return 0
	}
	return rs[i]
}

// inDomain reports whether clients could take the dot at i for a part of a
// link: evil.com and www. yes, 3.5 no.
func inDomain(rs []rune, i int) bool {
	return isLabel(at(rs, i-1)) && isLetter(at(rs, i+1)) || strings.EqualFold(string(rs[max(0, i-3):i]), "www")
}

func isLetter(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
}

// isLabel reports whether r can end a label of a domain name.
func isLabel(r rune) bool {
	return isLetter(r) || '0' <= r && r <= '9' || unicode.Is(unicode.Han, r)
}
