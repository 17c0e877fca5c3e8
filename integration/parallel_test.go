package integration

import (
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"

	"hostscim/legacyclient/legacytest"
)

// atOnce calls f with 0 to n-1 at the same time and waits for all.
func atOnce(n int, f func(i int)) {
	var wg sync.WaitGroup
	begin := make(chan struct{})
	for i := range n {
		wg.Go(func() {
			<-begin
			f(i)
		})
	}
	close(begin)
	wg.Wait()
}

// TestParallelMembers sends what Entra sends on the first cycle of a large
// group: many PATCHes of one member each, at the same time.
//
// cases: 59
func TestParallelMembers(t *testing.T) {
	legacy := newLegacy(t, legacytest.WithHosts(75))
	group := legacy.AddGroup(legacytest.Group{Name: "Everybody"}).ID
	s := start(t, quick(t), legacy)
	path := fmt.Sprintf("/Groups/%d", group)
	send := func(body string) {
		if a := s.send("PATCH", path, body); a.status != http.StatusNoContent {
			t.Errorf("PATCH %s = %d %s, want 204", body, a.status, a.body)
		}
	}
	atOnce(50, func(i int) { send(patch(older.AddMembers(ids(int64(i + 1))...)...)) })
	if got, want := legacy.Members(group), between(1, 50); !slices.Equal(got, want) {
		t.Fatalf("members after 50 adds at once = %v, want %v", got, want)
	}
	// 51 to 75 come, 1 to 25 go, in both forms of a removal.
	atOnce(50, func(i int) {
		id := int64(i/2 + 1)
		switch {
		case i%2 == 0:
			send(patch(newer.AddMembers(ids(50 + id)...)...))
		case i%4 == 1:
			send(patch(newer.RemoveMembers(ids(id)...)...))
		default:
			send(patch(older.RemoveMembers(ids(id)...)...))
		}
	})
	if got, want := legacy.Members(group), between(26, 75); !slices.Equal(got, want) {
		t.Errorf("members after 25 adds and 25 removes at once = %v, want %v", got, want)
	}
}

// TestMixedRequests sends 200 requests of all kinds over connections that are
// kept, and then looks whether each did its work.
func TestMixedRequests(t *testing.T) {
	legacy := newLegacy(t, legacytest.WithHosts(50))
	group := legacy.AddGroup(legacytest.Group{Name: "Mixed"}).ID
	s := start(t, quick(t), legacy)
	path := fmt.Sprintf("/Groups/%d", group)
	check := func(want int, a answer, what string) {
		if a.status != want {
			t.Errorf("%s = %d %s, want %d", what, a.status, a.body, want)
		}
	}
	atOnce(20, func(worker int) {
		for round := range 2 {
			name := fmt.Sprintf("mixed%d-%d", worker, round)
			created := s.send("POST", "/Users", newUser(name))
			check(201, created, "POST /Users")
			if created.status != 201 {
				return
			}
			o := created.object(t)
			user := "/Users/" + o.text("id")
			check(200, s.send("PATCH", user, patch(op("Replace", "active", "False"))), "PATCH "+user)
			check(204, s.send("PATCH", path, patch(older.AddMembers(o.text("id"))...)), "PATCH "+path)
			found := s.send("GET", "/Users?filter=userName+eq+%22"+name+"%40example.com%22", "")
			check(200, found, "GET /Users?filter")
			if got := found.object(t); got.int("totalResults") != 1 || got.at("Resources", 0, "active") != false {
				t.Errorf("%s is found as %s, want it once and inactive", name, found.body)
			}
			check(200, s.send("GET", path+"?excludedAttributes=members", ""), "GET "+path)
		}
	})
	if got := len(legacy.Members(group)); got != 40 {
		t.Errorf("the group has %d members, want 40", got)
	}
	if got := len(legacy.Hosts()); got != 90 {
		t.Errorf("there are %d hosts, want 90", got)
	}
}
