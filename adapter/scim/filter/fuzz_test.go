package filter

import (
	"errors"
	"testing"

	"hostscim/adapter/scim"
)

func FuzzParse(f *testing.F) {
	for _, tt := range sourceFilters {
		f.Add(tt.in)
	}
	for _, tt := range matches {
		f.Add(tt.in)
	}
	for _, tt := range faultyFilters {
		f.Add(tt.in)
	}
	user, resource := scim.User(), object(f, alice)
	f.Fuzz(func(t *testing.T, s string) {
		e, err := Parse(s, userURN, enterpriseURN)
		if err != nil {
			checkOffset(t, s, err)
			return
		}
		sameExpr(t, e, mustParse(t, e.String()))
		c, err := Compile(e, user)
		if err != nil {
			return
		}
		again, err := Compile(mustParse(t, c.String()), user)
		if err != nil {
			t.Fatalf("Compile(%s) of what %q compiled to: %v", c, s, err)
		}
		sameExpr(t, c.Expr(), again.Expr())
		if c.Match(resource) != again.Match(resource) {
			t.Errorf("%q and its canonical form %s do not match the same", s, c)
		}
	})
}

func FuzzParsePath(f *testing.F) {
	for _, tt := range sourcePaths {
		f.Add(tt.in)
	}
	user := scim.User()
	f.Fuzz(func(t *testing.T, s string) {
		p, err := ParsePath(s, userURN, enterpriseURN)
		if err != nil {
			checkOffset(t, s, err)
			return
		}
		again, err := ParsePath(p.String(), userURN, enterpriseURN)
		if err != nil {
			t.Fatalf("ParsePath(%s) of what %q was printed as: %v", p, s, err)
		}
		sameExpr(t, ValuePath{Path: p}, ValuePath{Path: again})
		target, err := Resolve(p, user)
		if err != nil {
			return
		}
		again = target.Path
		if target, err = Resolve(again, user); err != nil {
			t.Fatalf("Resolve(%s) of what %q resolved to: %v", again, s, err)
		}
		sameExpr(t, ValuePath{Path: again}, ValuePath{Path: target.Path})
	})
}

func checkOffset(t *testing.T, s string, err error) {
	t.Helper()
	var syntax *SyntaxError
	if !errors.As(err, &syntax) || syntax.Offset < 0 || syntax.Offset > len(s) {
		t.Errorf("error of %q = %v, want a SyntaxError with a position in it", s, err)
	}
}
