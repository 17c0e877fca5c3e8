package legacyclient

import (
	"fmt"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// spellings are the ways in which a value can stand in an expression of a
// query, so that no value ends its literal and goes on as a part of the
// expression.
//
//	json   a string of JSON, in double quotes: "O'Neil", "say \"hi\""
//	odata  a literal of OData and SQL, in single quotes that are doubled
//	       within it: 'O''Neil', 'say "hi"'
//	fexpr  a literal of PocketBase, in single quotes that have a backslash
//	       before them within it: 'O\'Neil'. A backslash stands for itself
//	       otherwise, so a value that ends in one cannot be spelt: the API
//	       refuses it.
var spellings = map[string]func(string) string{
	"json":  spellJSON,
	"odata": spellOData,
	"fexpr": spellFexpr,
}

// spellJSON escapes what JSON requires, and nothing else: < and & stay. What
// is not UTF-8 becomes U+FFFD.
func spellJSON(s string) string {
	b, _ := jsontext.AppendQuote(nil, strings.ToValidUTF8(s, "\uFFFD")) // valid: no error
	return string(b)
}

func spellOData(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

func spellFexpr(s string) string { return "'" + strings.ReplaceAll(s, "'", `\'`) + "'" }

// compileSpelling takes the spelling from the name of a variable.
func (p *part) compileSpelling() error {
	name, spelling, given := strings.Cut(p.name, "|")
	if !given {
		return nil
	}
	if p.name, p.spell = name, spellings[spelling]; p.spell == nil || name == "" {
		return fmt.Errorf("{%s|%s} is no name; known spellings are json, odata and fexpr", name, spelling)
	}
	return nil
}
