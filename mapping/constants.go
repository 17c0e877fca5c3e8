package mapping

import (
	"strings"

	"hostscim/adapter/scim"
)

// constant is a field that a body always has, whatever the rows say.
type constant struct {
	keys  []string
	value scim.Value
}

// constants compiles the fixed fields of a body: one constant for every value
// in the template that is no object. A field that a row writes is the row's.
func (c *compiler) constants(path string, spec Template) []constant {
	if spec.Value.Kind() == scim.Absent {
		return nil
	}
	if spec.Value.Kind() != scim.Object || spec.Value.Len() == 0 {
		c.add(path, "must be a mapping of fields to their values; write for example constants: {source: scim}")
		return nil
	}
	all := leaves(nil, nil, spec.Value)
	for _, k := range all {
		name := strings.Join(k.keys, ".")
		if overlap(k.keys, strings.Split(c.spec.ID.Legacy, ".")) {
			c.add(path, "%s is the id, which the legacy API gives", name)
		}
		for _, r := range c.table.Rows {
			if !r.ReadOnly && overlap(k.keys, r.keys) {
				c.add(path, "%s is written by %s too; remove it from one of the two, or mark the row read_only: true", name, r.Path)
			}
		}
	}
	return all
}

// leaves appends the values of v that are no objects, each with its keys.
func leaves(all []constant, keys []string, v scim.Value) []constant {
	if v.Kind() != scim.Object || v.Len() == 0 {
		return append(all, constant{keys, v})
	}
	for _, f := range v.Parts() {
		all = leaves(all, append(keys[:len(keys):len(keys)], f.Name), f.Value)
	}
	return all
}
