package mapping

import (
	"net/url"
	"slices"

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
	fields := make([]scim.Field, 0, len(t.attributes)+4)
	fields = append(fields, scim.Field{}, scim.Field{Name: "id", Value: scim.Text(v.ID)})
	urns := []string{t.full.Schema.ID}
	var meta []scim.Field
	for _, a := range t.attributes {
		switch {
		case a.members:
			if w.WithMembers {
				fields = append(fields, scim.Field{Name: a.attr.Name, Value: references(w.Members, w.Base+"/Users/")})
			}
			continue
		case a.groups:
			if len(w.Groups) > 0 {
				fields = append(fields, scim.Field{Name: a.attr.Name, Value: references(w.Groups, w.Base+"/Groups/")})
			}
			continue
		case a.attr.Name == "meta":
			meta = v.complex(a.subs)
			continue
		case a.urn != "":
			continue
		}
		if value := v.attribute(a); !value.Empty() {
			fields = append(fields, scim.Field{Name: a.attr.Name, Value: value})
		}
	}
	for _, e := range t.full.Extensions {
		if extension := v.extension(t, e.ID); len(extension) > 0 {
			urns = append(urns, e.ID)
			fields = append(fields, scim.Field{Name: e.ID, Value: scim.Obj(extension...)})
		}
	}
	meta = append([]scim.Field{{Name: "resourceType", Value: scim.Text(t.full.Name)}}, slices.DeleteFunc(meta, func(f scim.Field) bool { return f.Name == "version" })...)
	if w.Location != "" {
		meta = append(meta, scim.Field{Name: "location", Value: scim.Text(w.Location)})
		if !w.VersionUnknown {
			meta = append(meta, scim.Field{Name: "version", Value: scim.Text(t.Version(v))})
		}
	}
	fields[0] = scim.Field{Name: "schemas", Value: scim.Strings(urns...)}
	return scim.Obj(append(fields, scim.Field{Name: "meta", Value: scim.Obj(meta...)})...)
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

// extension returns the attributes of the extension that have a value.
func (v Values) extension(t *Table, urn string) []scim.Field {
	var fields []scim.Field
	for _, a := range t.attributes {
		if a.urn != urn {
			continue
		}
		if value := v.attribute(a); !value.Empty() {
			fields = append(fields, scim.Field{Name: a.attr.Name, Value: value})
		}
	}
	return fields
}

// attribute returns the value of a, empty when it has none.
func (v Values) attribute(a *attribute) scim.Value {
	switch {
	case a.row >= 0:
		return v.rows[a.row]
	case len(a.slots) == 0:
		return scim.Obj(v.complex(a.subs)...)
	}
	elements := make([]scim.Field, 0, len(a.slots))
	for i := range a.slots {
		if e := v.element(&a.slots[i]); !e.Empty() {
			elements = append(elements, scim.Field{Value: e})
		}
	}
	return scim.ListOf(elements)
}

func (v Values) complex(subs []subRow) []scim.Field {
	var fields []scim.Field
	for _, s := range subs {
		if value := v.rows[s.row]; !value.Empty() {
			if fields == nil {
				fields = make([]scim.Field, 0, len(subs)+2)
			}
			fields = append(fields, scim.Field{Name: s.name, Value: value})
		}
	}
	return fields
}

// element returns one element of a multi-valued attribute, empty when no row
// of it has a value.
func (v Values) element(e *element) scim.Value {
	fields := v.complex(e.subs)
	if len(fields) == 0 {
		return scim.Value{}
	}
	fields = append(fields, scim.Field{Name: e.by, Value: e.is})
	if e.primary && e.by != "primary" {
		fields = append(fields, scim.Field{Name: "primary", Value: scim.Bool(true)})
	}
	return scim.Obj(fields...)
}
