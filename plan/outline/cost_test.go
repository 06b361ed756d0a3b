package outline

import (
	"strings"
	"testing"
	"time"
)

// What a long document costs is its length, whatever stands in it.
func TestCostGrowsWithTheLength(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	forms := map[string]string{
		"items on lines":   "1.修订方案。三月底前完成修订并报会审议。（牵头部门：教务处，配合部门：各二级学院）\n",
		"one line":         "（一）清理证明。公布清单。（司法局牵头，各地区按职责分工负责）",
		"open brackets":    "（【(",
		"closed brackets":  "责任单位：）",
		"colons":           "责任单位：牵头：",
		"table":            "1\n修路\n交通局\n6月\n",
		"numbers":          "1.2.3.4.",
		"blanks":           "责 任 部 门 : 教 务 处 ",
		"names":            "教务处、学生处、",
		"titles":           "关于印发《方案》的通知\n",
		"signatures":       "教务处\n2023年3月1日\n",
		"bars":             "| 任务 | 责任单位 |\n",
		"subjects":         "教务处负责教学；学生处要",
		"attachments":      "附件1\n附件：1.表\n",
		"wide parentheses": strings.Repeat("（教务处", 30) + strings.Repeat("）", 30),
	}
	for name, unit := range forms {
		small, large := time.Duration(0), time.Duration(0)
		for range 3 { // the machine may be busy with something else
			small, large = cost(unit, 100_000), cost(unit, 1_000_000)
			if large < 40*small+300*time.Millisecond {
				break
			}
		}
		if large >= 40*small+300*time.Millisecond {
			t.Errorf("%s: 100 kB took %v, ten times as much %v", name, small, large)
		}
		t.Logf("%-17s 100 kB %8v  1 MB %8v", name, small.Round(time.Microsecond), large.Round(time.Microsecond))
	}
}

func cost(unit string, size int) time.Duration {
	d := document(strings.Repeat(unit, size/len(unit)))
	start := time.Now()
	Of(d)
	return time.Since(start)
}
