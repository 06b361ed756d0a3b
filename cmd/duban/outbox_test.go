package main

import (
	"strings"
	"testing"

	"duban/cmd/duban/internal/control"
	"duban/notifier/postbox"
)

func TestResendAfterTheMailServerRefused(t *testing.T) {
	h := newHouse(t, "")
	h.box.Faults().Next(2, postbox.Fault{Step: postbox.StepRcpt, Do: postbox.Reply, Code: 550, Text: "mailbox gone"})
	r := h.serve()
	h.want(0, nil, "plan", "add", h.file("plan.yaml"))
	h.want(0, nil, "act", "2023-0001", "instruct", "--by", "zhao", "-d", "text=请抓紧")
	var dead control.Outbox
	h.eventually("two dead letters", func() bool {
		dead = ask[control.Outbox](h, "outbox", "list", "--state", "dead")
		return len(dead.Entries) == 2
	})
	e := dead.Entries[0]
	if e.Code != "550" || !strings.Contains(e.Words, "mailbox gone") || e.Attempts != 1 || e.Class != "permanent" || e.Slip != "2023-0001" || e.Next != "" {
		t.Errorf("got %+v", e)
	}
	h.want(0, []string{"未送达 " + e.Key + " 邮件 党委组织部 ", e.Address, "2023-0001", "【批示】", "已试 1 次，2023-02-21 10:00 permanent，550", "mailbox gone", "合计：未送达 2，待发送 0，待送校领导 0，待汇总 "}, "outbox", "list")
	r.measures("duban_dead_letters 2\n", `duban_deliveries_total{channel="mail",class="permanent"} 2`)

	h.want(2, []string{`no dead message has the key "20230221-nobody-1"`}, "outbox", "resend", "20230221-nobody-1", e.Key)
	h.want(0, []string{"重新发送 1 条"}, "outbox", "resend", e.Key, e.Key)
	h.arrived(1, 0)
	h.eventually("one dead letter", func() bool {
		return ask[control.Outbox](h, "outbox", "list").Counts[control.Dead] == 1
	})
	if got := h.receivers(); got[e.Address] != 1 {
		t.Errorf("%s did not get it: %v", e.Address, got)
	}
	if n := ask[control.Moved](h, "outbox", "resend"); n.Count != 1 {
		t.Errorf("all that was left is %d", n.Count)
	}
	h.arrived(2, 0)
	h.want(0, []string{"重新发送 0 条"}, "outbox", "resend")
}

// What goes to school leaders waits until the office has looked at it.
func TestReleaseHeldNotices(t *testing.T) {
	h := newHouse(t, "")
	h.serve()
	h.want(0, nil, "plan", "add", h.file("plan.yaml"))
	h.to("2023-03-06 09:00") // the first Monday three work days after the deadline
	h.want(0, nil, "act", "2023-0002", "acknowledge", "--by", "feng")
	h.eventually("held notice", func() bool {
		return ask[control.Outbox](h, "outbox", "list", "--state", "held").Counts[control.Held] == 1
	})
	h.want(0, []string{"待送校领导", "吴秀兰", "2023-0001 【请予协调】干部队伍建设", "合计：待送校领导 1\n"}, "outbox", "list", "--state", "held")
	if n := h.receivers()["wu@demo.example"]; n != 0 {
		t.Errorf("the leader got %d notices before the release", n)
	}
	h.want(0, []string{"放行 1 条"}, "outbox", "release")
	h.eventually("mail to the leader", func() bool { return h.receivers()["wu@demo.example"] == 1 })
	h.want(0, []string{"放行 0 条"}, "outbox", "release")
}

func TestOutboxShowsWhatWaits(t *testing.T) {
	h := newHouse(t, "")
	h.want(0, nil, "plan", "add", h.file("plan.yaml"))
	out := ask[control.Outbox](h, "outbox", "list")
	if out.Counts[control.Waiting] != 4 || len(out.Entries) != 4 {
		t.Fatalf("got %+v", out)
	}
	e := out.Entries[0]
	if e.State != control.Waiting || e.Reason != "issued" || e.Subject != "【交办】干部队伍建设" || e.Next != "2023-02-22T09:00:00+08:00" || e.Attempts != 0 {
		t.Errorf("got %+v", e)
	}
	if out := ask[control.Outbox](h, "outbox", "list", "--limit", "1"); len(out.Entries) != 1 || out.Counts[control.Waiting] != 4 {
		t.Errorf("limited: %+v", out)
	}
	h.want(0, []string{"合计：未送达 0\n"}, "outbox", "list", "--state", "dead")
	h.want(2, []string{"--state"}, "outbox", "list", "--state", "lost")
	h.want(2, []string{"--limit 0"}, "outbox", "list", "--limit", "0")
}

// A notice that nobody can receive is seen, and goes once somebody holds the post.
func TestNoticeForNobody(t *testing.T) {
	h := newHouse(t, "")
	h.write("school.yaml", "name: 空校\nunits:\n  - {name: 效能办, kind: department, office: true}\n  - {name: 教务处, kind: department}\n"+
		"people:\n  - {id: wu, name: 吴秀兰, mail: wu@demo.example}\nposts:\n  - {role: principal_admin, person: wu}\n")
	r := h.serve()
	h.want(0, nil, "plan", "add", h.file("plan.yaml"))
	h.want(0, nil, "act", "2023-0001", "instruct", "--by", "吴秀兰", "-d", "text=请抓紧")
	h.eventually("two dead letters", func() bool {
		return ask[control.Outbox](h, "outbox", "list", "--state", "dead").Counts[control.Dead] == 2
	})
	h.want(0, []string{"教务处（无人）", "2023-0001 【批示】教学检查", "无人可送"}, "outbox", "list", "--state", "dead")
	if code := r.stop(); code != 0 {
		t.Fatalf("exit code %d:\n%s", code, r.log)
	}
	h.write("school.yaml", schoolFile)
	h.want(0, []string{"重新发送 2 条"}, "outbox", "resend")
	h.serve()
	h.eventually("both mails", func() bool { to := h.receivers(); return to["feng@demo.example"] == 1 && to["feng2@demo.example"] == 1 })
}
