package wecom_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"duban/notifier/wecom"
)

func TestSplit(t *testing.T) {
	for name, tt := range map[string]struct {
		text  string
		limit int
		want  []string
	}{
		"fits":                     {"三月督办已开始", 2048, []string{"三月督办已开始"}},
		"fits exactly":             {strings.Repeat("a", 40), 40, []string{strings.Repeat("a", 40)}},
		"at the last line break":   {"第一行内容\n第二行\n第三行内容很长\n", 40, []string{"第一行内容\n第二行\n（1/2）", "第三行内容很长\n（2/2）"}},
		"in a line that is longer": {strings.Repeat("督", 15), 40, []string{"督督督督督督督督督督（1/2）", "督督督督督（2/2）"}},
	} {
		if got := wecom.Split(tt.text, tt.limit); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}

// Ten parts need a longer numbering than nine, a hundred one longer still.
func TestSplitWithManyParts(t *testing.T) {
	for size := 0; size < 2600; size += 7 {
		checkSplit(t, strings.Repeat("x", size), 32)
	}
}

var numbering = regexp.MustCompile(`（(\d+)/(\d+)）$`)

func checkSplit(t *testing.T, text string, limit int) {
	t.Helper()
	parts := wecom.Split(text, limit)
	var joined strings.Builder
	for i, part := range parts {
		if len(part) > limit || !utf8.ValidString(part) {
			t.Fatalf("part %d of %d: %d bytes, limit %d: %q", i+1, len(parts), len(part), limit, part)
		}
		body := part
		if len(parts) > 1 {
			mark := fmt.Sprintf("（%d/%d）", i+1, len(parts))
			if numbering.FindString(part) != mark || part == mark {
				t.Fatalf("part %d of %d: %q", i+1, len(parts), part)
			}
			body = strings.TrimSuffix(part, mark)
		}
		joined.WriteString(body)
	}
	if joined.String() != strings.ToValidUTF8(text, "\uFFFD") {
		t.Fatalf("joined: %q, want %q", joined.String(), text)
	}
}

func FuzzSplit(f *testing.F) {
	f.Add("第一行\n第二行😀\n\n\n", 40)
	f.Add(strings.Repeat("督办\n", 1000), 2048)
	f.Add("\xff\xfe（1/2）", 33)
	f.Fuzz(func(t *testing.T, text string, limit int) {
		checkSplit(t, text, 32+max(0, limit)%4100)
	})
}

func TestEscape(t *testing.T) {
	for in, want := range map[string]string{
		"加强“一站式”学生社区建设（3.5分）":            "加强“一站式”学生社区建设（3.5分）",
		"<@zhangsan> 请处理":                "＜＠zhangsan＞ 请处理",
		"<<@x>@zhangsan>":                "＜＜＠x＞＠zhangsan＞",
		"@all @\u200ball":                "＠all ＠all",
		`<font color="warning">红</font>`: `＜font color="warning"＞红＜/font＞`,
		"[点此](http://evil.example/a)":    "［点此］(http：//evil．example/a)",
		"见 www.evil.com 或 evil.cn":       "见 www．evil．com 或 evil．cn",
		"&lt;@zhangsan&gt;":              "＆lt;＠zhangsan＆gt;",
		"一\r\n# 二\t三":                    "一 ＃ 二 三",
		"**粗** `码` \\":                   "＊＊粗＊＊ ｀码｀ ＼",
		"\u202e倒\x00置\x1b[1m":            "倒置［1m",
		"𠮷 \U000323AF":                   "𠮷 \U000323AF", // rare characters of names stay
		"http:\u200b//evil.example":      "http：//evil．example",
		"[a]\u2028(b)":                   "［a］ (b)",
		"附\xff件":                         "附件",
	} {
		if got := wecom.Escape(in); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
}

func TestEscapeText(t *testing.T) {
	for in, want := range map[string]string{
		"进展：完成 <80%> & 见 https://xnb.example.edu.cn\n第二行": "进展：完成 <80%> & 见 https://xnb.example.edu.cn\n第二行",
		"<@zhangsan>":      "＜@zhangsan>",
		"<\u200b@zhangsan": "＜@zhangsan",
		"<<@a":             "<＜@a",
		"<\x00@a\r\n":      "＜@a\n",
	} {
		if got := wecom.EscapeText(in); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
}

// What a client could take for a mention, a tag, an entity or a link.
var active = regexp.MustCompile(`(?i)[<>@&\[\]*#\\` + "`" + `]|://|www\.|[a-z0-9]\.[a-z]`)

func FuzzEscape(f *testing.F) {
	for _, s := range []string{"<@all>", "@all", "<font color=\"info\">", "[a](http://b.c)", "h\u00adttp://a.b", "<\xff@a>", "<\r@a>", "a\n.\nb", "WWW.1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		line, text := wecom.Escape(s), wecom.EscapeText(s)
		if found := active.FindString(line); found != "" {
			t.Errorf("%q became %q, which holds %q", s, line, found)
		}
		if strings.Contains(text, "<@") {
			t.Errorf("%q became %q", s, text)
		}
		for _, r := range line + strings.ReplaceAll(text, "\n", "") {
			if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == utf8.RuneError {
				t.Errorf("%q keeps %U", s, r)
			}
		}
		if wecom.Escape(line) != line || wecom.EscapeText(text) != text {
			t.Errorf("%q is not stable", s)
		}
	})
}
