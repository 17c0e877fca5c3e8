package legacyclient

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// one is what a caller in the tests of shared calls got, and when.
type one struct {
	reply Reply
	err   error
	at    time.Duration
	trace Trace
}

// ask makes the call beside the test, and returns where the result will be.
func ask(ctx context.Context, c *Client, ep *Endpoint, id string) *one {
	o := new(one)
	start := time.Now()
	go func() {
		o.reply, o.err = c.Do(WithTrace(ctx, &o.trace), ep, Vars{"id": id}, nil)
		o.at = time.Since(start)
	}()
	synctest.Wait()
	return o
}

// pass lets time pass, and waits for what then happens.
func pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// slowly answers after a second with the number of the call.
func slowly(n int, r *http.Request) (*http.Response, error) {
	select {
	case <-time.After(time.Second):
		return answer(200, `{"n":`+strconv.Itoa(n)+`}`), nil
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
}

// TestShared holds that GETs which are the same are made once while one runs,
// and what makes them different.
func TestShared(t *testing.T) {
	a := compile(t, Endpoint{Method: "GET", Path: "/hosts/{id}"})
	b := compile(t, Endpoint{Method: "GET", Path: "/hosts/{id}", Headers: []Param{{"X-Other", "1"}}})
	tests := []struct {
		name      string
		ep        *Endpoint
		id, token string
		calls     int64
	}{
		{"the same", a, "7", "x", 1},
		{"another id", a, "8", "x", 2},
		{"an id that is escaped", a, "7/", "x", 2},
		{"another endpoint", b, "7", "x", 2},
		{"another credential", a, "7", "y", 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := &memoryTransport{f: slowly}
				o := memoryOptions(t, m)
				o.Authorize, o.Passthrough = nil, true
				c := newClient(t, o)
				then := WithCredential(t.Context(), tt.token)
				first := ask(WithCredential(t.Context(), "x"), c, a, "7")
				time.Sleep(500 * time.Millisecond)
				second := ask(then, c, tt.ep, tt.id)
				pass(2 * time.Second)
				if got := m.calls.Load(); got != tt.calls {
					t.Errorf("%d calls, want %d", got, tt.calls)
				}
				for i, r := range []*one{first, second} {
					want := 1
					if i == 1 {
						want = int(tt.calls)
					}
					if r.err != nil || string(r.reply.Body) != fmt.Sprintf(`{"n":%d}`, want) || r.reply.Attempts != 1 {
						t.Errorf("caller %d: %+v, %v, want the answer of call %d", i, r.reply, r.err, want)
					}
				}
				if got := first.trace.Attempts() + second.trace.Attempts(); got != int(tt.calls) {
					t.Errorf("the traces count %d calls, want %d, as many as there were", got, tt.calls)
				}
				ask(then, c, tt.ep, tt.id)
				if m.calls.Load() != tt.calls+1 {
					t.Error("a call after the shared one is not made anew")
				}
				pass(2 * time.Second)
			})
		})
	}
}

// TestSharedNever holds that writes are never shared.
func TestSharedNever(t *testing.T) {
	for _, method := range []string{"POST", "PUT", "PATCH", "DELETE"} {
		synctest.Test(t, func(t *testing.T) {
			m := &memoryTransport{f: slowly}
			c := newClient(t, memoryOptions(t, m))
			ep := compile(t, Endpoint{Method: method, Path: "/hosts/{id}", Idempotent: true})
			ask(t.Context(), c, ep, "7")
			ask(t.Context(), c, ep, "7")
			pass(2 * time.Second)
			if got := m.calls.Load(); got != 2 {
				t.Errorf("%s: %d calls, want 2", method, got)
			}
		})
	}
}

// TestSharedFresh holds that a read which decides about a write neither joins
// another nor is joined.
func TestSharedFresh(t *testing.T) {
	for _, fresh := range [][2]bool{{false, true}, {true, false}, {true, true}} {
		synctest.Test(t, func(t *testing.T) {
			m := &memoryTransport{f: slowly}
			c := newClient(t, memoryOptions(t, m))
			ep := compile(t, Endpoint{Method: "GET", Path: "/hosts/{id}"})
			for _, f := range fresh {
				ctx := t.Context()
				if f {
					ctx = Fresh(ctx)
				}
				ask(ctx, c, ep, "7")
			}
			pass(2 * time.Second)
			if got := m.calls.Load(); got != 2 {
				t.Errorf("fresh %v: %d calls, want 2", fresh, got)
			}
		})
	}
}

// TestSharedCancel holds that who goes away does so at once and fails nobody
// else: where it was who made the call, one of those who wait makes it anew.
func TestSharedCancel(t *testing.T) {
	tests := []struct {
		name  string
		leave []int // callers 0 to 2, in this order, from 200ms on
		calls int64 // at most
	}{
		{"nobody", nil, 1},
		{"who made it", []int{0}, 2},
		{"who joined", []int{1}, 1},
		{"all but the last", []int{0, 1}, 3},
		{"all", []int{0, 1, 2}, 3},
		{"all, who made it last", []int{2, 1, 0}, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var running atomic.Int64
				m := &memoryTransport{f: func(n int, r *http.Request) (*http.Response, error) {
					running.Add(1)
					defer running.Add(-1)
					return slowly(n, r)
				}}
				c := newClient(t, memoryOptions(t, m))
				ep := compile(t, Endpoint{Method: "GET", Path: "/hosts/{id}"})
				var callers [3]*one
				var cancel [3]context.CancelFunc
				for i := range callers {
					var ctx context.Context
					ctx, cancel[i] = context.WithCancel(t.Context())
					defer cancel[i]()
					callers[i] = ask(ctx, c, ep, "7")
				}
				left := make(map[int]time.Duration)
				for n, i := range tt.leave {
					left[i] = time.Duration(n+2) * 100 * time.Millisecond
					time.AfterFunc(left[i], cancel[i])
				}
				pass(450 * time.Millisecond)
				if got := running.Load(); (got == 0) != (len(left) == len(callers)) || got > 1 {
					t.Errorf("%d calls run when %d of %d have gone", got, len(left), len(callers))
				}
				pass(3 * time.Second)
				if got := m.calls.Load(); got > tt.calls {
					t.Errorf("%d calls, want %d at most", got, tt.calls)
				}
				for i, o := range callers {
					at, gone := left[i]
					switch {
					case gone && (!errors.Is(o.err, ErrCanceled) || o.at != at):
						t.Errorf("caller %d, who left: %v after %v, want ErrCanceled after %v", i, o.err, o.at, at)
					case !gone && (o.err != nil || o.at > 1300*time.Millisecond):
						t.Errorf("caller %d: %v after %v, want the answer", i, o.err, o.at)
					}
				}
				if got := len(c.flights.running); got != 0 {
					t.Errorf("%d flights are left", got)
				}
			})
		})
	}
}

// TestSharedAndWritten holds that who reads after a write never gets what was
// read before it ended.
func TestSharedAndWritten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var state atomic.Int64
		c := newClient(t, memoryOptions(t, roundTripFunc(func(r *http.Request) (*http.Response, error) {
			if r.Method == "PUT" {
				time.Sleep(200 * time.Millisecond)
				state.Add(1)
				return answer(502, ""), nil // done, though it does not say so
			}
			seen := state.Load() // at the beginning of a slow answer
			time.Sleep(time.Second)
			return answer(200, strconv.FormatInt(seen, 10)), nil
		})))
		c.maxAttempts = 1
		read := compile(t, Endpoint{Method: "GET", Path: "/hosts/{id}"})
		before := ask(t.Context(), c, read, "7")
		if _, err := c.Do(t.Context(), compile(t, Endpoint{Method: "PUT", Path: "/hosts/{id}"}), Vars{"id": "7"}, nil); err == nil {
			t.Fatal("PUT did not fail")
		}
		after := ask(t.Context(), c, read, "7")
		joined := ask(t.Context(), c, read, "7")
		pass(3 * time.Second)
		for i, o := range []*one{before, after, joined} {
			if want := []string{"0", "1", "1"}[i]; string(o.reply.Body) != want {
				t.Errorf("reader %d got %s, %v, want %s", i, o.reply.Body, o.err, want)
			}
		}
	})
}

// TestSharedDeadline holds that the deadline of who made the call is not that of
// who joined it.
func TestSharedDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &memoryTransport{f: slowly}
		c := newClient(t, memoryOptions(t, m))
		ep := compile(t, Endpoint{Method: "GET", Path: "/hosts/{id}"})
		within := func(d time.Duration) context.Context {
			ctx, cancel := context.WithTimeout(t.Context(), d)
			t.Cleanup(cancel)
			return ctx
		}
		first := ask(within(500*time.Millisecond), c, ep, "7")
		shorter := ask(within(300*time.Millisecond), c, ep, "7")
		longer := ask(within(10*time.Second), c, ep, "7")
		pass(5 * time.Second)
		if !errors.Is(first.err, ErrTimeout) || first.at != 500*time.Millisecond {
			t.Errorf("first: %v after %v, want its deadline", first.err, first.at)
		}
		if !errors.Is(shorter.err, ErrTimeout) || shorter.at != 300*time.Millisecond {
			t.Errorf("shorter: %v after %v, want its deadline", shorter.err, shorter.at)
		}
		if longer.err != nil || longer.at != 1500*time.Millisecond || longer.trace.Attempts() != 1 {
			t.Errorf("longer: %v after %v, want a call of its own", longer.err, longer.at)
		}
	})
}

// TestSharedFailure holds that a failure of the API is shared as it is, that
// every caller has an error of its own, and that a panic fails nobody else.
func TestSharedFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &memoryTransport{f: func(n int, r *http.Request) (*http.Response, error) {
			time.Sleep(time.Second)
			return answer(400, `{"errors":[{"code":"x","message":"m"}]}`), nil
		}}
		c := newClient(t, memoryOptions(t, m))
		ep := compile(t, Endpoint{Method: "GET", Path: "/hosts/{id}"})
		first, second := ask(t.Context(), c, ep, "7"), ask(t.Context(), c, ep, "7")
		pass(2 * time.Second)
		a, _ := errors.AsType[*Error](first.err)
		b, _ := errors.AsType[*Error](second.err)
		if a == nil || b == nil || a == b || b.Kind != ErrInvalid || b.Attempts != 1 || len(b.Faults) != 1 || m.calls.Load() != 1 {
			t.Fatalf("errors = %#v, %#v, want the same of one call", first.err, second.err)
		}
		a.Faults[0].Message = "changed"
		if b.Faults[0].Message != "m" {
			t.Error("what one caller does to its error is seen by the other")
		}
	})
	synctest.Test(t, func(t *testing.T) {
		c := newClient(t, memoryOptions(t, &memoryTransport{f: func(n int, r *http.Request) (*http.Response, error) {
			time.Sleep(time.Second)
			if n == 1 {
				panic("broken")
			}
			return answer(200, "{}"), nil
		}}))
		ep := compile(t, Endpoint{Method: "GET", Path: "/hosts/{id}"})
		paniced := make(chan any)
		go func() {
			defer func() { paniced <- recover() }()
			_, _ = c.Do(t.Context(), ep, Vars{"id": "7"}, nil)
		}()
		synctest.Wait()
		second := ask(t.Context(), c, ep, "7")
		if got := <-paniced; got != "broken" {
			t.Errorf("panic = %v, want that of the transport", got)
		}
		pass(2 * time.Second)
		if second.err != nil || string(second.reply.Body) != "{}" {
			t.Errorf("who joined: %v, want a call of its own", second.err)
		}
		if s := c.Stats(); s.InFlight != 0 {
			t.Errorf("Stats() = %+v, want none in flight after a panic", s)
		}
	})
}

// TestSharedPages holds that lists are shared page by page, and that what one
// reader drops of a page is there for the other.
func TestSharedPages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &memoryTransport{f: func(_ int, r *http.Request) (*http.Response, error) {
			time.Sleep(time.Second)
			page, _ := strconv.Atoi(r.URL.Query().Get("page"))
			var list []string
			for i := range 3 {
				if page <= 4 {
					list = append(list, fmt.Sprintf(`{"id":%d}`, (page-1)*3+i))
				}
			}
			return answer(200, `{"hosts":[`+strings.Join(list, ",")+`],"total":12}`), nil
		}}
		c := newClient(t, memoryOptions(t, m))
		ep := compile(t, Endpoint{Method: "GET", Path: "/hosts", Items: "hosts", Total: "total", Paging: Paging{Style: PagingPage, Limit: 3}})
		var wg sync.WaitGroup
		for reader := range 36 {
			wg.Go(func() { readAll(t, c, ep, reader%3) })
		}
		wg.Wait()
		if got := m.calls.Load(); got != 4 {
			t.Errorf("%d calls, want 4: each page once", got)
		}
	})
}

// readAll reads a list of 12 from offset on.
func readAll(t *testing.T, c *Client, ep *Endpoint, offset int) {
	want := offset
	for p, err := range c.Pages(t.Context(), ep, nil, offset) {
		if err != nil || p.Offset != want || p.Total != 12 {
			t.Errorf("Pages(%d): page at %d of %d, %v, want one at %d", offset, p.Offset, p.Total, err, want)
			return
		}
		for _, r := range p.Records {
			if string(r) != fmt.Sprintf(`{"id":%d}`, want) {
				t.Errorf("Pages(%d): record %s, want %d", offset, r, want)
			}
			want++
		}
	}
	if want != 12 {
		t.Errorf("Pages(%d) ended before %d, want 12", offset, want)
	}
}
