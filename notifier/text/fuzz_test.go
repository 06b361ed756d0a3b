package text_test

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/net/html"

	"duban/notifier/text"
)

// nasty puts one text into every field that people or documents fill.
func nasty(t *testing.T, s string) text.Digest {
	d := college(t, "liaison", "2023-06-20")
	d.Name, d.Title, d.Unit, d.Office, d.School, d.Phone = s, s, s, s, s, s
	for i, reason := range append(text.Reasons(), s) {
		l := selfCheck(reason, s, i, 3)
		l.Slip, l.ID = "", "9-"+string(rune('a'+i%26))+"-0"
		l.Plan, l.Item, l.Heading, l.When, l.Unit, l.Period, l.Why = s, s, s, s, s, s, s
		l.Due, l.Effective, l.Light, l.Link = date(t, "2023-06-25"), date(t, "2023-06-21"), s, "https://duban.fzpc.example/"+s
		l.Words, l.Extra = map[string]string{}, map[string]string{}
		for _, k := range []string{"progress", "difficulty", "reason", "result", "text", "suggestion", "due", "by"} {
			l.Words[k] = s
		}
		for _, k := range []string{"due_week", "units", "silent"} {
			l.Extra[k] = s
		}
		d.Lines = append(d.Lines, l)
	}
	return d
}

var attacks = []string{
	"普通的文字", "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "</title></style><b>", "';color:red", "<!--", "{{.}}",
	"<@all>", "@all", "a\nb\r\nBcc: x@y", "\x00\x1b\u202e\u2028\u200b", "\xff\xfe", "red", "𠮷𠮷𠮷", "?>", "#<@all>", "?\x80\u202e", "“‘《》’”", "javascript:alert(1)", strings.Repeat("长", 500),
}

func FuzzMail(f *testing.F) {
	for _, s := range attacks {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		subject, body, page := text.Mail(nasty(t, s))
		if n := utf8.RuneCountInString(subject); n > 60 || strings.ContainsAny(subject, "\r\n") {
			t.Errorf("subject of %d runes: %q", n, subject)
		}
		one := nasty(t, s)
		for i := len(s) % 7; i < len(one.Lines); i += 7 {
			single := one
			single.Lines = one.Lines[i : i+1]
			subject, _, _ := text.Mail(single)
			if n := utf8.RuneCountInString(subject); n > 60 || strings.ContainsAny(subject, "\r\n") {
				t.Errorf("subject of %d runes: %q", n, subject)
			}
		}
		if !utf8.ValidString(body) || strings.ContainsAny(body, "\r\x00\x1b\u202e\u200b") {
			t.Errorf("text: %q", body)
		}
		tame(t, page)
	})
}

// tame fails for any element or attribute that the page does not have itself.
func tame(t *testing.T, page string) {
	t.Helper()
	tags := []string{"html", "head", "meta", "title", "style", "body", "div", "h1", "p", "b", "br", "span", "a"}
	attrs := []string{"lang", "charset", "name", "content", "class", "style", "href"}
	z := html.NewTokenizer(strings.NewReader(page))
	for z.Next() != html.ErrorToken {
		tok := z.Token()
		switch tok.Type {
		case html.CommentToken:
			t.Errorf("comment %q", tok.Data)
		case html.StartTagToken, html.EndTagToken, html.SelfClosingTagToken:
			if !slices.Contains(tags, tok.Data) {
				t.Errorf("element %s", tok.Data)
			}
		}
		for _, a := range tok.Attr {
			if !slices.Contains(attrs, a.Key) || a.Key == "href" && !strings.HasPrefix(a.Val, "https://duban.fzpc.example/") {
				t.Errorf("%s %s=%q", tok.Data, a.Key, a.Val)
			}
			if a.Key == "style" && strings.Contains(a.Val, "ZgotmplZ") {
				t.Errorf("a colour was refused: %s", a.Val)
			}
		}
	}
	if strings.Count(page, "<style>") != 1 || !strings.Contains(page, "本邮件由督办系统自动发送") {
		t.Error("the page is not whole")
	}
}

func FuzzWeCom(f *testing.F) {
	for i, s := range attacks {
		f.Add(s, 60+i*250)
	}
	f.Fuzz(func(t *testing.T, s string, limit int) {
		d := nasty(t, s)
		for _, group := range []string{"", text.GroupUnit, text.GroupShared} {
			d.Group = group
			sound(t, text.WeCom(d, limit), limit)
		}
	})
}
