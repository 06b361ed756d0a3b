package notifier_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"duban/engine"
	"duban/notifier"
)

// rough is a bus that loses, doubles and shuffles what it is given, as far as
// it is told to. Like any bus it swears that it has everything.
type rough struct {
	notifier.Bus
	lose, double float64

	mu   sync.Mutex
	dice *rand.Rand
}

func newRough(lose, double float64) *rough {
	return &rough{Bus: notifier.NewMemory(), lose: lose, double: double, dice: rand.New(rand.NewPCG(1, 2))}
}

func (b *rough) Publish(ctx context.Context, posts []notifier.Post) error {
	b.mu.Lock()
	var out []notifier.Post
	for _, p := range posts {
		if b.dice.Float64() < b.lose {
			continue
		}
		out = append(out, p)
		if b.dice.Float64() < b.double {
			out = append(out, p)
		}
	}
	b.dice.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	b.mu.Unlock()
	return b.Bus.Publish(ctx, out)
}

// issueEverywhere gives twenty units of the college two matters each.
func (h *house) issueEverywhere() {
	h.t.Helper()
	var all []engine.Facts
	for i, u := range h.org.Units[:20] {
		for j := range 2 {
			all = append(all, h.facts(u.Name, fmt.Sprintf("事项%d之%d", i, j), "2023-06-30"))
		}
	}
	h.matters(all...)
}

func TestABusThatDoublesAndShuffles(t *testing.T) {
	t.Parallel()
	for _, double := range []float64{0.1, 1} {
		t.Run(fmt.Sprint(double), func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, "2023-03-01 09:00", func(h *house) {
				h.openBus = func() (notifier.Bus, error) { return newRough(0, double), nil }
			})
			h.issueEverywhere()
			h.flush()
			h.expectAllOnce()
		})
	}
}

// expectAllOnce: everything planned was sent, with one attempt.
func (h *house) expectAllOnce() {
	h.t.Helper()
	all, sent := h.deliveries(""), h.deliveries("sent")
	if len(all) != len(sent) || len(all) == 0 {
		h.t.Errorf("%d of %d deliveries sent", len(sent), len(all))
	}
	for _, d := range sent {
		if l := h.ledger(d.Key); len(l) != 1 {
			h.t.Errorf("%s took the attempts %q", d.Key, l)
		}
	}
	h.audit()
}

// TestADoubleDoesNotShortenTheBackOff: the second copy of a message that just
// failed is not its second attempt.
func TestADoubleDoesNotShortenTheBackOff(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "2023-03-01 09:00", func(h *house) {
		h.openBus = func() (notifier.Bus, error) { return newRough(0, 1), nil }
		h.options.MailWorkers = 1 // so that one copy comes after the other
	})
	h.busy(2)
	h.matter("科技处", "修订科研办法", "2023-06-30")
	h.flush()
	h.settled()
	if n := len(h.mail.messages()); n != 2 {
		t.Errorf("%d attempts for two mails before the back-off was over", n)
	}
	h.later(30 * time.Second)
	h.settled()
	if n := len(h.mail.messages()); n != 4 {
		t.Errorf("%d attempts in all, want 4", n)
	}
	h.audit()
}

// settled closes the bus, so that no copy is left on it, and begins anew.
func (h *house) settled() {
	h.t.Helper()
	time.Sleep(50 * time.Millisecond) // the copies that are left have nothing to wait for
	h.halt()
	h.start()
}

func TestABusThatLoses(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "2023-03-01 09:00", func(h *house) {
		h.openBus = func() (notifier.Bus, error) { return newRough(0.3, 0.1), nil }
		h.stall = 200 * time.Millisecond
	})
	h.issueEverywhere()
	h.flush()
	h.expectAllOnce()
}

// deaf is a bus that takes everything and brings nothing.
type deaf struct{}

func (deaf) Publish(context.Context, []notifier.Post) error { return nil }
func (deaf) Consume(context.Context, string, int, func(context.Context, string) error) error {
	return nil
}
func (deaf) Close() error { return nil }

// TestAProcessThatDiesBetweenPublishingAndRecording: the next one sends it,
// under the same key.
func TestAProcessThatDiesBetweenPublishingAndRecording(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "2023-03-01 09:00", func(h *house) {
		h.openBus = func() (notifier.Bus, error) { return deaf{}, nil }
	})
	h.matter("教务处", "修订教学办法", "2023-06-30")
	ctx, cancel := context.WithTimeout(h.ctx, 200*time.Millisecond)
	defer cancel()
	if err := h.n.Flush(ctx); err == nil {
		t.Error("Flush says that all is done")
	}
	var keys []string
	for _, d := range h.deliveries("pending") {
		if d.Published == 0 {
			t.Errorf("%s is not on the bus", d.Key)
		}
		keys = append(keys, d.Key)
	}
	h.halt()
	h.openBus = func() (notifier.Bus, error) { return notifier.NewMemory(), nil }
	h.start()
	h.flush()
	var sent []string
	for _, m := range append(h.mail.messages(), h.robots.messages()...) {
		sent = append(sent, m.Key)
	}
	slices.Sort(keys)
	slices.Sort(sent)
	same(t, "keys", sent, keys)
	h.expectAllOnce()
}

// TestTheEmbeddedBusFolderDisappears: nothing is lost, whether the process runs
// or not.
func TestTheEmbeddedBusFolderDisappears(t *testing.T) {
	t.Parallel()
	for _, running := range []bool{true, false} {
		t.Run(fmt.Sprint("running ", running), func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, "2023-03-01 09:00", func(h *house) {
				h.openBus = func() (notifier.Bus, error) {
					return notifier.OpenEmbedded(context.Background(), filepath.Join(h.dir, "jetstream"))
				}
				h.stall = 2 * time.Second
			})
			folder := filepath.Join(h.dir, "jetstream")
			h.issueEverywhere()
			var once sync.Once
			started := make(chan struct{})
			h.mail.before = func(notifier.Message) { once.Do(func() { close(started) }) }
			flushed := make(chan error, 1)
			ctx, cancel := context.WithCancel(h.ctx)
			defer cancel()
			go func() { flushed <- h.n.Flush(ctx) }()
			<-started // some are sent, most are on the bus
			if !running {
				cancel()
				<-flushed
				h.halt()
			}
			if err := os.RemoveAll(folder); err != nil {
				t.Fatal(err)
			}
			if !running {
				h.start()
				h.flush()
			} else if err := <-flushed; err != nil {
				t.Fatal(err)
			}
			h.clock.set(at(t, "2023-03-02 09:00"))
			h.matter("科技处", "报送科研统计", "2023-06-30")
			h.flush()
			h.expectAllOnce()
		})
	}
}

// outside runs a NATS server as an operator would, with its files in a folder.
func outside(t *testing.T, dir string) (url string) {
	t.Helper()
	return serverAt(t, dir, server.RANDOM_PORT).ClientURL()
}

func serverAt(t *testing.T, dir string, port int) *server.Server {
	t.Helper()
	srv, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: port, JetStream: true, StoreDir: dir, NoSigs: true, NoLog: true})
	if err != nil {
		t.Fatal(err)
	}
	srv.Start()
	if !srv.ReadyForConnections(10 * time.Second) {
		t.Fatal("the server did not get ready")
	}
	t.Cleanup(func() {
		srv.Shutdown()
		srv.WaitForShutdown()
	})
	return srv
}

// TestAnOutsideStreamIsDeletedWhileRunning: the operator wipes the stream with
// most of the morning's messages in it.
func TestAnOutsideStreamIsDeletedWhileRunning(t *testing.T) {
	t.Parallel()
	url := outside(t, t.TempDir())
	h := newHouse(t, "2023-03-01 09:00", func(h *house) {
		h.openBus = func() (notifier.Bus, error) { return notifier.OpenOutside(context.Background(), url) }
		h.stall = 300 * time.Millisecond
	})
	nc, err := nats.Connect(url)
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	h.issueEverywhere()
	var wipe sync.Once
	h.mail.before = func(notifier.Message) {
		wipe.Do(func() {
			if err := js.DeleteStream(context.Background(), "DUBAN_OUT"); err != nil {
				t.Error(err)
			}
		})
	}
	h.flush()
	h.expectAllOnce()
}

// TestTheBusTakesAPostAgainThatItHasForgotten: an id that JetStream remembers is
// no reason to leave the post out when the stream no longer has it.
func TestTheBusTakesAPostAgainThatItHasForgotten(t *testing.T) {
	t.Parallel()
	b, err := notifier.OpenEmbedded(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	got := make(chan string, 10)
	post := []notifier.Post{{Queue: "mail", Key: "k", ID: "k#1"}}
	if err := b.Publish(t.Context(), append(post, post...)); err != nil { // a repeat while it is there
		t.Fatal(err)
	}
	if err := b.Consume(t.Context(), "mail", 2, func(_ context.Context, key string) error { got <- key; return nil }); err != nil {
		t.Fatal(err)
	}
	arrives(t, got, "k")
	for deadline := time.Now().Add(10 * time.Second); len(got) == 0 && time.Now().Before(deadline); {
		if err := b.Publish(t.Context(), post); err != nil { // the acknowledgement may be under way still
			t.Fatal(err)
		}
		time.Sleep(20 * time.Millisecond)
	}
	arrives(t, got, "k")
}

func arrives(t *testing.T, got <-chan string, want string) {
	t.Helper()
	select {
	case key := <-got:
		if key != want {
			t.Errorf("got %q, want %q", key, want)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("nothing arrived")
	}
}

// TestABusHandsOverAndStops holds both buses to the same behaviour.
func TestABusHandsOverAndStops(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	buses := map[string]func() (notifier.Bus, error){
		"memory":   func() (notifier.Bus, error) { return notifier.NewMemory(), nil },
		"embedded": func() (notifier.Bus, error) { return notifier.OpenEmbedded(context.Background(), folder) },
	}
	for name, open := range buses {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, err := open()
			if err != nil {
				t.Fatal(err)
			}
			var mu sync.Mutex
			seen := map[string]int{}
			done, release := make(chan string, 300), make(chan struct{})
			handle := func(_ context.Context, key string) error {
				mu.Lock()
				seen[key]++
				n := seen[key]
				mu.Unlock()
				if key == "again" && n == 1 {
					return fmt.Errorf("not yet")
				}
				if key == "slow" {
					done <- key
					<-release
				}
				done <- key
				return nil
			}
			if err := b.Consume(context.Background(), "mail", 3, handle); err != nil {
				t.Fatal(err)
			}
			posts := []notifier.Post{{Queue: "mail", Key: "again", ID: "again"}, {Queue: "wecom", Key: "elsewhere", ID: "elsewhere"}}
			for i := range 100 {
				posts = append(posts, notifier.Post{Queue: "mail", Key: fmt.Sprint(i), ID: fmt.Sprint(i)})
			}
			if err := b.Publish(t.Context(), posts); err != nil {
				t.Fatal(err)
			}
			for range 101 { // "again" comes last, some seconds later
				select {
				case <-done:
				case <-time.After(20 * time.Second):
					t.Fatalf("only %d arrived", len(seen))
				}
			}
			if seen["again"] != 2 || seen["elsewhere"] != 0 || seen["7"] != 1 {
				t.Errorf("seen %v", seen)
			}
			if err := b.Publish(t.Context(), []notifier.Post{{Queue: "mail", Key: "slow", ID: "slow"}}); err != nil {
				t.Fatal(err)
			}
			arrives(t, done, "slow")
			time.AfterFunc(50*time.Millisecond, func() { close(release) })
			if err := b.Close(); err != nil {
				t.Fatal(err)
			}
			select {
			case <-done: // Close waited for it
			default:
				t.Error("Close did not wait for a running handle")
			}
			if err := b.Publish(t.Context(), posts); err == nil {
				t.Error("a closed bus takes posts")
			}
		})
	}
}
