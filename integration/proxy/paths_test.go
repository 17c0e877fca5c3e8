package proxy

import (
	"net/http"
	"strings"
	"testing"
)

// Paths must reach the adapter as they were sent.
func TestPaths(t *testing.T) {
	each(t, options{}, func(t *testing.T, s *site) {
		id := s.create(t, "ada").text("id")
		for _, tt := range []struct {
			path   string // below the tenant URL
			status int
		}{
			{"//Users", http.StatusOK},
			{"//Users/" + id, http.StatusOK},
			{"/Users/", http.StatusOK},
			{"/Users/" + id + "/", http.StatusOK},
			{"/Users?aadOptscim062020", http.StatusOK},
			{"/Users/?aadOptscim062020", http.StatusOK},
			{"/Users/a%2Fb", http.StatusNotFound},
			{"/Users/a%2fb", http.StatusNotFound},
			{"/Users/" + id + "%2F", http.StatusNotFound},
			{"//Users/a%2Fb", http.StatusNotFound},
			{"/Users/a%2F%2Fb", http.StatusNotFound},
			{"/Groups/" + id + "%2Fhosts", http.StatusNotFound},
			{"/Users/..%2fhost_groups", http.StatusNotFound},
			{"/Users/%2e%2e%2Fhost_groups", http.StatusNotFound},
			{"/Users/a%20b%25%3Fc%23", http.StatusNotFound},
			{"/Users/%C3%A9", http.StatusNotFound},
			{"/Users/a+b;c=d", http.StatusNotFound},
		} {
			s.relay.sent.reset()
			s.legacy.TakeCalls()
			a := s.do(t, "GET", tt.path, "")
			if tt.status == http.StatusNotFound {
				wantError(t, a, tt.status)
				if calls := s.legacy.TakeCalls(); len(calls) != 0 {
					t.Errorf("GET %s called the host API: %v, want no call", tt.path, calls)
				}
			} else if a.StatusCode != tt.status {
				t.Errorf("GET %s = %d %s, want %d", tt.path, a.StatusCode, a.body, tt.status)
			}
			line, _, _ := strings.Cut(s.relay.head(), "\r\n")
			want := "GET /scim/v2" + tt.path + " HTTP/1.1"
			// Caddy writes a doubled slash as one, as the adapter would.
			if line != want && (s.name != "caddy" || line != strings.ReplaceAll(want, "//", "/")) {
				t.Errorf("the adapter got %q, want %q", line, want)
			}
		}
	})
}
