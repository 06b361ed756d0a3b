package mail_test

import (
	"fmt"
	"io"
	"maps"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	netmail "net/mail"
	"slices"
	"strings"
	"testing"
	"time"

	"duban/notifier"
	"duban/notifier/mail"
)

// read sends m and parses what the server got.
func read(t *testing.T, m notifier.Message) *netmail.Message {
	t.Helper()
	s := (&server{}).start(t)
	if r := send(t, channel(t, s, nil), m); r.Class != notifier.Accepted {
		t.Fatalf("got %+v", r)
	}
	for line := range strings.Lines(s.seen().letters[0]) {
		if len(line) > 200 {
			t.Errorf("a line of %d bytes: %q", len(line), line)
		}
	}
	got, err := netmail.ReadMessage(strings.NewReader(s.seen().letters[0]))
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestHeadersAreExactlyThese(t *testing.T) {
	m := message("d-20230217-wangfang")
	m.Thread = "DB-2023-015"
	got := read(t, m).Header
	want := map[string]string{
		"From": "效能办 <xnb@example.edu.cn>", "To": "王芳 <wangfang@example.edu.cn>", "Subject": m.Subject,
		"Date":                     "Fri, 17 Feb 2023 01:00:00 +0000",
		"Message-Id":               "<d-20230217-wangfang@duban.example.edu.cn>",
		"In-Reply-To":              "<task-DB-2023-015@duban.example.edu.cn>",
		"References":               "<task-DB-2023-015@duban.example.edu.cn>",
		"Auto-Submitted":           "auto-generated",
		"X-Auto-Response-Suppress": "All",
		"X-Duban-Delivery":         "d-20230217-wangfang",
		"X-Duban-Notices":          "7-1-1, 7-2-1",
		"Mime-Version":             "1.0",
	}
	keys := slices.Sorted(maps.Keys(got))
	if wanted := slices.Sorted(maps.Keys(want)); !slices.Equal(keys, slices.Sorted(slices.Values(append(wanted, "Content-Type")))) {
		t.Errorf("header set %q", keys)
	}
	for key, value := range want {
		decoded, err := new(mime.WordDecoder).DecodeHeader(strings.Join(got[key], " AND "))
		if err != nil || decoded != value {
			t.Errorf("%s: %q, want %q (%v)", key, decoded, value, err)
		}
	}
	if date, err := got.Date(); err != nil || !date.Equal(m.At) {
		t.Errorf("date %v, want %v", date, m.At)
	}
}

func TestTextAndHTMLArriveAsWritten(t *testing.T) {
	m := message("k1")
	got := read(t, m)
	kind, params, err := mime.ParseMediaType(got.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		t.Fatalf("%s %v", kind, err)
	}
	parts := multipart.NewReader(got.Body, params["boundary"])
	for _, want := range []struct{ kind, body string }{{"text/plain", m.Text}, {"text/html", m.HTML}} {
		p, err := parts.NextPart() // undoes quoted-printable
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(p)
		if kind := p.Header.Get("Content-Type"); err != nil || kind != want.kind+"; charset=UTF-8" {
			t.Errorf("%s %v", kind, err)
		}
		if text := strings.ReplaceAll(string(body), "\r\n", "\n"); text != want.body {
			t.Errorf("%s: %q, want %q", want.kind, text, want.body)
		}
	}
}

func TestTextAlone(t *testing.T) {
	m := message("k1")
	m.HTML = ""
	got := read(t, m)
	if kind := got.Header.Get("Content-Type"); kind != "text/plain; charset=UTF-8" {
		t.Errorf("type %q", kind)
	}
	body, err := io.ReadAll(quotedprintable.NewReader(got.Body))
	if text := strings.TrimSuffix(strings.ReplaceAll(string(body), "\r\n", "\n"), "\n"); err != nil || text != m.Text {
		t.Errorf("%q %v", text, err)
	}
}

func TestMessageIDIsLegalShortAndTheSameOnRetry(t *testing.T) {
	ids := map[string]string{}
	for _, key := range []string{
		"k1", "a.b-c_d", "a..b", ".a", "a b", "效督〔2023〕5号", "<x@y>", "a/b", "a_b", strings.Repeat("k", 80), strings.Repeat("k", 81),
	} {
		first, again := read(t, message(key)).Header.Get("Message-Id"), read(t, message(key)).Header.Get("Message-Id")
		if first != again {
			t.Errorf("%s: %s, then %s", key, first, again)
		}
		if a, err := netmail.ParseAddress(first); err != nil || len(first) > 62 || strings.ContainsAny(first, " \"") || a.Name != "" {
			t.Errorf("%s: %s is not a short legal id (%v)", key, first, err)
		}
		if other, taken := ids[first]; taken {
			t.Errorf("%s and %s share %s", key, other, first)
		}
		ids[first] = key
	}
}

func TestLongListOfNoticesFolds(t *testing.T) {
	m := message("k1")
	m.Notices = nil
	for i := range 300 {
		m.Notices = append(m.Notices, fmt.Sprintf("2023-%04d-1", i))
	}
	got := strings.Split(read(t, m).Header.Get("X-Duban-Notices"), ",")
	for i := range got {
		got[i] = strings.TrimSpace(got[i])
	}
	if !slices.Equal(got, m.Notices) {
		t.Errorf("got %q", got)
	}
}

func TestSubjectsSurvive(t *testing.T) {
	for subject, want := range map[string]string{
		"Reminder":                           "Reminder",
		"":                                   "",
		strings.Repeat("督办", 80):             strings.Repeat("督办", 80),
		"a" + strings.Repeat(" ", 200) + "b": "a b", // a blank folded line would end the header
		"=?utf-8?q?forged?=":                 "= ?utf-8?q?forged?=",
		"50%_完成=是?":                          "50%_完成=是?",
	} {
		m := message("k1")
		m.Subject = subject
		got, err := new(mime.WordDecoder).DecodeHeader(read(t, m).Header.Get("Subject"))
		if err != nil || got != want {
			t.Errorf("%q became %q (%v)", subject, got, err)
		}
	}
}

func TestForgedHeadersAreRefused(t *testing.T) {
	for name, change := range map[string]func(*notifier.Message, string){
		"subject": func(m *notifier.Message, s string) { m.Subject += s },
		"name":    func(m *notifier.Message, s string) { m.To.Name += s },
		"address": func(m *notifier.Message, s string) { m.To.Address += s },
		"key":     func(m *notifier.Message, s string) { m.Key += s },
		"thread":  func(m *notifier.Message, s string) { m.Thread = "DB-1" + s },
		"notice":  func(m *notifier.Message, s string) { m.Notices = []string{"1-1-1" + s} },
	} {
		for _, evil := range []string{"\r\nBcc: all@example.edu.cn", "\n", "\r", "\x00", "\x7f", "\u0085", "\xff"} {
			s := (&server{}).start(t)
			m := message("k1")
			change(&m, evil)
			if r := send(t, channel(t, s, nil), m); r.Class != notifier.Permanent || r.Words == "" || s.seen().conns != 0 {
				t.Errorf("%s with %q: %+v, %d connections", name, evil, r, s.seen().conns)
			}
		}
	}
}

func TestMessagesThatCannotBeSent(t *testing.T) {
	for name, change := range map[string]func(*notifier.Message){
		"no address":        func(m *notifier.Message) { m.To.Address = "" },
		"not an address":    func(m *notifier.Message) { m.To.Address = "王芳" },
		"two addresses":     func(m *notifier.Message) { m.To.Address = "a@example.cn, b@example.cn" },
		"non-ASCII address": func(m *notifier.Message) { m.To.Address = "王芳@example.cn" },
		"no text":           func(m *notifier.Message) { m.Text = "" },
		"no key":            func(m *notifier.Message) { m.Key = "" },
		"comma in a notice": func(m *notifier.Message) { m.Notices = []string{"1,2"} },
	} {
		s := (&server{}).start(t)
		m := message("k1")
		change(&m)
		if r := send(t, channel(t, s, nil), m); r.Class != notifier.Permanent || s.seen().conns != 0 {
			t.Errorf("%s: %+v", name, r)
		}
	}
}

func TestDefaults(t *testing.T) {
	var dialled string
	c, err := mail.New(mail.Options{Host: "mail.example.edu.cn", From: "xnb@example.edu.cn", Dial: dialTo(&dialled)})
	if err != nil || c.Name() != "mail" {
		t.Fatal(c, err)
	}
	if r := send(t, c, message("k1")); r.Class != notifier.Temporary || dialled != "mail.example.edu.cn:587" {
		t.Errorf("%+v, dialled %s", r, dialled)
	}
	if r := send(t, c, notifier.Message{At: time.Time{}}); r.Class != notifier.Permanent {
		t.Errorf("an empty message: %+v", r)
	}
}
