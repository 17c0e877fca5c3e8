package adapter_test

import (
	"sync"
	"testing"
)

// TestRowsHeldTwice: an API that takes a pair twice is asked before it is told;
// what it holds twice is shown once, and removed whole.
func TestRowsHeldTwice(t *testing.T) {
	c := &club{style: "rows", loose: true}
	add := `add: {request: POST /memberships, body: {team: "{id}", person: "{value}"}`
	f := startClub(t, c, add, add+", unique: adapter")
	id := c.put(1, 2, 2, 2)
	if got := memberText(t, f.want(200, "GET", "/Groups/"+id, "")); got != "1 2" {
		t.Errorf("members %q, want each once", got)
	}
	f.want(204, "PATCH", "/Groups/"+id, patch(member("add", 1, 3)))
	if got := c.members(id); got != "1 2 2 2 3" {
		t.Errorf("rows of %q, want 1 2 2 2 3", got)
	}
	f.want(204, "PATCH", "/Groups/"+id, patch(member("remove", 2)))
	if got := c.members(id); got != "1 3" {
		t.Errorf("rows of %q, want 1 3", got)
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() { f.want(204, "PATCH", "/Groups/"+id, patch(member("add", 7))) })
	}
	wg.Wait()
	if got := c.members(id); got != "1 3 7" {
		t.Errorf("rows of %q after 8 adds at once, want 1 3 7", got)
	}
	rows := len(c.rows)
	f.wantError(404, "", "PATCH", "/Groups/t99", patch(member("add", 1)), "no Group")
	if len(c.rows) != rows {
		t.Errorf("a row of no team: %v", c.rows)
	}
}

// TestRowsWithoutFind: without a call that tells of one, the list is read.
func TestRowsWithoutFind(t *testing.T) {
	c := &club{style: "rows", loose: true}
	add := `add: {request: POST /memberships, body: {team: "{id}", person: "{value}"}`
	f := startClub(t, c, add, add+", unique: adapter", `find: {request: GET /memberships, query: {team: "{id}", person: "{value}"}}`, "")
	id := c.put(1, 2, 2)
	c.take()
	f.want(204, "PATCH", "/Groups/"+id, patch(member("add", 1, 3), member("remove", 2)))
	if got, want := c.take(), "GET /teams/t1, GET /memberships, POST /memberships, GET /memberships, DELETE /memberships/k3, DELETE /memberships/k4"; got != want || c.members(id) != "1 3" {
		t.Errorf("calls %s, want %s; rows of %q", got, want, c.members(id))
	}
}

// TestKnownByTheAdapter: before an API that takes any id, the adapter sees to
// it that members exist.
func TestKnownByTheAdapter(t *testing.T) {
	c := &club{style: "field", loose: true}
	f := startClub(t, c, "field: links.people", "field: links.people\n      known: adapter")
	id := c.put(1)
	f.wantError(400, "invalidValue", "PATCH", "/Groups/"+id, patch(member("add", 3, 77)), `"77"`)
	f.wantError(400, "invalidValue", "POST", "/Groups", `{"displayName":"New","members":[{"value":"77"}]}`, `"77"`)
	if len(c.teams) != 1 || c.members(id) != "1" {
		t.Errorf("%d teams, members %q", len(c.teams), c.members(id))
	}
	c.take()
	f.want(204, "PATCH", "/Groups/"+id, patch(member("add", 3)))
	if got, want := c.take(), "GET /people/3, GET /teams/t1, PATCH /teams/t1"; got != want {
		t.Errorf("calls %s, want %s", got, want)
	}
}
