package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/goccy/go-yaml"

	"duban/engine/calendar"
	"duban/plan"
	"duban/plan/read"
)

// readCmd reads a plan document.
type readCmd struct {
	File     string        `arg:"" help:"The document as it was issued: docx, pdf, xlsx, html, txt or md." type:"path"`
	Issued   calendar.Date `help:"Day of issue, instead of the printed one." placeholder:"DATE"`
	Year     int           `help:"Year that bare months belong to, instead of the document's." placeholder:"YEAR"`
	Calendar string        `help:"School calendar with the terms, for 学期末 and 第10周; without it they have no date." type:"path" placeholder:"FILE"`
	JSON     bool          `name:"json" help:"JSON instead of YAML."`
}

// Help is the longer text of --help.
func (readCmd) Help() string {
	return `Reads a plan document as it was issued and prints its items: who leads, who
cooperates, by when. The YAML is a plan file; look it through, correct it, and add it:

  duban read 工作要点.docx > plan.yaml
  duban plan add plan.yaml

What is uncertain is said on stderr, one line each, and stands with its item as a
warning. Nothing is stored. A document with a mark of secrecy, or without any item,
is refused (exit code 2).`
}

// Run prints the plan.
func (c *readCmd) Run(_ context.Context, s streams) error {
	content, err := os.ReadFile(c.File)
	if err != nil {
		return usage("%s cannot be read: %s", filepath.Base(c.File), cause(err))
	}
	o := read.Options{Issued: c.Issued, Year: c.Year}
	if o.Cal, err = termCalendar(c.Calendar); err != nil {
		return err
	}
	p, err := read.Plan(c.File, content, o)
	if err != nil {
		return err
	}
	if err := sayDoubts(s.Err, p); err != nil {
		return fmt.Errorf("read: %w", err)
	}
	if c.JSON {
		return json.NewEncoder(s.Out).Encode(p)
	}
	text, err := yaml.Marshal(p)
	if err != nil {
		return fmt.Errorf("read: write YAML: %w", err)
	}
	_, err = s.Out.Write(text)
	return err
}

// sayDoubts prints what is uncertain, a line each: file:line: what.
func sayDoubts(w io.Writer, p *plan.Plan) error {
	for _, what := range p.Warnings {
		if _, err := fmt.Fprintf(w, "%s: %s\n", p.Source, what); err != nil {
			return err
		}
	}
	for _, it := range p.Items {
		for _, what := range it.Warnings {
			if _, err := fmt.Fprintf(w, "%s:%d: %s %s\n", p.Source, it.Line(), it.No, what); err != nil {
				return err
			}
		}
	}
	return nil
}
