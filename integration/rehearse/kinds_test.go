package rehearse

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// usedKinds returns the kinds of findings that the code names: texts after
// kind:, and arguments of the functions that take one.
func usedKinds(t *testing.T) (kinds []string) {
	t.Helper()
	takes := map[string][]int{ // the places of kinds among the arguments
		"judge": {1}, "find": {0}, "general": {0}, "finds": {4}, "foundOnly": {2}, "happen": {5},
		"patchUser": {3}, "patchGroup": {3}, "verify": {2}, "verifyGroup": {2, 3}, "checkList": {1}, "remove": {5},
	}
	add := func(e ast.Expr) {
		if l, ok := e.(*ast.BasicLit); ok && l.Kind == token.STRING {
			if s, _ := strconv.Unquote(l.Value); s != "" && s != "create" {
				kinds = append(kinds, s)
			}
		}
	}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		tree, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(tree, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.KeyValueExpr:
				if key, ok := n.Key.(*ast.Ident); ok && key.Name == "kind" {
					add(n.Value)
				}
			case *ast.CallExpr:
				if f, ok := n.Fun.(*ast.SelectorExpr); ok {
					for _, i := range takes[f.Sel.Name] {
						if i < len(n.Args) {
							add(n.Args[i])
						}
					}
				}
			}
			return true
		})
	}
	slices.Sort(kinds)
	return slices.Compact(kinds)
}
