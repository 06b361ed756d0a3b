package heartbeat

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"duban/notifier/guard"
)

// URL is a dead man's switch on the web.
type URL struct {
	address string // a secret: whoever has it can play alive
	method  string
	client  *http.Client
}

// NewURL checks an address and its host. Private addresses and plain HTTP are
// refused unless the host is listed. No error shows the address.
func NewURL(address, method string, allowed []string) (*URL, error) {
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" {
		return nil, errors.New("heartbeat: the URL is none")
	}
	listed := guard.Listed(u, allowed)
	if u.Scheme != "https" && !(u.Scheme == "http" && listed) {
		return nil, errors.New("heartbeat: the URL must be https, unless heartbeat.allow_hosts lists its host")
	}
	return &URL{address: address, method: method, client: &http.Client{
		Transport:     &http.Transport{DialContext: guard.Dialer(listed).DialContext, DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

// Beat requests the address once; anything but a 2xx is no beat.
func (h *URL) Beat(ctx context.Context) error {
	req, err := http.NewRequestWithContext(ctx, h.method, h.address, nil)
	if err != nil {
		return errors.New("heartbeat: the request cannot be made") // the cause would quote the address
	}
	res, err := h.client.Do(req)
	if err != nil {
		return fmt.Errorf("heartbeat: %s", h.hide(err))
	}
	res.Body.Close()
	if res.StatusCode/100 != 2 {
		return fmt.Errorf("heartbeat: the far side answered %d", res.StatusCode)
	}
	return nil
}

// hide is the words of an error without the address.
func (h *URL) hide(err error) string {
	var ue *url.Error
	if errors.As(err, &ue) {
		err = ue.Err
	}
	return strings.ReplaceAll(err.Error(), h.address, "<secret>")
}
