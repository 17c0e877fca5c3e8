package filter

import (
	"cmp"
	"strings"
	"time"

	"hostscim/adapter/scim"
)

// relation is an operator with its literal: what a value of the attribute is
// held against.
type relation struct {
	op      Op
	typ     scim.Type
	exact   bool       // letter case counts
	literal scim.Value // of the attribute's type
	folded  string     // the literal of a text, folded unless exact
	num     number
	instant time.Time
}

// newRelation returns the relation of op and literal, which is not null, for
// attr, or a message that says what can be compared with attr.
func newRelation(attr *scim.Attribute, op Op, literal scim.Value) (relation, string) {
	r := relation{op: op, typ: attr.Type, exact: attr.CaseExact}
	if msg := r.allowed(attr); msg != "" {
		return r, msg
	}
	text, ok := literal.Text(), true
	switch attr.Type {
	case scim.TypeBoolean:
		var b bool
		if b, ok = parseBool(text); !ok {
			return r, "expected true or false"
		}
		r.literal = scim.Bool(b)
	case scim.TypeInteger, scim.TypeDecimal:
		if r.num, ok = parseNumber(text); !ok {
			return r, "expected a number"
		}
		r.literal = scim.Num(text)
	case scim.TypeDateTime:
		if r.instant, ok = parseTime(text); !ok {
			return r, "expected a time such as 2026-01-31T12:00:00Z"
		}
		r.literal = scim.Text(text)
	default:
		// The parser does not keep how a boolean was spelt, so it cannot stand
		// for the text.
		if k := literal.Kind(); k != scim.String && k != scim.Number {
			return r, "expected a text in quotation marks"
		}
		r.exact = r.exact || attr.Type == scim.TypeBinary
		r.literal, r.folded = scim.Text(text), text
		if !r.exact {
			r.folded = fold(text)
		}
	}
	return r, ""
}

// allowed returns "" or why the operator does not suit the attribute.
func (r *relation) allowed(attr *scim.Attribute) string {
	if attr.Type == scim.TypeComplex {
		if len(attr.SubAttributes) == 0 {
			return "it cannot be compared"
		}
		return "compare a sub-attribute, such as " + attr.SubAttributes[0].Name
	}
	switch r.op {
	case Eq, Ne:
		return ""
	case Co, Sw, Ew:
		if attr.Type == scim.TypeString || attr.Type == scim.TypeReference {
			return ""
		}
	case Gt, Ge, Lt, Le:
		if attr.Type != scim.TypeBoolean && attr.Type != scim.TypeBinary {
			return ""
		}
	}
	return string(r.op) + " cannot compare it"
}

// match reports whether v, which is no array, stands in the relation.
func (r *relation) match(v scim.Value) bool {
	switch v.Kind() {
	case scim.Boolean, scim.Number, scim.String:
	default:
		return r.op == Ne
	}
	switch text := v.Text(); r.typ {
	case scim.TypeBoolean:
		b, ok := parseBool(text)
		return (ok && b == r.literal.True()) == (r.op == Eq)
	case scim.TypeInteger, scim.TypeDecimal:
		n, ok := parseNumber(text)
		if !ok {
			return r.op == Ne
		}
		return r.ordered(n.compare(r.num))
	case scim.TypeDateTime:
		instant, ok := parseTime(text)
		if !ok {
			return r.op == Ne
		}
		return r.ordered(instant.Compare(r.instant))
	default:
		return r.matchText(text)
	}
}

func (r *relation) matchText(text string) bool {
	switch {
	case r.op != Eq && r.op != Ne:
		if !r.exact {
			text = fold(text)
		}
	case r.exact:
		return (text == r.folded) == (r.op == Eq)
	default:
		return strings.EqualFold(text, r.folded) == (r.op == Eq)
	}
	switch r.op {
	case Co:
		return strings.Contains(text, r.folded)
	case Sw:
		return strings.HasPrefix(text, r.folded)
	case Ew:
		return strings.HasSuffix(text, r.folded)
	}
	return r.ordered(cmp.Compare(text, r.folded))
}

// ordered reports whether a value that compares to the literal as sign says
// stands in the relation.
func (r *relation) ordered(sign int) bool {
	switch r.op {
	case Eq:
		return sign == 0
	case Ne:
		return sign != 0
	case Gt:
		return sign > 0
	case Ge:
		return sign >= 0
	case Lt:
		return sign < 0
	case Le:
		return sign <= 0
	}
	return false
}

func parseBool(s string) (value, ok bool) {
	if strings.EqualFold(s, "true") {
		return true, true
	}
	return false, strings.EqualFold(s, "false")
}

// parseTime reads a dateTime (RFC 7643 section 2.3.5), whose offset is
// optional in XML Schema.
func parseTime(s string) (time.Time, bool) {
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return t, true
	}
	t, err := time.Parse("2006-01-02T15:04:05", s)
	return t, err == nil
}
