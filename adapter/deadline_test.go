package adapter_test

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"hostscim/legacyclient/legacytest"
)

// TestBudget is law 10: no retry, no wait and no Retry-After goes beyond
// request_timeout.
func TestBudget(t *testing.T) {
	for _, test := range []struct {
		name, budget   string
		legacy         http.HandlerFunc
		edits          []string
		status         int
		atLeast, below time.Duration
	}{
		{name: "the API hangs", budget: "150ms", legacy: hang, status: 504, atLeast: 150 * time.Millisecond, below: 5 * time.Second},
		{name: "each attempt times out", budget: "150ms", legacy: hang, edits: []string{"  timeout: 10s", "  timeout: 30ms", "max_attempts: 4", "max_attempts: 100"}, status: 504, below: 5 * time.Second},
		{name: "a Retry-After that does not fit", budget: "10s", legacy: respond(429, "", "Retry-After", "30"), status: 429, below: 5 * time.Second},
		{name: "waits that do not fit", budget: "10s", legacy: respond(500, ""), edits: []string{"min_wait: 1ms, max_wait: 2ms", "min_wait: 9000h, max_wait: 9000h"}, status: 503, below: 5 * time.Second},
		{name: "attempts without end", budget: "150ms", legacy: respond(500, ""), edits: []string{"max_attempts: 4", "max_attempts: 100000"}, status: 504, below: 5 * time.Second},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			f := start(t, setup{before: always(test.legacy), edits: append([]string{"request_timeout: 25s", "request_timeout: " + test.budget}, test.edits...)})
			for _, op := range []struct{ method, path, body string }{
				{"GET", "/Users/1", ""},
				{"GET", "/Users?filter=userName+eq+%22x%22", ""},
				{"POST", "/Users", noa},
				{"PATCH", "/Groups/1", patch(member("add", 1, 2))},
			} {
				begin := time.Now()
				a := f.call(op.method, op.path, op.body)
				took := time.Since(begin)
				// The end of the budget may find the last answer there already.
				if status := test.status; status == 504 && a.status == 503 && test.name == "attempts without end" {
					a.checkError(t, 503, "")
				} else {
					a.checkError(t, status, "")
				}
				if took < test.atLeast || took > test.below {
					t.Errorf("%s %s took %v, want at least %v and less than %v", op.method, op.path, took, test.atLeast, test.below)
				}
			}
		})
	}
}

// TestOwnLimit: a queue at the adapter's own rate limit is no outage, and is
// not waited in beyond the budget.
func TestOwnLimit(t *testing.T) {
	f := start(t, setup{
		legacy: []legacytest.Option{legacytest.WithHosts(1)},
		edits:  []string{"request_timeout: 25s", "request_timeout: 5s", "per_second: 100000, burst: 100000", "per_second: 0.1, burst: 1"},
	})
	f.want(200, "GET", "/Users/1", "")
	a := f.wantError(429, "", "GET", "/Users/1", "")
	if got := a.header.Get("Retry-After"); got != "10" {
		t.Errorf("Retry-After = %q, want 10", got)
	}
	if got := f.lastLog()["legacy_calls"]; got != 0.0 {
		t.Errorf("legacy_calls = %v, want 0", got)
	}
}

// witness sees both ends of one request: what the client's going away does to
// the public side, and what that does to the legacy call.
type witness struct {
	once    sync.Once
	public  context.Context // of the request as the server sees it
	arrived chan struct{}   // closed when the legacy call is there
	done    chan error      // how the legacy call ended
}

// TestClientGoesAway: a read stops, a write that has begun goes on to its end.
func TestClientGoesAway(t *testing.T) {
	for _, op := range []struct{ method, path, body string }{
		{"GET", "/Users/1", ""},
		{"GET", "/Users?filter=userName+eq+%22noa%22", ""},
		{"POST", "/Users/.search", search("filter", `"userName eq \"noa\""`)},
		{"PATCH", "/Users/1", patch(`{"op":"replace","path":"active","value":false}`)},
		{"POST", "/Users", strings.Replace(noa, "noa@", "new@", 1)},
		{"DELETE", "/Users/1", ""},
	} {
		t.Run(op.method+" "+op.path, func(t *testing.T) {
			reads := op.method == "GET" || strings.HasSuffix(op.path, ".search")
			w := &witness{arrived: make(chan struct{}), done: make(chan error, 1)}
			var f *fixture
			f = start(t, setup{
				wrap: func(_ http.Handler, r *http.Request) *http.Request { w.public = r.Context(); return r },
				before: func(rw http.ResponseWriter, r *http.Request) bool {
					first := false
					w.once.Do(func() { first = true })
					if !first {
						return false
					}
					var body strings.Builder
					buf := make([]byte, 4096)
					n, _ := r.Body.Read(buf) // the whole of it, small as it is
					body.Write(buf[:n])
					r.Body = http.NoBody
					if n > 0 {
						r.Body = readCloser{strings.NewReader(body.String())}
					}
					close(w.arrived)
					<-w.public.Done()
					if reads {
						<-r.Context().Done()
						w.done <- r.Context().Err()
						return true
					}
					f.api.ServeHTTP(rw, r)
					w.done <- r.Context().Err()
					return true
				},
			})
			f.api.AddHost(host("noa"))
			ctx, cancel := context.WithCancel(t.Context())
			go func() {
				<-w.arrived
				cancel()
			}()
			req, err := http.NewRequestWithContext(ctx, op.method, f.url+base+op.path, strings.NewReader(op.body))
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Authorization", "Bearer "+clientToken)
			if resp, err := http.DefaultTransport.RoundTrip(req); err == nil {
				resp.Body.Close()
				t.Fatalf("the client got an answer: %d", resp.StatusCode)
			}
			select {
			case <-w.done:
			case <-time.After(10 * time.Second):
				t.Fatal("the legacy call did not end")
			}
			last := f.lastLog()
			if reads {
				if last["status"] != 503.0 || last["legacy_calls"] != 1.0 {
					t.Errorf("log line %v, want one call that was given up", last)
				}
				return
			}
			if status, _ := last["status"].(float64); status < 200 || status > 299 {
				t.Errorf("log line %v, want a write that went on to its end", last)
			}
			hosts := f.api.Hosts()
			if changed := len(hosts) != 1 || !hosts[0].Visible; !changed {
				t.Errorf("hosts %v, want the write made", hosts)
			}
		})
	}
}

type readCloser struct{ *strings.Reader }

func (readCloser) Close() error { return nil }
