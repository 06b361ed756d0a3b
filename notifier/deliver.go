package notifier

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"duban/engine"
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

// deliver takes one delivery from the bus through the stages: stale check and
// dedupe, limit, send, record. An error means that nothing was decided and the
// bus shall bring it again.
func (n *Notifier) deliver(ctx context.Context, c Channel, key string) error {
	a, go1, err := n.check(ctx, c, key)
	if err != nil {
		return fmt.Errorf("notifier: check %s: %w", key, err)
	}
	if go1 {
		if until, ok := n.limits.take(a.gate(), n.Now()); !ok {
			err = n.putOff(ctx, a, until)
		} else {
			a.result = c.Send(ctx, a.msg)
			err = n.record(ctx, a)
		}
		if err != nil {
			return fmt.Errorf("notifier: %s: %w", key, err)
		}
	}
	n.landed(key)
	return nil
}

// gate is what is limited and paused together: a robot, or the whole mail channel.
func (a *attempt) gate() string {
	if a.del.Robot != "" {
		return a.del.Robot
	}
	return ""
}

// check is the stale check and the dedupe: a delivery that has an outcome is
// done; notices withdrawn since the planning are left out; a message with
// nothing left in it is dropped.
func (n *Notifier) check(ctx context.Context, c Channel, key string) (*attempt, bool, error) {
	a := &attempt{channel: c}
	proceed := false
	del, notices, err := n.DB.DeliveryWithNotices(ctx, key)
	if err != nil {
		if errors.Is(err, store.ErrNotFound) { // a bus that remembers more than we do
			return a, false, nil
		}
		return nil, false, err
	}
	if del.State != "pending" {
		return a, false, nil
	}
	if err := json.Unmarshal([]byte(del.Message), &a.msg); err != nil {
		return nil, false, fmt.Errorf("decode message: %w", err)
	}
	a.del = del
	keep, gone := standing(notices, a)
	switch {
	case !gone:
		return a, true, nil
	case len(keep) == 0:
		err = n.DB.Write(ctx, n.Now(), func(tx *store.Tx) error {
			return tx.Record(store.Outcome{Key: key, Attempt: del.Attempts, State: "dropped", Next: n.Now(), Class: "withdrawn"})
		})
	default:
		proceed = true
		err = n.DB.Write(ctx, n.Now(), func(tx *store.Tx) (err error) {
			if a.msg, err = n.rerender(tx, del, a.msg, keep); err != nil {
				return err
			}
			body, err := json.Marshal(a.msg)
			if err != nil {
				return err
			}
			return tx.SetMessage(key, string(body))
		})
	}
	return a, proceed, err
}

// standing are the notices of a message that still stand, and whether any went.
func standing(notices []store.Notice, a *attempt) (keep []store.Notice, gone bool) {
	in := map[string]bool{}
	for _, id := range a.msg.Notices {
		in[id] = true
	}
	for _, no := range notices {
		if !in[no.ID] {
			continue
		}
		if no.State == "withdrawn" {
			gone = true
			continue
		}
		a.must = a.must || no.Class == engine.Must
		keep = append(keep, no)
	}
	return keep, gone
}

func (n *Notifier) putOff(ctx context.Context, a *attempt, until time.Time) error {
	return n.DB.Write(ctx, n.Now(), func(tx *store.Tx) error { return tx.Later(a.del.Key, until) })
}

// record writes what the attempt gave. Only after it is committed does the bus
// hear that the message is done.
func (n *Notifier) record(ctx context.Context, a *attempt) error {
	// The far side has answered: its answer is written down even while we are told to stop.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
	defer cancel()
	now := n.Now()
	o := n.outcome(a, now)
	if a.result.Class == Paused {
		n.limits.pause(a.gate(), now.Add(max(a.result.Wait, time.Minute)))
	}
	err := n.DB.Write(ctx, now, func(tx *store.Tx) error {
		if err := tx.Record(o); err != nil {
			return err
		}
		switch {
		case o.State == "sent":
			return tx.MarkNotices(o.Key, "sent")
		case o.State == "dropped": // a robot that will never take it: the person gets it by mail
			return tx.Unplan(o.Key, byMail+a.result.Words)
		case o.State == "dead":
			return tx.MarkNotices(o.Key, "dead")
		}
		return nil
	})
	if err == nil && n.Observe != nil {
		n.Observe(a.channel.Name(), a.result.Class)
	}
	if o.State == "dead" || o.State == "dropped" {
		slog.Error("a message could not be delivered", "delivery", o.Key, "channel", a.channel.Name(), "code", o.Code, "words", o.Words)
	}
	if o.State == "dropped" {
		n.Wake()
	}
	return err
}

// outcome decides what comes after an attempt.
func (n *Notifier) outcome(a *attempt, now time.Time) store.Outcome {
	r := a.result
	o := store.Outcome{Key: a.del.Key, Robot: a.del.Robot, Attempt: a.del.Attempts + 1, Unsure: a.del.Unsure, Next: now,
		Class: string(r.Class), Code: r.Code, Words: r.Words}
	switch r.Class {
	case Accepted:
		o.State = "sent"
	case Permanent:
		o.State = "dead"
		if a.channel.Name() == "wecom" && a.del.Person != "" {
			o.State = "dropped"
		}
	case Ambiguous:
		o.Unsure++
		o.State, o.Next = "pending", n.hours(now.Add(n.Options.AmbiguousWait), a.must)
		if o.Unsure > 1 {
			o.State = "dead"
		}
	case Paused:
		o.Attempt--
		o.State, o.Next = "pending", n.hours(now.Add(max(r.Wait, time.Minute)), a.must)
	default:
		o.State = "pending"
		if o.Attempt > len(n.Options.Retries) {
			o.State = "dead"
			break
		}
		o.Next = n.hours(now.Add(max(n.Options.Retries[o.Attempt-1], r.Wait)), a.must)
	}
	return o
}

// hours keeps a retry within the hours in which messages may go.
func (n *Notifier) hours(t time.Time, must bool) time.Time {
	if must || n.Calendar.MaySend(t) {
		return t
	}
	return n.Calendar.NextMorning(t)
}

// relay publishes what is due and not on the bus, and marks it as on its way.
func (n *Notifier) relay(ctx context.Context) (int, error) {
	var due []store.Delivery
	now := n.Now()
	err := n.DB.Write(ctx, now, func(tx *store.Tx) (err error) {
		if due, err = tx.Unpublished(planBatch); err != nil {
			return err
		}
		for _, d := range due {
			if err := tx.Publishing(d.Key, d.Rounds+1); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil || len(due) == 0 {
		return 0, err
	}
	posts := make([]Post, len(due))
	n.mu.Lock()
	for i, d := range due {
		posts[i] = Post{Queue: d.Channel, Key: d.Key, ID: fmt.Sprintf("%s#%d", d.Key, d.Rounds+1)}
		n.flight[d.Key] = now
	}
	n.mu.Unlock()
	if err := n.Bus.Publish(ctx, posts); err != nil {
		// Not known which arrived: all come back, and those that did arrive keep their id.
		n.mu.Lock()
		for _, d := range due {
			delete(n.flight, d.Key)
		}
		n.mu.Unlock()
		return 0, errors.Join(fmt.Errorf("notifier: publish: %w", err), n.recallKeys(ctx, due))
	}
	return len(due), nil
}

func (n *Notifier) recallKeys(ctx context.Context, due []store.Delivery) error {
	return n.DB.Write(context.WithoutCancel(ctx), n.Now(), func(tx *store.Tx) error {
		for _, d := range due {
			if err := tx.RecallOne(d.Key, d.Rounds); err != nil {
				return err
			}
		}
		return nil
	})
}
