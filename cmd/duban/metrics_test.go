package main

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"duban/notifier/postbox"
)

// An operator's look at the metrics of a service that sends, is refused, rests
// and waits.
func TestMetricsAnOperatorCanTrust(t *testing.T) {
	far := newDeadMan(t)
	h := newHouse(t, "log: {level: info}\n")
	h.write("heart.url", far.URL)
	h.write("config.yaml", "org: school.yaml\nweb: {listen: \"127.0.0.1:0\"}\nlog: {format: json}\n"+
		"heartbeat: {url_file: heart.url, every: 10s, allow_hosts: [127.0.0.1]}\n"+h.mail()+h.robot())
	h.box.Faults().Next(1, postbox.Fault{Step: postbox.StepRcpt, Do: postbox.Reply, Code: 450})
	r := h.serve()
	r.measures(`duban_deliveries_total{channel="mail",class="permanent"} 0`, `duban_deliveries_total{channel="wecom",class="paused"} 0`)
	h.want(0, nil, "plan", "add", h.file("plan.yaml"))
	h.want(0, nil, "act", "2023-0001", "instruct", "--by", "zhao", "-d", "text=请抓紧")
	r.measures(`duban_messages_retrying 1`, `duban_last_sent_timestamp_seconds{channel="mail"} 1.6769448e+09`,
		`duban_deliveries_total{channel="mail",class="temporary"} 1`, `duban_paused_senders{channel="mail"} 0`)
	h.box.Faults().Next(2, postbox.Fault{Step: postbox.StepMail, Do: postbox.Reply, Code: 535})
	h.to("2023-02-21 10:05")
	h.want(0, nil, "act", "2023-0002", "instruct", "--by", "zhao", "-d", "text=请抓紧")
	text := r.measures(`duban_paused_senders{channel="mail"} 1`, `duban_paused_senders{channel="wecom"} 0`, `duban_heartbeat_last_timestamp_seconds{to="url"} 1.6769`)

	problems, err := promlint.New(strings.NewReader(text)).Lint()
	for _, p := range problems {
		if strings.HasPrefix(p.Metric, "duban_") {
			t.Errorf("%s: %s", p.Metric, p.Text)
		}
	}
	if err != nil {
		t.Error(err)
	}
	for _, m := range []string{"duban_database_size_bytes", "duban_disk_free_bytes", "duban_build_info"} {
		if v := regexp.MustCompile(`(?m)^` + m + `(?:{.*})? ([0-9.e+]+)$`).FindStringSubmatch(text); v == nil || v[1] == "0" {
			t.Errorf("%s is %q", m, v)
		}
	}
	documented(t, text)
	r.stop()

	// What was sent before a restart is not forgotten.
	h.serve().measures(`duban_last_sent_timestamp_seconds{channel="mail"} 1.6769448e+09`)
}

// documented compares what is served with what docs/operations.md names, in its
// table and in the rules of its example.
func documented(t *testing.T, text string) {
	t.Helper()
	doc, err := os.ReadFile("../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	var served []string
	for _, m := range regexp.MustCompile(`(?m)^# TYPE (duban_\w+) `).FindAllStringSubmatch(text, -1) {
		served = append(served, m[1])
	}
	named := regexp.MustCompile(`\bduban_\w+`).FindAllString(string(doc), -1)
	for _, m := range named {
		if !slices.Contains(served, m) {
			t.Errorf("docs/operations.md names %s, which is not served", m)
		}
	}
	for _, m := range served {
		if !slices.Contains(named, m) {
			t.Errorf("docs/operations.md does not name %s", m)
		}
	}
	_, rest, _ := strings.Cut(string(doc), "```yaml\ngroups:")
	example, _, _ := strings.Cut(rest, "```")
	var rules struct {
		Groups []struct {
			Rules []struct{ Alert, Expr, For string }
		}
	}
	if err := yaml.Unmarshal([]byte("groups:"+example), &rules); err != nil || len(rules.Groups) != 1 {
		t.Fatalf("the example of the rules: %v", err)
	}
	for _, r := range rules.Groups[0].Rules {
		if r.Alert == "" || !strings.Contains(r.Expr, "duban") || strings.Count(r.Expr, "(") != strings.Count(r.Expr, ")") {
			t.Errorf("rule %+v", r)
		}
	}
}
