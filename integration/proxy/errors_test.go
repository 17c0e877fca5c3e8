package proxy

import (
	"net"
	"net/http"
	"strings"
	"testing"

	"hostscim/integration/harness"
)

// once makes the adapter try each call of the host API one time.
var once = []string{"{max_attempts: 4,", "{max_attempts: 1,"}

// The adapter's errors pass through the proxy as they are.
func TestErrorsPass(t *testing.T) {
	each(t, options{adapter: once}, func(t *testing.T, s *site) {
		for _, header := range []string{"", "Bearer wrong"} {
			a := s.do(t, "GET", "/Users", "", "Authorization", header)
			wantError(t, a, http.StatusUnauthorized)
			if got := a.Header.Get("WWW-Authenticate"); !strings.HasPrefix(got, "Bearer") {
				t.Errorf("WWW-Authenticate = %q, want Bearer", got)
			}
		}
		wantError(t, s.do(t, "GET", "/Users/4711", ""), http.StatusNotFound)
		wantError(t, s.do(t, "POST", "/Users", "{"), http.StatusBadRequest)
		wantError(t, s.do(t, "POST", "/Users", user("x"), "Content-Type", "text/plain"), http.StatusUnsupportedMediaType)
		s.create(t, "ada")
		wantError(t, s.do(t, "POST", "/Users", user("ada")), http.StatusConflict)
		for _, method := range []string{"PUT", "PATCH", "DELETE"} {
			a := s.do(t, method, "/Users", "")
			wantError(t, a, http.StatusMethodNotAllowed)
			allow := a.Header.Get("Allow")
			if !strings.Contains(allow, "GET") || !strings.Contains(allow, "POST") {
				t.Errorf("%s /Users: Allow = %q, want GET and POST", method, allow)
			}
		}
		s.legacy.Close()
		a := s.do(t, "GET", "/Users/4711", "")
		wantError(t, a, http.StatusServiceUnavailable)
		if a.Header.Get("Retry-After") == "" || !strings.Contains(a.text("detail"), "legacy API") {
			t.Errorf("with the host API stopped: Retry-After %q, %s; want the adapter's own", a.Header.Get("Retry-After"), a.body)
		}
	})
}

// A 502 of the adapter is not one of the proxy: it says what to correct.
func TestBadGatewayPasses(t *testing.T) {
	o := options{adapter: once, env: map[string]string{"LEGACY_TOKEN": "wrong"}}
	each(t, o, func(t *testing.T, s *site) {
		a := s.do(t, "GET", "/Users/1", "")
		wantError(t, a, http.StatusBadGateway)
		if !strings.Contains(a.text("detail"), "legacy.auth") {
			t.Errorf("the detail is %q, want the adapter's own", a.text("detail"))
		}
	})
}

func TestAdapterDown(t *testing.T) {
	each(t, options{}, func(t *testing.T, s *site) {
		id := s.create(t, "ada").text("id")
		down := func(what string) {
			t.Helper()
			for _, method := range []string{"GET", "DELETE"} {
				a := s.do(t, method, "/Users/"+id, "")
				wantError(t, a, http.StatusServiceUnavailable)
				if a.Header.Get("Retry-After") == "" {
					t.Errorf("%s: %s has no Retry-After", what, method)
				}
			}
			wantError(t, s.do(t, "POST", "/Users", user("grace")), http.StatusServiceUnavailable)
		}
		address := hostOf(t, s.adapter.URL)
		s.adapter.Stop(t)
		down("with the adapter stopped")
		// It comes back: at once, and without the proxy being told.
		s.relay.retarget(hostOf(t, startAdapter(t, s.legacy.URL, options{}).URL))
		wantStatus(t, s.do(t, "GET", "/Users/"+id, ""), http.StatusOK)
		s.relay.retarget(address)
		s.relay.close()
		down("with nobody listening")
		if n := len(s.legacy.Hosts()); n != 1 {
			t.Errorf("the host API has %d hosts, want the one", n)
		}
	})
}

// An adapter that does not answer is a 504 in SCIM. The shipped time is cut
// short here, and the relay leads to a listener that says nothing.
func TestAdapterSilent(t *testing.T) {
	o := options{proxy: map[string][]string{
		"nginx": {"proxy_read_timeout 35s", "proxy_read_timeout 1s"},
		"caddy": {"response_header_timeout 35s", "response_header_timeout 1s"},
	}}
	each(t, o, func(t *testing.T, s *site) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		s.relay.retarget(l.Addr().String())
		a := s.do(t, "GET", "/Users/1", "")
		wantError(t, a, http.StatusGatewayTimeout)
		if a.Header.Get("Retry-After") == "" {
			t.Error("a 504 has no Retry-After")
		}
	})
}

// What is personal in a query string or a header is in no log, neither of
// good requests nor of failed ones.
func TestLogs(t *testing.T) {
	const secret = "ada.lovelace"
	const query = "/Users?filter=userName+eq+%22" + secret + "%40example.com%22"
	each(t, options{}, func(t *testing.T, s *site) {
		s.create(t, secret)
		wantStatus(t, s.do(t, "GET", query, "", "Referer", "https://example.com/"+secret), http.StatusOK)
		wantError(t, s.do(t, "GET", query, "", "Authorization", "Bearer "+secret), http.StatusUnauthorized)
		wantError(t, s.do(t, "GET", "/Users/"+secret, ""), http.StatusNotFound)
		wantError(t, s.do(t, "GET", "/Users%3Ffilter="+secret, ""), http.StatusNotFound)
		wantError(t, s.do(t, "POST", query, padded(t, secret, 11<<20)), http.StatusRequestEntityTooLarge)
		s.relay.retarget("") // accepts and hangs up
		wantError(t, s.do(t, "GET", query, ""), http.StatusServiceUnavailable)
		s.relay.close() // refuses
		wantError(t, s.do(t, "GET", query, ""), http.StatusServiceUnavailable)
		s.client.CloseIdleConnections()
		s.proxy.stop(t)
		log := s.proxy.log(t)
		for _, text := range []string{secret, "filter", "%22", harness.Token, "not formatted", "nnecessary", "[warn]"} {
			for line := range strings.Lines(log) {
				if strings.Contains(line, text) && !strings.Contains(line, `the "user" directive makes sense only`) {
					t.Errorf("the log holds %q: %s", text, line)
				}
			}
		}
		// What it must hold, to be of use.
		for _, text := range []string{"Users", "503", "401", s.requestID(t)} {
			if !strings.Contains(log, text) {
				t.Errorf("the log has no %q:\n%s", text, log)
			}
		}
	})
}

// requestID returns the id of a request from the adapter's log.
func (s *site) requestID(t *testing.T) string {
	t.Helper()
	_, rest, _ := strings.Cut(s.adapter.Log(), `"request_id":"`)
	id, _, ok := strings.Cut(rest, `"`)
	if !ok {
		t.Fatal("the adapter's log has no request_id")
	}
	return id
}
