package main

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"duban/cmd/duban/internal/control"
)

func TestPlanAddWithoutService(t *testing.T) {
	h := newHouse(t, "")
	out := h.want(0, []string{
		"计划 plan《2023年工作要点》：共 5 项，启动 2 项，生成督办件 2 件，待定 3 项。",
		"2023-0001", "一.1 干部队伍建设", "2023年3月1日", "待签收",
		"2023年12月31日（提前至2023年12月29日）", // a Sunday
		"二.1 校园安全：牵头单位不在组织机构中", "二.2 厉行节约：待明确牵头单位", "二.3 作风建设：待明确时限",
	}, "plan", "add", h.file("plan.yaml"))
	if n := strings.Count(out, "\n"); n != 1+2+1+3 {
		t.Errorf("%d lines:\n%s", n, out)
	}
	if _, err := os.Stat(h.file("data/nats")); !os.IsNotExist(err) {
		t.Errorf("adding a plan opened the bus: %v", err)
	}
	h.want(0, []string{"计划 plan 已于 2023-02-21 10:00 录入，内容相同，未作改动。"}, "plan", "add", h.file("plan.yaml"))

	// Who is told waits for the service.
	h.want(0, nil, "act", "2023-0001", "instruct", "--by", "zhao", "-d", "text=请抓紧")
	h.serve()
	h.arrived(2, 0)
}

func TestPlanAddWarnsOfUnitsNobodyKnows(t *testing.T) {
	h := newHouse(t, "")
	code, out, errs := h.run("plan", "add", h.file("plan.yaml"), "--json")
	if code != 0 || !strings.Contains(errs, `warning: plan 二.1: unit "保卫处" is not in the organisation`) {
		t.Errorf("exit code %d: %s", code, errs)
	}
	var v map[string]any
	if err := json.Unmarshal([]byte(out), &v); err != nil || v["started"] != 2.0 || v["waiting"] != 3.0 || v["same"] != false {
		t.Errorf("%v in %s", err, out)
	}
}

// A group as lead becomes one child a unit, and items wait in the plan's order.
func TestPlanAddCountsChildren(t *testing.T) {
	h := newHouse(t, "")
	h.write("school.yaml", schoolFile+"groups:\n  - {name: 各单位, members: [党委组织部, 教务处]}\n")
	file := h.write("group.yaml", "title: 部署\nissued: 2023-02-17\nitems:\n  - {no: \"二\", heading: 部署, lead: [各单位], deadlines: [{text: 2月底, kind: point, end: 2023-02-28}]}\n"+
		"  - {no: \"二.2\", heading: 甲}\n  - {no: \"一.1\", heading: 乙}\n")
	h.want(0, []string{"启动 1 项，生成督办件 3 件，待定 2 项", "S2023-0001", "另由其中派生 2 件", "  二.2 甲：待明确牵头单位\n  一.1 乙："}, "plan", "add", file)
}

func TestPlanAddDays(t *testing.T) {
	h := newHouse(t, "")
	undated := h.write("undated.yaml", strings.Replace(planFile, "issued: 2023-02-17\n", "", 1))
	h.want(2, []string{"prints no day of issue", "--issued"}, "plan", "add", undated)
	h.want(2, []string{"--until 2022-12-31 is before the day of issue"}, "plan", "add", undated, "--issued", "2023-02-17", "--until", "2022-12-31")
	h.want(2, []string{"--issued"}, "plan", "add", undated, "--issued", "17.2.2023")
	// Issued after a deadline: nothing is invented.
	added := ask[control.Added](h, "plan", "add", undated, "--issued", "2023-03-06")
	if added.Started != 1 || added.Waits[0].Why != "时限早于印发日期：2023-03-01" {
		t.Errorf("got %+v", added)
	}
}

func TestPlanAddRefuses(t *testing.T) {
	const bad = "title: x\nissued: 2023-02-30\nitems:\n  - {no: \"1\", heading: a, deadlnes: []}\n  - {heading: b, deadlines: [{text: 月底, kind: pont}]}\n"
	for name, c := range map[string]struct {
		file, text string
		says       []string
	}{
		"every fault of a bad plan": {"bad.yaml", bad, []string{"bad.yaml:2:9:", "bad.yaml:4:", `"deadlnes"`, "bad.yaml:5:", `"pont"`}},
		"a workflow nobody knows":   {"flow.yaml", strings.Replace(planFile, "lead: [教务处]}", "lead: [教务处], workflow: asignment}", 1), []string{`flow.yaml: item 二.3: workflow "asignment" is not known`}},
		"a file that is not there":  {"", "", []string{"nothing.yaml: cannot be read"}},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t, "")
			file := h.file("nothing.yaml")
			if c.file != "" {
				file = h.write(c.file, c.text)
			}
			h.want(2, c.says, "plan", "add", file)
			if _, err := os.Stat(h.file("data/duban.db")); err == nil && c.file != "flow.yaml" {
				t.Error("it opened the data")
			}
			h.want(0, []string{"启动 2 项"}, "plan", "add", h.file("plan.yaml")) // nothing stands in the way
		})
	}
}

func TestARevisedPlanIsRefused(t *testing.T) {
	h := newHouse(t, "")
	r := h.serve()
	h.want(0, nil, "plan", "add", h.file("plan.yaml"))
	h.write("plan.yaml", strings.Replace(planFile, "2023-03-01", "2023-04-01", 1))
	h.want(2, []string{"plan: a plan of this name with other content is already here"}, "plan", "add", h.file("plan.yaml"))
	r.measures("duban_transitions_total 2\n") // the refused plan left nothing behind
}

func TestPlanFromStandardInput(t *testing.T) {
	h := newHouse(t, "")
	code, out, errs := h.runWith(planFile, "plan", "add", "-")
	if code != 0 || !strings.Contains(out, "启动 2 项") {
		t.Errorf("exit code %d: %s%s", code, out, errs)
	}
}

// Whoever adds a plan need not hold the service's secrets.
func TestPlanAddNeedsNoSecrets(t *testing.T) {
	h := newHouse(t, "mail: {host: mx.example, from: a@b.example, username: u, password_env: DUBAN_TEST_UNSET}\n")
	h.want(0, []string{"启动 2 项"}, "plan", "add", h.file("plan.yaml"))
	h.write("config.yaml", "org: missing.yaml\n")
	h.want(2, []string{"config.yaml:1:", "missing.yaml"}, "plan", "add", h.file("plan.yaml"))
}
