package outline

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Documents mix full- and half-width forms. These tables say what is the same.
const (
	openers  = "（(【[〔"
	closers  = "）)】]〕"
	enders   = "。；;！!？?" // end a sentence or a clause of a list
	listMark = "、，,；;／/" // stand between the names of a list
	colons   = "：:"
)

// in tells whether a rune is one of a few; a plain loop is faster on them than a
// search.
func in(set string, r rune) bool {
	for _, c := range set {
		if c == r {
			return r != utf8.RuneError
		}
	}
	return false
}

func isBlank(r rune) bool { return r != '\n' && unicode.IsSpace(r) || r == '\ufeff' || r == '\u200b' }

// isWide tells a Chinese character or mark, beside which a blank means nothing.
func isWide(r rune) bool {
	return unicode.Is(unicode.Han, r) || in("，。；：、（）“”‘’《》〈〉【】〔〕！？—…·,;:()", r)
}

func isDigit(r rune) bool { return r >= '0' && r <= '9' || r >= '０' && r <= '９' }

func runes(s string) int { return utf8.RuneCountInString(s) }

// before is the last rune of s[:at] that is no blank, and where it begins.
func before(s string, at int) (rune, int) {
	for at > 0 {
		r, n := utf8.DecodeLastRuneInString(s[:at])
		at -= n
		if !isBlank(r) {
			return r, at
		}
	}
	return utf8.RuneError, 0
}

// skipBlank is the first place from at on, and before to, that is no blank.
func skipBlank(s string, at, to int) int {
	for at < to {
		r, n := utf8.DecodeRuneInString(s[at:])
		if !isBlank(r) {
			return at
		}
		at += n
	}
	return at
}

func first(s string) rune { r, _ := utf8.DecodeRuneInString(s); return r }

func last(s string) rune { r, _ := utf8.DecodeLastRuneInString(s); return r }

// closing is the offset after the bracket that closes the one at s[0], within
// limit bytes; brackets inside are counted, whatever their form.
func closing(s string, limit int) (int, bool) {
	depth := 0
	for i, r := range s {
		switch {
		case i > limit:
			return 0, false
		case in(openers, r):
			depth++
		case in(closers, r):
			if depth--; depth == 0 {
				return i + utf8.RuneLen(r), true
			}
		}
	}
	return 0, false
}

// bare is s without line ends and blanks.
func bare(s string) string {
	if !strings.ContainsFunc(s, unicode.IsSpace) {
		return s
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, s)
}

// cut is the first n runes of s.
func cut(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}

func hasAny(s string, words []string) bool {
	for _, w := range words {
		if strings.Contains(s, w) {
			return true
		}
	}
	return false
}

func endsWith(s string, words []string) bool {
	for _, w := range words {
		if strings.HasSuffix(s, w) {
			return true
		}
	}
	return false
}

// longest is the longest of the words that s begins with; "" for none.
func longest(s string, words []string) string {
	found := ""
	for _, w := range words {
		if len(w) > len(found) && strings.HasPrefix(s, w) {
			found = w
		}
	}
	return found
}
