package filter

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hostscim/adapter/scim"
)

// sourcePaths are paths as clients write them, with their canonical form in a
// User, or for members in a Group.
var sourcePaths = []struct{ name, in, want string }{
	{"RFC 7644 3.5.2", `members`, `members`},
	{"RFC 7644 3.5.2", `name.familyName`, `name.familyName`},
	{"RFC 7644 3.5.2", `addresses[type eq "work"]`, `addresses[type eq "work"]`},
	{"RFC 7644 3.5.2", `members[value eq "2819c223-7f76-453a-919d-413861904646"]`, `members[value eq "2819c223-7f76-453a-919d-413861904646"]`},
	{"RFC 7644 3.5.2", `members[value eq "2819c223-7f76-453a-919d-413861904646"].displayName`, ``},
	{"RFC 7644 3.5.2.2", `emails[type eq "work" and value ew "example.com"]`, `emails[type eq "work" and value ew "example.com"]`},
	{"Entra: element", `emails[type eq "work"].value`, `emails[type eq "work"].value`},
	{"Entra: quoted boolean", `roles[primary eq "True"].value`, `roles[primary eq true].value`},
	{"Entra: letter case", `Emails[Type eq "work"].Value`, `emails[type eq "work"].value`},
	{"Entra: enterprise", enterpriseURN + `:department`, enterpriseURN + `:department`},
	{"Entra: joined by a dot", enterpriseURN + `.department`, enterpriseURN + `:department`},
	{"Entra: letter case of URN", `URN:IETF:params:scim:schemas:extension:enterprise:2.0:user:Manager.Value`, enterpriseURN + `:manager.value`},
	{"Entra: manager without URN", `manager`, enterpriseURN + `:manager`},
	{"core URN", userURN + `:name.givenName`, `name.givenName`},
	{"core URN of a common attribute", userURN + `:externalid`, `externalId`},
	{"bare extension", enterpriseURN, enterpriseURN},
	{"bare core schema", userURN, ``},
	{"simple elements", `schemas[value eq "urn:x"]`, `schemas[value eq "urn:x"]`},
	{"white space", ` emails[ type eq "work" ].value `, `emails[type eq "work"].value`},
	{"unknown URN", `urn:example:2.0:Thing:x`, ``},
}

func TestResolve(t *testing.T) {
	t.Parallel()
	user, group := scim.User(), scim.Group()
	for _, tt := range sourcePaths {
		t.Run(tt.name, func(t *testing.T) {
			p, err := ParsePath(tt.in, user.URNs()...)
			if err != nil {
				t.Fatalf("ParsePath(%s): %v", tt.in, err)
			}
			of := user
			if p.Attr == "members" {
				of = group
			}
			target, err := Resolve(p, of)
			if got := target.Path.String(); got != tt.want {
				t.Fatalf("Resolve(%s) = %q, %v, want %q", tt.in, got, err, tt.want)
			}
			if err != nil {
				var unknown *UnknownError
				if !errors.As(err, &unknown) {
					t.Errorf("Resolve(%s) error = %T, want an UnknownError", tt.in, err)
				}
				return
			}
			again, err := Resolve(target.Path, of)
			if diff := cmp.Diff(target, again, positions); diff != "" || err != nil {
				t.Errorf("Resolve of the canonical path: %v (-want +got):\n%s", err, diff)
			}
		})
	}
}

func TestResolveTarget(t *testing.T) {
	t.Parallel()
	user := scim.User()
	for _, tt := range []struct{ in, attr, sub, extension string }{
		{`userName`, "userName", "", ""},
		{`emails[type eq "work"].value`, "emails", "value", ""},
		{`meta.created`, "meta", "created", ""},
		{enterpriseURN + `:manager.$ref`, "manager", "$ref", enterpriseURN},
		{enterpriseURN, "", "", enterpriseURN},
		{userURN, "", "", ""},
	} {
		p, err := ParsePath(tt.in, user.URNs()...)
		if err != nil {
			t.Fatal(err)
		}
		target, err := Resolve(p, user)
		if err != nil {
			t.Fatal(err)
		}
		var attr, sub, extension string
		if target.Attr != nil {
			attr = target.Attr.Name
		}
		if target.Sub != nil {
			sub = target.Sub.Name
		}
		if target.Extension != nil {
			extension = target.Extension.ID
		}
		if attr != tt.attr || sub != tt.sub || extension != tt.extension {
			t.Errorf("Resolve(%s) = %q, %q, %q", tt.in, attr, sub, extension)
		}
	}
}

func TestParsePathErrors(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ in, want string }{
		{``, `position 1: expected an attribute, found the end`},
		{`emails[type eq "work"`, `position 22: expected and, or, or "]", found the end`},
		{`emails[type eq "work"] eq "x"`, `position 24: expected the end of the path, found a word`},
		{`emails[type eq "work"]value`, `position 23: expected the end of the path, found a word`},
		{`emails[type]`, `position 12: expected an operator such as eq, found "]"`},
		{`name.familyName.x`, `position 16: expected no more than one sub-attribute, after any brackets, found "."`},
		{enterpriseURN + `:`, `position 60: expected an attribute, found the end`},
		{enterpriseURN + `[x pr]`, `position 59: expected an attribute after the schema's URN, found "["`},
		{`/name`, `position 1: expected an attribute, found a character that no name may hold`},
	} {
		_, err := ParsePath(tt.in, userURN, enterpriseURN)
		var syntax *SyntaxError
		if !errors.As(err, &syntax) || err.Error() != tt.want {
			t.Errorf("ParsePath(%s) error = %v, want %s", tt.in, err, tt.want)
		}
	}
}

func TestResolveErrors(t *testing.T) {
	t.Parallel()
	user := scim.User()
	for _, tt := range []struct{ in, want string }{
		{`usrName`, `unknown attribute "usrName": did you mean "userName"?`},
		{`activ`, `unknown attribute "activ": did you mean "active"?`},
		{`emial`, `unknown attribute "emial": did you mean "emails"?`},
		{`emials.value`, `unknown attribute "emials": did you mean "emails"?`},
		{`emails.valu`, `unknown attribute "emails.valu": did you mean "emails.value"?`},
		{`emails[typ eq "secret"].value`, `position 8: unknown attribute "emails.typ": did you mean "emails.type"?`},
		{`emials[type eq "secret"].value`, `unknown attribute "emials": did you mean "emails"?`},
		{`emails[emails.type eq "secret"]`, `position 8: unknown attribute "emails.emails.type"`},
		{`userName.value`, `unknown attribute "userName.value"`},
		{`userName[value eq "x"]`, `position 10: unknown attribute "userName.value"`},
		{`shoeSize`, `unknown attribute "shoeSize"`},
		{`departmnt`, `unknown attribute "departmnt": did you mean "` + enterpriseURN + `:department"?`},
		{enterpriseURN + `:departmnt`, `unknown attribute "` + enterpriseURN + `:departmnt": did you mean "` + enterpriseURN + `:department"?`},
		{enterpriseURN + `s:department`, `unknown attribute "` + enterpriseURN + `s:department": did you mean "` + enterpriseURN + `:department"?`},
		{userURN + `:department`, `unknown attribute "` + userURN + `:department"`},
	} {
		p, err := ParsePath(tt.in, user.URNs()...)
		if err != nil {
			t.Fatal(err)
		}
		_, err = Resolve(p, user)
		var unknown *UnknownError
		if !errors.As(err, &unknown) || err.Error() != tt.want {
			t.Errorf("Resolve(%s) error = %v, want %s", tt.in, err, tt.want)
		}
	}
}
