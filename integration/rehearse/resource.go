package rehearse

import (
	"fmt"
	"regexp"
	"strings"
)

// The URNs that identity providers send.
const (
	userURN       = "urn:ietf:params:scim:schemas:core:2.0:User"
	groupURN      = "urn:ietf:params:scim:schemas:core:2.0:Group"
	enterpriseURN = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
	patchURN      = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
	listURN       = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
	errorURN      = "urn:ietf:params:scim:api:messages:2.0:Error"
)

// object is a decoded JSON object.
type object = map[string]any

// path is a SCIM path of the kinds that attribute mappings hold.
type path struct {
	schema    string // "" for the core schema
	name, sub string
	typ       string // of the element of a multi-valued attribute; "" for single values
}

var bracket = regexp.MustCompile(`^([A-Za-z]+)\[type eq "([^"]*)"\]\.([A-Za-z$]+)$`)

// parsePath reads a path such as userName, name.givenName,
// emails[type eq "work"].value or urn:...:User:department.
func parsePath(text string) path {
	var p path
	if strings.HasPrefix(text, "urn:") {
		i := strings.LastIndexByte(text, ':')
		p.schema, text = text[:i], text[i+1:]
	}
	if m := bracket.FindStringSubmatch(text); m != nil {
		p.name, p.typ, p.sub = m[1], m[2], m[3]
		return p
	}
	p.name, p.sub, _ = strings.Cut(text, ".")
	return p
}

// field returns a value by its name in any letter case, as RFC 7643 section
// 2.1 has names.
func field(o object, name string) any {
	if v, ok := o[name]; ok {
		return v
	}
	for k, v := range o {
		if strings.EqualFold(k, name) {
			return v
		}
	}
	return nil
}

// get returns what stands at the path, nil if nothing does.
func (p path) get(o object) any {
	if p.schema != "" {
		o, _ = field(o, p.schema).(object)
	}
	v := field(o, p.name)
	if p.typ != "" {
		elements, _ := v.([]any)
		for _, e := range elements {
			e, _ := e.(object)
			if typ, _ := field(e, "type").(string); strings.EqualFold(typ, p.typ) {
				return field(e, p.sub)
			}
		}
		return nil
	}
	if p.sub == "" {
		return v
	}
	inner, _ := v.(object)
	return field(inner, p.sub)
}

// set puts the value at the path. Elements are made with their type.
func (p path) set(o object, v any) {
	if p.schema != "" {
		o = child(o, p.schema)
	}
	switch {
	case p.typ != "":
		elements, _ := o[p.name].([]any)
		for _, e := range elements {
			if e := e.(object); e["type"] == p.typ {
				e[p.sub] = v
				return
			}
		}
		o[p.name] = append(elements, object{"type": p.typ, p.sub: v})
	case p.sub != "":
		child(o, p.name)[p.sub] = v
	default:
		o[p.name] = v
	}
}

func child(o object, name string) object {
	inner, ok := o[name].(object)
	if !ok {
		inner = object{}
		o[name] = inner
	}
	return inner
}

// text returns the text of that name, "" if there is none.
func text(o object, name string) string {
	s, _ := field(o, name).(string)
	return s
}

// idOf returns the id of a resource, "" if it has none that is a text.
func idOf(o object) string { return text(o, "id") }

// resources returns the resources of a list and its totalResults, -1 if
// there is none that is a number.
func resources(o object) (list []object, total int) {
	elements, _ := field(o, "Resources").([]any)
	for _, e := range elements {
		if e, ok := e.(object); ok {
			list = append(list, e)
		}
	}
	if n, ok := field(o, "totalResults").(float64); ok {
		return list, int(n)
	}
	return list, -1
}

// memberIDs returns the values of the members of a group.
func memberIDs(o object) map[string]bool {
	ids := make(map[string]bool)
	elements, _ := field(o, "members").([]any)
	for _, e := range elements {
		if e, ok := e.(object); ok {
			ids[fmt.Sprint(field(e, "value"))] = true
		}
	}
	return ids
}

// schemasOf reports whether o names the schema.
func schemasOf(o object, urn string) bool {
	list, _ := field(o, "schemas").([]any)
	for _, s := range list {
		if s, ok := s.(string); ok && strings.EqualFold(s, urn) {
			return true
		}
	}
	return false
}

// unset takes away what stands at the path.
func (p path) unset(o object) {
	if p.schema != "" {
		if o, _ = o[p.schema].(object); o == nil {
			return
		}
	}
	switch {
	case p.typ != "":
		elements, _ := o[p.name].([]any)
		var rest []any
		for _, e := range elements {
			if e, _ := e.(object); e["type"] != p.typ {
				rest = append(rest, e)
			}
		}
		if delete(o, p.name); len(rest) > 0 {
			o[p.name] = rest
		}
	case p.sub != "":
		inner, _ := o[p.name].(object)
		delete(inner, p.sub)
	default:
		delete(o, p.name)
	}
}
