package adapter

import "net/http"

// adminHeaders are what every answer of the admin listener says to a browser.
// What is shown there is of the moment, belongs into no frame of another site,
// and no other site is told where it was seen.
var adminHeaders = [...]struct{ name, value string }{
	{"Cache-Control", "no-store"},
	{"Content-Security-Policy", "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"},
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
