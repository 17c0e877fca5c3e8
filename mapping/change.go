package mapping

import (
	"slices"

	"hostscim/adapter/scim"
)

// Changes is what one request does to one record: each row unchanged, set or
// cleared, and members that come and go.
type Changes struct {
	Members MemberChange
	// Ignored are the SCIM paths that the request gave a value for and the
	// table has no place for, each once.
	Ignored []string

	table *Table
	rows  []change
}

type change struct {
	state   state
	removed bool       // cleared by a remove operation, not by an empty value
	value   scim.Value // when set
}

type state uint8

const (
	unchanged state = iota
	set
	cleared
)

// Record reports whether any field of the record changes. The list of members
// is one where it is written by the update of the group.
func (c *Changes) Record() bool {
	return c.members() || slices.ContainsFunc(c.rows, func(r change) bool { return r.state != unchanged })
}

// Paths returns the SCIM paths of the rows that change, in table order.
func (c *Changes) Paths() []string {
	var paths []string
	for i, r := range c.rows {
		if r.state != unchanged {
			paths = append(paths, c.table.Rows[i].Path)
		}
	}
	return paths
}

// RowChange is what a request does to one row.
type RowChange struct {
	Effect string     `json:"effect"` // set or cleared
	Path   string     `json:"path"`
	Legacy string     `json:"legacyField"`
	Kind   string     `json:"kind"`             // how the legacy field spells its values
	Value  scim.Value `json:"value,omitzero"`   // as SCIM spells it; absent when the row is cleared
	Stored scim.Value `json:"written,omitzero"` // as the legacy field spells it
}

// Rows returns the rows that change, in table order.
func (c *Changes) Rows() []RowChange {
	var rows []RowChange
	for i, r := range c.rows {
		if r.state == unchanged {
			continue
		}
		row := &c.table.Rows[i]
		change := RowChange{Effect: "cleared", Path: row.Path, Legacy: row.Legacy, Kind: row.kind}
		if r.state == set {
			change.Effect = "set"
			change.Value = r.value
			change.Stored, _ = row.encode(r.value) // setRow refuses what has no encoding
		}
		rows = append(rows, change)
	}
	return rows
}

// Set returns the value that the request gives the row of that path, and
// false when it gives none.
func (c *Changes) Set(path string) (scim.Value, bool) {
	for i, r := range c.rows {
		if r.state == set && c.table.Rows[i].Path == path {
			return r.value, true
		}
	}
	return scim.Value{}, false
}

// HasBody reports whether the update changes any row, or the members.
func (c *Changes) HasBody() bool {
	if len(c.table.calls) == 0 {
		return c.Record()
	}
	return c.members() || len(c.InBody()) > 0
}

// InBody returns the paths of those rows that the body of an update changes,
// in table order. The others have calls of their own.
func (c *Changes) InBody() []string {
	var paths []string
	for i, r := range c.rows {
		if row := &c.table.Rows[i]; r.state != unchanged && row.calls == nil {
			paths = append(paths, row.Path)
		}
	}
	return paths
}

// Body returns the body of the legacy call that makes the changes: the
// fields that change, cleared ones as null, nested as the rows say and in
// their order, then the constants. Of a record that exists it is all that is
// needed unless NeedsRecord says otherwise.
func (c *Changes) Body() []byte { return c.body(inUpdate).append(nil) }

// CreateBody returns the body of the call that makes the record: the fields
// that are set, the constants and, where the record holds them, the members;
// of those no more than one call may add.
func (c *Changes) CreateBody() []byte {
	root := c.body(inCreate)
	if ids := c.Members.Added(); c.table.MembersInRecord() && len(ids) > 0 {
		if add := c.table.Members.Add; add != nil {
			ids = ids[:min(len(ids), add.MaxPerCall)]
		}
		list, _ := c.table.linked.change(scim.Value{}, MemberChange{}, ids)
		root.put(c.table.linked.keys, list)
	}
	return root.append(nil)
}

// belongs says which rows and constants stand in a body.
type belongs struct {
	row       func(*Row) bool
	constants func(*Table) []constant
}

var (
	inUpdate = belongs{func(r *Row) bool { return r.calls == nil }, func(t *Table) []constant { return t.inUpdate }}
	inCreate = belongs{func(r *Row) bool { return r.calls == nil || r.calls.inCreate }, func(t *Table) []constant { return t.inCreate }}
)

// body returns the fields of the rows that belong into it, and the constants,
// without knowing the record.
func (c *Changes) body(in belongs) *node {
	if c.table.shared {
		root, err := c.bodyOn(scim.Obj(), in)
		if err != nil {
			panic("mapping: a value was set that does not encode: " + err.Error()) // setRow refuses it
		}
		return root
	}
	root := new(node)
	for i, r := range c.rows {
		if row := &c.table.Rows[i]; r.state != unchanged && in.row(row) {
			root.put(row.keys, mustEncode(row, r.value))
		}
	}
	for _, k := range in.constants(c.table) {
		root.put(k.keys, k.value)
	}
	return root
}

// mustEncode returns the value as the legacy field spells it.
func mustEncode(row *Row, v scim.Value) scim.Value {
	value, err := row.encode(v)
	if err != nil {
		panic("mapping: a value was set that does not encode: " + row.Path) // setRow refuses it
	}
	return value
}

// node is an object under construction.
type node struct {
	name     string
	value    scim.Value
	children []*node
}

func (n *node) put(keys []string, v scim.Value) {
	for _, key := range keys {
		i := slices.IndexFunc(n.children, func(c *node) bool { return c.name == key })
		if i < 0 {
			i = len(n.children)
			n.children = append(n.children, &node{name: key})
		}
		n = n.children[i]
	}
	n.value = v
}

func (n *node) append(dst []byte) []byte {
	if n.value.Kind() != scim.Absent {
		return n.value.Append(dst)
	}
	dst = append(dst, '{')
	for i, c := range n.children {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(scim.AppendString(dst, c.name), ':')
		dst = c.append(dst)
	}
	return append(dst, '}')
}

// apply returns the values as they are after the changes.
func (c *Changes) apply(v Values) Values {
	rows := slices.Clone(v.rows)
	for i, r := range c.rows {
		switch r.state {
		case set:
			rows[i] = r.value
		case cleared:
			rows[i] = scim.Value{}
		}
	}
	return Values{ID: v.ID, Linked: v.Linked, rows: rows}
}

// MemberChange is what a request does to the members of a group. It is a
// delta wherever the request is one, so that two requests on one group do
// not undo each other.
type MemberChange struct {
	Reset bool // the members become exactly those of Added
	order []string
	in    map[string]bool // true: added, false: removed
}

// Empty reports whether the members stay as they are.
func (m *MemberChange) Empty() bool { return !m.Reset && len(m.order) == 0 }

// Added returns the ids that become members, each once, in the order of the
// request.
func (m *MemberChange) Added() []string { return m.pick(true) }

// Removed returns the ids that stop being members, each once, in the order
// of the request.
func (m *MemberChange) Removed() []string { return m.pick(false) }

func (m *MemberChange) pick(added bool) []string {
	var ids []string
	for _, id := range m.order {
		if m.in[id] == added {
			ids = append(ids, id)
		}
	}
	return ids
}

func (m *MemberChange) put(id string, added bool) {
	if m.in == nil {
		m.in = make(map[string]bool)
	}
	if _, known := m.in[id]; !known {
		m.order = append(m.order, id)
	}
	m.in[id] = added
}

func (m *MemberChange) reset() { *m = MemberChange{Reset: true} }
