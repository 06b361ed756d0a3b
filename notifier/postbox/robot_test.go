package postbox_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"duban/notifier/postbox"
)

type reply struct {
	status int
	header http.Header
	body   string

	Code  int    `json:"errcode"`
	Words string `json:"errmsg"`
}

func postTo(ctx context.Context, b *postbox.Box, key, body string) (reply, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, b.RobotURL()+"?key="+key, strings.NewReader(body))
	if err != nil {
		return reply{}, err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return reply{}, err
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		return reply{}, err
	}
	r := reply{status: res.StatusCode, header: res.Header, body: string(raw)}
	if res.StatusCode == http.StatusOK {
		err = json.Unmarshal(raw, &r)
	}
	return r, err
}

func say(kind, content string) string {
	raw, _ := json.Marshal(map[string]any{"msgtype": kind, kind: map[string]string{"content": content}})
	return string(raw)
}

func TestARobotHoldsToTheVendorsLimits(t *testing.T) {
	b := opened(t, postbox.Options{})
	const han = "督" // three bytes
	cases := []struct {
		name, key, body string
		code            int
		words           string
	}{
		{"text", "key-1", say("text", "请反馈"), 0, "ok"},
		{"text of 2048 bytes", "key-1", say("text", strings.Repeat(han, 682)+"ab"), 0, "ok"},
		{"text of 2049 bytes", "key-1", say("text", strings.Repeat(han, 683)), 40058, "text.content exceed max length 2048. invalid Request Parameter"},
		{"markdown of 4096 bytes", "key-1", say("markdown", strings.Repeat("x", 4096)), 0, "ok"},
		{"markdown of 4097 bytes", "key-1", say("markdown", strings.Repeat("x", 4097)), 40058, "markdown.content exceed max length 4096. invalid Request Parameter"},
		{"markdown_v2 of 4097 bytes", "key-1", say("markdown_v2", strings.Repeat("x", 4097)), 40058, "markdown_v2.content exceed max length 4096. invalid Request Parameter"},
		{"empty", "key-1", say("text", ""), 44004, "empty content"},
		{"blank", "key-1", say("markdown", " \n"), 44004, "empty content"},
		{"no body of its type", "key-1", `{"msgtype":"text","markdown":{"content":"x"}}`, 44004, "empty content"},
		{"unknown type", "key-1", say("poem", "x"), 40008, "invalid message type"},
		{"no type", "key-1", `{}`, 40008, "invalid message type"},
		{"broken JSON", "key-1", `{"msgtype":"text",`, 40008, "invalid message type"},
		{"a number for content", "key-1", `{"msgtype":"text","text":{"content":1}}`, 40008, "invalid message type"},
		{"unknown key", "key-9", say("text", "x"), 93000, "invalid webhook url"},
		{"no key", "", say("text", "x"), 93000, "invalid webhook url"},
	}
	kept := 0
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r, err := postTo(t.Context(), b, c.key, c.body)
			if err != nil {
				t.Fatal(err)
			}
			if r.status != http.StatusOK || r.Code != c.code || !strings.HasPrefix(r.Words, c.words) {
				t.Errorf("answered %d %+v, want errcode %d, %q", r.status, r, c.code, c.words)
			}
			checkForm(t, r)
		})
		if c.code == 0 {
			kept++
		}
	}
	if _, wecom := count(t, b); wecom != kept {
		t.Errorf("%d posts kept, want %d", wecom, kept)
	}
}

var failureForm = regexp.MustCompile(`, hint: \[\d{19,24}\], from ip: 127\.0\.0\.1, more info at https://open\.work\.weixin\.qq\.com/devtool/query\?e=(-?\d+)$`)

// checkForm holds an answer to the recorded form of the real ones.
func checkForm(t *testing.T, r reply) {
	t.Helper()
	if r.Code == 0 {
		if r.body != `{"errcode":0,"errmsg":"ok"}` || r.header.Get("Error-Code") != "" {
			t.Errorf("success reads %s with %v", r.body, r.header)
		}
		return
	}
	code := strconv.Itoa(r.Code)
	if r.header.Get("Error-Code") != code {
		t.Errorf("Error-Code %q, want %s", r.header.Get("Error-Code"), code)
	}
	if m := failureForm.FindStringSubmatch(r.Words); m == nil || m[1] != code {
		t.Errorf("errmsg %q has not the form of the real one", r.Words)
	}
}

func TestLimitsAreConfigurableAndGETIsRefused(t *testing.T) {
	b := opened(t, postbox.Options{TextLimit: 5120, MarkdownLimit: 10})
	if r, err := postTo(t.Context(), b, "key-1", say("text", strings.Repeat("x", 5120))); err != nil || r.Code != 0 {
		t.Errorf("%+v, %v; want ok", r, err)
	}
	if r, err := postTo(t.Context(), b, "key-1", say("markdown", strings.Repeat("x", 11))); err != nil || r.Code != 40058 {
		t.Errorf("%+v, %v; want 40058", r, err)
	}
	res, err := http.Get(b.RobotURL() + "?key=key-1")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != 200 || res.Header.Get("Error-Code") != "43002" {
		t.Errorf("GET answers %d %v", res.StatusCode, res.Header)
	}
}

func TestTwentyPostsInAnyMinuteAlsoAfterAReopen(t *testing.T) {
	c := newClock()
	o := postbox.Options{Now: c.Now, File: filepath.Join(t.TempDir(), "box.db")}
	b := opened(t, o)
	post := func(b *postbox.Box, key string, want int) {
		t.Helper()
		if r, err := postTo(t.Context(), b, key, say("text", "x")); err != nil || r.Code != want {
			t.Fatalf("at %s: %+v, %v; want errcode %d", c.Now().Format("15:04:05"), r, err, want)
		}
	}
	for range 10 { // 09:00:00
		post(b, "key-1", 0)
	}
	c.Pass(40 * time.Second) // 09:00:40
	for range 10 {
		post(b, "key-1", 0)
	}
	post(b, "key-1", 45009)
	post(b, "key-2", 0) // every robot has its own minute
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	b = opened(t, o)
	c.Pass(19*time.Second + 999*time.Millisecond) // the first ten are still within
	post(b, "key-1", 45009)
	c.Pass(time.Millisecond) // 09:01:00: the first ten are out, the second ten are not
	for range 10 {
		post(b, "key-1", 0)
	}
	post(b, "key-1", 45009)
	if n, err := b.Violations(t.Context()); err != nil || n != 3 {
		t.Errorf("%d violations, %v; want 3", n, err)
	}
	if _, wecom := count(t, b); wecom != 31 {
		t.Errorf("%d posts kept, want 31", wecom)
	}
}

func TestAMinuteIsCountedRightUnderAStorm(t *testing.T) {
	b := opened(t, postbox.Options{})
	var all sync.WaitGroup
	var lock sync.Mutex
	codes := map[int]int{}
	for range 50 {
		all.Go(func() {
			r, err := postTo(t.Context(), b, "key-1", say("text", "x"))
			if err != nil {
				t.Error(err)
			}
			lock.Lock()
			defer lock.Unlock()
			codes[r.Code]++
		})
	}
	all.Wait()
	if codes[0] != 20 || codes[45009] != 30 {
		t.Errorf("answers %v, want 20 accepted and 30 refused", codes)
	}
}

func TestNoticesAreReadFromTheNumberLine(t *testing.T) {
	cases := []struct {
		name, kind, content string
		want                []string
	}{
		{"text", "text", "请反馈\n编号：1024-3-0、1025-1-12", []string{"1024-3-0", "1025-1-12"}},
		{"in a colour", "markdown", "**请反馈**\n<font color=\"comment\">编号：7-1-0</font>", []string{"7-1-0"}},
		{"in a quote", "markdown", "> 编号：7-1-0", []string{"7-1-0"}},
		{"more than one line", "text", "编号：1-1-1\n编号：2-2-2\n", []string{"1-1-1", "2-2-2"}},
		{"not at the beginning of a line", "text", "文件编号：1-1-1", nil},
		{"a date is no notice", "text", "2023-06-20 前反馈", nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			b := opened(t, postbox.Options{})
			if r, err := postTo(t.Context(), b, "key-1", say(c.kind, c.content)); err != nil || r.Code != 0 {
				t.Fatalf("%+v, %v", r, err)
			}
			all, err := b.Notices(t.Context(), "")
			if err != nil || len(all) != len(c.want) {
				t.Fatalf("%v, %v; want %v", all, err, c.want)
			}
			sum := sha256.Sum256([]byte("key-1" + c.content))
			for _, id := range c.want {
				got := all[postbox.NoticeKey(id, "效能督办群")]
				if len(got) != 1 || got[0].Key != hex.EncodeToString(sum[:]) || got[0].Channel != postbox.WeCom {
					t.Errorf("%s arrived as %+v", id, got)
				}
			}
		})
	}
}

func TestEveryRobotFault(t *testing.T) {
	const warning = "Warning: wrong json format. "
	cases := []struct {
		name   string
		fault  postbox.Fault
		status int // 0: no answer at all
		code   int
		words  string
		kept   int
	}{
		{"rate", postbox.Fault{Do: postbox.Reply, Code: 45009}, 200, 45009, "api freq out of limit", 0},
		{"removed", postbox.Fault{Do: postbox.Reply, Code: 93000}, 200, 93000, "invalid webhook url", 0},
		{"invalid", postbox.Fault{Do: postbox.Reply, Code: 40058}, 200, 40058, "invalid Request Parameter", 0},
		{"busy", postbox.Fault{Do: postbox.Reply, Code: -1}, 200, -1, "system busy", 0},
		{"another", postbox.Fault{Do: postbox.Reply, Code: 45033, Text: "over limit"}, 200, 45033, "over limit", 0},
		{"busy but kept", postbox.Fault{Do: postbox.Reply, Code: -1, Keep: true}, 200, -1, "system busy", 1},
		{"proxy page", postbox.Fault{Do: postbox.HTML}, 502, 0, "", 0},
		{"warning", postbox.Fault{Do: postbox.Warn}, 200, 0, "ok. " + warning, 0},
		{"hang", postbox.Fault{Do: postbox.Hang}, 0, 0, "", 0},
		{"hang after accepting", postbox.Fault{Do: postbox.Hang, Keep: true}, 0, 0, "", 1},
		{"drop after accepting", postbox.Fault{Do: postbox.Drop, Keep: true}, 0, 0, "", 1},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			b := opened(t, postbox.Options{})
			c.fault.Step = postbox.StepRobot
			b.Faults().Next(1, c.fault)
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			if c.fault.Do == postbox.Hang {
				ctx, cancel = context.WithTimeout(t.Context(), 200*time.Millisecond)
			}
			defer cancel()
			r, err := postTo(ctx, b, "key-1", say("text", "x"))
			if (err != nil) != (c.status == 0) || r.status != c.status || r.Code != c.code {
				t.Errorf("answered %+v, %v; want status %d, errcode %d", r, err, c.status, c.code)
			}
			if c.fault.Do == postbox.Hang && !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%v, want silence", err)
			}
			if !strings.HasPrefix(r.Words, c.words) {
				t.Errorf("errmsg %q, want %q", r.Words, c.words)
			}
			if c.status == 502 && !strings.Contains(r.body, "<h1>502 Bad Gateway</h1>") {
				t.Errorf("page %q", r.body)
			}
			if _, wecom := count(t, b); wecom != c.kept {
				t.Errorf("%d kept, want %d", wecom, c.kept)
			}
			if r, err := postTo(t.Context(), b, "key-1", say("text", "y")); err != nil || r.Code != 0 {
				t.Errorf("after the fault: %+v, %v", r, err)
			}
			if n, err := b.Violations(t.Context()); err != nil || n != 0 {
				t.Errorf("%d violations, %v; scripted faults are none", n, err)
			}
		})
	}
}
