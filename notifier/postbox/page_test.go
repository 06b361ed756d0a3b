package postbox_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/smtp"
	"regexp"
	"strings"
	"testing"
	"time"

	"duban/notifier/postbox"
)

// directory is the people of the tests; one of them has an evil name.
type directory struct{}

func (directory) NameOf(address string) (name, title string) {
	switch address {
	case "zhao@college.example":
		return "赵敏", "组织部 联络员"
	case "zhaomin":
		return "赵敏", ""
	case "evil@college.example":
		return `<script>alert("n")</script>`, `"><img src=x>`
	}
	return "", ""
}

func get(t testing.TB, b *postbox.Box, url string) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	b.Handler(directory{}).ServeHTTP(w, httptest.NewRequest(http.MethodGet, url, nil))
	return w
}

// mail sends a mail with one text part.
func mail(t *testing.T, b *postbox.Box, to, subject, text string) {
	t.Helper()
	raw := "Subject: " + subject + "\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" + text
	if err := smtp.SendMail(b.MailAddr(), nil, "a@b.example", []string{to}, []byte(raw)); err != nil {
		t.Fatal(err)
	}
}

func contains(t *testing.T, page *httptest.ResponseRecorder, words ...string) {
	t.Helper()
	if page.Code != 200 {
		t.Errorf("status %d", page.Code)
	}
	for _, w := range words {
		if !strings.Contains(page.Body.String(), w) {
			t.Errorf("the page lacks %q:\n%s", w, withoutStyle(page.Body.String()))
		}
	}
}

func lacks(t *testing.T, page *httptest.ResponseRecorder, words ...string) {
	t.Helper()
	for _, w := range words {
		if strings.Contains(page.Body.String(), w) {
			t.Errorf("the page has %q:\n%s", w, withoutStyle(page.Body.String()))
		}
	}
}

var style = regexp.MustCompile(`(?s)<style>(.*?)</style>`)

func withoutStyle(page string) string { return style.ReplaceAllString(page, "") }

func TestTheOverviewShowsPeopleGroupsAndDays(t *testing.T) {
	c := newClock()
	b := opened(t, postbox.Options{Now: c.Now})
	contains(t, get(t, b, "/"), "还没有收到消息")
	mail(t, b, "zhao@college.example", "first", "x")
	mail(t, b, "zhao@college.example", "second", "x")
	mail(t, b, "qian@college.example", "third", "x")
	c.Pass(49 * 24 * time.Hour) // 8 August: July has nothing
	if _, err := postTo(t.Context(), b, "key-1", say("markdown", "# 6月**小结**\n> 请看")); err != nil {
		t.Fatal(err)
	}
	page := get(t, b, "/")
	contains(t, page, "3 封邮件", "1 条群消息", "2023年6月20日（周二）至2023年8月8日（周二）",
		"赵敏", "组织部 联络员", "2 封", "second", "qian@college.example", "效能督办群", "6月小结", "8月8日 09:00",
		`href="./?person=zhao@college.example"`, `href="./?day=2023-06-20"`, `href="./?month=2023-06"`, "2023年8月")
	lacks(t, page, "key-1", "超限", "2023年7月")
	for range 21 {
		if _, err := postTo(t.Context(), b, "key-1", say("text", "x")); err != nil {
			t.Fatal(err)
		}
	}
	contains(t, get(t, b, "/"), "▲ 超限", "有 2 条群消息超过每分钟 20 条")
}

func TestManyPeopleAreFoldedAndThePageStaysLight(t *testing.T) {
	c := newClock()
	c.t = time.Date(2023, 1, 1, 9, 0, 0, 0, china)
	b := opened(t, postbox.Options{Now: c.Now})
	for i := range 365 {
		mail(t, b, fmt.Sprintf("person-%03d@college.example", i%120), fmt.Sprintf("matter %d", i), "x")
		c.Pass(24 * time.Hour)
	}
	page := get(t, b, "/")
	contains(t, page, "看全部 120 人", "2023年12月")
	if size := page.Body.Len(); size > 60<<10 {
		t.Errorf("the overview weighs %d bytes, more than 60 KB", size)
	}
	if n := strings.Count(page.Body.String(), `class="who"`); n != 30 {
		t.Errorf("%d people on the overview, want 30", n)
	}
	all := get(t, b, "/?people=all")
	if n := strings.Count(all.Body.String(), `class="who"`); n != 120 {
		t.Errorf("%d people on the full page, want 120", n)
	}
	first := get(t, b, "/?all=1")
	contains(t, first, "共 365 条", "第 1 页，共 8 页", `href="./?page=2&amp;all=1"`)
	last := get(t, b, "/?all=1&page=8")
	contains(t, last, "第 8 页", "matter 0<", `href="./?page=7&amp;all=1"`)
	if n := strings.Count(last.Body.String(), `class="subject"`); n != 15 {
		t.Errorf("%d lines on the last page, want 15", n)
	}
	contains(t, get(t, b, "/?all=1&page=99"), "这一页已经没有消息了", "回到第一页", `href="./?page=8&amp;all=1"`)
	if size := first.Body.Len(); size > 60<<10 {
		t.Errorf("a list weighs %d bytes, more than 60 KB", size)
	}
}

func TestListsAreFilteredSortedAndSearched(t *testing.T) {
	c := newClock()
	b := opened(t, postbox.Options{Now: c.Now})
	mail(t, b, "zhao@college.example", "alpha", "实验室安全自查")
	c.Pass(24 * time.Hour)
	mail(t, b, "zhao@college.example", "beta", "100%_done")
	c.Pass(24 * time.Hour)
	mail(t, b, "qian@college.example", "gamma", "实验室整改")
	if _, err := postTo(t.Context(), b, "key-1", say("text", "delta\n实验室小结")); err != nil {
		t.Fatal(err)
	}
	cases := []struct {
		query string
		want  []string // subjects in order
		words []string
	}{
		{"person=zhao@college.example", []string{"beta", "alpha"}, []string{"<h1>赵敏</h1>", "组织部 联络员 · zhao@college.example", "从早到晚看"}},
		{"person=zhao@college.example&order=old", []string{"alpha", "beta"}, []string{"从新到旧看"}},
		{"day=2023-06-22", []string{"delta", "gamma"}, []string{"<h1>2023年6月22日（周四）</h1>", "qian@college.example", "企业微信"}},
		{"day=2023-06-22&channel=mail", []string{"gamma"}, []string{"去掉邮件"}},
		{"month=2023-06", []string{"delta", "gamma", "beta", "alpha"}, []string{"<h1>2023年6月</h1>"}},
		{"month=2023-07", nil, []string{"没有符合条件的消息"}},
		{"channel=wecom", []string{"delta"}, nil},
		{"q=实验室", []string{"delta", "gamma", "alpha"}, []string{"搜索“实验室”"}},
		{"q=实验室 整改", []string{"gamma"}, nil},
		{"q=100%25_d", []string{"beta"}, nil},
		{"q=%25", []string{"beta"}, nil},
		{"q=beta&person=zhao@college.example", []string{"beta"}, []string{"含“beta”", `href="./?person=zhao@college.example"`}},
		{"person=nobody", nil, []string{"<h1>nobody</h1>", "没有符合条件的消息"}},
		{"day=never&all=1", []string{"delta", "gamma", "beta", "alpha"}, []string{"全部消息"}},
		{"person='+OR+1=1--", nil, nil},
	}
	subject := regexp.MustCompile(`class="subject"[^>]*>([^<]*)<`)
	for _, c := range cases {
		t.Run(c.query, func(t *testing.T) {
			page := get(t, b, "/?"+strings.ReplaceAll(c.query, " ", "%20"))
			contains(t, page, c.words...)
			var got []string
			for _, m := range subject.FindAllStringSubmatch(page.Body.String(), -1) {
				got = append(got, m[1])
			}
			if fmt.Sprint(got) != fmt.Sprint(c.want) {
				t.Errorf("shows %v, want %v", got, c.want)
			}
		})
	}
}

func TestAMailIsSeenAsItsReceiverSawIt(t *testing.T) {
	b := opened(t, postbox.Options{})
	for range 2 {
		if err := send(b, "zhao@college.example"); err != nil {
			t.Fatal(err)
		}
	}
	page := get(t, b, "/message/1")
	contains(t, page, "【催办】实验室安全", "赵敏", "组织部 联络员", "效能办 &lt;duban@college.example&gt;", "请反馈进展。",
		"2023年6月20日（周二） 09:00:00", "1024-3-0", "d-77", `src="1/html"`, `sandbox="allow-popups allow-popups-to-escape-sandbox"`,
		"X-Duban-Delivery: d-77", `href="../raw/1"`, `href="../message/2"`, "◆ 重复", "一共收到 2 次")
	lacks(t, page, "alert(1)")
	contains(t, get(t, b, "/message/2"), "已是最后一条", `href="../message/1"`)

	part := get(t, b, "/message/1/html")
	contains(t, part, `<base target="_blank"><h1>请反馈</h1>`)
	policy := part.Header().Get("Content-Security-Policy")
	for _, rule := range []string{"default-src 'none'", "sandbox allow-popups", "form-action 'none'", "frame-ancestors 'self'"} {
		if !strings.Contains(policy, rule) {
			t.Errorf("the mail's policy %q lacks %q", policy, rule)
		}
	}
	if strings.Contains(policy, "script") || strings.Contains(policy, "allow-same-origin") {
		t.Errorf("the mail's policy allows too much: %q", policy)
	}

	raw := get(t, b, "/raw/1")
	if raw.Header().Get("Content-Disposition") != `attachment; filename="1.eml"` || raw.Body.String() != sample {
		t.Errorf("the original is %v %q, want what was sent", raw.Header(), raw.Body)
	}
}

func TestAPostIsSeenAsABubble(t *testing.T) {
	b := opened(t, postbox.Options{})
	text, err := json.Marshal(map[string]any{"msgtype": "text", "text": map[string]any{
		"content": "请<@zhaomin>看 https://a.example/x?a=1&b=2。", "mentioned_list": []string{"@all", "qian"}}})
	if err != nil {
		t.Fatal(err)
	}
	for _, body := range []string{string(text), say("markdown", "# 小结\n已办结 **9** 件")} {
		if r, err := postTo(t.Context(), b, "key-1", body); err != nil || r.Code != 0 {
			t.Fatalf("%+v, %v", r, err)
		}
	}
	contains(t, get(t, b, "/message/1"), "效能督办群", `请<span class="at">@赵敏</span>看 <a href="https://a.example/x?a=1&amp;b=2"`,
		`<span class="at">@所有人</span>`, `<span class="at">@qian</span>`, "收到的原文")
	contains(t, get(t, b, "/message/2"), `<p class="head big">小结</p><p>已办结 <strong>9</strong> 件</p>`)
	if raw := get(t, b, "/raw/1"); raw.Body.String() != string(text) || raw.Header().Get("Content-Type") != "application/json" {
		t.Errorf("the original is %q", raw.Body)
	}
	if page := get(t, b, "/message/1/html"); page.Code != 404 {
		t.Errorf("a post has no mail part, yet it answers %d", page.Code)
	}
}

func TestNothingForeignRunsOnThePages(t *testing.T) {
	b := opened(t, postbox.Options{Robots: []postbox.Robot{{Key: "k", Name: `<svg onload="x()">`}}})
	const evil = `<script>alert("s")</script><img src=x onerror=y()>`
	mail(t, b, "evil@college.example", evil, evil)
	for _, kind := range []string{"text", "markdown"} {
		body := say(kind, evil+"\n> "+evil+"[a](javascript:alert(1))[b](https://x\"onclick=\"z())<@"+`"><b>`+">")
		if r, err := postTo(t.Context(), b, "k", body); err != nil || r.Code != 0 {
			t.Fatalf("%+v, %v", r, err)
		}
	}
	for _, url := range []string{"/", "/?all=1", "/?person=evil@college.example", "/?q=" + "%3Cscript%3E", "/?person=%22%3E%3Cscript%3E",
		"/message/1", "/message/2", "/message/3"} {
		page := get(t, b, url)
		lacks(t, page, "<script", "<img", "<svg", "<b>\"", `href="javascript`, `" onclick`, `"onclick`)
		checkPolicy(t, url, page)
	}
}

// checkPolicy makes sure that the only style that may apply is the page's own.
func checkPolicy(t *testing.T, url string, page *httptest.ResponseRecorder) {
	t.Helper()
	own := style.FindStringSubmatch(page.Body.String())
	if own == nil {
		t.Fatalf("%s has no style", url)
	}
	sum := sha256.Sum256([]byte(own[1]))
	policy := page.Header().Get("Content-Security-Policy")
	if want := "style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"; !strings.Contains(policy, want) {
		t.Errorf("%s: policy %q lacks %q", url, policy, want)
	}
	if !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") {
		t.Errorf("%s: policy %q is too wide", url, policy)
	}
}

func TestMissingPagesSayWhereToGo(t *testing.T) {
	b := opened(t, postbox.Options{})
	for url, root := range map[string]string{
		"/message/7": "./../", "/message/x": "./../", "/message/7/html": "./../../", "/raw/7": "./../", "/nothing": "./",
	} {
		page := get(t, b, url)
		if page.Code != 404 || !strings.Contains(page.Body.String(), `<a href="`+root+`">回到信箱</a>`) {
			t.Errorf("%s: %d %s", url, page.Code, withoutStyle(page.Body.String()))
		}
	}
	w := httptest.NewRecorder()
	b.Handler(nil).ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/", nil))
	if w.Code == 200 {
		t.Error("a POST is answered like a GET")
	}
}

func TestAClosedBoxSaysThatItCannotBeRead(t *testing.T) {
	b := opened(t, postbox.Options{})
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	for _, url := range []string{"/", "/?all=1", "/message/1"} {
		if page := get(t, b, url); page.Code != 500 || !strings.Contains(page.Body.String(), "信箱暂时打不开") {
			t.Errorf("%s: %d", url, page.Code)
		}
	}
}

func TestThePagesWorkUnderAPrefixAndWithoutPeople(t *testing.T) {
	b := opened(t, postbox.Options{})
	mail(t, b, "zhao@college.example", "alpha", "x")
	s := httptest.NewServer(http.StripPrefix("/box", b.Handler(nil)))
	defer s.Close()
	res, err := http.Get(s.URL + "/box/message/1")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != 200 {
		t.Errorf("status %d", res.StatusCode)
	}
	w := httptest.NewRecorder()
	b.Handler(nil).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
	contains(t, w, "zhao@college.example")
	if strings.Contains(w.Body.String(), `href="/`) {
		t.Error("a link is absolute and would leave the prefix")
	}
}
