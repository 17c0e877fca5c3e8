package adapter_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"hostscim/adapter/scim"
	"hostscim/legacyclient/legacytest"
)

const htmlPage = "<html><body><h1>Whoops</h1> at com.vendor.Hosts.find(Hosts.java:42)</body></html>"

func faults(entries string) string { return `{"errors":[` + entries + `]}` }

// TestErrors is the table "When something is wrong" of the README, row by row.
func TestErrors(t *testing.T) {
	const rename = `{"op":"replace","path":"userName","value":"other@example.com"}`
	for _, test := range []struct {
		name       string
		legacy     http.HandlerFunc
		method     string // GET when empty
		status     int
		scimType   string
		retryAfter string
		calls      int
		details    []string
		edits      []string
	}{
		{name: "404 on an id", legacy: respond(404, faults(`{"domain":"host","code":"not_found"}`)), status: 404, calls: 1, details: []string{`no User with the id "1"`}},
		{name: "409", legacy: respond(409, faults(`{"attribute":"username","code":"exists"}`)), method: "POST", status: 409, scimType: scim.Uniqueness, calls: 1, details: []string{"userName is taken"}},
		{name: "409 on PATCH", legacy: respond(409, ""), method: "PATCH", status: 409, scimType: scim.Uniqueness, calls: 1, details: []string{"userName is taken"}},
		{name: "a rule says uniqueness", legacy: respond(422, faults(`{"attribute":"email","code":"taken"}`)), method: "POST", status: 409, scimType: scim.Uniqueness, calls: 1, details: []string{`emails[type eq "work"].value is taken`}},
		{name: "a rule says unavailable", legacy: respond(409, faults(`{"code":"in_progress"}`)), method: "POST", status: 503, retryAfter: "10", calls: 4},
		{name: "400 with a field", legacy: respond(400, faults(`{"attribute":"phone_number","code":"format","message":"has letters"}`)), method: "POST", status: 400, scimType: scim.InvalidValue, calls: 1,
			details: []string{`phoneNumbers[type eq "work"].value: has letters`, "legacy field phone_number"}},
		{name: "422 with two fields", legacy: respond(422, faults(`{"attribute":"first_name","code":"blank"},{"attribute":"badge","code":"format"}`)), method: "PATCH", status: 400, scimType: scim.InvalidValue, calls: 1,
			details: []string{"name.givenName: blank (legacy field first_name)", "legacy field badge: format"}},
		{name: "422 without a word", legacy: respond(422, ""), method: "POST", status: 400, scimType: scim.InvalidValue, calls: 1, details: []string{"did not say which"}},
		{name: "422 in HTML", legacy: respond(422, htmlPage, "Content-Type", "text/html"), method: "POST", status: 503, retryAfter: "10", calls: 4},
		{name: "404 in HTML", legacy: respond(404, htmlPage, "Content-Type", "text/html"), status: 503, retryAfter: "10", calls: 4},
		{name: "401", legacy: respond(401, ""), status: 502, calls: 1, details: []string{"refuses the adapter's credential", "legacy.auth"}},
		{name: "403", legacy: respond(403, ""), method: "POST", status: 502, calls: 1, details: []string{"legacy.auth"}},
		{name: "401 under passthrough", legacy: respond(401, ""), status: 401, calls: 1, details: []string{"does not accept the bearer token", "GET /hosts/{id}"}, edits: passing},
		{name: "401 for a write under passthrough", legacy: respond(401, ""), method: "POST", status: 401, calls: 1, details: []string{"does not accept the bearer token"}, edits: passing},
		{name: "403 under passthrough", legacy: respond(403, ""), method: "PATCH", status: 403, calls: 1, details: []string{"does not allow this", "PATCH /hosts/{id}"}, edits: passing},
		{name: "429", legacy: respond(429, ""), status: 429, retryAfter: "1", calls: 4, details: []string{"rate limit"}},
		{name: "429 with a long Retry-After", legacy: respond(429, "", "Retry-After", "120"), status: 429, retryAfter: "120", calls: 1},
		{name: "500", legacy: respond(500, ""), status: 503, retryAfter: "10", calls: 4, details: []string{"not available", "GET /hosts/{id}"}},
		{name: "500 in HTML", legacy: respond(500, htmlPage, "Content-Type", "text/html"), status: 503, retryAfter: "10", calls: 4},
		{name: "502", legacy: respond(502, ""), method: "PATCH", status: 503, retryAfter: "10", calls: 4, details: []string{"repeating the request is safe"}},
		{name: "503 with Retry-After", legacy: respond(503, "", "Retry-After", "77"), status: 503, retryAfter: "77", calls: 1},
		{name: "503 on POST with a key", legacy: respond(503, ""), method: "POST", status: 503, retryAfter: "10", calls: 4, details: []string{"may have been made"}},
		{name: "reset", legacy: reset, status: 503, retryAfter: "10", calls: 4},
		{name: "cut short", legacy: respond(200, `{"id":1,"user`, "Content-Length", "400"), status: 503, retryAfter: "10", calls: 4},
		{name: "no JSON", legacy: respond(200, `{"id":1,"user`), status: 503, retryAfter: "10", calls: 4},
		{name: "an HTML page", legacy: respond(200, htmlPage, "Content-Type", "text/html"), status: 503, retryAfter: "10", calls: 4},
		{name: "an HTML page for POST", legacy: respond(200, htmlPage, "Content-Type", "text/html"), method: "POST", status: 503, retryAfter: "10", calls: 4},
		{name: "nothing", legacy: respond(200, ""), status: 503, retryAfter: "10", calls: 4},
		{name: "timeout", legacy: hang, status: 504, calls: 4, details: []string{"did not answer in time"}},
		{name: "timeout of a write", legacy: hang, method: "PATCH", status: 504, calls: 4, details: []string{"may have been made"}},
		{name: "redirect", legacy: respond(302, htmlPage, "Location", "/api/v3/hosts/2", "Content-Type", "text/html"), status: 500, calls: 1, details: []string{"GET /hosts/{id} with status 302"}},
		{name: "405", legacy: respond(405, ""), method: "DELETE", status: 500, calls: 1, details: []string{"status 405", "correct the operation"}},
		{name: "404 on a collection", legacy: respond(404, ""), method: "POST", status: 500, calls: 1, details: []string{"status 404"}},
		{name: "a record of another shape", legacy: respond(200, `{"id":1,"username":{"canary":true}}`), status: 500, calls: 1, details: []string{"legacy field username", "correct the row"}},
		{name: "a record without an id", legacy: respond(200, `{"username":"noa"}`), status: 500, calls: 1, details: []string{"id"}},
		{name: "a list in place of a record", legacy: respond(200, `[]`), status: 500, calls: 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			var calls atomic.Int64
			timeout := "10s"
			if test.status == http.StatusGatewayTimeout {
				timeout = "25ms"
			}
			f := start(t, setup{
				before: always(func(w http.ResponseWriter, r *http.Request) { calls.Add(1); test.legacy(w, r) }),
				edits:  append([]string{"  timeout: 10s", "  timeout: " + timeout}, test.edits...),
			})
			var a answer
			switch test.method {
			case "POST":
				a = f.call("POST", "/Users", noa)
			case "PATCH":
				a = f.call("PATCH", "/Users/1", patch(rename))
			case "DELETE":
				a = f.call("DELETE", "/Users/1", "")
			default:
				a = f.call("GET", "/Users/1", "")
			}
			a.checkError(t, test.status, test.scimType, test.details...)
			if got := a.header.Get("Retry-After"); got != test.retryAfter {
				t.Errorf("Retry-After = %q, want %q", got, test.retryAfter)
			}
			if got := calls.Load(); got != int64(test.calls) {
				t.Errorf("%d legacy calls, want %d", got, test.calls)
			}
			for _, secret := range []string{"html", "java", "Whoops", "canary"} {
				if strings.Contains(a.body, secret) {
					t.Errorf("%q of the legacy answer was passed on: %s", secret, a.body)
				}
			}
			wantLevel := "INFO"
			if test.status >= 500 {
				wantLevel = "ERROR"
			}
			if l := f.lastLog(); l["level"] != wantLevel || l["status"] != float64(test.status) || l["err"] == nil || l["legacy_calls"] != float64(test.calls) {
				t.Errorf("log line %v, want level %s, the status, an err and %d calls", l, wantLevel, test.calls)
			}
		})
	}
}

// TestDeniedIsLogged: the operator, not the client, has to mend a refused
// legacy credential, so the log must say so.
func TestDeniedIsLogged(t *testing.T) {
	f := start(t, setup{before: always(respond(401, ""))})
	f.wantError(502, "", "GET", "/Users/1", "")
	if got := fmt.Sprint(f.lastLog()["err"]); !strings.Contains(got, "credential refused") || !strings.Contains(got, "401") {
		t.Errorf("err of the log line = %q, want the refused credential and its status", got)
	}
}

// TestUnknownIsNotAbsent is law 1: an outage is neither an empty list nor a
// missing resource, whatever was asked for.
func TestUnknownIsNotAbsent(t *testing.T) {
	for name, outage := range map[string]http.HandlerFunc{
		"reset": reset, "hang": hang, "500": respond(500, ""), "503": respond(503, ""), "429": respond(429, ""), "401": respond(401, ""),
		"HTML": respond(200, htmlPage, "Content-Type", "text/html"), "cut": respond(200, `{"hosts":[`), "nothing": respond(200, ""),
		"no list": respond(200, `{"pagination":{"total_records":0}}`), "null list": respond(200, `{"hosts":null,"host_groups":null}`),
		"empty page": respond(200, `{"hosts":[],"host_groups":[],"pagination":{"total_records":5}}`),
		"redirect":   respond(302, "", "Location", "/login"), "204": respond(204, ""),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := start(t, setup{before: always(outage), edits: []string{"  timeout: 10s", "  timeout: 10ms"}})
			for _, path := range []string{
				"/Users", "/Users?count=0", "/Users?filter=userName+eq+%22noa%22", "/Users?filter=id+eq+%221%22", "/Users?filter=active+eq+true",
				"/Users?filter=emails%5Btype+eq+%22work%22%5D.value+eq+%22noa%22", "/Users/1",
				"/Groups", "/Groups?filter=displayName+eq+%22noa%22", "/Groups/1",
				"/Groups?attributes=id&filter=id+eq+%221%22+and+members+eq+%222%22",
			} {
				a := f.call("GET", path, "")
				if a.status < 429 {
					t.Errorf("GET %s = %d %s, want an error of the server", path, a.status, a.body)
					continue
				}
				a.checkError(t, a.status, "")
			}
		})
	}
}

func TestRefusedConnection(t *testing.T) {
	f := start(t, setup{transport: func(http.RoundTripper) http.RoundTripper {
		return roundTripper(func(r *http.Request) (*http.Response, error) {
			r.URL.Host = "127.0.0.1:1" // nobody listens there
			return http.DefaultTransport.RoundTrip(r)
		})
	}})
	for _, path := range []string{"/Users/1", "/Users?filter=userName+eq+%22noa%22", "/Groups"} {
		a := f.wantError(503, "", "GET", path, "", "not available")
		if got := a.header.Get("Retry-After"); got != "10" {
			t.Errorf("GET %s has Retry-After %q, want 10", path, got)
		}
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// TestOtherRecord: an API that answers with another record than was asked for
// does not give a user a second id.
func TestOtherRecord(t *testing.T) {
	f := start(t, setup{before: always(respond(200, `{"id":8,"username":"noa"}`))})
	f.wantError(404, "", "GET", "/Users/7", "", `no User with the id "7"`)
	f.want(200, "GET", "/Users/8", "")
	if a := f.want(204, "PATCH", "/Users/7", patch(`{"op":"replace","path":"active","value":true}`)); a.body != "" {
		t.Errorf("PATCH of 7 answers with the record of another: %s", a.body)
	}
	f.wantError(404, "", "PUT", "/Users/7", noa, `no User with the id "7"`)
}

// TestRetryNeverDoubles is law 3: the answer to a create is lost, and there
// is one host nevertheless.
func TestRetryNeverDoubles(t *testing.T) {
	var f *fixture
	lost := 0
	f = start(t, setup{before: func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method != "POST" || lost == 2 {
			return false
		}
		lost++
		f.api.ServeHTTP(discard{http.Header{}}, r)
		reset(w, r)
		return true
	}})
	a := f.want(201, "POST", "/Users", noa)
	if hosts := f.api.Hosts(); len(hosts) != 1 || a.value(t).Get("id").Text() != fmt.Sprint(hosts[0].ID) {
		t.Errorf("hosts = %v, want the one of %s", hosts, a.body)
	}
	if lost != 2 {
		t.Errorf("%d answers were lost, want 2", lost)
	}
}

// TestPatchConverges: a PATCH whose answer was lost is sent again, and ends
// as one that was not.
func TestPatchConverges(t *testing.T) {
	var f *fixture
	fail := true
	f = start(t, setup{before: func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method != "PATCH" || !fail {
			return false
		}
		f.api.ServeHTTP(discard{http.Header{}}, r)
		respond(502, "")(w, r)
		return true
	}})
	f.api.AddHost(host("noa"))
	body := patch(`{"op":"Replace","path":"active","value":"False"}`, `{"op":"Add","path":"name.givenName","value":"Tove"}`)
	f.wantError(503, "", "PATCH", "/Users/1", body, "repeating the request is safe")
	fail = false
	f.want(200, "PATCH", "/Users/1", body)
	if h, _ := f.api.Host(1); h.Visible || h.FirstName != "Tove" {
		t.Errorf("host = %+v, want Tove, invisible", h)
	}
}

// discard is where an answer gets lost.
type discard struct{ header http.Header }

func (d discard) Header() http.Header         { return d.header }
func (d discard) Write(p []byte) (int, error) { return len(p), nil }
func (d discard) WriteHeader(int)             {}

// TestThrottledByTheAPI runs into the rate limit of the legacy API, which is
// waited for inside the request.
func TestThrottledByTheAPI(t *testing.T) {
	t.Parallel()
	f := start(t, setup{legacy: []legacytest.Option{legacytest.WithRateLimit(1, 1), legacytest.WithHosts(1)}})
	f.want(200, "GET", "/Users/1", "")
	f.want(200, "GET", "/Users/1", "")
	if got := f.lastLog()["legacy_calls"]; got != 2.0 {
		t.Errorf("legacy_calls = %v, want 2: one refused and one after the wait", got)
	}
}
