package adapter_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hostscim/adapter"
	"hostscim/legacyclient/legacytest"
)

// probe probes a legacy API of 120 hosts and a group with two of them through
// the shipped profile with the edits. between sees a call first.
func probe(t *testing.T, edits []string, between func(http.ResponseWriter, *http.Request, http.Handler)) (*adapter.Probed, *legacytest.Handler) {
	t.Helper()
	api := legacytest.NewHandler(legacytest.WithToken(legacyToken), legacytest.WithHosts(120))
	api.AddGroup(group("Front Desk"))
	api.AddGroup(group("Reception"), 3, 4)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if between != nil {
			between(w, r, api)
			return
		}
		api.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	probed, err := adapter.Probe(t.Context(), adapter.Options{Config: load(t, "", server.URL+legacytest.Prefix, edits...)})
	if err != nil {
		t.Fatalf("Probe() = %v", err)
	}
	for _, c := range api.Log() {
		if c.Method != "GET" {
			t.Errorf("the probe made the call %s", c)
		}
	}
	if n := api.TotalCalls(); probed.Calls < n || probed.Calls > 100 {
		t.Errorf("the probe tells of %d calls, and made %d", probed.Calls, n)
	}
	return probed, api
}

// told returns the findings as "level path: message".
func told(p *adapter.Probed) []string {
	lines := []string{}
	for _, f := range p.Findings {
		lines = append(lines, fmt.Sprintf("%s %s: %s", f.Level, f.Path, f.Msg))
	}
	return lines
}

// TestProbe: an API that is as it is described.
func TestProbe(t *testing.T) {
	probed, _ := probe(t, nil, nil)
	if got := told(probed); len(got) > 0 || probed.Broken() {
		t.Errorf("Probe() found %q, want nothing", got)
	}
	want := []string{
		"GET /hosts answers a list", "GET /hosts tells how many records there are", "100 records of GET /hosts are as the rows say",
		"GET /hosts goes on where it is asked to", "GET /hosts finds a record by its userName, in any letter case",
		`GET /hosts finds a record by its emails[type eq "work"].value, in any letter case`,
		"GET /hosts/{id} answers the same record as the list", "GET /hosts/{id} says 404 of an id that no record has",
		"GET /host_groups answers a list", "GET /host_groups tells how many records there are", "2 records of GET /host_groups are as the rows say",
		"GET /host_groups goes on where it is asked to", "GET /host_groups finds a record by its displayName, in any letter case",
		"GET /host_groups/{id} answers the same record as the list", "GET /host_groups/{id} says 404 of an id that no record has",
		"GET /host_groups/{id}/hosts answers members who are users", "the clock of the API is ours",
	}
	if diff := cmp.Diff(want, probed.Agrees); diff != "" {
		t.Errorf("Probe() agrees (-want +got)\n%s", diff)
	}
	if probed.Calls != 23 {
		t.Errorf("Probe() made %d calls", probed.Calls)
	}
}

// TestProbeFindsWrongProfiles: each case has one thing in the profile that is
// not so, and the finding names the line and what to write.
func TestProbeFindsWrongProfiles(t *testing.T) {
	const userSearch = `        - {filter: userName eq, request: GET /hosts, query: {query: "{value}"}, returns: superset}`
	for _, tt := range []struct {
		name  string
		edits []string
		want  []string // parts of the findings; the first is the one
	}{
		{"credential", []string{"${LEGACY_TOKEN}", "another-token"}, []string{"fault legacy.auth: the API refuses the credential (status 401)"}},
		{"path", []string{"request: GET /hosts\n", "request: GET /people\n"}, []string{"fault resources.User.operations.list.request: the API has no such path below /api/v3 (status 404)"}},
		{"items", []string{"items: hosts\n", "items: data.hosts\n"}, []string{"fault resources.User.operations.list.items: the answer has no list of records there", "; write items: hosts"}},
		{"bare array", []string{"items: hosts\n        total: pagination.total_records", "items: \"\"\n        total: \"\""}, []string{"fault resources.User.operations.list.items: ", "; write items: hosts"}},
		{"total", []string{"total: pagination.total_records", "total: meta.total"}, []string{"warning resources.User.operations.list.total: the answer has no number there", "; write total: pagination.total_records"}},
		{"total header", []string{"total: pagination.total_records", "total_header: X-Total-Count\n        total: \"\""}, []string{"warning resources.User.operations.list.total_header: the answer has no such header"}},
		{"another total", []string{"total: pagination.total_records", "total: pagination.current_offset"}, []string{"fault resources.User.operations.list.total: is 0, and the page alone has 100 records"}},
		{"no total", []string{"total: pagination.total_records", `total: ""`}, []string{"note resources.User.operations.list: the answer may tell how long the list is", "write total: pagination.total_records"}},
		{"small pages", []string{"limit: 100,", "limit: 500,"}, []string{"warning resources.User.operations.list.paging: asks for 500 records and gets 100: the API has smaller pages; write limit: 100"}},
		{"offset", []string{"limit: 100, limit_param: limit, offset_param: offset}", "limit: 100, limit_param: limit, offset_param: skip}"}, []string{"fault resources.User.operations.list.paging: the list begins anew when it is asked to go on: the API does not know the parameter skip; write its name as offset_param"}},
		{"limit", []string{"limit: 100, limit_param: limit", "limit: 20, limit_param: size"}, []string{"warning resources.User.operations.list.paging: asks for 20 records and gets 50: the API does not know the parameter size; write its name as limit_param"}},
		{"style", []string{"paging: {style: offset, limit: 100, limit_param: limit, offset_param: offset}", "paging: {style: page, limit: 20}"}, []string{"warning resources.User.operations.list.paging: asks for 20 records and gets 50: the API does not know the parameter per_page"}},
		{"style with the size of the API", []string{"paging: {style: offset, limit: 100, limit_param: limit, offset_param: offset}", "paging: {style: page, limit: 20, limit_param: limit}"}, []string{"fault resources.User.operations.list.paging: the second page cannot be read (", "the same page again"}},
		{"link", []string{"paging: {style: offset, limit: 100, limit_param: limit, offset_param: offset}", "paging: {style: link, limit: 50}"}, []string{"fault resources.User.operations.list.paging: the second page cannot be read ("}},
		{"cursor", []string{"paging: {style: offset, limit: 100, limit_param: limit, offset_param: offset}", "paging: {style: cursor, limit: 50, next: pagination.next_offset}"}, []string{"fault resources.User.operations.list.paging: the second page cannot be read ("}},
		{"a page for the whole", []string{"total: pagination.total_records", `total: ""`, "paging: {style: offset, limit: 100, limit_param: limit, offset_param: offset}", "paging: {style: none}"}, []string{"warning resources.User.operations.list.paging: exactly 50 records came; if that is the size of a page"}},
		{"not paged", []string{"paging: {style: offset, limit: 100, limit_param: limit, offset_param: offset}", "paging: {style: none}"}, []string{"fault resources.User.operations.list.paging: the answer is not paged as described"}},
		{"id", []string{"id: {legacy: id, type: integer}", "id: {legacy: host_id, type: integer}"}, []string{"fault resources.User.id: a record has no id at host_id, or one of another type; its fields are alternate_email, company"}},
		{"field", []string{"{legacy: company}", "{legacy: organisation}"}, []string{"warning resources.User.attributes.'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:organization': none of 100 records has the field organisation; their fields are alternate_email"}},
		{"nested field", []string{"{legacy: company}", "{legacy: custom_fields.company}"}, []string{"warning resources.User.attributes.'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:organization': none of 100 records has the field custom_fields.company"}},
		{"name", []string{"{legacy: username, required: true}", "{legacy: login, required: true}"}, []string{"fault resources.User.attributes.userName: none of 100 records has the field login"}},
		{"type", []string{"{legacy: company}", "{legacy: company, type: integer}"}, []string{"fault resources.User.attributes.'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:organization': legacy field company is a string, the table says"}},
		{"search parameter", []string{userSearch, strings.Replace(userSearch, "{query: \"", "{login: \"", 1)}, []string{"fault resources.User.operations.search[0].query: finds 120 records by a value that nobody has"}},
		{"search of another field", []string{userSearch, strings.Replace(userSearch, "userName eq", "'phoneNumbers[type eq \"work\"].value eq'", 1)}, []string{"fault resources.User.operations.search[0]: does not find the record "}},
		{"exact", []string{userSearch, strings.Replace(userSearch, "superset", "exact", 1)}, []string{"warning resources.User.operations.search[0].returns: finds records by a part of their userName as well; write returns: superset"}},
		{"get", []string{`get: {request: "GET /hosts/{id}"}`, `get: {request: "GET /host_groups/{id}"}`}, []string{"warning resources.User"}},
		{"get elsewhere", []string{`get: {request: "GET /hosts/{id}"}`, `get: {request: "GET /batches/{id}"}`}, []string{"fault resources.User.operations.get.request: the record 1 is in the list, and not found by its id"}},
		{"get in a wrapper", []string{`get: {request: "GET /hosts/{id}"}`, `get: {request: "GET /hosts/{id}", item: host}`}, []string{"fault resources.User.operations.get.item: the answer has no record there", "write item: custom_fields"}},
		{"get of a list", []string{`get: {request: "GET /hosts/{id}"}`, `get: {request: "GET /hosts", query: {id: "{id}"}}`}, []string{"fault resources.User.operations.get.item: the answer has no id at id"}},
		{"members", []string{"items: hosts, value: id}", "items: hosts, value: host_id}"}, []string{"fault resources.Group.members.list.value: a member has no id at host_id; its fields are alternate_email"}},
		{"members path", []string{`"GET /host_groups/{id}/hosts"`, `"GET /host_groups/{id}/members"`}, []string{"fault resources.Group.members.list.request: the API has no such path"}},
		{"groups of users", []string{"    # groups: {request: \"GET /hosts/{id}/host_groups\", items", "    groups: {request: \"GET /hosts/{id}/host_groups\", items"}, []string{"fault resources.User.groups.request: the API has no such path"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			probed, _ := probe(t, tt.edits, nil)
			got := told(probed)
			if len(got) == 0 || !strings.HasPrefix(got[0], tt.want[0]) {
				t.Fatalf("Probe() found\n%s\nwant first %q", strings.Join(got, "\n"), tt.want[0])
			}
			for _, want := range tt.want {
				if !strings.Contains(got[0], want) {
					t.Errorf("Probe() found %q, want %q in it", got[0], want)
				}
			}
			if f := probed.Findings[0]; f.Line < 2 {
				t.Errorf("the finding %+v points at no line", f)
			}
			broken := false
			for _, line := range got {
				broken = broken || strings.HasPrefix(line, adapter.Breaking)
				if strings.Contains(line, "@") {
					t.Errorf("a finding holds a value: %s", line)
				}
			}
			if probed.Broken() != broken {
				t.Errorf("Broken() = %v, and it found\n%s", probed.Broken(), strings.Join(got, "\n"))
			}
		})
	}
}

// rewriting answers as the API does, with a change to the answers of a path.
func rewriting(path, old, now string) func(http.ResponseWriter, *http.Request, http.Handler) {
	return func(w http.ResponseWriter, r *http.Request, api http.Handler) {
		if r.URL.Path != legacytest.Prefix+path || r.URL.Query().Get("query") != "" {
			api.ServeHTTP(w, r)
			return
		}
		rec := httptest.NewRecorder()
		api.ServeHTTP(rec, r)
		respond(rec.Code, strings.ReplaceAll(rec.Body.String(), old, now))(w, r)
	}
}

// TestProbeFindsOddAPIs: the profile is right in itself, and the API is odd.
func TestProbeFindsOddAPIs(t *testing.T) {
	answer := func(status int, header, body string) func(http.ResponseWriter, *http.Request, http.Handler) {
		return func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
			respond(status, body, "Content-Type", header)(w, nil)
		}
	}
	for _, tt := range []struct {
		name    string
		between func(http.ResponseWriter, *http.Request, http.Handler)
		want    string
	}{
		{"a page for people", answer(200, "text/html", "<!doctype html><title>Sign in</title>"), "fault legacy.base_url: the answer is a page for people, not JSON (status 200)"},
		{"down", answer(503, "text/plain", "down"), "fault resources.User.operations.list.request: the API answers with status 503"},
		{"throttled", answer(429, "application/json", "{}"), "fault legacy.rate_limit: the API throttles"},
		{"forbidden", answer(403, "application/json", "{}"), "fault resources.User.operations.list.request: the credential may not do this (status 403)"},
		{"moved", answer(301, "application/json", "{}"), "fault resources.User.operations.list.request: the API redirects (status 301)"},
		{"empty", answer(200, "application/json", `{"hosts":[],"host_groups":[],"pagination":{"total_records":0}}`), "warning resources.User.operations.list: the list is empty"},
		{"letter case", func(w http.ResponseWriter, r *http.Request, api http.Handler) {
			if q := r.URL.Query().Get("query"); q != strings.ToLower(q) && strings.HasSuffix(r.URL.Path, "/hosts") {
				respond(200, `{"hosts":[],"pagination":{"total_records":0}}`)(w, r)
				return
			}
			api.ServeHTTP(w, r)
		}, "fault resources.User.operations.search[0]: finds the record 1 by its userName as it is spelt and not in another letter case"},
		{"whole values only", func(w http.ResponseWriter, r *http.Request, api http.Handler) {
			if q := r.URL.Query().Get("query"); q != "" && !strings.HasSuffix(strings.ToLower(q), ".com") && strings.HasSuffix(r.URL.Path, "/hosts") {
				respond(200, `{"hosts":[],"pagination":{"total_records":0}}`)(w, r)
				return
			}
			api.ServeHTTP(w, r)
		}, "note resources.User.operations.search[0].returns: finds records by their whole userName only; returns: exact would be true"},
		{"400 in place of 404", func(w http.ResponseWriter, r *http.Request, api http.Handler) {
			if strings.HasSuffix(r.URL.Path, "/hosts/2147480047") {
				respond(400, `{"errors":[]}`)(w, r)
				return
			}
			api.ServeHTTP(w, r)
		}, "fault resources.User.operations.get: answers with status 400 for the id 2147480047, which no record has, and not with 404"},
		{"200 in place of 404", func(w http.ResponseWriter, r *http.Request, api http.Handler) {
			if strings.HasSuffix(r.URL.Path, "/hosts/2147480047") {
				respond(200, `{"id":0}`)(w, r)
				return
			}
			api.ServeHTTP(w, r)
		}, "fault resources.User.operations.get: answers with status 200 for the id 2147480047, which no record has"},
		{"a leaner list", rewriting("/hosts", `"company":`, `"firm":`), "warning resources.User.attributes.'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:organization': none of 100 records has the field company"},
		{"a leaner get", rewriting("/hosts/1", `"company":`, `"firm":`), "warning resources.User.attributes.'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:organization': get leaves company out, and the list has it"},
		{"another in get", rewriting("/hosts/1", `"visible":true`, `"visible":false`), "warning resources.User.attributes.active: the list and get show different values of visible for the record 1"},
		{"the wrong record", rewriting("/hosts/1", `"id":1,`, `"id":5,`), "fault resources.User.operations.get.request: asked for the record 1, and got 5"},
		{"members who are nobody", rewriting("/host_groups/2/hosts", `"id":3,`, `"id":9999,`), "fault resources.Group.members.list.value: names the member 9999 of the group 2, and no user has that id"},
		{"a restless list", func() func(http.ResponseWriter, *http.Request, http.Handler) {
			swap := rewriting("/hosts", `"id":2,`, `"id":77,`)
			return func(w http.ResponseWriter, r *http.Request, api http.Handler) {
				if r.URL.Query().Get("offset") == "1" {
					swap(w, r, api)
					return
				}
				api.ServeHTTP(w, r)
			}
		}(), "warning resources.User.operations.list.paging: behind the record 1 comes another one than a moment ago"},
		{"clock", func(w http.ResponseWriter, r *http.Request, api http.Handler) {
			w.Header().Set("Date", time.Now().Add(-2*time.Hour).UTC().Format(http.TimeFormat))
			api.ServeHTTP(w, r)
		}, "warning legacy.base_url: the clock of the API differs from ours by 2h0m0s"},
		{"rate limit", func(w http.ResponseWriter, r *http.Request, api http.Handler) {
			w.Header().Set("X-RateLimit-Limit", "600")
			w.Header().Set("X-RateLimit-Remaining", r.URL.Path)
			w.Header().Set("RateLimit-Policy", `"hour";q=600;w=3600`)
			w.Header().Set("RateLimit", "r="+r.URL.Path)
			api.ServeHTTP(w, r)
		}, "note legacy.rate_limit: the API tells of a rate limit (Ratelimit-Policy: \"hour\";q=600;w=3600, X-Ratelimit-Limit: 600); keep per_second below it"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			probed, _ := probe(t, nil, tt.between)
			if got := told(probed); len(got) == 0 || !strings.HasPrefix(got[0], tt.want) {
				t.Errorf("Probe() found\n%s\nwant first %q", strings.Join(got, "\n"), tt.want)
			}
		})
	}
}

// TestProbeOfNothing: nobody listens, and one finding says so.
func TestProbeOfNothing(t *testing.T) {
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	probed, err := adapter.Probe(t.Context(), adapter.Options{Config: load(t, "", closed.URL)})
	if err != nil {
		t.Fatal(err)
	}
	if got := told(probed); len(got) != 1 || !strings.HasPrefix(got[0], "fault legacy.base_url: the API cannot be reached") {
		t.Errorf("Probe() found %q, want that nobody listens", got)
	}
}

// TestProbeOnlyReads: nothing but GET gets through, and no more than 100.
func TestProbeOnlyReads(t *testing.T) {
	reached := 0
	transport := adapter.ProbeTransport(roundTripper(func(r *http.Request) (*http.Response, error) {
		reached++
		return &http.Response{StatusCode: 200, Header: http.Header{}, Body: http.NoBody, Request: r}, nil
	}))
	try := func(method string) error {
		req, err := http.NewRequestWithContext(t.Context(), method, "http://127.0.0.1:1/hosts", nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := transport.RoundTrip(req)
		if err == nil {
			resp.Body.Close()
		}
		return err
	}
	for _, method := range []string{"POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "get"} {
		if err := try(method); err == nil || reached > 0 {
			t.Fatalf("%s of a probe = %v, and reached the API %d times", method, err, reached)
		}
	}
	for n := range 100 {
		if err := try("GET"); err != nil {
			t.Fatalf("GET %d of a probe = %v", n+1, err)
		}
	}
	if err := try("GET"); err == nil || reached != 100 {
		t.Errorf("GET 101 of a probe = %v, and the API was reached %d times, want an error and 100", err, reached)
	}
}

// TestProbeEnds: a profile with too many searches to try is tried in part.
func TestProbeEnds(t *testing.T) {
	const search = `        - {filter: userName eq, request: GET /hosts, query: {query: "{value}"}, returns: superset}` + "\n"
	probed, _ := probe(t, []string{search, strings.Repeat(search, 40)}, nil)
	got := told(probed)
	if len(got) != 1 || !strings.HasSuffix(got[0], "the probe ends here: it makes at most 100 calls") || probed.Calls != 100 {
		t.Errorf("Probe() made %d calls and found\n%s\nwant 100 and that it ends", probed.Calls, strings.Join(got, "\n"))
	}
}

// TestProbeTellsOnce: records that cannot be read are told once, and nothing
// is concluded from where they stand.
func TestProbeTellsOnce(t *testing.T) {
	probed, _ := probe(t, []string{"{legacy: company}", "{legacy: company, type: integer}"}, nil)
	if got := told(probed); len(got) != 1 {
		t.Errorf("Probe() found\n%s\nwant the one row", strings.Join(got, "\n"))
	}
}

// colleagues is an API of another kind: bare ids, pages by token, a search that
// compares by letter case where SCIM does, fields named by their owners.
func colleagues(w http.ResponseWriter, r *http.Request) {
	ids := []string{"0b0e7a52-1111-4000-8000-000000000001", "0b0e7a52-1111-4000-8000-000000000002"}
	record := func(i int) string {
		return fmt.Sprintf(`{"uid":%q,"login":"Person%d","key":"Key%d","Person %d":true}`, ids[i], i, i, i)
	}
	q := r.URL.Query()
	switch {
	case r.URL.Path == "/people/"+ids[0]:
		respond(200, record(0))(w, r)
	case r.URL.Path == "/people/7f3d1c60-a900-4000-8000-000000000000":
		respond(404, `{}`)(w, r)
	case r.URL.Path != "/people":
		respond(500, `{}`)(w, r) // an id of another kind
	case q.Has("login") && strings.EqualFold(q.Get("login"), "Person0"), q.Get("key") == "Key0":
		respond(200, `{"people":[`+record(0)+`]}`)(w, r)
	case q.Has("login"), q.Has("key"), q.Has("kind"):
		respond(200, `{"people":[]}`)(w, r)
	case q.Get("cursor") == "":
		respond(200, `{"people":[`+record(0)+`],"next":"more"}`)(w, r)
	default:
		respond(200, `{"people":[`+record(1)+`]}`)(w, r)
	}
}

func TestProbeOfColleagues(t *testing.T) {
	api := httptest.NewServer(http.HandlerFunc(colleagues))
	t.Cleanup(api.Close)
	probed, err := adapter.Probe(t.Context(), adapter.Options{Config: load(t, `
auth: {bearer: [{name: entra, token: "${HOSTSCIM_TOKEN}"}]}
legacy: {base_url: "${LEGACY_URL}", retry: {max_attempts: 1}}
resources:
  User:
    id: uid
    operations:
      list: {request: GET /people, items: people, paging: {style: cursor, limit: 1, next: next}}
      search:
        - {filter: userName eq, request: GET /people, query: {login: "{value}"}, returns: exact}
        - {filter: externalId eq, request: GET /people, query: {key: "{value}"}, returns: exact}
        - {filter: userType eq, request: GET /people, query: {kind: "{value}"}, returns: exact}
      get: {request: "GET /people/{id}"}
      create: {request: POST /people, unique: legacy}
    attributes:
      userName: {legacy: login}
      externalId: {legacy: key}
      userType: {legacy: kind, default: Employee}
`, api.URL)})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"warning resources.User.attributes.userType: none of 1 records has the field kind; their fields are key, login, uid"}
	if diff := cmp.Diff(want, told(probed)); diff != "" {
		t.Errorf("Probe() found (-want +got)\n%s", diff)
	}
	if len(probed.Agrees) != 8 {
		t.Errorf("Probe() agrees with\n%s", strings.Join(probed.Agrees, "\n"))
	}
}
