package adapter_test

import (
	"net/http"
	"strings"
	"testing"
)

// TestAddedThenRefused: when removals fail after additions were made, the
// answer says that those stand.
func TestAddedThenRefused(t *testing.T) {
	f := seeded(t, setup{before: func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method == "DELETE" {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		return r.Method == "DELETE"
	}})
	f.want(204, "PATCH", "/Groups/1", patch(`{"op":"add","path":"members","value":[{"value":"1"}]}`))
	a := f.wantError(503, "", "PATCH", "/Groups/1",
		patch(`{"op":"remove","path":"members[value eq \"1\"]"}`, `{"op":"add","path":"members","value":[{"value":"3"}]}`), "1 of 1 members were added and stay so")
	if a.header.Get("Retry-After") == "" {
		t.Errorf("the answer has no Retry-After: %v", a.header)
	}
}

// TestReadOnlyDiscovery: a profile that cannot change anything does not
// promise PATCH.
func TestReadOnlyDiscovery(t *testing.T) {
	f := start(t, setup{profile: `
auth: {bearer: [{name: a, token: "${HOSTSCIM_TOKEN}"}]}
legacy: {base_url: "${LEGACY_URL}", auth: {bearer: "${LEGACY_TOKEN}"}}
resources:
  User:
    id: id
    operations:
      get: {request: "GET /hosts/{id}"}
    attributes: {userName: {legacy: username, read_only: true}}
`})
	if a := f.want(200, "GET", "/ServiceProviderConfig", ""); !strings.Contains(a.body, `"patch":{"supported":false}`) {
		t.Errorf("ServiceProviderConfig = %s, want PATCH not supported", a.body)
	}
}
