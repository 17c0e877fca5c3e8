package mapping

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestFilters holds how the comparisons of a profile with a search of every
// kind are run.
func TestFilters(t *testing.T) {
	users := table(t, "userName: {legacy: login}\nexternalId: {legacy: ext}\n'emails[type eq \"work\"].value': {legacy: work}\ntitle: {legacy: job, values: {Boss: [B, b], Clerk: C}}")
	searching := load(t, `
auth: {bearer: [{name: entra, token: example-token}]}
legacy: {base_url: "https://api.example.com"}
resources:
  User:
    id: id
    operations:
      get: {request: "GET /hosts/{id}"}
      search:
        - {filter: userName eq, request: GET /hosts, query: {q: "{value}"}, returns: exact, items: hosts, paging: {style: none}}
        - {filter: 'emails[type eq "work"].value eq', request: GET /mail, query: {q: "{value}"}, returns: superset, items: hosts, paging: {style: none}}
      create: {request: POST /hosts, unique: legacy}
    attributes:
      userName: {legacy: login}
      active: {legacy: on}
      'emails[type eq "work"].value': {legacy: work}
`).User
	groups := load(t, `
auth: {bearer: [{name: entra, token: example-token}]}
legacy: {base_url: "https://api.example.com"}
resources:
  Group:
    id: id
    operations:
      list: {request: GET /teams, items: teams, paging: {style: none}}
    members:
      list: {request: "GET /teams/{id}/people", items: people, value: id}
    attributes:
      displayName: {legacy: name, read_only: true}
`).Group
	for _, tt := range []struct {
		name  string
		table *Table
		want  []string
	}{
		{"no search", users, []string{
			"userName eq: scan GET /hosts 70", "externalId eq: scan GET /hosts 70", `emails[type eq "work"].value eq: scan GET /hosts 70`,
			"emails.value eq: scan GET /hosts 70", "id eq: look-up by id GET /hosts/{id}", "title eq: scan GET /hosts 70",
		}},
		{"searches and no list", searching, []string{
			"userName eq: exact search GET /hosts", "externalId eq: refused, no row maps it", `emails[type eq "work"].value eq: superset search GET /mail`,
			"emails.value eq: superset search GET /mail", "id eq: look-up by id GET /hosts/{id}",
			"active eq: refused, there is neither a search for it nor a list to look through",
		}},
		{"groups", groups, []string{
			"displayName eq: scan GET /teams 70", "externalId eq: refused, no row maps it", "id eq: scan GET /teams 70",
			"id eq and members eq: member list GET /teams/{id}/people",
		}},
	} {
		var got []string
		for _, a := range tt.table.Filters(70) {
			line := a.Filter + ": " + a.How
			if a.Call != "" {
				line += " " + a.Call
			}
			if a.AtMost != 0 {
				line += fmt.Sprint(" ", a.AtMost)
			}
			if a.Why != "" {
				line += ", " + a.Why
			}
			got = append(got, line)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s: Filters() (-want +got)\n%s", tt.name, diff)
		}
	}
}

// TestCoverage holds what becomes of what Entra sends. The tutorial of the
// vendor's application lists ten attributes of a user and two of a group.
func TestCoverage(t *testing.T) {
	state := func(t *Table, of func(Covered) bool) (paths []string) {
		for _, c := range t.Coverage() {
			if of(c) {
				paths = append(paths, strings.TrimPrefix(c.Path, enterpriseURN+":"))
			}
		}
		return paths
	}
	c := shipped(t)
	if got := state(c.User, func(c Covered) bool { return c.Tutorial && c.State == Mapped }); len(got) != 10 {
		t.Errorf("the shipped profile maps %q of the tutorial, want all 10", got)
	}
	if got := state(c.Group, func(c Covered) bool { return c.Tutorial && c.State == Mapped }); len(got) != 2 {
		t.Errorf("the shipped profile maps %q of the tutorial's groups, want both", got)
	}
	want := []string{
		"displayName", "title", `addresses[type eq "work"].streetAddress`, `addresses[type eq "work"].postalCode`,
		`addresses[type eq "other"].formatted`, `phoneNumbers[type eq "fax"].value`, "externalId", "employeeNumber", "manager",
	}
	if got := state(c.User, func(c Covered) bool { return c.State == Ignored && c.Policy == "warn" }); !slices.Equal(got, want) {
		t.Errorf("the shipped profile ignores %q, want %q", got, want)
	}
	small := load(t, `
auth: {bearer: [{name: entra, token: example-token}]}
legacy: {base_url: "https://api.example.com"}
resources:
  User:
    id: id
    operations:
      list: {request: GET /hosts, items: hosts, paging: {style: none}}
      create: {request: POST /hosts, unique: legacy}
    unmapped: {default: ignore, externalId: reject}
    attributes:
      userName: {legacy: login, pattern: "[a-z]{40}"}
      nickname: {legacy: nick}
      title: {legacy: job, read_only: true}
      'phoneNumbers[primary eq true].value': {legacy: phone}
      urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value: {legacy: boss}
`).User
	if got, want := state(small, func(c Covered) bool { return c.Sent() && c.State == Mapped }), []string{"userName", "manager"}; !slices.Equal(got, want) {
		t.Errorf("mapped: %q, want %q", got, want)
	}
	if got, want := state(small, func(c Covered) bool { return c.State == Rejected }), []string{"externalId"}; !slices.Equal(got, want) {
		t.Errorf("rejected: %q, want %q", got, want)
	}
	if got, want := state(small, func(c Covered) bool { return !c.Sent() }), []string{"nickName", "phoneNumbers[primary eq true].value"}; !slices.Equal(got, want) {
		t.Errorf("mapped and never sent: %q, want %q", got, want)
	}
	if got := state(small, func(c Covered) bool { return c.State == Ignored && c.Policy != "ignore" }); got != nil {
		t.Errorf("%q are ignored by another policy than ignore", got)
	}
}

// TestCost holds the formulas to the numbers that they give.
func TestCost(t *testing.T) {
	shape := func(style string, limit int, total string) *ListShape {
		return &ListShape{Items: new("hosts"), Total: &total, TotalHeader: new(""), Paging: &Paging{Style: style, Limit: limit}}
	}
	for _, tt := range []struct {
		cost  Cost
		text  string
		calls map[int]int
	}{
		{calls(0), "0", map[int]int{0: 0, 9: 0}},
		{calls(2), "2", map[int]int{9: 2}},
		{in(1), "n", map[int]int{0: 0, 9: 9}},
		{calls(1).plus(in(100)), "1 + ⌈n / 100⌉", map[int]int{0: 1, 1: 2, 100: 2, 101: 3}},
		{shape("none", 100, "").carefully(), "1", map[int]int{0: 1, 1000: 1}},
		{shape("offset", 100, "n").through(), "⌈n / 100⌉", map[int]int{0: 1, 100: 1, 101: 2}},
		{shape("offset", 100, "").through(), "1 + ⌈n / 100⌉", map[int]int{0: 1, 1: 2, 101: 3}},
		{shape("offset", 100, "n").carefully(), "⌈(n - 1) / 99⌉", map[int]int{0: 1, 1: 1, 100: 1, 101: 2, 199: 2, 200: 3}},
		{shape("offset", 1, "n").carefully(), "n + (n - 1)", map[int]int{0: 1, 1: 1, 2: 3, 5: 9}},
		{shape("page", 50, "").through(), "1 + ⌈n / 50⌉", map[int]int{50: 2}},
		{shape("cursor", 50, "").carefully(), "⌈n / 50⌉", map[int]int{0: 1, 51: 2}},
	} {
		if tt.cost.String() != tt.text {
			t.Errorf("%+v prints as %s, want %s", tt.cost, tt.cost, tt.text)
		}
		for n, want := range tt.calls {
			if got := tt.cost.For(n); got != want {
				t.Errorf("%s for %d = %d, want %d", tt.cost, n, got, want)
			}
		}
	}
}

// TestBudgetOfSpellings holds that a name which the legacy field may spell in
// two ways is searched for twice, and found once.
func TestBudgetOfSpellings(t *testing.T) {
	users := load(t, `
auth: {bearer: [{name: entra, token: example-token}]}
legacy: {base_url: "https://api.example.com"}
resources:
  User:
    id: id
    operations:
      list: {request: GET /hosts, items: hosts, paging: {style: offset}}
      search:
        - {filter: userName eq, request: GET /hosts, query: {q: "{value}"}, returns: superset}
      create: {request: POST /hosts, unique: adapter}
    attributes:
      userName: {legacy: login, prefix: "x-"}
`).User
	got := make(map[string]string)
	for _, e := range users.Budget() {
		got[e.Operation] = fmt.Sprint(e.Calls, " ", e.Offered)
	}
	for operation, want := range map[string]string{
		"Test Connection: filter=userName eq, nobody": "2 true",
		"GET /Users?filter=userName eq":               "3 true", // an API without a total is asked once more
		"POST /Users":                                 "3 true",
		"PATCH /Users/{id}":                           "1 false",
	} {
		if got[operation] != want {
			t.Errorf("%s costs %s, want %s", operation, got[operation], want)
		}
	}
}
