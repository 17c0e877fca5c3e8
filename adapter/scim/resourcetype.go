package scim

import "strings"

// ResourceType is a kind of resource that a service provider serves (RFC
// 7643 section 6): where it is found, its schema and its extensions.
type ResourceType struct {
	Name       string // "User"
	Endpoint   string // "/Users"
	Schema     *Schema
	Extensions []*Schema // none is required
	// Common are the attributes of RFC 7643 section 3.1 that resources of
	// this type have.
	Common *Schema
}

// User returns the resource type User with the enterprise extension, with
// every attribute of RFC 7643. Each call returns a new value.
func User() *ResourceType {
	return &ResourceType{
		Name: "User", Endpoint: "/Users",
		Schema:     coreSchema("user.json"),
		Extensions: []*Schema{coreSchema("enterprise_user.json")},
		Common:     coreSchema("common.json"),
	}
}

// Group returns the resource type Group with every attribute of RFC 7643.
// Each call returns a new value.
func Group() *ResourceType {
	return &ResourceType{
		Name: "Group", Endpoint: "/Groups",
		Schema: coreSchema("group.json"),
		Common: coreSchema("common.json"),
	}
}

// URNs returns the URNs of the schema and its extensions.
func (t *ResourceType) URNs() []string {
	urns := []string{t.Schema.ID}
	for _, e := range t.Extensions {
		urns = append(urns, e.ID)
	}
	return urns
}

// Extension returns the extension of that URN, in any letter case, or nil.
func (t *ResourceType) Extension(urn string) *Schema {
	for _, e := range t.Extensions {
		if strings.EqualFold(e.ID, urn) {
			return e
		}
	}
	return nil
}

// Attribute returns the attribute that urn and name stand for, both in any
// letter case, and the extension it belongs to: nil for attributes of the
// core schema and common ones. urn may be "", which means the core schema; an
// attribute of an extension must be qualified (RFC 7644 section 3.10). The
// attribute is nil when there is none.
func (t *ResourceType) Attribute(urn, name string) (a *Attribute, extension *Schema) {
	if urn == "" || strings.EqualFold(urn, t.Schema.ID) {
		if a := t.Schema.Attribute(name); a != nil {
			return a, nil
		}
		return t.Common.Attribute(name), nil
	}
	if e := t.Extension(urn); e != nil {
		return e.Attribute(name), e
	}
	return nil, nil
}
