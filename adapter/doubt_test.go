package adapter_test

import (
	"strings"
	"testing"

	"hostscim/legacyclient/legacytest"
)

// TestCreatedInDoubt: where a search lags, that it does not find a record of
// which nobody knows whether it was created is no proof that it was not.
func TestCreatedInDoubt(t *testing.T) {
	const search = `{filter: userName eq, request: GET /hosts, query: {query: "{value}"}, returns: superset`
	const look = "/Users?filter=userName+eq+%22noa%40example.com%22"
	for name, edits := range map[string][]string{"under a key": nil, "the adapter keeps names apart": adapterUnique} {
		t.Run(name, func(t *testing.T) {
			f := start(t, setup{
				edits: append([]string{search, search + ", lag: 5s", "max_attempts: 4", "max_attempts: 1"}, edits...),
				legacy: []legacytest.Option{legacytest.WithDuplicateNames(), legacytest.WithFaults(
					legacytest.Fault{Kind: legacytest.Error, Route: "POST /hosts", Committed: true},
					legacytest.Fault{Kind: legacytest.Stale, Calls: 100},
				)},
			})
			f.wantError(503, "", "POST", "/Users", noa, "may have been made")
			a := f.wantError(503, "", "GET", look, "", "may have been created")
			if got := a.header.Get("Retry-After"); got != "5" {
				t.Errorf("Retry-After = %q, want 5", got)
			}
			if edits != nil {
				f.wantError(503, "", "POST", "/Users", noa, "may have been created")
			}
			if a := f.want(200, "GET", strings.Replace(look, "noa", "ivo", 1), ""); len(a.ids(t)) != 0 {
				t.Errorf("another name finds %s, want nobody", a.body)
			}
			f.api.ClearFaults()
			if ids := f.want(200, "GET", look, "").ids(t); len(ids) != 1 {
				t.Errorf("when the search has caught up it finds %q, want one", ids)
			}
		})
	}
}

// TestOldHit: what a search that lags still finds by a name is not believed if
// somebody else has changed the record since, be it another replica or this one
// before it was started again.
func TestOldHit(t *testing.T) {
	const search = `{filter: userName eq, request: GET /hosts, query: {query: "{value}"}, returns: superset`
	f := start(t, setup{edits: []string{search, search + ", lag: 5s"}})
	for _, name := range []string{"noa", "kai", "sam"} {
		f.api.AddHost(host(name))
	}
	for range 20 {
		f.behind("GET", "/hosts/3", "") // the index has seen them
	}
	f.api.Inject(legacytest.Fault{Kind: legacytest.Stale, Calls: 15})
	f.behind("PATCH", "/hosts/1", `{"username": "ivo@example.com"}`)
	f.behind("DELETE", "/hosts/2", "")
	f.wantFound(`userName eq "noa@example.com"`, "", "GET /hosts", "GET /hosts/1")
	f.wantFound(`userName eq "kai@example.com"`, "", "GET /hosts", "GET /hosts/2")
	f.wantFound(`userName eq "sam@example.com"`, "3", "GET /hosts", "GET /hosts/3")
	f.wantFound(`userName eq "eva@example.com"`, "", "GET /hosts")
}
