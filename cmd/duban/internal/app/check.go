package app

import (
	"context"
	"errors"
	"log/slog"

	"duban/engine/store"
)

// check reads the whole data file beside the work, after a stop that was not a
// clean one: a large file must not keep the service from starting.
type check struct {
	cancel context.CancelFunc
	done   chan struct{}
	err    error // once done
}

// begin checks db unless the last stop was clean.
func (c *check) begin(ctx context.Context, db *store.DB, clean bool) {
	c.done = make(chan struct{})
	ctx, c.cancel = context.WithCancel(context.WithoutCancel(ctx))
	if clean {
		close(c.done)
		return
	}
	slog.Info("the last stop was not a clean one: the data file is checked meanwhile", "data", db.File())
	go func() {
		defer close(c.done)
		if c.err = db.Check(ctx); c.err != nil && ctx.Err() == nil {
			slog.Error("check of the data file", "data", db.File(), "err", c.err)
		}
	}()
}

// damaged waits for the check as long as ctx allows and says whether it found
// damage.
func (c *check) damaged(ctx context.Context) bool {
	select {
	case <-c.done:
		return errors.Is(c.err, store.ErrDamaged)
	case <-ctx.Done():
		return false
	}
}

// end breaks off a check that still runs, and says whether the file is known to
// be sound.
func (c *check) end() (sound bool) {
	if c.done == nil { // never begun
		return false
	}
	c.cancel()
	<-c.done
	return c.err == nil
}
