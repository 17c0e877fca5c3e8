package integration

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestLaws: each law of package adapter names a test that holds it, and every
// test that is named exists.
func TestLaws(t *testing.T) {
	doc, err := os.ReadFile("../adapter/doc.go")
	if err != nil {
		t.Fatal(err)
	}
	_, laws, _ := strings.Cut(string(doc), "\n// # Laws\n")
	numbered := regexp.MustCompile(`\n//  \d+\. `).Split(laws, -1)[1:]
	if len(numbered) != 14 {
		t.Errorf("%d laws, want 14", len(numbered))
	}
	test := regexp.MustCompile(`([a-z/]+)/(Test\w+)`)
	for i, law := range numbered {
		named := test.FindAllStringSubmatch(law, -1)
		if named == nil {
			t.Errorf("law %d names no test", i+1)
		}
		for _, m := range named {
			if !testsIn(t, filepath.Join("..", m[1]))[m[2]] {
				t.Errorf("law %d: there is no test %s in %s", i+1, m[2], m[1])
			}
		}
	}
}
