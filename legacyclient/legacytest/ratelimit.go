package legacytest

import (
	"math"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// bucket is a token bucket: it holds up to burst tokens and gains perSecond.
type bucket struct {
	perSecond float64
	burst     float64
	clock     func() time.Time

	mu     sync.Mutex
	tokens float64
	last   time.Time
}

// take takes a token, or tells how long it is until there is one.
func (b *bucket) take() (wait time.Duration, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.clock()
	if passed := now.Sub(b.last); passed > 0 {
		b.tokens = min(b.burst, b.tokens+passed.Seconds()*b.perSecond)
		b.last = now
	}
	// A token may be a hair short of whole by rounding; asking the client to come back
	// for that would break the promise made by the last Retry-After.
	const hair = 1e-9
	if b.tokens >= 1-hair {
		b.tokens = max(b.tokens-1, 0)
		return 0, true
	}
	seconds := (1 - b.tokens) / b.perSecond
	return time.Duration(min(seconds*float64(time.Second), math.MaxInt64/2)), false
}

// limitRate refuses calls over the rate; a rate of zero or less lets all pass.
func limitRate(perSecond float64, burst int, clock func() time.Time) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		if perSecond <= 0 {
			return next
		}
		b := &bucket{perSecond: perSecond, burst: float64(burst), clock: clock, tokens: float64(burst), last: clock()}
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			wait, ok := b.take()
			if !ok {
				w.Header().Set("Retry-After", strconv.Itoa(wholeSeconds(wait)))
				writeRefusal(w, refuse(http.StatusTooManyRequests,
					entry{Domain: "global", Code: "rate_limited", Message: "too many calls; wait and try again"}))
				return
			}
			next.ServeHTTP(w, r)
		})
	}
}

// wholeSeconds rounds up, to at least one: Retry-After has no fractions, and 0 would
// ask for a retry that fails again.
func wholeSeconds(d time.Duration) int {
	return max(int((d+time.Second-1)/time.Second), 1)
}
