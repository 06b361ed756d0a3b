package source

import (
	"encoding/binary"
	"slices"
	"unicode/utf8"
)

// pdfCMap is a font's table from codes to characters.
type pdfCMap struct {
	chars   map[int]string
	ranges  []cmapRange // sorted by lo
	oneByte bool        // codes have one byte, even in a composite font
}

// cmapRange maps codes in a row to characters in a row.
type cmapRange struct {
	lo, hi int
	first  string
}

// parseCMap reads the bfchar and bfrange sections; the rest of a CMap is
// PostScript that always says the same.
func parseCMap(data []byte) *pdfCMap {
	m := &pdfCMap{chars: map[int]string{}}
	l := &pdfLexer{b: data}
	var args []any
	for {
		v, ok := l.next()
		if !ok {
			break
		}
		w, isWord := v.(pdfWord)
		if !isWord {
			args = append(args, v)
			continue
		}
		switch w {
		case "endbfchar":
			m.addChars(args)
		case "endbfrange":
			m.addRanges(args)
		case "endcodespacerange":
			if len(args) >= 2 {
				s, _ := args[0].(pdfString)
				m.oneByte = len(s) == 1
			}
		}
		args = args[:0]
	}
	slices.SortStableFunc(m.ranges, func(a, b cmapRange) int { return a.lo - b.lo })
	return m
}

func (m *pdfCMap) addChars(args []any) {
	for ; len(args) >= 2; args = args[2:] {
		code, ok1 := args[0].(pdfString)
		text, ok2 := args[1].(pdfString)
		if ok1 && ok2 && len(code) <= 4 {
			m.chars[codeNumber(string(code))] = utf16Text(text)
		}
	}
}

func (m *pdfCMap) addRanges(args []any) {
	for ; len(args) >= 3; args = args[3:] {
		lo, ok1 := args[0].(pdfString)
		hi, ok2 := args[1].(pdfString)
		if !ok1 || !ok2 || len(lo) > 4 || len(hi) > 4 {
			continue
		}
		first, last := codeNumber(string(lo)), codeNumber(string(hi))
		switch to := args[2].(type) {
		case pdfString:
			m.ranges = append(m.ranges, cmapRange{first, last, utf16Text(to)})
		case []any:
			for i, v := range to {
				if s, ok := v.(pdfString); ok && first+i <= last {
					m.chars[first+i] = utf16Text(s)
				}
			}
		}
	}
}

// utf16Text decodes what a code stands for, a few characters at most.
func utf16Text(s pdfString) string {
	if len(s) == 1 {
		return string(rune(s[0]))
	}
	return decodeUTF16([]byte(s[:min(len(s), 32)]), binary.BigEndian)
}

// text is what a code stands for, "" if the table does not say.
func (m *pdfCMap) text(code int) string {
	if s, ok := m.chars[code]; ok {
		return s
	}
	i, found := slices.BinarySearchFunc(m.ranges, code, func(r cmapRange, code int) int { return r.lo - code })
	if !found {
		i--
	}
	if i < 0 || code > m.ranges[i].hi {
		return ""
	}
	r := m.ranges[i]
	last, n := utf8.DecodeLastRuneInString(r.first)
	return r.first[:len(r.first)-n] + string(last+rune(code-r.lo))
}
