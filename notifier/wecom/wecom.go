// Package wecom sends notices to 企业微信 groups through the webhook of a group
// robot (消息推送). The vendor's page: developer.work.weixin.qq.com/document/path/99110.
//
// The key of a robot is its only credential. It is part of the URL, therefore
// no URL ever reaches an error or a result.
package wecom

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"duban/notifier"
	"duban/notifier/guard"
)

const (
	defaultURL     = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send"
	officialHost   = "qyapi.weixin.qq.com"
	defaultTimeout = 15 * time.Second
	maxAnswer      = 64 << 10 // bytes of an answer that are read
)

// Options say where robots live and how their keys are found.
type Options struct {
	URL     string                                   // "": https://qyapi.weixin.qq.com/cgi-bin/webhook/send
	Key     func(robot string) (key string, ok bool) // looks up the secret of a robot
	Timeout time.Duration                            // of one post with its answer; 0: 15 s
	// Client posts instead of the package's own, which guards the addresses it
	// dials; redirects are refused either way. nil: own.
	Client *http.Client
	// AllowHost lists further hosts ("host" or "host:port"), which may also be
	// private or loopback and may speak plain HTTP.
	AllowHost []string
}

// Channel is the robot channel. It is safe for concurrent use.
type Channel struct {
	url     url.URL
	key     func(robot string) (string, bool)
	timeout time.Duration
	client  *http.Client
}

// New checks the options and returns a channel; it does not connect. Hosts
// other than qyapi.weixin.qq.com are refused unless AllowHost names them.
func New(o Options) (*Channel, error) {
	if o.Key == nil {
		return nil, errors.New("wecom: new: no look-up for robot keys")
	}
	if o.URL == "" {
		o.URL = defaultURL
	}
	u, err := url.Parse(o.URL)
	if err != nil {
		return nil, errors.New("wecom: new: url is not a URL") // the cause would quote it, and a key with it
	}
	listed := guard.Listed(u, o.AllowHost)
	if err := checkURL(u, listed); err != nil {
		return nil, err
	}
	if o.Timeout <= 0 {
		o.Timeout = defaultTimeout
	}
	return &Channel{url: *u, key: o.Key, timeout: o.Timeout, client: newClient(o.Client, listed)}, nil
}

func checkURL(u *url.URL, listed bool) error {
	switch {
	case u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return errors.New("wecom: new: url must hold neither credentials nor a query; robot keys belong to the secrets")
	case u.Scheme != "https" && !(listed && u.Scheme == "http"):
		return fmt.Errorf("wecom: new: scheme %q of the url: want https", u.Scheme)
	case !listed && !strings.EqualFold(u.Host, officialHost):
		return fmt.Errorf("wecom: new: host %q is not %s; list it among the allowed hosts if it is meant", u.Host, officialHost)
	}
	return nil
}

// newClient returns a client that follows no redirects. The own one uses a
// connection for each post: a kept one that the server has just closed would
// look like an unknown outcome.
func newClient(given *http.Client, listed bool) *http.Client {
	c := &http.Client{Transport: &http.Transport{
		DialContext:            guard.Dialer(listed).DialContext,
		DisableKeepAlives:      true,
		MaxResponseHeaderBytes: maxAnswer,
	}}
	if given != nil {
		*c = *given
	}
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return c
}

// Name is "wecom".
func (c *Channel) Name() string { return "wecom" }

// Send makes one attempt. The bytes posted depend on the message alone.
func (c *Channel) Send(ctx context.Context, m notifier.Message) notifier.Result {
	body, err := compose(m)
	if err != nil {
		return notifier.Result{Class: notifier.Permanent, Words: clip(err.Error())}
	}
	key, ok := c.key(m.To.Robot)
	if !ok || key == "" {
		return notifier.Result{Class: notifier.Permanent, Words: clip(fmt.Sprintf("没有机器人 %q 的密钥", m.To.Robot))}
	}
	r := c.post(ctx, key, body)
	r.Words = clip(redact(r.Words, key))
	return r
}

func (c *Channel) post(ctx context.Context, key string, body []byte) notifier.Result {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	var p progress
	u := c.url
	u.RawQuery = url.Values{"key": {key}}.Encode()
	req, err := http.NewRequestWithContext(p.trace(ctx), http.MethodPost, u.String(), bytes.NewReader(body))
	if err != nil {
		return notifier.Result{Class: notifier.Permanent, Words: cause(err)}
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := c.client.Do(req)
	if err != nil {
		return p.judge(err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil && res.StatusCode == http.StatusOK {
		return p.judge(err)
	}
	return judgeAnswer(res.StatusCode, answer)
}

// progress is how far a post came.
type progress struct{ connected atomic.Bool }

func (p *progress) trace(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) { p.connected.Store(true) },
	})
}

// judge classifies a post without an answer. Once there was a connection the
// robot may have the message, unless writing failed: robots give no message id,
// so nobody can tell. (The trace's WroteRequest would not do, it comes before
// the last bytes are flushed.)
func (p *progress) judge(err error) notifier.Result {
	op, ok := errors.AsType[*net.OpError](err)
	cutShort := ok && op.Op == "write"
	if p.connected.Load() && !cutShort {
		return notifier.Result{Class: notifier.Ambiguous, Words: "消息已送出，但没有收到答复：" + cause(err)}
	}
	return notifier.Result{Class: notifier.Temporary, Words: "消息未能送达企业微信：" + cause(err)}
}

// cause is err without the URL that net/http puts around it.
func cause(err error) string {
	if ue, ok := errors.AsType[*url.Error](err); ok {
		return ue.Err.Error()
	}
	return err.Error()
}

// redact hides the key, should the far side repeat it.
func redact(s, key string) string {
	return strings.NewReplacer(key, "***", url.QueryEscape(key), "***").Replace(s)
}
