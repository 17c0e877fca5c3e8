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
	v, err = c.merge(v)
	return v.Append(nil), err
}

// merge is Merge for a record that was parsed.
func (c *Changes) merge(v scim.Value) (scim.Value, error) {
	for i, r := range c.rows {
		if r.state == unchanged {
			continue
		}
		row := &c.table.Rows[i]
		value, err := row.encode(r.value)
		if err != nil {
			return v, err
		}
		v = with(v, row.keys, value)
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
