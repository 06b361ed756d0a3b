package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"duban/cmd/duban/internal/config"
	"duban/cmd/duban/internal/control"
	"duban/cmd/duban/internal/doctor"
	"duban/engine/fault"
)

// doctorCmd says what is wrong with an installation.
type doctorCmd struct {
	Config string `short:"c" help:"Settings." default:"config.yaml" placeholder:"FILE"`
	JSON   bool   `name:"json" help:"Print one JSON object."`
}

// Help is the longer text of --help.
func (doctorCmd) Help() string {
	return `Looks at config, calendars, channels, clock, disk, data and organisation, and says
what is wrong and what to do, one line a finding: ok, warn or fail. It connects and
logs in to the mail server and asks the robots' host for its headers, but sends
nothing and writes nothing; the service may keep running. Run it as the service's
own account.

  duban doctor -c /etc/duban/config.yaml
  duban doctor --json | jq -r '.findings[] | select(.level != "ok") | .what'

Exit code 0: nothing is wrong, warnings allowed; 1: something fails; 2: the config
has faults, and the rest was not looked at.`
}

// doctorLimit bounds all that waits for a network.
const doctorLimit = time.Minute

// Run is called by the parser.
func (c *doctorCmd) Run(ctx context.Context, s streams) error {
	ctx, cancel := context.WithTimeout(ctx, doctorLimit)
	defer cancel()
	p, found, err := c.patient(ctx, s)
	if err != nil {
		return err
	}
	if p != nil {
		found = append(found, doctor.Examine(ctx, *p)...)
	}
	counts := map[doctor.Level]int{}
	for _, f := range found {
		counts[f.Level]++
	}
	if err := c.print(s.Out, found, counts); err != nil {
		return err
	}
	switch {
	case p == nil:
		return usage("%s has %d faults; the rest is looked at when they are mended", c.Config, counts[doctor.Fail])
	case counts[doctor.Fail] > 0:
		return fmt.Errorf("doctor: %d findings fail", counts[doctor.Fail])
	}
	return nil
}

// patient loads what config names, by the code of check. No patient means that
// the findings are faults of the config or of a file it names.
func (c *doctorCmd) patient(ctx context.Context, s streams) (*doctor.Patient, []doctor.Finding, error) {
	cfg, faults, err := (&checkCmd{Config: c.Config}).examine(s)
	if err != nil {
		return nil, nil, err
	}
	var p *doctor.Patient
	if len(faults) == 0 {
		p, err = examined(ctx, cfg, s)
		if !errors.As(err, &faults) && err != nil {
			return nil, nil, err
		}
	}
	var found []doctor.Finding
	for _, w := range cfg.Warnings() {
		found = append(found, finding(doctor.Warn, w))
	}
	for _, f := range faults {
		found = append(found, finding(doctor.Fail, f))
	}
	if len(faults) > 0 {
		return nil, found, nil
	}
	return p, append(found, doctor.Finding{Level: doctor.OK, Area: configArea, What: c.Config + " and the files it names have no faults"}), nil
}

const configArea = "config"

func finding(level doctor.Level, f fault.Fault) doctor.Finding {
	do := f.Hint
	f.Hint = ""
	return doctor.Finding{Level: level, Area: configArea, What: f.Error(), Do: do}
}

// examined is the patient of a config without faults.
func examined(ctx context.Context, cfg *config.Config, s streams) (*doctor.Patient, error) {
	d, err := dataParts(cfg, s)
	if err != nil {
		return nil, err
	}
	p := &doctor.Patient{Config: cfg, Calendar: d.Calendar, Org: d.Org, Now: d.Now}
	if _, p.Unreached, err = reachable(cfg, d.Org); err != nil {
		return nil, err
	}
	if cfg.Mail.Host != "" {
		if p.Mail, err = mailChannel(cfg); err != nil {
			return nil, err
		}
	}
	if len(cfg.WeCom.Robots) > 0 {
		if p.WeCom, err = robotChannel(cfg); err != nil {
			return nil, err
		}
	}
	_, err = control.Dial(ctx, cfg.Data)
	p.Running = !errors.Is(err, control.ErrNoService)
	return p, nil
}

func (c *doctorCmd) print(w io.Writer, found []doctor.Finding, counts map[doctor.Level]int) error {
	if c.JSON {
		return json.NewEncoder(w).Encode(map[string]any{"findings": found, "ok": counts[doctor.OK], "warn": counts[doctor.Warn], "fail": counts[doctor.Fail]})
	}
	for _, f := range found {
		line := fmt.Sprintf("%-4s  %-12s  %s", f.Level, f.Area, f.What)
		if f.Do != "" {
			line += "; " + f.Do
		}
		if _, err := fmt.Fprintln(w, line); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(w, "%d ok, %d warn, %d fail\n", counts[doctor.OK], counts[doctor.Warn], counts[doctor.Fail])
	return err
}
