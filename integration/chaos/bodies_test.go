package chaos

import (
	"encoding/json"
	"strings"
)

// object is a JSON object.
type object = map[string]any

const (
	userURN       = "urn:ietf:params:scim:schemas:core:2.0:User"
	enterpriseURN = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
	groupURN      = "urn:ietf:params:scim:schemas:core:2.0:Group"
	patchURN      = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
)

func encode(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // maps and texts always encode
	}
	return string(b)
}

// newUser is the body that creates the user.
func newUser(wanted map[string]string) string {
	user := object{
		"schemas": []string{userURN, enterpriseURN}, userName: wanted[userName], active: wanted[active] == "true",
		"name":   object{"givenName": wanted[given], "familyName": wanted[family]},
		"emails": []object{{"primary": true, "type": "work", "value": wanted[email]}},
		"meta":   object{"resourceType": "User"},
	}
	if wanted[phone] != "" {
		user["phoneNumbers"] = []object{{"type": "mobile", "value": wanted[phone]}}
	}
	if wanted[department] != "" {
		user[enterpriseURN] = object{"department": wanted[department]}
	}
	return encode(user)
}

// userPatch is the body that gives the paths the values that are wanted.
func userPatch(compliant bool, wanted map[string]string, paths []string) string {
	var operations []object
	scalars := make(object)
	for _, path := range paths {
		value := wanted[path]
		switch {
		case value == "":
			operations = append(operations, object{"op": op(compliant, "Remove"), "path": path})
		case path == active && compliant:
			operations = append(operations, object{"op": "replace", "path": active, "value": value == "true"})
		case path == active:
			operations = append(operations, object{"op": "Replace", "path": active, "value": strings.ToUpper(value[:1]) + value[1:]})
		case compliant && !strings.Contains(path, "["):
			scalars[path] = value
		default:
			operations = append(operations, object{"op": op(compliant, "Replace"), "path": path, "value": value})
		}
	}
	if len(scalars) > 0 {
		operations = append(operations, object{"op": "replace", "value": scalars})
	}
	return patchOf(operations...)
}

func op(compliant bool, name string) string {
	if compliant {
		return strings.ToLower(name)
	}
	return name
}

func patchOf(operations ...object) string {
	return encode(object{"schemas": []string{patchURN}, "Operations": operations})
}

// newGroup is the body that creates a group with these members.
func newGroup(name string, members []string) string {
	return encode(object{"schemas": []string{groupURN}, "displayName": name, "members": values(members), "meta": object{"resourceType": "Group"}})
}

func values(ids []string) []object {
	list := make([]object, len(ids))
	for i, id := range ids {
		list[i] = object{"$ref": nil, "value": id}
	}
	return list
}

// renaming is the operation that renames a group.
func renaming(compliant bool, name string) object {
	if compliant {
		return object{"op": "replace", "value": object{"displayName": name}}
	}
	return object{"op": "Replace", "path": "displayName", "value": name}
}

// membership returns the operations that add and remove members.
func membership(compliant bool, add, remove []string) []object {
	var operations []object
	if len(add) > 0 {
		operations = append(operations, object{"op": op(compliant, "Add"), "path": "members", "value": values(add)})
	}
	for _, id := range remove {
		if compliant {
			operations = append(operations, object{"op": "remove", "path": `members[value eq "` + id + `"]`})
		} else {
			operations = append(operations, object{"op": "Remove", "path": "members", "value": values([]string{id})})
		}
	}
	return operations
}
