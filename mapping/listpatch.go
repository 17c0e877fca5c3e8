package mapping

import (
	"slices"

	"hostscim/adapter/scim"
	"hostscim/adapter/scim/filter"
)

// putList puts v at a whole list (RFC 7644 sections 3.5.2.1 and 3.5.2.3): as
// the list, or at the elements or the sub-attribute that the path names.
func (d *draft) putList(a *attribute, target filter.Target, v scim.Value, p placement) error {
	row := &d.table.Rows[a.row]
	switch {
	case row.ReadOnly:
		d.ignore(row.Path)
		return nil
	case target.Sub != nil && row.list.sub(target.Sub.Name) == nil:
		d.ignore(d.plain(target.Path))
		return nil
	case target.Path.Filter != nil || target.Sub != nil:
		return d.putListed(a, target, v, p.replace)
	}
	elements, err := d.elements(row, v)
	if err != nil {
		return err
	}
	var now []scim.Value
	if !p.replace {
		if len(elements) == 0 {
			return nil
		}
		if now, err = d.listNow(a.row); err != nil {
			return err
		}
	}
	d.setList(a.row, row.list.add(now, elements), false)
	return nil
}

// maxVisits bounds how many elements the operations of one request may look
// at: each looks at all there are, so that what a body costs would else grow
// with the square of its length.
const maxVisits = 1 << 18

// listNow returns the elements that the operations so far have left.
func (d *draft) listNow(i int) ([]scim.Value, error) {
	v := d.rows[i].value
	if d.rows[i].state == unchanged {
		var err error
		if v, err = d.before(i); err != nil {
			return nil, err
		}
	}
	if d.visits += v.Len(); d.visits > maxVisits {
		return nil, scim.Bad(scim.InvalidValue, "%s has many values, and is changed by many operations; send them as one operation", d.table.Rows[i].Path)
	}
	elements := make([]scim.Value, v.Len())
	for j, p := range v.Parts() {
		elements[j] = p.Value
	}
	return elements, nil
}

// setList makes the elements the list of row i. One that is as it is in the
// record already does not change.
func (d *draft) setList(i int, elements []scim.Value, removed bool) {
	v := scim.List(elements...)
	now, err := d.before(i)
	switch {
	case err == nil && d.rows[i].state == unchanged && (v.Equal(now) || v.Empty() && now.Empty()):
	case v.Empty():
		d.rows[i] = change{state: cleared, removed: removed}
	default:
		d.rows[i] = change{state: set, value: v}
	}
}

// elements returns the elements that v lists: objects, or bare values.
func (d *draft) elements(row *Row, v scim.Value) ([]scim.Value, error) {
	if v.Kind() != scim.Array {
		v = scim.List(v)
	}
	elements := make([]scim.Value, 0, v.Len())
	for _, p := range v.Parts() {
		element, err := d.element(row, p.Value)
		if err != nil {
			return nil, err
		}
		if !element.Empty() {
			elements = append(elements, element)
		}
	}
	return elements, nil
}

// element returns one element with what the row keeps of it, in the data
// types and the order of the table.
func (d *draft) element(row *Row, v scim.Value) (scim.Value, error) {
	switch v.Kind() {
	case scim.Absent, scim.Null:
		return scim.Value{}, nil
	case scim.Array:
		return scim.Value{}, scim.Bad(scim.InvalidValue, "%s must be a list of objects; got %s in it", row.Path, v.Kind())
	case scim.Object:
	default:
		v = scim.Obj(scim.Field{Name: row.list.bare(), Value: v})
	}
	fields := make([]scim.Field, 0, len(row.list.subs))
	for i := range row.list.subs {
		sub := &row.list.subs[i]
		value, err := row.list.coerce(sub, v.Get(sub.attr.Name))
		if err != nil {
			return scim.Value{}, err
		}
		fields = put(fields, sub.attr.Name, value)
	}
	for _, f := range v.Parts() {
		if row.list.sub(f.Name) == nil && !f.Value.Empty() {
			d.ignore(row.Path + "." + ignoredName(row.attr.Sub(f.Name)))
		}
	}
	return scim.Obj(fields...), nil
}

// coerce returns the value of a sub-attribute in its data type.
func (l *list) coerce(sub *Row, v scim.Value) (scim.Value, error) {
	v, err := coerce(sub.attr, sub.Path, v)
	if err == nil && v.Kind() != scim.Absent {
		err = l.check(sub, v)
	}
	return v, err
}

// add returns the elements with more of them. One that is there already is
// not added, and at most one is primary: the last that is said to be.
func (l *list) add(now, more []scim.Value) []scim.Value {
	out := slices.Clone(now)
	at := make(map[string]int, len(now)+len(more))
	for i, e := range now {
		at[l.text(e, "primary")] = i
	}
	primary := -1
	for _, e := range more {
		key := l.text(e, "primary")
		i, known := at[key]
		if !known {
			i = len(out)
			at[key], out = i, append(out, e)
		} else if said := e.Get("primary"); said.Kind() != scim.Absent {
			out[i] = l.with(out[i], "primary", said)
		}
		if e.Get("primary").True() {
			primary = i
		}
	}
	return l.onlyPrimary(out, primary)
}

// onlyPrimary takes primary from all elements but that of the index; -1: from
// none.
func (l *list) onlyPrimary(elements []scim.Value, primary int) []scim.Value {
	for i, e := range elements {
		if primary >= 0 && i != primary && e.Get("primary").True() {
			elements[i] = l.with(e, "primary", scim.Bool(false))
		}
	}
	return elements
}

// with returns the element with the value as its sub-attribute, or without
// that when the value is absent.
func (l *list) with(element scim.Value, name string, v scim.Value) scim.Value {
	fields := make([]scim.Field, 0, len(l.subs))
	for i := range l.subs {
		sub := l.subs[i].attr.Name
		if equalFold(sub, name) {
			fields = put(fields, sub, v)
		} else {
			fields = put(fields, sub, element.Get(sub))
		}
	}
	return scim.Obj(fields...)
}

// hollow reports whether an element has nothing but what tells it apart.
func hollow(element scim.Value) bool {
	return !slices.ContainsFunc(element.Parts(), func(f scim.Field) bool { return f.Name != "type" && f.Name != "primary" })
}

// putListed puts v at the elements that the filter of the path selects, or at
// its sub-attribute of each element. Where there is none it is made, if its
// type tells what it is, as Entra expects of emails[type eq "other"].value.
func (d *draft) putListed(a *attribute, target filter.Target, v scim.Value, replace bool) error {
	row := &d.table.Rows[a.row]
	put, err := d.listPut(row, target, v, replace)
	if err != nil {
		return err
	}
	where, err := elementFilter(a, target.Path.Filter)
	if err != nil {
		return err
	}
	now, err := d.listNow(a.row)
	if err != nil {
		return err
	}
	var out []scim.Value
	hit, primary := false, -1
	for _, e := range now {
		if where != nil && !where.Match(e) {
			out = append(out, e)
			continue
		}
		hit = true
		if e = put(e); hollow(e) {
			continue
		}
		if e.Get("primary").True() {
			primary = len(out)
		}
		out = append(out, e)
	}
	if !hit {
		made, ok := row.list.made(where)
		if !ok {
			return scim.Bad(scim.NoTarget, "no element of %s matches the filter in the path", a.path())
		}
		if made = put(made); !hollow(made) {
			out = row.list.add(out, []scim.Value{made})
		}
	}
	d.setList(a.row, row.list.onlyPrimary(out, primary), false)
	return nil
}

// listPut returns what putting v does to one element.
func (d *draft) listPut(row *Row, target filter.Target, v scim.Value, replace bool) (func(scim.Value) scim.Value, error) {
	l := row.list
	if target.Sub != nil {
		value, err := l.coerce(l.sub(target.Sub.Name), v)
		return func(e scim.Value) scim.Value { return l.with(e, target.Sub.Name, value) }, err
	}
	if v.Kind() == scim.Array && v.Len() == 1 {
		v = v.At(0)
	}
	put, err := d.element(row, v)
	return func(e scim.Value) scim.Value {
		out := e
		for i := range l.subs {
			name := l.subs[i].attr.Name
			if given := put.Get(name); given.Kind() != scim.Absent || replace && !selects(l.subs[i].attr) {
				out = l.with(out, name, given)
			}
		}
		return out
	}, err
}

// elementFilter compiles the filter in a path; nil for none.
func elementFilter(a *attribute, e filter.Expr) (*filter.Filter, error) {
	if e == nil {
		return nil, nil
	}
	where, err := filter.CompileElement(e, a.attr)
	if err != nil {
		return nil, scim.Bad(scim.InvalidPath, "%s[...]: %s", a.path(), err)
	}
	return where, nil
}

// made returns the element that a filter asks for, which is nothing but its
// type or that it is primary, joined by and. It is false when the filter asks
// for anything else.
func (l *list) made(where *filter.Filter) (scim.Value, bool) {
	element := scim.Obj()
	if where == nil {
		return element, true
	}
	rest := []filter.Expr{where.Expr()}
	for len(rest) > 0 {
		e := rest[0]
		rest = rest[1:]
		switch e := e.(type) {
		case filter.And:
			rest = append(rest, e.Left, e.Right)
		case filter.Compare:
			sub := l.sub(e.Path.Attr)
			if sub == nil || e.Op != filter.Eq || !selects(sub.attr) {
				return element, false
			}
			element = l.with(element, sub.attr.Name, e.Value)
		default:
			return element, false
		}
	}
	return element, where.Match(element)
}

// removeList removes from a whole list (RFC 7644 section 3.5.2.2): all of it,
// the elements that the filter of the path or v selects, or a sub-attribute
// of them.
func (d *draft) removeList(a *attribute, target filter.Target, v scim.Value) error {
	row := &d.table.Rows[a.row]
	if row.ReadOnly {
		d.ignore(row.Path)
		return nil
	}
	wheres := []filter.Expr{target.Path.Filter}
	if target.Path.Filter == nil && target.Sub == nil {
		if !listed(v) {
			d.clear([]int{a.row}, true)
			return nil
		}
		var err error
		if wheres, err = described(a, v); err != nil {
			return err
		}
	}
	for _, where := range wheres {
		if err := d.removeWhere(a, target, where); err != nil {
			return err
		}
	}
	return nil
}

func (d *draft) removeWhere(a *attribute, target filter.Target, e filter.Expr) error {
	row := &d.table.Rows[a.row]
	where, err := elementFilter(a, e)
	if err != nil {
		return err
	}
	now, err := d.listNow(a.row)
	if err != nil {
		return err
	}
	var out []scim.Value
	for _, e := range now {
		if where == nil || where.Match(e) {
			if target.Sub == nil {
				continue
			}
			if row.list.sub(target.Sub.Name) != nil && !e.Get(target.Sub.Name).Empty() {
				if e = row.list.with(e, target.Sub.Name, scim.Value{}); hollow(e) {
					continue
				}
			}
		}
		out = append(out, e)
	}
	d.setList(a.row, out, true)
	return nil
}
