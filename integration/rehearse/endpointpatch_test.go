package rehearse

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
)

func (e *endpoint) patch(w http.ResponseWriter, r *http.Request, i int, all *[]object) {
	var body struct {
		Operations []struct {
			Op, Path string
			Value    any
		}
	}
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
		e.refuse(w, 400, "no JSON")
		return
	}
	var o object
	json.Unmarshal(raw((*all)[i]), &o) // a copy, so that all of it is done or nothing
	if e.has("one operation") {
		body.Operations = body.Operations[:min(len(body.Operations), 1)]
	}
	for _, operation := range body.Operations {
		if e.has("capital verbs") && operation.Op != strings.ToLower(operation.Op) {
			e.refuse(w, 400, "invalid op")
			return
		}
		status, detail := e.apply(o, strings.ToLower(operation.Op), operation.Path, operation.Value)
		if status != 0 {
			e.refuse(w, status, detail)
			return
		}
	}
	if _, members := o["members"]; members && e.has("overtaking") && strings.Contains(string(raw(body)), `"members"`) {
		// Two that read the same list write one after the other.
		e.mu.Unlock()
		e.overtake(i)
		e.mu.Lock()
	}
	(*all)[i] = o
	e.answer(w, 200, e.view(o, r))
}

// overtake holds the first caller back until a second one has read the same
// group.
func (e *endpoint) overtake(group int) {
	e.mu.Lock()
	first := e.waits == 0
	second := e.waits == 1 && group == e.group
	switch {
	case first:
		e.waits, e.group = 1, group
	case second:
		e.waits = 2
		close(e.gate)
	}
	e.mu.Unlock()
	if first {
		<-e.gate
	}
}

// apply does an operation. It returns a status and why if it does not.
func (e *endpoint) apply(o object, verb, path string, value any) (status int, detail string) {
	switch {
	case path == "":
		values, _ := value.(object)
		for k, v := range values {
			if e.has("literal keys") {
				o[k] = v
				continue
			}
			if status, detail := e.apply(o, verb, k, v); status != 0 {
				return status, detail
			}
		}
		return 0, ""
	case strings.HasPrefix(path, "members"):
		e.applyMembers(o, verb, path, value)
		return 0, ""
	case path == "active":
		return e.applyActive(o, verb, value)
	case path == "name":
		if e.has("replaces name") {
			o["name"] = value
			return 0, ""
		}
		for k, v := range value.(object) {
			child(o, "name")[k] = v
		}
		return 0, ""
	case path == pathManager:
		id, text := value.(string)
		if inner, ok := value.(object); ok {
			id, _ = inner["value"].(string)
		}
		switch {
		case text && e.has("manager must be complex"):
			return 400, "manager must be complex"
		case id == "":
			parsePath(path).unset(o)
		default:
			parsePath(path).set(o, object{"value": id})
		}
		return 0, ""
	case strings.HasPrefix(path, "urn:") && e.has("URN paths"):
		return 400, "invalid path"
	case e.has("unsupported paths") && slices.Contains(unmapped, path):
		return 400, "invalid path"
	}
	return e.applyValue(o, verb, path, value)
}

func (e *endpoint) applyValue(o object, verb, path string, value any) (status int, detail string) {
	p := parsePath(path)
	if p.typ != "" && p.get(o) == nil && e.has("no target") {
		return 400, "noTarget"
	}
	switch {
	case verb == "remove" && value != nil && e.has("remove sets"):
		p.set(o, value)
	case verb == "remove" || value == nil || value == "":
		if !e.has("keeps what is cleared") {
			p.unset(o)
		}
	default:
		if path == "userName" && e.has("name is fixed") {
			return 0, ""
		}
		p.set(o, value)
	}
	return 0, ""
}

func (e *endpoint) applyActive(o object, verb string, value any) (status int, detail string) {
	text, isText := value.(string)
	switch {
	case isText && e.has("active must be boolean"):
		return 400, "expected boolean"
	case isText && e.has("active text ignored"), verb == "add" && e.has("add of active ignored"):
		return 0, ""
	case isText && e.has("active text stored"):
		o["active"] = text
		return 0, ""
	case isText:
		value = strings.EqualFold(text, "true")
	}
	if e.has("must be active") && o["active"] == false && value == false {
		return 409, "the user must be active"
	}
	o["active"] = value
	return 0, ""
}

func (e *endpoint) applyMembers(o object, verb, path string, value any) {
	old, _ := o["members"].([]any)
	if e.has("first 100 members") {
		old = old[:min(len(old), 100)]
	}
	named := memberIDs(object{"members": value})
	if _, id, ok := strings.Cut(path, `[value eq "`); ok {
		if e.has("filtered removal ignored") {
			return
		}
		named = map[string]bool{strings.TrimSuffix(id, `"]`): true}
	}
	members := []any{}
	for _, m := range old {
		id := m.(object)["value"].(string)
		keep := verb == "add" && !named[id] || verb == "remove" && len(named) > 0 && !named[id]
		if verb == "remove" && path == "members" && e.has("remove empties") {
			keep = false
		}
		if keep {
			members = append(members, m)
		}
	}
	if verb != "remove" {
		for _, id := range slices.Sorted(maps.Keys(named)) {
			members = append(members, object{"value": id})
		}
	}
	o["members"] = members
}
