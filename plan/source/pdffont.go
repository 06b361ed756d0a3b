package source

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// pdfFont turns the codes of a text into characters and their widths.
type pdfFont struct {
	toUnicode *pdfCMap
	codes     codeKind
	differ    map[int]string  // of a simple font: characters named one by one
	widths    map[int]float64 // in thousandths of the size
	usual     float64         // width of the others
}

// codeKind is how codes are cut and what they mean without a table.
type codeKind byte

const (
	oneByte codeKind = iota // Windows' Latin
	macRoman
	twoBytes // glyphs of the font: unknown without a table
	utf16Codes
	gbCodes
)

// unknownText is what a code without a meaning becomes; garbled counts them.
const unknownText = "\ufffd"

func (f *pdfFile) font(d pdfDict) *pdfFont {
	out := &pdfFont{widths: map[int]float64{}, usual: 500}
	if s, ok := f.get(d["ToUnicode"]).(*pdfStream); ok {
		if data, err := f.data(s); err == nil {
			out.toUnicode = parseCMap(data)
		}
	}
	if f.name(d["Subtype"]) == "Type0" {
		out.codes = cidCodes(string(f.name(d["Encoding"])))
		below := f.array(d["DescendantFonts"])
		if len(below) > 0 {
			f.cidWidths(out, f.dict(below[0]))
		}
		return out
	}
	f.encoding(out, d["Encoding"])
	first := f.int(d["FirstChar"])
	scale := 1.0
	if m := f.array(d["FontMatrix"]); len(m) > 0 { // of a Type3 font
		scale = f.number(m[0]) * 1000
	}
	for i, w := range f.array(d["Widths"]) {
		out.widths[first+i] = f.number(w) * scale
	}
	return out
}

// cidCodes tells from the name of a CMap how its codes are Chinese. The ones for
// fonts that are not embedded name a national encoding or Unicode itself.
func cidCodes(name string) codeKind {
	switch {
	case strings.Contains(name, "UCS2") || strings.Contains(name, "UTF16"):
		return utf16Codes
	case strings.HasPrefix(name, "GB"):
		return gbCodes
	}
	return twoBytes
}

func (f *pdfFile) encoding(out *pdfFont, v any) {
	name := f.name(v)
	if d := f.dict(v); d != nil {
		name = f.name(d["BaseEncoding"])
		out.differ = map[int]string{}
		code := 0
		for _, x := range f.array(d["Differences"]) {
			switch x := f.get(x).(type) {
			case float64:
				code = int(x)
			case pdfName:
				out.differ[code] = glyphText(string(x))
				code++
			}
		}
	}
	if name == "MacRomanEncoding" {
		out.codes = macRoman
	}
}

// glyphNames are glyphs that are not named by their own letter.
var glyphNames = map[string]string{
	"space": " ", "zero": "0", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9",
	"period": ".", "comma": ",", "colon": ":", "semicolon": ";", "hyphen": "-", "minus": "-", "endash": "–", "emdash": "—", "slash": "/",
	"parenleft": "(", "parenright": ")", "bracketleft": "[", "bracketright": "]", "percent": "%", "plus": "+", "equal": "=", "underscore": "_",
	"quoteleft": "‘", "quoteright": "’", "quotedblleft": "“", "quotedblright": "”", "quotesingle": "'", "quotedbl": `"`, "bullet": "•",
	"asterisk": "*", "at": "@", "ampersand": "&", "numbersign": "#", "exclam": "!", "question": "?", "less": "<", "greater": ">",
	"periodcentered": "·", "ellipsis": "…", "fi": "fi", "fl": "fl", "ff": "ff",
}

func glyphText(name string) string {
	if s, ok := glyphNames[name]; ok {
		return s
	}
	if utf8.RuneCountInString(name) == 1 {
		return name
	}
	for _, prefix := range []string{"uni", "u"} {
		if hex, ok := strings.CutPrefix(name, prefix); ok && len(hex) >= 4 && len(hex) <= 6 {
			if n, err := strconv.ParseUint(hex, 16, 21); err == nil && utf8.ValidRune(rune(n)) {
				return string(rune(n))
			}
		}
	}
	return unknownText
}

// cidWidths reads the widths of a composite font: "c [w w w]" and "c c w".
func (f *pdfFile) cidWidths(out *pdfFont, d pdfDict) {
	out.usual = 1000
	if d["DW"] != nil {
		out.usual = f.number(d["DW"])
	}
	w := f.array(d["W"])
	for entries := 1 << 17; len(w) >= 2 && entries > 0; {
		first := f.int(w[0])
		if list, ok := f.get(w[1]).([]any); ok {
			for i, v := range list {
				out.widths[first+i] = f.number(v)
				entries--
			}
			w = w[2:]
			continue
		}
		if len(w) < 3 {
			return
		}
		for c := first; c <= f.int(w[1]) && entries > 0; c++ {
			out.widths[c] = f.number(w[2])
			entries--
		}
		w = w[3:]
	}
}

// cut takes the first code off s.
func (p *pdfFont) cut(s string) (code string, rest string) {
	n := 1
	switch p.codes {
	case twoBytes:
		n = 2
		if p.toUnicode != nil && p.toUnicode.oneByte {
			n = 1
		}
	case utf16Codes:
		if n = 2; len(s) >= 4 && s[0]&0xfc == 0xd8 {
			n = 4
		}
	case gbCodes:
		n, _ = gbChar([]byte(s[:min(len(s), 4)]))
	}
	n = min(max(n, 1), len(s))
	return s[:n], s[n:]
}

// text is what a code means.
func (p *pdfFont) text(code string) string {
	n := codeNumber(code)
	if p.toUnicode != nil {
		if s := p.toUnicode.text(n); s != "" {
			return s
		}
	}
	if s, ok := p.differ[n]; ok {
		return s
	}
	switch p.codes {
	case utf16Codes:
		out, err := unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM).NewDecoder().String(code)
		if err != nil {
			return unknownText
		}
		return out
	case gbCodes:
		return decodeGB([]byte(code))
	case twoBytes:
		return unknownText
	case macRoman:
		return string(charmap.Macintosh.DecodeByte(code[0]))
	}
	return string(charmap.Windows1252.DecodeByte(code[0]))
}

// width is in thousandths of the size. National codes are no glyph numbers: their
// widths are the usual ones, half of it for Latin.
func (p *pdfFont) width(code string) float64 {
	switch {
	case (p.codes == gbCodes || p.codes == utf16Codes) && codeNumber(code) < 0x80:
		return p.usual / 2
	case p.codes == gbCodes || p.codes == utf16Codes:
		return p.usual
	}
	if w, ok := p.widths[codeNumber(code)]; ok {
		return w
	}
	return p.usual
}

func codeNumber(code string) int {
	n := 0
	for i := range len(code) {
		n = n<<8 | int(code[i])
	}
	return n
}
