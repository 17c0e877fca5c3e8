package adapter_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"hostscim/adapter"
)

// idp is an identity provider that signs tokens and publishes its keys.
type idp struct {
	t       *testing.T
	keys    map[string]*rsa.PrivateKey
	server  *httptest.Server
	down    atomic.Bool
	fetches atomic.Int64
}

func newIDP(t *testing.T) *idp {
	t.Helper()
	p := &idp{t: t, keys: make(map[string]*rsa.PrivateKey)}
	p.rotate("one")
	p.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		p.fetches.Add(1)
		if p.down.Load() {
			http.Error(w, "<html>down</html>", http.StatusBadGateway)
			return
		}
		set := map[string]any{"keys": []any{map[string]any{"kty": "unknown-kind", "kid": "x"}}}
		for id, key := range p.keys {
			set["keys"] = append(set["keys"].([]any), jose.JSONWebKey{Key: key.Public(), KeyID: id, Use: "sig"})
		}
		json.NewEncoder(w).Encode(set)
	}))
	t.Cleanup(p.server.Close)
	return p
}

// rotate makes the key of that id the only one that is published.
func (p *idp) rotate(id string) {
	p.t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		p.t.Fatal(err)
	}
	p.keys = map[string]*rsa.PrivateKey{id: key}
}

// sign returns a token with the claims, signed with the key of that id.
func (p *idp) sign(id string, claims map[string]any) string {
	p.t.Helper()
	return signed(p.t, jose.SigningKey{Algorithm: jose.RS256, Key: jose.JSONWebKey{Key: p.keys[id], KeyID: id}}, claims)
}

func signed(t *testing.T, key jose.SigningKey, claims map[string]any) string {
	t.Helper()
	signer, err := jose.NewSigner(key, nil)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := jwt.Signed(signer).Claims(claims).Serialize()
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// clock is a time that the test moves.
type clock struct{ at atomic.Int64 }

func newClock() *clock {
	c := new(clock)
	c.at.Store(time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC).Unix())
	return c
}

func (c *clock) now() time.Time          { return time.Unix(c.at.Load(), 0) }
func (c *clock) advance(d time.Duration) { c.at.Add(int64(d / time.Second)) }

// startAuth returns the shipped profile with that auth, at that time.
func startAuth(t *testing.T, auth string, c *clock) *fixture {
	t.Helper()
	f := &fixture{T: t, log: new(logbook)}
	src := profile()
	begin, end := strings.Index(src, "\nauth:"), strings.Index(src, "\nlegacy:")
	url := f.startLegacy(setup{})
	server, err := adapter.New(adapter.Options{Config: load(t, src[:begin]+"\n"+auth+src[end:], url), Logger: f.log.logger(), Now: c.now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	server.SetWait(func(_ context.Context, d time.Duration) { f.heldBack.Add(int64(d)) })
	public := httptest.NewServer(server.Handler())
	t.Cleanup(public.Close)
	f.server, f.url = server, public.URL
	f.api.AddHost(host("a"))
	f.api.TakeCalls()
	return f
}

func bearer(token string) []string { return []string{"Authorization", "Bearer " + token} }

// TestTokenLimits: a token expires on its day, one for reading does not
// write, and neither costs a legacy call.
func TestTokenLimits(t *testing.T) {
	c := newClock()
	f := startAuth(t, `auth:
  bearer:
    - {name: entra, token: "token-one", expires: 2026-11-02}
    - {name: audit, token: "token-two", read_only: true}`, c)
	f.want(200, "GET", "/Users/1", "", bearer("token-one")...)
	f.want(200, "GET", "/Users/1", "", bearer("token-two")...)
	f.want(200, "POST", "/Users/.search", `{"filter":"userName eq \"x\""}`, bearer("token-two")...)
	f.want(200, "GET", "/Schemas", "", bearer("token-two")...)
	f.api.TakeCalls()
	for _, r := range [][3]string{{"POST", "/Users", noa}, {"PUT", "/Users/1", noa}, {"PATCH", "/Users/1", patch(`{"op":"replace","path":"active","value":false}`)}, {"DELETE", "/Users/1", ""}, {"POST", "/Bulk", `{"Operations":[]}`}} {
		f.call(r[0], r[1], r[2], bearer("token-two")...).checkError(t, 403, "", "audit may only read")
	}
	c.advance(12 * time.Hour)
	f.call("GET", "/Users/1", "", bearer("token-one")...).checkError(t, 401, "", "expired")
	f.wantCalls()
	f.want(200, "GET", "/Users/1", "", bearer("token-two")...)
}

// TestAllow: requests may come from the networks that the file names, and the
// peer counts unless it is a trusted proxy.
func TestAllow(t *testing.T) {
	token := `auth:
  bearer: [{name: entra, token: "token-one"}]
  allow: [`
	f := startAuth(t, token+`203.0.113.0/24, "2001:db8::/32"]`, newClock())
	for from, want := range map[string]int{"": 403, "203.0.113.9": 200, "198.51.100.1, 203.0.113.9": 200, "203.0.113.9, 198.51.100.1": 403, "2001:db8::1": 200, "nonsense": 403} {
		if a := f.call("GET", "/Users/1", "", append(bearer("token-one"), "X-Forwarded-For", from)...); a.status != want {
			t.Errorf("from %q: status %d, want %d", from, a.status, want)
		}
	}
	f.call("GET", "/Users/1", "", append(bearer("token-one"), "X-Forwarded-For", "192.0.2.1")...).checkError(t, 403, "", "auth.allow")

	profileWithout := strings.Replace(profile(), "trusted_proxies: [127.0.0.0/8, \"::1\"]", "trusted_proxies: []", 1)
	if !strings.Contains(profileWithout, "trusted_proxies: []") {
		t.Fatal("the profile has other trusted proxies")
	}
	g := start(t, setup{profile: strings.Replace(profileWithout, "auth:\n", "auth:\n  allow: [203.0.113.0/24]\n", 1)})
	if a := g.call("GET", "/Users/1", "", "X-Forwarded-For", "203.0.113.9"); a.status != 403 {
		t.Errorf("a forged X-Forwarded-For: status %d, want 403", a.status)
	}
}

// claims are those of a token that is right, with the changes.
func claims(c *clock, changes ...any) map[string]any {
	all := map[string]any{
		"iss": "https://sts.example.com/tenant-1/", "aud": "application-1", "tid": "tenant-1", "sub": "someone",
		"iat": c.now().Unix(), "nbf": c.now().Unix(), "exp": c.now().Add(time.Hour).Unix(),
	}
	for i := 0; i < len(changes); i += 2 {
		if all[changes[i].(string)] = changes[i+1]; changes[i+1] == nil {
			delete(all, changes[i].(string))
		}
	}
	return all
}

// TestJWT: a signed token is let in if all of it is right.
//
// cases: 67
func TestJWT(t *testing.T) {
	c, p := newClock(), newIDP(t)
	f := startAuth(t, `auth:
  jwt: [{name: entra, issuer: "https://sts.example.com/tenant-1/", audience: application-1, jwks_url: "`+p.server.URL+`", claims: {tid: tenant-1}}]`, c)
	f.want(200, "GET", "/Users/1", "", bearer(p.sign("one", claims(c)))...)
	if got := f.lastLog()["token"]; got != "entra" {
		t.Errorf("token of the log line = %v, want entra", got)
	}
	f.want(200, "GET", "/Users/1", "", bearer(p.sign("one", claims(c, "aud", []string{"other", "application-1"})))...)
	f.calls()

	stranger := newIDP(t)
	none := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none"}`)) + "." + strings.Split(p.sign("one", claims(c)), ".")[1] + "."
	published, _ := json.Marshal(jose.JSONWebKey{Key: p.keys["one"].Public(), KeyID: "one"})
	confused := signed(t, jose.SigningKey{Algorithm: jose.HS256, Key: published}, claims(c))
	for name, token := range map[string]string{
		"another tenant, the right audience": p.sign("one", claims(c, "iss", "https://sts.example.com/tenant-2/", "tid", "tenant-2")),
		"the right issuer, another tid":      p.sign("one", claims(c, "tid", "tenant-2")),
		"no tid":                             p.sign("one", claims(c, "tid", nil)),
		"another audience":                   p.sign("one", claims(c, "aud", "application-2")),
		"not valid yet":                      p.sign("one", claims(c, "nbf", c.now().Add(time.Hour).Unix())),
		"signed by a stranger":               stranger.sign("one", claims(c)),
		"alg none":                           none,
		"a secret that is the public key":    confused,
		"no token":                           "a.b.c",
		"cut short":                          p.sign("one", claims(c))[:60] + ".x.y",
	} {
		a := f.call("GET", "/Users/1", "", bearer(token)...)
		if a.status != 401 || a.header.Get("WWW-Authenticate") == "" {
			t.Errorf("%s: status %d, want 401", name, a.status)
		}
	}
	f.call("GET", "/Users/1", "", bearer(p.sign("one", claims(c, "exp", c.now().Add(-time.Hour).Unix())))...).checkError(t, 401, "", "expired")
	f.wantCalls()
}

// TestJWTKeys: keys are fetched once, again when a token names a new one or
// after an hour, not at every made-up id, and those at hand serve through an
// outage of the issuer.
func TestJWTKeys(t *testing.T) {
	c, p := newClock(), newIDP(t)
	f := startAuth(t, `auth:
  jwt: [{name: entra, issuer: "https://sts.example.com/tenant-1/", audience: application-1, jwks_url: "`+p.server.URL+`"}]`, c)
	want := func(status int, token string, fetches int64) {
		t.Helper()
		if a := f.call("GET", "/Users/1", "", bearer(token)...); a.status != status {
			t.Errorf("status %d %s, want %d", a.status, a.body, status)
		}
		if got := p.fetches.Load(); got != fetches {
			t.Errorf("%d fetches of keys, want %d", got, fetches)
		}
	}
	p.down.Store(true)
	first := p.sign("one", claims(c))
	want(503, first, 1) // nobody can tell yet
	want(503, first, 1)
	p.down.Store(false)
	c.advance(time.Minute)
	want(200, first, 2)
	for range 5 {
		want(200, p.sign("one", claims(c)), 2)
	}
	old := p.keys["one"]
	p.rotate("two")
	want(401, p.sign("two", claims(c)), 2) // fetched just now
	c.advance(time.Minute)
	want(200, p.sign("two", claims(c)), 3)
	gone := signed(t, jose.SigningKey{Algorithm: jose.RS256, Key: jose.JSONWebKey{Key: old, KeyID: "one"}}, claims(c))
	want(401, gone, 3)
	c.advance(time.Minute)
	p.down.Store(true)
	want(200, p.sign("two", claims(c)), 3)
	want(503, gone, 4) // the issuer may have a key of that id now
	want(200, p.sign("two", claims(c)), 4)
}

const oauthConfig = `auth:
  oauth:
    signing_key: ["a-signing-key-of-thirty-two-characters", "an-older-key-of-thirty-two-characters"]
    lifetime: 2h
    clients:
      - id: entra
        secrets: [{secret: "secret+one/%"}, {secret: "secret-two", expires: 2026-12-01}]
      - {id: audit, secrets: [{secret: "secret-three"}], read_only: true}
      - id: federated
        assertion: {issuer: "https://login.example.com/tenant-1/v2.0", subject: subject-1, audience: "api://hostscim", jwks_url: "JWKS"}`

// token asks for a token, as a form unless the header says otherwise.
func (f *fixture) token(form url.Values, header ...string) (answer, string) {
	f.Helper()
	a, err := f.try("POST", f.url+"/oauth/token", form.Encode(), append([]string{"Content-Type", "application/x-www-form-urlencoded", "Authorization", ""}, header...)...)
	if err != nil {
		f.Fatal(err)
	}
	var told struct {
		AccessToken string `json:"access_token"`
		TokenType   string `json:"token_type"`
		ExpiresIn   int    `json:"expires_in"`
	}
	if a.status == 200 {
		if err := json.Unmarshal([]byte(a.body), &told); err != nil || told.TokenType != "Bearer" || told.ExpiresIn != 7200 {
			f.Errorf("token answer %s, want a bearer token for two hours", a.body)
		}
	}
	if a.header.Get("Cache-Control") != "no-store" {
		f.Errorf("Cache-Control of a token answer = %q, want no-store", a.header.Get("Cache-Control"))
	}
	return a, told.AccessToken
}

func grant(more ...string) url.Values {
	form := url.Values{"grant_type": {"client_credentials"}}
	for i := 0; i < len(more); i += 2 {
		form.Add(more[i], more[i+1])
	}
	return form
}

func basic(id, secret string) []string {
	return []string{"Authorization", "Basic " + base64.StdEncoding.EncodeToString([]byte(url.QueryEscape(id)+":"+url.QueryEscape(secret)))}
}

// TestTokenEndpoint: a client proves itself in the header or in the body by
// any of its live secrets, and gets a token that lets it in for its lifetime.
//
// cases: 65, 66
func TestTokenEndpoint(t *testing.T) {
	c := newClock()
	f := startAuth(t, strings.Replace(oauthConfig, "JWKS", "http://127.0.0.1:1/keys", 1), c)
	for name, ask := range map[string]func() (answer, string){
		"header": func() (answer, string) { return f.token(grant(), basic("entra", "secret+one/%")...) },
		"header, second secret": func() (answer, string) {
			return f.token(grant("scope", "scim"), basic("entra", "secret-two")...)
		},
		"body": func() (answer, string) { return f.token(grant("client_id", "entra", "client_secret", "secret+one/%")) },
	} {
		a, token := ask()
		if a.status != 200 || token == "" {
			t.Fatalf("%s: %d %s, want a token", name, a.status, a.body)
		}
		f.want(200, "GET", "/Users/1", "", bearer(token)...)
		f.want(200, "PATCH", "/Users/1", patch(`{"op":"replace","path":"active","value":true}`), bearer(token)...)
	}
	config := f.want(200, "GET", "/ServiceProviderConfig", "", bearer(newestToken(f))...).value(t)
	if got := config.Get("authenticationSchemes").At(0).Get("type").Text(); got != "oauth2" {
		t.Errorf("the first authentication scheme is %q, want oauth2", got)
	}
	_, token := f.token(grant(), basic("entra", "secret-two")...)
	if got := strings.Count(token, "."); got != 2 {
		t.Errorf("the token has %d dots, want a JWT", got)
	}
	f.want(401, "GET", "/Users/1", "", bearer(token[:len(token)-4]+"AAAA")...)
	_, reading := f.token(grant(), basic("audit", "secret-three")...)
	f.want(200, "GET", "/Users/1", "", bearer(reading)...)
	f.call("DELETE", "/Users/1", "", bearer(reading)...).checkError(t, 403, "", "audit")

	for name, test := range map[string]struct {
		form   url.Values
		header []string
		status int
		code   string
	}{
		"wrong secret":          {grant(), basic("entra", "secret-three"), 401, "invalid_client"},
		"no such client":        {grant(), basic("nobody", "secret-two"), 401, "invalid_client"},
		"no secret":             {grant("client_id", "entra"), nil, 401, "invalid_client"},
		"a client without one":  {grant("client_id", "federated", "client_secret", ""), nil, 401, "invalid_client"},
		"twice":                 {grant("client_id", "entra", "client_secret", "secret-two"), basic("entra", "secret-two"), 400, "invalid_request"},
		"a parameter twice":     {grant("client_id", "entra", "client_id", "entra", "client_secret", "secret-two"), nil, 400, "invalid_request"},
		"another grant":         {url.Values{"grant_type": {"password"}}, nil, 400, "unsupported_grant_type"},
		"the type of SCIM":      {grant(), append(basic("entra", "secret-two"), "Content-Type", "application/scim+json"), 400, "invalid_request"},
		"no assertion type":     {grant("client_assertion", "a.b.c"), nil, 400, "invalid_request"},
		"an assertion of noone": {grant("client_id", "entra", "client_assertion_type", assertionType, "client_assertion", "a.b.c"), nil, 401, "invalid_client"},
	} {
		a, _ := f.token(test.form, test.header...)
		if a.status != test.status || !strings.Contains(a.body, `"error":"`+test.code+`"`) || a.header.Get("Content-Type") != "application/json" {
			t.Errorf("%s: %d %s, want %d %s", name, a.status, a.body, test.status, test.code)
		}
		if test.status == 401 && a.header.Get("WWW-Authenticate") == "" {
			t.Errorf("%s: no WWW-Authenticate", name)
		}
	}
	if a, err := f.try("GET", f.url+"/oauth/token", ""); err != nil || a.status != 405 || a.header.Get("Allow") != "POST" {
		t.Errorf("GET = %d %v, want 405", a.status, err)
	}
	c.advance(2 * time.Hour)
	f.call("GET", "/Users/1", "", bearer(token)...).checkError(t, 401, "", "expired")
	c.advance(30 * 24 * time.Hour)
	if a, _ := f.token(grant(), basic("entra", "secret-two")...); a.status != 401 {
		t.Errorf("an expired secret: %d, want 401", a.status)
	}
	if a, _ := f.token(grant(), basic("entra", "secret+one/%")...); a.status != 200 {
		t.Errorf("the other secret: %d, want 200", a.status)
	}
}

func newestToken(f *fixture) string {
	_, token := f.token(grant(), basic("entra", "secret-two")...)
	return token
}

const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

// TestTokenKeys: tokens are known by every replica, after the key was
// replaced too, and not after the client or the key is gone.
func TestTokenKeys(t *testing.T) {
	c := newClock()
	config := strings.Replace(oauthConfig, "JWKS", "http://127.0.0.1:1/keys", 1)
	_, token := startAuth(t, config, c).token(grant(), basic("entra", "secret-two")...)
	for name, test := range map[string]struct {
		auth   string
		status int
	}{
		"a replica":          {config, 200},
		"the key is the old": {strings.Replace(config, `["a-signing-key-of-thirty-two-characters", "an-older`, `["the-newest-key-of-thirty-two-characters", "a-signing-key-of-thirty-two-characters", "an-older`, 1), 200},
		"the key is gone":    {strings.Replace(config, `"a-signing-key-of-thirty-two-characters", `, "", 1), 401},
		"the client is gone": {strings.Replace(config, "id: entra", "id: entra2", 1), 401},
	} {
		if a := startAuth(t, test.auth, c).call("GET", "/Users/1", "", bearer(token)...); a.status != test.status {
			t.Errorf("%s: %d, want %d", name, a.status, test.status)
		}
	}
}

// TestAssertion: a client proves itself by a token that its identity provider
// signed, if issuer, subject and audience are those that are registered.
//
// cases: 68
func TestAssertion(t *testing.T) {
	c, p := newClock(), newIDP(t)
	f := startAuth(t, strings.Replace(oauthConfig, "JWKS", p.server.URL, 1), c)
	federated := func(changes ...any) map[string]any {
		return claims(c, append([]any{"iss", "https://login.example.com/tenant-1/v2.0", "sub", "subject-1", "aud", "api://hostscim"}, changes...)...)
	}
	ask := func(assertion string, more ...string) (answer, string) {
		return f.token(grant(append([]string{"client_assertion_type", assertionType, "client_assertion", assertion, "baseAddress", "https://scim.example.com"}, more...)...))
	}
	right := p.sign("one", federated())
	for _, more := range [][]string{{"client_id", "federated", "scope", "scim"}, nil} {
		a, token := ask(right, more...)
		if a.status != 200 {
			t.Fatalf("%q: %d %s, want a token", more, a.status, a.body)
		}
		f.want(200, "GET", "/Users/1", "", bearer(token)...)
	}
	for name, assertion := range map[string]string{
		"another subject":  p.sign("one", federated("sub", "subject-2")),
		"another issuer":   p.sign("one", federated("iss", "https://login.example.com/tenant-2/v2.0")),
		"another audience": p.sign("one", federated("aud", "api://other")),
		"expired":          p.sign("one", federated("exp", c.now().Add(-time.Minute).Unix())),
		"a stranger's":     newIDP(t).sign("one", federated()),
	} {
		if a, _ := ask(assertion, "client_id", "federated"); a.status != 401 {
			t.Errorf("%s: %d %s, want 401", name, a.status, a.body)
		}
	}
	if a, _ := ask(right, "client_id", "entra"); a.status != 401 {
		t.Errorf("for another client: %d, want 401", a.status)
	}
	f.want(401, "GET", "/Users/1", "", bearer(right)...) // it buys a token, and is none
	c.advance(2 * time.Hour)
	if a, _ := ask(right); a.status != 401 {
		t.Errorf("replayed when it has expired: %d, want 401", a.status)
	}
	c.advance(time.Hour)
	p.down.Store(true)
	p.rotate("two")
	if a, _ := ask(p.sign("two", federated())); a.status != 503 {
		t.Errorf("with the keys out of reach: %d %s, want 503", a.status, a.body)
	}
}

// TestStrangersWait: who tries credentials is answered later and later, up to
// a bound, and nobody else is.
func TestStrangersWait(t *testing.T) {
	c := newClock()
	f := startAuth(t, `auth: {bearer: [{name: entra, token: "token-one"}]}`, c)
	from := func(address, token string) time.Duration {
		f.heldBack.Store(0)
		f.call("GET", "/Users/1", "", append(bearer(token), "X-Forwarded-For", address)...)
		return time.Duration(f.heldBack.Load())
	}
	var held []time.Duration
	for range 12 {
		held = append(held, from("203.0.113.9", "wrong"))
	}
	for i, d := range held {
		if i < 3 && d != 0 || i > 3 && d < held[i-1] || d > 2*time.Second {
			t.Errorf("waits %v: want none for three, then growing up to 2s", held)
			break
		}
	}
	if held[11] != 2*time.Second {
		t.Errorf("the twelfth waits %v, want 2s", held[11])
	}
	if d := from("203.0.113.9", "token-one"); d != 0 {
		t.Errorf("a right token from the same address waits %v", d)
	}
	if d := from("203.0.113.10", "wrong"); d != 0 {
		t.Errorf("a first wrong token from another address waits %v", d)
	}
	for i := range 4 {
		if d := from("2001:db8::"+string(rune('a'+i)), "wrong"); (d != 0) != (i == 3) {
			t.Errorf("address %d of one /64 waits %v", i, d)
		}
	}
	c.advance(11 * time.Minute)
	if d := from("203.0.113.9", "wrong"); d != 0 {
		t.Errorf("after a while it waits %v, want none", d)
	}
}
