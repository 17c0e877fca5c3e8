package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

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
			fmt.Fprintf(cmd.OutOrStdout(), "%s: no faults\n", file)
			for _, t := range []*mapping.Table{config.User, config.Group} {
				if t != nil {
					summarize(cmd.OutOrStdout(), t)
				}
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&file, "config", "", "the configuration file")
	requireFlag(cmd, "config")
	return cmd
}

// summarize prints what a table serves.
func summarize(w io.Writer, t *mapping.Table) {
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
	tab := tabwriter.NewWriter(w, 2, 0, 2, ' ', 0)
	for _, r := range t.Rows {
		var traits []string
		if r.Required {
			traits = append(traits, "required")
		}
		if r.ReadOnly {
			traits = append(traits, "read only")
		}
		fmt.Fprintf(tab, "  %s\t%s\t%s\n", r.Path, r.Legacy, strings.Join(traits, ", "))
	}
	tab.Flush()
}
