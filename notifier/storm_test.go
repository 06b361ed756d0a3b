package notifier_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"duban/engine"
	"duban/engine/store"
	"duban/notifier/postbox"
)

// storm issues ten matters, each with a head, a liaison and 198 cooperating
// liaisons: 2,000 notices at once for 210 people.
func (h *house) storm() {
	h.t.Helper()
	var all []engine.Facts
	for i := range 10 {
		f := h.facts(unitName(i), fmt.Sprintf("事项%d", i), "2023-06-30")
		for j := range 200 {
			if j != i && j != i+100 {
				f.Coop = append(f.Coop, unitName(j))
			}
		}
		all = append(all, f)
	}
	h.matters(all...)
}

// TestAStormIsOneMailAPerson: an import that makes 2,000 notices due at once.
func TestAStormIsOneMailAPerson(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "2023-03-01 09:00", func(h *house) { h.org = province(h.t, 200) })
	h.storm()
	h.flush()
	people := map[string]bool{}
	for _, a := range h.arrivals() {
		people[a.To] = true
	}
	if mails, _, _ := h.box.Received(h.ctx); mails != len(people) || mails != 210 {
		t.Errorf("2,000 notices for 200 liaisons and 10 heads made %d mails to %d people", mails, len(people))
	}
	if n := h.tally(store.ByNoticeState)["sent"]; n != 2000 {
		t.Errorf("%d notices sent, want 2,000", n)
	}
	h.audit()
}

// TestAnAfternoonOfCancellationsIsSpaced: after the storm the office withdraws
// one matter a minute, over JetStream, with a restart in between. Nobody gets two
// prompt mails within ten minutes; everybody hears of everything that concerned
// him; what a leader instructs waits for nothing.
func TestAnAfternoonOfCancellationsIsSpaced(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "2023-03-01 09:00", func(h *house) { h.org = province(h.t, 40) }, onJetStream)
	var all []engine.Facts
	for i := range 50 { // ten each for the same five units
		all = append(all, h.facts(unitName(i%5), fmt.Sprintf("事项%d", i), "2023-06-30"))
	}
	h.matters(all...)
	h.flush()
	begun, err := h.db.Instances(h.ctx, store.Filter{})
	if err != nil || len(begun) != 50 {
		t.Fatalf("%d matters (%v)", len(begun), err)
	}
	morning := len(h.arrivals())
	h.goOn("2023-03-01 14:00")
	for i, in := range begun {
		h.goOn(at(t, "2023-03-01 14:00").Add(time.Duration(i) * time.Minute).Format("2006-01-02 15:04"))
		switch {
		case i == 45: // the first unit's liaison has had one within ten minutes
			h.instruct(in)
			h.flush()
		default:
			h.act(in, "cancel", engine.RoleOffice, map[string]string{"reason": "合并办理"})
		}
		if i == 22 {
			h.halt()
			h.start()
		}
	}
	h.goOn("2023-03-01 17:00")
	prompt := map[string][]postbox.Arrival{}
	for _, a := range h.arrivals()[morning:] {
		prompt[a.To] = append(prompt[a.To], a)
	}
	for who, list := range prompt {
		list = slices.DeleteFunc(list, func(a postbox.Arrival) bool { return a.At.Equal(at(t, "2023-03-01 14:45")) })
		for i := 1; i < len(list); i++ {
			if gap := list[i].At.Sub(list[i-1].At); gap < 10*time.Minute {
				t.Errorf("%s got prompt mails at %s and %s", who, list[i-1].At.Format("15:04"), list[i].At.Format("15:04"))
			}
		}
	}
	if len(prompt) < 10 {
		t.Errorf("only %d people heard of the cancellations", len(prompt))
	}
	if got := h.got("head000"); !slices.Contains(got, "03-01 14:45:00") {
		t.Errorf("what a leader instructed at 14:45 was held back: %q", got)
	}
	if n := h.tally(store.ByNoticeState); n["waiting"]+n["planned"]+n["dead"] > 0 {
		t.Errorf("notices left: %v", n)
	}
	h.audit()
}
