package rehearse

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Operation is one of a PATCH. A Value of null is sent, an absent one not.
type Operation struct {
	Op    string          `json:"op"`
	Path  string          `json:"path,omitempty"`
	Value json.RawMessage `json:"value,omitempty"`
}

func op(name, path string, value any) Operation {
	return Operation{name, path, raw(value)}
}

// raw returns the JSON of a value that is made here.
func raw(v any) json.RawMessage {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // texts, booleans, maps and lists of them
	}
	return b
}

func patch(ops ...Operation) object {
	return object{"schemas": []any{patchURN}, "Operations": ops}
}

// Change is an attribute that an update sets or, with a new value of nil,
// clears.
type Change struct {
	Path     string
	Old, New any
}

// style is how a provider spells its changes.
type style struct {
	name string
	// update changes a user by PATCH. n counts the users, for variants that
	// take turns.
	update func(n int, changes []Change) []Operation
	// addMembers and removeMembers change a group.
	addMembers    func(ids ...string) []Operation
	removeMembers func(ids ...string) []Operation
	renameGroup   func(id, name string) []Operation
	setManager    func(id string) []Operation
	// exchange removes a member and adds one in the same request; nil for a
	// provider that is not seen to do so.
	exchange func(goes, comes string, display any) []Operation
}

// legacyStyle is Entra without a flag, and Entra's provisioning on demand
// with any: an operation for each attribute, capital verbs, values as texts.
var legacyStyle = style{
	name: "legacy",
	update: func(n int, changes []Change) []Operation {
		var ops []Operation
		for _, c := range changes {
			switch {
			case c.New == nil:
				ops = append(ops, op("Remove", c.Path, c.Old))
			case c.Old == nil && n%2 == 1:
				ops = append(ops, op("Add", c.Path, legacyText(c.New)))
			default:
				ops = append(ops, op("Replace", c.Path, legacyText(c.New)))
			}
		}
		return ops
	},
	addMembers: func(ids ...string) []Operation {
		return []Operation{op("Add", "members", references(ids))}
	},
	removeMembers: func(ids ...string) []Operation {
		return []Operation{op("Remove", "members", references(ids))}
	},
	renameGroup: func(_, name string) []Operation {
		return []Operation{op("Replace", "displayName", name)}
	},
	setManager: func(id string) []Operation { return []Operation{op("Add", pathManager, id)} },
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
	update: func(n int, changes []Change) []Operation {
		if len(changes) == 1 && changes[0].Path == pathActive {
			return []Operation{op("replace", pathActive, changes[0].New)}
		}
		var ops []Operation
		add, replace := object{}, object{}
		for _, c := range changes {
			switch {
			case strings.Contains(c.Path, "[") && c.New == nil:
				ops = append(ops, Operation{Op: "remove", Path: c.Path})
			case strings.Contains(c.Path, "[") && c.Old == nil && n%2 == 1:
				ops = append(ops, op("add", c.Path, c.New))
			case strings.Contains(c.Path, "["):
				ops = append(ops, op("replace", c.Path, c.New))
			case c.New == nil && n%2 == 1:
				replace[c.Path] = ""
			case c.Old == nil && c.New != nil:
				add[c.Path] = c.New
			default:
				replace[c.Path] = c.New
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
	renameGroup: func(_, name string) []Operation {
		return []Operation{op("replace", "", object{"displayName": name})}
	},
	setManager: func(id string) []Operation { return []Operation{op("add", pathManager, id)} },
}

func addPlain(ids ...string) []Operation {
	return []Operation{op("add", "members", plainReferences(ids))}
}

func removeFiltered(ids ...string) []Operation {
	var ops []Operation
	for _, id := range ids {
		ops = append(ops, Operation{Op: "remove", Path: fmt.Sprintf("members[value eq %q]", id)})
	}
	return ops
}

// pathless is a change of users in one operation without a path, as Okta
// deactivates.
func pathless(_ int, changes []Change) []Operation {
	value := object{}
	for _, c := range changes {
		value[c.Path] = c.New
	}
	return []Operation{op("replace", "", value)}
}

// oktaStyle renames with the id in the value, and sends what became of the
// members of a group in one request.
var oktaStyle = style{
	name: "okta", update: pathless, addMembers: addPlain, removeMembers: removeFiltered,
	renameGroup: func(id, name string) []Operation {
		return []Operation{op("replace", "", object{"id": id, "displayName": name})}
	},
	exchange: func(goes, comes string, display any) []Operation {
		return append(removeFiltered(goes), op("add", "members", []any{object{"value": comes, "display": display}}))
	},
}

// plainStyle is what RFC 7644 prints, for providers whose bodies are not
// published.
func plainStyle(name string) style {
	s := compliantStyle
	s.name, s.update = name, pathless
	s.renameGroup = func(_, name string) []Operation {
		return []Operation{op("replace", "displayName", name)}
	}
	return s
}

// jumpcloudStyle removes members as Entra's legacy dialect does.
func jumpcloudStyle() style {
	s := plainStyle("jumpcloud")
	s.removeMembers = func(ids ...string) []Operation {
		return []Operation{op("remove", "members", plainReferences(ids))}
	}
	return s
}
