package text_test

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"duban/notifier/text"
)

var update = flag.Bool("update", false, "write testdata/*.golden anew")

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s reads differently:\n%s\nwant:\n%s", path, got, want)
	}
}

// printed is a digest in every form it can take, as one readable sheet.
func printed(d text.Digest) string {
	subject, body, _ := text.Mail(d)
	var b strings.Builder
	b.WriteString("主题：" + subject + "\n\n" + body)
	groups := []string{text.GroupUnit}
	if len(d.Lines) > 1 || d.Lines[0].Reason == "round_notice" {
		groups = []string{text.GroupUnit, text.GroupShared}
	}
	for _, group := range groups {
		d.Group = group
		for _, p := range text.WeCom(d, 2048) {
			b.WriteString("\n== " + group)
			if p.Mention {
				b.WriteString(" @联络员")
			}
			b.WriteString("\n" + p.Text + "\n")
		}
	}
	return b.String()
}

func TestEachReasonReadsAsWritten(t *testing.T) {
	for _, n := range notices(t) {
		t.Run(n.file(), func(t *testing.T) { golden(t, n.file(), printed(n.digest(t))) })
	}
}

func TestEveryReasonHasAnExample(t *testing.T) {
	var shown []string
	for _, n := range notices(t) {
		shown = append(shown, n.line.Reason)
	}
	for _, r := range text.Reasons() {
		if !slices.Contains(shown, r) {
			t.Errorf("reason %s has words but no golden example", r)
		}
	}
}

// morning is a liaison's worst morning: five matters, seven notices.
func morning(t *testing.T) text.Digest {
	d := college(t, "liaison", "2023-06-20")
	due := func(l text.Line, id, slip, heading, day string) text.Line {
		l.ID, l.Slip, l.Heading, l.Due = id, slip, heading, date(t, day)
		l.Effective, l.Link = l.Due, "https://duban.fzpc.example/a/"+slip
		return l
	}
	ask := round("round_ask", "月度反馈", 32, 4)
	ask.ID, ask.Period, ask.Slip, ask.Due, ask.Effective = "2310-1-0", "2023年6月", "2023-D06", date(t, "2023-06-27"), date(t, "2023-06-27")
	d.Lines = []text.Line{
		due(selfCheck("issued", "交办", 20, 3), "1088-1-0", "2023-0041", "报送暑期社会实践方案", "2023-06-26"),
		ask,
		due(selfCheck("week_ahead", "提醒", 40, 7), "1024-3-0", "2023-0005", "开展党支部规范化建设半年自查", "2023-06-30"),
		due(late(selfCheck("overdue", "催办", 90, -2), 1), "1017-8-0", "2023-0012", "修订二级党组织书记述职评议办法", "2023-06-16"),
		due(selfCheck("three_days", "提醒", 50, 3), "1088-2-0", "2023-0041", "报送暑期社会实践方案", "2023-06-26"),
		due(words(selfCheck("returned", "退回补正", 80, 3), "reason", "缺少会议记录"), "1031-6-0", "2023-0019", "召开一季度意识形态分析研判会", "2023-06-26"),
		due(words(selfCheck("instructed", "批示", 100, 8), "text", "要抓紧。"), "1031-7-0", "2023-0019", "召开一季度意识形态分析研判会", "2023-06-26"),
	}
	return d
}

func TestDigestOfFive(t *testing.T) {
	d := morning(t)
	golden(t, "digest", printed(d))
	_, _, html := text.Mail(d)
	golden(t, "digest_html", html)
}

func TestLeadersDigest(t *testing.T) {
	d := college(t, "leader", "2023-07-10")
	one := words(late(selfCheck("sponsor", "请予协调", 95, -6), 2), "difficulty", needsHelp)
	one.Due, one.Effective = date(t, "2023-06-30"), date(t, "2023-06-30")
	two := one
	two.ID, two.Slip, two.Heading, two.Words = "1040-4-0", "2023-0023", "完成教师党支部书记轮训", nil
	d.Lines = []text.Line{one, two}
	golden(t, "digest_leader", printed(d))
}
