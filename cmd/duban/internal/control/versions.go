package control

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// VersionLine is a plan as it is, or as it was before a revision.
type VersionLine struct {
	Version  int             `json:"version"` // from 1
	Title    string          `json:"title"`
	Issued   string          `json:"issued"`
	Added    string          `json:"added"`              // since when it held
	Replaced string          `json:"replaced,omitempty"` // until when; "" it holds
	Plan     json.RawMessage `json:"plan"`
}

func (d desk) versions(ctx context.Context, q DraftRef) ([]VersionLine, error) {
	row, _, ok, err := d.StoredPlan(ctx, q.Key)
	switch {
	case err != nil:
		return nil, err
	case !ok:
		return nil, &Problem{Kind: Usage, Words: fmt.Sprintf("没有名为 %s 的计划", q.Key)}
	}
	former, err := d.DB.Versions(ctx, q.Key)
	out := []VersionLine{}
	for _, v := range former {
		out = append(out, VersionLine{Version: v.Version, Title: v.Title, Issued: v.Issued, Added: d.stamp(time.UnixMilli(v.Added)),
			Replaced: d.stamp(time.UnixMilli(v.Replaced)), Plan: json.RawMessage(v.Body)})
	}
	return append(out, VersionLine{Version: len(former) + 1, Title: row.Title, Issued: row.Issued, Added: d.stamp(time.UnixMilli(row.Added)),
		Plan: json.RawMessage(row.Body)}), err
}

// Versions lists a plan and what it was before its revisions, the oldest first.
func (c *Client) Versions(ctx context.Context, key string) ([]VersionLine, error) {
	return askJSON[[]VersionLine](ctx, c, "/plan/versions", DraftRef{key})
}
