package adapter

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"hostscim/mapping"
)

const inheritProfile = `
server: {cache_ttl: 1h}
auth: {bearer: [{name: test, token: t}]}
legacy: {base_url: "http://legacy.example.com", rate_limit: {per_second: 5, burst: 5}}
resources:
  User:
    id: id
    operations:
      list: {request: GET /users, items: items, total: total, paging: {style: offset, limit: 4}}
      search:
        - {filter: userName eq, request: GET /users, query: {q: "{value}"}, returns: superset, lag: 3s}
      get: {request: "GET /users/{id}"}
      create: {request: POST /users, unique: legacy}
    attributes:
      userName: {legacy: name}
`

// TestInherit: what a tenant has kept stays with it as long as it is about the
// same API, and the locks of records in any case.
func TestInherit(t *testing.T) {
	server := func(edits ...string) *Server {
		config, err := mapping.Load("test.yaml", []byte(strings.NewReplacer(edits...).Replace(inheritProfile)), mapping.Sources{})
		if err != nil {
			t.Fatal(err)
		}
		s, err := New(Options{Config: config, Transport: http.DefaultTransport})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	for _, test := range []struct {
		name                  string
		edits                 []string
		client, cache, lately bool // are kept
		lag                   time.Duration
	}{
		{"nothing changes", nil, true, true, true, 3 * time.Second},
		{"a row", []string{"attributes:", "attributes:\n      title: {legacy: job}"}, true, true, true, 3 * time.Second},
		{"a token", []string{"token: t", "token: u"}, true, true, true, 3 * time.Second},
		{"the lag of a search", []string{"lag: 3s", "lag: 9s"}, true, true, true, 9 * time.Second},
		{"how long names are kept", []string{"cache_ttl: 1h", "cache_ttl: 2h"}, true, false, true, 3 * time.Second},
		{"the pace", []string{"per_second: 5", "per_second: 6"}, false, false, true, 3 * time.Second},
		{"the API", []string{"legacy.example", "other.example"}, false, false, false, 3 * time.Second},
	} {
		t.Run(test.name, func(t *testing.T) {
			old, next := server(), server(test.edits...)
			was := old.tenants[0]
			was.users.lately.wrote("1", []name{{"userName", "kai"}})
			next.inherit(old)
			now := next.tenants[0]
			for _, kept := range []struct {
				what      string
				got, want bool
			}{
				{"client", now.client == was.client, test.client},
				{"client of users", now.users.client == was.client, test.client},
				{"cache", now.cache == was.cache, test.cache},
				{"cache of users", now.users.cache == now.cache, true},
				{"recent write", now.users.lately.knows("1"), test.lately},
				{"locks", now.users.locks == was.users.locks && now.users.claims == was.users.claims, true},
			} {
				if kept.got != kept.want {
					t.Errorf("%s is kept: %v, want %v", kept.what, kept.got, kept.want)
				}
			}
			if got := time.Duration(now.users.lately.lag.Load()); got != test.lag {
				t.Errorf("lag = %v, want %v", got, test.lag)
			}
		})
	}
	old, next := server(), server()
	old.tenants[0].name = "another"
	next.inherit(old)
	if now, was := next.tenants[0], old.tenants[0]; now.client == was.client || now.users.locks == was.users.locks {
		t.Error("a tenant has taken over what another one kept")
	}
}
