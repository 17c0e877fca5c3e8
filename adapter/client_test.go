package adapter_test

import (
	"encoding/pem"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"hostscim/adapter"
	"hostscim/configs"
	"hostscim/legacyclient/legacytest"
	"hostscim/mapping"
)

// byOAuth2 makes the shipped profile one whose tokens come from /oauth/token.
var byOAuth2 = []string{`auth: {bearer: "${LEGACY_TOKEN}"}`,
	`auth: {oauth2_client_credentials: {token_url: "${LEGACY_URL}/oauth/token", client_id: hostscim, client_secret: example-canary, scopes: ["hosts:read", "hosts:write"], audience: "https://api.example.com", params: {site: north}, style: post}}`}

// TestOAuth2 holds that the adapter obtains its token as the file says, and what
// a client is told when it gets none.
func TestOAuth2(t *testing.T) {
	var form string
	status := 200
	f := start(t, setup{edits: byOAuth2, legacy: []legacytest.Option{legacytest.WithHosts(1)}, before: func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path != legacytest.Prefix+"/oauth/token" {
			return false
		}
		r.ParseForm()
		form = r.PostForm.Encode()
		respond(status, `{"access_token":"`+legacyToken+`","token_type":"Bearer","expires_in":3600}`)(w, r)
		return true
	}})
	status = 401
	f.wantError(502, "", "GET", "/Users/1", "", "no token", "legacy.auth")
	status = 503
	f.wantError(503, "", "GET", "/Users/1", "", "not available")
	status = 200
	f.want(200, "GET", "/Users/1", "")
	want := "audience=https%3A%2F%2Fapi.example.com&client_id=hostscim&client_secret=example-canary&grant_type=client_credentials&scope=hosts%3Aread+hosts%3Awrite&site=north"
	if form != want {
		t.Errorf("the token endpoint was sent %s, want %s", form, want)
	}
	form = ""
	f.want(200, "GET", "/Users/1", "")
	if form != "" {
		t.Error("a second token was asked for, though the first lives")
	}
	f.checkLogs()
}

// TestBreaker holds that an API which is plainly down is left alone, and that
// clients are told at once when to come again.
func TestBreaker(t *testing.T) {
	f := start(t, setup{before: always(respond(502, "")), edits: []string{"  scan_limit: 20000", "  scan_limit: 20000\n  breaker: {failures: 3, open: 30s}"}})
	f.wantError(503, "", "GET", "/Users/1", "", "not available")
	if got := f.lastLog()["legacy_calls"]; got != 3.0 {
		t.Errorf("legacy_calls = %v, want the 3 that found the API down", got)
	}
	a := f.wantError(503, "", "PATCH", "/Users/1", patch(`{"op":"replace","path":"active","value":false}`), "not available")
	if got := a.header.Get("Retry-After"); got != "30" {
		t.Errorf("Retry-After = %q, want 30", got)
	}
	if strings.Contains(a.body, "may have been made") {
		t.Errorf("%s, want no doubt: nothing was sent", a.body)
	}
	if got := f.lastLog()["legacy_calls"]; got != 0.0 {
		t.Errorf("legacy_calls = %v, want none", got)
	}
}

// TestQueueIsFull holds that more calls than may wait are refused early.
func TestQueueIsFull(t *testing.T) {
	arrived, free := make(chan struct{}, 1), make(chan struct{})
	f := start(t, setup{
		edits: []string{"  scan_limit: 20000", "  scan_limit: 20000\n  max_in_flight: 1\n  max_queue: 1"},
		before: func(w http.ResponseWriter, r *http.Request) bool {
			if strings.HasSuffix(r.URL.Path, "/1") {
				arrived <- struct{}{}
				<-free
			}
			return false
		},
	})
	f.api.AddHost(host("noa"))
	done := make(chan answer)
	one := func(path string) {
		a, err := f.try("GET", f.url+base+path, "")
		if err != nil {
			t.Error(err)
		}
		done <- a
	}
	go one("/Users/1")
	<-arrived
	go one("/Users/2") // one of these two has the place in the queue
	go one("/Users/3")
	if a := <-done; a.status != 429 || a.header.Get("Retry-After") != "1" {
		t.Errorf("%s = %d %s, want 429 and Retry-After 1", a.request, a.status, a.body)
	}
	close(free)
	for range 2 {
		if a := <-done; a.status == 429 {
			t.Errorf("%s = 429, want it served", a.request)
		}
	}
}

// TestConnection holds that the files and the proxy that the configuration names
// are used.
func TestConnection(t *testing.T) {
	api := legacytest.NewHandler(legacytest.WithToken(legacyToken), legacytest.WithHosts(1))
	secure := httptest.NewUnstartedServer(api)
	secure.Config.ErrorLog = log.New(io.Discard, "", 0) // of a handshake that is to fail
	secure.StartTLS()
	defer secure.Close()
	proxied := 0
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		proxied++
		api.ServeHTTP(w, r)
	}))
	defer proxy.Close()
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: secure.Certificate().Raw})
	for _, test := range []struct {
		name, url, edit string
		status          int
	}{
		{"the authority of the file", secure.URL, "tls: {ca_file: /ca.pem}", 200},
		{"the authorities of the system", secure.URL, "max_queue: 9", 503},
		{"the proxy", "http://api.example.com", "proxy: " + proxy.URL, 200},
	} {
		env := map[string]string{"HOSTSCIM_TOKEN": clientToken, "LEGACY_TOKEN": legacyToken, "LEGACY_URL": test.url + legacytest.Prefix}
		src := strings.Replace(profile(), "  scan_limit: 20000", "  scan_limit: 20000\n  "+test.edit, 1)
		config, err := mapping.Load("test.yaml", []byte(src), mapping.Sources{
			Env:      func(name string) (string, bool) { v, ok := env[name]; return v, ok },
			ReadFile: func(string) ([]byte, error) { return ca, nil },
		})
		if err != nil {
			t.Fatal(err)
		}
		server, err := adapter.New(adapter.Options{Config: config})
		if err != nil {
			t.Fatal(err)
		}
		r := httptest.NewRequest("GET", base+"/Users/1", nil)
		r.Header.Set("Authorization", "Bearer "+clientToken)
		w := httptest.NewRecorder()
		server.Handler().ServeHTTP(w, r)
		server.Close()
		if w.Code != test.status {
			t.Errorf("%s: %d %s, want %d", test.name, w.Code, w.Body, test.status)
		}
	}
	if proxied != 1 {
		t.Errorf("%d calls went through the proxy, want 1", proxied)
	}
}

// TestConnectionRefused holds that what is no certificate is refused before the
// server starts.
func TestConnectionRefused(t *testing.T) {
	src := strings.Replace(string(configs.SignInEnterprise), "  scan_limit: 20000", "  scan_limit: 20000\n  tls: {ca_file: /ca.pem}", 1)
	config, err := mapping.Load("test.yaml", []byte(src), mapping.Sources{
		Env:      func(string) (string, bool) { return "https://api.example.com", true },
		ReadFile: func(string) ([]byte, error) { return []byte("canary"), nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := adapter.New(adapter.Options{Config: config}); err == nil || !strings.Contains(err.Error(), "ca file") || strings.Contains(err.Error(), "canary") {
		t.Errorf("New() = %v, want an error about the ca file", err)
	}
}
