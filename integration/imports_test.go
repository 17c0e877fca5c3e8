package integration

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "hostscim"

// mayImport says which packages of ours a package imports; all below cmd and
// integration may import any.
var mayImport = map[string][]string{
	"adapter/scim":            nil,
	"adapter/scim/filter":     {"adapter/scim"},
	"mapping":                 {"adapter/scim", "adapter/scim/filter"},
	"legacyclient":            nil,
	"legacyclient/legacytest": nil,
	"adapter":                 {"adapter/scim", "adapter/scim/filter", "mapping", "legacyclient"},
	"configs":                 nil,
}

// goPackage is what go list tells of a package.
type goPackage struct {
	ImportPath, Doc string
	Imports         []string
	GoFiles         []string
	Error           *struct{ Err string }
}

// TestImports holds who imports whom, and that every package says what it is.
func TestImports(t *testing.T) {
	cmd := exec.Command("go", "list", "-e", "-json=ImportPath,Doc,Imports,GoFiles,Error", "./...")
	cmd.Dir = ".."
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	dec := json.NewDecoder(bytes.NewReader(out))
	seen := make(map[string]bool)
	for {
		var p goPackage
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		if len(p.GoFiles) == 0 {
			continue // tests only
		}
		if p.Doc == "" {
			t.Errorf("%s has no package comment", p.ImportPath)
		}
		name := strings.TrimPrefix(p.ImportPath, module+"/")
		allowed, ruled := mayImport[name]
		seen[name] = true
		if !ruled {
			if !strings.HasPrefix(name, "cmd/") && !strings.HasPrefix(name, "integration") {
				t.Errorf("%s: there is no rule for this package in mayImport", name)
			}
			continue
		}
		for _, imported := range p.Imports {
			ours, isOurs := strings.CutPrefix(imported, module+"/")
			if isOurs && !slices.Contains(allowed, ours) {
				t.Errorf("%s imports %s, and may import %q of ours only", name, ours, allowed)
			}
		}
	}
	for name := range mayImport {
		if !seen[name] {
			t.Errorf("there is no package %s", name)
		}
	}
}

// TestRouterInOneFile holds that one file knows the router, apart from the
// handler that the benchmark measures against.
func TestRouterInOneFile(t *testing.T) {
	var users []string
	walk(t, func(path string) {
		if filepath.Ext(path) != ".go" {
			return
		}
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join("..", path), nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, imported := range file.Imports {
			if p, _ := strconv.Unquote(imported.Path.Value); p == "github.com/julienschmidt/httprouter" {
				users = append(users, path)
			}
		}
	})
	if want := []string{"adapter/routes.go", "integration/bench/floor.go", "integration/bench/floorgroup.go", "integration/bench/flooruser.go"}; !slices.Equal(users, want) {
		t.Errorf("httprouter is imported by %q, want %q", users, want)
	}
}

// TestRoot holds what the root directory may contain.
func TestRoot(t *testing.T) {
	allowed := []string{"adapter", "legacyclient", "mapping", "cmd", "configs", "integration", "go.mod", "go.sum", "README.md"}
	entries, err := os.ReadDir("..")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), ".") && !slices.Contains(allowed, e.Name()) {
			t.Errorf("the root holds %s; want only %q and dotfiles", e.Name(), allowed)
		}
	}
}

var (
	email = regexp.MustCompile(`[A-Za-z0-9.+_-]+@([A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,})`)
	// secrets are the beginnings of credentials of well-known services.
	secrets = regexp.MustCompile(`gh[pousr]_[A-Za-z0-9]{30}|AKIA[0-9A-Z]{16}|xox[abprs]-[0-9A-Za-z-]{10}|-----BEGIN [A-Z ]*PRIVATE KEY|eyJ[A-Za-z0-9_-]{20,}\.eyJ[A-Za-z0-9_-]{20,}\.`)
	// invented are the domains that belong to nobody (RFC 2606, RFC 6761).
	invented = regexp.MustCompile(`(?i)(^|\.)(example\.(com|org|net)|example\.com\.au|[a-z0-9-]+\.example|example|test|invalid)$`)
)

// TestFixtures holds that fixtures name nobody and hold no credential.
func TestFixtures(t *testing.T) {
	walk(t, func(path string) {
		fixture := strings.Contains(path, "testdata/") || strings.HasSuffix(path, "_test.go") ||
			strings.HasPrefix(path, "configs/") || strings.HasPrefix(path, "legacyclient/legacytest/") || strings.HasSuffix(path, ".md")
		if !fixture {
			return
		}
		src, err := os.ReadFile(filepath.Join("..", path))
		if err != nil {
			t.Fatal(err)
		}
		for i, line := range strings.Split(string(src), "\n") {
			for _, m := range email.FindAllStringSubmatch(line, -1) {
				if !invented.MatchString(m[1]) {
					t.Errorf("%s:%d: %s may be somebody's address; use example.com, example.org, example.net or a name in .example", path, i+1, m[0])
				}
			}
			if secrets.MatchString(line) {
				t.Errorf("%s:%d looks like a credential", path, i+1)
			}
		}
	})
}

// walk calls f with the path of every file of the module, from its root on.
func walk(t *testing.T, f func(path string)) {
	t.Helper()
	root := os.DirFS("..")
	err := fs.WalkDir(root, ".", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && path != "." && strings.HasPrefix(d.Name(), "."):
			return fs.SkipDir
		case d.Type().IsRegular():
			f(path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
