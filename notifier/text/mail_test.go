package text_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/goccy/go-yaml"

	"duban/notifier/text"
)

var asReason = regexp.MustCompile(`\bas: (\w+)`)

// shipped reads the reasons of the workflows: their titles, and every reason an
// action names.
func shipped(t *testing.T) map[string][]string {
	t.Helper()
	files, err := filepath.Glob("../../workflows/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no workflows found: %v", err)
	}
	titles := map[string][]string{}
	for _, f := range files {
		src, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		var def struct {
			Reasons map[string]struct{ Title string }
		}
		if err := yaml.Unmarshal(src, &def); err != nil {
			t.Fatalf("%s: %v", f, err)
		}
		for r, d := range def.Reasons {
			titles[r] = append(titles[r], d.Title)
		}
		for _, m := range asReason.FindAllSubmatch(src, -1) {
			titles[string(m[1])] = append(titles[string(m[1])], "")
		}
	}
	return titles
}

func TestEveryShippedReasonHasItsOwnWords(t *testing.T) {
	for reason, titles := range shipped(t) {
		if !slices.Contains(text.Reasons(), reason) {
			t.Errorf("reason %s of the workflows has no words", reason)
			continue
		}
		subject, _, _ := text.Mail(text.Digest{Lines: []text.Line{{ID: "1", Reason: reason}}})
		own := strings.TrimPrefix(strings.SplitN(subject, "】", 2)[0], "【")
		if !slices.Contains(titles, own) {
			t.Errorf("reason %s is called %s without a title; the workflows call it %v", reason, own, titles)
		}
	}
}

func TestNoWordsForReasonsThatNobodyShips(t *testing.T) {
	known := shipped(t)
	for _, r := range text.Reasons() {
		if known[r] == nil {
			t.Errorf("reason %s has words but no workflow sends it", r)
		}
	}
}

// Whatever is missing in a line, a sentence stays a sentence.
func TestBareLinesStillRead(t *testing.T) {
	for _, reason := range append(text.Reasons(), "written_later", "") {
		for _, left := range []int{-3, 0, 3} {
			_, body, _ := text.Mail(text.Digest{Lines: []text.Line{{ID: "1", Reason: reason, Left: left}}})
			for _, bad := range []string{"1970", "“”", "《》", "（）", "，，", "。。", "于尽快", "-3", " 0 个工作日", "%!", "！", "{", "牵头牵头"} {
				if strings.Contains(body, bad) {
					t.Errorf("%s, %d days left: %q in\n%s", reason, left, bad, body)
				}
			}
		}
	}
}

func TestNoExclamationMarks(t *testing.T) {
	for _, n := range notices(t) {
		if s := printed(n.digest(t)); strings.ContainsAny(s, "!！") {
			t.Errorf("%s shouts:\n%s", n.file(), s)
		}
	}
}

func TestSubjects(t *testing.T) {
	one := func(change func(*text.Line)) []text.Line {
		l := late(selfCheck("overdue", "催办", 90, -1), 1)
		l.Due = date(t, "2023-06-30")
		change(&l)
		return []text.Line{l}
	}
	tests := []struct {
		name  string
		lines []text.Line
		want  string
	}{
		{"one matter", one(func(l *text.Line) {}), "【催办】2023-0005 “开展党支部规范化建设半年自查”应于6月30日办结"},
		{"sent again", one(func(l *text.Line) { l.Resent = true }), "【催办】（补发）2023-0005 “开展党支部规范化建设半年自查”应于6月30日办结"},
		{"sensitive", one(func(l *text.Line) { l.Sensitive = true }), "【催办】2023-0005（敏感事项，见督办编号）应于6月30日办结"},
		{"the document's own quotes", one(func(l *text.Line) { l.Heading = "对实施“深学争优、敢为争先" }), "【催办】2023-0005 “对实施‘深学争优、敢为争先’”应于6月30日办结"},
		{"line breaks", one(func(l *text.Line) { l.Heading = "第一行\r\nBcc: x@y.cn" }), "【催办】2023-0005 “第一行 Bcc: x@y.cn”应于6月30日办结"},
		{"a long matter gives way", one(func(l *text.Line) { l.Heading = strings.Repeat("很长的事项", 40) }),
			"【催办】2023-0005 “很长的事项很长的事项很长的事项很长的事项很长的事项很长的事项很长的事…”应于6月30日办结"},
		{"several", morning(t).Lines, "【督办提醒】6月20日：5项（逾期1项）"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := college(t, "head", "2023-06-20")
			d.Lines = tt.lines
			got, _, _ := text.Mail(d)
			if got != tt.want {
				t.Errorf("subject\n%s, want\n%s", got, tt.want)
			}
		})
	}
}

func TestNothingToSay(t *testing.T) {
	s, b, h := text.Mail(text.Digest{Office: "效能办"})
	if s+b+h != "" {
		t.Errorf("an empty digest says %q %q %q", s, b, h)
	}
}

func TestSensitiveMattersShowTheNumberOnly(t *testing.T) {
	for _, n := range notices(t) {
		d := n.digest(t)
		l := &d.Lines[0]
		l.Sensitive, l.Heading, l.Plan, l.When = true, "机密甲", "机密乙", "机密丙"
		l.Words = map[string]string{}
		for _, key := range []string{"progress", "difficulty", "reason", "result", "text", "suggestion", "by"} {
			l.Words[key] = "机密丁"
		}
		s, b, h := text.Mail(d)
		if strings.Contains(s+b+h, "机密") {
			t.Errorf("%s gives a sensitive matter away:\n%s\n%s", n.line.Reason, s, b)
		}
		d.Group = text.GroupUnit
		if parts := text.WeCom(d, 2048); parts != nil {
			t.Errorf("%s speaks of a sensitive matter in a group: %v", n.line.Reason, parts)
		}
	}
}

func TestASensitiveReportIsStillAReport(t *testing.T) {
	l := words(late(selfCheck("overdue", "催办", 90, -1), 1), "progress", "已办一半")
	l.Sensitive, l.Due = true, date(t, "2023-06-30")
	d := college(t, "head", "2023-07-03")
	d.Lines = []text.Line{l}
	if _, body, _ := text.Mail(d); strings.Contains(body, "尚未收到反馈") {
		t.Errorf("the unit has reported, yet it reads\n%s", body)
	}
}

func TestOneMatterIsOneEntryWithTheGravestWords(t *testing.T) {
	d := college(t, "liaison", "2023-06-26")
	asked := selfCheck("issued", "交办", 20, 3)
	soon := selfCheck("three_days", "提醒", 50, 3)
	asked.ID, soon.ID = "7-1-0", "7-2-0"
	d.Lines = []text.Line{asked, soon}
	subject, body, html := text.Mail(d)
	if !strings.HasPrefix(subject, "【提醒】2023-0005") {
		t.Errorf("subject %s", subject)
	}
	for _, want := range []string{"编号：7-1-0、7-2-0", "一并交办：本事项同时交办，请及时签收。"} {
		if !strings.Contains(body, want) || !strings.Contains(html, want) {
			t.Errorf("%s is missing in\n%s", want, body)
		}
	}
	if strings.Contains(body, "请贵单位牵头") {
		t.Errorf("both notices speak:\n%s", body)
	}
}

func TestLights(t *testing.T) {
	tests := []struct {
		reason, light string
		left          int
		want          string
	}{
		{"issued", "", 40, "○ 未开始"},
		{"issued", "", 3, "◆ 预警"},
		{"sixty_days", "", 60, "● 正常"},
		{"sixty_days", "yellow", 60, "◆ 预警"},
		{"week_ahead", "green", 7, "● 正常"},
		{"returned", "orange", 20, "◆ 预警"},
		{"returned", "", -2, "▲ 逾期"},
		{"overdue", "yellow", -2, "▲ 逾期"},
		{"thanks", "", 9, "✓ 办结"},
	}
	for _, tt := range tests {
		l := selfCheck(tt.reason, "", 1, tt.left)
		l.Light, l.Due = tt.light, date(t, "2023-06-30")
		d := college(t, "head", "2023-06-01")
		d.Lines = []text.Line{l}
		if _, body, _ := text.Mail(d); !strings.Contains(body, tt.want) {
			t.Errorf("%s, light %q, %d left: no %s in\n%s", tt.reason, tt.light, tt.left, tt.want, body)
		}
	}
}

func TestOnlyWebAddressesBecomeLinks(t *testing.T) {
	for _, bad := range []string{"javascript:alert(1)", "data:text/html,x", "https://user@evil.example/", "//evil.example", "http://a\nb", "nonsense"} {
		l := selfCheck("issued", "交办", 20, 7)
		l.Link = bad
		d := college(t, "head", "2023-06-01")
		d.Lines = []text.Line{l}
		if _, body, html := text.Mail(d); strings.Contains(html, "<a ") || strings.Contains(body, "签收：") {
			t.Errorf("%q became a link", bad)
		}
	}
}

func TestTenEntriesWeighLittle(t *testing.T) {
	for name, words := range map[string]int{"usual": 30, "everybody at length": 500} {
		d := college(t, "leader", "2023-07-10")
		for i := range 10 {
			l := late(selfCheck("sponsor", "请予协调", 95, -6), 2)
			l.Slip, l.ID = fmt.Sprintf("2023-%04d", i), fmt.Sprintf("%d-3-0", i)
			l.Heading, l.Due = strings.Repeat("事", words), date(t, "2023-06-30")
			l.Words = map[string]string{"difficulty": strings.Repeat("难", words), "suggestion": strings.Repeat("议", words)}
			d.Lines = append(d.Lines, l)
		}
		_, _, html := text.Mail(d)
		if n := len(html); n > 20<<10 {
			t.Errorf("%s: %d bytes", name, n)
		}
		if n := strings.Count(html, "<div class=\"l\""); n != 10 {
			t.Errorf("%s: %d entries", name, n)
		}
	}
}

func TestTheTextHoldsNoControlCharacters(t *testing.T) {
	d := nasty(t, "a\x00b\x1b[31m\u202egnp\u200b\r\nX: y\xff")
	subject, body, _ := text.Mail(d)
	for _, r := range subject + strings.ReplaceAll(body, "\n", "") {
		if r < 0x20 || r == 0x7f || r == '\u202e' || r == '\u200b' || r == utf8.RuneError {
			t.Fatalf("%U in\n%s\n%s", r, subject, body)
		}
	}
}
