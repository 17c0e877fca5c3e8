package adapter_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"hostscim/adapter"
	"hostscim/adapter/scim"
	"hostscim/legacyclient/legacytest"
	"hostscim/mapping"
)

// twoTenants is the shipped profile for two tenants, with their own legacy
// APIs and credentials. What one has of its own, globex has not.
const twoTenants = `
tenants:
  - name: acme
    auth: {bearer: [{name: entra, token: "token-of-acme"}]}
    legacy: {base_url: "${ACME_URL}", auth: {bearer: "legacy-token-of-acme"}}
    resources: {User: {operations: {update: {request: "PUT /hosts/{id}", body: whole}}, attributes: {title: {legacy: custom_fields.title}}}}
  - name: globex
    auth: {bearer: [{name: entra, token: "token-of-globex"}]}
    legacy: {base_url: "${GLOBEX_URL}", auth: {bearer: "legacy-token-of-globex"}, rate_limit: {per_second: 0.01, burst: 6}}
    resources: {User: {operations: {update: {request: "PUT /hosts/{id}", body: whole}}}, Group: }
`

// tenancy is an adapter for two tenants under test.
type tenancy struct {
	*testing.T
	url    string
	server *adapter.Server
	log    *logbook
	acme   *legacytest.Handler
	globex *legacytest.Handler
	held   atomic.Pointer[chan struct{}] // keeps the calls of acme's API waiting until it is closed
	came   chan struct{}                 // holds something once a call was held
}

func startTenants(t *testing.T) *tenancy {
	t.Helper()
	return startTenantsOf(t, twoTenants)
}

// startTenantsOf is startTenants with other tenants.
func startTenantsOf(t *testing.T, tenants string) *tenancy {
	t.Helper()
	y := &tenancy{T: t, log: new(logbook), came: make(chan struct{}, 1)}
	y.acme = legacytest.NewHandler(legacytest.WithToken("legacy-token-of-acme"))
	acme := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if held := y.held.Load(); held != nil {
			select {
			case y.came <- struct{}{}:
			default:
			}
			<-*held
		}
		y.acme.ServeHTTP(w, r)
	}))
	t.Cleanup(acme.Close)
	globex := legacytest.NewServer(legacytest.WithToken("legacy-token-of-globex"))
	t.Cleanup(globex.Close)
	y.globex = globex.Handler

	src := profile()
	begin, end := strings.Index(src, "\nauth:"), strings.Index(src, "\nlegacy:")
	src = src[:begin] + src[end:] + tenants
	env := map[string]string{"ACME_URL": acme.URL + legacytest.Prefix, "GLOBEX_URL": globex.URL, "LEGACY_URL": "http://127.0.0.1:1", "LEGACY_TOKEN": "unused"}
	config, err := mapping.Load("tenants.yaml", []byte(src), mapping.Sources{Env: func(name string) (string, bool) { v, ok := env[name]; return v, ok }})
	if err != nil {
		t.Fatal(err)
	}
	server, err := adapter.New(adapter.Options{Config: config, Logger: y.log.logger()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	public := httptest.NewServer(server.Handler())
	t.Cleanup(public.Close)
	y.url, y.server = public.URL, server
	return y
}

// call makes one request with the token.
func (y *tenancy) call(token, method, path, body string) answer {
	y.Helper()
	req, err := http.NewRequestWithContext(y.Context(), method, y.url+base+path, strings.NewReader(body))
	if err != nil {
		y.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		y.Fatal(err)
	}
	return read(y.T, method+" "+req.URL.RequestURI(), resp)
}

// want makes one request as the tenant and checks its status.
func (y *tenancy) want(status int, tenant, method, path, body string) answer {
	y.Helper()
	a := y.call("token-of-"+tenant, method, path, body)
	if a.status != status {
		y.Errorf("%s = %d %.300s, want status %d", a.request, a.status, a.body, status)
	}
	return a
}

// TestTenants: the token selects the tenant, and nothing of one reaches the
// other: records, remembered names, cursors, discovery, calls.
func TestTenants(t *testing.T) {
	y := startTenants(t)
	const match = "/Users?filter=userName+eq+%22noa@example.com%22"

	created := y.want(201, "acme", "POST", "/Users", noa).value(t)
	id := created.Get("id").Text()
	y.want(200, "acme", "GET", match, "") // remembered now
	if calls := y.globex.TakeCalls(); len(calls) != 0 {
		t.Errorf("globex's API got %v from acme's requests", calls)
	}
	if got := y.want(200, "globex", "GET", match, "").ids(t); len(got) != 0 {
		t.Errorf("globex finds acme's user: %v", got)
	}
	y.want(404, "globex", "GET", "/Users/"+id, "")

	// The same id and the same name are somebody else there.
	y.globex.AddHost(host("other"))
	if got := y.want(200, "globex", "GET", "/Users/"+id, "").value(t).Get("userName").Text(); got != "other@example.com" {
		t.Errorf("globex: user %s is %s", id, got)
	}
	y.want(401, "initech", "GET", "/Users/"+id, "")

	for _, name := range []string{"a", "b", "c"} {
		y.acme.AddHost(host(name))
	}
	page := y.want(200, "acme", "GET", "/Users?cursor=&count=2", "").value(t)
	next := page.Get("nextCursor").Text()
	if next == "" {
		t.Fatal("acme: the list has no next cursor")
	}
	y.want(200, "acme", "GET", "/Users?count=2&cursor="+next, "")
	y.want(400, "globex", "GET", "/Users?count=2&cursor="+next, "").checkError(t, 400, "invalidCursor")
}

// TestTenantsDiffer: each tenant has its own mapping, and discovery tells it.
func TestTenantsDiffer(t *testing.T) {
	y := startTenants(t)
	for tenant, want := range map[string]struct {
		types []string
		title bool
	}{"acme": {[]string{"User", "Group"}, true}, "globex": {[]string{"User"}, false}} {
		var types []string
		for _, p := range y.want(200, tenant, "GET", "/ResourceTypes", "").value(t).Get("Resources").Parts() {
			types = append(types, p.Value.Get("id").Text())
		}
		if !slices.Equal(types, want.types) {
			t.Errorf("%s: resource types %q, want %q", tenant, types, want.types)
		}
		if got := strings.Contains(y.want(200, tenant, "GET", "/Schemas", "").body, `"name":"title"`); got != want.title {
			t.Errorf("%s: /Schemas has title: %t, want %t", tenant, got, want.title)
		}
	}
	y.want(201, "acme", "POST", "/Groups", `{"displayName":"Reception"}`)
	y.want(501, "globex", "POST", "/Groups", `{"displayName":"Reception"}`)
	y.want(200, "acme", "POST", "/Bulk", `{"Operations":[{"method":"POST","path":"/Groups","bulkId":"g","data":{"displayName":"Kitchen"}}]}`)
	if got := y.want(200, "globex", "POST", "/Bulk", `{"Operations":[{"method":"POST","path":"/Groups","bulkId":"g","data":{"displayName":"Kitchen"}}]}`).body; !strings.Contains(got, `"status":"501"`) {
		t.Errorf("globex: a bulk operation on groups = %s, want 501 in it", got)
	}
}

// TestTenantsApart: an API that does not answer, and a limit that is used up,
// are the tenant's own.
func TestTenantsApart(t *testing.T) {
	y := startTenants(t)
	y.acme.AddHost(host("a"))
	y.globex.AddHost(host("g"))
	held := make(chan struct{})
	y.held.Store(&held)
	done := make(chan answer)
	go func() {
		req, _ := http.NewRequest("PATCH", y.url+base+"/Users/1", strings.NewReader(patch(`{"op":"replace","path":"active","value":false}`)))
		req.Header.Set("Authorization", "Bearer token-of-acme")
		resp, err := http.DefaultTransport.RoundTrip(req)
		if err != nil {
			t.Error(err)
			close(done)
			return
		}
		body, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		done <- answer{status: resp.StatusCode, body: string(body)}
	}()
	// Both replace whole records under a lock of the id, each its own.
	y.want(200, "globex", "PATCH", "/Users/1", patch(`{"op":"replace","path":"active","value":false}`))
	close(held)
	if a := <-done; a.status != 200 {
		t.Errorf("acme: PATCH = %d %s, want 200", a.status, a.body)
	}
	// A token comes only every 100 seconds there, so the burst is all.
	status := 200
	for range 10 {
		if status == 429 {
			break
		}
		status = y.call("token-of-globex", "GET", "/Users/1", "").status
	}
	if status != 429 {
		t.Errorf("globex: status %d above its limit, want 429", status)
	}
	for range 10 {
		y.want(200, "acme", "GET", "/Users/1", "")
	}
}

// TestTenantsShareNoRead: the same question at the same time is shared within a
// tenant, and is another one in the other.
func TestTenantsShareNoRead(t *testing.T) {
	y := startTenants(t)
	y.acme.AddHost(host("a"))
	y.globex.AddHost(host("g"))
	held := make(chan struct{})
	y.held.Store(&held)
	asked := make(chan string, 1)
	go func() { asked <- y.call("token-of-acme", "GET", "/Users/1", "").body }()
	<-y.came
	if got := y.want(200, "globex", "GET", "/Users/1", "").body; !strings.Contains(got, "g@example.com") {
		t.Errorf("globex: user 1 is %s", got)
	}
	close(held)
	if got := <-asked; !strings.Contains(got, "a@example.com") {
		t.Errorf("acme: user 1 is %s", got)
	}
}

// TestTenantsLog: every line of a request names its tenant, an ignored
// attribute is logged once for each, and no line has a token.
func TestTenantsLog(t *testing.T) {
	y := startTenants(t)
	body := strings.Replace(noa, `"active":true`, `"active":true,"nickName":"N"`, 1)
	y.want(201, "acme", "POST", "/Users", body)
	y.want(201, "globex", "POST", "/Users", body)
	y.want(409, "acme", "POST", "/Users", body)
	text := string(y.log.json.bytes())
	for _, tenant := range []string{"acme", "globex"} {
		ignored := 0
		for line := range strings.Lines(text) {
			if strings.Contains(line, `"tenant":"`+tenant+`"`) && strings.Contains(line, "attribute ignored") {
				ignored++
			}
		}
		if ignored != 1 {
			t.Errorf("%s: nickName is logged as ignored %d times, want once:\n%s", tenant, ignored, text)
		}
	}
	for line := range strings.Lines(text) {
		if strings.Contains(line, `"msg":"request"`) && !strings.Contains(line, `"tenant":`) || strings.Contains(line, "token-of") {
			t.Errorf("log line %s: want a tenant in it and no token", line)
		}
	}
}

// TestTenantsOfTokens: a signed token selects the tenant that it was made for,
// be it of an issuer that both trust or of our own token endpoint, and one that
// fits both, or neither, selects none.
func TestTenantsOfTokens(t *testing.T) {
	p, now := newIDP(t), newClock()
	now.at.Store(time.Now().Unix())
	auth := func(name string) string {
		return `{
      jwt: [{name: entra, issuer: "https://sts.example.com/", audience: application-1, jwks_url: "` + p.server.URL + `", claims: {tid: tenant-` + name + `}},
            {name: okta, issuer: "https://okta.example.com/", audience: application-1, jwks_url: "` + p.server.URL + `", claims: {` + name + `: "yes"}}],
      oauth: {signing_key: ["signing-key-of-` + name + `-thirty-two-characters"], clients: [{id: fetch-` + name + `, secrets: [{secret: "secret-of-` + name + `"}]}]}}`
	}
	y := startTenantsOf(t, `
tenants:
  - {name: acme, legacy: {base_url: "${ACME_URL}", auth: {bearer: "legacy-token-of-acme"}}, auth: `+auth("acme")+`}
  - {name: globex, legacy: {base_url: "${GLOBEX_URL}", auth: {bearer: "legacy-token-of-globex"}}, auth: `+auth("globex")+`}
`)
	y.acme.AddHost(host("of-acme"))
	y.globex.AddHost(host("of-globex"))
	fetched := func(name string) string {
		resp, err := http.PostForm(y.url+"/oauth/token", grant("client_id", "fetch-"+name, "client_secret", "secret-of-"+name))
		if err != nil {
			t.Fatal(err)
		}
		return scimValue(t, resp).Get("access_token").Text()
	}
	okta := []any{"iss", "https://okta.example.com/", "tid", nil}
	both := p.sign("one", claims(now, append(okta, "acme", "yes", "globex", "yes")...))
	for _, test := range []struct{ name, token, tenant string }{
		{"issuer, acme", p.sign("one", claims(now, "iss", "https://sts.example.com/", "tid", "tenant-acme")), "acme"},
		{"issuer, globex", p.sign("one", claims(now, "iss", "https://sts.example.com/", "tid", "tenant-globex")), "globex"},
		{"issuer, another", p.sign("one", claims(now, "iss", "https://sts.example.com/", "tid", "tenant-initech")), ""},
		{"own, acme", fetched("acme"), "acme"},
		{"own, globex", fetched("globex"), "globex"},
		{"fits acme", p.sign("one", claims(now, append(okta, "acme", "yes")...)), "acme"},
		{"fits both", both, ""},
	} {
		a := y.call(test.token, "GET", "/Users/1", "")
		if test.tenant == "" {
			a.checkError(t, 401, "")
			continue
		}
		if got, want := a.value(t).Get("userName").Text(), "of-"+test.tenant+"@example.com"; got != want {
			t.Errorf("%s: %d, user %q, want %q", test.name, a.status, got, want)
		}
	}
}

func scimValue(t *testing.T, resp *http.Response) scim.Value {
	t.Helper()
	return read(t, "the token endpoint", resp).value(t)
}
