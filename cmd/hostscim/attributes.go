package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"hostscim/mapping"
)

func newAttributes() *cobra.Command {
	var file, format, tenant string
	cmd := &cobra.Command{
		Use:   "attributes --config FILE",
		Short: "Print the attribute table of a configuration, as it is given to customers",
		Args:  noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			print, ok := attributeFormats[format]
			if !ok {
				return usageError{fmt.Errorf("--format must be table, markdown or json, not %q", format)}
			}
			src, err := readFile(file)
			if err != nil {
				return err
			}
			config, err := loadShape(file, src)
			if err != nil {
				return err
			}
			all, err := tenants(config, tenant)
			if err != nil {
				return err
			}
			if format == "json" {
				if err := oneTenant(all, "--format json"); err != nil {
					return err
				}
			}
			for i, t := range all {
				announce(cmd.OutOrStdout(), all, i)
				if err := print(cmd.OutOrStdout(), t); err != nil {
					return err
				}
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&file, "config", "", "the configuration file")
	cmd.Flags().StringVar(&format, "format", "table", "table, markdown or json")
	cmd.Flags().StringVar(&tenant, "tenant", "", "one tenant of the file; all of them if left out")
	requireFlag(cmd, "config")
	return cmd
}

var attributeFormats = map[string]func(io.Writer, *mapping.Config) error{
	"table": printTable, "markdown": printMarkdown, "json": printJSON,
}

// tables returns the tables of a configuration in the order they are shown.
func tables(c *mapping.Config) []*mapping.Table {
	var all []*mapping.Table
	for _, t := range []*mapping.Table{c.User, c.Group} {
		if t != nil {
			all = append(all, t)
		}
	}
	return all
}

var attributeColumns = []string{"Attribute", "Type", "Supported for filtering", "Required", "Legacy field"}

// cells returns a line of the attribute table.
func cells(d mapping.Description, yes string) []string {
	mark := func(b bool) string {
		if b {
			return yes
		}
		return ""
	}
	kind := strings.ToUpper(string(d.Type[:1])) + string(d.Type[1:])
	return []string{d.Path, kind, mark(d.Filterable), mark(d.Required), d.Legacy}
}

func printTable(w io.Writer, c *mapping.Config) error {
	tab := tabwriter.NewWriter(w, 2, 0, 2, ' ', 0)
	for i, t := range tables(c) {
		if i > 0 {
			fmt.Fprintln(tab)
		}
		fmt.Fprintf(tab, "%s\n%s\n", t.Type.Name, strings.Join(attributeColumns, "\t"))
		for _, d := range t.Describe() {
			fmt.Fprintln(tab, strings.Join(cells(d, "yes"), "\t"))
		}
	}
	return tab.Flush()
}

func printMarkdown(w io.Writer, c *mapping.Config) error {
	for i, t := range tables(c) {
		if i > 0 {
			fmt.Fprintln(w)
		}
		fmt.Fprintf(w, "**%s**\n\n| %s |\n|%s\n", t.Type.Name, strings.Join(attributeColumns, " | "), strings.Repeat("---|", len(attributeColumns)))
		for _, d := range t.Describe() {
			row := strings.Join(cells(d, "✓"), " | ")
			fmt.Fprintf(w, "| %s |\n", strings.ReplaceAll(row, "  ", " "))
		}
	}
	return nil
}

func printJSON(w io.Writer, c *mapping.Config) error {
	out := make(map[string][]mapping.Description)
	for _, t := range tables(c) {
		out[t.Type.Name] = t.Describe()
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(out)
}
