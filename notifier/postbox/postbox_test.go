package postbox_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/smtp"
	"net/textproto"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"duban/notifier/postbox"
)

var china = time.FixedZone("CST", 8*3600)

// clock is a virtual clock.
type clock struct {
	lock sync.Mutex
	t    time.Time
}

func newClock() *clock { return &clock{t: time.Date(2023, 6, 20, 9, 0, 0, 0, china)} }

func (c *clock) Now() time.Time {
	c.lock.Lock()
	defer c.lock.Unlock()
	return c.t
}

func (c *clock) Pass(d time.Duration) {
	c.lock.Lock()
	defer c.lock.Unlock()
	c.t = c.t.Add(d)
}

// opened starts a box that the test closes.
func opened(t testing.TB, o postbox.Options) *postbox.Box {
	t.Helper()
	if o.Now == nil {
		o.Now = newClock().Now
	}
	if o.Robots == nil {
		o.Robots = []postbox.Robot{{Key: "key-1", Name: "效能督办群"}, {Key: "key-2"}}
	}
	b, err := postbox.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := b.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	return b
}

const sample = "From: =?utf-8?q?=E6=95=88=E8=83=BD=E5=8A=9E?= <duban@college.example>\r\n" +
	"To: zhao@college.example\r\n" +
	"Subject: =?utf-8?b?44CQ5YKs5Yqe44CR5a6e6aqM5a6k5a6J5YWo?=\r\n" +
	"Message-ID: <d-77@duban>\r\n" +
	"X-Duban-Delivery: d-77\r\n" +
	"X-Duban-Notices: 1024-3-0,\r\n 1025-1-0\r\n" +
	"MIME-Version: 1.0\r\n" +
	"Content-Type: multipart/alternative; boundary=b\r\n\r\n" +
	"--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n请反馈进展。\r\n.一个点开头的行\r\n" +
	"--b\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
	"PGgxPuivt+WPjemmiDwvaDE+PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==\r\n" + // <h1>请反馈</h1><script>alert(1)</script>
	"--b--\r\n"

func send(b *postbox.Box, to ...string) error {
	return smtp.SendMail(b.MailAddr(), nil, "duban@college.example", to, []byte(sample))
}

func count(t *testing.T, b *postbox.Box) (mail, wecom int) {
	t.Helper()
	mail, wecom, err := b.Received(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return mail, wecom
}

func TestAMailIsKeptForEachReceiverWithItsKeys(t *testing.T) {
	c := newClock()
	b := opened(t, postbox.Options{Now: c.Now})
	if err := send(b, "zhao@college.example", "qian@college.example"); err != nil {
		t.Fatal(err)
	}
	c.Pass(time.Minute)
	if err := send(b, "zhao@college.example"); err != nil { // a retry that was not needed
		t.Fatal(err)
	}
	if mail, wecom := count(t, b); mail != 3 || wecom != 0 {
		t.Errorf("received %d mails and %d posts, want 3 and 0", mail, wecom)
	}
	all, err := b.Notices(t.Context(), postbox.Mail)
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != 4 {
		t.Errorf("%d notices and receivers, want 4: %v", len(all), all)
	}
	got := all[postbox.NoticeKey("1025-1-0", "zhao@college.example")]
	want := []postbox.Arrival{
		{Key: "d-77", Channel: postbox.Mail, To: "zhao@college.example", At: c.Now().Add(-time.Minute)},
		{Key: "d-77", Channel: postbox.Mail, To: "zhao@college.example", At: c.Now()},
	}
	if !slices.EqualFunc(got, want, func(a, b postbox.Arrival) bool {
		at := a.At.Equal(b.At)
		a.At, b.At = time.Time{}, time.Time{}
		return at && a == b
	}) {
		t.Errorf("arrivals %v, want %v", got, want)
	}
	if other, err := b.Notices(t.Context(), postbox.WeCom); err != nil || len(other) != 0 {
		t.Errorf("notices by wecom: %v, %v; want none", other, err)
	}
}

func TestAMailBeyondUnderstandingIsKeptAllTheSame(t *testing.T) {
	for name, raw := range map[string]string{
		"no header":      "只有正文\r\n",
		"empty":          "",
		"broken parts":   "Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nno end",
		"no boundary":    "Content-Type: multipart/mixed\r\n\r\n--x\r\n",
		"bad charset":    "Subject: =?x-none?q?a?=\r\nContent-Type: text/plain; charset=x-none\r\n\r\n\xff\xfe",
		"bad base64":     "Content-Transfer-Encoding: base64\r\n\r\n!!!!",
		"html only":      "Content-Type: text/html\r\n\r\n<p>a<b>b",
		"deeply in deep": strings.Repeat("Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n", 30),
	} {
		t.Run(name, func(t *testing.T) {
			b := opened(t, postbox.Options{})
			if err := smtp.SendMail(b.MailAddr(), nil, "a@b.example", []string{"c@d.example"}, []byte(raw)); err != nil {
				t.Fatal(err)
			}
			if mail, _ := count(t, b); mail != 1 {
				t.Errorf("%d mails kept, want 1", mail)
			}
			if page := get(t, b, "/message/1"); page.Code != 200 {
				t.Errorf("its page answers %d: %s", page.Code, page.Body)
			}
		})
	}
}

func TestOpenSaysWhatIsWrong(t *testing.T) {
	if _, err := postbox.Open(postbox.Options{}); err == nil || !strings.Contains(err.Error(), "Now") {
		t.Errorf("without a clock: %v, want an error that names Now", err)
	}
	dir := filepath.Join(t.TempDir(), "missing", "box.db")
	if _, err := postbox.Open(postbox.Options{Now: newClock().Now, File: dir}); err == nil || !strings.Contains(err.Error(), dir) {
		t.Errorf("without a folder: %v, want an error that names %s", err, dir)
	}
}

func TestABoxStartsOnceAndStopsWithItsContext(t *testing.T) {
	b, err := postbox.Open(postbox.Options{Now: newClock().Now})
	if err != nil {
		t.Fatal(err)
	}
	if b.MailAddr() != "" || b.RobotURL() != "" {
		t.Errorf("addresses %q and %q before Start, want none", b.MailAddr(), b.RobotURL())
	}
	ctx, cancel := context.WithCancel(t.Context())
	if err := b.Start(ctx); err != nil {
		t.Fatal(err)
	}
	if err := b.Start(ctx); err == nil {
		t.Error("a second Start is let through")
	}
	if err := send(b, "zhao@college.example"); err != nil {
		t.Fatal(err)
	}
	cancel()
	for range 200 { // the stop follows the context at once, but not in the same instant
		if err = send(b, "zhao@college.example"); err != nil {
			break
		}
		time.Sleep(5 * time.Millisecond)
	}
	if err == nil {
		t.Error("mail is still taken after the context ended")
	}
	if mail, _ := count(t, b); mail == 0 {
		t.Error("what was received cannot be read after the context ended")
	}
	if err := errors.Join(b.Close(), b.Close()); err != nil {
		t.Errorf("closing twice: %v", err)
	}
}

// TestWhatWasAnswered250SurvivesAKill kills a receiving process without
// warning and counts what its file holds.
func TestWhatWasAnswered250SurvivesAKill(t *testing.T) {
	file := filepath.Join(t.TempDir(), "odd name #1%.db")
	child := exec.Command(os.Args[0], "-test.run=^TestReceiverProcess$")
	child.Env = append(os.Environ(), "POSTBOX_FILE="+file)
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	defer child.Process.Kill()
	var addr string
	if _, err := fmt.Fscanln(bufio.NewReader(out), &addr); err != nil {
		t.Fatal(err)
	}
	answered := 0
	for range 300 {
		if err := smtp.SendMail(addr, nil, "a@b.example", []string{"c@d.example"}, []byte(sample)); err != nil {
			t.Fatal(err)
		}
		answered++
	}
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	child.Wait()
	b := opened(t, postbox.Options{File: file})
	if mail, _ := count(t, b); mail != answered {
		t.Errorf("%d mails in the file, %d were answered 250", mail, answered)
	}
}

// TestReceiverProcess is the process that is killed.
func TestReceiverProcess(t *testing.T) {
	file := os.Getenv("POSTBOX_FILE")
	if file == "" {
		t.Skip("runs as the child of TestWhatWasAnswered250SurvivesAKill")
	}
	b := opened(t, postbox.Options{File: file})
	fmt.Println(b.MailAddr())
	select {}
}

func TestManySendersAtOnceLoseNothing(t *testing.T) {
	b := opened(t, postbox.Options{File: filepath.Join(t.TempDir(), "box.db")})
	var all sync.WaitGroup
	failed := make(chan error, 100)
	for i := range 8 {
		all.Go(func() {
			for j := range 10 {
				if err := send(b, fmt.Sprintf("p%d-%d@college.example", i, j)); err != nil {
					failed <- err
				}
				if r := get(t, b, "/"); r.Code != 200 {
					failed <- fmt.Errorf("page %d: %s", r.Code, r.Body)
				}
			}
		})
	}
	all.Wait()
	close(failed)
	for err := range failed {
		t.Error(err)
	}
	if mail, _ := count(t, b); mail != 80 {
		t.Errorf("%d mails, want 80", mail)
	}
}

func BenchmarkMail(b *testing.B) {
	box := opened(b, postbox.Options{File: filepath.Join(b.TempDir(), "box.db")})
	c, err := smtp.Dial(box.MailAddr())
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	for b.Loop() {
		if err := transaction(c); err != nil {
			b.Fatal(err)
		}
	}
}

// transaction sends one mail over an open connection.
func transaction(c *smtp.Client) error {
	if err := c.Mail("a@b.example"); err != nil {
		return err
	}
	if err := c.Rcpt("zhao@college.example"); err != nil {
		return err
	}
	w, err := c.Data()
	if err != nil {
		return err
	}
	if _, err := w.Write([]byte(sample)); err != nil {
		return err
	}
	return w.Close()
}

func smtpCode(err error) int {
	var e *textproto.Error
	if errors.As(err, &e) {
		return e.Code
	}
	return 0
}
