// Package events tells other systems of every committed step: CloudEvents on
// NATS, out of the history, in its order and at least once. SQL is the truth;
// whatever happens to the stream holds nothing up and can be made good.
package events

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"duban/engine/store"
)

// Stream holds the events of the last thirty days.
const Stream = "DUBAN_EVENTS"

const (
	subjects   = "duban.events."
	kept       = 30 * 24 * time.Hour
	maxBytes   = 256 << 20 // some 400,000 events; the oldest give way
	duplicates = time.Hour
	batch      = 200
	every      = time.Second // how often the history is asked for more
	pause      = 2 * time.Second
	ackWait    = 5 * time.Second
	watermark  = "events.published" // in table meta: number of the last history row that the stream has
)

// Publisher publishes the history. Its connection is its own, so that nothing
// else waits for it.
type Publisher struct {
	db     *store.DB
	source string
	now    func() time.Time
	nc     *nats.Conn
	js     jetstream.JetStream
	there  bool // the stream was seen since the last failure
}

// Open makes a publisher for the NATS servers at url (comma separated). They
// need not be there yet. source names this Duban in the events.
func Open(db *store.DB, url, source string, now func() time.Time) (*Publisher, error) {
	nc, err := nats.Connect(url, nats.Name("duban events"), nats.RetryOnFailedConnect(true), nats.MaxReconnects(-1),
		nats.ReconnectWait(time.Second), nats.ReconnectBufSize(-1)) // nothing is kept in memory: the history has it
	if err != nil {
		return nil, fmt.Errorf("events: connect: %w", err)
	}
	js, err := jetstream.New(nc)
	if err != nil {
		nc.Close()
		return nil, fmt.Errorf("events: jetstream: %w", err)
	}
	return &Publisher{db: db, source: source, now: now, nc: nc, js: js}, nil
}

// Close ends the connection.
func (p *Publisher) Close() error {
	p.nc.Close()
	return nil
}

// Run publishes until ctx ends. Failures are logged when they begin and when
// they are over.
func (p *Publisher) Run(ctx context.Context) error {
	failing := false
	for {
		n, err := p.Publish(ctx)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		wait := every
		switch {
		case err != nil:
			if !failing {
				slog.Warn("events do not reach other systems; they are published later", "err", err)
			}
			failing, wait = true, pause
		case failing:
			slog.Info("events reach other systems again")
			failing = false
		}
		if err == nil && n == batch {
			continue
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		case <-timer.C:
		}
	}
}

var errAway = errors.New("events: no NATS server of nats.url answers")

// Publish sends the next steps that the stream does not have, at most one batch,
// each after the one before it is acknowledged. It says how many went.
func (p *Publisher) Publish(ctx context.Context) (sent int, err error) {
	if !p.nc.IsConnected() {
		return 0, errAway
	}
	after, err := p.position(ctx)
	if err != nil {
		return 0, err
	}
	changes, err := p.db.Changes(ctx, after, batch)
	if err != nil || len(changes) == 0 {
		return 0, err
	}
	for i := range changes {
		if err = p.send(ctx, &changes[i]); err != nil {
			p.there = false
			break
		}
		after = changes[i].Seq
		sent++
	}
	if sent == 0 {
		return 0, err
	}
	return sent, errors.Join(err, p.keep(ctx, after))
}

func (p *Publisher) send(ctx context.Context, c *store.Change) error {
	e, err := newEvent(p.source, c)
	if err != nil {
		return err
	}
	body, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("events: encode history row %d: %w", c.Seq, err)
	}
	ctx, cancel := context.WithTimeout(ctx, ackWait)
	defer cancel()
	m := &nats.Msg{Subject: subject(c), Data: body, Header: nats.Header{"Content-Type": {contentType}}}
	if _, err := p.js.PublishMsg(ctx, m, jetstream.WithMsgID(e.ID), jetstream.WithExpectStream(Stream)); err != nil {
		return fmt.Errorf("events: publish history row %d: %w", c.Seq, err)
	}
	return nil
}

// position is the number of the last step that the stream has.
func (p *Publisher) position(ctx context.Context) (int64, error) {
	if err := p.ensure(ctx); err != nil {
		return 0, err
	}
	v, err := p.db.Meta(ctx, watermark)
	if err != nil {
		return 0, err
	}
	after, err := strconv.ParseInt(v, 10, 64)
	if err != nil { // the first time, with a stream that somebody has set up
		return p.db.LastBefore(ctx, p.now().Add(-kept))
	}
	return after, nil
}

// ensure makes the stream unless it is there; how an operator has set up an
// existing one stays as it is. A new one is filled from the history with what it
// is meant to hold.
func (p *Publisher) ensure(ctx context.Context) error {
	if p.there {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, ackWait)
	defer cancel()
	_, err := p.js.Stream(ctx, Stream)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		err = p.create(ctx)
	}
	if err != nil {
		return fmt.Errorf("events: stream: %w", err)
	}
	p.there = true
	return nil
}

// create goes back in the history first: a stop in between must not leave an
// empty stream that counts as filled.
func (p *Publisher) create(ctx context.Context) error {
	after, err := p.db.LastBefore(ctx, p.now().Add(-kept))
	if err != nil {
		return err
	}
	if err := p.keep(ctx, after); err != nil {
		return err
	}
	_, err = p.js.CreateStream(ctx, jetstream.StreamConfig{
		Name: Stream, Subjects: []string{subjects + ">"}, Retention: jetstream.LimitsPolicy, Storage: jetstream.FileStorage,
		Discard: jetstream.DiscardOld, MaxAge: kept, MaxBytes: maxBytes, Duplicates: duplicates,
		Description: "Steps of Duban as CloudEvents; made anew from its history when lost",
	})
	return err
}

func (p *Publisher) keep(ctx context.Context, seq int64) error {
	return p.db.Write(ctx, p.now(), func(tx *store.Tx) error { return tx.SetMeta(watermark, strconv.FormatInt(seq, 10)) })
}
