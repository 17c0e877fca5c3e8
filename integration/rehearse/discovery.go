package rehearse

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// discover reads /Schemas and takes as the mapping what it advertises, as an
// administrator deletes the rows that the application does not have.
func (r *rehearsal) discover(ctx context.Context) {
	const step = "read schemas"
	r.one(ctx, step, func() outcome {
		a := r.send(ctx, request{step: step, method: "GET", resource: "Schemas"})
		list, total := resources(a.object)
		if !a.ok() || total < 1 || len(list) == 0 {
			return outcome{kind: "no-schemas", a: a, seen: fmt.Sprintf("The answer was %d, with %d schemas.", a.status, len(list))}
		}
		r.offered = offered(list)
		r.mapped = mapping(r.offered)
		return r.checkSchemas(a, list)
	})
}

// checkSchemas holds the schemas to what the gallery's tests read from them.
func (r *rehearsal) checkSchemas(a *answer, list []object) outcome {
	ids := make(map[string]bool)
	for _, s := range list {
		ids[idOf(s)] = true
	}
	switch {
	case r.offered["active:string"]:
		return outcome{kind: "schemas-active", a: a, seen: "The attribute active is advertised as a text."}
	case r.offered["untyped"]:
		return outcome{kind: "schemas-types", a: a, seen: "The sub-attribute type of emails or phoneNumbers has no canonicalValues."}
	case !ids[groupURN] && !r.noGroups:
		return outcome{kind: "schemas-group", a: a, seen: "There are groups, and /Schemas has no schema of them."}
	}
	return outcome{}
}

// offered returns the paths that the schemas advertise, flattened with the
// rules of the gallery's tests. Two of its keys are no paths: active:string,
// and untyped for e-mails or phones without canonical types.
func offered(schemas []object) map[string]bool {
	paths := make(map[string]bool)
	for _, s := range schemas {
		if idOf(s) == groupURN {
			continue
		}
		attributes, _ := field(s, "attributes").([]any)
		for _, attribute := range attributes {
			if attribute, ok := attribute.(object); ok {
				flatten(paths, idOf(s), attribute)
			}
		}
	}
	return paths
}

func flatten(paths map[string]bool, schema string, attribute object) {
	name := text(attribute, "name")
	if schema != userURN {
		name = schema + ":" + name
	}
	if name == pathActive && text(attribute, "type") == "string" {
		paths["active:string"] = true
	}
	paths[name] = true
	subs, _ := field(attribute, "subAttributes").([]any)
	multi, _ := field(attribute, "multiValued").(bool)
	types := canonicalTypes(subs)
	if multi && len(types) == 0 && (name == "emails" || name == "phoneNumbers") {
		paths["untyped"] = true
		types = []string{"work", "other", "mobile", "home", "fax"} // which may be meant
	}
	for _, sub := range subs {
		sub, _ := sub.(object)
		if !multi {
			paths[name+"."+text(sub, "name")] = true
		}
		for _, t := range types {
			paths[fmt.Sprintf("%s[type eq %q].%s", name, t, text(sub, "name"))] = true
		}
	}
}

func canonicalTypes(subs []any) []string {
	var types []string
	for _, sub := range subs {
		sub, _ := sub.(object)
		values, _ := field(sub, "canonicalValues").([]any)
		for _, v := range values {
			if v, ok := v.(string); ok && strings.EqualFold(text(sub, "name"), "type") {
				types = append(types, v)
			}
		}
	}
	return types
}

// mapping returns the paths to provision: what is offered, and what Entra
// cannot do without.
func mapping(offered map[string]bool) []string {
	return slices.DeleteFunc(slices.Concat(tutorialPaths, defaultPaths), func(p string) bool {
		return !offered[p] && p != pathUserName && p != pathActive
	})
}

// maps reports whether the path is provisioned.
func (r *rehearsal) maps(path string) bool { return slices.Contains(r.mapped, path) }
