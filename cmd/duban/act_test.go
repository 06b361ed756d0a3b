package main

import (
	"path/filepath"
	"strings"
	"testing"

	"duban/cmd/duban/internal/control"
	"duban/engine/store"
	"duban/workflows"
)

func TestActRefused(t *testing.T) {
	h := newHouse(t, "")
	h.want(0, nil, "plan", "add", h.file("plan.yaml"))
	for name, c := range map[string]struct {
		args []string
		code int
		says string
	}{
		"nobody's slip":           {[]string{"2023-0099", "acknowledge", "--by", "zhou"}, 2, `没有编号为 "2023-0099" 的督办件`},
		"a person nobody knows":   {[]string{"2023-0001", "acknowledge", "--by", "zhao.wu"}, 2, `person "zhao.wu" is not in the organisation`},
		"a person misspelt":       {[]string{"2023-0001", "acknowledge", "--by", "xiaoyen"}, 2, `did you mean "xiaoyan"?`},
		"a name of two":           {[]string{"2023-0002", "acknowledge", "--by", "冯国栋"}, 2, "feng 教务处 负责人, feng2 教务处 联络员"},
		"an address of nobody":    {[]string{"2023-0001", "acknowledge", "--by", "x@demo.example"}, 2, "not in the organisation"},
		"no person":               {[]string{"2023-0001", "acknowledge"}, 2, "--by"},
		"an event nobody knows":   {[]string{"2023-0001", "acknowlege", "--by", "zhou"}, 2, "现在可以：acknowledge、ask_extension"},
		"what happens by itself":  {[]string{"2023-0001", "child_done", "--by", "zhao"}, 2, "happens by itself"},
		"somebody else's":         {[]string{"2023-0001", "acknowledge", "--by", "feng"}, 1, "2023-0001：您没有进行此操作的权限"},
		"not in this state":       {[]string{"2023-0001", "resume", "--by", "zhao"}, 1, "“待签收”状态下不能进行此操作；现在可以：acknowledge"},
		"without what it needs":   {[]string{"2023-0001", "report", "--by", "zhou"}, 1, "2023-0001：请填写"},
		"data without a value":    {[]string{"2023-0001", "report", "--by", "zhou", "-d", "progress"}, 2, `expected "<key>=<value>"`},
		"a version of the future": {[]string{"2023-0001", "acknowledge", "--by", "zhou", "--version=-1"}, 2, "versions count from 1"},
	} {
		t.Run(name, func(t *testing.T) {
			h := &house{t: t, dir: h.dir, config: h.config, clock: h.clock, box: h.box}
			h.want(c.code, []string{c.says}, append([]string{"act"}, c.args...)...)
		})
	}
	// None of it moved anything.
	if a := ask[control.Acted](h, "act", "2023-0001", "acknowledge", "--by", "zhou", "--version", "1"); a.Version != 2 || a.Title != "办理中" || a.By != "zhou" {
		t.Errorf("got %+v", a)
	}
}

// Two at one assignment: the second hears who was first, and when.
func TestActConflict(t *testing.T) {
	h := newHouse(t, "")
	h.serve()
	h.want(0, nil, "plan", "add", h.file("plan.yaml"))
	h.want(0, nil, "act", "2023-0001", "acknowledge", "--by", "吴晓燕", "--version", "1")
	h.to("2023-02-21 11:00")
	h.want(1, []string{"2023-0001 已由吴晓燕于 2023-02-21 10:00 办理（acknowledge）"},
		"act", "2023-0001", "report", "--by", "zhou", "-d", "progress=已开展", "--version", "1")
}

func TestActSaysWhatComesNext(t *testing.T) {
	h := newHouse(t, "")
	h.want(0, nil, "plan", "add", h.file("plan.yaml"))
	out := h.want(0, nil, "act", "2023-0002", "acknowledge", "--by", "Feng2@demo.example")
	want := `2023-0002 教务处 “教学检查”：办理中（版本 2）
时限：2023年12月31日（提前至2023年12月29日）
接下来：
  2023-12-08 09:00  亮黄灯
  2023-12-20 09:00  提醒
  2023-12-22 09:00  亮橙灯
  2023-12-26 09:00  提醒
  2023-12-28 09:00  提醒
`
	if out != want {
		t.Errorf("got\n%swant\n%s", out, want)
	}
	out = h.want(0, []string{"待审核"}, "act", "2023-0002", "request_close", "--by", "feng", "-d", "result=全部完成; 见附件=1,2")
	if strings.Contains(out, "提醒") {
		t.Errorf("reminders go on:\n%s", out)
	}
	out = h.want(0, []string{"办结"}, "act", "2023-0002", "close", "--by", "sun")
	if strings.Contains(out, "接下来") {
		t.Errorf("a closed assignment goes on:\n%s", out)
	}
	h.want(1, []string{"不能再办理"}, "act", "2023-0002", "report", "--by", "feng", "-d", "progress=x")
}

func TestHelpNamesEveryEvent(t *testing.T) {
	lib, err := workflows.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	help := actCmd{}.Help()
	for _, name := range lib.Names() {
		def, _ := lib.Get(name)
		for _, st := range def.States {
			for event, moves := range st.On {
				if len(moves[0].By) > 0 && !strings.Contains(help, "\n  "+string(event)+" ") {
					t.Errorf("%s: %s is not in the help", name, event)
				}
			}
		}
	}
	h := newHouse(t, "")
	for _, args := range [][]string{{"act"}, {"serve"}, {"plan", "add"}, {"outbox", "list"}, {"outbox", "resend"}, {"outbox", "release"}} {
		h.want(0, []string{"duban " + strings.Join(args, " ")}, append(args, "--help")...)
	}
}

// 催办 by hand goes at once to liaison and head, by mail and never into a group,
// and not twice a day.
func TestOfficeUrgesOnceADay(t *testing.T) {
	h := newHouse(t, "")
	h.serve()
	h.want(0, nil, "plan", "add", h.file("plan.yaml"))
	h.want(0, []string{"办理中"}, "act", "2023-0001", "acknowledge", "--by", "zhou")
	h.want(0, []string{"办理中"}, "act", "2023-0001", "remind", "--by", "zhao", "-d", "message=明日开会要用")
	h.arrived(2, 0)
	if to := h.receivers(); to["zhou@demo.example"] != 1 || to["xiaoyan@demo.example"] != 1 {
		t.Errorf("urged: %v", to)
	}
	h.to("2023-02-21 16:00")
	h.want(1, []string{"2023-0001：24小时内已催办（2023-02-21 10:00），2023-02-22 10:00后可再次催办"}, "act", "2023-0001", "remind", "--by", "sun")
	h.want(1, []string{"您没有进行此操作的权限"}, "act", "2023-0001", "remind", "--by", "zhou")
	h.want(0, []string{"待审核"}, "act", "2023-0001", "request_close", "--by", "zhou", "-d", "result=已完成")
	h.want(1, []string{"“待审核”状态下不能进行此操作"}, "act", "2023-0001", "remind", "--by", "zhao")
}

// The head is on leave: the liaison acts in his own name, the head's AB角 for
// the head, and the history keeps both names.
func TestSubstituteActsUnderBothNames(t *testing.T) {
	h := newHouse(t, "")
	h.write("school.yaml", strings.NewReplacer("role: head, person: feng}", "role: head, person: feng, substitute: wu}",
		"leave:\n", "leave:\n  - {person: feng, from: 2023-02-20, to: 2023-02-24}\n").Replace(schoolFile))
	h.want(0, nil, "plan", "add", h.file("plan.yaml"))
	h.want(0, []string{"党委组织部 吴晓燕"}, "outbox", "list")
	h.want(0, []string{"教务处 吴秀兰（代冯国栋）"}, "outbox", "list")
	h.want(0, []string{"办理中"}, "act", "2023-0002", "acknowledge", "--by", "wu")
	h.want(0, []string{"办理中"}, "act", "2023-0001", "acknowledge", "--by", "xiaoyan")
	events := h.events()
	if got := events[len(events)-2:]; !strings.Contains(got[0], `"person":"wu","name":"吴秀兰","as_sub":"冯国栋"`) || strings.Contains(got[1], "as_sub") {
		t.Errorf("history: %s", got)
	}
	h.want(0, nil, "verify")
	h.to("2023-02-27 09:00") // the head is back
	h.want(1, []string{"您没有进行此操作的权限"}, "act", "2023-0002", "report", "--by", "wu", "-d", "progress=x")
}

// events are the events of the history as they are stored.
func (h *house) events() (out []string) {
	h.t.Helper()
	db, err := store.OpenReader(h.t.Context(), filepath.Join(h.dir, "data", "duban.db"))
	if err != nil {
		h.t.Fatal(err)
	}
	defer db.Close()
	if err := db.History(h.t.Context(), func(r *store.HistoryRow) error { out = append(out, r.Event); return nil }); err != nil {
		h.t.Fatal(err)
	}
	return out
}
