package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"duban/engine/calendar"
	"duban/plan"
	"duban/plan/when"
	"duban/seeds"
)

// whenCmd reads time expressions.
type whenCmd struct {
	Expr     []string      `arg:"" optional:"" name:"expr" help:"A time expression such as 2月底; - reads lines of expression, tab, day of issue."`
	Issued   calendar.Date `help:"Day of issue that 今年 and 3日内 count from; default today." placeholder:"DATE"`
	Calendar string        `help:"File of school terms, so that 学期末 has a day." type:"path" placeholder:"FILE"`
	JSON     bool          `name:"json" help:"One line {\"deadlines\":[…]} an expression; [] for what is no deadline."`
}

// Help is the longer text of --help.
func (whenCmd) Help() string {
	return `Says what a time expression of a plan means, in one sentence, and by which rule.

  duban when 2月底 --issued 2023-02-17
  duban when 每学期至少给师生上党课1次
  duban when 学期末 --issued 2023-03-15 --calendar terms.txt
  duban when - --json < expressions.tsv        lines of expression, tab, day of issue

The grammar is described in docs/time-grammar.md.`
}

// Run prints the meaning of each expression.
func (c *whenCmd) Run(_ context.Context, s streams) error {
	text := strings.TrimSpace(strings.Join(c.Expr, " "))
	if text == "" {
		return usage("name a time expression, such as: duban when 2月底")
	}
	cal, err := termCalendar(c.Calendar)
	if err != nil {
		return err
	}
	ctx := when.Context{Issued: c.Issued, Cal: cal}
	if ctx.Issued == 0 {
		ctx.Issued = cal.DateOf(s.Now())
	}
	out := bufio.NewWriter(s.Out)
	if text != "-" {
		if err := c.print(out, text, ctx); err != nil {
			return err
		}
		return out.Flush()
	}
	lines := bufio.NewScanner(s.In)
	lines.Buffer(nil, 1<<20)
	for n := 1; lines.Scan(); n++ {
		expr, day, _ := strings.Cut(lines.Text(), "\t")
		at := ctx
		if day = strings.TrimSpace(day); day != "" {
			if at.Issued, err = calendar.ParseDate(day); err != nil {
				return usage("line %d: %q is no day of issue such as 2023-02-17", n, day)
			}
		}
		if err := c.print(out, expr, at); err != nil {
			return err
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("when: standard input: %w", err)
	}
	return out.Flush()
}

func (c *whenCmd) print(out *bufio.Writer, text string, ctx when.Context) error {
	found := when.Alone(text, ctx)
	if c.JSON {
		deadlines := []plan.Deadline{}
		for _, f := range found {
			if f.Kind != "" {
				deadlines = append(deadlines, f.Deadline)
			}
		}
		return json.NewEncoder(out).Encode(map[string]any{"deadlines": deadlines})
	}
	if len(found) == 0 {
		_, err := fmt.Fprintln(out, when.WhyNot(text, ctx))
		return err
	}
	for _, f := range found {
		if _, err := fmt.Fprintln(out, when.Explain(f, ctx)); err != nil {
			return err
		}
	}
	return nil
}

// termCalendar is the statutory holidays with the terms of a file, or with none.
func termCalendar(file string) (*calendar.Calendar, error) {
	var terms []calendar.Term
	if file != "" {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", errUsage, err)
		}
		var faults calendar.Faults
		if terms, faults = calendar.ParseTerms(file, text); len(faults) > 0 {
			return nil, fmt.Errorf("%w: %w", errUsage, faults.Err())
		}
	}
	holidays, err := fs.ReadFile(seeds.FS(), seeds.HolidaysFile)
	if err != nil {
		return nil, fmt.Errorf("when: holidays: %w", err)
	}
	tables, faults := calendar.ParseHolidays(seeds.HolidaysFile, holidays)
	if len(faults) > 0 {
		return nil, fmt.Errorf("when: holidays: %w", faults.Err())
	}
	cal, err := calendar.New(tables, terms, calendar.Options{})
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errUsage, err)
	}
	return cal, nil
}
