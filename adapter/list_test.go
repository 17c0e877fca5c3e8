package adapter_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"hostscim/legacyclient/legacytest"
)

// TestWindow reads parts of a list of 25, at the legacy API's page of 100 and
// at one that cuts it to 7.
func TestWindow(t *testing.T) {
	for _, cap := range []int{100, 7} {
		t.Run(fmt.Sprintf("pages of %d", cap), func(t *testing.T) {
			f := start(t, setup{
				legacy: []legacytest.Option{legacytest.WithHosts(25), legacytest.WithPageCap(cap)},
				edits:  []string{"max_results: 1000", "max_results: 20"},
			})
			for _, test := range []struct {
				query                      string
				start, first, count, calls int // calls: at pages of 7
			}{
				{"count=5", 1, 1, 5, 1},
				{"startIndex=1&count=5", 1, 1, 5, 1},
				{"startIndex=6&count=5", 6, 6, 5, 1},
				{"STARTINDEX=11&Count=5", 11, 11, 5, 1},
				{"startIndex=11&count=15", 11, 11, 15, 3},
				{"startIndex=24&count=5", 24, 24, 2, 1},
				{"startIndex=25&count=1", 25, 25, 1, 1},
				{"startIndex=26&count=5", 26, 0, 0, 1},
				{"startIndex=1000", 1000, 0, 0, 1},
				{"startIndex=9223372036854775807&count=3", 9223372036854775807, 0, 0, 1},
				{"startIndex=0&count=3", 1, 1, 3, 1},
				{"startIndex=-7&count=3", 1, 1, 3, 1},
				{"count=0", 1, 0, 0, 1},
				{"startIndex=5&count=0", 5, 0, 0, 1},
				{"count=-1", 1, 0, 0, 1},
				{"count=20", 1, 1, 20, 3},
				{"count=25", 1, 1, 20, 3}, // max_results
				{"count=1000000", 1, 1, 20, 3},
				{"", 1, 1, 20, 3},
				{"startIndex=16", 16, 16, 10, 2},
			} {
				a := f.want(200, "GET", "/Users?"+test.query, "")
				calls := len(f.calls())
				f.wantPage(a, 25, test.start, test.first, test.count)
				if want := test.calls; cap == 7 && calls != want || cap == 100 && calls != 1 {
					t.Errorf("?%s makes %d legacy calls, want %d or 1", test.query, calls, want)
				}
			}
		})
	}
}

// wantPage checks a page of users whose ids are their places in the list.
func (f *fixture) wantPage(a answer, total, start, first, count int) {
	f.Helper()
	v := a.value(f.T)
	got := fmt.Sprintf("%s %s %s %s %s", v.Get("schemas"), v.Get("totalResults").Text(), v.Get("startIndex").Text(), v.Get("itemsPerPage").Text(), strings.Join(a.ids(f.T), " "))
	ids := make([]string, count)
	for i := range ids {
		ids[i] = fmt.Sprint(first + i)
	}
	want := fmt.Sprintf(`["urn:ietf:params:scim:api:messages:2.0:ListResponse"] %d %d %d %s`, total, start, count, strings.Join(ids, " "))
	if got != want {
		f.Errorf("%s = %s, want %s", a.request, got, want)
	}
	if !strings.Contains(a.body, `"Resources":[`) {
		f.Errorf("%s has no Resources: %s", a.request, a.body)
	}
}

// TestListWithoutTotal: of an API that does not tell, the total is counted.
func TestListWithoutTotal(t *testing.T) {
	f := start(t, setup{
		legacy: []legacytest.Option{legacytest.WithHosts(25), legacytest.WithPageCap(7)},
		edits:  []string{"        total: pagination.total_records\n", ""},
	})
	f.wantPage(f.want(200, "GET", "/Users?startIndex=5&count=10", ""), 25, 5, 5, 10)
	f.wantPage(f.want(200, "GET", "/Users?count=0", ""), 25, 1, 0, 0)
	f.wantPage(f.want(200, "GET", "/Users", ""), 25, 1, 1, 25)
	f.wantPage(f.want(200, "GET", "/Users?startIndex=30", ""), 25, 30, 0, 0)
	f.wantPage(f.want(200, "GET", "/Users?filter=userName+pr&startIndex=24", ""), 25, 24, 24, 2)
}

// TestListWithoutPages: an API that sends all at once.
func TestListWithoutPages(t *testing.T) {
	f := start(t, setup{
		before: func(w http.ResponseWriter, r *http.Request) bool {
			respond(200, `[{"id":1,"username":"a"},{"id":2,"username":"b"},{"id":3,"username":"c"}]`)(w, r)
			return true
		},
		edits: []string{
			"        items: hosts\n        total: pagination.total_records\n        paging: {style: offset, limit: 100, limit_param: limit, offset_param: offset}",
			"        items: \"\"\n        total: \"\"\n        paging: {style: none}",
		},
	})
	f.wantPage(f.want(200, "GET", "/Users", ""), 3, 1, 1, 3)
	f.wantPage(f.want(200, "GET", "/Users?startIndex=2&count=1", ""), 3, 2, 2, 1)
	f.wantPage(f.want(200, "GET", "/Users?startIndex=4", ""), 3, 4, 0, 0)
	f.wantPage(f.want(200, "GET", "/Users?filter=userName+gt+%22a%22&count=1", ""), 2, 1, 2, 1)
}

// TestFilteredWindow: a window of what a filter finds; every record is held
// against the filter, the API's fuzzy search or not.
func TestFilteredWindow(t *testing.T) {
	f := start(t, setup{legacy: []legacytest.Option{legacytest.WithPageCap(7)}})
	for i := range 25 {
		h := host(fmt.Sprintf("noa%02d", i+1))
		h.Visible = i%2 == 0
		h.Department = []string{"North", "South"}[i/20]
		f.api.AddHost(h)
	}
	for _, test := range []struct {
		filter, window             string
		total, start, first, count int
	}{
		{`userName eq "noa07@example.com"`, "", 1, 1, 7, 1},
		{`userName eq "noa07@example.com"`, "&startIndex=2", 1, 2, 0, 0},
		{`userName eq "noa07@example.com"`, "&count=0", 1, 1, 0, 0},
		{`userName eq "noa0"`, "", 0, 1, 0, 0}, // part of nine names
		{`userName eq "noa"`, "", 0, 1, 0, 0},
		{`userName sw "noa"`, "", 25, 1, 1, 25},
		{`userName sw "noa"`, "&startIndex=6&count=5", 25, 6, 6, 5},
		{`userName sw "noa"`, "&startIndex=26", 25, 26, 0, 0},
		{enterprise + `:department eq "south"`, "&startIndex=2&count=3", 5, 2, 22, 3},
		{`userName eq "noa02@example.com" and active eq true`, "", 0, 1, 0, 0},
		{`userName eq "noa02@example.com" and active eq false`, "", 1, 1, 2, 1},
		{`emails[type eq "work"].value eq "noa03@mail.example.com"`, "", 1, 1, 3, 1},
		{`emails[type eq "other"].value eq "noa04@other.example.com"`, "", 1, 1, 4, 1},
		{`emails eq "noa04@other.example.com"`, "", 1, 1, 4, 1},
		{`id eq "5"`, "", 1, 1, 5, 1},
		{`id eq "5" or userName eq "noa06@example.com" or id eq "6"`, "", 2, 1, 5, 2},
	} {
		q := strings.NewReplacer(" ", "+", `"`, "%22", "[", "%5B", "]", "%5D").Replace(test.filter)
		f.wantPage(f.want(200, "GET", "/Users?filter="+q+test.window, ""), test.total, test.start, test.first, test.count)
	}
}

// TestTooMany: what would read more than scan_limit is refused, never
// answered in part.
func TestTooMany(t *testing.T) {
	f := start(t, setup{
		legacy: []legacytest.Option{legacytest.WithHosts(25), legacytest.WithPageCap(7)},
		edits:  []string{"scan_limit: 20000", "scan_limit: 24"},
	})
	f.wantError(400, "tooMany", "GET", "/Users?filter=active+eq+true", "", "24", "userName", "scan_limit")
	f.wantError(400, "tooMany", "GET", "/Users?filter=userName+co+%22e%22", "", "24")
	f.want(200, "GET", "/Users?filter=userName+eq+%22nobody%22", "")
}

// TestInactiveAreListed: a host that is invisible is a user all the same.
func TestInactiveAreListed(t *testing.T) {
	f := start(t, setup{})
	h := host("noa")
	h.Visible = false
	f.api.AddHost(h)
	for _, path := range []string{"/Users", "/Users?filter=userName+eq+%22noa@example.com%22"} {
		a := f.want(200, "GET", path, "")
		if r := a.value(t).Get("Resources"); r.Len() != 1 || r.At(0).Get("active").String() != "false" {
			t.Errorf("GET %s = %s, want one user with active false", path, a.body)
		}
	}
}
