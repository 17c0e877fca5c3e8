package mapping

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"hostscim/adapter/scim"
)

// shapes is the User table of a profile with a row of every shape.
func shapes(t testing.TB) *Table {
	t.Helper()
	src, err := os.ReadFile("testdata/shapes.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return load(t, string(src)).User
}

func TestShapesRead(t *testing.T) {
	t.Parallel()
	user := shapes(t)
	for _, tt := range []struct{ name, record, want string }{
		{"nothing", `{"id":7}`, `{"active":true}`},
		{"nulls", `{"id":7,"full_name":null,"contacts":null,"tags":"","role_names":"","photos":[],"profile":{"ims":null},"options":""}`, `{"active":true}`},
		{"split", `{"id":7,"full_name":"Ada King Noel"}`, `{"name":{"givenName":"Ada","familyName":"King Noel","formatted":"Ada King Noel"},"active":true}`},
		{"split without the separator", `{"id":7,"full_name":"Ada"}`, `{"name":{"givenName":"Ada","formatted":"Ada"},"active":true}`},
		{"split with nothing in front", `{"id":7,"full_name":" Ada"}`, `{"name":{"familyName":"Ada","formatted":" Ada"},"active":true}`},
		{"split at the last", `{"id":7,"place":{"region":"a--b--c"}}`, `{"locale":"a--b","timezone":"c","active":true}`},
		{"one part alone", `{"id":7,"aliases":"a/b/c"}`, `{"nickName":"a","active":true}`},
		{"elements", `{"id":7,"contacts":[null,3,{"kind":"fax"},{"kind":"mail","address":"a@example.com","label":"A"},{"kind":"mail","address":"b@example.com"},{"Kind":"phone"},{"kind":"second ] \"mail\"","address":"c@example.com"}]}`,
			`{"emails":[{"value":"a@example.com","display":"A","type":"work","primary":true},{"value":"c@example.com","type":"other"}],"active":true}`},
		{"an element without the field", `{"id":7,"contacts":[{"kind":"mail"},{"kind":"mail","address":"b@example.com"}]}`, `{"active":true}`},
		{"nested in an element", `{"id":7,"contacts":[{"kind":"phone","number":{"national":"555","x":1}}]}`, `{"phoneNumbers":[{"value":"555","type":"work"}],"active":true}`},
		{"selected by a number and a boolean", `{"id":7,"options":[{"code":"7","on":true},{"code":8,"on":1},{"code":7,"on":false}],"posts":[{"current":false,"name":"old"},{"current":true,"name":"new"}]}`,
			`{"active":false,"userType":"Host","title":"new"}`},
		{"a list", `{"id":7,"profile":{"ims":[{"net":"xmpp","handle":"a","main":false,"x":{"y":[1]},"label":{"text":"A"}},{"handle":""},null,{"handle":7}]}}`,
			`{"active":true,"ims":[{"value":"a","type":"xmpp","primary":false,"display":"A"},{"value":"7"}]}`},
		{"a list with the names of SCIM", `{"id":7,"photos":[{"value":"https://example.com/a.png","type":"photo","Display":"x","primary":true}]}`,
			`{"active":true,"photos":[{"value":"https://example.com/a.png","type":"photo","primary":true}]}`},
		{"plain values", `{"id":7,"tags":["b","",null,"a\u00e9"],"role_names":"x; ; y;z; "}`, `{"active":true,"entitlements":[{"value":"b"},{"value":"aé"}],"roles":[{"value":"x"},{"value":"y;z"}]}`},
		{"a list in an element", `{"id":7,"contacts":[{"kind":"post","places":[{"city":"Bath","kind":"home"}]}]}`, `{"active":true,"addresses":[{"locality":"Bath","type":"home"}]}`},
		{"a name twice", `{"id":7,"tags":["a"],"tags":["b"]}`, `{"active":true,"entitlements":[{"value":"b"}]}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := attributes(t, user, tt.record); got != tt.want {
				t.Errorf("Read(%s) =\n%s, want\n%s", tt.record, got, tt.want)
			}
		})
	}
}

func TestShapesReadFaults(t *testing.T) {
	t.Parallel()
	user := shapes(t)
	for record, want := range map[string]string{
		`{"id":7,"contacts":{"kind":"mail"}}`:                       "legacy field contacts is an object, the table says a list",
		`{"id":7,"contacts":"mail"}`:                                "legacy field contacts is a string, the table says a list",
		`{"id":7,"contacts":[{"kind":"mail","address":{}}]}`:        `legacy field contacts[kind eq "mail"].address is an object, the table says string`,
		`{"id":7,"tags":{"a":1}}`:                                   "legacy field tags is an object, the table says a list",
		`{"id":7,"tags":"a"}`:                                       "legacy field tags is a string, the table says a list",
		`{"id":7,"tags":[{}]}`:                                      "legacy field tags is an object, the table says string",
		`{"id":7,"role_names":["a"]}`:                               "legacy field role_names is an array, the table says a text",
		`{"id":7,"photos":["a"]}`:                                   "legacy field photos[] is a string, the table says an object",
		`{"id":7,"photos":[{"primary":"yes"}]}`:                     "legacy field photos.primary is a string, the table says boolean",
		`{"id":7,"full_name":["Ada"]}`:                              "legacy field full_name is an array, the table says string",
		`{"id":7,"tags":["a"`:                                       "reading a legacy record",
		`{"id":7,"tags":[` + strings.Repeat("[", 100) + `}`:         "reading a legacy record",
		`{"id":7,"photos":[{"value":` + strings.Repeat("[", 20_000): "reading a legacy record",
		`{"id":7,"photos":` + strings.Repeat(`[{"a":`, 40_000):      "reading a legacy record",
	} {
		_, err := user.Read([]byte(record))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Read(%.80s) error = %v, want %q in it", record, err, want)
		}
	}
}

func TestShapesCreate(t *testing.T) {
	t.Parallel()
	user := shapes(t)
	body := parse(t, `{"userName":"ada","name":{"familyName":"King","givenName":"Ada"},"timezone":"c","active":false,"userType":"Guest","title":"Host",
		"emails":[{"type":"other","value":"o@example.com"},{"type":"work","value":"w@example.com","display":"W"}],"phoneNumbers":[{"type":"work","value":"555"}],
		"ims":[{"type":"xmpp","value":"a"},{"value":"b","primary":true,"display":"B"},{"value":"a","type":"xmpp","primary":true},{}],"photos":[],
		"entitlements":["b",{"value":"a","display":"ignored"},"b"],"roles":[{"value":"x"},{"value":"y"}],"addresses":{"locality":"Bath","country":"GB"},
		"`+enterpriseURN+`":{"costCenter":"9","division":"D"}}`)
	want := `{"login":"ada","full_name":"Ada King","place":{"region":"--c"},` +
		`"contacts":[{"kind":"mail","address":"w@example.com","label":"W"},{"kind":"second ] \"mail\"","address":"o@example.com"},{"kind":"phone","number":{"national":"555"}},{"kind":"post","places":[{"city":"Bath"}]}],` +
		`"options":[{"code":7,"on":false},{"code":8,"on":0}],"posts":[{"current":true,"name":"Host"}],` +
		`"profile":{"ims":[{"handle":"a","net":"xmpp","main":true},{"handle":"b","main":false,"label":{"text":"B"}}]},` +
		`"tags":["b","a"],"role_names":"x; y","fields":[{"key":"cost_center","value":"9"},{"key":"division","value":"D"}]}` +
		` ignored entitlements.display, addresses.country`
	if diff := cmp.Diff(want, outcome(user.Create(body))); diff != "" {
		t.Errorf("Create (-want +got):\n%s", diff)
	}
}

// knownRecord is a record whose every field has more than the table knows.
const knownRecord = `{"id":7,"login":"ada","full_name":"Ada King","place":{"region":"a--b","z":1},"aliases":"a/b/c",` +
	`"contacts":[{"kind":"fax","n":1},{"v":9,"kind":"mail","address":"w@example.com","label":"W"},{"kind":"phone","number":{"national":"555"}},{"kind":"second ] \"mail\"","address":"o@example.com","label":null}],` +
	`"profile":{"ims":[{"net":"xmpp","handle":"a","seen":1},{"net":"icq","handle":"b","main":true,"seen":2}],"p":0},"tags":["a","b"],"role_names":"x; y",` +
	`"fields":[{"key":"cost_center","value":"9","id":3},{"key":"division","value":"D"}],"last":true}`

// TestShapesUpdate: of a field that other things share, an update sends all
// of it, as it was but for what changes.
func TestShapesUpdate(t *testing.T) {
	t.Parallel()
	user := shapes(t)
	for _, tt := range []struct {
		name, operations string
		reads            bool // the body cannot be made without the record
		want             string
	}{
		{"plain", `{"op":"replace","path":"userName","value":"b"}`, false, `{"login":"b"}`},
		{"one part", `{"op":"replace","path":"name.familyName","value":"Noel"}`, true, `{"full_name":"Ada Noel"}`},
		{"both parts", `{"op":"replace","path":"name","value":{"familyName":"Noel","givenName":"Eve"}}`, false, `{"full_name":"Eve Noel"}`},
		{"one part cleared", `{"op":"remove","path":"name.familyName"}`, true, `{"full_name":"Ada"}`},
		{"the other cleared", `{"op":"remove","path":"name.givenName"}`, true, `{"full_name":" King"}`},
		{"both cleared", `{"op":"remove","path":"name.givenName"},{"op":"remove","path":"name.familyName"}`, false, `{"full_name":null}`},
		{"at the last", `{"op":"add","path":"timezone","value":" c "}`, true, `{"place":{"region":"a--c"}}`},
		{"a part that has no other row", `{"op":"add","path":"nickName","value":"z"}`, true, `{"aliases":"z/b/c"}`},
		{"an element", `{"op":"replace","path":"emails[type eq \"work\"].value","value":"n@example.com"}`, true,
			`{"contacts":[{"kind":"fax","n":1},{"v":9,"kind":"mail","address":"n@example.com","label":"W"},{"kind":"phone","number":{"national":"555"}},{"kind":"second ] \"mail\"","address":"o@example.com","label":null}]}`},
		{"fields of an element cleared", `{"op":"remove","path":"emails[type eq \"work\"]"}`, true,
			`{"contacts":[{"kind":"fax","n":1},{"v":9,"kind":"mail","address":null,"label":null},{"kind":"phone","number":{"national":"555"}},{"kind":"second ] \"mail\"","address":"o@example.com","label":null}]}`},
		{"the last field of an element cleared", `{"op":"remove","path":"phoneNumbers"}`, true,
			`{"contacts":[{"kind":"fax","n":1},{"v":9,"kind":"mail","address":"w@example.com","label":"W"},{"kind":"second ] \"mail\"","address":"o@example.com","label":null}]}`},
		{"a field that no row has keeps the element", `{"op":"remove","path":"emails[type eq \"other\"].value"}`, true,
			`{"contacts":[{"kind":"fax","n":1},{"v":9,"kind":"mail","address":"w@example.com","label":"W"},{"kind":"phone","number":{"national":"555"}},{"kind":"second ] \"mail\"","address":null,"label":null}]}`},
		{"an element that is not there", `{"op":"add","path":"title","value":"Host"}`, true, `{"posts":[{"current":true,"name":"Host"}]}`},
		{"an element that is not there cleared", `{"op":"remove","path":"title"}`, true, `{}`},
		{"keys and values", `{"op":"remove","path":"` + enterpriseURN + `:division"},{"op":"add","path":"` + enterpriseURN + `:costCenter","value":"10"}`, true,
			`{"fields":[{"key":"cost_center","value":"10","id":3}]}`},
		{"a list replaced", `{"op":"replace","path":"ims","value":[{"value":"c"},{"value":"b","type":"icq","primary":true}]}`, false,
			`{"profile":{"ims":[{"handle":"c"},{"net":"icq","handle":"b","main":true,"seen":2}]}}`},
		{"an element of a list changed", `{"op":"replace","path":"ims[type eq \"icq\"].display","value":"B"}`, false,
			`{"profile":{"ims":[{"net":"xmpp","handle":"a","seen":1},{"net":"icq","handle":"b","main":true,"seen":2,"label":{"text":"B"}}]}}`},
		{"a list cleared", `{"op":"remove","path":"ims"},{"op":"remove","path":"roles"}`, false, `{"profile":{"ims":[]},"role_names":null}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			values := read(t, user, knownRecord)
			c, err := user.Patch(parse(t, `{"Operations":[`+tt.operations+`]}`), &Current{Values: &values})
			if err != nil {
				t.Fatal(err)
			}
			if got := c.NeedsRecord(); got != tt.reads {
				t.Errorf("NeedsRecord() = %t, want %t", got, tt.reads)
			}
			body, err := c.Update([]byte(knownRecord))
			if err != nil || string(body) != tt.want {
				t.Errorf("Update =\n%s, %v, want\n%s", body, err, tt.want)
			}
			whole, err := c.Merge([]byte(knownRecord))
			if want := merge(parse(t, knownRecord), parse(t, tt.want)); err != nil || !parse(t, string(whole)).Equal(want) {
				t.Errorf("Merge =\n%s, %v, want\n%s", whole, err, want)
			}
		})
	}
}

func TestShapesBadRecord(t *testing.T) {
	t.Parallel()
	user := shapes(t)
	c, err := user.Patch(parse(t, `{"Operations":[{"op":"add","path":"title","value":"x"}]}`), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, record := range []string{"", "[]", "{"} {
		if body, err := c.Update([]byte(record)); err == nil {
			t.Errorf("BodyOn(%q) = %s, want an error", record, body)
		}
	}
}

// TestSplitKeeps: parts that a split says it keeps come back, whatever the
// other part is; the example of what it loses is lost.
func TestSplitKeeps(t *testing.T) {
	t.Parallel()
	text := rapid.StringOf(rapid.SampledFrom([]rune("ab-, ")))
	rapid.Check(t, func(t *rapid.T) {
		parts := [][2]string{{"first", "rest"}, {"start", "last"}}[rapid.IntRange(0, 1).Draw(t, "parts")]
		by := rapid.SampledFrom([]string{" ", ", ", "-", "--", "-a-", "aa"}).Draw(t, "by")
		early, late := &Split{by, parts[0]}, &Split{by, parts[1]}
		values := []string{text.Draw(t, "early"), text.Draw(t, "late")}
		if !early.keeps(values[0]) || !late.keeps(values[1]) {
			return
		}
		stored := late.store(early.store(scim.Value{}, scim.Text(values[0])), scim.Text(values[1]))
		if got := []string{early.read(stored).Text(), late.read(stored).Text()}; !slices.Equal(got, values) {
			t.Errorf("%q cut by %q: %q comes back as %q", parts, by, values, got)
		}
	})
	for _, part := range []string{"first", "rest", "start", "last"} {
		lossy := (&Split{", ", part}).lossy()
		if want := part == "first" || part == "last"; (lossy != "") != want {
			t.Errorf("part %s: lossy = %q, want one: %t", part, lossy, want)
		}
	}
}

// drawShapes draws a user of the profile with all shapes, without the values
// that its splits lose.
func drawShapes(t *rapid.T) scim.Value {
	var fields []scim.Field
	part := rapid.StringMatching(`[a-c;,é"\\]{1,4}`)
	optional := func(name string, g *rapid.Generator[string]) []scim.Field {
		if !rapid.Bool().Draw(t, name) {
			return nil
		}
		return []scim.Field{{Name: name, Value: scim.Text(g.Draw(t, name))}}
	}
	put := func(name string, v scim.Value) {
		if !v.Empty() {
			fields = append(fields, scim.Field{Name: name, Value: v})
		}
	}
	list := func(name string, subs ...string) {
		var elements []scim.Value
		for i := range rapid.IntRange(0, 3).Draw(t, name) {
			element := []scim.Field{{Name: subs[0], Value: scim.Text(scim.Int(i).Text() + part.Draw(t, name))}}
			for _, sub := range subs[1:] {
				element = append(element, optional(sub, part)...)
			}
			elements = append(elements, scim.Obj(element...))
		}
		put(name, scim.List(elements...))
	}
	put("userName", scim.Text(part.Draw(t, "userName")))
	put("name", scim.Obj(slices.Concat(optional("givenName", part), optional("familyName", someText))...))
	fields = slices.Concat(fields, optional("locale", someText), optional("timezone", part), optional("nickName", part), optional("title", part))
	put("active", scim.Bool(rapid.Bool().Draw(t, "active")))
	typed := func(of string) []scim.Field {
		return []scim.Field{{Name: "value", Value: scim.Text(part.Draw(t, of))}, {Name: "type", Value: scim.Text(of)}}
	}
	if rapid.Bool().Draw(t, "emails") {
		put("emails", scim.List(scim.Obj(append(typed("work"), scim.Field{Name: "primary", Value: scim.Bool(true)})...), scim.Obj(typed("other")...)))
	}
	list("ims", "value", "type", "display")
	list("photos", "value", "type")
	list("entitlements", "value")
	list("addresses", "locality", "type")
	put(enterpriseURN, scim.Obj(slices.Concat(optional("costCenter", part), optional("division", part))...))
	return scim.Obj(fields...)
}

// TestShapesPutThenGet holds law 7 of package adapter for all shapes: a new record,
// and one that had other values and fields that no row knows.
func TestShapesPutThenGet(t *testing.T) {
	t.Parallel()
	user := shapes(t)
	rapid.Check(t, func(t *rapid.T) {
		sent := drawShapes(t)
		created, err := user.Create(sent)
		if err != nil || created.Ignored != nil {
			t.Fatalf("Create(%s) = %v, ignored %v", sent, err, created.Ignored)
		}
		replaced, err := user.Replace(sent)
		if err != nil {
			t.Fatalf("Replace(%s) = %v", sent, err)
		}
		body, err := replaced.Update([]byte(knownRecord))
		if err != nil {
			t.Fatal(err)
		}
		old, _ := scim.Parse([]byte(knownRecord))
		changes, _ := scim.Parse(body)
		for name, record := range map[string]string{"Create": string(asRecord(created.Body())), "Replace": merge(old, changes).String()} {
			v, err := user.Read([]byte(record))
			if err != nil {
				t.Fatalf("Read(%s): %v", record, err)
			}
			var got []scim.Field
			for _, f := range user.Resource(v, Whole{}).Parts() {
				if f.Name == "name" { // formatted is read only
					f.Value = scim.Obj(slices.DeleteFunc(slices.Clone(f.Value.Parts()), func(f scim.Field) bool { return f.Name == "formatted" })...)
				}
				if !slices.Contains([]string{"schemas", "id", "meta"}, f.Name) {
					got = append(got, f)
				}
			}
			if !scim.Obj(got...).Equal(sent) {
				t.Errorf("%s and Read give\n%s, want\n%s", name, scim.Obj(got...), sent)
			}
		}
	})
}

var shapePaths = []string{
	"", "name", "name.givenName", "nickName", "title", "emails", `emails[type eq "work"].value`, `emails[type eq "work"]`, "emails.value",
	"ims", "ims.value", "ims.primary", `ims[type eq "xmpp"].value`, `ims[type eq "icq"]`, `ims[type eq "qq" and primary eq true].value`, `ims[value eq "a"].primary`,
	`ims[value sw "b"].type`, `ims[not (type eq "icq")]`, "entitlements", "entitlements.value", `entitlements[value eq "a"]`, `entitlements[type eq "x"].value`, "roles", "addresses",
	`addresses[locality eq "a"]`,
}

var shapeValues = []string{
	`"a"`, `"b"`, `""`, `null`, `true`, `[]`, `{}`, `{"value":"a"}`, `[{"value":"b","type":"icq","primary":"True"},{"value":"a"}]`, `[{"value":"c","primary":true},"a"]`,
	`{"givenName":"a"}`, `{"ims":[{"value":"d"}],"name.familyName":"b"}`, `{"locality":"a","type":"home"}`, `{"type":"xmpp","display":"x"}`,
}

// TestShapesPatch: what a patch says the record becomes is what it becomes,
// and a patch that needs no record is the same with one.
func TestShapesPatch(t *testing.T) {
	t.Parallel()
	user := shapes(t)
	record, values := parse(t, knownRecord), read(t, user, knownRecord)
	rapid.Check(t, func(t *rapid.T) {
		var operations []string
		for range rapid.IntRange(1, 4).Draw(t, "operations") {
			op := `{"op":"` + rapid.SampledFrom([]string{"add", "replace", "remove"}).Draw(t, "op") + `"`
			if path := rapid.SampledFrom(shapePaths).Draw(t, "path"); path != "" {
				op += `,"path":` + string(scim.AppendString(nil, path))
			}
			operations = append(operations, op+`,"value":`+rapid.SampledFrom(shapeValues).Draw(t, "value")+`}`)
		}
		patch := `{"Operations":[` + strings.Join(operations, ",") + `]}`
		body, err := scim.Parse([]byte(patch))
		if err != nil {
			t.Fatal(err)
		}
		blind, blindErr := user.Patch(body, nil)
		c, err := user.Patch(body, &Current{Values: &values})
		var e *scim.Error
		if err != nil {
			if !errors.As(err, &e) {
				t.Errorf("Patch(%s) with the record: %v", patch, err)
			}
			return
		}
		after := func(c Changes) scim.Value {
			body, err := c.Update([]byte(knownRecord))
			if err != nil {
				t.Fatal(err)
			}
			change := scim.Obj()
			if body != nil { // nil: nothing changes
				change, _ = scim.Parse(body)
			}
			got, err := user.Read([]byte(merge(record, change).String()))
			if err != nil {
				t.Fatalf("Patch(%s) leads to a record that is not read: %v", patch, err)
			}
			return user.Resource(got, Whole{})
		}
		got := after(c)
		said := c.apply(values)
		said.rows[formattedRow(user)] = scim.Value{}
		if want := user.Resource(said, Whole{}); !withoutFormatted(got).Equal(want) {
			t.Errorf("Patch(%s) leads to\n%s, and says\n%s", patch, got, want)
		}
		if blindErr == nil && !after(blind).Equal(got) {
			t.Errorf("Patch(%s) without the record leads to\n%s, with it to\n%s", patch, after(blind), got)
		}
		for _, list := range []string{"ims", "photos"} {
			primaries := 0
			for _, p := range got.Get(list).Parts() {
				if p.Value.Get("primary").True() {
					primaries++
				}
			}
			if primaries > 1 {
				t.Errorf("Patch(%s) leads to %d primary elements: %s", patch, primaries, got.Get(list))
			}
		}
	})
}

// formatted is the row that shows what others write.
func formattedRow(t *Table) int {
	return slices.IndexFunc(t.Rows, func(r Row) bool { return r.Path == "name.formatted" })
}

func withoutFormatted(resource scim.Value) scim.Value {
	var fields []scim.Field
	for _, f := range resource.Parts() {
		if f.Name == "name" {
			f.Value = scim.Obj(slices.DeleteFunc(slices.Clone(f.Value.Parts()), func(f scim.Field) bool { return f.Name == "formatted" })...)
		}
		if !f.Value.Empty() {
			fields = append(fields, f)
		}
	}
	return scim.Obj(fields...)
}

// TestShapesProof: all that the profile keeps comes back, and what it loses
// is named with an example.
func TestShapesProof(t *testing.T) {
	t.Parallel()
	p := shapes(t).Prove()
	want := []string{
		`name.givenName: split: "A B" comes back as "A"`,
		`timezone: trim: " a" comes back as "a"`,
		`nickName: split: "A/B" comes back as "A"`,
	}
	if diff := cmp.Diff(want, p.Lossy); diff != "" || len(p.Broken) > 0 {
		t.Errorf("Prove() broken %q, lossy (-want +got):\n%s", p.Broken, diff)
	}
	if p.Values < 500 || p.Resources < 16 {
		t.Errorf("Prove() tried %d values and %d resources, want more", p.Values, p.Resources)
	}
}

func TestShapesNames(t *testing.T) {
	t.Parallel()
	user := shapes(t)
	for legacy, want := range map[string]string{
		"full_name": "name.givenName", "region": "locale", "contacts": `emails[type eq "work"].value`, "contacts.label": `emails[type eq "work"].display`,
		"national": `phoneNumbers[type eq "work"].value`, `fields[key eq "division"].value`: enterpriseURN + ":division", "ims": "ims", "tags": "entitlements", "x": "",
	} {
		if got := user.PathOf(legacy); got != want {
			t.Errorf("PathOf(%s) = %q, want %q", legacy, got, want)
		}
	}
	one := user.Version(read(t, user, `{"id":7,"tags":["a","b"]}`))
	for _, record := range []string{`{"id":7,"tags":["b","a"]}`, `{"id":7,"tags":["a"]}`, `{"id":7,"role_names":"a; b"}`} {
		if user.Version(read(t, user, record)) == one {
			t.Errorf("%s has the version of another record", record)
		}
	}
	if again := user.Version(read(t, user, `{"id":7,"tags":["a","b"],"x":1}`)); again != one {
		t.Errorf("the same values have the versions %s and %s", one, again)
	}
}
