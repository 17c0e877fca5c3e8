package adapter_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
)

// behind makes a call of the legacy API that the adapter knows nothing of.
func (f *fixture) behind(method, path, body string) {
	f.Helper()
	r := httptest.NewRequestWithContext(f.Context(), method, "/api/v3"+path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+legacyToken)
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	if f.api.ServeHTTP(w, r); w.Code > 299 {
		f.Fatalf("%s %s = %d %s", method, path, w.Code, w.Body)
	}
	f.api.TakeCalls()
}

// wantFound looks for users by a filter, and checks their ids and what the
// look cost.
func (f *fixture) wantFound(filter, ids string, calls ...string) {
	f.Helper()
	a := f.want(200, "GET", "/Users?filter="+url.QueryEscape(filter), "")
	if got := strings.Join(a.ids(f.T), " "); got != ids {
		f.Errorf("filter %s finds %q, want %q", filter, got, ids)
	}
	f.wantCalls(calls...)
}

func TestCache(t *testing.T) {
	const search, one = "GET /hosts", "GET /hosts/1"
	byName := `userName eq "noa@example.com"`
	t.Run("a hit costs one read", func(t *testing.T) {
		f := seeded(t, setup{})
		f.wantFound(byName, "1", search)
		f.wantFound(byName, "1", one)
		f.wantFound(`USERNAME EQ "NOA@EXAMPLE.COM"`, "1", one)
		f.wantFound(byName+` and active eq true`, "1", one)
	})
	t.Run("a created user is known", func(t *testing.T) {
		f := start(t, setup{})
		f.want(201, "POST", "/Users", noa)
		f.wantCalls("POST /hosts")
		f.wantFound(byName, "1", one)
	})
	t.Run("renamed through us", func(t *testing.T) {
		f := seeded(t, setup{})
		f.wantFound(byName, "1", search)
		f.want(200, "PATCH", "/Users/1", patch(`{"op":"replace","path":"userName","value":"new@example.com"}`))
		f.wantCalls("PATCH /hosts/1")
		f.wantFound(`userName eq "new@example.com"`, "1", one)
		f.wantFound(byName, "", one, search)
		f.wantFound(byName, "", search)
	})
	t.Run("renamed behind us", func(t *testing.T) {
		f := seeded(t, setup{})
		f.wantFound(byName, "1", search)
		f.behind("PATCH", "/hosts/1", `{"username":"elsewhere@example.com"}`)
		f.wantFound(byName, "", one, search)
		f.wantFound(`userName eq "elsewhere@example.com"`, "1", search)
	})
	t.Run("the name went to another", func(t *testing.T) {
		f := seeded(t, setup{})
		f.wantFound(byName, "1", search)
		f.behind("PATCH", "/hosts/1", `{"username":"elsewhere@example.com"}`)
		f.behind("PATCH", "/hosts/2", `{"username":"noa@example.com"}`)
		f.wantFound(byName, "2", one, search)
		f.wantFound(byName, "2", "GET /hosts/2")
	})
	t.Run("deleted behind us", func(t *testing.T) {
		f := seeded(t, setup{})
		f.wantFound(byName, "1", search)
		f.behind("DELETE", "/hosts/1", "")
		f.wantFound(byName, "", one, search)
		f.want(201, "POST", "/Users", noa)
		f.wantCalls("POST /hosts")
		f.wantFound(byName, "4", "GET /hosts/4")
	})
	t.Run("deleted through us", func(t *testing.T) {
		f := seeded(t, setup{})
		f.wantFound(byName, "1", search)
		f.want(204, "DELETE", "/Users/1", "")
		f.wantError(404, "", "DELETE", "/Users/1", "")
		f.calls()
		f.wantFound(byName, "", one, search)
	})
	t.Run("a miss is not kept", func(t *testing.T) { // law 6
		f := start(t, setup{})
		f.wantFound(byName, "", search)
		f.wantFound(byName, "", search)
		f.api.AddHost(host("noa"))
		f.wantFound(byName, "1", search)
	})
	t.Run("e-mails are not unique", func(t *testing.T) {
		f := seeded(t, setup{})
		byMail := `emails[type eq "work"].value eq "noa@mail.example.com"`
		f.wantFound(byMail, "1", search)
		f.wantFound(byMail, "1", search)
		f.behind("PATCH", "/hosts/2", `{"email":"NOA@mail.example.com"}`)
		f.wantFound(byMail, "1 2", search)
	})
	// A hint counts only for the name it was put under, even where the record
	// matches the filter in another way (law 2).
	t.Run("a stale hint in an or", func(t *testing.T) {
		f := seeded(t, setup{})
		f.wantFound(byName, "1", search)
		f.behind("PATCH", "/hosts/1", `{"username":"elsewhere@example.com"}`)
		f.behind("PATCH", "/hosts/2", `{"username":"noa@example.com"}`)
		f.wantFound(byName+` or userName eq "elsewhere@example.com"`, "1 2", one, search, search)
	})
}

// TestCacheOutage: a hint that cannot be proved is an outage, no miss.
func TestCacheOutage(t *testing.T) {
	var down atomic.Bool
	f := seeded(t, setup{before: func(w http.ResponseWriter, r *http.Request) bool {
		if down.Load() && r.URL.Path == "/api/v3/hosts/1" {
			respond(503, "")(w, r)
			return true
		}
		return false
	}})
	f.wantFound(`userName eq "noa@example.com"`, "1", "GET /hosts")
	down.Store(true)
	f.wantError(503, "", "GET", "/Users?filter=userName+eq+%22noa@example.com%22", "")
	down.Store(false)
	f.calls()
	f.wantFound(`userName eq "noa@example.com"`, "1", "GET /hosts/1")
}

// TestUniqueByAdapter: where the legacy API takes a name twice, the adapter
// looks first, and remembers nothing.
func TestUniqueByAdapter(t *testing.T) {
	f := seeded(t, setup{edits: []string{"unique: legacy", "unique: adapter"}})
	f.wantFound(`userName eq "noa@example.com"`, "1", "GET /hosts")
	f.wantFound(`userName eq "noa@example.com"`, "1", "GET /hosts")
	before := f.state()
	f.wantError(409, "uniqueness", "POST", "/Users", strings.Replace(noa, "noa@", "NOA@", 1), "userName is taken")
	f.wantCalls("GET /hosts")
	f.wantError(409, "uniqueness", "PATCH", "/Users/2", patch(`{"op":"replace","path":"userName","value":"Noa@example.com"}`), "userName is taken")
	f.wantCalls("GET /hosts")
	f.untouched(before)
	f.want(200, "PATCH", "/Users/1", patch(`{"op":"replace","path":"userName","value":"Noa@example.com"}`))
	f.wantCalls("GET /hosts", "PATCH /hosts/1")
	f.want(200, "PATCH", "/Users/2", patch(`{"op":"replace","path":"active","value":false}`))
	f.wantCalls("PATCH /hosts/2")
	f.want(201, "POST", "/Users", strings.Replace(noa, "noa@", "new@", 1))
	f.wantCalls("GET /hosts", "POST /hosts")
	f.wantFound(`userName eq "new@example.com"`, "4", "GET /hosts")
	f.want(201, "POST", "/Groups", `{"displayName":"Roof"}`)
	f.wantCalls("POST /host_groups")
}

// TestUniqueDuringOutage: if nobody can tell whether a name is taken, it is
// not given away.
func TestUniqueDuringOutage(t *testing.T) {
	f := start(t, setup{
		edits: []string{"unique: legacy", "unique: adapter"},
		before: func(w http.ResponseWriter, r *http.Request) bool {
			if r.Method == "GET" {
				respond(503, "")(w, r)
			}
			return r.Method == "GET"
		},
	})
	f.wantError(503, "", "POST", "/Users", noa)
	if n := len(f.api.Hosts()); n != 0 {
		t.Errorf("%d hosts, want none", n)
	}
}

// TestUniqueByLegacy: 409 for a name in other letters, and the filter finds
// who has it (case 23).
func TestUniqueByLegacy(t *testing.T) {
	f := seeded(t, setup{})
	f.wantError(409, "uniqueness", "POST", "/Users", strings.Replace(noa, "noa@", "NOA@", 1), "userName is taken", "filter on userName")
	f.wantCalls("POST /hosts")
	f.wantFound(`userName eq "NOA@example.com"`, "1", "GET /hosts")
	f.wantError(409, "uniqueness", "POST", "/Groups", `{"displayName":"RECEPTION"}`, "displayName is taken")
	f.wantError(409, "uniqueness", "PATCH", "/Users/2", patch(`{"op":"replace","path":"userName","value":"noa@example.com"}`, `{"op":"replace","path":"active","value":false}`))
	if h, _ := f.api.Host(2); !h.Visible || h.Username != "ivo@example.com" {
		t.Errorf("host 2 = %s, want it unchanged", fmt.Sprint(h))
	}
}
