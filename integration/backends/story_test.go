package backends

import (
	"net/http"
	"testing"

	"hostscim/integration/rehearse"
)

// The paths of the stories.
const (
	mobile     = `phoneNumbers[type eq "mobile"].value`
	department = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department"
)

// userBody is a user as Entra creates it.
func userBody(userName, given, family string) string {
	return rehearse.UserBody(map[string]any{
		"externalId": "0a21f0f2-8d2a-4f8e-bf98-7363c4aed4ef", "userName": userName, "active": true, `emails[type eq "work"].value`: userName,
		"name.formatted": given + " " + family, "name.givenName": given, "name.familyName": family, department: "Engines",
	})
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
func userStory(t *testing.T, b backend, d rehearse.Dialect) {
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
	c.patch(path, d.Update(1,
		rehearse.Change{Path: "displayName", Old: name, New: "Ada Sample"},
		rehearse.Change{Path: `emails[type eq "work"].value`, Old: name, New: "ada.sample@example.com"},
		rehearse.Change{Path: "name.familyName", Old: ada.Last, New: "Sample"},
		rehearse.Change{Path: mobile, New: "+1-555-0101"},
		rehearse.Change{Path: department, Old: "Engines", New: "Looms"}))
	ada.Email, ada.Last, ada.Mobile, ada.Department = "ada.sample@example.com", "Sample", "+1-555-0101", "Looms"
	now()
	c.patch(path, d.Update(0, rehearse.Change{Path: mobile, Old: ada.Mobile}, rehearse.Change{Path: department, Old: ada.Department}))
	ada.Mobile, ada.Department = "", ""
	now()

	disable := d.Update(0, rehearse.Change{Path: "active", Old: true, New: false})
	c.patch(path, disable)
	ada.Visible = false
	now()
	c.patch(path, disable) // again, as after a lost answer
	if got := c.want("GET", path, "", http.StatusOK); got["active"] != false {
		t.Fatalf("GET %s = %v, want active: false", path, got)
	}
	c.wantFound("/Users", userNameIs(name), ada.ID)
	c.patch(path, d.Update(0, rehearse.Change{Path: "active", Old: false, New: true}, rehearse.Change{Path: "name.givenName", Old: "Ada", New: "Adele"}))
	ada.Visible, ada.First = true, "Adele"
	now()

	c.patch(path, d.Update(0, rehearse.Change{Path: "userName", Old: name, New: "Adele@example.com"}))
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
