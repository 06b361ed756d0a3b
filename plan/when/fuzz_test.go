package when

import (
	"strings"
	"testing"

	"duban/engine/calendar"
)

var fuzzed = Context{Issued: calendar.Of(2023, 3, 15), Year: 2023}

func seedsOfFuzz(f *testing.F) {
	f.Helper()
	for _, s := range []string{
		"2024年4月底前，10月底前；每学期至少给学生上“第一课”2次，至少1次公开课。", "3-12月", "即日起至4月30日（星期日）17:00前", "２０２３．６．３０",
		"上半年、下半年各1次", "《2019—2023年规划》“十四五”末，七一前", "民主生活会召开前3天", "自印发之日起30日内", "每周一、三至五下午", "一一一一一一一年", "每每每年年年",
		"\xff\xfe年月", "99999999999999年13月32日前", "零〇百十廿卅年", "“““每月《《《", "9999年底", "999999999个工作日内", "1百年内",
	} {
		f.Add(s)
	}
}

// FuzzFind reads any text in every way: no panic, words as they stand in the
// text, and work that grows with the text only.
func FuzzFind(f *testing.F) {
	seedsOfFuzz(f)
	f.Fuzz(func(t *testing.T, text string) {
		for _, q := range Quantities(text) {
			if q.Count < 0 || q.Unit == "" || !strings.Contains(text, q.Text) {
				t.Fatalf("quantity %+v of %q", q, text)
			}
		}
		for _, m := range []mode{running, cell, alone} {
			r := newReader(text, fuzzed, m)
			r.walk()
			for _, f := range r.found {
				if f.From < 0 || f.To > len(text) || f.From > f.To || text[f.From:f.To] != f.Text {
					t.Fatalf("%q is not at %d–%d of %q", f.Text, f.From, f.To, text)
				}
				if f.Start != 0 && f.End != 0 && f.Start > f.End {
					t.Fatalf("%q: %s after %s", f.Text, f.Start, f.End)
				}
			}
			if limit := 2000 * (len(r.toks) + 1); r.steps > limit {
				t.Fatalf("%d steps for %d tokens", r.steps, len(r.toks))
			}
		}
	})
}

// FuzzExplain: every reading has a sentence that ends and a rule with a title.
func FuzzExplain(f *testing.F) {
	seedsOfFuzz(f)
	f.Fuzz(func(t *testing.T, text string) {
		for _, found := range Alone(text, fuzzed) {
			if s := Explain(found, fuzzed); !strings.HasSuffix(s, "。") || ruleTitles[found.Rule] == "" {
				t.Fatalf("%q by rule %q: %s", found.Text, found.Rule, s)
			}
		}
	})
}

const paragraph = "深化改革，2023年6月底前完成方案；每学期至少开展2次专题培训，组织“主题月”活动，落实《2023年工作要点》要求。" +
	"加强日常管理，提升服务水平，建立月调度机制，七一前评选表彰一批先进典型，确保取得实效。"

// TestWorkGrowsWithTheText: ten times the text takes ten times the steps.
func TestWorkGrowsWithTheText(t *testing.T) {
	steps := func(n int, piece string) int {
		text := strings.Repeat(piece, n)
		r := newReader(text, fuzzed, running)
		r.walk()
		return r.steps
	}
	for _, piece := range []string{paragraph, "每年", "“", "《", "2023年3月、", "年度专", "会后", "一、", "3-", "每月至少、", "("} {
		small, large := steps(200, piece), steps(2000, piece)
		if large > 11*small+1000 {
			t.Errorf("%q: %d steps, ten times the text %d", piece, small, large)
		}
	}
}

// BenchmarkFind reads a text of 1 MB.
func BenchmarkFind(b *testing.B) {
	text := strings.Repeat(paragraph, 1<<20/len(paragraph))
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if len(Find(text, fuzzed)) == 0 {
			b.Fatal("nothing found")
		}
	}
}
