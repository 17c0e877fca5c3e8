package legacyclient

import (
	"context"
	"math"
	"time"

	"golang.org/x/time/rate"
)

// limiter spaces out attempts; a nil limiter lets all pass.
type limiter struct {
	tokens *rate.Limiter
}

func newLimiter(perSecond float64, burst int) *limiter {
	if perSecond == 0 {
		return nil
	}
	if burst == 0 {
		burst = max(1, int(math.Ceil(perSecond)))
	}
	return &limiter{tokens: rate.NewLimiter(rate.Limit(perSecond), burst)}
}

// wait takes a token, blocking until it is due. If it is due only after the
// deadline, the token is given back and wait returns at once how long the wait
// would have been. The error is that of the context.
func (l *limiter) wait(ctx context.Context) (tooLong time.Duration, err error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	if l == nil {
		return 0, nil
	}
	r := l.tokens.Reserve()
	d := r.Delay()
	if d == 0 {
		return 0, nil
	}
	if end, ok := ctx.Deadline(); ok && d >= time.Until(end) {
		r.Cancel()
		return d, nil
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return 0, nil
	case <-ctx.Done():
		r.Cancel()
		return 0, ctx.Err()
	}
}
