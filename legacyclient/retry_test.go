package legacyclient

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// TestRetryTable is the table of the package documentation: each failure met by
// each kind of request, with the number of attempts the server saw.
func TestRetryTable(t *testing.T) {
	const once, all = 1, 3
	header := "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
	failures := []struct {
		name              string
		fail              http.HandlerFunc
		repeatable, plain int // attempts with and without the right to repeat
		kind              error
		unsure            bool // of a write
	}{
		{"500", status(500), all, once, ErrUnavailable, true},
		{"501", status(501), once, once, ErrUnavailable, true},
		{"503", status(503), all, once, ErrUnavailable, true},
		{"408", status(408), all, once, ErrUnavailable, true},
		{"429", status(429), all, all, ErrThrottled, false},
		{"400", status(400), once, once, ErrInvalid, false},
		{"401", status(401), once, once, ErrDenied, false},
		{"404", status(404), once, once, ErrNotFound, false},
		{"405", status(405), once, once, ErrMisconfigured, false},
		{"409", status(409), once, once, ErrConflict, false},
		{"302", status(302, "Location", "/api/v3/elsewhere"), once, once, ErrMisconfigured, false},
		{"307", status(307, "Location", "://bad%zz"), once, once, ErrMisconfigured, false},
		{"reset", func(w http.ResponseWriter, _ *http.Request) { reset(w) }, all, once, ErrUnavailable, true},
		{"no answer", func(w http.ResponseWriter, _ *http.Request) { raw(w, "") }, all, once, ErrUnavailable, true},
		{"no http", func(w http.ResponseWriter, _ *http.Request) { raw(w, "SSH-2.0-x\r\n\r\n") }, all, once, ErrUnavailable, true},
		{"cut short", func(w http.ResponseWriter, _ *http.Request) {
			raw(w, header+"Content-Length: 100\r\n\r\n{\"id\":")
		}, all, once, ErrUnavailable, true},
		{"chunk cut", func(w http.ResponseWriter, _ *http.Request) {
			raw(w, header+"Transfer-Encoding: chunked\r\n\r\n5\r\n{\"id\"\r\n")
		}, all, once, ErrUnavailable, true},
		{"truncated json", body(200, "application/json", `{"id":1`), all, once, ErrUnavailable, true},
		{"two values", body(200, "application/json", `{"id":1}{}`), all, once, ErrUnavailable, true},
		{"success with errors", body(200, "application/json", `{"errors":[{"code":"down"}]}`), all, once, ErrUnavailable, true},
		{"html 200", body(200, "text/html", "<html>log in</html>"), all, once, ErrUnavailable, true},
		{"html as json", body(200, "application/json", "<html>log in</html>"), all, once, ErrUnavailable, true},
		{"wrong type", body(200, "text/plain", `{"id":1}`), all, once, ErrUnavailable, true},
		{"html 502", body(502, "text/html", "<html>bad gateway</html>"), all, once, ErrUnavailable, true},
		{"too large", body(200, "application/json", `"`+strings.Repeat("x", 2000)+`"`), once, once, ErrUnavailable, true},
		{"too large, chunked", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write([]byte(`"`))
			w.(http.Flusher).Flush()
			_, _ = w.Write([]byte(strings.Repeat("x", 2000) + `"`))
		}, once, once, ErrUnavailable, true},
		{"rule: in progress", body(409, "application/json", `{"errors":[{"code":"in_progress"}]}`), all, once, ErrUnavailable, true},
		{"rule: throttled by 403", body(403, "application/json", `{"errors":[{"code":"slow_down"}]}`), all, once, ErrThrottled, true},
		{"rule: 429 is final", body(429, "application/json", `{"errors":[{"code":"quota_gone"}]}`), once, once, ErrDenied, false},
	}
	requests := []struct {
		method     string
		idempotent bool
		repeatable bool
	}{
		{"GET", false, true}, {"PUT", false, true}, {"PATCH", false, true}, {"DELETE", false, true},
		{"POST", true, true}, {"POST", false, false},
	}
	for _, f := range failures {
		for _, r := range requests {
			t.Run(fmt.Sprintf("%s/%s idempotent=%t", f.name, r.method, r.idempotent), func(t *testing.T) {
				t.Parallel()
				s := newServer(t, f.fail)
				o := s.options(t)
				o.MaxAttempts, o.MaxBody, o.Logger = all, 1000, nil
				o.ErrorRules = []ErrorRule{
					{Status: []int{409}, Code: "in_progress", Kind: ErrUnavailable},
					{Code: "slow_down", Kind: ErrThrottled},
					{Code: "quota_gone", Kind: ErrDenied},
				}
				ep := compile(t, Endpoint{Method: r.method, Path: "/hosts/{id}", Idempotent: r.idempotent})
				var in []byte
				if r.method != "GET" && r.method != "DELETE" {
					in = []byte(`{"visible":false}`)
				}
				var trace Trace
				_, err := newClient(t, o).Do(WithTrace(t.Context(), &trace), ep, Vars{"id": "7"}, in)
				want := f.plain
				if r.repeatable {
					want = f.repeatable
				}
				e, ok := errors.AsType[*Error](err)
				if !ok || !errors.Is(err, f.kind) {
					t.Fatalf("Do() = %v, want %v", err, f.kind)
				}
				if got := int(s.calls.Load()); got != want || e.Attempts != want || trace.Attempts() != want {
					t.Errorf("attempts: server saw %d, error says %d, trace says %d, want %d", got, e.Attempts, trace.Attempts(), want)
				}
				if unsure := f.unsure && r.method != "GET"; e.MayHaveHappened != unsure {
					t.Errorf("MayHaveHappened = %t, want %t", e.MayHaveHappened, unsure)
				}
			})
		}
	}
}

func status(code int, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(code)
	}
}

func body(code int, contentType, text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(code)
		_, _ = w.Write([]byte(text))
	}
}

// TestNotSent holds that a request which met no connection is repeated whatever
// its method, and is never said to have happened.
func TestNotSent(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	_ = l.Close()
	o := memoryOptions(t, nil)
	o.BaseURL = &url.URL{Scheme: "http", Host: addr}
	c := newClient(t, o)
	for _, method := range []string{"GET", "POST"} {
		_, err := c.Do(t.Context(), compile(t, Endpoint{Method: method, Path: "/hosts"}), nil, nil)
		e, _ := errors.AsType[*Error](err)
		if e == nil || e.Kind != ErrUnavailable || e.Attempts != 4 || e.MayHaveHappened {
			t.Errorf("%s: Do() = %#v, want ErrUnavailable after 4 attempts, not happened", method, err)
		}
		if !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("%s: Do() = %v, does not unwrap to ECONNREFUSED", method, err)
		}
	}
	if _, err := c.Do(t.Context(), compile(t, Endpoint{Method: "GET", Path: "/x"}), nil, nil); err == nil ||
		err.Error() != "GET /x: unavailable: cannot connect: connection refused" {
		t.Errorf("Do() = %v", err)
	}
}

func TestRecovery(t *testing.T) {
	m := &memoryTransport{f: func(n int, r *http.Request) (*http.Response, error) {
		if n < 3 {
			return answer(503, ""), nil
		}
		return answer(200, `{"id":7}`), nil
	}}
	got, err := newClient(t, memoryOptions(t, m)).Do(t.Context(), compile(t, Endpoint{Method: "PATCH", Path: "/hosts/{id}"}), Vars{"id": "7"}, []byte(`{}`))
	if err != nil || got.Attempts != 3 || !got.Repeated || string(got.Body) != `{"id":7}` {
		t.Errorf("Do() = %+v, %v, want success at the third attempt", got, err)
	}
}

// TestDeleteRepeated holds that a 404 is success only after an attempt that may
// have been executed.
func TestDeleteRepeated(t *testing.T) {
	ep := compile(t, Endpoint{Method: "DELETE", Path: "/hosts/{id}"})
	for first, want := range map[int]error{502: nil, 408: nil, 429: ErrNotFound, 404: ErrNotFound} {
		m := &memoryTransport{f: func(n int, r *http.Request) (*http.Response, error) {
			if n == 1 {
				return answer(first, ""), nil
			}
			return answer(404, ""), nil
		}}
		got, err := newClient(t, memoryOptions(t, m)).Do(t.Context(), ep, Vars{"id": "7"}, nil)
		if !errors.Is(err, want) {
			t.Errorf("%d then 404: Do() = %v, want %v", first, err, want)
		}
		if want == nil && (!got.Repeated || got.Status != 404) {
			t.Errorf("%d then 404: Do() = %+v, want Repeated and 404", first, got)
		}
	}
}

// TestIdempotencyKey holds that one call has one key, and another call another.
func TestIdempotencyKey(t *testing.T) {
	var keys, bodies []string
	m := &memoryTransport{f: func(n int, r *http.Request) (*http.Response, error) {
		keys = append(keys, r.Header.Get("Idempotency-Key"))
		var b [64]byte
		n2, _ := r.Body.Read(b[:])
		bodies = append(bodies, string(b[:n2]))
		if n%3 != 0 {
			return nil, errors.New("broken")
		}
		return answer(201, `{}`), nil
	}}
	c := newClient(t, memoryOptions(t, m))
	ep := compile(t, Endpoint{Method: "POST", Path: "/hosts", Idempotent: true})
	for range 2 {
		if _, err := c.Do(t.Context(), ep, nil, []byte(`{"a":1}`)); err != nil {
			t.Fatal(err)
		}
	}
	if len(keys) != 6 || keys[0] != keys[2] || keys[3] != keys[5] || keys[0] == keys[3] || len(keys[0]) < 32 {
		t.Errorf("keys = %q", keys)
	}
	for _, b := range bodies {
		if b != `{"a":1}` {
			t.Errorf("bodies = %q, want all alike", bodies)
		}
	}
}

// TestInProgress holds that a call whose first attempt is still under way for the
// API, as a rule says, is repeated under the same key until it is done.
func TestInProgress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		keys := make(map[string]int)
		m := &memoryTransport{f: func(n int, r *http.Request) (*http.Response, error) {
			keys[r.Header.Get("Idempotency-Key")]++
			switch n {
			case 1:
				<-r.Context().Done()
				return nil, r.Context().Err()
			case 2, 3:
				return answer(409, `{"errors":[{"code":"in_progress"}]}`), nil
			}
			return answer(201, `{"id":7}`), nil
		}}
		o := memoryOptions(t, m)
		o.MinWait, o.MaxWait = time.Second, time.Second
		o.ErrorRules = []ErrorRule{{Status: []int{409}, Code: "in_progress", Kind: ErrUnavailable}}
		reply, err := newClient(t, o).Do(t.Context(), compile(t, Endpoint{Method: "POST", Path: "/hosts", Idempotent: true}), nil, []byte(`{}`))
		if err != nil || reply.Status != 201 || !reply.Repeated || len(keys) != 1 {
			t.Errorf("Do() = %+v, %v with keys %v, want success under one key", reply, err, keys)
		}
	})
}

func TestRetryAfter(t *testing.T) {
	tests := []struct {
		name, value string
		deadline    time.Duration
		status      int
		wantWait    time.Duration // -1: gives up
		wantAfter   time.Duration // carried by the error
	}{
		{"seconds", "7", time.Minute, 429, 7 * time.Second, 0},
		{"of 503", "7", time.Minute, 503, 7 * time.Second, 0},
		{"above MaxWait", "30", time.Minute, 429, 30 * time.Second, 0},
		{"date", "DATE", time.Minute, 429, 20 * time.Second, 0},
		{"beyond the deadline", "61", time.Minute, 429, -1, 61 * time.Second},
		{"503 beyond the deadline", "61", time.Minute, 503, -1, 61 * time.Second},
		{"an hour without a deadline", "3600", 0, 429, -1, time.Hour},
		{"absurd", "99999999999", time.Minute, 429, -1, longest},
		{"beyond int64", "99999999999999999999999", time.Minute, 429, -1, longest},
		// What names no wait leaves the client's own, which is up to 1ns here.
		{"negative", "-5", time.Minute, 429, time.Nanosecond, 0},
		{"zero", "0", time.Minute, 429, time.Nanosecond, 0},
		{"garbage", "soon", time.Minute, 429, time.Nanosecond, 0},
		{"past date", "Fri, 31 Dec 1999 23:59:59 GMT", time.Minute, 429, time.Nanosecond, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				if tt.value == "DATE" {
					tt.value = time.Now().Add(20 * time.Second).UTC().Format(http.TimeFormat)
				}
				m := &memoryTransport{f: func(n int, r *http.Request) (*http.Response, error) {
					if n == 1 {
						return answer(tt.status, "", "Retry-After", tt.value), nil
					}
					return answer(200, "{}"), nil
				}}
				ctx := t.Context()
				if tt.deadline > 0 {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, tt.deadline)
					defer cancel()
				}
				start := time.Now()
				_, err := newClient(t, memoryOptions(t, m)).Do(ctx, compile(t, Endpoint{Method: "GET", Path: "/hosts"}), nil, nil)
				took := time.Since(start)
				if tt.wantWait >= 0 {
					if jitter := tt.wantWait == time.Nanosecond; err != nil || took > tt.wantWait || took < tt.wantWait && !jitter {
						t.Errorf("Do() = %v after %v, want nil after %v", err, took, tt.wantWait)
					}
					return
				}
				kind := ErrThrottled
				if tt.status == 503 {
					kind = ErrUnavailable
				}
				e, _ := errors.AsType[*Error](err)
				if e == nil || e.Kind != kind || e.RetryAfter != tt.wantAfter || took != 0 {
					t.Errorf("Do() = %#v after %v, want %v at once with %v", err, took, kind, tt.wantAfter)
				}
			})
		})
	}
}

// TestPause holds that waits are spread from zero to a bound that doubles.
func TestPause(t *testing.T) {
	lo, hi := 200*time.Millisecond, 5*time.Second
	for attempts, top := range []time.Duration{lo, 400 * time.Millisecond, 800 * time.Millisecond, 1600 * time.Millisecond, 3200 * time.Millisecond, hi, hi, hi} {
		least, most := hi, time.Duration(0)
		for range 1000 {
			d := pause(lo, hi, attempts, 0)
			least, most = min(least, d), max(most, d)
		}
		if least < 0 || least > top/20 || most > top || most < top-top/20 {
			t.Errorf("pause(%d) = %v to %v, want all from 0 to %v", attempts, least, most, top)
		}
	}
	if got := pause(lo, 1<<62, 100, 0); got < 0 {
		t.Errorf("pause overflows to %v", got)
	}
}

type roundTripFunc func(*http.Request) (*http.Response, error)

func (f roundTripFunc) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
