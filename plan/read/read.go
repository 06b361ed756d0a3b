// Package read makes a plan of a document: blocks, outline, time limits.
package read

import (
	"path/filepath"

	"duban/engine/calendar"
	"duban/plan"
	"duban/plan/outline"
	"duban/plan/source"
	"duban/plan/when"
)

// Options override what a document says or does not say.
type Options struct {
	Issued calendar.Date
	Year   int
	Cal    *calendar.Calendar // school terms, where one is named; nil: none
}

// Plan reads a document. An error is a *source.Refused.
func Plan(name string, content []byte, o Options) (*plan.Plan, error) {
	d, err := source.Open(name, content)
	if err != nil {
		return nil, err
	}
	out := outline.Of(d)
	p := &plan.Plan{Source: filepath.Base(name), Title: out.Title, Issuer: out.Issuer, Issued: o.Issued, Year: o.Year, Warnings: out.Warnings}
	c := when.Context{Issued: p.Issued, Year: p.Year, Cal: o.Cal}
	for _, it := range out.Items {
		for _, f := range when.Find(it.Text, c) {
			it.Deadlines = append(it.Deadlines, f.Deadline)
		}
		p.Items = append(p.Items, it.Item)
	}
	return p, nil
}
