package adapter_test

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"hostscim/legacyclient/legacytest"
)

// manyCalls are requests that take several legacy calls each. The body of the
// legacy API has 250 hosts, group 1 with the hosts 1 to 5 and group 2.
var manyCalls = []struct{ name, method, path, body string }{
	{"add many", "PATCH", "/Groups/1", patch(member("add", count(1, 250)...))},
	{"remove some", "PATCH", "/Groups/1", patch(member("remove", 1, 2, 3))},
	{"add and remove", "PATCH", "/Groups/1", patch(member("remove", 1, 2), member("add", count(10, 150)...))},
	{"rename and members", "PATCH", "/Groups/1", patch(`{"op":"replace","path":"displayName","value":"Renamed"}`, member("add", count(6, 120)...), member("remove", 1))},
	{"replace the members", "PATCH", "/Groups/1", patch(member("replace", count(4, 130)...))},
	{"remove all", "PATCH", "/Groups/1", patch(`{"op":"remove","path":"members"}`)},
	{"put", "PUT", "/Groups/1", `{"displayName":"Renamed","members":[{"value":"7"},{"value":"8"}]}`},
	{"bulk", "POST", "/Bulk", `{"Operations":[` +
		`{"method":"PATCH","path":"/Groups/1","data":` + patch(member("add", 9), member("remove", 1)) + `},` +
		`{"method":"PATCH","path":"/Users/2","data":` + patch(`{"op":"replace","path":"active","value":false}`) + `},` +
		`{"method":"PATCH","path":"/Groups/2","data":` + patch(`{"op":"replace","path":"displayName","value":"Renamed"}`, member("add", 2)) + `}]}`},
	{"create", "POST", "/Groups", `{"displayName":"New","members":` + memberValues(230) + `}`},
}

func manyHosts(t *testing.T, faults ...legacytest.Fault) *fixture {
	t.Helper()
	f := start(t, setup{
		edits:  []string{"max_attempts: 4", "max_attempts: 1"},
		legacy: []legacytest.Option{legacytest.WithHosts(250)},
	})
	f.api.AddGroup(group("Reception"), 1, 2, 3, 4, 5)
	f.api.AddGroup(group("Security"))
	f.api.ResetCalls()
	f.api.Inject(faults...)
	return f
}

// kept returns what the legacy API holds of groups, by name, and who is visible.
func (f *fixture) kept() string {
	var b strings.Builder
	for _, g := range f.api.Groups() {
		fmt.Fprintln(&b, g.Name, f.api.Members(g.ID))
	}
	for _, h := range f.api.Hosts() {
		if !h.Visible {
			fmt.Fprint(&b, h.ID, " ")
		}
	}
	return b.String()
}

var bulkFailure = regexp.MustCompile(`"status":"(5..)"`)

// TestRepeatConverges breaks each call of each request, before and after it is
// executed: the request says so, and repeated it comes to what it would have
// come to at once.
func TestRepeatConverges(t *testing.T) {
	for _, op := range manyCalls {
		t.Run(op.name, func(t *testing.T) {
			f := manyHosts(t)
			if a := f.call(op.method, op.path, op.body); a.status >= 300 || bulkFailure.MatchString(a.body) {
				t.Fatalf("%s %s = %d %s", op.method, op.path, a.status, a.body)
			}
			want, calls := f.kept(), f.api.TotalCalls()
			if calls < 2 {
				t.Fatalf("the request takes %d calls, and is not what is tested here", calls)
			}
			for n := 1; n <= calls; n++ {
				for _, committed := range []bool{false, true} {
					f := manyHosts(t, legacytest.Fault{Kind: legacytest.Error, Nth: n, Committed: committed})
					a := f.call(op.method, op.path, op.body)
					if failed := a.status == 503 || a.status == 200 && bulkFailure.MatchString(a.body); !failed {
						t.Errorf("call %d broken, executed %v: %s %s = %d %.300s, want a failure", n, committed, op.method, op.path, a.status, a.body)
					}
					f.api.ClearFaults()
					a = f.call(op.method, op.path, op.body)
					if taken := a.status == 409 && n == 1 && committed; taken {
						continue // nobody knows of the group but its name: the client looks for it and goes on from there
					}
					if got := f.kept(); a.status >= 300 || bulkFailure.MatchString(a.body) || got != want {
						t.Errorf("call %d broken, executed %v, then repeated: %d %.300s, and there is\n%.300s\nwant\n%.300s", n, committed, a.status, a.body, got, want)
					}
				}
			}
		})
	}
}

// TestSuccessThatIsNone: a call of several that says success and holds errors
// has failed, and so has the request.
func TestSuccessThatIsNone(t *testing.T) {
	for _, route := range []string{"POST /host_groups/{id}/hosts", "DELETE /host_groups/{id}/hosts/{host_id}", "PATCH /host_groups/{id}"} {
		f := manyHosts(t, legacytest.Fault{Kind: legacytest.FalseSuccess, Route: route})
		f.wantError(503, "", "PATCH", "/Groups/1", patch(`{"op":"replace","path":"displayName","value":"Renamed"}`, member("add", 6), member("remove", 1)))
	}
	f := manyHosts(t, legacytest.Fault{Kind: legacytest.FalseSuccess, Route: "DELETE *"})
	f.wantError(503, "", "DELETE", "/Groups/1", "")
	f.wantError(503, "", "DELETE", "/Users/1", "")
}

// TestClientLeavesHalfway: once the first write of a request was sent, the
// others follow, though the client is gone.
func TestClientLeavesHalfway(t *testing.T) {
	for _, op := range manyCalls {
		t.Run(op.name, func(t *testing.T) {
			whole := manyHosts(t)
			whole.call(op.method, op.path, op.body)
			want := whole.kept()

			var f *fixture
			var gone context.Context
			writes, left := 0, make(chan struct{})
			f = start(t, setup{
				wrap: func(_ http.Handler, r *http.Request) *http.Request { gone = r.Context(); return r },
				before: func(w http.ResponseWriter, r *http.Request) bool {
					if r.Method == http.MethodGet {
						return false
					}
					if writes++; writes == 1 {
						close(left)
						<-gone.Done()
					}
					return false
				},
				legacy: []legacytest.Option{legacytest.WithHosts(250)},
			})
			f.api.AddGroup(group("Reception"), 1, 2, 3, 4, 5)
			f.api.AddGroup(group("Security"))
			ctx, leave := context.WithCancel(t.Context())
			go func() { <-left; leave() }()
			req, err := http.NewRequestWithContext(ctx, op.method, f.url+base+op.path, strings.NewReader(op.body))
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Authorization", "Bearer "+clientToken)
			if resp, err := http.DefaultTransport.RoundTrip(req); err == nil {
				resp.Body.Close()
				t.Fatalf("the client got an answer: %d", resp.StatusCode)
			}
			f.busy.Wait()
			if got := f.kept(); got != want {
				t.Errorf("after the client left there is\n%swant\n%s", got, want)
			}
		})
	}
}
