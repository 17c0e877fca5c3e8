package mapping

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Fault is one thing wrong with a configuration file, or one to look at.
type Fault struct {
	File   string `json:"file"`
	Line   int    `json:"line"` // 1-based
	Col    int    `json:"column"`
	Path   string `json:"path"`             // where in the document: resources.User.operations.get
	Msg    string `json:"message"`          // what is wrong; what to write instead
	Source string `json:"source,omitempty"` // the line of the file, "" where it may hold a credential
}

// Error returns the fault as file:line:col: path: message, and the source
// line below it.
func (f Fault) Error() string {
	s := fmt.Sprintf("%s:%d:%d: ", f.File, f.Line, f.Col)
	if f.Path != "" {
		s += f.Path + ": "
	}
	s += f.Msg
	if f.Source != "" {
		s += "\n    " + f.Source
	}
	return s
}

// Faults are all the things wrong with a configuration file, in the order of
// the file. It is the error that [Load] returns.
type Faults []Fault

// Error returns one fault after the other.
func (fs Faults) Error() string {
	texts := make([]string, len(fs))
	for i, f := range fs {
		texts[i] = f.Error()
	}
	return strings.Join(texts, "\n")
}

func (fs Faults) sort() {
	slices.SortStableFunc(fs, func(a, b Fault) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Col, b.Col))
	})
}

// Remark returns a remark about what stands at the path in the file that c
// was loaded from, or about what stands around it if the path itself does not.
func (c *Config) Remark(path, format string, args ...any) Fault {
	return c.places.fault(path, format, args...)
}

// AttributePath returns the path in the file of the row of that SCIM path,
// which may be spelt there in another letter case.
func (c *Config) AttributePath(resource, attribute string) string {
	parent := "resources." + resource + ".attributes"
	path := join(parent, attribute)
	for known := range c.places.at {
		if equalFold(known, path) {
			return known
		}
	}
	return path
}

// nearest returns " (did you mean X?)" for the option that differs from got
// by no more than two edits, or "".
func nearest(got string, options []string) string {
	best, bestCost := "", 3
	for _, o := range options {
		if c := editDistance(strings.ToLower(got), strings.ToLower(o)); c < bestCost && c < len(o) {
			best, bestCost = o, c
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf(" (did you mean %s?)", best)
}

func editDistance(a, b string) int {
	if len(a) > 64 || len(b) > 64 {
		return 64
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		diagonal := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := diagonal
			if a[i-1] != b[j-1] {
				cost++
			}
			diagonal = row[j]
			row[j] = min(cost, row[j]+1, row[j-1]+1)
		}
	}
	return row[len(b)]
}
