package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"duban/cmd/duban/internal/app"
	"duban/cmd/duban/internal/config"
	"duban/engine/calendar"
	"duban/engine/fault"
	"duban/engine/org"
	"duban/notifier"
	"duban/plan"
	"duban/seeds"
	"duban/workflows"
)

// loadConfig reads the config file named on the command line. Without one the
// defaults hold, so that preview and check work anywhere.
func loadConfig(file string) (*config.Config, error) {
	if file == "" {
		return config.Default(), nil
	}
	c, faults := config.Load(file)
	return c, faults.Err()
}

// loadCalendar takes the configured tables, or the shipped ones.
func loadCalendar(c *config.Config) (*calendar.Calendar, error) {
	loc, err := c.Location()
	if err != nil {
		return nil, err
	}
	o := calendar.Options{Zone: loc, Open: c.Notify.Opening.Duration(), Close: c.Notify.Closing.Duration(),
		SendFrom: c.Notify.SendFrom.Duration(), SendTo: c.Notify.SendTo.Duration()}
	var faults fault.List
	tables, tf := readTables(c.Calendars.Holidays, seeds.HolidaysFile, calendar.ParseHolidays)
	terms, ef := readTables(c.Calendars.Terms, seeds.TermsFile, calendar.ParseTerms)
	faults = append(append(faults, tf...), ef...)
	if err := faults.Err(); err != nil {
		return nil, err
	}
	return calendar.New(tables, terms, o)
}

// readTables reads calendar files, or the embedded one when none is named.
func readTables[T any](files []string, embedded string, parse func(string, []byte) ([]T, calendar.Faults)) ([]T, fault.List) {
	var out []T
	var faults fault.List
	read := func(name string, data []byte) {
		got, bad := parse(name, data)
		out = append(out, got...)
		for _, f := range bad {
			faults = append(faults, fault.Fault{File: f.File, Line: f.Line, Column: f.Column, What: f.What, Hint: f.Hint})
		}
	}
	if len(files) == 0 {
		data, err := fs.ReadFile(seeds.FS(), embedded)
		if err != nil {
			return nil, fault.List{{File: embedded, What: err.Error()}}
		}
		read(embedded, data)
	}
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			faults = append(faults, fault.Fault{File: f, What: "cannot be read: " + cause(err), Hint: "check the path in calendars"})
			continue
		}
		read(f, data)
	}
	return out, faults
}

func cause(err error) string {
	var pe *os.PathError
	if errors.As(err, &pe) {
		return pe.Err.Error()
	}
	return err.Error()
}

// loadOrg reads an organisation file; "" is the demo college.
func loadOrg(file string) (*org.Org, error) {
	if file == "" {
		return seeds.Org()
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, fault.List{{File: file, What: "cannot be read: " + cause(err), Hint: "name an organisation file; seeds/org.yaml is an example"}}
	}
	o, faults := org.Load(file, data)
	return o, faults.Err()
}

func loadLibrary(dir string) (*workflows.Library, error) {
	if dir == "" {
		return workflows.Embedded()
	}
	lib, faults := workflows.LoadDir(dir)
	return lib, faults.Err()
}

func loadPlan(file string) (*plan.Plan, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, fault.List{{File: file, What: "cannot be read: " + cause(err), Hint: "name a plan file (YAML or JSON)"}}
	}
	p, faults := plan.Load(file, data)
	return p, faults.Err()
}

// parts are what config says, without channels and clock.
func parts(c *config.Config) (app.Parts, error) {
	var p app.Parts
	var errs [3]error
	p.Calendar, errs[0] = loadCalendar(c)
	p.Org, errs[1] = loadOrg(c.OrgFile())
	p.Library, errs[2] = loadLibrary(c.Workflows)
	p.File, p.NATSDir, p.NATSURL = c.DSN(), c.NATSDir(), c.NATS.URL
	if c.NATS.Events {
		p.Events = c.Web.BaseURL
	}
	p.Now, p.ManualLeaders = app.System, c.Leaders.Release == "manual"
	p.Notify = notifier.DefaultOptions()
	p.Notify.Retries, p.Notify.AmbiguousWait = c.Notify.Retries, c.Notify.AmbiguousWait
	p.Notify.PerMinute, p.Notify.MailWorkers = c.WeCom.PerMinute, c.Mail.Workers
	if c.WeCom.Cards {
		p.Notify.CardURL = c.Web.BaseURL
	}
	p.Notify.Phone = c.Notify.Phone // no links: no page answers them yet
	return p, joinFaults(errs[:]...)
}

// joinFaults joins errors so that fault lists stay one list.
func joinFaults(errs ...error) error {
	var all fault.List
	var rest []error
	for _, err := range errs {
		var l fault.List
		if errors.As(err, &l) {
			all = append(all, l...)
		} else if err != nil {
			rest = append(rest, err)
		}
	}
	if len(rest) > 0 {
		return errors.Join(append(rest, all.Err())...)
	}
	return all.Err()
}

func usage(format string, args ...any) error {
	return fmt.Errorf("%w: %s", errUsage, fmt.Sprintf(format, args...))
}
