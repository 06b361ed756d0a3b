package notifier

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"duban/engine"
	"duban/engine/store"
	"duban/notifier/text"
)

// planBatch bounds one planning transaction.
const planBatch = 5000

// byMail marks a notice that a robot could not carry: it goes by mail now.
const byMail = "by mail: "

// digest is one message in the making.
type digest struct {
	route   Route
	notices []store.Notice
	lines   []text.Line
}

// plan turns the notices that are ready into deliveries: one message a person
// and channel. It waits while timers are still due, so that a morning's message
// is written once, when everything that belongs into it is there.
func (n *Notifier) plan(ctx context.Context) (int, error) {
	due, err := n.DB.NextDue(ctx)
	if err != nil {
		return 0, err
	}
	if now := n.Now(); !due.IsZero() && !due.After(now) && now.Sub(due) < time.Minute {
		return 0, nil
	}
	planned := 0
	err = n.DB.Write(ctx, n.Now(), func(tx *store.Tx) error {
		ready, err := tx.Ready(planBatch)
		if err != nil || len(ready) == 0 {
			return err
		}
		planned = len(ready)
		digests, err := n.group(tx, ready)
		if err != nil {
			return err
		}
		for _, d := range digests {
			if err := n.write(tx, d); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("notifier: plan: %w", err)
	}
	return planned, nil
}

// group collects notices by receiver and channel, in a fixed order.
func (n *Notifier) group(tx *store.Tx, ready []store.Notice) ([]*digest, error) {
	router := Router{Org: n.Org}
	today := n.Calendar.DateOf(tx.Now)
	live := map[int64]*engine.Instance{}
	byQueue := map[string]*digest{}
	var out []*digest
	for _, no := range ready {
		in := live[no.Instance]
		if in == nil {
			v, err := tx.Instance(no.Instance)
			if err != nil {
				return nil, err
			}
			in = &v
			live[no.Instance] = in
		}
		reason, err := n.reason(in, no.Reason)
		if err != nil {
			return nil, err
		}
		route, ok := router.Find(wanted(&no, in, reason), today)
		if !ok {
			if err := n.nobody(tx, &no); err != nil {
				return nil, err
			}
			continue
		}
		d := byQueue[route.Queue()]
		if d == nil {
			d = &digest{route: route}
			byQueue[route.Queue()] = d
			out = append(out, d)
		}
		no.Why = joinWhy(no.Why, route.Why)
		d.notices = append(d.notices, no)
		d.lines = append(d.lines, n.line(in, &no, reason, today))
	}
	return out, nil
}

func wanted(no *store.Notice, in *engine.Instance, r engine.Reason) Wanted {
	return Wanted{
		Role: no.Role, Unit: no.Unit, Party: in.Party, Late: r.Late,
		Personal: no.Class == engine.Must || in.Sensitive || strings.HasPrefix(no.Why, byMail),
	}
}

func joinWhy(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + "；" + b
}

func (n *Notifier) reason(in *engine.Instance, name string) (engine.Reason, error) {
	def, err := n.Defs(in.DefHash)
	if err != nil {
		return engine.Reason{}, err
	}
	return def.Reasons[name], nil
}

// nobody keeps a notice that no one can receive where the office sees it.
func (n *Notifier) nobody(tx *store.Tx, no *store.Notice) error {
	slog.Warn("a notice has no receiver", "notice", no.ID, "role", no.Role, "unit", no.Unit)
	if err := tx.Plan(no.ID, "nobody-"+no.ID, "", "无人可送"); err != nil {
		return err
	}
	return tx.MarkNotices("nobody-"+no.ID, "dead")
}

// write stores a digest as one delivery, or as several where a robot's limit
// splits it. What may not be said in a group goes back, to go by mail.
func (n *Notifier) write(tx *store.Tx, d *digest) error {
	for _, m := range n.render(d, tx.Now) {
		body, err := json.Marshal(m)
		if err != nil {
			return fmt.Errorf("encode message %s: %w", m.Key, err)
		}
		err = tx.AddDelivery(store.Delivery{Key: m.Key, Channel: d.route.Channel, Robot: m.To.Robot, Person: m.To.Person, Message: string(body)}, tx.Now)
		if err != nil {
			return err
		}
		for i, no := range d.notices {
			if !slices.Contains(m.Notices, no.ID) {
				continue
			}
			if err := tx.Plan(no.ID, m.Key, m.To.Person, no.Why); err != nil {
				return err
			}
			d.notices[i].State = "planned"
		}
	}
	for _, no := range d.notices {
		if no.State == "planned" {
			continue
		}
		if err := tx.ByMail(no.ID, joinWhy(byMail+"不宜入群", no.Why)); err != nil {
			return err
		}
	}
	return nil
}

// render writes the messages of a digest.
func (n *Notifier) render(d *digest, now time.Time) []Message {
	key := DigestKey(now.In(n.Calendar.Location()), d.route.Queue(), d.notices[0].ID)
	td := n.textDigest(d, now)
	if d.route.Channel == "wecom" {
		return n.renderGroup(d, td, key, now)
	}
	h := d.route.Holder
	m := Message{Key: key, At: now, To: Receiver{Person: h.Person.ID, Name: h.Person.Name, Unit: d.route.Unit, Address: h.Person.Mail}}
	m.Subject, m.Text, m.HTML = text.Mail(td)
	m.Thread = d.lines[0].Slip
	for i, no := range d.notices {
		m.Notices = append(m.Notices, no.ID)
		if d.lines[i].Slip != m.Thread {
			m.Thread = ""
		}
	}
	return []Message{m}
}

func (n *Notifier) renderGroup(d *digest, td text.Digest, key string, now time.Time) []Message {
	var out []Message
	parts := text.WeCom(td, n.Options.WeComLimit)
	for i, p := range parts {
		m := Message{Key: key, At: now, Text: p.Text, Markdown: p.Markdown, Notices: p.IDs,
			To: Receiver{Person: d.route.Holder.Person.ID, Name: d.route.Robot.Title, Unit: d.route.Unit, Robot: d.route.Robot.Name}}
		if len(parts) > 1 {
			m.Key = fmt.Sprintf("%s.%d", key, i+1)
		}
		if id := d.route.Holder.Person.WeCom; p.Mention && id != "" {
			m.To.Mention = []string{id}
		}
		out = append(out, m)
	}
	return out
}
