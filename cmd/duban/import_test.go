package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jmoiron/sqlx"

	"duban/cmd/duban/internal/control"
	"duban/plan/read"
)

// points is a plan with an item of each kind: dated, without a unit, without a
// date, with units that only the office can tell.
const points = `title: 2023年工作要点
issuer: 中共测试学院委员会
issued: 2023-02-17
year: 2023
items:
  - {no: "一.1", heading: 干部队伍建设, text: "选好干部。（牵头部门：组织部；时限：3月底）", lead: [组织部], deadlines: [{text: 3月底, kind: point, end: 2023-03-31}]}
  - {no: "一.2", heading: 教学检查, text: 由教务处在年底组织教学检查, lead: [教务处], deadlines: [{text: 年底, kind: point, end: 2023-12-31, alt_end: 2023-12-20}]}
  - {no: "一.3", heading: 课程思政, lead: [学校教务], cooperating: [组织部, 保卫处], deadlines: [{text: 每季度至少举行1次, kind: cadence, cadence: P3M, count: 1, at_least: true}]}
  - {no: "二.1", heading: 校园安全, lead: [保卫处], deadlines: [{text: 6月底, kind: point, end: 2023-06-30}]}
  - {no: "二.2", heading: 厉行节约, deadlines: [{text: 6月底, kind: point, end: 2023-06-30}]}
  - {no: "二.3", heading: 作风建设, lead: [教务处], deadlines: [{text: 适时, kind: open}]}
`

// drafted is a house in which points was imported as 要点.
func drafted(t *testing.T) *house {
	t.Helper()
	h := newHouse(t, "")
	h.want(0, []string{"草稿 要点", "确认之前不启动事项"}, "import", h.write("要点.yaml", points))
	return h
}

func (h *house) count(query string) (n int) {
	h.t.Helper()
	db, err := sqlx.Open("sqlite", "file:"+h.file("data/duban.db")+"?mode=ro")
	if err != nil {
		h.t.Fatal(err)
	}
	defer db.Close()
	if err := db.Get(&n, query); err != nil {
		h.t.Fatal(err)
	}
	return n
}

func (h *house) sound() {
	h.t.Helper()
	h.want(0, []string{"head"}, "verify")
}

// What an office clerk reads. DUBAN_UPDATE=1 writes it anew.
func TestReviewAsPrinted(t *testing.T) {
	h := newHouse(t, "")
	golden(t, "review.txt", h.want(0, nil, "import", h.write("要点.yaml", points)))
	h.want(0, nil, "draft", "alias", "学校教务=教务处")
	h.want(0, nil, "draft", "confirm", "要点", "--all")
	golden(t, "revision.txt", h.want(0, nil, "import", h.write("新稿.yaml", revisedPoints), "--revises", "要点"))
	golden(t, "revised.txt", h.want(0, nil, "draft", "confirm", "要点", "--all"))
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if os.Getenv("DUBAN_UPDATE") != "" {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s: got\n%s\nwant\n%s", file, got, want)
	}
}

// Nothing starts before the office confirms, and then what it decided holds.
func TestImportDecideConfirm(t *testing.T) {
	h := drafted(t)
	r := h.serve()
	if n := h.count(`SELECT (SELECT COUNT(*) FROM instances) + (SELECT COUNT(*) FROM plans) + (SELECT COUNT(*) FROM outbox WHERE instance_id > 0)`); n != 0 {
		t.Errorf("%d plans, assignments and notices before anybody confirmed", n)
	}
	h.want(0, []string{"学校教务", "→  教务处", "zhao"}, "draft", "alias", "学校教务=教务处", "--by", "赵雪梅")
	h.want(0, []string{"办公室定  牵头 教务处；敏感", "有时限，敏感，1件"}, "draft", "decide", "要点", "二.1", "--lead", "教务处", "--sensitive")
	h.want(0, []string{"不督办"}, "draft", "decide", "要点", "二.2", "--drop")
	h.want(0, []string{"长期坚持，1件"}, "draft", "decide", "要点", "二.3", "--keep")
	h.want(0, []string{"计划 要点《2023年工作要点》：共 6 项，启动 5 项，生成督办件 5 件，待定 0 项。", "一.3 课程思政  每季度至少举行1次"}, "draft", "confirm", "要点", "--all")
	if n := h.count(`SELECT COUNT(*) FROM facts WHERE json_extract(body, '$.sensitive')`); n != 1 {
		t.Errorf("%d sensitive assignments, want 1", n)
	}
	if n := h.count(`SELECT COUNT(*) FROM items WHERE status = 'dropped' AND no = '二.2'`); n != 1 {
		t.Error("the item that is left out has no row that says so")
	}
	r.stop()
	h.sound()
	h.want(0, []string{"内容相同的文件已于 2023-02-21 10:00 导入为 要点《2023年工作要点》（已确认），未作改动。"}, "import", h.file("要点.yaml"))
	h.want(0, []string{"导入为 要点"}, "import", h.write("另名.yaml", points)) // known by its content
	h.want(2, []string{"已于 2023-02-21 10:00 确认"}, "draft", "confirm", "要点", "--all")
	if n := h.count(`SELECT COUNT(*) FROM drafts`); n != 1 {
		t.Errorf("%d drafts, want 1", n)
	}
}

// A plan that was confirmed previews what runs.
func TestPreviewOfAConfirmedPlanIsWhatRuns(t *testing.T) {
	h := drafted(t)
	h.want(0, nil, "draft", "alias", "学校教务=教务处")
	h.want(0, nil, "draft", "decide", "要点", "二.1", "--lead", "教务处", "--due", "2023-07-14")
	h.want(0, nil, "draft", "confirm", "要点", "--all")
	h.previewAgrees("要点", "一.3")
}

// previewAgrees compares the items and days that a preview of the confirmed plan
// names with those that run; the series, which is previewed period by period,
// is left out.
func (h *house) previewAgrees(key, series string) {
	h.t.Helper()
	file := h.write("confirmed.json", h.want(0, nil, "draft", "review", key, "--plan"))
	previewed := map[string]bool{}
	for line := range strings.Lines(h.want(0, nil, "preview", file, "--org", h.file("school.yaml"), "--json")) {
		var l struct{ Item, Due, Unit string }
		if err := json.Unmarshal([]byte(line), &l); err != nil {
			h.t.Fatal(err)
		}
		if l.Due != "" && l.Item != series {
			previewed[l.Item+" "+l.Due] = true
		}
	}
	db, err := sqlx.Open("sqlite", "file:"+h.file("data/duban.db")+"?mode=ro")
	if err != nil {
		h.t.Fatal(err)
	}
	defer db.Close()
	var runs []string
	if err := db.Select(&runs, `SELECT item || ' ' || json_extract(body, '$.due') FROM instances JOIN facts USING (id)
		WHERE closed IS NULL AND kind = 'assignment' AND parent = 0`); err != nil {
		h.t.Fatal(err)
	}
	for _, r := range runs {
		if !previewed[r] {
			h.t.Errorf("%s runs and is not previewed; %v", r, previewed)
		}
		delete(previewed, r)
	}
	if len(previewed) > 0 {
		h.t.Errorf("%v are previewed and do not run", previewed)
	}
}

// Items can be confirmed one after the other.
func TestConfirmSomeItems(t *testing.T) {
	h := drafted(t)
	h.want(0, []string{"启动 1 项", "待定 5 项", "一.2 教学检查：待确认"}, "draft", "confirm", "要点", "一.1")
	h.want(2, []string{"事项 一.1 已确认过"}, "draft", "confirm", "要点", "一.1")
	h.to("2023-03-02 10:00")
	h.want(0, []string{"2023-0002"}, "draft", "confirm", "要点", "一.2")
	h.want(0, nil, "draft", "confirm", "要点", "--all")
	h.want(2, []string{"确认"}, "draft", "confirm", "要点", "--all")
	if n := h.count(`SELECT COUNT(*) FROM instances`); n != 2 {
		t.Errorf("%d assignments, want 2: the others wait for a unit or a day", n)
	}
	h.want(0, []string{"二.2 厉行节约  已启动"}, "plan", "decide", "要点", "二.2", "--lead", "教务处")
	h.sound()
}

// A newer reading of a document that nobody has confirmed takes the place of the
// draft, with what was decided about items that are the same.
func TestANewerDraftKeepsDecisions(t *testing.T) {
	h := drafted(t)
	h.want(0, nil, "draft", "decide", "要点", "二.1", "--lead", "教务处")
	h.want(0, nil, "draft", "decide", "要点", "二.3", "--keep")
	h.write("要点.yaml", strings.Replace(points, "适时, kind: open", "9月底, kind: point, end: 2023-09-30", 1))
	out := h.want(0, []string{"办公室定  牵头 教务处"}, "import", h.file("要点.yaml"))
	if strings.Contains(out, "长期坚持") {
		t.Errorf("a decision holds although the words it was about have changed:\n%s", out)
	}
	h.want(0, []string{"已由新稿替换", "待确认"}, "draft", "list")
	h.want(0, []string{"草稿 要点《2023年工作要点》已作废"}, "draft", "discard", "要点")
	h.want(2, []string{"已作废"}, "draft", "confirm", "要点", "--all")
	h.want(0, []string{"草稿 要点", "待确认"}, "import", h.file("要点.yaml")) // what was given up may come again
	h.sound()
}

func TestImportDayOfIssue(t *testing.T) {
	h := newHouse(t, "")
	undated := h.write("要点.yaml", strings.Replace(points, "issued: 2023-02-17\n", "", 1))
	h.want(0, []string{"! 文中未印日期：确认前须给定印发日期", "低  文中未印日期"}, "import", undated)
	h.want(2, []string{"duban draft decide 要点 --issued"}, "draft", "confirm", "要点", "--all")
	h.want(0, []string{"由办公室给定"}, "draft", "decide", "要点", "--issued", "2023-02-17")
	h.want(0, []string{"启动 2 项"}, "draft", "confirm", "要点", "--all")
	h.want(0, []string{"已确认"}, "import", undated, "--issued", "2023-02-17")
}

// A plan that plan add brought in is known as well.
func TestImportKnowsAddedPlans(t *testing.T) {
	h := newHouse(t, "")
	h.want(0, nil, "plan", "add", h.file("plan.yaml"))
	h.want(0, []string{"导入为 plan", "未作改动"}, "import", h.file("plan.yaml"))
	h.write("plan.yaml", strings.Replace(planFile, "2023-03-01", "2023-04-01", 1))
	h.want(2, []string{"duban import"}, "plan", "add", h.file("plan.yaml"))
	h.want(0, []string{"变更 1 项", "在办  2023-0001 党委组织部：时限改为2023年4月1日"}, "import", h.file("plan.yaml"))
	h.want(0, []string{"第 2 版"}, "draft", "confirm", "plan", "--all")
	h.sound()
}

func TestImportRefuses(t *testing.T) {
	h := newHouse(t, "")
	h.write("empty.txt", " \n")
	h.write("bad.yaml", "title: x\nitems:\n  - {no: \"1\", heading: a, deadlnes: []}\n")
	h.write("nothing.yaml", "title: x\nitems: []\n")
	for name, c := range map[string]struct {
		args []string
		says string
	}{
		"no such file":        {[]string{"import", h.file("missing.docx")}, "cannot be read"},
		"an empty file":       {[]string{"import", h.file("empty.txt")}, "empty.txt"},
		"a bad plan file":     {[]string{"import", h.file("bad.yaml")}, "deadlnes"},
		"no items":            {[]string{"import", h.file("nothing.yaml")}, "no items"},
		"revises nothing":     {[]string{"import", h.file("plan.yaml"), "--revises", "别的"}, "没有名为 别的 的计划"},
		"no draft":            {[]string{"draft", "review", "别的"}, "没有名为 别的 的草稿"},
		"nothing decided":     {[]string{"draft", "decide", "别的", "一.1"}, "say what is decided"},
		"decided about none":  {[]string{"draft", "decide", "别的", "--keep"}, "name the items"},
		"two ends":            {[]string{"draft", "decide", "别的", "一.1", "--keep", "--due", "2023-06-30"}, "can't be used together"},
		"alias of no unit":    {[]string{"draft", "alias", "学校教务=宇航处"}, "宇航处"},
		"alias of a unit":     {[]string{"draft", "alias", "组织部=教务处"}, "本就在组织机构中"},
		"alias by a stranger": {[]string{"draft", "alias", "学校教务=教务处", "--by", "周志强"}, "不在效能办任职"},
	} {
		t.Run(name, func(t *testing.T) { h.want(2, []string{c.says}, c.args...) })
	}
	if n := h.count(`SELECT (SELECT COUNT(*) FROM drafts) + (SELECT COUNT(*) FROM aliases)`); n != 0 {
		t.Errorf("%d rows of what was refused", n)
	}
	h.want(0, nil, "import", h.write("要点.yaml", points))
	h.want(2, []string{"--all"}, "draft", "confirm", "要点")
	h.want(2, []string{"没有事项 九.9"}, "draft", "confirm", "要点", "九.9")
	h.want(2, []string{"没有事项 九.9"}, "draft", "decide", "要点", "九.9", "--keep")
	h.want(2, []string{"宇航处"}, "draft", "decide", "要点", "一.1", "--lead", "宇航处")
}

// A document that is marked secret does not enter the house.
func TestImportRefusesSecrets(t *testing.T) {
	h := newHouse(t, "")
	for _, mark := range []string{"秘密", "机密", "绝密"} {
		text := mark + "★1年\n测试学院2023年工作要点\n一、重点任务\n1.教学检查。（牵头部门：教务处；时限：6月底）\n"
		if _, err := read.Plan("a.txt", []byte(text), read.Options{}); err == nil {
			t.Fatal("the reader does not look for the mark")
		}
		h.want(2, []string{mark}, "import", h.write("secret.txt", text))
	}
	if _, err := os.Stat(h.file("data/duban.db")); !os.IsNotExist(err) {
		t.Errorf("a secret document opened the data: %v", err)
	}
}

// A document of the office's own hand, from the text to what runs.
func TestImportOfADocument(t *testing.T) {
	h := newHouse(t, "")
	text := "测试学院2023年教学工作要点\n一、重点任务\n1.开展教学检查。2023年6月底前完成。（牵头部门：教务处）\n2.选好用好干部。2023年9月底前完成。（牵头部门：组织部）\n测试学院\n2023年2月17日\n"
	p, err := read.Plan("工作.txt", []byte(text), read.Options{})
	if err != nil || len(p.Items) != 2 || len(p.Items[0].Lead) == 0 || len(p.Items[0].Deadlines) == 0 {
		t.Fatalf("the reader does not find the items: %v %+v", err, p)
	}
	r := ask[control.Review](h, "import", h.write("工作.txt", text))
	if r.Key != "工作" || len(r.Items) != 2 || r.Items[1].Status != control.Dated || r.Items[1].Leads[0].Unit != "党委组织部" {
		t.Errorf("%+v", r)
	}
	h.want(0, []string{"生成督办件 2 件"}, "draft", "confirm", "工作", "--all")
	h.sound()
}
