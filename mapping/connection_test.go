package mapping

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// profile returns a configuration with that legacy section, and without one for
// who may come in if it lets every token pass.
func profile(legacy string) string {
	auth := "auth: {bearer: {name: entra, token: example-token}}\n"
	if strings.Contains(legacy, "passthrough: true") {
		auth = ""
	}
	return auth + "legacy:\n  base_url: https://api.example.com\n" + legacy + `
resources:
  User: {id: id, operations: {get: {request: "GET /u/{id}"}, update: {request: "PUT /u/{id}"}}, attributes: {userName: {legacy: n}}}
`
}

func TestConnection(t *testing.T) {
	t.Parallel()
	c := load(t, profile(`
  auth:
    oauth2_client_credentials:
      token_url: https://id.example.com/oauth/token
      client_id: hostscim
      client_secret: example-secret-1
      scopes: [hosts:read, hosts:write]
      audience: https://api.example.com
      params: {tenant: north}
      style: post
  tls: {ca_file: /etc/hostscim/ca.pem, cert_file: /etc/hostscim/client.pem, key_file: /etc/hostscim/client.key}
  proxy: "http://hostscim:example-secret-2@proxy.example.com:3128"
  max_in_flight: 8
  max_queue: 80
  breaker: {failures: 5, window: 10s, open: 2s}
`)).Legacy
	o := c.Auth.OAuth2
	if diff := cmp.Diff([]string{"https", "id.example.com", "hostscim", "example-secret-1", "hosts:read hosts:write", "https://api.example.com", "tenant north", "post"},
		[]string{o.TokenURL.Scheme, o.TokenURL.Host, o.ClientID, string(o.ClientSecret), strings.Join(o.Scopes, " "), o.Audience, o.Params[0].Key + " " + o.Params[0].Value, o.Style}); diff != "" {
		t.Errorf("oauth2_client_credentials (-want +got):\n%s", diff)
	}
	if got := string(c.TLS.CA.PEM()) + " " + string(c.TLS.Cert.PEM()) + " " + string(c.TLS.Key.PEM()); got != "example-ca example-cert example-secret-key" {
		t.Errorf("tls = %s, want the content of the files", got)
	}
	if got := string(c.Proxy); got != "http://hostscim:example-secret-2@proxy.example.com:3128" {
		t.Errorf("proxy = %s", got)
	}
	if c.MaxInFlight != 8 || c.MaxQueue != 80 || c.Breaker != (Breaker{5, Duration(10 * time.Second), Duration(2 * time.Second)}) {
		t.Errorf("limits = %d, %d, %v, want those of the file", c.MaxInFlight, c.MaxQueue, c.Breaker)
	}
	printed, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	if text := fmt.Sprintf("%v %+v %#v %s %v", c, c, c.TLS.Key, printed, *c.Auth.OAuth2); strings.Contains(text, "example-secret") {
		t.Errorf("a secret is printed: %s", text)
	}
}

func TestConnectionDefaults(t *testing.T) {
	t.Parallel()
	c := load(t, profile("  auth: {passthrough: true}"))
	if c.Auth.Bearer != nil || !c.Legacy.Auth.Passthrough {
		t.Errorf("auth = %v, %v, want passthrough and no token", c.Auth, c.Legacy.Auth)
	}
	l := c.Legacy
	if l.TLS.CA.PEM() != nil || l.Proxy != "" || l.MaxInFlight != 64 || l.MaxQueue != 1000 ||
		l.Breaker != (Breaker{20, Duration(time.Minute), Duration(5 * time.Second)}) {
		t.Errorf("Legacy = %+v, want the defaults", l)
	}
	if off := load(t, profile("  breaker: {failures: 0}\n  auth: {passthrough: false}")); off.Legacy.Breaker.Failures != 0 {
		t.Errorf("breaker.failures = %d, want 0: there is none", off.Legacy.Breaker.Failures)
	}
}
