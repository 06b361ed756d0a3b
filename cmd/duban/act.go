package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"duban/cmd/duban/internal/app"
	"duban/cmd/duban/internal/config"
	"duban/cmd/duban/internal/control"
	"duban/engine/fault"
)

// actCmd does what a person does.
type actCmd struct {
	Slip    string            `arg:"" help:"Number of the assignment (督办编号), such as 2023-0005."`
	Event   string            `arg:"" help:"What is done; see the list below."`
	By      string            `required:"" help:"Who does it: id, full name or mail address in the organisation." placeholder:"PERSON"`
	Data    map[string]string `short:"d" help:"What belongs to it; may be given several times." mapsep:"none" placeholder:"KEY=VALUE"`
	Version int               `help:"Only if the assignment still is at this version; else exit 1 and who acted since." placeholder:"N"`
	Config  string            `short:"c" help:"Settings." default:"config.yaml" placeholder:"FILE"`
	JSON    bool              `name:"json" help:"Print one JSON object."`
}

// Help is the longer text of --help.
func (actCmd) Help() string {
	return `Records an act of a person and prints the new state and what comes next. Roles
come from the organisation on that day: units act on their own assignments, the
office, sponsors (分管领导) and principals (主要领导) on those they answer for.

  duban act 2023-0005 acknowledge --by 周志强
  duban act 2023-0005 report --by wu.xiaoyan --data progress=方案已印发 --data difficulty=经费未落实
  duban act 2023-0005 ask_extension --by zhou@example.edu.cn -d due=2023-07-31 -d reason=场地未交付
  duban act 2023-0005 extend --by zhao.xuemei -d due=2023-07-31 -d reason=同意 --version 4

Events of an assignment, who may, and the data each needs:
  acknowledge    签收      lead, office
  report         反馈      lead, office        progress
  request_close  申请办结  lead, office        result
  ask_extension  申请延期  lead, office        due, reason
  contest        申请调整  lead                reason
  set_date       填报日期  lead, office        due      (an event's date is known)
  close          办结      office, not the handler      result, unless asked for
  return         退回补正  office              reason
  extend         同意延期  office and leaders  due, reason
  refuse         不予同意  office and leaders  reason
  reassign       改派      office              unit, reason
  suspend        暂缓      office and leaders  reason
  resume         恢复办理  office and leaders
  instruct       批示      office and leaders  text
  remind         催办      office              message, if wanted; once in 24 hours
  phone          电话催办  office              words
  reopen         重新办理  office and leaders  reason
  cancel         撤销      office              reason
Of recurring duties:
  tick           登记一次  lead, office        topic
Of the month's supervision and the reviews:
  report         反馈      lead, office        progress
  checked        已核      office
  draft          起草      office
  approve        审签      office and leaders
  publish        印发      office
Days are written 2023-07-31. Workflows of your own may have others.

Exit codes: 0 done; 1 refused, with the reason, or somebody acted first; 2 no such
assignment, person or event.`
}

// Run is called by the parser.
func (c *actCmd) Run(ctx context.Context, s streams) error {
	if c.Version < 0 {
		return usage("--version %d: versions count from 1", c.Version)
	}
	return atTheData(ctx, c.Config, s, func(d *control.Client) error {
		done, err := d.Act(ctx, control.Act{Slip: c.Slip, Event: c.Event, By: c.By, Data: c.Data, Version: c.Version})
		if err != nil {
			return asked(err)
		}
		if c.JSON {
			return json.NewEncoder(s.Out).Encode(done)
		}
		return printActed(s.Out, &done)
	})
}

func printActed(w io.Writer, a *control.Acted) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s “%s”：%s（版本 %d）\n", a.Slip, a.Unit, a.Heading, a.Title, a.Version)
	if a.Due != 0 {
		fmt.Fprintln(&b, "时限："+dueWords(&control.Assignment{Due: a.Due, Effective: a.Effective}))
	}
	if len(a.Next) > 0 {
		b.WriteString("接下来：\n")
	}
	for _, n := range a.Next {
		fmt.Fprintf(&b, "  %s  %s\n", minute(n.At), n.What)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// minute is 2023-02-17 09:00 of an RFC 3339 time.
func minute(at string) string {
	t, err := time.Parse(time.RFC3339, at)
	if err != nil {
		return at
	}
	return t.Format("2006-01-02 15:04")
}

// atTheData does something at the data of a config: through the running
// service, or else at the data itself, opened for as long as it takes. Nothing
// is sent from here.
func atTheData(ctx context.Context, file string, s streams, do func(*control.Client) error) error {
	cfg, err := dataConfig(file)
	if err != nil {
		return err
	}
	c, err := control.Dial(ctx, cfg.Data)
	if err == nil {
		return do(c)
	}
	if !errors.Is(err, control.ErrNoService) {
		return err
	}
	p, err := dataParts(cfg, s)
	if err != nil {
		return err
	}
	a, err := app.OpenStore(ctx, p)
	if err != nil {
		return err
	}
	return errors.Join(do(control.Inside(control.Handler(a))), a.Close())
}

// dataConfig is the config without what only the sending service needs:
// whoever adds a plan need not hold the mail password.
func dataConfig(file string) (*config.Config, error) {
	c, faults := config.Load(file)
	faults = slices.DeleteFunc(faults, func(f fault.Fault) bool {
		return strings.HasPrefix(f.What, "mail.") || strings.HasPrefix(f.What, "wecom.")
	})
	return c, faults.Err()
}
