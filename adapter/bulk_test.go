package adapter_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"hostscim/adapter/scim"
	"hostscim/legacyclient/legacytest"
)

const bulkURN = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"

// bulk returns a bulk request of the operations; more stands before them, as
// in `"failOnErrors":1`.
func bulk(more string, operations ...string) string {
	if more != "" {
		more += ","
	}
	return `{"schemas":["` + bulkURN + `"],` + more + `"Operations":[` + strings.Join(operations, ",") + `]}`
}

// op returns an operation of a bulk request without what is empty.
func op(method, path, bulkID, data string) string {
	o := fmt.Sprintf(`{"method":%q,"path":%q`, method, path)
	if bulkID != "" {
		o += fmt.Sprintf(`,"bulkId":%q`, bulkID)
	}
	if data != "" {
		o += `,"data":` + data
	}
	return o + "}"
}

// user returns a user with everything that is required.
func user(name string) string { return strings.ReplaceAll(noa, "noa", name) }

// team returns a group with these members.
func team(name string, members ...string) string {
	for i, m := range members {
		members[i] = `{"value":"` + m + `"}`
	}
	return fmt.Sprintf(`{"displayName":%q,"members":[%s]}`, name, strings.Join(members, ","))
}

const deactivateOp = `{"op":"replace","path":"active","value":false}`

var deactivate = patch(deactivateOp)

// bulkResults sends a bulk request and returns its results, each as method,
// bulkId, status, path of the location, "version" and the detail of the
// error, "-" where there is none. What belongs to every result is checked.
func (f *fixture) bulkResults(body string) []string {
	f.Helper()
	v := f.want(200, "POST", "/Bulk", body).value(f.T)
	if got := names(v); got != "schemas Operations" || v.Get("schemas").String() != `["urn:ietf:params:scim:api:messages:2.0:BulkResponse"]` {
		f.Errorf("a bulk response has %q and schemas %s", got, v.Get("schemas"))
	}
	var results []string
	for _, p := range v.Get("Operations").Parts() {
		results = append(results, f.bulkResult(p.Value))
	}
	return results
}

func (f *fixture) bulkResult(r scim.Value) string {
	f.Helper()
	text := func(name string) string {
		if t := r.Get(name).Text(); t != "" {
			return t
		}
		return "-"
	}
	version, detail := "-", "-"
	if v := r.Get("version"); v.Kind() != scim.Absent {
		if version = "version"; !strings.HasPrefix(v.Text(), `W/"`) {
			f.Errorf("version %s", v)
		}
	}
	if r.Get("status").Kind() != scim.String {
		f.Errorf("the status of %s is no text", r)
	}
	e := r.Get("response")
	if failed := text("status") >= "400"; failed != (e.Kind() == scim.Object) {
		f.Errorf("%s: a response belongs to an error and to nothing else", r)
	}
	if e.Kind() == scim.Object {
		detail = e.Get("scimType").Text() + ": " + e.Get("detail").Text()
		if e.Get("status").Text() != text("status") || e.Get("schemas").String() != `["`+scim.ErrorURN+`"]` {
			f.Errorf("%s: the response is no Error", r)
		}
	}
	location := strings.TrimPrefix(text("location"), f.url+base)
	return strings.Join([]string{text("method"), text("bulkId"), text("status"), location, version, detail}, " ")
}

// wantBulk compares results. One that ends in "..." is compared so far.
func (f *fixture) wantBulk(body string, want ...string) {
	f.Helper()
	got := f.bulkResults(body)
	same := slices.EqualFunc(got, want, func(g, w string) bool {
		begin, open := strings.CutSuffix(w, "...")
		return g == w || open && strings.HasPrefix(g, begin)
	})
	if !same {
		f.Errorf("bulk %.200s\ngot  %s\nwant %s", body, strings.Join(got, "\n     "), strings.Join(want, "\n     "))
	}
}

func TestBulk(t *testing.T) {
	const made = " 201 /Users/4 version -"
	for _, test := range []struct {
		name  string
		body  string
		want  []string
		calls []string
	}{
		{
			"mixed", bulk("", op("POST", "/Users", "u", user("new")), op("PUT", "/Users/1", "", user("one")), op("patch", "/Users/2", "", deactivate), op("DELETE", "/Users/3", "", ""), op("PATCH", "/Groups/1", "g", patch(member("remove", 1)))),
			[]string{"POST u" + made, "PUT - 200 /Users/1 version -", "PATCH - 200 /Users/2 version -", "DELETE - 204 /Users/3 - -", "PATCH g 204 /Groups/1 - -"},
			[]string{"POST /hosts", "PATCH /hosts/1", "PATCH /hosts/2", "DELETE /hosts/3", "DELETE /host_groups/1/hosts/1"},
		},
		{
			"a reference in the data", bulk("", op("POST", "/Users", "u", user("new")), op("POST", "/Groups", "g", team("Desk", "bulkId:u", "2"))),
			[]string{"POST u" + made, "POST g 201 /Groups/3 - -"},
			[]string{"POST /hosts", "POST /host_groups", "POST /host_groups/3/hosts"},
		},
		{
			"a reference to what comes later", bulk("", op("PATCH", "/Groups/2", "", patch(`{"op":"add","path":"members","value":[{"value":"bulkId:u"}]}`)), op("DELETE", "/Users/3", "", ""), op("POST", "/Users", "u", user("new"))),
			[]string{"PATCH - 204 /Groups/2 - -", "DELETE - 204 /Users/3 - -", "POST u" + made},
			[]string{"DELETE /hosts/3", "POST /hosts", "POST /host_groups/2/hosts"},
		},
		{
			"references in paths", bulk("", op("PATCH", "/Groups/bulkId:g", "p", patch(`{"op":"replace","path":"displayName","value":"Back"}`)), op("DELETE", "/Groups/bulkId:h", "", ""), op("POST", "/Groups", "g", team("Front", "bulkId:u")), op("POST", "/Groups", "h", team("Hall")), op("POST", "/Users", "u", user("new")), op("PUT", "/Users/bulkId:u", "", user("newer"))),
			[]string{"PATCH p 204 /Groups/4 - -", "DELETE - 204 /Groups/3 - -", "POST g 201 /Groups/4 - -", "POST h 201 /Groups/3 version -", "POST u" + made, "PUT - 200 /Users/4 version -"},
			[]string{"POST /host_groups", "POST /hosts", "PATCH /hosts/4", "DELETE /host_groups/3", "POST /host_groups", "POST /host_groups/4/hosts", "PATCH /host_groups/4"},
		},
		{
			"a reference to what a patch was of", bulk("", op("PATCH", "/Groups/bulkId:p", "", patch(member("add", 3))), op("PATCH", "/Groups/2", "p", patch(member("add", 1)))),
			[]string{"PATCH - 204 /Groups/2 - -", "PATCH p 204 /Groups/2 - -"},
			[]string{"POST /host_groups/2/hosts", "POST /host_groups/2/hosts"},
		},
		{
			"a circle", bulk("", op("POST", "/Groups", "a", team("A", "bulkId:b")), op("POST", "/Groups", "b", team("B", "bulkId:a")), op("POST", "/Groups", "self", team("C", "bulkId:self")), op("POST", "/Users", "u", user("new"))),
			[]string{"POST a 409 - - invalidValue: it refers to a bulkId that no operation makes...", "POST b 409 - - invalidValue: ...", "POST self 409 - - invalidValue: ...", "POST u" + made},
			[]string{"POST /hosts"},
		},
		{
			"unknown bulkIds", bulk("", op("POST", "/Groups", "a", team("A", "bulkId:nobody")), op("DELETE", "/Users/bulkId:nobody", "", ""), op("PATCH", "/Users/bulkId:", "", deactivate)),
			[]string{"POST a 409 - - invalidValue: ...", "DELETE - 409 /Users/bulkId:nobody - invalidValue: ...", "PATCH - 409 /Users/bulkId: - invalidValue: ..."},
			nil,
		},
		{
			"a failed dependency", bulk("", op("PATCH", "/Groups/2", "", patch(`{"op":"add","path":"members","value":[{"value":"bulkId:g"}]}`)), op("POST", "/Groups", "g", team("A", "bulkId:u")), op("POST", "/Users", "u", user("ivo")), op("DELETE", "/Users/3", "", "")),
			[]string{"PATCH - 409 /Groups/2 - invalidValue: it refers to a bulkId whose operation failed", "POST g 409 - - invalidValue: it refers to a bulkId whose operation failed", "POST u 409 - - uniqueness: userName is taken...", "DELETE - 204 /Users/3 - -"},
			[]string{"POST /hosts", "DELETE /hosts/3"},
		},
		{
			"failures go on", bulk("", op("DELETE", "/Users/9", "", ""), op("PATCH", "/Users/1", "", patch(`{"op":"remove","path":"userName"}`)), op("DELETE", "/Users/3", "", "")),
			[]string{"DELETE - 404 /Users/9 - : there is no User...", "PATCH - 400 /Users/1 - mutability: ...", "DELETE - 204 /Users/3 - -"},
			[]string{"DELETE /hosts/9", "DELETE /hosts/3"},
		},
		{
			"failOnErrors", bulk(`"failOnErrors":2`, op("DELETE", "/Users/9", "", ""), op("DELETE", "/Users/1", "", ""), op("DELETE", "/Users/8", "", ""), op("DELETE", "/Users/2", "", ""), op("POST", "/Groups", "a", team("A", "bulkId:nobody"))),
			[]string{"DELETE - 404 ...", "DELETE - 204 /Users/1 - -", "DELETE - 404 ..."},
			[]string{"DELETE /hosts/9", "DELETE /hosts/1", "DELETE /hosts/8"},
		},
		{
			"failOnErrors counts what cannot be done", bulk(`"failOnErrors":1`, op("POST", "/Groups", "a", team("A", "bulkId:x")), op("POST", "/Groups", "b", team("B", "bulkId:x"))),
			[]string{"POST a 409 ..."},
			nil,
		},
		{
			"failOnErrors 0 and null are none", bulk(`"failOnErrors":0`, op("DELETE", "/Users/9", "", ""), op("DELETE", "/Users/3", "", "")),
			[]string{"DELETE - 404 ...", "DELETE - 204 /Users/3 - -"},
			[]string{"DELETE /hosts/9", "DELETE /hosts/3"},
		},
		{
			"what is no resource", bulk(`"failOnErrors":null`, op("POST", "/Schemas", "a", "{}"), op("POST", "/Bulk", "b", bulk("")), op("POST", "/Me", "c", "{}"), op("POST", "/Users/.search", "d", "{}"), op("POST", "/", "e", "{}"), op("POST", "/Users/1", "f", user("new")), op("PUT", "/Users", "", user("new")), op("DELETE", "/ServiceProviderConfig", "", ""), op("DELETE", "/Users/1/2", "", ""), op("DELETE", "/Users/1?x=y", "", ""), op("DELETE", "/Users/%zz", "", ""), op("DELETE", "/Users/%31%2F", "", "")),
			[]string{"POST a 404 - ...", "POST b 404 - ...", "POST c 404 - ...", "POST d 404 - ...", "POST e 404 - ...", "POST f 404 - ...", "PUT - 404 ...", "DELETE - 404 ...", "DELETE - 404 ...", "DELETE - 404 ...", "DELETE - 404 ...", "DELETE - 404 ..."},
			nil,
		},
		{"nothing", bulk(""), nil, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := seeded(t, setup{})
			f.wantBulk(test.body, test.want...)
			f.wantCalls(test.calls...)
		})
	}
}

// TestBulkValues: what the operations did, seen behind the API.
func TestBulkValues(t *testing.T) {
	f := seeded(t, setup{})
	f.bulkResults(bulk("", op("POST", "/Groups", "g", team("Desk", "bulkId:u", "2")), op("POST", "/Users", "u", user("new")), op("PATCH", "/Users/1", "", deactivate)))
	if got := fmt.Sprint(f.api.Members(3)); got != "[2 4]" {
		t.Errorf("members %s, want [2 4]", got)
	}
	if h, _ := f.api.Host(4); h.Username != "new@example.com" {
		t.Errorf("host 4 is %+v", h)
	}
	if h, _ := f.api.Host(1); h.Visible {
		t.Error("host 1 is visible")
	}
	if n := len(f.api.Hosts()); n != 4 {
		t.Errorf("%d hosts, want 4", n)
	}
}

// TestBulkVersion: If-Match of each operation, and the version that comes
// back is the one that is read.
func TestBulkVersion(t *testing.T) {
	f := seeded(t, setup{})
	version := f.want(200, "GET", "/Users/1", "").header.Get("ETag")
	with := func(o, version string) string {
		return strings.Replace(o, "{", fmt.Sprintf(`{"version":%q,`, version), 1)
	}
	f.wantBulk(bulk("",
		with(op("DELETE", "/Users/2", "", ""), version),
		with(op("PATCH", "/Users/1", "", deactivate), version),
		with(op("PUT", "/Users/1", "", user("one")), version),
		with(op("DELETE", "/Users/3", "", ""), "*"),
	), "DELETE - 412 /Users/2 - : the resource has changed...", "PATCH - 200 /Users/1 version -", "PUT - 412 ...", "DELETE - 204 /Users/3 - -")
	v := f.want(200, "POST", "/Bulk", bulk("", op("PATCH", "/Users/1", "", deactivate))).value(t)
	if got, want := v.Get("Operations").At(0).Get("version").Text(), f.want(200, "GET", "/Users/1", "").header.Get("ETag"); got != want || got == version {
		t.Errorf("version %s, want %s and not %s", got, want, version)
	}
}

// TestBulkRefused: a request that is not well formed does nothing at all.
func TestBulkRefused(t *testing.T) {
	f := seeded(t, setup{edits: []string{"max_body_bytes: 1048576", "max_body_bytes: 200000"}})
	before := f.state()
	good := op("DELETE", "/Users/1", "", "")
	for _, test := range []struct{ bad, detail string }{
		{`"DELETE"`, "must be an object"}, {`null`, "must be an object"}, {`[]`, "must be an object"}, {`{}`, "method"},
		{op("GET", "/Users/1", "", ""), "method must be POST, PUT, PATCH or DELETE"},
		{op("HEAD", "/Users/1", "", ""), "method"}, {op("", "/Users/1", "", ""), "method"},
		{`{"method":["DELETE"],"path":"/Users/1"}`, "method"},
		{`{"method":"DELETE"}`, "path"}, {op("DELETE", "Users/1", "", ""), "path"}, {`{"method":"DELETE","path":{}}`, "path"},
		{op("DELETE", "https://scim.example.com/Users/1", "", ""), "path"},
		{op("POST", "/Users", "", noa), "bulkId"}, {`{"method":"POST","path":"/Users","bulkId":"","data":` + noa + `}`, "bulkId"},
		{op("POST", "/Users", "a", ""), "data"}, {op("PUT", "/Users/1", "", `"x"`), "data"}, {op("PATCH", "/Users/1", "", "null"), "data"},
		{op("POST", "/Users", "a", "[]"), "data"},
		{op("POST", "/Users", "a", noa) + "," + op("POST", "/Users", "a", noa), "operation 3: its bulkId is that of another operation"},
	} {
		f.wantError(400, scim.InvalidSyntax, "POST", "/Bulk", bulk("", good, test.bad), "operation ", test.detail)
	}
	for _, body := range []string{
		"", "[]", "{}", `{"Operations":{}}`, `{"Operations":null}`, `{"Operations":"DELETE"}`,
		bulk(`"failOnErrors":-1`, good), bulk(`"failOnErrors":1.5`, good), bulk(`"failOnErrors":true`, good), bulk(`"failOnErrors":"many"`, good), bulk(`"failOnErrors":[1]`, good),
	} {
		f.wantError(400, scim.InvalidSyntax, "POST", "/Bulk", body)
	}
	f.wantError(413, "", "POST", "/Bulk", bulk("", slices.Repeat([]string{good}, 1001)...), "1000")
	f.wantError(413, "", "POST", "/Bulk", bulk("", good)+strings.Repeat(" ", 200_000), "200000 bytes")
	f.call("POST", "/Bulk", bulk("", good), "Content-Type", "text/plain").checkError(t, 415, "")
	f.call("POST", "/Bulk", bulk("", good), "Authorization", "Bearer x").checkError(t, 401, "")
	f.wantCalls()
	f.untouched(before)
	if config := f.want(200, "GET", "/ServiceProviderConfig", "").value(t).Get("bulk"); config.String() != `{"supported":true,"maxOperations":1000,"maxPayloadSize":200000}` {
		t.Errorf("bulk is published as %s", config)
	}
	if got := f.bulkResults(bulk("", slices.Repeat([]string{op("DELETE", "/Users/x", "", "")}, 1000)...)); len(got) != 1000 {
		t.Errorf("%d results, want 1000", len(got))
	}
}

// TestBulkDeadline: the time of a request ends a bulk request too, and what
// was not reached says so.
func TestBulkDeadline(t *testing.T) {
	f := seeded(t, setup{
		edits: []string{"request_timeout: 25s", "request_timeout: 300ms"},
		before: func(w http.ResponseWriter, r *http.Request) bool {
			if r.URL.Path != legacytest.Prefix+"/hosts/2" {
				return false
			}
			hang(w, r)
			return true
		},
	})
	begin := time.Now()
	f.wantBulk(bulk("", op("DELETE", "/Users/1", "", ""), op("DELETE", "/Users/2", "", ""), op("DELETE", "/Users/3", "", ""), op("POST", "/Users", "u", user("new"))),
		"DELETE - 204 /Users/1 - -", "DELETE - 504 /Users/2 - : the legacy API did not answer in time...",
		"DELETE - 503 /Users/3 - : the time of the request was used up...", "POST u 503 - - : the time of the request was used up...")
	if took := time.Since(begin); took > 10*time.Second {
		t.Errorf("took %v", took)
	}
	f.wantCalls("DELETE /hosts/1")
}

// TestBulkPacing: the calls of a bulk request wait at the legacy API's rate
// like any others.
func TestBulkPacing(t *testing.T) {
	f := seeded(t, setup{edits: []string{"request_timeout: 25s", "request_timeout: 1s", "per_second: 100000, burst: 100000", "per_second: 0.1, burst: 2"}})
	f.wantBulk(bulk("", op("DELETE", "/Users/1", "", ""), op("DELETE", "/Users/2", "", ""), op("DELETE", "/Users/3", "", "")),
		"DELETE - 204 /Users/1 - -", "DELETE - 204 /Users/2 - -", "DELETE - 429 /Users/3 - : ...")
	f.wantCalls("DELETE /hosts/1", "DELETE /hosts/2")
}
