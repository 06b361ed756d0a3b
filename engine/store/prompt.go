package store

import (
	"context"
	"fmt"
	"time"
)

// PromptSince are the deliveries with a prompt notice that were planned after a
// time. It reads the whole table: it is for a start.
func (db *DB) PromptSince(ctx context.Context, since time.Time) ([]Delivery, error) {
	var out []Delivery
	err := db.r.SelectContext(ctx, &out, db.r.Rebind(`SELECT `+deliveryColumns+` FROM deliveries WHERE created > ?
		AND EXISTS (SELECT 1 FROM outbox WHERE outbox.delivery = deliveries.delivery AND outbox.delivery <> '' AND class = 'prompt')`), ms(since))
	if err != nil {
		return nil, fmt.Errorf("store: prompt deliveries: %w", err)
	}
	return out, nil
}
