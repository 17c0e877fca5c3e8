package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"

	"github.com/spf13/cobra"

	"hostscim/adapter"
	"hostscim/mapping"
)

// checkFlags are what a check can be told.
type checkFlags struct {
	file, tenant  string
	connect, json bool
}

func newCheck() *cobra.Command {
	var f checkFlags
	cmd := &cobra.Command{
		Use:   "check --config FILE",
		Short: "Report every fault of a configuration, or what it serves and costs",
		Long: `Report every fault of a configuration, with its line and what to write instead.

Without faults: what is likely to be wrong, a proof that values come back as
they are written, what Entra sends and what becomes of it, how filters run, and
what each SCIM operation costs in calls of the legacy API.

With --connect the legacy API is asked as well, by reading alone, whether it is
as the configuration describes it.

Exit codes: 2 for faults of the file, 1 where the API breaks what the file
says, 0 otherwise, with warnings or without.`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return f.run(cmd) },
	}
	cmd.Flags().StringVar(&f.file, "config", "", "the configuration file")
	cmd.Flags().BoolVar(&f.connect, "connect", false, "ask the legacy API too, reading only")
	cmd.Flags().BoolVar(&f.json, "json", false, "print the report as JSON")
	cmd.Flags().StringVar(&f.tenant, "tenant", "", "one tenant of the file; all of them if left out")
	requireFlag(cmd, "config")
	return cmd
}

// checked is the report of a check. Its JSON is for programs; names are added
// to it and not changed.
type checked struct {
	File     string         `json:"file"`
	Tenant   string         `json:"tenant"` // "default" of a file without tenants
	Faults   mapping.Faults `json:"faults"`
	Warnings mapping.Faults `json:"warnings"`
	// Unproved are values that do not come back as they are written.
	Unproved  []string          `json:"unproved"`
	Resources []checkedResource `json:"resources"`
	Connect   *adapter.Probed   `json:"connect,omitempty"`
}

// checkedResource is what a table serves.
type checkedResource struct {
	Name       string                `json:"name"`
	Endpoint   string                `json:"endpoint"`
	Operations []mapping.Operation   `json:"operations"`
	Proof      mapping.Proof         `json:"proof"`
	Attributes []mapping.Description `json:"attributes"`
	Coverage   []mapping.Covered     `json:"coverage"`
	Unmapped   string                `json:"unmapped"` // the policy for all that is not listed
	Filters    []mapping.Asked       `json:"filters"`
	Budget     []mapping.Expense     `json:"budget"`
}

func (f *checkFlags) run(cmd *cobra.Command) error {
	src, err := readFile(f.file)
	if err != nil {
		return err
	}
	config, err := load(f.file, src, nil)
	if err != nil {
		return f.refuse(cmd.OutOrStdout(), err)
	}
	all, err := tenants(config, f.tenant)
	if err == nil && f.json {
		err = oneTenant(all, "--json")
	}
	if err != nil {
		return err
	}
	var verdicts []error
	for i, t := range all {
		announce(cmd.OutOrStdout(), all, i)
		verdicts = append(verdicts, f.one(cmd, t))
	}
	return errors.Join(verdicts...)
}

// one checks one tenant.
func (f *checkFlags) one(cmd *cobra.Command, config *mapping.Config) error {
	if f.connect && config.Legacy.Auth.Passthrough {
		return usageError{errors.New("--connect has no token to ask with, because legacy.auth.passthrough takes that of the caller; check a copy of the file that has a bearer token there")}
	}
	c := report(f.file, config)
	// What only shows when a server is made of it, such as a file of tls that
	// holds no certificate. It makes no call.
	server, err := adapter.New(adapter.Options{Config: config})
	if err != nil {
		return usageError{fmt.Errorf("%s: %w", f.file, err)}
	}
	server.Close()
	if _, err := newPublicServer(nil, config.Server, slog.New(slog.DiscardHandler)); err != nil {
		return usageError{fmt.Errorf("%s: %w", f.file, err)}
	}
	if f.connect && len(c.Unproved) == 0 {
		if c.Connect, err = adapter.Probe(cmd.Context(), adapter.Options{Config: config, Version: version()}); err != nil {
			return err
		}
	}
	if f.json {
		err = printReport(cmd.OutOrStdout(), c)
	} else if len(c.Unproved) == 0 {
		c.print(cmd.OutOrStdout())
	}
	if err != nil {
		return err
	}
	return c.verdict()
}

// refuse reports a file with faults.
func (f *checkFlags) refuse(w io.Writer, err error) error {
	faults, ok := errors.AsType[mapping.Faults](err)
	if !ok || !f.json {
		return err
	}
	c := &checked{File: f.file, Faults: faults, Warnings: mapping.Faults{}, Unproved: []string{}, Resources: []checkedResource{}}
	if err := printReport(w, c); err != nil {
		return err
	}
	return usageError{fmt.Errorf("%s has %s", f.file, plural(len(faults), "fault"))}
}

// report looks at all that can be told without the legacy API.
func report(file string, config *mapping.Config) *checked {
	c := &checked{File: file, Tenant: config.Name, Faults: mapping.Faults{}, Warnings: config.Warnings(), Unproved: []string{}}
	if c.Warnings == nil {
		c.Warnings = mapping.Faults{}
	}
	for _, t := range tables(config) {
		r := checkedResource{
			Name: t.Type.Name, Endpoint: t.Type.Endpoint, Operations: t.Offered(), Proof: t.Prove(), Attributes: t.Describe(),
			Coverage: t.Coverage(), Unmapped: t.Policy(""), Filters: t.Filters(config.Legacy.ScanLimit), Budget: t.Budget(),
		}
		for _, b := range r.Proof.Broken {
			c.Unproved = append(c.Unproved, file+": resources."+r.Name+": "+b)
		}
		c.Resources = append(c.Resources, r)
	}
	return c
}

// verdict returns the error that the exit code is made of; nil: all is well.
func (c *checked) verdict() error {
	switch {
	case len(c.Unproved) > 0:
		return usageError{fmt.Errorf("values do not come back as they are written:%s", lines(c.Unproved))}
	case c.Connect != nil && c.Connect.Broken():
		n := 0
		for _, f := range c.Connect.Findings {
			if f.Level == adapter.Breaking {
				n++
			}
		}
		return fmt.Errorf("the legacy API is not as %s describes it: %s", c.File, plural(n, "fault"))
	}
	return nil
}

func lines(texts []string) string {
	all := ""
	for _, t := range texts {
		all += "\n" + t
	}
	return all
}

func plural(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

func printReport(w io.Writer, c *checked) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(c)
}
