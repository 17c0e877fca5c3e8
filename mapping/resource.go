package mapping

import (
	"net/url"

	"hostscim/adapter/scim"
)

// Whole is what a resource has beside the values of its record.
type Whole struct {
	Location string   // meta.location; "" leaves it out
	Base     string   // of the service's URL, for the $ref of members and groups
	Members  []string // the ids of the members of a group
	Groups   []string // the ids of the groups of a user; none are shown if empty
	// WithMembers says that Members were read. A group without members then
	// has an empty list; otherwise the attribute is left out, because nothing
	// is known.
	WithMembers bool
	// VersionUnknown leaves meta.version out.
	VersionUnknown bool
}

// Resource returns the values as a SCIM resource: attributes in the order of
// the table, those without a value left out.
func (t *Table) Resource(v Values, w Whole) scim.Value {
	b := builder{values: v, slab: make([]scim.Field, t.layout.fields)}
	fields := b.take(len(t.attributes) + 4)
	fields = append(fields, scim.Field{}, scim.Field{Name: "id", Value: scim.Text(v.ID)})
	meta := append(b.take(t.layout.meta), scim.Field{Name: "resourceType", Value: scim.Text(t.full.Name)})
	for _, a := range t.attributes {
		switch {
		case a.members:
			if w.WithMembers {
				fields = append(fields, scim.Field{Name: a.attr.Name, Value: references(w.Members, w.Base+"/Users/")})
			}
		case a.groups:
			if len(w.Groups) > 0 {
				fields = append(fields, scim.Field{Name: a.attr.Name, Value: references(w.Groups, w.Base+"/Groups/")})
			}
		case a.attr.Name == "meta":
			meta = b.subs(meta, a.subs)
		case a.urn == "":
			fields = b.attribute(fields, a)
		}
	}
	present := 0 // which extensions have data, a bit for each
	for i, e := range t.full.Extensions {
		if extension := b.extension(t, e.ID); len(extension) > 0 {
			present |= 1 << i
			fields = append(fields, scim.Field{Name: e.ID, Value: scim.Obj(extension...)})
		}
	}
	if w.Location != "" {
		meta = append(meta, scim.Field{Name: "location", Value: scim.Text(w.Location)})
		if !w.VersionUnknown {
			meta = append(meta, scim.Field{Name: "version", Value: scim.Text(t.Version(v))})
		}
	}
	fields[0] = scim.Field{Name: "schemas", Value: t.layout.schemas[present]}
	return scim.Obj(append(fields, scim.Field{Name: "meta", Value: scim.Obj(meta...)})...)
}

// layout is what is known of every resource of a table beforehand.
type layout struct {
	fields  int          // the most that one takes, all levels together
	meta    int          // the most that its meta has
	urns    []string     // of its schemas
	schemas []scim.Value // by which extensions have data, a bit for each
}

func (t *Table) newLayout() layout {
	l := layout{fields: len(t.attributes) + 4, meta: 3, urns: t.full.URNs()}
	for _, a := range t.attributes {
		l.fields += 1 + len(a.subs)
		for _, slot := range a.slots {
			l.fields += 3 + len(slot.subs)
		}
		if a.attr.Name == "meta" {
			l.meta += len(a.subs)
		}
	}
	l.fields += l.meta
	for present := range 1 << len(t.full.Extensions) {
		urns := []string{t.full.Schema.ID}
		for i, e := range t.full.Extensions {
			if present&(1<<i) != 0 {
				urns = append(urns, e.ID)
			}
		}
		l.schemas = append(l.schemas, scim.Strings(urns...))
	}
	return l
}

// builder lays out a resource. All its fields are in one slab: a page of
// resources would else spend most of its time on small allocations.
type builder struct {
	values Values
	slab   []scim.Field
}

// take returns room for n fields.
func (b *builder) take(n int) []scim.Field {
	room := b.slab[:0:n]
	b.slab = b.slab[n:]
	return room
}

// put appends the value unless it is empty.
func put(fields []scim.Field, name string, v scim.Value) []scim.Field {
	if v.Empty() {
		return fields
	}
	return append(fields, scim.Field{Name: name, Value: v})
}

// extension returns the attributes of the extension that have a value.
func (b *builder) extension(t *Table, urn string) []scim.Field {
	n := 0
	for _, a := range t.attributes {
		if a.urn == urn {
			n++
		}
	}
	fields := b.take(n)
	for _, a := range t.attributes {
		if a.urn == urn {
			fields = b.attribute(fields, a)
		}
	}
	return fields
}

// attribute appends a if it has a value.
func (b *builder) attribute(fields []scim.Field, a *attribute) []scim.Field {
	switch {
	case a.row >= 0:
		return put(fields, a.attr.Name, b.values.rows[a.row])
	case len(a.slots) == 0:
		return put(fields, a.attr.Name, scim.Obj(b.subs(b.take(len(a.subs)), a.subs)...))
	}
	elements := b.take(len(a.slots))
	for i := range a.slots {
		elements = put(elements, "", b.element(&a.slots[i]))
	}
	return put(fields, a.attr.Name, scim.ListOf(elements))
}

// subs appends the sub-attributes that have a value. The version is not one
// of them: it is made of the row, not shown as it is.
func (b *builder) subs(fields []scim.Field, subs []subRow) []scim.Field {
	for _, s := range subs {
		if s.name != "version" {
			fields = put(fields, s.name, b.values.rows[s.row])
		}
	}
	return fields
}

// element returns one element of a multi-valued attribute, empty when no row
// of it has a value.
func (b *builder) element(e *element) scim.Value {
	fields := b.subs(b.take(len(e.subs)+2), e.subs)
	if len(fields) == 0 {
		return scim.Value{}
	}
	fields = append(fields, scim.Field{Name: e.by, Value: e.is})
	if e.primary && e.by != "primary" {
		fields = append(fields, scim.Field{Name: "primary", Value: scim.Bool(true)})
	}
	return scim.Obj(fields...)
}

// references returns the list of resources with the ids. Their URLs begin
// with prefix.
func references(ids []string, prefix string) scim.Value {
	list := make([]scim.Field, len(ids))
	fields := make([]scim.Field, 2*len(ids))
	for i, id := range ids {
		pair := fields[2*i : 2*i+2 : 2*i+2]
		pair[0] = scim.Field{Name: "value", Value: scim.Text(id)}
		pair[1] = scim.Field{Name: "$ref", Value: scim.Text(prefix + url.PathEscape(id))}
		list[i].Value = scim.Obj(pair...)
	}
	return scim.ListOf(list)
}
