package adapter_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

// expr is a filter as the property test knows it. It shares nothing with
// package filter: it is printed, and evaluated over plain maps, by itself.
type expr struct {
	op          string // and, or, not, pr, [] (any element matches where), or a comparison
	left, right *expr
	path        path
	literal     any    // string, bool or nil
	written     string // the literal in the filter
	operator    string // op in the filter
}

// path is an attribute. kind says how its values compare: text, exact, bool
// or time.
type path struct {
	urn, attr, sub, kind string
	where                *expr
	front, back          string // as written before and after the brackets
}

func (p path) String() string {
	if p.where == nil {
		return p.front + p.back
	}
	return p.front + "[" + p.where.String() + "]" + p.back
}

func (e *expr) String() string {
	switch e.op {
	case "and":
		return e.left.operand() + " " + e.operator + " " + e.right.operand()
	case "or":
		return e.left.String() + " " + e.operator + " " + e.right.String()
	case "not":
		return e.operator + " (" + e.left.String() + ")"
	case "[]":
		return e.path.String()
	case "pr":
		return e.path.String() + " " + e.operator
	}
	return e.path.String() + " " + e.operator + " " + e.written
}

// operand puts what binds less than "and" in parentheses.
func (e *expr) operand() string {
	if e.op == "or" {
		return "(" + e.String() + ")"
	}
	return e.String()
}

// matches evaluates the filter on a resource, or inside brackets an element,
// as RFC 7644 section 3.4.2.2 and the documentation of package filter say.
func (e *expr) matches(v map[string]any) bool {
	switch e.op {
	case "and":
		return e.left.matches(v) && e.right.matches(v)
	case "or":
		return e.left.matches(v) || e.right.matches(v)
	case "not":
		return !e.left.matches(v)
	}
	values := e.path.values(v, e.op != "pr" && e.op != "[]")
	switch {
	case e.op == "pr" || e.op == "[]" || e.op == "ne" && e.literal == nil:
		return len(values) > 0
	case e.literal == nil: // eq null
		return len(values) == 0
	case len(values) == 0:
		return e.op == "ne"
	}
	return slices.ContainsFunc(values, e.holds)
}

// values returns the values at the path; of a complex attribute that is
// compared, those of its value sub-attribute.
func (p path) values(v map[string]any, compared bool) (out []any) {
	if p.urn != "" {
		v, _ = v[p.urn].(map[string]any)
	}
	elements, many := v[p.attr].([]any)
	if !many && v[p.attr] != nil {
		elements = []any{v[p.attr]}
	}
	for _, e := range elements {
		object, complex := e.(map[string]any)
		if p.where != nil && !p.where.matches(object) {
			continue
		}
		switch {
		case p.sub != "":
			e = object[p.sub]
		case complex && compared:
			e = object["value"]
		}
		if e != nil {
			out = append(out, e)
		}
	}
	return out
}

func (e *expr) holds(v any) bool {
	if e.path.kind == "bool" {
		return (v == e.literal) == (e.op == "eq")
	}
	a, b := v.(string), e.literal.(string)
	if e.path.kind == "time" {
		return ordered(e.op, instant(a).Compare(instant(b)))
	}
	if e.path.kind != "exact" {
		a, b = foldText(a), foldText(b)
	}
	switch e.op {
	case "co":
		return strings.Contains(a, b)
	case "sw":
		return strings.HasPrefix(a, b)
	case "ew":
		return strings.HasSuffix(a, b)
	}
	return ordered(e.op, strings.Compare(a, b))
}

func ordered(op string, sign int) bool {
	return map[string]bool{"eq": sign == 0, "ne": sign != 0, "gt": sign > 0, "ge": sign >= 0, "lt": sign < 0, "le": sign <= 0}[op]
}

// instant reads a time; one without an offset is UTC.
func instant(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t, _ = time.Parse("2006-01-02T15:04:05", s)
	}
	return t
}

// generator makes filters for one resource type.
type generator struct {
	*rand.Rand
	kind  string   // User or Group
	ids   []string // of users and groups
	shape *shape
}

func (g *generator) filter(depth int) *expr {
	n := g.IntN(10)
	switch {
	case depth == 0 || n < 3:
		return g.leaf(g.attributes())
	case n < 6:
		return &expr{op: "and", operator: g.cased("and"), left: g.filter(depth - 1), right: g.filter(depth - 1)}
	case n < 9:
		return &expr{op: "or", operator: g.cased("or"), left: g.filter(depth - 1), right: g.filter(depth - 1)}
	}
	return &expr{op: "not", operator: g.cased("not"), left: g.filter(depth - 1)}
}

// attributes are the paths that a filter can begin with. Those that plans are
// made of come more than once.
func (g *generator) attributes() []path {
	all := []path{
		{attr: "id", kind: "exact"}, {attr: "id", kind: "exact"}, {attr: "externalId", kind: "exact"}, {attr: "displayName", kind: "text"},
		{attr: "displayName", kind: "text"}, {attr: "meta", sub: "created", kind: "time"}, {attr: "meta", sub: "resourceType", kind: "exact"},
		{attr: "schemas", kind: "exact"},
	}
	if g.kind == "Group" {
		return append(all, path{attr: "members", kind: "exact"}, path{attr: "members", sub: "value", kind: "exact"})
	}
	all = append(all,
		path{attr: "userName", kind: "text"}, path{attr: "userName", kind: "text"}, path{attr: "userName", kind: "text"},
		path{attr: "active", kind: "bool"}, path{attr: "name", sub: "givenName", kind: "text"}, path{attr: "name", sub: "familyName", kind: "text"},
		path{attr: "name"}, path{attr: "emails", kind: "text"}, path{attr: "emails", sub: "value", kind: "text"}, path{attr: "emails", sub: "value", kind: "text"},
		path{attr: "emails", sub: "type", kind: "text"}, path{attr: "emails", sub: "primary", kind: "bool"}, path{attr: "emails", kind: "text"},
		path{attr: "phoneNumbers", sub: "value", kind: "text"}, path{urn: enterprise, attr: "department", kind: "text"})
	if g.shape.Groups {
		all = append(all, path{attr: "groups", kind: "exact"}, path{attr: "groups", sub: "value", kind: "exact"})
	}
	return all
}

// leaf makes a comparison, or a presence, of one of the attributes.
func (g *generator) leaf(of []path) *expr {
	p := pick(g.Rand, of)
	p.front = g.cased(p.attr)
	if p.urn != "" && g.IntN(4) > 0 {
		p.front = g.cased(p.urn) + ":" + p.front
	}
	if p.sub != "" {
		p.back = "." + g.cased(p.sub)
	}
	many := slices.Contains([]string{"emails", "members", "groups", "phoneNumbers"}, p.attr)
	if many && g.IntN(2) == 0 {
		p.where = g.inBrackets(p.attr, g.IntN(3))
		if p.sub == "" {
			return &expr{op: "[]", path: p}
		}
	}
	e := &expr{path: p}
	if p.kind == "" || g.IntN(10) == 0 {
		e.op, e.operator = "pr", g.cased("pr")
		return e
	}
	e.op = pick(g.Rand, []string{"eq", "eq", "eq", "eq", "eq", "ne"})
	if g.IntN(5) == 0 && p.kind != "bool" {
		ops := []string{"gt", "ge", "lt", "le", "co", "sw", "ew"}
		if p.kind == "time" {
			ops = ops[:4]
		}
		e.op = pick(g.Rand, ops)
	}
	e.operator = g.cased(e.op)
	e.literal, e.written = g.literal(e)
	return e
}

// inBrackets makes a filter on the elements of an attribute.
func (g *generator) inBrackets(attr string, depth int) *expr {
	if depth > 0 {
		e := &expr{op: pick(g.Rand, []string{"and", "and", "or", "not"}), left: g.inBrackets(attr, depth-1)}
		if e.operator = g.cased(e.op); e.op != "not" {
			e.right = g.inBrackets(attr, depth-1)
		}
		return e
	}
	subs := []path{{attr: "value", kind: "exact"}}
	if attr == "emails" {
		subs = []path{{attr: "value", kind: "text"}, {attr: "type", kind: "text"}, {attr: "type", kind: "text"}, {attr: "primary", kind: "bool"}}
	} else if attr == "phoneNumbers" {
		subs = []path{{attr: "value", kind: "text"}, {attr: "type", kind: "text"}}
	}
	return g.leaf(subs)
}
