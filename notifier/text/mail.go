package text

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"slices"
	"strings"
)

//go:embed mail.html
var mailHTML string

var mailPage = template.Must(template.New("mail").Parse(mailHTML))

// page is what both forms of a mail are written from.
type page struct {
	Subject, Heading      string
	School, Office, Phone string
	Greeting, Intro       string
	Entries               []entry
	IDs                   string
}

// Mail words a digest for one person: a subject of at most 60 runes on one
// line, a plain text and an HTML page of the same content. A digest without
// lines gives three empty strings.
func Mail(d Digest) (subject, text, html string) {
	if len(d.Lines) == 0 {
		return "", "", ""
	}
	p := newPage(d)
	var b bytes.Buffer
	if err := mailPage.Execute(&b, p); err != nil {
		return p.Subject, plain(p), "" // a mail without its HTML form is still whole
	}
	return p.Subject, plain(p), b.String()
}

func newPage(d Digest) page {
	all := entries(d, d.Lines)
	p := page{
		School: clean(d.School, maxShort), Office: clean(d.Office, maxShort), Phone: clean(d.Phone, 30),
		Greeting: greeting(d), Entries: all, IDs: strings.Join(allIDs(all), "、"),
	}
	if len(all) == 1 {
		p.Subject, p.Heading = single(all[0]), all[0].Title
		return p
	}
	p.Subject, p.Heading, p.Intro = several(d, all)
	return p
}

// greeting is 教务处 联络员 王芳：, or 教务处 负责人 王芳（代高淑芬）：.
func greeting(d Digest) string {
	who := strings.Join(strings.Fields(clean(d.Unit, 30)+" "+clean(d.Title, 20)+" "+clean(d.Name, 20)), " ")
	if who == "" {
		return ""
	}
	if name := clean(d.Lines[0].For, 20); name != "" && standsInForAll(d) {
		who += "（代" + name + "）"
	}
	return who + "："
}

// standsInForAll says that the whole message comes to somebody's substitute.
func standsInForAll(d Digest) bool {
	return !slices.ContainsFunc(d.Lines, func(l Line) bool { return l.For != d.Lines[0].For })
}

func allIDs(all []entry) []string {
	var ids []string
	for _, e := range all {
		for _, id := range e.IDs {
			ids = append(ids, clean(id, maxShort))
		}
	}
	return ids
}

// single is 【催办】2023-0005 “标题”应于6月30日办结. When that is too long, the
// matter's name gives way.
func single(e entry) string {
	s := subjectOf(e.voice)
	for max := maxHeading; len([]rune(s)) > maxSubject && max > 8; max-- {
		v := e.voice
		v.Heading = clip(v.Heading, max)
		s = subjectOf(v)
	}
	return clip(s, maxSubject)
}

func subjectOf(v voice) string {
	w, about := wordingOf(v.Reason), v.matter
	if w.topic != nil {
		about = func() string { return w.topic(v) }
	}
	return "【" + v.Title + "】" + resent(v.Resent) + about() + w.headed(v)
}

func resent(yes bool) string {
	if yes {
		return "（补发）"
	}
	return ""
}

// several is the subject, the heading and the opening sentence of a digest.
func several(d Digest, all []entry) (subject, heading, intro string) {
	title, late, again := "督办提醒", 0, true
	for _, e := range all {
		if e.Light == red {
			late++
		}
		again = again && e.Resent
	}
	ask := fmt.Sprintf("今日有 %d 项督办事项请您处理", len(all))
	if r := onlyReason(all); r == "sponsor" || r == "principal" {
		title, ask = all[0].Title, leaderAsk[r](len(all))
	}
	count := fmt.Sprintf("%d项", len(all))
	if late > 0 && late < len(all) || late > 0 && title == "督办提醒" {
		count += fmt.Sprintf("（逾期%d项）", late)
		ask += fmt.Sprintf("，其中逾期 %d 项", late)
	}
	day := voice{today: d.Date}.short(d.Date)
	return "【" + title + "】" + resent(again) + day + "：" + count, day + title + "：" + count, ask + "。"
}

// leaderAsk opens a digest to a school leader, who reads nothing else in it.
var leaderAsk = map[string]func(n int) string{
	"sponsor":   func(n int) string { return fmt.Sprintf("以下 %d 项工作逾期尚未办结，请予协调", n) },
	"principal": func(n int) string { return fmt.Sprintf("以下 %d 项工作逾期时间较长，请阅示", n) },
}

// onlyReason is the reason that all entries share, or "".
func onlyReason(all []entry) string {
	for _, e := range all {
		if e.voice.Reason != all[0].voice.Reason {
			return ""
		}
	}
	return all[0].voice.Reason
}

// plain writes the page as text, one blank line between entries.
func plain(p page) string {
	var b strings.Builder
	if p.Greeting != "" {
		b.WriteString(p.Greeting + "\n\n")
	}
	b.WriteString("您好。" + p.Intro + "\n\n")
	for _, e := range p.Entries {
		plainEntry(&b, e)
	}
	b.WriteString("--\n")
	for _, s := range []string{join("　", p.School, p.Office), tel(p.Phone), "本邮件由督办系统自动发送", "编号：" + p.IDs} {
		if s != "" {
			b.WriteString(s + "\n")
		}
	}
	return b.String()
}

func plainEntry(b *strings.Builder, e entry) {
	indent := ""
	if e.N > 0 {
		fmt.Fprintf(b, "%d. ", e.N)
		indent = "   "
	}
	b.WriteString("【" + e.Title + "】" + resent(e.Resent) + e.Says + "\n")
	if s := join("　", e.Number(), e.Lit()); s != "" {
		b.WriteString(indent + s + "\n")
	}
	if e.Source != "" {
		b.WriteString(indent + "任务来源：" + e.Source + "\n")
	}
	for _, n := range e.Notes {
		b.WriteString(indent + n.Label + "：" + n.Text + "\n")
	}
	if e.Link != "" {
		b.WriteString(indent + e.Act + "：" + e.Link + "\n")
	}
	b.WriteString("\n")
}

// Number is 督办编号：2023-0005, or "".
func (e entry) Number() string {
	if e.Slip == "" {
		return ""
	}
	return "督办编号：" + e.Slip
}

// Lit is the light in text: ◆ 预警，还有 3 个工作日.
func (e entry) Lit() string {
	return join("，", strings.TrimSpace(e.Light.Shape+" "+e.Light.Word), e.Left)
}

func tel(phone string) string {
	if phone == "" {
		return ""
	}
	return "电话：" + phone
}

// join sets what is not empty side by side.
func join(sep string, parts ...string) string {
	var out []string
	for _, s := range parts {
		if s != "" {
			out = append(out, s)
		}
	}
	return strings.Join(out, sep)
}
