package integration

import (
	"bytes"
	"testing"

	"hostscim/integration/harness"
	"hostscim/legacyclient/legacytest"
)

// tenants is what takes the place of the shipped profile's auth.
const tenants = `
tenants:
  - name: acme
    auth: {bearer: [{name: entra, token: "${HOSTSCIM_TOKEN}"}]}
  - name: globex
    auth: {bearer: [{name: entra, token: "integration-scim-token-of-globex"}]}
    legacy: {base_url: "${GLOBEX_URL}"}
`

// TestTenants: one process, two tenants with a host API each. What one has is
// nothing to the other.
//
// cases: 69
func TestTenants(t *testing.T) {
	c := config(t, "shipped")
	begin, end := bytes.Index(c, []byte("\nauth:")), bytes.Index(c, []byte("\nlegacy:"))
	c = append(append(append([]byte(nil), c[:begin]...), c[end:]...), tenants...)
	acme, globex := newLegacy(t), newLegacy(t)
	acme.AddHost(legacytest.Host{Username: "ada@example.com"})
	env := harness.Env(acme.URL)
	env["GLOBEX_URL"] = globex.URL
	p := harness.Start(t, harness.Options{Config: c, Env: env})
	s := newClient(t, p.URL)
	asGlobex := []string{"Authorization", "Bearer integration-scim-token-of-globex"}

	s.want(200, "GET", "/Users/1", "")
	s.want(404, "GET", "/Users/1", "", asGlobex...)
	const match = "/Users?filter=userName+eq+%22ada@example.com%22"
	if n := s.want(200, "GET", match, "").object(t).int("totalResults"); n != 1 {
		t.Errorf("acme finds %d users, want 1", n)
	}
	if n := s.want(200, "GET", match, "", asGlobex...).object(t).int("totalResults"); n != 0 {
		t.Errorf("globex finds %d users, want none", n)
	}
	s.want(204, "DELETE", "/Users/1", "")
	s.want(404, "DELETE", "/Users/1", "", asGlobex...)
	s.want(401, "GET", "/Users/1", "", "Authorization", "Bearer integration-scim-token-of-nobody")
	if n := len(globex.Hosts()); n != 0 {
		t.Errorf("globex has %d hosts, want none", n)
	}
}
