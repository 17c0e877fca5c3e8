package integration

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"hostscim/integration/rehearse"
	"hostscim/legacyclient/legacytest"
)

// TestManyMembers adds a thousand members in one request, removes some, and
// adds them again.
//
// cases: 54, 55
func TestManyMembers(t *testing.T) {
	legacy := newLegacy(t, legacytest.WithHosts(1000))
	group := legacy.AddGroup(legacytest.Group{Name: "Thousand"}, 1, 500).ID
	s := start(t, quick(t), legacy)
	path := fmt.Sprintf("/Groups/%d", group)
	all := between(1, 1000)
	check := func(step string, want []int64) {
		t.Helper()
		if got := legacy.Members(group); !slices.Equal(got, want) {
			t.Errorf("%s: %d members, want %d", step, len(got), len(want))
		}
	}
	s.want(204, "PATCH", path, patch(newer.AddMembers(ids(append(all, all...)...)...)...))
	check("add 1000, each twice", all)
	legacy.ResetCalls()
	s.want(204, "PATCH", path, patch(older.AddMembers(ids(all...)...)...))
	check("add them again", all)
	if n := legacy.TotalCalls(); n != 10 {
		t.Errorf("adding 1000 members made %d legacy calls, want 10", n)
	}
	s.want(204, "PATCH", path, patch(older.RemoveMembers(ids(between(101, 1000)...)...)...))
	check("remove 900", between(1, 100))
	var ops []rehearse.Operation
	for _, id := range all {
		ops = append(ops, op("Add", "members", members(id)))
	}
	s.want(204, "PATCH", path, patch(ops...))
	check("1000 operations in one request", all)

	o := s.want(200, "GET", path, "").object(t)
	if n := len(o.list("members")); n != 1000 {
		t.Errorf("GET %s lists %d members, want 1000", path, n)
	}
	s.want(204, "PATCH", path, patch(op("replace", "members", members(between(500, 1000)...))))
	check("replace by 501 of them", between(500, 1000))
}

// TestNobodyFromNoGroup holds that a group that does not exist is 404 also
// when the member to remove cannot exist.
//
// cases: 58
func TestNobodyFromNoGroup(t *testing.T) {
	legacy := newLegacy(t)
	group := legacy.AddGroup(legacytest.Group{Name: "Here"}).ID
	s := start(t, quick(t), legacy)
	for _, tt := range []struct {
		path string
		want int
	}{
		{fmt.Sprintf("/Groups/%d", group), http.StatusNoContent},
		{"/Groups/4711", http.StatusNotFound},
	} {
		for _, body := range []string{
			patch(op("remove", `members[value eq "nobody"]`, nil)),
			patch(older.RemoveMembers("nobody")...),
			patch(op("add", "members", []any{})),
			patch(op("remove", "members", nil)),
		} {
			if a := s.send("PATCH", tt.path, body); a.status != tt.want {
				t.Errorf("PATCH %s %s = %d %s, want %d", tt.path, body, a.status, a.body, tt.want)
			}
		}
	}
}

// TestHalfDone holds that a request that is refused after a part of it was
// done says so: members come before the name, and a name can be taken.
//
// cases: 60
func TestHalfDone(t *testing.T) {
	legacy := newLegacy(t, legacytest.WithHosts(150))
	legacy.AddGroup(legacytest.Group{Name: "Taken"})
	group := legacy.AddGroup(legacytest.Group{Name: "Mine"}).ID
	s := start(t, quick(t), legacy)
	path := fmt.Sprintf("/Groups/%d", group)
	for _, tt := range []struct {
		name string
		body string
		want int
	}{
		{"a name that is taken", patch(op("replace", "displayName", "taken"), op("add", "members", members(1))), 409},
		{"an unknown user among the first 100", patch(newer.AddMembers(ids(2, 9999)...)...), 400},
		{"an unknown user after them", patch(newer.AddMembers(ids(append(between(1, 120), 9999)...)...)...), 400},
	} {
		before := legacy.Members(group)
		a := s.send("PATCH", path, tt.body)
		if a.status != tt.want {
			t.Errorf("%s: %d %s, want %d", tt.name, a.status, a.body, tt.want)
		}
		after := legacy.Members(group)
		detail := a.object(t).text("detail")
		if !slices.Equal(before, after) && !strings.Contains(detail, "stay so") {
			t.Errorf("%s: the group has %d members and had %d, and the error says nothing of it: %s", tt.name, len(after), len(before), detail)
		}
	}
}
