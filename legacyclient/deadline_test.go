package legacyclient

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestContext holds that the end of the context wins over what it breaks.
func TestContext(t *testing.T) {
	hang := &memoryTransport{f: func(_ int, r *http.Request) (*http.Response, error) {
		<-r.Context().Done()
		return nil, errors.New("transport: broken by its context")
	}}
	tests := []struct {
		name     string
		method   string
		timeout  time.Duration // of one attempt
		deadline time.Duration
		cancel   time.Duration
		kind     error
		attempts int
		took     time.Duration
	}{
		{"attempts time out", "GET", time.Second, 0, 0, ErrTimeout, 4, 4 * time.Second},
		{"create is not repeated", "POST", time.Second, 0, 0, ErrTimeout, 1, time.Second},
		{"deadline", "GET", time.Second, 2500 * time.Millisecond, 0, ErrTimeout, 3, 2500 * time.Millisecond},
		{"cancel", "GET", time.Second, 0, 1500 * time.Millisecond, ErrCanceled, 2, 1500 * time.Millisecond},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				// The transport fails with a timeout of its own where the attempt's ends.
				o := memoryOptions(t, roundTripFunc(func(r *http.Request) (*http.Response, error) {
					_, _ = hang.RoundTrip(r)
					return nil, r.Context().Err()
				}))
				o.Timeout = tt.timeout
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				if tt.deadline > 0 {
					ctx, cancel = context.WithTimeout(ctx, tt.deadline)
					defer cancel()
				}
				if tt.cancel > 0 {
					time.AfterFunc(tt.cancel, cancel)
				}
				start := time.Now()
				_, err := newClient(t, o).Do(ctx, compile(t, Endpoint{Method: tt.method, Path: "/hosts"}), nil, nil)
				took := time.Since(start).Round(time.Millisecond)
				e, _ := errors.AsType[*Error](err)
				if e == nil || e.Kind != tt.kind || e.Attempts != tt.attempts || took != tt.took {
					t.Errorf("Do() = %v (%d attempts) after %v, want %v (%d) after %v", err, e.Attempts, took, tt.kind, tt.attempts, tt.took)
				}
				if e != nil && e.MayHaveHappened != (tt.method == "POST") {
					t.Errorf("MayHaveHappened = %t", e.MayHaveHappened)
				}
			})
		})
	}
}

// TestCallerGone holds what becomes of a write whose caller goes away: what was
// sent is waited for and logged, what was not is not sent, and nothing is tried
// again.
func TestCallerGone(t *testing.T) {
	tests := []struct {
		name     string
		first    int // the status of the first answer; 0: none comes
		deadline time.Duration
		before   bool // the caller goes before anything is sent
		kind     error
		calls    int64
		took     time.Duration
		log      string
	}{
		{"it is done", 200, time.Minute, false, nil, 1, 2 * time.Second, "status=200"},
		{"it is refused", 409, time.Minute, false, ErrConflict, 1, 2 * time.Second, "status=409"},
		{"it fails", 503, time.Minute, false, ErrCanceled, 1, 2 * time.Second, "status=503"},
		{"no answer comes", 0, time.Minute, false, ErrCanceled, 1, 10 * time.Second, "no answer in time"},
		{"its deadline comes", 0, 5 * time.Second, false, ErrCanceled, 1, 5 * time.Second, "no answer in time"},
		{"it waits for its turn", 200, time.Minute, true, ErrCanceled, 0, time.Second, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := &memoryTransport{f: func(n int, r *http.Request) (*http.Response, error) {
					if tt.first == 0 {
						<-r.Context().Done()
						return nil, r.Context().Err()
					}
					time.Sleep(2 * time.Second)
					return answer(tt.first, "{}"), r.Context().Err()
				}}
				var log strings.Builder
				o := memoryOptions(t, m)
				o.Logger = slog.New(slog.NewTextHandler(&log, nil))
				c := newClient(t, o)
				if tt.before {
					c.limiter.inFlight = c.limiter.maxInFlight
				}
				ctx, cancel := context.WithTimeout(t.Context(), tt.deadline)
				defer cancel()
				time.AfterFunc(time.Second, cancel)
				start := time.Now()
				_, err := c.Do(ctx, compile(t, Endpoint{Method: "PATCH", Path: "/hosts/{id}"}), Vars{"id": "7"}, []byte(`{}`))
				if !errors.Is(err, tt.kind) || m.calls.Load() != tt.calls || time.Since(start) != tt.took {
					t.Errorf("Do() = %v with %d calls after %v, want %v with %d after %v", err, m.calls.Load(), time.Since(start), tt.kind, tt.calls, tt.took)
				}
				if e, ok := errors.AsType[*Error](err); ok && e.MayHaveHappened != (tt.kind == ErrCanceled && tt.calls > 0) {
					t.Errorf("MayHaveHappened = %t", e.MayHaveHappened)
				}
				if said := strings.Contains(log.String(), "after its caller had gone"); said != (tt.log != "") || !strings.Contains(log.String(), tt.log) {
					t.Errorf("log = %s, want %q in it", log.String(), tt.log)
				}
			})
		})
	}
}

// TestDeadlineIsSeen holds that who has an error because its deadline came finds
// its context ended, and does not go on with what is next.
func TestDeadlineIsSeen(t *testing.T) {
	o := memoryOptions(t, roundTripFunc(func(r *http.Request) (*http.Response, error) {
		<-r.Context().Done()
		return nil, r.Context().Err()
	}))
	for _, method := range []string{"GET", "HEAD", "PATCH"} {
		ep := compile(t, Endpoint{Method: method, Path: "/hosts"})
		for range 20 {
			ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
			if _, err := newClient(t, o).Do(ctx, ep, nil, nil); !errors.Is(err, ErrTimeout) || ctx.Err() == nil {
				t.Errorf("%s: Do() = %v and the context says %v, want both to have ended", method, err, ctx.Err())
			}
			cancel()
		}
	}
}

// TestWaitDoesNotFit holds that a wait of our own which goes beyond the deadline
// is not begun, and is what the error asks for.
func TestWaitDoesNotFit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := memoryOptions(t, roundTripFunc(func(*http.Request) (*http.Response, error) { return answer(503, ""), nil }))
		o.MinWait, o.MaxWait = 1e6*time.Hour, 1e6*time.Hour
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		start := time.Now()
		_, err := newClient(t, o).Do(ctx, compile(t, Endpoint{Method: "GET", Path: "/hosts"}), nil, nil)
		e, _ := errors.AsType[*Error](err)
		if e == nil || e.Kind != ErrUnavailable || e.Status != 503 || e.RetryAfter < 10*time.Second || time.Since(start) != 0 {
			t.Errorf("Do() = %#v after %v, want ErrUnavailable at once with the wait", err, time.Since(start))
		}
	})
}

// TestCancelInWait holds that a caller who leaves ends the wait between attempts.
func TestCancelInWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &memoryTransport{f: func(int, *http.Request) (*http.Response, error) {
			return answer(503, "", "Retry-After", "30"), nil
		}}
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		start := time.Now()
		_, err := newClient(t, memoryOptions(t, m)).Do(ctx, compile(t, Endpoint{Method: "GET", Path: "/hosts"}), nil, nil)
		if !errors.Is(err, ErrCanceled) || !errors.Is(err, context.Canceled) || errors.Is(err, ErrUnavailable) || time.Since(start) != time.Second {
			t.Errorf("Do() = %v after %v, want ErrCanceled after 1s", err, time.Since(start))
		}
	})
}

func TestEndedContext(t *testing.T) {
	m := &memoryTransport{f: func(int, *http.Request) (*http.Response, error) { return answer(200, "{}"), nil }}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := newClient(t, memoryOptions(t, m)).Do(ctx, compile(t, Endpoint{Method: "DELETE", Path: "/hosts"}), nil, nil)
	e, _ := errors.AsType[*Error](err)
	if e == nil || e.Kind != ErrCanceled || e.MayHaveHappened || m.calls.Load() != 0 {
		t.Errorf("Do() = %#v with %d calls, want ErrCanceled without a call", err, m.calls.Load())
	}
}
