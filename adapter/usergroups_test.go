package adapter_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
)

// TestGroupsOfUsers: where users hold their groups, each is shown with them
// at no cost, and found by them.
func TestGroupsOfUsers(t *testing.T) {
	c := &club{style: "users"}
	f := startClub(t, c)
	one, two := c.put(1, 2), c.put(2)
	c.take()
	groups := func(v string) string {
		return fmt.Sprintf(`{"value":%q,"$ref":"%s"}`, v, f.url+base+"/Groups/"+v)
	}
	if got, want := f.want(200, "GET", "/Users/2", "").value(t).Get("groups").String(), "["+groups(one)+","+groups(two)+"]"; got != want {
		t.Errorf("groups = %s, want %s", got, want)
	}
	for path, want := range map[string]string{
		"/Users?filter=" + url.QueryEscape(`userName eq "p2@example.com"`): one + " " + two,
		"/Users?startIndex=2&count=1":                                      one + " " + two,
		"/Users?startIndex=3&count=1":                                      "",
		"/Users?startIndex=2&count=1&excludedAttributes=groups":            "",
	} {
		var ids []string
		for _, g := range f.want(200, "GET", path, "").value(t).Get("Resources").At(0).Get("groups").Parts() {
			ids = append(ids, g.Value.Get("value").Text())
		}
		if got := strings.Join(ids, " "); got != want {
			t.Errorf("GET %s shows the groups %q, want %q", path, got, want)
		}
	}
	if got, want := c.take(), "GET /people/2, GET /people, GET /people, GET /people, GET /people"; got != want {
		t.Errorf("cost %s, want %s", got, want)
	}
	a := f.want(200, "GET", "/Users?filter="+url.QueryEscape(`groups.value eq "`+two+`"`), "")
	if got := strings.Join(a.ids(t), " "); got != "2" {
		t.Errorf("users of the group: %s, want 2", got)
	}
	f.wantError(400, "mutability", "PATCH", "/Users/2", patch(`{"op":"add","path":"groups","value":[{"value":"x"}]}`), "read only")
	schema := f.want(200, "GET", "/Schemas/urn:ietf:params:scim:schemas:core:2.0:User", "")
	if !strings.Contains(schema.body, `"name":"groups"`) || strings.Contains(schema.body, `"returned":"request"`) {
		t.Errorf("the schema does not have groups as returned by default: %s", schema.body)
	}
}

// TestUsersWithoutASearch: who is in a group is found by looking at everybody,
// and no further than the bound.
func TestUsersWithoutASearch(t *testing.T) {
	search := `search: [{filter: groups.value eq, request: GET /people, query: {team: "{value}"}, returns: exact}]`
	c := &club{style: "users"}
	f := startClub(t, c, search, "")
	id := c.put(1, 5)
	if got := memberText(t, f.want(200, "GET", "/Groups/"+id, "")); got != "1 5" {
		t.Errorf("members %q, want 1 5", got)
	}
	few := startClub(t, c, search, "", `retry: {max_attempts: 1}`, `scan_limit: 8`)
	few.wantError(400, "tooMany", "GET", "/Groups/"+id, "", "scan_limit")
}

// TestOneUserInManyGroups: changes of different groups at once are changes of
// one record where users hold their groups.
func TestOneUserInManyGroups(t *testing.T) {
	c := &club{style: "users"}
	f := startClub(t, c)
	var wg sync.WaitGroup
	for range 20 {
		id := c.put()
		wg.Go(func() { f.want(204, "PATCH", "/Groups/"+id, patch(member("add", 3, 1, 2))) })
	}
	wg.Wait()
	for _, team := range c.teams {
		if got := c.members(team.id); got != "1 2 3" {
			t.Errorf("members of %s %q, want 1 2 3", team.id, got)
		}
	}
}

// TestUsersBehindTheirIndex: where the search for the users of a group is
// behind, what was just written is looked at itself.
func TestUsersBehindTheirIndex(t *testing.T) {
	c := &club{style: "users"}
	f := startClub(t, c, `returns: exact}]`, `returns: exact, lag: 1h}]`)
	id := c.put(1, 2)
	old := fmt.Sprintf(`{"data":[{"id":1,"login":"p1@example.com","teams":[%[1]q]},{"id":2,"login":"p2@example.com","teams":[%[1]q]}]}`, id)
	c.before = func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Query().Get("team") == "" {
			return false
		}
		respond(200, old)(w, r)
		return true
	}
	f.want(204, "PATCH", "/Groups/"+id, patch(member("add", 3), member("remove", 1)))
	if got := memberText(t, f.want(200, "GET", "/Groups/"+id, "")); got != "2 3" {
		t.Errorf("members %q, want 2 3", got)
	}
}

// TestUserGoneMeanwhile: a user who is deleted between the reading and the
// writing is no user, which says nothing of the group.
func TestUserGoneMeanwhile(t *testing.T) {
	c := &club{style: "users"}
	c.before = func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method == "PATCH" && strings.HasSuffix(r.URL.Path, "/2") {
			w.WriteHeader(http.StatusNotFound)
			return true
		}
		return false
	}
	f := startClub(t, c)
	id := c.put(2)
	f.wantError(400, "invalidValue", "PATCH", "/Groups/"+c.put(), patch(member("add", 2)), `"2"`)
	f.want(204, "PATCH", "/Groups/"+id, patch(member("remove", 2)))
}
