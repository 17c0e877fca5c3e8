package adapter_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"hostscim/adapter"
)

func TestAdmin(t *testing.T) {
	f := start(t, setup{})
	admin := f.server.Admin()
	get := func(method, path string) (int, string) {
		w := httptest.NewRecorder()
		admin.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), method, path, nil))
		return w.Code, w.Body.String()
	}
	for _, step := range []struct {
		ready        bool
		method, path string
		status       int
	}{
		{false, "GET", "/healthz", 200},
		{false, "GET", "/readyz", 503},
		{true, "GET", "/healthz", 200},
		{true, "GET", "/readyz", 200},
		{true, "POST", "/readyz", 405},
		{true, "GET", "/debug/pprof/heap", 200},
		{true, "GET", "/debug/pprof/cmdline", 404}, // it may hold what is nobody's business
		{true, "POST", "/debug/pprof/profile", 405},
		{true, "GET", "/Users", 404},
		{true, "GET", base + "/Users", 404},
		{false, "GET", "/readyz", 503},
	} {
		f.server.SetReady(step.ready)
		if status, body := get(step.method, step.path); status != step.status || body == "" {
			t.Errorf("ready %v: %s %s = %d %q, want %d", step.ready, step.method, step.path, status, body, step.status)
		}
	}
	// The public side has none of these.
	for _, path := range []string{"/healthz", "/readyz", "/metrics", "/debug/pprof/"} {
		a, err := f.try("GET", f.url+path, "")
		if err != nil {
			t.Fatal(err)
		}
		a.checkError(t, 404, "")
	}
	f.wantCalls()
}

func TestNew(t *testing.T) {
	if _, err := adapter.New(adapter.Options{}); err == nil {
		t.Error("New() of nothing = nil, want an error")
	}
	s, err := adapter.New(adapter.Options{Config: load(t, "", "http://127.0.0.1:1/api/v3")})
	if err != nil {
		t.Fatalf("New() without a logger = %v", err)
	}
	defer s.Close()
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), "GET", base+"/Users", nil))
	if w.Code != http.StatusUnauthorized {
		t.Errorf("GET /Users without a token = %d, want 401", w.Code)
	}
}

// TestBasePath serves at the root and below paths of several parts.
func TestBasePath(t *testing.T) {
	for _, path := range []string{"/", "/a/b/scim", "/scim"} {
		f := start(t, setup{edits: []string{"base_path: /scim/v2", "base_path: " + path}})
		f.api.AddHost(host("noa"))
		if path == "/" {
			path = ""
		}
		a, err := f.try("GET", f.url+path+"/Users/1", "")
		if err != nil {
			t.Fatal(err)
		}
		if want := f.url + path + "/Users/1"; a.status != 200 || a.header.Get("Location") != want {
			t.Errorf("GET %s/Users/1 = %d, Location %q, want %q", path, a.status, a.header.Get("Location"), want)
		}
	}
}

// TestLegacyHeaders: what the legacy API is sent on behalf of a client, and
// above all what is not passed on.
func TestLegacyHeaders(t *testing.T) {
	seen := make(chan http.Header, 1)
	f := start(t, setup{before: always(func(w http.ResponseWriter, r *http.Request) {
		seen <- r.Header.Clone()
		respond(200, `{"id":1,"username":"noa"}`)(w, r)
	})})
	f.want(200, "GET", "/Users/1", "", "X-Forwarded-For", "192.0.2.1", "Cookie", "a=b", "X-Request-Id", "abc")
	got := <-seen
	if got.Get("Authorization") != "Bearer "+legacyToken || got.Get("User-Agent") != "hostscim/test" || got.Get("Cookie") != "" || got.Get("X-Forwarded-For") != "" {
		t.Errorf("headers of the legacy call = %v", got)
	}
}
