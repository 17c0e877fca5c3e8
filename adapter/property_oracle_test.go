package adapter_test

import (
	"cmp"
	"net/url"
	"slices"
	"strings"
)

const scimBase = "http://scim.example.com" + base

// resource returns the record as the adapter must show it, whole.
func (d *directory) resource(kind string, r record) map[string]any {
	urn := "urn:ietf:params:scim:schemas:core:2.0:" + kind
	out := map[string]any{"id": r.id()}
	schemas := []any{urn}
	set := func(to map[string]any, name, field string) {
		if text := r.text(field); text != "" {
			to[name] = text
		}
	}
	meta := map[string]any{"resourceType": kind, "version": "*", "location": scimBase + "/" + kind + "s/" + url.PathEscape(r.id())}
	set(meta, "created", "created")
	out["meta"] = meta
	set(out, "externalId", "ext")
	if kind == "Group" {
		set(out, "displayName", "name")
		out["members"] = refs(d.members[r.id()], "Users")
	} else {
		set(out, "userName", "username")
		set(out, "displayName", "nick")
		if v, ok := r["visible"].(bool); ok || d.Active {
			out["active"] = v || !ok
		}
		name, department := map[string]any{}, map[string]any{}
		set(name, "givenName", "first")
		set(name, "familyName", "last")
		out["name"] = name
		set(department, "department", "dept")
		if out[enterprise] = department; len(department) > 0 {
			schemas = append(schemas, enterprise)
		}
		var emails, phones []any
		if r.text("mail") != "" {
			emails = append(emails, map[string]any{"value": r.text("mail"), "type": "work", "primary": true})
		}
		if r.text("mail2") != "" {
			emails = append(emails, map[string]any{"value": r.text("mail2"), "type": "other"})
		}
		if r.text("phone") != "" {
			phones = append(phones, map[string]any{"value": r.text("phone"), "type": "mobile"})
		}
		out["emails"], out["phoneNumbers"] = emails, phones
		if d.Groups {
			out["groups"] = refs(d.groupsOf(r.id()), "Groups")
		}
	}
	out["schemas"] = schemas
	return tidy(out).(map[string]any)
}

func refs(ids []string, path string) (list []any) {
	for _, id := range ids {
		list = append(list, map[string]any{"value": id, "$ref": scimBase + "/" + path + "/" + url.PathEscape(id)})
	}
	return list
}

// tidy takes out what is empty, and what cannot be foretold of a version.
func tidy(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for name, part := range v {
			if part = tidy(part); part != nil {
				out[name] = part
			}
			if name == "version" {
				out[name] = "*"
			}
		}
		if len(out) > 0 {
			return out
		}
	case []any:
		out := make([]any, 0, len(v))
		for _, part := range v {
			if part = tidy(part); part != nil {
				out = append(out, part)
			}
		}
		if len(out) > 0 {
			return out
		}
	case string:
		if v != "" {
			return v
		}
	case bool:
		return v
	}
	return nil
}

// project returns what attributes and excludedAttributes leave of a resource
// (RFC 7644 section 3.9). only is nil when everything is asked for.
func project(resource map[string]any, only, except []string) map[string]any {
	named := func(list []string, names ...string) bool {
		return slices.ContainsFunc(list, func(given string) bool {
			given = strings.TrimPrefix(given, "urn:ietf:params:scim:schemas:core:2.0:User:")
			return slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(strings.TrimSpace(given), n) })
		})
	}
	keep := func(requested bool, names ...string) bool {
		return (named(only, names...) || only == nil && !requested) && !named(except, names...)
	}
	out := map[string]any{}
	for name, value := range resource {
		asked := name == "groups" // returned on request only
		subs := func(object map[string]any, sep string) map[string]any {
			left := map[string]any{}
			for sub, v := range object {
				if keep(asked, name, name+sep+sub) {
					left[sub] = v
				}
			}
			return left
		}
		switch v := value.(type) {
		case map[string]any:
			sep := "."
			if name == enterprise {
				sep = ":"
			}
			value = subs(v, sep)
		case []any:
			var list []any
			for _, e := range v {
				if object, ok := e.(map[string]any); ok {
					e = subs(object, ".")
				}
				list = append(list, e)
			}
			value = list
		default:
			if !keep(asked, name) {
				value = nil
			}
		}
		if name == "id" || name == "schemas" {
			value = resource[name]
		}
		out[name] = value
	}
	return tidy(out).(map[string]any)
}

// sortable are the values of sortBy, and how they compare.
var sortable = map[string]string{
	"userName": "text", "name.familyName": "text", "emails": "text", "emails.value": "text", "meta.created": "time", "active": "bool",
	"externalId": "exact", "id": "exact", "displayName": "text", enterprise + ":department": "text", "meta.resourceType": "exact",
}

// compareBy orders two resources by the attribute: those without a value come
// last, of a multi-valued one the primary element counts, else the first.
func compareBy(by string, a, b map[string]any) int {
	x, y := sortValue(by, a), sortValue(by, b)
	switch {
	case x == nil || y == nil:
		return cmp.Compare(map[bool]int{true: 1}[x == nil], map[bool]int{true: 1}[y == nil])
	case sortable[by] == "bool":
		return cmp.Compare(map[bool]int{true: 1}[x.(bool)], map[bool]int{true: 1}[y.(bool)])
	case sortable[by] == "time":
		return instant(x.(string)).Compare(instant(y.(string)))
	case sortable[by] == "exact":
		return cmp.Compare(x.(string), y.(string))
	}
	return cmp.Compare(foldText(x.(string)), foldText(y.(string)))
}

func sortValue(by string, resource map[string]any) any {
	name, sub, _ := strings.Cut(by, ".")
	if attr, ok := strings.CutPrefix(by, enterprise+":"); ok {
		name, sub = enterprise, attr
	}
	switch v := resource[name].(type) {
	case map[string]any:
		return v[sub]
	case []any:
		for _, e := range v {
			if object := e.(map[string]any); object["primary"] == true {
				return object["value"]
			}
		}
		return v[0].(map[string]any)["value"]
	default:
		return v
	}
}
