package integration

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// threats are the sections that the security review must have.
var threats = []string{
	"Forged proxy headers", "A web page in the operator's browser", "Path injection through ids and templates", "SSRF through next-page links and redirects",
	"Token timing and guessing", "Request smuggling at the proxy", "JSON bombs, decompression bombs, slow clients",
	"Cross-tenant leaks", "Log injection", "A malicious legacy API",
}

var (
	codeSpan  = regexp.MustCompile("`([^`\n]+)`")
	namedTest = regexp.MustCompile(`^((?:[a-z]+/)+)((?:Test|Fuzz)\w+)$`)
)

// TestSecurityReview holds that adapter/SECURITY.md names for each threat at
// least one test, and none that does not exist.
func TestSecurityReview(t *testing.T) {
	page, err := os.ReadFile("../adapter/SECURITY.md")
	if err != nil {
		t.Fatal(err)
	}
	before, review, _ := strings.Cut(string(page), "\n## Threats\n")
	review, after, _ := strings.Cut(review, "\n## ")
	exists := make(map[string]map[string]bool) // by directory
	namedTests(t, "the rest", before+after, exists)
	var titles []string
	for _, section := range strings.Split(review, "\n### ")[1:] {
		title, text, _ := strings.Cut(section, "\n")
		titles = append(titles, title)
		if namedTests(t, title, text, exists) == 0 {
			t.Errorf("%s: no test holds it", title)
		}
	}
	if !slices.Equal(titles, threats) {
		t.Errorf("the review is of %q, want %q", titles, threats)
	}
}

// namedTests checks that the tests that a text names exist, and returns how
// many it names.
func namedTests(t *testing.T, title, text string, exists map[string]map[string]bool) (named int) {
	t.Helper()
	for _, span := range codeSpan.FindAllStringSubmatch(text, -1) {
		m := namedTest.FindStringSubmatch(span[1])
		if m == nil {
			if strings.Contains(span[1], "Test") || strings.Contains(span[1], "Fuzz") {
				t.Errorf("%s: %s is no test with its package, such as adapter/TestAllow", title, span[1])
			}
			continue
		}
		named++
		dir := filepath.Join("..", m[1])
		if exists[dir] == nil {
			exists[dir] = testsIn(t, dir)
		}
		if !exists[dir][m[2]] {
			t.Errorf("%s: there is no test %s in %s", title, m[2], m[1])
		}
	}
	return named
}

// testsIn returns the names of the tests and fuzz targets in a directory.
func testsIn(t *testing.T, dir string) map[string]bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*_test.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%s has no tests: %v", dir, err)
	}
	names := make(map[string]bool)
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, decl := range file.Decls {
			if f, ok := decl.(*ast.FuncDecl); ok && f.Recv == nil {
				names[f.Name.Name] = true
			}
		}
	}
	return names
}
