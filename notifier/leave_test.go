package notifier_test

import (
	"slices"
	"strings"
	"testing"

	"duban/engine/calendar"
	"duban/engine/org"
)

// away gives the house's people further leave and substitutes.
func (h *house) away(leave []org.Leave, sources ...string) {
	h.t.Helper()
	text := `name: 某学院
units:
  - {name: 效能办, kind: department, office: true}
  - {name: 科技处, kind: department}
people:
  - {id: zhao.xuemei, name: 赵雪梅, mail: zhao.xuemei@demo.example}
  - {id: feng.guodong, name: 冯国栋, mail: feng.guodong@demo.example}
  - {id: yu.yang, name: 余洋, mail: yu.yang@demo.example}
  - {id: lu.ting, name: 陆婷, mail: lu.ting@demo.example}
posts:
  - {unit: 效能办, role: staff, person: zhao.xuemei}
  - {unit: 科技处, role: head, person: feng.guodong, substitute: yu.yang}
  - {unit: 科技处, role: liaison, person: yu.yang, substitute: lu.ting}
leave:
`
	for _, l := range leave {
		text += "  - {person: " + l.Person + ", from: " + l.From.String() + ", to: " + l.To.String() + "}\n"
	}
	o, faults := org.Load("org.yaml", []byte(text))
	if err := faults.Err(); err != nil {
		h.t.Fatal(err)
	}
	h.org = o
}

func leave(t *testing.T, person, from, to string) org.Leave {
	a, err1 := calendar.ParseDate(from)
	b, err2 := calendar.ParseDate(to)
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	return org.Leave{Person: person, From: a, To: b}
}

// whys are receiver → why of each notice, over all messages sent.
func (h *house) whys() map[string][]string {
	out := map[string][]string{}
	for _, d := range h.deliveries("sent") {
		for _, no := range h.notices(d.Key) {
			out[d.Person] = append(out[d.Person], no.Why)
		}
	}
	for _, w := range out {
		slices.Sort(w)
	}
	return out
}

// The head's leave begins on Monday. What was written on Saturday, a work day,
// and could not be sent, goes to the substitute on Monday.
func TestLeaveBeginsBetweenPlanningAndSending(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "2023-05-06 17:20", func(h *house) {
		h.away([]org.Leave{leave(t, "feng.guodong", "2023-05-08", "2023-05-19")})
	})
	h.busy(20)
	in := h.matter("科技处", "修订科研办法", "2023-06-30")
	h.giveBack(in) // goes at once, and cannot
	h.flush()
	tried := h.deliveries("pending")
	if len(tried) == 0 || tried[0].Attempts == 0 {
		t.Fatalf("nothing was tried on Saturday: %+v", tried)
	}
	h.halt()
	h.box.Faults().Clear()
	h.clock.set(at(t, "2023-05-08 08:59"))
	h.start()
	h.goOn("2023-05-08 17:00")
	for _, d := range h.deliveries("dropped") {
		same(t, "ledger", h.ledger(d.Key), []string{"17:20:00 temporary 451", "08:59:00 rerouted"})
	}
	if got := h.got("feng.guodong"); len(got) != 0 {
		t.Errorf("the head on leave got %q", got)
	}
	if got := h.whys()["yu.yang"]; !slices.Contains(got, "冯国栋休假，由AB角余洋代") || len(h.deliveries("dropped")) != 1 {
		t.Errorf("the substitute got %q", got)
	}
	h.audit()
}

// Both names stand in the greeting and at the notice.
func TestSubstituteReadsForWhom(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "2023-05-10 09:00", func(h *house) {
		h.away([]org.Leave{leave(t, "yu.yang", "2023-05-08", "2023-05-19")})
	})
	h.matter("科技处", "修订科研办法", "2023-06-30")
	h.flush()
	mails := h.mail.to("lu.ting")
	if len(mails) != 1 || !strings.Contains(mails[0].Text, "科技处 联络员 陆婷（代余洋）：") {
		t.Errorf("got %+v", mails)
	}
	same(t, "why", h.whys()["lu.ting"], []string{"余洋休假，由AB角陆婷代"})
	h.audit()
}

// The liaison stands in for the head as well: one message with both.
func TestOneMessageForTwoPosts(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "2023-05-10 09:00", func(h *house) {
		h.away([]org.Leave{leave(t, "feng.guodong", "2023-05-08", "2023-05-19")})
	})
	h.matter("科技处", "修订科研办法", "2023-06-30")
	h.flush()
	mails := h.mail.to("yu.yang")
	if len(mails) != 1 || len(mails[0].Notices) != 2 || strings.Contains(mails[0].Text, "余洋（代") {
		t.Errorf("got %+v", mails)
	}
	same(t, "why", h.whys()["yu.yang"], []string{"", "冯国栋休假，由AB角余洋代"})
	h.audit()
}

// Head and AB角 are away together: the next of the chain hears it, and the
// notice says why. When nobody of the unit is there, the office does.
func TestBothOfAPairAwayTogether(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "2023-05-10 09:00", func(h *house) {
		h.away([]org.Leave{leave(t, "feng.guodong", "2023-05-08", "2023-05-19"), leave(t, "yu.yang", "2023-05-08", "2023-05-12")})
	})
	h.matter("科技处", "修订科研办法", "2023-06-30")
	h.flush()
	same(t, "why", h.whys()["lu.ting"], []string{"余洋休假，由AB角陆婷代", "冯国栋休假，AB角余洋休假，改送联络员；余洋休假，由AB角陆婷代"})
	h.audit()

	h = newHouse(t, "2023-05-10 09:00", func(h *house) {
		h.away([]org.Leave{leave(t, "feng.guodong", "2023-05-08", "2023-05-19"), leave(t, "yu.yang", "2023-05-08", "2023-05-12"), leave(t, "lu.ting", "2023-05-10", "2023-05-10")})
	})
	h.matter("科技处", "修订科研办法", "2023-06-30")
	h.flush()
	same(t, "why", h.whys()["zhao.xuemei"], []string{
		"余洋休假，AB角陆婷休假；冯国栋休假，AB角余洋休假，改送效能办", "冯国栋休假，AB角余洋休假；余洋休假，AB角陆婷休假，改送效能办"})
	h.audit()
}
