package integration

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"hostscim/legacyclient/legacytest"
)

// behindFaults returns a system with a faulty between it and its host API,
// which does not have to wait long for an answer. It has no breaker: each fault
// shows itself, however many came before.
func behindFaults(t *testing.T, options ...legacytest.Option) (*system, *faulty) {
	t.Helper()
	legacy := newLegacy(t, options...)
	f := newFaulty(t, legacy)
	c := bytes.Replace(quick(t), []byte("  timeout: 10s"), []byte("  timeout: 400ms\n  breaker: {failures: 0}"), 1)
	s := startAt(t, c, f.url())
	s.legacy = legacy
	return s, f
}

// TestLostReply loses the answers of creates that were executed.
//
// cases: 25
func TestLostReply(t *testing.T) {
	s, f := behindFaults(t)
	body := newUser("lost")

	// The first answer only: the adapter's own retry carries the same key.
	f.make(func(n int, w http.ResponseWriter, r *http.Request, pass http.HandlerFunc) {
		if n == 0 {
			lose(w, r, pass)
		}
		pass(w, r)
	})
	s.want(201, "POST", "/Users", body)
	if hosts := s.legacy.Hosts(); len(hosts) != 1 {
		t.Fatalf("there are %d hosts after one lost answer, want 1", len(hosts))
	}

	// Every answer: the client hears that nobody knows, and tries again.
	f.make(func(_ int, w http.ResponseWriter, r *http.Request, pass http.HandlerFunc) { lose(w, r, pass) })
	body = newUser("lost2")
	a := s.send("POST", "/Users", body)
	if a.status != 503 || a.header.Get("Retry-After") == "" {
		t.Errorf("POST with all answers lost = %d %s with Retry-After %q, want 503 and a time", a.status, a.body, a.header.Get("Retry-After"))
	}
	f.make(nil)
	a = s.send("POST", "/Users", body)
	if a.status != 409 && a.status != 201 {
		t.Errorf("the client's retry = %d %s, want 409 or the same resource", a.status, a.body)
	}
	if hosts := s.legacy.Hosts(); len(hosts) != 2 {
		t.Errorf("there are %d hosts after the client's retry, want 2", len(hosts))
	}
	o := s.want(200, "GET", "/Users?filter=userName+eq+%22lost2%40example.com%22", "").object(t)
	if o.int("totalResults") != 1 || o.text("Resources", 0, "id") != "2" {
		t.Errorf("the match query finds %v, want the one host", o)
	}
}

// TestConvergence fails a request of several legacy calls half-way, and sends
// it again.
//
// cases: 45
func TestConvergence(t *testing.T) {
	s, f := behindFaults(t, legacytest.WithHosts(400))
	group := s.legacy.AddGroup(legacytest.Group{Name: "Before"}, 400).ID
	path := fmt.Sprintf("/Groups/%d", group)
	body := patch(op("replace", "displayName", "After"), op("add", "members", members(between(1, 250)...)), op("remove", `members[value eq "400"]`, nil))
	for failing := range 5 {
		f.make(func(n int, w http.ResponseWriter, r *http.Request, pass http.HandlerFunc) {
			if n >= failing {
				w.WriteHeader(http.StatusInternalServerError)
				return
			}
			pass(w, r)
		})
		if a := s.send("PATCH", path, body); a.status != 503 {
			t.Errorf("PATCH with the API down from call %d on = %d %s, want 503", failing, a.status, a.body)
		}
	}
	f.make(nil)
	s.want(204, "PATCH", path, body)
	if g, _ := s.legacy.Group(group); g.Name != "After" {
		t.Errorf("the group is called %q, want After", g.Name)
	}
	if got, want := s.legacy.Members(group), between(1, 250); !slices.Equal(got, want) {
		t.Errorf("the group has %d members, want %d", len(got), len(want))
	}

	// One legacy call changes all of a user, so nothing is half done.
	user := patch(op("Replace", "active", "False"), op("Replace", "name.givenName", "Changed"), op("Replace", `emails[type eq "work"].value`, "changed@example.com"))
	f.make(func(_ int, w http.ResponseWriter, _ *http.Request, _ http.HandlerFunc) {
		w.WriteHeader(http.StatusBadGateway)
	})
	if a := s.send("PATCH", "/Users/7", user); a.status != 503 {
		t.Errorf("PATCH /Users/7 with the API down = %d, want 503", a.status)
	}
	if h, _ := s.legacy.Host(7); h.FirstName == "Changed" || h.Email == "changed@example.com" {
		t.Errorf("host 7 = %+v, want it unchanged", h)
	}
	f.make(nil)
	s.want(200, "PATCH", "/Users/7", user)
	if h, _ := s.legacy.Host(7); h.Visible || h.FirstName != "Changed" || h.Email != "changed@example.com" {
		t.Errorf("host 7 = %+v, want it invisible and changed", h)
	}
}

// outageRequests are requests of every kind.
var outageRequests = [][3]string{
	{"GET", "/Users?filter=userName+eq+%22nobody%40example.com%22"},
	{"GET", "/Users?startIndex=1&count=1"},
	{"GET", "/Users/1"},
	{"POST", "/Users", newUser("outage")},
	{"PATCH", "/Users/1", patch(op("Replace", "active", "False"))},
	{"DELETE", "/Users/1"},
	{"GET", "/Groups?excludedAttributes=members&filter=displayName+eq+%22Known%22"},
	{"GET", "/Groups?attributes=id&filter=id+eq+%221%22+and+members+eq+%221%22"},
	{"PATCH", "/Groups/1", patch(older.AddMembers(ids(2)...)...)},
	{"PATCH", "/Groups/1", patch(newer.RemoveMembers("1")...)},
	{"DELETE", "/Groups/1"},
}

// TestOutage holds what each failure of the host API looks like to a client,
// for every kind of request: never absent, never refused, never the client's
// own fault, and nothing of what the API said is passed on.
//
// cases: 64
func TestOutage(t *testing.T) {
	s, f := behindFaults(t, legacytest.WithHosts(5))
	s.legacy.AddGroup(legacytest.Group{Name: "Known"}, 1)
	answering := func(status int, header ...string) func(int, http.ResponseWriter, *http.Request, http.HandlerFunc) {
		return func(_ int, w http.ResponseWriter, _ *http.Request, _ http.HandlerFunc) {
			for i := 0; i < len(header); i += 2 {
				w.Header().Set(header[i], header[i+1])
			}
			w.WriteHeader(status)
			fmt.Fprint(w, "<html>Internal trace: secret@example.com</html>")
		}
	}
	for _, tt := range []struct {
		name  string
		fault func(int, http.ResponseWriter, *http.Request, http.HandlerFunc)
		want  int
		wait  string // Retry-After; "": any, "-": none needed
	}{
		// Longer than a request may take, so it is passed on at once.
		{"429 with a time", answering(429, "Retry-After", "70"), 429, "70"},
		{"429 without", answering(429), 429, ""},
		{"503 with a time", answering(503, "Retry-After", "90"), 503, "90"},
		{"503 without", answering(503), 503, ""},
		{"500", answering(500), 503, ""},
		{"502 with a page", answering(502, "Content-Type", "text/html"), 503, ""},
		{"200 with a page", answering(200, "Content-Type", "text/html"), 503, ""},
		{"200 with half a body", func(_ int, w http.ResponseWriter, _ *http.Request, _ http.HandlerFunc) {
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprint(w, `{"hosts":[{"id":1,`)
		}, 503, ""},
		{"the adapter's own credential is refused", answering(401), 502, "-"},
		{"forbidden", answering(403), 502, "-"},
		{"the connection breaks", func(int, http.ResponseWriter, *http.Request, http.HandlerFunc) { panic(http.ErrAbortHandler) }, 503, ""},
		{"no answer", func(_ int, _ http.ResponseWriter, r *http.Request, _ http.HandlerFunc) {
			io.Copy(io.Discard, r.Body) // or the server does not see the client go away
			<-r.Context().Done()
		}, 504, "-"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f.make(tt.fault)
			atOnce(len(outageRequests), func(i int) {
				req := outageRequests[i]
				if tt.want == 503 && strings.HasPrefix(tt.name, "200") && req[0] != "GET" && req[0] != "POST" {
					return // an update or removal that says 200 is done, whatever else it says
				}
				a := s.send(req[0], req[1], req[2])
				wait := a.header.Get("Retry-After")
				if a.status != tt.want {
					t.Errorf("%s %s = %d %s, want %d", req[0], req[1], a.status, a.body, tt.want)
					return
				}
				if _, err := strconv.Atoi(wait); tt.wait != "-" && err != nil || tt.wait != "" && tt.wait != "-" && wait != tt.wait {
					t.Errorf("%s %s: Retry-After = %q, want %q seconds", req[0], req[1], wait, tt.wait)
				}
				checkAnswer(t, i, a)
				if bytes.Contains(a.body, []byte("secret")) || bytes.Contains(a.body, []byte("html")) {
					t.Errorf("%s %s passes on what the API said: %s", req[0], req[1], a.body)
				}
			})
		})
	}
	f.make(nil)
	s.want(200, "GET", "/Users/1", "")
	if log := s.process.Log(); strings.Contains(log, "secret@") {
		t.Error("the log has what the API said")
	}
}

// TestThrottled puts the adapter in front of an API that allows fewer calls
// than come.
//
// cases: 64
func TestThrottled(t *testing.T) {
	legacy := newLegacy(t, legacytest.WithHosts(3), legacytest.WithRateLimit(0.001, 1))
	s := start(t, quick(t), legacy)
	s.want(200, "GET", "/Users/1", "")
	a := s.send("GET", "/Users/1", "")
	seconds, err := strconv.Atoi(a.header.Get("Retry-After"))
	if a.status != 429 || err != nil || seconds < 1 {
		t.Errorf("GET over the rate = %d with Retry-After %q, want 429 and seconds", a.status, a.header.Get("Retry-After"))
	}
}
