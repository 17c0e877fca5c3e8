package adapter_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"hostscim/adapter/scim"
	"hostscim/legacyclient/legacytest"
)

// search returns the body of a search: names and values in turn, of which the
// values are JSON.
func search(params ...string) string {
	body := `{"schemas":["urn:ietf:params:scim:api:messages:2.0:SearchRequest"]`
	for i := 0; i < len(params); i += 2 {
		body += fmt.Sprintf(`,%q:%s`, params[i], params[i+1])
	}
	return body + "}"
}

// TestSearch: POST .search is answered as the GET with the same parameters.
func TestSearch(t *testing.T) {
	f := start(t, setup{legacy: []legacytest.Option{legacytest.WithHosts(25)}})
	for i := range 5 {
		f.api.AddGroup(group(fmt.Sprintf("Team %d", i)), int64(i+1), 25)
	}
	for _, test := range []struct {
		query  string
		params []string
		only   string // the path that has these parameters; "" for all
	}{
		{"", nil, ""},
		{"count=3", []string{"count", "3"}, ""},
		{"count=3", []string{"Count", `"3"`}, ""},
		{"startIndex=2&count=2", []string{"startIndex", "2", "count", "2"}, ""},
		{"count=0", []string{"count", "0"}, ""},
		{"count=-1&startIndex=-4", []string{"count", "-1", "startIndex", "-4"}, ""},
		{"", []string{"count", "null", "filter", "null", "attributes", "null"}, ""},
		{"", []string{"attributes", "[]", "unknown", "1"}, ""},
		{"attributes=userName,name.familyName,displayName", []string{"attributes", `["userName","name.familyName","displayName"]`}, ""},
		{"attributes=userName,displayName", []string{"attributes", `"userName, displayName"`}, ""},
		{"excludedAttributes=name,members,meta", []string{"excludedAttributes", `["name","members","meta"]`}, ""},
		{"filter=id eq \"2\"", []string{"filter", `"id eq \"2\""`}, ""},
		{"filter=id eq \"2\"&attributes=id&startIndex=2", []string{"filter", `"id eq \"2\""`, "attributes", `["id"]`, "startIndex", "2"}, ""},
		{"filter=meta.created pr&startIndex=3&count=2", []string{"filter", `"meta.created pr"`, "startIndex", "3", "count", "2"}, ""},
		{"sortBy=userName&sortOrder=descending&count=4", []string{"sortBy", `"userName"`, "sortOrder", `"descending"`, "count", "4"}, "/Users"},
		{"sortBy=displayName&sortOrder=descending", []string{"sortBy", `"displayName"`, "SORTORDER", `"Descending"`}, "/Groups"},
		{"filter=members eq \"3\"", []string{"filter", `"members eq \"3\""`}, "/Groups"},
		{"filter=userName sw \"a\" or active eq false", []string{"filter", `"userName sw \"a\" or active eq false"`}, "/Users"},
		{"count=x", []string{"count", `"x"`}, ""}, {"count=1.5", []string{"count", "1.5"}, ""}, {"startIndex=true", []string{"startIndex", "true"}, ""},
		{"filter=shoeSize eq 1", []string{"filter", `"shoeSize eq 1"`}, ""},
		{"filter=", []string{"filter", `""`}, ""},
		{"sortBy=nothing", []string{"sortBy", `"nothing"`}, "/Users"},
		{"cursor=x", []string{"cursor", `"x"`}, "/Users"},
		{"cursor=&count=x", []string{"cursor", `""`, "count", `"x"`}, "/Groups"},
	} {
		for _, path := range []string{"/Users", "/Groups", ""} {
			if test.only != "" && test.only != path {
				continue
			}
			values, err := url.ParseQuery(strings.ReplaceAll(test.query, " ", "+"))
			if err != nil {
				t.Fatal(err)
			}
			f.api.TakeCalls()
			get := f.call("GET", path+"?"+values.Encode(), "")
			calls := f.calls()
			post := f.call("POST", path+"/.search", search(test.params...))
			if post.status != get.status || post.body != get.body || get.header.Get("Content-Type") != scim.MediaType {
				t.Errorf("POST %s/.search %q = %d %.300s\nGET %s?%s = %d %.300s", path, test.params, post.status, post.body, path, test.query, get.status, get.body)
			}
			if again := f.calls(); !slices.Equal(again, calls) {
				t.Errorf("POST %s/.search %q makes the calls %q, GET %q", path, test.params, again, calls)
			}
		}
	}
	// A cursor is good for both.
	first := f.want(200, "POST", "/Users/.search", search("cursor", `""`, "count", "10")).value(t)
	next := first.Get("nextCursor")
	rest := f.want(200, "POST", "/Users/.search", search("cursor", next.String(), "count", "10"))
	if got := f.want(200, "GET", "/Users?count=10&cursor="+next.Text(), ""); got.value(t).Get("Resources").String() != rest.value(t).Get("Resources").String() || rest.ids(t)[0] != "11" {
		t.Errorf("the second page is %s by POST and %s by GET", rest.ids(t), got.ids(t))
	}
}

// TestSearchBodies: what is no search is refused before any call.
func TestSearchBodies(t *testing.T) {
	f := seeded(t, setup{})
	before := f.state()
	for _, path := range []string{"/Users/.search", "/Groups/.search", "/.search"} {
		for _, body := range []string{"", "[]", `"x"`, "null", "{", search("filter", "{}"), search("attributes", `{"a":1}`), search("count", `{"value":1}`)} {
			f.wantError(400, scim.InvalidSyntax, "POST", path, body)
		}
		f.wantError(400, scim.InvalidValue, "POST", path, search("count", "true"), "count")
		f.wantError(400, scim.InvalidFilter, "POST", path, search("filter", "true"))
		f.wantError(400, scim.InvalidFilter, "POST", path, search("filter", `["userName eq"]`))
		f.call("POST", path, search(), "Content-Type", "application/x-www-form-urlencoded").checkError(t, 415, "")
		f.call("POST", path, search(), "Authorization", "").checkError(t, 401, "")
	}
	f.wantCalls()
	f.untouched(before)
}

// TestSearchAll: users and then groups are one list.
func TestSearchAll(t *testing.T) {
	f := start(t, setup{legacy: []legacytest.Option{legacytest.WithHosts(5)}, edits: []string{"max_results: 1000", "max_results: 7"}})
	for i := range 4 {
		f.api.AddGroup(group(fmt.Sprintf("Team %d", i)))
	}
	all := strings.Fields("User1 User2 User3 User4 User5 Group1 Group2 Group3 Group4")
	for start := -1; start <= 11; start++ {
		for _, count := range []int{-1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 100} {
			first := max(start, 1)
			from := min(first-1, len(all))
			want := all[from:min(from+min(max(count, 0), 7), len(all))]
			a := f.want(200, "GET", fmt.Sprintf("?startIndex=%d&count=%d", start, count), "")
			f.wantAll(a, 9, first, want)
			// The same by a filter that everything matches.
			a = f.want(200, "POST", "/.search", search("filter", `"meta.created pr"`, "startIndex", strconv.Itoa(start), "count", strconv.Itoa(count)))
			f.wantAll(a, 9, first, want)
		}
	}
	f.wantAll(f.want(200, "GET", "", ""), 9, 1, all[:7]) // max_results
	f.wantAll(f.want(200, "GET", "/?startIndex=9223372036854775807", ""), 9, 9223372036854775807, nil)
}

// wantAll checks a list of users and groups.
func (f *fixture) wantAll(a answer, total, start int, want []string) {
	f.Helper()
	v := a.value(f.T)
	got := []string{}
	for _, r := range v.Get("Resources").Parts() {
		meta := r.Value.Get("meta")
		id := r.Value.Get("id").Text()
		got = append(got, meta.Get("resourceType").Text()+id)
		if location := meta.Get("location").Text(); location != f.url+base+"/"+meta.Get("resourceType").Text()+"s/"+id {
			f.Errorf("%s: location %s", a.request, location)
		}
	}
	if !slices.Equal(got, want) || v.Get("totalResults").Text() != strconv.Itoa(total) || v.Get("startIndex").Text() != strconv.Itoa(start) || v.Get("itemsPerPage").Text() != strconv.Itoa(len(want)) {
		f.Errorf("%s has %q with totalResults %s, startIndex %s, itemsPerPage %s; want %q of %d from %d", a.request, got, v.Get("totalResults"), v.Get("startIndex"), v.Get("itemsPerPage"), want, total, start)
	}
}

func TestSearchAllFilters(t *testing.T) {
	f := seeded(t, setup{})
	const users, groups = "GET /hosts", "GET /host_groups"
	for _, test := range []struct {
		filter string
		want   string
		calls  []string
	}{
		{`userName eq "ivo@example.com"`, "User2", []string{users}},
		{`displayName eq "security"`, "Group2", []string{groups, "GET /host_groups/2/hosts"}},
		{`displayName eq "Nobody"`, "", []string{groups}},
		{`id eq "2"`, "User2 Group2", []string{"GET /hosts/2", "GET /host_groups/2", "GET /host_groups/2/hosts"}},
		{`id eq "3"`, "User3", []string{"GET /hosts/3", "GET /host_groups/3"}},
		{`meta.resourceType eq "Group" and id eq "1"`, "Group1", []string{"GET /hosts/1", "GET /host_groups/1", "GET /host_groups/1/hosts"}},
		{`members.value eq "2" and id eq "1"`, "Group1", nil},
		{enterprise + `:department eq "Reception" and userName eq "mia@example.com"`, "User3", []string{users}},
	} {
		f.api.TakeCalls()
		fresh := seeded(t, setup{})
		a := fresh.want(200, "POST", "/.search", search("filter", strconv.Quote(test.filter)))
		fresh.wantAll(a, len(strings.Fields(test.want)), 1, strings.Fields(test.want))
		if test.calls != nil {
			fresh.wantCalls(test.calls...)
		}
	}
	// What no type has is a fault, and not an empty list.
	for _, filter := range []string{`shoeSize eq 42`, `userName eq "x" and displayName eq "y"`, `userName eq`, `password eq "x"`} {
		f.wantError(400, scim.InvalidFilter, "POST", "/.search", search("filter", strconv.Quote(filter)))
		f.wantError(400, scim.InvalidFilter, "GET", "?filter="+url.QueryEscape(filter), "")
	}
	f.wantCalls()
	for _, params := range [][]string{{"sortBy", `"userName"`}, {"cursor", `""`}, {"cursor", `"x"`}} {
		f.wantError(400, scim.InvalidValue, "POST", "/.search", search(params...), "/Users and /Groups")
	}
	f.wantCalls()
	// The parts that nobody asked for are not read.
	f.wantAll(f.want(200, "POST", "/.search", search("excludedAttributes", `"members"`)), 5, 1, strings.Fields("User1 User2 User3 Group1 Group2"))
	f.wantCalls(users, groups)
	f.want(200, "POST", "/.search", search("attributes", `["userName"]`, "count", "0"))
	f.wantCalls(users, groups)
}

// TestSearchAllOutage: a part that cannot be read is an error, and not a
// shorter list.
func TestSearchAllOutage(t *testing.T) {
	for _, broken := range []string{"/hosts", "/host_groups"} {
		f := start(t, setup{before: brokenAt(legacytest.Prefix + broken)})
		f.wantError(503, "", "GET", "", "")
		f.wantError(503, "", "POST", "/.search", search("filter", `"meta.created pr"`))
	}
	// Without groups there are only users.
	profile, _, _ := strings.Cut(profile(), "\n  Group:\n")
	f := start(t, setup{profile: profile + "\n"})
	f.api.AddHost(host("noa"))
	f.wantAll(f.want(200, "GET", "", ""), 1, 1, []string{"User1"})
	f.wantError(400, scim.InvalidFilter, "POST", "/.search", search("filter", `"displayName eq \"x\""`))
}

// brokenAt returns a hook that answers calls of the path with 500.
func brokenAt(path string) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path != path {
			return false
		}
		respond(500, "")(w, r)
		return true
	}
}

// TestMoreMethods: what the endpoints without resources allow.
func TestMoreMethods(t *testing.T) {
	f := seeded(t, setup{})
	before := f.state()
	for _, test := range []struct{ path, allow string }{
		{"", "GET, HEAD, OPTIONS"}, {"/.search", "OPTIONS, POST"}, {"/Bulk", "OPTIONS, POST"},
		{"/Schemas", "GET, HEAD, OPTIONS"}, {"/Schemas/" + userURN, "GET, HEAD, OPTIONS"},
		{"/ResourceTypes", "GET, HEAD, OPTIONS"}, {"/ResourceTypes/User", "GET, HEAD, OPTIONS"}, {"/ServiceProviderConfig", "GET, HEAD, OPTIONS"},
		{"/Users", "GET, HEAD, OPTIONS, POST"}, {"/Users/1", "DELETE, GET, HEAD, OPTIONS, PATCH, PUT"}, {"/Groups/1", "DELETE, GET, HEAD, OPTIONS, PATCH, PUT"},
		{"/Me", "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT"},
	} {
		a := f.want(204, "OPTIONS", test.path, "")
		if got := a.header.Get("Allow"); got != test.allow || a.body != "" {
			t.Errorf("OPTIONS %s allows %q, want %q", test.path, got, test.allow)
		}
		for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"} {
			if slices.Contains(strings.Split(test.allow, ", "), method) {
				continue
			}
			a := f.call(method, test.path, "{}")
			if a.status != 405 || a.header.Get("Allow") != test.allow {
				t.Errorf("%s %s = %d and allows %q, want 405 and %q", method, test.path, a.status, a.header.Get("Allow"), test.allow)
			}
			if method != "HEAD" {
				a.checkError(t, 405, "")
			}
		}
	}
	// A search is no user.
	for _, method := range []string{"GET", "PUT", "PATCH", "DELETE"} {
		f.wantError(404, "", method, "/Users/.search", map[string]string{"PATCH": patch(deactivateOp), "PUT": noa}[method], "there is no")
	}
	f.wantError(404, "", "OPTIONS", "/Nothing", "")
	f.call("OPTIONS", "/Users", "", "Authorization", "").checkError(t, 401, "")
	for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE"} {
		f.wantError(501, "", method, "/Me", "{}", "/Me")
	}
	if a := f.call("HEAD", "/Me", ""); a.status != 501 || a.body != "" {
		t.Errorf("HEAD /Me = %d %q, want 501 and no body", a.status, a.body)
	}
	f.wantCalls()
	f.untouched(before)
}
