package text

import (
	"fmt"
	"net/url"
	"strings"
	"unicode"
)

// Longest texts in runes. A message is read on a phone; the page has the rest.
const (
	maxSubject = 60
	maxHeading = 60
	maxWords   = 200
	maxWordsIn = 120 // in a digest of more than a few lines, which has to stay light
	fewLines   = 3
	maxShort   = 40
)

// clean makes one printable line of at most max runes: a text of several lines
// could forge lines of ours, and control or format characters (bidi overrides,
// zero-width blanks) could disguise what is said.
func clean(s string, max int) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case r == unicode.ReplacementChar, unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co):
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	return clip(strings.Join(strings.Fields(s), " "), max)
}

// phrase is clean without end marks, so that a sentence can go on after it.
func phrase(s string, max int) string {
	return strings.TrimRight(clean(s, max), "。．.；;，,、：: ")
}

// clip keeps at most max runes, the last of them … when something is left out.
func clip(s string, max int) string {
	r := []rune(s)
	if len(r) <= max {
		return s
	}
	return string(r[:max-1]) + "…"
}

// inner turns quotation marks into inner ones and closes what was cut open.
func inner(s string) string {
	s = strings.NewReplacer("“", "‘", "”", "’").Replace(s)
	open := strings.Count(s, "‘") - strings.Count(s, "’")
	if open > 0 {
		s += strings.Repeat("’", open)
	}
	return s
}

// quoted sets a text in quotation marks.
func quoted(s string) string { return "“" + inner(s) + "”" }

// titled sets a document's title in book marks.
func titled(s string) string {
	s = strings.TrimSuffix(strings.TrimPrefix(s, "《"), "》")
	return "《" + strings.NewReplacer("《", "〈", "》", "〉").Replace(s) + "》"
}

// webLink lets only web addresses through; any other scheme could run something.
// What is no plain ASCII, and the marks of a mention in WeCom, are escaped: a
// URL prints the bytes of its query as they came.
func webLink(s string) string {
	u, err := url.Parse(strings.TrimSpace(s))
	if err != nil || u.Host == "" || u.User != nil || (u.Scheme != "https" && u.Scheme != "http") {
		return ""
	}
	var b strings.Builder
	for _, c := range []byte(u.String()) {
		if c <= ' ' || c >= 0x7f || strings.IndexByte(`<>@"'`, c) >= 0 {
			fmt.Fprintf(&b, "%%%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}
