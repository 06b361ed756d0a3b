package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// expr runs duban when on 2023-03-15 and gives exit code, output and errors.
func expr(t *testing.T, in string, args ...string) (int, string, string) {
	t.Helper()
	var out, errs bytes.Buffer
	now := func() time.Time { return time.Date(2023, 3, 15, 9, 0, 0, 0, time.UTC) }
	code := run(t.Context(), append([]string{"when"}, args...), streams{In: strings.NewReader(in), Out: &out, Err: &errs, Now: now})
	return code, out.String(), errs.String()
}

func TestWhenSaysWhatAnExpressionMeans(t *testing.T) {
	for _, tt := range []struct {
		args []string
		want string
	}{
		{[]string{"6月底"}, "“6月底”：截至2023年6月30日（含当日）。"},
		{[]string{"2月底", "--issued", "2024-01-10"}, "截至2024年2月29日"},
		{[]string{"每月", "至少", "2次"}, "每月至少2次（项）"},
		{[]string{"5个工作日内", "--issued", "2023-04-03"}, "截至2023年4月11日"}, // 清明 is off
		{[]string{"2018年11月"}, "不是时限：说的是已经过去"},
		{[]string{"第三批"}, "不是时限"},
		{[]string{"2月30日前"}, "2023年2月没有30日"},
		{[]string{"学期末"}, "待定"},
	} {
		if code, out, errs := expr(t, "", tt.args...); code != 0 || !strings.Contains(out, tt.want) {
			t.Errorf("%v: exit %d, %s%s, want %s", tt.args, code, out, errs, tt.want)
		}
	}
}

func TestWhenReadsLinesOfExpressionAndDay(t *testing.T) {
	code, out, errs := expr(t, "年底\t2024-02-01\n第三批\t2024-02-01\n\n每学期1次\n", "-", "--json")
	want := `{"deadlines":[{"text":"年底","kind":"point","start":null,"end":"2024-12-31","cadence":null,"count":null,"at_least":false,"trigger":null,"alt_start":null,"alt_end":null}]}
{"deadlines":[]}
{"deadlines":[]}
{"deadlines":[{"text":"每学期1次","kind":"cadence","start":null,"end":null,"cadence":"term","count":1,"at_least":false,"trigger":null,"alt_start":null,"alt_end":null}]}
`
	if code != 0 || out != want {
		t.Errorf("exit %d %s\n%s", code, errs, out)
	}
}

func TestWhenTakesTheTermsOfASchoolCalendar(t *testing.T) {
	file := filepath.Join(t.TempDir(), "terms.txt")
	if err := os.WriteFile(file, []byte("term 2023-02-20 2023-07-07 春\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, out, errs := expr(t, "", "学期末", "--calendar", file); code != 0 || !strings.Contains(out, "截至2023年7月7日") {
		t.Errorf("exit %d, %s%s", code, out, errs)
	}
}

func TestWhenRefusesWhatItCannotUse(t *testing.T) {
	broken := filepath.Join(t.TempDir(), "broken.txt")
	if err := os.WriteFile(broken, []byte("term soon later\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		in   string
		args []string
		want string
	}{
		{"", nil, "name a time expression"},
		{"", []string{"  "}, "name a time expression"},
		{"年底\tsoon\n", []string{"-"}, `line 1: "soon" is no day of issue`},
		{"", []string{"年底", "--calendar", "nowhere.txt"}, "nowhere.txt"},
		{"", []string{"学期末", "--calendar", broken}, "broken.txt:1"},
		{"", []string{"年底", "--issued", "15.3."}, "15.3."},
	} {
		if code, _, errs := expr(t, tt.in, tt.args...); code != 2 || !strings.Contains(errs, tt.want) {
			t.Errorf("%v: exit %d, %s, want %s", tt.args, code, errs, tt.want)
		}
	}
}
