package control

import (
	"context"
	"encoding/json"
	"fmt"
)

// ImportDraft keeps a document that was read for the office's review.
func (c *Client) ImportDraft(ctx context.Context, m Import) (Review, error) {
	body, err := json.Marshal(m)
	if err != nil {
		return Review{}, fmt.Errorf("control: import: %w", err)
	}
	if len(body) > maxPlan {
		return Review{}, &Problem{Kind: Usage, Words: fmt.Sprintf("%s：读出的内容有 %d MB，最多 %d MB", m.File, len(body)>>20, maxPlan>>20)}
	}
	return ask[Review](ctx, c, "POST", "/draft", body)
}

// Review shows a draft: the open one of a key, else the newest.
func (c *Client) Review(ctx context.Context, key string) (Review, error) {
	return askJSON[Review](ctx, c, "/draft/review", DraftRef{key})
}

// Drafts lists all drafts, the newest first.
func (c *Client) Drafts(ctx context.Context) ([]DraftLine, error) {
	return ask[[]DraftLine](ctx, c, "GET", "/drafts", nil)
}

// DecideDraft keeps what the office decided about a draft.
func (c *Client) DecideDraft(ctx context.Context, q DraftDecision) (Review, error) {
	return askJSON[Review](ctx, c, "/draft/decide", q)
}

// Confirm makes a draft a plan that runs.
func (c *Client) Confirm(ctx context.Context, q Confirm) (Confirmed, error) {
	return askJSON[Confirmed](ctx, c, "/draft/confirm", q)
}

// Discard gives a draft up.
func (c *Client) Discard(ctx context.Context, key string) (DraftLine, error) {
	return askJSON[DraftLine](ctx, c, "/draft/discard", DraftRef{key})
}

// SetAliases keeps what printed names mean and lists all aliases.
func (c *Client) SetAliases(ctx context.Context, q AliasSet) ([]AliasLine, error) {
	return askJSON[[]AliasLine](ctx, c, "/aliases", q)
}

// Aliases lists all aliases.
func (c *Client) Aliases(ctx context.Context) ([]AliasLine, error) {
	return ask[[]AliasLine](ctx, c, "GET", "/aliases", nil)
}
