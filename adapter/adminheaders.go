package adapter

import "net/http"

// adminHeaders are what every answer of the admin listener says to a browser.
// What is shown there is of the moment, belongs into no frame of another site,
// and no other site is told where it was seen.
var adminHeaders = [...]struct{ name, value string }{
	{"Cache-Control", "no-store"},
	// The status page loads what this listener serves and nothing else, and runs
	// no script that stands in it. Its icon is in the page itself.
	{"Content-Security-Policy", "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src data:; " +
		"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"},
	{"Cross-Origin-Opener-Policy", "same-origin"},
	{"Cross-Origin-Resource-Policy", "same-origin"},
	{"Referrer-Policy", "no-referrer"},
	{"X-Content-Type-Options", "nosniff"},
	{"X-Frame-Options", "DENY"}, // for browsers that do not know frame-ancestors
}

// withAdminHeaders puts the headers on every answer of the handler, which may
// set stricter ones.
func withAdminHeaders(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, h := range adminHeaders {
			w.Header().Set(h.name, h.value)
		}
		next.ServeHTTP(w, r)
	})
}
