package mapping

import (
	"strings"

	"hostscim/adapter/scim"
	"hostscim/adapter/scim/filter"
)

// Table is the compiled description of one kind of record: its rows, and the
// calls of the legacy API. It is immutable; all that can be worked out once
// has been, so that a request only walks it.
type Table struct {
	// Type is what the table serves: the resource type of RFC 7643, cut down
	// to the attributes that have rows. Discovery publishes it, and filters
	// are compiled against it.
	Type *scim.ResourceType
	// Operations are the calls of the legacy API, with everything that the
	// file left out filled in.
	Operations Operations
	// Members says how the members of a group are kept; nil where the
	// resource has none.
	Members *Members
	// Groups is the call that tells the groups of a user; nil where there is
	// none.
	Groups *GroupList
	// PatchResponse is auto, resource or none.
	PatchResponse string
	// Rows are printed as the attribute table; in the order of the file.
	Rows []Row

	shared     bool   // some rows share a legacy field; see Shared
	holders    *Table // of groups: the users, where there are any
	unmapped   Unmapped
	calls      []*WriteOp // that rows have of their own, in table order
	inCreate   []constant // beside the rows in the body of a create
	inUpdate   []constant // and of an update
	computed   *computed  // what is worked out from the record; nil: nothing
	layout     layout
	full       *scim.ResourceType // every attribute of RFC 7643
	id         IDField
	attributes []*attribute
	fields     *field     // how to read a record
	searches   []Searched // the filters that a search answers, parallel to Operations.Search
	linked     *linked    // nil: the record holds no ids of others
}

// Row joins one SCIM path to one legacy field.
type Row struct {
	Path     string // canonical: emails[type eq "work"].value
	Legacy   string // dotted path of the legacy field; "" where Expr is
	Expr     string // the expression that computes the value, or ""
	Required bool   // must have a value (RFC 7643 section 7)
	ReadOnly bool   // read from the legacy API, never written

	calls      *rowCalls // nil: it stands in the body of the update
	layout     string    // of a datetime that is not RFC 3339
	program    *program  // nil: it is in a field, or a constant
	transform  transform
	constraint constraint
	split      *split // which part of a legacy text the value is; nil: all of it
	list       *list  // of a row for a whole multi-valued attribute; else nil

	kind     string // how the legacy field spells the value
	fallback scim.Value
	attr     *scim.Attribute // the simple attribute or sub-attribute it ends in
	keys     []string        // where the field is: Legacy, split
	// Where Legacy selects an element, keys is the path of the array, and
	// rest that of the value in the element.
	of   *selector
	rest []string
}

// Searched is a filter that a search operation answers.
type Searched struct {
	Path filter.Path // canonical
	Text string      // Path, printed
}

// attribute is one top-level SCIM attribute and the rows below it.
type attribute struct {
	attr *scim.Attribute
	urn  string // of the extension, or ""
	// Exactly one of these three says where the values are.
	row   int       // of a simple attribute, or of a whole list; else -1
	list  bool      // row is that of a whole list
	subs  []subRow  // of a complex single-valued attribute
	slots []element // of a multi-valued attribute
	// members, groups: the values are not in the record at all.
	members, groups bool
}

// isList reports whether one row keeps all elements; a may be nil.
func (a *attribute) isList() bool { return a != nil && a.list }

// subRow is the row of one sub-attribute.
type subRow struct {
	name string
	row  int
}

// element is one element of a multi-valued attribute that the table has a
// place for: the one whose sub-attribute by has the value is.
type element struct {
	by      string // type, primary
	is      scim.Value
	primary bool // it is returned with primary: true
	subs    []subRow
}

func (e *element) row(sub string) int { return findSub(e.subs, sub) }

func findSub(subs []subRow, name string) int {
	for _, s := range subs {
		if strings.EqualFold(s.name, name) {
			return s.row
		}
	}
	return -1
}

// attribute returns the rows of that attribute, or nil when it has none.
func (t *Table) attribute(urn string, attr *scim.Attribute) *attribute {
	for _, a := range t.attributes {
		if a.attr.Name == attr.Name && a.urn == urn {
			return a
		}
	}
	return nil
}

// rowsOf returns the indexes of all rows below the attribute.
func (a *attribute) rowsOf() []int {
	if a.row >= 0 {
		return []int{a.row}
	}
	var rows []int
	for _, s := range a.subs {
		rows = append(rows, s.row)
	}
	for _, e := range a.slots {
		for _, s := range e.subs {
			rows = append(rows, s.row)
		}
	}
	return rows
}

// field is one level of the legacy record: where the values of rows are.
type field struct {
	name     string // dotted, from the record down
	rows     []int  // that read this field
	shaped   bool   // its rows read a part of it, or a list
	isID     bool
	linked   bool // it is the list of ids that Table.linked describes
	children map[string]*field
}

// Searched returns the filters that searches answer, in the order of
// Operations.Search.
func (t *Table) Searched() []Searched { return t.searches }

// PathOf returns the SCIM path of the row that writes the legacy field, or
// "" when there is none. The field may be given as the API names it in an
// error: the whole dotted path or its last part. Of an element of an array it
// may leave out which one.
func (t *Table) PathOf(legacy string) string {
	for _, r := range t.Rows {
		if r.Expr == "" && r.named(legacy) {
			return r.Path
		}
	}
	if l := t.linked; l != nil && (l.legacy == legacy || l.keys[len(l.keys)-1] == legacy) {
		return l.attr
	}
	return ""
}

// UniquePath returns the attribute that names a resource: userName or
// displayName, the one that RFC 7643 gives uniqueness "server". "" when the
// table has no row for it.
func (t *Table) UniquePath() string {
	for _, r := range t.Rows {
		if r.attr.Uniqueness == "server" {
			return r.Path
		}
	}
	return ""
}

// Value returns the value of the row of that path; absent when there is none.
func (t *Table) Value(v Values, path string) scim.Value {
	for i := range t.Rows {
		if t.Rows[i].Path == path {
			return v.rows[i]
		}
	}
	return scim.Value{}
}

// Operation is one thing that clients do, and whether the table offers it.
type Operation struct {
	Name    string `json:"name"`
	Offered bool   `json:"offered"`
}

// Offered returns the operations on resources of the table. Those that are
// not offered are answered with 501.
func (t *Table) Offered() []Operation {
	o := t.Operations
	ops := []Operation{
		{"list", o.List != nil}, {"get", o.Get != nil}, {"create", o.Create != nil},
		{"update", o.Update != nil || len(t.calls) > 0}, {"delete", o.Delete != nil},
	}
	if t.Members != nil {
		ops = append(ops, Operation{"change members", t.Members.Writable()})
	}
	return ops
}
