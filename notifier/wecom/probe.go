package wecom

import (
	"context"
	"fmt"
	"net/http"
	"time"
)

// Probe asks the robots' host for its headers. No key is sent and no message is
// posted, so it says that the host can be reached, not that a robot is there.
// The answer is the host's clock, zero when it does not tell.
func (c *Channel) Probe(ctx context.Context) (time.Time, error) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodHead, c.url.String(), nil)
	if err != nil {
		return time.Time{}, fmt.Errorf("wecom: probe: %w", err)
	}
	res, err := c.client.Do(req)
	if err != nil {
		return time.Time{}, fmt.Errorf("wecom: probe: %s", clip(cause(err)))
	}
	res.Body.Close()
	date, err := http.ParseTime(res.Header.Get("Date"))
	if err != nil {
		return time.Time{}, nil // reached, and tells no time
	}
	return date, nil
}
