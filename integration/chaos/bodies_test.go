package chaos

import (
	"encoding/json"

	"hostscim/integration/rehearse"
)

// encode returns a text as a literal of a filter.
func encode(text string) string {
	b, err := json.Marshal(text)
	if err != nil {
		panic(err) // texts always encode
	}
	return string(b)
}

// dialect returns Entra's dialect of the plan.
func (p *plan) dialect() rehearse.Dialect {
	if p.compliant {
		return rehearse.Dialects()[1]
	}
	return rehearse.Dialects()[0]
}

// typed returns a wanted value as Entra has it: a boolean, a text, or nil for
// one that is not there.
func typed(path, value string) any {
	switch {
	case path == active:
		return value == "true"
	case value == "":
		return nil
	}
	return value
}

// newUser is the body that creates the user.
func newUser(wanted map[string]string) string {
	values := make(map[string]any)
	for path, value := range wanted {
		if v := typed(path, value); v != nil {
			values[path] = v
		}
	}
	return rehearse.UserBody(values)
}

// userPatch is the body that gives the paths the values that are wanted.
func userPatch(d rehearse.Dialect, wanted map[string]string, paths []string) string {
	var changes []rehearse.Change
	for _, path := range paths {
		changes = append(changes, rehearse.Change{Path: path, New: typed(path, wanted[path])})
	}
	return rehearse.Patch(d.Update(0, changes...)...)
}

// membership returns the operations that add and remove members.
func membership(d rehearse.Dialect, add, remove []string) []rehearse.Operation {
	var operations []rehearse.Operation
	if len(add) > 0 {
		operations = d.AddMembers(add...)
	}
	for _, id := range remove {
		operations = append(operations, d.RemoveMembers(id)...)
	}
	return operations
}
