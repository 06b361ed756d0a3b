package notifier

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"duban/engine/crash"
)

// JetStream is the bus of the house: embedded by default, or a NATS outside.
type JetStream struct {
	srv     *server.Server
	nc      *nats.Conn
	js      jetstream.JetStream
	storage jetstream.StorageType
	stop    context.CancelFunc
	wg      sync.WaitGroup
	limit   time.Duration // how long a post may stay unacknowledged

	mu   sync.Mutex // also keeps two from healing at once
	subs []*subscription
}

// subscription is the consuming of one queue.
type subscription struct {
	queue   string
	workers int
	jobs    chan jetstream.Msg
	ctx     context.Context // of its workers
	cancel  context.CancelFunc
	pull    jetstream.ConsumeContext
}

const (
	streamName = "DUBAN_OUT"
	subject    = "duban.out."
	ackWait    = sendLimit + 30*time.Second // longer than any one attempt
	duplicates = time.Hour
	maxBytes   = 64 << 20 // room for some 300,000 keys; a full stream refuses, and SQL keeps them
	ackLimit   = 30 * time.Second
	watchEvery = 5 * time.Second
)

// OpenEmbedded runs a NATS server inside the process; dir is its folder. The
// stream is made anew at every start and lives in memory: SQL holds the truth
// and publishes again whatever has no outcome, so a stream on disk would only
// add ways to fail (a full disk, a deleted folder, a torn block).
func OpenEmbedded(ctx context.Context, dir string) (*JetStream, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("notifier: jetstream folder: %w", err)
	}
	srv, err := server.NewServer(&server.Options{ServerName: "duban", DontListen: true, JetStream: true, StoreDir: dir, NoSigs: true, NoLog: true})
	if err != nil {
		return nil, fmt.Errorf("notifier: embedded nats: %w", err)
	}
	srv.Start()
	b := &JetStream{srv: srv, storage: jetstream.MemoryStorage, limit: ackLimit}
	if !srv.ReadyForConnections(10 * time.Second) {
		return nil, errors.Join(fmt.Errorf("notifier: embedded nats in %s did not get ready in 10 s", dir), b.Close())
	}
	if b.nc, err = nats.Connect("", nats.InProcessServer(srv)); err != nil {
		return nil, errors.Join(fmt.Errorf("notifier: embedded nats: %w", err), b.Close())
	}
	if err := b.open(ctx, true); err != nil {
		return nil, errors.Join(err, b.Close())
	}
	return b, nil
}

// OpenOutside connects to NATS servers at url (comma separated).
func OpenOutside(ctx context.Context, url string) (*JetStream, error) {
	nc, err := nats.Connect(url, nats.Name("duban"), nats.MaxReconnects(-1), nats.ReconnectWait(time.Second))
	if err != nil {
		return nil, fmt.Errorf("notifier: connect to nats.url: %w", err)
	}
	b := &JetStream{nc: nc, storage: jetstream.FileStorage, limit: ackLimit}
	if err := b.open(ctx, false); err != nil {
		return nil, errors.Join(err, b.Close())
	}
	return b, nil
}

func (b *JetStream) open(ctx context.Context, anew bool) error {
	js, err := jetstream.New(b.nc, jetstream.WithPublishAsyncMaxPending(1000))
	if err != nil {
		return fmt.Errorf("notifier: jetstream: %w", err)
	}
	b.js = js
	if anew {
		if err := js.DeleteStream(ctx, streamName); err != nil && !errors.Is(err, jetstream.ErrStreamNotFound) {
			return fmt.Errorf("notifier: clear stream: %w", err)
		}
	}
	if err := b.ensure(ctx); err != nil {
		return err
	}
	ctx, b.stop = context.WithCancel(context.WithoutCancel(ctx))
	b.wg.Go(func() { b.watch(ctx) })
	return nil
}

// heartbeatSubject is where an outside NATS is told that duban is well.
const heartbeatSubject = "duban.heartbeat"

// Beat tells whoever listens on duban.heartbeat that all is well, and returns
// when the server has the message.
func (b *JetStream) Beat(ctx context.Context) error {
	if err := b.nc.Publish(heartbeatSubject, []byte("ok")); err != nil {
		return fmt.Errorf("notifier: heartbeat: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, ackLimit) // a flush wants a deadline
	defer cancel()
	if err := b.nc.FlushWithContext(ctx); err != nil {
		return fmt.Errorf("notifier: heartbeat: %w", err)
	}
	return nil
}

// ensure makes the stream unless it is there; how an operator has set up an
// existing one (replicas, limits) stays as it is.
func (b *JetStream) ensure(ctx context.Context) error {
	_, err := b.js.Stream(ctx, streamName)
	if err == nil || !errors.Is(err, jetstream.ErrStreamNotFound) {
		return err
	}
	_, err = b.js.CreateOrUpdateStream(ctx, jetstream.StreamConfig{
		Name: streamName, Subjects: []string{subject + ">"}, Retention: jetstream.WorkQueuePolicy,
		Storage: b.storage, Duplicates: duplicates, Discard: jetstream.DiscardNew, MaxBytes: maxBytes,
	})
	if err != nil {
		return fmt.Errorf("notifier: stream: %w", err)
	}
	return nil
}

// errSilent means that the bus takes posts and does not say that it has them.
var errSilent = errors.New("no acknowledgement")

// Publish sends all posts and waits for the acknowledgement of each. When that
// fails it puts the stream right, should it have vanished or gone silent, and
// tries once more.
func (b *JetStream) Publish(ctx context.Context, posts []Post) error {
	err := b.publish(ctx, posts)
	if err == nil || ctx.Err() != nil {
		return err
	}
	mend := b.heal
	if errors.Is(err, errSilent) {
		mend = b.remake
	}
	if bad := mend(ctx); bad != nil {
		return errors.Join(err, bad)
	}
	return b.publish(ctx, posts)
}

func (b *JetStream) publish(ctx context.Context, posts []Post) error {
	acks := make([]jetstream.PubAckFuture, len(posts))
	for i, p := range posts {
		var err error
		acks[i], err = b.js.PublishAsync(subject+p.Queue, []byte(p.Key), jetstream.WithMsgID(p.ID), jetstream.WithStallWait(b.limit))
		if err != nil {
			return err
		}
	}
	limit := time.NewTimer(b.limit)
	defer limit.Stop()
	for i, a := range acks {
		select {
		case ack := <-a.Ok():
			if err := b.present(ctx, posts[i], ack); err != nil {
				return err
			}
		case err := <-a.Err():
			return err
		case <-limit.C:
			return fmt.Errorf("%w within %v", errSilent, b.limit)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// present makes sure that a post taken for a repeat is still in the stream. The
// stream knows the ids of the last hour, also of posts that it has lost or that
// were handled before they were taken back.
func (b *JetStream) present(ctx context.Context, p Post, ack *jetstream.PubAck) error {
	if !ack.Duplicate {
		return nil
	}
	s, err := b.js.Stream(ctx, streamName)
	if err != nil {
		return err
	}
	if _, err = s.GetMsg(ctx, ack.Sequence); !errors.Is(err, jetstream.ErrMsgNotFound) {
		return err
	}
	_, err = b.js.Publish(ctx, subject+p.Queue, []byte(p.Key))
	return err
}

// Consume starts workers on a queue. When the stream vanishes under them they
// are set up again.
func (b *JetStream) Consume(ctx context.Context, queue string, workers int, handle func(context.Context, string) error) error {
	ctx, cancel := context.WithCancel(ctx)
	s := &subscription{queue: queue, workers: workers, jobs: make(chan jetstream.Msg), ctx: ctx, cancel: cancel}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.subs = append(b.subs, s)
	if err := b.subscribe(ctx, s); err != nil {
		return err
	}
	for range workers {
		b.wg.Go(func() { s.work(handle) })
	}
	return nil
}

func (b *JetStream) subscribe(ctx context.Context, s *subscription) error {
	c, err := b.js.CreateOrUpdateConsumer(ctx, streamName, jetstream.ConsumerConfig{
		Durable: s.queue, FilterSubject: subject + s.queue, AckPolicy: jetstream.AckExplicitPolicy,
		AckWait: ackWait, MaxAckPending: 4 * s.workers,
	})
	if err != nil {
		return fmt.Errorf("notifier: consumer %s: %w", s.queue, err)
	}
	pull, err := c.Consume(func(m jetstream.Msg) {
		select {
		case s.jobs <- m:
		case <-s.ctx.Done():
		}
	}, jetstream.PullMaxMessages(2*s.workers))
	if err != nil {
		return fmt.Errorf("notifier: consume %s: %w", s.queue, err)
	}
	if s.pull != nil {
		s.pull.Stop()
	}
	s.pull = pull
	return nil
}

func (s *subscription) work(handle func(context.Context, string) error) {
	for {
		select {
		case <-s.ctx.Done():
			return
		case m := <-s.jobs:
			if err := handle(s.ctx, string(m.Data())); err != nil {
				if s.ctx.Err() == nil {
					slog.Error("a message comes again", "err", err)
				}
				// Without an answer the bus brings it again by itself.
				_ = m.NakWithDelay(comesAgain)
				continue
			}
			crash.Point("before acknowledge", s.queue)
			// A lost acknowledgement costs one more look at the ledger.
			_ = m.Ack()
			crash.Point("after acknowledge", s.queue)
		}
	}
}

// heal makes a stream and consumers anew that have vanished.
func (b *JetStream) heal(ctx context.Context) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.ensure(ctx); err != nil {
		return err
	}
	for _, s := range b.subs {
		_, err := b.js.Consumer(ctx, streamName, s.queue)
		if errors.Is(err, jetstream.ErrConsumerNotFound) {
			slog.Warn("the bus lost a consumer; it is made anew", "queue", s.queue)
			err = b.subscribe(ctx, s)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// remake gives up a stream that answers and keeps nothing, as when its files
// were deleted under the server. What was in it comes again from SQL.
func (b *JetStream) remake(ctx context.Context) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	s, err := b.js.Stream(ctx, streamName)
	if err != nil {
		return fmt.Errorf("notifier: stream: %w", err)
	}
	slog.Error("the bus keeps nothing it is given; the stream is made anew", "stream", streamName)
	if err := b.js.DeleteStream(ctx, streamName); err != nil {
		return fmt.Errorf("notifier: delete stream: %w", err)
	}
	if _, err := b.js.CreateStream(ctx, s.CachedInfo().Config); err != nil {
		return fmt.Errorf("notifier: stream: %w", err)
	}
	for _, s := range b.subs {
		if err := b.subscribe(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

// watch heals the bus when nothing is published that would notice the loss.
func (b *JetStream) watch(ctx context.Context) {
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if err := b.heal(ctx); err != nil && ctx.Err() == nil {
				slog.Error("the bus is not whole", "err", err)
			}
		}
	}
}

// Close stops the consumers, waits for the workers and stops an embedded server.
func (b *JetStream) Close() error {
	if b.stop != nil {
		b.stop()
	}
	b.mu.Lock()
	for _, s := range b.subs {
		s.cancel()
		if s.pull != nil {
			s.pull.Stop()
		}
	}
	b.mu.Unlock()
	b.wg.Wait()
	if b.js != nil {
		b.js.CleanupPublisher()
	}
	if b.nc != nil {
		b.nc.Close()
	}
	if b.srv != nil {
		b.srv.Shutdown()
		b.srv.WaitForShutdown()
	}
	return nil
}
