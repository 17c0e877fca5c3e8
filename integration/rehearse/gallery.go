package rehearse

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// gallery runs the tests of Microsoft's validation for its gallery under
// their names. Those that Microsoft runs through a job of Entra are played.
func (r *rehearsal) gallery(ctx context.Context) {
	v := &script{rehearsal: r, cast: cast{prefix: r.o.Prefix, seed: r.o.Seed}}
	for _, test := range slices.Concat(v.jobUserTests(), v.jobGroupTests(), v.directTests()) {
		r.try(ctx, test.name, test.run)
	}
}

func (v *script) jobUserTests() []scripted {
	all := func(name string) func(t *trial) {
		for _, test := range v.userTests() {
			if test.name == name {
				return test.run
			}
		}
		panic("rehearse: no test " + name)
	}
	return []scripted{
		{"Create_User_Test", all("POST /Users - Create a new User")},
		{"Update_User_Test", all("PATCH /Users/Id - Replace Attributes")},
		{"Disable_User_Test", all("PATCH /Users/Id - Disable User")},
		{"Delete_User_Test", all("DELETE /Users/Id - Delete a User")},
		{"User_Update_Manager_Test", all("PATCH /Users/Id - Replace Manager")},
		{"Restore_User_Test", func(t *trial) {
			id, name := v.user(t)
			t.patch(users, id, op("Replace", pathActive, "False"))
			t.find(users, pathUserName, name, id)
			a := t.get(users, id, "")
			t.holds(a, a.object, map[string]any{pathActive: false})
			t.patch(users, id, op("Replace", pathActive, "True"))
			a = t.get(users, id, "")
			t.holds(a, a.object, map[string]any{pathActive: true})
		}},
		{"POD_User_Test", func(t *trial) { v.replaces(t, legacyStyle) }},
	}
}

func (v *script) jobGroupTests() []scripted {
	tests := []scripted{
		{"Create_Group_Test", func(t *trial) { v.group(t) }},
		{"Update_Group_Test", func(t *trial) { v.renames(t, legacyStyle) }},
		{"Delete_Group_Test", func(t *trial) {
			id, _ := v.group(t)
			t.delete(groups, id)
		}},
		{"Group_Update_Add_Member_Test", func(t *trial) { v.joins(t, compliantStyle) }},
		{"Group_Update_Remove_Member_Test", func(t *trial) { v.leaves(t, compliantStyle) }},
		{"POD_Group_Test", func(t *trial) {
			v.joins(t, legacyStyle)
			v.leaves(t, legacyStyle)
		}},
		{"Restore_Group_Test", func(t *trial) {
			id, name := v.group(t)
			t.delete(groups, id)
			t.find(groups, pathDisplayName, name)
			t.create(groups, pathDisplayName, name, object{"displayName": name, "schemas": []any{groupURN}, "members": []any{}})
		}},
	}
	for i, test := range tests {
		tests[i].run = func(t *trial) {
			v.wantsGroupSchema(t)
			test.run(t)
		}
	}
	return tests
}

// wantsGroupSchema fails the test unless /Schemas has the schema of groups:
// the gallery does not skip it then.
func (v *script) wantsGroupSchema(t *trial) {
	a := t.send(request{method: "GET", resource: "Schemas"}, 200)
	list, _ := resources(a.object)
	if !slices.ContainsFunc(list, func(s object) bool { return strings.EqualFold(idOf(s), groupURN) }) {
		t.fail(a, "/Schemas has no %s.", groupURN)
	}
}

func (v *script) renames(t *trial, st style) {
	id, _ := v.group(t)
	name := v.cast.groupName(v.n, renamed)
	t.patch(groups, id, st.renameGroup(id, name)...)
	a := t.get(groups, id, "excludedAttributes=members")
	t.holds(a, a.object, map[string]any{pathDisplayName: name})
}

func (v *script) joins(t *trial, st style) {
	id, _ := v.group(t)
	one, _ := v.user(t)
	two, _ := v.user(t)
	t.patch(groups, id, st.addMembers(one, two)...)
	t.members(id, one, two)
}

func (v *script) leaves(t *trial, st style) {
	id, _ := v.group(t)
	stays, _ := v.user(t)
	goes, _ := v.user(t)
	t.patch(groups, id, st.addMembers(stays, goes)...)
	t.patch(groups, id, st.removeMembers(goes)...)
	t.members(id, stays)
}

func (v *script) directTests() []scripted {
	return []scripted{
		{"Schema_Discoverability", func(t *trial) {
			a := t.send(request{method: "GET", resource: "Schemas"}, 200)
			list, total := resources(a.object)
			if !schemasOf(a.object, listURN) || total < 1 || len(list) == 0 {
				t.fail(a, "The answer is no ListResponse with schemas.")
			}
			if paths := offered(list); !paths[pathUserName] || !paths[pathActive] {
				t.fail(a, "The schemas lack userName or active.")
			}
		}},
		{"SCIM_Null_Update", v.nullUpdate},
		{"SCIM_User_Create", func(t *trial) {
			name, body := v.newUser()
			t.delete(users, t.create(users, pathUserName, name, body, 201, 200))
		}},
		{"SCIM_User_Update", v.userUpdate},
		{"SCIM_Group_Create", func(t *trial) { v.group(t) }},
		{"SCIM_Group_Update", func(t *trial) { v.renames(t, compliantStyle) }},
		{"Validate_Credentials", v.validateCredentials},
		{"Federated_Identity", v.federatedIdentity},
		{"SCIM_User_Pagination", func(t *trial) { v.pages(t, users, func() { v.user(t) }) }},
		{"SCIM_Group_Pagination", func(t *trial) { v.pages(t, groups, func() { v.group(t) }) }},
		{"SCIM_Update_Manager", func(t *trial) {
			id := v.manages(t, asText, asText)
			t.patch(users, id, op("replace", pathManager, ""))
			a := t.get(users, id, "")
			t.holds(a, a.object, map[string]any{pathManager: nil})
		}},
	}
}

// needed are the paths without which an application may refuse a user.
var needed = []string{pathUserName, pathActive, pathWorkMail, pathGivenName, pathFamilyName, pathDisplayName}

// nullUpdate clears what is optional, with "" and with null.
func (v *script) nullUpdate(t *trial) {
	id, _ := v.user(t)
	for _, empty := range []any{"", nil} {
		var ops []Operation
		want := make(map[string]any)
		for _, p := range v.mapped {
			if !slices.Contains(needed, p) {
				ops = append(ops, op("replace", p, empty))
				want[p] = nil
			}
		}
		t.patch(users, id, ops...)
		a := t.get(users, id, "")
		t.holds(a, a.object, want)
	}
}

// userUpdate gives every attribute with a single value a short text, in an
// operation each and then together.
func (v *script) userUpdate(t *trial) {
	id, _ := v.user(t)
	for k, st := range []style{verboseStyle("replace"), compliantStyle} {
		var changes []Change
		want := make(map[string]any)
		for _, p := range v.mapped {
			if p == pathActive || p == pathUserName || p == pathWorkMail || p == pathOtherMail {
				continue
			}
			value := fmt.Sprintf("upd-%08x", 0x0a1b2c3d+k)
			changes = append(changes, Change{p, "before", value})
			want[p] = value
		}
		t.patch(users, id, st.update(0, changes)...)
		a := t.get(users, id, "")
		t.holds(a, a.object, want)
	}
}

// pages reads all pages of five, of eleven resources at least.
func (v *script) pages(t *trial, resource string, more func()) {
	for range 11 {
		more()
	}
	const count = 5
	start, pages := 1, 0
	for {
		a := t.send(request{method: "GET", resource: resource, query: fmt.Sprintf("startIndex=%d&count=%d&excludedAttributes=members", start, count)}, 200)
		list, total := resources(a.object)
		if at, ok := field(a.object, "startIndex").(float64); !ok || int(at) != start {
			t.fail(a, "startIndex is %v, and should be %d.", field(a.object, "startIndex"), start)
		}
		if len(list) == 0 || len(list) > count {
			t.fail(a, "The page has %d resources of %d.", len(list), total)
		}
		start += len(list)
		// Two pages and a third are enough: the directory may be large.
		if pages++; start > total || pages > 2 {
			return
		}
	}
}
