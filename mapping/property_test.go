package mapping

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"hostscim/adapter/scim"
)

// asRecord returns the body of a create as the legacy API would store it.
func asRecord(body []byte) []byte {
	inner := strings.TrimSuffix(strings.TrimPrefix(string(body), "{"), "}")
	if inner != "" {
		inner = "," + inner
	}
	return []byte(`{"id":7` + inner + `}`)
}

var someText = rapid.String().Filter(func(s string) bool { return s != "" })

// drawResource draws a user of the rich profile, in the order of its table.
func drawResource(t *rapid.T) scim.Value {
	var fields []scim.Field
	put := func(name string, v scim.Value) { fields = append(fields, scim.Field{Name: name, Value: v}) }
	optional := func(parts []scim.Field, path, name string) []scim.Field {
		if rapid.Bool().Draw(t, path+name) {
			return append(parts, scim.Field{Name: name, Value: scim.Text(someText.Draw(t, name))})
		}
		return parts
	}
	put("userName", scim.Text(someText.Draw(t, "userName")))
	for _, name := range []string{"externalId", "displayName", "nickName", "title"} {
		fields = optional(fields, "", name)
	}
	put("active", scim.Bool(rapid.Bool().Draw(t, "active")))
	object := func(prefix string, names ...string) []scim.Field {
		var parts []scim.Field
		for _, name := range names {
			parts = optional(parts, prefix, name)
		}
		return parts
	}
	if name := object("name.", "givenName", "familyName"); name != nil {
		put("name", scim.Obj(name...))
	}
	list := func(attr string, selectors []scim.Field, subs ...string) {
		var elements []scim.Value
		for i, s := range selectors {
			parts := object(attr+s.Value.Text()+".", subs...)
			if parts == nil {
				continue
			}
			parts = append(parts, s)
			if i == 0 && s.Name != "primary" {
				parts = append(parts, scim.Field{Name: "primary", Value: scim.Bool(true)})
			}
			elements = append(elements, scim.Obj(parts...))
		}
		if elements != nil {
			put(attr, scim.List(elements...))
		}
	}
	typed := func(t string) scim.Field { return scim.Field{Name: "type", Value: scim.Text(t)} }
	list("emails", []scim.Field{typed("work"), typed("other")}, "value")
	list("phoneNumbers", []scim.Field{typed("work"), typed("mobile")}, "value")
	list("addresses", []scim.Field{typed("work")}, "streetAddress", "locality", "postalCode", "formatted")
	list("roles", []scim.Field{{Name: "primary", Value: scim.Bool(true)}}, "value", "display")
	extension := object("enterprise.", "employeeNumber", "department")
	if manager := object("manager.", "value"); manager != nil {
		extension = append(extension, scim.Field{Name: "manager", Value: scim.Obj(manager...)})
	}
	if extension != nil {
		put(enterpriseURN, scim.Obj(extension...))
	}
	return scim.Obj(fields...)
}

// TestPutThenGet holds law 7 of package adapter: what is sent comes back, and
// nothing else does.
func TestPutThenGet(t *testing.T) {
	t.Parallel()
	user := rich(t).User
	rapid.Check(t, func(t *rapid.T) {
		sent := drawResource(t)
		for name, write := range map[string]func(scim.Value) (Changes, error){"Create": user.Create, "Replace": user.Replace} {
			c, err := write(sent)
			if err != nil || c.Ignored != nil {
				t.Fatalf("%s(%s) = %v, ignored %v", name, sent, err, c.Ignored)
			}
			record := asRecord(c.Body())
			v, err := user.Read(record)
			if err != nil {
				t.Fatalf("Read(%s): %v", record, err)
			}
			var got []scim.Field
			for _, f := range user.Resource(v, Whole{}).Parts() {
				if !slices.Contains([]string{"schemas", "id", "meta"}, f.Name) {
					got = append(got, f)
				}
			}
			if !scim.Obj(got...).Equal(sent) {
				t.Errorf("%s and Read give %s, want %s", name, scim.Obj(got...), sent)
			}
		}
	})
}

// TestSpellingsRoundTrip: a value comes back as it was sent, however the
// legacy field spells it.
func TestSpellingsRoundTrip(t *testing.T) {
	t.Parallel()
	integers := rapid.Map(rapid.Int(), func(i int) scim.Value { return scim.Text(scim.Int(i).Text()) })
	for row, values := range map[string]*rapid.Generator[scim.Value]{
		"active: {legacy: f}":                            rapid.Map(rapid.Bool(), scim.Bool),
		"active: {legacy: f, type: boolean}":             rapid.Map(rapid.Bool(), scim.Bool),
		"active: {legacy: f, type: string}":              rapid.Map(rapid.Bool(), scim.Bool),
		"active: {legacy: f, type: integer}":             rapid.Map(rapid.Bool(), scim.Bool),
		"active: {legacy: f.g, default: true}":           rapid.Map(rapid.Bool(), scim.Bool),
		"title: {legacy: f}":                             rapid.Map(someText, scim.Text),
		"title: {legacy: f.g, default: Host}":            rapid.Map(someText, scim.Text),
		"title: {legacy: f, type: integer}":              integers,
		"profileUrl: {legacy: f}":                        rapid.Map(someText, scim.Text),
		enterpriseURN + ":division: {legacy: f}":         rapid.Map(someText, scim.Text),
		`'roles[type eq "x"].display': {legacy: a.b.c}`:  rapid.Map(someText, scim.Text),
		`'photos[type eq "photo"].value': {legacy: f.g}`: rapid.Map(someText, scim.Text),
	} {
		t.Run(row, func(t *testing.T) {
			user := table(t, row+"\nuserName: {legacy: username}")
			rapid.Check(t, func(t *rapid.T) {
				v := values.Draw(t, "value")
				body := scim.Obj(scim.Field{Name: "Operations", Value: scim.List(scim.Obj(
					scim.Field{Name: "op", Value: scim.Text("replace")},
					scim.Field{Name: "path", Value: scim.Text(user.Rows[0].Path)},
					scim.Field{Name: "value", Value: v}))})
				c, err := user.Patch(body, nil)
				if err != nil {
					t.Fatalf("Patch(%s): %v", body, err)
				}
				record := asRecord(c.Body())
				got, err := user.Read(record)
				if err != nil || !got.rows[0].Equal(v) {
					t.Errorf("%s stored as %s comes back as %v, %v", v, record, got.rows, err)
				}
			})
		})
	}
}

var patchPaths = []string{
	"", "userName", "title", "nickName", "active", "name", "name.givenName", "emails", "emails.value", "badge",
	`emails[type eq "work"].value`, `emails[type eq "other"]`, `emails[primary eq true].value`, `emails[value eq "a"].value`,
	`emails[type eq "other" and value pr]`, `phoneNumbers[type ne "work"].value`, `addresses[type eq "work"].locality`,
	`roles[primary eq "True"].value`, enterpriseURN, enterpriseURN + ":manager", enterpriseURN + ".department",
}

var patchValues = []string{
	`"a"`, `"b"`, `""`, `null`, `true`, `"False"`, `7`, `[]`, `{}`, `{"value":"a"}`, `[{"value":"a"}]`, `[{"type":"other","value":"b"}]`,
	`{"givenName":"a"}`, `{"title":"a","active":"true","name.familyName":"b"}`, `{"department":"a","manager":"9"}`, `{"locality":"a","formatted":null}`,
}

func drawPatch(t *rapid.T) string {
	var operations []string
	for range rapid.IntRange(1, 5).Draw(t, "operations") {
		op := rapid.SampledFrom([]string{"add", "Replace", "remove"}).Draw(t, "op")
		text := `{"op":"` + op + `"`
		if path := rapid.SampledFrom(patchPaths).Draw(t, "path"); path != "" {
			text += `,"path":` + string(scim.AppendString(nil, path))
		}
		operations = append(operations, text+`,"value":`+rapid.SampledFrom(patchValues).Draw(t, "value")+`}`)
	}
	return `{"Operations":[` + strings.Join(operations, ",") + `]}`
}

// merge returns the record after the legacy API took the body over.
func merge(record, body scim.Value) scim.Value {
	if record.Kind() != scim.Object || body.Kind() != scim.Object {
		return body
	}
	fields := slices.Clone(record.Parts())
	for _, b := range body.Parts() {
		i := slices.IndexFunc(fields, func(f scim.Field) bool { return f.Name == b.Name })
		if i < 0 {
			fields = append(fields, b)
			continue
		}
		fields[i].Value = merge(fields[i].Value, b.Value)
	}
	return scim.Obj(fields...)
}

// TestPatchKnowingNothing: a patch that needs no record is the same with one,
// and the record that it leads to is the one that it says.
func TestPatchKnowingNothing(t *testing.T) {
	t.Parallel()
	user := rich(t).User
	letter := rapid.SampledFrom([]string{`"a"`, `"b"`, `null`})
	rapid.Check(t, func(t *rapid.T) {
		text := `{"id":7,"login":"x","visible":` + rapid.SampledFrom([]string{"true", "false", "null"}).Draw(t, "visible") +
			`,"email":` + letter.Draw(t, "email") + `,"phone":` + letter.Draw(t, "phone") +
			`,"custom_fields":{"other_email":` + letter.Draw(t, "other") + `,"mobile":` + letter.Draw(t, "mobile") + `,"title":` + letter.Draw(t, "title") + `}}`
		record, err := scim.Parse([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		values, err := user.Read([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		patch := drawPatch(t)
		body, err := scim.Parse([]byte(patch))
		if err != nil {
			t.Fatal(err)
		}
		blind, blindErr := user.Patch(body, nil)
		known, err := user.Patch(body, &Current{Values: &values})
		if got := outcome(blind, blindErr); !errors.Is(blindErr, ErrNeedRecord) && got != outcome(known, err) {
			t.Errorf("Patch(%s) = %s, with the record %s: %s", patch, got, text, outcome(known, err))
		}
		if errors.Is(err, ErrNeedRecord) || errors.Is(err, ErrNeedMembers) {
			t.Errorf("Patch(%s) with the record needs more: %v", patch, err)
		}
		if err != nil {
			return
		}
		change, err := scim.Parse(known.Body())
		if err != nil {
			t.Fatalf("Body() = %s: %v", known.Body(), err)
		}
		after := merge(record, change).String()
		read, err := user.Read([]byte(after))
		if err != nil {
			t.Fatalf("Read(%s): %v", after, err)
		}
		said := user.Resource(known.apply(values), Whole{})
		if got := user.Resource(read, Whole{}); !got.Equal(said) {
			t.Errorf("Patch(%s) of %s leads to %s, and says %s", patch, text, got, said)
		}
	})
}

// FuzzPatch: whatever a client sends, the answer is changes or an error that
// it can be told, and the record of a current user answers every need.
func FuzzPatch(f *testing.F) {
	c, lists := rich(f), shapes(f)
	user := read(f, c.User, `{"id":7,"login":"b","email":"b@example.com","custom_fields":{"other_email":"o@example.com"}}`)
	listed := read(f, lists, knownRecord)
	group := read(f, c.Group, `{"id":3,"name":"Front desk"}`)
	for i, path := range patchPaths {
		quoted := string(scim.AppendString(nil, path))
		f.Add([]byte(`{"Operations":[{"op":"replace","path":` + quoted + `,"value":` + patchValues[i%len(patchValues)] + `}]}`))
		f.Add([]byte(`{"Operations":[{"op":"remove","path":` + quoted + `},{"op":"add","value":{` + quoted + `:"x"}}]}`))
	}
	for i, path := range shapePaths {
		quoted := string(scim.AppendString(nil, path))
		f.Add([]byte(`{"Operations":[{"op":"add","path":` + quoted + `,"value":` + shapeValues[i%len(shapeValues)] + `},{"op":"remove","path":` + quoted + `}]}`))
	}
	f.Add([]byte(`{"members":[{"value":"8","operation":"delete"}]}`))
	f.Add([]byte(`{"Operations":[{"op":"remove","path":"members[value sw \"1\"]"},{"op":"add","path":"members","value":[{"value":8}]}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		body, err := scim.Parse(data)
		if err != nil {
			return
		}
		for _, table := range []*Table{c.User, c.Group, lists} {
			values := &user
			switch table {
			case c.Group:
				values = &group
			case lists:
				values = &listed
			}
			current := &Current{Values: values, Members: []string{"10", "11"}, WithMembers: true}
			for _, current := range []*Current{nil, current} {
				changes, err := table.Patch(body, current)
				var e *scim.Error
				need := errors.Is(err, ErrNeedRecord) || errors.Is(err, ErrNeedMembers)
				switch {
				case err != nil && !errors.As(err, &e) && !need, need && current != nil:
					t.Errorf("Patch(%s) error = %v", data, err)
				case err == nil:
					if _, err := scim.Parse(changes.Body()); err != nil {
						t.Errorf("Patch(%s) has the body %s: %v", data, changes.Body(), err)
					}
				}
			}
			for _, write := range []func(scim.Value) (Changes, error){table.Create, table.Replace} {
				var e *scim.Error
				if _, err := write(body); err != nil && !errors.As(err, &e) {
					t.Errorf("Create or Replace(%s) error = %v", data, err)
				}
			}
		}
	})
}
