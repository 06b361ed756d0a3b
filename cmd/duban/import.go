package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"duban/cmd/duban/internal/control"
	"duban/engine/calendar"
	"duban/engine/fault"
	"duban/plan"
	"duban/plan/draft"
	"duban/plan/read"
	"duban/plan/source"
)

// importCmd reads a document and keeps it as a draft.
type importCmd struct {
	File    string        `arg:"" help:"The document as it was issued: docx, pdf, xlsx, html, txt or md; or a plan file, YAML or JSON."`
	Config  string        `short:"c" help:"Settings." default:"config.yaml" placeholder:"FILE"`
	Issued  calendar.Date `help:"Day of issue, instead of the printed one." placeholder:"DATE"`
	Year    int           `help:"Year that bare months belong to, instead of the document's."`
	Key     string        `help:"Name of the plan, instead of the file's." placeholder:"NAME" xor:"key"`
	Revises string        `help:"The plan that this document revises, where the file has another name." placeholder:"PLAN" xor:"key"`
	JSON    bool          `name:"json" help:"Print one JSON object."`
}

// Help is the longer text of --help.
func (importCmd) Help() string {
	return `Reads a plan document and keeps it as a draft for review: every item with its lead,
its deadlines and what they mean, how sure each of them is, and warnings first.
Nothing starts and nobody is told before the office confirms.

  duban import 工作要点.docx
  duban import 工作要点.docx --issued 2023-02-17       where the document prints no day
  duban import 工作要点修订稿.docx --revises 工作要点   what changes in the plan that runs

Then: duban draft decide, duban draft alias, duban draft confirm.

The same content again, under whatever name, changes nothing. A document of the name
of a plan that runs is a revision of it: its review is the difference, and confirming
it moves the assignments that run. A document that cannot be read, or is marked 秘密,
机密 or 绝密, is refused (exit code 2) and nothing of it is kept.`
}

// Run is called by the parser.
func (c *importCmd) Run(ctx context.Context, s streams) error {
	m, err := c.read()
	if err != nil {
		return err
	}
	return atTheData(ctx, c.Config, s, func(d *control.Client) error {
		r, err := d.ImportDraft(ctx, m)
		if err != nil {
			return asked(err)
		}
		switch {
		case c.JSON:
			return json.NewEncoder(s.Out).Encode(r)
		case r.Same:
			return c.printSame(s.Out, &r)
		}
		return printReview(s.Out, &r)
	})
}

// read is the document as a request. It is read here and not by the service,
// which a document that breaks a reader must not stop.
func (c *importCmd) read() (m control.Import, err error) {
	content, err := os.ReadFile(c.File)
	if err != nil {
		return m, fault.List{{File: c.File, What: "cannot be read: " + cause(err), Hint: "name a document"}}
	}
	p, err := c.plan(content)
	if err != nil {
		return m, err
	}
	draft.Prepare(p)
	if len(p.Items) == 0 {
		return m, fault.List{{File: c.File, What: "没有读到事项", Hint: "请核对是否为计划文件"}}
	}
	sum := sha256.Sum256(content)
	m = control.Import{File: filepath.Base(c.File), Digest: hex.EncodeToString(sum[:]), Key: c.Key, Revises: c.Revises}
	if c.Issued != 0 {
		m.Given = append(m.Given, "issued")
	}
	if c.Year != 0 {
		m.Given = append(m.Given, "year")
	}
	if m.Plan, err = json.Marshal(p); err != nil {
		return m, fmt.Errorf("import: %w", err)
	}
	return m, nil
}

func (c *importCmd) plan(content []byte) (*plan.Plan, error) {
	switch strings.ToLower(filepath.Ext(c.File)) {
	case ".yaml", ".yml", ".json":
		p, faults := plan.Load(c.File, content)
		if err := faults.Err(); err != nil {
			return nil, err
		}
		if c.Issued != 0 {
			p.Issued = c.Issued
		}
		if c.Year != 0 {
			p.Year = c.Year
		}
		return p, nil
	}
	cfg, err := dataConfig(c.Config)
	if err != nil {
		return nil, err
	}
	cal, err := loadCalendar(cfg)
	if err != nil {
		return nil, err
	}
	p, err := read.Plan(c.File, content, read.Options{Issued: c.Issued, Year: c.Year, Cal: cal})
	if r, refused := errors.AsType[*source.Refused](err); refused {
		return nil, fault.List{{File: r.File, What: r.What, Hint: r.Hint}}
	}
	return p, err
}

func (c *importCmd) printSame(w io.Writer, r *control.Review) error {
	words := fmt.Sprintf("内容相同的文件已于 %s 导入为 %s《%s》（%s），未作改动。\n", minute(r.Imported), r.Key, r.Title, draftStates[r.State])
	if r.State == "open" && (c.Issued != 0 && c.Issued != r.Issued || c.Year != 0 && c.Year != r.Year) {
		words += fmt.Sprintf("改印发日期：duban draft decide %s --issued 2023-02-17；换年度重读：先 duban draft discard %s，再导入。\n", r.Key, r.Key)
	}
	_, err := io.WriteString(w, words)
	return err
}
