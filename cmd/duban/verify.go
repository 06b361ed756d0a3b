package main

import (
	"context"
	"encoding/json"
	"fmt"

	"duban/cmd/duban/internal/app"
	"duban/engine/store"
	"duban/scheduler"
)

// verifyCmd verifies a data file.
type verifyCmd struct {
	Config string `short:"c" help:"Verify the data of this config.yaml." type:"path" xor:"where"`
	File   string `help:"Verify this data file." type:"path" xor:"where"`
	JSON   bool   `name:"json" help:"Print the result as one JSON object."`
}

// Help is the longer text of --help.
func (verifyCmd) Help() string {
	return `Recomputes the hash chain of the history and takes every recorded event through the
engine again: each assignment must come to the state that is stored. The service
may keep running. Exit code 1 when anything differs.

The printed head is the hash of the last step. Kept elsewhere, it also proves later
that nobody cut the end off.`
}

// verified is the result, in the form scripts read.
type verified struct {
	File      string   `json:"file"`
	Steps     int64    `json:"steps"`
	Instances int      `json:"instances"`
	Head      string   `json:"head"`
	Faults    []string `json:"faults"`
}

// Run is called by the parser.
func (c *verifyCmd) Run(ctx context.Context, s streams) error {
	cfg, err := loadConfig(c.Config)
	if err != nil {
		return err
	}
	v := verified{File: c.File, Faults: []string{}}
	if v.File == "" {
		v.File = cfg.DSN()
	}
	db, err := store.OpenReader(ctx, v.File)
	if err != nil {
		return err
	}
	defer db.Close()
	lib, err := loadLibrary(cfg.Workflows)
	if err != nil {
		return err
	}
	cal, err := loadCalendar(cfg)
	if err != nil {
		return err
	}
	if v.Head, v.Steps, err = db.VerifyChain(ctx); err != nil {
		v.Faults = append(v.Faults, err.Error())
	}
	r := scheduler.Runner{DB: db, Library: lib, Calendar: cal}
	rep, err := app.Replay(ctx, db, r.Definition, cal)
	if err != nil {
		return err
	}
	v.Instances = len(rep.Instances)
	v.Faults = append(v.Faults, rep.Faults...)
	return c.print(s, &v)
}

func (c *verifyCmd) print(s streams, v *verified) error {
	if c.JSON {
		if err := json.NewEncoder(s.Out).Encode(v); err != nil {
			return err
		}
	} else {
		for _, f := range v.Faults {
			fmt.Fprintln(s.Out, f)
		}
		fmt.Fprintf(s.Out, "%s: %d steps of %d instances, head %s\n", v.File, v.Steps, v.Instances, v.Head)
	}
	if len(v.Faults) > 0 {
		return fmt.Errorf("verify: %d faults", len(v.Faults))
	}
	return nil
}
