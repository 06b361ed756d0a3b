// Command duban (督办) runs deadline-driven assignments of public bodies: plans
// become workflow instances, instances remind and escalate.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"slices"
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	"duban/cmd/duban/internal/app"
	"duban/engine/fault"
	"duban/plan/source"
)

// cli is every command. Each has a file of its own.
type cli struct {
	Demo    demoCmd    `cmd:"" help:"Run five real plans through three and a half years in seconds, then show every message on a page."`
	Serve   serveCmd   `cmd:"" help:"Run the service by config.yaml until it is told to stop."`
	Read    readCmd    `cmd:"" help:"Read a plan document and print the plan."`
	When    whenCmd    `cmd:"" help:"Say what a time expression of a plan means, and why."`
	Plan    planCmd    `cmd:"" help:"Plans: add one to the data of config.yaml, through the running service where there is one."`
	Import  importCmd  `cmd:"" help:"Read a plan document and keep it as a draft for review; nothing starts. Of a revised document: what changes."`
	Draft   draftCmd   `cmd:"" help:"Drafts: review, decide, confirm what was imported."`
	Act     actCmd     `cmd:"" help:"Do what a person does to an assignment: acknowledge, report, request_close, close …"`
	Preview previewCmd `cmd:"" help:"List every message that plans would lead to, without sending or storing anything."`
	Check   checkCmd   `cmd:"" help:"Check config, workflow definitions, plans, organisation and calendars; list every fault."`
	Doctor  doctorCmd  `cmd:"" help:"Say what is wrong with an installation and what to do: config, calendars, channels, clock, disk, data, people."`
	Verify  verifyCmd  `cmd:"" help:"Verify the audit chain and replay every instance from its history."`
	Backup  backupCmd  `cmd:"" help:"Write a verified copy of the data into a file, beside the running service."`
	Restore restoreCmd `cmd:"" help:"Put a backup in the place of the data file; the service must be stopped."`
	Outbox  outboxCmd  `cmd:"" help:"See what is on its way or could not be delivered; send it again."`
	Bench   benchCmd   `cmd:"" help:"Measure this machine: transitions a second, lateness, a Monday morning."`
	Version versionCmd `cmd:"" help:"Print version and build."`
}

// streams are where a command reads and writes, and the clock; tests hand in their own.
type streams struct {
	In       io.Reader
	Out, Err io.Writer
	Now      func() time.Time
}

// errUsage marks wrong usage or input: exit code 2.
var errUsage = errors.New("wrong usage or input")

// Steps make much garbage and keep little, so it is collected less often than
// Go would; the soft limit in bytes keeps memory small all the same (see
// docs/performance.md). GOGC and GOMEMLIMIT in the environment go before these.
const (
	garbage     = 400 // per cent of what is in use
	memoryLimit = 110 << 20
)

func main() {
	reads := len(os.Args) > 1 && slices.Contains([]string{"read", "import"}, os.Args[1]) // a large document needs what it needs
	if !reads && os.Getenv("GOGC") == "" && os.Getenv("GOMEMLIMIT") == "" {
		debug.SetGCPercent(garbage)
		debug.SetMemoryLimit(memoryLimit)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], streams{os.Stdin, os.Stdout, os.Stderr, app.System}))
}

// run is main without the process: it parses args, runs the command and answers
// the exit code (0 done, 1 failed, 2 wrong usage or input).
func run(ctx context.Context, args []string, s streams) int {
	var c cli
	exited := -1
	parser, err := kong.New(&c,
		kong.Name("duban"),
		kong.Description("督办: a workflow and notification engine for deadline-driven assignments.\n\nStart with: duban demo"),
		kong.Writers(s.Out, s.Err), kong.Exit(func(code int) { exited = code }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
	)
	if err != nil {
		fmt.Fprintln(s.Err, "duban:", err)
		return 1
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	k, err := parser.Parse(args)
	if exited >= 0 {
		return exited
	}
	if err != nil {
		fmt.Fprintln(s.Err, "duban:", err)
		fmt.Fprintln(s.Err, "run 'duban --help' to see what there is")
		return 2
	}
	k.BindTo(ctx, (*context.Context)(nil))
	return exitCode(k.Run(s), s.Err)
}

func exitCode(err error, w io.Writer) int {
	var faults fault.List
	var refused *source.Refused
	switch {
	case err == nil:
		return 0
	case errors.As(err, &refused):
		fmt.Fprintln(w, "duban:", refused)
		return 2
	case errors.As(err, &faults):
		fmt.Fprintln(w, faults.Error())
		return 2
	case errors.Is(err, errUsage):
		fmt.Fprintln(w, "duban:", err)
		return 2
	}
	fmt.Fprintln(w, "duban:", err)
	return 1
}
