package adapter_test

import (
	"net/http"
	"strings"
	"testing"

	"hostscim/legacyclient/legacytest"
)

// passing makes the shipped profile one that passes the client's token on.
var passing = []string{
	"\nauth:\n", "\n",
	"  bearer:\n    - {name: entra, token: \"${HOSTSCIM_TOKEN}\"}\n", "",
	`auth: {bearer: "${LEGACY_TOKEN}"}`, "auth: {passthrough: true}",
}

// TestPassthrough holds that the legacy API judges the token of the client, and
// that nothing is sent without one.
func TestPassthrough(t *testing.T) {
	f := start(t, setup{edits: passing, legacy: []legacytest.Option{legacytest.WithHosts(1)}})
	for _, test := range []struct {
		name, header string
		status       int
		calls        int
	}{
		{"a token of the legacy API", "Bearer " + legacyToken, 200, 1},
		{"in lower case", "bearer " + legacyToken, 200, 1},
		{"another token", "Bearer " + clientToken, 401, 1},
		{"none", "", 401, 0},
		{"an empty one", "Bearer ", 401, 0},
		{"basic", "Basic dXNlcjpwYXNz", 401, 0},
		{"no token", "Bearer " + legacyToken + " " + legacyToken, 401, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			f.T = t
			a := f.call("GET", "/Users/1", "", "Authorization", test.header)
			if got := len(f.calls()); a.status != test.status || got != test.calls {
				t.Errorf("%q = %d %s with %d calls, want %d with %d", test.header, a.status, a.body, got, test.status, test.calls)
			}
			if test.status == 401 {
				a.checkError(t, 401, "", "bearer token")
				if got := a.header.Get("WWW-Authenticate"); !strings.HasPrefix(got, "Bearer") {
					t.Errorf("WWW-Authenticate = %q, want the scheme Bearer", got)
				}
			}
			if got := f.lastLog()["token"]; test.calls > 0 && got != "passthrough" {
				t.Errorf("token of the log line = %v, want passthrough", got)
			}
			f.checkLogs()
		})
	}
}

// TestPassthroughApart holds that what one caller found serves no other: the
// other one's filter is answered by what the API shows to it, and not by trying
// the id that was found.
func TestPassthroughApart(t *testing.T) {
	f := start(t, setup{edits: passing, before: func(w http.ResponseWriter, r *http.Request) bool {
		if r.Header.Get("Authorization") == "Bearer "+legacyToken {
			return false // who may see all
		}
		if r.URL.Path == legacytest.Prefix+"/hosts" {
			respond(200, `{"hosts":[],"pagination":{"total_records":0}}`)(w, r)
		} else {
			respond(403, "")(w, r)
		}
		return true
	}})
	f.api.AddHost(host("noa"))
	path := "/Users?filter=userName+eq+%22noa@example.com%22"
	for range 2 {
		a := f.want(200, "GET", path, "", "Authorization", "Bearer "+legacyToken)
		if got := a.ids(t); len(got) != 1 {
			t.Errorf("who may see the host finds %q, want it", got)
		}
		a = f.want(200, "GET", path, "", "Authorization", "Bearer somebody-else")
		if got := a.ids(t); len(got) != 0 {
			t.Errorf("who may not see the host finds %q, want nothing", got)
		}
	}
	a := f.call("GET", "/Users/1", "", "Authorization", "Bearer somebody-else")
	a.checkError(t, 403, "", "does not allow this", "GET /hosts/{id}")
}

// TestPassthroughLately holds the same for what was written a moment ago, which
// the index of the API does not have yet.
func TestPassthroughLately(t *testing.T) {
	f := start(t, setup{
		edits: append([]string{"returns: superset}", "returns: superset, lag: 1h}"}, passing...),
		before: func(w http.ResponseWriter, r *http.Request) bool {
			switch {
			case r.Method == "GET" && r.URL.Path == legacytest.Prefix+"/hosts":
				respond(200, `{"hosts":[],"pagination":{"total_records":0}}`)(w, r) // the index is behind
			case r.Header.Get("Authorization") != "Bearer "+legacyToken:
				respond(403, "")(w, r)
			default:
				return false
			}
			return true
		},
	})
	f.want(201, "POST", "/Users", noa, "Authorization", "Bearer "+legacyToken)
	path := "/Users?filter=userName+eq+%22noa@example.com%22"
	for token, want := range map[string]int{legacyToken: 1, "somebody-else": 0} {
		a := f.want(200, "GET", path, "", "Authorization", "Bearer "+token)
		if got := a.ids(t); len(got) != want {
			t.Errorf("found %q, want %d", got, want)
		}
	}
}
