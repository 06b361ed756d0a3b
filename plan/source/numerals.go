package source

import (
	"strconv"
	"strings"
)

// numeral prints n in one of Word's numerals. What is not known is printed in
// digits, as Word does.
func numeral(format string, n int) string {
	if format == "none" {
		return ""
	}
	if f, ok := numerals[format]; ok && n >= 0 {
		if s := f(n); s != "" {
			return s
		}
	}
	return strconv.Itoa(n)
}

// numerals are by the names of the file format (ST_NumberFormat).
var numerals = map[string]func(int) string{
	"decimalZero":                  func(n int) string { return pad2(n) },
	"decimalFullWidth":             func(n int) string { return shift(n, '０') },
	"decimalFullWidth2":            func(n int) string { return shift(n, '０') },
	"decimalHalfWidth":             strconv.Itoa,
	"lowerLetter":                  func(n int) string { return letters(n, 'a') },
	"upperLetter":                  func(n int) string { return letters(n, 'A') },
	"lowerRoman":                   func(n int) string { return strings.ToLower(roman(n)) },
	"upperRoman":                   roman,
	"chineseCounting":              func(n int) string { return chinese(n, simple, '〇') },
	"chineseCountingThousand":      func(n int) string { return chinese(n, simple, '零') },
	"japaneseCounting":             func(n int) string { return chinese(n, simple, 0) },
	"taiwaneseCounting":            func(n int) string { return chinese(n, simple, '〇') },
	"taiwaneseCountingThousand":    func(n int) string { return chinese(n, simple, '零') },
	"koreanCounting":               func(n int) string { return chinese(n, simple, 0) },
	"chineseLegalSimplified":       func(n int) string { return chinese(n, legal, '零') },
	"ideographLegalTraditional":    func(n int) string { return chinese(n, legalOld, '零') },
	"ideographDigital":             func(n int) string { return digits(n, "〇一二三四五六七八九") },
	"japaneseDigitalTenThousand":   func(n int) string { return digits(n, "〇一二三四五六七八九") },
	"taiwaneseDigital":             func(n int) string { return digits(n, "〇一二三四五六七八九") },
	"decimalEnclosedCircle":        func(n int) string { return nth(n, "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳") },
	"decimalEnclosedCircleChinese": func(n int) string { return nth(n, "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳") },
	"decimalEnclosedFullstop":      func(n int) string { return nth(n, "⒈⒉⒊⒋⒌⒍⒎⒏⒐⒑⒒⒓⒔⒕⒖⒗⒘⒙⒚⒛") },
	"decimalEnclosedParen":         func(n int) string { return nth(n, "⑴⑵⑶⑷⑸⑹⑺⑻⑼⑽⑾⑿⒀⒁⒂⒃⒄⒅⒆⒇") },
	"ideographEnclosedCircle":      func(n int) string { return nth(n, "㊀㊁㊂㊃㊄㊅㊆㊇㊈㊉") },
	"ideographTraditional":         func(n int) string { return nth(n, "甲乙丙丁戊己庚辛壬癸") },
	"ideographZodiac":              func(n int) string { return nth(n, "子丑寅卯辰巳午未申酉戌亥") },
	"numberInDash":                 func(n int) string { return "- " + strconv.Itoa(n) + " -" },
}

func pad2(n int) string {
	if n < 10 {
		return "0" + strconv.Itoa(n)
	}
	return strconv.Itoa(n)
}

// nth is the n-th of signs, "" beyond them.
func nth(n int, signs string) string {
	for i, r := range []rune(signs) {
		if i+1 == n {
			return string(r)
		}
	}
	return ""
}

// shift writes digits of another width.
func shift(n int, zero rune) string {
	return strings.Map(func(r rune) rune { return r - '0' + zero }, strconv.Itoa(n))
}

func digits(n int, signs string) string {
	all := []rune(signs)
	return strings.Map(func(r rune) rune { return all[r-'0'] }, strconv.Itoa(n))
}

// letters counts a to z, then aa, bb.
func letters(n int, first rune) string {
	if n < 1 || n > 26*9 {
		return ""
	}
	return strings.Repeat(string(first+rune((n-1)%26)), (n-1)/26+1)
}

func roman(n int) string {
	if n < 1 || n > 3999 {
		return ""
	}
	var b strings.Builder
	for _, v := range []struct {
		n int
		s string
	}{{1000, "M"}, {900, "CM"}, {500, "D"}, {400, "CD"}, {100, "C"}, {90, "XC"}, {50, "L"}, {40, "XL"}, {10, "X"}, {9, "IX"}, {5, "V"}, {4, "IV"}, {1, "I"}} {
		for ; n >= v.n; n -= v.n {
			b.WriteString(v.s)
		}
	}
	return b.String()
}

// han are digits and the signs for ten, hundred, thousand.
type han struct{ digits, powers string }

var (
	simple   = han{"零一二三四五六七八九", " 十百千"}
	legal    = han{"零壹贰叁肆伍陆柒捌玖", " 拾佰仟"}
	legalOld = han{"零壹貳參肆伍陸柒捌玖", " 拾佰仟"}
)

// chinese writes n below ten thousand as it is spoken: 12 is 十二, 105 is
// 一百零五. zero is the sign for a gap, 0 none.
func chinese(n int, h han, zero rune) string {
	if n < 1 || n > 9999 {
		return ""
	}
	digit, power := []rune(h.digits), []rune(h.powers)
	var b strings.Builder
	gap := false
	for i, unit := 3, 1000; i >= 0; i, unit = i-1, unit/10 {
		d := n / unit % 10
		if d == 0 {
			gap = b.Len() > 0
			continue
		}
		if gap && zero != 0 {
			b.WriteRune(zero)
		}
		gap = false
		if d != 1 || i != 1 || b.Len() > 0 || h != simple { // 十 at the beginning, not 一十, but 壹拾
			b.WriteRune(digit[d])
		}
		if i > 0 {
			b.WriteRune(power[i])
		}
	}
	return b.String()
}
