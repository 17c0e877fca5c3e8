package adapter_test

import (
	"bytes"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hostscim/adapter"
	"hostscim/mapping"
)

// explain explains the request.
func explain(t *testing.T, config *mapping.Config, method, path, body string) *adapter.Explanation {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	e, err := adapter.Explain(t.Context(), config, r, adapter.ExplainOptions{})
	if err != nil {
		t.Fatalf("Explain(%s %s) = %v", method, path, err)
	}
	return e
}

// courses returns the calls of every course of the explanation, in one line
// each.
func courses(e *adapter.Explanation) []string {
	var all []string
	for _, c := range append([]adapter.Course{e.Course}, e.Otherwise...) {
		var calls []string
		for _, call := range c.Calls {
			path, _, _ := strings.Cut(call.URL, "?")
			calls = append(calls, call.Method+" "+path)
		}
		all = append(all, strings.Join(calls, ", "))
	}
	return all
}

// TestExplainShapes: before APIs of every shape and paging, the calls that are
// made are those of one of the courses that are explained, and answered alike.
func TestExplainShapes(t *testing.T) {
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
			profile := peopleProfile(paging)
			if style == "link" {
				profile = strings.Replace(profile, "total_header: X-Total-Count, ", "", 1) // it does not tell
			}
			api := &people{t: t, style: style}
			for i := range 1000 {
				api.names = append(api.names, fmt.Sprintf("p%d@example.com", i+1))
			}
			var mu sync.Mutex
			var made []string
			f := start(t, setup{profile: profile, before: func(w http.ResponseWriter, r *http.Request) bool {
				mu.Lock()
				made = append(made, r.Method+" "+strings.TrimPrefix(r.URL.Path, "/api/v3"))
				mu.Unlock()
				api.ServeHTTP(w, r)
				return true
			}})
			config := load(t, profile, "https://api.example.com/api/v3")
			for _, tt := range []struct{ method, path, body string }{
				{"GET", "/Users/1", ""},
				{"GET", "/Users?startIndex=9&count=3", ""},
				{"GET", `/Users?filter=userName+eq+%22P1@example.com%22`, ""},
				{"PATCH", "/Users/2", patch(`{"op":"replace","path":"userName","value":"newer@example.com"}`)},
				{"DELETE", "/Users/2", ""},
				{"POST", "/Users", `{"userName":"new@example.com"}`},
			} {
				made = nil
				a := f.call(tt.method, tt.path, tt.body)
				e := explain(t, config, tt.method, tt.path, tt.body)
				// The simulation and the API give created records other ids.
				got := strings.ReplaceAll(strings.Join(made, ", "), "/people/1001", "/people/9001")
				if explained := courses(e); !slices.Contains(explained, got) {
					t.Errorf("%s %s makes the calls %.300s; explained are %.300q", tt.method, tt.path, got, explained)
				}
				statuses := []int{e.Answer.Status}
				for _, c := range e.Otherwise {
					statuses = append(statuses, c.Answer.Status)
				}
				if !slices.Contains(statuses, a.status) {
					t.Errorf("%s %s = %d; explained are %v", tt.method, tt.path, a.status, statuses)
				}
			}
		})
	}
}

// TestExplainBareAPI: where the API has hardly a call, that is what is
// explained, and nothing panics.
func TestExplainBareAPI(t *testing.T) {
	config := load(t, `
auth: {bearer: [{name: a, token: "${HOSTSCIM_TOKEN}"}]}
legacy: {base_url: "${LEGACY_URL}"}
resources:
  User:
    id: uuid
    operations:
      create: {request: POST /people, unique: legacy}
    attributes: {userName: {legacy: login, required: true}}
`, "https://api.example.com")
	for _, tt := range []struct {
		method, path, body string
		status             int
		calls              string
	}{
		{"GET", "/Users/1", "", 501, ""},
		{"PATCH", "/Users/1", patch(`{"op":"replace","path":"userName","value":"ada@example.com"}`), 501, ""},
		{"DELETE", "/Users/1", "", 501, ""},
		{"GET", "/Users", "", 501, ""},
		{"GET", "/Users?filter=userName+eq+%22a%22", "", 400, ""},
		{"GET", "/Groups", "", 200, ""},
		{"GET", "/Groups/1", "", 501, ""},
		{"POST", "/Users", `{"userName":"ada@example.com"}`, 201, "POST /people"},
		{"POST", "/Users", `[]`, 400, ""},
		{"POST", "/Users", "\x00\xff", 400, ""},
		{"GET", "/Users?filter=%zz", "", 400, ""},
	} {
		e := explain(t, config, tt.method, tt.path, tt.body)
		if got := courses(e)[0]; e.Answer.Status != tt.status || got != tt.calls {
			t.Errorf("%s %s is explained as %d after %q, want %d after %q", tt.method, tt.path, e.Answer.Status, got, tt.status, tt.calls)
		}
		var text bytes.Buffer
		if err := e.WriteText(&text); err != nil || !strings.Contains(text.String(), fmt.Sprintf("The client gets %d ", tt.status)) {
			t.Errorf("%s %s is written as\n%s", tt.method, tt.path, &text)
		}
	}
}

// TestExplainChanges holds what is told of a request as data.
func TestExplainChanges(t *testing.T) {
	config := load(t, "", "https://api.example.com/api/v3")
	e := explain(t, config, "PATCH", "/Users/7", patch(
		`{"op":"replace","path":"name.givenName","value":"Ada"}`, `{"op":"remove","path":"phoneNumbers[type eq \"work\"]"}`, `{"op":"add","path":"title","value":"Dr"}`))
	if len(e.Changes) != 1 {
		t.Fatalf("the changes are %v, want those of one user", e.Changes)
	}
	c := e.Changes[0]
	var rows []string
	for _, r := range c.Rows {
		rows = append(rows, fmt.Sprintf("%s -> %s %s %s", r.Path, r.Legacy, r.Kind, r.Value.Text()))
	}
	want := []string{`name.givenName -> first_name string Ada`, `phoneNumbers[type eq "work"].value -> phone_number string `}
	if diff := cmp.Diff(want, rows); diff != "" || c.Resource != "User" || c.ID != "7" || !slices.Equal(c.Ignored, []string{"title"}) {
		t.Errorf("changes of %s %s, ignored %q (-want +got):\n%s", c.Resource, c.ID, c.Ignored, diff)
	}
	if e.Budget.Calls != 1 || e.Budget.Attempts != 4 || e.Budget.Within != "25s" {
		t.Errorf("the budget is %+v", e.Budget)
	}
}

// TestExplainMembership: in whatever way the API keeps members, the calls that
// are made are those of the course that is told first.
func TestExplainMembership(t *testing.T) {
	for _, style := range clubStyles {
		t.Run(style, func(t *testing.T) {
			c := &club{style: style}
			f := startClub(t, c)
			config := load(t, c.profile(), "https://api.example.com")
			for _, tt := range []struct {
				name, method, body string
				people             []int // who are in the team before
			}{
				{"add", "PATCH", patch(`{"op":"add","path":"members","value":[{"value":"5"}]}`), []int{8, 9}},
				{"remove", "PATCH", patch(`{"op":"remove","path":"members[value eq \"2\"]"}`), []int{2, 8, 9}},
				{"replace", "PATCH", patch(`{"op":"replace","path":"members","value":[{"value":"5"}]}`), []int{8, 9}},
				{"rename", "PATCH", patch(`{"op":"replace","path":"displayName","value":"Reception"}`), nil},
				{"get", "GET", "", []int{8, 9}},
				{"delete", "DELETE", "", nil},
			} {
				if style == "users" && tt.name == "replace" {
					tt.people = tt.people[:1] // a search is supposed to find one
				}
				team := c.put(tt.people...)
				c.take()
				a := f.call(tt.method, "/Groups/"+team, tt.body)
				e := explain(t, config, tt.method, "/Groups/"+team, tt.body)
				var told []string
				for _, call := range e.Calls {
					path, _, _ := strings.Cut(call.URL, "?")
					told = append(told, call.Method+" "+path)
				}
				made := memberless(c.take())
				if got := memberless(strings.Join(told, ", ")); got != made || e.Answer.Status != a.status {
					t.Errorf("%s makes the calls %s and is answered with %d; explained are %s and %d", tt.name, made, a.status, got, e.Answer.Status)
				}
			}
		})
	}
}

// memberless returns the calls without the ids that only the API knows.
func memberless(calls string) string {
	return regexp.MustCompile(`\?[^,]*|/memberships/[^, ]+|/people/(8|9|1001|5001|5002)\b`).ReplaceAllStringFunc(calls, func(s string) string {
		switch {
		case strings.HasPrefix(s, "?"):
			return ""
		case strings.HasPrefix(s, "/people"):
			return "/people/(somebody)"
		}
		return "/memberships/(key)"
	})
}
