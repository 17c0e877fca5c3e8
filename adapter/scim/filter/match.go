package filter

import "hostscim/adapter/scim"

// node is a compiled expression. It matches a resource, or inside brackets an
// element.
type node interface{ match(v scim.Value) bool }

type all []node

type some []node

type negation struct{ of node }

// comparison, presence and element are Compare, Present and ValuePath.
type (
	comparison struct {
		place
		relation relation
	}
	presence struct{ place }
	element  struct{ place }
)

func (n all) match(v scim.Value) bool {
	for _, part := range n {
		if !part.match(v) {
			return false
		}
	}
	return true
}

func (n some) match(v scim.Value) bool {
	for _, part := range n {
		if part.match(v) {
			return true
		}
	}
	return false
}

func (n negation) match(v scim.Value) bool { return !n.of.match(v) }

// place is where in a resource or element the values of an attribute are.
type place struct {
	urn   string // of the extension whose object holds the attribute, or ""
	attr  string // "" when the element itself is the value
	where node   // selects elements; nil: all of them
	sub   string // or ""
}

// in returns the value of the attribute, or the array of its values.
func (p *place) in(v scim.Value) scim.Value {
	if p.urn != "" {
		v = v.Get(p.urn)
	}
	if p.attr != "" {
		v = v.Get(p.attr)
	}
	return v
}

// selected reports whether an element is one that the brackets select.
func (p *place) selected(v scim.Value) bool {
	return p.where == nil || !v.Empty() && p.where.match(v)
}

// value returns the part of an element that is meant.
func (p *place) value(v scim.Value) scim.Value {
	if p.sub != "" {
		return v.Get(p.sub)
	}
	return v
}

// values returns the elements of v, or v as the only one; none if it is empty.
// The array is for one element, so that a single value needs no allocation.
func values(v scim.Value, one *[1]scim.Field) []scim.Field {
	switch {
	case v.Kind() == scim.Array:
		return v.Parts()
	case v.Empty():
		return nil
	}
	one[0].Value = v
	return one[:]
}

func (n *comparison) match(v scim.Value) bool {
	var one, inner [1]scim.Field
	none := true
	for _, e := range values(n.in(v), &one) {
		if !n.selected(e.Value) {
			continue
		}
		for _, x := range values(n.value(e.Value), &inner) {
			none = false
			if n.relation.match(x.Value) {
				return true
			}
		}
	}
	return none && n.relation.match(scim.Value{})
}

func (n *presence) match(v scim.Value) bool {
	var one [1]scim.Field
	for _, e := range values(n.in(v), &one) {
		if n.selected(e.Value) && present(n.value(e.Value)) {
			return true
		}
	}
	return false
}

func (n *element) match(v scim.Value) bool {
	var one [1]scim.Field
	for _, e := range values(n.in(v), &one) {
		if n.selected(e.Value) {
			return true
		}
	}
	return false
}

// present reports whether v has a value in the sense of pr.
func present(v scim.Value) bool {
	switch v.Kind() {
	case scim.Absent, scim.Null:
		return false
	case scim.String:
		return v.Text() != ""
	case scim.Array, scim.Object:
		for _, part := range v.Parts() {
			if present(part.Value) {
				return true
			}
		}
		return false
	}
	return true
}
