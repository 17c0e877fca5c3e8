package mapping

import (
	"testing"

	"hostscim/adapter/scim"
)

// TestListPatch holds PATCH of a whole list to RFC 7644 section 3.5.2. The
// list has a (xmpp), b (icq, primary) and c, unless the test says otherwise.
func TestListPatch(t *testing.T) {
	t.Parallel()
	user := table(t, "userName: {legacy: login}\nims: {legacy: ims, each: {value: v, type: t, primary: p, display: d}}\nroles: {legacy: roles, each: value, required: true}\n"+
		"photos: {legacy: photos, read_only: true}\nentitlements: {legacy: tags, each: value, join: \",\"}")
	const (
		a, b, c = `{"v":"a","t":"xmpp"}`, `{"v":"b","t":"icq","p":true}`, `{"v":"c"}`
		record  = `{"id":7,"ims":[` + a + `,` + b + `,` + c + `],"roles":["x"],"tags":"a,b"}`
		same    = `{}`
	)
	ims := func(elements string) string { return `{"ims":[` + elements + `]}` }
	const noTarget = "error noTarget: operation 1: no element of ims matches the filter in the path"
	for _, tt := range []struct {
		name, op, path, value string
		blind                 bool // works without the record
		want                  string
	}{
		{"add", "add", "ims", `[{"value":"d","type":"qq"}]`, false, ims(a + "," + b + "," + c + `,{"v":"d","t":"qq"}`)},
		{"add one object", "add", "ims", `{"value":"d"}`, false, ims(a + "," + b + "," + c + `,{"v":"d"}`)},
		{"add a bare value", "add", "ims", `"d"`, false, ims(a + "," + b + "," + c + `,{"v":"d"}`)},
		{"add what is there", "add", "ims", `[{"type":"xmpp","value":"a"},{"value":"c"}]`, false, same},
		{"add a value of another type", "add", "ims", `{"value":"a","type":"icq"}`, false, ims(a + "," + b + "," + c + `,{"v":"a","t":"icq"}`)},
		{"add nothing", "add", "ims", `[]`, true, same},
		{"add a new primary", "add", "ims", `{"value":"d","primary":true}`, false, ims(a + `,{"v":"b","t":"icq","p":false},` + c + `,{"v":"d","p":true}`)},
		{"add what is there as primary", "add", "ims", `{"value":"a","type":"xmpp","primary":"True"}`, false, ims(`{"v":"a","t":"xmpp","p":true},{"v":"b","t":"icq","p":false},` + c)},
		{"add what has a wrong type", "add", "ims", `{"value":true}`, true, "error invalidValue: operation 1: ims.value must be a string; got a boolean"},
		{"add a list in a list", "add", "ims", `[["a"]]`, true, "error invalidValue: operation 1: ims must be a list of objects; got an array in it"},
		{"replace", "replace", "ims", `[{"value":"d"},{"value":"e","primary":true},{"value":"f","primary":true}]`, true, ims(`{"v":"d"},{"v":"e","p":false},{"v":"f","p":true}`)},
		{"replace by nothing", "replace", "ims", `[]`, true, ims("")},
		{"replace by null", "replace", "ims", `null`, true, ims("")},
		{"replace by itself", "replace", "ims", `[{"value":"a","type":"xmpp"},{"value":"b","type":"icq","primary":true},{"value":"c"}]`, true, same},
		{"no path", "replace", "", `{"ims":[{"value":"d"}],"userName":"u"}`, true, `{"login":"u","ims":[{"v":"d"}]}`},
		{"replace a required list by nothing", "replace", "roles", `[]`, true, "error invalidValue: roles is required and has no value; map it to a source attribute that every object has"},

		{"sub-attribute by type", "replace", `ims[type eq "ICQ"].value`, `"d"`, false, ims(a + `,{"v":"d","t":"icq","p":true},` + c)},
		{"sub-attribute by value", "add", `ims[value eq "c"].type`, `"qq"`, false, ims(a + "," + b + `,{"v":"c","t":"qq"}`)},
		{"primary moves", "replace", `ims[type eq "xmpp"].primary`, `"True"`, false, ims(`{"v":"a","t":"xmpp","p":true},{"v":"b","t":"icq","p":false},` + c)},
		{"primary goes", "replace", `ims[type eq "icq"].primary`, `false`, false, ims(a + `,{"v":"b","t":"icq","p":false},` + c)},
		{"a value is cleared and the element with it", "replace", `ims[type eq "xmpp"].value`, `""`, false, ims(b + "," + c)},
		{"an element that is not there is made", "replace", `ims[type eq "qq"].value`, `"d"`, false, ims(a + "," + b + "," + c + `,{"v":"d","t":"qq"}`)},
		{"and as primary", "add", `ims[primary eq true and type eq "qq"].value`, `"d"`, false, ims(a + `,{"v":"b","t":"icq","p":false},` + c + `,{"v":"d","t":"qq","p":true}`)},
		{"with an object", "add", `ims[type eq "qq"]`, `{"value":"d","display":"D"}`, false, ims(a + "," + b + "," + c + `,{"v":"d","t":"qq","d":"D"}`)},
		{"but not to be cleared", "replace", `ims[type eq "qq"].value`, `null`, false, same},
		{"nor of two types", "add", `ims[type eq "qq" and type eq "msn"].value`, `"d"`, false, noTarget},
		{"nor selected by a value", "replace", `ims[value eq "z"].type`, `"qq"`, false, noTarget},
		{"nor by other operators", "replace", `ims[type sw "q"].value`, `"d"`, false, noTarget},
		{"nor by or", "add", `ims[type eq "qq" or type eq "msn"].value`, `"d"`, false, noTarget},
		{"add to an element", "add", `ims[type eq "icq"]`, `{"display":"B"}`, false, ims(a + `,{"v":"b","t":"icq","p":true,"d":"B"},` + c)},
		{"replace an element", "replace", `ims[type eq "icq"]`, `{"display":"B"}`, false, ims(a + `,{"t":"icq","p":true,"d":"B"},` + c)},
		{"a sub-attribute of all", "replace", "ims.display", `"D"`, false, ims(`{"v":"a","t":"xmpp","d":"D"},{"v":"b","t":"icq","p":true,"d":"D"},{"v":"c","d":"D"}`)},
		{"an unknown sub-attribute", "replace", "ims[type eq \"icq\"].colour", `"D"`, true, same + ` ignored ims[type eq "icq"].colour`},
		{"a filter that is none", "replace", `ims[colour eq "x"].value`, `"D"`, true, same + ` ignored ims.value`},

		{"remove all", "remove", "ims", "", true, ims("")},
		{"remove by filter", "remove", `ims[type eq "icq" or value eq "c"]`, "", false, ims(a)},
		{"remove what is not there", "remove", `ims[type eq "qq"]`, "", false, same},
		{"remove a sub-attribute", "remove", `ims[type eq "icq"].primary`, "", false, ims(a + `,{"v":"b","t":"icq"},` + c)},
		{"remove a sub-attribute of all", "remove", "ims.value", "", false, ims("")},
		{"remove listed ones", "remove", "ims", `[{"value":"a"},{"value":"b","type":"xmpp"}]`, false, ims(b + "," + c)},
		{"remove what is listed wrongly", "remove", "ims", `["a"]`, true, "error invalidValue: operation 1: ims: the value of remove must list objects"},
		{"remove a required list", "remove", "roles", "", true, "error mutability: roles is required and cannot be removed"},
		{"remove all of a required list", "remove", `roles[value pr]`, "", false, "error mutability: roles is required and cannot be removed"},

		{"plain values", "add", "roles", `[{"value":"y"},{"value":"x"}]`, false, `{"roles":["x","y"]}`},
		{"a plain value", "replace", `roles[value eq "x"].value`, `"z"`, false, `{"roles":["z"]}`},
		{"a type that is not kept", "add", `roles[type eq "t"].value`, `"z"`, false, "error noTarget: operation 1: no element of roles matches the filter in the path"},
		{"one text", "add", "entitlements", `"c"`, false, `{"tags":"a,b,c"}`},
		{"what would be cut", "add", "entitlements", `"c,d"`, true, `error invalidValue: operation 1: entitlements.value cannot hold ",", which the legacy API puts between two of them; remove it at the source`},
		{"remove from one text", "remove", `entitlements[value ew "A"]`, "", false, `{"tags":"b"}`},
		{"read only", "add", "photos", `[{"value":"x"}]`, true, same + ` ignored photos`},
		{"remove what is read only", "remove", "photos", "", true, same + ` ignored photos`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path := ""
			if tt.path != "" {
				path = `"path":` + quote(tt.path) + `,`
			}
			if tt.value == "" {
				tt.value = "null"
			}
			body := parse(t, `{"Operations":[{"op":"`+tt.op+`",`+path+`"value":`+tt.value+`}]}`)
			values := read(t, user, record)
			if got := outcome(user.Patch(body, &Current{Values: &values})); got != tt.want {
				t.Errorf("Patch(%s) =\n%s, want\n%s", body, got, tt.want)
			}
			blind := outcome(user.Patch(body, nil))
			if needs := blind == "needs the record"; needs == tt.blind {
				t.Errorf("Patch(%s) without the record = %s", body, blind)
			}
		})
	}
}

// TestListPatchInOrder: what one operation says of the list the next one
// knows, without the record.
func TestListPatchInOrder(t *testing.T) {
	t.Parallel()
	user := table(t, "userName: {legacy: login}\nims: {legacy: ims}")
	for operations, want := range map[string]string{
		`{"op":"replace","path":"ims","value":["a"]},{"op":"add","path":"ims","value":["b"]},{"op":"remove","path":"ims[value eq \"a\"]"}`: `{"ims":[{"value":"b"}]}`,
		`{"op":"remove","path":"ims"},{"op":"add","path":"ims.value","value":"b"}`:                                                         `{"ims":[{"value":"b"}]}`,
		`{"op":"remove","path":"ims"},{"op":"add","path":"ims[value sw \"a\"].type","value":"qq"}`:                                         "error noTarget: operation 2: no element of ims matches the filter in the path",
		`{"op":"add","path":"ims","value":["a"]},{"op":"replace","path":"ims","value":["b"]}`:                                              "needs the record",
	} {
		if got := outcome(user.Patch(parse(t, `{"Operations":[`+operations+`]}`), nil)); got != want {
			t.Errorf("Patch(%s) = %s, want %s", operations, got, want)
		}
	}
}

func quote(text string) string { return string(scim.AppendString(nil, text)) }
