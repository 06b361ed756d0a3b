package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"slices"
	"strconv"
	"strings"

	simplemail "github.com/xhit/go-simple-mail/v2"
)

// unfit is a server that does not do what the configuration demands of it: the
// channel rests, the message is not to blame.
type unfit string

func (u unfit) Error() string { return string(u) }

const (
	noSTARTTLS = unfit("邮件服务器未提供 STARTTLS，未发送任何内容；请核对 security 设置或联系邮件管理员")
	noAuth     = unfit("邮件服务器未提供可用的登录方式（AUTH），未发送任何内容；请核对端口、security 和账号设置")
)

var errEarlyBytes = errors.New("the server spoke in clear after STARTTLS")

// open dials, secures and logs in. Nothing but EHLO and STARTTLS is written
// before the connection is as safe as the options demand.
func (c *Channel) open(ctx context.Context) (*session, error) {
	raw, err := c.dial(ctx)
	if err != nil {
		return nil, fmt.Errorf("mail: dial: %w", err)
	}
	g := &guard{Conn: raw}
	g.bind(ctx, c.o.Timeout)
	s, err := c.greet(ctx, g)
	if err != nil {
		g.release()
		_ = g.Close()
		return nil, err
	}
	return s, nil
}

func (c *Channel) dial(ctx context.Context) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, c.o.Timeout)
	defer cancel()
	return c.o.Dial(ctx, "tcp", net.JoinHostPort(c.o.Host, strconv.Itoa(c.o.Port)))
}

func (c *Channel) greet(ctx context.Context, g *guard) (*session, error) {
	t := &tap{Conn: g}
	if c.o.Security == SecuritySTARTTLS {
		if err := c.startTLS(g); err != nil {
			return nil, fmt.Errorf("mail: starttls: %w", err)
		}
		t.head = []byte("220 secured\r\n") // the library waits for the greeting that was read above
	}
	if c.o.Security != SecurityNone {
		secured := tls.Client(g, c.o.TLS)
		if err := secured.HandshakeContext(ctx); err != nil {
			return nil, fmt.Errorf("mail: tls: %w", err)
		}
		t.Conn = secured
	}
	return c.login(g, t)
}

// startTLS asks for TLS in clear. The library is not left to do it: it goes on
// in clear when STARTTLS is not offered, and its TLS would hide the
// conversation from the tap.
func (c *Channel) startTLS(g *guard) error {
	text := textproto.NewConn(&tap{Conn: g})
	if _, _, err := text.ReadResponse(220); err != nil {
		return err
	}
	offers, err := ask(text, 250, "EHLO "+c.o.Domain)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(strings.Split(offers, "\n"), func(line string) bool {
		return strings.EqualFold(strings.TrimSpace(line), "STARTTLS")
	}) {
		return noSTARTTLS
	}
	if _, err := ask(text, 220, "STARTTLS"); err != nil {
		return err
	}
	if text.R.Buffered() > 0 {
		return errEarlyBytes // an answer smuggled in before the encryption
	}
	return nil
}

func ask(text *textproto.Conn, code int, command string) (string, error) {
	if err := text.PrintfLine("%s", command); err != nil {
		return "", err
	}
	_, words, err := text.ReadResponse(code)
	return words, err
}

// login lets the library take over. Its client is ignored when it comes with an
// error, and a missing 235 means that it skipped AUTH.
func (c *Channel) login(g *guard, t *tap) (*session, error) {
	server := simplemail.NewSMTPClient()
	server.Host, server.Port = c.o.Host, c.o.Port
	server.Username, server.Password = c.o.Username, c.o.Password
	server.Helo = c.o.Domain
	server.CustomConn = t
	server.ConnectTimeout, server.SendTimeout = 0, 0 // the guard does it; theirs leak
	client, err := server.Connect()
	if c.o.Username != "" && t.err == nil && t.said("250") {
		return nil, noAuth // the answer to EHLO was the last thing heard
	}
	if err != nil {
		return nil, fmt.Errorf("mail: connect: %w", err)
	}
	return &session{client: client, guard: g, tap: t}, nil
}
