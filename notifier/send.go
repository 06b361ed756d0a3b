package notifier

import (
	"context"
	"log/slog"
	"time"

	"duban/engine/crash"
)

const (
	sendLimit = time.Minute      // of one attempt, all its steps together
	grace     = 10 * time.Second // what a stop leaves to an attempt under way: cut off, its outcome would be unknown
)

// send makes one attempt and notes what came of it.
func (n *Notifier) send(ctx context.Context, a *attempt) {
	ctx, cancel := unhurried(ctx)
	defer cancel()
	crash.Point("before send", a.channel.Name())
	if err := guarded(func() { a.result = a.channel.Send(ctx, a.msg) }); err != nil {
		a.result = Result{Class: Permanent, Words: clip(err.Error())}
	}
	crash.Point("after send", a.channel.Name())
	now := n.Now()
	n.limits.answered(a.del.Robot, now)
	if a.result.Class == Paused {
		n.limits.pause(a.del.Robot, now.Add(rest(a.result)))
		slog.Warn("a channel rests", "channel", a.channel.Name(), "robot", a.del.Robot, "for", rest(a.result), "code", a.result.Code, "words", a.result.Words)
	}
}

// rest is how long a channel or robot rests that asked for it.
func rest(r Result) time.Duration { return max(r.Wait, time.Minute) }

// unhurried ends after sendLimit, or grace after its parent.
func unhurried(parent context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(parent), sendLimit)
	stop := context.AfterFunc(parent, func() { time.AfterFunc(grace, cancel) })
	return ctx, func() {
		stop()
		cancel()
	}
}
