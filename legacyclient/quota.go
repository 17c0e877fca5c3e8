package legacyclient

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// quota is what the headers of an answer say of the window of calls that it
// belongs to.
type quota struct {
	spent bool          // no call is left in it
	reset time.Duration // until the next one; zero: not told
}

// The headers as net/http spells them.
const (
	rateLimitHeader = "Ratelimit"        // draft-ietf-httpapi-ratelimit-headers
	policyHeader    = "Ratelimit-Policy" // the same
)

// remainingHeaders are the older ones, each with that of its reset.
var remainingHeaders = []struct{ remaining, reset string }{
	{"Ratelimit-Remaining", "Ratelimit-Reset"}, // the same draft, up to version 7
	{"X-Ratelimit-Remaining", "X-Ratelimit-Reset"},
	{"X-Rate-Limit-Remaining", "X-Rate-Limit-Reset"},
}

// readQuota reads the headers by which APIs tell their limits. What cannot be
// read counts as not told.
func readQuota(h http.Header, now time.Time) quota {
	if values := h[rateLimitHeader]; len(values) > 0 {
		return readRateLimit(strings.Join(values, ","), strings.Join(h[policyHeader], ","))
	}
	for _, name := range remainingHeaders {
		if values := h[name.remaining]; len(values) > 0 {
			left, err := strconv.ParseFloat(strings.TrimSpace(values[0]), 64)
			if err != nil || left > 0 {
				return quota{}
			}
			return quota{spent: true, reset: readReset(h.Get(name.reset), now)}
		}
	}
	return quota{}
}

// readRateLimit reads the RateLimit header: policies with their remaining calls
// (r) and the seconds to the reset (t), as in
//
//	RateLimit: "burst";r=0;t=2, "day";r=900
//
// or, in the older form, limit=10, remaining=0, reset=2. Of the policies that
// are spent, the one that lasts longest counts; one that does not tell its reset
// lasts as long as its window (w) in RateLimit-Policy.
func readRateLimit(text, policies string) quota {
	var q quota
	if fields := parameters(strings.ReplaceAll(text, ",", ";")); fields["remaining"] != "" {
		if isZero(fields["remaining"]) {
			q = quota{spent: true, reset: seconds(fields["reset"])}
		}
		return q
	}
	for member := range strings.SplitSeq(text, ",") {
		fields := parameters(member)
		if !isZero(fields["r"]) {
			continue
		}
		q.spent = true
		reset := seconds(fields["t"])
		if fields["t"] == "" {
			reset = windowOf(fields[""], policies)
		}
		q.reset = max(q.reset, reset)
	}
	return q
}

// windowOf returns the window of the policy of that name.
func windowOf(name, policies string) time.Duration {
	for member := range strings.SplitSeq(policies, ",") {
		if fields := parameters(member); fields[""] == name {
			return seconds(fields["w"])
		}
	}
	return 0
}

// parameters reads name;key=value;key=value; the name is under "".
func parameters(member string) map[string]string {
	fields := make(map[string]string)
	for part := range strings.SplitSeq(member, ";") {
		if key, value, ok := strings.Cut(strings.TrimSpace(part), "="); ok {
			fields[strings.TrimSpace(key)] = strings.TrimSpace(value)
		} else if key != "" {
			fields[""] = key
		}
	}
	return fields
}

func isZero(text string) bool {
	n, err := strconv.ParseInt(text, 10, 64)
	return err == nil && n <= 0
}

// readReset reads a reset that is told in seconds from now on, or as the time
// itself in seconds or milliseconds since 1970: no window is thirty years long.
func readReset(text string, now time.Time) time.Duration {
	n, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	switch {
	case err != nil, n != n, n < 0:
		return 0
	case n > 1e15:
		return 0
	case n > 1e12:
		return max(0, min(longest, time.UnixMilli(int64(n)).Sub(now)))
	case n > 1e9:
		return max(0, min(longest, time.Unix(int64(n), 0).Sub(now)))
	}
	return min(longest, time.Duration(n*float64(time.Second)))
}

func seconds(text string) time.Duration {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 {
		return 0
	}
	return time.Duration(min(n, int64(longest/time.Second))) * time.Second
}
