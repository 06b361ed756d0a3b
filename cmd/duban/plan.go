package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"duban/cmd/duban/internal/control"
	"duban/engine/calendar"
	"duban/engine/fault"
	"duban/plan"
)

// planCmd is about plans.
type planCmd struct {
	Add    planAddCmd    `cmd:"" help:"Add a plan file: its items become assignments."`
	Decide planDecideCmd `cmd:"" help:"Decide about items that wait: who leads, by when, or 长期坚持."`
}

// planAddCmd adds a plan.
type planAddCmd struct {
	File   string        `arg:"" help:"Plan file, YAML or JSON; - reads standard input."`
	Config string        `short:"c" help:"Settings." default:"config.yaml" placeholder:"FILE"`
	Issued calendar.Date `help:"Day of issue, instead of the plan's own." placeholder:"DATE" aliases:"issue"`
	Until  calendar.Date `help:"Where recurring duties end, instead of the plan's own; else the end of its year." placeholder:"DATE"`
	JSON   bool          `name:"json" help:"Print one JSON object."`
}

// Help is the longer text of --help.
func (planAddCmd) Help() string {
	return `Stores a plan that the office has confirmed and starts an assignment for every
deadline of every lead unit. Lists what was started, with the numbers that 'duban
act' takes, and what waits and why: no unit, no date, a unit that the organisation
does not know. Nothing is invented for those.

  duban plan add plan.yaml
  duban plan add plan.yaml --issued 2023-02-17     where the plan prints no day
  duban plan add plan.json --until 2025-12-31 --json | jq -r '.assignments[].slip'

See first what would be sent: duban preview plan.yaml

A running service is asked to do it; without one the data is opened directly, and
messages go when the service starts. The same file again changes nothing. A file of
the same name with other content is refused (exit code 2), because assignments of
the first are running.`
}

// Run is called by the parser.
func (c *planAddCmd) Run(ctx context.Context, s streams) error {
	f := control.PlanFile{Name: c.File, Issued: c.Issued, Until: c.Until}
	var err error
	if f.Data, err = readInput(c.File, s.In); err != nil {
		return err
	}
	if _, faults := plan.Load(f.Name, f.Data); len(faults) > 0 { // before anything is opened
		return faults
	}
	return atTheData(ctx, c.Config, s, func(d *control.Client) error {
		added, err := d.AddPlan(ctx, f)
		if err != nil {
			return asked(err)
		}
		for _, w := range added.Warnings {
			fmt.Fprintln(s.Err, "warning:", w)
		}
		if c.JSON {
			return json.NewEncoder(s.Out).Encode(added)
		}
		return printAdded(s.Out, &added)
	})
}

func readInput(file string, in io.Reader) ([]byte, error) {
	if file == "-" {
		data, err := io.ReadAll(in)
		if err != nil {
			return nil, fmt.Errorf("plan add: standard input: %w", err)
		}
		return data, nil
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, fault.List{{File: file, What: "cannot be read: " + cause(err), Hint: "name a plan file (YAML or JSON)"}}
	}
	return data, nil
}

func printAdded(w io.Writer, a *control.Added) error {
	if a.Same {
		_, err := fmt.Fprintf(w, "计划 %s 已于 %s 录入，内容相同，未作改动。\n", a.Plan, minute(a.Since))
		return err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "计划 %s《%s》：共 %d 项，启动 %d 项，生成督办件 %d 件，待定 %d 项。\n", a.Plan, a.Title, a.Items, a.Started, len(a.Assignments)+a.Children, a.Waiting)
	for _, as := range a.Assignments {
		fmt.Fprintf(&b, "  %-11s %s  %s %s  %s  %s\n", as.Slip, as.Unit, as.Item, as.Heading, dueWords(&as), as.State)
	}
	if a.Children > 0 {
		fmt.Fprintf(&b, "  另由其中派生 %d 件\n", a.Children)
	}
	if len(a.Waits) > 0 {
		b.WriteString("待定事项：\n")
	}
	for _, it := range a.Waits {
		fmt.Fprintf(&b, "  %s %s：%s\n", it.Item, it.Heading, it.Why)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// dueWords is 2023年12月31日（提前至2023年12月29日）, or the printed words where no
// day is fixed.
func dueWords(a *control.Assignment) string {
	switch {
	case a.Due == 0:
		return a.When
	case a.Effective != 0 && a.Effective < a.Due:
		return a.Due.Chinese() + "（提前至" + a.Effective.Chinese() + "）"
	case a.Effective > a.Due:
		return a.Due.Chinese() + "（顺延至" + a.Effective.Chinese() + "）"
	}
	return a.Due.Chinese()
}

// asked takes the answer of the data's keeper to an exit code.
func asked(err error) error {
	if p, ok := errors.AsType[*control.Problem](err); ok && p.Kind == control.Usage {
		return usage("%s", p.Words)
	}
	return err
}
