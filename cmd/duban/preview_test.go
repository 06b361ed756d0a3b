package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// duban runs a command line in this process.
func duban(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = run(t.Context(), args, streams{In: strings.NewReader(""), Out: &out, Err: &errs})
	return code, out.String(), errs.String()
}

func write(t *testing.T, name, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

const onePoint = `{"source":"one.txt","title":"样例","issuer":"教务处","issued":"2023-02-17","year":2023,"until":null,
"items":[{"no":"一.1","section":"","heading":"完成教学检查","text":"","type":"task","lead":["教务处"],"cooperating":["科技处"],"leader":[],
"deadlines":[{"text":"6月底","kind":"point","start":null,"end":"2023-06-30","cadence":null,"count":null,"at_least":false,"trigger":null,"alt_start":null,"alt_end":null}],
"quantities":[],"warnings":[]}]}`

// previewed are the lines of a preview of one plan, rounds and the office's week left out.
func previewed(t *testing.T, args ...string) []map[string]any {
	t.Helper()
	code, out, errs := duban(t, append([]string{"preview", "--json"}, args...)...)
	if code != 0 {
		t.Fatalf("exit %d: %s", code, errs)
	}
	var lines []map[string]any
	for l := range strings.Lines(out) {
		var m map[string]any
		if err := json.Unmarshal([]byte(l), &m); err != nil {
			t.Fatalf("%v: %s", err, l)
		}
		for _, field := range []string{"at", "to", "unit", "channel", "reason", "plan", "item", "due", "effective", "delivery", "subject"} {
			if _, ok := m[field]; !ok {
				t.Fatalf("a line has no %s: %s", field, l)
			}
		}
		if m["item"] != nil {
			lines = append(lines, m)
		}
	}
	return lines
}

// The whole ladder of one assignment due on 30 June 2023, by the calendar with
// the Dragon Boat holidays and the make-up Sunday of 25 June in it.
func TestPreviewOfTheLadder(t *testing.T) {
	var got []string
	for _, m := range previewed(t, write(t, "one.json", onePoint)) {
		got = append(got, m["at"].(string)[:16]+" "+m["reason"].(string)+" "+m["to"].(string))
		if m["due"] != "2023-06-30" || m["effective"] != "2023-06-30" || m["delivery"] == "" {
			t.Errorf("%v", m)
		}
	}
	want := []string{
		"2023-02-17T09:00 issued 教务处 负责人", "2023-02-17T09:00 issued 教务处 联络员", "2023-02-17T09:00 issued 科技处 联络员",
		"2023-06-20T09:00 week_ahead 教务处 联络员",
		"2023-06-27T09:00 three_days 教务处 联络员", "2023-06-27T09:00 three_days 教务处 负责人",
		"2023-06-29T09:00 eve 教务处 联络员",
		"2023-06-30T09:00 due_day 教务处 联络员", "2023-06-30T09:00 due_day 教务处 负责人",
		"2023-07-03T09:00 overdue 教务处 联络员", "2023-07-03T09:00 overdue 教务处 负责人",
		"2023-07-07T09:00 named 效能办",
		"2023-07-10T09:00 overdue 教务处 联络员", "2023-07-10T09:00 overdue 教务处 负责人", "2023-07-10T09:00 sponsor 教务处 分管校领导",
		"2023-07-14T09:00 principal 校长",
		"2023-07-17T09:00 overdue 教务处 联络员", "2023-07-17T09:00 overdue 教务处 负责人",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestPreviewAssumptions(t *testing.T) {
	file := write(t, "one.json", onePoint)
	reasons := func(assume string) map[string]int {
		n := map[string]int{}
		for _, m := range previewed(t, "--assume", assume, file) {
			n[m["reason"].(string)]++
		}
		return n
	}
	if n := reasons("silent"); n["unsigned"] != 2 || n["overdue"] != 6 {
		t.Errorf("silent: %v", n)
	}
	if n := reasons("prompt"); n["issued"] != 3 || n["thanks"] == 0 || n["overdue"]+n["due_day"]+n["week_ahead"] > 0 {
		t.Errorf("prompt: %v", n)
	}
}

func TestPreviewWindowAndForms(t *testing.T) {
	file := write(t, "one.json", onePoint)
	if n := len(previewed(t, "--from", "2023-06-20", "--to", "2023-06-29", file)); n != 4 {
		t.Errorf("%d lines between 20 and 29 June, both included; want 4", n)
	}
	code, out, _ := duban(t, "preview", "--ics", file)
	if code != 0 || !strings.Contains(out, "BEGIN:VEVENT\r\n") {
		t.Errorf("ics: exit %d, %.80q", code, out)
	}
	code, out, _ = duban(t, "preview", file)
	if code != 0 || !strings.Contains(out, "week_ahead") {
		t.Errorf("table: exit %d, %.80q", code, out)
	}
}

func TestPreviewOfBadInput(t *testing.T) {
	noDay := strings.Replace(onePoint, `"2023-02-17"`, "null", 1)
	unknown := strings.Replace(onePoint, `"lead":["教务处"]`, `"lead":["宇航处"]`, 1)
	for name, tt := range map[string]struct {
		args []string
		code int
		says string
	}{
		"no day of issue":       {[]string{write(t, "p.json", noDay)}, 2, "--issue"},
		"day given":             {[]string{"--issue", "2023-02-17", write(t, "p.json", noDay)}, 0, ""},
		"unknown unit waits":    {[]string{write(t, "p.json", unknown)}, 0, "宇航处"},
		"not a plan":            {[]string{write(t, "p.json", `{"itms":[]}`)}, 2, `p.json:1:2: unknown key "itms"`},
		"no such file":          {[]string{"nowhere.json"}, 2, "nowhere.json: cannot be read"},
		"wrong date":            {[]string{"--issue", "2023-02-31", write(t, "p.json", noDay)}, 2, "2023-02-31"},
		"wrong assumption":      {[]string{"--assume", "hope", write(t, "p.json", noDay)}, 2, "hope"},
		"organisation is wrong": {[]string{"--org", write(t, "o.yaml", "nam: x\n"), write(t, "p.json", onePoint)}, 2, `o.yaml:1:1: unknown key "nam"`},
	} {
		t.Run(name, func(t *testing.T) {
			code, _, errs := duban(t, append([]string{"preview", "--json"}, tt.args...)...)
			if code != tt.code || !strings.Contains(errs, tt.says) {
				t.Errorf("exit %d (want %d): %s", code, tt.code, errs)
			}
		})
	}
}

// A 31 December that is a Sunday stays on paper; reminders count from the Friday before.
func TestPreviewKeepsThePaperDate(t *testing.T) {
	text := strings.NewReplacer("6月底", "12月底", "2023-06-30", "2023-12-31").Replace(onePoint)
	seen := false
	for _, m := range previewed(t, write(t, "p.json", text)) {
		if m["reason"] == "due_day" {
			seen = true
			if m["due"] != "2023-12-31" || m["effective"] != "2023-12-29" || !strings.HasPrefix(m["at"].(string), "2023-12-29T09:00") {
				t.Errorf("%v", m)
			}
		}
	}
	if !seen {
		t.Error("nobody is told on the day")
	}
}

func TestCheckListsEveryFault(t *testing.T) {
	bad := write(t, "plan.yaml", "titel: x\nitems:\n  - {no: \"1\", heading: 甲, lead: [乙], deadlines: [{text: 2月底, kind: piont, end: 2023-02-30}]}\n")
	code, _, errs := duban(t, "check", "--plans", bad)
	for _, want := range []string{`unknown key "titel"`, `unknown kind "piont"`, "2023-02-30"} {
		if !strings.Contains(errs, want) {
			t.Errorf("check does not say %s", want)
		}
	}
	if code != 2 {
		t.Errorf("exit %d", code)
	}
	if code, out, errs := duban(t, "check", "-c", "../../config.yaml"); code != 0 || !strings.Contains(out, "no faults") {
		t.Errorf("the shipped config: exit %d %s", code, errs)
	}
}

func TestVerifyFindsWhatWasChanged(t *testing.T) {
	dir := t.TempDir()
	if code, _, errs := duban(t, "demo", "--headless", "--json", "--dir", dir); code != 0 {
		t.Fatalf("demo: exit %d %s", code, errs)
	}
	file := filepath.Join(dir, "duban.db")
	code, out, errs := duban(t, "verify", "--json", "--file", file)
	if code != 0 || !strings.Contains(out, `"faults":[]`) {
		t.Fatalf("an untouched file: exit %d %s%s", code, out, errs)
	}
	tamper(t, file, `UPDATE facts SET body = replace(body, '"unit":"', '"unit":"另') WHERE id = (SELECT MIN(id) FROM instances WHERE state = 'closed')`)
	if code, out, _ := duban(t, "verify", "--file", file); code != 1 || !strings.Contains(out, "not what its history leads to") {
		t.Errorf("a changed assignment: exit %d %s", code, out)
	}
	tamper(t, file, `DROP TRIGGER history_no_update; UPDATE history SET at = at + 1000 WHERE seq = 77`)
	if code, out, _ := duban(t, "verify", "--file", file); code != 1 || !strings.Contains(out, "history row 77") {
		t.Errorf("a changed history: exit %d %s", code, out)
	}
	if code, _, _ := duban(t, "verify", "--file", filepath.Join(dir, "nothing.db")); code == 0 {
		t.Error("a missing file verifies")
	}
}

func TestCheckKnowsAFileByWhatStandsInIt(t *testing.T) {
	for name, tt := range map[string]struct{ name, text, says string }{
		"plan":     {"p.yaml", "items:\n  - {no: \"1\", heading: 甲, led: [乙]}\n", `p.yaml:2:27: unknown key "led"`},
		"workflow": {"w.yaml", "workflow: w\ntitle: 甲\nstates: {a: {title: 甲}}\n", "w.yaml:"},
		"org":      {"o.yaml", "name: 甲\nunits:\n  - {nam: 乙}\n", `o.yaml:3:6: unknown key "nam"`},
		"config":   {"c.yaml", "mail:\n  prot: 25\n", `c.yaml:2:3: unknown key "prot"`},
		"holidays": {"h.txt", "year 2027 x -\noff 2027-02-30 春节\n", "h.txt:2:5:"},
		"terms":    {"t.txt", "term 2027-02-20 2027-01-01 春\n", "t.txt:1:"},
		"neither":  {"n.yaml", "hello: world\n", "not known what this is"},
	} {
		t.Run(name, func(t *testing.T) {
			code, _, errs := duban(t, "check", write(t, tt.name, tt.text))
			if code != 2 || !strings.Contains(errs, tt.says) {
				t.Errorf("exit %d: %s", code, errs)
			}
		})
	}
	if code, _, errs := duban(t, "check", "../../seeds/plans/002.yaml", "../../seeds/org.yaml", "../../workflows/review.yaml", "../../seeds/calendar/holidays.txt"); code != 0 {
		t.Errorf("shipped files: exit %d %s", code, errs)
	}
}
