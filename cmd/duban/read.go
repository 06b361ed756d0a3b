package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"duban/engine/calendar"
	"duban/plan/read"
)

// readCmd reads a plan document.
type readCmd struct {
	File   string        `arg:"" help:"The document as it was issued: docx, pdf, xlsx, html, txt or md." type:"path"`
	Issued calendar.Date `help:"Day of issue, instead of the printed one." placeholder:"DATE"`
	Year   int           `help:"Year that bare months belong to, instead of the document's."`
	JSON   bool          `name:"json" help:"JSON instead of YAML."`
}

// Run prints the plan.
func (c *readCmd) Run(_ context.Context, s streams) error {
	content, err := os.ReadFile(c.File)
	if err != nil {
		return fmt.Errorf("%w: %w", errUsage, err)
	}
	p, err := read.Plan(c.File, content, read.Options{Issued: c.Issued, Year: c.Year})
	if err != nil {
		return fmt.Errorf("%w: %w", errUsage, err)
	}
	return json.NewEncoder(s.Out).Encode(p)
}
