package adapter_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
)

// TestConcurrentMembership: many requests change one team at once, and none
// undoes another, however members are kept.
func TestConcurrentMembership(t *testing.T) {
	everyStyle(t, func(t *testing.T, style string) {
		c := &club{style: style, people: 50}
		f := startClub(t, c)
		id := c.put(count(26, 50)...)
		changeAtOnce(t, id, f)
		if got, want := c.members(id), strings.Trim(fmt.Sprint(count(1, 25)), "[]"); got != want {
			t.Errorf("members %q, want %q", got, want)
		}
	})
}

// changeAtOnce adds the people 1 to 25 and removes 26 to 50, each in a request
// of its own, spread over the adapters.
func changeAtOnce(t *testing.T, group string, adapters ...*fixture) {
	t.Helper()
	var wg sync.WaitGroup
	for p := 1; p <= 50; p++ {
		f, body := adapters[p%len(adapters)], patch(member("add", p))
		if p > 25 {
			body = patch(member("remove", p))
		}
		wg.Go(func() {
			for range 20 {
				a, err := f.try("PATCH", f.url+base+"/Groups/"+group, body)
				if err != nil || a.status != 204 && a.status != 503 {
					t.Errorf("person %d: %v %d %s", p, err, a.status, a.body)
				}
				if a.status != 503 {
					return
				}
			}
			t.Errorf("person %d: still 503 after 20 tries", p)
		})
	}
	wg.Wait()
}

// TestTwoReplicas: where the API checks versions, two adapters before it do
// not undo each other.
func TestTwoReplicas(t *testing.T) {
	for name, version := range map[string]string{
		"ETag":  "{header: If-Match}",
		"field": `{field: tag, header: if-match}`,
		"body":  `{field: links.rev}`,
	} {
		t.Run(name, func(t *testing.T) {
			c := &club{style: "field", versioned: true, people: 50}
			edit := []string{`update: {request: "PATCH /teams/{id}"}`, `update: {request: "PATCH /teams/{id}", version: ` + version + `}`}
			one := startClub(t, c, edit...)
			two := startClub(t, c, edit...)
			id := c.put(count(26, 50)...)
			changeAtOnce(t, id, one, two)
			if got, want := c.members(id), strings.Trim(fmt.Sprint(count(1, 25)), "[]"); got != want {
				t.Errorf("members %q, want %q", got, want)
			}
		})
	}
}

// TestVersionRefusals: a refusal that has nothing to do with the version is
// what it is, and a record that never stands still is no endless loop.
func TestVersionRefusals(t *testing.T) {
	edit := []string{`update: {request: "PATCH /teams/{id}"}`, `update: {request: "PATCH /teams/{id}", version: {header: If-Match}}`}
	patches := 0
	c := &club{style: "field", versioned: true}
	c.before = func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method == "PATCH" {
			patches++
			w.WriteHeader(http.StatusConflict)
		}
		return r.Method == "PATCH"
	}
	f := startClub(t, c, edit...)
	id := c.put(1)
	f.wantError(409, "uniqueness", "PATCH", "/Groups/"+id, patch(`{"op":"replace","path":"displayName","value":"Taken"}`, member("add", 2)), "displayName")
	if patches != 1 {
		t.Errorf("a refused name was sent %d times, want once", patches)
	}
	patches = 0
	c.before = func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method == "PATCH" {
			patches++
			c.mu.Lock()
			c.teams[0].rev++
			c.mu.Unlock()
		}
		return false
	}
	a := f.wantError(503, "", "PATCH", "/Groups/"+id, patch(member("add", 2)), "faster than it can be written")
	if a.header.Get("Retry-After") == "" || patches != 6 {
		t.Errorf("Retry-After %q after %d tries, want one after 6", a.header.Get("Retry-After"), patches)
	}
}
