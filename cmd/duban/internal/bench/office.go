package bench

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"duban/cmd/duban/internal/app"
	"duban/engine"
	"duban/engine/calendar"
	"duban/engine/org"
	"duban/notifier"
	"duban/notifier/mail"
	"duban/notifier/postbox"
	"duban/seeds"
	"duban/workflows"
)

// monday is the first day of every measure.
var monday = calendar.Of(2023, 2, 20)

// crowd is an organisation of so many units with a head and a liaison each.
func crowd(units int) (*org.Org, error) {
	var u, p, q strings.Builder
	for i := range units {
		office := ""
		if i == 0 {
			office = ", office: true, issuing: true"
		}
		fmt.Fprintf(&u, "  - {name: %s, kind: department%s}\n", unit(i), office)
		for _, post := range []string{"head", "liaison"} {
			fmt.Fprintf(&p, "  - {id: %s%d, name: 测量%d, mail: %s%d@demo.example}\n", post, i, i, post, i)
			fmt.Fprintf(&q, "  - {unit: %s, role: %s, person: %s%d}\n", unit(i), post, post, i)
		}
		fmt.Fprintf(&q, "  - {unit: %s, role: sponsor, person: head0}\n", unit(i))
	}
	q.WriteString("  - {role: principal_party, person: head0}\n  - {role: principal_admin, person: head0}\n")
	o, faults := org.Load("bench", []byte("name: 测量学院\nphone: 内线0000\nunits:\n"+u.String()+"people:\n"+p.String()+"posts:\n"+q.String()+
		"robots:\n  - {name: all, title: 中层干部群, audience: shared}\n"))
	return o, faults.Err()
}

func unit(i int) string { return fmt.Sprintf("第%d部门", i) }

// parts are an App's parts for so many units in a folder.
func parts(dir string, units int, now func() time.Time) (p app.Parts, err error) {
	if p.Org, err = crowd(units); err != nil {
		return p, err
	}
	if p.Calendar, err = seeds.Calendar(); err != nil {
		return p, err
	}
	if p.Library, err = workflows.Embedded(); err != nil {
		return p, err
	}
	p.File, p.NATSDir, p.Now = filepath.Join(dir, "duban.db"), filepath.Join(dir, "jetstream"), now
	p.Notify = notifier.DefaultOptions()
	return p, nil
}

// sink is a channel that takes every message at once.
type sink struct{ name string }

// Name is the channel's.
func (s sink) Name() string { return s.name }

// Send accepts.
func (sink) Send(context.Context, notifier.Message) notifier.Result {
	return notifier.Result{Class: notifier.Accepted}
}

// server is a mail server on this machine and the channel to it.
func server(ctx context.Context, dir string, now func() time.Time) (*postbox.Box, notifier.Channel, error) {
	box, err := postbox.Open(postbox.Options{File: filepath.Join(dir, "postbox.db"), Now: now})
	if err != nil {
		return nil, nil, err
	}
	if err := box.Start(ctx); err != nil {
		return box, nil, err
	}
	host, port, err := net.SplitHostPort(box.MailAddr())
	if err != nil {
		return box, nil, err
	}
	n, err := strconv.Atoi(port)
	if err != nil {
		return box, nil, err
	}
	c, err := mail.New(mail.Options{Host: host, Port: n, Security: mail.SecurityNone, From: "督办 <duban@demo.example>", KeepAlive: true})
	return box, c, err
}

// matters are assignments issued and due on random days, so that the timers of
// a morning belong to a random part of them, and some thousand are due a morning.
func matters(n, each, units int) []engine.Start {
	r := rand.New(rand.NewPCG(1, 2))
	span := max(10, n*each/800)
	out := make([]engine.Start, n)
	for i := range out {
		issued := monday.AddDays(r.IntN(span))
		out[i] = matter(i, unit(r.IntN(units)), issued, issued.AddDays(40+r.IntN(span)))
	}
	return out
}

func matter(i int, unit string, issued, due calendar.Date) engine.Start {
	return engine.Start{Workflow: "assignment", Key: fmt.Sprintf("bench/%d", i), Facts: engine.Facts{
		Plan: "bench", PlanTitle: "2023年工作要点", Item: fmt.Sprintf("三.(一).%d", i), Heading: "完善督办台账", Unit: unit, Issued: issued, Due: due,
	}}
}

// begin starts assignments, a thousand in a transaction.
func begin(ctx context.Context, a *app.App, starts []engine.Start) error {
	for len(starts) > 0 {
		n := min(len(starts), 1000)
		if _, err := a.Runner.Begin(ctx, starts[:n], nil); err != nil {
			return err
		}
		starts = starts[n:]
	}
	return nil
}
