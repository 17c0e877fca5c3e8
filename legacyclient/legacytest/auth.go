package legacytest

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"strings"
)

// authorize refuses calls without the bearer token; the empty token lets all pass.
func authorize(token string) func(http.Handler) http.Handler {
	want := sha256.Sum256([]byte(token))
	return func(next http.Handler) http.Handler {
		if token == "" {
			return next
		}
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			scheme, given, _ := strings.Cut(r.Header.Get("Authorization"), " ")
			// Sums have one length, so that the comparison does not tell the token's.
			got := sha256.Sum256([]byte(strings.TrimSpace(given)))
			if !strings.EqualFold(scheme, "Bearer") || subtle.ConstantTimeCompare(got[:], want[:]) != 1 {
				w.Header().Set("WWW-Authenticate", "Bearer")
				writeRefusal(w, refuse(http.StatusUnauthorized,
					entry{Domain: "global", Code: "unauthorized", Message: "a valid bearer token is needed"}))
				return
			}
			next.ServeHTTP(w, r)
		})
	}
}
