package adapter_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// club is an API of people and teams that keeps who is in a team in the way it
// is told: sub, field, objects, calls, users or rows. Behind each is the same
// list of rows.
type club struct {
	t     *testing.T
	style string
	// loose takes people and pairs that it should refuse.
	loose bool
	// versioned refuses the change of a team that is made of an old version.
	versioned bool
	// before sees a call first; true: it answered. It may be nil.
	before func(w http.ResponseWriter, r *http.Request) bool

	changing atomic.Int32 // changes of a team that are going on

	mu     sync.Mutex
	people int // there are the people 1 to that
	teams  []*clubTeam
	rows   []clubRow
	keys   int
	calls  []string
}

type clubTeam struct {
	id, name string
	rev      int
}

type clubRow struct {
	key    string
	team   string
	person int
	role   string
}

// clubProfiles say how the club keeps members.
var clubProfiles = map[string]string{
	"sub": `
      list: {request: "GET /teams/{id}/people", value: id}
      find: {request: "GET /teams/{id}/people", query: {person: "{value}"}}
      add: {request: "POST /teams/{id}/people", body: {ids: "{values}"}, max_per_call: 3}
      remove: {request: "DELETE /teams/{id}/people/{value}"}`,
	"field": `
      field: links.people`,
	"objects": `
      field: links.people
      value: person.id`,
	"calls": `
      field: links.people
      add: {request: "PATCH /teams/{id}", body: {people+: "{values}"}, max_per_call: 3}
      remove: {request: "PATCH /teams/{id}", body: {people-: "{values}"}, max_per_call: 3}`,
	"users": `
      user_field: teams`,
	"rows": `
      list: {request: GET /memberships, query: {team: "{id}"}, value: person, key: key}
      find: {request: GET /memberships, query: {team: "{id}", person: "{value}"}}
      add: {request: POST /memberships, body: {team: "{id}", person: "{value}"}}
      remove: {request: "DELETE /memberships/{key}"}`,
}

// clubStyles are the ways of keeping members, in an order.
var clubStyles = []string{"sub", "field", "objects", "calls", "users", "rows"}

func (c *club) profile() string {
	search := `search: [{filter: groups.value eq, request: GET /people, query: {team: "{value}"}, returns: exact}]`
	if c.style != "users" {
		search = ""
	}
	return `
auth: {bearer: [{name: a, token: "${HOSTSCIM_TOKEN}"}]}
legacy: {base_url: "${LEGACY_URL}", retry: {max_attempts: 1}}
resources:
  User:
    id: {legacy: id, type: integer}
    operations:
      list: {request: GET /people, items: data, paging: {style: none}}
      get: {request: "GET /people/{id}"}
      update: {request: "PATCH /people/{id}"}
      ` + search + `
    attributes: {userName: {legacy: login}}
  Group:
    id: {legacy: id, type: string}
    operations:
      list: {request: GET /teams, items: data, paging: {style: none}}
      get: {request: "GET /teams/{id}"}
      create: {request: POST /teams, unique: legacy}
      update: {request: "PATCH /teams/{id}"}
      delete: {request: "DELETE /teams/{id}"}
    members:` + clubProfiles[c.style] + `
    attributes: {displayName: {legacy: name, required: true}}
`
}

// startClub serves an adapter before the club.
func startClub(t *testing.T, c *club, edits ...string) *fixture {
	t.Helper()
	c.t = t
	if c.people == 0 {
		c.people = 9
	}
	return start(t, setup{before: func(w http.ResponseWriter, r *http.Request) bool { c.ServeHTTP(w, r); return true }, profile: c.profile(), edits: edits})
}

// members returns who is in a team, in order.
func (c *club) members(team string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var people []int
	for _, r := range c.rows {
		if r.team == team {
			people = append(people, r.person)
		}
	}
	slices.Sort(people)
	return strings.Trim(fmt.Sprint(people), "[]")
}

// put makes a team of these people.
func (c *club) put(people ...int) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.keys++
	id := fmt.Sprintf("t%d", c.keys)
	c.teams = append(c.teams, &clubTeam{id: id, name: "Team " + id})
	for _, p := range people {
		c.insert(id, p, "player")
	}
	return id
}

// take returns the calls since the last time.
func (c *club) take() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	calls := strings.Join(c.calls, ", ")
	c.calls = nil
	return calls
}

func (c *club) insert(team string, person int, role string) {
	c.keys++
	c.rows = append(c.rows, clubRow{fmt.Sprintf("k%d", c.keys), team, person, role})
}

func (c *club) has(team string, person int) bool {
	return slices.ContainsFunc(c.rows, func(r clubRow) bool { return r.team == team && r.person == person })
}

func (c *club) drop(gone func(clubRow) bool) { c.rows = slices.DeleteFunc(c.rows, gone) }

func (c *club) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if c.before != nil && c.before(w, r) {
		return
	}
	if r.Method == "PATCH" && strings.Contains(r.URL.Path, "/teams/") {
		if c.changing.Add(1) > 1 && !c.versioned {
			c.t.Errorf("two changes of a team at once, which would undo each other in an API that is not careful")
		}
		defer c.changing.Add(-1)
		for range 100 {
			runtime.Gosched() // let another one come, if it can
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	path := strings.Split(strings.TrimPrefix(r.URL.Path, "/api/v3/"), "/")
	c.calls = append(c.calls, r.Method+" /"+strings.Join(path, "/"))
	data, _ := io.ReadAll(r.Body)
	body := map[string]any{}
	if len(data) > 0 {
		if err := json.Unmarshal(data, &body); err != nil {
			c.t.Errorf("%s %s has the body %s", r.Method, r.URL.Path, data)
		}
	}
	status, answer := http.StatusNotFound, any(nil)
	switch path[0] {
	case "people":
		status, answer = c.servePeople(r, path[1:], body)
	case "teams":
		status, answer = c.serveTeams(r, path[1:], body)
	case "memberships":
		status, answer = c.serveRows(r, path[1:], body)
	}
	if answer == nil {
		w.WriteHeader(status)
		return
	}
	if t, ok := answer.(*clubTeam); ok {
		w.Header().Set("ETag", fmt.Sprintf(`"%d"`, t.rev))
		answer = c.record(t)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(answer); err != nil {
		c.t.Error(err)
	}
}

func (c *club) servePeople(r *http.Request, path []string, body map[string]any) (int, any) {
	if len(path) == 0 {
		data := []any{}
		for p := range c.people {
			if team := r.URL.Query().Get("team"); team == "" || c.has(team, p+1) {
				data = append(data, c.person(p+1))
			}
		}
		return 200, map[string]any{"data": data}
	}
	id, _ := strconv.Atoi(path[0])
	if id < 1 || id > c.people {
		return 404, nil
	}
	if teams, given := body["teams"].([]any); given && r.Method == "PATCH" {
		c.drop(func(row clubRow) bool { return row.person == id })
		for _, team := range teams {
			c.insert(team.(string), id, "")
		}
	}
	return 200, c.person(id)
}

func (c *club) person(id int) map[string]any {
	person := map[string]any{"id": id, "login": fmt.Sprintf("p%d@example.com", id)}
	if c.style == "users" {
		teams := []string{}
		for _, r := range c.rows {
			if r.person == id {
				teams = append(teams, r.team)
			}
		}
		person["teams"] = teams
	}
	return person
}

func (c *club) serveTeams(r *http.Request, path []string, body map[string]any) (int, any) {
	if len(path) == 0 && r.Method == "GET" {
		data := []any{}
		for _, t := range c.teams {
			data = append(data, c.record(t))
		}
		return 200, map[string]any{"data": data}
	}
	if len(path) == 0 {
		if unknown := c.unknown(body); unknown != nil {
			return 422, unknown
		}
		c.keys++
		t := &clubTeam{id: fmt.Sprintf("t%d", c.keys)}
		c.teams = append(c.teams, t)
		c.change(t, body)
		return 201, t
	}
	i := slices.IndexFunc(c.teams, func(t *clubTeam) bool { return t.id == path[0] })
	if i < 0 {
		return 404, nil
	}
	t := c.teams[i]
	switch {
	case len(path) > 1:
		return c.servePeopleOf(r, t, path[2:], body)
	case r.Method == "DELETE":
		c.teams = slices.Delete(c.teams, i, i+1)
		if c.style != "users" && c.style != "rows" {
			c.drop(func(row clubRow) bool { return row.team == t.id })
		}
		return 204, nil
	case r.Method == "PATCH":
		rev, sent := c.element(body["links"])["rev"].(float64)
		if tag := r.Header.Get("If-Match"); c.versioned && tag != fmt.Sprintf(`"%d"`, t.rev) && (!sent || int(rev) != t.rev) {
			return 412, nil
		}
		if unknown := c.unknown(body); unknown != nil {
			return 422, unknown
		}
		c.change(t, body)
	}
	return 200, t
}

// record is a team as it is answered.
func (c *club) record(t *clubTeam) map[string]any {
	record := map[string]any{"id": t.id, "name": t.name, "tag": fmt.Sprintf(`"%d"`, t.rev)}
	if c.style == "field" || c.style == "objects" || c.style == "calls" {
		people := []any{}
		for _, r := range c.rows {
			if r.team == t.id && c.style == "objects" {
				people = append(people, map[string]any{"person": map[string]any{"id": r.person}, "role": r.role})
			} else if r.team == t.id {
				people = append(people, r.person)
			}
		}
		record["links"] = map[string]any{"people": people, "rev": t.rev}
	}
	return record
}

// change makes the changes of a body to a team.
func (c *club) change(t *clubTeam, body map[string]any) {
	t.rev++
	if name, given := body["name"].(string); given {
		t.name = name
	}
	if links, given := body["links"].(map[string]any); given {
		c.drop(func(row clubRow) bool { return row.team == t.id })
		for _, e := range links["people"].([]any) {
			role, _ := c.element(e)["role"].(string)
			c.insert(t.id, c.personOf(e), role)
		}
	}
	for _, e := range list(body["people+"]) {
		if !c.has(t.id, c.personOf(e)) {
			c.insert(t.id, c.personOf(e), "")
		}
	}
	for _, e := range list(body["people-"]) {
		c.drop(func(row clubRow) bool { return row.team == t.id && row.person == c.personOf(e) })
	}
}

func list(v any) []any { all, _ := v.([]any); return all }

func (c *club) element(e any) map[string]any { m, _ := e.(map[string]any); return m }

// personOf returns the person that an element of a list is.
func (c *club) personOf(e any) int {
	if m := c.element(e); m != nil {
		e = m["person"].(map[string]any)["id"]
	}
	return int(e.(float64))
}

// unknown refuses people who do not exist.
func (c *club) unknown(body map[string]any) any {
	links := c.element(body["links"])
	all := slices.Concat(list(links["people"]), list(body["people+"]), list(body["ids"]))
	if p, given := body["person"]; given {
		all = append(all, p)
	}
	for _, e := range all {
		if p := c.personOf(e); p < 1 || p > c.people && !c.loose {
			return map[string]any{"errors": []any{map[string]any{"attribute": "people", "code": "unknown", "message": fmt.Sprintf("there is no person %d", p)}}}
		}
	}
	return nil
}

// servePeopleOf serves the people under a team.
func (c *club) servePeopleOf(r *http.Request, t *clubTeam, path []string, body map[string]any) (int, any) {
	switch {
	case r.Method == "GET":
		data := []any{}
		for _, row := range c.rows {
			if q := r.URL.Query().Get("person"); row.team == t.id && (q == "" || q == strconv.Itoa(row.person)) {
				data = append(data, map[string]any{"id": row.person})
			}
		}
		return 200, map[string]any{"data": data}
	case r.Method == "POST":
		if unknown := c.unknown(body); unknown != nil {
			return 422, unknown
		}
		for _, e := range list(body["ids"]) {
			if !c.has(t.id, c.personOf(e)) {
				c.insert(t.id, c.personOf(e), "")
			}
		}
		return 204, nil
	}
	person, _ := strconv.Atoi(path[0])
	if !c.has(t.id, person) {
		return 404, nil
	}
	c.drop(func(row clubRow) bool { return row.team == t.id && row.person == person })
	return 204, nil
}

// serveRows serves the memberships as records of their own.
func (c *club) serveRows(r *http.Request, path []string, body map[string]any) (int, any) {
	switch r.Method {
	case "GET":
		data, q := []any{}, r.URL.Query()
		for _, row := range c.rows {
			if row.team == q.Get("team") && (!q.Has("person") || q.Get("person") == strconv.Itoa(row.person)) {
				data = append(data, map[string]any{"key": row.key, "team": row.team, "person": row.person})
			}
		}
		return 200, map[string]any{"data": data}
	case "POST":
		id, _ := body["team"].(string)
		known := slices.ContainsFunc(c.teams, func(t *clubTeam) bool { return t.id == id })
		if unknown := c.unknown(body); unknown != nil || !known && !c.loose {
			return 422, unknown
		}
		if c.has(id, c.personOf(body["person"])) && !c.loose {
			return 409, nil
		}
		c.insert(id, c.personOf(body["person"]), "")
		return 201, map[string]any{"key": c.rows[len(c.rows)-1].key}
	}
	before := len(c.rows)
	c.drop(func(row clubRow) bool { return row.key == path[0] })
	if len(c.rows) == before {
		return 404, nil
	}
	return 204, nil
}
