package source

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// builtinFormats are the number formats that a workbook need not spell out, as a
// Chinese Excel shows them.
var builtinFormats = map[int]string{
	1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%",
	14: "yyyy/m/d", 15: "d-mm-yy", 16: "m月d日", 17: "yyyy年m月", 18: "h:mm", 19: "h:mm:ss", 20: "h:mm", 21: "h:mm:ss", 22: "yyyy/m/d h:mm",
	27: "yyyy年m月", 28: "m月d日", 29: "m月d日", 30: "m-d-yy", 31: "yyyy年m月d日", 32: "h时mm分", 33: "h时mm分ss秒",
	36: "yyyy年m月", 37: "#,##0", 38: "#,##0", 39: "#,##0.00", 40: "#,##0.00", 45: "mm:ss", 47: "mm:ss",
	50: "yyyy年m月", 51: "m月d日", 52: "yyyy年m月", 53: "m月d日", 54: "m月d日", 57: "yyyy年m月", 58: "m月d日",
}

// lastSerial is 9999-12-31, the last day that Excel knows.
const lastSerial = 2958465

// formatValue prints a number as the format says. What is no number stays, and
// so does a date in ISO form (cells of type d).
func formatValue(v, code string, since04 bool) string {
	f, err := strconv.ParseFloat(v, 64)
	if err != nil || math.IsInf(f, 0) || math.IsNaN(f) {
		return v
	}
	pieces := parseFormat(code)
	if !isDate(pieces) {
		return formatNumber(f, pieces)
	}
	if f < 0 || f > lastSerial {
		return general(f)
	}
	return formatDate(serialTime(f, since04), pieces)
}

// piece is a run of one letter of a format, or text that is printed as it is.
type piece struct {
	letter byte // 0: text
	n      int
	text   string
}

// parseFormat reads the first section of a format.
func parseFormat(code string) []piece {
	var out []piece
	text := func(s string) { out = append(out, piece{text: s}) }
	for i := 0; i < len(code); {
		switch c := code[i]; {
		case c == ';':
			return out
		case c == '"':
			end := strings.IndexByte(code[i+1:], '"')
			if end < 0 {
				return out
			}
			text(code[i+1 : i+1+end])
			i += end + 2
		case c == '[': // colour, language, condition
			end := strings.IndexByte(code[i:], ']')
			if end < 0 {
				return out
			}
			i += end + 1
		case c == '\\' && i+1 < len(code):
			text(code[i+1 : i+2])
			i += 2
		case (c == '_' || c == '*') && i+1 < len(code): // a gap as wide as the next character
			i += 2
		case strings.IndexByte("yYmMdDhHsSaA0#?.,%@", c) >= 0:
			n := runLength(code[i:])
			out = append(out, piece{lower(c), n, code[i : i+n]})
			i += n
		default:
			text(code[i : i+1])
			i++
		}
	}
	return out
}

func lower(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		c += 'a' - 'A'
	}
	return c
}

func runLength(s string) int {
	n := 1
	for n < len(s) && s[n] == s[0] {
		n++
	}
	return n
}

// isDate says whether a format prints a part of a date or a time.
func isDate(pieces []piece) bool {
	for _, p := range pieces {
		switch p.letter {
		case 'y', 'm', 'd', 'h', 's':
			return true
		case 'a': // a day of the week; one letter is of General
			if p.n >= 3 {
				return true
			}
		}
	}
	return false
}

// serialTime is the moment that a number of days means.
func serialTime(f float64, since04 bool) time.Time {
	base := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	switch {
	case since04:
		base = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
	case f < 60: // Excel's calendar has a 29 February 1900
		base = base.AddDate(0, 0, 1)
	}
	days := math.Floor(f)
	seconds := math.Round((f - days) * 86400)
	return base.AddDate(0, 0, int(days)).Add(time.Duration(seconds) * time.Second)
}

var weekdays = []string{"日", "一", "二", "三", "四", "五", "六"}

func formatDate(t time.Time, pieces []piece) string {
	var b strings.Builder
	for i, p := range pieces {
		switch p.letter {
		case 'y':
			b.WriteString(year(t.Year(), p.n))
		case 'm':
			if isMinute(pieces, i) {
				b.WriteString(pad(t.Minute(), p.n))
			} else {
				b.WriteString(pad(int(t.Month()), min(p.n, 2)))
			}
		case 'd':
			b.WriteString(pad(t.Day(), min(p.n, 2)))
		case 'h':
			b.WriteString(pad(t.Hour(), p.n))
		case 's':
			b.WriteString(pad(t.Second(), p.n))
		case 'a': // aaaa is 星期三, aaa 三; AM/PM is left out
			if p.n >= 3 {
				b.WriteString(map[bool]string{true: "星期"}[p.n > 3] + weekdays[t.Weekday()])
			}
		case '@': // stands for text only
		default:
			b.WriteString(p.text)
		}
	}
	return b.String()
}

func year(y, n int) string {
	if n <= 2 {
		return pad(y%100, 2)
	}
	return strconv.Itoa(y)
}

func pad(n, width int) string {
	if width > 1 {
		return pad2(n)
	}
	return strconv.Itoa(n)
}

// isMinute says whether the m at i means minutes: after hours or before seconds.
func isMinute(pieces []piece, i int) bool {
	for j := i - 1; j >= 0; j-- {
		if l := pieces[j].letter; l == 'h' {
			return true
		} else if l == 'y' || l == 'm' || l == 'd' {
			break
		}
	}
	for _, p := range pieces[i+1:] {
		if p.letter == 's' {
			return true
		} else if p.letter != 0 && p.letter != '.' {
			break
		}
	}
	return false
}

// formatNumber prints f with the text around it, percent and decimals.
func formatNumber(f float64, pieces []piece) string {
	var before, after strings.Builder
	decimals, seen, point, percent, group := 0, false, false, false, false
	for _, p := range pieces {
		switch p.letter {
		case '0', '#', '?':
			if seen = true; point {
				decimals += p.n
			}
		case '.':
			point = true
		case ',':
			group = true
		case '%':
			percent = true
			after.WriteByte('%')
		case 0:
			if seen {
				after.WriteString(p.text)
			} else {
				before.WriteString(p.text)
			}
		}
	}
	if !seen { // General, or its Chinese name
		return general(f)
	}
	if percent {
		f *= 100
	}
	s := strconv.FormatFloat(f, 'f', min(decimals, 15), 64)
	if group {
		s = thousands(s)
	}
	return before.String() + s + after.String()
}

// general prints a number as Excel does without a format: eleven digits tell
// the number, what comes after is rounding.
func general(f float64) string {
	short, err := strconv.ParseFloat(strconv.FormatFloat(f, 'g', 11, 64), 64)
	if err != nil || math.Abs(short) >= 1e15 || short != 0 && math.Abs(short) < 1e-9 {
		return strconv.FormatFloat(f, 'g', -1, 64)
	}
	if f == math.Trunc(f) {
		short = f
	}
	return strconv.FormatFloat(short, 'f', -1, 64)
}

func thousands(s string) string {
	sign := ""
	if strings.HasPrefix(s, "-") {
		sign, s = "-", s[1:]
	}
	whole, rest, point := strings.Cut(s, ".")
	var b strings.Builder
	for i := range len(whole) {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteByte(whole[i])
	}
	if point {
		return sign + b.String() + "." + rest
	}
	return sign + b.String()
}
