package outline

import (
	"sort"
	"strings"
	"unicode/utf8"
)

// cuts are the places where the text of an item ends although no number follows.
type cuts struct {
	stops  []int        // signature, list of attachments, foot
	attach []attachment // heads of attachments
	skip   map[int]bool // lines whose numbers count nothing
	signed []signature
}

// attachment is the head of an attachment.
type attachment struct {
	at    span
	no    string // 附件1
	title string
}

// signature is the date below a letter or at the end, with who signed.
type signature struct {
	issuer string
	date   string
	line   int
}

// feet begin the lines that stand below a document.
var feet = []string{"抄送", "抄报", "主送", "主题词", "联系人", "联系电话", "（此件", "(此件", "（联系", "(联系", "信息来源", "责任编辑", "打印", "分享到", "上一篇", "下一篇", "版权所有", "返回顶部"}

// findCuts reads the lines for all places where the text ends or an attachment begins.
func (s *sheet) findCuts() *cuts {
	c := &cuts{skip: map[int]bool{}}
	listed := false
	for i, l := range s.lines {
		line := strings.TrimSpace(s.text[l.from:l.to])
		listed = listed && s.inList(line)
		switch {
		case listed:
			c.skip[i] = true
		case strings.HasPrefix(line, "附件") || strings.HasPrefix(line, "附："):
			listed = s.attachmentLine(c, i, line)
		case longest(line, feet) != "":
			c.stops = append(c.stops, l.from)
			c.skip[i] = true
		default:
			s.signatureLine(c, i, line)
		}
	}
	s.signedInLine(c)
	sort.Ints(c.stops)
	return c
}

// inList tells a line of the list of attachments.
func (s *sheet) inList(line string) bool {
	m, ok := markerAt(line, 0)
	return ok && m.form == arab && runes(line) < 60 && !strings.Contains(line, "。")
}

// attachmentLine reads a line that begins with 附件: the head of an attachment,
// or, and then it answers true, the list of attachments below a letter.
func (s *sheet) attachmentLine(c *cuts, i int, line string) bool {
	l := s.lines[i]
	rest := strings.TrimPrefix(strings.TrimPrefix(line, "附件"), "附")
	rest = strings.TrimLeft(rest, " ")
	no, n := arabNumber(rest)
	if n == 0 {
		no, n = hanNumber(rest)
	}
	rest = strings.TrimLeft(rest[n:], " ")
	if in(colons, first(rest)) {
		title := strings.TrimLeft(rest[len(string(first(rest))):], " ")
		if _, numbered := markerAt(title, 0); n == 0 || numbered || i+1 < len(s.lines) && s.isListEnd(i+1) {
			c.stops = append(c.stops, l.from)
			c.skip[i] = true
			return true
		}
		rest = title
	}
	if runes(rest) > 60 || strings.ContainsAny(rest, "。；") {
		return false // a sentence that speaks of an attachment
	}
	a := attachment{at: l, no: "附件", title: strings.TrimSpace(rest)}
	if n > 0 {
		a.no += label(arab, no)
	}
	if a.title == "" && i+1 < len(s.lines) {
		next := s.trim(s.lines[i+1])
		if _, numbered := markerAt(s.text, next.from); !numbered && runes(s.text[next.from:next.to]) <= 50 {
			a.title = s.words(next)
			a.at.to = next.to
		}
	}
	c.attach = append(c.attach, a)
	c.skip[i] = true
	return false
}

// isListEnd tells what follows a list of attachments: another, or a signature.
func (s *sheet) isListEnd(i int) bool {
	line := strings.TrimSpace(s.text[s.lines[i].from:s.lines[i].to])
	_, n := printedDate(line)
	return strings.HasPrefix(line, "附件") || n > 0 || isUnit(line)
}

// signatureLine finds a date alone on its line, and who signed above it.
func (s *sheet) signatureLine(c *cuts, i int, line string) {
	_, n := printedDate(line)
	if n == 0 {
		s.printedLine(c, i, line)
		return
	}
	rest := strings.TrimSpace(line[n:])
	if rest != "" && !strings.HasPrefix(rest, "印") && !strings.HasPrefix(rest, "（此件") {
		return
	}
	sig := signature{date: line[:n], line: i}
	from := i
	for k := i - 1; k >= 0 && k >= i-4; k-- {
		above := strings.TrimSpace(s.text[s.lines[k].from:s.lines[k].to])
		if !isSigner(above) {
			break
		}
		from = k
		sig.issuer = strings.TrimSpace(above + " " + sig.issuer)
	}
	c.signed = append(c.signed, sig)
	if from < i || i+3 >= len(s.lines) {
		c.stops = append(c.stops, s.lines[from].from)
		c.skip[i] = true
	}
}

// printedLine finds "某某办公室 2023年2月17日印发".
func (s *sheet) printedLine(c *cuts, i int, line string) {
	if !strings.HasSuffix(line, "印发") || runes(line) > 60 || strings.ContainsAny(line, "。；《") {
		return
	}
	for at := range line {
		if _, n := printedDate(line[at:]); n > 0 && (at == 0 || !isDigit(last(line[:at]))) {
			c.signed = append(c.signed, signature{date: line[at : at+n], line: i})
			c.stops = append(c.stops, s.lines[i].from)
			c.skip[i] = true
			return
		}
	}
}

// isSigner tells the line of a signature block that names who signed.
func isSigner(line string) bool {
	n := runes(line)
	if n < 2 || n > 34 || strings.ContainsAny(line, "。；：，、《") {
		return false
	}
	if _, numbered := markerAt(line, 0); numbered {
		return false
	}
	fields := strings.FieldsFunc(line, isBlank)
	return len(fields) > 0 && (isUnit(fields[len(fields)-1]) || endsWith(line, []string{"学校", "大学", "学院"}))
}

// signedInLine finds the signature at the end of a text without lines:
// 国务院办公厅2020年7月15日（此件公开发布）.
func (s *sheet) signedInLine(c *cuts) {
	if len(s.lines) == 0 {
		return
	}
	for k := len(s.lines) - 1; k >= 0 && k >= len(s.lines)-3; k-- {
		l := s.trim(s.lines[k])
		start := max(l.from, l.to-150)
		for start < l.to && !utf8.RuneStart(s.text[start]) {
			start++
		}
		tail := s.text[start:l.to]
		for i := range tail {
			_, n := printedDate(tail[i:])
			if n == 0 || i == 0 || isDigit(last(tail[:i])) {
				continue
			}
			rest := strings.TrimSpace(tail[i+n:])
			from := strings.LastIndexAny(tail[:i], "。；"+closers)
			if from < 0 || rest != "" && !strings.HasPrefix(rest, "（此件") && !strings.HasPrefix(rest, "(此件") {
				continue
			}
			_, w := utf8.DecodeRuneInString(tail[from:])
			if who := strings.TrimSpace(tail[from+w : i]); isSigner(who) {
				c.signed = append(c.signed, signature{issuer: who, date: tail[i : i+n], line: k})
				c.stops = append(c.stops, start+from+w)
				return
			}
		}
	}
}
