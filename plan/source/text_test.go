package source

import (
	"strings"
	"testing"
)

func TestTextIsCleaned(t *testing.T) {
	for in, want := range map[string][]string{
		"甲\r\n乙\r丙\n丁\f戊\u2028己\u0085庚":             {"甲", "乙", "丙", "丁", "戊", "己", "庚"},
		"\u3000\u3000一、\u00a0目标\u3000":              {"一、 目标"},
		"\u200b每\u200d月\ufeff\u00ad一\u200f督\u202e办": {"每月一督办"},
		"\uf0d8 建立台账\ufe0f":                         {"建立台账"},
		"| 序号 | 任务 |\n|":                            {"| 序号 | 任务 |", "|"},
		"部门\t时间":                                    {"部门\t时间"},
		"个\x07别\x01控制字符，还是文本":                       {"个别控制字符，还是文本"},
		strings.Repeat("督导", 10) + "\x00":           {strings.Repeat("督导", 10)},
		"督导工作\xe7\x9d":                              {"督导工作"}, // cut within a character
	} {
		same(t, texts(t, "a.txt", []byte(in)), want...)
	}
}

func TestLinesOfText(t *testing.T) {
	d, err := Open("a.txt", []byte("\ufeff\r\n标题\r\n\r\n  \r\n正文"))
	if err != nil {
		t.Fatal(err)
	}
	if d.Blocks[0].Place.Line != 2 || d.Blocks[1].Place.Line != 5 {
		t.Errorf("lines %v", d.Blocks)
	}
}

// A few characters are enough to tell GB18030, in a mostly Latin text too.
func TestShortGB(t *testing.T) {
	for _, s := range []string{"督导", "2026年", "Duban 督办 v1.0", "一、目标\n(一)", "“督导”——①②"} {
		d, err := Open("a.txt", gb(s))
		if err != nil {
			t.Errorf("%s: %v", s, err)
			continue
		}
		if got := d.Blocks[0].Text; got != firstLine(s) {
			t.Errorf("%q read as %q", s, got)
		}
	}
}

// A byte lost on the way leaves a mark, in a text that is otherwise sound.
func TestDamagedCharacterIsMarked(t *testing.T) {
	long := strings.Repeat("做好督导工作，按时报送情况。", 100)
	same(t, texts(t, "a.txt", []byte(long+"\n督\xe5导")), long, "督\ufffd导")
	same(t, texts(t, "a.txt", append(gb(long+"\n督"), 0xff)), long, "督\ufffd")
}

func firstLine(s string) string { l, _ := cutLine(s); return l }

func TestMarkdownAsShown(t *testing.T) {
	for in, want := range map[string][]string{
		"# 标题 #\n\n## 一、目标\n正文":                                   {"标题", "一、目标", "正文"},
		"标题\n===\n\n小标题\n---\n":                                   {"标题", "小标题"},
		"- 甲\n* 乙\n+ [x] 丙\n1. 丁\n2. 戊":                           {"甲", "乙", "丙", "1. 丁", "2. 戊"},
		"**3月底**前，见[通知](http://a/b)和![图](c.png)。":                 {"3月底前，见通知和。"},
		"3 * 4、2*3、a_b、_斜_、`码`、~~删~~、\\*星":                        {"3 * 4、2*3、a_b、斜、码、删、*星"},
		"> 引用\n\n```\n# 码\n```":                                   {"引用", "# 码"},
		"| 任务 | 时间 |\n|:--|--:|\n| 修订 \\| 印发 | 3月 |\n| 听课 |\n\n后": {"|任务|时间|", "|修订 | 印发|3月|", "|听课||", "后"},
		"甲 | 乙\n--- | ---\n丙 | 丁":                                 {"|甲|乙|", "|丙|丁|"},
		"没有 | 表的行":                                                {"没有 | 表的行"},
		"一、目标\n（一）甲\n短行\n1.乙":                                     {"一、目标", "（一）甲", "短行", "1.乙"},
		"坚持以学生为中心，以问题为导向，以改进为目的，做到有计划、有检查、有反馈、\n有整改。": {"坚持以学生为中心，以问题为导向，以改进为目的，做到有计划、有检查、有反馈、有整改。"},
		"第一行<br>第二行": {"第一行", "第二行"},
		"[[[[[没完":    {"[[[[[没完"},
	} {
		same(t, texts(t, "a.md", []byte(in)), want...)
	}
}
