package doctor

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"

	"duban/notifier"
)

const channelArea = "channels"

// channels reaches for every far side without sending anything. The answer is
// what their clocks say, by who says it.
func (p *Patient) channels(ctx context.Context, f *findings) map[string]reading {
	theirs := map[string]reading{}
	for _, w := range p.Unreached {
		f.warn(channelArea, w, "see mail and wecom.robots in config.yaml, and robots in the organisation's file")
	}
	p.mail(ctx, f, theirs)
	p.robots(ctx, f, theirs)
	for server := range strings.SplitSeq(p.Config.NATS.URL, ",") {
		if server = strings.TrimSpace(server); server != "" {
			p.bus(ctx, f, server)
		}
	}
	return theirs
}

// reading is a far clock beside ours, read at the same moment.
type reading struct{ theirs, ours time.Time }

func (p *Patient) mail(ctx context.Context, f *findings, theirs map[string]reading) {
	m := &p.Config.Mail
	if p.Mail == nil {
		return
	}
	server := net.JoinHostPort(m.Host, fmt.Sprint(m.Port))
	r := p.Mail.Probe(ctx)
	said := strings.TrimSpace(r.Code + " " + r.Words)
	switch r.Class {
	case notifier.Accepted:
		f.ok(channelArea, fmt.Sprintf("mail server %s answers; %s; %s", server, secured(r.Secured), loggedIn(r.LoggedIn)))
	case notifier.Paused:
		f.fail(channelArea, fmt.Sprintf("mail server %s will take no mail: %s", server, said), "check mail.security, port, username and password; with the mail administrator if need be")
	default:
		f.fail(channelArea, fmt.Sprintf("mail server %s cannot be used: %s", server, said), "check mail.host and port, name server, firewall and the server itself")
	}
	if !r.Date.IsZero() {
		theirs["mail server "+m.Host] = reading{r.Date, p.Now()}
	}
}

func secured(yes bool) string {
	if yes {
		return "encrypted"
	}
	return "in clear text (mail.security: none)"
}

func loggedIn(yes bool) string {
	if yes {
		return "the log-in is accepted"
	}
	return "no log-in is configured"
}

func (p *Patient) robots(ctx context.Context, f *findings, theirs map[string]reading) {
	if p.WeCom == nil {
		return
	}
	for _, r := range p.Config.WeCom.Robots {
		f.ok(channelArea, fmt.Sprintf("the key of robot %s is there (whether WeCom knows it shows only a message)", r.Name))
	}
	host := p.Config.WeCom.URL
	if u, err := url.Parse(host); err == nil {
		host = u.Host
	}
	date, err := p.WeCom.Probe(ctx)
	switch {
	case err != nil:
		f.fail(channelArea, fmt.Sprintf("the robots' host %s cannot be reached: %v", host, err), "check wecom.url, name server, firewall and proxy")
	case date.IsZero():
		f.ok(channelArea, fmt.Sprintf("the robots' host %s answers", host))
	default:
		f.ok(channelArea, fmt.Sprintf("the robots' host %s answers", host))
		theirs["robots' host "+host] = reading{date, p.Now()}
	}
}

// bus only connects: who may do what on an outside NATS shows when serving.
func (p *Patient) bus(ctx context.Context, f *findings, server string) {
	u, err := url.Parse(server)
	if err != nil {
		return // a fault of the config
	}
	host := u.Host
	if u.Port() == "" {
		host = net.JoinHostPort(u.Hostname(), "4222")
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	c, err := new(net.Dialer).DialContext(ctx, "tcp", host)
	if err != nil {
		f.fail(channelArea, fmt.Sprintf("the NATS server %s cannot be reached: %v", host, err), "check nats.url and the server; until it answers, messages wait")
		return
	}
	c.Close()
	f.ok(channelArea, fmt.Sprintf("the NATS server %s can be reached", host))
}
