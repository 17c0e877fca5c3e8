package rehearse

import (
	"encoding/json"
	"fmt"
	"strings"
)

// operation is one of a PATCH. A Value of null is sent, an absent one not.
type operation struct {
	Op    string          `json:"op"`
	Path  string          `json:"path,omitempty"`
	Value json.RawMessage `json:"value,omitempty"`
}

func op(name, path string, value any) operation {
	return operation{name, path, raw(value)}
}

// raw returns the JSON of a value that is made here.
func raw(v any) json.RawMessage {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // texts, booleans, maps and lists of them
	}
	return b
}

func patch(ops ...operation) object {
	return object{"schemas": []any{patchURN}, "Operations": ops}
}

// change is an attribute that an update sets or, with a new value of nil,
// clears.
type change struct {
	path     string
	old, new any
}

// style is how a provider spells its changes.
type style struct {
	name string
	// update changes a user by PATCH. n counts the users, for variants that
	// take turns.
	update func(n int, changes []change) []operation
	// addMembers and removeMembers change a group.
	addMembers    func(ids ...string) []operation
	removeMembers func(ids ...string) []operation
	renameGroup   func(id, name string) []operation
	setManager    func(id string) []operation
	// exchange removes a member and adds one in the same request; nil for a
	// provider that is not seen to do so.
	exchange func(goes, comes string, display any) []operation
}

// legacyStyle is Entra without a flag, and Entra's provisioning on demand
// with any: an operation for each attribute, capital verbs, values as texts.
var legacyStyle = style{
	name: "legacy",
	update: func(n int, changes []change) []operation {
		var ops []operation
		for _, c := range changes {
			switch {
			case c.new == nil:
				ops = append(ops, op("Remove", c.path, c.old))
			case c.old == nil && n%2 == 1:
				ops = append(ops, op("Add", c.path, legacyText(c.new)))
			default:
				ops = append(ops, op("Replace", c.path, legacyText(c.new)))
			}
		}
		return ops
	},
	addMembers: func(ids ...string) []operation {
		return []operation{op("Add", "members", references(ids))}
	},
	removeMembers: func(ids ...string) []operation {
		return []operation{op("Remove", "members", references(ids))}
	},
	renameGroup: func(_, name string) []operation {
		return []operation{op("Replace", "displayName", name)}
	},
	setManager: func(id string) []operation { return []operation{op("Add", pathManager, id)} },
}

// legacyText returns a boolean as the text that the legacy dialect sends.
func legacyText(v any) any {
	if b, ok := v.(bool); ok {
		return map[bool]string{true: "True", false: "False"}[b]
	}
	return v
}

func references(ids []string) []any {
	var list []any
	for _, id := range ids {
		list = append(list, object{"$ref": nil, "value": id})
	}
	return list
}

func plainReferences(ids []string) []any {
	var list []any
	for _, id := range ids {
		list = append(list, object{"value": id})
	}
	return list
}

// compliantStyle is Entra with the flag aadOptscim062020: scalars together in
// an operation without a path, with dotted names and URNs as its keys.
var compliantStyle = style{
	name: "compliant",
	update: func(n int, changes []change) []operation {
		if len(changes) == 1 && changes[0].path == pathActive {
			return []operation{op("replace", pathActive, changes[0].new)}
		}
		var ops []operation
		add, replace := object{}, object{}
		for _, c := range changes {
			switch {
			case strings.Contains(c.path, "[") && c.new == nil:
				ops = append(ops, operation{Op: "remove", Path: c.path})
			case strings.Contains(c.path, "[") && c.old == nil && n%2 == 1:
				ops = append(ops, op("add", c.path, c.new))
			case strings.Contains(c.path, "["):
				ops = append(ops, op("replace", c.path, c.new))
			case c.new == nil && n%2 == 1:
				replace[c.path] = ""
			case c.old == nil && c.new != nil:
				add[c.path] = c.new
			default:
				replace[c.path] = c.new
			}
		}
		if len(add) > 0 {
			ops = append(ops, op("add", "", add))
		}
		if len(replace) > 0 {
			ops = append(ops, op("replace", "", replace))
		}
		return ops
	},
	addMembers:    addPlain,
	removeMembers: removeFiltered,
	renameGroup: func(_, name string) []operation {
		return []operation{op("replace", "", object{"displayName": name})}
	},
	setManager: func(id string) []operation { return []operation{op("add", pathManager, id)} },
}

func addPlain(ids ...string) []operation {
	return []operation{op("add", "members", plainReferences(ids))}
}

func removeFiltered(ids ...string) []operation {
	var ops []operation
	for _, id := range ids {
		ops = append(ops, operation{Op: "remove", Path: fmt.Sprintf("members[value eq %q]", id)})
	}
	return ops
}

// pathless is a change of users in one operation without a path, as Okta
// deactivates.
func pathless(_ int, changes []change) []operation {
	value := object{}
	for _, c := range changes {
		value[c.path] = c.new
	}
	return []operation{op("replace", "", value)}
}

// oktaStyle renames with the id in the value, and sends what became of the
// members of a group in one request.
var oktaStyle = style{
	name: "okta", update: pathless, addMembers: addPlain, removeMembers: removeFiltered,
	renameGroup: func(id, name string) []operation {
		return []operation{op("replace", "", object{"id": id, "displayName": name})}
	},
	exchange: func(goes, comes string, display any) []operation {
		return append(removeFiltered(goes), op("add", "members", []any{object{"value": comes, "display": display}}))
	},
}

// plainStyle is what RFC 7644 prints, for providers whose bodies are not
// published.
func plainStyle(name string) style {
	s := compliantStyle
	s.name, s.update = name, pathless
	s.renameGroup = func(_, name string) []operation {
		return []operation{op("replace", "displayName", name)}
	}
	return s
}

// jumpcloudStyle removes members as Entra's legacy dialect does.
func jumpcloudStyle() style {
	s := plainStyle("jumpcloud")
	s.removeMembers = func(ids ...string) []operation {
		return []operation{op("remove", "members", plainReferences(ids))}
	}
	return s
}
