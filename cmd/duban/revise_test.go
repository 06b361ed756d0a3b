package main

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"github.com/jmoiron/sqlx"

	"duban/engine"
)

// revisedPoints moves a deadline later and one earlier, gives an item to another
// unit, puts a new item in between, and no longer has the last one.
const revisedPoints = `title: 2023年工作要点（修订）
issuer: 中共测试学院委员会
issued: 2023-02-17
year: 2023
items:
  - {no: "一.1", heading: 干部队伍建设, text: "选好干部。（牵头部门：组织部；时限：4月底）", lead: [党委组织部], deadlines: [{text: 4月底, kind: point, end: 2023-04-30}]}
  - {no: "一.2", heading: 教学检查, text: 由教务处在11月底组织教学检查, lead: [教务处], deadlines: [{text: 11月底, kind: point, end: 2023-11-30}]}
  - {no: "一.3", heading: 教材建设, lead: [教务处], deadlines: [{text: 5月底, kind: point, end: 2023-05-31}]}
  - {no: "一.4", heading: 课程思政, lead: [学校教务], cooperating: [组织部, 保卫处], deadlines: [{text: 每季度至少举行1次, kind: cadence, cadence: P3M, count: 1, at_least: true}]}
  - {no: "二.1", heading: 校园安全, lead: [组织部], deadlines: [{text: 6月底, kind: point, end: 2023-06-30}]}
  - {no: "二.2", heading: 厉行节约, deadlines: [{text: 6月底, kind: point, end: 2023-06-30}]}
`

// running is a house in which points runs: 二.1 by 教务处, 二.3 for good.
func started(t *testing.T) *house {
	t.Helper()
	h := drafted(t)
	h.want(0, nil, "draft", "alias", "学校教务=教务处")
	h.want(0, nil, "draft", "decide", "要点", "二.1", "--lead", "教务处")
	h.want(0, nil, "draft", "decide", "要点", "二.3", "--keep")
	h.want(0, []string{"启动 5 项"}, "draft", "confirm", "要点", "--all")
	return h
}

// eventsOf are what happened to an assignment, with who did it.
func (h *house) eventsOf(slip string) (kinds []string, last engine.Event) {
	h.t.Helper()
	db, err := sqlx.Open("sqlite", "file:"+h.file("data/duban.db")+"?mode=ro")
	if err != nil {
		h.t.Fatal(err)
	}
	defer db.Close()
	var rows []string
	if err := db.Select(&rows, `SELECT event FROM history WHERE instance_id = (SELECT id FROM instances WHERE slip = ?) ORDER BY seq`, slip); err != nil {
		h.t.Fatal(err)
	}
	for _, r := range rows {
		last = engine.Event{}
		if err := json.Unmarshal([]byte(r), &last); err != nil {
			h.t.Fatal(err)
		}
		kinds = append(kinds, string(last.Kind))
	}
	return kinds, last
}

func (h *house) happened(slip, want string) engine.Event {
	h.t.Helper()
	kinds, last := h.eventsOf(slip)
	if got := strings.Join(kinds, " "); got != want {
		h.t.Errorf("%s: %s, want %s", slip, got, want)
	}
	return last
}

// A revised document is shown as a difference, and confirming it moves what runs
// by events; what it does not touch goes on as it was.
func TestARevisedDocumentMovesWhatRuns(t *testing.T) {
	h := started(t)
	h.to("2023-02-22 10:00")
	h.want(0, nil, "act", "2023-0002", "acknowledge", "--by", "feng")
	h.want(0, []string{"新增 1 项，变更 4 项，撤下 1 项，未变 1 项", "编号  原  一.3", "在办  2023-0003 教务处：改由党委组织部承办",
		"在办  2023-0001 党委组织部：时限改为2023年4月30日", "在办  2023-0002 教务处：撤销并重新交办：时限改为2023年11月30日", "在办  L2023-0001 教务处：撤销"},
		"import", h.write("修订稿.yaml", revisedPoints), "--revises", "要点")
	h.happened("2023-0001", "start") // to look is not to act
	h.want(2, []string{"修订稿须整体确认"}, "draft", "confirm", "要点", "一.1")
	h.want(2, []string{"不在效能办任职"}, "draft", "confirm", "要点", "--all", "--by", "周志强")
	h.want(0, []string{"已修订为第 2 版", "2023-0002   教务处                已撤销并重新交办"}, "draft", "confirm", "要点", "--all", "--by", "赵雪梅")

	if ev := h.happened("2023-0001", "start extend"); ev.Data["due"] != "2023-04-30" || ev.Data["reason"] != "计划修订（第2版）：《2023年工作要点（修订）》" || ev.By.Person != "zhao" {
		t.Errorf("extended by %+v", ev)
	}
	h.happened("2023-0002", "start acknowledge cancel") // an earlier day is no extension
	if ev := h.happened("2023-0003", "start reassign"); ev.Data["unit"] != "党委组织部" {
		t.Errorf("reassigned by %+v", ev)
	}
	h.happened("S2023-0001", "start") // renumbered: nothing happens to it
	h.happened("L2023-0001", "start cancel")
	h.happened("2023-0004", "start") // 一.2 in the place of the cancelled one
	h.happened("2023-0005", "start") // 一.3 教材建设
	for query, want := range map[string]int{
		`SELECT COUNT(*) FROM instances`: 7,
		`SELECT COUNT(*) FROM plan_versions WHERE version = 1 AND body LIKE '%作风建设%'`:                  1,
		`SELECT COUNT(*) FROM plans WHERE title LIKE '%修订%'`:                                           1,
		`SELECT COUNT(*) FROM items WHERE no = '二.3' AND status = 'withdrawn'`:                         1,
		`SELECT COUNT(*) FROM items WHERE no = '一.4' AND status = 'started'`:                           1,
		`SELECT COUNT(*) FROM drafts WHERE state = 'confirmed'`:                                        2,
		`SELECT COUNT(*) FROM drafts WHERE done_by = 'zhao' AND file = '修订稿.yaml' AND plan_key = '要点'`: 1,
	} {
		if got := h.count(query); got != want {
			t.Errorf("%s: %d, want %d", query, got, want)
		}
	}
	h.sound()
	h.previewAgrees("要点", "一.4")
	h.want(0, []string{"导入为 要点《2023年工作要点（修订）》（已确认）"}, "import", h.file("修订稿.yaml"))
	h.want(0, []string{"1  2023-02-21 10:00", "2  2023-02-22 10:00", "（修订）"}, "draft", "versions", "要点")
	h.want(0, []string{"作风建设"}, "draft", "versions", "要点", "--show", "1")
	h.want(2, []string{"没有第 3 版"}, "draft", "versions", "要点", "--show", "3")
	h.want(0, []string{"撤下 1 项", "时限改为2023年3月31日"}, "import", h.file("要点.yaml")) // the way back
}

// What the office allowed and what is done survive a revision that is about
// something else, and a second revision finds what the first one began.
func TestRevisionsOneAfterTheOther(t *testing.T) {
	h := started(t)
	h.want(0, nil, "act", "2023-0003", "extend", "--by", "zhao", "-d", "due=2023-08-31", "-d", "reason=场地")
	h.want(0, nil, "act", "2023-0001", "close", "--by", "zhao", "-d", "result=完成")
	first := strings.Replace(revisedPoints, `heading: 校园安全, lead: [组织部]`, `heading: 校园安全建设, lead: [保卫处]`, 1)
	h.want(0, []string{"已办结，不再变动"}, "import", h.write("要点.yaml", first))
	h.want(0, []string{"第 2 版"}, "draft", "confirm", "要点", "--all")
	h.happened("2023-0001", "start close")
	h.happened("2023-0003", "start extend") // the office's own, and no more
	second := strings.NewReplacer("5月底, kind: point, end: 2023-05-31", "7月底, kind: point, end: 2023-07-31",
		"11月底, kind: point, end: 2023-11-30", "10月底, kind: point, end: 2023-10-31").Replace(first)
	h.want(0, nil, "import", h.write("要点.yaml", second))
	h.want(0, []string{"第 3 版", "变更 2 项"}, "draft", "confirm", "要点", "--all")
	h.happened("2023-0004", "start cancel")
	h.happened("2023-0005", "start extend")
	h.happened("2023-0006", "start")
	h.sound()
	if n := h.count(`SELECT COUNT(*) FROM plan_versions`); n != 2 {
		t.Errorf("%d former versions, want 2", n)
	}
}

// While a revision leaves open who or by when, what runs goes on.
func TestARevisionThatSaysLessStopsNothing(t *testing.T) {
	h := started(t)
	vague := strings.Replace(points, "6月底, kind: point, end: 2023-06-30}]}\n  - {no: \"二.2\"", "适时, kind: open}]}\n  - {no: \"二.2\"", 1)
	h.want(0, []string{"变更 1 项", "在办  2023-0003 教务处：不变动（待明确时限）"}, "import", h.write("要点.yaml", vague))
	h.want(0, nil, "draft", "confirm", "要点", "--all")
	h.happened("2023-0003", "start")
	h.sound()
}

// What a unit has handed in is not thrown away: the office decides about it first.
func TestARevisionLeavesWhatIsHandedIn(t *testing.T) {
	h := started(t)
	h.want(0, nil, "act", "2023-0001", "request_close", "--by", "zhou", "-d", "result=完成")
	h.want(0, nil, "act", "2023-0002", "suspend", "--by", "zhao", "-d", "reason=待上级文件")
	h.want(0, []string{"2023-0001 党委组织部：不变动（“待审核”状态下不能进行此操作）", "2023-0002 教务处：不变动（“暂缓”状态下不能进行此操作）"}, "import", h.write("要点.yaml", revisedPoints))
	h.want(0, []string{"2023-0001   党委组织部            未变动  待审核"}, "draft", "confirm", "要点", "--all")
	h.happened("2023-0001", "start request_close")
	h.happened("2023-0002", "start suspend")
	h.sound()
}

// A name that means another document is seen, and can be given another name.
func TestAnotherDocumentOfTheSameName(t *testing.T) {
	h := started(t)
	other := h.write("通知/要点.yaml", "title: 关于开展消防演练的通知\nissued: 2023-02-17\nitems:\n  - {no: \"一.1\", heading: 消防演练, lead: [教务处], deadlines: [{text: 6月底, kind: point, end: 2023-06-30}]}\n")
	h.want(0, []string{"几乎没有相同的事项", "--key"}, "import", other)
	h.want(0, nil, "draft", "discard", "要点")
	h.want(0, []string{"草稿 通知"}, "import", other, "--key", "通知")
	h.want(0, []string{"计划 通知"}, "draft", "confirm", "通知", "--all")
	h.sound()
}

// A deployment whose day moves is moved part by part; a withdrawn one ends with
// its parts.
func TestRevisedDeployment(t *testing.T) {
	h := newHouse(t, "")
	h.write("school.yaml", schoolFile+"groups:\n  - {name: 各单位, members: [党委组织部, 教务处]}\n")
	const text = "title: 部署\nissued: 2023-02-17\nitems:\n  - {no: \"一\", heading: 部署, lead: [各单位], deadlines: [{text: 3月底, kind: point, end: 2023-03-31}]}\n" +
		"  - {no: \"二\", heading: 收尾工作, lead: [教务处], deadlines: [{text: 6月底, kind: point, end: 2023-06-30}]}\n"
	h.want(0, nil, "import", h.write("部署.yaml", text))
	h.want(0, []string{"另由其中派生 2 件"}, "draft", "confirm", "部署", "--all")
	h.want(0, []string{"时限改为2023年4月30日"}, "import", h.write("部署.yaml", strings.Replace(text, "3月底, kind: point, end: 2023-03-31", "4月底, kind: point, end: 2023-04-30", 1)))
	h.want(0, nil, "draft", "confirm", "部署", "--all")
	h.happened("S2023-0001", "start")
	h.happened("2023-0001", "start extend")
	h.happened("2023-0002", "start extend")
	h.want(0, []string{"撤下 1 项"}, "import", h.write("部署.yaml", text[:strings.Index(text, "  - {no: \"一\"")]+text[strings.Index(text, "  - {no: \"二\""):]))
	h.want(0, nil, "draft", "confirm", "部署", "--all")
	h.happened("2023-0001", "start extend cancel")
	h.happened("S2023-0001", "start cancel child_done child_done")
	h.sound()
}

// A byte that the disk changed is not written down again with a good sum.
func TestAnAlteredPlanIsNotRevised(t *testing.T) {
	h := started(t)
	h.want(0, nil, "import", h.write("要点.yaml", revisedPoints))
	tamper(t, h.file("data/duban.db"), `UPDATE plans SET title = title || '。'`)
	h.want(1, []string{"not what was written: plan 要点"}, "draft", "confirm", "要点", "--all")
	tamper(t, h.file("data/duban.db"), `UPDATE drafts SET body = REPLACE(body, '教材', '器材')`)
	h.want(1, []string{"not what was written: draft 2"}, "draft", "review", "要点")
	h.want(1, []string{"plan 要点 is not what was written", "draft 2 of 要点 is not what was written"}, "verify")
}

// A process that dies in the middle of a confirmation leaves no half.
func TestKillerConfirm(t *testing.T) {
	if testing.Short() {
		t.Skip("starts and kills processes")
	}
	bin := build(t, "-tags", "crashpoints")
	for _, c := range []struct {
		place string
		steps int // of the history then
	}{{"before commit plan", 5}, {"after commit plan", 12}} {
		h := started(t)
		h.want(0, nil, "import", h.write("要点.yaml", revisedPoints))
		now := h.count(`SELECT COUNT(*) FROM history`)
		cmd := exec.Command(bin, "draft", "confirm", "要点", "--all", "-c", h.config)
		cmd.Env = append(os.Environ(), "DUBAN_CRASH="+c.place)
		out, err := cmd.CombinedOutput()
		var exit *exec.ExitError
		if !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
			t.Fatalf("%s: %v\n%s", c.place, err, out)
		}
		h.sound()
		done := c.place == "after commit plan"
		if n := h.count(`SELECT COUNT(*) FROM history`); (n > now) != done {
			t.Errorf("%s: %d steps, there were %d", c.place, n, now)
		}
		if n := h.count(`SELECT COUNT(*) FROM drafts WHERE state = 'open'`); (n == 0) != done {
			t.Errorf("%s: %d open drafts", c.place, n)
		}
		if done {
			h.want(2, []string{"确认"}, "draft", "confirm", "要点", "--all")
		} else {
			h.want(0, []string{"第 2 版"}, "draft", "confirm", "要点", "--all")
		}
		h.sound()
	}
}
