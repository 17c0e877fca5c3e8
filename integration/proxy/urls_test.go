package proxy

import (
	"crypto/tls"
	"net/http"
	"strings"
	"testing"

	"hostscim/integration/harness"
)

func TestURLs(t *testing.T) {
	const publicURL = "https://public.example.com/scim/v2"
	t.Run("forwarded", func(t *testing.T) {
		each(t, options{}, func(t *testing.T, s *site) { testURLs(t, s, s.tenantURL()) })
	})
	t.Run("public_url", func(t *testing.T) {
		o := options{adapter: []string{"# public_url: https://scim.example.com/scim/v2", "public_url: " + publicURL}}
		each(t, o, func(t *testing.T, s *site) { testURLs(t, s, publicURL) })
	})
}

// TestUnixSocket: behind a Unix socket the proxy is believed too, of which URL
// it is and of where a request is from, if the file trusts such peers.
func TestUnixSocket(t *testing.T) {
	allow := func(network string) options {
		return options{socket: true, adapter: []string{`trusted_proxies: [127.0.0.0/8, "::1"]`, "trusted_proxies: unix", "\nauth:\n", "\nauth:\n  allow: " + network + "\n"}}
	}
	t.Run("allowed", func(t *testing.T) {
		each(t, allow("127.0.0.1"), func(t *testing.T, s *site) { testURLs(t, s, s.tenantURL()) })
	})
	t.Run("from elsewhere", func(t *testing.T) {
		each(t, allow("203.0.113.0/24"), func(t *testing.T, s *site) { wantError(t, s.do(t, "GET", "/Users/1", ""), http.StatusForbidden) })
	})
}

// testURLs drives a life of a user and a group, and looks at every URL that
// comes back.
func testURLs(t *testing.T, s *site, base string) {
	created := s.create(t, "ada")
	id := created.text("id")
	checkURLs(t, created, base)
	if got, want := created.Header.Get("Location"), base+"/Users/"+id; got != want {
		t.Errorf("Location = %q, want %q", got, want)
	}
	if got, want := created.text("meta", "location"), base+"/Users/"+id; got != want {
		t.Errorf("meta.location = %q, want %q", got, want)
	}
	group := s.do(t, "POST", "/Groups", `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"Engines","members":[{"value":"`+id+`"}]}`)
	wantStatus(t, group, http.StatusCreated)
	if got, want := group.Header.Get("Location"), base+"/Groups/"+group.text("id"); got != want {
		t.Errorf("Location = %q, want %q", got, want)
	}
	for _, path := range []string{
		"/Users/" + id, "/Groups/" + group.text("id"),
		"/Users?filter=userName+eq+%22ada%40example.com%22", "/Users?count=10", "/Groups?count=10",
		"/ServiceProviderConfig", "/ResourceTypes", "/ResourceTypes/User", "/Schemas",
	} {
		a := s.do(t, "GET", path, "")
		wantStatus(t, a, http.StatusOK)
		if checkURLs(t, a, base) == 0 {
			t.Errorf("GET %s = %s, want a meta.location in it", path, a.body)
		}
	}
	patched := s.do(t, "PATCH", "/Users/"+id, `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"Replace","path":"active","value":"False"}]}`)
	wantStatus(t, patched, http.StatusOK)
	checkURLs(t, patched, base)
	if patched.json["active"] != false {
		t.Errorf("PATCH of active = %s, want active false", patched.body)
	}
	replaced := s.do(t, "PUT", "/Users/"+id, user("grace"))
	wantStatus(t, replaced, http.StatusOK)
	checkURLs(t, replaced, base)
	wantStatus(t, s.do(t, "DELETE", "/Groups/"+group.text("id"), ""), http.StatusNoContent)
	wantStatus(t, s.do(t, "DELETE", "/Users/"+id, ""), http.StatusNoContent)
	wantError(t, s.do(t, "GET", "/Users/"+id, ""), http.StatusNotFound)
}

// checkURLs fails the test for each URL in the answer that does not lie below
// base, and returns how many there are.
func checkURLs(t *testing.T, a answer, base string) int {
	t.Helper()
	n := 0
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, e := range v {
				walk(e)
			}
		case map[string]any:
			for key, e := range v {
				text, ok := e.(string)
				if ok && (key == "location" || key == "$ref") {
					n++
					if !strings.HasPrefix(text, base+"/") {
						t.Errorf("%s %s has %s %q, want it below %s", a.Request.Method, a.Request.URL, key, text, base)
					}
				}
				walk(e)
			}
		}
	}
	walk(a.json)
	return n
}

// forged are headers with which a client might try to change the URLs in
// answers, or the logs.
var forged = []string{
	"X-Forwarded-Host", "evil.example.com, evil2.example.com",
	"X-Forwarded-Proto", "http",
	"X-Forwarded-Prefix", "/evil",
	"X-Forwarded-For", "203.0.113.9",
	"X-Forwarded-Port", "81",
	"X-Request-Id", "evil",
	"Forwarded", `for=203.0.113.9;host=evil.example.com;proto=http`,
}

func TestForgedHeaders(t *testing.T) {
	each(t, options{}, func(t *testing.T, s *site) {
		id := s.create(t, "ada").text("id")
		// Naming headers in Connection asks proxies to take them out.
		connection := []string{"Connection", "keep-alive, X-Forwarded-Host, X-Forwarded-Proto, X-Forwarded-Prefix"}
		for _, header := range [][]string{forged, connection, append(connection, forged...)} {
			s.relay.sent.reset()
			a := s.do(t, "GET", "/Users/"+id, "", header...)
			wantStatus(t, a, http.StatusOK)
			if got, want := a.text("meta", "location"), s.tenantURL()+"/Users/"+id; got != want {
				t.Errorf("meta.location = %q, want %q", got, want)
			}
			checkForwarded(t, s)
		}
	})
}

// checkForwarded looks at the headers that the adapter got.
func checkForwarded(t *testing.T, s *site) {
	t.Helper()
	want := map[string]string{
		"x-forwarded-host": s.host, "x-forwarded-proto": "https", "x-forwarded-prefix": s.prefix, "x-forwarded-for": "127.0.0.1",
	}
	head := s.relay.head()
	for _, line := range strings.Split(head, "\r\n")[1:] {
		name, value, _ := strings.Cut(line, ": ")
		name = strings.ToLower(name)
		if w, ok := want[name]; ok {
			if value != w {
				t.Errorf("the adapter got %s: %s, want %q", name, value, w)
			}
			delete(want, name)
		} else if strings.Contains(value, "evil") || name == "forwarded" || name == "x-forwarded-prefix" {
			t.Errorf("the adapter got %s: %s, want none of what was forged", name, value)
		}
	}
	for name, value := range want {
		if value != "" {
			t.Errorf("the adapter got no %s, want %q; it got\n%s", name, value, head)
		}
	}
}

// Whoever reaches the adapter past the proxy is not believed.
func TestUntrustedPeer(t *testing.T) {
	o := options{adapter: []string{`trusted_proxies: [127.0.0.0/8, "::1"]`, "trusted_proxies: [192.0.2.1/32]"}}
	adapter := startAdapter(t, "http://127.0.0.1:1", o) // discovery calls no host API
	req, err := http.NewRequestWithContext(t.Context(), "GET", adapter.URL+"/ServiceProviderConfig", nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(forged); i += 2 {
		req.Header.Set(forged[i], forged[i+1])
	}
	req.Header.Set("Authorization", "Bearer "+harness.Token)
	client := &http.Client{Timeout: patience, Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	a := send(t, client, req)
	wantStatus(t, a, http.StatusOK)
	if checkURLs(t, a, adapter.URL) == 0 {
		t.Errorf("GET /ServiceProviderConfig = %s, want a meta.location in it", a.body)
	}
}

// A Host header other than the proxy's name must not reach the adapter, which
// would build URLs from it.
func TestForeignHost(t *testing.T) {
	each(t, options{}, func(t *testing.T, s *site) {
		for _, host := range []string{"evil.example.com", "evil.example.com:443", "sub." + s.host} {
			req := s.request(t, "GET", "/ServiceProviderConfig", nil)
			req.Host = host
			// The name in the handshake is the right one.
			client := &http.Client{Timeout: patience, Transport: s.transport(&tls.Config{RootCAs: s.cert.pool, ServerName: s.host})}
			a := send(t, client, req)
			client.CloseIdleConnections()
			if a.StatusCode < 400 {
				t.Errorf("with Host %s the answer is %d %s, want a refusal", host, a.StatusCode, a.body)
			}
		}
		if n := s.relay.count(); n != 0 {
			t.Errorf("the adapter was called on %d connections, want none", n)
		}
	})
}
