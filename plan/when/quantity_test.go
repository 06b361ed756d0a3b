package when_test

import (
	"fmt"
	"strings"
	"testing"

	"duban/plan/when"
)

func TestQuantities(t *testing.T) {
	for text, want := range map[string]string{
		"召开一次座谈会，面向师生通报情况。":            "召开一次座谈会 1次",
		"建设示范支部3-4个，打造品牌5项。":           "建设示范支部3-4个 0个|打造品牌5项 5项",
		"每学期至少开展“大走访”2次；培训教师200人次以上。":  "每学期至少开展“大走访”2次 2+次|培训教师200人次以上 200+人次",
		"全校18个学院分为两组，共5个小组。":           "",
		"落实“四个一”和《三年建设10所学校计划》，推进第二批。": "",
		"力争在6月底前完成。":                   "",
	} {
		var got []string
		for _, q := range when.Quantities(text) {
			least := ""
			if q.AtLeast {
				least = "+"
			}
			got = append(got, fmt.Sprintf("%s %d%s%s", q.Text, q.Count, least, q.Unit))
		}
		if s := strings.Join(got, "|"); s != want {
			t.Errorf("%s\n got %s\nwant %s", text, s, want)
		}
	}
}
