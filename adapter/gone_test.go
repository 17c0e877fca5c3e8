package adapter_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
)

// TestGone: before an API whose delete only marks records, what is marked
// does not exist.
func TestGone(t *testing.T) {
	a := &recordAPI{t: t}
	for i := range 6 {
		a.records = append(a.records, fields{"id": i + 1, "login": fmt.Sprintf("p%d@example.com", i+1), "deleted": i%3 == 0})
	}
	f := start(t, setup{before: a.ServeHTTP, profile: `
auth: {bearer: [{name: a, token: "${HOSTSCIM_TOKEN}"}]}
legacy: {base_url: "${LEGACY_URL}", scan_limit: 7}
resources:
  User:
    id: {legacy: id, type: integer}
    gone: deleted == true
    operations:
      list: {request: GET /people, items: people, paging: {style: none}}
      search: [{filter: userName eq, request: GET /people, query: {q: "{value}"}, returns: superset}]
      get: {request: "GET /people/{id}"}
      create: {request: POST /people, unique: adapter}
      update: {request: "PATCH /people/{id}"}
      delete: {request: "PATCH /people/{id}", body: {deleted: true, gone: {id: "{id}"}}}
    attributes:
      userName: {legacy: login, required: true}
      displayName: {expr: '"Host " + login'}
`})
	list := func(query string) string {
		got := f.want(200, "GET", "/Users?"+query, "")
		return got.value(t).Get("totalResults").Text() + ": " + strings.Join(got.ids(t), " ")
	}
	for _, tt := range []struct{ query, want string }{
		{"", "4: 2 3 5 6"},
		{"startIndex=2&count=2", "4: 3 5"},
		{"count=0", "4: "},
		{"cursor=&count=3", "4: 2 3 5"},
		{"sortBy=userName&sortOrder=descending", "4: 6 5 3 2"},
		{"filter=userName+eq+%22p1@example.com%22", "0: "},
		{"filter=userName+eq+%22p2@example.com%22", "1: 2"},
		{"filter=id+eq+%221%22", "0: "},
		{"filter=displayName+eq+%22Host+p3@example.com%22", "1: 3"},
	} {
		if got := list(tt.query); got != tt.want {
			t.Errorf("GET /Users?%s = %s, want %s", tt.query, got, tt.want)
		}
	}
	f.wantError(404, "", "GET", "/Users/1", "", "no User")
	f.wantError(404, "", "PATCH", "/Users/1", patch(`{"op":"replace","path":"userName","value":"x@example.com"}`), "no User")
	a.calls = nil
	f.want(204, "DELETE", "/Users/2", "")
	a.wantCalls(`PATCH /people/2 {"deleted":true,"gone":{"id":2}}`)
	f.wantError(404, "", "GET", "/Users/2", "", "no User")
	f.want(409, "POST", "/Users", `{"userName":"p3@example.com"}`)
	f.want(201, "POST", "/Users", `{"userName":"p2@example.com"}`) // its name is free
	f.want(201, "POST", "/Users", `{"userName":"p8@example.com"}`)
	f.wantError(400, "tooMany", "GET", "/Users", "", "more than 7 legacy records")
}

// TestGoneMember: a member who is marked as deleted is not shown where the
// list of members tells so, without another call.
func TestGoneMember(t *testing.T) {
	calls := 0
	f := start(t, setup{before: func(w http.ResponseWriter, r *http.Request) bool {
		calls++
		body := map[string]string{
			"/api/v3/teams/1":        `{"id":1,"name":"Desk"}`,
			"/api/v3/teams/2":        `{"id":2,"name":"Hall","old":true}`,
			"/api/v3/teams/2/people": `{"people":[{"id":1}]}`,
			"/api/v3/teams/1/people": `{"people":[{"id":1,"deleted":false},{"id":2,"deleted":true},{"id":3}]}`,
			"/api/v3/people/1":       `{"id":1,"login":"a"}`,
			"/api/v3/people/1/teams": `{"people":[{"id":1,"old":true},{"id":2,"old":false}]}`,
		}[r.URL.Path]
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, body)
		return true
	}, profile: `
auth: {bearer: [{name: a, token: "${HOSTSCIM_TOKEN}"}]}
legacy: {base_url: "${LEGACY_URL}"}
resources:
  User:
    id: {legacy: id, type: integer}
    gone: deleted == true
    operations:
      list: {request: GET /people, items: people, paging: {style: none}}
      get: {request: "GET /people/{id}"}
    groups: {request: "GET /people/{id}/teams", value: id}
    attributes: {userName: {legacy: login, read_only: true}}
  Group:
    id: {legacy: id, type: integer}
    gone: old == true
    operations:
      list: {request: GET /teams, items: people, paging: {style: none}}
      get: {request: "GET /teams/{id}"}
    members:
      list: {request: "GET /teams/{id}/people", value: id}
    attributes: {displayName: {legacy: name, read_only: true}}
`})
	ids := func(path, attr string) string {
		var ids []string
		for _, p := range f.want(200, "GET", path, "").value(t).Get(attr).Parts() {
			ids = append(ids, p.Value.Get("value").Text())
		}
		return strings.Join(ids, " ")
	}
	if got := ids("/Groups/1", "members"); got != "1 3" || calls != 2 {
		t.Errorf("members are %s after %d calls, want 1 3 after 2", got, calls)
	}
	if got := ids("/Users/1?attributes=groups", "groups"); got != "2" {
		t.Errorf("groups are %s, want 2", got)
	}
	list := func(query string) string {
		return f.want(200, "GET", "/Groups?attributes=id&filter="+query, "").value(t).Get("totalResults").Text()
	}
	if got := list("id+eq+%221%22+and+members+eq+%223%22") + list("id+eq+%221%22+and+members+eq+%222%22") + list("id+eq+%222%22+and+members+eq+%221%22"); got != "100" {
		t.Errorf("found %s, want member 3, not 2, and nobody of a group that is gone", got)
	}
}
