package filter

import (
	"strings"
	"testing"

	"hostscim/adapter/scim"
)

const alice = `{
	"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],
	"id": "2819c223", "externalId": "Alice", "userName": "Alice@Example.com", "active": true, "title": "", "nickName": null,
	"name": {"givenName": "Alice", "familyName": "Weiß"},
	"emails": [
		{"type": "work", "value": "alice@example.com", "primary": true},
		{"type": "other", "value": "al@example.org"},
		{"type": "home"}],
	"phoneNumbers": [], "photos": [{"value": "https://example.com/A.jpg"}], "roles": {"value": "admin"},
	"x509Certificates": [{"value": "QQ=="}],
	"meta": {"created": "2026-01-31T12:00:00Z", "lastModified": "2026-01-31T14:00:00.5+02:00", "version": "W/\"A\""},
	"urn:ietf:params:scim:schemas:extension:enterprise:2.0:user": {
		"employeeNumber": "701984", "department": "Reception", "manager": {"value": "M1", "displayName": "Bob"}}}`

var matches = []struct {
	in   string
	want bool
}{
	// Letter case: only attributes that are caseExact take it literally.
	{`userName eq "ALICE@example.COM"`, true},
	{`userName ne "ALICE@example.COM"`, false},
	{`externalId eq "Alice"`, true},
	{`externalId eq "alice"`, false},
	{`USERNAME eq "alice@example.com"`, true},
	{`name.familyName eq "WEIẞ"`, true},
	{`name.familyName ew "EIẞ"`, true},
	{`name.familyName eq "Weiss"`, false},

	{`userName co "EXAMPLE"`, true},
	{`userName sw "alice@"`, true},
	{`userName sw "example"`, false},
	{`userName ew ".Com"`, true},
	{`photos sw "https://example.com/A"`, true},
	{`photos sw "https://example.com/a"`, false},
	{`userName gt "ALICE@"`, true},
	{`userName lt "alice@"`, false},
	{`userName ge "alice@example.com"`, true},
	{`userName le "alice@example.com"`, true},
	{`userName gt "alice@example.com"`, false},
	{`userName gt "ALICE_"`, false},
	{`externalId gt "Alicf"`, false},
	{`externalId lt "a"`, true},

	{`active eq true`, true},
	{`active eq "True"`, true},
	{`active eq "FALSE"`, false},
	{`active ne false`, true},

	// dateTimes are instants.
	{`meta.created eq "2026-01-31T13:00:00.000+01:00"`, true},
	{`meta.created eq "2026-01-31T12:00:00"`, true},
	{`meta.lastModified gt "2026-01-31T12:00:00Z"`, true},
	{`meta.lastModified ge 2026-01-31T12:00:00.5Z`, true},
	{`meta.lastModified lt "2026-01-31T12:00:00.500001Z"`, true},
	{`meta.lastModified le "2026-01-31T12:00:00.4Z"`, false},
	{`meta.lastModified ne "2026-01-31T12:00:00.5Z"`, false},

	// Absent: no operator but ne, not and eq null.
	{`displayName eq "x"`, false},
	{`displayName ne "x"`, true},
	{`displayName co ""`, false},
	{`displayName gt ""`, false},
	{`displayName pr`, false},
	{`displayName eq null`, true},
	{`displayName ne null`, false},
	{`not (displayName eq "x")`, true},
	{`nickName pr`, false},
	{`nickName eq null`, true},
	{`nickName eq ""`, false},
	{`title pr`, false},
	{`title eq ""`, true},
	{`title eq null`, true},
	{`userName pr and id pr and meta pr and name pr`, true},
	{`userName eq null`, false},
	{`userName ne null`, true},
	{`name eq null`, false},
	{`addresses eq null`, true},

	// Several values: any of them.
	{`emails co "example.org"`, true},
	{`emails eq "ALICE@example.com"`, true},
	{`emails.value eq "al@example.org"`, true},
	{`emails.value ne "al@example.org"`, true},
	{`emails.type eq "home"`, true},
	{`emails.primary eq false`, false},
	{`emails.primary ne true`, false},
	{`emails pr`, true},
	{`emails.display pr`, false},
	{`emails eq null`, false},
	{`phoneNumbers pr`, false},
	{`phoneNumbers ne "1"`, true},
	{`phoneNumbers eq "1"`, false},
	{`roles eq "admin"`, true},
	{`schemas eq "urn:ietf:params:scim:schemas:core:2.0:User"`, true},
	{`schemas[value ew ":User" and value co "enterprise"]`, true},
	{`x509Certificates eq "QQ=="`, true},
	{`x509Certificates eq "qq=="`, false},

	// Brackets: one element for all that is inside.
	{`emails[type eq "work" and value co "@example.com"]`, true},
	{`emails[type eq "work" and value co "@example.org"]`, false},
	{`emails.type eq "work" and emails.value co "@example.org"`, true},
	{`emails[not (value pr)]`, true},
	{`emails[value ne "x" and type eq "home"]`, true},
	{`phoneNumbers[type ne "work"]`, false},
	{`roles[value eq "admin"]`, true},
	{`emails[type eq "work"].value eq "alice@example.com"`, true},
	{`emails[type eq "other"].value eq "alice@example.com"`, false},
	{`emails[type eq "other"].value ne "alice@example.com"`, true},
	{`emails[type eq "fax"].value ne "x"`, true},
	{`emails[type eq "home"].value pr`, false},
	{`emails[type eq "home"].value eq null`, true},
	{`emails[type eq "work"].value ne null`, true},
	{`emails[primary eq "true"].value sw "alice"`, true},

	// Extensions.
	{enterpriseURN + `:department eq "reception"`, true},
	{enterpriseURN + `.manager.displayName eq "bob"`, true},
	{enterpriseURN + `:employeeNumber eq 701984`, true},
	{enterpriseURN + `:manager eq "M1"`, true},
	{`manager eq "m1"`, false},
	{`department pr`, true},
	{`organization pr`, false},
	{`id eq 2819c223 and manager eq M1`, true},

	{`active eq false or userName pr and active eq true`, true},
	{`(active eq false or userName pr) and active eq false`, false},
}

func TestMatch(t *testing.T) {
	t.Parallel()
	user, resource := scim.User(), object(t, alice)
	for _, tt := range matches {
		f, err := Compile(mustParse(t, tt.in), user)
		if err != nil {
			t.Errorf("Compile(%s): %v", tt.in, err)
			continue
		}
		if got := f.Match(resource); got != tt.want {
			t.Errorf("Match(%s) = %v, want %v", tt.in, got, tt.want)
		}
		again, err := Compile(mustParse(t, f.String()), user)
		if err != nil || again.Match(resource) != tt.want {
			t.Errorf("%s compiles to %s, which is not the same: %v", tt.in, f, err)
			continue
		}
		sameExpr(t, f.Expr(), again.Expr())
	}
}

func TestMatchNumber(t *testing.T) {
	t.Parallel()
	attr := &scim.Attribute{Name: "limits", Type: scim.TypeComplex, MultiValued: true, SubAttributes: []*scim.Attribute{
		{Name: "n", Type: scim.TypeDecimal}, {Name: "i", Type: scim.TypeInteger},
	}}
	for _, tt := range []struct {
		in, element string
		want        bool
	}{
		{`n eq 1.0`, `{"n":1}`, true},
		{`n eq "10e-1"`, `{"n":1}`, true},
		{`n eq 0.010`, `{"n":1e-2}`, true},
		{`n eq -0`, `{"n":0.0}`, true},
		{`n eq 0e999999999999999999999`, `{"n":0}`, true},
		{`n eq 9007199254740993`, `{"n":9007199254740992}`, false},
		{`n gt 9007199254740992`, `{"n":9007199254740992.1}`, true},
		{`n gt 1e999999999`, `{"n":1e999999998}`, false},
		{`n eq 10e999999998`, `{"n":1e999999999}`, true},
		{`n lt -5`, `{"n":-6}`, true},
		{`n lt -5`, `{"n":-4}`, false},
		{`n gt -1`, `{"n":0}`, true},
		{`n ge 100.5`, `{"n":1005e-1}`, true},
		{`n lt 2`, `{"n":10}`, false},
		{`n le 1e-400`, `{"n":0.1e-399}`, true},
		{`i eq "42"`, `{"i":"42"}`, true},
		{`i eq 42`, `{"i":"many"}`, false},
		{`i ne 42`, `{"i":"many"}`, true},
		{`i ne 42`, `{"i":1e9999999999999999999}`, true},
		{`i gt 42`, `{"i":{"value":43}}`, false},
		{`i eq 42`, `{"i":[41,42]}`, true},
	} {
		f, err := CompileElement(mustParse(t, tt.in), attr)
		if err != nil {
			t.Errorf("CompileElement(%s): %v", tt.in, err)
			continue
		}
		if got := f.Match(object(t, tt.element)); got != tt.want {
			t.Errorf("Match(%s, %s) = %v, want %v", tt.in, tt.element, got, tt.want)
		}
	}
}

func TestCompileElement(t *testing.T) {
	t.Parallel()
	attr := scim.Group().Schema.Attribute("members")
	f, err := CompileElement(mustParse(t, `VALUE eq m1 or $REF ew "/m2"`), attr)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := f.String(), `value eq "m1" or $ref ew "/m2"`; got != want {
		t.Errorf("String() = %s, want %s", got, want)
	}
	for element, want := range map[string]bool{
		`{"value":"m1"}`: true, `{"value":"M1"}`: false, `{"$ref":"https://example.com/Users/m2"}`: true, `{}`: false, `"m1"`: false,
	} {
		if got := f.Match(object(t, element)); got != want {
			t.Errorf("Match(%s) = %v, want %v", element, got, want)
		}
	}
	simple := &scim.Attribute{Name: "tags", Type: scim.TypeString, MultiValued: true}
	if f, err = CompileElement(mustParse(t, `Value sw "a"`), simple); err != nil {
		t.Fatal(err)
	}
	if !f.Match(scim.Text("Ab")) || f.Match(scim.Text("b")) {
		t.Errorf("%s does not match the elements of a simple attribute", f)
	}
}

func TestCompileErrors(t *testing.T) {
	t.Parallel()
	user := scim.User()
	for _, tt := range []struct{ in, want string }{
		{`title pr and active eq "yes"`, `position 14: active has type boolean: expected true or false`},
		{`active eq 1`, `position 1: active has type boolean: expected true or false`},
		{`active gt true`, `position 1: active has type boolean: gt cannot compare it`},
		{`active co "t"`, `position 1: active has type boolean: co cannot compare it`},
		{`x509Certificates ge "QQ=="`, `position 1: x509Certificates.value has type binary: ge cannot compare it`},
		{`x509Certificates sw "QQ=="`, `position 1: x509Certificates.value has type binary: sw cannot compare it`},
		{`meta.created sw "2026"`, `position 1: meta.created has type dateTime: sw cannot compare it`},
		{`meta.created gt "yesterday"`, `position 1: meta.created has type dateTime: expected a time such as 2026-01-31T12:00:00Z`},
		{`meta.created gt 2026`, `position 1: meta.created has type dateTime: expected a time such as 2026-01-31T12:00:00Z`},
		{`userName eq true`, `position 1: userName has type string: expected a text in quotation marks`},
		{`userName gt null`, `position 1: userName has type string: null can be compared by eq and ne only`},
		{`name eq "Alice"`, `position 1: name has type complex: compare a sub-attribute, such as formatted`},
		{`emails[type eq "work" and primary eq "maybe"]`, `position 27: emails.primary has type boolean: expected true or false`},
		{`department gt null`, `position 1: ` + enterpriseURN + `:department has type string: null can be compared by eq and ne only`},
		{`usrName eq "alice"`, `position 1: unknown attribute "usrName": did you mean "userName"?`},
		{`urn:example:x:name eq "alice"`, `position 1: unknown attribute "urn:example:x:name": did you mean "name"?`},
		{strings.Repeat("x", 200) + ` pr`, `position 1: unknown attribute "` + strings.Repeat("x", 128) + `..."`},
	} {
		_, err := Compile(mustParse(t, tt.in), user)
		if err == nil || err.Error() != tt.want {
			t.Errorf("Compile(%s) error = %v, want %s", tt.in, err, tt.want)
		}
	}
	if _, err := Compile(nil, user); err == nil {
		t.Error("Compile(nil): no error")
	}
	if _, err := Compile(&And{}, user); err == nil {
		t.Error("Compile of a pointer: no error")
	}
}

// TestMatchAllocations holds that a comparison of texts by eq is free.
func TestMatchAllocations(t *testing.T) {
	user, resource := scim.User(), object(t, alice)
	for _, in := range []string{
		`userName eq "alice@example.com"`, `externalId eq "x"`, `emails[type eq "work"].value eq "alice@example.com"`, `meta.created ge "2026-01-31T12:00:00Z"`,
	} {
		f, err := Compile(mustParse(t, in), user)
		if err != nil {
			t.Fatal(err)
		}
		if n := testing.AllocsPerRun(100, func() { f.Match(resource) }); n != 0 {
			t.Errorf("Match(%s) allocates %v times", in, n)
		}
	}
}
