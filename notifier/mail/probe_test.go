package mail_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"duban/notifier"
	"duban/notifier/mail"
)

func TestAProbeLogsInAndSendsNothing(t *testing.T) {
	shown, trusted := certificate(t)
	probe := func(script map[string]string) (*server, mail.Probed) {
		s := (&server{offers: []string{"STARTTLS", "AUTH PLAIN LOGIN"}, tls: shown, script: script}).start(t)
		c := channel(t, s, func(o *mail.Options) {
			o.Security, o.TLS, o.Username, o.Password = mail.SecuritySTARTTLS, trusted, "xnb", "s3cret-Pa55"
		})
		return s, c.Probe(t.Context())
	}
	s, p := probe(map[string]string{"banner": "220 mx.example.edu.cn ESMTP Exim 4.98 Wed, 25 Feb 2026 09:30:00 +0800"})
	if p.Class != notifier.Accepted || !p.Secured || !p.LoggedIn || !p.Date.Equal(time.Date(2026, 2, 25, 1, 30, 0, 0, time.UTC)) {
		t.Errorf("%+v", p)
	}
	for _, line := range s.seen().commands {
		if verb := strings.Fields(line)[0]; !slices.Contains([]string{"EHLO", "STARTTLS", "AUTH", "QUIT"}, verb) {
			t.Errorf("the probe said %s", line)
		}
	}
	if _, p = probe(map[string]string{"auth": "535 5.7.8 no"}); p.Class != notifier.Paused || p.Code != "535" || p.LoggedIn {
		t.Errorf("log-in refused: %+v", p)
	}
}
