package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime/debug"
	"runtime/pprof"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"duban/cmd/duban/internal/app"
	"duban/notifier"
	"duban/notifier/postbox"
)

// secretFiles are the only places where a secret may be found.
var secretFiles = []string{"mail.key", "robot.key", "heart.url"}

// forms are a secret as it is, and as it crosses a network.
func forms(secret string) []string {
	b64 := base64.StdEncoding.EncodeToString
	return []string{secret, url.QueryEscape(secret), b64([]byte(secret)), b64([]byte("\x00xnb\x00" + secret))}
}

// search looks for the secrets in words, which come from somewhere.
func search(t *testing.T, from, words string) {
	t.Helper()
	for _, canary := range []string{mailCanary, robotCanary, heartCanary} {
		for _, f := range forms(canary) {
			if i := strings.Index(words, f); i >= 0 {
				t.Errorf("%s shows %s: …%s…", from, canary, words[max(0, i-80):min(len(words), i+80)])
			}
		}
	}
}

// panicky panics at its first message, with what it was sending at hand.
type panicky struct {
	notifier.Channel
	done *atomic.Bool
}

func (p panicky) Send(ctx context.Context, m notifier.Message) notifier.Result {
	if p.done.CompareAndSwap(false, true) {
		panic("cannot send " + m.Key)
	}
	return p.Channel.Send(ctx, m)
}

// everyFault makes the far sides show whatever they were told.
func everyFault(h *house) {
	for _, f := range forms(mailCanary) {
		h.box.Faults().Next(1, postbox.Fault{Step: postbox.StepAuth, Do: postbox.Reply, Code: 535, Text: "AUTH " + f + " refused"})
	}
	h.box.Faults().Next(1, postbox.Fault{Step: postbox.StepRcpt, Do: postbox.Reply, Code: 451, Text: "after AUTH PLAIN " + mailCanary})
	h.box.Faults().Next(1, postbox.Fault{Step: postbox.StepRcpt, Do: postbox.Reply, Code: 550, Text: "user xnb:" + mailCanary + " may not"})
	h.box.Faults().Next(2, postbox.Fault{Step: postbox.StepRobot, Do: postbox.Reply, Code: 40001, Text: "invalid url ?key=" + robotCanary})
}

func TestNoSecretIsFoundAnywhereButInItsFile(t *testing.T) {
	far := newDeadMan(t)
	far.code.Store(302) // its Location repeats nothing, its status is no beat
	h := newHouse(t, "log: {level: info}\n")
	h.write("heart.url", far.URL+"/"+heartCanary)
	h.write("config.yaml", "organisation: {name: 测试学院}\norg: school.yaml\nweb: {listen: \"127.0.0.1:0\"}\nlog: {format: json, level: debug}\n"+
		"heartbeat: {url_file: heart.url, every: 10s, allow_hosts: [127.0.0.1]}\n"+strings.Replace(h.mail(), "{", "{timeout: 2s, ", 1)+h.robot())
	everyFault(h)
	r := h.serveWith(func(p *app.Parts) { p.Channels[0] = panicky{p.Channels[0], &atomic.Bool{}} })

	// The story: messages go, meet every fault, and are looked at while they do.
	h.want(0, nil, "plan", "add", h.file("plan.yaml"))
	h.want(0, nil, "act", "2023-0001", "instruct", "--by", "zhao", "-d", "text=请抓紧")
	r.measures(`duban_deliveries_total{channel="mail",class="permanent"} 1`, `duban_deliveries_total{channel="mail",class="paused"} 1`)
	h.looks(r)
	h.eventually("end of the faults", func() bool {
		h.clock.Set(h.clock.Now().Add(11 * time.Minute))
		h.run("outbox", "resend")
		return h.box.Faults().Left() == 0
	})
	h.eventually("request of the heartbeat", func() bool { return far.beats.Load() > 0 })

	h.box.Faults().Next(1, postbox.Fault{Step: postbox.StepRcpt, Do: postbox.Hang})
	h.want(0, nil, "act", "2023-0002", "instruct", "--by", "zhao", "-d", "text=请抓紧")
	h.eventually("mail under way", func() bool { return h.box.Faults().Left() == 0 })
	h.looks(r) // also a dump of all goroutines while one talks to the mail server
	if code := r.stop(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	h.looks(nil)

	// The far sides did say the secrets, and the log is the debug log.
	for _, told := range []string{`"code":"535"`, `"code":"550"`, "panic in one message", "the far side answered 302"} {
		if !strings.Contains(r.log.String(), told) {
			t.Errorf("the story is not told: the log has no %s", told)
		}
	}
	search(t, "the log", r.log.String())
	h.searchFiles()
}

// looks searches everything that shows anything. r is nil when no service runs.
func (h *house) looks(r *running) {
	h.t.Helper()
	if r != nil {
		for _, page := range []string{"/metrics", "/healthz", "/"} {
			_, body := r.get(r.web + page)
			search(h.t, page, body)
		}
	}
	for _, args := range [][]string{{"outbox", "list"}, {"outbox", "list", "--json"}, {"doctor"}, {"doctor", "--json"},
		{"verify"}, {"check"}, {"act", "2023-0001", "no_such_event", "--by", "zhao"}} {
		_, out, errs := h.run(args...)
		search(h.t, strings.Join(args, " "), out+errs)
	}
	var dump bytes.Buffer
	for _, profile := range pprof.Profiles() {
		if err := profile.WriteTo(&dump, 2); err != nil && profile.Name() == "goroutine" {
			h.t.Error(err)
		}
	}
	search(h.t, "a dump of all goroutines", dump.String()+string(debug.Stack()))
}

// searchFiles reads every file the service has, data and history included.
func (h *house) searchFiles() {
	h.t.Helper()
	files := 0
	err := filepath.WalkDir(h.dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() || slices.Contains(secretFiles, filepath.Base(path)) {
			return err
		}
		data, err := os.ReadFile(path)
		files++
		search(h.t, path, string(data))
		return err
	})
	if err != nil || files < 4 {
		h.t.Errorf("%d files searched: %v", files, err)
	}
}

// A config that holds secrets is refused, and the refusal does not repeat them.
func TestSecretsInTheConfigAreRefusedAndNotRepeated(t *testing.T) {
	for name, settings := range map[string]string{
		"nats":      "nats: {url: \"nats://duban:" + robotCanary + "@127.0.0.1:4222\"}\n",
		"mail":      "mail: {host: mx, from: a@b.example, username: xnb, password: " + mailCanary + "}\n",
		"robot":     "wecom: {robots: [{name: zuzhibu, key: " + robotCanary + "}]}\n",
		"robot url": "wecom: {url: \"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=" + robotCanary + "\"}\n",
		"heartbeat": "heartbeat: {url: \"https://hc.example/" + heartCanary + "\"}\n",
		"database":  "store: {dsn: \"postgres://u:" + mailCanary + "@db/duban\"}\n",
	} {
		h := newHouse(t, settings)
		for _, command := range []string{"check", "serve", "doctor", "verify"} {
			_, out, errs := h.run(command)
			if !strings.Contains(out+errs, "a secret does not belong in this file") {
				t.Errorf("%s, %s: not refused:\n%s%s", name, command, out, errs)
			}
			search(t, name+", "+command, out+errs)
		}
	}
}
