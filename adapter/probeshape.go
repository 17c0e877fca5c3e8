package adapter

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// maxNames bounds how many field names a finding lists.
const maxNames = 25

// parsedShape returns the answer as plain values; nil if it is not JSON. Of it
// only names of fields are shown.
func parsedShape(body []byte) any {
	var v any
	if json.Unmarshal(body, &v) != nil {
		return nil
	}
	return v
}

// pathsTo returns the dotted paths below v at which fits says yes, shortest
// first. Lists are not looked into.
func pathsTo(v any, fits func(name string, v any) bool) []string {
	const deepest = 4
	var paths []string
	var walk func(prefix string, v any, depth int)
	walk = func(prefix string, v any, depth int) {
		object, ok := v.(map[string]any)
		if !ok || depth == deepest {
			return
		}
		for name, child := range object {
			if strings.Contains(name, ".") {
				continue // no dotted path can name it
			}
			if fits(name, child) {
				paths = append(paths, prefix+name)
			}
			walk(prefix+name+".", child, depth+1)
		}
	}
	walk("", v, 0)
	slices.SortFunc(paths, func(a, b string) int {
		if d := strings.Count(a, ".") - strings.Count(b, "."); d != 0 {
			return d
		}
		return strings.Compare(a, b)
	})
	return paths
}

func isListOfObjects(_ string, v any) bool {
	list, ok := v.([]any)
	if !ok || len(list) == 0 {
		return false
	}
	_, ok = list[0].(map[string]any)
	return ok
}

func isObject(_ string, v any) bool {
	_, ok := v.(map[string]any)
	return ok
}

// isTotal reports whether the field may be the length of a list.
func isTotal(name string, v any) bool {
	_, ok := v.(float64)
	lower := strings.ToLower(name)
	return ok && (strings.Contains(lower, "total") || strings.Contains(lower, "count"))
}

// instead says what to write in place of a path; "" where nothing suggests
// itself. Names that no configuration would hold are not repeated.
func instead(key string, paths []string) string {
	paths = slices.DeleteFunc(slices.Clone(paths), func(p string) bool { return !plainName(p) })
	if len(paths) == 0 {
		return ""
	}
	for i, p := range paths {
		paths[i] = key + ": " + p
	}
	if len(paths) > 3 {
		paths = paths[:3]
	}
	return "; write " + strings.Join(paths, " or ")
}

// plainName reports whether a name of the API looks like a name. One that
// does not may be a value: there are APIs that list people by their names.
func plainName(name string) bool {
	if name == "" || len(name) > 64 {
		return false
	}
	return !strings.ContainsFunc(name, func(c rune) bool {
		return (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '_' && c != '-' && c != '.'
	})
}

// fieldNames returns the names of the fields of the records, each once.
func fieldNames(records []map[string]any) []string {
	seen := make(map[string]bool)
	for _, r := range records {
		for name := range r {
			seen[name] = plainName(name) && !strings.Contains(name, ".")
		}
	}
	var names []string
	for name, plain := range seen {
		if plain {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// listNames prints names for a finding.
func listNames(names []string) string {
	if len(names) <= maxNames {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:maxNames], ", "), len(names)-maxNames)
}

// holds reports whether the record has a field at the dotted path, be it null.
func holds(record map[string]any, path string) bool {
	name, rest, nested := strings.Cut(path, ".")
	child, ok := record[name]
	if !ok || !nested {
		return ok
	}
	object, isObject := child.(map[string]any)
	return child == nil || isObject && holds(object, rest)
}
