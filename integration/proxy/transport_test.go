package proxy

import (
	"crypto/tls"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
)

func TestKeepAlive(t *testing.T) {
	const requests = 100
	each(t, options{}, func(t *testing.T, s *site) {
		id := s.create(t, "ada").text("id")
		for range requests {
			wantStatus(t, s.do(t, "GET", "/Users/"+id, ""), http.StatusOK)
		}
		if n := s.dials.Load(); n != 1 {
			t.Errorf("%d requests needed %d connections to the proxy, want 1", requests, n)
		}
		// One would do; a proxy may open another before it has put the first back.
		if n := s.relay.count(); n > 3 {
			t.Errorf("%d requests needed %d connections to the adapter, want them kept", requests, n)
		}
	})
}

// padded returns the body of a user that has exactly size bytes, by an
// attribute that is not mapped.
func padded(t *testing.T, name string, size int) string {
	t.Helper()
	head, tail := strings.TrimSuffix(user(name), "}")+`,"nickName":"`, `"}`
	n := size - len(head) - len(tail)
	if n < 0 {
		t.Fatalf("a user has more than %d bytes", size)
	}
	return head + strings.Repeat("x", n) + tail
}

func TestBodies(t *testing.T) {
	const mib = 1 << 20
	each(t, options{}, func(t *testing.T, s *site) {
		wantStatus(t, s.do(t, "POST", "/Users", padded(t, "ada", mib)), http.StatusCreated)
		for name, size := range map[string]int{"chunked-small": 1000, "chunked-large": mib} {
			// A reader without a length is sent in chunks.
			req := s.request(t, "POST", "/Users", io.MultiReader(strings.NewReader(padded(t, name, size))))
			wantStatus(t, s.send(t, req), http.StatusCreated)
		}
		for _, size := range []int{mib + 1, 2 * mib} {
			a := s.do(t, "POST", "/Users", padded(t, "grace", size))
			wantError(t, a, http.StatusRequestEntityTooLarge)
			if !strings.Contains(a.text("detail"), "1048576") {
				t.Errorf("the detail of %d bytes is %q, want the adapter's own", size, a.text("detail"))
			}
		}
		// More than the proxy takes, it refuses itself, in SCIM as well.
		a := s.do(t, "POST", "/Users", padded(t, "grace", 11*mib))
		wantError(t, a, http.StatusRequestEntityTooLarge)
		if strings.Contains(a.text("detail"), "1048576") {
			t.Errorf("11 MiB reached the adapter: %s", a.body)
		}
		if n := len(s.legacy.Hosts()); n != 3 {
			t.Errorf("the host API has %d hosts, want 3", n)
		}
	})
}

// Entra sends no User-Agent, and perhaps no Accept.
func TestBareRequest(t *testing.T) {
	each(t, options{}, func(t *testing.T, s *site) {
		req := s.request(t, "GET", "/Users?filter=userName+eq+%22nobody%22", nil)
		req.Header["User-Agent"] = nil // Go would add its own
		a := s.send(t, req)
		wantStatus(t, a, http.StatusOK)
		if got := a.Header.Get("Content-Type"); got != "application/scim+json" {
			t.Errorf("Content-Type = %q, want application/scim+json", got)
		}
		if a.json["totalResults"] != 0.0 {
			t.Errorf("GET = %s, want no result", a.body)
		}
		for _, line := range strings.Split(s.relay.head(), "\r\n") {
			name, value, _ := strings.Cut(line, ":")
			if strings.EqualFold(name, "User-Agent") && strings.TrimSpace(value) != "" {
				t.Errorf("the adapter got %q, want none", line)
			}
		}
	})
}

// entraSuites are the TLS 1.2 suites that Entra documents and Go has, of those
// without CBC.
var entraSuites = []uint16{
	tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
	tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
}

func TestTLS(t *testing.T) {
	each(t, options{}, func(t *testing.T, s *site) {
		for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
			client := s.clientOf(&tls.Config{MinVersion: version, MaxVersion: version, CipherSuites: entraSuites})
			a := send(t, client, s.request(t, "GET", "/ServiceProviderConfig", nil))
			client.CloseIdleConnections()
			wantStatus(t, a, http.StatusOK)
			if a.TLS.Version != version {
				t.Errorf("the connection has %s, want %s", tls.VersionName(a.TLS.Version), tls.VersionName(version))
			}
			if version == tls.VersionTLS12 && !slices.Contains(entraSuites, a.TLS.CipherSuite) {
				t.Errorf("the suite is %s, want one of Entra's", tls.CipherSuiteName(a.TLS.CipherSuite))
			}
		}
		for name, config := range map[string]*tls.Config{
			"TLS 1.1": {MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11},
			"TLS 1.2 with CBC only": {MaxVersion: tls.VersionTLS12, CipherSuites: []uint16{
				tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA, tls.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA, tls.TLS_RSA_WITH_AES_128_CBC_SHA,
			}},
			"another name": {ServerName: "other.example.com"},
		} {
			res, err := s.clientOf(config).Do(s.request(t, "GET", "/ServiceProviderConfig", nil))
			if err == nil {
				res.Body.Close()
				t.Errorf("%s: the answer is %s, want no connection", name, res.Status)
			} else if !strings.Contains(err.Error(), "remote error: tls:") {
				t.Errorf("%s: %v, want the proxy to refuse the handshake", name, err)
			}
		}
	})
}

func (s *site) clientOf(config *tls.Config) *http.Client {
	config.RootCAs = s.cert.pool
	return &http.Client{Timeout: patience, Transport: s.transport(config)}
}
