package adapter

import (
	"strings"

	"hostscim/adapter/scim"
	"hostscim/adapter/scim/filter"
)

// view is what the parameters attributes and excludedAttributes leave of a
// resource (RFC 7644 section 3.9). The zero view leaves all of it.
type view struct {
	only   []filter.Path // nil: everything
	except []filter.Path
	urns   []string // of the resource's own schemas
}

// view returns the view that the request asks for. A name that is no
// attribute selects nothing, and is no fault.
func (q query) view(e *endpoint) view {
	v := view{urns: e.urns}
	if given := q["attributes"]; given != "" {
		v.only = parsePaths(given, v.urns)
		if v.only == nil {
			v.only = []filter.Path{}
		}
	}
	if given := q["excludedattributes"]; given != "" {
		v.except = parsePaths(given, v.urns)
	}
	return v
}

func parsePaths(list string, urns []string) []filter.Path {
	var paths []filter.Path
	for name := range strings.SplitSeq(list, ",") {
		p, err := filter.ParsePath(strings.TrimSpace(name), urns...)
		if err != nil {
			continue
		}
		if strings.EqualFold(p.URN, urns[0]) {
			p.URN = "" // the core schema, which needs no URN
		}
		paths = append(paths, p)
	}
	return paths
}

// asked reports whether the client named attributes that it wants.
func (v view) asked() bool { return v.only != nil }

// wants reports whether anything of the core attribute is left. What is not
// wanted is not fetched.
func (v view) wants(attr string) bool {
	for _, p := range v.except {
		if p.URN == "" && p.Sub == "" && strings.EqualFold(p.Attr, attr) {
			return false
		}
	}
	return v.only == nil || named(v.only, "", attr)
}

// names reports whether the client named the core attribute, so that even
// what is returned on request only is left.
func (v view) names(attr string) bool { return v.wants(attr) && named(v.only, "", attr) }

// onlyID reports whether nothing but what is always returned is left.
func (v view) onlyID() bool {
	for _, p := range v.only {
		if p.URN != "" || !always(p.Attr) {
			return false
		}
	}
	return v.only != nil
}

// always reports whether the attribute is in every view: returned "always".
func always(attr string) bool {
	return strings.EqualFold(attr, "id") || strings.EqualFold(attr, "schemas")
}

func named(paths []filter.Path, urn, attr string) bool {
	for _, p := range paths {
		if strings.EqualFold(p.URN, urn) && (p.Attr == "" || strings.EqualFold(p.Attr, attr)) {
			return true
		}
	}
	return false
}

// apply returns what the view leaves of the resource.
func (v view) apply(resource scim.Value) scim.Value {
	if v.only == nil && v.except == nil {
		return resource
	}
	var fields []scim.Field
	for _, f := range resource.Parts() {
		if urn := v.extension(f.Name); urn != "" {
			f.Value = v.cut(f.Value, urn)
		} else if !always(f.Name) {
			f.Value = v.attribute(f, "")
		}
		if f.Value.Kind() != scim.Absent {
			fields = append(fields, f)
		}
	}
	return scim.Obj(fields...)
}

// extension returns the URN that a field of a resource is, or "".
func (v view) extension(name string) string {
	for _, urn := range v.urns[1:] {
		if urn == name {
			return urn
		}
	}
	return ""
}

// cut returns what is left of an extension, absent when nothing is.
func (v view) cut(extension scim.Value, urn string) scim.Value {
	var fields []scim.Field
	for _, f := range extension.Parts() {
		if f.Value = v.attribute(f, urn); f.Value.Kind() != scim.Absent {
			fields = append(fields, f)
		}
	}
	if fields == nil {
		return scim.Value{}
	}
	return scim.Obj(fields...)
}

// attribute returns what is left of one attribute, absent when nothing is.
func (v view) attribute(f scim.Field, urn string) scim.Value {
	value := f.Value
	if v.only != nil {
		whole, subs := selected(v.only, urn, f.Name)
		if !whole && subs == nil {
			return scim.Value{}
		}
		if !whole {
			value = pick(value, func(sub string) bool { return containsFold(subs, sub) })
		}
	}
	whole, subs := selected(v.except, urn, f.Name)
	if whole {
		return scim.Value{}
	}
	if subs != nil {
		value = pick(value, func(sub string) bool { return !containsFold(subs, sub) })
	}
	return value
}

// selected returns whether the paths name the attribute whole, and else the
// sub-attributes that they name.
func selected(paths []filter.Path, urn, attr string) (whole bool, subs []string) {
	for _, p := range paths {
		if !strings.EqualFold(p.URN, urn) || p.Attr != "" && !strings.EqualFold(p.Attr, attr) {
			continue
		}
		if p.Sub == "" {
			return true, nil
		}
		subs = append(subs, p.Sub)
	}
	return false, subs
}

func containsFold(names []string, name string) bool {
	for _, n := range names {
		if strings.EqualFold(n, name) {
			return true
		}
	}
	return false
}

// pick returns a complex value, or a list of them, with the sub-attributes
// that keep says; absent when none is left.
func pick(v scim.Value, keep func(string) bool) scim.Value {
	var parts []scim.Field
	for _, p := range v.Parts() {
		if v.Kind() == scim.Array {
			p.Value = pick(p.Value, keep)
		} else if !keep(p.Name) {
			continue
		}
		if p.Value.Kind() != scim.Absent {
			parts = append(parts, p)
		}
	}
	switch {
	case parts == nil:
		return scim.Value{}
	case v.Kind() == scim.Array:
		return scim.ListOf(parts)
	}
	return scim.Obj(parts...)
}
