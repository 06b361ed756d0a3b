package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

// versionCmd prints what this binary is.
type versionCmd struct{}

// Run is called by the parser.
func (versionCmd) Run(s streams) error {
	version, revision := built()
	if revision != "" {
		revision = " " + revision
	}
	_, err := fmt.Fprintf(s.Out, "duban %s%s (%s %s/%s)\n", version, revision, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}

// built is the version and the first twelve signs of the revision this binary
// was built from, "" when it does not know.
func built() (version, revision string) {
	version = "devel"
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return version, ""
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		version = v
	}
	for _, kv := range info.Settings {
		if kv.Key == "vcs.revision" {
			revision = kv.Value[:min(len(kv.Value), 12)]
		}
	}
	return version, revision
}
