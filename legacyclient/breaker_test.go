package legacyclient

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// patient is a breaker as the tests use it.
var patient = Breaker{Failures: 4, Window: 10 * time.Second, Open: 5 * time.Second}

// TestBreaker goes through the life of a breaker: the API goes down, is left
// alone, is probed by one call at a time, and is back.
func TestBreaker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		up := false
		m := &memoryTransport{f: func(int, *http.Request) (*http.Response, error) {
			time.Sleep(100 * time.Millisecond)
			if up {
				return answer(200, "{}"), nil
			}
			return nil, io.ErrUnexpectedEOF
		}}
		o := memoryOptions(t, m)
		o.MaxAttempts, o.Breaker = 1, patient
		c := newClient(t, o)
		ep := compile(t, Endpoint{Method: "PATCH", Path: "/hosts/{id}"})
		refused := func(what string, least, most time.Duration) {
			t.Helper()
			start, calls := time.Now(), m.calls.Load()
			err := get(t.Context(), c, ep, 7)
			e, _ := errors.AsType[*Error](err)
			if e == nil || e.Kind != ErrUnavailable || e.Cause != errOpen || e.MayHaveHappened || time.Since(start) != 0 || m.calls.Load() != calls {
				t.Errorf("%s: Do() = %#v after %v, want to be refused at once", what, err, time.Since(start))
			} else if e.RetryAfter < least || e.RetryAfter > most {
				t.Errorf("%s: RetryAfter = %v, want %v to %v", what, e.RetryAfter, least, most)
			}
		}
		state := func(want string) {
			t.Helper()
			if got := c.Stats().Breaker; got != want {
				t.Errorf("state = %s, want %s", got, want)
			}
		}
		for range 4 {
			state("closed")
			if err := get(t.Context(), c, ep, 7); errors.Is(err, errOpen) {
				t.Fatal(err)
			}
		}
		state("open")
		refused("down", 5*time.Second, 5*time.Second)
		time.Sleep(3 * time.Second)
		refused("down for 3s", 2*time.Second, 2*time.Second)
		time.Sleep(2*time.Second + time.Millisecond)

		// The first call is the probe; the others do not wait for it.
		probe := make(chan error)
		go func() { probe <- get(t.Context(), c, ep, 7) }()
		synctest.Wait()
		state("half-open")
		refused("while the probe is out", time.Second, time.Second)
		if err := <-probe; !errors.Is(err, ErrUnavailable) || errors.Is(err, errOpen) {
			t.Errorf("probe = %v, want the failure of the API", err)
		}
		refused("after a probe that failed", 5*time.Second, 5*time.Second)

		up = true
		time.Sleep(5*time.Second + time.Millisecond)
		if err := get(t.Context(), c, ep, 7); err != nil {
			t.Errorf("probe = %v, want success", err)
		}
		state("closed")
	})
}

// TestBreakerOpens holds what counts as a failure of the API and what does not.
func TestBreakerOpens(t *testing.T) {
	status := func(code int) memory {
		return func(int, *http.Request) (*http.Response, error) { return answer(code, ""), nil }
	}
	broken := func(err error) memory {
		return func(int, *http.Request) (*http.Response, error) { return nil, err }
	}
	hang := func(_ int, r *http.Request) (*http.Response, error) {
		<-r.Context().Done()
		return nil, r.Context().Err()
	}
	tests := []struct {
		name     string
		api      memory
		deadline time.Duration // of each call
		cancel   bool
		opens    bool
	}{
		{name: "500", api: status(500), opens: true},
		{name: "503", api: status(503), opens: true},
		{name: "connection refused", api: broken(&net.OpError{Op: "dial", Err: errors.New("refused")}), opens: true},
		{name: "reset", api: broken(io.EOF), opens: true},
		{name: "timeout", api: hang, opens: true},
		{name: "deadline after most of the timeout", api: hang, deadline: 9 * time.Second, opens: true},
		{name: "a short deadline", api: hang, deadline: time.Second},
		{name: "canceled", api: hang, cancel: true},
		{name: "429", api: status(429)},
		{name: "408", api: status(408)},
		{name: "404", api: status(404)},
		{name: "409", api: status(409)},
		{name: "401", api: status(401)},
		{name: "501", api: status(501)},
		{name: "success", api: func(int, *http.Request) (*http.Response, error) { return answer(200, "{}"), nil }},
		{name: "no JSON", api: func(int, *http.Request) (*http.Response, error) { return answer(200, "<html>"), nil }},
		{name: "one success in four", api: func(n int, _ *http.Request) (*http.Response, error) {
			if n%4 == 0 {
				return answer(200, "{}"), nil
			}
			return answer(502, ""), nil
		}},
		{name: "failures far between", api: func(int, *http.Request) (*http.Response, error) {
			time.Sleep(4 * time.Second)
			return answer(500, ""), nil
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := memoryOptions(t, &memoryTransport{f: tt.api})
				o.MaxAttempts, o.Breaker = 1, patient
				o.Breaker.Window = 9 * time.Second
				if tt.deadline > 0 || tt.name == "timeout" {
					o.Breaker.Window = time.Hour
				}
				c := newClient(t, o)
				ep := compile(t, Endpoint{Method: "GET", Path: "/hosts/{id}"})
				for i := range 20 {
					ctx, cancel := context.WithCancel(t.Context())
					if tt.deadline > 0 {
						ctx, cancel = context.WithTimeout(ctx, tt.deadline)
					}
					if tt.cancel {
						time.AfterFunc(time.Second, cancel)
					}
					_ = get(ctx, c, ep, i)
					cancel()
				}
				if got := c.Stats().Breaker; (got == "open") != tt.opens {
					t.Errorf("after 20 calls the breaker is %s, want it open: %t", got, tt.opens)
				}
			})
		})
	}
}

// TestBreakerInQueue holds that who stood in the queue when the API went down is
// not sent, and that the probe's caller going away leaves room for another probe.
func TestBreakerInQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &memoryTransport{f: func(n int, r *http.Request) (*http.Response, error) {
			select {
			case <-time.After(time.Second):
				return answer(500, ""), nil
			case <-r.Context().Done():
				return nil, r.Context().Err()
			}
		}}
		o := memoryOptions(t, m)
		o.MaxAttempts, o.MaxInFlight, o.Breaker = 1, 1, patient
		c := newClient(t, o)
		ep := compile(t, Endpoint{Method: "GET", Path: "/hosts/{id}"})
		var wg sync.WaitGroup
		for i := range 50 {
			wg.Go(func() { _ = get(t.Context(), c, ep, i) })
		}
		wg.Wait()
		if got := m.calls.Load(); got != 4 {
			t.Errorf("%d calls reached the API, want the 4 that found it down", got)
		}
		time.Sleep(6 * time.Second)
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Millisecond, cancel)
		if err := get(ctx, c, ep, 1); !errors.Is(err, ErrCanceled) {
			t.Errorf("probe = %v, want ErrCanceled", err)
		}
		if err := get(t.Context(), c, ep, 1); errors.Is(err, errOpen) || m.calls.Load() != 6 {
			t.Errorf("next probe = %v, want it sent", err)
		}
	})
}

// TestBreakerOverSockets holds it for a port where nobody listens any more.
func TestBreakerOverSockets(t *testing.T) {
	s := newServer(t, body(200, "application/json", host))
	o := s.options(t)
	o.MaxAttempts, o.Breaker = 1, Breaker{Failures: 3, Open: time.Hour}
	c := newClient(t, o)
	ep := compile(t, Endpoint{Method: "POST", Path: "/hosts"})
	if _, err := c.Do(t.Context(), ep, nil, nil); err != nil {
		t.Fatal(err)
	}
	s.Close()
	var err error
	for range 4 {
		_, err = c.Do(t.Context(), ep, nil, nil)
	}
	e, _ := errors.AsType[*Error](err)
	if e == nil || e.Cause != errOpen || e.RetryAfter < 59*time.Minute {
		t.Errorf("the call after 3 that failed = %#v, want to be refused for an hour", err)
	}
}
