package adapter_test

import (
	"net/http/httptest"
	"strings"
	"testing"
)

// TestAdminHeaders: whatever the admin listener answers, refusals too.
func TestAdminHeaders(t *testing.T) {
	f := start(t, setup{})
	for _, path := range []string{"/healthz", "/readyz", "/metrics", "/", "/no/such/page"} {
		w := httptest.NewRecorder()
		f.server.Admin().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), "GET", path, nil))
		for name, want := range map[string]string{
			"Cache-Control": "no-store", "Content-Security-Policy": "frame-ancestors 'none'", "Referrer-Policy": "no-referrer",
			"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY",
		} {
			if got := w.Header().Get(name); !strings.Contains(got, want) {
				t.Errorf("GET %s has %s: %q, want %s", path, name, got, want)
			}
		}
	}
}
