package source

import (
	"bytes"
	"encoding/binary"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// decode turns the bytes of a text into UTF-8. What the bytes are is decided by
// what they say: valid UTF-8 is UTF-8; otherwise UTF-16 and GB18030 are tried,
// and one of them must make Chinese of nearly all of it. The rest is refused
// rather than guessed at.
func decode(content []byte) (string, error) {
	switch {
	case bytes.HasPrefix(content, []byte{0xef, 0xbb, 0xbf}):
		content = content[3:]
	case bytes.HasPrefix(content, []byte{0xff, 0xfe}):
		return decodeUTF16(content[2:], binary.LittleEndian), nil
	case bytes.HasPrefix(content, []byte{0xfe, 0xff}):
		return decodeUTF16(content[2:], binary.BigEndian), nil
	}
	content = withoutCutRune(content)
	zero := bytes.Count(content, []byte{0})*50 > len(content) // a stray one is dropped later
	valid := utf8.Valid(content)
	if valid && !zero {
		return string(content), nil
	}
	if order := utf16Order(content); order != nil {
		return decodeUTF16(content, order), nil
	}
	if zero {
		return "", notText()
	}
	if likelyUTF8(content) {
		return strings.ToValidUTF8(string(content), unknownText), nil
	}
	if likelyGB(content) {
		return decodeGB(content), nil
	}
	if manyControls(string(content)) {
		return "", notText()
	}
	return "", refuse("无法识别文字的编码", "请用记事本等软件打开，另存为 UTF-8 编码")
}

// damagedShare is how many characters of a thousand may be damaged: the text is
// what it is, and the reader sees the gap. More of them, and it is another one.
const damagedShare = 1

// likelyUTF8 says whether the content is UTF-8 but for some damaged bytes.
func likelyUTF8(content []byte) bool {
	good, bad := 0, 0
	for len(content) > 0 {
		r, n := utf8.DecodeRune(content)
		switch {
		case r == utf8.RuneError && n == 1:
			bad++
		case n > 1:
			good++
		}
		content = content[n:]
	}
	return bad*1000 <= good*damagedShare
}

// withoutCutRune drops a character that a cut file ends within, if all before
// it is UTF-8: it must not make the rest look like another encoding.
func withoutCutRune(content []byte) []byte {
	for n := 1; n < utf8.UTFMax && n <= len(content); n++ {
		i := len(content) - n
		if c := content[i]; c >= 0xc0 {
			if !utf8.FullRune(content[i:]) && utf8.Valid(content[:i]) && bytes.ContainsFunc(content[:i], notASCII) {
				return content[:i]
			}
			break
		}
	}
	return content
}

func notASCII(r rune) bool { return r >= utf8.RuneSelf }

func decodeUTF16(content []byte, order binary.ByteOrder) string {
	out := make([]byte, 0, len(content)/2*3)
	for len(content) >= 2 {
		r := rune(order.Uint16(content))
		content = content[2:]
		if utf16.IsSurrogate(r) && len(content) >= 2 {
			if full := utf16.DecodeRune(r, rune(order.Uint16(content))); full != utf8.RuneError {
				r, content = full, content[2:]
			}
		}
		out = utf8.AppendRune(out, r)
	}
	return string(out)
}

// evident is how much of a sample must make sense in an encoding that nothing
// announces.
const evident = 0.9

// sampleSize bytes tell an encoding as well as all of them.
const sampleSize = 1 << 16

// utf16Order tells the byte order of UTF-16 without a mark, nil if the content
// is no such text. Both orders of a Chinese text cannot make sense at once.
func utf16Order(content []byte) binary.ByteOrder {
	if len(content)%2 != 0 || len(content) < 8 {
		return nil
	}
	sample := content[:min(len(content), sampleSize)]
	little, big := sense(sample, binary.LittleEndian), sense(sample, binary.BigEndian)
	switch {
	case little >= evident && little > big:
		return binary.LittleEndian
	case big >= evident && big > little:
		return binary.BigEndian
	}
	return nil
}

// sense is the share of units that a Chinese text is made of.
func sense(sample []byte, order binary.ByteOrder) float64 {
	good, n := 0, 0
	for ; len(sample) >= 2; sample = sample[2:] {
		n++
		if chineseText(rune(order.Uint16(sample))) {
			good++
		}
	}
	return float64(good) / float64(max(n, 1))
}

// chineseText says whether r is usual in a Chinese text.
func chineseText(r rune) bool {
	switch {
	case r == '\t' || r == '\n' || r == '\r' || r >= ' ' && r < 0x7f:
		return true
	case r >= 0x4e00 && r <= 0x9fa5: // Han
		return true
	case r >= 0x3000 && r <= 0x303f || r >= 0xff00 && r <= 0xffef: // punctuation, full width
		return true
	case r >= 0x2010 && r <= 0x2030 || r >= 0x2460 && r <= 0x249b || r == 0xb7 || r == 0xa0: // dashes, quotes, ①
		return true
	}
	return false
}

// likelyGB says whether the content is GB18030. Nearly any bytes can be read as
// it, so the characters must be the usual ones: of the first level of GB 2312 or
// punctuation. Latin-1 and Big5 texts fail that.
func likelyGB(content []byte) bool {
	sample := content[:min(len(content), sampleSize)]
	usual, pairs, bad := 0, 0, 0
	for i := 0; i < len(sample); {
		n, good := gbChar(sample[i:])
		if n == 0 && i+3 >= len(sample) {
			break // the sample ends within a character
		}
		switch {
		case n == 0:
			bad++
			n = 1
		case n > 1:
			pairs++
		}
		if good {
			usual++
		}
		i += n
	}
	return pairs > 0 && bad*1000 <= pairs*damagedShare && float64(usual) >= 0.8*float64(pairs)
}

// gbChar measures the character that b begins with; 0 is none. usual: it is
// frequent in Chinese.
func gbChar(b []byte) (n int, usual bool) {
	switch {
	case b[0] < 0x80:
		return 1, false
	case b[0] == 0x80 || b[0] == 0xff || len(b) < 2:
		return 0, false
	case b[1] >= 0x30 && b[1] <= 0x39:
		if len(b) < 4 || b[2] < 0x81 || b[3] < 0x30 || b[3] > 0x39 {
			return 0, false
		}
		return 4, false
	case b[1] < 0x40 || b[1] == 0x7f || b[1] == 0xff:
		return 0, false
	}
	level := b[0] >= 0xb0 && b[0] <= 0xd7 || b[0] >= 0xa1 && b[0] <= 0xa3
	return 2, level && b[1] >= 0xa1
}

// decodeGB reads GB18030; what is no character becomes U+FFFD.
func decodeGB(content []byte) string {
	out, err := simplifiedchinese.GB18030.NewDecoder().Bytes(content)
	if err != nil { // the decoder replaces, it does not fail
		return string(bytes.ToValidUTF8(out, []byte("\ufffd")))
	}
	return string(out)
}

// checkText refuses what is no text although its bytes could be one.
func checkText(s string) error {
	if manyControls(s) {
		return notText()
	}
	return nil
}

func notText() error {
	return refuse("文件内容不是文字", "请改用 docx、pdf、xlsx、html、txt 或 md 格式的文档")
}

// manyControls says whether there are more than a few control characters.
func manyControls(s string) bool {
	control, n := 0, 0
	for _, r := range s {
		n++
		if r < ' ' && r != '\t' && r != '\n' && r != '\r' && r != '\f' && r != '\v' {
			control++
		}
	}
	return control > 3 && control*50 > n
}
