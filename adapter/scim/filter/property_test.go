package filter

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"hostscim/adapter/scim"
)

// TestPrintParse: an expression reads back from its printing.
func TestPrintParse(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		e := drawExpr(t, anyLeaf, 4)
		back, err := Parse(e.String(), userURN, enterpriseURN)
		if err != nil {
			t.Fatalf("Parse(%s): %v", e, err)
		}
		sameExpr(t, e, back)
	})
}

// TestMatchAgainstModel compares Match with an evaluator that has neither
// compilation nor schemas.
func TestMatchAgainstModel(t *testing.T) {
	t.Parallel()
	user := scim.User()
	rapid.Check(t, func(t *rapid.T) {
		e, resource := drawExpr(t, userLeaf, 3), drawUser(t)
		f, err := Compile(e, user)
		if err != nil {
			t.Fatalf("Compile(%s): %v", e, err)
		}
		if got, want := f.Match(resource), modelMatch(e, resource); got != want {
			t.Errorf("Match(%s, %s) = %v, want %v", e, resource, got, want)
		}
	})
}

// TestFold: what is folded to the same text is what EqualFold takes for equal.
func TestFold(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a := rapid.String().Draw(t, "a")
		b := rapid.SampledFrom([]string{a, strings.ToUpper(a), strings.ToLower(a), rapid.String().Draw(t, "b")}).Draw(t, "other")
		if got, want := fold(a) == fold(b), strings.EqualFold(a, b); got != want {
			t.Errorf("fold(%q) == fold(%q) is %v, want %v", a, b, got, want)
		}
	})
}

func drawExpr(t *rapid.T, leaf func(*rapid.T) Expr, depth int) Expr {
	kind := 0
	if depth > 0 {
		kind = rapid.IntRange(0, 4).Draw(t, "kind")
	}
	switch kind {
	case 1:
		return And{drawExpr(t, leaf, depth-1), drawExpr(t, leaf, depth-1)}
	case 2:
		return Or{drawExpr(t, leaf, depth-1), drawExpr(t, leaf, depth-1)}
	case 3:
		return Not{drawExpr(t, leaf, depth-1)}
	}
	return leaf(t)
}

var operators = []Op{Eq, Ne, Co, Sw, Ew, Gt, Ge, Lt, Le}

func anyLeaf(t *rapid.T) Expr {
	name := rapid.StringMatching(`[A-Za-z$][A-Za-z0-9$_-]{0,6}`)
	path := Path{
		URN:  rapid.SampledFrom([]string{"", "", userURN, enterpriseURN, "urn:example:x.y/z", "urn:ietf:params:scim:schemas:core:2.0:User:more"}).Draw(t, "urn"),
		Attr: rapid.OneOf(name, rapid.SampledFrom([]string{"not", "and", "or", "pr", "eq"})).Draw(t, "attr"),
	}
	kind := rapid.IntRange(0, 3).Draw(t, "leaf")
	if kind > 1 {
		path.Filter = drawExpr(t, func(t *rapid.T) Expr {
			return Compare{Path: Path{Attr: name.Draw(t, "inner")}, Op: Eq, Value: drawLiteral(t)}
		}, 2)
	}
	if kind == 2 {
		return ValuePath{Path: path}
	}
	if kind == 3 || rapid.Bool().Draw(t, "has sub") {
		path.Sub = name.Draw(t, "sub")
	}
	if rapid.Bool().Draw(t, "pr") {
		return Present{Path: path}
	}
	return Compare{Path: path, Op: rapid.SampledFrom(operators).Draw(t, "op"), Value: drawLiteral(t)}
}

func drawLiteral(t *rapid.T) scim.Value {
	switch rapid.IntRange(0, 3).Draw(t, "literal") {
	case 0:
		return scim.NullValue()
	case 1:
		return scim.Bool(rapid.Bool().Draw(t, "bool"))
	case 2:
		return scim.Num(rapid.StringMatching(`-?(0|[1-9][0-9]{0,3})(\.[0-9]{1,3})?([eE][+-]?[0-9]{1,4})?`).Draw(t, "number"))
	}
	return scim.Text(rapid.String().Filter(utf8.ValidString).Draw(t, "text"))
}

var (
	someText  = rapid.SampledFrom([]string{"", "a", "A", "ab", "AB", "b", "ba"})
	someTypes = rapid.SampledFrom([]string{"work", "home"})
)

// userLeaf draws what TestMatchAgainstModel compares: texts that are caseExact
// (externalId) or not, and mails with and without brackets.
func userLeaf(t *rapid.T) Expr {
	path := rapid.SampledFrom([]Path{
		{Attr: "userName"}, {Attr: "externalId"}, {Attr: "emails", Sub: "value"}, {Attr: "emails", Sub: "type"},
	}).Draw(t, "path")
	if path.Attr == "emails" && rapid.Bool().Draw(t, "brackets") {
		path.Filter = Compare{Path: Path{Attr: "type"}, Op: Eq, Value: scim.Text(someTypes.Draw(t, "type"))}
		if rapid.Bool().Draw(t, "whole") {
			path.Sub = ""
			return ValuePath{Path: path}
		}
	}
	if rapid.Bool().Draw(t, "pr") {
		return Present{Path: path}
	}
	return Compare{Path: path, Op: rapid.SampledFrom(operators).Draw(t, "op"), Value: scim.Text(someText.Draw(t, "text"))}
}

func drawUser(t *rapid.T) scim.Value {
	var fields []scim.Field
	optional := func(name string, g *rapid.Generator[string]) {
		if rapid.Bool().Draw(t, "has "+name) {
			fields = append(fields, scim.Field{Name: name, Value: scim.Text(g.Draw(t, name))})
		}
	}
	var mails []scim.Value
	for range rapid.IntRange(0, 3).Draw(t, "mails") {
		fields = []scim.Field{{Name: "display", Value: scim.Text("x")}}
		optional("value", someText)
		optional("type", someTypes)
		mails = append(mails, scim.Obj(fields...))
	}
	fields = []scim.Field{{Name: "emails", Value: scim.List(mails...)}}
	optional("userName", someText)
	optional("externalId", someText)
	return scim.Obj(fields...)
}

// modelMatch is the meaning of a filter of drawUser, step by step.
func modelMatch(e Expr, r scim.Value) bool {
	switch e := e.(type) {
	case And:
		return modelMatch(e.Left, r) && modelMatch(e.Right, r)
	case Or:
		return modelMatch(e.Left, r) || modelMatch(e.Right, r)
	case Not:
		return !modelMatch(e.Expr, r)
	case ValuePath:
		return slices.ContainsFunc(r.Get(e.Path.Attr).Parts(), func(f scim.Field) bool { return modelMatch(e.Path.Filter, f.Value) })
	case Present:
		return slices.ContainsFunc(modelTexts(e.Path, r), func(s string) bool { return s != "" })
	case Compare:
		texts := modelTexts(e.Path, r)
		return e.Op == Ne && len(texts) == 0 || slices.ContainsFunc(texts, func(s string) bool {
			return modelCompare(s, e.Op, e.Value.Text(), e.Path.Attr == "externalId")
		})
	}
	panic("no expression")
}

func modelTexts(p Path, r scim.Value) (texts []string) {
	v := r.Get(p.Attr)
	if v.Kind() == scim.String {
		texts = append(texts, v.Text())
	}
	for _, part := range v.Parts() {
		if x := part.Value.Get(p.Sub); x.Kind() == scim.String && (p.Filter == nil || modelMatch(p.Filter, part.Value)) {
			texts = append(texts, x.Text())
		}
	}
	return texts
}

func modelCompare(a string, op Op, b string, exact bool) bool {
	if !exact {
		a, b = strings.ToLower(a), strings.ToLower(b)
	}
	return map[Op]bool{
		Eq: a == b, Ne: a != b, Gt: a > b, Ge: a >= b, Lt: a < b, Le: a <= b,
		Co: strings.Contains(a, b), Sw: strings.HasPrefix(a, b), Ew: strings.HasSuffix(a, b),
	}[op]
}
