package wecom_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"duban/notifier"
	"duban/notifier/wecom"
)

const canary = "canary-693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa"

// robot is the far side: a webhook that answers as told and keeps the posts.
type robot struct {
	*httptest.Server
	mu   sync.Mutex
	log  []string
	keys []string
}

// posts are the bodies received so far.
func (r *robot) posts() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.log)
}

func newRobot(t *testing.T, answer http.HandlerFunc) *robot {
	t.Helper()
	r := &robot{}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, err := io.ReadAll(req.Body)
		if err != nil || req.Method != http.MethodPost || req.Header.Get("Content-Type") != "application/json" {
			t.Errorf("%s %s %v", req.Method, req.Header, err)
		}
		r.mu.Lock()
		r.log, r.keys = append(r.log, string(body)), append(r.keys, req.URL.Query().Get("key"))
		r.mu.Unlock()
		answer(w, req)
	}))
	t.Cleanup(r.Close)
	return r
}

func says(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		io.WriteString(w, body)
	}
}

func channel(t *testing.T, address string, change func(*wecom.Options)) *wecom.Channel {
	t.Helper()
	o := wecom.Options{
		URL: address, AllowHost: []string{"127.0.0.1"}, Timeout: 5 * time.Second,
		Key: func(name string) (string, bool) { return canary, name == "效能督办群" },
	}
	if change != nil {
		change(&o)
	}
	c, err := wecom.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func message() notifier.Message {
	return notifier.Message{
		Key: "k1", Text: "【月度督办】三月督办已开始，请各单位于3月24日前反馈。",
		To: notifier.Receiver{Robot: "效能督办群", Mention: []string{"wangfang", "@all"}},
	}
}

func TestTextWithMentions(t *testing.T) {
	r := newRobot(t, says(200, `{"errcode":0,"errmsg":"ok"}`))
	c := channel(t, r.URL, nil)
	for range 2 {
		want := notifier.Result{Class: notifier.Accepted, Code: "0", Words: "ok"}
		if got := c.Send(t.Context(), message()); got != want {
			t.Fatalf("got %+v", got)
		}
	}
	const want = `{"msgtype":"text","text":{"content":"【月度督办】三月督办已开始，请各单位于3月24日前反馈。","mentioned_list":["wangfang","@all"]}}`
	if r.posts()[0] != want || r.posts()[1] != want || r.keys[0] != canary {
		t.Errorf("posted %q with key %q", r.posts(), r.keys)
	}
	if c.Name() != "wecom" {
		t.Error(c.Name())
	}
}

// A kept connection may be closed by the server just as the next post begins.
func TestEachPostHasItsOwnConnection(t *testing.T) {
	peers := make(chan string, 2)
	r := newRobot(t, func(w http.ResponseWriter, req *http.Request) {
		peers <- req.RemoteAddr
		io.WriteString(w, `{"errcode":0,"errmsg":"ok"}`)
	})
	c := channel(t, r.URL, nil)
	c.Send(t.Context(), message())
	c.Send(t.Context(), message())
	if first, second := <-peers, <-peers; first == second {
		t.Errorf("both posts came over %s", first)
	}
}

func TestMarkdown(t *testing.T) {
	r := newRobot(t, says(200, `{"errcode":0,"errmsg":"ok"}`))
	m := message()
	m.Markdown, m.Text = true, "# 通报\n> <font color=\"warning\">逾期</font> R&D <@lisi>"
	m.To.Mention = []string{"wangfang", "lisi"}
	if got := channel(t, r.URL, nil).Send(t.Context(), m); got.Class != notifier.Accepted {
		t.Fatalf("got %+v", got)
	}
	var posted map[string]any
	if err := json.Unmarshal([]byte(r.posts()[0]), &posted); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{"msgtype": "markdown", "markdown": map[string]any{"content": m.Text + "<@wangfang>"}}
	if !reflect.DeepEqual(posted, want) {
		t.Errorf("posted %v", posted)
	}
	if strings.Contains(r.posts()[0], `\u003c`) {
		t.Errorf("escaped: %s", r.posts()[0])
	}
}

func TestEveryErrcode(t *testing.T) {
	const P, T = notifier.Permanent, notifier.Temporary
	for code, want := range map[int]notifier.Class{
		-1: T, 45033: T, 45009: notifier.Paused, 99999: T,
		93000: P, 93004: P, 93006: P, 93008: P, 40058: P, 44004: P, 40008: P, 45002: P, 45008: P, 40009: P,
		45001: P, 40006: P, 40007: P, 301019: P, 44001: P, 301016: P, 301017: P, 45007: P,
	} {
		errmsg := "said, hint: [1716000000000000000000], from ip: 1.2.3.4, more info at https://open.work.weixin.qq.com/devtool/query?e=1"
		r := newRobot(t, says(200, fmt.Sprintf(`{"errcode":%d,"errmsg":%q}`, code, errmsg)))
		got := channel(t, r.URL, nil).Send(t.Context(), message())
		wait := time.Duration(0)
		if code == 45009 {
			wait = 65 * time.Second
		}
		if expected := (notifier.Result{Class: want, Code: fmt.Sprint(code), Words: errmsg, Wait: wait}); got != expected {
			t.Errorf("%d: %+v, want %+v", code, got, expected)
		}
		if len(r.posts()) != 1 {
			t.Errorf("%d: posted %d times", code, len(r.posts()))
		}
	}
}

func TestAnswersThatAreNotWeComs(t *testing.T) {
	for name, tt := range map[string]struct {
		status int
		body   string
		want   notifier.Class
		code   string
	}{
		"gateway":            {502, "<html><center>502 Bad Gateway</center></html>", notifier.Temporary, ""},
		"ok behind a 500":    {500, `{"errcode":0,"errmsg":"ok"}`, notifier.Temporary, ""},
		"log-in portal":      {200, "<html>请先登录校园网</html>", notifier.Temporary, ""},
		"no errcode":         {200, `{}`, notifier.Temporary, ""},
		"errcode of a text":  {200, `{"errcode":"0"}`, notifier.Temporary, ""},
		"empty":              {200, "", notifier.Temporary, ""},
		"endless":            {200, `{"errcode":0,"errmsg":"` + strings.Repeat("x", 1<<20) + `"}`, notifier.Temporary, ""},
		"ok with a warning":  {200, `{"errcode":0,"errmsg":"ok. Warning: wrong json format. "}`, notifier.Ambiguous, "0"},
		"bad with a warning": {200, `{"errcode":93000,"errmsg":"Warning: wrong json format. "}`, notifier.Permanent, "93000"},
	} {
		r := newRobot(t, says(tt.status, tt.body))
		got := channel(t, r.URL, nil).Send(t.Context(), message())
		if got.Class != tt.want || got.Code != tt.code || len(got.Words) > 500 {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// Redirects would carry the key to wherever they point.
func TestRedirectIsNotFollowed(t *testing.T) {
	for _, own := range []bool{true, false} {
		for _, status := range []int{301, 302, 303, 307, 308} {
			elsewhere := newRobot(t, says(200, `{"errcode":0,"errmsg":"ok"}`))
			r := newRobot(t, func(w http.ResponseWriter, req *http.Request) {
				http.Redirect(w, req, elsewhere.URL+"?"+req.URL.RawQuery, status)
			})
			c := channel(t, r.URL, func(o *wecom.Options) {
				if !own {
					o.Client = r.Client()
				}
			})
			if got := c.Send(t.Context(), message()); got.Class != notifier.Temporary || len(elsewhere.posts()) != 0 {
				t.Errorf("%d: %+v, %d posts elsewhere", status, got, len(elsewhere.posts()))
			}
		}
	}
}

func TestSilenceAfterThePostIsAnUnknownOutcome(t *testing.T) {
	for name, answer := range map[string]http.HandlerFunc{
		"stall": func(_ http.ResponseWriter, req *http.Request) { <-req.Context().Done() },
		"close": func(w http.ResponseWriter, _ *http.Request) {
			conn, _, _ := w.(http.Hijacker).Hijack()
			conn.Close()
		},
		"half an answer": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "27")
			io.WriteString(w, `{"errcode":0,`)
		},
	} {
		r := newRobot(t, answer)
		c := channel(t, r.URL, func(o *wecom.Options) {
			if name == "stall" {
				o.Timeout = 200 * time.Millisecond
			}
		})
		if got := c.Send(t.Context(), message()); got.Class != notifier.Ambiguous || len(r.posts()) != 1 {
			t.Errorf("%s: %+v after %d posts", name, got, len(r.posts()))
		}
	}
}

func TestFailuresBeforeThePost(t *testing.T) {
	gone := newRobot(t, nil)
	gone.Close()
	encrypted := httptest.NewUnstartedServer(says(200, `{"errcode":0}`))
	encrypted.Config.ErrorLog = log.New(io.Discard, "", 0)
	encrypted.StartTLS() // nobody trusts its certificate
	defer encrypted.Close()
	dead, cancel := context.WithCancel(t.Context())
	cancel()
	for name, tt := range map[string]struct {
		ctx context.Context
		url string
	}{
		"nobody listens":    {t.Context(), gone.URL},
		"wrong certificate": {t.Context(), encrypted.URL},
		"no such host":      {t.Context(), "http://robot.invalid/send"},
		"already over":      {dead, gone.URL},
	} {
		c := channel(t, tt.url, func(o *wecom.Options) { o.AllowHost = append(o.AllowHost, "robot.invalid") })
		if got := c.Send(tt.ctx, message()); got.Class != notifier.Temporary || got.Words == "" || strings.Contains(got.Words, tt.url) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// A post that broke off in the middle cannot have been understood.
func TestPostCutShort(t *testing.T) {
	r := newRobot(t, says(200, `{"errcode":0,"errmsg":"ok"}`))
	c := channel(t, r.URL, func(o *wecom.Options) {
		o.Client = &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			conn, err := new(net.Dialer).DialContext(ctx, network, addr)
			return mute{conn}, err
		}}}
	})
	if got := c.Send(t.Context(), message()); got.Class != notifier.Temporary || len(r.posts()) != 0 {
		t.Errorf("got %+v", got)
	}
}

// mute is a connection whose writing side is dead.
type mute struct{ net.Conn }

func (mute) Write([]byte) (int, error) {
	return 0, &net.OpError{Op: "write", Net: "tcp", Err: net.ErrClosed}
}

func TestMessagesThatCannotBeSent(t *testing.T) {
	r := newRobot(t, says(200, `{"errcode":0,"errmsg":"ok"}`))
	c := channel(t, r.URL, nil)
	for name, change := range map[string]func(*notifier.Message){
		"text of 2049 bytes":     func(m *notifier.Message) { m.Text = strings.Repeat("督", 682) + "abc" },
		"markdown of 4098 bytes": func(m *notifier.Message) { m.Markdown, m.To.Mention, m.Text = true, nil, strings.Repeat("办", 1366) },
		"mention goes over": func(m *notifier.Message) {
			m.Markdown, m.To.Mention, m.Text = true, []string{"lisi"}, strings.Repeat("a", 4090)
		},
		"all in markdown":     func(m *notifier.Message) { m.Markdown = true },
		"empty":               func(m *notifier.Message) { m.Text = " \n" },
		"broken UTF-8":        func(m *notifier.Message) { m.Text = "\xc4\xe3" },
		"forged member":       func(m *notifier.Message) { m.To.Mention = []string{"a><@b"} },
		"robot without a key": func(m *notifier.Message) { m.To.Robot = "别的群" },
	} {
		m := message()
		change(&m)
		got := c.Send(t.Context(), m)
		if got.Class != notifier.Permanent || got.Words == "" || len(r.posts()) != 0 {
			t.Errorf("%s: %+v", name, got)
		}
		if long := strings.HasSuffix(name, "bytes") || name == "mention goes over"; long != strings.Contains(got.Words, "too long") {
			t.Errorf("%s: %s", name, got.Words)
		}
	}
	full := message()
	full.Text = strings.Repeat("督", 682) + "ab"
	if got := c.Send(t.Context(), full); got.Class != notifier.Accepted {
		t.Errorf("2048 bytes: %+v", got)
	}
}

func TestKeyNeverReachesTheLedger(t *testing.T) {
	const odd = "canary key/+&"
	for name, answer := range map[string]http.HandlerFunc{
		"echo": func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprintf(w, `{"errcode":93000,"errmsg":%q}`, r.URL.String())
		},
		"long echo": func(w http.ResponseWriter, r *http.Request) {
			io.WriteString(w, strings.Repeat("x", 440)+r.URL.String())
		},
		"plain": func(w http.ResponseWriter, r *http.Request) {
			io.WriteString(w, "unknown key "+r.URL.Query().Get("key"))
		},
		"redirect": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "ftp://x/?"+r.URL.RawQuery, http.StatusFound)
		},
		"stall": func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
		"garbage": func(w http.ResponseWriter, r *http.Request) {
			conn, _, _ := w.(http.Hijacker).Hijack()
			fmt.Fprintf(conn, "%s\r\n\r\n", r.URL)
			conn.Close()
		},
	} {
		for _, key := range []string{canary, odd} {
			r := newRobot(t, answer)
			c := channel(t, r.URL, func(o *wecom.Options) {
				o.Timeout = 300 * time.Millisecond
				o.Key = func(string) (string, bool) { return key, true }
			})
			for round := range 2 {
				got := c.Send(t.Context(), message())
				text := fmt.Sprintf("%+v %#v", got, got)
				if strings.Contains(text, key) || strings.Contains(text, url.QueryEscape(key)) || strings.Contains(text, "canary") && key == canary {
					t.Errorf("%s, round %d: %s", name, round, text)
				}
				r.Close() // the second round cannot dial
			}
		}
	}
}

func TestOptionsThatAreRefused(t *testing.T) {
	key := func(string) (string, bool) { return canary, true }
	for _, address := range []string{
		"https://evil.example/cgi-bin/webhook/send", "https://qyapi.weixin.qq.com.evil.example/", "https://qyapi.weixin.qq.com:8443/",
		"http://qyapi.weixin.qq.com/cgi-bin/webhook/send", "https://127.0.0.1/", "https://169.254.169.254/", "https://[::ffff:10.0.0.1]/",
		"https://qyapi.weixin.qq.com/send?key=" + canary, "https://" + canary + "@qyapi.weixin.qq.com/", "https://qyapi.weixin.qq.com/#" + canary,
		"file:///etc/passwd", "://" + canary, "http://qyapi.weixin.qq.com:" + canary,
	} {
		_, err := wecom.New(wecom.Options{URL: address, Key: key, AllowHost: []string{"postbox.example"}})
		if err == nil || strings.Contains(err.Error(), canary) {
			t.Errorf("%s: %v", address, err)
		}
	}
	for _, o := range []wecom.Options{
		{Key: key}, {Key: key, URL: "https://QYAPI.weixin.qq.com/cgi-bin/webhook/send"},
		{Key: key, URL: "http://localhost:8025/send", AllowHost: []string{"localhost"}},
		{Key: key, URL: "http://localhost:8025/send", AllowHost: []string{"localhost:8025"}},
	} {
		if _, err := wecom.New(o); err != nil {
			t.Error(err)
		}
	}
	if _, err := wecom.New(wecom.Options{}); err == nil {
		t.Error("a channel without keys")
	}
	if _, err := wecom.New(wecom.Options{Key: key, URL: "http://localhost:8025/", AllowHost: []string{"localhost:9"}}); err == nil {
		t.Error("another port was allowed")
	}
}
