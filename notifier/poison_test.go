package notifier_test

import (
	"context"
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"duban/engine/store"
	"duban/notifier"
	"duban/notifier/text"
)

// heldBack lets nothing through to either channel until it is told to.
func heldBack(h *house) (letGo func()) {
	var free atomic.Bool
	wait := func(context.Context, notifier.Message) (notifier.Result, bool) {
		return notifier.Result{Class: notifier.Temporary, Words: "稍后"}, !free.Load()
	}
	h.mail.instead, h.robots.instead = wait, wait
	return func() { free.Store(true) }
}

// onJetStream puts the real bus of the house in.
func onJetStream(h *house) {
	h.openBus = func() (notifier.Bus, error) {
		return notifier.OpenEmbedded(context.Background(), filepath.Join(h.dir, "jetstream"))
	}
}

// TestPoisonAmongAMorningsMessages: rows that cannot be read, keys that nobody
// knows, words that panic and a body of a megabyte. Each ends where a person
// sees it, and everybody else hears what was for him.
func TestPoisonAmongAMorningsMessages(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "2023-03-01 09:00", onJetStream)
	letGo := heldBack(h)
	h.n.SetLetter(func(d text.Digest) (string, string, string) {
		if d.Name == "于洋" {
			panic("no such field")
		}
		return text.Mail(d)
	})
	h.issueEverywhere()
	h.matter("科技处", "修订科研办法", "2023-06-30") // its liaison is 于洋
	h.flush()
	all := h.deliveries("pending")
	mails := slices.DeleteFunc(slices.Clone(all), func(d store.Delivery) bool { return d.Channel != "mail" })
	posts := slices.DeleteFunc(slices.Clone(all), func(d store.Delivery) bool { return d.Channel != "wecom" })
	if len(mails) < 10 || len(posts) < 3 {
		t.Fatalf("%d mails and %d posts: too quiet a morning", len(mails), len(posts))
	}
	unread := []string{`{"key":`, `[1,2]`, `"text"`, `null`, `{}`, "\x00\xff"}
	for i, message := range unread {
		h.spoil(mails[i], func(*notifier.Message) string { return message })
	}
	h.spoil(posts[0], func(*notifier.Message) string { return `{"to":7}` })
	mib := strings.Repeat("重", 1<<20/3)
	h.spoil(mails[6], func(m *notifier.Message) string { m.Text, m.HTML = mib, "<p>"+mib+"</p>"; return encoded(t, m) })
	h.spoil(posts[1], func(m *notifier.Message) string { m.Text = mib; return encoded(t, m) })
	stray := []notifier.Post{{Queue: "mail", Key: "nobody-knows-me", ID: "1"}, {Queue: "mail", ID: "2"}, {Queue: "wecom", Key: mib[:300_000], ID: "3"}}
	if err := h.bus.Publish(t.Context(), stray); err != nil {
		t.Fatal(err)
	}
	letGo()
	h.goOn("2023-03-01 10:00")

	want := map[string]string{posts[0].Key: "dropped", posts[1].Key: "dropped"} // what a robot cannot carry goes by mail
	for i := range unread {
		want[mails[i].Key] = "dead"
	}
	for _, d := range all {
		state := want[d.Key]
		if state == "" {
			state = "sent"
		}
		h.expectState(d.Key, state)
	}
	if dead := h.deliveries("dead"); len(dead) != len(unread)+1 { // and the one that could not be worded
		t.Errorf("%d dead letters, want %d", len(dead), len(unread)+1)
	}
	if left := h.deliveries("pending"); len(left) > 0 {
		t.Errorf("%d deliveries hang", len(left))
	}
	if n := h.tally(store.ByNoticeState); n["waiting"]+n["planned"] > 0 {
		t.Errorf("notices without an end: %v", n)
	}
	h.audit()
}

// spoil writes another message into a delivery.
func (h *house) spoil(d store.Delivery, message func(*notifier.Message) string) {
	h.t.Helper()
	var m notifier.Message
	if err := json.Unmarshal([]byte(d.Message), &m); err != nil {
		h.t.Fatal(err)
	}
	h.write(func(tx *store.Tx) error { return tx.SetMessage(d.Key, message(&m)) })
}

func encoded(t *testing.T, m *notifier.Message) string {
	t.Helper()
	body, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// expectState: the delivery ended so, and if badly the ledger has the words for it.
func (h *house) expectState(key, state string) {
	h.t.Helper()
	d, _, err := h.db.DeliveryWithNotices(h.ctx, key)
	if err != nil {
		h.t.Fatal(err)
	}
	rows, err := h.db.Ledger(h.ctx, key)
	if err != nil || len(rows) == 0 {
		h.t.Fatalf("%s has no ledger (%v)", key, err)
	}
	last := rows[len(rows)-1]
	if d.State != state || state != "sent" && last.Words == "" {
		h.t.Errorf("%s to %s is %s, want %s; the ledger ends with %+v", key, d.Person, d.State, state, last)
	}
}

// TestAHeadingOfAMegabyte: a duty pasted with the whole document in it reaches
// its people, in a group by the group's measure.
func TestAHeadingOfAMegabyte(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "2023-03-01 09:00", onJetStream)
	h.matter("教务处", strings.Repeat("长", 1<<20/3), "2023-06-30")
	h.matter("科技处", "修订科研办法", "2023-06-30")
	h.goOn("2023-03-01 10:00")
	same(t, "head", h.got("han.xue"), []string{"03-01 09:00:00"})
	same(t, "another unit's liaison", h.got("yu.yang"), []string{"03-01 09:00:00"})
	if bad := append(h.deliveries("dead"), h.deliveries("pending")...); len(bad) > 0 {
		t.Errorf("not delivered: %+v", bad[0].Key)
	}
	if n := h.tally(store.ByNoticeState); n["sent"] != 4 {
		t.Errorf("notices: %v, want 4 sent", n)
	}
	h.audit()
}
