package adapter_test

import (
	"strings"
	"testing"
)

const userURN = "urn:ietf:params:scim:schemas:core:2.0:User"

// TestView: each view of one user, and what is left beside schemas and id.
func TestView(t *testing.T) {
	f := seeded(t, setup{})
	const (
		name       = `"name":{"givenName":"First-noa","familyName":"Last-noa"}`
		emails     = `"emails":[{"value":"noa@mail.example.com","type":"work","primary":true},{"value":"noa@other.example.com","type":"other"}]`
		phones     = `"phoneNumbers":[{"value":"+1 (555) 010-0100","type":"work","primary":true},{"value":"+1 555 0101","type":"mobile"}]`
		extension  = `"` + enterprise + `":{"organization":"Example","department":"Reception"}`
		attributes = `"userName":"noa@example.com","active":true,` + name + "," + emails + "," + phones
	)
	for _, test := range []struct{ query, want string }{
		{"attributes=userName", `"userName":"noa@example.com"`},
		{"Attributes=USERNAME", `"userName":"noa@example.com"`},
		{"attributes=+userName+,+active", `"userName":"noa@example.com","active":true`},
		{"attributes=" + userURN + ":userName", `"userName":"noa@example.com"`},
		{"attributes=" + strings.ToUpper(userURN) + ":USERNAME", `"userName":"noa@example.com"`},
		{"attributes=name", name},
		{"attributes=name.familyName", `"name":{"familyName":"Last-noa"}`},
		{"attributes=NAME.FAMILYNAME,name.givenname", name},
		{"attributes=name,name.familyName", name},
		{"attributes=emails.value", `"emails":[{"value":"noa@mail.example.com"},{"value":"noa@other.example.com"}]`},
		{"attributes=emails.primary", `"emails":[{"primary":true}]`},
		{"attributes=" + userURN + ":name.familyName", `"name":{"familyName":"Last-noa"}`},
		{"attributes=" + enterprise, extension},
		{"attributes=" + strings.ToLower(enterprise) + ":DEPARTMENT", `"` + enterprise + `":{"department":"Reception"}`},
		{"attributes=department", ""}, // an attribute of an extension must be qualified
		{"attributes=nothing", ""},
		{"attributes=id", ""},
		{"attributes=schemas", ""},
		{"attributes=userName,nothing,+,[", `"userName":"noa@example.com"`},
		{"attributes=meta.resourceType", `"meta":{"resourceType":"User"}`},
		{"attributes=password", ""},
		{"attributes=externalId", ""},
		{"excludedAttributes=meta", attributes + "," + extension},
		{"EXCLUDEDATTRIBUTES=Meta,emails,PhoneNumbers,active," + enterprise, `"userName":"noa@example.com",` + name},
		{"excludedAttributes=meta,name.givenName,emails.type,emails.primary,phoneNumbers," + enterprise + ":department", `"userName":"noa@example.com","active":true,"name":{"familyName":"Last-noa"},"emails":[{"value":"noa@mail.example.com"},{"value":"noa@other.example.com"}],"` + enterprise + `":{"organization":"Example"}`},
		{"excludedAttributes=meta,name.givenName,name.familyName,emails,phoneNumbers," + enterprise + ":department," + enterprise + ":organization", `"userName":"noa@example.com","active":true`},
		{"excludedAttributes=id,schemas,meta," + userURN + ":userName," + enterprise, `"active":true,` + name + "," + emails + "," + phones},
		{"excludedAttributes=meta,nothing,department", attributes + "," + extension},
		{"attributes=userName,active&excludedAttributes=active", `"userName":"noa@example.com"`},
	} {
		// The same view of the same user, whatever the operation.
		for _, op := range []struct{ method, path, body string }{
			{"GET", "/Users/1", ""},
			{"GET", "/Users", ""},
			{"GET", "/Users?filter=userName+eq+%22NOA@example.com%22", ""},
			{"GET", "/Users?filter=userName+eq+%22noa@example.com%22+and+emails.value+eq+%22noa@mail.example.com%22+and+active+eq+true", ""},
			{"PATCH", "/Users/1", patch(`{"op":"replace","path":"active","value":true}`)},
			{"PATCH", "/Users/1", patch()}, // nothing to do
			{"PUT", "/Users/1", `{"userName":"noa@example.com",` + name + "," + emails + "," + phones + "," + extension + `}`},
		} {
			separator := "?"
			if strings.Contains(op.path, "?") {
				separator = "&"
			}
			a := f.want(200, op.method, op.path+separator+test.query, op.body)
			got := a.value(t)
			if list := got.Get("Resources"); list.Len() > 0 {
				got = list.At(0)
			}
			want := `{"schemas":["` + userURN + `","` + enterprise + `"],"id":"1"`
			if test.want != "" {
				want += "," + test.want
			}
			if got.String() != want+"}" {
				t.Errorf("%s %s%s%s =\n%s\nwant\n%s}", op.method, op.path, separator, test.query, got, want)
			}
		}
	}
}

// TestViewOfCreated: a POST answers a view as well.
func TestViewOfCreated(t *testing.T) {
	f := start(t, setup{})
	a := f.want(201, "POST", "/Users?attributes=userName", noa)
	if got := names(a.value(t)); got != "schemas id userName" {
		t.Errorf("POST answers %s, want schemas id userName", got)
	}
	a = f.want(201, "POST", "/Groups?excludedAttributes=members,meta", `{"displayName":"Reception","members":[{"value":"1"}]}`)
	if got := names(a.value(t)); got != "schemas id displayName" {
		t.Errorf("POST answers %s, want schemas id displayName", got)
	}
}

// TestMembersAreNotFetched is the call budget of section 6: what a view leaves
// out is not asked for.
func TestMembersAreNotFetched(t *testing.T) {
	f := seeded(t, setup{})
	const one, find, list, members = "GET /host_groups/1", "GET /host_groups", "GET /host_groups", "GET /host_groups/1/hosts"
	for _, test := range []struct {
		path   string
		fields string
		calls  []string
	}{
		{"/Groups/1", "schemas id displayName members meta", []string{one, members}},
		{"/Groups/1?excludedAttributes=members", "schemas id displayName meta", []string{one}},
		{"/Groups/1?excludedAttributes=MEMBERS,meta", "schemas id displayName", []string{one}},
		{"/Groups/1?excludedattributes=urn:ietf:params:scim:schemas:core:2.0:Group:members", "schemas id displayName meta", []string{one}},
		{"/Groups/1?attributes=displayName", "schemas id displayName", []string{one}},
		{"/Groups/1?attributes=id", "schemas id", []string{one}},
		{"/Groups/1?attributes=Members", "schemas id members", []string{one, members}},
		{"/Groups/1?attributes=members.value", "schemas id members", []string{one, members}},
		{"/Groups/1?attributes=members,displayName&excludedAttributes=members", "schemas id displayName", []string{one}},
		{"/Groups/1?excludedAttributes=members.display", "schemas id displayName members meta", []string{one, members}},
		{"/Groups?excludedAttributes=members", "schemas id displayName meta", []string{list}},
		{"/Groups", "schemas id displayName members meta", []string{list, members, "GET /host_groups/2/hosts"}},
		{"/Groups?filter=displayName+eq+%22reception%22&excludedAttributes=members", "schemas id displayName meta", []string{find}},
		{"/Groups?filter=displayName+eq+%22reception%22", "schemas id displayName members meta", []string{one, members}}, // known by now
		{"/Groups?filter=id+eq+%221%22+and+members+eq+%222%22&attributes=id", "schemas id", []string{members}},
		{"/Groups?filter=members%5Bvalue+eq+%222%22%5D+and+id+eq+%221%22&attributes=id", "schemas id", []string{members}},
		{"/Groups?filter=id+eq+%221%22+and+members+eq+%222%22&excludedAttributes=members", "schemas id displayName meta", []string{one, members}},
	} {
		a := f.want(200, "GET", test.path, "")
		got := a.value(t)
		if list := got.Get("Resources"); list.Len() > 0 {
			got = list.At(0)
		}
		if names(got) != test.fields {
			t.Errorf("GET %s has %s, want %s", test.path, names(got), test.fields)
		}
		f.wantCalls(test.calls...)
	}
	if got := f.want(200, "GET", "/Groups?filter=id+eq+%221%22+and+members+eq+%223%22&attributes=id", "").ids(t); len(got) > 0 {
		t.Errorf("3 is found in group 1, which has 1 and 2")
	}
	if got := f.want(200, "GET", "/Groups?filter=id+eq+%22007%22+and+members+eq+%222%22&attributes=id", "").ids(t); len(got) > 0 {
		t.Errorf("a group 007 is found: %s", got)
	}
}
