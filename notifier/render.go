package notifier

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"duban/engine/calendar"
	"duban/engine/org"
	"duban/engine/store"
	"duban/notifier/text"
)

// render writes the messages of a digest.
func (n *Notifier) render(d *digest, now time.Time) []Message {
	key := DigestKey(now.In(n.Calendar.Location()), d.route.Queue(), d.notices[0].ID)
	td := n.textDigest(d, now)
	if d.route.Channel == robotChannel {
		return n.renderGroup(d, td, key, now)
	}
	h := d.route.Holder
	m := Message{Key: key, At: now, To: Receiver{Person: h.Person.ID, Name: h.Person.Name, For: h.For.Name, Unit: d.route.Unit, Address: h.Person.Mail}}
	letter := n.letter
	if letter == nil {
		letter = text.Mail
	}
	m.Subject, m.Text, m.HTML = letter(td)
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
		m := Message{Key: key, At: now, Text: p.Text, Markdown: p.Markdown, Card: p.Card, Notices: p.IDs,
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

func (n *Notifier) textDigest(d *digest, now time.Time) text.Digest {
	phone := n.Options.Phone
	if phone == "" {
		phone = n.Org.Phone
	}
	td := text.Digest{
		Office: n.Org.Office().Name, Phone: phone, School: n.Org.Name,
		Name: d.route.Holder.Person.Name, Title: d.route.Holder.Title, Unit: d.route.Unit,
		Date: n.Calendar.DateOf(now), Lines: d.lines,
	}
	if d.route.Channel == robotChannel {
		td.Group, td.CardURL = text.GroupUnit, n.Options.CardURL
		if d.route.Robot.Audience == org.AudienceShared {
			td.Group = text.GroupShared
		}
	}
	return td
}

// errUnfit means that what is left of a message for a group no longer fits one:
// it has grown, or a matter in it has become late meanwhile.
var errUnfit = errors.New("notifier: no longer fit for the group")

// again words a delivery's message from the notices that still stand and the
// matters as they are now. Key and receiver stay.
func (n *Notifier) again(tx *store.Tx, a *attempt, keep []store.Notice) (Message, error) {
	old := a.msg
	d := &digest{notices: keep, route: Route{Channel: a.del.Channel, Unit: old.To.Unit, Robot: n.robot(a.del.Robot)}}
	d.route.Holder.Person, _ = n.Org.Person(a.del.Person)
	today := n.Calendar.DateOf(tx.Now)
	for i := range keep {
		in, err := tx.Instance(keep[i].Instance)
		if err != nil {
			return old, err
		}
		r := n.manners(&in, keep[i].Reason)
		h, err := n.still(wanted(&keep[i], &in, r), a, today)
		if err != nil {
			return old, err
		}
		if i == 0 {
			d.route.Holder.Title = h.Title
		}
		l := n.line(&in, &keep[i], r, today)
		l.For = h.For.Name
		d.lines = append(d.lines, l)
	}
	messages := n.render(d, tx.Now)
	if len(messages) != 1 || len(messages[0].Notices) != len(keep) {
		return old, errUnfit
	}
	m := messages[0]
	m.Key, m.To = old.Key, old.To
	return m, nil
}

// errElsewhere means that somebody else answers for the post by now: a leave or
// a post has begun or ended since the message was written.
var errElsewhere = errors.New("notifier: somebody else is to hear it by now")

// still is the receiver of a notice if the role still leads to that person, or
// errElsewhere when it leads to another one and this one cannot have it yet.
func (n *Notifier) still(w Wanted, a *attempt, on calendar.Date) (org.Holder, error) {
	router := n.router()
	route, ok := router.Find(w, on)
	switch {
	case !ok || a.del.Person == "":
		return org.Holder{}, nil
	case route.Holder.Person.ID == a.del.Person:
		return route.Holder, nil
	case a.del.Unsure > 0:
		return org.Holder{}, nil // the first may have it: one person is asked, not two
	}
	return org.Holder{}, errElsewhere
}

func (n *Notifier) robot(name string) org.Robot {
	i := slices.IndexFunc(n.Org.Robots, func(r org.Robot) bool { return r.Name == name })
	if i < 0 {
		return org.Robot{Name: name}
	}
	return n.Org.Robots[i]
}
