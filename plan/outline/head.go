package outline

import (
	"strings"
)

// head reads what stands before the items and in the signature: title, issuer,
// number, date, security mark.
func (r *reader) head(c *cuts, marks []marker) {
	end := len(r.sheet.text)
	if len(marks) > 0 {
		end = marks[0].at
	}
	if len(c.attach) > 0 {
		end = min(end, c.attach[0].at.from)
	}
	var lines []string
	for _, l := range r.sheet.linesIn(span{0, end}) {
		if c.skip[r.sheet.line(l.from)] && longest(r.sheet.text[l.from:], []string{"信息来源"}) == "" {
			lines = append(lines, "")
			continue
		}
		if lines = append(lines, r.sheet.words(l)); len(lines) >= headLines {
			break
		}
	}
	r.marksOf(lines)
	r.out.Number = numberIn(lines)
	r.out.Title = titleOf(lines)
	if r.out.Title == "" && len(lines) > 0 {
		if r.out.Title = fileNameIn(lines[0]); r.out.Title == "" {
			r.out.Title = titleBefore(lines[0])
		}
	}
	if r.out.Title == "" && len(lines) > 0 && namesYear(lines[0]) {
		r.out.Title = strings.TrimSpace(lines[0])
	}
	if r.out.Title == "" && len(lines) == 0 && len(c.attach) > 0 { // the attachment of a letter that is not here
		r.out.Title = c.attach[0].title
	}
	r.signed(c, lines)
	r.out.Year = yearOf(r.out.Title, r.out.Number, r.out.Issued, lines)
	for i := 0; i < len(r.sheet.lines) && i < headLines && r.out.Year == 0; i++ {
		r.out.Year = yearIn(withoutGoals(cut(r.sheet.text[r.sheet.lines[i].from:r.sheet.lines[i].to], longestTag)))
	}
}

// withoutGoals leaves out years that something is to be reached by: 到2030年 does
// not say what year the plan is for.
func withoutGoals(s string) string {
	for _, w := range []string{"到2", "至2", "到二〇", "到二○"} {
		s = strings.ReplaceAll(s, w, "")
	}
	return s
}

// headLines is how far down the head of a document goes.
const headLines = 60

// marksOf looks for marks of secrecy, which stand alone in the head; a text that
// speaks of 保密 has none.
func (r *reader) marksOf(lines []string) {
	for i, l := range lines {
		if i >= 12 {
			return
		}
		t := bare(l)
		level := longest(t, []string{"绝密", "机密", "秘密"})
		rest := strings.TrimPrefix(t, level)
		if level != "" && (rest == "" || in("★☆*", first(rest)) || runes(rest) <= 6 && strings.HasSuffix(rest, "年") && !strings.Contains(rest, "，")) {
			r.out.Secret = t
		}
		if runes(t) <= 16 && hasAny(t, []string{"内部资料", "内部文件", "敏感", "不予公开", "此件不公开", "注意保存", "内部使用", "工作秘密"}) {
			r.out.Warnings = append(r.out.Warnings, "文件标有“"+t+"”，录入前请确认可以进入本系统。")
		}
	}
}

// numberIn finds 国办发〔2020〕24号.
func numberIn(lines []string) string {
	for _, l := range lines {
		for _, open := range []string{"〔", "[", "【", "（", "("} {
			at := strings.Index(l, open)
			if at <= 0 {
				continue
			}
			rest := l[at+len(open):]
			_, n := yearAt(rest)
			hao := strings.Index(rest, "号")
			if n == 0 || hao < 0 || hao > 24 || !in(closers, first(rest[n:])) {
				continue
			}
			name := l[:at]
			if i := strings.LastIndexAny(name, " 　》：:"); i >= 0 {
				name = strings.TrimLeft(name[i:], " 　》：:")
			}
			for _, w := range titleEnds {
				if i := strings.LastIndex(name, w); i >= 0 && i+len(w) < len(name) {
					name = name[i+len(w):]
				}
			}
			if name != "" && runes(name) <= 14 {
				return name + l[at:at+len(open)+hao+len("号")]
			}
		}
	}
	return ""
}

// titleOf finds the name of the document: that of the plan itself where a letter
// goes before it, with its lines put together.
func titleOf(lines []string) string {
	inLetter, letterAt := quotedTitle(lines)
	if inLetter == "" {
		inLetter, letterAt = plainTitle(lines)
	}
	for i := letterAt + 1; i < len(lines) && letterAt >= 0; i++ {
		if t, ok := titleFrom(lines, i); ok && sameName(t, inLetter) {
			return t
		}
	}
	if inLetter != "" {
		return inLetter
	}
	for i := range lines {
		if i >= 12 {
			break
		}
		if t, ok := titleFrom(lines, i); ok {
			return t
		}
	}
	return ""
}

// quotedTitle is the name in 现将《…》印发给你们, else in 关于印发《…》的通知, and the
// line of the letter's words.
func quotedTitle(lines []string) (string, int) {
	title, at := "", -1
	for i, l := range lines {
		open := strings.Index(l, "《")
		shut := strings.LastIndex(l, "》")
		letter := hasAny(l, []string{"关于印发《", "关于下发《", "关于转发《"}) || strings.Contains(l, "现将") && hasAny(l, []string{"印发", "下发", "发给", "转发"}) || hasAny(l, []string{"现印发", "现予印发", "现下发"}) ||
			strings.Contains(l, "印发《") && strings.HasSuffix(l, "的通知")
		if !letter || open < 0 {
			continue
		}
		if shut > open && (title == "" || strings.Contains(l[:open], "现将")) {
			if strings.Contains(l[:open], "现将") || strings.Contains(l[shut:], "印发") && !strings.Contains(l, "通知") {
				shut = open + nestedEnd(l[open:])
			}
			if t := l[open+len("《") : shut]; endsWith(withoutNote(t), titleEnds) {
				title, at = t, i
			}
		}
		if shut < open && i+1 < len(lines) { // broken over two lines
			if k := strings.Index(lines[i+1], "》"); k >= 0 && title == "" {
				title, at = l[open+len("《"):]+lines[i+1][:k], i+1
			}
		}
	}
	return title, at
}

// plainTitle is the name in 关于印发…的通知 without marks around it.
func plainTitle(lines []string) (string, int) {
	for i, l := range lines {
		at := strings.Index(l, "印发")
		if at < 0 || !strings.HasSuffix(l, "的通知") || strings.Contains(l, "《") {
			continue
		}
		t := strings.TrimSuffix(l[at+len("印发"):], "的通知")
		if endsWith(t, titleEnds) && runes(t) >= 6 {
			return t, i
		}
	}
	return "", -1
}

// nestedEnd is the offset of the mark that closes the 《 at s[0].
func nestedEnd(s string) int {
	depth := 0
	for i, c := range s {
		switch c {
		case '《':
			depth++
		case '》':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return len(s)
}

// titleFrom reads the name of a document whose last line is i, with the lines
// before that belong to it.
func titleFrom(lines []string, i int) (string, bool) {
	t := strings.TrimSpace(lines[i])
	if n := numberIn([]string{t}); n != "" && n != t {
		t = strings.TrimSpace(strings.TrimSuffix(t, n))
	}
	if !titleLine(t) || runes(t) < 2 || !endsWith(withoutNote(t), titleEnds) {
		return "", false
	}
	for k := i - 1; k >= 0 && k >= i-3; k-- {
		above := strings.TrimSpace(lines[k])
		if !titleLine(above) || strings.HasSuffix(above, "文件") || !opensTitle(above) || strings.HasPrefix(t, "关于") && !isUnit(above) || endsWith(above, titleEnds) {
			break
		}
		t = above + t
	}
	return t, runes(t) >= 6
}

// titleLine tells a line that may be part of a title.
func titleLine(l string) bool {
	if l == "" || runes(l) > 70 || strings.ContainsAny(l, ">»→") || strings.ContainsAny(l, "。；") || in(colons, last(l)) || in(openers, first(l)) {
		return false
	}
	if longest(l, []string{"来源", "发布", "索引", "各", "现将", "经"}) != "" || numberIn([]string{l}) == l {
		return false
	}
	_, n := printedDate(l)
	return n == 0
}

// opensTitle tells the first line of a title that is broken over several.
func opensTitle(l string) bool {
	return isUnit(l) || strings.Contains(l, "关于") || yearIn(l) > 0 || endsWith(l, []string{"、", "大学", "学院", "学校"}) || strings.Contains(l, "政府")
}

// titleBefore is the title in a text that runs on behind it without a line end.
func titleBefore(l string) string {
	head := cut(l, 40)
	if i := strings.IndexAny(head, "，。；："); i >= 0 {
		head = head[:i]
	}
	for _, w := range titleEnds {
		i := strings.Index(head, w)
		if i <= 0 {
			continue
		}
		t := head[:i+len(w)]
		if next := head[len(t):]; runes(t) >= 8 && longest(next, []string{"为", "根据", "按照", "今年", "20", "各", "一、"}) != "" {
			return t
		}
	}
	return ""
}

// sameName says whether the title of a plan is the one its letter names.
func sameName(a, b string) bool {
	a, b = bare(a), bare(b)
	return strings.HasSuffix(a, b) || strings.HasSuffix(b, a) || len(a) > 0 && len(b) > 0 && strings.Contains(a, cut(b, 12)) && last(a) == last(b)
}

// fileNameIn is the title in 《….docx》, which sites that share documents print.
func fileNameIn(l string) string {
	open, shut := strings.Index(l, "《"), strings.Index(l, "》")
	if open < 0 || shut < open {
		return ""
	}
	t := l[open+len("《") : shut]
	for _, ext := range []string{".docx", ".doc", ".pdf", ".wps", ".txt"} {
		if name, ok := strings.CutSuffix(t, ext); ok {
			return name
		}
	}
	return ""
}

// signed reads date and issuer: of the signature, else of the lines of a web
// page, else of the title.
func (r *reader) signed(c *cuts, lines []string) {
	for _, s := range c.signed {
		better := r.out.Issued == "" || r.out.Issuer == "" && s.issuer != ""
		if better {
			r.out.Issued = s.date
			r.out.Issuer = strings.Join(strings.FieldsFunc(s.issuer, isBlank), " ")
		}
	}
	for _, l := range lines {
		if r.out.Issued == "" {
			r.out.Issued = labelled(l, []string{"发布时间", "发布日期", "成文日期", "印发日期", "发文日期", "生成日期", "时间", "日期"})
		}
		if r.out.Issuer == "" {
			r.out.Issuer = sourceIn(l)
		}
	}
	if r.out.Issuer == "" {
		r.out.Issuer = issuerOf(r.out.Title, lines)
	}
}

// labelled is the date behind one of the labels in a line; "" without one.
func labelled(l string, labels []string) string {
	for _, w := range labels {
		i := strings.Index(l, w)
		if i < 0 {
			continue
		}
		rest := strings.TrimLeft(l[i+len(w):], "：: []【】")
		if _, n := printedDate(rest); n > 0 {
			return rest[:n]
		}
	}
	return ""
}

func sourceIn(l string) string {
	for _, w := range []string{"发布机构", "发文机关", "发布单位", "信息来源", "来源"} {
		i := strings.Index(l, w)
		if i < 0 {
			continue
		}
		rest := strings.TrimLeft(l[i+len(w):], "：: ")
		end := strings.IndexFunc(rest, func(c rune) bool { return isBlank(c) || in("，。；", c) })
		if end < 0 {
			end = len(rest)
		}
		for _, next := range []string{"阅读", "发布", "点击", "浏览", "字体"} {
			if k := strings.Index(rest[:end], next); k > 0 {
				end = k
			}
		}
		if end > 0 && runes(rest[:end]) <= 20 {
			return rest[:end]
		}
	}
	return ""
}

// issuerOf takes the issuer from the title, or from the letterhead above it.
func issuerOf(title string, lines []string) string {
	for _, l := range lines {
		if name, ok := strings.CutSuffix(bare(l), "文件"); ok && runes(name) >= 4 && runes(name) <= 30 {
			return name
		}
	}
	for _, w := range []string{"关于", "印发"} {
		if i := strings.Index(title, w); i > 0 && isUnit(title[:i]) {
			return strings.TrimSpace(title[:i])
		}
	}
	if i := strings.IndexAny(title, "0123456789"); i > 0 && isUnit(title[:i]) && !strings.HasPrefix(title, "职业") {
		return strings.TrimSpace(title[:i])
	}
	return ""
}

// yearOf is the year that a plan is for.
func yearOf(title, number, issued string, lines []string) int {
	if y := yearIn(title); y > 0 {
		return y
	}
	if d, ok := ParseDate(issued); ok {
		return d.Year()
	}
	if y := yearIn(number); y > 0 {
		return y
	}
	for _, l := range lines {
		if y := yearIn(l); y > 0 {
			return y
		}
	}
	return 0
}

// yearIn is the first year that a text names.
func yearIn(s string) int {
	for i, r := range s {
		if r != '2' && r != '二' || i > 0 && isDigit(last(s[:i])) {
			continue
		}
		if y, n := yearAt(s[i:]); n > 0 && y >= 1990 && y <= 2100 && (longest(s[i+n:], []string{"年", "—", "-", "－", "–", "～", "~", "〕", "]", "】", "学年", "至"}) != "" || n == 4 && strings.HasSuffix(s[:i], "〔")) {
			return y
		}
	}
	return 0
}
