package rehearse

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestStyles holds what is sent to the bodies that the providers were seen to
// send.
func TestStyles(t *testing.T) {
	update := []Change{
		{pathDisplayName, "A", "B"}, {pathFamilyName, "A", "B"}, {pathMobile, nil, "+1"}, {pathWorkMail, "a@example.com", "b@example.com"},
		{pathTitle, nil, "T"}, {pathDepartment, "D", nil}, {pathOtherMail, "o@example.com", nil}, {pathActive, false, true},
	}
	off := []Change{{pathActive, true, false}}
	okta, jumpcloud := oktaStyle, jumpcloudStyle()
	for _, tt := range []struct {
		name string
		ops  []Operation
		want string
	}{
		{"legacy update", legacyStyle.update(0, update), `[` +
			`{"op":"Replace","path":"displayName","value":"B"},` +
			`{"op":"Replace","path":"name.familyName","value":"B"},` +
			`{"op":"Replace","path":"phoneNumbers[type eq \"mobile\"].value","value":"+1"},` +
			`{"op":"Replace","path":"emails[type eq \"work\"].value","value":"b@example.com"},` +
			`{"op":"Replace","path":"title","value":"T"},` +
			`{"op":"Remove","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department","value":"D"},` +
			`{"op":"Remove","path":"emails[type eq \"other\"].value","value":"o@example.com"},` +
			`{"op":"Replace","path":"active","value":"True"}]`},
		{"legacy update of an odd person", legacyStyle.update(1, update[2:3]), `[{"op":"Add","path":"phoneNumbers[type eq \"mobile\"].value","value":"+1"}]`},
		{"legacy disable", legacyStyle.update(0, off), `[{"op":"Replace","path":"active","value":"False"}]`},
		{"legacy add", legacyStyle.addMembers("7"), `[{"op":"Add","path":"members","value":[{"$ref":null,"value":"7"}]}]`},
		{"legacy remove", legacyStyle.removeMembers("7"), `[{"op":"Remove","path":"members","value":[{"$ref":null,"value":"7"}]}]`},
		{"legacy rename", legacyStyle.renameGroup("1", "B"), `[{"op":"Replace","path":"displayName","value":"B"}]`},
		{"legacy manager", legacyStyle.setManager("7"), `[{"op":"Add","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager","value":"7"}]`},

		{"compliant update", compliantStyle.update(0, update), `[` +
			`{"op":"replace","path":"phoneNumbers[type eq \"mobile\"].value","value":"+1"},` +
			`{"op":"replace","path":"emails[type eq \"work\"].value","value":"b@example.com"},` +
			`{"op":"remove","path":"emails[type eq \"other\"].value"},` +
			`{"op":"add","value":{"title":"T"}},` +
			`{"op":"replace","value":{"active":true,"displayName":"B","name.familyName":"B",` +
			`"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department":null}}]`},
		{"compliant update of an odd person", compliantStyle.update(1, []Change{update[2], update[5]}), `[` +
			`{"op":"add","path":"phoneNumbers[type eq \"mobile\"].value","value":"+1"},` +
			`{"op":"replace","value":{"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department":""}}]`},
		{"compliant disable", compliantStyle.update(0, off), `[{"op":"replace","path":"active","value":false}]`},
		{"compliant add", compliantStyle.addMembers("7", "8"), `[{"op":"add","path":"members","value":[{"value":"7"},{"value":"8"}]}]`},
		{"compliant remove", compliantStyle.removeMembers("7"), `[{"op":"remove","path":"members[value eq \"7\"]"}]`},
		{"compliant rename", compliantStyle.renameGroup("1", "B"), `[{"op":"replace","value":{"displayName":"B"}}]`},

		{"okta disable", okta.update(0, off), `[{"op":"replace","value":{"active":false}}]`},
		{"okta rename", okta.renameGroup("1", "B"), `[{"op":"replace","value":{"displayName":"B","id":"1"}}]`},
		{"okta exchange", okta.exchange("7", "8", "b@example.com"), `[{"op":"remove","path":"members[value eq \"7\"]"},` +
			`{"op":"add","path":"members","value":[{"display":"b@example.com","value":"8"}]}]`},
		{"jumpcloud remove", jumpcloud.removeMembers("7"), `[{"op":"remove","path":"members","value":[{"value":"7"}]}]`},
	} {
		if diff := cmp.Diff(tt.want, string(raw(tt.ops))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

// TestCreateBody holds a creation to the body that Entra was seen to send.
func TestCreateBody(t *testing.T) {
	c := cast{prefix: "p", people: []Person{{
		pathUserName: "ada@example.com", pathGivenName: "Ada", pathFamilyName: "Example", pathWorkMail: "ada@example.com", pathDepartment: "Engines",
	}}}
	want := `{"active":true,"emails":[{"primary":true,"type":"work","value":"p-ada@example.com"}],"externalId":"p-ext-000001",` +
		`"meta":{"resourceType":"User"},"name":{"familyName":"Example","givenName":"Ada"},"roles":[],` +
		`"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],` +
		`"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"Engines"},"userName":"p-ada@example.com"}`
	if diff := cmp.Diff(want, string(raw(c.body(0, tutorialPaths)))); diff != "" {
		t.Errorf("a user (-want +got):\n%s", diff)
	}
	want = `{"displayName":"p Group 1","externalId":"p-group-ext-1","members":[],"meta":{"resourceType":"Group"},"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"]}`
	if diff := cmp.Diff(want, string(raw(c.groupBody(0)))); diff != "" {
		t.Errorf("a group (-want +got):\n%s", diff)
	}
}

// TestHeaders holds the headers and queries of the providers.
func TestHeaders(t *testing.T) {
	for _, tt := range []struct{ profile, query string }{
		{"entra", "filter=userName+eq+%22a%2Bb%40example.com%22"},
		{"okta", "filter=userName%20eq%20%22a%2Bb%40example.com%22&startIndex=1&count=100"},
		{"google", "filter=userName%20eq%20%22a%2Bb%40example.com%22"},
	} {
		c := newClient(Options{}, profileOf(tt.profile, "both"), newLedger())
		if got := c.filter(pathUserName, "a+b@example.com"); got != tt.query {
			t.Errorf("%s asks %s, want %s", tt.profile, got, tt.query)
		}
	}
	c := newClient(Options{}, profileOf("entra", "both"), newLedger())
	if got, want := c.filter("userName", `a"b\c`), "filter=userName+eq+%22a%5C%22b%5C%5Cc%22"; got != want {
		t.Errorf("a literal with quotes is %s, want %s", got, want)
	}
}

// TestPaths: what is set at a path is got there and nowhere else, and is gone
// when it is unset.
func TestPaths(t *testing.T) {
	o := object{}
	all := append(append([]string{}, tutorialPaths...), defaultPaths...)
	for _, p := range all {
		parsePath(p).set(o, p)
	}
	for _, p := range all {
		if got := parsePath(p).get(o); got != p {
			t.Errorf("at %s stands %v", p, got)
		}
	}
	for i, p := range all {
		parsePath(p).unset(o)
		for j, other := range all {
			if got := parsePath(other).get(o); (got == nil) != (j <= i) {
				t.Errorf("after %s is unset, at %s stands %v", p, other, got)
			}
		}
	}
}

// TestWire holds what arrives of the headers.
func TestWire(t *testing.T) {
	for profile, want := range map[string]http.Header{
		"entra": {"Content-Type": {"application/scim+json; charset=utf-8"}},
		"okta": {
			"Content-Type": {"application/scim+json; charset=utf-8"}, "User-Agent": {"Okta SCIM Client 1.0.0"},
			"Accept": {"application/scim+json"}, "Accept-Charset": {"utf-8"},
		},
		"onelogin": {"Content-Type": {"application/scim+json"}},
		"google":   {"Content-Type": {"application/json"}, "User-Agent": {"Google-Auto-Provisioning"}},
	} {
		var got http.Header
		server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = r.Header }))
		c := newClient(Options{URL: server.URL, Token: "t", InFlight: 1}, profileOf(profile, "both"), newLedger())
		c.observe = func(*answer) {}
		c.send(t.Context(), request{method: "POST", resource: users, body: object{}})
		server.Close()
		if got.Get("Authorization") != "Bearer t" {
			t.Errorf("%s sends Authorization %q", profile, got.Get("Authorization"))
		}
		got.Del("Authorization")
		got.Del("Content-Length")
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s sends (-want +got):\n%s", profile, diff)
		}
	}
}
