package mail_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"duban/notifier"
	"duban/notifier/mail"
)

// Every step of the conversation can go wrong in four ways.
func TestEveryStepCanFail(t *testing.T) {
	const (
		P, T, A, R = notifier.Permanent, notifier.Temporary, notifier.Ambiguous, notifier.Paused
	)
	for _, step := range []struct {
		name                     string
		soft, hard, close, stall notifier.Class
	}{
		{"banner", T, R, T, T},
		{"ehlo", T, R, T, T},
		{"auth", T, R, T, T},
		{"mail", T, P, T, T},
		{"rcpt", T, P, T, T},
		{"data", T, P, T, T},
		{"dot", T, P, A, A},
	} {
		for answer, want := range map[string]notifier.Class{
			"451 4.3.0 later": step.soft, "554 5.7.1 never": step.hard, "close": step.close, "stall": step.stall,
		} {
			t.Run(step.name+" "+answer, func(t *testing.T) {
				t.Parallel()
				s := (&server{script: map[string]string{step.name: answer}, offers: []string{"AUTH PLAIN LOGIN"}}).start(t)
				c := channel(t, s, func(o *mail.Options) {
					o.Username, o.Password = "xnb", "hunter2hunter2"
					if answer == "stall" {
						o.Timeout = 150 * time.Millisecond
					}
				})
				r := send(t, c, message("k1"))
				if r.Class != want {
					t.Fatalf("got %+v, want %s", r, want)
				}
				if coded := strings.Contains(answer, " "); coded != (r.Code == answer[:3]) || coded && !strings.Contains(r.Words, answer[4:]) {
					t.Errorf("the answer %q is told as %+v", answer, r)
				}
				if r.Class == notifier.Paused && r.Wait < time.Minute {
					t.Errorf("a paused channel waits %v", r.Wait)
				}
			})
		}
	}
}

func TestStalledServerCostsOneStepNotTheWholeAttempt(t *testing.T) {
	s := (&server{script: map[string]string{"rcpt": "stall"}}).start(t)
	c := channel(t, s, func(o *mail.Options) { o.Timeout = 200 * time.Millisecond })
	begin := time.Now()
	send(t, c, message("k1"))
	if took := time.Since(begin); took > 2*time.Second {
		t.Errorf("took %v with a deadline of 200 ms", took)
	}
}

func TestContextEndsTheAttemptAtOnce(t *testing.T) {
	for step, want := range map[string]notifier.Class{"ehlo": notifier.Temporary, "rcpt": notifier.Temporary, "dot": notifier.Ambiguous} {
		ctx, cancel := context.WithCancel(t.Context())
		s := &server{script: map[string]string{step: "stall"}}
		s.onReply = func(_ int, at string) string {
			if at == step {
				cancel()
			}
			return ""
		}
		c := channel(t, s.start(t), func(o *mail.Options) { o.Timeout = time.Minute })
		r := c.Send(ctx, message("k1"))
		if r.Class != want || !strings.Contains(r.Words, context.Canceled.Error()) {
			t.Errorf("cancelled at %s: %+v, want %s", step, r, want)
		}
	}
}

func TestRepliesWithAMeaningOfTheirOwn(t *testing.T) {
	for _, tt := range []struct {
		step, answer string
		want         notifier.Class
		waits        bool
	}{
		{"banner", "421 4.3.2 shutting down", notifier.Temporary, true},
		{"rcpt", "421 4.7.0 too many errors", notifier.Temporary, true},
		{"dot", "421 4.3.0 busy", notifier.Temporary, true},
		{"rcpt", "450 4.2.0 greylisted", notifier.Temporary, false},
		{"mail", "530 5.7.0 authentication required", notifier.Paused, true},
		{"rcpt", "530 5.7.0 must issue STARTTLS first", notifier.Paused, true},
		{"auth", "535 5.7.8 bad password", notifier.Paused, true},
		{"auth", "534 5.7.9 mechanism too weak", notifier.Paused, true},
		{"auth", "454 4.7.0 temporary failure", notifier.Temporary, false},
		{"rcpt", "550 5.1.1 no such user", notifier.Permanent, false},
		{"mail", "552 5.3.4 too big", notifier.Permanent, false},
		{"dot", "554 5.7.1 spam", notifier.Permanent, false},
		{"dot", "251 will forward", notifier.Accepted, false},
		{"dot", "what was that", notifier.Ambiguous, false},
		{"banner", "SSH-2.0-OpenSSH_9.2", notifier.Temporary, false},
	} {
		s := (&server{script: map[string]string{tt.step: tt.answer}, offers: []string{"AUTH PLAIN"}}).start(t)
		c := channel(t, s, func(o *mail.Options) { o.Username, o.Password = "xnb", "hunter2hunter2" })
		r := send(t, c, message("k1"))
		if r.Class != tt.want || (r.Wait > 0) != tt.waits {
			t.Errorf("%s at %s: %+v, want %s", tt.answer, tt.step, r, tt.want)
		}
	}
}

func TestAcceptedCarriesTheServersWords(t *testing.T) {
	s := (&server{}).start(t)
	r := send(t, channel(t, s, nil), message("k1"))
	want := notifier.Result{Class: notifier.Accepted, Code: "250", Words: "2.0.0 queued as 4Q1"}
	if r != want {
		t.Errorf("got %+v, want %+v", r, want)
	}
}

func TestNobodyListens(t *testing.T) {
	s := (&server{}).start(t)
	c := channel(t, s, nil)
	s.listener.Close()
	if r := send(t, c, message("k1")); r.Class != notifier.Temporary || r.Code != "" {
		t.Errorf("got %+v", r)
	}
	failing := channel(t, s, func(o *mail.Options) {
		o.Dial = func(context.Context, string, string) (net.Conn, error) { return nil, errors.New("no such host") }
	})
	if r := send(t, failing, message("k1")); r.Class != notifier.Temporary || !strings.Contains(r.Words, "no such host") {
		t.Errorf("got %+v", r)
	}
}

// A server must not learn a name or a password, nor get a letter, in clear.
func TestNothingInClearWhenTLSWasAsked(t *testing.T) {
	for name, tt := range map[string]struct {
		offers []string
		script map[string]string
		want   notifier.Class
	}{
		"not offered":       {offers: []string{"AUTH PLAIN LOGIN"}, want: notifier.Paused},
		"refused for now":   {[]string{"STARTTLS"}, map[string]string{"starttls": "454 4.7.0 no TLS now"}, notifier.Temporary},
		"refused for good":  {[]string{"STARTTLS"}, map[string]string{"starttls": "502 5.5.1 no"}, notifier.Paused},
		"answer smuggled":   {[]string{"STARTTLS"}, map[string]string{"starttls": "220 go\r\n250 AUTH PLAIN"}, notifier.Temporary},
		"hangs up":          {[]string{"STARTTLS"}, map[string]string{"starttls": "close"}, notifier.Temporary},
		"wrong certificate": {offers: []string{"STARTTLS"}, want: notifier.Temporary},
	} {
		t.Run(name, func(t *testing.T) {
			shown, _ := certificate(t)
			s := (&server{offers: tt.offers, script: tt.script, tls: shown}).start(t)
			c := channel(t, s, func(o *mail.Options) {
				o.Security, o.Username, o.Password = mail.SecuritySTARTTLS, "xnb", "hunter2hunter2"
			})
			if r := send(t, c, message("k1")); r.Class != tt.want {
				t.Errorf("got %+v, want %s", r, tt.want)
			}
			for _, line := range s.seen().clear {
				if verb := line[:min(4, len(line))]; verb != "EHLO" && verb != "STAR" && verb != "QUIT" {
					t.Errorf("sent in clear: %q", line)
				}
			}
		})
	}
}

func TestEncryptedConversations(t *testing.T) {
	for _, security := range []string{mail.SecuritySTARTTLS, mail.SecurityTLS} {
		t.Run(security, func(t *testing.T) {
			shown, trusted := certificate(t)
			s := (&server{offers: []string{"STARTTLS", "AUTH PLAIN", "SMTPUTF8"}, tls: shown, direct: security == mail.SecurityTLS}).start(t)
			c := channel(t, s, func(o *mail.Options) {
				o.Security, o.TLS, o.Username, o.Password, o.KeepAlive = security, trusted, "xnb", "hunter2hunter2", true
			})
			for _, key := range []string{"k1", "k2"} {
				if r := send(t, c, message(key)); r.Class != notifier.Accepted || r.Code != "250" {
					t.Fatalf("got %+v", r)
				}
			}
			if len(s.seen().letters) != 2 || s.seen().conns != 1 || s.count("AUTH") != 1 {
				t.Errorf("%d letters, %d connections, %d AUTH", len(s.seen().letters), s.seen().conns, s.count("AUTH"))
			}
			if n := s.count("MAIL FROM:<xnb@example.edu.cn> BODY=8BITMIME"); n != 2 || strings.Contains(fmt.Sprint(s.seen().commands), "SMTPUTF8") {
				t.Errorf("commands: %q", s.seen().commands)
			}
			if s.count("RCPT TO:<wangfang@example.edu.cn>") != 2 {
				t.Errorf("commands: %q", s.seen().commands)
			}
		})
	}
}

// The final dot is found under TLS too, where the bytes on the wire say nothing.
func TestUnknownOutcomeUnderTLS(t *testing.T) {
	shown, trusted := certificate(t)
	s := (&server{offers: []string{"STARTTLS"}, script: map[string]string{"dot": "close"}, tls: shown}).start(t)
	c := channel(t, s, func(o *mail.Options) { o.Security, o.TLS = mail.SecuritySTARTTLS, trusted })
	long := message("k1")
	long.Text = strings.Repeat("请各单位按时反馈进展情况。\n", 2000) // many packets
	if r := send(t, c, long); r.Class != notifier.Ambiguous {
		t.Errorf("got %+v", r)
	}
}

// A connection lost in the middle of the letter is no unknown outcome.
func TestConnectionLostBeforeTheDot(t *testing.T) {
	s := (&server{}).start(t)
	c := channel(t, s, func(o *mail.Options) {
		o.Dial = func(ctx context.Context, network, addr string) (net.Conn, error) {
			conn, err := new(net.Dialer).DialContext(ctx, network, addr)
			return &breaking{Conn: conn, left: 6000}, err
		}
	})
	long := message("k1")
	long.Text = strings.Repeat("请各单位按时反馈进展情况。\n", 2000)
	if r := send(t, c, long); r.Class != notifier.Temporary {
		t.Errorf("got %+v", r)
	}
}

// Nor is one lost within the final dot itself.
func TestConnectionLostWithinTheDot(t *testing.T) {
	s := (&server{}).start(t)
	c := channel(t, s, func(o *mail.Options) {
		o.Dial = func(ctx context.Context, network, addr string) (net.Conn, error) {
			conn, err := new(net.Dialer).DialContext(ctx, network, addr)
			return dotless{conn}, err
		}
	})
	if r := send(t, c, message("k1")); r.Class != notifier.Temporary || len(s.seen().letters) != 0 {
		t.Errorf("got %+v", r)
	}
}

// dotless is a line that dies one byte before the end of a letter.
type dotless struct{ net.Conn }

func (d dotless) Write(p []byte) (int, error) {
	if !strings.HasSuffix(string(p), "\r\n.\r\n") {
		return d.Conn.Write(p)
	}
	n, err := d.Conn.Write(p[:len(p)-1])
	return n, errors.Join(err, errors.New("line is dead"))
}

// breaking is a line that goes dead after so many bytes.
type breaking struct {
	net.Conn
	left int
}

func (b *breaking) Write(p []byte) (int, error) {
	n, err := b.Conn.Write(p[:min(len(p), b.left)])
	if b.left -= n; err == nil && n < len(p) {
		err = errors.New("line is dead")
	}
	return n, err
}

func TestServerThatOffersNoLogin(t *testing.T) {
	for _, offers := range [][]string{nil, {"AUTH XOAUTH2"}} {
		s := (&server{offers: offers}).start(t)
		c := channel(t, s, func(o *mail.Options) { o.Username, o.Password = "xnb", "hunter2hunter2" })
		r := send(t, c, message("k1"))
		if r.Class != notifier.Paused || r.Wait < time.Minute || s.count("MAIL") != 0 {
			t.Errorf("offers %q: %+v, commands %q", offers, r, s.seen().commands)
		}
	}
}

// Servers echo what they do not understand; the ledger must not keep it.
func TestPasswordNeverReachesTheLedger(t *testing.T) {
	const canary = "canary-Pa55word-正"
	b64 := base64.StdEncoding.EncodeToString
	for _, echo := range []string{canary, b64([]byte(canary)), b64([]byte("\x00xnb\x00" + canary))} {
		for _, step := range []string{"auth", "mail", "rcpt", "data", "dot"} {
			s := (&server{script: map[string]string{step: "500 5.5.2 unknown: AUTH PLAIN " + echo}, offers: []string{"AUTH PLAIN"}}).start(t)
			c := channel(t, s, func(o *mail.Options) { o.Username, o.Password = "xnb", canary })
			if r := send(t, c, message("k1")); strings.Contains(fmt.Sprint(r), echo) || !strings.Contains(r.Words, "***") {
				t.Errorf("%s: %+v", step, r)
			}
		}
	}
	_, err := mail.New(mail.Options{Password: canary, Port: -1, Security: "ssl", From: "x", Domain: "a b"})
	if err == nil || strings.Contains(err.Error(), canary) || strings.Count(err.Error(), "\n") != 5 {
		t.Errorf("six faults expected, got: %v", err)
	}
}

func TestWordsFitTheLedger(t *testing.T) {
	s := (&server{script: map[string]string{"rcpt": "550-" + strings.Repeat("收件人不存在", 100) + "\r\n550 \xc4\xe3 end"}}).start(t)
	r := send(t, channel(t, s, nil), message("k1"))
	if r.Code != "550" || len(r.Words) > 500 || len(r.Words) < 490 || !utf8.ValidString(r.Words) {
		t.Errorf("%d bytes: %q", len(r.Words), r.Words)
	}
	endless := (&server{script: map[string]string{"rcpt": strings.Repeat("250-more\r\n", 20000) + "250 ok"}}).start(t)
	if r := send(t, channel(t, endless, nil), message("k1")); r.Class != notifier.Temporary {
		t.Errorf("an answer of 200 KB: %+v", r)
	}
}
