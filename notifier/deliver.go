package notifier

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"strings"

	"duban/engine/crash"
	"duban/engine/store"
)

// attempt is one delivery on its way through the stages.
type attempt struct {
	channel Channel
	del     store.Delivery
	msg     Message
	must    bool
	result  Result
}

// deliver takes one delivery from the bus through the stages: check, limit,
// send, record. An error means that nothing was decided and the bus shall bring
// it again.
func (n *Notifier) deliver(ctx context.Context, c Channel, key string) error {
	if !n.flight.hold(key) {
		return nil // a double: another worker has it, and its failure brings it again
	}
	landed, err := n.stages(ctx, c, key)
	n.flight.drop(key, landed && err == nil)
	if err != nil {
		return fmt.Errorf("notifier: deliver %s: %w", key, err)
	}
	return nil
}

// stages answers whether the delivery has come down from the bus: it has an
// outcome, or a time at which it goes up again.
func (n *Notifier) stages(ctx context.Context, c Channel, key string) (landed bool, err error) {
	a := n.flight.kept(key)
	if a == nil {
		var v verdict
		crash.Point("before check", c.Name())
		if a, v, err = n.check(ctx, c, key); err != nil || v != goes {
			return v == settled, err
		}
		crash.Point("after check", c.Name())
		if until, ok := n.limits.take(a.del.Robot, n.Now()); !ok {
			return true, n.putOff(ctx, a, until)
		}
		n.send(ctx, a)
	}
	return true, n.record(ctx, a)
}

// guarded runs fn and turns its panic into an error: words that cannot be
// written for one message must not keep back all others.
func guarded(fn func()) (err error) {
	defer func() {
		if p := recover(); p != nil {
			slog.Error("panic in one message", "panic", p, "stack", string(debug.Stack()))
			err = panicked{p}
		}
	}()
	fn()
	return nil
}

// panicked is a panic as an error.
type panicked struct{ value any }

func (p panicked) Error() string { return fmt.Sprintf("panic: %v", p.value) }

// maxWords bounds what the ledger keeps of an attempt, in bytes.
const maxWords = 500

func clip(s string) string { return strings.ToValidUTF8(s[:min(len(s), maxWords)], "") }
