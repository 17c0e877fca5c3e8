package mapping

import (
	"runtime"
	"strings"
	"testing"

	"hostscim/adapter/scim"
)

// TestPatchCurrent: operations that depend on what is there ask for it, and
// then do what they say.
func TestPatchCurrent(t *testing.T) {
	t.Parallel()
	user := rich(t).User
	record := `{"id":7,"login":"bjensen","email":"b@example.com","custom_fields":{"other_email":"o@example.com","mobile":"1"}}`
	for _, tt := range []struct{ name, operations, want string }{
		{"by value", `{"op":"replace","path":"emails[value eq \"o@example.com\"].value","value":"p@example.com"}`, `{"custom_fields":{"other_email":"p@example.com"}}`},
		{"by value in another letter case", `{"op":"replace","path":"emails[value eq \"O@Example.com\"].value","value":"p@example.com"}`, `{"custom_fields":{"other_email":"p@example.com"}}`},
		{"by value, remove", `{"op":"remove","path":"emails[value eq \"o@example.com\"]"}`, `{"custom_fields":{"other_email":null}}`},
		{"by value and type", `{"op":"remove","path":"emails[type eq \"other\" and value sw \"o@\"]"}`, `{"custom_fields":{"other_email":null}}`},
		{"not by type", `{"op":"remove","path":"emails[type ne \"work\"]"}`, `{"custom_fields":{"other_email":null}}`},
		{"nothing matches", `{"op":"replace","path":"emails[value eq \"x@example.com\"].value","value":"p@example.com"}`,
			`error noTarget: operation 1: no element of emails matches the filter in the path`},
		{"nothing to remove", `{"op":"remove","path":"emails[value eq \"x@example.com\"]"}`, `{}`},
		{"every element", `{"op":"replace","path":"emails.value","value":"p@example.com"}`, `{"email":"p@example.com","custom_fields":{"other_email":"p@example.com"}}`},
		{"every element that there is", `{"op":"replace","path":"phoneNumbers.value","value":"2"}`, `{"custom_fields":{"mobile":"2"}}`},
		{"every element removed", `{"op":"remove","path":"emails.value"}`, `{"email":null,"custom_fields":{"other_email":null}}`},
		{"listed in the value of a remove", `{"op":"Remove","path":"emails","value":[{"type":"other","value":"o@example.com"}]}`, `{"custom_fields":{"other_email":null}}`},
		{"listed by value", `{"op":"Remove","path":"emails","value":[{"value":"b@example.com"},{"value":"x@example.com"}]}`, `{"email":null}`},
		{"after an earlier operation", `
			{"op":"replace","path":"emails[type eq \"other\"].value","value":"q@example.com"},
			{"op":"replace","path":"emails[value eq \"q@example.com\"].value","value":"r@example.com"}`, `{"custom_fields":{"other_email":"r@example.com"}}`},
		{"before it", `
			{"op":"replace","path":"emails[type eq \"other\"].value","value":"q@example.com"},
			{"op":"remove","path":"emails[value eq \"o@example.com\"]"}`, `{"custom_fields":{"other_email":"q@example.com"}}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			body := parse(t, `{"Operations":[`+tt.operations+`]}`)
			for _, current := range []*Current{nil, {}, {Members: []string{"1"}, WithMembers: true}} {
				if got := outcome(user.Patch(body, current)); got != "needs the record" {
					t.Errorf("Patch(%s) without the record = %s", tt.operations, got)
				}
			}
			values := read(t, user, record)
			if got := outcome(user.Patch(body, &Current{Values: &values})); got != tt.want {
				t.Errorf("Patch(%s)\n got %s\nwant %s", tt.operations, got, tt.want)
			}
		})
	}
}

// TestPatchListedByType: a listed element that names its type alone needs no
// reading.
func TestPatchListedByType(t *testing.T) {
	t.Parallel()
	body := parse(t, `{"Operations":[{"op":"Remove","path":"emails","value":[{"type":"other"}]}]}`)
	if got, want := outcome(rich(t).User.Patch(body, nil)), `{"custom_fields":{"other_email":null}}`; got != want {
		t.Errorf("Patch = %s, want %s", got, want)
	}
}

func TestPatchMembers(t *testing.T) {
	t.Parallel()
	many := make([]string, 1000)
	values := make([]string, len(many))
	for i := range many {
		many[i] = scim.Int(i + 1).Text()
		values[i] = `{"value":"` + many[i] + `"}`
	}
	runPatch(t, rich(t).Group, []patchCase{
		{"add, Entra", `{"op":"Add","path":"members","value":[{"$ref":null,"value":"8"}]}`, `{} add 8`},
		{"add, Okta", `{"op":"add","path":"members","value":[{"value":"8","display":"b@example.com"}]}`, `{} add 8`},
		{"add one alone", `{"op":"add","path":"members","value":{"value":"8"}}`, `{} add 8`},
		{"add bare ids", `{"op":"add","path":"members","value":["8",9]}`, `{} add 8,9`},
		{"add numbers", `{"op":"add","path":"members","value":[{"value":8}]}`, `{} add 8`},
		{"add in a map", `{"op":"add","value":{"members":[{"value":"8"}]}}`, `{} add 8`},
		{"add 1000", `{"op":"add","path":"members","value":[` + strings.Join(values, ",") + `]}`, `{} add ` + strings.Join(many, ",")},
		{"add a user by type", `{"op":"add","path":"members","value":[{"value":"8","type":"User"}]}`, `{} add 8`},
		{"add twice", `{"op":"add","path":"members","value":[{"value":"8"},{"value":"8"}]}`, `{} add 8`},
		{"add nobody", `{"op":"add","path":"members","value":[]}`, `{}`},
		{"remove, Entra's older form", `{"op":"Remove","path":"members","value":[{"$ref":null,"value":"8"},{"value":"9"}]}`, `{} remove 8,9`},
		{"remove by filter", `{"op":"remove","path":"members[value eq \"8\"]"},{"op":"remove","path":"Members[Value eq \"9\"]"}`, `{} remove 8,9`},
		{"remove by a filter with or", `{"op":"remove","path":"members[value eq \"8\" or value eq \"9\"]"}`, `{} remove 8,9`},
		{"remove by a number in the filter", `{"op":"remove","path":"members[value eq 8]"}`, `{} remove 8`},
		{"remove an empty list", `{"op":"remove","path":"members","value":[]}`, `{}`},
		{"remove all", `{"op":"remove","path":"members"}`, `{} members reset`},
		{"remove all, null", `{"op":"remove","path":"members","value":null}`, `{} members reset`},
		{"replace", `{"op":"replace","path":"members","value":[{"value":"8"}]}`, `{} members reset add 8`},
		{"replace by nobody", `{"op":"replace","path":"members","value":[]}`, `{} members reset`},
		{"replace by null", `{"op":"replace","path":"members","value":null}`, `{} members reset`},
		{"replace in a map", `{"op":"replace","value":{"members":[{"value":"8"}]}}`, `{} members reset add 8`},
		{"replace, then remove one", `{"op":"replace","path":"members","value":[{"value":"8"},{"value":"9"}]},{"op":"remove","path":"members[value eq \"8\"]"}`,
			`{} members reset add 9 remove 8`},
		{"replace, then remove by another filter", `{"op":"replace","path":"members","value":[{"value":"8"},{"value":"19"}]},{"op":"remove","path":"members[value sw \"1\"]"}`,
			`{} members reset add 8 remove 19`},
		{"add, then replace", `{"op":"add","path":"members","value":["8"]},{"op":"replace","path":"members","value":["9"]}`, `{} members reset add 9`},
		{"add, then remove", `{"op":"add","path":"members","value":[{"value":"8"}]},{"op":"remove","path":"members[value eq \"8\"]"}`, `{} remove 8`},
		{"remove, then add", `{"op":"remove","path":"members[value eq \"8\"]"},{"op":"add","path":"members","value":[{"value":"8"}]}`, `{} add 8`},
		{"mixed, with a rename", `
			{"op":"replace","value":{"id":"3","displayName":"Front desk"}},
			{"op":"remove","path":"members[value eq \"8\"]"},
			{"op":"add","path":"members","value":[{"value":"9"}]}`, `{"name":"Front desk"} add 9 remove 8`},
		{"rename", `{"op":"Replace","path":"displayName","value":"Front desk"}`, `{"name":"Front desk"}`},
		{"external id", `{"op":"replace","value":{"externalId":"x"}}`, `{"external_id":"x"}`},

		{"a group in a group", `{"op":"add","path":"members","value":[{"value":"8"},{"value":"9","type":"group"}]}`,
			`error invalidValue: operation 1: members: a group cannot be a member of a group here; assign the people in it`},
		{"no value", `{"op":"add","path":"members","value":[{"display":"b"}]}`,
			`error invalidValue: operation 1: members must be a list of objects, each with the id of a user as its value`},
		{"a value of another type", `{"op":"add","path":"members","value":[{"value":true}]}`,
			`error invalidValue: operation 1: members must be a list of objects, each with the id of a user as its value`},
		{"an empty id", `{"op":"add","path":"members","value":[{"value":""}]}`,
			`error invalidValue: operation 1: members must be a list of objects, each with the id of a user as its value`},
		{"a member changed", `{"op":"replace","path":"members[value eq \"8\"].value","value":"9"}`,
			`error mutability: operation 1: a member cannot be changed into another; add it to members, and remove the other`},
		{"a part removed", `{"op":"remove","path":"members[value eq \"8\"].display"}`,
			`error mutability: operation 1: a member has nothing but its value; remove the member`},
		{"a filter with a mistake", `{"op":"remove","path":"members[valu eq \"8\"]"}`, `error invalidPath: operation 1: position 9: unknown attribute "members.valu": did you mean "members.value"?`},
	})
}

func TestPatchMembersCurrent(t *testing.T) {
	t.Parallel()
	group := rich(t).Group
	for _, tt := range []struct{ name, operations, want string }{
		{"by prefix", `{"op":"remove","path":"members[value sw \"1\"]"}`, `{} remove 10,11`},
		{"by not", `{"op":"remove","path":"members[value ne \"10\"]"}`, `{} remove 11,20`},
		{"after an add", `{"op":"add","path":"members","value":["12"]},{"op":"remove","path":"members[value sw \"1\"]"}`, `{} remove 12,10,11`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			body := parse(t, `{"Operations":[`+tt.operations+`]}`)
			values := read(t, group, `{"id":1,"name":"x"}`)
			for _, current := range []*Current{nil, {}, {Values: &values}} {
				if got := outcome(group.Patch(body, current)); got != "needs the members" {
					t.Errorf("Patch(%s) without the members = %s", tt.operations, got)
				}
			}
			current := &Current{Members: []string{"10", "11", "20"}, WithMembers: true}
			if got := outcome(group.Patch(body, current)); got != tt.want {
				t.Errorf("Patch(%s) = %s, want %s", tt.operations, got, tt.want)
			}
		})
	}
}

// TestPatchMemberList holds the body that OneLogin sends.
func TestPatchMemberList(t *testing.T) {
	t.Parallel()
	c := rich(t)
	for body, want := range map[string]string{
		`{"members":[{"value":"8"},{"value":"9","operation":"delete"},{"value":10,"operation":"Delete"}]}`: `{} add 8 remove 9,10`,
		`{"schemas":["x"],"members":[]}`:    `{}`,
		`{"members":["8"]}`:                 `{} add 8`,
		`{"members":[null]}`:                `error invalidValue: members must be a list of objects, each with the id of a user as its value`,
		`{"members":[{"operation":"x"}]}`:   `error invalidValue: members must be a list of objects, each with the id of a user as its value`,
		`{"members":[["8","9"]]}`:           `error invalidValue: members must be a list of objects, each with the id of a user as its value`,
		`{"Operations":[],"members":["8"]}`: `{}`,
	} {
		if got := outcome(c.Group.Patch(parse(t, body), nil)); got != want {
			t.Errorf("Patch(%s) = %s, want %s", body, got, want)
		}
	}
}

// TestMembersReadOnly: where the API cannot change members, requests about
// them are ignored and the rest is done.
func TestMembersReadOnly(t *testing.T) {
	t.Parallel()
	group := load(t, `
auth: {bearer: [{name: entra, token: example-token}]}
legacy: {base_url: "https://api.example.com"}
resources:
  Group:
    id: id
    operations:
      get: {request: "GET /teams/{id}"}
      update: {request: "PATCH /teams/{id}"}
    members:
      list: {request: "GET /teams/{id}/people", value: id, paging: {style: none}}
    attributes:
      displayName: {legacy: name}
`).Group
	for operations, want := range map[string]string{
		`{"op":"add","path":"members","value":["8"]},{"op":"replace","path":"displayName","value":"x"}`: `{"name":"x"} ignored members`,
		`{"op":"remove","path":"members"}`: `{} ignored members`,
	} {
		if got := outcome(group.Patch(parse(t, `{"Operations":[`+operations+`]}`), nil)); got != want {
			t.Errorf("Patch(%s) = %s, want %s", operations, got, want)
		}
	}
	if got := group.Type.Schema.Attribute("members").Mutability; got != scim.ReadOnly {
		t.Errorf("members is published as %s, want readOnly", got)
	}
}

func TestMemberReader(t *testing.T) {
	t.Parallel()
	m := rich(t).Group.Members
	for _, tt := range []struct{ record, want string }{
		{`{"person":{"id":8,"name":"x"}}`, "8"},
		{`{"id":1,"person":{"id":"a"}}`, "a"},
		{`{"person":{"id":null}}`, ""},
		{`{"person":8}`, ""},
		{`{"id":8}`, ""},
		{`8`, ""},
		{`{`, ""},
	} {
		got, err := m.Reader().ID([]byte(tt.record))
		if got != tt.want || (err == nil) != (tt.want != "") {
			t.Errorf("ID(%s) = %q, %v, want %q", tt.record, got, err, tt.want)
		}
	}
}

// TestMemberReaderCopiesNoRecord: of a large group only the ids are held, and not
// the records of all its members. It is not parallel, since it counts memory.
func TestMemberReaderCopiesNoRecord(t *testing.T) {
	r := rich(t).Group.Members.Reader()
	record := []byte(`{"person":{"id":"a1","name":"` + strings.Repeat("x", 1<<20) + `"}}`)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	id, err := r.ID(record)
	runtime.ReadMemStats(&after)
	if got := after.TotalAlloc - before.TotalAlloc; id != "a1" || err != nil || got > 1<<18 {
		t.Errorf("ID() = %q, %v, and took %d bytes of memory for a record of %d", id, err, got, len(record))
	}
}

func TestPayload(t *testing.T) {
	t.Parallel()
	group := rich(t).Group
	if got, want := string(group.Members.Add.Payload(group.IDValue("1"), values(group, "8", "x", "010"))), `{"ids":[8,"x","010"]}`; got != want {
		t.Errorf("Add.Payload = %s, want %s", got, want)
	}
	if got, want := string(group.Members.Remove.Payload(group.IDValue("1"), values(group, "8"))), `{"remove":{"id":8}}`; got != want {
		t.Errorf("Remove.Payload = %s, want %s", got, want)
	}
	if got := shipped(t).Group.Members.Remove.Payload(group.IDValue("1"), values(group, "8")); got != nil {
		t.Errorf("Payload of a call without a body = %s, want none", got)
	}
}
