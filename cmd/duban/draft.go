package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"duban/cmd/duban/internal/columns"
	"duban/cmd/duban/internal/control"
	"duban/engine/calendar"
	"duban/plan"
)

// draftCmd is about what was imported and waits for the office.
type draftCmd struct {
	List     draftListCmd     `cmd:"" help:"List what was imported."`
	Review   draftReviewCmd   `cmd:"" help:"Show a draft again, as 'duban import' did."`
	Decide   draftDecideCmd   `cmd:"" help:"Decide about items: who leads, by when, 长期坚持, 敏感, 不督办; or about the day of issue."`
	Alias    draftAliasCmd    `cmd:"" help:"Say which unit a printed name means; without arguments list what was said."`
	Confirm  draftConfirmCmd  `cmd:"" help:"Confirm: the plan is added, its assignments begin; of a revision, what runs is moved."`
	Versions draftVersionsCmd `cmd:"" help:"List a plan that runs and what it was before its revisions."`
	Discard  draftDiscardCmd  `cmd:"" help:"Give a draft up. Nothing of it has begun."`
}

var draftStates = map[string]string{"open": "待确认", "confirmed": "已确认", "discarded": "已作废", "replaced": "已由新稿替换"}

// dataOf are the flags of every command at the data.
type dataOf struct {
	Config string `short:"c" help:"Settings." default:"config.yaml" placeholder:"FILE"`
	JSON   bool   `name:"json" help:"Print one JSON object."`
}

// show does something at the data and prints what came of it.
func show[Out any](ctx context.Context, f *dataOf, s streams, do func(*control.Client) (Out, error), words func(io.Writer, *Out) error) error {
	return atTheData(ctx, f.Config, s, func(d *control.Client) error {
		out, err := do(d)
		if err != nil {
			return asked(err)
		}
		if f.JSON {
			return json.NewEncoder(s.Out).Encode(out)
		}
		return words(s.Out, &out)
	})
}

type draftListCmd struct{ dataOf }

// Run is called by the parser.
func (c *draftListCmd) Run(ctx context.Context, s streams) error {
	return show(ctx, &c.dataOf, s, func(d *control.Client) ([]control.DraftLine, error) { return d.Drafts(ctx) }, printDrafts)
}

func printDrafts(w io.Writer, all *[]control.DraftLine) error {
	var b strings.Builder
	for _, l := range *all {
		fmt.Fprintf(&b, "%s  %s  %s  %s\n", minute(l.Imported), columns.Fill(draftStates[l.State], 12), columns.Fill(l.Key, 24), l.Title)
	}
	if len(*all) == 0 {
		b.WriteString("没有导入过文件。\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

type draftReviewCmd struct {
	Draft string `arg:"" help:"The draft's name, as 'duban import' printed it."`
	Plan  bool   `help:"The plan as it would be confirmed, as JSON: the form of 'duban plan add' and 'duban preview'."`
	dataOf
}

// Run is called by the parser.
func (c *draftReviewCmd) Run(ctx context.Context, s streams) error {
	return show(ctx, &c.dataOf, s, func(d *control.Client) (control.Review, error) { return d.Review(ctx, c.Draft) },
		func(w io.Writer, r *control.Review) error {
			if c.Plan {
				return json.NewEncoder(w).Encode(r.Plan)
			}
			return printReview(w, r)
		})
}

type draftDecideCmd struct {
	Draft     string        `arg:"" help:"The draft's name, as 'duban import' printed it."`
	Items     []string      `arg:"" optional:"" name:"item" help:"Numbers of items, as printed: 二.1."`
	Lead      []string      `help:"The unit that leads, instead of what is printed; several: --lead 甲 --lead 乙." placeholder:"UNIT"`
	Due       calendar.Date `help:"A deadline, instead of the printed ones." placeholder:"DATE" xor:"what"`
	Keep      bool          `help:"长期坚持: no deadline, struck off when the plan ends." xor:"what"`
	Usual     calendar.Date `help:"When the awaited event usually is." placeholder:"DATE" xor:"what"`
	Sensitive bool          `help:"敏感: messages show the number only."`
	Drop      bool          `help:"不督办: the item stays in the plan, and nothing begins for it."`
	Clear     bool          `help:"Take back what was decided about the items before."`
	Issued    calendar.Date `help:"The plan's day of issue." placeholder:"DATE"`
	Until     calendar.Date `help:"Where recurring duties end." placeholder:"DATE"`
	dataOf
}

// Help is the longer text of --help.
func (draftDecideCmd) Help() string {
	return `What the office decides stands beside what is printed, and is confirmed with it.

  duban draft decide 002 二.1 --lead 组织部 --due 2023-06-30
  duban draft decide 002 一.1 六.1 --keep
  duban draft decide 002 五.2 --sensitive
  duban draft decide 002 --issued 2023-02-17      where the document prints no day`
}

// Run is called by the parser.
func (c *draftDecideCmd) Run(ctx context.Context, s streams) error {
	d := plan.Decision{Lead: c.Lead, Due: c.Due, Usual: c.Usual, Keep: c.Keep, Sensitive: c.Sensitive, Drop: c.Drop}
	whole, each := c.Issued != 0 || c.Until != 0, !d.None() || c.Clear
	switch {
	case !whole && !each:
		return usage("say what is decided: --lead, --due, --keep, --usual, --sensitive, --drop or --clear about items; --issued or --until about the plan")
	case each != (len(c.Items) > 0):
		return usage("name the items that --lead, --due, --keep, --usual, --sensitive, --drop or --clear are about, and no items for --issued and --until alone")
	}
	q := control.DraftDecision{Key: c.Draft, Items: c.Items, Issued: c.Issued, Until: c.Until, Clear: c.Clear, Decision: d}
	return show(ctx, &c.dataOf, s, func(d *control.Client) (control.Review, error) { return d.DecideDraft(ctx, q) },
		func(w io.Writer, r *control.Review) error { return printDecided(w, r, c.Items) })
}

type draftAliasCmd struct {
	Names map[string]string `arg:"" optional:"" name:"printed=unit" help:"The printed name and the unit's own: 宣传统战部=党委宣传统战部." mapsep:"none"`
	By    string            `help:"Who says so: id, full name or mail address of somebody of the office." placeholder:"PERSON"`
	dataOf
}

// Run is called by the parser.
func (c *draftAliasCmd) Run(ctx context.Context, s streams) error {
	return show(ctx, &c.dataOf, s, func(d *control.Client) ([]control.AliasLine, error) {
		if len(c.Names) == 0 {
			return d.Aliases(ctx)
		}
		return d.SetAliases(ctx, control.AliasSet{Names: c.Names, By: c.By})
	}, printAliases)
}

func printAliases(w io.Writer, all *[]control.AliasLine) error {
	var b strings.Builder
	for _, l := range *all {
		fmt.Fprintf(&b, "%s  →  %s  %s", columns.Fill(l.Printed, 24), columns.Fill(l.Unit, 24), minute(l.Said))
		if l.By != "" {
			b.WriteString("  " + l.By)
		}
		b.WriteByte('\n')
	}
	if len(*all) == 0 {
		b.WriteString("没有别名。\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

type draftConfirmCmd struct {
	Draft string   `arg:"" help:"The draft's name, as 'duban import' printed it."`
	Items []string `arg:"" optional:"" name:"item" help:"Numbers of the items that begin; the others wait until they are confirmed too."`
	All   bool     `help:"All items."`
	By    string   `help:"Who confirms, for the history of a revision: id, full name or mail address of somebody of the office; default: the office." placeholder:"PERSON"`
	dataOf
}

// Run is called by the parser.
func (c *draftConfirmCmd) Run(ctx context.Context, s streams) error {
	q := control.Confirm{Key: c.Draft, Items: c.Items, All: c.All, By: c.By}
	return show(ctx, &c.dataOf, s, func(d *control.Client) (control.Confirmed, error) { return d.Confirm(ctx, q) },
		func(w io.Writer, a *control.Confirmed) error {
			for _, warning := range a.Warnings {
				fmt.Fprintln(s.Err, "warning:", warning)
			}
			if a.Revised != nil {
				return printRevised(w, a)
			}
			return printAdded(w, &a.Added)
		})
}

type draftDiscardCmd struct {
	Draft string `arg:"" help:"The draft's name, as 'duban import' printed it."`
	dataOf
}

// Run is called by the parser.
func (c *draftDiscardCmd) Run(ctx context.Context, s streams) error {
	return show(ctx, &c.dataOf, s, func(d *control.Client) (control.DraftLine, error) { return d.Discard(ctx, c.Draft) },
		func(w io.Writer, l *control.DraftLine) error {
			_, err := fmt.Fprintf(w, "草稿 %s《%s》已作废，未启动任何事项。\n", l.Key, l.Title)
			return err
		})
}

type draftVersionsCmd struct {
	Plan string `arg:"" help:"The plan's name."`
	Show int    `help:"Print the plan of this version as JSON." placeholder:"N"`
	dataOf
}

// Run is called by the parser.
func (c *draftVersionsCmd) Run(ctx context.Context, s streams) error {
	return show(ctx, &c.dataOf, s, func(d *control.Client) ([]control.VersionLine, error) { return d.Versions(ctx, c.Plan) }, c.print)
}

func (c *draftVersionsCmd) print(w io.Writer, all *[]control.VersionLine) error {
	if c.Show < 0 || c.Show > len(*all) {
		return usage("%s 没有第 %d 版", c.Plan, c.Show)
	}
	var b strings.Builder
	for _, v := range *all {
		if c.Show == v.Version {
			b.Write(v.Plan)
			b.WriteByte('\n')
		} else if c.Show == 0 {
			until := "至今"
			if v.Replaced != "" {
				until = "至 " + minute(v.Replaced)
			}
			fmt.Fprintf(&b, "%d  %s %s  %s\n", v.Version, minute(v.Added), columns.Fill(until, 20), v.Title)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}
