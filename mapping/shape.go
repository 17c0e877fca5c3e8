package mapping

import (
	"slices"
	"strings"

	"hostscim/adapter/scim"
)

// Where the value of a row is in its legacy field: it is the field, or it is
// in an element of an array, a part of a text, or a whole list.

// shaped reports whether the value is not simply the field.
func (r *Row) shaped() bool { return r.of != nil || r.split != nil || r.list != nil }

// array reports whether the legacy field must be an array.
func (r *Row) array() bool { return r.of != nil || r.list != nil && r.list.join == "" }

// show returns the value of the row in its legacy field, as SCIM shows it.
func (r *Row) show(field scim.Value) (scim.Value, error) {
	if r.of != nil {
		switch {
		case field.Kind() == scim.Array:
		case field.Empty() && field.Kind() != scim.Object || field.Kind() == scim.String && field.Text() == "":
			return r.fallback, nil
		default:
			return scim.Value{}, &ShapeError{Field: strings.Join(r.keys, "."), Path: r.Path, Want: "a list", Got: field.Kind()}
		}
		i := r.of.index(field.Parts())
		if i < 0 {
			return r.fallback, nil
		}
		field = dig(field.At(i), r.rest)
	}
	switch {
	case r.list != nil:
		return r.list.decode(r, field)
	case r.split != nil:
		field = r.split.read(field)
	}
	return r.decode(field)
}

// store returns the legacy field, which holds now, with the value in it.
// Absent is what it returns of a field that is not there and need not be.
func (r *Row) store(now, v scim.Value) (scim.Value, error) {
	if r.of == nil {
		return r.spell(now, v)
	}
	return r.of.store(now, v.Kind() == scim.Absent, func(element scim.Value) (scim.Value, error) {
		legacy, err := r.spell(dig(element, r.rest), v)
		return with(element, r.rest, legacy), err
	})
}

func (r *Row) spell(now, v scim.Value) (scim.Value, error) {
	if r.list != nil {
		return r.list.encode(now, v)
	}
	legacy, err := r.encode(v)
	if r.split != nil {
		legacy = r.split.store(now, legacy)
	}
	return legacy, err
}

// named reports whether the legacy API may mean the field of the row by that
// name.
func (r *Row) named(legacy string) bool {
	if r.Legacy == legacy || r.keys[len(r.keys)-1] == legacy {
		return true
	}
	return r.of != nil && (r.rest[len(r.rest)-1] == legacy || strings.Join(slices.Concat(r.keys, r.rest), ".") == legacy)
}

// collides reports whether writing the one row would overwrite the other.
func (r *Row) collides(o *Row) bool {
	if !overlap(r.keys, o.keys) {
		return false
	}
	if r.of != nil && o.of != nil && slices.Equal(r.keys, o.keys) {
		if r.of.by == o.of.by && (!r.of.is.Equal(o.of.is) || !overlap(r.rest, o.rest)) {
			return false
		}
	}
	return r.split == nil || o.split == nil || r.Legacy != o.Legacy || !r.split.fits(&o.split.Split)
}

// bindRow makes row i read its legacy field. Rows of the same element share
// its selector.
func (c *compiler) bindRow(path string, r *Row, i int) {
	f := c.bind(path, r.keys, i)
	odd := false
	for _, other := range f.rows[:len(f.rows)-1] {
		o := &c.table.Rows[other]
		if !odd && r.array() != o.array() {
			odd = true
			c.add(path, "%s is read by %s too, as a value of another shape", strings.Join(r.keys, "."), o.Path)
		}
		if r.of != nil && o.of != nil && o.of.by == r.of.by && o.of.is.Equal(r.of.is) {
			r.of = o.of
		}
	}
	f.shaped = f.shaped || r.shaped()
	c.table.shared = c.table.shared || r.shaped() && !r.ReadOnly
	if r.of == nil {
		return
	}
	if r.rest[0] == r.of.by {
		c.add(path, "cannot be both selected by and mapped to %s", r.of.by)
	}
	r.of.mapped = append(r.of.mapped, r.rest)
}
