package notifier

import (
	"context"
	"log/slog"
	"time"

	"duban/engine/store"
)

// record writes what the attempt gave. Only after it is committed does the bus
// hear that the message is done. An answer that cannot be written is kept: the
// bus brings the delivery again, and then it is recorded and not sent.
func (n *Notifier) record(ctx context.Context, a *attempt) error {
	// The far side has answered: its answer is written down even while we are told to stop.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
	defer cancel()
	now := n.Now()
	o := n.outcome(a, now)
	err := n.DB.Write(ctx, now, func(tx *store.Tx) error {
		tx.For = "ledger"
		if err := tx.Record(o); err != nil {
			return err
		}
		switch o.State {
		case "sent", "dead":
			return tx.MarkNotices(o.Key, o.State)
		case "dropped": // a robot that will never take it: the person gets it by mail
			return tx.Unplan(o.Key, byMail+a.result.Words)
		}
		return nil
	})
	if err != nil {
		n.flight.keep(a)
		return err
	}
	if n.Observe != nil {
		n.Observe(a.channel.Name(), a.result.Class)
	}
	if o.State == "dropped" {
		n.Wake()
	}
	logEnd(o, a.channel.Name())
	return nil
}

// logEnd says of a message that did not get through that it did not.
func logEnd(o store.Outcome, channel string) {
	if o.State == "dead" || o.State == "dropped" {
		slog.Error("a message could not be delivered", "delivery", o.Key, "channel", channel, "state", o.State, "code", o.Code, "words", o.Words)
	}
}

// outcome decides what comes after an attempt.
func (n *Notifier) outcome(a *attempt, now time.Time) store.Outcome {
	r := a.result
	o := store.Outcome{Key: a.del.Key, Robot: a.del.Robot, Attempt: a.del.Attempts + 1, Unsure: a.del.Unsure,
		State: "pending", Next: now, Class: string(r.Class), Code: r.Code, Words: r.Words}
	switch r.Class {
	case Accepted:
		o.State = "sent"
	case Permanent:
		o.State = "dead"
		if a.del.Robot != "" && a.del.Person != "" {
			o.State = "dropped"
		}
	case Ambiguous:
		o.Unsure++
		o.Next = n.hours(now.Add(n.Options.AmbiguousWait), a.must)
		if o.Unsure > 1 {
			o.State = "dead"
		}
	case Paused:
		o.Attempt--
		o.Next = n.hours(now.Add(rest(r)), a.must)
	default:
		o.Class = string(Temporary)
		if o.Attempt > len(n.Options.Retries) {
			o.State = "dead"
			break
		}
		o.Next = n.hours(now.Add(max(n.Options.Retries[o.Attempt-1], r.Wait)), a.must)
	}
	return o
}
