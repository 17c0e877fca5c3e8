package main

import (
	"fmt"
	"io"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// release and commit are set by release.sh for a binary that is shipped.
var release, commit string

func newVersion() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  noArgs,
		Run: func(cmd *cobra.Command, _ []string) {
			printVersion(cmd.OutOrStdout())
		},
	}
}

// printVersion prints which version it is, what it was made of, and for what.
func printVersion(w io.Writer) {
	fmt.Fprintf(w, "hostscim %s\n", version())
	if c := builtFrom(); c != "" {
		fmt.Fprintf(w, "commit %s\n", c)
	}
	fmt.Fprintf(w, "%s, %s/%s\n", runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

// version returns the version of the release, or the module version that the
// binary was built from, or the commit, or "devel".
func version() string {
	if release != "" {
		return release
	}
	info, ok := debug.ReadBuildInfo()
	if ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	if c := builtFrom(); len(c) >= 12 {
		return c[:12]
	}
	return "devel"
}

// builtFrom returns the commit that the binary was built from, or "" if nobody
// knows.
func builtFrom() string {
	if commit != "" {
		return commit
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			return s.Value
		}
	}
	return ""
}
