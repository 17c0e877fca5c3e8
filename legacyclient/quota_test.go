package legacyclient

import (
	"net/http"
	"testing"
	"time"
)

func TestReadQuota(t *testing.T) {
	now := time.Unix(1_700_000_000, 0)
	for _, tt := range []struct {
		headers []string
		want    quota
	}{
		{nil, quota{}},
		{[]string{"RateLimit", `"default";r=50;t=30`}, quota{}},
		{[]string{"RateLimit", `"default";r=0;t=30`}, quota{true, 30 * time.Second}},
		{[]string{"RateLimit", `"burst";r=0;t=2, "day";r=900;t=5000`}, quota{true, 2 * time.Second}},
		{[]string{"RateLimit", `"burst";r=0;t=2`, "RateLimit", `"day"; r=0; t=60`}, quota{true, time.Minute}},
		{[]string{"RateLimit", `"day";r=0`, "RateLimit-Policy", `"burst";q=10;w=1,"day";q=1000;w=86400`}, quota{true, 24 * time.Hour}},
		{[]string{"RateLimit", `"day";r=0`}, quota{true, 0}},
		{[]string{"RateLimit", `limit=10, remaining=0, reset=7`}, quota{true, 7 * time.Second}},
		{[]string{"RateLimit", `limit=10, remaining=3, reset=7`}, quota{}},
		{[]string{"RateLimit", `nonsense;;=,`}, quota{}},
		{[]string{"RateLimit", `"x";r=0;t=99999999999999`}, quota{true, longest}},
		{[]string{"RateLimit", `"x";r=0;t=-1`}, quota{true, 0}},
		{[]string{"RateLimit-Remaining", "0", "RateLimit-Reset", "12"}, quota{true, 12 * time.Second}},
		{[]string{"RateLimit-Remaining", "1", "RateLimit-Reset", "12"}, quota{}},
		{[]string{"X-RateLimit-Remaining", "0", "X-RateLimit-Reset", "1700000042"}, quota{true, 42 * time.Second}},
		{[]string{"X-RateLimit-Remaining", "0", "X-RateLimit-Reset", "1700000042000"}, quota{true, 42 * time.Second}},
		{[]string{"X-RateLimit-Remaining", "0", "X-RateLimit-Reset", "1600000000"}, quota{true, 0}},
		{[]string{"X-RateLimit-Remaining", "0", "X-RateLimit-Reset", "0.5"}, quota{true, 500 * time.Millisecond}},
		{[]string{"X-RateLimit-Remaining", "0", "X-RateLimit-Reset", "NaN"}, quota{true, 0}},
		{[]string{"X-RateLimit-Remaining", "0", "X-RateLimit-Reset", "1e300"}, quota{true, 0}},
		{[]string{"X-RateLimit-Remaining", "0"}, quota{true, 0}},
		{[]string{"X-RateLimit-Remaining", "-1"}, quota{true, 0}},
		{[]string{"X-RateLimit-Remaining", "none"}, quota{}},
		{[]string{"X-Rate-Limit-Remaining", "0", "X-Rate-Limit-Reset", "9"}, quota{true, 9 * time.Second}},
	} {
		h := make(http.Header)
		for i := 0; i < len(tt.headers); i += 2 {
			h.Add(tt.headers[i], tt.headers[i+1])
		}
		if got := readQuota(h, now); got != tt.want {
			t.Errorf("readQuota(%q) = %v, want %v", tt.headers, got, tt.want)
		}
	}
}

// FuzzReadQuota holds that no header makes a reset that is below zero or beyond
// measure.
func FuzzReadQuota(f *testing.F) {
	f.Add(`"burst";r=0;t=2, "day";r=900`, `"day";q=1;w=9`, "0", "1700000042")
	f.Fuzz(func(t *testing.T, limit, policy, remaining, reset string) {
		for _, h := range []http.Header{
			{rateLimitHeader: {limit}, policyHeader: {policy}},
			{"X-Ratelimit-Remaining": {remaining}, "X-Ratelimit-Reset": {reset}},
		} {
			if q := readQuota(h, time.Unix(1_700_000_000, 0)); q.reset < 0 || q.reset > longest || q.reset > 0 && !q.spent {
				t.Errorf("readQuota(%q) = %v", h, q)
			}
		}
	})
}
