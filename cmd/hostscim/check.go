package main

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"hostscim/adapter"
	"hostscim/mapping"
)

func newCheck() *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use:   "check --config FILE",
		Short: "Report every fault of a configuration, or what it serves",
		Args:  noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			src, err := readFile(file)
			if err != nil {
				return err
			}
			config, err := load(file, src, nil)
			if err != nil {
				return err
			}
			return check(cmd.OutOrStdout(), file, config)
		},
	}
	cmd.Flags().StringVar(&file, "config", "", "the configuration file")
	requireFlag(cmd, "config")
	return cmd
}

// check proves the tables and prints what they serve. A value that does not
// come back as it was written is a fault.
func check(w io.Writer, file string, config *mapping.Config) error {
	var broken []string
	proofs := make(map[*mapping.Table]mapping.Proof)
	for _, t := range tables(config) {
		proofs[t] = t.Prove()
		for _, b := range proofs[t].Broken {
			broken = append(broken, file+": resources."+t.Type.Name+": "+b)
		}
	}
	if broken != nil {
		return usageError{fmt.Errorf("values do not come back as they are written:\n%s", strings.Join(broken, "\n"))}
	}
	// What only shows when a server is made of it, such as a file of tls that
	// holds no certificate. It makes no call.
	server, err := adapter.New(adapter.Options{Config: config})
	if err != nil {
		return usageError{fmt.Errorf("%s: %w", file, err)}
	}
	server.Close()
	fmt.Fprintf(w, "%s: no faults\n", file)
	for _, t := range tables(config) {
		summarize(w, t, proofs[t])
	}
	return nil
}

// summarize prints what a table serves.
func summarize(w io.Writer, t *mapping.Table, proof mapping.Proof) {
	var offered, missing []string
	for _, o := range t.Offered() {
		if o.Offered {
			offered = append(offered, o.Name)
		} else {
			missing = append(missing, o.Name)
		}
	}
	fmt.Fprintf(w, "\n%s at %s: %s\n", t.Type.Name, t.Type.Endpoint, strings.Join(offered, ", "))
	if missing != nil {
		fmt.Fprintf(w, "  answered with 501: %s\n", strings.Join(missing, ", "))
	}
	for _, s := range t.Searched() {
		fmt.Fprintf(w, "  searched by the legacy API: %s eq\n", s.Text)
	}
	if gone := t.GoneWhen(); gone != "" {
		fmt.Fprintf(w, "  taken for deleted: where %s; lists are read through to be counted\n", gone)
	}
	fmt.Fprintf(w, "  proved: %d values and %d whole resources come back as they are written\n", proof.Values, proof.Resources)
	for _, lossy := range proof.Lossy {
		fmt.Fprintf(w, "  loses something: %s\n", lossy)
	}
	tab := tabwriter.NewWriter(w, 2, 0, 2, ' ', 0)
	for _, r := range t.Rows {
		var traits []string
		if r.Required {
			traits = append(traits, "required")
		}
		if r.ReadOnly {
			traits = append(traits, "read only")
		}
		if r.OwnCalls() {
			traits = append(traits, "written by calls of its own")
		}
		fmt.Fprintf(tab, "  %s\t%s\t%s\n", r.Path, cmp.Or(r.Legacy, "= "+r.Expr), strings.Join(traits, ", "))
	}
	tab.Flush()
}
