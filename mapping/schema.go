package mapping

import (
	"slices"

	"hostscim/adapter/scim"
)

// published returns the resource type cut down to what the table serves, so
// that discovery tells the truth: attributes with a row, required and read
// only as their rows are, and the types of the elements that exist as
// canonical values. Microsoft's gallery tests read the canonical values to
// tell emails[type eq "work"] from emails[type eq "other"].
func (t *Table) published() *scim.ResourceType {
	out := &scim.ResourceType{
		Name: t.full.Name, Endpoint: t.full.Endpoint,
		Schema: t.cut(t.full.Schema, ""),
		Common: t.common(),
	}
	for _, e := range t.full.Extensions {
		if cut := t.cut(e, e.ID); len(cut.Attributes) > 0 {
			out.Extensions = append(out.Extensions, cut)
		}
	}
	return out
}

// cut returns the schema with the attributes that have rows.
func (t *Table) cut(s *scim.Schema, urn string) *scim.Schema {
	out := *s
	out.Attributes = nil
	for _, attr := range s.Attributes {
		if a := t.attribute(urn, attr); a != nil {
			out.Attributes = append(out.Attributes, t.publish(a))
		}
	}
	return &out
}

// common returns the common attributes that resources have: id, schemas and
// the parts of meta that the adapter makes or the table maps.
func (t *Table) common() *scim.Schema {
	out := *t.full.Common
	out.Attributes = nil
	for _, attr := range t.full.Common.Attributes {
		a := t.attribute("", attr)
		switch attr.Name {
		case "id", "schemas":
			out.Attributes = append(out.Attributes, attr)
		case "meta":
			meta := *attr
			meta.SubAttributes = slices.DeleteFunc(slices.Clone(attr.SubAttributes), func(s *scim.Attribute) bool {
				made := s.Name == "resourceType" || s.Name == "location" || s.Name == "version"
				return !made && (a == nil || findSub(a.subs, s.Name) < 0)
			})
			out.Attributes = append(out.Attributes, &meta)
		default:
			if a != nil {
				out.Attributes = append(out.Attributes, t.publish(a))
			}
		}
	}
	return &out
}

func (t *Table) publish(a *attribute) *scim.Attribute {
	out := *a.attr
	out.SubAttributes = nil
	switch {
	case a.members:
		// The id, and the URL that follows from it. Not the type, which could
		// only be User: Microsoft's validator makes a path of it that it
		// then stumbles over.
		ref := *a.attr.Sub("$ref")
		ref.ReferenceTypes = []string{userType}
		out.SubAttributes = []*scim.Attribute{a.attr.Sub("value"), &ref}
		if !t.Members.Writable() {
			out.Mutability = scim.ReadOnly
		}
	case a.groups:
		out.SubAttributes = []*scim.Attribute{a.attr.Sub("value"), a.attr.Sub("$ref")}
		if t.linked == nil {
			// One more call for each user: only who asks for it pays.
			out.Returned = scim.ReturnedRequest
		}
	case a.list:
		row := &t.Rows[a.row]
		t.describe(&out, row)
		for i := range row.list.subs {
			sub := *row.list.subs[i].attr
			if row.ReadOnly {
				sub.Mutability = scim.ReadOnly
			}
			out.SubAttributes = append(out.SubAttributes, &sub)
		}
	case a.row >= 0:
		t.describe(&out, &t.Rows[a.row])
	default:
		for _, sub := range a.attr.SubAttributes {
			if s := t.publishSub(a, sub); s != nil {
				out.SubAttributes = append(out.SubAttributes, s)
			}
		}
		rows := a.rowsOf()
		out.Required = slices.ContainsFunc(rows, func(r int) bool { return t.Rows[r].Required })
		if !slices.ContainsFunc(rows, func(r int) bool { return !t.Rows[r].ReadOnly }) {
			out.Mutability = scim.ReadOnly
		}
	}
	return &out
}

// publishSub returns the sub-attribute as the table serves it, or nil when
// it does not.
func (t *Table) publishSub(a *attribute, sub *scim.Attribute) *scim.Attribute {
	out := *sub
	out.CanonicalValues = nil
	for _, slot := range a.slots {
		if slot.by == sub.Name {
			if slot.is.Kind() == scim.String {
				out.CanonicalValues = append(out.CanonicalValues, slot.is.Text())
			}
			// The type says which element is meant and goes with it.
			out.Mutability = scim.Immutable
		}
	}
	if sub.Name == "primary" && slices.ContainsFunc(a.slots, func(e element) bool { return e.primary }) {
		out.Mutability = scim.ReadOnly // the table says which element it is
		return &out
	}
	row := findSub(a.subs, sub.Name)
	all, some := true, false // the elements whose row of it is required
	for _, slot := range a.slots {
		r := slot.row(sub.Name)
		if r >= 0 {
			row = r
		}
		required := r >= 0 && t.Rows[r].Required
		all, some = all && required, some || required
	}
	switch {
	case row >= 0:
		t.describe(&out, &t.Rows[row])
		if len(a.slots) > 0 {
			// A sub-attribute is required of every element or of none; but
			// an element without a value says nothing, and where one must be
			// sent it has to have one.
			out.Required = all || some && sub.Name == "value"
		}
		return &out
	case out.Mutability == scim.Immutable && len(out.CanonicalValues) > 0:
		return &out
	}
	return nil
}

// describe gives an attribute the traits of its row.
func (t *Table) describe(out *scim.Attribute, r *Row) {
	out.Required = r.Required
	if r.ReadOnly {
		out.Mutability = scim.ReadOnly
	}
}
