package plan

import (
	"encoding/json"
	"fmt"
	"path/filepath"

	"duban/engine/calendar"
	"duban/engine/fault"
)

// planFile is a plan as it stands in a file: the plan's own keys, and remarks
// that annotated plans carry, which are accepted and not used.
type planFile struct {
	Source   string        `yaml:"source"`
	Title    string        `yaml:"title"`
	Inferred string        `yaml:"title_inferred"` // stands in where no title is printed
	Issuer   string        `yaml:"issuer"`
	Issued   calendar.Date `yaml:"issued"`
	Year     int           `yaml:"year"`
	Until    calendar.Date `yaml:"until"`
	Party    *bool         `yaml:"party"`
	Items    []itemFile    `yaml:"items"`
	Warnings []string      `yaml:"warnings"`

	Note           any `yaml:"note"`
	IssuerNote     any `yaml:"issuer_note"`
	IssuerInferred any `yaml:"issuer_inferred"`
	IssuedNote     any `yaml:"issued_note"`
}

type itemFile struct {
	No          string         `yaml:"no"`
	Section     string         `yaml:"section"`
	Heading     string         `yaml:"heading"`
	Text        string         `yaml:"text"`
	Type        string         `yaml:"type"`
	Lead        []string       `yaml:"lead"`
	Cooperating []string       `yaml:"cooperating"`
	Leader      []string       `yaml:"leader"`
	Deadlines   []deadlineFile `yaml:"deadlines"`
	Quantities  []quantityFile `yaml:"quantities"`
	Warnings    []string       `yaml:"warnings"`
	Workflow    string         `yaml:"workflow"`
	Usual       calendar.Date  `yaml:"usual"`
	Roll        calendar.Roll  `yaml:"roll"`
	Decided     *Decision      `yaml:"decided"`
	Runs        []string       `yaml:"runs"`

	Note              any `yaml:"note"`
	NoPrinted         any `yaml:"no_printed"`
	LeadPrinted       any `yaml:"lead_printed"`
	Truncated         any `yaml:"truncated"`
	Places            any `yaml:"places"`
	Deadline          any `yaml:"deadline"`
	DeadlineElsewhere any `yaml:"deadline_elsewhere"`
	DeadlinesOptional any `yaml:"deadlines_optional"`
}

type deadlineFile struct {
	Deadline `yaml:",inline"`

	Note        any `yaml:"note"`
	Inherits    any `yaml:"inherits"`
	EndMonthDay any `yaml:"end_mmdd"`
	YearUnknown any `yaml:"year_unknown"`
}

type quantityFile struct {
	Quantity `yaml:",inline"`

	Note     any `yaml:"note"`
	CountMin any `yaml:"count_min"`
	CountMax any `yaml:"count_max"`
}

// Load reads a plan file, YAML or JSON, and lists everything that is wrong with
// it. The plan is nil when there is a fault. A plan that does not name its
// document is called after the file.
func Load(file string, data []byte) (*Plan, fault.List) {
	src, faults := fault.Parse(file, data)
	if len(faults) > 0 {
		return nil, faults
	}
	var f planFile
	c := checker{src: src, decoded: src.Decode(&f)}
	p := f.plan()
	c.plan(p)
	if faults = append(c.decoded, c.found...); len(faults) > 0 {
		faults.Sort()
		return nil, faults
	}
	if p.Source == "" && file != "-" {
		p.Source = filepath.Base(file)
	}
	return p, nil
}

// FromJSON reads a plan that was written as JSON by the program itself, however
// long it is. What people write is for [Load], which says where a fault stands.
func FromJSON(data []byte) (*Plan, error) {
	p := &Plan{}
	if err := json.Unmarshal(data, p); err != nil {
		return nil, fmt.Errorf("plan: %w", err)
	}
	return p, nil
}

// Check lists what is wrong with a plan that did not come from a file: there are
// no lines to point at.
func (p *Plan) Check(name string) fault.List {
	src, faults := fault.Parse(name, []byte("{}"))
	c := checker{src: src, found: faults}
	c.plan(p)
	for i := range c.found {
		c.found[i].Line, c.found[i].Column = 0, 0
	}
	return c.found
}

func (f *planFile) plan() *Plan {
	p := &Plan{
		Source: f.Source, Title: f.Title, Issuer: f.Issuer, Issued: f.Issued, Year: f.Year,
		Until: f.Until, Party: f.Party, Warnings: f.Warnings,
	}
	if p.Title == "" {
		p.Title = f.Inferred
	}
	if p.Year == 0 && p.Issued != 0 {
		p.Year = p.Issued.Year()
	}
	for _, it := range f.Items {
		p.Items = append(p.Items, it.item())
	}
	return p
}

func (f *itemFile) item() Item {
	it := Item{
		No: f.No, Section: f.Section, Heading: f.Heading, Text: f.Text, Type: f.Type,
		Lead: f.Lead, Cooperating: f.Cooperating, Leader: f.Leader, Warnings: f.Warnings,
		Workflow: f.Workflow, Usual: f.Usual, Roll: f.Roll, Decided: f.Decided, Runs: f.Runs,
	}
	for _, d := range f.Deadlines {
		it.Deadlines = append(it.Deadlines, d.Deadline)
	}
	for _, q := range f.Quantities {
		it.Quantities = append(it.Quantities, q.Quantity)
	}
	return it
}
