package adapter_test

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// fields is one record of a [recordAPI].
type fields = map[string]any

// recordAPI is an API that keeps records under /api/v3/people and has calls
// below one of them, as the test says.
type recordAPI struct {
	t *testing.T
	// sub answers a call below a record, such as archive; nil: there is none.
	// The answer is a status and a body, of which nil is none.
	sub map[string]func(r fields, sent fields) (int, any)
	// refuse answers a call in place of the API, where it is not 0.
	refuse func(call string) int
	// partial makes writes answer the id and the login only.
	partial bool

	mu      sync.Mutex
	records []fields
	calls   []string // method, path and body
}

func (a *recordAPI) ServeHTTP(w http.ResponseWriter, r *http.Request) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	data, _ := io.ReadAll(r.Body)
	path := strings.TrimPrefix(r.URL.Path, "/api/v3")
	call := r.Method + " " + path
	a.calls = append(a.calls, strings.TrimSpace(call+" "+string(data)))
	if a.refuse != nil {
		if status := a.refuse(call); status != 0 {
			w.WriteHeader(status)
			return true
		}
	}
	var sent fields
	if len(data) > 0 {
		if err := json.Unmarshal(data, &sent); err != nil {
			a.t.Errorf("%s has the body %s", call, data)
		}
	}
	status, answer := a.answer(r.Method, path, sent)
	if whole, is := answer.(fields); is && a.partial && r.Method != "GET" {
		answer = fields{"id": whole["id"], "login": whole["login"]}
	}
	if answer != nil {
		w.Header().Set("Content-Type", "application/json")
	}
	w.WriteHeader(status)
	if answer != nil {
		if err := json.NewEncoder(w).Encode(answer); err != nil {
			a.t.Error(err)
		}
	}
	return true
}

func (a *recordAPI) answer(method, path string, sent fields) (int, any) {
	if path == "/people" && method == "GET" {
		return http.StatusOK, fields{"people": a.records}
	}
	if path == "/people" && method == "POST" {
		r := fields{"id": len(a.records) + 1, "status": "active"}
		maps.Copy(r, sent)
		a.records = append(a.records, r)
		return http.StatusCreated, r
	}
	parts := strings.Split(path, "/")
	id, _ := strconv.Atoi(parts[2])
	if id < 1 || id > len(a.records) {
		return http.StatusNotFound, nil
	}
	r := a.records[id-1]
	switch {
	case len(parts) > 3 && a.sub[method+" "+parts[3]] != nil:
		return a.sub[method+" "+parts[3]](r, sent)
	case len(parts) > 3:
		return http.StatusNotFound, nil
	case method == "PATCH":
		maps.Copy(r, sent)
	}
	return http.StatusOK, r
}

// wantCalls checks the calls since the last check.
func (a *recordAPI) wantCalls(want ...string) {
	a.t.Helper()
	a.mu.Lock()
	defer a.mu.Unlock()
	if !slices.Equal(a.calls, want) {
		a.t.Errorf("legacy calls:\n%s\nwant:\n%s", strings.Join(a.calls, "\n"), strings.Join(want, "\n"))
	}
	a.calls = nil
}

// becomes is a call that gives a field a value, and refuses a record that has
// it with the status.
func becomes(field, value string, again int) func(fields, fields) (int, any) {
	return func(r, _ fields) (int, any) {
		if r[field] == value {
			return again, nil
		}
		r[field] = value
		return http.StatusNoContent, nil
	}
}

// before starts an adapter before the API, with these operations and rows.
func (a *recordAPI) before(operations, rows string) *fixture {
	a.t.Helper()
	return start(a.t, setup{before: a.ServeHTTP, profile: `
auth: {bearer: [{name: a, token: "${HOSTSCIM_TOKEN}"}]}
legacy: {base_url: "${LEGACY_URL}", retry: {max_attempts: 1, min_wait: 1ms, max_wait: 1ms}}
resources:
  User:
    id: {legacy: id, type: integer}
    operations:
      list: {request: GET /people, items: people, paging: {style: none}}
      get: {request: "GET /people/{id}"}
      create: {request: POST /people, unique: legacy}
` + operations + `
    attributes:
      userName: {legacy: login, required: true}
` + rows})
}

const (
	patchRecord = `      update: {request: "PATCH /people/{id}"}`
	archiveRows = `      title: {legacy: title}
      active:
        legacy: status
        values: {true: active, false: archived}
        calls:
          true: {request: "POST /people/{id}/unarchive"}
          false: {request: "POST /people/{id}/archive", body: {by: scim, host: "{id}"}}
`
	activate = `{"op":"replace","path":"active","value":true}`
	retire   = `{"op":"replace","path":"active","value":false}`
)

func archiveAPI(t *testing.T, again int) *recordAPI {
	return &recordAPI{t: t, sub: map[string]func(fields, fields) (int, any){
		"POST archive": becomes("status", "archived", again), "POST unarchive": becomes("status", "active", again),
	}, records: []fields{{"id": 1, "login": "ada@example.com", "title": "Host", "status": "active"}}}
}

// TestTransitions: active is written by a call for each value, at the price of
// one call, and read from its field.
func TestTransitions(t *testing.T) {
	a := archiveAPI(t, http.StatusConflict)
	f := a.before(patchRecord, archiveRows)
	f.want(204, "PATCH", "/Users/1", patch(retire))
	a.wantCalls(`POST /people/1/archive {"by":"scim","host":1}`)
	if got := f.want(200, "GET", "/Users/1", "").value(t).Get("active").Text(); got != "false" {
		t.Errorf("active is %s after archive, want false", got)
	}
	f.want(204, "PATCH", "/Users/1", patch(activate))
	f.want(204, "PATCH", "/Users/1", patch(`{"op":"replace","path":"title","value":"Guest"}`, retire))
	a.wantCalls("GET /people/1", "POST /people/1/unarchive", `PATCH /people/1 {"title":"Guest"}`, `POST /people/1/archive {"by":"scim","host":1}`)

	// A record that is there already is proved to be.
	got := f.want(200, "PATCH", "/Users/1", patch(retire)).value(t)
	a.wantCalls(`POST /people/1/archive {"by":"scim","host":1}`, "GET /people/1")
	if got.Get("active").Text() != "false" || got.Get("title").Text() != "Guest" {
		t.Errorf("PATCH answers %s, want the record that was read", got)
	}

	// A PUT that leaves active out leaves it as it is.
	put := f.want(200, "PUT", "/Users/1", `{"userName":"ada@example.com"}`).value(t)
	a.wantCalls(`PATCH /people/1 {"login":"ada@example.com","title":null}`)
	if put.Get("active").Text() != "false" {
		t.Errorf("PUT without active answers %s, want it false as before", put)
	}
	f.want(200, "PUT", "/Users/1", `{"userName":"ada@example.com","title":"Host","active":true}`)
	a.wantCalls(`PATCH /people/1 {"login":"ada@example.com","title":"Host"}`, "POST /people/1/unarchive", "GET /people/1")
	// What the update shows to be so already needs no call.
	f.want(200, "PUT", "/Users/1", `{"userName":"ada@example.com","title":"Host","active":true}`)
	a.wantCalls(`PATCH /people/1 {"login":"ada@example.com","title":"Host"}`)
	f.wantError(404, "", "PATCH", "/Users/9", patch(retire), "no User")
}

// TestPartialAnswers: what an answer leaves out is not known, though the row
// has a default.
func TestPartialAnswers(t *testing.T) {
	a := archiveAPI(t, http.StatusConflict)
	a.records[0]["status"] = "archived"
	a.partial = true
	f := a.before(patchRecord, strings.Replace(archiveRows, "legacy: status", "legacy: status\n        default: true", 1))
	f.want(200, "PUT", "/Users/1", `{"userName":"ada@example.com","active":true}`)
	a.wantCalls(`PATCH /people/1 {"login":"ada@example.com","title":null}`, "POST /people/1/unarchive", "GET /people/1")
	f.want(201, "POST", "/Users", `{"userName":"bob@example.com"}`)
	a.wantCalls(`POST /people {"login":"bob@example.com"}`, "POST /people/2/unarchive", "GET /people/2")
}

// TestTransitionIfMatch: the condition is held before any call is made.
func TestTransitionIfMatch(t *testing.T) {
	a := archiveAPI(t, http.StatusConflict)
	f := a.before(patchRecord, archiveRows)
	tag := f.want(200, "GET", "/Users/1", "").header.Get("ETag")
	f.want(412, "PATCH", "/Users/1", patch(retire), "If-Match", `W/"other"`)
	a.wantCalls("GET /people/1", "GET /people/1")
	f.want(204, "PATCH", "/Users/1", patch(retire), "If-Match", tag)
	a.wantCalls("GET /people/1", `POST /people/1/archive {"by":"scim","host":1}`)
	bulk := f.want(200, "POST", "/Bulk", `{"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],"Operations":[{"method":"PATCH","path":"/Users/1","data":`+patch(activate)+`}]}`)
	a.wantCalls("POST /people/1/unarchive")
	if !strings.Contains(bulk.body, `"status":"204"`) {
		t.Errorf("bulk answers %s, want 204", bulk.body)
	}
}

// TestTransitionRefused: a refusal is only taken for done where the record
// says so, and never makes the record look deleted.
func TestTransitionRefused(t *testing.T) {
	for _, tt := range []struct {
		legacy, status int
		kind, detail   string
	}{
		{http.StatusConflict, 409, "", "refuses to change active in the state that the User is in (status 409 at POST /people/{id}/archive)"},
		{http.StatusBadRequest, 400, "invalidValue", "refused active (status 400 at"},
		{http.StatusNotFound, 500, "", "active could not be written: the legacy API does not know the call although it knows the User (status 404 at"},
		{http.StatusServiceUnavailable, 503, "", "not available"},
	} {
		t.Run(strconv.Itoa(tt.legacy), func(t *testing.T) {
			t.Parallel()
			a := archiveAPI(t, http.StatusConflict)
			a.refuse = func(call string) int {
				if call == "POST /people/1/archive" {
					return tt.legacy
				}
				return 0
			}
			f := a.before(patchRecord, archiveRows)
			f.wantError(tt.status, tt.kind, "PATCH", "/Users/1", patch(retire), tt.detail)
			half := f.wantError(tt.status, tt.kind, "PATCH", "/Users/1", patch(`{"op":"replace","path":"title","value":"Guest"}`, retire), "; what was written before stays so (title), and repeating the request is safe")
			if a.records[0]["title"] != "Guest" || a.records[0]["status"] != "active" {
				t.Errorf("the record is %v after %s", a.records[0], half.body)
			}
			// Already done, whatever the API says of the call.
			a.records[0]["status"] = "archived"
			if tt.status != 503 {
				f.want(200, "PATCH", "/Users/1", patch(retire))
			}
		})
	}
}

// TestCreateInactive: a record that is created to be inactive is so at once,
// also where the call for it or another one fails.
func TestCreateInactive(t *testing.T) {
	a := archiveAPI(t, http.StatusConflict)
	f := a.before(patchRecord, archiveRows)
	created := f.want(201, "POST", "/Users", `{"userName":"bob@example.com","active":false}`).value(t)
	a.wantCalls(`POST /people {"login":"bob@example.com"}`, `POST /people/2/archive {"by":"scim","host":2}`, "GET /people/2")
	if created.Get("active").Text() != "false" {
		t.Errorf("created %s, want it inactive", created)
	}
	f.want(201, "POST", "/Users", `{"userName":"eve@example.com","active":true}`)
	a.wantCalls(`POST /people {"login":"eve@example.com"}`) // it is active by itself

	failures := 1
	a.refuse = func(call string) int {
		if strings.HasSuffix(call, "/archive") && failures > 0 {
			failures--
			return http.StatusServiceUnavailable
		}
		return 0
	}
	f.wantError(503, "", "POST", "/Users", `{"userName":"joe@example.com","active":false}`, "; the User was created with the id 4 and stays")
	if a.records[3]["status"] != "archived" {
		t.Errorf("the record is %v, want it archived at the second try", a.records[3])
	}
	failures = 2
	f.wantError(503, "", "POST", "/Users", `{"userName":"kim@example.com","active":false}`, "; the User was created with the id 5 and stays active; it lacks active, and to update it is safe")
	if log := string(f.log.text.bytes()); !strings.Contains(log, "could not be made so") || strings.Contains(log, "kim@") {
		t.Errorf("the log is %s, want the failure by id only", log)
	}
	// The cycle of the client comes again: find, then change what differs.
	found := f.want(200, "GET", `/Users?filter=userName+eq+%22kim@example.com%22`, "").value(t).Get("Resources").At(0)
	f.want(204, "PATCH", "/Users/"+found.Get("id").Text(), patch(retire))
	if a.records[4]["status"] != "archived" {
		t.Errorf("the record is %v, want it archived", a.records[4])
	}
}

// TestCreateInBody: in_create puts the field into the body of the create.
func TestCreateInBody(t *testing.T) {
	a := archiveAPI(t, http.StatusConflict)
	f := a.before("", strings.Replace(archiveRows, "title: {legacy: title}", "nickName: {legacy: nick, read_only: true}", 1)+"        in_create: true\n")
	f.want(201, "POST", "/Users", `{"userName":"bob@example.com","active":false}`)
	a.wantCalls(`POST /people {"login":"bob@example.com","status":"archived"}`)
}

const attributeRows = `      title:
        legacy: role
        values: {Host: h, Guest: g}
        call: {request: "PUT /people/{id}/role/{value}"}
        clear: {request: "DELETE /people/{id}/role"}
      'emails[type eq "work"].value':
        legacy: email
        max_length: 20
        call: {request: "PUT /people/{id}/email", body: {address: "{value}", of: ["{id}"]}}
      active: {legacy: enabled, default: true, call: {request: "PUT /people/{id}/enabled", body: {enabled: "{value}"}}}
`

// attributeAPI has no update of a record: each attribute has a call.
func attributeAPI(t *testing.T) *recordAPI {
	set := func(field, from string) func(fields, fields) (int, any) {
		return func(r, sent fields) (int, any) { r[field] = sent[from]; return http.StatusOK, r }
	}
	return &recordAPI{t: t, sub: map[string]func(fields, fields) (int, any){
		"PUT email": set("email", "address"), "PUT enabled": set("enabled", "enabled"),
		"PUT role":    func(fields, fields) (int, any) { return http.StatusOK, fields{"ok": true} },
		"DELETE role": func(r, _ fields) (int, any) { r["role"] = nil; return http.StatusNoContent, nil },
	}, records: []fields{{"id": 1, "login": "ada@example.com", "role": "h", "enabled": true}}}
}

// TestAttributeCalls: an API that is written attribute by attribute.
func TestAttributeCalls(t *testing.T) {
	a := attributeAPI(t)
	f := a.before("", attributeRows)
	got := f.want(200, "PATCH", "/Users/1", patch(
		`{"op":"replace","path":"active","value":"False"}`, `{"op":"add","path":"emails[type eq \"work\"].value","value":"a@example.com"}`, `{"op":"replace","path":"title","value":"Guest"}`)).value(t)
	a.wantCalls("PUT /people/1/role/g", `PUT /people/1/email {"address":"a@example.com","of":[1]}`, `PUT /people/1/enabled {"enabled":false}`)
	if got.Get("active").Text() != "false" || got.Get("emails").At(0).Get("value").Text() != "a@example.com" {
		t.Errorf("PATCH answers %s, want the record of the last call", got)
	}
	// The last answer is no record: it is not known, and not made up.
	f.want(204, "PATCH", "/Users/1", patch(`{"op":"replace","path":"title","value":"Host"}`))
	f.want(204, "PATCH", "/Users/1", patch(`{"op":"remove","path":"title"}`))
	f.want(200, "PATCH", "/Users/1", patch(`{"op":"remove","path":"emails[type eq \"work\"]"}`))
	a.wantCalls("PUT /people/1/role/h", "DELETE /people/1/role", `PUT /people/1/email {"address":null,"of":[1]}`)
	f.wantError(501, "", "PATCH", "/Users/1", patch(retire, `{"op":"replace","path":"userName","value":"new@example.com"}`), "operations.update is not configured")
	f.wantError(400, "invalidValue", "PATCH", "/Users/1", patch(retire, `{"op":"replace","path":"emails[type eq \"work\"].value","value":"much-too-long@example.com"}`), "longer than 20")
	a.wantCalls() // before any call
	a.partial = true
	f.want(204, "PATCH", "/Users/1", patch(retire)) // a part of a record is none
	if config := f.want(200, "GET", "/ServiceProviderConfig", "").body; !strings.Contains(config, `"patch":{"supported":true}`) {
		t.Errorf("ServiceProviderConfig = %s, want PATCH supported", config)
	}
}

// TestAttributeCallFails: what stands is told, and the refusal names the
// attribute without the value.
func TestAttributeCallFails(t *testing.T) {
	a := attributeAPI(t)
	a.sub["PUT email"] = func(fields, fields) (int, any) {
		return http.StatusConflict, fields{"errors": []fields{{"attribute": "address", "code": "x", "message": "bob@example.com is taken"}}}
	}
	f := a.before("", attributeRows)
	body := patch(`{"op":"replace","path":"title","value":"Guest"}`, `{"op":"replace","path":"emails[type eq \"work\"].value","value":"bob@example.com"}`, retire)
	got := f.wantError(409, "uniqueness", "PATCH", "/Users/1", body, `emails[type eq "work"].value is taken`)
	if strings.Contains(got.body, "bob@") || !strings.Contains(got.body, "stays so (title)") {
		t.Errorf("the error is %s, want no value in it, and what stands", got.body)
	}
	a.wantCalls("PUT /people/1/role/g", `PUT /people/1/email {"address":"bob@example.com","of":[1]}`, "GET /people/1")
	// Of a new record, one that should not be seen is not, whatever fails.
	a.calls = nil
	f.wantError(409, "uniqueness", "POST", "/Users", `{"userName":"bob@example.com","active":false,"emails":[{"type":"work","value":"bob@example.com"}]}`,
		`; the User was created with the id 2 and stays; it lacks emails[type eq "work"].value, and to update it is safe`)
	if a.records[1]["enabled"] != false {
		t.Errorf("the new record is %v, want it not enabled", a.records[1])
	}
}

// TestConstants: fixed fields go with the bodies that the file says.
func TestConstants(t *testing.T) {
	a := archiveAPI(t, http.StatusConflict)
	f := a.before(`      update: {request: "PATCH /people/{id}", constants: {by: {name: scim}}}`, archiveRows)
	f.want(200, "PATCH", "/Users/1", patch(`{"op":"replace","path":"title","value":"Guest"}`))
	f.want(204, "PATCH", "/Users/1", patch(retire))
	a.wantCalls(`PATCH /people/1 {"title":"Guest","by":{"name":"scim"}}`, `POST /people/1/archive {"by":"scim","host":1}`)
}

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

// TestWholeWithCalls: of a record that is replaced whole, what has a call of
// its own stays as it was, and what is marked as deleted is not written.
func TestWholeWithCalls(t *testing.T) {
	a := archiveAPI(t, http.StatusConflict)
	a.sub["PUT whole"] = func(r, sent fields) (int, any) { maps.Copy(r, sent); return http.StatusOK, r }
	a.records = append(a.records, fields{"id": 2, "login": "bob@example.com", "gone": true})
	f := start(t, setup{before: a.ServeHTTP, profile: `
auth: {bearer: [{name: a, token: "${HOSTSCIM_TOKEN}"}]}
legacy: {base_url: "${LEGACY_URL}"}
resources:
  User:
    id: {legacy: id, type: integer}
    gone: gone == true
    operations:
      get: {request: "GET /people/{id}"}
      update: {request: "PUT /people/{id}/whole", body: whole, constants: {by: scim}}
    attributes:
      userName: {legacy: login, required: true}
` + archiveRows})
	f.want(204, "PATCH", "/Users/1", patch(retire, `{"op":"replace","path":"title","value":"Guest"}`))
	a.wantCalls("GET /people/1", `PUT /people/1/whole {"id":1,"login":"ada@example.com","status":"active","title":"Guest","by":"scim"}`, `POST /people/1/archive {"by":"scim","host":1}`)
	f.want(204, "PATCH", "/Users/1", patch(activate))
	a.wantCalls("POST /people/1/unarchive") // nothing to read or replace
	f.wantError(404, "", "PATCH", "/Users/2", patch(`{"op":"replace","path":"title","value":"Guest"}`), "no User")
	a.wantCalls("GET /people/2")
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
