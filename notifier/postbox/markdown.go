package postbox

import (
	"html"
	"html/template"
	"regexp"
	"strings"
)

// The subset of markdown that a robot's message may use, besides headings and
// quotes. Everything else is shown as the letters it is written in.
var (
	mdLink = regexp.MustCompile(`\[([^\[\]\n]+)\]\((https?://[^()\s<>"]+)\)`)
	inline = regexp.MustCompile("`([^`\n]+)`" +
		`|\*\*(.+?)\*\*` +
		`|` + mdLink.String() +
		`|<font color=["']?(info|comment|warning)["']?>(.*?)</font>` +
		`|<@([^<>\s]+)>` +
		`|(https?://[^\s<>"'()（）【】，。；、！？]+)`)
	mentionOrLink = regexp.MustCompile(`<@([^<>\s]+)>|(https?://[^\s<>"'()（）【】，。；、！？]+)`)
	heading       = regexp.MustCompile(`^(#{1,6}) +(.*)$`)
)

// names tells the name that a WeCom user id is shown by.
type names func(id string) string

func (n names) mention(id string) string {
	name := id
	if id == "all" || id == "@all" {
		name = "所有人"
	} else if n != nil {
		if found := n(id); found != "" {
			name = found
		}
	}
	return `<span class="at">@` + html.EscapeString(name) + `</span>`
}

func anchor(url, inner string) string {
	return `<a href="` + html.EscapeString(url) + `" target="_blank" rel="noopener noreferrer">` + inner + `</a>`
}

// renderText shows a text message: mentions and addresses stand out, all else
// is letters.
func renderText(t *postedText, who names) template.HTML {
	var b strings.Builder
	rest := t.Content
	for _, m := range mentionOrLink.FindAllStringSubmatchIndex(t.Content, -1) {
		cut := m[0] - (len(t.Content) - len(rest))
		b.WriteString(html.EscapeString(rest[:cut]))
		rest = t.Content[m[1]:]
		if m[2] >= 0 {
			b.WriteString(who.mention(t.Content[m[2]:m[3]]))
			continue
		}
		url := t.Content[m[4]:m[5]]
		b.WriteString(anchor(url, html.EscapeString(url)))
	}
	b.WriteString(html.EscapeString(rest))
	for _, id := range append(append([]string{}, t.Mentioned...), t.MentionedMobile...) {
		b.WriteString(" " + who.mention(id))
	}
	return template.HTML(b.String())
}

// renderMarkdown shows a markdown message line by line.
func renderMarkdown(content string, who names) template.HTML {
	var b strings.Builder
	quoted := false
	for line := range strings.Lines(content) {
		line = strings.TrimRight(line, "\r\n")
		rest, isQuote := strings.CutPrefix(line, ">")
		if isQuote != quoted {
			b.WriteString(map[bool]string{true: "<blockquote>", false: "</blockquote>"}[isQuote])
			quoted = isQuote
		}
		b.WriteString(renderLine(strings.TrimPrefix(rest, " "), who))
	}
	if quoted {
		b.WriteString("</blockquote>")
	}
	return template.HTML(b.String())
}

func renderLine(line string, who names) string {
	if strings.TrimSpace(line) == "" {
		return `<p class="gap"></p>`
	}
	if m := heading.FindStringSubmatch(line); m != nil {
		if len(m[1]) <= 2 {
			return `<p class="head big">` + renderInline(m[2], who) + `</p>`
		}
		return `<p class="head">` + renderInline(m[2], who) + `</p>`
	}
	return `<p>` + renderInline(line, who) + `</p>`
}

// renderInline escapes what it does not know; what it knows is made of parts
// strictly shorter than itself, so it ends.
func renderInline(s string, who names) string {
	var b strings.Builder
	at := 0
	for _, m := range inline.FindAllStringSubmatchIndex(s, -1) {
		b.WriteString(html.EscapeString(s[at:m[0]]))
		at = m[1]
		part := func(i int) string { return s[m[2*i]:m[2*i+1]] }
		switch {
		case m[2] >= 0:
			b.WriteString(`<code>` + html.EscapeString(part(1)) + `</code>`)
		case m[4] >= 0:
			b.WriteString(`<strong>` + renderInline(part(2), who) + `</strong>`)
		case m[6] >= 0:
			b.WriteString(anchor(part(4), renderPlain(part(3))))
		case m[10] >= 0:
			b.WriteString(`<span class="` + part(5) + `">` + renderInline(part(6), who) + `</span>`)
		case m[14] >= 0:
			b.WriteString(who.mention(part(7)))
		default:
			b.WriteString(anchor(part(8), html.EscapeString(part(8))))
		}
	}
	b.WriteString(html.EscapeString(s[at:]))
	return b.String()
}

// renderPlain is for the words of a link, which hold no second link.
func renderPlain(s string) string { return html.EscapeString(strings.ReplaceAll(s, "**", "")) }
