package main

import (
	"encoding/json"
	"net"
	"os"
	"slices"
	"strings"
	"testing"

	"duban/cmd/duban/internal/control"
	"duban/notifier/postbox"
)

// A day of an IT colleague: start the service, add a plan, watch messages go,
// stop it.
func TestServiceFromPlanToMessage(t *testing.T) {
	h := newHouse(t, "")
	r := h.serve()
	if info, err := os.Stat(h.file("data/duban.sock")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("socket: %v, %v; want mode 0600", info.Mode(), err)
	}

	h.want(0, []string{"启动 2 项", "2023-0001", "党委组织部", "2023年3月1日"}, "plan", "add", h.file("plan.yaml"))
	h.want(0, []string{"2023-0001", "办理中", "接下来：", "提醒"}, "act", "2023-0001", "acknowledge", "--by", "周志强")
	h.want(0, nil, "act", "2023-0001", "instruct", "--by", "zhao@demo.example", "--data", "text=请=务必; 抓紧")
	h.arrived(2, 0) // 批示件: to head and liaison at once, never into a group

	// The next morning the liaison's group and everybody else get their digest.
	h.to("2023-02-22 09:00")
	h.want(0, nil, "act", "2023-0002", "instruct", "--by", "zhao", "-d", "text=请抓紧")
	h.arrived(2+3, 1) // 教务处 gets instruction and digest in one mail each
	want := map[string]int{"zhou@demo.example": 2, "xiaoyan@demo.example": 1, "zuzhibu": 1, "feng@demo.example": 2, "feng2@demo.example": 2}
	for to, n := range h.receivers() {
		if want[to] != n {
			t.Errorf("%s got %d notices, want %d", to, n, want[to])
		}
	}

	r.checkHealth(200, "ok", "ok")
	metrics := r.measures(
		`duban_transitions_total 5`, `duban_deliveries_total{channel="mail",class="accepted"} 5`,
		`duban_deliveries_total{channel="wecom",class="accepted"} 1`, `duban_notices{state="sent"} 8`, `duban_notices{state="held"} 0`,
		`duban_dead_letters 0`, `duban_outbox_oldest_age_seconds 0`, `duban_scheduler_lag_seconds 0`, `go_build_info{`, `go_goroutines `)
	_, front := r.get(r.web + "/")
	if !strings.Contains(front, "测试学院 督办") || !strings.Contains(front, "在办督办件 2 件") || !strings.Contains(front, "待办公室处理的事项 3 项") {
		t.Errorf("front page: %s", front)
	}
	if code, _ := r.get(r.web + "/nothing"); code != 404 {
		t.Errorf("unknown page: %d", code)
	}

	if code := r.stop(); code != 0 {
		t.Errorf("exit code %d:\n%s", code, r.log)
	}
	if _, err := os.Stat(h.file("data/duban.sock")); !os.IsNotExist(err) {
		t.Errorf("the socket stays behind: %v", err)
	}
	for _, want := range []string{"clear text", "robot jiaowu", "go by mail", "shared group"} {
		if !strings.Contains(r.log.String(), want) {
			t.Errorf("the log does not warn of %q:\n%s", want, r.log)
		}
	}
	for _, canary := range []string{mailCanary, robotCanary} {
		if strings.Contains(r.log.String()+metrics+front, canary) {
			t.Errorf("%s is printed", canary)
		}
	}
}

// measures waits until the metrics have these lines: a message is received
// before it is recorded.
func (r *running) measures(lines ...string) (metrics string) {
	r.h.t.Helper()
	r.h.eventually("metrics "+strings.Join(lines, ", "), func() bool {
		_, metrics = r.get(r.web + "/metrics")
		return !slices.ContainsFunc(lines, func(l string) bool { return !strings.Contains(metrics, "\n"+l) })
	})
	return metrics
}

func (r *running) checkHealth(code int, status, database string) {
	r.h.t.Helper()
	got, body := r.get(r.web + "/healthz")
	var v struct {
		Status, Database, Bus, Scheduler, Notifier string

		Lag     *float64 `json:"scheduler_lag_seconds"`
		Waiting *int     `json:"outbox_waiting"`
	}
	if err := json.Unmarshal([]byte(body), &v); err != nil {
		r.h.t.Fatal(err)
	}
	if got != code || v.Status != status || v.Database != database || v.Bus != "ok" || v.Lag == nil || v.Waiting == nil {
		r.h.t.Errorf("healthz: %d %s", got, body)
	}
}

func TestSecondServiceOnTheSameDataIsRefused(t *testing.T) {
	h := newHouse(t, "")
	first := h.serve()
	h.want(1, []string{"in use by another duban process"}, "serve")
	first.checkHealth(200, "ok", "ok") // it took neither socket nor data
	h.want(0, nil, "outbox", "list")
	if code := first.stop(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	h.serve() // now the data is free
}

func TestServiceThatCannotStart(t *testing.T) {
	busy, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer busy.Close()
	long := strings.Repeat("很长的名字", 8)
	for name, c := range map[string]struct {
		settings string
		code     int
		says     string
	}{
		"the port is taken":     {"metrics: {listen: \"" + busy.Addr().String() + "\"}\n", 1, "serve: metrics.listen: listen tcp"},
		"the secret is missing": {"mail: {host: mx, from: a@b.example, username: u, password_env: DUBAN_TEST_UNSET}\n", 2, "config.yaml:5:"},
		"another database":      {"store: {dsn: \"postgres://db/duban\"}\n", 2, "store.dsn"},
		"no socket fits":        {"data: " + long + "\n", 1, "choose a shorter data folder"},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t, c.settings)
			h.want(c.code, []string{c.says}, "serve")
			h.want(c.code, []string{c.says}, "serve") // the lock was given back
		})
	}
}

func TestMetricsOnTheirOwnAddress(t *testing.T) {
	h := newHouse(t, "metrics: {listen: \"localhost:0\"}\n")
	r := h.serve()
	if code, body := r.get(r.metrics + "/metrics"); code != 200 || !strings.Contains(body, "duban_transitions_total 0") {
		t.Errorf("metrics: %d %s", code, body)
	}
	if code, _ := r.get(r.web + "/metrics"); code != 404 {
		t.Errorf("metrics on the pages' address: %d", code)
	}
}

// A mail server that says nothing must not keep the service from ending, nor
// lose the message.
func TestStopWhileTheMailServerHangs(t *testing.T) {
	h := newHouse(t, "")
	h.box.Faults().Next(2, postbox.Fault{Step: postbox.StepBanner, Do: postbox.Hang})
	r := h.serve()
	h.want(0, nil, "plan", "add", h.file("plan.yaml"))
	h.want(0, nil, "act", "2023-0001", "instruct", "--by", "zhao", "-d", "text=请抓紧")
	h.eventually("connection", func() bool { return h.box.Faults().Left() == 0 })
	if code := r.stop(); code != 0 {
		t.Errorf("exit code %d:\n%s", code, r.log)
	}
	h.to("2023-02-21 10:05")
	h.serve()
	h.arrived(2, 0)
}

func TestWithoutMailServerMessagesWait(t *testing.T) {
	h := newHouse(t, "log: {format: json}\n")
	h.write("config.yaml", "org: school.yaml\nweb: {listen: \"127.0.0.1:0\"}\nlog: {format: json}\n")
	r := h.serve()
	h.want(0, nil, "plan", "add", h.file("plan.yaml"))
	h.want(0, nil, "act", "2023-0001", "instruct", "--by", "zhao", "-d", "text=请抓紧")
	h.eventually("message that waits", func() bool {
		out := ask[control.Outbox](h, "outbox", "list", "--state", "pending")
		return len(out.Entries) == 2 && out.Entries[0].Words+out.Entries[1].Words != ""
	})
	h.want(0, []string{"待发送", "未配置邮件服务器", "2023-02-21 10:15 发送"}, "outbox", "list")
	r.checkHealth(200, "ok", "ok")
	if code := r.stop(); code != 0 || !strings.Contains(r.log.String(), "mail.host is empty") {
		t.Errorf("exit code %d:\n%s", code, r.log)
	}

	// The server is set, the service started again: they go.
	h.write("config.yaml", "org: school.yaml\nweb: {listen: \"127.0.0.1:0\"}\nlog: {format: json}\n"+h.mail())
	h.to("2023-02-21 10:15")
	h.serve()
	h.arrived(2, 0)
}
