// Package mail sends notices by SMTP, one recipient a transaction.
//
// go-simple-mail composes the letter and speaks the protocol. This package owns
// the connection below it, because the library has no working deadlines, falls
// back to clear text when STARTTLS is not offered and sends unauthenticated
// when AUTH is not: see guard, tap and Channel.open.
package mail

import (
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	netmail "net/mail"
	"regexp"
	"strings"
	"sync"
	"time"

	simplemail "github.com/xhit/go-simple-mail/v2"

	"duban/notifier"
)

// The values of Options.Security.
const (
	SecurityNone     = "none"     // clear text, for a relay on the own machine or network
	SecuritySTARTTLS = "starttls" // clear greeting, then TLS; refused when the server does not offer it
	SecurityTLS      = "tls"      // TLS from the first byte (port 465)
)

const defaultTimeout = 20 * time.Second

// Options say which server sends, as whom.
type Options struct {
	Host     string
	Port     int // 0: 25, 587 or 465 by Security
	Username string
	Password string
	Security string        // none, starttls or tls; "" is starttls
	From     string        // "效能办 <xnb@example.edu.cn>"
	Domain   string        // right side of Message-ID and name in EHLO; "": the domain of From
	Timeout  time.Duration // longest wait for any one answer; 0: 20 s. The whole attempt is bounded by ctx
	TLS      *tls.Config   // nil: the system's roots, at least TLS 1.2

	KeepAlive bool // keep the connection for the next message, at most 30 s

	// Dial opens the connection; nil: net.Dialer.
	Dial func(ctx context.Context, network, addr string) (net.Conn, error)
}

// Channel is the mail channel. It is safe for use by several workers at once,
// each of which gets a connection of its own.
type Channel struct {
	o       Options
	from    *netmail.Address
	secrets *strings.Replacer

	mu     sync.Mutex
	idle   []*session
	closed bool
}

var domainName = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$`)

// New checks the options and returns a channel; it does not connect. The error
// lists every fault.
func New(o Options) (*Channel, error) {
	if o.Security == "" {
		o.Security = SecuritySTARTTLS
	}
	from, err := netmail.ParseAddress(o.From)
	if err != nil {
		err = fmt.Errorf("mail: new: from %q: %w", o.From, err)
	} else if o.Domain == "" {
		o.Domain = domainOf(from.Address)
	}
	if err := errors.Join(err, o.check()); err != nil {
		return nil, err
	}
	o.fill()
	return &Channel{o: o, from: from, secrets: secretsOf(o)}, nil
}

func (o *Options) check() error {
	var faults []error
	if o.Host == "" {
		faults = append(faults, errors.New("mail: new: host is empty"))
	}
	if defaultPort(o.Security) == 0 {
		faults = append(faults, fmt.Errorf("mail: new: security %q: want none, starttls or tls", o.Security))
	}
	if o.Port < 0 || o.Port > 65535 {
		faults = append(faults, fmt.Errorf("mail: new: port %d: want 1 to 65535", o.Port))
	}
	if o.Domain != "" && !domainName.MatchString(o.Domain) {
		faults = append(faults, fmt.Errorf("mail: new: domain %q is not a domain name", o.Domain))
	}
	if o.Password != "" && o.Username == "" {
		faults = append(faults, errors.New("mail: new: a password without a username"))
	}
	return errors.Join(faults...)
}

func (o *Options) fill() {
	if o.Port == 0 {
		o.Port = defaultPort(o.Security)
	}
	if o.Timeout <= 0 {
		o.Timeout = defaultTimeout
	}
	if o.Dial == nil {
		o.Dial = new(net.Dialer).DialContext
	}
	if o.TLS == nil {
		o.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	o.TLS = o.TLS.Clone()
	if o.TLS.ServerName == "" {
		o.TLS.ServerName = o.Host
	}
}

func defaultPort(security string) int {
	return map[string]int{SecurityNone: 25, SecuritySTARTTLS: 587, SecurityTLS: 465}[security]
}

func domainOf(address string) string {
	return address[strings.LastIndexByte(address, '@')+1:]
}

// secretsOf hides the password in whatever a server echoes, also in the forms
// in which AUTH sends it.
func secretsOf(o Options) *strings.Replacer {
	if o.Password == "" {
		return strings.NewReplacer()
	}
	b64 := base64.StdEncoding.EncodeToString
	return strings.NewReplacer(
		b64([]byte("\x00"+o.Username+"\x00"+o.Password)), "***",
		b64([]byte(o.Password)), "***",
		o.Password, "***",
	)
}

// Name is "mail".
func (c *Channel) Name() string { return "mail" }

// Send makes one attempt. A kept connection that turns out dead before MAIL was
// accepted is replaced by a fresh one within the same attempt.
func (c *Channel) Send(ctx context.Context, m notifier.Message) notifier.Result {
	l, err := c.compose(m)
	if err != nil {
		return notifier.Result{Class: notifier.Permanent, Words: c.words(err.Error())}
	}
	if s := c.take(ctx); s != nil {
		if r, stale := c.deliver(s, l); !stale {
			return r
		}
	}
	s, err := c.open(ctx)
	if err != nil {
		return c.judge(err, greeting)
	}
	r, _ := c.deliver(s, l)
	return r
}

// deliver runs one mail transaction. stale says that nothing of it had begun
// when the connection went away.
func (c *Channel) deliver(s *session, l letter) (r notifier.Result, stale bool) {
	err := simplemail.SendMessage(c.from.Address, []string{l.to}, l.raw, s.client)
	if err == nil {
		code, words := s.tap.reply()
		c.park(s)
		return notifier.Result{Class: notifier.Accepted, Code: code, Words: c.words(words)}, false
	}
	at := s.tap.at
	r = c.judge(err, at)
	stale = at <= mailing && (s.tap.err != nil || r.Code == "421")
	s.quit()
	return r, stale
}

// Close says goodbye on the kept connections. Messages sent later use fresh
// connections that are not kept.
func (c *Channel) Close() error {
	c.mu.Lock()
	idle := c.idle
	c.idle, c.closed = nil, true
	c.mu.Unlock()
	for _, s := range idle {
		s.timer.Stop()
		s.quit()
	}
	return nil
}
