package adapter_test

import (
	"maps"
	"net/http"
	"strconv"
	"strings"
	"testing"
)

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
