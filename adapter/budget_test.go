package adapter_test

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"hostscim/legacyclient/legacytest"
	"hostscim/mapping"
)

// spending does what an operation of [mapping.Table.Budget] says, for n.
type spending struct {
	// prepare makes what the operation needs, behind the adapter's back.
	prepare func(f *fixture, n int) string // the id
	// do does it to the record of that id.
	do func(f *fixture, id string, n int)
	// all says that n is the number of all records, which no test can choose.
	all bool
}

const budgetHosts = 250

// TestBudgetOfTheTable: what the table says that each operation costs is what
// it costs, for every shape that has another price.
func TestBudgetOfTheTable(t *testing.T) {
	for _, tt := range []struct {
		name  string
		edits []string
		more  map[string]int // what the note of an operation says comes on top
	}{
		{"shipped", nil, nil},
		{"whole records", []string{`{request: "PATCH /hosts/{id}", body: changed}`, `{request: "PUT /hosts/{id}", body: whole}`}, nil},
		{"the adapter keeps names apart", []string{"unique: legacy", "unique: adapter", "unique: legacy", "unique: adapter"}, nil},
		{"both", []string{`{request: "PATCH /hosts/{id}", body: changed}`, `{request: "PUT /hosts/{id}", body: whole}`, "unique: legacy", "unique: adapter"}, nil},
		{"small pages", []string{"limit: 100,", "limit: 10,", "limit: 100}", "limit: 7}", "max_per_call: 100", "max_per_call: 3"}, nil},
		{"pages of one", []string{"items: hosts, value: id}", "items: hosts, value: id, paging: {style: offset, limit: 1}}"}, nil},
		{"no total", []string{"total: pagination.total_records", `total: ""`, "total: pagination.total_records", `total: ""`}, map[string]int{
			"GET /Users?startIndex=s&count=n": 3 + 1, "GET /Groups?excludedAttributes=members&startIndex=s&count=n": 1 + 1,
		}},
		{"searches that lag", []string{"returns: superset}", "returns: superset, lag: 30s}", "displayName eq, request: GET /host_groups, query: {query: \"{value}\"}, returns: superset}", "displayName eq, request: GET /host_groups, query: {query: \"{value}\"}, returns: superset, lag: 30s}"}, nil},
		{"no search", []string{
			`        - {filter: userName eq, request: GET /hosts, query: {query: "{value}"}, returns: superset}` + "\n", "",
			`        - {filter: displayName eq, request: GET /host_groups, query: {query: "{value}"}, returns: superset}` + "\n", "",
			"      search:\n      get: {request: \"GET /host_groups", "      get: {request: \"GET /host_groups",
		}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := start(t, setup{edits: tt.edits, legacy: []legacytest.Option{legacytest.WithHosts(budgetHosts)}})
			c := load(t, "", "http://127.0.0.1:1", tt.edits...)
			f.api.AddGroup(group("Sought"))
			f.budget(c.User, userSpendings(), tt.more)
			f.budget(c.Group, groupSpendings(), tt.more)
		})
	}
}

// budget holds every expense of the table to what is really called.
func (f *fixture) budget(table *mapping.Table, spendings map[string]spending, more map[string]int) {
	f.Helper()
	done := 0
	for _, e := range table.Budget() {
		s, known := spendings[e.Operation]
		if !known || !e.Offered {
			f.Errorf("%s: offered %v; the test does it %v", e.Operation, e.Offered, known)
			continue
		}
		done++
		sizes := []int{1, 2, 99, 100, 101, 199, 240}
		if s.all {
			sizes = []int{len(f.api.Hosts())}
			if table.Type.Name == "Group" {
				sizes = []int{f.groupCount()}
			}
		}
		for _, n := range sizes {
			id := ""
			if s.prepare != nil {
				id = s.prepare(f, n)
			}
			f.api.ResetCalls()
			s.do(f, id, n)
			if got, want := f.api.TotalCalls(), e.Calls.For(n)+more[e.Operation]; got != want {
				f.Errorf("%s costs %d calls for n = %d, and %s says %d: %v", e.Operation, got, n, e.Calls, want, f.calls())
			}
		}
	}
	if done != len(spendings) {
		f.Errorf("the budget of %s has %d operations, and the test knows %d", table.Type.Name, done, len(spendings))
	}
}

func (f *fixture) groupCount() int {
	text := f.want(200, "GET", "/Groups?excludedAttributes=members&count=1", "").value(f.T).Get("totalResults").Text()
	total, err := strconv.Atoi(text)
	if err != nil {
		f.Fatal(err)
	}
	return total
}

func userSpendings() map[string]spending {
	named := 0
	newName := func() string { named++; return fmt.Sprintf("new%d@example.com", named) }
	filter := func(name string) func(*fixture, string, int) {
		return func(f *fixture, _ string, _ int) {
			f.want(200, "GET", "/Users?filter=userName+eq+%22"+name+"%22", "")
		}
	}
	change := func(operation func() string) func(*fixture, string, int) {
		return func(f *fixture, _ string, _ int) { f.want(200, "PATCH", "/Users/5", patch(operation())) }
	}
	user := func() string { return strings.Replace(noa, "noa@example.com", newName(), 1) }
	return map[string]spending{
		"Test Connection: filter=userName eq, nobody": {do: filter("c0c0a1b2-0000-4000-8000-000000000001"), all: true},
		"GET /Users?filter=userName eq": {all: true, do: func(f *fixture, _ string, n int) {
			h, _ := f.api.Host(7)
			filter(h.Username)(f, "", n)
		}},
		"GET /Users/{id}": {do: func(f *fixture, _ string, _ int) { f.want(200, "GET", "/Users/5", "") }},
		"GET /Users?startIndex=s&count=n": {do: func(f *fixture, _ string, n int) {
			f.want(200, "GET", fmt.Sprintf("/Users?startIndex=8&count=%d", n), "")
		}},
		"PATCH /Users/{id}": {do: change(func() string { return `{"op":"Replace","path":"active","value":"False"}` })},
		"PATCH /Users/{id}, userName": {all: true, do: change(func() string {
			return fmt.Sprintf(`{"op":"replace","path":"userName","value":%q}`, newName())
		})},
		"PATCH /Users/{id} that needs the current value": {
			prepare: func(f *fixture, _ int) string {
				change(func() string {
					return `{"op":"replace","path":"emails[type eq \"work\"].value","value":"e@example.com"}`
				})(f, "", 0)
				return ""
			},
			do: change(func() string {
				return `{"op":"replace","path":"emails[value eq \"e@example.com\"].value","value":"e@example.com"}`
			}),
		},
		"PUT /Users/{id}":    {all: true, do: func(f *fixture, _ string, _ int) { f.want(200, "PUT", "/Users/6", user()) }},
		"POST /Users":        {all: true, do: func(f *fixture, _ string, _ int) { f.want(201, "POST", "/Users", user()) }},
		"DELETE /Users/{id}": {all: true, do: func(f *fixture, _ string, _ int) { f.want(204, "DELETE", fmt.Sprint("/Users/", budgetHosts+1), "") }},
	}
}

func groupSpendings() map[string]spending {
	named := 0
	newName := func() string { named++; return fmt.Sprint("New ", named) }
	with := func(f *fixture, n int) string { return fmt.Sprint(f.api.AddGroup(group(newName()), hosts(n)...).ID) }
	empty := func(f *fixture, _ int) string { return fmt.Sprint(f.api.AddGroup(group(newName())).ID) }
	filter := func(name string) func(*fixture, string, int) {
		return func(f *fixture, _ string, _ int) {
			f.want(200, "GET", "/Groups?excludedAttributes=members&filter=displayName+eq+%22"+name+"%22", "")
		}
	}
	members := func(op string) func(*fixture, string, int) {
		return func(f *fixture, id string, n int) {
			f.want(204, "PATCH", "/Groups/"+id, patch(fmt.Sprintf(`{"op":%q,"path":"members","value":%s}`, op, memberList(n))))
		}
	}
	post := func(n int) string {
		return fmt.Sprintf(`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":%q,"members":%s}`, newName(), memberList(n))
	}
	return map[string]spending{
		"Test Connection: filter=displayName eq, no such group":        {do: filter("c0c0a1b2-0000"), all: true},
		"GET /Groups?excludedAttributes=members&filter=displayName eq": {do: filter("Sought"), all: true},
		"GET /Groups/{id}?excludedAttributes=members": {prepare: with, do: func(f *fixture, id string, _ int) {
			f.want(200, "GET", "/Groups/"+id+"?excludedAttributes=members", "")
		}},
		"GET /Groups?excludedAttributes=members&startIndex=s&count=n": {all: true, do: func(f *fixture, _ string, n int) {
			f.want(200, "GET", fmt.Sprintf("/Groups?excludedAttributes=members&startIndex=1&count=%d", n), "")
		}},
		"POST /Groups without members": {all: true, do: func(f *fixture, _ string, _ int) { f.want(201, "POST", "/Groups", post(0)) }},
		"PATCH /Groups/{id}, displayName": {all: true, do: func(f *fixture, _ string, _ int) {
			f.want(204, "PATCH", "/Groups/1", patch(fmt.Sprintf(`{"op":"replace","path":"displayName","value":%q}`, newName())))
		}},
		"DELETE /Groups/{id}":                    {prepare: empty, do: func(f *fixture, id string, _ int) { f.want(204, "DELETE", "/Groups/"+id, "") }},
		"GET /Groups/{id} with n members":        {prepare: with, do: func(f *fixture, id string, _ int) { f.want(200, "GET", "/Groups/"+id, "") }},
		"POST /Groups with n members":            {do: func(f *fixture, _ string, n int) { f.want(201, "POST", "/Groups", post(n)) }},
		"PATCH members: add n":                   {prepare: empty, do: members("add")},
		"PATCH members: remove n":                {prepare: with, do: members("remove")},
		"PATCH members: replace n by the same n": {prepare: with, do: members("replace")},
		"GET /Groups?attributes=id&filter=id eq and members eq, the last of n": {prepare: with, do: func(f *fixture, id string, n int) {
			a := f.want(200, "GET", fmt.Sprintf("/Groups?attributes=id&filter=id+eq+%%22%s%%22+and+members+eq+%%22%d%%22", id, n), "")
			if ids := a.ids(f.T); !slices.Equal(ids, []string{id}) {
				f.Errorf("the last of %d members is in %q, want %s", n, ids, id)
			}
		}},
	}
}

// hosts returns the ids 1 to n.
func hosts(n int) []int64 {
	ids := make([]int64, n)
	for i := range ids {
		ids[i] = int64(i + 1)
	}
	return ids
}

func memberList(n int) string {
	var list []string
	for _, id := range hosts(n) {
		list = append(list, fmt.Sprintf(`{"value":"%d"}`, id))
	}
	return "[" + strings.Join(list, ",") + "]"
}

// TestBudgetOfPaging: the same for every way of cutting a list into pages.
// Lists of four styles are read from their beginning, whatever is asked for.
func TestBudgetOfPaging(t *testing.T) {
	const count = 10
	for style, paging := range map[string]string{
		"none":   "{style: none}",
		"offset": "{style: offset, limit: 4, offset_param: skip}",
		"page":   "{style: page, limit: 4, first_page: 0}",
		"cursor": "{style: cursor, limit: 4, cursor_param: after, next: next}",
		"link":   "{style: link, limit: 4}",
		"next":   "{style: next, limit: 4, next: next}",
	} {
		t.Run(style, func(t *testing.T) {
			t.Parallel()
			total := "total_header: X-Total-Count, "
			if style == "link" {
				total = "" // that API tells none
			}
			api := &people{t: t, style: style}
			for i := range count {
				api.names = append(api.names, fmt.Sprintf("p%d@example.com", i+1))
			}
			var made atomic.Int64
			profile := `
auth: {bearer: [{name: a, token: "${HOSTSCIM_TOKEN}"}]}
legacy: {base_url: "${LEGACY_URL}", headers: {X-Version: "2"}}
resources:
  User:
    id: {legacy: id, type: integer}
    operations:
      list: {request: GET /people, items: data, each: person, ` + total + `paging: ` + paging + `}
      get: {request: "GET /people/{id}", item: person}
      create: {request: POST /people, item: person, wrap: person, unique: legacy}
    attributes: {userName: {legacy: login, required: true}}
`
			f := start(t, setup{profile: profile, before: func(w http.ResponseWriter, r *http.Request) bool {
				made.Add(1)
				api.ServeHTTP(w, r)
				return true
			}})
			costs := make(map[string]mapping.Cost)
			for _, e := range load(t, profile, "http://127.0.0.1:1").User.Budget() {
				costs[e.Operation] = e.Calls
			}
			want := func(operation string, n, more int, method, path, body string, status int) {
				t.Helper()
				made.Store(0)
				f.want(status, method, path, body)
				cost, known := costs[operation]
				if calls := cost.For(n) + more; !known || int(made.Load()) != calls {
					t.Errorf("%s costs %d calls for n = %d, and %s says %d", path, made.Load(), n, cost, calls)
				}
			}
			for _, n := range []int{1, 4, 8, count} {
				if style == "page" && n == count {
					continue // no page of theirs begins there: up to two more
				}
				read := n
				if style == "link" {
					read = count // to its end, to count it
				}
				want("GET /Users?startIndex=s&count=n", read, 0, "GET", fmt.Sprintf("/Users?startIndex=1&count=%d", n), "", 200)
			}
			want("GET /Users?filter=userName eq", count, 0, "GET", "/Users?filter=userName+eq+%22p7%40example.com%22", "", 200)
			// The API answers nothing but the id, as the note says.
			want("POST /Users", 0, 1, "POST", "/Users", `{"userName":"new@example.com"}`, 201)
		})
	}
}

// TestBudgetOfMembers: what the table says that operations on members cost is
// what they cost, in every way of keeping members.
func TestBudgetOfMembers(t *testing.T) {
	for _, style := range clubStyles {
		for name, edits := range map[string][]string{"": nil, "known by the adapter": {"    members:", "    members:\n      known: adapter"}} {
			t.Run(style+" "+name, func(t *testing.T) {
				t.Parallel()
				c := &club{style: style, people: 12}
				f := startClub(t, c, edits...)
				table := load(t, c.profile(), "http://127.0.0.1:1", edits...).Group
				for _, e := range table.Budget() {
					do, known := clubSpendings[e.Operation]
					if !known {
						continue
					}
					for _, n := range []int{1, 3, 4, 9} {
						do(f, c, n)
						if got, want := strings.Count(c.take(), ",")+1, e.Calls.For(n); got != want {
							t.Errorf("%s costs %d calls for n = %d, and %s says %d", e.Operation, got, n, e.Calls, want)
						}
					}
				}
			})
		}
	}
}

// clubSpendings do what an operation on members says, for n.
var clubSpendings = map[string]func(f *fixture, c *club, n int){
	"GET /Groups/{id} with n members": func(f *fixture, c *club, n int) {
		team := c.put(between(1, n)...)
		c.take()
		f.want(200, "GET", "/Groups/"+team, "")
	},
	"POST /Groups with n members": func(f *fixture, c *club, n int) {
		c.take()
		f.want(201, "POST", "/Groups", `{"displayName":"New","members":`+memberList(n)+`}`)
	},
	"PATCH members: add n": func(f *fixture, c *club, n int) {
		team := c.put(12)
		c.take()
		f.want(204, "PATCH", "/Groups/"+team, patch(`{"op":"add","path":"members","value":`+memberList(n)+`}`))
	},
	"PATCH members: remove n": func(f *fixture, c *club, n int) {
		team := c.put(between(1, n)...)
		c.take()
		f.want(204, "PATCH", "/Groups/"+team, patch(`{"op":"remove","path":"members","value":`+memberList(n)+`}`))
	},
	"PATCH members: replace n by the same n": func(f *fixture, c *club, n int) {
		team := c.put(between(1, n)...)
		c.take()
		f.want(204, "PATCH", "/Groups/"+team, patch(`{"op":"replace","path":"members","value":`+memberList(n)+`}`))
	},
	"GET /Groups?attributes=id&filter=id eq and members eq, the last of n": func(f *fixture, c *club, n int) {
		team := c.put(between(1, n)...)
		c.take()
		f.want(200, "GET", "/Groups?attributes=id&filter=id+eq+%22"+team+"%22+and+members+eq+%22"+strconv.Itoa(n)+"%22", "")
	},
}

func between(from, to int) []int {
	var all []int
	for i := from; i <= to; i++ {
		all = append(all, i)
	}
	return all
}
