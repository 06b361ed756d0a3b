package outline

import "strings"

// decimalAt reads 1.1 and 1.1.1 before words, and the 1 above them, which only a
// blank parts from its words. The number stands whole in the label. It is asked
// only at the beginning of a line: elsewhere these are quantities.
func decimalAt(s string, from int) (marker, bool) {
	m := marker{at: from}
	s = s[from:]
	at, parts := 0, 0
	for {
		v, n := arabNumber(s[at:])
		if n == 0 || n > 2 || v == 0 {
			return marker{}, false
		}
		m.value, at = v, at+n
		parts++
		if at >= len(s) || s[at] != '.' {
			break
		}
		at++
	}
	if parts > 3 || !isWide(first(s[at:])) && !isBlank(first(s[at:])) || parts == 1 && !isBlank(first(s[at:])) {
		return marker{}, false
	}
	m.form, m.plain = []form{arab, decimal, decimals}[parts-1], parts == 1
	m.label, m.end = s[:at], m.at+at
	return m, !m.plain || !in("月年日", first(strings.TrimLeft(s[at:], " ")))
}

// fewestDecimals is how many lines must begin with 1.1 or 1.1.1 before that is a
// level and not a quantity.
const fewestDecimals = 3

// withDecimals keeps 1.1 and 1.1.1 at the beginning of lines where they are a
// level of the document, and with them the bare numbers above.
func withDecimals(all []candidate) []candidate {
	count, begun := 0, false
	for _, c := range all {
		if c.starts && (c.form == decimal || c.form == decimals) {
			count++
			begun = begun || c.value == 1
		}
	}
	out := all[:0]
	for _, c := range all {
		fine := c.plain || c.form == decimal || c.form == decimals
		if !fine || c.starts && begun && count >= fewestDecimals {
			out = append(out, c)
		}
	}
	return out
}
