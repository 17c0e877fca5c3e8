package integration

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"text/tabwriter"

	"hostscim/integration/rehearse"
	"hostscim/legacyclient/legacytest"
)

// expense is one row of the budget: a SCIM operation and the legacy calls
// that it may cost, in a process that knows nothing yet and in one that has
// done the same before.
type expense struct {
	operation  string
	cold, warm int
	// do does the operation for the first or the second time. What it does
	// behind the adapter's back is not counted.
	do func(s *system, time int)
}

// TestBudget measures the call budget of the README, row by row.
func TestBudget(t *testing.T) {
	legacy := newLegacy(t, legacytest.WithHosts(1200))
	for n := range 2 {
		legacy.AddGroup(legacytest.Group{Name: fmt.Sprintf("Team %d", n)}, between(1, 250)...)
	}
	for n := range 150 {
		legacy.AddHost(legacytest.Host{Username: fmt.Sprintf("crowd%d@example.com", n)})
	}
	first := legacy.AddGroup(legacytest.Group{Name: "Growing"}).ID
	second := legacy.AddGroup(legacytest.Group{Name: "Growing more"}).ID
	growing := []int64{first, second}
	usual := start(t, quick(t), legacy)
	asks := start(t, bytes.Replace(quick(t), []byte("idempotent: true, unique: legacy"), []byte("idempotent: true, unique: adapter"), 1), legacy)
	name := legacy.Hosts()[7].Username

	rows := []struct {
		sys  *system
		rows []expense
	}{{usual, userExpenses(name)}, {asks, []expense{
		{"POST /Users, adapter enforces uniqueness", 2, 2, func(s *system, n int) {
			s.want(201, "POST", "/Users", newUser(fmt.Sprintf("asked%d", n)))
		}},
	}}, {usual, groupExpenses(growing)}, {usual, exceptions(legacy, growing)}}

	var table strings.Builder
	w := tabwriter.NewWriter(&table, 0, 0, 2, ' ', tabwriter.Debug)
	fmt.Fprint(w, "SCIM operation \t cold \t warm \t\n")
	for _, part := range rows {
		for _, e := range part.rows {
			cold, warm := e.measure(part.sys, legacy, 0), e.measure(part.sys, legacy, 1)
			fmt.Fprintf(w, "%s \t %d \t %d \t\n", e.operation, cold, warm)
			if cold != e.cold || warm != e.warm {
				t.Errorf("%s: %d legacy calls cold and %d warm, want %d and %d", e.operation, cold, warm, e.cold, e.warm)
			}
		}
	}
	w.Flush()
	t.Logf("legacy calls for each SCIM operation\n%s", table.String())
}

// measure does the operation and returns how many calls it cost.
func (e *expense) measure(s *system, legacy *legacytest.Server, time int) int {
	legacy.ResetCalls()
	e.do(s, time)
	return legacy.TotalCalls()
}

func userExpenses(userName string) []expense {
	byName := "/Users?filter=userName+eq+%22" + userName + "%22"
	return []expense{
		{"Test Connection (no such user)", 1, 1, func(s *system, _ int) {
			s.want(200, "GET", "/Users?filter=userName+eq+%22c0c0a1b2-0000-4000-8000-000000000001%22", "")
		}},
		{"GET /Users?filter=userName eq", 1, 1, func(s *system, _ int) { s.want(200, "GET", byName, "") }},
		{`GET /Users?filter=emails[type eq "work"].value eq`, 1, 1, func(s *system, _ int) {
			s.want(200, "GET", "/Users?filter=emails%5btype+eq+%22work%22%5d.value+eq+%22nobody%40example.com%22", "")
		}},
		{"GET /Users/{id}", 1, 1, func(s *system, _ int) { s.want(200, "GET", "/Users/5", "") }},
		{"GET /Users?filter=id eq", 1, 1, func(s *system, _ int) { s.want(200, "GET", "/Users?filter=id+eq+%225%22", "") }},
		{"POST /Users, legacy enforces uniqueness", 1, 1, func(s *system, n int) {
			s.want(201, "POST", "/Users", newUser(fmt.Sprintf("new%d", n)))
		}},
		{"POST /Users, taken", 1, 1, func(s *system, _ int) { s.want(409, "POST", "/Users", newUser("new0")) }},
		{"PATCH /Users/{id}, older Entra dialect", 1, 1, func(s *system, _ int) {
			s.want(200, "PATCH", "/Users/5", patch(op("Replace", "name.givenName", "Eva"), op("Add", `phoneNumbers[type eq "mobile"].value`, "+1-555-0111"), op("Replace", "active", "True")))
		}},
		{"PATCH /Users/{id}, newer Entra dialect", 1, 1, func(s *system, _ int) {
			s.want(200, "PATCH", "/Users/5", patch(op("replace", `emails[type eq "work"].value`, "eva@example.com"), op("replace", "", map[string]any{"name.givenName": "Eva", enterprise + ":department": "Arts"})))
		}},
		{"PATCH /Users/{id}, primary e-mail", 1, 1, func(s *system, _ int) {
			s.want(200, "PATCH", "/Users/5", patch(op("replace", "emails[primary eq true].value", "eva@example.com")))
		}},
		{"PATCH /Users/{id}, disable", 1, 1, func(s *system, _ int) {
			s.want(200, "PATCH", "/Users/5", patch(op("Replace", "active", "False")))
		}},
		{"PATCH that needs the current value", 2, 2, func(s *system, _ int) {
			s.want(200, "PATCH", "/Users/5", patch(op("replace", `emails[value eq "eva@example.com"].value`, "eva@example.com")))
		}},
		{"PUT /Users/{id}", 1, 1, func(s *system, n int) { s.want(200, "PUT", "/Users/6", newUser(fmt.Sprintf("put%d", n))) }},
		{"DELETE /Users/{id}", 1, 1, func(s *system, n int) { s.want(204, "DELETE", fmt.Sprintf("/Users/%d", 1100+n), "") }},
		{"GET /Users?startIndex=1&count=100", 1, 1, func(s *system, _ int) { s.want(200, "GET", "/Users?startIndex=1&count=100", "") }},
		{"GET /Users?startIndex=777&count=100", 1, 1, func(s *system, _ int) { s.want(200, "GET", "/Users?startIndex=777&count=100", "") }},
		{"GET /Users?startIndex=50&count=250", 3, 3, func(s *system, _ int) { s.want(200, "GET", "/Users?startIndex=50&count=250", "") }},
		{"GET /Users?startIndex=5&count=1", 1, 1, func(s *system, _ int) { s.want(200, "GET", "/Users?startIndex=5&count=1", "") }},
		{"GET /Users?count=0", 1, 1, func(s *system, _ int) { s.want(200, "GET", "/Users?count=0", "") }},
	}
}

func groupExpenses(growing []int64) []expense {
	at := func(n int) string { return fmt.Sprintf("/Groups/%d", growing[n]) }
	return []expense{
		{"POST /Groups without members", 1, 1, func(s *system, n int) { s.want(201, "POST", "/Groups", rehearse.GroupBody(fmt.Sprintf("New %d", n))) }},
		{"GET /Groups?excludedAttributes=members&filter=displayName eq", 1, 1, func(s *system, _ int) {
			s.want(200, "GET", "/Groups?excludedAttributes=members&filter=displayName+eq+%22Team+1%22", "")
		}},
		{"GET /Groups/{id}?excludedAttributes=members", 1, 1, func(s *system, _ int) {
			s.want(200, "GET", "/Groups/1?excludedAttributes=members", "")
		}},
		{"GET /Groups/{id} with 250 members", 1 + 3, 1 + 3, func(s *system, _ int) { s.want(200, "GET", "/Groups/1", "") }},
		{"PATCH members: add 1", 1, 1, func(s *system, n int) {
			s.want(204, "PATCH", at(n), patch(older.AddMembers(ids(1)...)...))
		}},
		{"PATCH members: add 100", 1, 1, func(s *system, n int) {
			s.want(204, "PATCH", at(n), patch(newer.AddMembers(ids(between(1, 100)...)...)...))
		}},
		{"PATCH members: add 250", 3, 3, func(s *system, n int) {
			s.want(204, "PATCH", at(n), patch(newer.AddMembers(ids(between(1, 250)...)...)...))
		}},
		{"PATCH members: remove 1, newer form", 1, 1, func(s *system, n int) {
			s.want(204, "PATCH", at(n), patch(newer.RemoveMembers("1")...))
		}},
		{"PATCH members: remove 7, older form", 7, 7, func(s *system, n int) {
			s.want(204, "PATCH", at(n), patch(older.RemoveMembers(ids(between(2, 8)...)...)...))
		}},
		{"PATCH members: add 2 and remove 1", 2, 2, func(s *system, n int) {
			s.want(204, "PATCH", at(n), patch(op("add", "members", members(2, 3)), op("remove", `members[value eq "9"]`, nil)))
		}},
		{"PATCH displayName", 1, 1, func(s *system, n int) {
			s.want(204, "PATCH", at(n), patch(op("Replace", "displayName", fmt.Sprintf("Grown %d", n))))
		}},
		{"GET /Groups?filter=id eq and members eq, on the first of 3 pages", 1, 1, func(s *system, _ int) { isMember(s, 50) }},
		{"GET /Groups?filter=id eq and members eq, on the last of 3 pages", 3, 3, func(s *system, _ int) { isMember(s, 250) }},
		{"DELETE /Groups/{id}", 1, 1, func(s *system, n int) {
			id := s.legacy.AddGroup(legacytest.Group{Name: fmt.Sprintf("Doomed %d", n)}).ID
			s.want(204, "DELETE", fmt.Sprintf("/Groups/%d", id), "")
		}},
	}
}

func isMember(s *system, user int) {
	s.t.Helper()
	path := fmt.Sprintf("/Groups?attributes=id&filter=id+eq+%%221%%22+and+members+eq+%%22%d%%22", user)
	if n := s.want(200, "GET", path, "").object(s.t).int("totalResults"); n != 1 {
		s.t.Fatalf("GET %s: totalResults = %d, want 1", path, n)
	}
}

// exceptions are the operations that cost more than their row, and why.
func exceptions(legacy *legacytest.Server, growing []int64) []expense {
	return []expense{
		// The remembered id is a hint: proving it wrong is one more call.
		{"exception: filter on a name whose user was deleted elsewhere", 1, 1 + 1, func(s *system, n int) {
			if n == 0 {
				legacy.AddHost(legacytest.Host{Username: "fleeting@example.com"})
			} else {
				for _, h := range legacy.Hosts() {
					if h.Username == "fleeting@example.com" {
						deleteLegacy(s.t.(*testing.T), legacy, fmt.Sprintf("/hosts/%d", h.ID))
						legacy.ResetCalls()
					}
				}
			}
			s.want(200, "GET", "/Users?filter=userName+eq+%22fleeting%40example.com%22", "")
		}},
		// The legacy search finds parts of words, and is read to its end.
		{"exception: filter on a name that is part of 150 others", 2, 2, func(s *system, _ int) {
			s.want(200, "GET", "/Users?filter=userName+eq+%22crowd%22", "")
		}},
		// 404 is nobody to remove or no group to remove from: asked once.
		{"exception: PATCH members: remove 3 who are none", 3 + 1, 3 + 1, func(s *system, n int) {
			s.want(204, "PATCH", fmt.Sprintf("/Groups/%d", growing[n]), patch(older.RemoveMembers(ids(901, 902, 903)...)...))
		}},
		// The list must be known to make it exactly the one asked for.
		{"exception: PATCH members: replace 250 by 249 of them and 1 more", 3 + 1 + 1, 3 + 1 + 1, func(s *system, n int) {
			s.want(204, "PATCH", fmt.Sprintf("/Groups/%d", n+1), patch(op("replace", "members", members(between(2, 251)...))))
		}},
		// Nothing of it has a row: is there anybody to do nothing to?
		{"exception: PATCH of unmapped attributes only", 1, 1, func(s *system, _ int) {
			s.want(200, "PATCH", "/Users/5", patch(op("Replace", "nickName", "Eve")))
		}},
	}
}
