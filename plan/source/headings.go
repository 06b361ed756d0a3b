package source

import (
	"strings"
	"unicode/utf8"
)

const (
	hanNumbers  = "一二三四五六七八九十百零〇"
	longestMark = 8 // runes of a number; longer ones are words
)

// isNumbered says whether a line begins like a numbered paragraph: 一、 （一）
// 1. 1、 ① 第一章. It tells where a paragraph begins when lines are put
// together; what the number means is the outline's matter.
func isNumbered(s string) bool {
	r, n := utf8.DecodeRuneInString(s)
	switch {
	case r == '(' || r == '（':
		_, rest := numberAt(s[n:])
		return rest != s[n:] && (strings.HasPrefix(rest, ")") || strings.HasPrefix(rest, "）"))
	case r == '第':
		_, rest := numberAt(s[n:])
		return rest != s[n:] && startsWithAny(rest, "章节条部编项")
	case r >= '①' && r <= '⒛' || r >= '㈠' && r <= '㈩':
		return true
	}
	kind, rest := numberAt(s)
	switch {
	case kind == 'h':
		return startsWithAny(rest, "、.．")
	case kind == 'd' && startsWithAny(rest, "、．"):
		return true
	case kind == 'd' && strings.HasPrefix(rest, "."):
		next, _ := utf8.DecodeRuneInString(rest[1:])
		return next < '0' || next > '9'
	}
	return false
}

// numberAt reads a short number: 'd' of digits, 'h' of Chinese numerals.
func numberAt(s string) (kind byte, rest string) {
	count := 0
	for i, r := range s {
		var k byte
		switch {
		case r >= '0' && r <= '9' || r >= '０' && r <= '９':
			k = 'd'
		case strings.ContainsRune(hanNumbers, r):
			k = 'h'
		}
		if k == 0 || kind != 0 && k != kind {
			return kind, s[i:]
		}
		kind = k
		if count++; count > longestMark || k == 'd' && count > 3 {
			return 0, s
		}
	}
	return kind, ""
}

func startsWithAny(s, signs string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return s != "" && strings.ContainsRune(signs, r)
}
