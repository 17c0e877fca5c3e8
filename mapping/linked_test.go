package mapping

import (
	"errors"
	"strings"
	"testing"

	"hostscim/adapter/scim"
)

// linkedProfile is a profile whose groups hold their members, with the lines
// of members and the update of groups given.
func linkedProfile(t *testing.T, members, update string) *Config {
	t.Helper()
	return load(t, `
auth: {bearer: [{name: a, token: "${HOSTSCIM_TOKEN}"}]}
legacy: {base_url: https://api.example.com}
resources:
  User:
    id: {legacy: id, type: integer}
    operations:
      list: {request: GET /hosts, items: hosts, paging: {style: none}}
      search: [{filter: userName eq, request: GET /hosts, query: {filter: 'login={value|json}'}, returns: exact}]
      get: {request: "GET /hosts/{id}"}
      update: {request: "PATCH /hosts/{id}"}
    attributes: {userName: {legacy: login}}
  Group:
    id: {legacy: id, type: string}
    operations:
      list: {request: GET /groups, items: groups, paging: {style: none}}
      get: {request: "GET /groups/{id}"}
      create: {request: POST /groups, unique: legacy}
      update: {request: "PATCH /groups/{id}"`+update+`}
    members: {`+members+`}
    attributes: {displayName: {legacy: name, required: true}}
`)
}

// TestReadLinked holds which ids a record has, and what is no list of them.
func TestReadLinked(t *testing.T) {
	for _, tt := range []struct{ members, record, want string }{
		{"field: ids", `{"id":"g"}`, ""},
		{"field: ids", `{"id":"g","ids":null}`, ""},
		{"field: ids", `{"id":"g","ids":""}`, ""},
		{"field: ids", `{"id":"g","ids":[]}`, ""},
		{"field: ids", `{"ids":[2,"1",2,"2"],"id":"g"}`, "2 1"},
		{"field: ids", `{"id":"g","ids":[1,null]}`, "legacy field ids is null"},
		{"field: ids", `{"id":"g","ids":[[1]]}`, "legacy field ids is an array"},
		{"field: ids", `{"id":"g","ids":{"1":true}}`, "legacy field ids is an object, the table says a list"},
		{"field: ids", `{"id":"g","ids":"1"}`, "legacy field ids is a string, the table says a list"},
		{"field: a.ids", `{"id":"g","a":{"x":[9],"ids":[3]},"ids":[4]}`, "3"},
		{"field: a.ids", `{"id":"g","a":null}`, ""},
		{"field: hosts, value: id", `{"id":"g","hosts":[{"id":1,"role":"x"},{"n":{"id":5},"id":"2"}]}`, "1 2"},
		{"field: hosts, value: host.id", `{"id":"g","hosts":[{"id":9,"host":{"x":[],"id":1}}]}`, "1"},
		{"field: hosts, value: id", `{"id":"g","hosts":[{"role":"x"}]}`, "legacy field hosts is nothing, the table says a list of ids"},
		{"field: hosts, value: id", `{"id":"g","hosts":[7]}`, "legacy field hosts is nothing"},
	} {
		values, err := linkedProfile(t, tt.members, "").Group.Read([]byte(tt.record))
		got := strings.Join(values.Linked, " ")
		if shape, ok := errors.AsType[*ShapeError](err); ok {
			got = shape.Error()
		} else if err != nil {
			t.Errorf("Read(%s) = %v", tt.record, err)
		}
		if got != tt.want && !(strings.HasPrefix(tt.want, "legacy") && strings.HasPrefix(got, tt.want)) {
			t.Errorf("%s: Read(%s) = %q, want %q", tt.members, tt.record, got, tt.want)
		}
	}
}

// TestUpdateLinked holds the body of an update that is made of the record.
func TestUpdateLinked(t *testing.T) {
	const record = `{"rev":4,"id":"g","hosts":[{"id":1,"role":"lead"},{"id":2},{"id":1}],"ids":[1,"2"],"z":{"ids":[],"k":1}}`
	add := `{"op":"add","path":"members","value":[{"value":"2"},{"value":"7"}]}`
	remove := `{"op":"remove","path":"members","value":[{"value":"1"}]}`
	for _, tt := range []struct{ members, update, patch, want string }{
		{"field: ids", "", add, `{"ids":[1,"2",7]}`},
		{"field: ids", "", remove, `{"ids":["2"]}`},
		{"field: ids", "", add + "," + remove, `{"ids":["2",7]}`},
		{"field: ids", "", `{"op":"add","path":"members","value":[{"value":"1"}]}`, ""},
		{"field: ids", "", `{"op":"remove","path":"members","value":[{"value":"9"}]}`, ""},
		{"field: ids", "", `{"op":"replace","path":"members","value":[{"value":"2"},{"value":"1"}]}`, ""},
		{"field: ids", "", `{"op":"replace","path":"members","value":[{"value":"3"},{"value":"1"}]}`, `{"ids":[1,3]}`},
		{"field: ids", "", `{"op":"remove","path":"members"}`, `{"ids":[]}`},
		{"field: ids", "", `{"op":"replace","value":{"displayName":"N"}},` + remove, `{"name":"N","ids":["2"]}`},
		{"field: ids", "", `{"op":"replace","value":{"displayName":"N"}}`, `{"name":"N"}`},
		{"field: z.ids", "", add, `{"z":{"ids":[2,7]}}`},
		{"field: none", "", add, `{"none":[2,7]}`},
		{"field: hosts, value: id", "", add + "," + remove, `{"hosts":[{"id":2},{"id":7}]}`},
		{"field: hosts, value: id", "", `{"op":"add","path":"members","value":[{"value":"7"}]}`, `{"hosts":[{"id":1,"role":"lead"},{"id":2},{"id":1},{"id":7}]}`},
		{"field: hosts, value: host.id", "", `{"op":"replace","path":"members","value":[{"value":"7"}]}`, `{"hosts":[{"host":{"id":7}}]}`},
		{"field: ids", ", version: {field: rev}", remove, `{"ids":["2"],"rev":4}`},
		{"field: ids", ", version: {field: rev, header: If-Match}", remove, `{"ids":["2"]}`},
		{"field: ids", ", body: whole", `{"op":"replace","value":{"displayName":"N"}},` + remove, `{"rev":4,"id":"g","hosts":[{"id":1,"role":"lead"},{"id":2},{"id":1}],"ids":["2"],"z":{"ids":[],"k":1},"name":"N"}`},
	} {
		group := linkedProfile(t, tt.members, tt.update).Group
		body, err := scim.Parse([]byte(`{"Operations":[` + tt.patch + `]}`))
		if err != nil {
			t.Fatal(err)
		}
		changes, err := group.Patch(body, nil)
		if err != nil {
			t.Fatalf("Patch(%s) = %v", tt.patch, err)
		}
		if !changes.Record() || strings.Contains(tt.patch, "members") != changes.NeedsRecord() && tt.update == "" {
			t.Errorf("%s: Record() = %v, NeedsRecord() = %v", tt.patch, changes.Record(), changes.NeedsRecord())
		}
		if got, err := changes.Update([]byte(record)); err != nil || string(got) != tt.want {
			t.Errorf("{%s%s} of %s: Update() = %s, %v, want %s", tt.members, tt.update, tt.patch, got, err, tt.want)
		}
	}
	user := linkedProfile(t, "user_field: groups", "").User
	for _, tt := range []struct{ record, want string }{
		{`{"id":1,"groups":["a","g"]}`, `{"groups":["a","x"]}`},
		{`{"id":1}`, `{"groups":["x"]}`},
		{`{"id":1,"groups":["x"]}`, ""},
	} {
		if got, err := user.Relink([]byte(tt.record), []string{"x"}, []string{"g"}); err != nil || string(got) != tt.want {
			t.Errorf("Relink(%s) = %s, %v, want %s", tt.record, got, err, tt.want)
		}
	}
	if _, err := user.Relink([]byte(`[]`), []string{"x"}, nil); err == nil {
		t.Error("Relink([]) finds no fault")
	}
}

// TestNewBody holds which members stand in the body of a create.
func TestNewBody(t *testing.T) {
	const calls = `, add: {request: "PATCH /groups/{id}", body: {add: "{values}"}, max_per_call: 2}, remove: {request: "PATCH /groups/{id}", body: {remove: "{values}"}}`
	const list = `list: {request: "GET /groups/{id}/hosts", value: id}, add: {request: "POST /groups/{id}/hosts", body: {id: "{value}"}}, remove: {request: "DELETE /groups/{id}/hosts/{value}"}`
	for members, want := range map[string]string{
		"field: ids":                  `{"name":"N","ids":[3,1,2]}`,
		"field: a.hosts, value: b.id": `{"name":"N","a":{"hosts":[{"b":{"id":3}},{"b":{"id":1}},{"b":{"id":2}}]}}`,
		"field: ids" + calls:          `{"name":"N","ids":[3,1]}`,
		"user_field: groups":          `{"name":"N"}`,
		list:                          `{"name":"N"}`,
	} {
		body, err := scim.Parse([]byte(`{"displayName":"N","members":[{"value":"3"},{"value":"1"},{"value":"2"}]}`))
		if err != nil {
			t.Fatal(err)
		}
		changes, err := linkedProfile(t, members, "").Group.Create(body)
		if err != nil {
			t.Fatal(err)
		}
		if got := string(changes.CreateBody()); got != want {
			t.Errorf("{%s}: NewBody() = %s, want %s", members, got, want)
		}
	}
}

// TestVersionOf holds where the version of a record is.
func TestVersionOf(t *testing.T) {
	for _, tt := range []struct{ version, record, etag, want string }{
		{"{header: If-Match}", `{"rev":1}`, `W/"5"`, `W/"5"`},
		{"{header: If-Match}", `{"rev":1}`, "", "legacy field (the header ETag)"},
		{"{field: rev}", `{"rev":1}`, `"5"`, "1"},
		{"{field: meta.rev, header: If-Match}", `{"meta":{"rev":"1-a"}}`, "", "1-a"},
		{"{field: rev}", `{"rev":null}`, `"5"`, "legacy field rev is null"},
		{"{field: rev}", `{}`, `"5"`, "legacy field rev is nothing"},
	} {
		group := linkedProfile(t, "field: ids", ", version: "+tt.version).Group
		got, err := group.VersionOf([]byte(tt.record), tt.etag)
		if err != nil {
			got = err.Error()
		}
		if !strings.HasPrefix(got, tt.want) {
			t.Errorf("%s: VersionOf(%s, %s) = %q, want %q", tt.version, tt.record, tt.etag, got, tt.want)
		}
	}
}

// TestMembershipIsTold holds what a table says of its members: whether they
// can be changed, and where they are.
func TestMembershipIsTold(t *testing.T) {
	for _, tt := range []struct {
		members, update, kept string
		writable              bool
	}{
		{"field: ids", "", "ids", true},
		{"user_field: groups", "", "groups of the users", true},
		{`list: {request: GET /memberships, query: {group: "{id}"}, value: host}`, "", "GET /memberships", false},
	} {
		c := linkedProfile(t, tt.members, tt.update)
		lines, offered := c.Group.Describe(), c.Group.Offered()
		if got := lines[len(lines)-1]; got.Path != "members" || got.Legacy != tt.kept || got.ReadOnly == tt.writable {
			t.Errorf("{%s}: Describe() ends with %+v, want %s, writable %v", tt.members, got, tt.kept, tt.writable)
		}
		if got := offered[len(offered)-1]; got.Name != "change members" || got.Offered != tt.writable {
			t.Errorf("{%s}: Offered() ends with %+v, want %v", tt.members, got, tt.writable)
		}
		if got := c.Group.Type.Schema.Attribute("members").Mutability == scim.ReadOnly; got == tt.writable {
			t.Errorf("{%s}: members are read only: %v", tt.members, got)
		}
		if got := c.User.Type.Schema.Attribute("groups") != nil; got != strings.HasPrefix(tt.members, "user_field") {
			t.Errorf("{%s}: users have groups: %v", tt.members, got)
		}
	}
	if got := linkedProfile(t, "field: a.ids", "").Group.PathOf("ids"); got != "members" {
		t.Errorf("PathOf(ids) = %q, want members", got)
	}
	group := linkedProfile(t, "field: ids", "").Group
	one, _ := group.Read([]byte(`{"id":"g","name":"N","ids":[1,2]}`))
	two, _ := group.Read([]byte(`{"id":"g","name":"N","ids":[1,3]}`))
	if group.Version(one) == group.Version(two) {
		t.Error("other members have the same version")
	}
}
