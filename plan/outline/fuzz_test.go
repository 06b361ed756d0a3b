package outline

import (
	"strings"
	"testing"
	"time"

	"duban/plan"
	"duban/plan/source"
)

func document(text string) *source.Document {
	d := &source.Document{Format: source.Text}
	for i, l := range strings.Split(text, "\n") {
		if strings.TrimSpace(l) != "" {
			d.Blocks = append(d.Blocks, source.Block{Text: l, Place: source.Place{Line: i + 1}})
		}
	}
	return d
}

// seedTexts begin the fuzzing with the forms that documents have.
var seedTexts = []string{
	"要点\n一、抓教学\n1.修订方案。3月底前完成。（牵头部门：教务处，配合部门：各二级学院）\n",
	"意见各单位：一、减证明（一）清理证明。公布清单。（司法局牵头，各地区按职责分工负责）（二）承诺制。（民政局等负责）市政府2022年5月20日（此件公开发布）",
	"序号\n工作任务\n责任单位\n完成时限\n1\n修路\n交通局\n6月\n2\n种树\n林业局\n3月\n",
	"| 任务 | 责任单位 |\n|---|---|\n| 修路 | 交通局 |\n",
	"1、要点今年的思路是一、夯实基础1 .修订。(责任部\n2、门:档案室).做好服务。(责任部门:档案室)",
	"附件 2校长责任清单\n5.每年讲课1次。\n附件3\n1.（一）①（1）第三条",
	"（（（（【【（责任单位：）））", "3月\n1.开会。\n4月\n1.散会。", "〇一二三四五六七八九十百第章条㈠⒈⑴",
	"四、要求\n1.教务处负责甲；学生处要乙；宣传部负责丙。由党办牵头，团委配合。",
}

// patience is how long a text of a fuzz run may take: far more than a linear
// reader needs, far less than any other.
func patience(text string) time.Duration {
	return 2*time.Second + time.Duration(len(text))*20*time.Microsecond
}

// FuzzOutline: no text makes the reader fall or take long, and what it finds
// stands in the document.
func FuzzOutline(f *testing.F) {
	for _, s := range seedTexts {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d := document(text)
		start := time.Now()
		o := Of(d)
		if took := time.Since(start); took > patience(text) {
			t.Errorf("%d bytes took %v", len(text), took)
		}
		seen := map[string]bool{}
		for _, it := range o.Items {
			if seen[it.No] || it.No == "" {
				t.Errorf("number %q twice or empty", it.No)
			}
			seen[it.No] = true
			for _, p := range it.Places {
				checkPlace(t, d, p)
			}
		}
	})
}

func checkPlace(t *testing.T, d *source.Document, p plan.Place) {
	t.Helper()
	for _, b := range d.Blocks {
		if b.Place.Line == p.Line {
			if p.From < 0 || p.From > p.To || p.To > len(b.Text) {
				t.Errorf("place %+v outside of line %q", p, b.Text)
			}
			return
		}
	}
	t.Errorf("place %+v on no line", p)
}

// FuzzTags: tags are in order, do not overlap unless they stand without brackets,
// and name what is printed.
func FuzzTags(f *testing.F) {
	for _, s := range seedTexts {
		f.Add(s)
	}
	f.Add("（责任领导：张三 责任部门：教务处、学生处及各二级学院；完成时限：6月底）\n牵头单位：甲局\n配合单位：乙局、\n丙局")
	f.Fuzz(func(t *testing.T, text string) {
		s := newSheet(document(text))
		end := 0
		for _, tg := range s.findTags() {
			if tg.at.from < 0 || tg.at.from > tg.at.to || tg.at.to > len(s.text) || tg.at.from < end && !tg.plain {
				t.Errorf("tag %v of %d bytes, the one before ends at %d", tg.at, len(s.text), end)
			}
			end = tg.at.from
			for _, p := range tg.parts {
				for _, n := range p.names {
					if n.text == "" || n.at.from > n.at.to || n.at.to > len(s.text) {
						t.Errorf("name %q at %v", n.text, n.at)
					}
				}
			}
		}
	})
}
