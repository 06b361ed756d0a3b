package notifier_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"duban/notifier"
)

// TestTheFolderOfAnOutsideBusIsDeleted: the files of the stream go away under
// the running server, or while it is stopped and comes back without them.
func TestTheFolderOfAnOutsideBusIsDeleted(t *testing.T) {
	t.Parallel()
	for _, running := range []bool{true, false} {
		t.Run(fmt.Sprint("running ", running), func(t *testing.T) {
			t.Parallel()
			files := t.TempDir()
			srv := serverAt(t, files, server.RANDOM_PORT)
			h := newHouse(t, "2023-03-01 09:00", func(h *house) {
				h.openBus = func() (notifier.Bus, error) {
					b, err := notifier.OpenOutside(context.Background(), srv.ClientURL())
					if err == nil {
						b.SetLimit(2 * time.Second)
					}
					return b, err
				}
				h.stall = 2 * time.Second
			})
			port := srv.Addr().(*net.TCPAddr).Port
			h.issueEverywhere()
			var wipe sync.Once
			h.mail.before = func(notifier.Message) {
				wipe.Do(func() {
					if !running {
						srv.Shutdown()
						srv.WaitForShutdown()
					}
					if err := os.RemoveAll(filepath.Join(files, "jetstream")); err != nil {
						t.Error(err)
					}
					if !running {
						srv = serverAt(t, files, port)
					}
				})
			}
			h.flush()
			h.clock.set(at(t, "2023-03-02 09:00"))
			h.matter("科技处", "报送科研统计", "2023-06-30")
			h.flush()
			h.expectAllOnce()
		})
	}
}
