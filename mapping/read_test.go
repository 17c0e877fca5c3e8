package mapping

import (
	"errors"
	"strings"
	"testing"

	"hostscim/adapter/scim"
)

// TestResource: attributes in the order of the table, canonical types, and
// nothing that is not there.
func TestResource(t *testing.T) {
	t.Parallel()
	c := rich(t)
	for _, tt := range []struct {
		name   string
		table  *Table
		record string
		whole  Whole
		want   string
	}{
		{"everything", c.User, `{
			"unknown":{"deep":[1,{"a":"b"}]},
			"custom_fields":{"manager_id":"9","department":"Retail","number":"0017","external_id":"x","role":"admin","role_name":"Admin",
				"zip":12345,"city":"Springfield","street":"1 Main St","mobile":"+1 (555) 010-0100","other_email":"o@example.com","title":"Host","nick_name":"Babs","display_name":"Babs J"},
			"phone":"555","email":"B@Example.com","name":{"last":"Jensen","middle":"x","first":"Bärbel"},"visible":false,"login":"bjensen","id":7,
			"created_at":"2026-01-31T12:00:00.123+01:00","updated_at":"2026-02-01T00:00:00Z"}`,
			Whole{Location: "https://scim.example.com/Users/7", WithMembers: true},
			`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","` + enterpriseURN + `"],"id":"7","userName":"bjensen","externalId":"x","displayName":"Babs J","nickName":"Babs","title":"Host","active":false,` +
				`"name":{"givenName":"Bärbel","familyName":"Jensen"},` +
				`"emails":[{"value":"B@Example.com","type":"work","primary":true},{"value":"o@example.com","type":"other"}],` +
				`"phoneNumbers":[{"value":"555","type":"work","primary":true},{"value":"+1 (555) 010-0100","type":"mobile"}],` +
				`"addresses":[{"streetAddress":"1 Main St","locality":"Springfield","postalCode":"12345","type":"work","primary":true}],` +
				`"roles":[{"value":"admin","display":"Admin","primary":true}],` +
				`"` + enterpriseURN + `":{"employeeNumber":"0017","department":"Retail","manager":{"value":"9"}},` +
				`"meta":{"resourceType":"User","created":"2026-01-31T12:00:00.123+01:00","lastModified":"2026-02-01T00:00:00Z","location":"https://scim.example.com/Users/7","version":"W/\"IzsAwigpwFZWcJG0\""}}`},
		{"nothing", c.User, `{"id":7,"login":"","name":{"first":null},"email":null,"custom_fields":null}`, Whole{},
			`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"id":"7","active":true,"meta":{"resourceType":"User"}}`},
		{"group, members not read", c.Group, `{"id":"g","name":"Front desk"}`, Whole{Members: []string{"1"}},
			`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"id":"g","displayName":"Front desk","meta":{"resourceType":"Group"}}`},
		{"group without members", c.Group, `{"id":"g","name":"Front desk"}`, Whole{WithMembers: true},
			`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"id":"g","displayName":"Front desk","members":[],"meta":{"resourceType":"Group"}}`},
		{"group with members", c.Group, `{"id":"g","name":"Front desk"}`, Whole{WithMembers: true, Members: []string{"7", "x"}},
			`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"id":"g","displayName":"Front desk","members":[{"value":"7","$ref":"/Users/7"},{"value":"x","$ref":"/Users/x"}],"meta":{"resourceType":"Group"}}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.table.Resource(read(t, tt.table, tt.record), tt.whole).String(); got != tt.want {
				t.Errorf("Resource(%s)\n got %s\nwant %s", tt.record, got, tt.want)
			}
		})
	}
}

// TestRead holds the spellings of legacy values, each with its row.
func TestRead(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, rows, record, want string }{
		{"a number as text", "title: {legacy: f}", `{"id":1,"f":1.50}`, `{"title":"1.50"}`},
		{"a large number as text", "title: {legacy: f}", `{"id":1,"f":12345678901234567890}`, `{"title":"12345678901234567890"}`},
		{"an integer as text", "title: {legacy: f, type: integer}", `{"id":1,"f":42}`, `{"title":"42"}`},
		{"white space is kept", "title: {legacy: f}", `{"id":1,"f":" "}`, `{"title":" "}`},
		{"boolean", "active: {legacy: f}", `{"id":1,"f":false}`, `{"active":false}`},
		{"boolean as text", "active: {legacy: f, type: string}", `{"id":1,"f":"TRUE"}`, `{"active":true}`},
		{"boolean as text, false", "active: {legacy: f, type: string}", `{"id":1,"f":"False"}`, `{"active":false}`},
		{"boolean as a number", "active: {legacy: f, type: integer}", `{"id":1,"f":0}`, `{"active":false}`},
		{"boolean as one", "active: {legacy: f, type: integer}", `{"id":1,"f":1}`, `{"active":true}`},
		{"default for null", "active: {legacy: f, default: true}", `{"id":1,"f":null}`, `{"active":true}`},
		{"default for nothing", "active: {legacy: f, default: false}", `{"id":1}`, `{"active":false}`},
		{"default for empty text", "title: {legacy: f, default: Host}", `{"id":1,"f":""}`, `{"title":"Host"}`},
		{"no default for a value", "active: {legacy: f, default: true}", `{"id":1,"f":false}`, `{"active":false}`},
		{"datetime", "meta.created: {legacy: f}", `{"id":1,"f":"2026-01-31T12:00:00.10-05:00"}`, `{"meta":{"resourceType":"User","created":"2026-01-31T12:00:00.10-05:00"}}`},
		{"date", "meta.created: {legacy: f, type: date}", `{"id":1,"f":"2026-01-31"}`, `{"meta":{"resourceType":"User","created":"2026-01-31T00:00:00Z"}}`},
		{"unix", "meta.created: {legacy: f, type: unix}", `{"id":1,"f":1769860800}`, `{"meta":{"resourceType":"User","created":"2026-01-31T12:00:00Z"}}`},
		{"nested", "title: {legacy: a.b.c}", `{"id":1,"a":{"b":{"c":"x","d":1},"c":"y"}}`, `{"title":"x"}`},
		{"nested, null above", "title: {legacy: a.b.c}", `{"id":1,"a":{"b":null}}`, `{}`},
		{"nested, missing", "title: {legacy: a.b.c}", `{"id":1,"a":{}}`, `{}`},
		{"repeated name, the last counts", "title: {legacy: f}", `{"id":1,"f":"a","f":"b"}`, `{"title":"b"}`},
		{"repeated name, null last", "title: {legacy: f}", `{"id":1,"f":"a","f":null}`, `{}`},
		{"repeated name elsewhere", "title: {legacy: f}", `{"id":1,"x":1,"x":2,"f":"a"}`, `{"title":"a"}`},
		{"escapes in a name", `title: {legacy: straße}`, `{"id":1,"stra\u00dfe":"a"}`, `{"title":"a"}`},
		{"escapes in a value", "title: {legacy: f}", `{"id":1,"f":"\u00e4\n\"\ud83d\ude00"}`, `{"title":"ä\n\"😀"}`},
		{"not UTF-8", "title: {legacy: f}", "{\"id\":1,\"x\":\"\xff\",\"f\":\"a\"}", `{"title":"a"}`},
		{"letter case of fields counts", "title: {legacy: f}", `{"id":1,"F":"a"}`, `{}`},
		{"one field read twice", "title: {legacy: f}\nnickName: {legacy: f, read_only: true}", `{"id":1,"f":"a"}`, `{"title":"a","nickName":"a"}`},
		{"the id read too", "externalId: {legacy: id, read_only: true}", `{"id":1}`, `{"externalId":"1"}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			user := table(t, "userName: {legacy: username}\n"+tt.rows)
			if got := attributes(t, user, tt.record); got != tt.want {
				t.Errorf("Read(%s) with %s = %s, want %s", tt.record, tt.rows, got, tt.want)
			}
		})
	}
}

// TestReadShape: a record that is not as the table says is refused with the
// name of the field, and without its value.
func TestReadShape(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, rows, record, field, want string }{
		{"boolean for text", "title: {legacy: f}", `{"id":1,"f":true}`, "f", "legacy field f is a boolean, the table says string"},
		{"object for text", "title: {legacy: f}", `{"id":1,"f":{"hush":1}}`, "f", "legacy field f is an object, the table says string"},
		{"empty object for text", "title: {legacy: f}", `{"id":1,"f":{}}`, "f", "legacy field f is an object, the table says string"},
		{"list for text", "title: {legacy: f}", `{"id":1,"f":["hush"]}`, "f", "legacy field f is an array, the table says string"},
		{"text for boolean", "active: {legacy: f}", `{"id":1,"f":"hush"}`, "f", "legacy field f is a string, the table says boolean"},
		{"other text for boolean", "active: {legacy: f, type: string}", `{"id":1,"f":"hush"}`, "f", "legacy field f is a string, the table says string"},
		{"number for boolean as text", "active: {legacy: f, type: string}", `{"id":1,"f":1}`, "f", "legacy field f is a number, the table says string"},
		{"other number for boolean", "active: {legacy: f, type: integer}", `{"id":1,"f":2}`, "f", "legacy field f is a number, the table says integer"},
		{"text for integer", "title: {legacy: f, type: integer}", `{"id":1,"f":"hush"}`, "f", "legacy field f is a string, the table says integer"},
		{"text for datetime", "meta.created: {legacy: f}", `{"id":1,"f":"hush"}`, "f", "legacy field f is a string, the table says datetime"},
		{"number for datetime", "meta.created: {legacy: f}", `{"id":1,"f":1}`, "f", "legacy field f is a number, the table says datetime"},
		{"datetime for date", "meta.created: {legacy: f, type: date}", `{"id":1,"f":"2026-01-31T00:00:00Z"}`, "f", "legacy field f is a string, the table says date"},
		{"text for unix", "meta.created: {legacy: f, type: unix}", `{"id":1,"f":"1769860800"}`, "f", "legacy field f is a string, the table says unix"},
		{"fraction for unix", "meta.created: {legacy: f, type: unix}", `{"id":1,"f":1.5}`, "f", "legacy field f is a number, the table says unix"},
		{"text for an object", "title: {legacy: a.b}", `{"id":1,"a":"hush"}`, "a", "legacy field a is a string, the table says object"},
		{"list for an object", "title: {legacy: a.b.c}", `{"id":1,"a":{"b":["hush"]}}`, "a.b", "legacy field a.b is an array, the table says object"},
		{"nested field", "title: {legacy: a.b}", `{"id":1,"a":{"b":true}}`, "a.b", "legacy field a.b is a boolean, the table says string"},
		{"no id", "", `{"f":1}`, "id", "legacy field id is nothing, the table says an id"},
		{"null id", "", `{"id":null}`, "id", "legacy field id is nothing, the table says an id"},
		{"empty id", "", `{"id":""}`, "id", "legacy field id is nothing, the table says an id"},
		{"boolean id", "", `{"id":true}`, "id", "legacy field id is nothing, the table says an id"},
		{"list", "", `[{"id":1}]`, "(the record)", "legacy field (the record) is nothing, the table says an object"},
		{"text", "", `"hush"`, "(the record)", "legacy field (the record) is nothing, the table says an object"},
		{"nothing", "", ``, "(the record)", "legacy field (the record) is nothing, the table says an object"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			user := table(t, "userName: {legacy: username}\n"+tt.rows)
			_, err := user.Read([]byte(tt.record))
			var shape *ShapeError
			if !errors.As(err, &shape) || shape.Field != tt.field || err.Error() != tt.want {
				t.Errorf("Read(%s) error = %v, want a ShapeError of %s: %s", tt.record, err, tt.field, tt.want)
			}
		})
	}
	for _, record := range []string{`{`, `{"id":1`, `{"id":1,}`, `{"id":1,"username":}`, `{"id":01}`, `{id:1}`} {
		if _, err := rich(t).User.Read([]byte(record)); err == nil {
			t.Errorf("Read(%s) = nil, want an error", record)
		}
	}
}

func TestID(t *testing.T) {
	t.Parallel()
	of := func(kind string) *Table {
		src := strings.Replace(richSource(t), "    id: id\n", "    id: {legacy: id, type: "+kind+"}\n", 1)
		return load(t, src).User
	}
	for _, tt := range []struct {
		kind, record, want string
		possible           bool // that a client's id so spelt exists
		value              string
	}{
		{"any", `{"id":7}`, "7", true, `7`},
		{"any", `{"id":"7"}`, "7", true, `7`},
		{"any", `{"id":"007"}`, "007", true, `"007"`},
		{"any", `{"id":"a b"}`, "a b", true, `"a b"`},
		{"integer", `{"id":7}`, "7", true, `7`},
		{"integer", `{"id":-7}`, "-7", true, `-7`},
		{"integer", `{"id":0}`, "0", true, `0`},
		{"string", `{"id":"7"}`, "7", true, `"7"`},
	} {
		user := of(tt.kind)
		got := read(t, user, tt.record).ID
		if got != tt.want || user.PossibleID(got) != tt.possible || user.IDValue(got).String() != tt.value {
			t.Errorf("%s id of %s = %q, possible %v, value %s; want %q, %v, %s",
				tt.kind, tt.record, got, user.PossibleID(got), user.IDValue(got), tt.want, tt.possible, tt.value)
		}
	}
	for _, tt := range []struct{ kind, record string }{
		{"integer", `{"id":"7"}`}, {"string", `{"id":7}`}, {"any", `{"id":{}}`}, {"any", `{"id":[7]}`},
		{"any", `{"id":"."}`}, {"string", `{"id":".."}`}, {"string", `{"id":"a\nb"}`}, {"any", `{"id":"a\u0085"}`},
		{"any", `{"id":"` + strings.Repeat("9", 257) + `"}`}, {"integer", `{"id":7.0}`}, {"integer", `{"id":7e1}`}, {"integer", `{"id":-0}`},
		{"integer", `{"id":9223372036854775808}`},
	} {
		var shape *ShapeError
		if _, err := of(tt.kind).Read([]byte(tt.record)); !errors.As(err, &shape) {
			t.Errorf("Read(%s) with an id of type %s = %v, want a ShapeError", tt.record, tt.kind, err)
		}
	}
	for _, id := range []string{"", ".", "..", "a\nb", "a\x00", "\x7f", "a\u0085", strings.Repeat("9", 257)} {
		if rich(t).User.PossibleID(id) {
			t.Errorf("PossibleID(%q) = true, want false", id)
		}
	}
	for _, id := range []string{"abc", "007", "+7", "7.0", " 7", "", "-", "-0", "-07", "00", "99999999999999999999"} {
		if of("integer").PossibleID(id) {
			t.Errorf("PossibleID(%q) of integers = true, want false", id)
		}
	}
}

// TestReadParallel: the decoders that are kept are not shared.
func TestReadParallel(t *testing.T) {
	t.Parallel()
	user := rich(t).User
	for i := range 8 {
		t.Run(scim.Int(i).Text(), func(t *testing.T) {
			t.Parallel()
			for range 200 {
				login := strings.Repeat("x", i+1)
				v := read(t, user, `{"id":1,"login":"`+login+`"}`)
				_, _ = user.Read([]byte(`{"id":1,"login":`))
				if got := user.Resource(v, Whole{}).Get("userName").Text(); got != login {
					t.Fatalf("userName = %s, want %s", got, login)
				}
			}
		})
	}
}

func FuzzRead(f *testing.F) {
	user := rich(f).User
	for _, s := range []string{
		`{"id":7,"login":"b","visible":false,"name":{"first":"x"},"custom_fields":{"zip":1}}`,
		`{"id":"7","created_at":"2026-01-31T12:00:00Z"}`, `{"id":7,"name":[]}`, `{"id":7,"log\u0069n":"x"}`, `[`, `{"id":1e9}`, "{\"id\":\"\xff\"}",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, record []byte) {
		v, err := user.Read(record)
		if err != nil {
			return
		}
		text := user.Resource(v, Whole{}).String()
		if _, err := scim.Parse([]byte(text)); err != nil {
			t.Errorf("Read(%q) gives %s, which is not JSON: %v", record, text, err)
		}
	})
}
