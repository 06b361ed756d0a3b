package main

import (
	"bytes"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Every bad config ends 'serve' with code 2 before anything has begun: no data
// folder, no socket, no port, and nothing in the log but the faults.
func TestABadConfigStartsNothing(t *testing.T) {
	t.Setenv("DUBAN_TEST_KEY", "k")
	bad, err := filepath.Abs("internal/config/testdata/bad")
	if err != nil {
		t.Fatal(err)
	}
	files, err := os.ReadDir(bad)
	if err != nil {
		t.Fatal(err)
	}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := free.Addr().String()
	free.Close()
	tried := 0
	for _, f := range files {
		if filepath.Ext(f.Name()) != ".yaml" {
			continue
		}
		tried++
		dir := t.TempDir()
		if err := os.CopyFS(dir, os.DirFS(bad)); err != nil {
			t.Fatal(err)
		}
		before := listing(t, dir)
		file := filepath.Join(dir, f.Name())
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(text), "\nweb:") { // where it would listen, if it did
			text = append(text, "\nweb: {listen: \""+port+"\"}\n"...)
		}
		if err := os.WriteFile(file, text, 0o600); err != nil {
			t.Fatal(err)
		}
		var out, errs bytes.Buffer
		code := run(t.Context(), []string{"serve", "-c", file}, streams{Out: &out, Err: &errs})
		if code != 2 || !strings.Contains(errs.String(), file) {
			t.Errorf("%s: exit code %d\n%s", f.Name(), code, &errs)
		}
		if strings.Contains(errs.String(), "duban serves") || out.Len() > 0 {
			t.Errorf("%s: something began:\n%s%s", f.Name(), &out, &errs)
		}
		if after := listing(t, dir); after != before {
			t.Errorf("%s: files were made: %s, before %s", f.Name(), after, before)
		}
		if c, err := net.Dial("tcp", port); err == nil {
			c.Close()
			t.Errorf("%s: a port is open", f.Name())
		}
	}
	if tried < 40 {
		t.Errorf("%d bad configs, want 40", tried)
	}
}

func listing(t *testing.T, dir string) string {
	t.Helper()
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	names := make([]string, len(files))
	for i, f := range files {
		names[i] = f.Name()
	}
	return strings.Join(names, " ")
}

// A bad plan is refused as input, and neither data nor assignments come of it.
func TestABadPlanStartsNothing(t *testing.T) {
	files, err := filepath.Glob("../../plan/testdata/bad/*.yaml")
	if err != nil || len(files) < 30 {
		t.Fatal(files, err)
	}
	h := newHouse(t, "")
	all := []string{"check"}
	for _, f := range files {
		all = append(all, "--plans", f)
		if code, out, errs := h.run("plan", "add", f); code != 2 || !strings.Contains(errs, filepath.Base(f)+":") {
			t.Errorf("%s: exit code %d\n%s%s", filepath.Base(f), code, out, errs)
		}
	}
	code, _, errs := h.run(all...)
	for _, f := range files {
		if code != 2 || !strings.Contains(errs, filepath.Base(f)+":") {
			t.Errorf("check does not name %s, exit code %d", filepath.Base(f), code)
		}
	}
	if n := len(ask[struct{ Entries []any }](h, "outbox", "list").Entries); n != 0 {
		t.Errorf("%d notices came of bad plans", n)
	}
}
