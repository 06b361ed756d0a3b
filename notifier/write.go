package notifier

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"duban/engine/store"
)

// write stores a digest as one delivery, or as several where a robot's limit
// splits it. What may not be said in a group goes back, to go by mail.
func (p *planner) write(d *digest) error {
	var messages []Message
	if err := guarded(func() { messages = p.render(d, p.tx.Now) }); err != nil {
		return p.bury(err.Error(), d.notices...)
	}
	said := map[string]bool{}
	for _, m := range messages {
		if err := p.store(d, m); err != nil {
			return err
		}
		for _, id := range m.Notices {
			said[id] = true
		}
	}
	for i := range d.notices {
		if !said[d.notices[i].ID] {
			if err := p.turnBack(d, &d.notices[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

// store writes one message of a digest with the notices in it.
func (p *planner) store(d *digest, m Message) error {
	key, err := p.addDelivery(d.route.Channel, m)
	if err != nil {
		return err
	}
	for _, no := range d.notices {
		if !slices.Contains(m.Notices, no.ID) {
			continue
		}
		if err := p.tx.Plan(no.N, key, m.To.Person, no.Why); err != nil {
			return err
		}
	}
	return nil
}

func (p *planner) addDelivery(channel string, m Message) (key string, err error) {
	if m.Key, err = p.unused(m.Key); err != nil {
		return "", err
	}
	body, err := json.Marshal(m)
	if err != nil {
		return "", fmt.Errorf("encode message %s: %w", m.Key, err)
	}
	return m.Key, p.tx.AddDelivery(store.Delivery{Key: m.Key, Channel: channel, Robot: m.To.Robot, Person: m.To.Person, Message: string(body)}, p.tx.Now)
}

// unused is the key, with a number behind it when a delivery has it already:
// notices that were given back may come to the same receiver on the same day.
func (p *planner) unused(key string) (string, error) {
	for try, n := key, 2; ; n++ {
		_, _, err := p.DB.DeliveryWithNotices(p.ctx, try)
		if errors.Is(err, store.ErrNotFound) {
			return try, nil
		}
		if err != nil {
			return "", err
		}
		try = fmt.Sprintf("%s-%d", key, n)
	}
}

// turnBack leaves what a group may not hear to be planned again, by mail. The
// shared group stands for nobody, so there it is a dead letter.
func (p *planner) turnBack(d *digest, no *store.Notice) error {
	const unfit = "不宜入群"
	if d.route.Holder.Person.ID == "" || refused(no) {
		return p.bury(unfit+"，也没有可以单独告知的人", *no)
	}
	return p.tx.ByMail(no.N, joinWhy(byMail+unfit, no.Why))
}

// bury stores notices that cannot go as a dead letter without words. Whoever
// sends it again has them planned anew: see revive.
func (p *planner) bury(why string, notices ...store.Notice) error {
	m := Message{Key: "unsent-" + notices[0].ID, At: p.tx.Now}
	for _, no := range notices {
		m.Notices = append(m.Notices, no.ID)
	}
	key, err := p.addDelivery(mailChannel, m)
	if err != nil {
		return err
	}
	for _, no := range notices {
		if err := p.tx.Plan(no.N, key, "", joinWhy(no.Why, why)); err != nil {
			return err
		}
	}
	o := store.Outcome{Key: key, State: "dead", Next: p.tx.Now, Class: string(Permanent), Words: clip(why)}
	if err := p.tx.Record(o); err != nil {
		return err
	}
	logEnd(o, mailChannel)
	return p.tx.MarkNotices(key, "dead")
}
