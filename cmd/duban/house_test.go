package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"duban/cmd/duban/internal/app"
	"duban/notifier/postbox"
)

// Secrets that must be seen by the post box alone.
const (
	mailCanary  = "canary-mail-Pa55"
	robotCanary = "canary-robot-0001-4711"
)

const schoolFile = `name: 测试学院
phone: 内线8012
units:
  - {name: 效能办, kind: department, office: true}
  - {name: 党委组织部, kind: department, aliases: [组织部]}
  - {name: 教务处, kind: department}
people:
  - {id: zhou, name: 周志强, mail: zhou@demo.example, mobile: "0591001"}
  - {id: xiaoyan, name: 吴晓燕, mail: xiaoyan@demo.example}
  - {id: feng, name: 冯国栋, mail: feng@demo.example}
  - {id: feng2, name: 冯国栋, mail: feng2@demo.example}
  - {id: zhao, name: 赵雪梅, mail: zhao@demo.example}
  - {id: sun, name: 孙立, mail: sun@demo.example}
  - {id: wu, name: 吴秀兰, mail: wu@demo.example}
posts:
  - {unit: 效能办, role: staff, person: zhao}
  - {unit: 效能办, role: staff, person: sun}
  - {unit: 党委组织部, role: head, person: zhou, substitute: xiaoyan}
  - {unit: 党委组织部, role: liaison, person: xiaoyan, from: 2020-01-01}
  - {unit: 党委组织部, role: sponsor, person: wu}
  - {unit: 教务处, role: head, person: feng}
  - {unit: 教务处, role: liaison, person: feng2}
leave:
  - {person: zhou, from: 2023-05-08, to: 2023-06-16}
robots:
  - {name: zuzhibu, title: 组织部督办群, audience: unit, unit: 组织部}
  - {name: jiaowu, title: 教务处督办群, audience: unit, unit: 教务处}
  - {name: zhongceng, title: 中层干部群, audience: shared}
`

const planFile = `title: 2023年工作要点
issued: 2023-02-17
year: 2023
items:
  - {no: "一.1", heading: 干部队伍建设, lead: [党委组织部], deadlines: [{text: 3月1日前, kind: point, end: 2023-03-01}]}
  - {no: "一.2", heading: 教学检查, lead: [教务处], deadlines: [{text: 年底, kind: point, end: 2023-12-31}]}
  - {no: "二.1", heading: 校园安全, lead: [保卫处], deadlines: [{text: 6月底, kind: point, end: 2023-06-30}]}
  - {no: "二.2", heading: 厉行节约, deadlines: [{text: 6月底, kind: point, end: 2023-06-30}]}
  - {no: "二.3", heading: 作风建设, lead: [教务处]}
`

// house is a school with config, clock and a post box that stands for the world.
type house struct {
	t      *testing.T
	dir    string
	config string
	clock  *app.Virtual
	box    *postbox.Box
}

// newHouse stands on Tuesday, 2023-02-21, 10:00, when no round begins. settings replace the usual ones
// of mail and robots; "" takes those.
func newHouse(t *testing.T, settings string) *house {
	t.Helper()
	cst := time.FixedZone("CST", 8*3600)
	h := &house{t: t, dir: t.TempDir(), clock: app.NewVirtual(time.Date(2023, 2, 21, 10, 0, 0, 0, cst))}
	h.config = filepath.Join(h.dir, "config.yaml")
	var err error
	h.box, err = postbox.Open(postbox.Options{File: h.file("postbox.db"), Now: h.clock.Now, User: "xnb", Password: mailCanary,
		Robots: []postbox.Robot{{Key: robotCanary, Name: "zuzhibu"}}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.box.Close() })
	if err := h.box.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.write("school.yaml", schoolFile)
	h.write("plan.yaml", planFile)
	h.write("mail.key", mailCanary+"\n")
	h.write("robot.key", robotCanary+"\n")
	if settings == "" {
		settings = h.mail() + h.robot()
	}
	h.write("config.yaml", "organisation: {name: 测试学院, zone: Asia/Shanghai}\norg: school.yaml\nweb: {listen: \"127.0.0.1:0\"}\nlog: {format: json}\n"+settings)
	return h
}

func (h *house) mail() string {
	host, port, err := net.SplitHostPort(h.box.MailAddr())
	if err != nil {
		h.t.Fatal(err)
	}
	return fmt.Sprintf("mail: {host: %q, port: %s, security: none, username: xnb, password_file: mail.key, from: 效能办 <xnb@demo.example>}\n", host, port)
}

func (h *house) robot() string {
	u, err := url.Parse(h.box.RobotURL())
	if err != nil {
		h.t.Fatal(err)
	}
	return fmt.Sprintf("wecom: {url: %q, allow_hosts: [%q], robots: [{name: zuzhibu, key_file: robot.key}]}\n", h.box.RobotURL(), u.Host)
}

func (h *house) write(name, text string) string {
	h.t.Helper()
	file := filepath.Join(h.dir, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		h.t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		h.t.Fatal(err)
	}
	return file
}

func (h *house) read(name string) string {
	h.t.Helper()
	text, err := os.ReadFile(h.file(name))
	if err != nil {
		h.t.Fatal(err)
	}
	return string(text)
}

func (h *house) file(name string) string { return filepath.Join(h.dir, name) }

// to moves the clock to a moment in China.
func (h *house) to(moment string) {
	h.t.Helper()
	t, err := time.ParseInLocation("2006-01-02 15:04", moment, time.FixedZone("CST", 8*3600))
	if err != nil {
		h.t.Fatal(err)
	}
	h.clock.Set(t)
}

// run runs a command by the house's config.
func (h *house) run(args ...string) (code int, out, errs string) {
	h.t.Helper()
	return h.runWith("", args...)
}

func (h *house) runWith(in string, args ...string) (code int, out, errs string) {
	h.t.Helper()
	var o, e bytes.Buffer
	code = run(h.t.Context(), append(args, "-c", h.config), streams{In: strings.NewReader(in), Out: &o, Err: &e, Now: h.clock.Now})
	return code, o.String(), e.String()
}

// want runs a command and checks exit code and words of both streams.
func (h *house) want(code int, words []string, args ...string) string {
	h.t.Helper()
	got, out, errs := h.run(args...)
	if got != code {
		h.t.Fatalf("duban %s: exit code %d, want %d\n%s%s", strings.Join(args, " "), got, code, out, errs)
	}
	for _, w := range words {
		if !strings.Contains(out+errs, w) {
			h.t.Errorf("duban %s: no %q in\n%s%s", strings.Join(args, " "), w, out, errs)
		}
	}
	return out
}

// ask runs a command with --json and decodes what it prints.
func ask[T any](h *house, args ...string) (v T) {
	h.t.Helper()
	return decode[T](h, h.want(0, nil, append(args, "--json")...))
}

func decode[T any](h *house, out string) (v T) {
	h.t.Helper()
	if err := json.Unmarshal([]byte(out), &v); err != nil {
		h.t.Fatalf("%v in %s", err, out)
	}
	return v
}

// arrived waits until so many mails and posts have come.
func (h *house) arrived(mails, posts int) {
	h.t.Helper()
	h.eventually(fmt.Sprintf("%d mails and %d posts", mails, posts), func() bool {
		m, w, err := h.box.Received(h.t.Context())
		if err != nil {
			h.t.Fatal(err)
		}
		return m == mails && w == posts
	})
}

// eventually waits for other goroutines, at most 20 s.
func (h *house) eventually(what string, is func() bool) {
	h.t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	limit := time.After(20 * time.Second)
	for !is() {
		select {
		case <-tick.C:
		case <-limit:
			m, w, _ := h.box.Received(h.t.Context())
			h.t.Fatalf("no %s within 20 s; there are %d mails and %d posts", what, m, w)
		}
	}
}

// receivers are who got a message, in the order of arrival of each notice.
func (h *house) receivers() map[string]int {
	h.t.Helper()
	all, err := h.box.Notices(h.t.Context(), "")
	if err != nil {
		h.t.Fatal(err)
	}
	to := map[string]int{}
	for _, arrivals := range all {
		for _, a := range arrivals {
			to[a.To]++
		}
	}
	return to
}

// running is a service in the background.
type running struct {
	h       *house
	cancel  context.CancelFunc
	done    chan int
	log     *log
	web     string // http://127.0.0.1:40123
	metrics string
}

// log is a log that two goroutines may use.
type log struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// serve starts a service and waits until it listens. It is stopped at the end
// of the test at the latest.
func (h *house) serve() *running {
	h.t.Helper()
	return h.start(func(ctx context.Context, s streams) int { return run(ctx, []string{"serve", "-c", h.config}, s) })
}

// serveWith is serve with parts of the test's own.
func (h *house) serveWith(change func(*app.Parts)) *running {
	h.t.Helper()
	return h.start(func(ctx context.Context, s streams) int {
		cfg, err := loadConfig(h.config)
		if err != nil {
			return exitCode(err, s.Err)
		}
		logTo(s.Err, cfg.Log)
		m := newMetrics(h.clock.Now)
		p, err := serviceParts(ctx, cfg, s, m)
		if err != nil {
			return exitCode(err, s.Err)
		}
		change(&p)
		a, err := app.Open(ctx, p)
		if err != nil {
			return exitCode(err, s.Err)
		}
		return exitCode(errors.Join(serve(ctx, cfg, a, m), a.Close()), s.Err)
	})
}

func (h *house) start(service func(context.Context, streams) int) *running {
	h.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	r := &running{h: h, cancel: cancel, done: make(chan int, 1), log: &log{}}
	go func() { r.done <- service(ctx, streams{Out: r.log, Err: r.log, Now: h.clock.Now}) }()
	h.t.Cleanup(func() { cancel(); <-r.done })
	h.eventually("service", func() bool {
		select {
		case code := <-r.done:
			r.done <- code
			h.t.Fatalf("serve ended with %d:\n%s", code, r.log)
		default:
		}
		return r.listens()
	})
	return r
}

func (r *running) listens() bool {
	for line := range strings.Lines(r.log.String()) {
		var entry struct{ Msg, Web, Metrics string }
		if json.Unmarshal([]byte(line), &entry) == nil && entry.Msg == "duban serves" {
			r.web, r.metrics = "http://"+entry.Web, "http://"+entry.Metrics
			return true
		}
	}
	return false
}

// stop tells the service to end, as SIGTERM does, and answers its exit code.
func (r *running) stop() int {
	r.h.t.Helper()
	r.cancel()
	select {
	case code := <-r.done:
		r.done <- code
		return code
	case <-time.After(10 * time.Second):
		r.h.t.Fatal("the service did not end within 10 s")
		return -1
	}
}

func (r *running) get(address string) (int, string) {
	r.h.t.Helper()
	res, err := http.Get(address)
	if err != nil {
		r.h.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		r.h.t.Fatal(err)
	}
	return res.StatusCode, string(body)
}
