package main

import (
	"encoding/json"
	"maps"
	"slices"
)

const (
	userURN       = "urn:ietf:params:scim:schemas:core:2.0:User"
	enterpriseURN = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
	groupURN      = "urn:ietf:params:scim:schemas:core:2.0:Group"
	patchURN      = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
)

// attributesOf returns what a record of the kind holds, its name apart.
func attributesOf(kind string) []string {
	if kind == groups {
		return nil
	}
	return []string{active, given, family, email, phone, department}
}

type object map[string]any

// text returns the object as a body.
func (o object) text() string {
	b, err := json.Marshal(o)
	if err != nil {
		panic(err) // it is texts and lists of them
	}
	return string(b)
}

// newBody returns the body that creates the record.
func newBody(r *record) string {
	if r.kind == groups {
		return object{"schemas": []string{groupURN}, "externalId": r.slot, "displayName": r.held[displayName][0]}.text()
	}
	first := func(path string) string { return r.held[path][0] }
	return object{
		"schemas": []string{userURN, enterpriseURN}, "externalId": r.slot,
		"userName": first(userName), "active": true,
		"name":         object{"givenName": first(given), "familyName": first(family)},
		"emails":       []object{{"type": "work", "primary": true, "value": first(email)}},
		"phoneNumbers": []object{{"type": "mobile", "value": first(phone)}},
		enterpriseURN:  object{"department": first(department)},
	}.text()
}

// setBody returns the PATCH that sets these values. Entra spells booleans as
// texts.
func setBody(values map[string]string) string {
	var ops []object
	for _, path := range slices.Sorted(maps.Keys(values)) {
		value := values[path]
		switch {
		case path == active && value == "true":
			value = "True"
		case path == active:
			value = "False"
		}
		ops = append(ops, object{"op": "Replace", "path": path, "value": value})
	}
	return patchBody(ops)
}

// memberBody returns the PATCH that adds or removes these members.
func memberBody(op string, people []*record) string {
	var values []object
	for _, p := range people {
		values = append(values, object{"$ref": nil, "value": p.id})
	}
	return patchBody([]object{{"op": op, "path": "members", "value": values}})
}

func patchBody(ops []object) string {
	return object{"schemas": []string{patchURN}, "Operations": ops}.text()
}
