package rehearse

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// endpoint is a SCIM service provider in memory, as it should be but for one
// flaw. It has residents: people and a group that were there before.
type endpoint struct {
	*httptest.Server
	flaw string

	mu     sync.Mutex
	next   int
	users  []object
	groups []object
	calls  int
	writes []string // ids of what was changed

	// Two changes of one group's members that overtake each other.
	gate  chan struct{}
	waits int
	group int
}

const fakeToken = "fake-scim-token"

func newEndpoint(t testing.TB, flaw string) *endpoint {
	e := &endpoint{flaw: flaw, gate: make(chan struct{})}
	for _, name := range []string{"resident.one@example.com", "resident.two@example.com", "resident.three@example.com"} {
		e.users = append(e.users, object{"id": e.id(), "userName": name, "active": true, "schemas": []any{userURN}})
	}
	e.groups = append(e.groups, object{"id": e.id(), "displayName": "Residents", "schemas": []any{groupURN}})
	e.Server = httptest.NewServer(e)
	t.Cleanup(e.Close)
	return e
}

func (e *endpoint) id() string {
	e.next++
	return fmt.Sprintf("fake-%d", e.next)
}

// has reports whether the endpoint has the flaw.
func (e *endpoint) has(flaw string) bool { return e.flaw == flaw }

// inhabitants returns the names of all who are there.
func (e *endpoint) inhabitants() (names []string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, o := range e.users {
		names = append(names, o["userName"].(string))
	}
	for _, o := range e.groups {
		names = append(names, o["displayName"].(string))
	}
	return names
}

func (e *endpoint) answer(w http.ResponseWriter, status int, body any) {
	media := "application/scim+json"
	if e.has("media type") {
		media = "application/json"
	}
	w.Header().Set("Content-Type", media)
	w.WriteHeader(status)
	if body != nil {
		w.Write(raw(body))
	}
}

func (e *endpoint) refuse(w http.ResponseWriter, status int, detail string) {
	e.answer(w, status, object{"schemas": []any{errorURN}, "status": strconv.Itoa(status), "detail": detail})
}

func (e *endpoint) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if e.has("firewall") && r.UserAgent() == "" {
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(403)
		fmt.Fprint(w, "<html>Forbidden</html>")
		return
	}
	if r.URL.Path == tokenPath {
		e.token(w, r)
		return
	}
	if r.Header.Get("Authorization") != "Bearer "+fakeToken && !e.issued(r) && !e.has("open door") {
		if !e.has("no challenge") {
			w.Header().Set("WWW-Authenticate", "Bearer")
		}
		e.refuse(w, 401, "the token is not known; it was "+r.Header.Get("Authorization"))
		return
	}
	if e.has("media parameters") && strings.Contains(r.Header.Get("Content-Type"), ";") {
		e.refuse(w, 415, "application/scim+json only")
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.calls++
	if e.has("throttles") && e.calls%7 == 0 {
		w.Header().Set("Retry-After", "1")
		e.refuse(w, 429, "slower")
		return
	}
	if e.has("flag") && r.URL.Query().Has("aadOptscim062020") {
		e.refuse(w, 400, "unknown parameter")
		return
	}
	parts := strings.SplitN(strings.Trim(r.URL.Path, "/"), "/", 2)
	switch {
	case parts[0] == "Schemas":
		e.schemas(w)
	case parts[0] == "Groups" && e.has("no groups"):
		e.refuse(w, 404, "no such endpoint")
	case parts[0] != "Users" && parts[0] != "Groups":
		e.refuse(w, 404, "no such endpoint")
	case len(parts) == 1 && r.Method == "GET":
		e.list(w, r, parts[0])
	case len(parts) == 1:
		e.create(w, r, parts[0])
	default:
		e.single(w, r, parts[0], parts[1])
	}
}

func (e *endpoint) all(resource string) *[]object {
	if resource == "Groups" {
		return &e.groups
	}
	return &e.users
}

func (e *endpoint) list(w http.ResponseWriter, r *http.Request, resource string) {
	q := r.URL.Query()
	found := slices.Clone(*e.all(resource))
	if text := q.Get("filter"); text != "" {
		var refused string
		if found, refused = e.filter(found, text); refused != "" {
			e.refuse(w, 400, refused)
			return
		}
	}
	if len(found) == 0 && e.has("no match is 404") {
		e.refuse(w, 404, "nobody")
		return
	}
	total := len(found)
	start, count := 1, total
	if n, err := strconv.Atoi(q.Get("startIndex")); err == nil && !e.has("paging") {
		start = n
	}
	if n, err := strconv.Atoi(q.Get("count")); err == nil {
		count = n
	}
	found = found[min(start-1, total):min(start-1+count, total)]
	resources := []any{}
	for _, o := range found {
		resources = append(resources, e.view(o, r))
	}
	e.answer(w, 200, object{"schemas": []any{listURN}, "totalResults": total, "startIndex": start, "itemsPerPage": len(resources), "Resources": resources})
}

// view returns the resource as it is shown.
func (e *endpoint) view(o object, r *http.Request) object {
	v := maps.Clone(o)
	if r.Method == "GET" && r.URL.Query().Get("excludedAttributes") == "members" && !e.has("members returned") {
		delete(v, "members")
	}
	if e.has("enterprise at the root") {
		if inner, ok := v[enterpriseURN].(object); ok {
			v["department"] = inner["department"]
			delete(v, enterpriseURN)
		}
	}
	return v
}

func (e *endpoint) filter(all []object, text string) (found []object, refused string) {
	var terms [][2]string
	for _, term := range strings.Split(text, " and ") {
		attribute, value, ok := strings.Cut(term, " eq ")
		// A path with a value filter has an eq of its own.
		if i := strings.LastIndex(term, " eq "); ok && i > len(attribute) {
			attribute, value = term[:i], term[i+len(" eq "):]
		}
		if e.has("filters only userName") && attribute != "userName" && attribute != "displayName" {
			return nil, "only userName can be filtered"
		}
		if json.Unmarshal([]byte(value), &value) != nil {
			return nil, "the literal is no text"
		}
		terms = append(terms, [2]string{attribute, value})
	}
	if e.has("first 1000") {
		all = all[:min(len(all), 1000)]
	}
	for _, o := range all {
		if e.has("hides inactive from filters") && o["active"] == false {
			continue
		}
		if !slices.ContainsFunc(terms, func(t [2]string) bool { return !e.holds(o, t[0], t[1]) }) {
			found = append(found, o)
		}
	}
	return found, ""
}

func (e *endpoint) holds(o object, attribute, value string) bool {
	if attribute == "members" {
		return memberIDs(o)[value]
	}
	got, _ := parsePath(attribute).get(o).(string)
	if e.has("ignores the filter") && attribute == "userName" {
		return strings.Contains(got, "@")
	}
	if e.has("letter case") {
		return got == value
	}
	return strings.EqualFold(got, value)
}

func (e *endpoint) create(w http.ResponseWriter, r *http.Request, resource string) {
	var o object
	if err := json.NewDecoder(r.Body).Decode(&o); err != nil {
		e.refuse(w, 400, "no JSON")
		return
	}
	name := map[string]string{"Users": "userName", "Groups": "displayName"}[resource]
	for _, other := range *e.all(resource) {
		if strings.EqualFold(other[name].(string), o[name].(string)) && !e.has("twins") {
			if e.has("duplicate is 500") {
				e.refuse(w, 500, "constraint")
				return
			}
			if e.has("takes over") {
				e.answer(w, 201, other)
				return
			}
			e.refuse(w, 409, "taken")
			return
		}
	}
	if refused := e.tidy(o); refused != "" {
		e.refuse(w, 400, refused)
		return
	}
	o["id"] = e.id()
	if e.has("gives a resident") && resource == "Users" {
		e.answer(w, 201, e.users[0])
		return
	}
	*e.all(resource) = append(*e.all(resource), o)
	e.writes = append(e.writes, o["id"].(string))
	shown := e.view(o, r)
	if e.has("no id") {
		delete(shown, "id")
	}
	e.answer(w, 201, shown)
}

// tidy makes of a body what is stored.
func (e *endpoint) tidy(o object) (refused string) {
	delete(o, "meta")
	for k, v := range o {
		if v == nil {
			if e.has("strict") {
				return k + " must not be null"
			}
			delete(o, k)
		}
	}
	if v, ok := o["active"].(string); ok {
		o["active"] = strings.EqualFold(v, "true")
	}
	for _, name := range []string{"emails", "phoneNumbers"} {
		elements, _ := o[name].([]any)
		for _, element := range elements {
			element := element.(object)
			if v, ok := element["primary"].(string); ok {
				element["primary"] = strings.EqualFold(v, "true")
			}
			if e.has("drops types") {
				delete(element, "type")
			}
			if e.has("formats phones") && name == "phoneNumbers" {
				element["value"] = strings.NewReplacer("(", "", ")", "").Replace(fmt.Sprint(element["value"]))
			}
		}
	}
	return ""
}

func (e *endpoint) single(w http.ResponseWriter, r *http.Request, resource, id string) {
	all := e.all(resource)
	i := slices.IndexFunc(*all, func(o object) bool { return o["id"] == id })
	if i < 0 || e.has("hides inactive by id") && (*all)[i]["active"] == false {
		e.refuse(w, 404, "no such resource")
		return
	}
	if r.Method != "GET" {
		e.writes = append(e.writes, id)
	}
	switch r.Method {
	case "GET":
		e.answer(w, 200, e.view((*all)[i], r))
	case "DELETE":
		if e.has("cannot delete") {
			e.refuse(w, 405, "no deletion")
			return
		}
		*all = slices.Delete(*all, i, i+1)
		w.WriteHeader(204)
	case "PUT":
		var o object
		if err := json.NewDecoder(r.Body).Decode(&o); err != nil {
			e.refuse(w, 400, "no JSON")
			return
		}
		e.tidy(o)
		o["id"] = id
		(*all)[i] = o
		e.answer(w, 200, o)
	case "PATCH":
		if resource == "Groups" && e.has("no PATCH of groups") {
			e.refuse(w, 405, "no PATCH")
			return
		}
		e.patch(w, r, i, all)
	}
}

func (e *endpoint) schemas(w http.ResponseWriter) {
	if e.has("no schemas") {
		e.refuse(w, 404, "no such endpoint")
		return
	}
	simple := func(names ...string) (list []any) {
		for _, n := range names {
			list = append(list, object{"name": n, "type": "string", "multiValued": false, "mutability": "readWrite"})
		}
		return list
	}
	typed := func(name string, types ...any) any {
		sub := object{"name": "type", "type": "string", "canonicalValues": types}
		if e.has("no canonical values") {
			delete(sub, "canonicalValues")
		}
		return object{"name": name, "type": "complex", "multiValued": true, "mutability": "readWrite", "subAttributes": append(simple("value"), sub)}
	}
	active := object{"name": "active", "type": "boolean", "multiValued": false, "mutability": "readWrite"}
	if e.has("active is a string") {
		active["type"] = "string"
	}
	list := []any{
		object{"id": userURN, "attributes": append(simple("userName", "displayName", "title"), active,
			object{"name": "name", "type": "complex", "multiValued": false, "subAttributes": simple("givenName", "familyName")},
			typed("emails", "work", "other"), typed("phoneNumbers", "work", "mobile"))},
		object{"id": enterpriseURN, "attributes": append(simple("organization", "department", "employeeNumber"),
			object{"name": "manager", "type": "complex", "multiValued": false, "subAttributes": simple("value")})},
		object{"id": groupURN, "attributes": simple("displayName")},
	}
	if e.has("no group schema") {
		list = list[:2]
	}
	e.answer(w, 200, object{"schemas": []any{listURN}, "totalResults": len(list), "Resources": list})
}
