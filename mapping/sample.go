package mapping

import (
	"slices"
	"strings"

	"hostscim/adapter/scim"
	"hostscim/adapter/scim/filter"
)

// Wish is a value that a record should have so that a request finds what it
// asks for.
type Wish struct {
	Path  filter.Path
	Value scim.Value
}

// Wishes returns what the filter compares for equality, negations left out.
func Wishes(e filter.Expr) []Wish {
	switch e := e.(type) {
	case filter.And:
		return append(Wishes(e.Left), Wishes(e.Right)...)
	case filter.Or:
		return append(Wishes(e.Left), Wishes(e.Right)...)
	case filter.Compare:
		if e.Op == filter.Eq && !e.Value.Empty() {
			return []Wish{{e.Path, e.Value}}
		}
	case filter.ValuePath:
		wishes := Wishes(e.Path.Filter)
		for i, w := range wishes {
			// In brackets an attribute is one of the element.
			wishes[i].Path = filter.Path{URN: e.Path.URN, Attr: e.Path.Attr, Filter: e.Path.Filter, Sub: w.Path.Attr}
		}
		return wishes
	}
	return nil
}

// Sample returns a record as the table describes it: with that id, a value
// in every required row, and the wishes, as far as rows can hold them. What
// it must invent is the name of the legacy field in angle brackets. Where a
// record holds the ids of others, these are in it.
func (t *Table) Sample(id string, wishes []Wish, others ...string) []byte {
	c := Changes{table: t, rows: make([]change, len(t.Rows))}
	for i := range t.Rows {
		if row := &t.Rows[i]; row.Required {
			c.rows[i] = row.sample()
		}
	}
	for _, w := range wishes {
		i := t.rowFor(w.Path)
		if i < 0 {
			continue
		}
		row := &t.Rows[i]
		if v, err := coerce(row.attr, row.Path, w.Value); err == nil && row.check(v) == nil {
			c.rows[i] = change{state: set, value: v}
		}
	}
	return t.recordOf(id, &c, inRecord, others)
}

// sample returns a value that the legacy field can hold.
func (r *Row) sample() change {
	invented := scim.Text("<" + r.Legacy + ">")
	if r.attr.Type == scim.TypeString && r.check(invented) == nil {
		return change{state: set, value: invented}
	}
	if values := r.samples(); len(values) > 0 {
		return change{state: set, value: values[0]}
	}
	return change{}
}

// rowFor returns the row of the path, or of the first element that the path
// can select; -1 when there is none.
func (t *Table) rowFor(p filter.Path) int {
	text := p.String()
	if i := slices.IndexFunc(t.Rows, func(r Row) bool { return equalFold(r.Path, text) }); i >= 0 {
		return i
	}
	for _, a := range t.attributes {
		if !equalFold(a.attr.Name, p.Attr) || !equalFold(a.urn, p.URN) {
			continue
		}
		for s := range a.slots {
			slot := &a.slots[s]
			if row := slot.row(p.Sub); row >= 0 && (p.Filter == nil || slot.judge(a.attr, p.Filter) != no) {
				return row
			}
		}
	}
	return -1
}

// Made returns the record that a create makes of the changes, with that id.
func (c *Changes) Made(id string) []byte {
	return c.table.recordOf(id, c, inCreate, c.Members.Added())
}

// After returns the record as the body of the update leaves it.
func (c *Changes) After(record []byte) ([]byte, error) {
	v, err := parseRecord(record)
	if err != nil {
		return nil, err
	}
	if v, err = c.merge(v, inUpdate); err != nil {
		return nil, err
	}
	if l := c.table.linked; l != nil && l.attr == "members" {
		list, _ := l.change(dig(v, l.keys), c.Members, c.Members.Added())
		v = with(v, l.keys, list)
	}
	return v.Append(nil), nil
}

// AfterCall returns the record as one of the calls that rows have of their own
// leaves it; call is an index into [Table.Calls].
func (c *Changes) AfterCall(record []byte, call int) ([]byte, error) {
	v, err := parseRecord(record)
	if err != nil {
		return nil, err
	}
	called := func(r *Row) bool {
		return slices.ContainsFunc(c.Calls(), func(rc RowCall) bool { return rc.Call == call && r == &c.table.Rows[rc.row] })
	}
	v, err = c.merge(v, belongs{called, func(*Table) []constant { return nil }})
	return v.Append(nil), err
}

// inRecord: rows with calls of their own stand in the record like the others.
var inRecord = belongs{func(*Row) bool { return true }, inCreate.constants}

// recordOf returns the legacy record that the changes make, with that id and,
// where a record holds the ids of others, these.
func (t *Table) recordOf(id string, c *Changes, in belongs, others []string) []byte {
	var first node
	first.put(strings.Split(t.id.Legacy, "."), t.IDValue(id))
	root := c.body(in)
	if l := t.linked; l != nil && others != nil {
		list, _ := l.change(scim.Value{}, MemberChange{}, others)
		root.put(l.keys, list)
	}
	for _, child := range root.children {
		if known := slices.IndexFunc(first.children, func(n *node) bool { return n.name == child.name }); known >= 0 {
			first.children[known].children = append(first.children[known].children, child.children...)
		} else {
			first.children = append(first.children, child)
		}
	}
	return first.append(nil)
}
