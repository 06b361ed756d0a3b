package control

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"syscall"
)

// Client asks a running service, or the handler inside the process.
type Client struct{ http *http.Client }

// ErrNoService means that no service runs on a data folder.
var ErrNoService = errors.New("control: no service answers")

// Dial finds the service that runs on a data folder; ErrNoService when there
// is none.
func Dial(ctx context.Context, dir string) (*Client, error) {
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", Socket(dir))
	}
	c, err := dial(ctx, "", "")
	switch {
	case err == nil:
		c.Close()
		return &Client{&http.Client{Transport: &http.Transport{DialContext: dial, DisableKeepAlives: true}}}, nil
	case errors.Is(err, os.ErrNotExist), errors.Is(err, syscall.ECONNREFUSED), errors.Is(err, syscall.EINVAL):
		return nil, ErrNoService
	case errors.Is(err, os.ErrPermission):
		return nil, fmt.Errorf("control: %w; use the account that runs the service", err)
	}
	return nil, fmt.Errorf("control: %w", err)
}

// Inside is a client of a handler in this process.
func Inside(h http.Handler) *Client { return &Client{&http.Client{Transport: inside{h}}} }

// inside carries requests to a handler without a network.
type inside struct{ http.Handler }

// RoundTrip serves the request at once.
func (i inside) RoundTrip(r *http.Request) (*http.Response, error) {
	w := &written{Response: http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Request: r}}
	i.ServeHTTP(w, r)
	w.Body = io.NopCloser(&w.body)
	return &w.Response, nil
}

type written struct {
	http.Response
	body bytes.Buffer
}

func (w *written) Header() http.Header         { return w.Response.Header }
func (w *written) WriteHeader(code int)        { w.StatusCode = code }
func (w *written) Write(p []byte) (int, error) { return w.body.Write(p) }

// AddPlan adds a plan file. A fault.List says what is wrong with it.
func (c *Client) AddPlan(ctx context.Context, p PlanFile) (Added, error) {
	v := url.Values{"name": {p.Name}, "issued": {p.Issued.String()}, "until": {p.Until.String()}}
	return ask[Added](ctx, c, "POST", "/plan?"+v.Encode(), p.Data)
}

// Act does what a person does to an assignment.
func (c *Client) Act(ctx context.Context, a Act) (Acted, error) {
	return askJSON[Acted](ctx, c, "/act", a)
}

// Outbox lists what is in the outbox and not sent.
func (c *Client) Outbox(ctx context.Context, q Query) (Outbox, error) {
	v := url.Values{"state": {q.State}, "limit": {strconv.Itoa(q.Limit)}}
	return ask[Outbox](ctx, c, "GET", "/outbox?"+v.Encode(), nil)
}

// Resend makes dead messages pending again; no keys means all of them.
func (c *Client) Resend(ctx context.Context, keys ...string) (Moved, error) {
	return askJSON[Moved](ctx, c, "/outbox/resend", keys)
}

// Release lets the notices to leaders go that wait for the office.
func (c *Client) Release(ctx context.Context) (Moved, error) {
	return ask[Moved](ctx, c, "POST", "/outbox/release", nil)
}

func askJSON[Out any](ctx context.Context, c *Client, path string, in any) (out Out, err error) {
	body, err := json.Marshal(in)
	if err != nil {
		return out, fmt.Errorf("control: %s: %w", path, err)
	}
	return ask[Out](ctx, c, "POST", path, body)
}

// ask makes one request. Errors are a fault.List or a *Problem where the other
// side has answered.
func ask[Out any](ctx context.Context, c *Client, method, path string, body []byte) (out Out, err error) {
	req, err := http.NewRequestWithContext(ctx, method, "http://duban"+path, bytes.NewReader(body))
	if err != nil {
		return out, fmt.Errorf("control: ask: %w", err)
	}
	res, err := c.http.Do(req)
	if err != nil {
		return out, fmt.Errorf("control: the service went away; whether it did what was asked is not known: %w", err)
	}
	defer res.Body.Close()
	if res.StatusCode == http.StatusOK {
		if err := json.NewDecoder(res.Body).Decode(&out); err != nil {
			return out, fmt.Errorf("control: read the answer: %w", err)
		}
		return out, nil
	}
	p := &Problem{}
	if err := json.NewDecoder(res.Body).Decode(p); err != nil || p.Kind == "" {
		return out, fmt.Errorf("control: the service answered %s", res.Status)
	}
	if len(p.Faults) > 0 {
		return out, p.Faults
	}
	return out, p
}
