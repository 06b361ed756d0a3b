package store

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"duban/engine"
)

// auditPage is how many history rows are looked at together.
const auditPage = 500

// noticeRow is an outbox row with its sum.
type noticeRow struct {
	Notice
	Prev, Sum int64
}

// outbox takes every notice from the effects of the history and compares its
// row: both stand in one order. What the history does not tell has a sum, and
// the state of a planned one its delivery.
func (a *audit) outbox(ctx context.Context) error {
	b := &outboxAudit{audit: a, open: map[int64][]*noticeRow{}, last: map[int64]last{}}
	for seq := int64(0); ; {
		var page []HistoryRow
		err := a.db.r.SelectContext(ctx, &page, `SELECT seq, instance_id, version, prev, effects FROM history WHERE seq > ? ORDER BY seq LIMIT ?`, seq, auditPage)
		if err != nil {
			return err
		}
		if len(page) == 0 {
			break
		}
		if err := b.page(ctx, page); err != nil {
			return err
		}
		seq = page[len(page)-1].Seq
	}
	for _, left := range b.open {
		for _, n := range left {
			if n.State == "withdrawn" {
				a.fault("notice %s is withdrawn, and no step withdrew it", n.ID)
			}
		}
	}
	return b.ends(ctx)
}

// outboxAudit goes through history and outbox side by side.
type outboxAudit struct {
	*audit
	n    int64                  // the last row looked at
	last map[int64]last         // of each instance
	open map[int64][]*noticeRow // by instance: those of which a later step tells whether they stand
}

// ends compares the last rows of each instance with what it says they are.
func (b *outboxAudit) ends(ctx context.Context) error {
	type row struct {
		ID int64
		last
	}
	err := rowsOf(ctx, b.db, `SELECT id, seq, notice FROM instances`, func(r *row) {
		if b.last[r.ID] != r.last {
			b.fault("instance %d: its last rows are %+v, it says %+v", r.ID, b.last[r.ID], r.last)
		}
	})
	if err != nil {
		return err
	}
	var rows int64
	if err := b.db.r.GetContext(ctx, &rows, `SELECT COUNT(*) FROM outbox`); err != nil {
		return err
	}
	if rows != b.n {
		b.fault("the outbox has %d rows, the history led to %d", rows, b.n)
	}
	return nil
}

func (b *outboxAudit) page(ctx context.Context, page []HistoryRow) error {
	effects := make([][]engine.Effect, len(page))
	count := 0
	for i := range page {
		var err error
		if effects[i], err = effectsOf(&page[i]); err != nil {
			b.fault("%v", err)
		}
		for j := range effects[i] {
			if effects[i][j].Kind == engine.EffectNotice {
				count++
			}
		}
	}
	var rows []*noticeRow
	err := b.db.r.SelectContext(ctx, &rows, `SELECT `+noticeColumns+`, prev, sum FROM outbox WHERE n > ? ORDER BY n LIMIT ?`, b.n, count)
	if err != nil {
		return err
	}
	for i := range page {
		rows = b.step(&page[i], effects[i], rows)
	}
	return nil
}

// step takes the notices of one step off rows.
func (b *outboxAudit) step(h *HistoryRow, effects []engine.Effect, rows []*noticeRow) []*noticeRow {
	l := b.last[h.Instance]
	if h.Prev != l.Seq {
		b.fault("history row %d: the row before of instance %d is %d, it says %d", h.Seq, h.Instance, l.Seq, h.Prev)
	}
	l.Seq = h.Seq
	for i := range effects {
		e := &effects[i]
		switch e.Kind {
		case engine.EffectWithdraw:
			b.withdraw(h.Instance, e.Reasons)
		case engine.EffectNotice:
			b.n++
			want := Notice{N: b.n, ID: NoticeID(h.Instance, h.Version, i), Instance: h.Instance, Reason: e.Reason, Role: e.Role, Unit: e.Unit, Class: e.Class, At: ms(e.At)}
			if len(rows) == 0 {
				b.fault("notice %s is missing", want.ID)
				continue
			}
			n := rows[0]
			rows = rows[1:]
			if n.Prev != l.Notice {
				b.fault("notice %s: the one before is %d, it says %d", n.ID, l.Notice, n.Prev)
			}
			l.Notice = b.n
			b.notice(n, &want, e)
			if n.State == "withdrawn" || n.Sum == 0 {
				b.open[h.Instance] = append(b.open[h.Instance], n)
			}
		}
	}
	b.last[h.Instance] = l
	return rows
}

func (b *outboxAudit) notice(n *noticeRow, want *Notice, e *engine.Effect) {
	got := Notice{N: n.N, ID: n.ID, Instance: n.Instance, Reason: n.Reason, Role: n.Role, Unit: n.Unit, Class: n.Class, At: n.At}
	if got != *want {
		b.fault("notice %s is not what its step led to", n.ID)
	}
	untouched := n.Ready == ms(e.Ready) && n.Delivery == "" && n.Person == "" && n.Why == ""
	if n.Sum == 0 && !untouched || n.Sum != 0 && n.Sum != noticeSum(n.Delivery, n.Person, n.Why)+n.Ready {
		b.fault("notice %s is not what was written", n.ID)
	}
	if n.State == "held" && !e.Hold {
		b.fault("notice %s is held, and its step did not ask for it", n.ID)
	}
}

// withdraw takes a step's withdrawal: what it meant and never moved is withdrawn.
func (b *outboxAudit) withdraw(instance int64, reasons []string) {
	b.open[instance] = slices.DeleteFunc(b.open[instance], func(n *noticeRow) bool {
		if n.Class == engine.Must || len(reasons) > 0 && !slices.Contains(reasons, n.Reason) {
			return false
		}
		if n.State != "withdrawn" {
			b.fault("notice %s is %s, a step withdrew it", n.ID, n.State)
		}
		return true
	})
}

// parcel is a delivery with its sum, and what ledger and outbox say of it.
type parcel struct {
	Delivery
	Sum      int64
	Attempts int `db:"tried"`
	Accepted int
}

// deliveries checks the sums, and that ledger, deliveries and outbox agree.
func (a *audit) deliveries(ctx context.Context) error {
	in := map[string][]string{} // notices by delivery
	type notice struct{ ID, State, Delivery string }
	states := map[string]string{}
	err := rowsOf(ctx, a.db, `SELECT id, state, delivery FROM outbox WHERE delivery <> '' OR state IN ('planned', 'sent', 'dead')`, func(n *notice) {
		in[n.Delivery] = append(in[n.Delivery], n.ID)
		states[n.ID] = n.State
	})
	if err != nil {
		return err
	}
	err = rowsOf(ctx, a.db, `SELECT `+deliveryColumns+`, sum,
			(SELECT COUNT(*) FROM ledger l WHERE l.delivery = d.delivery) AS tried,
			(SELECT COUNT(*) FROM ledger l WHERE l.delivery = d.delivery AND l.class = 'accepted') AS accepted
		FROM deliveries d`, func(p *parcel) {
		a.parcel(p)
		a.inside(p, in[p.Key], states)
		delete(in, p.Key)
	})
	for key, ids := range in {
		a.fault("notices %s are in delivery %q, which does not exist", strings.Join(ids, ", "), key)
	}
	return err
}

func (a *audit) parcel(p *parcel) {
	d := p.Delivery
	if d.sum() != p.Sum {
		a.fault("delivery %s is not what was written", p.Key)
	}
	if (p.State == "sent") != (p.Accepted > 0) || (p.State == "dead" || p.State == "dropped") && p.Attempts == 0 {
		a.fault("delivery %s is %s; the ledger has %d attempts of it, %d accepted", p.Key, p.State, p.Attempts, p.Accepted)
	}
}

// inside compares a delivery's state with its notices'. When two attempts of one
// message ran at once, it may count as sent after its notices were given up.
func (a *audit) inside(p *parcel, ids []string, states map[string]string) {
	var m struct {
		Notices []string `json:"notices"`
	}
	if err := json.Unmarshal([]byte(p.Message), &m); err != nil {
		a.fault("delivery %s: its message cannot be read: %v", p.Key, err)
		return
	}
	fits := map[string][]string{"pending": {"planned"}, "sent": {"sent", "dead"}, "dead": {"dead"}}[p.State]
	for _, id := range ids {
		s := states[id]
		if s != "withdrawn" && (!slices.Contains(fits, s) || !slices.Contains(m.Notices, id)) {
			a.fault("notice %s is %s, its delivery %s %s", id, s, p.Key, p.State)
		}
	}
}
