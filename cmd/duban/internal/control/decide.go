package control

import (
	"context"
	"errors"

	"duban/cmd/duban/internal/app"
	"duban/engine/calendar"
	"duban/engine/store"
	"duban/workflows"
)

// Decide is what the office decides about items that wait: who leads, and one
// of a day, 长期坚持, or the usual time of the event that is awaited.
type Decide struct {
	Plan  string        `json:"plan"`
	Items []string      `json:"items"`
	Lead  []string      `json:"lead,omitempty"`
	Due   calendar.Date `json:"due,omitempty"`
	Usual calendar.Date `json:"usual,omitempty"`
	Keep  bool          `json:"keep,omitempty"`
}

// Decided says what became of the items.
type Decided struct {
	Items []DecidedItem `json:"items"`
}

// DecidedItem is one item after the decision.
type DecidedItem struct {
	Item    string `json:"item"`
	Heading string `json:"heading"`
	Status  string `json:"status"` // started, kept, waiting
	Why     string `json:"why,omitempty"`
	Begun   int    `json:"begun"`
}

func (d desk) decide(ctx context.Context, q Decide) (Decided, error) {
	for _, unit := range q.Lead {
		if len(d.Org.Members(unit)) == 0 {
			return Decided{}, &Problem{Kind: Usage, Words: "组织机构中没有“" + unit + "”"}
		}
	}
	out := Decided{Items: []DecidedItem{}}
	for _, no := range q.Items {
		o, err := d.DecideItem(ctx, q.Plan, no, workflows.Decision{Lead: q.Lead, Due: q.Due, Usual: q.Usual, Keep: q.Keep})
		switch {
		case errors.Is(err, store.ErrNotFound), errors.Is(err, app.ErrNotWaiting):
			return out, &Problem{Kind: Usage, Words: err.Error()}
		case err != nil:
			return out, err
		}
		out.Items = append(out.Items, DecidedItem{Item: no, Heading: o.Heading, Status: o.Status, Why: o.Why, Begun: len(o.Starts)})
	}
	return out, nil
}

// Decide carries out what the office decided about items that wait.
func (c *Client) Decide(ctx context.Context, q Decide) (Decided, error) {
	return askJSON[Decided](ctx, c, "/plan/decide", q)
}
