package integration

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

const enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"

// shippedPaths are the paths of the tutorial "Sign In Enterprise Host
// Provisioning", as Entra's mapping page prints them.
var shippedPaths = []string{
	"userName", "active", "name.givenName", "name.familyName",
	`emails[type eq "work"].value`, `emails[type eq "other"].value`,
	`phoneNumbers[type eq "work"].value`, `phoneNumbers[type eq "mobile"].value`,
	enterprise + ":organization", enterprise + ":department",
	"displayName", "members",
}

// TestSchemas reads /Schemas as the gallery's schema test does: flattened
// with its rules, it has each path of the tutorial.
//
// cases: 9
func TestSchemas(t *testing.T) {
	s := start(t, config(t, "shipped"), newLegacy(t))
	a := s.want(200, "GET", "/Schemas", "")
	checkAnswer(t, 1, a)
	o := a.object(t)
	var ids, paths []string
	for i := range o.list("Resources") {
		id := o.text("Resources", i, "id")
		ids = append(ids, id)
		for j := range o.list("Resources", i, "attributes") {
			attr, _ := o.at("Resources", i, "attributes", j).(map[string]any)
			paths = append(paths, flatten(id, attr)...)
			if attr["name"] == "active" && attr["type"] != "boolean" {
				t.Errorf("active has type %v, want boolean", attr["type"])
			}
		}
	}
	for _, want := range []string{"urn:ietf:params:scim:schemas:core:2.0:User", enterprise, "urn:ietf:params:scim:schemas:core:2.0:Group"} {
		if !slices.Contains(ids, want) {
			t.Errorf("/Schemas has %q, want %s among them", ids, want)
		}
	}
	if n := o.int("totalResults"); n != len(ids) {
		t.Errorf("totalResults = %d, want %d", n, len(ids))
	}
	for _, want := range shippedPaths {
		if !slices.Contains(paths, want) {
			t.Errorf("/Schemas flattens to\n%s\nwant %s among them", strings.Join(paths, "\n"), want)
		}
	}
}

// flatten returns the paths of an attribute: by canonical type, else by
// primary, under the URN of an extension.
func flatten(schema string, attr map[string]any) []string {
	name := fmt.Sprint(attr["name"])
	if strings.Contains(schema, ":extension:") {
		name = schema + ":" + name
	}
	if attr["type"] != "complex" || name == "members" || strings.HasSuffix(name, ":manager") {
		return []string{name}
	}
	subs, _ := attr["subAttributes"].([]any)
	places := []string{name}
	if attr["multiValued"] == true {
		places = []string{name + `[primary eq "True"]`}
		for _, sub := range subs {
			sub, _ := sub.(map[string]any)
			if types, _ := sub["canonicalValues"].([]any); sub["name"] == "type" && len(types) > 0 {
				places = places[:0]
				for _, typ := range types {
					places = append(places, fmt.Sprintf("%s[type eq %q]", name, typ))
				}
			}
		}
	}
	var paths []string
	for _, place := range places {
		for _, sub := range subs {
			sub, _ := sub.(map[string]any)
			paths = append(paths, fmt.Sprintf("%s.%s", place, sub["name"]))
		}
	}
	return paths
}

// TestSchemasAreWritable holds that every single value that /Schemas calls
// writable takes an arbitrary short text, as the gallery's update test sends
// it, and gives it back, and can be cleared unless it is required.
//
// cases: 26, 39
func TestSchemasAreWritable(t *testing.T) {
	legacy := newLegacy(t)
	s := start(t, config(t, "full"), legacy)
	id := s.want(201, "POST", "/Users", newUser("ada")).object(t).text("id")
	o := s.want(200, "GET", "/Schemas", "").object(t)
	for i := range o.list("Resources") {
		schema := o.text("Resources", i, "id")
		if strings.HasSuffix(schema, ":Group") {
			continue
		}
		for j := range o.list("Resources", i, "attributes") {
			attr, _ := o.at("Resources", i, "attributes", j).(map[string]any)
			if attr["type"] != "string" || attr["mutability"] != "readWrite" || attr["multiValued"] != false {
				continue
			}
			path := flatten(schema, attr)[0]
			got := s.want(200, "PATCH", "/Users/"+id, patch(op("replace", path, "upd-0a1b2c3d"))).object(t)
			at := []any{attr["name"]}
			if strings.HasPrefix(path, enterprise) {
				at = []any{enterprise, attr["name"]}
			}
			if text := got.text(at...); text != "upd-0a1b2c3d" {
				t.Errorf("%s = %q after it was set, want upd-0a1b2c3d", path, text)
			}
			if attr["required"] == true {
				continue
			}
			for _, empty := range []any{"", nil} {
				got := s.want(200, "PATCH", "/Users/"+id, patch(op("replace", path, empty))).object(t)
				if v := got.at(at...); v != nil {
					t.Errorf("%s = %v after it was set to %#v, want it absent", path, v, empty)
				}
			}
		}
	}
}
