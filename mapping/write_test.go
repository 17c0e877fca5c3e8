package mapping

import (
	"strings"
	"testing"

	"hostscim/adapter/scim"
)

const least = `"userName":"b","name":{"givenName":"B","familyName":"J"},"emails":[{"type":"work","value":"b@example.com"}]`

// TestCreate holds the bodies of POST. The shipped profile requires four
// attributes, the rich one only userName.
func TestCreate(t *testing.T) {
	t.Parallel()
	host, person, team := shipped(t).User, rich(t).User, rich(t).Group
	for _, tt := range []struct {
		name  string
		table *Table
		body  string
		want  string
	}{
		{"least", host, `{` + least + `}`, `{"username":"b","visible":true,"first_name":"B","last_name":"J","email":"b@example.com"}`},
		{"Entra's default body", host, `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","urn:ietf:params:scim:schemas:extension:enterprise:2.0User"],
			"externalId":"x","userName":"b","active":true,"emails":[{"primary":true,"type":"work","value":"b@example.com"}],"meta":{"resourceType":"User"},
			"name":{"formatted":"B J","familyName":"J","givenName":"B"},"roles":[]}`,
			`{"username":"b","visible":true,"first_name":"B","last_name":"J","email":"b@example.com"} ignored externalId, name.formatted, roles`},
		{"order of the table", person, `{"` + enterpriseURN + `":{"department":"Retail"},"active":false,"externalId":"x","userName":"b"}`,
			`{"login":"b","custom_fields":{"external_id":"x","department":"Retail"},"visible":false}`},
		{"booleans as text", host, `{` + least + `,"active":"False"}`, `{"username":"b","visible":false,"first_name":"B","last_name":"J","email":"b@example.com"}`},
		{"nulls", host, `{` + least + `,"active":null,"addresses":null,"phoneNumbers":null,"title":null,"` + enterpriseURN + `":{"department":null,"manager":null}}`,
			`{"username":"b","visible":true,"first_name":"B","last_name":"J","email":"b@example.com"} ignored addresses, title, ` + enterpriseURN + `:manager`},
		{"null extension", host, `{` + least + `,"` + enterpriseURN + `":null}`, `{"username":"b","visible":true,"first_name":"B","last_name":"J","email":"b@example.com"}`},
		{"elements without a type", person, `{"userName":"b","emails":[{"primary":"true","value":"b@example.com"}],"phoneNumbers":[{"primary":"true","value":"61-392-9473"}],
			"addresses":[{"primary":"true","streetAddress":"1 Main St","postalCode":"dq96 3ia","country":"Estonia"}]}`,
			`{"login":"b","visible":true,"email":"b@example.com","phone":"61-392-9473","custom_fields":{"street":"1 Main St","zip":"dq96 3ia"}} ignored addresses.country`},
		{"elements with types", person, `{"userName":"b","phoneNumbers":[{"type":"mobile","value":"2"},{"type":"work","value":"1"},{"type":"fax","value":"3"}]}`,
			`{"login":"b","visible":true,"phone":"1","custom_fields":{"mobile":"2"}} ignored phoneNumbers[type eq "fax"]`},
		{"types in any letter case", person, `{"userName":"b","phoneNumbers":[{"Type":"Mobile","Value":"2"}]}`, `{"login":"b","visible":true,"custom_fields":{"mobile":"2"}}`},
		{"a type of nobody", person, `{"userName":"b","emails":[{"type":"secret lair","value":"x@example.com"}]}`, `{"login":"b","visible":true} ignored emails[type eq (other)]`},
		{"a typed and an untyped element", person, `{"userName":"b","emails":[{"value":"o@example.com"},{"type":"work","value":"b@example.com"}]}`,
			`{"login":"b","visible":true,"email":"b@example.com","custom_fields":{"other_email":"o@example.com"}}`},
		{"two primaries", person, `{"userName":"b","emails":[{"primary":true,"type":"work","value":"b@example.com"},{"primary":true,"type":"work","value":"c@example.com"}]}`,
			`{"login":"b","visible":true,"email":"b@example.com"} ignored emails[type eq "work"]`},
		{"two primaries without a type", person, `{"userName":"b","emails":[{"primary":true,"value":"b@example.com"},{"primary":true,"value":"c@example.com"}]}`,
			`{"login":"b","visible":true,"email":"b@example.com","custom_fields":{"other_email":"c@example.com"}}`},
		{"more than there are places for", person, `{"userName":"b","emails":[{"value":"a@example.com"},{"value":"b@example.com"},{"value":"c@example.com"}]}`,
			`{"login":"b","visible":true,"email":"a@example.com","custom_fields":{"other_email":"b@example.com"}} ignored emails`},
		{"elements as text", person, `{"userName":"b","emails":["b@example.com"]}`, `{"login":"b","visible":true,"email":"b@example.com"}`},
		{"one element alone", person, `{"userName":"b","emails":{"type":"work","value":"b@example.com"}}`, `{"login":"b","visible":true,"email":"b@example.com"}`},
		{"a role that is primary", person, `{"userName":"b","roles":[{"primary":"True","value":"admin","displayName":"Admin"}]}`,
			`{"login":"b","visible":true,"custom_fields":{"role":"admin"}} ignored roles.(unknown)`},
		{"the manager as text", person, `{"userName":"b","` + enterpriseURN + `":{"manager":"9"}}`, `{"login":"b","visible":true,"custom_fields":{"manager_id":"9"}}`},
		{"the manager as an object", person, `{"userName":"b","` + enterpriseURN + `":{"manager":{"value":"9","displayName":"M"}}}`,
			`{"login":"b","visible":true,"custom_fields":{"manager_id":"9"}} ignored ` + enterpriseURN + `:manager.displayName`},
		{"dotted and URN keys", person, `{"userName":"b","name.givenName":"B","` + enterpriseURN + `:department":"Retail"}`,
			`{"login":"b","visible":true,"name":{"first":"B"},"custom_fields":{"department":"Retail"}}`},
		{"keys of the core schema", person, `{"` + scim.UserURN + `":{"userName":"b"}}`, `{"login":"b","visible":true}`},
		{"any letter case", person, `{"USERNAME":"b","NAME":{"GivenName":"B"}}`, `{"login":"b","visible":true,"name":{"first":"B"}}`},
		{"what nobody knows", person, `{"userName":"b","badge":1,"urn:example:x:2.0:User":{"a":1},"not an attribute":1,"password":"example-password","id":"7","groups":[{"value":"1"}]}`,
			`{"login":"b","visible":true} ignored badge, (an unknown schema), (a name that is no attribute), password`},
		{"a malformed extension URN", person, `{"userName":"b","urn:ietf:params:scim:schemas:extension:enterprise:2.0User":{"department":"Retail"}}`,
			`{"login":"b","visible":true} ignored (a name that is no attribute)`},
		{"group", team, `{"schemas":["x"],"externalId":"o","displayName":"Org Admin","members":[],"meta":{"resourceType":"Group"}}`, `{"name":"Org Admin","external_id":"o"} members reset`},
		{"group with members", team, `{"displayName":"Org Admin","members":[{"value":"8"},{"value":9}]}`, `{"name":"Org Admin"} members reset add 8,9`},
		{"group with another schema", team, `{"schemas":["http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"],"displayName":"D"}`, `{"name":"D"}`},

		{"required, missing", host, `{"userName":"b","name":{"givenName":"B","familyName":"J"}}`,
			`error invalidValue: emails[type eq "work"].value is required and has no value; map it to a source attribute that every object has`},
		{"required, empty", host, `{` + strings.Replace(least, `"userName":"b"`, `"userName":""`, 1) + `}`,
			`error invalidValue: userName is required and has no value; map it to a source attribute that every object has`},
		{"required, null", host, `{` + strings.Replace(least, `"B"`, `null`, 1) + `}`,
			`error invalidValue: name.givenName is required and has no value; map it to a source attribute that every object has`},
		{"no object", host, `[]`, `error invalidSyntax: the body must be an object; got an array`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := outcome(tt.table.Create(parse(t, tt.body))); got != tt.want {
				t.Errorf("Create(%s)\n got %s\nwant %s", tt.body, got, tt.want)
			}
		})
	}
}

// TestCreateTypes: a value of another type is a 400 that names the path.
func TestCreateTypes(t *testing.T) {
	t.Parallel()
	user := table(t, `
userName: {legacy: username}
active: {legacy: visible}
title: {legacy: title, type: integer}
name.givenName: {legacy: first_name}
'emails[type eq "work"].value': {legacy: email}
`)
	for _, tt := range []struct{ value, path string }{
		{`"userName":1`, "userName"},
		{`"userName":true`, "userName"},
		{`"userName":["a","b"]`, "userName"},
		{`"userName":{"a":"b"}`, "userName"},
		{`"active":"yes"`, "active"},
		{`"active":1`, "active"},
		{`"active":{}`, "active"},
		{`"title":"seven"`, "title"},
		{`"title":"007"`, "title"},
		{`"title":"1.5"`, "title"},
		{`"title":"99999999999999999999"`, "title"},
		{`"name":"B J"`, "name"},
		{`"name":7`, "name"},
		{`"name":{"givenName":["a","b"]}`, "name.givenName"},
		{`"emails":7`, "emails"},
		{`"emails":[[]]`, "emails"},
		{`"emails":[{"type":"work","value":7}]`, `emails[type eq "work"].value`},
		{`"` + enterpriseURN + `":7`, enterpriseURN},
	} {
		_, err := user.Create(parse(t, `{`+tt.value+`}`))
		e, ok := err.(*scim.Error)
		if !ok || e.Status != 400 || e.Type != scim.InvalidValue || !strings.HasPrefix(e.Detail, tt.path+" must be") {
			t.Errorf("Create({%s}) error = %v, want invalidValue of %s", tt.value, err, tt.path)
		}
	}
}

// TestReplace holds the bodies of PUT.
func TestReplace(t *testing.T) {
	t.Parallel()
	host, team := shipped(t).User, rich(t).Group
	const rest = `"alternate_email":null,"phone_number":null,"mobile_number":null,"company":null,"department":null`
	for _, tt := range []struct {
		name  string
		table *Table
		body  string
		want  string
	}{
		{"without active", host, `{` + least + `}`, `{"username":"b","first_name":"B","last_name":"J","email":"b@example.com",` + rest + `}`},
		{"active null", host, `{` + least + `,"active":null}`, `{"username":"b","first_name":"B","last_name":"J","email":"b@example.com",` + rest + `}`},
		{"active empty", host, `{` + least + `,"active":""}`, `{"username":"b","first_name":"B","last_name":"J","email":"b@example.com",` + rest + `}`},
		{"active false", host, `{` + least + `,"active":"false"}`, `{"username":"b","visible":false,"first_name":"B","last_name":"J","email":"b@example.com",` + rest + `}`},
		{"the rest is kept where it is given", host, `{` + least + `,"phoneNumbers":[{"type":"mobile","value":"2"}],"` + enterpriseURN + `":{"organization":"O"}}`,
			`{"username":"b","first_name":"B","last_name":"J","email":"b@example.com","alternate_email":null,"phone_number":null,"mobile_number":"2","company":"O","department":null}`},
		{"Okta's whole object", host, `{"schemas":["x"],"id":"7","groups":[],"password":"example-password","meta":{"created":"2026-01-31T12:00:00Z"},` + least + `}`,
			`{"username":"b","first_name":"B","last_name":"J","email":"b@example.com",` + rest + `} ignored password`},
		{"required, missing", host, `{"userName":"b","name":{"givenName":"B"},"emails":[{"value":"b@example.com"}]}`,
			`error invalidValue: name.familyName is required and has no value; map it to a source attribute that every object has`},
		{"required, missing in a list", host, `{"userName":"b","name":{"givenName":"B","familyName":"J"},"emails":[{"type":"other","value":"b@example.com"}]}`,
			`error invalidValue: emails[type eq "work"].value is required and has no value; map it to a source attribute that every object has`},
		{"group, members left out", team, `{"displayName":"D"}`, `{"name":"D","external_id":null}`},
		{"group, nobody", team, `{"displayName":"D","members":[]}`, `{"name":"D","external_id":null} members reset`},
		{"group, members", team, `{"displayName":"D","externalId":"x","members":[{"value":"8","display":"b"}]}`, `{"name":"D","external_id":"x"} members reset add 8`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := outcome(tt.table.Replace(parse(t, tt.body))); got != tt.want {
				t.Errorf("Replace(%s)\n got %s\nwant %s", tt.body, got, tt.want)
			}
		})
	}
}

// TestReadOnlyRows: what a client sends for a row that is only read is
// ignored, and nothing is cleared for it.
func TestReadOnlyRows(t *testing.T) {
	t.Parallel()
	user := table(t, `
userName: {legacy: username}
title: {legacy: title, read_only: true}
'emails[type eq "work"].value': {legacy: email}
'emails[type eq "other"].value': {legacy: other, read_only: true}
`)
	for body, want := range map[string]string{
		`{"userName":"b","title":"x"}`:                                        `{"username":"b","email":null} ignored title`,
		`{"userName":"b","emails":[{"type":"work","value":"b@example.com"}]}`: `{"username":"b","email":"b@example.com"}`,
		`{"userName":"b"}`: `{"username":"b","email":null}`,
	} {
		if got := outcome(user.Replace(parse(t, body))); got != want {
			t.Errorf("Replace(%s) = %s, want %s", body, got, want)
		}
	}
	runPatch(t, user, []patchCase{
		{"set", `{"op":"replace","path":"title","value":"x"}`, `{} ignored title`},
		{"removed", `{"op":"remove","path":"title"}`, `{} ignored title`},
	})
}

// TestSpellings: a value is written as the legacy field spells it.
func TestSpellings(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ row, value, want string }{
		{"active: {legacy: f}", `{"active":"TRUE"}`, `{"f":true}`},
		{"active: {legacy: f, type: string}", `{"active":"True"}`, `{"f":"true"}`},
		{"active: {legacy: f, type: integer}", `{"active":true}`, `{"f":1}`},
		{"active: {legacy: f, type: integer}", `{"active":"false"}`, `{"f":0}`},
		{"title: {legacy: f, type: integer}", `{"title":"42"}`, `{"f":42}`},
		{"title: {legacy: f, type: integer}", `{"title":"-1"}`, `{"f":-1}`},
		{"title: {legacy: f}", `{"title":" Ä \"\n"}`, `{"f":" Ä \"\n"}`},
		{"title: {legacy: f, default: Host}", `{}`, `{"f":"Host"}`},
		{"title: {legacy: f.g.h}", `{"title":"x"}`, `{"f":{"g":{"h":"x"}}}`},
	} {
		user := table(t, tt.row+"\nuserName: {legacy: username}")
		if got := outcome(user.Create(parse(t, tt.value))); got != tt.want {
			t.Errorf("Create(%s) with %s = %s, want %s", tt.value, tt.row, got, tt.want)
		}
	}
}

func TestChanges(t *testing.T) {
	t.Parallel()
	c, err := rich(t).User.Create(parse(t, `{"userName":"b","title":"","nickName":"Babs"}`))
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(c.Paths(), " "); got != "userName nickName active" || !c.Record() || !c.Members.Empty() {
		t.Errorf("Paths() = %s, Record() = %v, Members.Empty() = %v", got, c.Record(), c.Members.Empty())
	}
	if v, ok := c.Set("nickName"); v.Text() != "Babs" || !ok {
		t.Errorf("Set(nickName) = %v, %v, want Babs", v, ok)
	}
	if v, ok := c.Set("title"); ok {
		t.Errorf("Set(title) = %v, want none", v)
	}
	var none Changes
	if none.Record() || !none.Members.Empty() {
		t.Error("the zero Changes change something")
	}
}
