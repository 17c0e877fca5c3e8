package mapping

import (
	"fmt"
	"slices"

	"hostscim/adapter/scim"
)

// Merge returns the record with the changes made to it, for an API that takes
// whole records only. Fields that no row reads stay as they are, in their
// order and spelling.
func (c *Changes) Merge(record []byte) ([]byte, error) {
	v, err := scim.Parse(record)
	if err != nil {
		return nil, fmt.Errorf("reading a legacy record: %w", err)
	}
	if v.Kind() != scim.Object {
		return nil, &ShapeError{Field: "(the record)", Want: "an object", Got: v.Kind()}
	}
	for i, r := range c.rows {
		row := &c.table.Rows[i]
		if r.state == unchanged || row.calls != nil {
			continue
		}
		value, err := row.encode(r.value)
		if err != nil {
			return nil, err
		}
		v = with(v, row.keys, value)
	}
	for _, k := range c.table.inUpdate {
		v = with(v, k.keys, k.value)
	}
	return v.Append(nil), nil
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
