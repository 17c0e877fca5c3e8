package adapter_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// audits returns the audit lines of the log, without times and ids of requests.
func (f *fixture) audits() []string {
	f.Helper()
	var lines []string
	for _, l := range f.logs() {
		if l["msg"] != "audit" {
			continue
		}
		if l["request_id"] == "" || l["request_id"] == nil {
			f.Errorf("audit line %v has no request id", l)
		}
		for _, key := range []string{"time", "level", "msg", "request_id"} {
			delete(l, key)
		}
		b, err := json.Marshal(l)
		if err != nil {
			f.Fatal(err)
		}
		lines = append(lines, string(b))
	}
	return lines
}

// TestAudit: each write has one line that says who did what to which record by
// which calls, and what came of it; what is read has none.
func TestAudit(t *testing.T) {
	gone := func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method != http.MethodGet {
			reset(w, r)
			return true
		}
		return false
	}
	for _, test := range []struct {
		name               string
		before             func(http.ResponseWriter, *http.Request) bool
		method, path, body string
		want               []string
	}{
		{"create", nil, "POST", "/Users", noa, []string{
			`{"attributes":["userName","active","name.givenName","name.familyName","emails[type eq \"work\"].value"],"id":"3","legacy":["POST /hosts 201"],"operation":"create","outcome":"done","resource":"User","status":201,"token":"entra"}`}},
		{"replace", nil, "PUT", "/Users/1", noa, []string{
			`{"attributes":["userName","active","name.givenName","name.familyName","emails[type eq \"work\"].value","emails[type eq \"other\"].value","phoneNumbers[type eq \"work\"].value","phoneNumbers[type eq \"mobile\"].value","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:organization","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department"],"id":"1","legacy":["PATCH /hosts/{id} 200"],"operation":"replace","outcome":"done","resource":"User","status":200,"token":"entra"}`}},
		{"patch", nil, "PATCH", "/Users/1", patch(`{"op":"replace","path":"active","value":false}`), []string{
			`{"attributes":["active"],"id":"1","legacy":["PATCH /hosts/{id} 200"],"operation":"patch","outcome":"done","resource":"User","status":200,"token":"entra"}`}},
		{"delete", nil, "DELETE", "/Users/1", "", []string{
			`{"attributes":null,"id":"1","legacy":["DELETE /hosts/{id} 204"],"operation":"delete","outcome":"done","resource":"User","status":204,"token":"entra"}`}},
		{"members", nil, "PATCH", "/Groups/1", patch(`{"op":"remove","path":"members","value":[{"value":"1"},{"value":"2"}]}`), []string{
			`{"attributes":["members"],"id":"1","legacy":["DELETE /host_groups/{id}/hosts/{value} 204 x2"],"members_added":0,"members_removed":2,"operation":"patch","outcome":"done","resource":"Group","status":204,"token":"entra"}`}},
		{"no such record", nil, "DELETE", "/Users/9", "", []string{
			`{"attributes":null,"id":"9","legacy":["DELETE /hosts/{id} 404"],"operation":"delete","outcome":"refused","resource":"User","status":404,"token":"entra"}`}},
		{"an id that can be none", nil, "DELETE", "/Users/somebody", "", []string{
			`{"attributes":null,"id":"","legacy":[],"operation":"delete","outcome":"refused","resource":"User","status":404,"token":"entra"}`}},
		{"an API that is away", gone, "PATCH", "/Users/1", patch(`{"op":"replace","path":"active","value":false}`), []string{
			`{"attributes":["active"],"id":"1","legacy":["PATCH /hosts/{id} no answer x4"],"operation":"patch","outcome":"uncertain","resource":"User","status":503,"token":"entra"}`}},
		{"bulk", nil, "POST", "/Bulk", `{"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],"Operations":[{"method":"DELETE","path":"/Users/1"},{"method":"DELETE","path":"/Groups/9"}]}`, []string{
			`{"attributes":null,"id":"1","legacy":["DELETE /hosts/{id} 204"],"operation":"delete","outcome":"done","resource":"User","status":204,"token":"entra"}`,
			`{"attributes":null,"id":"9","legacy":["DELETE /host_groups/{id} 404"],"operation":"delete","outcome":"refused","resource":"Group","status":404,"token":"entra"}`}},
		{"read", nil, "GET", "/Users/1", "", nil},
		{"search", nil, "POST", "/Users/.search", `{"filter":"userName eq \"x\""}`, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := start(t, setup{before: test.before})
			f.api.AddHost(host("a"))
			f.api.AddHost(host("b"))
			f.api.AddGroup(group("g"), 1, 2)
			f.call(test.method, test.path, test.body)
			if diff := cmp.Diff(test.want, f.audits()); diff != "" {
				t.Errorf("audit lines (-want +got):\n%s", diff)
			}
		})
	}
}

// TestAuditOfPanic: what was done before a panic stands in the log.
func TestAuditOfPanic(t *testing.T) {
	f := start(t, setup{transport: func(http.RoundTripper) http.RoundTripper {
		return roundTripper(func(*http.Request) (*http.Response, error) { panic("canary") })
	}})
	f.call("DELETE", "/Users/1", "")
	if got := f.audits(); len(got) != 1 || !strings.Contains(got[0], `"id":"1"`) || !strings.Contains(got[0], `"outcome":"failed"`) {
		t.Errorf("audit lines %s, want one of a failure", got)
	}
}

// TestAuditOfTenants: the line says whose record it was.
func TestAuditOfTenants(t *testing.T) {
	y := startTenants(t)
	y.want(201, "acme", "POST", "/Users", noa)
	if lines := strings.Split(string(y.log.json.bytes()), "\n"); !slices.ContainsFunc(lines, func(l string) bool {
		return strings.Contains(l, `"msg":"audit"`) && strings.Contains(l, `"tenant":"acme"`)
	}) {
		t.Errorf("the log has no audit line of the tenant:\n%s", strings.Join(lines, "\n"))
	}
}
