package notifier

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"duban/engine"
	"duban/engine/store"
)

// verdict is what the check found.
type verdict int

const (
	settled verdict = iota // it has an outcome, or a time at which it is due again
	double                 // a copy of something that is not on the bus: nothing to do
	goes
)

// check is the stale check and the dedupe: a delivery that has an outcome is
// done; notices withdrawn since the planning are left out; a message with
// nothing left in it is dropped; outside the sending hours it waits; words of
// another day are written anew.
func (n *Notifier) check(ctx context.Context, c Channel, key string) (*attempt, verdict, error) {
	del, notices, err := n.DB.DeliveryWithNotices(ctx, key)
	switch {
	case errors.Is(err, store.ErrNotFound): // a bus that remembers more than we do
		return nil, settled, nil
	case err != nil:
		return nil, settled, err
	case del.State != "pending":
		return nil, settled, nil
	case del.Published == 0:
		return nil, double, nil
	}
	a := &attempt{channel: c, del: del}
	err = json.Unmarshal([]byte(del.Message), &a.msg)
	if err == nil && len(a.msg.Notices) == 0 {
		err = errors.New("it carries no notice")
	}
	if err != nil {
		return nil, settled, n.giveUp(ctx, a, fmt.Errorf("decode message: %w", err))
	}
	return n.stale(ctx, a, notices)
}

func (n *Notifier) stale(ctx context.Context, a *attempt, notices []store.Notice) (*attempt, verdict, error) {
	keep := a.standing(notices)
	now := n.Now()
	due := n.hours(now, a.must)
	switch {
	case len(keep) == 0:
		return nil, settled, n.end(ctx, a, "withdrawn", nil)
	case a.msg.Text == "":
		return nil, settled, n.revive(ctx, a)
	case due.After(now):
		return nil, settled, n.putOff(ctx, a, due)
	case len(keep) < len(a.msg.Notices) || n.Calendar.DateOf(a.msg.At) != n.Calendar.DateOf(now) || a.msg.At.Before(n.restored):
		return n.rewrite(ctx, a, keep)
	}
	return a, goes, nil
}

// standing are the notices of the message that still stand.
func (a *attempt) standing(notices []store.Notice) (keep []store.Notice) {
	for _, no := range notices {
		if no.State == "withdrawn" || !slices.Contains(a.msg.Notices, no.ID) {
			continue
		}
		a.must = a.must || no.Class == engine.Must
		keep = append(keep, no)
	}
	return keep
}

// rewrite words the message anew. What is no longer fit for a group goes back
// to the planner, to go by mail.
func (n *Notifier) rewrite(ctx context.Context, a *attempt, keep []store.Notice) (*attempt, verdict, error) {
	err := n.DB.Write(ctx, n.Now(), func(tx *store.Tx) (err error) {
		if bad := guarded(func() { a.msg, err = n.again(tx, a, keep) }); bad != nil {
			return bad
		}
		if err != nil {
			return err
		}
		body, err := json.Marshal(a.msg)
		if err != nil {
			return err
		}
		return tx.SetMessage(a.del.Key, string(body))
	})
	var bad panicked
	switch {
	case err == nil:
		return a, goes, nil
	case errors.Is(err, errElsewhere):
		return nil, settled, n.giveBack(ctx, a, "rerouted", mailReason(keep))
	case errors.Is(err, errUnfit):
		return nil, settled, n.giveBack(ctx, a, "unfit", byMail+"不宜入群")
	case errors.As(err, &bad):
		return nil, settled, n.giveUp(ctx, a, bad)
	}
	return nil, settled, err
}

// mailReason is why a message goes by mail and not into the group, which holds
// for whoever gets it next; "" when there is no such reason.
func mailReason(keep []store.Notice) string {
	i := slices.IndexFunc(keep, func(no store.Notice) bool { return refused(&no) })
	if i < 0 {
		return ""
	}
	why, _, _ := strings.Cut(keep[i].Why, "；")
	return why
}

// revive has the notices of a dead letter without words planned again.
func (n *Notifier) revive(ctx context.Context, a *attempt) error {
	return n.giveBack(ctx, a, "replanned", "")
}

// giveBack ends a delivery unsent and leaves its notices to the planner.
func (n *Notifier) giveBack(ctx context.Context, a *attempt, class, why string) error {
	defer n.Wake()
	return n.end(ctx, a, class, func(tx *store.Tx) error { return tx.Unplan(a.del.Key, why) })
}

// end drops a delivery without an attempt; class says why in the ledger.
func (n *Notifier) end(ctx context.Context, a *attempt, class string, more func(*store.Tx) error) error {
	now := n.Now()
	return n.DB.Write(ctx, now, func(tx *store.Tx) error {
		err := tx.Record(store.Outcome{Key: a.del.Key, Attempt: a.del.Attempts, Unsure: a.del.Unsure, State: "dropped", Next: now, Class: class})
		if err != nil || more == nil {
			return err
		}
		return more(tx)
	})
}

// giveUp makes a message that cannot be written a dead letter.
func (n *Notifier) giveUp(ctx context.Context, a *attempt, why error) error {
	a.result = Result{Class: Permanent, Words: clip(why.Error())}
	return n.record(ctx, a)
}
