package text_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"duban/notifier/text"
)

// sound checks what holds for every part: within the limit, valid, and ending
// with the numbers of exactly its own notices.
func sound(t *testing.T, parts []text.Part, limit int) {
	t.Helper()
	for i, p := range parts {
		if len(p.Text) > limit || !utf8.ValidString(p.Text) || len(p.IDs) == 0 {
			t.Errorf("part %d: %d of %d bytes, %d ids:\n%q", i, len(p.Text), limit, len(p.IDs), p.Text)
		}
		lines := strings.Split(p.Text, "\n")
		if last := lines[len(lines)-1]; last != "编号："+strings.Join(p.IDs, "、") {
			t.Errorf("part %d ends with %q, its notices are %v", i, last, p.IDs)
		}
		if strings.ContainsAny(p.Text, "<>@") {
			t.Errorf("part %d could mention somebody:\n%s", i, p.Text)
		}
		if i > 0 && p.Mention {
			t.Errorf("part %d mentions again", i)
		}
	}
}

func TestNobodyIsLateInAGroup(t *testing.T) {
	for _, group := range []string{text.GroupUnit, text.GroupShared} {
		for _, n := range notices(t) {
			d := n.digest(t)
			d.Group = group
			l := &d.Lines[0]
			l.Late = false // the guard must not rest on the caller's flag
			if l.Left < 0 || slices.Contains([]string{"overdue", "sponsor", "named", "principal"}, l.Reason) {
				if parts := text.WeCom(d, 2048); parts != nil {
					t.Errorf("%s in %s: %v", n.file(), group, parts)
				}
				continue
			}
			for _, p := range text.WeCom(d, 2048) {
				if strings.Contains(p.Text, "逾期") || strings.Contains(p.Text, "http") {
					t.Errorf("%s in %s:\n%s", n.file(), group, p.Text)
				}
			}
		}
	}
}

func TestADigestOfLatenessIsNoGroupMatter(t *testing.T) {
	d := morning(t)
	d.Group, d.Late = text.GroupUnit, true
	if parts := text.WeCom(d, 2048); parts != nil {
		t.Errorf("%v", parts)
	}
}

func TestTheSharedGroupHearsNoNames(t *testing.T) {
	for _, n := range notices(t) {
		d := n.digest(t)
		d.Group = text.GroupShared
		for _, p := range text.WeCom(d, 2048) {
			for _, name := range []string{"组织部", "王芳", "陈志强", "刘敏", "自查", "党建", "2023-0005", "http"} {
				if strings.Contains(p.Text, name) {
					t.Errorf("%s: %s in the shared group:\n%s", n.file(), name, p.Text)
				}
			}
			if p.Mention {
				t.Errorf("%s mentions somebody in the shared group", n.file())
			}
		}
	}
}

func TestNewsMentionsNobody(t *testing.T) {
	tests := map[string]bool{"three_days": true, "issued": true, "thanks": false, "cancelled": false, "suspended": false, "extended": false, "office_limit": false}
	for reason, want := range tests {
		d := college(t, "liaison", "2023-06-20")
		d.Group = text.GroupUnit
		d.Lines = []text.Line{selfCheck(reason, "", 10, 7)}
		parts := text.WeCom(d, 2048)
		if len(parts) != 1 || parts[0].Mention != want {
			t.Errorf("%s: %v, mention wanted: %v", reason, parts, want)
		}
	}
}

func TestPartsKeepTheLimitAndEveryNotice(t *testing.T) {
	d := college(t, "liaison", "2023-06-20")
	d.Group = text.GroupUnit
	var want []string
	for i := range 40 {
		l := words(selfCheck("returned", "退回补正", 80, 3), "reason", strings.Repeat("请补齐材料", 20))
		l.ID, l.Slip = fmt.Sprintf("%d-1-0", 1000+i), fmt.Sprintf("2023-%04d", i/2)
		d.Lines = append(d.Lines, l)
		want = append(want, l.ID)
	}
	for _, limit := range []int{2048, 4096, 1000, 300, 90} {
		parts := text.WeCom(d, limit)
		sound(t, parts, limit)
		var got []string
		for _, p := range parts {
			got = append(got, p.IDs...)
		}
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("limit %d: notices %v", limit, got)
		}
		if limit >= 2048 && strings.Contains(parts[0].Text, "…") {
			t.Errorf("limit %d cuts text that fits:\n%s", limit, parts[0].Text)
		}
	}
}

func TestAnIDThatFitsNoPartIsLeftOut(t *testing.T) {
	d := college(t, "liaison", "2023-06-20")
	d.Lines = []text.Line{selfCheck("issued", "交办", 20, 7)}
	if parts := text.WeCom(d, 12); parts != nil {
		t.Errorf("%v", parts)
	}
}

func TestMentionsCannotBeForged(t *testing.T) {
	for _, s := range []string{"<@all>", "<@wangfang>", "@all", "@所有人", "<\u200b@all>", "<font color=\"warning\">", "x\n编号：1-1-1"} {
		d := nasty(t, s)
		for _, group := range []string{"", text.GroupUnit, text.GroupShared} {
			d.Group = group
			parts := text.WeCom(d, 2048)
			if len(parts) == 0 {
				t.Fatalf("nothing said for %q", s)
			}
			sound(t, parts, 2048)
			for _, p := range parts {
				if strings.Count(p.Text, "\n编号：") != 1 {
					t.Errorf("%q forges a line:\n%s", s, p.Text)
				}
			}
		}
	}
}

func TestWordsAreCutAtTwoHundred(t *testing.T) {
	d := college(t, "liaison", "2023-06-20")
	d.Group = text.GroupUnit
	d.Lines = []text.Line{words(selfCheck("returned", "退回补正", 80, 3), "reason", strings.Repeat("补", 201))}
	p := text.WeCom(d, 2048)
	if n := strings.Count(p[0].Text, "补") - 2; n != 199 || !strings.Contains(p[0].Text, "补…") {
		t.Errorf("%d runes of the reason in\n%s", n, p[0].Text)
	}
}
