package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"duban/cmd/duban/internal/app"
	"duban/cmd/duban/internal/demo"
	"duban/engine/calendar"
)

// demoCmd runs the demo.
type demoCmd struct {
	Headless bool   `help:"No page at the end: print the summary and exit."`
	JSON     bool   `name:"json" help:"Print the summary as one JSON object."`
	Dir      string `help:"Where its files go; a run that was stopped goes on from there. Default: a new temporary folder." type:"path"`
	Seed     int    `help:"Which simulated departments." default:"1"`
	To       string `help:"The last day, for a shorter run: 2020-12-31."`
	Listen   string `help:"Where the post-box page is served." default:"localhost:8080"`
}

// Help is the longer text of --help.
func (demoCmd) Help() string {
	return `Takes the five plans of seeds/, an invented college and simulated people, and runs
2020-06-12 to 2024-01-15 on a virtual clock through the real engine: SQLite,
embedded JetStream, SMTP and WeCom robot posts to a local post box that enforces
the real limits. Afterwards every message is checked against the recorded history
and can be read at http://localhost:8080, by person and day.

Change a date in seeds/plans/*.yaml and run it again: other messages come.`
}

// Run is called by the parser.
func (c *demoCmd) Run(ctx context.Context, s streams) error {
	dir := c.Dir
	if dir == "" {
		tmp, err := os.MkdirTemp("", "duban-demo-")
		if err != nil {
			return fmt.Errorf("demo: %w", err)
		}
		defer os.RemoveAll(tmp)
		dir = tmp
	}
	o := demo.Options{Dir: dir, Seed: c.Seed}
	if c.To != "" {
		day, err := calendar.ParseDate(c.To)
		if err != nil || day < demo.First || day > demo.Last {
			return fmt.Errorf("demo: --to %s: %w: want a day from %s to %s", c.To, errUsage, demo.First, demo.Last)
		}
		o.From, o.To = demo.First, day
	}
	if !c.JSON {
		fmt.Fprintln(s.Err, "五份计划，自2020年6月起，虚拟时钟。文件在", filepath.Clean(dir))
		o.Progress = s.Err
	}
	began := app.System()
	d, err := demo.Open(ctx, o)
	if err != nil {
		return err
	}
	defer d.Close()
	if err := d.Run(ctx); err != nil {
		return err
	}
	sum, err := d.Summarise(ctx, app.System().Sub(began))
	if err != nil {
		return err
	}
	if c.JSON {
		err = json.NewEncoder(s.Out).Encode(sum)
	} else {
		fmt.Fprintln(s.Err)
		sum.Print(s.Out)
	}
	if err != nil || c.Headless {
		return errors.Join(err, sum.Err())
	}
	return c.show(ctx, d, s)
}

// show serves the post-box page until the user stops it.
func (c *demoCmd) show(ctx context.Context, d *demo.Demo, s streams) error {
	l, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return fmt.Errorf("demo: post-box page: %w; give another address with --listen", err)
	}
	srv := &http.Server{Handler: d.Box.Handler(demo.People{Org: d.App.Org}), ReadHeaderTimeout: 10 * time.Second}
	fmt.Fprintf(s.Err, "\n信箱页面：http://%s （按 Ctrl-C 结束）\n", l.Addr())
	context.AfterFunc(ctx, func() {
		ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
		defer cancel()
		if err := srv.Shutdown(ctx); err != nil {
			srv.Close()
		}
	})
	if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("demo: post-box page: %w", err)
	}
	return nil
}
