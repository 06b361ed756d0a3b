package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	ics "github.com/arran4/golang-ical"

	"duban/cmd/duban/internal/app"
	"duban/engine"
	"duban/engine/calendar"
	"duban/engine/org"
	"duban/engine/store"
	"duban/notifier"
	"duban/workflows"
)

// previewCmd lists what plans would send.
type previewCmd struct {
	Files  []string      `arg:"" name:"plan" help:"Plan files (YAML or JSON, the form of 'duban read --json')."`
	From   calendar.Date `help:"First day to list." placeholder:"DATE"`
	To     calendar.Date `help:"Last day to list." placeholder:"DATE"`
	Issue  calendar.Date `help:"Day of issue, instead of the plan's own." placeholder:"DATE"`
	Assume string        `help:"What the units do: signs (sign at once, report nothing), silent (nothing), prompt (sign and close in time)." enum:"signs,silent,prompt" default:"signs"`
	JSON   bool          `name:"json" help:"One JSON object a line, one line a notice and receiver."`
	ICS    bool          `name:"ics" help:"A calendar file of the notices."`
	Org    string        `help:"Organisation file; default: the demo college." type:"path"`
	Config string        `short:"c" help:"Take calendars, workflows and manners from this config.yaml." type:"path"`
}

// Help is the longer text of --help.
func (previewCmd) Help() string {
	return `Runs the plans through the engine that will run them, without sending or storing
anything, and lists every notice: when, to whom, over which channel, why.

  duban preview seeds/plans/002.yaml
  duban preview plan.json --issue 2023-02-17 --from 2023-06-01 --to 2023-06-30
  duban preview *.yaml --assume silent --json | jq -r '.at+" "+.to+" "+.reason'

Notices that share a "delivery" reach the person as one message. Items that wait
(no unit, no date, an event without a date) and unknown units are said on stderr.`
}

// previewLine is one notice to one receiver: the contract of --json.
type previewLine struct {
	At        string  `json:"at"`
	To        string  `json:"to"`
	Unit      string  `json:"unit"`
	Channel   string  `json:"channel"`
	Reason    string  `json:"reason"`
	Plan      string  `json:"plan"`
	Item      *string `json:"item"`
	Due       *string `json:"due"`
	Effective *string `json:"effective"`
	Delivery  string  `json:"delivery"`
	Subject   string  `json:"subject"`

	at    time.Time
	goes  time.Time
	queue string
	draft notifier.Draft
}

// Run is called by the parser.
func (c *previewCmd) Run(ctx context.Context, s streams) error {
	issues, horizon, r, n, err := c.prepare(s)
	if err != nil {
		return err
	}
	r.Horizon = horizon
	owed, err := r.Run(issues, n.Calendar.Closing(horizon.AddDays(366)))
	if err != nil {
		return err
	}
	lines, err := c.lines(owed, n)
	if err != nil {
		return err
	}
	switch {
	case c.JSON:
		enc := json.NewEncoder(s.Out)
		enc.SetEscapeHTML(false)
		for i := range lines {
			if err := enc.Encode(&lines[i]); err != nil {
				return err
			}
		}
		return nil
	case c.ICS:
		return writeICS(s.Out, lines)
	}
	return writeTable(s.Out, lines)
}

// prepare loads everything and assigns the plans.
func (c *previewCmd) prepare(s streams) (issues []app.Issue, horizon calendar.Date, r *app.Rehearsal, n *notifier.Notifier, err error) {
	cfg, err := loadConfig(c.Config)
	if err != nil {
		return nil, 0, nil, nil, err
	}
	var errs [3]error
	var cal *calendar.Calendar
	var o *org.Org
	var lib *workflows.Library
	cal, errs[0] = loadCalendar(cfg)
	o, errs[1] = loadOrg(c.Org)
	lib, errs[2] = loadLibrary(cfg.Workflows)
	if err := joinFaults(errs[:]...); err != nil {
		return nil, 0, nil, nil, err
	}
	var bad []error
	for _, file := range c.Files {
		p, err := loadPlan(file)
		if err != nil {
			bad = append(bad, err)
			continue
		}
		as := workflows.Assigner{Plan: p, Org: o, Cal: cal, Issued: c.Issue}
		outcomes, err := as.All()
		if err != nil {
			bad = append(bad, usage("%v", err))
			continue
		}
		day, _ := as.IssueDay() // All has asked already
		issues = append(issues, app.Issue{Day: day, Outcomes: outcomes})
		horizon = max(horizon, as.Horizon(day), lastDue(outcomes))
		sayWaiting(s.Err, file, outcomes)
	}
	if err := joinFaults(bad...); err != nil {
		return nil, 0, nil, nil, err
	}
	opts := notifier.DefaultOptions()
	opts.Phone = cfg.Notify.Phone
	n = &notifier.Notifier{Org: o, Calendar: cal, Options: opts, Defs: func(hash string) (*engine.Definition, error) {
		def, ok := lib.ByHash(hash)
		if !ok {
			return nil, fmt.Errorf("workflow version %.12s is not known", hash)
		}
		return def, nil
	}}
	return issues, horizon, &app.Rehearsal{Library: lib, Calendar: cal, Assume: app.Assume(c.Assume)}, n, nil
}

func lastDue(outcomes []workflows.Outcome) calendar.Date {
	var last calendar.Date
	for _, o := range outcomes {
		for _, st := range o.Starts {
			last = max(last, st.Facts.Due)
		}
	}
	return last
}

func sayWaiting(w io.Writer, file string, outcomes []workflows.Outcome) {
	for _, o := range outcomes {
		for _, warning := range o.Warnings {
			fmt.Fprintf(w, "%s: warning: %s\n", file, warning)
		}
		if o.Status == workflows.Waiting {
			fmt.Fprintf(w, "%s: %s %s: %s\n", file, o.No, o.Heading, o.Why)
		}
	}
}

// lines routes the notices and joins those of one person and moment.
func (c *previewCmd) lines(owed []app.Owed, n *notifier.Notifier) ([]previewLine, error) {
	var out []previewLine
	for i := range owed {
		o := &owed[i]
		no := store.Notice{ID: o.ID, Instance: o.Instance, Reason: o.Reason, Role: o.Role, Unit: o.Unit, Class: o.Class,
			At: o.At.UnixMilli(), Ready: o.Ready.UnixMilli()}
		route, ok, err := n.RouteOf(&o.Matter, &no, o.Ready)
		if err != nil {
			return nil, err
		}
		if !ok {
			continue
		}
		out = append(out, newLine(o, no, route))
	}
	if err := deliveries(out, n); err != nil {
		return nil, err
	}
	out = slices.DeleteFunc(out, func(l previewLine) bool {
		d := n.Calendar.DateOf(l.at)
		return c.From != 0 && d < c.From || c.To != 0 && d > c.To
	})
	return out, nil
}

func newLine(o *app.Owed, no store.Notice, route notifier.Route) previewLine {
	in := &o.Matter
	l := previewLine{At: o.At.Format(time.RFC3339), To: receiver(&route, o.Unit), Unit: cmp.Or(o.Unit, in.Unit, route.Unit, route.Holder.Title), Channel: route.Channel,
		Reason: o.Reason, Plan: in.PlanTitle, at: o.At, goes: o.Ready, queue: route.Channel + " " + route.Queue(),
		draft: notifier.Draft{Matter: *in, Notice: no, Route: route}}
	if in.Item != "" {
		item, due, eff := in.Item, in.Due.String(), in.Effective.String()
		l.Item = &item
		if in.Due != 0 {
			l.Due, l.Effective = &due, &eff
		}
	}
	return l
}

// receiver is 组织部 负责人, as people name whom it goes to.
func receiver(r *notifier.Route, unit string) string {
	if r.Holder.Title == "分管校领导" {
		return unit + " " + r.Holder.Title
	}
	return r.Title()
}

// deliveries names the message of each line and writes its subject.
func deliveries(lines []previewLine, n *notifier.Notifier) error {
	type key struct {
		goes  time.Time
		queue string
	}
	groups := map[key][]int{}
	for i := range lines {
		k := key{lines[i].goes, lines[i].queue}
		groups[k] = append(groups[k], i)
	}
	for k, idx := range groups {
		drafts := make([]notifier.Draft, len(idx))
		for j, i := range idx {
			drafts[j] = lines[i].draft
		}
		messages, err := n.Draft(drafts, k.goes)
		if err != nil {
			return err
		}
		for _, i := range idx {
			l := &lines[i]
			m := messageOf(messages, l.draft.Notice.ID)
			l.Delivery, l.Subject = m.Key, m.Subject
			if l.Subject == "" {
				l.Subject, _, _ = strings.Cut(m.Text, "\n")
			}
			if l.Delivery == "" { // a group does not hear it: it goes by mail
				l.Delivery, l.Channel = notifier.DigestKey(k.goes, l.draft.Route.Holder.Person.ID, l.draft.Notice.ID), "mail"
			}
		}
	}
	return nil
}

func messageOf(ms []notifier.Message, id string) notifier.Message {
	for _, m := range ms {
		if slices.Contains(m.Notices, id) {
			return m
		}
	}
	return notifier.Message{}
}

func writeTable(w io.Writer, lines []previewLine) error {
	for i := range lines {
		l := &lines[i]
		item := "-"
		if l.Item != nil {
			item = *l.Item
		}
		due := ""
		if l.Due != nil {
			due = *l.Due
		}
		if _, err := fmt.Fprintf(w, "%s  %-5s  %-14s  %-10s  %-10s  %s  %s\n", l.at.Format("2006-01-02 15:04"), l.Channel, l.Reason, item, due, l.To, l.Subject); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(w, "%d notices\n", len(lines))
	return err
}

// writeICS writes one event a message, so that a person's calendar shows one entry a morning.
func writeICS(w io.Writer, lines []previewLine) error {
	cal := ics.NewCalendarFor("duban")
	cal.SetMethod(ics.MethodPublish)
	seen := map[string]bool{}
	for i := range lines {
		l := &lines[i]
		if seen[l.Delivery] {
			continue
		}
		seen[l.Delivery] = true
		e := cal.AddEvent(l.Delivery + "@duban")
		e.SetDtStampTime(l.goes)
		e.SetStartAt(l.goes)
		e.SetEndAt(l.goes.Add(15 * time.Minute))
		e.SetSummary(l.To + "：" + l.Subject)
	}
	return cal.SerializeTo(w, ics.WithNewLineWindows)
}
