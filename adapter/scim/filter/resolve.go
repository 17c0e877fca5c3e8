package filter

import (
	"strings"

	"hostscim/adapter/scim"
)

// Target is what a path stands for in a resource type.
type Target struct {
	Path      Path            // canonical: the schema's names, no URN for the core schema
	Attr      *scim.Attribute // nil when the path is a bare URN
	Sub       *scim.Attribute // nil when the path has no sub-attribute
	Extension *scim.Schema    // nil for the core schema and common attributes
}

// leaf returns the attribute or sub-attribute whose value is meant.
func (t Target) leaf() *scim.Attribute {
	if t.Sub != nil {
		return t.Sub
	}
	return t.Attr
}

// Resolve returns what p stands for in t. The bare URN of the core schema is
// the whole resource: an empty path, without attribute or extension. An error
// is an *[UnknownError], or any error of [CompileElement] for the value
// filter.
func Resolve(p Path, t *scim.ResourceType) (Target, error) {
	target, _, err := scope{t: t}.resolve(p)
	return target, err
}

// scope is what the attributes of an expression are looked up in: a resource
// type, or inside brackets the attribute in front of them.
type scope struct {
	t       *scim.ResourceType // nil inside brackets
	element *scim.Attribute
	prefix  string // inside brackets, what the element is called in messages
}

// resolve returns the target of p and the node of its value filter, which is
// nil when it has none.
func (s scope) resolve(p Path) (Target, node, error) {
	switch {
	case s.t == nil:
		target, err := s.resolveSub(p)
		return target, nil, err
	case p.Attr == "":
		target, err := s.resolveURN(p)
		return target, nil, err
	}
	attr, extension := s.lookup(p)
	if attr == nil {
		return Target{}, nil, s.unknown(p)
	}
	target := Target{Path: Path{Attr: attr.Name}, Attr: attr, Extension: extension}
	if extension != nil {
		target.Path.URN = extension.ID
	}
	var where node
	if p.Filter != nil {
		var err error
		inner := scope{element: attr, prefix: target.Path.String()}
		if target.Path.Filter, where, err = inner.compile(p.Filter); err != nil {
			return Target{}, nil, err
		}
	}
	if p.Sub != "" {
		if target.Sub = attr.Sub(p.Sub); target.Sub == nil {
			return Target{}, nil, unknownSub(target.Path.name(), attr, p.Sub)
		}
		target.Path.Sub = target.Sub.Name
	}
	return target, where, nil
}

// resolveURN resolves a bare URN, or the empty path that one resolved to.
func (s scope) resolveURN(p Path) (Target, error) {
	if p.URN == "" || strings.EqualFold(p.URN, s.t.Schema.ID) {
		return Target{}, nil
	}
	if e := s.t.Extension(p.URN); e != nil {
		return Target{Path: Path{URN: e.ID}, Extension: e}, nil
	}
	return Target{}, s.unknown(p)
}

// resolveSub resolves a path inside brackets: a sub-attribute of the element.
func (s scope) resolveSub(p Path) (Target, error) {
	if p.URN != "" || p.Sub != "" || p.Filter != nil {
		return Target{}, &UnknownError{Path: s.prefix + "." + p.name(), Offset: -1}
	}
	if sub := s.element.Sub(p.Attr); sub != nil {
		return Target{Path: Path{Attr: sub.Name}, Attr: sub}, nil
	}
	if s.element.MultiValued && s.element.Type != scim.TypeComplex && strings.EqualFold(p.Attr, "value") {
		// RFC 7643 section 2.4: the values of a simple multi-valued attribute.
		value := *s.element
		value.MultiValued = false
		return Target{Path: Path{Attr: "value"}, Attr: &value}, nil
	}
	return Target{}, unknownSub(s.prefix, s.element, p.Attr)
}

// lookup finds the attribute of p. A name without a URN that the core schema
// does not have is looked for in the extensions and counts if one has it.
func (s scope) lookup(p Path) (*scim.Attribute, *scim.Schema) {
	attr, extension := s.t.Attribute(p.URN, p.Attr)
	if attr != nil || p.URN != "" {
		return attr, extension
	}
	for _, e := range s.t.Extensions {
		a := e.Attribute(p.Attr)
		if a != nil && attr != nil {
			return nil, nil
		}
		if a != nil {
			attr, extension = a, e
		}
	}
	return attr, extension
}

// unknown returns the error for a path whose attribute or URN s does not have.
func (s scope) unknown(p Path) error {
	near := nearest{word: p.Attr}
	core := strings.EqualFold(p.URN, s.t.Schema.ID)
	known := core || s.t.Extension(p.URN) != nil
	if core || !known {
		near.offer("", s.t.Schema.Attributes)
		near.offer("", s.t.Common.Attributes)
	}
	for _, e := range s.t.Extensions {
		if strings.EqualFold(p.URN, e.ID) || !known {
			near.offer(e.ID+":", e.Attributes)
		}
	}
	p.Sub = ""
	return &UnknownError{Path: p.name(), Near: near.found, Offset: -1}
}

// unknownSub returns the error for a sub-attribute that the attribute called
// prefix does not have.
func unknownSub(prefix string, attr *scim.Attribute, sub string) error {
	near := nearest{word: sub}
	near.offer(prefix+".", attr.SubAttributes)
	return &UnknownError{Path: prefix + "." + sub, Near: near.found, Offset: -1}
}
