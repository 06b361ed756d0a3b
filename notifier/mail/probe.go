package mail

import (
	"context"
	netmail "net/mail"
	"regexp"
	"time"

	"duban/notifier"
)

// Probed is what a look at the server gave.
type Probed struct {
	notifier.Result           // Accepted when a message could be sent; else class, code and words as of an attempt
	Secured         bool      // the conversation is encrypted
	LoggedIn        bool      // AUTH was accepted; false also when no account is configured
	Date            time.Time // the server's clock, where its banner tells it in clear; zero: not told
}

// Probe connects, secures and logs in exactly as Send does, says goodbye and
// sends nothing: no MAIL, no RCPT.
func (c *Channel) Probe(ctx context.Context) Probed {
	s, err := c.open(ctx)
	if err != nil {
		return Probed{Result: c.judge(err, greeting)}
	}
	defer s.quit()
	return Probed{
		Result:  notifier.Result{Class: notifier.Accepted},
		Secured: c.o.Security != SecurityNone, LoggedIn: c.o.Username != "",
		Date: dateIn(s.guard.banner),
	}
}

// bannerDate is how sendmail and exim tell their time in the banner.
var bannerDate = regexp.MustCompile(`[A-Z][a-z]{2}, \d{1,2} [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d [+-]\d{4}`)

func dateIn(banner []byte) time.Time {
	t, err := netmail.ParseDate(string(bannerDate.Find(banner)))
	if err != nil {
		return time.Time{}
	}
	return t
}
