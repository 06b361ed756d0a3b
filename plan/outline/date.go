package outline

import (
	"strings"
	"time"
	"unicode/utf8"

	"duban/engine/calendar"
)

// ParseDate reads a date of issue as printed: 2023年3月15日, 二〇二三年三月十五日,
// 2023-03-15, 2023.3.15, and 2024327 from which the characters were lost where
// only one reading is possible.
func ParseDate(s string) (calendar.Date, bool) {
	d, n := printedDate(strings.TrimSpace(s))
	return d, n > 0
}

// printedDate reads the date that s begins with; length 0: none.
func printedDate(s string) (calendar.Date, int) {
	year, n := yearAt(s)
	if n == 0 {
		return 0, 0
	}
	var part [2]int
	at := n
	for i, marks := range []string{"年-./．", "月-./．"} {
		at = skipBlank(s, at, len(s))
		r, w := utf8.DecodeRuneInString(s[at:])
		if !in(marks, r) {
			return packed(s)
		}
		at = skipBlank(s, at+w, len(s))
		v, w := arabNumber(s[at:])
		if w == 0 {
			v, w = hanNumber(s[at:])
		}
		if w == 0 {
			return 0, 0
		}
		part[i], at = v, at+w
	}
	if rest := skipBlank(s, at, len(s)); strings.HasPrefix(s[rest:], "日") || strings.HasPrefix(s[rest:], "号") {
		at = rest + len("日")
	}
	return civil(year, part[0], part[1], at)
}

func civil(y, m, d, length int) (calendar.Date, int) {
	date := calendar.Of(y, time.Month(m), d)
	if yy, mm, dd := date.Civil(); y < 1990 || y > 2100 || yy != y || int(mm) != m || dd != d {
		return 0, 0
	}
	return date, length
}

// yearAt reads 2023 or 二〇二三 at the beginning of s.
func yearAt(s string) (year, length int) {
	if v, n := arabNumber(s); n > 0 {
		if n == 7 || n == 8 || (n == 4 || n == 12) && v >= 1990 && v <= 2100 {
			return v, n // seven or eight digits are year, month and day
		}
		return 0, 0
	}
	const digits = "〇一二三四五六七八九"
	count := 0
	for i, r := range s {
		width := utf8.RuneLen(r)
		if in("○OＯ0零", r) {
			r = '〇'
		}
		if !in(digits, r) || count == 4 {
			break
		}
		year, length, count = year*10+strings.IndexRune(digits, r)/3, i+width, count+1
	}
	if count != 4 {
		return 0, 0
	}
	return year, length
}

// packed reads 20240327 and 2024327: year, month and day without their signs.
func packed(s string) (calendar.Date, int) {
	v, n := arabNumber(s)
	if n == 8 {
		return civil(v/10000, v/100%100, v%100, n)
	}
	if n != 7 {
		return 0, 0
	}
	a, one := civil(v/1000, v/100%10, v%100, n) // month of one digit
	b, two := civil(v/1000, v/10%100, v%10, n)
	switch {
	case one > 0 && two > 0 && a != b:
		return 0, 0
	case one > 0:
		return a, one
	}
	return b, two
}
