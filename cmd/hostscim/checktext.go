package main

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"hostscim/adapter"
	"hostscim/mapping"
)

// print prints the report for people.
func (c *checked) print(w io.Writer) {
	fmt.Fprintf(w, "%s: no faults\n", c.File)
	if len(c.Warnings) > 0 {
		fmt.Fprintf(w, "\n%s:\n%s\n", plural(len(c.Warnings), "warning"), c.Warnings)
	}
	for i := range c.Resources {
		c.Resources[i].print(w)
	}
	if c.Connect != nil {
		printProbed(w, c.Connect)
	}
}

// print prints what a table serves.
func (r *checkedResource) print(w io.Writer) {
	var offered, missing []string
	for _, o := range r.Operations {
		if o.Offered {
			offered = append(offered, o.Name)
		} else {
			missing = append(missing, o.Name)
		}
	}
	fmt.Fprintf(w, "\n%s at %s: %s\n", r.Name, r.Endpoint, strings.Join(offered, ", "))
	if missing != nil {
		fmt.Fprintf(w, "  answered with 501: %s\n", strings.Join(missing, ", "))
	}
	for _, d := range r.Attributes {
		if d.Filterable {
			fmt.Fprintf(w, "  searched by the legacy API: %s eq\n", d.Path)
		}
	}
	fmt.Fprintf(w, "  proved: %d values and %d whole resources come back as they are written\n", r.Proof.Values, r.Proof.Resources)
	for _, lossy := range r.Proof.Lossy {
		fmt.Fprintf(w, "  loses something: %s\n", lossy)
	}
	printColumns(w, []string{"Attribute", "Legacy field", ""}, r.attributes())
	printColumns(w, []string{"Sent by Entra", "From", "In the tutorial", "Here"}, r.coverage())
	printColumns(w, []string{"Filter", "How it runs", "Asked by"}, r.filters())
	printColumns(w, []string{"SCIM operation", "Legacy calls", ""}, r.budget())
}

// printColumns prints lines of cells below their headings.
func printColumns(w io.Writer, headings []string, lines [][]string) {
	var buf bytes.Buffer
	tab := tabwriter.NewWriter(&buf, 2, 0, 2, ' ', 0)
	for _, line := range append([][]string{headings}, lines...) {
		fmt.Fprintf(tab, "  %s\t\n", strings.Join(line, "\t"))
	}
	tab.Flush()
	fmt.Fprintln(w)
	for line := range strings.Lines(buf.String()) {
		fmt.Fprintln(w, strings.TrimRight(line, " \n"))
	}
}

func (r *checkedResource) attributes() (lines [][]string) {
	for _, d := range r.Attributes {
		var traits []string
		if d.Required {
			traits = append(traits, "required")
		}
		if d.ReadOnly {
			traits = append(traits, "read only")
		}
		lines = append(lines, []string{d.Path, d.Legacy, strings.Join(traits, ", ")})
	}
	return lines
}

// fates say what becomes of an attribute without a row, by its policy.
var fates = map[string]string{
	"ignore": "ignored and counted",
	"warn":   "ignored, counted and logged once",
	"reject": "rejected, and the request with it",
}

func (r *checkedResource) coverage() (lines [][]string) {
	var never []string
	for _, c := range r.Coverage {
		if !c.Sent() {
			never = append(never, c.Path)
			continue
		}
		here := "mapped"
		if c.State != mapping.Mapped {
			here = fates[c.Policy]
		}
		from, tutorial := c.Entra, ""
		if !c.Default {
			from = "(not by default)"
		}
		if c.Tutorial {
			tutorial = "yes"
		}
		lines = append(lines, []string{c.Path, from, tutorial, here})
	}
	for _, path := range never {
		lines = append(lines, []string{path, "(never, unless added in Entra)", "", "mapped"})
	}
	return append(lines, []string{"(anything else)", "", "", fates[r.Unmapped]})
}

// filters are those that somebody is known to ask for, and of the others the
// ways in which they run.
func (r *checkedResource) filters() (lines [][]string) {
	var ways []string
	others := make(map[string][]string)
	for _, a := range r.Filters {
		way := runs(&a)
		if a.By != "" {
			lines = append(lines, []string{a.Filter, way, a.By})
			continue
		}
		if others[way] == nil {
			ways = append(ways, way)
		}
		others[way] = append(others[way], a.Filter)
	}
	for _, way := range ways {
		name := others[way][0]
		if n := len(others[way]); n > 1 {
			name = fmt.Sprintf("(%d other attributes) eq", n)
		}
		lines = append(lines, []string{name, way, ""})
	}
	return lines
}

// runs says how a filter is run.
func runs(a *mapping.Asked) string {
	how := a.How
	if a.Call != "" {
		how += ", " + a.Call
	}
	if a.AtMost > 0 {
		how += fmt.Sprintf(", at most %d records", a.AtMost)
	}
	if a.Why != "" {
		how += ": " + a.Why
	}
	return how
}

func (r *checkedResource) budget() (lines [][]string) {
	for _, e := range r.Budget {
		calls := e.Calls.String()
		if !e.Offered {
			calls, e.Note = "501", ""
		}
		lines = append(lines, []string{e.Operation, calls, e.Note})
	}
	return lines
}

// printProbed prints what the legacy API was found to be.
func printProbed(w io.Writer, p *adapter.Probed) {
	fmt.Fprintf(w, "\nThe legacy API was asked with %s, all of them GET.\n", plural(p.Calls, "call"))
	for _, a := range p.Agrees {
		fmt.Fprintf(w, "  as described: %s\n", a)
	}
	for _, f := range p.Findings {
		fmt.Fprintf(w, "%s: %s\n", f.Level, f.Fault)
	}
}
