package outline

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// form is the way a number is printed. A level of the hierarchy is known by it;
// the order of the constants is the order of the levels.
type form int

const (
	noForm    form = iota
	chapter        // 第一章
	han            // 一、
	hanParen       // （一）
	month          // 3月, alone on its line: a calendar's heading
	article        // 第三条
	arab           // 1. 1、
	decimal        // 1.1
	decimals       // 1.1.1
	arabParen      // (1) 1)
	forms
)

// marker is a number at the beginning of a heading.
type marker struct {
	form  form
	value int
	at    int // where it begins
	end   int // where the words after it begin
	label string
	plain bool // no mark follows the number: 1 党的建设, above 1.1
	lost  bool // the number itself is not printed: ".做好…"
}

// maxNumber is the longest series; more is a quantity or a year.
const maxNumber = 400

const hanDigits = "一二三四五六七八九"

// hanNumber reads a number below 1000 written in characters; length 0: none.
func hanNumber(s string) (value, length int) {
	digit := 0
	for i, r := range s {
		switch {
		case in(hanDigits, r):
			if digit > 0 {
				return 0, 0 // 二三: a list of digits, not a number
			}
			digit = strings.IndexRune(hanDigits, r)/3 + 1
		case r == '十':
			value, digit = value+10*max(digit, 1), 0
		case r == '百':
			value, digit = value+100*max(digit, 1), 0
		case r == '零' || r == '〇':
		default:
			return value + digit, i
		}
	}
	return value + digit, len(s)
}

// arabNumber reads digits, of either width.
func arabNumber(s string) (value, length int) {
	for i, r := range s {
		if !isDigit(r) || i > 12 {
			return value, i
		}
		if r >= '０' {
			r -= '０' - '0'
		}
		value = value*10 + int(r-'0')
	}
	return value, len(s)
}

// markerAt reads a marker that begins at s[at].
func markerAt(s string, at int) (marker, bool) {
	rest := s[at:]
	m := marker{at: at}
	var n int
	switch r := first(rest); {
	case r == '第':
		m.form, m.value, n = ordinal(rest)
	case in("（(〔", r):
		m.form, m.value, n = inBrackets(rest)
	case r >= '㈠' && r <= '㈩':
		m.form, m.value, n = hanParen, int(r-'㈠')+1, utf8.RuneLen(r)
	case r >= '⒈' && r <= '⒛':
		m.form, m.value, n = arab, int(r-'⒈')+1, utf8.RuneLen(r)
	case r >= '⑴' && r <= '⒇':
		m.form, m.value, n = arabParen, int(r-'⑴')+1, utf8.RuneLen(r)
	case in(hanDigits+"十", r):
		m.value, n = hanNumber(rest)
		m.form, n = han, after(rest, n, "、，,.．:：")
	case isDigit(r):
		m.form, m.value, n = arabic(rest)
	}
	if n == 0 || m.value < 1 || m.value > maxNumber || m.form == noForm {
		return marker{}, false
	}
	m.end = at + n
	m.label = label(m.form, m.value)
	return m, true
}

// after is the offset behind the mark that must follow a number; 0 without one.
func after(s string, n int, marks string) int {
	if n == 0 {
		return 0
	}
	i := skipBlank(s, n, min(len(s), n+4))
	r, w := utf8.DecodeRuneInString(s[i:])
	if !in(marks, r) {
		return 0
	}
	return i + w
}

// ordinal reads 第一章 and 第三条.
func ordinal(s string) (form, int, int) {
	const lead = len("第")
	v, n := hanNumber(s[lead:])
	if n == 0 {
		v, n = arabNumber(s[lead:])
	}
	if n == 0 {
		return noForm, 0, 0
	}
	end := lead + n
	for _, word := range []string{"章", "部分", "篇", "编"} {
		if strings.HasPrefix(s[end:], word) {
			return chapter, v, end + len(word)
		}
	}
	if strings.HasPrefix(s[end:], "条") {
		return article, v, end + len("条")
	}
	return noForm, 0, 0
}

// inBrackets reads （一） and (1).
func inBrackets(s string) (form, int, int) {
	_, open := utf8.DecodeRuneInString(s)
	open = skipBlank(s, open, min(len(s), open+4))
	f := hanParen
	v, n := hanNumber(s[open:])
	if n == 0 {
		f = arabParen
		v, n = arabNumber(s[open:])
	}
	end := after(s[open:], n, "）)〕")
	if end == 0 {
		return noForm, 0, 0
	}
	return f, v, open + end
}

// arabic reads 1. and 1、 and 1); a number with decimals is none, but "2.3-12月"
// is the second item of a calendar.
func arabic(s string) (form, int, int) {
	v, n := arabNumber(s)
	if end := after(s, n, ")）"); end > 0 {
		return arabParen, v, end
	}
	end := after(s, n, ".．、。")
	if end == 0 {
		return noForm, 0, 0
	}
	if next := first(s[end:]); isDigit(next) && !beginsWithTime(s[end:]) {
		return noForm, 0, 0
	}
	return arab, v, end
}

// beginsWithTime tells "3-12月" and "2023年": digits that belong to a time.
func beginsWithTime(s string) bool {
	for range 2 {
		_, n := arabNumber(s)
		if n == 0 {
			return false
		}
		s = strings.TrimLeft(s[n:], " ")
		if in("月年", first(s)) {
			return true
		}
		mark := longest(s, []string{"-", "—", "－", "–", "~", "～", "至", "——"})
		if mark == "" {
			return false
		}
		s = strings.TrimLeft(s[len(mark):], " ")
	}
	return false
}

// label is how a number stands in an item's no: 一, (一), 1.
func label(f form, v int) string {
	switch f {
	case chapter:
		return "第" + hanWords(v) + "章"
	case article:
		return "第" + hanWords(v) + "条"
	case han:
		return hanWords(v)
	case hanParen:
		return "(" + hanWords(v) + ")"
	case arabParen:
		return "(" + strconv.Itoa(v) + ")"
	}
	return strconv.Itoa(v)
}

func hanWords(v int) string {
	digit := func(d int) string {
		if d == 0 {
			return ""
		}
		return string([]rune(hanDigits)[d-1])
	}
	switch {
	case v >= 100:
		rest := hanWords(v % 100)
		if v%100 < 20 && v%100 > 9 {
			rest = "一" + rest
		}
		if v%100 > 0 && v%100 < 10 {
			rest = "零" + rest
		}
		return digit(v/100) + "百" + rest
	case v >= 20:
		return digit(v/10) + "十" + digit(v%10)
	case v >= 10:
		return "十" + digit(v%10)
	}
	return digit(v)
}

// monthLine tells a line that is a month and nothing more.
func monthLine(s string) (marker, bool) {
	t := strings.TrimRight(strings.Trim(bare(s), "【】[]"), "：:")
	if i := strings.IndexAny(t, "（("); i > 0 && in("）)", last(t)) && looksLikeTime(strings.Trim(t[i:], openers+closers)) && in("周月", last(t[:i])) {
		_, ok := monthLine(t[:i]) // 第一周（9月2日—9月8日）
		return marker{form: month, value: 1, label: t}, ok
	}
	if n := runes(t); n < 2 || n > 12 || !in("月份旬度期末周", last(t)) {
		return marker{}, false
	}
	if !strings.ContainsAny(t, "0123456789"+hanDigits+"十") || timeLabel(t+"：") != len(t) {
		return marker{}, false
	}
	return marker{form: month, value: 1, label: t}, true
}
