package notifier_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"duban/engine/store"
	"duban/notifier/postbox"
)

// got lists what arrived for a mail address (before the @) or a robot, each
// delivery once: "03-15 09:00:00".
func (h *house) got(receiver string) []string {
	h.t.Helper()
	var out []string
	for _, a := range h.arrivals() {
		if to, _, _ := strings.Cut(a.To, "@"); to == receiver {
			out = append(out, a.At.Format("01-02 15:04:05"))
		}
	}
	return out
}

// arrivals are the copies that arrived, in the order of time; a copy that
// carries several notices is one.
func (h *house) arrivals() []postbox.Arrival {
	h.t.Helper()
	all, err := h.box.Notices(h.ctx, "")
	if err != nil {
		h.t.Fatal(err)
	}
	type copyOf struct {
		key, to string
		nth     int
	}
	seen := map[copyOf]postbox.Arrival{}
	for _, id := range slices.Sorted(maps.Keys(all)) {
		times := map[string]int{}
		for _, a := range all[id] {
			seen[copyOf{a.Key, a.To, times[a.Key]}] = a
			times[a.Key]++
		}
	}
	return slices.SortedFunc(maps.Values(seen), func(a, b postbox.Arrival) int {
		if c := a.At.Compare(b.At); c != 0 {
			return c
		}
		return strings.Compare(a.To+a.Key, b.To+b.Key)
	})
}

// deliveries are those in a state, oldest first.
func (h *house) deliveries(state string) []store.Delivery {
	h.t.Helper()
	all, err := h.db.Deliveries(h.ctx, state, 100_000)
	if err != nil {
		h.t.Fatal(err)
	}
	slices.Reverse(all)
	return all
}

// ledger is what is written of a delivery: "09:00:00 temporary 451".
func (h *house) ledger(key string) []string {
	h.t.Helper()
	rows, err := h.db.Ledger(h.ctx, key)
	if err != nil {
		h.t.Fatal(err)
	}
	var out []string
	for _, r := range rows {
		when := time.UnixMilli(r.At).In(h.cal.Location()).Format("15:04:05")
		out = append(out, strings.TrimSpace(fmt.Sprint(when, " ", r.Class, " ", r.Code)))
	}
	return out
}

// notices are those of a delivery.
func (h *house) notices(key string) []store.Notice {
	h.t.Helper()
	_, out, err := h.db.DeliveryWithNotices(h.ctx, key)
	if err != nil {
		h.t.Fatal(err)
	}
	return out
}

func (h *house) tally(q store.Question) map[string]int {
	h.t.Helper()
	out, err := h.db.Tally(h.ctx, q)
	if err != nil {
		h.t.Fatal(err)
	}
	return out
}

// audit checks that every notice said to be sent arrived, and every message once.
func (h *house) audit() {
	h.t.Helper()
	all, err := h.box.Notices(h.ctx, "")
	if err != nil {
		h.t.Fatal(err)
	}
	arrived := map[string]int{}
	for key, list := range all {
		id, _, _ := strings.Cut(key, " ")
		arrived[id] += len(list)
	}
	sent := 0
	for _, d := range h.deliveries("sent") {
		for _, no := range h.notices(d.Key) {
			if no.State != "sent" {
				continue
			}
			sent++
			if arrived[no.ID] != 1 {
				h.t.Errorf("notice %s of %s arrived %d times", no.ID, d.Key, arrived[no.ID])
			}
			delete(arrived, no.ID)
		}
	}
	if sent == 0 {
		h.t.Error("nothing was sent at all")
	}
	for id, n := range arrived {
		h.t.Errorf("notice %s arrived %d times and is not in the books as sent", id, n)
	}
	if n, err := h.box.Violations(h.ctx); err != nil || n > 0 {
		h.t.Errorf("%d posts broke the robots' limit (%v)", n, err)
	}
}

func same(t *testing.T, what string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: got %q, want %q", what, got, want)
	}
}

// inOrder checks that words stand in a text, one behind the other.
func inOrder(t *testing.T, text string, words ...string) {
	t.Helper()
	rest := text
	for _, w := range words {
		_, after, ok := strings.Cut(rest, w)
		if !ok {
			t.Errorf("%q is missing or out of order in:\n%s", w, text)
			return
		}
		rest = after
	}
}
