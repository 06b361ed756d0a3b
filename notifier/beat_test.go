package notifier_test

import (
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"duban/notifier"
)

func TestAnOutsideNATSHearsTheHeartbeat(t *testing.T) {
	t.Parallel()
	url := outside(t, t.TempDir())
	listener, err := nats.Connect(url)
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	heard, err := listener.SubscribeSync("duban.heartbeat")
	if err != nil {
		t.Fatal(err)
	}
	if err := listener.Flush(); err != nil {
		t.Fatal(err)
	}
	bus, err := notifier.OpenOutside(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	if err := bus.Beat(t.Context()); err != nil {
		t.Fatal(err)
	}
	if m, err := heard.NextMsg(10 * time.Second); err != nil || string(m.Data) != "ok" {
		t.Errorf("heard %v: %v", m, err)
	}
	if err := bus.Close(); err != nil {
		t.Fatal(err)
	}
	if err := bus.Beat(t.Context()); err == nil {
		t.Error("a heartbeat over a closed connection")
	}
}
