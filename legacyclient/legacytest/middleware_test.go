package legacytest_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"hostscim/legacyclient/legacytest"
)

// serve makes a call without a socket.
func serve(h http.Handler, method, path, body string, header ...string) answer {
	return serveContext(context.Background(), h, method, path, body, header...)
}

func serveContext(ctx context.Context, h http.Handler, method, path, body string, header ...string) answer {
	w := httptest.NewRecorder()
	r := httptest.NewRequestWithContext(ctx, method, legacytest.Prefix+path, strings.NewReader(body))
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	h.ServeHTTP(w, r)
	return answer{w.Code, w.Header(), w.Body.String()}
}

func TestToken(t *testing.T) {
	c := start(t, legacytest.WithToken("s3cret"))
	for authorization, want := range map[string]int{
		"": 401, "Bearer": 401, "Bearer wrong": 401, "Bearer s3cre": 401, "Basic s3cret": 401, "s3cret": 401,
		"Bearer s3cret": 200, "bearer s3cret": 200,
	} {
		a := c.call("GET", "/hosts", "", "Authorization", authorization)
		if a.status != want {
			t.Errorf("Authorization %q = %d, want %d", authorization, a.status, want)
		}
		if want == 401 && (a.errors(t) != "global/null/unauthorized" || a.header.Get("WWW-Authenticate") != "Bearer") {
			t.Errorf("Authorization %q answers %s %v", authorization, a.body, a.header)
		}
	}
	if got := c.Calls()["GET /hosts"]; got != 8 {
		t.Errorf("calls counted = %d, want 8 with the refused ones", got)
	}
	if a := c.call("GET", "/hosts", "", "Authorization", "Bearer x"); a.status != 401 {
		t.Errorf("token must be asked for every time, got %d", a.status)
	}
	start(t).want("GET", "/hosts", "", 200, "")
}

func TestRateLimit(t *testing.T) {
	for _, tt := range []struct {
		perSecond float64
		burst     int
		retry     string
		wait      time.Duration
	}{
		{10, 3, "1", 100 * time.Millisecond},
		{1, 2, "1", time.Second},
		{0.4, 1, "3", 2500 * time.Millisecond},
		{3, 0, "1", time.Second / 3},
	} {
		t.Run(fmt.Sprintf("%v a second, burst %d", tt.perSecond, tt.burst), func(t *testing.T) {
			clock := newClock()
			c := start(t, legacytest.WithRateLimit(tt.perSecond, tt.burst), legacytest.WithClock(clock.Now))
			clock.Advance(time.Hour) // does not fill the bucket beyond its burst
			for range max(tt.burst, 1) {
				c.want("GET", "/hosts", "", 200, "")
			}
			for range 2 {
				a := c.want("GET", "/hosts", "", 429, "global/null/rate_limited")
				if got := a.header.Get("Retry-After"); got != tt.retry {
					t.Errorf("Retry-After = %q, want %q", got, tt.retry)
				}
			}
			clock.Advance(tt.wait - time.Millisecond)
			c.want("GET", "/hosts", "", 429, "global/null/rate_limited")
			clock.Advance(2 * time.Millisecond)
			c.want("GET", "/hosts", "", 200, "")
			c.want("GET", "/hosts", "", 429, "global/null/rate_limited")
			if got, want := c.Calls()["GET /hosts"], max(tt.burst, 1)+5; got != want {
				t.Errorf("calls counted = %d, want %d with the refused ones", got, want)
			}
		})
	}
}

func TestIdempotencyKey(t *testing.T) {
	const key = "0123456789"
	clock := newClock()
	c := start(t, legacytest.WithHosts(2), legacytest.WithClock(clock.Now))
	post := func(key, path, body string) answer { return c.call("POST", path, body, "Idempotency-Key", key) }
	group := func(n int) string { return fmt.Sprintf(`{"name":"g%d"}`, n) }

	first := post(key, "/host_groups", group(1))
	clock.Advance(23 * time.Hour)
	for range 2 {
		// The body of a replay is not looked at.
		if got := post(key, "/host_groups", group(2)); got.status != 201 || got.body != first.body ||
			got.header.Get("Content-Type") != first.header.Get("Content-Type") {
			t.Errorf("replay = %d %s, want %s", got.status, got.body, first.body)
		}
	}
	if n := len(c.Groups()); n != 1 {
		t.Fatalf("%d groups after replays, want 1", n)
	}
	// The key belongs to method and path.
	if got := post(key, "/hosts", ada); got.status != 201 {
		t.Errorf("same key on another path = %d %s, want 201", got.status, got.body)
	}
	if got := post(key, "/host_groups/1/hosts", `{"host_ids":[1]}`); got.status != 204 {
		t.Errorf("same key on the members = %d %s, want 204", got.status, got.body)
	}
	c.call("DELETE", "/host_groups/1/hosts/1", "")
	if got := post(key, "/host_groups/1/hosts", `{"host_ids":[1]}`); got.status != 204 || len(c.Members(1)) != 0 {
		t.Errorf("replay of 204 = %d with members %v, want 204 and nothing done", got.status, c.Members(1))
	}
	if got := c.call("PATCH", "/host_groups/1", group(7), "Idempotency-Key", key); got.status != 200 {
		t.Errorf("PATCH with the key = %d, want 200", got.status)
	}
	if got := c.call("PATCH", "/host_groups/1", group(8), "Idempotency-Key", key); !strings.Contains(got.body, "g8") {
		t.Errorf("second PATCH with the key = %s, want it executed", got.body)
	}
	// Refusals are answers too.
	refused := post("another-key", "/host_groups", `{}`)
	if got := post("another-key", "/host_groups", group(3)); got.status != 400 || got.body != refused.body {
		t.Errorf("replay of a refusal = %d %s, want %s", got.status, got.body, refused.body)
	}
	// 24 hours after its answer the key is forgotten.
	clock.Advance(time.Hour)
	if got := post(key, "/host_groups", group(4)); got.status != 201 || got.body == first.body {
		t.Errorf("a key of yesterday = %d %s, want a new group", got.status, got.body)
	}
}

// TestKeysAreBounded: of very many keys the latest are known.
func TestKeysAreBounded(t *testing.T) {
	const kept = 32_768
	h := legacytest.NewHandler()
	post := func(n int) int {
		return serve(h, "POST", "/host_groups", "{}", "Idempotency-Key", fmt.Sprintf("key-%06d", n)).status
	}
	for n := range kept + 100 {
		post(n)
	}
	h.AddGroup(legacytest.Group{Name: "g"})
	again := func(n int) string {
		return serve(h, "POST", "/host_groups", `{"name":"G"}`, "Idempotency-Key", fmt.Sprintf("key-%06d", n)).errors(t)
	}
	if got := again(kept + 99); got != "host_group/name/blank" {
		t.Errorf("the latest key: %s, want the first answer again", got)
	}
	if got := again(200); got != "host_group/name/blank" {
		t.Errorf("a key within the bound: %s, want the first answer again", got)
	}
	if got := again(50); got != "host_group/name/taken" {
		t.Errorf("a key beyond the bound: %s, want it executed", got)
	}
}

func TestShortKeyIsIgnored(t *testing.T) {
	c := start(t)
	for key, want := range map[string]int{"012345678": 2, "": 2, "ééééééééé": 2, "0123456789": 1, "éééééééééé": 1} {
		c.ResetCalls()
		before := len(c.Hosts())
		for i := range 2 {
			body := strings.Replace(ada, "Tav@", fmt.Sprintf("%d-%s@", i, key), 1)
			c.call("POST", "/hosts", body, "Idempotency-Key", key)
		}
		if got := len(c.Hosts()) - before; got != want {
			t.Errorf("two POSTs with key %q created %d hosts, want %d", key, got, want)
		}
	}
}

func TestKeyInFlight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := legacytest.NewHandler(legacytest.WithLatency(time.Second))
		post := func(ctx context.Context) answer {
			return serveContext(ctx, h, "POST", "/hosts", ada, "Idempotency-Key", "0123456789")
		}
		// A call whose client goes away before the work leaves no trace.
		gone, cancel := context.WithCancel(t.Context())
		left := make(chan answer, 1)
		go func() { left <- post(gone) }()
		synctest.Wait()
		cancel()
		if a := <-left; len(h.Hosts()) != 0 || a.body != "" {
			t.Errorf("an abandoned call answered %d %q and left %d hosts, want nothing", a.status, a.body, len(h.Hosts()))
		}

		first := make(chan answer, 1)
		go func() { first <- post(t.Context()) }()
		synctest.Wait()
		if a := post(t.Context()); a.status != 409 || a.errors(t) != "global/null/in_progress" {
			t.Errorf("while the first is in flight = %d %s, want 409", a.status, a.body)
		}
		begin := time.Now()
		want := <-first
		if got := time.Since(begin); got != time.Second || want.status != 201 {
			t.Errorf("first = %d after %v, want 201 after 1s", want.status, got)
		}
		if a := post(t.Context()); a.status != 201 || a.body != want.body || len(h.Hosts()) != 1 {
			t.Errorf("replay = %d %s, want %s", a.status, a.body, want.body)
		}
	})
}

func TestPathsAndMethods(t *testing.T) {
	c := start(t, legacytest.WithHosts(1))
	for _, tt := range []struct {
		method, path string
		status       int
		errs, allow  string
	}{
		{"GET", "/nope", 404, "global/null/not_found", ""},
		{"GET", "/hosts/", 404, "global/null/not_found", ""},
		{"GET", "//hosts", 404, "global/null/not_found", ""},
		{"GET", "/hosts/../hosts", 404, "global/null/not_found", ""},
		{"POST", "/hosts/1/x", 404, "global/null/not_found", ""},
		{"GET", "/../../other", 404, "global/null/not_found", ""},
		{"DELETE", "/hosts", 405, "global/null/method_not_allowed", "GET, HEAD, POST"},
		{"POST", "/hosts/1", 405, "global/null/method_not_allowed", "DELETE, GET, HEAD, PATCH, PUT"},
		{"PUT", "/host_groups/1", 405, "global/null/method_not_allowed", "DELETE, GET, HEAD, PATCH"},
		{"GET", "/host_groups/1/hosts/1", 405, "global/null/method_not_allowed", "DELETE"},
		{"POST", "/batches/1", 405, "global/null/method_not_allowed", "GET, HEAD"},
	} {
		a := c.want(tt.method, tt.path, "", tt.status, tt.errs)
		if got := a.header.Get("Allow"); got != tt.allow {
			t.Errorf("%s %s has Allow %q, want %q", tt.method, tt.path, got, tt.allow)
		}
	}
	if a := c.call("HEAD", "/hosts/1", ""); a.status != 200 || a.body != "" {
		t.Errorf("HEAD = %d %q, want 200 and no body", a.status, a.body)
	}
}

func TestCalls(t *testing.T) {
	c := start(t, legacytest.WithHosts(1))
	c.call("GET", "/hosts?query=a%20b&limit=1", "")
	c.call("PATCH", "/hosts/1", `{"company":"C"}`, "Idempotency-Key", "k")
	c.call("GET", "/hosts/77", "")
	c.call("PUT", "/hosts", "{}")
	c.call("GET", "/no%2Fpe", "")
	want := []legacytest.Call{
		{Method: "GET", Path: "/hosts", Query: "query=a%20b&limit=1", Status: 200},
		{Method: "PATCH", Path: "/hosts/1", Body: []byte(`{"company":"C"}`), Status: 200, Key: "k"},
		{Method: "GET", Path: "/hosts/77", Status: 404},
		{Method: "PUT", Path: "/hosts", Body: []byte("{}"), Status: 405},
		{Method: "GET", Path: "/no%2Fpe", Status: 404},
	}
	if got := c.Log(); !reflect.DeepEqual(got, want) {
		t.Errorf("Log() = %+v, want %+v", got, want)
	}
	if got := want[0].String(); got != "GET /hosts?query=a%20b&limit=1" {
		t.Errorf("String() = %q", got)
	}
	if got := c.TakeCalls(); !reflect.DeepEqual(got, want) || len(c.Log()) != 0 {
		t.Errorf("TakeCalls() = %+v, then %d left, want %+v and none", got, len(c.Log()), want)
	}
	counts := map[string]int{"GET /hosts": 1, "PATCH /hosts/{id}": 1, "GET /hosts/{id}": 1, "PUT /hosts": 1, "other": 1}
	if got := c.Calls(); !reflect.DeepEqual(got, counts) || c.TotalCalls() != 5 {
		t.Errorf("Calls() = %v, %d in all, want %v, 5", got, c.TotalCalls(), counts)
	}
	c.Calls()["GET /hosts"] = 9 // the caller's own map
	if got := c.Calls()["GET /hosts"]; got != 1 {
		t.Errorf("Calls() gave out its own map")
	}
	if got, statuses := c.Answers(), map[int]int{200: 2, 404: 2, 405: 1}; !reflect.DeepEqual(got, statuses) {
		t.Errorf("Answers() = %v, want %v", got, statuses)
	}
	c.call("GET", "/hosts", "")
	c.ResetCalls()
	if len(c.Calls())+len(c.Answers())+c.TotalCalls()+len(c.Log()) != 0 {
		t.Errorf("after ResetCalls: %v, %d, %v", c.Calls(), c.TotalCalls(), c.Log())
	}
}

func TestLogIsBounded(t *testing.T) {
	h := legacytest.NewHandler()
	for i := range 5000 {
		serve(h, "GET", fmt.Sprintf("/hosts/%d", i), "")
	}
	serve(h, "POST", "/hosts", strings.Repeat("x", 100_000))
	log := h.Log()
	if len(log) != 4096 || log[0].Path != "/hosts/905" || log[4094].Path != "/hosts/4999" || len(log[4095].Body) != 16<<10 {
		t.Errorf("log has %d calls from %v to %v, last body %d bytes", len(log), log[0], log[4094], len(log[4095].Body))
	}
	if h.TotalCalls() != 5001 {
		t.Errorf("TotalCalls() = %d, want 5001", h.TotalCalls())
	}
}

// TestConnectionIsKept makes calls that answer without looking at their body, and one
// connection must do for all of them.
func TestConnectionIsKept(t *testing.T) {
	c := start(t, legacytest.WithHosts(100), legacytest.WithToken("t"))
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	dialed := 0
	ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{
		GotConn: func(i httptrace.GotConnInfo) {
			if !i.Reused {
				dialed++
			}
		},
	})
	for _, tt := range []struct {
		method, path, token string
		size                int
	}{
		{"GET", "/hosts?limit=100", "t", 0},
		{"POST", "/hosts", "t", 3 << 20},
		{"POST", "/nope", "wrong", 900_000},
		{"DELETE", "/hosts/1", "t", 900_000},
		{"GET", "/hosts/2", "t", 0},
	} {
		req, err := http.NewRequestWithContext(ctx, tt.method, c.URL+tt.path, strings.NewReader(strings.Repeat("x", tt.size)))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+tt.token)
		resp, err := transport.RoundTrip(req)
		if err != nil {
			t.Fatalf("%s %s: %v", tt.method, tt.path, err)
		}
		var sink strings.Builder
		_ = resp.Write(&sink)
		resp.Body.Close()
	}
	if dialed != 1 {
		t.Errorf("%d connections for sequential calls, want 1", dialed)
	}
}

func TestCloseTwice(t *testing.T) {
	s := legacytest.NewServer()
	s.Close()
	s.Close()
	req, _ := http.NewRequestWithContext(t.Context(), "GET", s.URL+"/hosts", nil)
	if resp, err := http.DefaultClient.Do(req); err == nil {
		resp.Body.Close()
		t.Error("a closed server still answers")
	}
}
