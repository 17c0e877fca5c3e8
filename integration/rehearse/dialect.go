package rehearse

import (
	"maps"
	"slices"
	"strings"
)

// Dialect is one of the two ways in which Entra spells changes. It is for
// tests that tell a story of their own, since they look at what stands behind
// an endpoint, which a rehearsal cannot see.
type Dialect struct{ style style }

// Dialects returns the dialects: legacy, and compliant.
func Dialects() []Dialect { return []Dialect{{legacyStyle}, {compliantStyle}} }

// Name returns legacy or compliant.
func (d Dialect) Name() string { return d.style.name }

// Update returns the operations that change a user. Where Entra spells a
// change in two ways, even and odd variants take turns.
func (d Dialect) Update(variant int, changes ...Change) []Operation {
	return d.style.update(variant, changes)
}

// AddMembers returns the operations that add members to a group.
func (d Dialect) AddMembers(ids ...string) []Operation { return d.style.addMembers(ids...) }

// RemoveMembers returns the operations that remove members from a group.
func (d Dialect) RemoveMembers(ids ...string) []Operation { return d.style.removeMembers(ids...) }

// RenameGroup returns the operations that rename a group.
func (d Dialect) RenameGroup(name string) []Operation { return d.style.renameGroup("", name) }

// Op returns an operation. A nil value is sent as null.
func Op(name, path string, value any) Operation { return op(name, path, value) }

// Members returns the value of an operation on members, as RFC 7644 has it.
func Members(ids ...string) any { return plainReferences(ids) }

// Patch returns the body of a PATCH with the operations.
func Patch(ops ...Operation) string { return string(raw(patch(ops...))) }

// UserBody returns the body with which Entra creates a user who has these
// values by their SCIM paths.
func UserBody(values map[string]any) string {
	order := slices.Concat(tutorialPaths, defaultPaths)
	for _, p := range slices.Sorted(maps.Keys(values)) {
		if !slices.Contains(order, p) {
			order = append(order, p)
		}
	}
	return string(raw(userBody(values, order)))
}

// GroupBody returns the body that creates a group. Entra sends members later,
// and others with it.
func GroupBody(name string, members ...string) string {
	o := groupBody(name, strings.ToLower(name)+"-ext")
	if len(members) > 0 {
		o["members"] = plainReferences(members)
	}
	return string(raw(o))
}
