package postbox

import (
	"io"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/net/html"
)

func TestMarkdownSubset(t *testing.T) {
	who := names(func(id string) string {
		if id == "zhaomin" {
			return "赵敏"
		}
		return ""
	})
	const link = ` target="_blank" rel="noopener noreferrer">`
	cases := []struct{ name, in, want string }{
		{"words", "请反馈", `<p>请反馈</p>`},
		{"headings", "# 大\n### 小\n#无空格", `<p class="head big">大</p><p class="head">小</p><p>#无空格</p>`},
		{"bold", "共 **9** 件", `<p>共 <strong>9</strong> 件</p>`},
		{"quote", "> 甲\n>乙\n丙", `<blockquote><p>甲</p><p>乙</p></blockquote><p>丙</p>`},
		{"quote at the end", "> 甲", `<blockquote><p>甲</p></blockquote>`},
		{"colour", `<font color="info">绿</font><font color="red">红</font>`, `<p><span class="info">绿</span>&lt;font color=&#34;red&#34;&gt;红&lt;/font&gt;</p>`},
		{"bold in colour", `<font color="warning">**橙**</font>`, `<p><span class="warning"><strong>橙</strong></span></p>`},
		{"link", "[打开](https://a.example/?a=1&b=2)", `<p><a href="https://a.example/?a=1&amp;b=2"` + link + `打开</a></p>`},
		{"no link", "[打开](javascript:alert(1))", `<p>[打开](javascript:alert(1))</p>`},
		{"bare address", "见 https://a.example/x。", `<p>见 <a href="https://a.example/x"` + link + `https://a.example/x</a>。</p>`},
		{"code", "`<b>**x**`", `<p><code>&lt;b&gt;**x**</code></p>`},
		{"mention", "<@zhaomin> <@qian> <@all>", `<p><span class="at">@赵敏</span> <span class="at">@qian</span> <span class="at">@所有人</span></p>`},
		{"blank line", "甲\n\n乙", `<p>甲</p><p class="gap"></p><p>乙</p>`},
		{"foreign tag", "<script>x</script>", `<p>&lt;script&gt;x&lt;/script&gt;</p>`},
		{"unfinished", "**a <font color=\"info\">b [c](https://", `<p>**a &lt;font color=&#34;info&#34;&gt;b [c](https://</p>`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := string(renderMarkdown(c.in, who)); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

// allowed is every tag the renderers may write, with its attributes.
var allowed = map[string][]string{
	"p": {"class"}, "strong": nil, "blockquote": nil, "code": nil,
	"span": {"class"}, "a": {"href", "target", "rel"},
}

// checkHTML fails on any tag or attribute that a renderer does not write, and
// on tags that do not nest.
func checkHTML(t *testing.T, in, out string) {
	z := html.NewTokenizer(strings.NewReader(out))
	var open []string
	for {
		kind := z.Next()
		if kind == html.ErrorToken {
			if z.Err() != io.EOF {
				t.Fatalf("%q gives %q: %v", in, out, z.Err())
			}
			break
		}
		token := z.Token()
		switch kind {
		case html.TextToken:
		case html.StartTagToken:
			checkTag(t, in, out, token)
			open = append(open, token.Data)
		case html.EndTagToken:
			if len(open) == 0 || open[len(open)-1] != token.Data {
				t.Fatalf("%q gives %q: </%s> closes %v", in, out, token.Data, open)
			}
			open = open[:len(open)-1]
		default:
			t.Fatalf("%q gives %q: a foreign %v", in, out, token)
		}
	}
	if len(open) > 0 {
		t.Fatalf("%q gives %q: %v stay open", in, out, open)
	}
}

func checkTag(t *testing.T, in, out string, token html.Token) {
	attributes, ok := allowed[token.Data]
	if !ok {
		t.Fatalf("%q gives %q: a foreign tag %s", in, out, token.Data)
	}
	for _, a := range token.Attr {
		if !slices.Contains(attributes, a.Key) {
			t.Fatalf("%q gives %q: a foreign attribute %s", in, out, a.Key)
		}
		if a.Key == "href" && !strings.HasPrefix(a.Val, "http://") && !strings.HasPrefix(a.Val, "https://") {
			t.Fatalf("%q gives %q: a link to %s", in, out, a.Val)
		}
	}
}

func FuzzRenderers(f *testing.F) {
	for _, s := range []string{
		"# a\n> **b** <font color=\"info\">c</font>\n[d](https://e.example) `f` <@g>",
		`<font color="info"><script>alert(1)</script></font>`,
		`[<img src=x onerror=y>](https://a"onclick="b)`, "[a](javascript:alert(1))", "https://a.example/'\"><svg onload=x>",
		"`**<b>`**", "**`a**`", `<font color=info>**<@x></font>**`, "<@<@a>>", "> > >", "[[a](https://b)](https://c)",
		"**https://a.example**", "\x00\xff<", "&lt;script&gt;", "[**a](https://b**)", "****a****",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		who := names(func(id string) string { return id + "<i>" })
		checkHTML(t, s, string(renderMarkdown(s, who)))
		checkHTML(t, s, string(renderText(&postedText{Content: s, Mentioned: []string{s}}, who)))
	})
}

func FuzzLetter(f *testing.F) {
	f.Add([]byte("Subject: =?utf-8?b?5L2g?=\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\na\r\n--x--\r\n"))
	f.Add([]byte("Content-Type: text/html; charset=gbk\r\nContent-Transfer-Encoding: base64\r\n\r\nxOO6ww=="))
	f.Fuzz(func(t *testing.T, raw []byte) {
		l := readLetter(raw)
		shown := []string{l.from, l.to, l.subject, l.Head, l.Text, l.HTML, l.words()}
		for _, f := range l.Files {
			shown = append(shown, f.Name)
		}
		for _, s := range shown {
			if !utf8.ValidString(s) {
				t.Errorf("%q is read as %q, which no page can show", raw, s)
			}
		}
	})
}

func TestLettersInOtherCharsets(t *testing.T) {
	const gbk = "From: =?GBK?B?0KfE3LDs?= <a@b.example>\r\nSubject: =?gb2312?Q?=B6=BD=B0=EC?=\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n" +
		"--x\r\nContent-Type: text/html; charset=gbk\r\nContent-Transfer-Encoding: base64\r\n\r\nPHA+xOO6wzwvcD4=\r\n" +
		"--x\r\nContent-Type: application/pdf; name=a.pdf\r\nContent-Disposition: attachment; filename*=UTF-8''%E9%99%84%E4%BB%B6.pdf\r\n\r\n12345\r\n--x--\r\n"
	l := readLetter([]byte(gbk))
	if l.from != "效能办 <a@b.example>" || l.subject != "督办" || l.HTML != "<p>你好</p>" || strings.TrimSpace(l.words()) != "你好" {
		t.Errorf("read as %+v", l)
	}
	if len(l.Files) != 1 || l.Files[0] != (attachment{"附件.pdf", "application/pdf", 5}) {
		t.Errorf("files %+v", l.Files)
	}
}
