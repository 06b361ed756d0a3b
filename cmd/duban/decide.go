package main

import (
	"context"
	"encoding/json"
	"fmt"

	"duban/cmd/duban/internal/control"
	"duban/engine/calendar"
)

// planDecideCmd decides about items that wait.
type planDecideCmd struct {
	Plan   string        `arg:"" help:"The plan's name, as 'duban plan add' printed it."`
	Items  []string      `arg:"" name:"item" help:"Numbers of items, as printed: 二.1."`
	Lead   []string      `help:"The unit that leads, where the plan prints none; several: --lead 甲 --lead 乙." placeholder:"UNIT"`
	Due    calendar.Date `help:"A deadline." placeholder:"DATE" xor:"what"`
	Keep   bool          `help:"长期坚持: no deadline, struck off when the plan ends." xor:"what"`
	Usual  calendar.Date `help:"When the awaited event usually is; its date is asked for from two months before." placeholder:"DATE" xor:"what"`
	Config string        `short:"c" help:"Settings." default:"config.yaml" placeholder:"FILE"`
	JSON   bool          `name:"json" help:"Print one JSON object."`
}

// Help is the longer text of --help.
func (planDecideCmd) Help() string {
	return `Items without a unit or a date wait for the office; this is its decision. The plan
itself stays as it was issued.

  duban plan decide 000 二.1 --lead 组织部 --due 2023-06-30
  duban plan decide 000 一.1 六.1 六.2 --lead 宣传统战部 --keep
  duban plan decide 002 三.(一).3 --lead 党政办公室       the item's own date holds

An item whose assignments have begun is left alone (exit code 2).`
}

// Run is called by the parser.
func (c *planDecideCmd) Run(ctx context.Context, s streams) error {
	if len(c.Lead) == 0 && c.Due == 0 && !c.Keep && c.Usual == 0 {
		return usage("say what is decided: --lead, --due, --keep or --usual")
	}
	q := control.Decide{Plan: c.Plan, Items: c.Items, Lead: c.Lead, Due: c.Due, Keep: c.Keep, Usual: c.Usual}
	return atTheData(ctx, c.Config, s, func(d *control.Client) error {
		out, err := d.Decide(ctx, q)
		if err != nil {
			return asked(err)
		}
		if c.JSON {
			return json.NewEncoder(s.Out).Encode(out)
		}
		for _, it := range out.Items {
			words := map[string]string{"started": "已启动", "kept": "长期坚持", "waiting": "仍待定：" + it.Why}[it.Status]
			if _, err := fmt.Fprintf(s.Out, "%s %s  %s\n", it.Item, it.Heading, words); err != nil {
				return err
			}
		}
		return nil
	})
}
