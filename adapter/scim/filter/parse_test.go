package filter

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"hostscim/adapter/scim"
)

const (
	userURN       = scim.UserURN
	enterpriseURN = scim.EnterpriseUserURN
)

// sourceFilters are filters as clients write them, with their canonical
// printing.
var sourceFilters = []struct{ name, in, want string }{
	{"RFC 7644 3.4.2.2", `userName eq "bjensen"`, ``},
	{"RFC 7644 3.4.2.2", `name.familyName co "O'Malley"`, ``},
	{"RFC 7644 3.4.2.2", `userName sw "J"`, ``},
	{"RFC 7644 3.4.2.2", `urn:ietf:params:scim:schemas:core:2.0:User:userName sw "J"`, ``},
	{"RFC 7644 3.4.2.2", `title pr`, ``},
	{"RFC 7644 3.4.2.2", `meta.lastModified gt "2011-05-13T04:42:34Z"`, ``},
	{"RFC 7644 3.4.2.2", `meta.lastModified ge "2011-05-13T04:42:34Z"`, ``},
	{"RFC 7644 3.4.2.2", `meta.lastModified lt "2011-05-13T04:42:34Z"`, ``},
	{"RFC 7644 3.4.2.2", `meta.lastModified le "2011-05-13T04:42:34Z"`, ``},
	{"RFC 7644 3.4.2.2", `title pr and userType eq "Employee"`, ``},
	{"RFC 7644 3.4.2.2", `title pr or userType eq "Intern"`, ``},
	{"RFC 7644 3.4.2.2", `schemas eq "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"`, ``},
	{"RFC 7644 3.4.2.2", `userType eq "Employee" and (emails co "example.com" or emails.value co "example.org")`, ``},
	{"RFC 7644 3.4.2.2", `userType ne "Employee" and not (emails co "example.com" or emails.value co "example.org")`, ``},
	{"RFC 7644 3.4.2.2", `userType eq "Employee" and (emails.type eq "work")`, `userType eq "Employee" and emails.type eq "work"`},
	{"RFC 7644 3.4.2.2", `userType eq "Employee" and emails[type eq "work" and value co "@example.com"]`, ``},
	{"RFC 7644 3.4.2.2", `emails[type eq "work" and value co "@example.com"] or ims[type eq "xmpp" and value co "@foo.com"]`, ``},
	{"RFC 7644 3.4.2.2: letter case", `filter Eq "x" AND USERNAME PR`, `filter eq "x" and USERNAME pr`},

	{"precedence", `a pr or b pr and not (c pr)`, ``},
	{"left associative", `a pr and b pr and c pr or d pr or e pr`, ``},
	{"superfluous groups", `((a pr) and ((b pr)))`, `a pr and b pr`},
	{"right side grouped", `a pr and (b pr and c pr)`, ``},
	{"or in and", `(a pr or b pr) and c pr`, ``},
	{"and in or", `(a pr and b pr) or (c pr and d pr)`, `a pr and b pr or c pr and d pr`},
	{"not without space", `not(a pr)`, `not (a pr)`},
	{"not twice", `NOT (not (a pr))`, `not (not (a pr))`},
	{"not in brackets", `emails[not (type eq "work") or (primary eq true and value pr)]`, `emails[not (type eq "work") or primary eq true and value pr]`},
	{"attributes named as keywords", `not pr and and pr or or eq "x" or pr pr`, ``},
	{"literals", `a eq True and b ne FALSE or c eq nUll`, `a eq true and b ne false or c eq null`},
	{"numbers", `a eq 1 or a eq -1.50 or a eq 1e999999999 or a eq 0`, ``},
	{"no numbers", `a eq 007 or a eq 1. or a eq +1 or a eq 1e`, `a eq "007" or a eq "1." or a eq "+1" or a eq "1e"`},
	{"white space", "  a\t eq   \"x y\"  and\r\n(  b pr  ) ", `a eq "x y" and b pr`},
	{"white space left out", `emails[a eq"x"and(b pr)]or(c pr)`, `emails[a eq "x" and b pr] or c pr`},
	{"escapes", `a eq "\u00fc\ud83d\ude00\"\\\/\b\f\n\r\t"`, `a eq "ü😀\"\\/\b\f\n\r\t"`},
	{"reference", `members.$ref eq "x" and a-b_1 pr`, ``},

	{"Entra: match by mail", `emails[type eq "work"].value eq "alice@example.com"`, ``},
	{"Entra: letter case", `Emails[Type eq "work"].Value eq "alice@example.com"`, ``},
	{"Entra: unquoted", `externalId eq jyoung`, `externalId eq "jyoung"`},
	{"Entra: unquoted in brackets", `emails[type eq work].value eq a`, `emails[type eq "work"].value eq "a"`},
	{"Entra: quoted boolean", `roles[primary eq "True"].value eq "x"`, ``},
	{"Entra: reference", `id eq "u" and manager eq "m"`, ``},
	{"Entra: special characters", `userName eq "o'neil+x%27%2b\"é"`, ``},
	{"Okta: match", `userName eq "alice@example.com"`, ``},
	{"Okta: dates", `meta.lastModified gt "2026-01-31T12:00:00.123Z"`, ``},
	{"sub-attribute of elements present", `emails[type eq "work"].value pr`, ``},

	{"URN with colon", `urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department eq "x"`, ``},
	{"URN with dot", `urn:ietf:params:scim:schemas:extension:enterprise:2.0:User.department eq "x"`,
		`urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department eq "x"`},
	{"URN with sub-attribute", `urn:ietf:params:scim:schemas:extension:enterprise:2.0:User.manager.displayName eq "x"`,
		`urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.displayName eq "x"`},
	{"unknown URN", `urn:example:a/b=c:2.0:Thing:name.x eq "x"`, ``},
	{"unknown URN that a known one begins", `urn:ietf:params:scim:schemas:core:2.0:User:more:attr pr`, ``},
}

// TestParse also parses what is printed, which must give the same expression.
func TestParse(t *testing.T) {
	t.Parallel()
	for _, tt := range sourceFilters {
		t.Run(tt.name, func(t *testing.T) {
			want := tt.want
			if want == "" {
				want = tt.in
			}
			e := mustParse(t, tt.in)
			if got := e.String(); got != want {
				t.Errorf("Parse(%s) = %s, want %s", tt.in, got, want)
			}
			sameExpr(t, e, mustParse(t, e.String()))
		})
	}
}

func TestParseTree(t *testing.T) {
	t.Parallel()
	pr := func(attr string, pos int) Expr { return Present{Path{Attr: attr}, pos} }
	for _, tt := range []struct {
		in   string
		want Expr
	}{
		{`a pr or b pr and c pr or d pr`, Or{Or{pr("a", 0), And{pr("b", 8), pr("c", 17)}}, pr("d", 25)}},
		{`emails[type eq "work"].value sw "a" and title pr`, And{
			Compare{
				Path: Path{Attr: "emails", Sub: "value", Filter: Compare{Path{Attr: "type"}, Eq, scim.Text("work"), 7}},
				Op:   Sw, Value: scim.Text("a"),
			}, pr("title", 40),
		}},
		{userURN + `.name.x LE 1`, Compare{Path{URN: userURN, Attr: "name", Sub: "x"}, Le, scim.Num("1"), 0}},
		{`not (a[b pr])`, Not{ValuePath{Path{Attr: "a", Filter: pr("b", 7)}, 5}}},
	} {
		if diff := cmp.Diff(tt.want, mustParse(t, tt.in)); diff != "" {
			t.Errorf("Parse(%s) (-want +got):\n%s", tt.in, diff)
		}
	}
}

// faultyFilters are texts that are no filter, with what is said of them.
var faultyFilters = []struct{ name, in, want string }{
	{"empty", ``, `position 1: expected an attribute, found the end`},
	{"blank", `  `, `position 3: expected an attribute, found the end`},
	{"no operator", `userName`, `position 9: expected an operator such as eq, found the end`},
	{"wrong operator", `userName equals "alice"`, `position 10: expected an operator such as eq, found "equals"`},
	{"long operator", `userName isExactlyTheSameTextAs "alice"`, `position 10: expected an operator such as eq, found "isExactlyTheSameText..."`},
	{"symbol", `userName = "alice"`, `position 10: expected an operator such as eq, found "="`},
	{"value for operator", `userName "alice"`, `position 10: expected an operator such as eq, found a string`},
	{"word for operator", `userName alice`, `position 10: expected an operator such as eq, found a word`},
	{"word for operator, and more", `userName alice and title pr`, `position 10: expected an operator such as eq, found a word`},
	{"no value", `userName eq `, `position 13: expected a value, found the end`},
	{"no value in group", `(userName eq )`, `position 14: expected a value, found ")"`},
	{"group for value", `userName eq ("alice")`, `position 14: expected the value to end or to be in quotation marks`},
	{"bracket for value", `userName eq [1]`, `position 13: expected a value, found "["`},
	{"string first", `"alice" eq userName`, `position 1: expected an attribute, found a string`},
	{"number first", `1 eq 1`, `position 1: expected an attribute, found a number`},
	{"trailing word", `userName eq alice smith`, `position 19: expected and, or, or the end of the filter, found a word`},
	{"trailing bracket", `a pr)`, `position 5: expected and, or, or the end of the filter, found ")"`},
	{"open group", `(a pr`, `position 6: expected and, or, or ")", found the end`},
	{"open bracket", `a[b pr`, `position 7: expected and, or, or "]", found the end`},
	{"crossed", `(a[b pr)]`, `position 8: expected and, or, or "]", found ")"`},
	{"empty brackets", `a[]`, `position 3: expected an attribute, found "]"`},
	{"no right side", `a pr and`, `position 9: expected an attribute, found the end`},
	{"not without group", `not a pr`, `position 5: expected "(" after not, found "a"`},
	{"brackets in brackets", `a[b[c pr]]`, `position 4: expected no brackets within brackets, found "["`},
	{"sub-attribute before brackets", `a.b[c pr]`, `position 4: expected no more than one sub-attribute, after any brackets, found "["`},
	{"two sub-attributes", `a.b.c pr`, `position 4: expected no more than one sub-attribute, after any brackets, found "."`},
	{"no sub-attribute", `a. pr`, `position 3: expected a sub-attribute, found white space`},
	{"dash first", `_a pr`, `position 1: expected an attribute, found a word`},
	{"letter that is not ASCII", `é pr`, `position 1: expected an attribute, found a character that no name may hold`},
	{"bare URN", userURN + ` eq "x"`, `position 43: expected an attribute after the schema's URN, found white space`},
	{"open string", `a eq "x`, `position 6: expected a quotation mark that ends this string`},
	{"backslash at the end", `a eq "x\`, `position 6: expected a quotation mark that ends this string`},
	{"bad escape", `a eq "x\q"`, `position 8: expected one of "\/bfnrtu after the backslash`},
	{"bad hexadecimal", `a eq "\u12g4"`, `position 7: expected four hexadecimal digits of a character after \u`},
	{"signed hexadecimal", `a eq "\u+123"`, `position 7: expected four hexadecimal digits of a character after \u`},
	{"half a pair", `a eq "\ud83d\n"`, `position 7: expected four hexadecimal digits of a character after \u`},
	{"second half", `a eq "\ude00"`, `position 7: expected four hexadecimal digits of a character after \u`},
	{"control character", "a eq \"x\x00\"", `position 8: expected no control character in a string: write it as an escape`},
	{"quotation mark in word", `a eq x"`, `position 7: expected the value to end or to be in quotation marks`},
	{"string not UTF-8", "a eq \"\xff\"", `position 6: expected text in UTF-8`},
	{"word not UTF-8", "a eq \xff", `position 6: expected text in UTF-8`},
	{"deep", strings.Repeat("(", 51) + "a pr", `position 51: expected no more than 50 levels of parentheses`},
	{"very deep", strings.Repeat("not (", 100_000), `position 255: expected no more than 50 levels of parentheses`},
}

func TestParseErrors(t *testing.T) {
	t.Parallel()
	for _, tt := range faultyFilters {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Parse(tt.in, userURN, enterpriseURN)
			var syntax *SyntaxError
			if !errors.As(err, &syntax) || err.Error() != tt.want {
				t.Errorf("Parse(%.60s) error = %v, want %s", tt.in, err, tt.want)
			}
		})
	}
}

// TestParseLong holds that the length of a filter costs no depth.
func TestParseLong(t *testing.T) {
	t.Parallel()
	in := strings.Repeat("(", 50) + `title pr` + strings.Repeat(")", 50) +
		strings.Repeat(` and title pr`, 50_000) + strings.Repeat(` or title pr`, 50_000)
	e := mustParse(t, in)
	if got, want := len(e.String()), len(in)-100; got != want {
		t.Errorf("printed in %d bytes, want %d", got, want)
	}
	f, err := Compile(e, scim.User())
	if err != nil {
		t.Fatal(err)
	}
	if !f.Match(object(t, `{"title":"x"}`)) {
		t.Error("no match")
	}
}

func mustParse(t testing.TB, s string) Expr {
	t.Helper()
	e, err := Parse(s, userURN, enterpriseURN)
	if err != nil {
		t.Fatalf("Parse(%s): %v", s, err)
	}
	return e
}

func object(t testing.TB, s string) scim.Value {
	t.Helper()
	v, err := scim.Parse([]byte(s))
	if err != nil {
		t.Fatalf("scim.Parse(%s): %v", s, err)
	}
	return v
}

// positions ignores where an expression was found.
var positions = cmp.Options{
	cmpopts.IgnoreFields(Compare{}, "Pos"), cmpopts.IgnoreFields(Present{}, "Pos"), cmpopts.IgnoreFields(ValuePath{}, "Pos"),
}

func sameExpr(t interface {
	Helper()
	Errorf(string, ...any)
}, want, got Expr) {
	t.Helper()
	if diff := cmp.Diff(want, got, positions); diff != "" {
		t.Errorf("printed as %s, reads back differently (-want +got):\n%s", want, diff)
	}
}
