package main

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"duban/cmd/duban/internal/app"
	"duban/cmd/duban/internal/config"
	"duban/engine/calendar"
	"duban/engine/store"
	"duban/scheduler"
	"duban/workflows"
)

// verifyCmd verifies a data file.
type verifyCmd struct {
	Config string `short:"c" help:"Verify the data of this config.yaml." type:"path" xor:"where"`
	File   string `help:"Verify this data file." type:"path" xor:"where"`
	Head   string `help:"A head kept elsewhere, which the chain must still contain." placeholder:"HASH[@SEQ]"`
	JSON   bool   `name:"json" help:"Print the result as one JSON object."`
}

// Help is the longer text of --help.
func (verifyCmd) Help() string {
	return `Recomputes the hash chains of history and ledger, takes every recorded event through
the engine again (each assignment must come to the state that is stored), compares the
outbox with what the history led to, and checks the sums of all other rows: one byte
that the disk has changed is found. The service may keep running. Exit code 1 when
anything differs.

The printed head is the hash of the last step and its number. Kept elsewhere, it also
proves later that nobody cut the end off:

  duban verify -c config.yaml --head 5f0c…e1@4711`
}

// verified is the result, in the form scripts read.
type verified struct {
	File      string   `json:"file"`
	Steps     int64    `json:"steps"`
	Instances int      `json:"instances"`
	Head      string   `json:"head"`
	Contains  *bool    `json:"contains,omitempty"` // the head asked for with --head
	Faults    []string `json:"faults"`
	replayed  []string // those of the faults that the replay alone finds
}

// Run is called by the parser.
func (c *verifyCmd) Run(ctx context.Context, s streams) error {
	cfg, err := loadConfig(c.Config)
	if err != nil {
		return err
	}
	hash, seq, err := parseHead(c.Head)
	if err != nil {
		return err
	}
	file := c.File
	if file == "" {
		file = cfg.DSN()
	}
	db, err := store.OpenSnapshot(ctx, file)
	if err != nil {
		return err
	}
	defer db.Close()
	by, err := newVerifier(cfg)
	if err != nil {
		return err
	}
	v, err := by.verify(ctx, db)
	if err != nil {
		return err
	}
	if hash != "" {
		found, err := db.Contains(ctx, hash, seq)
		if err != nil {
			return err
		}
		if v.Contains = &found; !found {
			v.Faults = append(v.Faults, "the chain does not contain the head "+c.Head+": its end was cut off, or another history stands here")
		}
	}
	return c.print(s, v)
}

// parseHead reads HASH or HASH@SEQ; "" is no head.
func parseHead(s string) (hash string, seq int64, err error) {
	if s == "" {
		return "", 0, nil
	}
	hash, at, numbered := strings.Cut(s, "@")
	if b, bad := hex.DecodeString(hash); bad != nil || len(b) != 32 {
		return "", 0, usage("--head: %q is no head; verify prints it, 64 digits, and the row it stands at: HASH@SEQ", s)
	}
	if numbered {
		if seq, err = strconv.ParseInt(at, 10, 64); err != nil || seq < 1 {
			return "", 0, usage("--head: %q is no row number", at)
		}
	}
	return strings.ToLower(hash), seq, nil
}

// verifier is what a replay needs beside the file.
type verifier struct {
	lib *workflows.Library
	cal *calendar.Calendar
}

func newVerifier(cfg *config.Config) (by verifier, err error) {
	if by.lib, err = loadLibrary(cfg.Workflows); err != nil {
		return by, err
	}
	by.cal, err = loadCalendar(cfg)
	return by, err
}

// verify checks everything there is to check in an open snapshot: chain, tables
// and sums, and the replay of every step.
func (by verifier) verify(ctx context.Context, db *store.DB) (v *verified, err error) {
	v = &verified{File: db.File(), Faults: []string{}}
	if v.Head, v.Steps, err = db.VerifyChain(ctx); err != nil {
		v.Faults = append(v.Faults, err.Error())
	}
	faults, err := db.Audit(ctx)
	if v.Faults = append(v.Faults, faults...); err != nil {
		v.Faults = append(v.Faults, err.Error())
	}
	r := scheduler.Runner{DB: db, Library: by.lib, Calendar: by.cal}
	rep, err := app.Replay(ctx, db, r.Definition, by.cal)
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil:
		v.Faults = append(v.Faults, err.Error())
	default:
		v.Instances = len(rep.Instances)
		v.replayed = rep.Faults
		v.Faults = append(v.Faults, rep.Faults...)
	}
	return v, nil
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
		fmt.Fprintf(s.Out, "%s: %d steps of %d instances, head %s@%d\n", v.File, v.Steps, v.Instances, v.Head, v.Steps)
	}
	if len(v.Faults) > 0 {
		return fmt.Errorf("verify: %d faults", len(v.Faults))
	}
	return nil
}
