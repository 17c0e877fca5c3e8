package legacytest_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"hostscim/legacyclient/legacytest"
)

// fresh makes one call on a connection of its own, so that nothing is repeated
// by the transport.
func (c *client) fresh(method, path, body string) (answer, error) {
	c.t.Helper()
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	var r io.Reader
	if body != "" {
		r = strings.NewReader(body)
	}
	req, err := http.NewRequestWithContext(c.t.Context(), method, c.URL+path, r)
	if err != nil {
		c.t.Fatal(err)
	}
	resp, err := transport.RoundTrip(req)
	if err != nil {
		return answer{}, err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	return answer{resp.StatusCode, resp.Header, string(b)}, err
}

// TestFaults holds what a client sees of each fault of a create, and whether
// the host is there afterwards.
func TestFaults(t *testing.T) {
	for _, tt := range []struct {
		name   string
		fault  legacytest.Fault
		broken bool // no whole answer
		status int
		body   string // part of it
		header []string
		hosts  int
	}{
		{"refused", legacytest.Fault{Kind: legacytest.Refuse}, true, 0, "", nil, 0},
		{"reset before", legacytest.Fault{Kind: legacytest.Reset}, true, 0, "", nil, 0},
		{"reset after", legacytest.Fault{Kind: legacytest.Reset, Committed: true}, true, 0, "", nil, 1},
		{"hanging for a while", legacytest.Fault{Kind: legacytest.Hang, Delay: time.Millisecond}, true, 0, "", nil, 0},
		{"hanging after", legacytest.Fault{Kind: legacytest.Hang, Delay: time.Millisecond, Committed: true}, true, 0, "", nil, 1},
		{"500", legacytest.Fault{Kind: legacytest.Error}, false, 500, `"code":"injected"`, nil, 0},
		{"503 with a wait", legacytest.Fault{Kind: legacytest.Error, Status: 503, RetryAfter: "7"}, false, 503, `"injected"`, []string{"Retry-After", "7"}, 0},
		{"504 of work that is done", legacytest.Fault{Kind: legacytest.Error, Status: 504, Committed: true}, false, 504, `"injected"`, nil, 1},
		{"throttled", legacytest.Fault{Kind: legacytest.Throttle}, false, 429, `"injected"`, []string{"Retry-After", ""}, 0},
		{"throttled until a date", legacytest.Fault{Kind: legacytest.Throttle, RetryAfter: "+90s"}, false, 429, "", []string{"Retry-After", "Thu, 29 Feb 2024 12:01:30 GMT"}, 0},
		{"throttled until the past", legacytest.Fault{Kind: legacytest.Throttle, RetryAfter: "-1h"}, false, 429, "", []string{"Retry-After", "Thu, 29 Feb 2024 11:00:00 GMT"}, 0},
		{"throttled absurdly", legacytest.Fault{Kind: legacytest.Throttle, RetryAfter: "-99999999999999999999"}, false, 429, "", []string{"Retry-After", "-99999999999999999999"}, 0},
		{"a page", legacytest.Fault{Kind: legacytest.HTML}, false, 502, "<html>", []string{"Content-Type", "text/html; charset=utf-8"}, 0},
		{"a page that says 200", legacytest.Fault{Kind: legacytest.HTML, Status: 200, Committed: true}, false, 200, "<html>", nil, 1},
		{"a false success", legacytest.Fault{Kind: legacytest.FalseSuccess}, false, 200, `{"errors":[`, nil, 0},
		{"slow", legacytest.Fault{Kind: legacytest.Slow, Delay: time.Millisecond}, false, 201, `"id":1,`, nil, 1},
		{"a trickle", legacytest.Fault{Kind: legacytest.Trickle, Delay: time.Microsecond}, false, 201, `"id":1,`, nil, 1},
		{"truncated", legacytest.Fault{Kind: legacytest.Truncate}, true, 201, `{"id":1,`, nil, 1},
		{"the wrong type", legacytest.Fault{Kind: legacytest.Mistype}, false, 201, `"id":1,`, []string{"Content-Type", "text/html; charset=utf-8"}, 1},
		{"headers", legacytest.Fault{Kind: legacytest.Headers, Header: map[string]string{"RateLimit": `"d";r=0;t=30`}}, false, 201, `"id":1,`, []string{"RateLimit", `"d";r=0;t=30`}, 1},
		{"headers of an error", legacytest.Fault{Kind: legacytest.Throttle, Header: map[string]string{"X-RateLimit-Reset": "9"}}, false, 429, "", []string{"X-RateLimit-Reset", "9"}, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := start(t, legacytest.WithClock(newClock().Now), legacytest.WithFaults(tt.fault))
			a, err := c.fresh("POST", "/hosts", ada)
			if broken := err != nil; broken != tt.broken || a.status != tt.status || !strings.Contains(a.body, tt.body) {
				t.Errorf("POST /hosts = %d %s, %v, want %d %s, broken %v", a.status, a.body, err, tt.status, tt.body, tt.broken)
			}
			if tt.header != nil && a.header.Get(tt.header[0]) != tt.header[1] {
				t.Errorf("%s = %q, want %q", tt.header[0], a.header.Get(tt.header[0]), tt.header[1])
			}
			if n := len(c.Hosts()); n != tt.hosts {
				t.Errorf("%d hosts afterwards, want %d", n, tt.hosts)
			}
			if log := c.Log(); tt.fault.Kind != legacytest.Refuse && (len(log) != 1 || log[0].Status != tt.status) {
				t.Errorf("Log() = %v, want one call with status %d", log, tt.status)
			}
			c.ClearFaults()
			c.want("GET", "/hosts", "", 200, "")
		})
	}
}

// TestResetIsOne: what a fault breaks off is a connection that breaks, not one
// that ends in good order.
func TestResetIsOne(t *testing.T) {
	c := start(t, legacytest.WithFaults(legacytest.Fault{Kind: legacytest.Reset}))
	if _, err := c.fresh("GET", "/hosts", ""); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("GET under a reset = %v, want %v", err, syscall.ECONNRESET)
	}
}

func TestCut(t *testing.T) {
	c := start(t, legacytest.WithHosts(1))
	whole := c.call("GET", "/hosts/1", "").body
	c.Inject(legacytest.Fault{Kind: legacytest.Cut})
	if a := c.want("GET", "/hosts/1", "", 200, ""); a.body != whole[:len(whole)/2] {
		t.Errorf("GET under a cut = %q, want the first half of %q", a.body, whole)
	}
	c.want("DELETE", "/hosts/1", "", 204, "") // has no body to cut
	c.ClearFaults()
	c.Inject(legacytest.Fault{Kind: legacytest.Truncate})
	c.AddHost(legacytest.Host{Username: "u"})
	if _, err := c.fresh("DELETE", "/hosts/2", ""); err == nil || len(c.Hosts()) != 0 {
		t.Errorf("DELETE truncated = %v with %d hosts left, want no answer and none", err, len(c.Hosts()))
	}
}

// TestRefuseCountsConnections: one that is kept alive would go round the fault.
func TestRefuseCountsConnections(t *testing.T) {
	c := start(t, legacytest.WithHosts(1), legacytest.WithFaults(legacytest.Fault{Kind: legacytest.Refuse, Every: 2}))
	for i := range 4 {
		if _, err := c.fresh("GET", "/hosts", ""); (err != nil) != (i%2 == 1) {
			t.Errorf("connection %d = %v, want every second refused", i+1, err)
		}
	}
	if a, err := c.fresh("GET", "/hosts/1", ""); err != nil || a.status != 200 {
		t.Fatalf("GET = %d, %v", a.status, err)
	}
	if n := c.TotalCalls(); n != 3 {
		t.Errorf("%d calls, want the 3 that came through", n)
	}
}

func TestWhichCalls(t *testing.T) {
	for _, tt := range []struct {
		name  string
		fault legacytest.Fault
		want  string // of GET /hosts/1, GET /hosts/1, POST /hosts, GET /hosts, GET /host_groups/1/hosts, and again
	}{
		{"all", legacytest.Fault{}, "xxxxx xxxxx"},
		{"a route", legacytest.Fault{Route: "GET /hosts/{id}"}, "xx... xx..."},
		{"a method", legacytest.Fault{Route: "GET *"}, "xx.xx xx.xx"},
		{"a path", legacytest.Fault{Route: "* /hosts"}, "..xx. ..xx."},
		{"paths", legacytest.Fault{Route: "* /hosts*"}, "xxxx. xxxx."},
		{"the third", legacytest.Fault{Route: "GET *", Nth: 3}, "...x. ....."},
		{"every third", legacytest.Fault{Every: 3}, "..x.. x..x."},
		{"at most three", legacytest.Fault{Route: "GET *", Count: 3}, "xx.x. ....."},
		{"every second, once", legacytest.Fault{Every: 2, Count: 1}, ".x... ....."},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.fault.Kind = legacytest.Error
			h := legacytest.NewHandler(legacytest.WithHosts(1), legacytest.WithFaults(tt.fault))
			h.AddGroup(legacytest.Group{Name: "g"})
			var got strings.Builder
			for round := range 2 {
				if round > 0 {
					got.WriteByte(' ')
				}
				for _, call := range [][2]string{{"GET", "/hosts/1"}, {"GET", "/hosts/1"}, {"POST", "/hosts"}, {"GET", "/hosts"}, {"GET", "/host_groups/1/hosts"}} {
					mark := byte('.')
					if serve(h, call[0], call[1], "{}").status == 500 {
						mark = 'x'
					}
					got.WriteByte(mark)
				}
			}
			if got.String() != tt.want {
				t.Errorf("faulty calls %s, want %s", &got, tt.want)
			}
			if s := h.Faults(); len(s) != 1 || s[0].Applied != strings.Count(tt.want, "x") {
				t.Errorf("Faults() = %+v, want %d applied", s, strings.Count(tt.want, "x"))
			}
		})
	}
}

// TestFirstFaultDecides: the others count the call all the same.
func TestFirstFaultDecides(t *testing.T) {
	h := legacytest.NewHandler(legacytest.WithFaults(
		legacytest.Fault{Kind: legacytest.Error, Status: 502, Nth: 2},
		legacytest.Fault{Kind: legacytest.Error, Status: 503, Every: 2},
	))
	var got []int
	for range 4 {
		got = append(got, serve(h, "GET", "/hosts", "").status)
	}
	if want := []int{200, 502, 200, 503}; !slices.Equal(got, want) {
		t.Errorf("statuses %v, want %v", got, want)
	}
}

// TestProbability: the seed decides, and for each fault alone.
func TestProbability(t *testing.T) {
	run := func(seed uint64, others int) string {
		h := legacytest.NewHandler(legacytest.WithSeed(seed), legacytest.WithFaults(legacytest.Fault{Kind: legacytest.Error, Route: "GET /hosts", Probability: 0.3}))
		h.Inject(legacytest.Fault{Kind: legacytest.Error, Route: "GET /host_groups", Probability: 0.5})
		var got strings.Builder
		for range 200 {
			for range others {
				serve(h, "GET", "/host_groups", "")
			}
			mark := byte('.')
			if serve(h, "GET", "/hosts", "").status == 500 {
				mark = 'x'
			}
			got.WriteByte(mark)
		}
		return got.String()
	}
	one := run(1, 0)
	if one != run(1, 2) || one == run(2, 0) {
		t.Error("the seed and the number of the call do not decide alone")
	}
	if n := strings.Count(one, "x"); n < 30 || n > 90 {
		t.Errorf("%d of 200 calls at a probability of 0.3 are faulty", n)
	}
}

// TestHangEnds: with its client, after its time, or when the faults are cleared.
func TestHangEnds(t *testing.T) {
	for _, tt := range []struct {
		name  string
		delay time.Duration
		end   func(h *legacytest.Handler, leave func())
		took  time.Duration
	}{
		{"its client goes away", 0, func(_ *legacytest.Handler, leave func()) { leave() }, 0},
		{"the faults are cleared", time.Hour, func(h *legacytest.Handler, _ func()) { h.ClearFaults() }, 0},
		{"its time is over", time.Hour, func(*legacytest.Handler, func()) {}, time.Hour},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := legacytest.NewHandler(legacytest.WithFaults(legacytest.Fault{Kind: legacytest.Hang, Delay: tt.delay, Committed: true}))
				ctx, leave := context.WithCancel(t.Context())
				defer leave()
				begin, broken := time.Now(), make(chan any, 1)
				go func() {
					defer func() { broken <- recover() }()
					serveContext(ctx, h, "POST", "/hosts", ada)
				}()
				synctest.Wait()
				if len(broken) != 0 || len(h.Hosts()) != 1 {
					t.Fatalf("a call that hangs has ended, or not done its work: %d hosts", len(h.Hosts()))
				}
				tt.end(h, leave)
				if got := <-broken; got != http.ErrAbortHandler || time.Since(begin) != tt.took {
					t.Errorf("the call ended with %v after %v, want a broken connection after %v", got, time.Since(begin), tt.took)
				}
			})
		})
	}
}

// TestSlowWorkIsDone although its client went away, and Settle waits for it.
func TestSlowWorkIsDone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := legacytest.NewHandler(legacytest.WithLatency(time.Second), legacytest.WithFaults(legacytest.Fault{Kind: legacytest.Slow, Delay: time.Minute}))
		begin := time.Now()
		ctx, leave := context.WithCancel(t.Context())
		go serveContext(ctx, h, "POST", "/hosts", ada)
		synctest.Wait()
		leave()
		h.Settle()
		if took := time.Since(begin); took != time.Minute+time.Second || len(h.Hosts()) != 1 {
			t.Errorf("settled after %v with %d hosts, want one after a minute and the latency", took, len(h.Hosts()))
		}
	})
}

func TestShift(t *testing.T) {
	c := start(t, legacytest.WithHosts(9))
	for _, tt := range []struct {
		shift  int
		query  string
		want   []int64
		total  int
		member bool
	}{
		{1, "?limit=3", []int64{1, 2, 3}, 9, false},
		{1, "?limit=3&offset=3", []int64{5, 6, 7}, 8, false},
		{1, "?limit=3&offset=6", []int64{8, 9}, 8, false},
		{-1, "?limit=3&offset=3", []int64{3, 4, 5}, 10, false},
		{-4, "?limit=3&offset=3", []int64{1, 2, 3}, 13, false},
		{2, "?limit=3&offset=3", []int64{6, 7, 8}, 7, true},
	} {
		c.ClearFaults()
		path := "/hosts"
		if tt.member {
			c.AddGroup(legacytest.Group{Name: "g"}, 1, 2, 3, 4, 5, 6, 7, 8, 9)
			path = "/host_groups/1/hosts"
		}
		c.Inject(legacytest.Fault{Kind: legacytest.Shift, Shift: tt.shift})
		got := into[list](t, c.want("GET", path+tt.query, "", 200, ""))
		if ids := idsOf(got.Hosts); !slices.Equal(ids, tt.want) || got.Pagination.Total != tt.total {
			t.Errorf("shift %d: GET %s%s = %v of %d, want %v of %d", tt.shift, path, tt.query, ids, got.Pagination.Total, tt.want, tt.total)
		}
	}
}

// TestStaleByCalls: the index is so many calls behind, and shows what it had.
func TestStaleByCalls(t *testing.T) {
	c := start(t)
	c.Inject(legacytest.Fault{Kind: legacytest.Stale, Calls: 2})
	find := func(path, query string) string { return c.want("GET", path+"?query="+query, "", 200, "").body }
	has := func(what, body, part string, want bool) {
		t.Helper()
		if strings.Contains(body, part) != want {
			t.Errorf("%s: the search answers %s, want %s in it: %v", what, body, part, want)
		}
	}
	c.call("POST", "/hosts", ada)
	has("one call after a create", find("/hosts", "tav"), `"id":1,`, false)
	has("two calls after", find("/hosts", "tav"), `"id":1,`, false)
	has("three calls after", find("/hosts", "tav"), `"id":1,`, true)

	c.call("PATCH", "/hosts/1", `{"first_name":"Nev"}`)
	has("the old name", find("/hosts", "tav"), `"first_name":"Tav"`, true)
	has("the new name", find("/hosts", "nev"), `"id":1,`, false)
	has("the new name later", find("/hosts", "nev"), `"first_name":"Nev"`, true)

	c.call("DELETE", "/hosts/1", "")
	has("deleted", find("/hosts", "nev"), `"id":1,`, true)
	has("a list is no search", c.call("GET", "/hosts", "").body, `"id":1,`, false)
	has("deleted for long", find("/hosts", "nev"), `"id":1,`, false)

	c.call("POST", "/host_groups", `{"name":"Old"}`)
	c.call("GET", "/host_groups", "")
	c.call("GET", "/host_groups", "")
	c.call("PATCH", "/host_groups/1", `{"name":"New"}`)
	has("a renamed group", find("/host_groups", "old"), `"name":"Old"`, true)
	has("a renamed group", find("/host_groups", "new"), `"id":1,`, false)
	has("a renamed group later", find("/host_groups", "new"), `"name":"New"`, true)
}

func TestStaleByTime(t *testing.T) {
	clock := newClock()
	h := legacytest.NewHandler(legacytest.WithClock(clock.Now), legacytest.WithFaults(legacytest.Fault{Kind: legacytest.Stale, Delay: 5 * time.Second}))
	serve(h, "POST", "/hosts", ada)
	for _, tt := range []struct {
		after time.Duration
		want  int
	}{{0, 0}, {4999 * time.Millisecond, 0}, {time.Millisecond, 1}} {
		clock.Advance(tt.after)
		if got := into[list](t, serve(h, "GET", "/hosts?query=tav", "")); len(got.Hosts) != tt.want {
			t.Errorf("after %v more: %d hosts found, want %d", tt.after, len(got.Hosts), tt.want)
		}
	}
}

// TestCommittedUnderKey: work whose answer is lost is not done again.
func TestCommittedUnderKey(t *testing.T) {
	c := start(t, legacytest.WithFaults(legacytest.Fault{Kind: legacytest.Error, Committed: true, Count: 2}))
	for _, want := range []int{500, 500, 201} {
		if a := c.call("POST", "/hosts", ada, "Idempotency-Key", "0123456789"); a.status != want {
			t.Errorf("POST = %d, want %d", a.status, want)
		}
	}
	if n := len(c.Hosts()); n != 1 {
		t.Errorf("%d hosts, want 1", n)
	}
}

func TestSenselessFaults(t *testing.T) {
	for _, tt := range []struct {
		fault legacytest.Fault
		want  string
	}{
		{legacytest.Fault{}, `kind "" is unknown`},
		{legacytest.Fault{Kind: "nope"}, `kind "nope" is unknown`},
		{legacytest.Fault{Kind: legacytest.Reset, Route: "/hosts"}, "route must be a method and a path"},
		{legacytest.Fault{Kind: legacytest.Reset, Route: "GET hosts"}, "route must be a method and a path"},
		{legacytest.Fault{Kind: legacytest.Refuse, Route: "GET *"}, "has no route"},
		{legacytest.Fault{Kind: legacytest.Reset, Nth: 1, Every: 2}, "exclude each other"},
		{legacytest.Fault{Kind: legacytest.Reset, Count: -1}, "below zero"},
		{legacytest.Fault{Kind: legacytest.Reset, Probability: 1.1}, "between 0 and 1"},
		{legacytest.Fault{Kind: legacytest.Reset, Status: 500}, "takes no status"},
		{legacytest.Fault{Kind: legacytest.Error, Status: 99}, "between 200 and 599"},
		{legacytest.Fault{Kind: legacytest.Trickle, Committed: true}, "takes no committed"},
		{legacytest.Fault{Kind: legacytest.Reset, Delay: 1}, "takes no such delay"},
		{legacytest.Fault{Kind: legacytest.Reset, RetryAfter: "1"}, "takes no retry_after"},
		{legacytest.Fault{Kind: legacytest.Shift}, "shift belongs to"},
		{legacytest.Fault{Kind: legacytest.Reset, Shift: 1}, "shift belongs to"},
		{legacytest.Fault{Kind: legacytest.Stale}, "needs calls or a delay"},
		{legacytest.Fault{Kind: legacytest.Reset, Calls: 1}, "takes no such calls"},
	} {
		func() {
			defer func() {
				if got, _ := recover().(string); !strings.Contains(got, tt.want) {
					t.Errorf("Inject(%+v) panics with %q, want %q", tt.fault, got, tt.want)
				}
			}()
			legacytest.NewHandler().Inject(tt.fault)
		}()
	}
}
