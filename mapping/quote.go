package mapping

import (
	"regexp"
	"slices"
	"strings"
)

// formatted is a variable of a query that says how its value is spelt, such as
// {value|json}.
var formatted = regexp.MustCompile(`\{([^{}|]*)\|([^{}]*)\}`)

// spellings are the ways in which a query can spell a value.
var spellings = []string{"json", "odata", "fexpr"}

// cutFormats returns the query value with its variables bare. unknown is the
// first one that is spelt in a way which nobody knows.
func cutFormats(text string) (plain, unknown string) {
	for _, m := range formatted.FindAllStringSubmatch(text, -1) {
		if unknown == "" && !slices.Contains(spellings, m[2]) {
			unknown = m[0]
		}
	}
	return formatted.ReplaceAllString(text, "{$1}"), unknown
}

// betweenQuotes returns the first variable that stands between quotes in a
// query value, or "". What is searched for may hold a quote too, and would
// then end there and go on as a part of the expression.
func betweenQuotes(text string) string {
	for _, at := range variable.FindAllStringIndex(text, -1) {
		before := formatted.ReplaceAllString(text[:at[0]], "")
		if strings.Count(before, "'")%2 == 1 || strings.Count(before, `"`)%2 == 1 {
			return text[at[0]:at[1]]
		}
	}
	return ""
}
