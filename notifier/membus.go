package notifier

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"
)

// comesAgain is how long a bus rests a post whose handle failed.
const comesAgain = 5 * time.Second

// Memory is a bus inside the process, without a server. It forgets everything
// with the process, which costs nothing: SQL knows what has no outcome. It uses
// no network and so runs on a fake clock.
type Memory struct {
	mu     sync.Mutex
	queues map[string]*lane
	stops  []context.CancelFunc
	closed bool
	wg     sync.WaitGroup
}

// lane is the posts of one queue, first in, first out.
type lane struct {
	keys []string
	bell chan struct{} // rung when keys has something
}

// NewMemory gives an empty bus.
func NewMemory() *Memory { return &Memory{queues: map[string]*lane{}} }

var errClosed = errors.New("notifier: the bus is closed")

// Publish puts the posts into their queues.
func (b *Memory) Publish(_ context.Context, posts []Post) error {
	for _, p := range posts {
		if err := b.put(p.Queue, p.Key); err != nil {
			return err
		}
	}
	return nil
}

func (b *Memory) put(queue, key string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return errClosed
	}
	l := b.lane(queue)
	l.keys = append(l.keys, key)
	l.ring()
	return nil
}

func (b *Memory) lane(queue string) *lane {
	l := b.queues[queue]
	if l == nil {
		l = &lane{bell: make(chan struct{}, 1)}
		b.queues[queue] = l
	}
	return l
}

func (l *lane) ring() {
	select {
	case l.bell <- struct{}{}:
	default:
	}
}

// take hands out the first post; a rest rings for the next worker.
func (b *Memory) take(l *lane) (key string, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(l.keys) == 0 {
		return "", false
	}
	key, l.keys = l.keys[0], l.keys[1:]
	if len(l.keys) > 0 {
		l.ring()
	}
	return key, true
}

// Consume starts workers on a queue.
func (b *Memory) Consume(ctx context.Context, queue string, workers int, handle func(context.Context, string) error) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return errClosed
	}
	ctx, stop := context.WithCancel(ctx)
	b.stops = append(b.stops, stop)
	l := b.lane(queue)
	for range workers {
		b.wg.Go(func() { b.work(ctx, queue, l, handle) })
	}
	return nil
}

func (b *Memory) work(ctx context.Context, queue string, l *lane, handle func(context.Context, string) error) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-l.bell:
		}
		for key, ok := b.take(l); ok && ctx.Err() == nil; key, ok = b.take(l) {
			err := handle(ctx, key)
			if err == nil || ctx.Err() != nil {
				continue
			}
			slog.Error("a message comes again", "err", err)
			// A bus that has been closed meanwhile has no use for it.
			time.AfterFunc(comesAgain, func() { _ = b.put(queue, key) })
		}
	}
}

// Close stops the workers and waits for them.
func (b *Memory) Close() error {
	b.mu.Lock()
	b.closed = true
	for _, stop := range b.stops {
		stop()
	}
	b.mu.Unlock()
	b.wg.Wait()
	return nil
}
