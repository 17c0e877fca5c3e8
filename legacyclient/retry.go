package legacyclient

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	// patience bounds one wait where the context has no deadline that would.
	patience = time.Minute
	// longest is what a Retry-After beyond all measure is reported as.
	longest = 365 * 24 * time.Hour
)

// checkRetry decides whether there is another attempt, and after which wait. It
// is given no more than the hook's type demands; what counts is in k.last.
func (k *call) checkRetry(ctx context.Context, _ *http.Response, _ error) (bool, error) {
	if k.rounds >= k.client.maxAttempts || ctx.Err() != nil || !k.mayRepeat() {
		return false, nil
	}
	wait := pause(k.client.minWait, k.client.maxWait, k.rounds, k.last.retryAfter)
	if !fits(ctx, wait) {
		k.short = true
		k.last.retryAfter = wait
		return false, nil
	}
	k.wait = wait
	k.logRetry(ctx)
	return true, nil
}

// backoff returns the wait that checkRetry found to fit.
func (k *call) backoff(_, _ time.Duration, _ int, _ *http.Response) time.Duration {
	return k.wait
}

// mayRepeat is the retry table of the package documentation.
func (k *call) mayRepeat() bool {
	o := &k.last
	switch {
	case o.kind == nil, o.final, !isOutage(o.kind):
		return false
	case !o.sent:
		return true
	case o.status == http.StatusTooManyRequests && errors.Is(o.kind, ErrThrottled):
		return true
	}
	return k.endpoint.Method != http.MethodPost || k.key != ""
}

// pause returns the wait after the given number of attempts: what the API asks
// for, else a random time between zero and a bound that doubles up to hi. From
// zero on, because calls that failed together are best spread over all of the
// time; the first wait is then lo in the middle, and the limiter stands between
// a short one and the API.
func pause(lo, hi time.Duration, attempts int, asked time.Duration) time.Duration {
	if asked > 0 {
		return asked
	}
	bound := lo
	for range attempts {
		if bound >= hi/2 {
			bound = hi
			break
		}
		bound *= 2
	}
	return rand.N(bound + 1)
}

// fits says whether something can still be tried after the wait.
func fits(ctx context.Context, wait time.Duration) bool {
	end, ok := ctx.Deadline()
	if !ok {
		return wait <= patience
	}
	return wait < time.Until(end)
}

// parseRetryAfter reads both forms of Retry-After (RFC 9110, section 10.2.3).
// Zero is no usable wait: absent, unreadable, negative or past.
func parseRetryAfter(h http.Header, now time.Time) time.Duration {
	v := strings.TrimSpace(h.Get("Retry-After"))
	if v == "" {
		return 0
	}
	seconds, err := strconv.ParseInt(v, 10, 64)
	switch {
	case err == nil && seconds <= int64(longest/time.Second):
		return max(0, time.Duration(seconds)*time.Second)
	case err == nil, errors.Is(err, strconv.ErrRange) && v[0] != '-':
		return longest
	}
	at, err := http.ParseTime(v)
	if err != nil {
		return 0
	}
	return min(max(0, at.Sub(now)), longest)
}

func (k *call) logRetry(ctx context.Context) {
	if !k.client.logger.Enabled(ctx, slog.LevelWarn) {
		return
	}
	k.client.logger.LogAttrs(ctx, slog.LevelWarn, "legacy call is repeated",
		slog.String("op", k.endpoint.op),
		slog.Int("status", k.last.status),
		slog.Int("attempt", k.rounds),
		slog.Duration("wait", k.wait),
		slog.Any("err", k.failure()))
}

// logAlone says how a write ended whose caller had gone: nobody else will.
func (k *call) logAlone(ctx context.Context) {
	attrs := []slog.Attr{slog.String("op", k.endpoint.op), slog.Int("status", k.last.status), slog.Int("attempts", k.attempts)}
	if k.last.kind != nil {
		attrs = append(attrs, slog.Any("err", k.failure()))
	}
	k.client.logger.LogAttrs(ctx, slog.LevelWarn, "legacy write ended after its caller had gone", attrs...)
}
