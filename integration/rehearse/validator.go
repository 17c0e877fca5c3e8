package rehearse

import (
	"context"
	"fmt"
	"maps"
	"strings"
)

// validator runs the tests of Microsoft's SCIM Validator under their names:
// those that are required, and the previews.
func (r *rehearsal) validator(ctx context.Context) {
	v := &script{rehearsal: r, cast: cast{prefix: r.o.Prefix, seed: r.o.Seed}}
	for _, test := range v.validatorTests() {
		r.try(ctx, test.name, test.run)
	}
}

// script is what the tests of a suite have in common: names that are not
// taken, and bodies.
type script struct {
	*rehearsal
	cast cast
	n    int
}

// scripted is a test by its published name.
type scripted struct {
	name string
	run  func(t *trial)
}

// newUser returns another user's name and body, with everything that the
// endpoint advertises.
func (v *script) newUser() (name string, body object) {
	v.n++
	body = v.cast.body(v.n, v.mapped)
	return body[pathUserName].(string), body
}

func (v *script) newGroup() (name string, body object) {
	v.n++
	body = object{"externalId": guid(), "displayName": v.cast.groupName(v.n, 0), "schemas": []any{groupURN}}
	return body["displayName"].(string), body
}

// user creates a user for a test.
func (v *script) user(t *trial) (id, name string) {
	name, body := v.newUser()
	return t.create(users, pathUserName, name, body), name
}

// group creates a group for a test.
func (v *script) group(t *trial) (id, name string) {
	name, body := v.newGroup()
	return t.create(groups, pathDisplayName, name, body), name
}

func (v *script) validatorTests() []scripted {
	return append(append(v.userTests(), v.groupTests()...), v.previewTests()...)
}

func (v *script) userTests() []scripted {
	return []scripted{
		{"POST /Users - Create a new User", func(t *trial) {
			name, body := v.newUser()
			id := t.create(users, pathUserName, name, body)
			t.holds(t.find(users, pathUserName, name, id), t.get(users, id, "").object, v.sent(v.n, 0))
		}},
		{"POST /Users - Create a duplicate User", func(t *trial) {
			_, name := v.user(t)
			_, body := v.newUser()
			body[pathUserName] = name
			t.taken(users, pathUserName, name, body)
		}},
		{"GET /Users filter - existing user", func(t *trial) {
			id, name := v.user(t)
			t.find(users, pathUserName, name, id)
		}},
		{"GET /Users filter - non-existing user", func(t *trial) {
			t.find(users, pathUserName, "nonexistent"+guid()[:12]+"_"+v.cast.prefix)
		}},
		{"GET /Users filter - existing user with a different case", func(t *trial) {
			id, name := v.user(t)
			t.find(users, pathUserName, strings.ToUpper(name), id)
		}},
		{"PATCH /Users/Id - Replace Attributes", func(t *trial) { v.replaces(t, compliantStyle) }},
		{"PATCH /Users/Id - Add Attributes Verbose Request", func(t *trial) { v.replaces(t, verboseStyle("add")) }},
		{"PATCH /Users/Id - Update User userName", func(t *trial) {
			id, old := v.user(t)
			name := v.cast.userName(v.n, renamed)
			t.patch(users, id, op("replace", "", object{pathUserName: name}))
			t.find(users, pathUserName, name, id)
			t.find(users, pathUserName, old)
		}},
		{"PATCH /Users/Id - Disable User", func(t *trial) {
			id, name := v.user(t)
			t.patch(users, id, op("replace", pathActive, false))
			t.holds(t.find(users, pathUserName, name, id), t.get(users, id, "").object, map[string]any{pathActive: false})
		}},
		{"PATCH /Users/Id - Add Manager", func(t *trial) { v.manages(t, asText) }},
		{"PATCH /Users/Id - Replace Manager", func(t *trial) { v.manages(t, asText, asObject) }},
		{"PATCH /Users/Id - Remove Manager", func(t *trial) {
			id := v.manages(t, asText)
			t.patch(users, id, op("replace", pathManager, object{"value": ""}))
			a := t.get(users, id, "")
			t.holds(a, a.object, map[string]any{pathManager: nil})
		}},
		{"DELETE /Users/Id - Delete a User", func(t *trial) {
			id, _ := v.user(t)
			t.delete(users, id)
		}},
	}
}

// sent returns the values of a user that the endpoint advertises.
func (v *script) sent(i int, e event) map[string]any {
	all := v.cast.values(i, e)
	maps.DeleteFunc(all, func(p string, _ any) bool { return !v.maps(p) })
	return all
}

// replaces changes a user in a style and compares all of it.
func (v *script) replaces(t *trial, st style) {
	id, _ := v.user(t)
	i := v.n
	s := &stage{rehearsal: v.rehearsal, cast: v.cast}
	t.patch(users, id, st.update(0, s.diff(i, 0, moved|returned))...)
	a := t.get(users, id, "")
	t.holds(a, a.object, v.sent(i, moved|returned))
}

// verboseStyle is an operation for each path, of one verb.
func verboseStyle(verb string) style {
	return style{update: func(_ int, changes []Change) (ops []Operation) {
		for _, c := range changes {
			ops = append(ops, op(verb, c.Path, c.New))
		}
		return ops
	}}
}

// asText and asObject are how a manager is written.
func asText(id string) any   { return id }
func asObject(id string) any { return object{"value": id} }

// manages gives a user one manager after the other, each written so, and
// returns the user.
func (v *script) manages(t *trial, written ...func(string) any) string {
	if !v.offered[pathManager] {
		t.skip("The schema has no manager.")
	}
	id, _ := v.user(t)
	for k, value := range written {
		boss, _ := v.user(t)
		t.patch(users, id, op([]string{"add", "replace"}[min(k, 1)], pathManager, value(boss)))
		a := t.get(users, id, "")
		t.holds(a, a.object, map[string]any{pathManager: boss})
	}
	return id
}

func (v *script) groupTests() []scripted {
	return []scripted{
		{"POST /Groups - Create a new Group", func(t *trial) {
			id, name := v.group(t)
			a := t.get(groups, id, "")
			t.holds(a, a.object, map[string]any{pathDisplayName: name})
		}},
		{"POST /Groups - Create a duplicate Group", func(t *trial) {
			_, name := v.group(t)
			_, body := v.newGroup()
			body["displayName"] = name
			t.taken(groups, pathDisplayName, name, body)
		}},
		{"GET /Groups/Id - excluding members", func(t *trial) {
			id, _ := v.filled(t)
			a := t.get(groups, id, "excludedAttributes=members")
			if field(a.object, "members") != nil {
				t.fail(a, "The response should exclude the attribute: members.")
			}
		}},
		{"GET /Groups filter - existing group excluding members", func(t *trial) {
			id, name := v.filled(t)
			t.find(groups, pathDisplayName, name, id)
		}},
		{"GET /Groups filter - existing group", func(t *trial) {
			id, name := v.group(t)
			t.find(groups, pathDisplayName, name, id)
		}},
		{"GET /Groups filter - non-existing group", func(t *trial) {
			t.find(groups, pathDisplayName, "nonexistent"+guid()[:12]+"_"+v.cast.prefix)
		}},
		{"GET /Groups filter - existing group with a different case", func(t *trial) {
			id, name := v.group(t)
			t.find(groups, pathDisplayName, strings.ToLower(name), id)
		}},
		{"PATCH /Groups/Id - Replace Attributes", func(t *trial) {
			id, name := v.group(t)
			t.patch(groups, id, op("replace", "", object{"externalId": guid()}))
			a := t.get(groups, id, "excludedAttributes=members")
			t.holds(a, a.object, map[string]any{pathDisplayName: name})
		}},
		{"PATCH /Groups/Id - Update Group displayName", func(t *trial) {
			id, _ := v.group(t)
			name := v.cast.groupName(v.n, renamed)
			t.patch(groups, id, op("replace", "", object{"displayName": name}))
			t.find(groups, pathDisplayName, name, id)
		}},
		{"PATCH /Groups/Id - Add Member", func(t *trial) { v.filled(t) }},
		{"PATCH /Groups/Id - Remove Member", func(t *trial) {
			id, _ := v.group(t)
			stays, _ := v.user(t)
			goes, _ := v.user(t)
			t.patch(groups, id, op("replace", "members", plainReferences([]string{stays, goes})))
			t.patch(groups, id, removeFiltered(goes)...)
			t.members(id, stays)
		}},
		{"DELETE /Groups/Id - Delete a Group", func(t *trial) {
			id, _ := v.group(t)
			t.delete(groups, id)
		}},
	}
}

// filled creates a group with a member, which the validator sets by replace.
func (v *script) filled(t *trial) (id, name string) {
	id, name = v.group(t)
	member, _ := v.user(t)
	t.patch(groups, id, op("replace", "members", plainReferences([]string{member})))
	t.members(id, member)
	return id, name
}

// members holds a group to having just these.
func (t *trial) members(group string, want ...string) {
	a := t.get(groups, group, "")
	got := memberIDs(a.object)
	for _, id := range want {
		if !got[id] {
			t.fail(a, "The member %q is missing.", id)
		}
	}
	if len(got) != len(want) {
		t.fail(a, "There are %d members, and should be %d.", len(got), len(want))
	}
}

func (v *script) previewTests() []scripted {
	twice := func(resource string, make func(*trial) (string, string)) func(*trial) {
		return func(t *trial) {
			id, _ := make(t)
			t.delete(resource, id)
			t.send(request{method: "DELETE", resource: resource, id: id}, 404)
		}
	}
	return []scripted{
		{"PATCH /Users/Id - Multiple Operations on different attributes (preview)", func(t *trial) {
			id, _ := v.user(t)
			v.several(t, id, []Operation{{Op: "remove", Path: "nickName"}, op("add", "", object{"externalId": guid()})},
				pathDisplayName, pathFamilyName)
		}},
		{"PATCH /Users/Id - Multiple Operations on same attribute (preview)", func(t *trial) {
			id, _ := v.user(t)
			v.several(t, id, []Operation{{Op: "remove", Path: "externalId"}, op("add", "", object{"externalId": "a"})},
				pathDepartment, pathDepartment)
		}},
		{"DELETE /Users/Id - Delete a non-existent User (preview)", func(t *trial) { t.refuses(users, guid()) }},
		{"DELETE /Users/Id - Delete the same User twice (preview)", twice(users, v.user)},
		{"PATCH /Groups/Id - Multiple Operations (preview)", func(t *trial) {
			id, _ := v.group(t)
			member, _ := v.user(t)
			t.patch(groups, id, append(addPlain(member), removeFiltered(member)...)...)
			t.members(id)
		}},
		{"DELETE /Groups/Id - Delete a non-existent Group (preview)", func(t *trial) { t.refuses(groups, guid()) }},
		{"DELETE /Groups/Id - Delete the same Group twice (preview)", twice(groups, v.group)},
	}
}

// several sends operations and then two more on attributes that the endpoint
// has: the last one on each must hold.
func (v *script) several(t *trial, id string, ops []Operation, paths ...string) {
	want := make(map[string]any)
	for k, p := range paths {
		if v.maps(p) {
			value := fmt.Sprintf("Several %d", k)
			ops = append(ops, op("replace", "", object{p: value}))
			want[p] = value
		}
	}
	t.patch(users, id, ops...)
	a := t.get(users, id, "")
	t.holds(a, a.object, want)
}
