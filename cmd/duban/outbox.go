package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"duban/cmd/duban/internal/control"
)

// outboxCmd is about what has not gone yet.
type outboxCmd struct {
	List    outboxListCmd    `cmd:"" help:"List what is on its way, waits, or could not be delivered."`
	Resend  outboxResendCmd  `cmd:"" help:"Send again what could not be delivered."`
	Release outboxReleaseCmd `cmd:"" help:"Let the notices to leaders go that wait for the office (待送校领导)."`
}

// outboxListCmd lists.
type outboxListCmd struct {
	State  string `help:"Only these: dead (could not be delivered), pending (on its way), held (to leaders, waits for the office), waiting (waits for its morning)." enum:"dead,pending,held,waiting," default:"" placeholder:"STATE"`
	Limit  int    `help:"How many of each state." default:"200" placeholder:"N"`
	Config string `short:"c" help:"Settings." default:"config.yaml" placeholder:"FILE"`
	JSON   bool   `name:"json" help:"Print one JSON object."`
}

// Help is the longer text of --help.
func (outboxListCmd) Help() string {
	return `Two lines an entry: its key, receiver and subject; then the attempts so far, what the
far side said last, and when it is tried next.

  duban outbox list
  duban outbox list --state dead
  duban outbox list --state dead --json | jq -r '.entries[] | .key + " " + .words'

A dead message was refused for good, or its retries are spent: mend the cause (a wrong
address in the organisation, a robot that was removed) and use 'duban outbox resend'.`
}

// Run is called by the parser.
func (c *outboxListCmd) Run(ctx context.Context, s streams) error {
	if c.Limit < 1 {
		return usage("--limit %d: write a number from 1", c.Limit)
	}
	return atTheData(ctx, c.Config, s, func(d *control.Client) error {
		out, err := d.Outbox(ctx, control.Query{State: c.State, Limit: c.Limit})
		if err != nil {
			return asked(err)
		}
		if c.JSON {
			return json.NewEncoder(s.Out).Encode(out)
		}
		return printOutbox(s.Out, &out, c.State)
	})
}

// stateWords are the states on the screen.
var stateWords = map[string]string{
	control.Dead: "未送达", control.Pending: "待发送", control.Held: "待送校领导", control.Waiting: "待汇总",
}

var channelWords = map[string]string{"mail": "邮件", "wecom": "企业微信"}

func printOutbox(w io.Writer, out *control.Outbox, only string) error {
	var b strings.Builder
	for i := range out.Entries {
		printEntry(&b, &out.Entries[i])
	}
	var sums []string
	for _, s := range control.States {
		if only == "" || only == s {
			sums = append(sums, fmt.Sprintf("%s %d", stateWords[s], out.Counts[s]))
		}
	}
	fmt.Fprintf(&b, "合计：%s\n", strings.Join(sums, "，"))
	_, err := io.WriteString(w, b.String())
	return err
}

func printEntry(b *strings.Builder, e *control.Entry) {
	to := e.To
	if e.Address != "" {
		to += " <" + e.Address + ">"
	}
	line := []string{stateWords[e.State], e.Key, channelWords[e.Channel], to, e.Slip, e.Subject}
	fmt.Fprintln(b, strings.Join(strings.Fields(strings.Join(line, " ")), " "))
	var more []string
	if e.Attempts > 0 || e.Words != "" || e.Code != "" {
		more = append(more, fmt.Sprintf("已试 %d 次", e.Attempts), strings.TrimSpace(minute(e.LastAt)+" "+e.Class), cmp.Or(strings.TrimSpace(e.Code+" "+e.Words), "对方无答复"))
	}
	if e.Next != "" {
		more = append(more, minute(e.Next)+" 发送")
	}
	if len(more) > 0 {
		fmt.Fprintln(b, "    "+strings.Join(more, "，"))
	}
}

// outboxResendCmd sends again.
type outboxResendCmd struct {
	Keys   []string `arg:"" optional:"" name:"key" help:"Keys as 'duban outbox list' prints them; none: everything that could not be delivered."`
	Config string   `short:"c" help:"Settings." default:"config.yaml" placeholder:"FILE"`
	JSON   bool     `name:"json" help:"Print one JSON object."`
}

// Help is the longer text of --help.
func (outboxResendCmd) Help() string {
	return `Gives messages that could not be delivered a fresh set of attempts, beginning at once
or with the next sending hours (notify.send_from, send_to). The message keeps its key, so a receiver who has it already can
tell. Notices that nobody could receive look for a receiver again.

  duban outbox resend
  duban outbox resend 20230217-zhou.zhiqiang-3-2-0`
}

// Run is called by the parser.
func (c *outboxResendCmd) Run(ctx context.Context, s streams) error {
	return atTheData(ctx, c.Config, s, func(d *control.Client) error {
		n, err := d.Resend(ctx, c.Keys...)
		return printMoved(s.Out, n, asked(err), c.JSON, "重新发送 %d 条。\n")
	})
}

// outboxReleaseCmd releases held notices.
type outboxReleaseCmd struct {
	Config string `short:"c" help:"Settings." default:"config.yaml" placeholder:"FILE"`
	JSON   bool   `name:"json" help:"Print one JSON object."`
}

// Help is the longer text of --help.
func (outboxReleaseCmd) Help() string {
	return `With leaders.release: manual, what goes to school leaders waits until the office has
looked at it:

  duban outbox list --state held
  duban outbox release`
}

// Run is called by the parser.
func (c *outboxReleaseCmd) Run(ctx context.Context, s streams) error {
	return atTheData(ctx, c.Config, s, func(d *control.Client) error {
		n, err := d.Release(ctx)
		return printMoved(s.Out, n, asked(err), c.JSON, "放行 %d 条送校领导的提醒。\n")
	})
}

func printMoved(w io.Writer, n control.Moved, err error, asJSON bool, words string) error {
	switch {
	case err != nil:
		return err
	case asJSON:
		return json.NewEncoder(w).Encode(n)
	}
	_, err = fmt.Fprintf(w, words, n.Count)
	return err
}
