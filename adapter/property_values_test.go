package adapter_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"unicode"
)

// The values of the directories and of the filters. Letters beyond ASCII are
// those whose folding is not that of their lower case, or is more than a pair.
var (
	someNames = []string{
		"kai", "KAI", "\u212aai", "Kai ", "sam", "\u017fam", "SAM", "straße", "STRAẞE", "strasse", "İpek", "ipek", "i̇pek", "IPEK", "ıpek",
		"élan", "ÉLAN", "Åsa", "\u212bsa", "νέος", "ΝΈΟΣ", `o"neil`, `O"NEIL`, `back\slash`, `back\\slash`, "kai sam", "sam kai", "a", "ab", "b", " ",
		"true", "null", "7", "007", "pr", "and", "a,b", "100%", "a&b=c", "a+b", "{value}", "_x", "zoë 🙂",
	}
	someMails = []string{
		"kai@example.com", "Kai@Example.com", "KAI@EXAMPLE.COM", "\u212aai@example.com", "sam@example.com", "\u017fam@example.com",
		`"sam k"@example.com`, "i@example.com", "İ@example.com", "x@mail.example.com", "mail.example.com",
	}
	someTimes = []string{
		"2024-01-01T00:00:00Z", "2024-01-01T02:00:00+02:00", "2023-12-31T23:59:59.5Z", "2024-06-01T12:00:00-05:00", "2024-06-01T17:00:00.000Z", "2024-06-01T13:00:00+02:00", "1969-07-20T20:17:40Z",
	}
	someTypes = []string{"work", "other", "WORK", "home", "mobile"}
)

func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

func (g *generator) literal(e *expr) (any, string) {
	if g.IntN(30) == 0 && (e.op == "eq" || e.op == "ne") {
		return nil, g.cased("null")
	}
	var text string
	switch name := e.path.attr + "." + e.path.sub; {
	case e.path.kind == "bool":
		b := g.IntN(2) == 0
		return b, g.boolean(b)
	case e.path.kind == "time":
		text = pick(g.Rand, append(someTimes, "2024-01-01T00:00:00"))
	case name == "id." || e.path.attr == "members" || e.path.attr == "groups" || e.path.kind == "exact" && e.path.attr == "value":
		text = pick(g.Rand, append(g.ids, "0", "007", "A1", "a1", "nobody", "1.0", "", ".."))
	case name == "schemas.":
		text = pick(g.Rand, []string{enterprise, "urn:ietf:params:scim:schemas:core:2.0:" + g.kind})
	case name == "meta.resourceType":
		text = pick(g.Rand, []string{"User", "Group", "user"})
	case name == "type." || name == "emails.type":
		text = pick(g.Rand, someTypes)
	case strings.HasPrefix(name, "emails") || e.path.attr == "value":
		text = pick(g.Rand, someMails)
	default:
		text = pick(g.Rand, append(someNames, ""))
	}
	if r := []rune(text); (e.op == "co" || e.op == "sw" || e.op == "ew") && len(r) > 1 {
		from := g.IntN(len(r))
		text = string(r[from:min(len(r), from+1+g.IntN(4))])
	}
	return text, g.quoted(text)
}

func (g *generator) boolean(b bool) string {
	text := g.cased(fmt.Sprint(b))
	if g.IntN(3) == 0 {
		return `"` + text + `"`
	}
	return text
}

// quoted writes a text as a literal: with escapes, or bare where it can be.
func (g *generator) quoted(text string) string {
	bare := text != "" && !strings.ContainsAny(text, " \"\\()[],") && !slices.Contains([]string{"true", "null"}, text)
	if bare && g.IntN(8) == 0 {
		return text
	}
	if g.IntN(4) > 0 {
		b, _ := json.Marshal(text)
		return string(b)
	}
	var b strings.Builder
	for _, r := range text {
		if r > 0xffff {
			b.WriteRune(r)
		} else {
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return `"` + b.String() + `"`
}

// cased returns an ASCII name, sometimes in odd letter case.
func (g *generator) cased(name string) string {
	if g.IntN(3) > 0 {
		return name
	}
	b := []byte(name)
	for i, c := range b {
		if (c|0x20) >= 'a' && (c|0x20) <= 'z' && g.IntN(2) == 0 {
			b[i] ^= 0x20
		}
	}
	return string(b)
}

// foldText is the simple case folding of Unicode, for the letters that the
// tests use.
func foldText(s string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case 'İ':
			return r
		case 'ſ':
			return 's'
		case 'ς':
			return 'σ'
		}
		return unicode.ToLower(r)
	}, s)
}
