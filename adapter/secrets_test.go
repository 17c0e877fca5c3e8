package adapter_test

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// TestEverySecretIsCompared: the time that a wrong credential takes cannot be
// measured in a test, so it is the code that is looked at. Where secrets are
// compared, it is their hashes, all of them, and by a function whose time does
// not tell where they differ.
func TestEverySecretIsCompared(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	comparing := make(map[string]bool)
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, decl := range file.Decls {
			f, ok := decl.(*ast.FuncDecl)
			if !ok || f.Body == nil {
				continue
			}
			if fault := comparison(f, comparing); fault != "" {
				t.Errorf("%s: %s %s", name, f.Name.Name, fault)
			}
		}
	}
	for _, name := range []string{"bearer", "known"} {
		if !comparing[name] {
			t.Errorf("%s compares no secret by subtle.ConstantTimeCompare, as it should", name)
		}
	}
}

// comparison returns what is wrong with how the function compares secrets, and
// notes that it does.
func comparison(f *ast.FuncDecl, comparing map[string]bool) (fault string) {
	ast.Inspect(f.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BinaryExpr:
			if (n.Op == token.EQL || n.Op == token.NEQ) && (isSum(n.X) || isSum(n.Y)) {
				fault = "compares a hash by " + n.Op.String()
			}
		case *ast.CallExpr:
			if name := called(n); (name == "bytes.Equal" || name == "bytes.Compare" || name == "slices.Equal") && len(n.Args) == 2 && (isSum(n.Args[0]) || isSum(n.Args[1])) {
				fault = "compares a hash by " + name
			}
		case *ast.RangeStmt:
			if compares(n.Body) {
				comparing[f.Name.Name] = true
				if leaves(n.Body) {
					fault = "stops at a secret that fits, or passes one over"
				}
			}
		}
		return true
	})
	return fault
}

// isSum reports whether the expression is the hash of a secret, or a slice of it.
func isSum(x ast.Expr) bool {
	switch x := x.(type) {
	case *ast.SliceExpr:
		return isSum(x.X)
	case *ast.SelectorExpr:
		return x.Sel.Name == "sum"
	case *ast.Ident:
		return x.Name == "sum"
	}
	return false
}

func called(c *ast.CallExpr) string {
	s, ok := c.Fun.(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	pkg, _ := s.X.(*ast.Ident)
	if pkg == nil {
		return ""
	}
	return pkg.Name + "." + s.Sel.Name
}

func compares(body *ast.BlockStmt) (found bool) {
	ast.Inspect(body, func(n ast.Node) bool {
		c, ok := n.(*ast.CallExpr)
		found = found || ok && called(c) == "subtle.ConstantTimeCompare"
		return true
	})
	return found
}

// leaves reports whether a loop can end, or go on, before its body has.
func leaves(body *ast.BlockStmt) (found bool) {
	ast.Inspect(body, func(n ast.Node) bool {
		switch n.(type) {
		case *ast.ReturnStmt, *ast.BranchStmt:
			found = true
		}
		return true
	})
	return found
}

// TestKeysAreFromWhereTheFileSays: neither a redirect nor a header of a token
// makes us fetch keys from anywhere else, or take those that it brings.
func TestKeysAreFromWhereTheFileSays(t *testing.T) {
	c, p, stranger := newClock(), newIDP(t), newIDP(t)
	var answer atomic.Pointer[http.HandlerFunc]
	redirect := http.HandlerFunc(http.RedirectHandler(stranger.server.URL, http.StatusFound).ServeHTTP)
	last, err := json.Marshal(jose.JSONWebKey{Key: stranger.keys["one"].Public(), KeyID: "one", Use: "sig"})
	if err != nil {
		t.Fatal(err)
	}
	huge := respond(200, `{"keys":[`+strings.Repeat(`{},`, 200_000)+string(last)+`]}`)
	keys := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { (*answer.Load())(w, r) }))
	t.Cleanup(keys.Close)
	for name, test := range map[string]struct {
		answer http.HandlerFunc
		status int
	}{
		"a redirect":             {redirect, 503}, // nobody can tell
		"more than there can be": {huge, 503},
		"the right keys":         {p.server.Config.Handler.ServeHTTP, 401},
	} {
		answer.Store(&test.answer)
		f := startAuth(t, `auth:
  jwt: [{name: entra, issuer: "https://sts.example.com/tenant-1/", audience: application-1, jwks_url: "`+keys.URL+`"}]`, c)
		for _, header := range []map[jose.HeaderKey]any{
			{},
			{"jku": stranger.server.URL, "x5u": stranger.server.URL, "kid": "../" + stranger.server.URL},
			{"jwk": jose.JSONWebKey{Key: stranger.keys["one"].Public(), KeyID: "one", Use: "sig"}},
		} {
			options := &jose.SignerOptions{ExtraHeaders: header}
			signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: jose.JSONWebKey{Key: stranger.keys["one"], KeyID: "one"}}, options)
			if err != nil {
				t.Fatal(err)
			}
			raw, err := jwt.Signed(signer).Claims(claims(c)).Serialize()
			if err != nil {
				t.Fatal(err)
			}
			if a := f.call("GET", "/Users/1", "", bearer(raw)...); a.status != test.status {
				t.Errorf("%s: a token with the header %v = %d %s, want %d", name, header, a.status, a.body, test.status)
			}
		}
		f.wantCalls()
	}
	if n := stranger.fetches.Load(); n > 0 {
		t.Errorf("the keys of the stranger were fetched %d times", n)
	}
}
