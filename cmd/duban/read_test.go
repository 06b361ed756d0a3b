package main

import (
	"encoding/json"
	"strings"
	"testing"
)

const readDocument = `滨江学院2023年教学工作要点
一、专业建设
1.优化专业布局。3月底前提出方案。（牵头部门：教务处，配合部门：各二级学院）
2.保卫处要每月检查实验室。
滨江学院
2023年2月17日
`

// What is read is looked through and added as it is; what is uncertain is said
// beside it.
func TestReadAndAddPlan(t *testing.T) {
	h := newHouse(t, "")
	doc := h.write("要点.txt", readDocument)
	code, out, errs := duban(t, "read", doc)
	if code != 0 || !strings.Contains(errs, "要点.txt:4: 一.2 责任单位取自句子的主语，请核对。") {
		t.Fatalf("exit code %d: %s", code, errs)
	}
	h.want(0, []string{"计划 要点《滨江学院2023年教学工作要点》：共 2 项"}, "plan", "add", h.write("plan2.yaml", out))
}

func TestReadAsJSON(t *testing.T) {
	h := newHouse(t, "")
	_, out, _ := duban(t, "read", "--json", "--issued", "2023-03-01", h.write("要点.txt", readDocument))
	var p struct {
		Issued, Issuer string
		Year           int
		Items          []struct {
			No                string
			Lead, Cooperating []string
			Places            []struct{ Field string }
		}
	}
	if err := json.Unmarshal([]byte(out), &p); err != nil {
		t.Fatal(err)
	}
	if p.Issued != "2023-03-01" || p.Issuer != "滨江学院" || p.Year != 2023 || len(p.Items) != 2 ||
		p.Items[0].Lead[0] != "教务处" || p.Items[0].Cooperating[0] != "各二级学院" || len(p.Items[0].Places) < 4 {
		t.Errorf("%+v", p)
	}
}

func TestReadRefuses(t *testing.T) {
	h := newHouse(t, "")
	for text, words := range map[string]string{
		"机密★1年\n方案\n一、甲\n1.乙。": "涉密文件不得录入",
		"今天天气很好。":              "没有找到任何事项",
	} {
		code, out, errs := duban(t, "read", h.write("doc.txt", text))
		if code != 2 || out != "" || !strings.Contains(errs, words) || strings.Count(errs, "\n") != 1 {
			t.Errorf("exit code %d, %q, %q", code, out, errs)
		}
	}
	if code, _, errs := duban(t, "read", h.file("no-such.docx")); code != 2 || !strings.Contains(errs, "no-such.docx") {
		t.Errorf("exit code %d: %s", code, errs)
	}
}
