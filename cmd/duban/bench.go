package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"duban/cmd/duban/internal/app"
	"duban/cmd/duban/internal/bench"
	"duban/cmd/duban/internal/config"
)

// benchCmd measures this machine.
type benchCmd struct {
	Quick bool `help:"Smaller runs, with as much pending and as large a Monday: less than a minute."`
	JSON  bool `name:"json" help:"Print the result as one JSON object."`
}

// Help is the longer text of --help.
func (benchCmd) Help() string {
	return `Measures the engine on this machine, in a temporary folder: transitions a second
(each a committed step with synchronous=FULL) beside what the driver allows for one
INSERT and one UPDATE; the same with a million other timers pending, with memory and
the time to open that file; how late steps and mails are at low load; and a Monday at
nine with 2,000 reminders for 200 people. docs/performance.md says what to expect.`
}

// Run is called by the parser.
func (c *benchCmd) Run(ctx context.Context, s streams) (err error) {
	logTo(s.Err, config.Log{Level: "error"}) // clocks are set ahead all the time
	o := bench.Full()
	if c.Quick {
		o = bench.Quick()
	}
	if o.Dir, err = os.MkdirTemp("", "duban-bench-"); err != nil {
		return fmt.Errorf("bench: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(o.Dir)) }()
	o.Now, o.Progress = app.System, s.Err
	r, err := bench.Run(ctx, o)
	if err != nil {
		return err
	}
	if c.JSON {
		return json.NewEncoder(s.Out).Encode(r)
	}
	e, l, t := r.Engine, r.Lateness, r.Storm
	_, err = fmt.Fprintf(s.Out, `engine    %.0f transitions/s, %.2f of the raw limit (%.0f/s); %.0f/s until delivered
          %.2f of that with %d others pending, %.0f MB resident, ready after %.0f ms
lateness  99 of 100 committed within %.1f ms, at the mail server within %.1f ms
storm     %d notices in %d messages, accepted after %.1f s
`, e.TransitionsPerS, e.RawRatio, e.RawPerS, e.DeliveredPerS, e.PendingRatio, o.Pending, e.RSSMB, e.ReadyMS,
		l.CommitP99MS, l.MailP99MS, t.Notices, t.Messages, t.Seconds)
	return err
}
