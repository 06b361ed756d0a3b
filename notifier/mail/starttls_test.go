package mail_test

import (
	"strings"
	"testing"
	"time"

	"duban/notifier"
	"duban/notifier/mail"
)

// STARTTLS can go wrong like every other step; whatever happens, neither
// password nor letter is written in clear.
func TestStartTLSCanFail(t *testing.T) {
	shown, trusted := certificate(t)
	for answer, want := range map[string]notifier.Class{
		"454 4.7.0 TLS not available": notifier.Temporary, "554 5.7.1 never": notifier.Paused,
		"close": notifier.Temporary, "stall": notifier.Temporary,
	} {
		t.Run(answer, func(t *testing.T) {
			t.Parallel()
			s := (&server{script: map[string]string{"starttls": answer}, offers: []string{"STARTTLS", "AUTH PLAIN LOGIN"}, tls: shown}).start(t)
			c := channel(t, s, func(o *mail.Options) {
				o.Security, o.TLS, o.Username, o.Password = mail.SecuritySTARTTLS, trusted, "xnb", "hunter2hunter2"
				if answer == "stall" {
					o.Timeout = 150 * time.Millisecond
				}
			})
			if r := send(t, c, message("k1")); r.Class != want {
				t.Errorf("got %+v, want %s", r, want)
			}
			for _, line := range s.seen().commands {
				if !strings.HasPrefix(line, "EHLO ") && line != "STARTTLS" {
					t.Errorf("the server was told %q", line)
				}
			}
		})
	}
}
