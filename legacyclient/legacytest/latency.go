package legacytest

import (
	"net/http"
	"time"
)

// statusClientGone is the status on record for a call whose client went away before
// the work began. Nobody receives it.
const statusClientGone = 499

// delay waits before the work of a call is done, not longer than its client does.
func delay(d time.Duration) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		if d <= 0 {
			return next
		}
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			timer := time.NewTimer(d)
			defer timer.Stop()
			select {
			case <-timer.C:
				next.ServeHTTP(w, r)
			case <-r.Context().Done():
				w.WriteHeader(statusClientGone)
			}
		})
	}
}
