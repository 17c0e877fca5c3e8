package filter

import (
	"fmt"

	"hostscim/adapter/scim"
)

// Filter is a filter whose names and literals were checked against a resource
// type or a multi-valued attribute.
type Filter struct {
	expr Expr
	root node
}

// Compile checks e against t. An error is an *[UnknownError] or a
// *[TypeError]; e is otherwise expected to be what [Parse] returns.
func Compile(e Expr, t *scim.ResourceType) (*Filter, error) {
	return scope{t: t}.filter(e)
}

// CompileElement checks e, the inside of a path's brackets, against attr. The
// filter that it returns matches one element of attr, or the value of attr
// when that is not multi-valued. Errors are those of [Compile].
func CompileElement(e Expr, attr *scim.Attribute) (*Filter, error) {
	return scope{element: attr, prefix: attr.Name}.filter(e)
}

// Expr returns the filter with canonical names and literals of the type of
// their attributes.
func (f *Filter) Expr() Expr { return f.expr }

// String returns the canonical filter as text.
func (f *Filter) String() string { return f.expr.String() }

// Match reports whether v, a resource or for [CompileElement] an element,
// matches the filter.
func (f *Filter) Match(v scim.Value) bool { return f.root.match(v) }

func (s scope) filter(e Expr) (*Filter, error) {
	canonical, root, err := s.compile(e)
	if err != nil {
		return nil, err
	}
	return &Filter{canonical, root}, nil
}

func (s scope) compile(e Expr) (Expr, node, error) {
	switch e := e.(type) {
	case And:
		parts, nodes, err := s.compileAll(conjuncts(e))
		return join(parts, func(l, r Expr) Expr { return And{l, r} }), all(nodes), err
	case Or:
		parts, nodes, err := s.compileAll(disjuncts(e))
		return join(parts, func(l, r Expr) Expr { return Or{l, r} }), some(nodes), err
	case Not:
		inner, n, err := s.compile(e.Expr)
		return Not{inner}, negation{n}, err
	case Compare:
		return s.compileCompare(e)
	case Present:
		target, where, err := s.resolve(e.Path)
		if err != nil {
			return nil, nil, placed(err, e.Pos)
		}
		return Present{target.Path, e.Pos}, &presence{s.place(target, where)}, nil
	case ValuePath:
		target, where, err := s.resolve(e.Path)
		if err != nil {
			return nil, nil, placed(err, e.Pos)
		}
		return ValuePath{target.Path, e.Pos}, &element{s.place(target, where)}, nil
	}
	return nil, nil, fmt.Errorf("compiling a filter: %T is no expression", e)
}

func (s scope) compileAll(parts []Expr) ([]Expr, []node, error) {
	nodes := make([]node, len(parts))
	for i, part := range parts {
		var err error
		if parts[i], nodes[i], err = s.compile(part); err != nil {
			return nil, nil, err
		}
	}
	return parts, nodes, nil
}

// join undoes what conjuncts and disjuncts do; it returns nil for no parts.
func join(parts []Expr, with func(left, right Expr) Expr) Expr {
	if len(parts) == 0 {
		return nil
	}
	joined := parts[0]
	for _, part := range parts[1:] {
		joined = with(joined, part)
	}
	return joined
}

func (s scope) compileCompare(e Compare) (Expr, node, error) {
	target, where, err := s.resolve(e.Path)
	if err != nil {
		return nil, nil, placed(err, e.Pos)
	}
	if attr := target.leaf(); attr.Type == scim.TypeComplex && s.t != nil {
		// RFC 7644 section 3.4.2.2 compares emails with a text: its value.
		if value := attr.Sub("value"); value != nil {
			target.Sub, target.Path.Sub = value, value.Name
		}
	}
	e.Path = target.Path
	attr := target.leaf()
	fault := func(msg string) error {
		return &TypeError{Offset: e.Pos, Path: s.label(target.Path), Type: attr.Type, Msg: msg}
	}
	if e.Value.Kind() == scim.Null {
		is := &presence{s.place(target, where)}
		switch e.Op {
		case Eq:
			return e, negation{is}, nil
		case Ne:
			return e, is, nil
		}
		return nil, nil, fault("null can be compared by eq and ne only")
	}
	r, msg := newRelation(attr, e.Op, e.Value)
	if msg != "" {
		return nil, nil, fault(msg)
	}
	e.Value = r.literal
	return e, &comparison{s.place(target, where), r}, nil
}

// place returns where the values of target are found in a resource or, inside
// brackets, in an element.
func (s scope) place(target Target, where node) place {
	p := place{urn: target.Path.URN, attr: target.Path.Attr, where: where, sub: target.Path.Sub}
	if s.t == nil && s.element.Type != scim.TypeComplex {
		p.attr = "" // the element is the value
	}
	return p
}

// label returns what a canonical path is called in messages.
func (s scope) label(p Path) string {
	if s.t == nil {
		return s.prefix + "." + p.name()
	}
	return p.name()
}
