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
)

// Post is one delivery as the bus carries it: only its key. The content stays
// in SQL, so a bus that loses, doubles or reorders messages loses nothing.
type Post struct {
	Queue string // channel name
	Key   string // delivery key
	ID    string // the same for the same round of the same delivery: the bus drops repeats
}

// Bus brings posts from the relay to the workers of a channel.
type Bus interface {
	// Publish returns when the bus has all posts, or with an error when that is not sure.
	Publish(ctx context.Context, posts []Post) error
	// Consume hands the posts of a queue to handle, several at once; a post
	// whose handle fails comes again. It returns at once.
	Consume(ctx context.Context, queue string, workers int, handle func(context.Context, string) error) error
	// Close waits for running handles.
	Close() error
}

// JetStream is the bus of the house: embedded by default, or a NATS outside.
type JetStream struct {
	srv      *server.Server
	nc       *nats.Conn
	js       jetstream.JetStream
	mu       sync.Mutex
	consumes []jetstream.ConsumeContext
	wg       sync.WaitGroup
}

const (
	streamName = "DUBAN_OUT"
	subject    = "duban.out."
	ackWait    = 90 * time.Second // longer than any one attempt
	duplicates = time.Hour
)

// OpenEmbedded runs a NATS server inside the process, with its files in dir.
// Its stream is made anew at every start, and it does not wait for the disk:
// SQL holds the truth and publishes again whatever has no outcome.
func OpenEmbedded(ctx context.Context, dir string) (*JetStream, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("notifier: jetstream folder: %w", err)
	}
	srv, err := server.NewServer(&server.Options{ServerName: "duban", DontListen: true, JetStream: true, StoreDir: dir, NoSigs: true, NoLog: true})
	if err != nil {
		return nil, fmt.Errorf("notifier: embedded nats: %w", err)
	}
	srv.Start()
	if !srv.ReadyForConnections(10 * time.Second) {
		srv.Shutdown()
		return nil, errors.New("notifier: embedded nats did not get ready in 10 s")
	}
	nc, err := nats.Connect("", nats.InProcessServer(srv))
	if err != nil {
		srv.Shutdown()
		return nil, fmt.Errorf("notifier: embedded nats: %w", err)
	}
	b := &JetStream{srv: srv, nc: nc}
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
	b := &JetStream{nc: nc}
	if err := b.open(ctx, false); err != nil {
		return nil, errors.Join(err, b.Close())
	}
	return b, nil
}

func (b *JetStream) open(ctx context.Context, fresh bool) error {
	js, err := jetstream.New(b.nc, jetstream.WithPublishAsyncMaxPending(1000))
	if err != nil {
		return fmt.Errorf("notifier: jetstream: %w", err)
	}
	b.js = js
	if fresh {
		if err := js.DeleteStream(ctx, streamName); err != nil && !errors.Is(err, jetstream.ErrStreamNotFound) {
			return fmt.Errorf("notifier: clear stream: %w", err)
		}
	}
	return b.ensure(ctx)
}

func (b *JetStream) ensure(ctx context.Context) error {
	_, err := b.js.CreateOrUpdateStream(ctx, jetstream.StreamConfig{
		Name: streamName, Subjects: []string{subject + ">"}, Retention: jetstream.WorkQueuePolicy,
		Storage: jetstream.FileStorage, Duplicates: duplicates, Discard: jetstream.DiscardNew, MaxBytes: 256 << 20,
	})
	if err != nil {
		return fmt.Errorf("notifier: stream: %w", err)
	}
	return nil
}

// Publish sends all posts and waits for the acknowledgement of each.
func (b *JetStream) Publish(ctx context.Context, posts []Post) error {
	acks := make([]jetstream.PubAckFuture, len(posts))
	for i, p := range posts {
		var err error
		if acks[i], err = b.js.PublishAsync(subject+p.Queue, []byte(p.Key), jetstream.WithMsgID(p.ID)); err != nil {
			return b.mend(ctx, err)
		}
	}
	limit := time.NewTimer(30 * time.Second)
	defer limit.Stop()
	for _, a := range acks {
		select {
		case <-a.Ok():
		case err := <-a.Err():
			return b.mend(ctx, err)
		case <-limit.C:
			return errors.New("no acknowledgement within 30 s")
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// mend makes a stream that has vanished (its folder was deleted) anew.
func (b *JetStream) mend(ctx context.Context, cause error) error {
	return errors.Join(cause, b.ensure(ctx))
}

// Consume starts workers on a queue. When the stream vanishes under them they
// are set up again.
func (b *JetStream) Consume(ctx context.Context, queue string, workers int, handle func(context.Context, string) error) error {
	jobs := make(chan jetstream.Msg)
	start := func() error {
		c, err := b.js.CreateOrUpdateConsumer(ctx, streamName, jetstream.ConsumerConfig{
			Durable: queue, FilterSubject: subject + queue, AckPolicy: jetstream.AckExplicitPolicy,
			AckWait: ackWait, MaxAckPending: 4 * workers,
		})
		if err != nil {
			return err
		}
		cc, err := c.Consume(func(m jetstream.Msg) {
			select {
			case jobs <- m:
			case <-ctx.Done():
			}
		}, jetstream.PullMaxMessages(2*workers))
		if err == nil {
			b.mu.Lock()
			b.consumes = append(b.consumes, cc)
			b.mu.Unlock()
		}
		return err
	}
	if err := start(); err != nil {
		return err
	}
	for range workers {
		b.wg.Go(func() { work(ctx, jobs, handle) })
	}
	b.wg.Go(func() { b.watch(ctx, queue, start) })
	return nil
}

func work(ctx context.Context, jobs <-chan jetstream.Msg, handle func(context.Context, string) error) {
	for {
		select {
		case <-ctx.Done():
			return
		case m := <-jobs:
			if err := handle(ctx, string(m.Data())); err != nil {
				if ctx.Err() == nil {
					slog.Error("a message comes again", "err", err)
				}
				// Without an answer the bus brings it again by itself.
				_ = m.NakWithDelay(5 * time.Second)
				continue
			}
			// A lost acknowledgement costs one more look at the ledger.
			_ = m.Ack()
		}
	}
}

// watch sets a consumer up again that has vanished with its stream.
func (b *JetStream) watch(ctx context.Context, queue string, start func() error) {
	tick := time.NewTicker(5 * time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			_, err := b.js.Consumer(ctx, streamName, queue)
			if errors.Is(err, jetstream.ErrConsumerNotFound) || errors.Is(err, jetstream.ErrStreamNotFound) {
				slog.Warn("the bus lost its stream; it is made anew", "queue", queue)
				if err := errors.Join(b.ensure(ctx), start()); err != nil && ctx.Err() == nil {
					slog.Error("the bus is not back yet", "err", err)
				}
			}
		}
	}
}

// Close stops the consumers, waits for the workers (their context must have
// ended) and stops an embedded server.
func (b *JetStream) Close() error {
	b.mu.Lock()
	for _, c := range b.consumes {
		c.Stop()
	}
	b.mu.Unlock()
	b.wg.Wait()
	b.nc.Close()
	if b.srv != nil {
		b.srv.Shutdown()
		b.srv.WaitForShutdown()
	}
	return nil
}
