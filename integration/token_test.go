package integration

import (
	"bytes"
	"net/http"
	"strings"
	"testing"

	"hostscim/integration/harness"
	"hostscim/legacyclient/legacytest"
)

// oauth is what takes the place of the shipped profile's auth.
const oauth = `
auth:
  oauth:
    signing_key: "${SIGNING_KEY}"
    lifetime: 1h
    clients:
      - {id: entra, secrets: [{secret: "${FIRST_SECRET}"}, {secret: "${SECOND_SECRET}"}, {secret: "${OLD_SECRET}", expires: 2026-01-01}]}
`

// TestTokenEndpoint fetches tokens from the binary as Entra's client
// credentials do, and provisions with them.
//
// cases: 65, 66
func TestTokenEndpoint(t *testing.T) {
	c := config(t, "shipped")
	begin, end := bytes.Index(c, []byte("\nauth:")), bytes.Index(c, []byte("\nlegacy:"))
	c = append(append(append([]byte(nil), c[:begin]...), oauth...), c[end:]...)
	legacy := newLegacy(t)
	legacy.AddHost(legacytest.Host{Username: "ada@example.com"})
	env := harness.Env(legacy.URL)
	env["SIGNING_KEY"] = "a-signing-key-of-thirty-two-characters"
	env["FIRST_SECRET"], env["SECOND_SECRET"], env["OLD_SECRET"] = "first-example-secret", "second-example-secret", "old-example-secret"
	p := harness.Start(t, harness.Options{Config: c, Env: env})
	endpoint := strings.TrimSuffix(p.URL, "/scim/v2") + "/oauth/token"
	ask := func(form string, header ...string) answer {
		t.Helper()
		header = append(header, "Content-Type", "application/x-www-form-urlencoded")
		return do(t, http.DefaultClient, "POST", endpoint, strings.NewReader(form), header...)
	}
	s := newClient(t, p.URL)
	const grant = "grant_type=client_credentials"
	for name, got := range map[string]answer{
		"by header":         ask(grant, "Authorization", "Basic ZW50cmE6Zmlyc3QtZXhhbXBsZS1zZWNyZXQ="),
		"by body":           ask(grant + "&client_id=entra&client_secret=first-example-secret"),
		"the second secret": ask(grant + "&client_id=entra&client_secret=second-example-secret"),
	} {
		o := got.object(t)
		if got.status != 200 || got.header.Get("Cache-Control") != "no-store" || o.int("expires_in") != 3600 || !strings.EqualFold(o.text("token_type"), "bearer") {
			t.Fatalf("%s: %d %v", name, got.status, got.header)
		}
		s.want(200, "GET", "/Users/1", "", "Authorization", "Bearer "+o.text("access_token"))
	}
	for _, secret := range []string{"wrong", "old-example-secret"} {
		got := ask(grant + "&client_id=entra&client_secret=" + secret)
		if got.status != 401 || got.object(t).text("error") != "invalid_client" {
			t.Errorf("%s: %d %s, want 401 invalid_client", secret, got.status, got.body)
		}
	}
}
