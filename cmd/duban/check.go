package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"duban/cmd/duban/internal/config"
	"duban/engine/calendar"
	"duban/engine/fault"
	"duban/plan"
	"duban/seeds"
	"duban/workflows"
)

// checkCmd checks everything that can be written wrong.
type checkCmd struct {
	Files     []string `arg:"" optional:"" name:"file" help:"Check these files: a plan, organisation, workflow definition, config or calendar is known by what stands in it." type:"path"`
	Config    string   `short:"c" help:"Check this config.yaml and every file it names." type:"path"`
	Plans     []string `help:"Check these plan files." type:"path" placeholder:"FILE"`
	Workflows string   `help:"Check the workflow definitions in this folder." type:"path" placeholder:"DIR"`
	Org       string   `help:"Check this organisation file." type:"path" placeholder:"FILE"`
	Holidays  []string `help:"Check these holiday tables." type:"path" placeholder:"FILE"`
	Schema    bool     `help:"Print the JSON Schema of workflow definitions, for editors, and check nothing."`
	Terms     []string `help:"Check these school terms." type:"path" placeholder:"FILE"`
}

// Help is the longer text of --help.
func (checkCmd) Help() string {
	return `Lists every fault, one a line, as file:line:column: what; hint. Exit code 2 when there
is any. Without flags the shipped definitions, plans and calendars are checked, and
config.yaml of this folder when there is one.

  duban check -c config.yaml
  duban check plan.yaml my-workflow.yaml org.yaml holidays.txt
  duban check --plans plans/2023.yaml --workflows workflows/
  duban check --schema > workflow.schema.json`
}

// Run is called by the parser.
func (c *checkCmd) Run(s streams) error {
	if c.Schema {
		_, err := s.Out.Write(workflows.Schema())
		return err
	}
	if c.Config == "" && len(c.Files)+len(c.Plans) == 0 && c.Workflows == "" && c.Org == "" && len(c.Holidays)+len(c.Terms) == 0 {
		if _, err := os.Stat("config.yaml"); err == nil {
			c.Config = "config.yaml"
		}
	}
	cfg, faults, err := c.examine(s)
	warn(s, cfg.Warnings())
	if err := joinFaults(err, faults.Err()); err != nil {
		return err
	}
	_, err = fmt.Fprintln(s.Out, "no faults")
	return err
}

// examine reads the config and everything that is to be checked, and lists all
// faults in the order of their places; err is what is no fault of a file.
func (c *checkCmd) examine(s streams) (*config.Config, fault.List, error) {
	cfg, faults := config.Default(), fault.List(nil)
	if c.Config != "" {
		cfg, faults = config.Load(c.Config)
	}
	var rest []error
	for _, err := range c.files(cfg, s) {
		var l fault.List
		if errors.As(err, &l) {
			faults = append(faults, l...)
		} else if err != nil {
			rest = append(rest, err)
		}
	}
	if len(faults) > 0 { // what else fails follows from them, or shows when they are mended
		faults.Sort()
		return cfg, faults, nil
	}
	return cfg, nil, errors.Join(rest...)
}

// warn prints what may be meant but should be looked at; it is no fault.
func warn(s streams, all fault.List) {
	for _, w := range all {
		fmt.Fprintln(s.Err, "warning:", w.Error())
	}
}

// checkOrg checks an organisation file.
func checkOrg(file string, s streams) error {
	o, err := loadOrg(file)
	if err == nil {
		warn(s, o.Warnings())
	}
	return err
}

// files checks what the config names, or what is shipped, and what the flags name.
func (c *checkCmd) files(cfg *config.Config, s streams) []error {
	if c.Workflows != "" {
		cfg.Workflows = c.Workflows
	}
	cfg.Calendars.Holidays = append(cfg.Calendars.Holidays, c.Holidays...)
	cfg.Calendars.Terms = append(cfg.Calendars.Terms, c.Terms...)
	_, err1 := loadLibrary(cfg.Workflows)
	_, err2 := loadCalendar(cfg)
	out := []error{err1, err2, shipped()}
	switch {
	case c.Org != "":
		out = append(out, checkOrg(c.Org, s))
	case c.Config != "":
		if _, err := os.Stat(cfg.OrgFile()); err == nil || cfg.Org != "" {
			out = append(out, checkOrg(cfg.OrgFile(), s))
		}
	}
	for _, p := range c.Plans {
		_, err := loadPlan(p)
		out = append(out, err)
	}
	for _, f := range c.Files {
		out = append(out, checkFile(f, s))
	}
	return out
}

// checkFile checks a file as what it seems to be.
func checkFile(file string, s streams) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return fault.List{{File: file, What: "cannot be read: " + cause(err), Hint: "check the path"}}
	}
	if strings.HasSuffix(file, ".txt") {
		return checkTable(file, data)
	}
	src, faults := fault.Parse(file, data)
	if len(faults) > 0 {
		return faults.Err()
	}
	has := func(keys ...string) bool { return slices.ContainsFunc(keys, src.Has) }
	switch {
	case has("workflow", "fragment", "states"):
		_, faults = workflows.Load(file, data, workflows.Shipped)
	case has("units", "people", "posts"):
		return checkOrg(file, s)
	case has("items"):
		_, faults = plan.Load(file, data)
	case has("organisation", "data", "store", "notify", "mail", "wecom", "web", "leaders", "heartbeat", "nats", "metrics", "log", "calendars"):
		_, faults = config.Load(file)
	default:
		faults = fault.List{src.Fault("", "not known what this is", "a plan has items, an organisation units, a workflow states; the settings are in config.yaml")}
	}
	return faults.Err()
}

// checkTable checks a calendar file: holidays say year, terms say term.
func checkTable(file string, data []byte) error {
	if bytes.Contains(data, []byte("term ")) && !bytes.Contains(data, []byte("year ")) {
		_, faults := readTables([]string{file}, "", calendar.ParseTerms)
		return faults.Err()
	}
	_, faults := readTables([]string{file}, "", calendar.ParseHolidays)
	return faults.Err()
}

// shipped checks the embedded plans and what goes with them.
func shipped() error {
	if _, err := seeds.Plans(); err != nil {
		return err
	}
	_, err := seeds.Decisions()
	return err
}
