// Package demo runs five real plans through three and a half years on a virtual
// clock: the real engine, a real SQLite file, the embedded bus, real SMTP and
// HTTP conversations with a post box on this machine. Only the people are made up.
package demo

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"duban/cmd/duban/internal/app"
	"duban/engine/calendar"
	"duban/engine/org"
	"duban/engine/store"
	"duban/notifier"
	"duban/notifier/mail"
	"duban/notifier/postbox"
	"duban/notifier/wecom"
	"duban/plan"
	"duban/seeds"
	"duban/workflows"
)

// The span of the demo.
var (
	First = calendar.Of(2020, 6, 12)
	Last  = calendar.Of(2024, 1, 15)
)

// Options say where and how the demo runs.
type Options struct {
	Dir      string       // where its files go; a run that was stopped goes on from there
	Seed     int          // which simulated departments
	Plans    []*plan.Plan // nil: the five of seeds
	From, To calendar.Date
	Progress io.Writer        // what to show while it runs; nil: nothing
	Now      func() time.Time // the wall clock, for the duration in the summary
}

// Demo is a demo that is set up.
type Demo struct {
	App       *app.App
	Box       *postbox.Box
	OnInstant func(time.Time) // told before each instant is worked off; nil: nobody
	clock     *app.Virtual
	opts      Options
	plans     []*plan.Plan
	acts      []scheduled
	crowd     *crowd
}

// Open sets a demo up in its folder. Close undoes it.
func Open(ctx context.Context, o Options) (d *Demo, err error) {
	if o.From == 0 {
		o.From, o.To = First, Last
	}
	d = &Demo{opts: o}
	defer func() {
		if err != nil {
			err = errors.Join(err, d.Close())
			d = nil
		}
	}()
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return d, fmt.Errorf("demo: folder: %w", err)
	}
	parts, err := d.seeds()
	if err != nil {
		return d, fmt.Errorf("demo: %w", err)
	}
	d.clock = app.NewVirtual(parts.Calendar.Opening(o.From).Add(-time.Minute))
	if err := d.resume(ctx, parts.File); err != nil {
		return d, fmt.Errorf("demo: %w", err)
	}
	parts.Now = d.clock.Now
	if parts.Channels, err = d.channels(ctx, parts); err != nil {
		return d, fmt.Errorf("demo: %w", err)
	}
	if d.App, err = app.Open(ctx, parts); err != nil {
		return d, err
	}
	d.crowd = newCrowd(d.App, o.Seed)
	d.App.Runner.Changed = d.crowd.changed
	return d, d.crowd.load(ctx)
}

// resume puts the clock where a run that was stopped left it, before anything reads it.
func (d *Demo) resume(ctx context.Context, file string) error {
	if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	db, err := store.Open(ctx, file)
	if err != nil {
		return err
	}
	last, err := db.LastInstant(ctx)
	if err == nil && !last.IsZero() {
		d.clock.Set(last)
	}
	return errors.Join(err, db.Close())
}

// seeds gathers plans, college, calendar and workflows.
func (d *Demo) seeds() (app.Parts, error) {
	var p app.Parts
	var errs [5]error
	p.Org, errs[0] = seeds.Org()
	p.Calendar, errs[1] = seeds.Calendar()
	p.Library, errs[2] = workflows.Embedded()
	d.plans, errs[3] = seeds.Plans()
	if d.opts.Plans != nil {
		d.plans = d.opts.Plans
	}
	decisions, err := seeds.Decisions()
	errs[4] = err
	if err := errors.Join(errs[:]...); err != nil {
		return p, err
	}
	d.acts = schedule(d.plans, decisions, p.Calendar)
	p.File = filepath.Join(d.opts.Dir, "duban.db")
	p.NATSDir = filepath.Join(d.opts.Dir, "jetstream")
	p.Notify = notifier.DefaultOptions()
	return p, nil
}

// channels opens the post box and the two real channels that lead to it.
func (d *Demo) channels(ctx context.Context, p app.Parts) ([]notifier.Channel, error) {
	var robots []postbox.Robot
	for _, r := range p.Org.Robots {
		robots = append(robots, postbox.Robot{Key: robotKey(r.Name), Name: r.Title})
	}
	box, err := postbox.Open(postbox.Options{File: filepath.Join(d.opts.Dir, "postbox.db"), Now: d.clock.Now, Zone: p.Calendar.Location(), Robots: robots})
	if err != nil {
		return nil, err
	}
	d.Box = box
	if err := box.Start(ctx); err != nil {
		return nil, err
	}
	host, port, err := net.SplitHostPort(box.MailAddr())
	if err != nil {
		return nil, err
	}
	n, err := strconv.Atoi(port)
	if err != nil {
		return nil, err
	}
	m, err := mail.New(mail.Options{Host: host, Port: n, Security: mail.SecurityNone, From: "效能办 <xnb@demo.example>", KeepAlive: true})
	if err != nil {
		return nil, err
	}
	u, err := url.Parse(box.RobotURL())
	if err != nil {
		return nil, err
	}
	w, err := wecom.New(wecom.Options{URL: box.RobotURL(), AllowHost: []string{u.Host},
		Key: func(robot string) (string, bool) { return robotKey(robot), true }})
	if err != nil {
		return nil, err
	}
	return []notifier.Channel{m, w}, nil
}

// robotKey makes a key of the vendor's shape that is the same in every run.
func robotKey(name string) string {
	sum := sha256.Sum256([]byte("demo robot " + name))
	h := hex.EncodeToString(sum[:16])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:32]
}

// Close ends everything the demo opened.
func (d *Demo) Close() error {
	var errs []error
	if d.App != nil {
		errs = append(errs, d.App.Close())
	}
	if d.Box != nil {
		errs = append(errs, d.Box.Close())
	}
	return errors.Join(errs...)
}

// Run drives the clock from where it stands to the end. The clock moves to the
// next instant at which anything wants to happen, and only when nothing is in flight.
func (d *Demo) Run(ctx context.Context) error {
	end := d.App.Calendar.Closing(d.opts.To)
	month := ""
	for {
		if d.OnInstant != nil {
			d.OnInstant(d.clock.Now())
		}
		if err := d.instant(ctx); err != nil {
			return fmt.Errorf("demo: at %s: %w", d.clock.Now().In(d.App.Calendar.Location()).Format("2006-01-02 15:04"), err)
		}
		next, err := d.next(ctx)
		if err != nil {
			return err
		}
		if next.IsZero() || next.After(end) {
			d.clock.Set(end)
			return d.instant(ctx)
		}
		d.clock.Set(next)
		if m := next.In(d.App.Calendar.Location()).Format("2006-01"); m != month {
			month = m
			d.report(ctx, m)
		}
	}
}

// instant does all that is due where the clock stands, until nothing is.
func (d *Demo) instant(ctx context.Context) error {
	for {
		moved, err := d.decide(ctx)
		if err != nil {
			return err
		}
		for {
			n, err := d.App.Runner.RunDue(ctx)
			if err != nil {
				return err
			}
			if n == 0 {
				break
			}
			moved += n
		}
		if err := d.App.Periodic.Run(ctx); err != nil {
			return err
		}
		acted, err := d.crowd.act(ctx, d.clock.Now())
		if err != nil {
			return err
		}
		if moved+acted > 0 {
			continue
		}
		return d.App.Notifier.Flush(ctx)
	}
}

func (d *Demo) next(ctx context.Context) (time.Time, error) {
	due, err := d.App.DB.NextDue(ctx)
	if err != nil {
		return due, err
	}
	begin, err := d.App.Periodic.Next(ctx)
	if err != nil {
		return due, err
	}
	notice, err := d.App.DB.NextNotice(ctx)
	if err != nil {
		return due, err
	}
	times := slices.DeleteFunc([]time.Time{due, begin, notice, d.crowd.next(), d.nextDecision()}, time.Time.IsZero)
	if len(times) == 0 {
		return time.Time{}, nil
	}
	return slices.MinFunc(times, time.Time.Compare), nil
}

func (d *Demo) report(ctx context.Context, month string) {
	if d.opts.Progress == nil {
		return
	}
	m, w, err := d.Box.Received(ctx)
	if err != nil {
		return // the run itself will meet the same error
	}
	fmt.Fprintf(d.opts.Progress, "\r%s  邮件 %5d 封  企业微信 %5d 条  ", month, m, w)
}

// People names receivers on the post-box page.
type People struct{ Org *org.Org }

// NameOf finds a person by mail address; a group's name is its own.
func (p People) NameOf(address string) (name, title string) {
	if who, ok := p.Org.PersonByAddress(address); ok {
		return who.Name, p.Org.TitleOf(who.ID)
	}
	return address, ""
}
