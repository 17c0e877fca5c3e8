package integration

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"hostscim/integration/harness"
	"hostscim/legacyclient/legacytest"
)

// oauth is what takes the place of the shipped profile's auth.
const oauth = `
auth:
  bearer: [{name: run, token: "${HOSTSCIM_TOKEN}"}]
  oauth:
    signing_key: "${SIGNING_KEY}"
    lifetime: 1h
    clients:
      - id: entra
        secrets: [{secret: "${FIRST_SECRET}"}, {secret: "${SECOND_SECRET}"}, {secret: "${OLD_SECRET}", expires: 2026-01-01}]
        assertion: {issuer: "https://login.example.com/tenant-1/v2.0", subject: subject-1, audience: api://hostscim, jwks_url: JWKS}
`

// startOAuth returns a system whose clients fetch tokens, the URL of its token
// endpoint, and what signs an assertion for an audience.
func startOAuth(t *testing.T) (s *system, endpoint string, assertion func(audience string) string) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	public := jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: key.Public(), KeyID: "one", Use: "sig"}}}
	jwks := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { json.NewEncoder(w).Encode(public) }))
	t.Cleanup(jwks.Close)
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: jose.JSONWebKey{Key: key, KeyID: "one"}}, nil)
	if err != nil {
		t.Fatal(err)
	}

	c := config(t, "full")
	begin, end := bytes.Index(c, []byte("\nauth:")), bytes.Index(c, []byte("\nlegacy:"))
	c = append(append(append([]byte(nil), c[:begin]...), strings.Replace(oauth, "JWKS", jwks.URL, 1)...), c[end:]...)
	legacy := newLegacy(t, legacytest.WithHosts(7), legacytest.WithLenient())
	env := harness.Env(legacy.URL)
	env["SIGNING_KEY"] = "a-signing-key-of-thirty-two-characters"
	env["FIRST_SECRET"], env["SECOND_SECRET"], env["OLD_SECRET"] = "first-example-secret", "second-example-secret", "old-example-secret"
	p := harness.Start(t, harness.Options{Config: c, Env: env})
	return &system{client: newClient(t, p.URL), process: p, legacy: legacy}, strings.TrimSuffix(p.URL, "/scim/v2") + "/oauth/token",
		func(audience string) string {
			raw, err := jwt.Signed(signer).Claims(jwt.Claims{
				Issuer: "https://login.example.com/tenant-1/v2.0", Subject: "subject-1", Audience: jwt.Audience{audience},
				Expiry: jwt.NewNumericDate(time.Now().Add(65 * time.Minute)),
			}).Serialize()
			if err != nil {
				t.Fatal(err)
			}
			return raw
		}
}

// TestTokenSuite runs the gallery's validation with its tests of the token
// endpoint, as the command does.
//
// cases: 65, 66, 68
func TestTokenSuite(t *testing.T) {
	s, endpoint, assertion := startOAuth(t)
	dir := t.TempDir()
	for name, audience := range map[string]string{"right.jwt": "api://hostscim", "wrong.jwt": "api://other"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(assertion(audience)+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := harness.Command(t, map[string]string{"TOKEN": harness.Token, "ONE": "first-example-secret", "TWO": "second-example-secret"},
		"rehearse", "--url", s.base, "--token-env", "TOKEN", "--suite", "gallery", "--rate", "0",
		"--oauth-token-url", endpoint, "--oauth-client-id", "entra", "--oauth-client-secret-env", "ONE", "--oauth-second-secret-env", "TWO",
		"--oauth-assertion-file", filepath.Join(dir, "right.jwt"), "--oauth-refused-assertion-file", filepath.Join(dir, "wrong.jwt"))
	out, err := cmd.Output()
	if err != nil || !strings.Contains(string(out), "25 tests passed, 0 failed, 0 skipped") {
		t.Errorf("the suite ends with %v\n%s", err, out)
	}
}

// TestExpiredSecret: a secret whose day has come is refused, while the others
// of its client live.
//
// cases: 66
func TestExpiredSecret(t *testing.T) {
	_, endpoint, _ := startOAuth(t)
	for secret, want := range map[string]int{"old-example-secret": 401, "first-example-secret": 200} {
		got := do(t, http.DefaultClient, "POST", endpoint, strings.NewReader("grant_type=client_credentials&client_id=entra&client_secret="+secret),
			"Content-Type", "application/x-www-form-urlencoded")
		if got.status != want {
			t.Errorf("%s: %d %s, want %d", secret, got.status, got.body, want)
		}
	}
}
