package mapping

import (
	"strings"
	"testing"

	"hostscim/adapter/scim"
)

const (
	work   = `emails[type eq \"work\"].value`
	number = enterpriseURN + `:employeeNumber`
)

// patchCase is the operations of a PATCH body and what they come to.
type patchCase struct{ name, operations, want string }

func runPatch(t *testing.T, table *Table, cases []patchCase) {
	t.Helper()
	for _, tt := range cases {
		t.Run(tt.name, func(t *testing.T) {
			body := parse(t, `{"schemas":["`+scim.PatchOpURN+`"],"Operations":[`+tt.operations+`]}`)
			if got := outcome(table.Patch(body, nil)); got != tt.want {
				t.Errorf("Patch(%s)\n got %s\nwant %s", tt.operations, got, tt.want)
			}
		})
	}
}

// TestPatchUser holds the requests of Entra, in both its dialects, and of the
// clients like it. None of them needs to know the record.
func TestPatchUser(t *testing.T) {
	t.Parallel()
	runPatch(t, rich(t).User, []patchCase{
		{"legacy style, one operation per attribute", `
			{"op":"Replace","path":"displayName","value":"Pvlo"},
			{"op":"Replace","path":"` + work + `","value":"b@example.com"},
			{"op":"Replace","path":"name.givenName","value":"Gtfd"},
			{"op":"Replace","path":"name.familyName","value":"Pkqf"},
			{"op":"Replace","path":"externalId","value":"Eqpj"},
			{"op":"Replace","path":"` + number + `","value":"17"}`,
			`{"custom_fields":{"external_id":"Eqpj","display_name":"Pvlo","number":"17"},"name":{"first":"Gtfd","last":"Pkqf"},"email":"b@example.com"}`},
		{"compliant style, a map with dotted and URN keys", `
			{"op":"replace","path":"` + work + `","value":"b@example.com"},
			{"op":"replace","value":{"displayName":"Bjfe","name.givenName":"Kkom","name.familyName":"Unua","` + number + `":"Aklq"}}`,
			`{"custom_fields":{"display_name":"Bjfe","number":"Aklq"},"name":{"first":"Kkom","last":"Unua"},"email":"b@example.com"}`},
		{"compliant style, add and replace in one request", `
			{"op":"add","value":{"title":"Host","nickName":"Babs"}},
			{"op":"replace","value":{"nickName":"Bab"}}`,
			`{"custom_fields":{"nick_name":"Bab","title":"Host"}}`},
		{"bracket path as a key of the map", `{"op":"replace","value":{"` + work + `":"b@example.com","active":false}}`,
			`{"visible":false,"email":"b@example.com"}`},
		{"single value that is absent", `{"op":"Add","path":"nickName","value":"Babs"}`, `{"custom_fields":{"nick_name":"Babs"}}`},
		{"a leaver stays hidden when active is removed", `{"op":"remove","path":"active"}`, `{} ignored active`},
		{"a key that is no path stops nothing", `{"op":"replace","value":{"no path":"x","active":false}}`, `{"visible":false} ignored (a name that is no attribute)`},
		{"an empty list for one value", `{"op":"replace","path":"nickName","value":[]}`, `{"custom_fields":{"nick_name":null}}`},
		{"userName", `{"op":"replace","value":{"userName":"bjensen@example.com"}}`, `{"login":"bjensen@example.com"}`},
		{"any letter case", `{"OP":"rEPLACE","Path":"EMAILS[Type EQ \"Work\"].Value","VALUE":"b@example.com"}`, `{"email":"b@example.com"}`},
		{"any letter case of keys", `{"op":"ADD","value":{"NAME.GIVENNAME":"B","` + strings.ToUpper(enterpriseURN) + `:DEPARTMENT":"Front desk"}}`,
			`{"name":{"first":"B"},"custom_fields":{"department":"Front desk"}}`},

		{"one mail of two", `{"op":"Replace","path":"emails[type eq \"other\"].value","value":"o@example.com"}`, `{"custom_fields":{"other_email":"o@example.com"}}`},
		{"created where none is", `{"op":"Add","path":"phoneNumbers[type eq \"mobile\"].value","value":"+1 (555) 010-0100"}`,
			`{"custom_fields":{"mobile":"+1 (555) 010-0100"}}`},
		{"several sub-attributes", `
			{"op":"Add","path":"addresses[type eq \"work\"].streetAddress","value":"1 Main St"},
			{"op":"Add","path":"addresses[type eq \"work\"].locality","value":"Springfield"},
			{"op":"Replace","path":"addresses[type eq \"work\"].postalCode","value":"12345"}`,
			`{"custom_fields":{"street":"1 Main St","city":"Springfield","zip":"12345"}}`},
		{"type in brackets without a place", `{"op":"Add","path":"phoneNumbers[type eq \"fax\"].value","value":"1"},{"op":"Replace","path":"active","value":"False"}`,
			`{"visible":false} ignored phoneNumbers[type eq "fax"].value`},
		{"primary eq true", `{"op":"replace","path":"emails[primary eq true].value","value":"b@example.com"}`, `{"email":"b@example.com"}`},
		{"primary eq quoted True", `{"op":"Replace","path":"roles[primary eq \"True\"].value","value":"Admin"},{"op":"add","path":"roles[primary eq \"True\"].display","value":"Administrator"}`,
			`{"custom_fields":{"role":"Admin","role_name":"Administrator"}}`},
		{"primary eq false, which no element says", `{"op":"replace","path":"emails[primary eq false].value","value":"b@example.com"}`, `{} ignored emails.value`},
		{"the primary mark itself", `{"op":"add","path":"emails[type eq \"work\"].primary","value":true}`, `{}`},
		{"type and primary", `{"op":"add","path":"emails[type eq \"work\" and primary eq true].value","value":"b@example.com"}`, `{"email":"b@example.com"}`},
		{"a whole element", `{"op":"replace","path":"addresses[type eq \"work\"]","value":{"type":"work","locality":"Springfield","country":"X"}}`,
			`{"custom_fields":{"city":"Springfield"}} ignored addresses.country`},
		{"a list of roles with text for JSON", `{"op":"Add","path":"roles","value":[{"value":"{\"id\":\"1\",\"value\":\"25\"}"}]}`,
			`{"custom_fields":{"role":"{\"id\":\"1\",\"value\":\"25\"}"}}`},
		{"a list of roles", `{"op":"replace","path":"roles","value":[{"primary":"True","type":"WindowsAzureActiveDirectoryRole","display":"Admin","value":"admin"}]}`,
			`{"custom_fields":{"role":"admin","role_name":"Admin"}}`},
		{"a list of mails replaces", `{"op":"replace","path":"emails","value":[{"type":"work","value":"b@example.com"}]}`, `{"email":"b@example.com","custom_fields":{"other_email":null}}`},
		{"a list of mails adds", `{"op":"add","path":"emails","value":[{"type":"Work","value":"b@example.com"}]}`, `{"email":"b@example.com"}`},
		{"an empty list clears", `{"op":"replace","path":"phoneNumbers","value":[]}`, `{"phone":null,"custom_fields":{"mobile":null}}`},

		{"name merges", `{"op":"replace","path":"name","value":{"familyName":"Jensen"}}`, `{"name":{"last":"Jensen"}}`},
		{"name in a map merges", `{"op":"replace","value":{"name":{"familyName":"Jensen","formatted":"B Jensen"}}}`, `{"name":{"last":"Jensen"}} ignored name.formatted`},
		{"enterprise with a colon", `{"op":"Add","path":"` + enterpriseURN + `:department","value":"Retail"}`, `{"custom_fields":{"department":"Retail"}}`},
		{"enterprise with a dot", `{"op":"Add","path":"` + enterpriseURN + `.department","value":"Retail"}`, `{"custom_fields":{"department":"Retail"}}`},
		{"enterprise with a dot as a key", `{"op":"add","value":{"` + enterpriseURN + `.department":"Retail"}}`, `{"custom_fields":{"department":"Retail"}}`},
		{"enterprise as an object", `{"op":"replace","value":{"` + enterpriseURN + `":{"department":"Retail","manager":{"value":"9"}}}}`,
			`{"custom_fields":{"department":"Retail","manager_id":"9"}}`},
		{"enterprise as a path", `{"op":"add","path":"` + enterpriseURN + `","value":{"employeeNumber":"17","costCenter":"4"}}`,
			`{"custom_fields":{"number":"17"}} ignored ` + enterpriseURN + `:costCenter`},
		{"the core schema as a prefix", `{"op":"replace","path":"` + scim.UserURN + `:name.givenName","value":"B"}`, `{"name":{"first":"B"}}`},
		{"custom extension", `{"op":"Add","path":"urn:ietf:params:scim:schemas:extension:Acme:2.0:User:badge","value":"7"},{"op":"Add","path":"title","value":"Host"}`,
			`{"custom_fields":{"title":"Host"}} ignored urn:ietf:params:scim:schemas:extension:Acme:2.0:User:badge`},

		{"disable, legacy", `{"op":"Replace","path":"active","value":"False"}`, `{"visible":false}`},
		{"disable, compliant", `{"op":"replace","path":"active","value":false}`, `{"visible":false}`},
		{"disable, add", `{"op":"Add","path":"active","value":"false"}`, `{"visible":false}`},
		{"disable, map", `{"op":"replace","value":{"active":false}}`, `{"visible":false}`},
		{"disable, value in a list", `{"op":"replace","path":"active","value":["False"]}`, `{"visible":false}`},
		{"restore with other changes", `{"op":"Replace","path":"active","value":"True"},{"op":"Replace","path":"title","value":"Host"}`,
			`{"custom_fields":{"title":"Host"},"visible":true}`},
		{"active null", `{"op":"replace","path":"active","value":null}`, `{}`},

		{"cleared with empty text", `{"op":"replace","path":"nickName","value":""}`, `{"custom_fields":{"nick_name":null}}`},
		{"cleared with null", `{"op":"replace","path":"nickName","value":null}`, `{"custom_fields":{"nick_name":null}}`},
		{"cleared in a map", `{"op":"replace","value":{"nickName":"","title":null,"active":true}}`, `{"custom_fields":{"nick_name":null,"title":null},"visible":true}`},
		{"removed with a stray value", `{"op":"Remove","path":"emails[type eq \"work\"].value","value":"b@example.com"}`, `{"email":null}`},
		{"removed with a stray value, single", `{"op":"remove","path":"nickName","value":"Babs"}`, `{"custom_fields":{"nick_name":null}}`},
		{"removed element", `{"op":"remove","path":"addresses[type eq \"work\"]"}`, `{"custom_fields":{"street":null,"city":null,"zip":null,"address":null}}`},
		{"removed attribute", `{"op":"remove","path":"emails"}`, `{"email":null,"custom_fields":{"other_email":null}}`},
		{"removed sub-attribute", `{"op":"remove","path":"name.givenName"}`, `{"name":{"first":null}}`},
		{"removed extension", `{"op":"remove","path":"` + enterpriseURN + `"}`, `{"custom_fields":{"number":null,"department":null,"manager_id":null}}`},
		{"removed element without a place", `{"op":"remove","path":"phoneNumbers[type eq \"fax\"]"}`, `{}`},
		{"removed unknown", `{"op":"remove","path":"badge"}`, `{} ignored badge`},

		{"order: the last counts", `
			{"op":"remove","path":"externalId"},
			{"op":"add","value":{"externalId":"a"}},
			{"op":"replace","value":{"externalId":"b"}}`, `{"custom_fields":{"external_id":"b"}}`},
		{"order: removed at last", `{"op":"add","path":"nickName","value":"a"},{"op":"remove","path":"nickName"}`, `{"custom_fields":{"nick_name":null}}`},
		{"order: different attributes", `{"op":"remove","path":"nickName"},{"op":"add","value":{"externalId":"x"}},{"op":"replace","value":{"displayName":"y"}}`,
			`{"custom_fields":{"external_id":"x","display_name":"y","nick_name":null}}`},
		{"unknown attribute beside active", `{"op":"Add","path":"badge","value":"x"},{"op":"Replace","path":"active","value":"False"}`, `{"visible":false} ignored badge`},
		{"unknown key beside active", `{"op":"replace","value":{"badge":{"a":1},"active":false}}`, `{"visible":false} ignored badge`},
		{"Okta: id, schemas and groups in the value", `{"op":"replace","value":{"id":"7","schemas":["x"],"groups":[],"meta":{"resourceType":"User"},"active":false}}`, `{"visible":false}`},
		{"no operations", ``, `{}`},
	})
}

// TestPatchManager holds every way in which a manager is set and taken away.
func TestPatchManager(t *testing.T) {
	t.Parallel()
	const set, cleared = `{"custom_fields":{"manager_id":"9"}}`, `{"custom_fields":{"manager_id":null}}`
	manager := `"path":"` + enterpriseURN + `:manager"`
	runPatch(t, rich(t).User, []patchCase{
		{"bare text", `{"op":"Add",` + manager + `,"value":"9"}`, set},
		{"bare number", `{"op":"Add",` + manager + `,"value":9}`, set},
		{"object", `{"op":"replace",` + manager + `,"value":{"value":"9"}}`, set},
		{"list of an object", `{"op":"Add",` + manager + `,"value":[{"value":"9"}]}`, set},
		{"list of text", `{"op":"Add",` + manager + `,"value":["9"]}`, set},
		{"reference beside it", `{"op":"Add",` + manager + `,"value":[{"$ref":"https://scim.example.com/Users/9","value":"9"}]}`,
			set + " ignored " + enterpriseURN + ":manager.$ref"},
		{"without a URN", `{"op":"Add","path":"manager","value":[{"value":"9"}]}`, set},
		{"its value", `{"op":"replace","path":"` + enterpriseURN + `:manager.value","value":"9"}`, set},
		{"with dots", `{"op":"replace","path":"` + enterpriseURN + `.manager","value":"9"}`, set},
		{"in a map", `{"op":"add","value":{"` + enterpriseURN + `:manager":"9"}}`, set},
		{"in a map as an object", `{"op":"add","value":{"` + enterpriseURN + `:manager":{"value":"9"}}}`, set},
		{"empty text", `{"op":"replace",` + manager + `,"value":""}`, cleared},
		{"empty value", `{"op":"replace",` + manager + `,"value":{"value":""}}`, cleared},
		{"null", `{"op":"replace",` + manager + `,"value":null}`, cleared},
		{"null value", `{"op":"replace",` + manager + `,"value":{"value":null}}`, cleared},
		{"list of an empty value", `{"op":"replace",` + manager + `,"value":[{"value":""}]}`, cleared},
		{"remove", `{"op":"remove",` + manager + `}`, cleared},
		{"remove with a value", `{"op":"Remove",` + manager + `,"value":"9"}`, cleared},
		{"remove its value", `{"op":"Remove","path":"` + enterpriseURN + `:manager.value"}`, cleared},
		{"in a map as null", `{"op":"replace","value":{"` + enterpriseURN + `:manager":null}}`, cleared},
	})
}

// TestPatchErrors: a body with a mistake is refused whole, with the kind and
// the operation.
func TestPatchErrors(t *testing.T) {
	t.Parallel()
	user := rich(t).User
	const good = `{"op":"replace","path":"title","value":"x"},`
	for _, tt := range []struct{ name, operations, kind, detail string }{
		{"op missing", `{"path":"title","value":"x"}`, scim.InvalidSyntax, "operation 2: op is missing"},
		{"op of another type", `{"op":1,"path":"title","value":"x"}`, scim.InvalidSyntax, "operation 2: op is missing"},
		{"op unknown", `{"op":"move","path":"title","value":"x"}`, scim.InvalidSyntax, "operation 2: op must be"},
		{"no object", `"replace"`, scim.InvalidSyntax, "operation 2: must be an object"},
		{"path of another type", `{"op":"add","path":["title"],"value":"x"}`, scim.InvalidPath, "operation 2: path must be a string"},
		{"path without an end", `{"op":"add","path":"emails[type eq \"work\"","value":"x"}`, scim.InvalidPath, "operation 2: path is no SCIM path"},
		{"filter syntax", `{"op":"add","path":"emails[type work].value","value":"x"}`, scim.InvalidPath, "operation 2"},
		{"filter type", `{"op":"add","path":"emails[primary gt 1].value","value":"x"}`, scim.InvalidPath, "operation 2: emails.value: position"},
		{"brackets on a single value", `{"op":"add","path":"name[formatted eq \"x\"].givenName","value":"x"}`, scim.InvalidPath, "operation 2"},
		{"value missing", `{"op":"replace","path":"title"}`, scim.InvalidValue, "operation 2: value is missing"},
		{"no path and no object", `{"op":"replace","value":"x"}`, scim.InvalidValue, "operation 2: an operation without a path"},
		{"remove without a path", `{"op":"remove"}`, scim.NoTarget, "operation 2: remove needs a path"},
		{"id", `{"op":"replace","path":"id","value":"9"}`, scim.Mutability, "operation 2: id is read only"},
		{"meta", `{"op":"replace","path":"meta.created","value":"x"}`, scim.Mutability, "operation 2: meta.created is read only"},
		{"groups", `{"op":"add","path":"groups","value":[]}`, scim.Mutability, "operation 2: groups is read only"},
		{"required, removed", `{"op":"remove","path":"userName"}`, scim.Mutability, "userName is required and cannot be removed"},
		{"required, empty", `{"op":"replace","path":"userName","value":""}`, scim.InvalidValue, "userName is required and has no value"},
		{"type of a boolean", `{"op":"replace","path":"active","value":"perhaps"}`, scim.InvalidValue, "operation 2: active must be a boolean"},
		{"type of a text", `{"op":"replace","path":"nickName","value":{"a":1}}`, scim.InvalidValue, "operation 2: nickName must be a string; got an object"},
		{"type of an element", `{"op":"replace","path":"emails","value":[7]}`, scim.InvalidValue, "operation 2: emails must be a list of objects"},
		{"type of a name", `{"op":"replace","path":"name","value":"B Jensen"}`, scim.InvalidValue, "operation 2: name must be an object"},
		{"type of an extension", `{"op":"replace","path":"` + enterpriseURN + `","value":"x"}`, scim.InvalidValue, "operation 2: " + enterpriseURN + " must be an object"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := user.Patch(parse(t, `{"Operations":[`+good+tt.operations+`]}`), nil)
			e, ok := err.(*scim.Error)
			if !ok || e.Status != 400 || e.Type != tt.kind || !strings.Contains(e.Detail, tt.detail) {
				t.Fatalf("Patch(%s) = %s, want %s: %s", tt.operations, outcome(got, err), tt.kind, tt.detail)
			}
			if strings.HasPrefix(tt.detail, "operation") && (got.Record() || !got.Members.Empty()) {
				t.Errorf("Patch(%s) changes %v beside its error", tt.operations, got.Paths())
			}
		})
	}
	for body, want := range map[string]string{
		`[]`:                 "error invalidSyntax: the body must be an object; got an array",
		`{}`:                 "error invalidSyntax: Operations must be a list of operations; got nothing",
		`{"Operations":{}}`:  "error invalidSyntax: Operations must be a list of operations; got an object",
		`{"members":"x"}`:    "error invalidSyntax: Operations must be a list of operations; got nothing",
		`{"operations":[]}`:  "{}",
		`{"members":["17"]}`: "{} ignored members",
	} {
		if got := outcome(user.Patch(parse(t, body), nil)); got != want {
			t.Errorf("Patch(%s) = %s, want %s", body, got, want)
		}
	}
}
