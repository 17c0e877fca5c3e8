package adapter_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"hostscim/adapter"
	"hostscim/configs"
)

// metrics returns the lines of the project's own metrics, as a scrape sees
// them.
func (f *fixture) metrics() []string {
	w := httptest.NewRecorder()
	f.server.Admin().ServeHTTP(w, httptest.NewRequestWithContext(f.Context(), "GET", "/metrics", nil))
	var lines []string
	for line := range strings.SplitSeq(w.Body.String(), "\n") {
		if strings.HasPrefix(line, "hostscim_") {
			lines = append(lines, line)
		}
	}
	if w.Code != 200 {
		f.Errorf("GET /metrics = %d %s", w.Code, w.Body)
	}
	return lines
}

// TestIgnoredIsCounted: what has no row is counted by its name whatever the
// policy, and what is refused is not.
func TestIgnoredIsCounted(t *testing.T) {
	f := start(t, setup{edits: []string{"    attributes:\n      # SCIM path", "    unmapped: {nickName: ignore, title: reject}\n    attributes:\n      # SCIM path"}})
	f.want(201, "POST", "/Users", strings.Replace(noa, `{"schemas"`, `{"nickName":"n","externalId":"e","schemas"`, 1))
	for range 2 {
		f.want(200, "PATCH", "/Users/1", patch(`{"op":"add","path":"nickName","value":"n"}`, `{"op":"add","path":"addresses[type eq \"work\"].locality","value":"l"}`))
	}
	f.want(400, "PATCH", "/Users/1", patch(`{"op":"add","path":"title","value":"t"}`))
	f.want(201, "POST", "/Groups", `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"externalId":"g","displayName":"G"}`)
	got := f.metrics()
	for _, want := range []string{
		`hostscim_ignored_attributes_total{attribute="externalId",resource="Group",tenant="default"} 1`,
		`hostscim_ignored_attributes_total{attribute="externalId",resource="User",tenant="default"} 1`,
		`hostscim_ignored_attributes_total{attribute="nickName",resource="User",tenant="default"} 3`,
	} {
		if !slices.Contains(got, want) {
			t.Errorf("metrics =\n%s\nwant %s", strings.Join(got, "\n"), want)
		}
	}
	if all := strings.Join(got, "\n"); !strings.Contains(all, "addresses") || strings.Contains(all, "title") || !strings.Contains(all, `version="test"} 1`) {
		t.Errorf("metrics =\n%s\nwant addresses and the version in it, and no title", all)
	}
	for _, l := range f.logs() {
		if l["attribute"] == "nickName" {
			t.Errorf("log line %v, want none of what the table says to ignore", l)
		}
	}
}

// TestMetricsAreApart: two servers of one process count each for itself.
func TestMetricsAreApart(t *testing.T) {
	one, two := start(t, setup{}), start(t, setup{profile: string(configs.SignInEnterprise)})
	one.want(201, "POST", "/Groups", `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"externalId":"g","displayName":"G"}`)
	ignored := func(f *fixture) bool {
		return slices.ContainsFunc(f.metrics(), func(line string) bool { return strings.HasPrefix(line, "hostscim_ignored_attributes_total") })
	}
	if a, b := ignored(one), ignored(two); !a || b {
		t.Errorf("the servers have the counter: %t and %t, want it in the first alone", a, b)
	}
}

// TestIgnoredNamesAreBounded: names come from clients.
func TestIgnoredNamesAreBounded(t *testing.T) {
	var names adapter.IgnoredNames
	for i := range 1000 {
		for round := range 2 {
			want := fmt.Sprint("name", i)
			if name, log := names.Count(want); name != want || log != (round == 0) {
				t.Fatalf("count %d of %s = %s, logged %v; want the name, logged once", round, want, name, log)
			}
		}
	}
	if name, log := names.Count("one too many"); name != "(others)" || log {
		t.Errorf("count = %s, logged %v; want (others), not logged", name, log)
	}
	if name, _ := names.Count("name7"); name != "name7" {
		t.Errorf("count of a known name = %s", name)
	}
}

// TestMetrics plays requests, and holds what is counted of them.
func TestMetrics(t *testing.T) {
	down := false
	f := start(t, setup{edits: []string{"rate_limit: {per_second: 100000, burst: 100000}", "rate_limit: {per_second: 100000, burst: 100000}\n  breaker: {failures: 100}"},
		before: func(w http.ResponseWriter, r *http.Request) bool {
			if down {
				respond(503, "")(w, r)
			}
			return down
		}})
	f.api.AddHost(host("noa"))
	f.server.SetReady(true)
	for range 2 {
		f.want(200, "GET", "/Users?filter=userName+eq+%22noa@example.com%22", "") // the second is remembered
	}
	f.want(200, "PATCH", "/Users/1", patch(`{"op":"replace","path":"active","value":false}`))
	f.want(404, "GET", "/Users/7", "")
	f.want(404, "GET", "/Userz", "")
	f.want(401, "GET", "/Users/1", "", "Authorization", "Bearer another")
	down = true
	f.want(503, "GET", "/Users/1", "")
	admin(t, f.server.Admin(), "POST", "/pause?requests=writes")
	f.want(503, "DELETE", "/Users/1", "")
	f.busy.Wait()
	got := f.metrics()
	for _, want := range []string{
		`hostscim_requests_total{operation="GET /Users",status="200",tenant="default"} 2`,
		`hostscim_requests_total{operation="PATCH /Users/:id",status="200",tenant="default"} 1`,
		`hostscim_requests_total{operation="GET /Users/:id",status="404",tenant="default"} 1`,
		`hostscim_requests_total{operation="GET /Users/:id",status="503",tenant="default"} 1`,
		`hostscim_requests_total{operation="none",status="404",tenant="default"} 1`,
		`hostscim_requests_total{operation="none",status="401",tenant=""} 1`,
		`hostscim_requests_total{operation="none",status="503",tenant="default"} 1`,
		`hostscim_request_duration_seconds_count{operation="GET /Users/:id"} 2`,
		`hostscim_request_legacy_calls_bucket{operation="PATCH /Users/:id",le="0"} 0`,
		`hostscim_request_legacy_calls_bucket{operation="PATCH /Users/:id",le="1"} 1`,
		`hostscim_request_legacy_calls_sum{operation="GET /Users/:id"} 5`,
		`hostscim_auth_failures_total{reason="unknown"} 1`,
		`hostscim_legacy_attempts_total{operation="PATCH /hosts/{id}",outcome="200",tenant="default"} 1`,
		`hostscim_legacy_attempts_total{operation="GET /hosts/{id}",outcome="404",tenant="default"} 1`,
		`hostscim_legacy_attempts_total{operation="GET /hosts/{id}",outcome="503",tenant="default"} 4`,
		`hostscim_legacy_attempt_duration_seconds_count{operation="PATCH /hosts/{id}",tenant="default"} 1`,
		`hostscim_legacy_wait_seconds_count{tenant="default"} 8`,
		`hostscim_legacy_retries_total{tenant="default"} 3`,
		`hostscim_legacy_backoff_seconds_count{tenant="default"} 3`,
		`hostscim_legacy_rate_limit{tenant="default"} 100000`,
		`hostscim_legacy_rate_limit_learned{tenant="default"} 0`,
		`hostscim_legacy_in_flight{tenant="default"} 0`,
		`hostscim_legacy_queued{tenant="default"} 0`,
		`hostscim_legacy_breaker{state="closed",tenant="default"} 1`,
		`hostscim_id_cache_lookups_total{result="hit",tenant="default"} 1`,
		`hostscim_id_cache_lookups_total{result="miss",tenant="default"} 1`,
		`hostscim_id_cache_entries{tenant="default"} 1`,
		`hostscim_paused{requests="writes",tenant="default"} 1`,
		`hostscim_ready 1`,
	} {
		if !slices.Contains(got, want) {
			name, _, _ := strings.Cut(want, "{")
			var near []string
			for _, line := range got {
				if strings.HasPrefix(line, name) {
					near = append(near, line)
				}
			}
			t.Errorf("no %s among\n%s", want, strings.Join(near, "\n"))
		}
	}
}
