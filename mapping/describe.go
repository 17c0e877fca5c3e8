package mapping

import (
	"cmp"
	"slices"

	"hostscim/adapter/scim"
)

// Description is one line of the attribute table that is given to customers.
type Description struct {
	Path       string    `json:"attribute"`
	Type       scim.Type `json:"type"`
	Filterable bool      `json:"supportedForFiltering"` // the legacy API itself searches
	Required   bool      `json:"required"`
	ReadOnly   bool      `json:"readOnly"`
	Legacy     string    `json:"legacyField"` // or where members are kept, or (computed)
}

// Describe returns the attribute table, in the order of the file; members
// come last.
func (t *Table) Describe() []Description {
	var lines []Description
	for _, r := range t.Rows {
		lines = append(lines, Description{
			Path: r.Path, Type: r.attr.Type, Required: r.Required, ReadOnly: r.ReadOnly, Legacy: cmp.Or(r.Legacy, "(computed)"),
			Filterable: slices.ContainsFunc(t.searches, func(s Searched) bool { return s.Text == r.Path }),
		})
	}
	if m := t.Members; m != nil {
		lines = append(lines, Description{
			Path: "members", Type: scim.TypeReference, ReadOnly: !m.Writable(), Legacy: m.kept(),
		})
	}
	return lines
}
