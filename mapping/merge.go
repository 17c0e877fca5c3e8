package mapping

import (
	"slices"

	"hostscim/adapter/scim"
)

// Merge returns the record with the changes made to it, for an API that takes
// whole records only. Fields that no row reads stay as they are, in their
// order and spelling.
func (c *Changes) Merge(record []byte) ([]byte, error) {
	v, err := parseRecord(record)
	if err != nil {
		return nil, err
	}
	v, err = c.merge(v, inUpdate)
	return v.Append(nil), err
}

// Shared reports whether rows of the table share a legacy field: the elements
// of an array, the parts of a text, or a whole list. Requests that change one
// record must then take turns, each from the reading of it to the writing.
func (t *Table) Shared() bool { return t.shared }

// NeedsRecord reports whether the body of the update is made of the record as
// it is: all of it, the list of members in it, or a field of which only a part
// changes: an element of an array, which APIs replace whole, or one part of a
// text. [Changes.Update] makes it.
func (c *Changes) NeedsRecord() bool {
	return c.members() || c.table.Operations.Update.Body == BodyWhole || c.table.shared && c.part()
}

// part reports whether only a part of a field changes.
func (c *Changes) part() bool {
	for i, r := range c.rows {
		row := &c.table.Rows[i]
		if r.state != unchanged && inUpdate.row(row) && (row.of != nil || row.split != nil && (row.split.partner < 0 || c.rows[row.split.partner].state == unchanged)) {
			return true
		}
	}
	return false
}

// bodyOn returns the fields of the record v that the changes, which are made
// to it, have to do with, and the constants.
func (c *Changes) bodyOn(v scim.Value, in belongs) (*node, error) {
	merged, err := c.merge(v, in)
	if err != nil {
		return nil, err
	}
	root := new(node)
	for i, r := range c.rows {
		row := &c.table.Rows[i]
		if value := dig(merged, row.keys); r.state != unchanged && in.row(row) && value.Kind() != scim.Absent {
			root.put(row.keys, value)
		}
	}
	for _, k := range in.constants(c.table) {
		root.put(k.keys, k.value)
	}
	return root, nil
}

// merge returns the record v with the changes made to it. Elements of arrays
// in which nothing is left go last, when every row has had its turn.
func (c *Changes) merge(v scim.Value, in belongs) (scim.Value, error) {
	for i, r := range c.rows {
		row := &c.table.Rows[i]
		if r.state == unchanged || !in.row(row) {
			continue
		}
		value, err := row.store(dig(v, row.keys), r.value)
		if err != nil {
			return v, err
		}
		if value.Kind() != scim.Absent {
			v = with(v, row.keys, value)
		}
	}
	for i, r := range c.rows {
		if row := &c.table.Rows[i]; r.state == cleared && row.of != nil && in.row(row) {
			if value := dig(v, row.keys); value.Kind() == scim.Array {
				v = with(v, row.keys, row.of.prune(value))
			}
		}
	}
	for _, k := range in.constants(c.table) {
		v = with(v, k.keys, k.value)
	}
	return v, nil
}

// with returns v with the value at the path of keys. What stands in the way
// of the path and is no object is replaced by one.
func with(v scim.Value, keys []string, value scim.Value) scim.Value {
	if len(keys) == 0 {
		return value
	}
	var fields []scim.Field
	if v.Kind() == scim.Object {
		fields = slices.Clone(v.Parts())
	}
	i := slices.IndexFunc(fields, func(f scim.Field) bool { return f.Name == keys[0] })
	if i < 0 {
		i = len(fields)
		fields = append(fields, scim.Field{Name: keys[0]})
	}
	fields[i].Value = with(fields[i].Value, keys[1:], value)
	return scim.Obj(fields...)
}
