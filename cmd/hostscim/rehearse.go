package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"hostscim/integration/rehearse"
)

// rehearseFlags are what a rehearsal can be told.
type rehearseFlags struct {
	options  rehearse.Options
	tokenEnv string
	users    string
	report   string
	oauth    oauthFlags
}

// errFindings ends a rehearsal that found something, with exit code 1.
var errFindings = errors.New("there is something to mend")

func newRehearse() *cobra.Command {
	var f rehearseFlags
	cmd := &cobra.Command{
		Use:   "rehearse --url URL --token-env NAME",
		Short: "Act as Entra, or another identity provider, against a SCIM endpoint, and report what it will stumble over",
		Long: `Rehearse acts as an identity provider's provisioning service against any SCIM 2.0 endpoint:
the connection test, an initial cycle, an incremental one, provisioning on demand, deletions. What
it wrote it reads back. It ends with a table of the requests and with each finding: what was sent,
what came back, what the identity provider does next, and how to mend it. The exit code is 1 then.

It writes only people and groups that it makes itself, under a prefix, and removes them at the end,
also after Ctrl-C.`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return f.run(cmd) },
	}
	o, flags := &f.options, cmd.Flags()
	flags.StringVar(&o.URL, "url", "", "the base URL of the endpoint, such as https://scim.example.com/scim/v2")
	flags.StringVar(&f.tokenEnv, "token-env", "", "the environment variable that holds the bearer token")
	flags.StringVar(&o.Profile, "profile", "entra", "whom to play: "+strings.Join(rehearse.Profiles(), ", "))
	flags.StringVar(&o.Dialect, "dialect", "both", "of entra: legacy, compliant (the flag aadOptscim062020) or both")
	flags.StringVar(&o.Suite, "suite", "", "run a published test suite instead: "+strings.Join(rehearse.Suites(), ", "))
	flags.StringVar(&f.users, "users", "10", "how many people to invent for each dialect, or a CSV file of people with SCIM paths in its first line")
	flags.IntVar(&o.Groups, "groups", 2, "how many groups for each dialect")
	flags.IntVar(&o.Members, "members", 5, "how many members each group has")
	flags.Float64Var(&o.Rate, "rate", 25, "requests a second; 0: as fast as those in flight allow")
	flags.IntVar(&o.InFlight, "in-flight", 5, "requests at a time")
	flags.Uint64Var(&o.Seed, "seed", 1, "chooses among the invented people")
	flags.StringVar(&o.Prefix, "prefix", "", "begins every name that is written; nobody else's may begin so (default: different in every run)")
	flags.BoolVar(&o.ReadOnly, "read-only", false, "send only what changes nothing")
	flags.BoolVar(&o.Remote, "yes", false, "write to an endpoint that is not on this machine")
	flags.StringVar(&f.report, "report", "", "write the report to this file too: .html or .json")
	f.oauth.register(cmd, &o.OAuth)
	requireFlag(cmd, "url")
	return cmd
}

// run rehearses, cleans up and prints.
func (f *rehearseFlags) run(cmd *cobra.Command) error {
	if err := f.fill(); err != nil {
		return usageError{err}
	}
	terminal := newProgress(cmd.ErrOrStderr())
	f.options.Progress = terminal.show
	r, err := rehearse.New(f.options)
	switch {
	case errors.Is(err, rehearse.ErrRemote):
		return usageError{fmt.Errorf("%w; write --yes to allow it, or --read-only", err)}
	case err != nil:
		return usageError{err}
	}
	if !f.options.ReadOnly {
		terminal.say("What is written begins with %s.", r.Prefix())
	}
	r.Run(cmd.Context())
	if cmd.Context().Err() != nil {
		terminal.say("Interrupted. Removing what was made; interrupt again to leave it behind.")
	}
	// A second signal ends the clean-up and not the program.
	ctx, stop := signal.NotifyContext(context.WithoutCancel(cmd.Context()), os.Interrupt, syscall.SIGTERM)
	defer stop()
	r.CleanUp(ctx)
	terminal.end()
	return f.print(cmd, r.Report())
}

// fill turns flags into options.
func (f *rehearseFlags) fill() error {
	var err error
	if f.options.Token, err = fromEnv("token-env", f.tokenEnv); err != nil {
		return err
	}
	if err := f.oauth.fill(&f.options.OAuth); err != nil {
		return err
	}
	if f.report != "" && reportFormat(f.report) == nil {
		return fmt.Errorf("--report must be a file that ends in .html or .json, not %q", f.report)
	}
	if n, err := strconv.Atoi(f.users); err == nil {
		f.options.Users = n
		return nil
	}
	file, err := os.Open(f.users)
	if err != nil {
		return fmt.Errorf("--users must be a number or a CSV file: %w", err)
	}
	defer file.Close()
	if f.options.People, err = rehearse.ReadPeople(file); err != nil {
		return fmt.Errorf("%s: %w", f.users, err)
	}
	return nil
}

// reportFormat returns what writes a file of that name, nil if nothing does.
func reportFormat(name string) func(*rehearse.Report, *os.File) error {
	switch filepath.Ext(name) {
	case ".html":
		return func(r *rehearse.Report, f *os.File) error { return r.WriteHTML(f) }
	case ".json":
		return func(r *rehearse.Report, f *os.File) error { return r.WriteJSON(f) }
	}
	return nil
}

func (f *rehearseFlags) print(cmd *cobra.Command, report *rehearse.Report) error {
	if err := report.Write(cmd.OutOrStdout()); err != nil {
		return err
	}
	if f.report != "" {
		if err := writeReport(f.report, report); err != nil {
			return fmt.Errorf("--report: %w", err)
		}
	}
	if report.Failed() {
		return errFindings
	}
	return nil
}

func writeReport(name string, report *rehearse.Report) error {
	file, err := os.Create(name)
	if err != nil {
		return err
	}
	err = reportFormat(name)(report, file)
	return errors.Join(err, file.Close())
}
