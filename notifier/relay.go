package notifier

import (
	"context"
	"errors"
	"fmt"

	"duban/engine/crash"
	"duban/engine/store"
)

// relayBatch bounds one publishing transaction.
const relayBatch = 5000

// relay publishes what is due and not on the bus, and marks it as on its way.
func (n *Notifier) relay(ctx context.Context) (int, error) {
	due, err := n.claim(ctx)
	if err != nil {
		return 0, fmt.Errorf("notifier: relay: %w", err)
	}
	if len(due) == 0 {
		return 0, nil
	}
	posts := make([]Post, len(due))
	for i, d := range due {
		posts[i] = Post{Queue: d.Channel, Key: d.Key, ID: fmt.Sprintf("%s#%d", d.Key, d.Rounds+1)}
	}
	n.flight.depart(posts)
	crash.Point("before publish", "")
	if err := n.Bus.Publish(ctx, posts); err != nil {
		// Not known which arrived: all come back, and those that did arrive keep their id.
		n.flight.callOff(posts)
		return 0, errors.Join(fmt.Errorf("notifier: publish: %w", err), n.unclaim(ctx, due))
	}
	crash.Point("after publish", "")
	return len(due), nil
}

// claim marks what is due as on the bus before it goes there, so that no copy
// on the bus is ever unknown to the store.
func (n *Notifier) claim(ctx context.Context) (due []store.Delivery, err error) {
	err = n.DB.Write(ctx, n.Now(), func(tx *store.Tx) error {
		tx.For = "claim"
		if due, err = tx.Unpublished(relayBatch); err != nil {
			return err
		}
		for _, d := range due {
			if err := tx.Publishing(d.Key, d.Rounds+1); err != nil {
				return err
			}
		}
		return nil
	})
	return due, err
}

func (n *Notifier) unclaim(ctx context.Context, due []store.Delivery) error {
	return n.DB.Write(context.WithoutCancel(ctx), n.Now(), func(tx *store.Tx) error {
		for _, d := range due {
			if err := tx.RecallOne(d.Key, d.Rounds); err != nil {
				return err
			}
		}
		return nil
	})
}
