package mapping

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hostscim/adapter/scim"
)

// flatten applies the rule by which Microsoft's gallery test compares the
// published schemas with the attribute mapping.
func flatten(t *scim.ResourceType) []string {
	var paths []string
	add := func(prefix string, attributes []*scim.Attribute) {
		for _, a := range attributes {
			name := prefix + a.Name
			switch {
			case a.Name == "manager" || a.Name == "members" || a.Type != scim.TypeComplex:
				paths = append(paths, name)
			case !a.MultiValued:
				for _, s := range a.SubAttributes {
					paths = append(paths, name+"."+s.Name)
				}
			default:
				paths = append(paths, flattenElements(name, a)...)
			}
		}
	}
	add("", t.Schema.Attributes)
	for _, a := range t.Common.Attributes {
		if a.Name == "externalId" {
			add("", []*scim.Attribute{a})
		}
	}
	for _, e := range t.Extensions {
		add(e.ID+":", e.Attributes)
	}
	slices.Sort(paths)
	return paths
}

func flattenElements(name string, a *scim.Attribute) []string {
	selectors := []string{`primary eq "True"`}
	if by := a.Sub("type"); by != nil && len(by.CanonicalValues) > 0 {
		selectors = nil
		for _, v := range by.CanonicalValues {
			selectors = append(selectors, `type eq "`+v+`"`)
		}
	}
	var paths []string
	for _, s := range selectors {
		for _, sub := range a.SubAttributes {
			if sub.Name != "type" && sub.Name != "primary" {
				paths = append(paths, name+"["+s+"]."+sub.Name)
			}
		}
	}
	return paths
}

// TestPublishedIsTheGalleryMapping: the attributes of the Entra tutorial,
// and no other, are what discovery of the shipped profile leads to.
func TestPublishedIsTheGalleryMapping(t *testing.T) {
	t.Parallel()
	c := shipped(t)
	user := []string{
		"active", `emails[type eq "other"].value`, `emails[type eq "work"].value`, "name.familyName", "name.givenName",
		`phoneNumbers[type eq "mobile"].value`, `phoneNumbers[type eq "work"].value`,
		enterpriseURN + ":department", enterpriseURN + ":organization", "userName",
	}
	slices.Sort(user)
	if diff := cmp.Diff(user, flatten(c.User.Type)); diff != "" {
		t.Errorf("flattened User (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"displayName", "members"}, flatten(c.Group.Type)); diff != "" {
		t.Errorf("flattened Group (-want +got):\n%s", diff)
	}
}

func TestPublished(t *testing.T) {
	t.Parallel()
	user, group := shipped(t).User.Type, shipped(t).Group.Type
	type traits struct {
		Required   bool
		Mutability string
		Values     string
	}
	of := func(a *scim.Attribute) traits {
		if a == nil {
			return traits{Mutability: "not published"}
		}
		return traits{a.Required, a.Mutability, strings.Join(a.CanonicalValues, " ")}
	}
	emails, phones := user.Schema.Attribute("emails"), user.Schema.Attribute("phoneNumbers")
	for _, tt := range []struct {
		name string
		attr *scim.Attribute
		want traits
	}{
		{"userName", user.Schema.Attribute("userName"), traits{true, scim.ReadWrite, ""}},
		{"active", user.Schema.Attribute("active"), traits{false, scim.ReadWrite, ""}},
		{"name", user.Schema.Attribute("name"), traits{true, scim.ReadWrite, ""}},
		{"name.givenName", user.Schema.Attribute("name").Sub("givenName"), traits{true, scim.ReadWrite, ""}},
		{"name.formatted", user.Schema.Attribute("name").Sub("formatted"), traits{false, "not published", ""}},
		{"emails", emails, traits{true, scim.ReadWrite, ""}},
		{"emails.value, required of one", emails.Sub("value"), traits{true, scim.ReadWrite, ""}},
		{"emails.type", emails.Sub("type"), traits{false, scim.Immutable, "work other"}},
		{"emails.primary", emails.Sub("primary"), traits{false, scim.ReadOnly, ""}},
		{"emails.display", emails.Sub("display"), traits{false, "not published", ""}},
		{"phoneNumbers", phones, traits{false, scim.ReadWrite, ""}},
		{"phoneNumbers.type", phones.Sub("type"), traits{false, scim.Immutable, "work mobile"}},
		{"title", user.Schema.Attribute("title"), traits{false, "not published", ""}},
		{"password", user.Schema.Attribute("password"), traits{false, "not published", ""}},
		{"department", user.Extensions[0].Attribute("department"), traits{false, scim.ReadWrite, ""}},
		{"manager", user.Extensions[0].Attribute("manager"), traits{false, "not published", ""}},
		{"id", user.Common.Attribute("id"), traits{true, scim.ReadOnly, ""}},
		{"externalId", user.Common.Attribute("externalId"), traits{false, "not published", ""}},
		{"meta.created", user.Common.Attribute("meta").Sub("created"), traits{false, scim.ReadOnly, ""}},
		{"meta.location", user.Common.Attribute("meta").Sub("location"), traits{false, scim.ReadOnly, ""}},
		{"meta.version", user.Common.Attribute("meta").Sub("version"), traits{false, scim.ReadOnly, ""}},
		{"displayName", group.Schema.Attribute("displayName"), traits{true, scim.ReadWrite, ""}},
		{"members", group.Schema.Attribute("members"), traits{false, scim.ReadWrite, ""}},
		{"members.value", group.Schema.Attribute("members").Sub("value"), traits{false, scim.Immutable, ""}},
		{"members.$ref", group.Schema.Attribute("members").Sub("$ref"), traits{false, scim.Immutable, ""}},
	} {
		if got := of(tt.attr); got != tt.want {
			t.Errorf("%s is published as %+v, want %+v", tt.name, got, tt.want)
		}
	}
	if scim.User().Schema.Attribute("title") == nil {
		t.Error("publishing a table cut down the whole schema")
	}
}

// TestPublishedElements: an element that is required, read only, or selected
// by primary is published so.
func TestPublishedElements(t *testing.T) {
	t.Parallel()
	user := table(t, `
userName: {legacy: username}
'roles[primary eq "True"].value': {legacy: role, required: true}
'emails[type eq "work"].value': {legacy: email, read_only: true}
'phoneNumbers[type eq "work"].value': {legacy: phone}
'phoneNumbers[type eq "home"].value': {legacy: home, required: true}
'addresses[type eq "home"].locality': {legacy: city}
'addresses[type eq "home"].formatted': {legacy: address, read_only: true}
`).Type
	roles, emails, addresses := user.Schema.Attribute("roles"), user.Schema.Attribute("emails"), user.Schema.Attribute("addresses")
	if !roles.Required || !roles.Sub("value").Required || roles.Sub("primary").Mutability != scim.ReadOnly || roles.Sub("type") != nil {
		t.Errorf("roles is published as %+v", roles)
	}
	if phones := user.Schema.Attribute("phoneNumbers"); !phones.Required || !phones.Sub("value").Required {
		t.Errorf("phoneNumbers is published as %+v, want the attribute and its value required", phones)
	}
	if emails.Mutability != scim.ReadOnly || emails.Sub("value").Mutability != scim.ReadOnly || emails.Sub("primary") != nil {
		t.Errorf("emails is published as %+v", emails)
	}
	if addresses.Mutability != scim.ReadWrite || addresses.Sub("formatted").Mutability != scim.ReadOnly || addresses.Sub("locality").Mutability != scim.ReadWrite {
		t.Errorf("addresses is published as %+v", addresses)
	}
	if len(user.Extensions) != 0 {
		t.Errorf("extensions without rows are published: %v", user.Extensions)
	}
}

func TestTable(t *testing.T) {
	t.Parallel()
	c := rich(t)
	for legacy, want := range map[string]string{
		"login":               "userName",
		"custom_fields.title": "title",
		"title":               "title",
		"email":               `emails[type eq "work"].value`,
		"manager_id":          enterpriseURN + ":manager.value",
		"custom_fields":       "",
		"id":                  "",
		"":                    "",
	} {
		if got := c.User.PathOf(legacy); got != want {
			t.Errorf("PathOf(%s) = %s, want %s", legacy, got, want)
		}
	}
	if got := c.User.UniquePath(); got != "userName" {
		t.Errorf("UniquePath() of users = %s, want userName", got)
	}
	if got := c.Group.UniquePath(); got != "displayName" {
		t.Errorf("UniquePath() of groups = %s, want displayName", got)
	}
	var searched []string
	for _, s := range c.User.Searched() {
		searched = append(searched, s.Text)
	}
	if diff := cmp.Diff([]string{"userName", `emails[type eq "work"].value`, `emails[type eq "other"].value`, "externalId"}, searched); diff != "" {
		t.Errorf("Searched (-want +got):\n%s", diff)
	}
}

func TestOffered(t *testing.T) {
	t.Parallel()
	offered := func(t *Table) string {
		var names []string
		for _, o := range t.Offered() {
			if o.Offered {
				names = append(names, o.Name)
			}
		}
		return strings.Join(names, ", ")
	}
	few := load(t, `
auth: {bearer: [{name: entra, token: example-token}]}
legacy: {base_url: "https://api.example.com"}
resources:
  User:
    id: id
    operations: {get: {request: "GET /hosts/{id}"}}
    attributes: {userName: {legacy: username, read_only: true}}
`)
	if got, want := offered(few.User), "get"; got != want || few.Group != nil {
		t.Errorf("Offered() = %s, want %s", got, want)
	}
	c := shipped(t)
	if got, want := offered(c.User), "list, get, create, update, delete"; got != want {
		t.Errorf("Offered() of users = %s, want %s", got, want)
	}
	if got, want := offered(c.Group), "list, get, create, update, delete, change members"; got != want {
		t.Errorf("Offered() of groups = %s, want %s", got, want)
	}
}

// TestSmallProfile: a whole profile in its shortest form loads as it stands.
func TestSmallProfile(t *testing.T) {
	t.Parallel()
	src, err := os.ReadFile("testdata/small.yaml")
	if err != nil {
		t.Fatal(err)
	}
	c := load(t, string(src))
	if len(c.User.Rows) != 12 || len(c.Group.Rows) != 1 || c.Group.Members.Add.MaxPerCall != 100 {
		t.Errorf("rows = %d and %d, max_per_call = %d", len(c.User.Rows), len(c.Group.Rows), c.Group.Members.Add.MaxPerCall)
	}
}

// TestLenient: only the name stays required.
func TestLenient(t *testing.T) {
	t.Parallel()
	src, err := os.ReadFile("testdata/small.yaml")
	if err != nil {
		t.Fatal(err)
	}
	user := load(t, string(src), Lenient()).User
	if got, want := outcome(user.Create(parse(t, `{"userName":"b"}`))), `{"username":"b","visible":true}`; got != want {
		t.Errorf("Create = %s, want %s", got, want)
	}
	if got := outcome(user.Create(parse(t, `{}`))); !strings.HasPrefix(got, "error invalidValue: userName is required") {
		t.Errorf("Create of nothing = %s, want userName to be required", got)
	}
}
