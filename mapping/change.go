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

// Record reports whether any field of the record changes.
func (c *Changes) Record() bool {
	return slices.ContainsFunc(c.rows, func(r change) bool { return r.state != unchanged })
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

// Body returns the body of the legacy call that makes the changes: the
// fields that change, cleared ones as null, nested as the rows say and in
// their order.
func (c *Changes) Body() []byte {
	var root node
	c.fill(&root)
	return root.append(nil)
}

// fill puts the fields that change into an object under construction.
func (c *Changes) fill(root *node) {
	for i, r := range c.rows {
		if r.state == unchanged {
			continue
		}
		row := &c.table.Rows[i]
		value, err := row.encode(r.value)
		if err != nil {
			panic("mapping: a value was set that does not encode: " + row.Path) // setRow refuses it
		}
		root.put(row.keys, value)
	}
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
	return Values{ID: v.ID, rows: rows}
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
