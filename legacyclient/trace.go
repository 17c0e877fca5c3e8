package legacyclient

import (
	"context"
	"net/http"
	"sync/atomic"
)

// Trace counts the attempts made on behalf of one request of ours. The zero
// value is ready, a nil Trace counts nothing, and all methods may be called by
// many goroutines at once.
type Trace struct {
	// Carry, where it is set, carries every attempt in place of the client's
	// transport. It is set before the first call and must not keep the Attempt.
	Carry func(*Attempt) (*http.Response, error)

	attempts atomic.Int64
}

type traceKey struct{}

// WithTrace returns a context whose calls are counted in t. A nil t returns
// ctx as it is.
func WithTrace(ctx context.Context, t *Trace) context.Context {
	if t == nil {
		return ctx
	}
	return context.WithValue(ctx, traceKey{}, t)
}

// Attempts returns the number of attempts so far, repeats included.
func (t *Trace) Attempts() int {
	if t == nil {
		return 0
	}
	return int(t.attempts.Load())
}

func (t *Trace) add() {
	if t != nil {
		t.attempts.Add(1)
	}
}

func (t *Trace) carries() bool { return t != nil && t.Carry != nil }

func traceOf(ctx context.Context) *Trace {
	t, _ := ctx.Value(traceKey{}).(*Trace)
	return t
}
