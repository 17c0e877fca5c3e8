package backends

import (
	"net/http"
	"strings"
	"testing"
)

// dialect is how Entra spells the changes of its two dialects: an operation
// for each attribute with values that are texts, or, with the flag
// aadOptscim062020, the scalars in one operation without a path.
type dialect struct {
	name string
	// Each is a list of operations.
	update, unassign, disable, restore, rename string
	addMember, removeMember, renameGroup       string // ID stands for the member
}

var dialects = []dialect{{
	name: "legacy",
	update: `[{"op":"Replace","path":"displayName","value":"Ada Sample"},
		{"op":"Replace","path":"emails[type eq \"work\"].value","value":"ada.sample@example.com"},
		{"op":"Replace","path":"name.familyName","value":"Sample"},
		{"op":"Add","path":"phoneNumbers[type eq \"mobile\"].value","value":"+1-555-0101"},
		{"op":"Add","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department","value":"Looms"}]`,
	unassign: `[{"op":"Remove","path":"phoneNumbers[type eq \"mobile\"].value","value":"+1-555-0101"},
		{"op":"Replace","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department","value":""}]`,
	disable: `[{"op":"Replace","path":"active","value":"False"}]`,
	restore: `[{"op":"Replace","path":"active","value":"True"},{"op":"Replace","path":"name.givenName","value":"Adele"}]`,
	rename:  `[{"op":"Replace","path":"userName","value":"Adele@example.com"}]`,

	addMember:    `[{"op":"Add","path":"members","value":[{"$ref":null,"value":"ID"}]}]`,
	removeMember: `[{"op":"Remove","path":"members","value":[{"$ref":null,"value":"ID"}]}]`,
	renameGroup:  `[{"op":"Replace","path":"displayName","value":"Design and Print"}]`,
}, {
	name: "compliant",
	update: `[{"op":"replace","path":"emails[type eq \"work\"].value","value":"ada.sample@example.com"},
		{"op":"add","path":"phoneNumbers[type eq \"mobile\"].value","value":"+1-555-0101"},
		{"op":"replace","value":{"displayName":"Ada Sample","name.familyName":"Sample",
			"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department":"Looms"}}]`,
	unassign: `[{"op":"remove","path":"phoneNumbers[type eq \"mobile\"].value"},
		{"op":"replace","value":{"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department":null}}]`,
	disable: `[{"op":"replace","path":"active","value":false}]`,
	restore: `[{"op":"replace","value":{"active":true,"name.givenName":"Adele"}}]`,
	rename:  `[{"op":"replace","value":{"userName":"Adele@example.com"}}]`,

	addMember:    `[{"op":"add","path":"members","value":[{"value":"ID"}]}]`,
	removeMember: `[{"op":"remove","path":"members[value eq \"ID\"]"}]`,
	renameGroup:  `[{"op":"replace","value":{"displayName":"Design and Print"}}]`,
}}

// add returns the operation that adds the members, remove the one that
// removes a member.
func (d dialect) add(ids ...string) string {
	return strings.Replace(d.addMember, "ID", strings.Join(ids, `"},{"value":"`), 1)
}

func (d dialect) remove(id string) string { return strings.Replace(d.removeMember, "ID", id, 1) }

// userBody is a user as Entra creates it.
func userBody(userName, given, family string) string {
	return strings.NewReplacer("NAME", userName, "GIVEN", given, "FAMILY", family).Replace(`{
		"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],
		"externalId":"0a21f0f2-8d2a-4f8e-bf98-7363c4aed4ef","userName":"NAME","active":true,
		"emails":[{"primary":true,"type":"work","value":"NAME"}],"meta":{"resourceType":"User"},
		"name":{"formatted":"GIVEN FAMILY","familyName":"FAMILY","givenName":"GIVEN"},"roles":[],
		"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"Engines"}}`)
}

// createHost creates a user and returns what must stand in the back end.
func createHost(c *client, userName, given, family string) host {
	c.t.Helper()
	id := c.create("/Users", userBody(userName, given, family))
	return host{ID: id, Login: userName, Visible: true, First: given, Last: family, Email: userName, Department: "Engines"}
}

func userNameIs(name string) string { return `userName eq "` + name + `"` }

// userStory tells the life of a user, from the first question for it to its
// end, in an API that is empty.
func userStory(t *testing.T, b backend, d dialect) {
	c := newClient(t, b.scim)
	const name = "ada@example.com"

	// Two whose names hold the name, one whose name stands in it, and one
	// whose name could end a text in the API's own language of filters.
	others := []host{
		createHost(c, name+".au", "Ada", "Elsewhere"),
		createHost(c, "x"+name, "Xada", "Example"),
		createHost(c, "da@example.com", "Da", "Example"),
		createHost(c, "o'hara@example.com", "Scarlett", "O'Hara"),
	}
	c.wantFound("/Users", userNameIs(name))
	c.wantFound("/Users", userNameIs("o'hara@example.com"), others[3].ID)
	ada := createHost(c, name, "Ada", "Zoë-O'Example")
	now := func() { t.Helper(); b.wantHosts(t, append([]host{ada}, others...)...) }
	now()

	c.wantFound("/Users", userNameIs(name), ada.ID)
	c.wantFound("/Users", userNameIs("ADA@Example.COM"), ada.ID)
	c.wantFound("/Users", userNameIs("ada@example"))
	if status, o := c.send("POST", "/Users", userBody("Ada@Example.com", "Ada", "Twin")); status != http.StatusConflict || o["scimType"] != "uniqueness" {
		t.Fatalf("POST of a name that is taken = %d %v, want 409 uniqueness", status, o)
	}
	now()

	path := "/Users/" + ada.ID
	if got := c.want("GET", path, "", http.StatusOK); got["userName"] != name || got["active"] != true {
		t.Fatalf("GET %s = %v, want userName and active as they were sent", path, got)
	}
	c.patch(path, d.update)
	ada.Email, ada.Last, ada.Mobile, ada.Department = "ada.sample@example.com", "Sample", "+1-555-0101", "Looms"
	now()
	c.patch(path, d.unassign)
	ada.Mobile, ada.Department = "", ""
	now()

	c.patch(path, d.disable)
	ada.Visible = false
	now()
	c.patch(path, d.disable) // again, as after a lost answer
	if got := c.want("GET", path, "", http.StatusOK); got["active"] != false {
		t.Fatalf("GET %s = %v, want active: false", path, got)
	}
	c.wantFound("/Users", userNameIs(name), ada.ID)
	c.patch(path, d.restore)
	ada.Visible, ada.First = true, "Adele"
	now()

	c.patch(path, d.rename)
	ada.Login = "Adele@example.com"
	now()
	c.wantFound("/Users", userNameIs(name))
	c.wantFound("/Users", userNameIs("adele@example.com"), ada.ID)

	c.want("DELETE", path, "", http.StatusNoContent)
	b.wantHosts(t, others...)
	c.want("GET", path, "", http.StatusNotFound)
	c.want("DELETE", path, "", http.StatusNotFound)
	c.wantFound("/Users", userNameIs("adele@example.com"))
}
