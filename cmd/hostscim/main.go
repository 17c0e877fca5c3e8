// Command hostscim is a SCIM 2.0 adapter in front of a REST API that has no
// SCIM: it serves, demonstrates itself, checks configurations, and explains
// requests.
//
// The package holds flags, listeners and signals. It must not know what a
// request or a mapping means.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
)

// Exit codes: 1 for a failure while running, 2 for what the user must mend
// before it can run.
const (
	exitFailed = 1
	exitUsage  = 2
)

// usageError is a failure that the user mends: a flag, a file.
type usageError struct{ err error }

func (e usageError) Error() string { return e.err.Error() }
func (e usageError) Unwrap() error { return e.err }

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run executes the command line and returns the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	root := newRoot()
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return 0
	}
	fmt.Fprintf(stderr, "hostscim: %s\n", err)
	var usage usageError
	if errors.As(err, &usage) {
		return exitUsage
	}
	return exitFailed
}

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "hostscim",
		Short: "A SCIM 2.0 adapter in front of a REST API, described by a YAML file",
		Long: `A SCIM 2.0 adapter in front of a REST API, described by a YAML file.

The exit code is 2 for what must be mended before it can run (the command line, the
configuration), and 1 for a failure while it runs.`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return cmd.Help()
		},
	}
	root.CompletionOptions.DisableDefaultCmd = true
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	root.AddCommand(newServe(), newDemo(), newCheck(), newExplain(), newAttributes(), newSchema(), newRehearse(),
		newCompletion(), newMan(), newVersion())
	completeFlags(root)
	return root
}

// noArgs refuses arguments, as a usage error.
func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usageError{fmt.Errorf("%s takes no argument %q; see hostscim --help", cmd.CommandPath(), args[0])}
	}
	return nil
}
