package integration

import (
	"net/http"
	"testing"

	"hostscim/integration/rehearse"
	"hostscim/legacyclient/legacytest"
)

// TestLogNamesNobody puts an address wherever a client can put a text, and
// holds that none of them reaches the log.
func TestLogNamesNobody(t *testing.T) {
	legacy := newLegacy(t)
	id := "/Users/1"
	legacy.AddHost(legacytest.Host{Username: "ada@example.com", Email: "ada@example.com", FirstName: "Ada", LastName: "Example"})
	legacy.AddGroup(legacytest.Group{Name: "ada@example.com"}, 1)
	s := start(t, quick(t), legacy)
	address := "ada@example.com"
	for _, req := range [][3]string{
		{"GET", "/Users/ada@example.com"},
		{"DELETE", "/Groups/ada%40example.com"},
		{"GET", "/ada@example.com"},
		{"GET", "/Schemas/ada@example.com"},
		{"GET", "/Users?filter=userName+eq+%22ada%40example.com%22"},
		{"GET", "/Users?filter=ada@example.com"},
		{"GET", "/Users?filter=userName+eq+%22%zzada@example.com"},
		{"GET", "/Users?filter=emails%5btype+eq+%22ada@example.com%22%5d.value+eq+%22x%22"},
		{"GET", "/Users?attributes=ada@example.com&count=ada@example.com"},
		{"POST", "/Users", newUser("ada")},
		{"POST", "/Users", `{"userName":"ada@example.com","ada@example.com":1}`},
		{"POST", "/Users", `{"userName":"ada@example.com"`},
		{"PUT", id, newUser("ada")},
		{"PATCH", id, patch(op("ada@example.com", "", address))},
		{"PATCH", id, patch(op("replace", "ada@example.com", address))},
		{"PATCH", id, patch(op("replace", "nickName", address), op("replace", "name.ada@example.com", address))},
		{"PATCH", id, patch(op("replace", "", map[string]any{"ada@example.com": address, "nickName": address}))},
		{"PATCH", id, patch(op("replace", `emails[type eq "ada@example.com"].value`, address))},
		{"PATCH", id, patch(op("replace", `emails[value eq "ada@example.com"].value`, "x@example.com"))},
		{"PATCH", id, patch(op("add", "emails", []map[string]string{{"type": address, "value": address}}))},
		{"PATCH", id, patch(op("replace", `addresses[type eq "ada@example.com"].locality`, address))},
		{"PATCH", id, patch(op("add", "urn:example:ada@example.com:User:badge", address))},
		{"PATCH", id, patch(op("replace", "active", address))},
		{"PATCH", "/Groups/1", patch(op("add", "members", []map[string]string{{"value": address}}))},
		{"PATCH", "/Groups/1", patch(op("remove", `members[value eq "ada@example.com"]`, nil))},
		{"POST", "/Groups", rehearse.GroupBody("ada@example.com")},
	} {
		a := s.send(req[0], req[1], req[2], "X-Request-Id", address)
		if a.status >= http.StatusInternalServerError || a.status == 0 {
			t.Errorf("%s %s %s = %d %s, want no failure of the server", req[0], req[1], req[2], a.status, a.body)
		}
		checkAnswer(t, 0, a)
	}
	if a := s.send("GET", "/Users", "", "Authorization", "Bearer "+address); a.status != http.StatusUnauthorized {
		t.Errorf("GET with another token = %d, want 401", a.status)
	}
	s.process.Stop(t)
	checkLog(t, s.process.Log())
}
