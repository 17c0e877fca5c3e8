package adapter_test

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// fields is one record of a [recordAPI].
type fields = map[string]any

// recordAPI is an API that keeps records under /api/v3/people and has calls
// below one of them, as the test says.
type recordAPI struct {
	t *testing.T
	// sub answers a call below a record, such as archive; nil: there is none.
	// The answer is a status and a body, of which nil is none.
	sub map[string]func(r fields, sent fields) (int, any)
	// refuse answers a call in place of the API, where it is not 0.
	refuse func(call string) int
	// partial makes writes answer the id and the login only.
	partial bool

	mu      sync.Mutex
	records []fields
	calls   []string // method, path and body
}

func (a *recordAPI) ServeHTTP(w http.ResponseWriter, r *http.Request) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	data, _ := io.ReadAll(r.Body)
	path := strings.TrimPrefix(r.URL.Path, "/api/v3")
	call := r.Method + " " + path
	a.calls = append(a.calls, strings.TrimSpace(call+" "+string(data)))
	if a.refuse != nil {
		if status := a.refuse(call); status != 0 {
			w.WriteHeader(status)
			return true
		}
	}
	var sent fields
	if len(data) > 0 {
		if err := json.Unmarshal(data, &sent); err != nil {
			a.t.Errorf("%s has the body %s", call, data)
		}
	}
	status, answer := a.answer(r.Method, path, sent)
	if whole, is := answer.(fields); is && a.partial && r.Method != "GET" {
		answer = fields{"id": whole["id"], "login": whole["login"]}
	}
	if answer != nil {
		w.Header().Set("Content-Type", "application/json")
	}
	w.WriteHeader(status)
	if answer != nil {
		if err := json.NewEncoder(w).Encode(answer); err != nil {
			a.t.Error(err)
		}
	}
	return true
}

func (a *recordAPI) answer(method, path string, sent fields) (int, any) {
	if path == "/people" && method == "GET" {
		return http.StatusOK, fields{"people": a.records}
	}
	if path == "/people" && method == "POST" {
		r := fields{"id": len(a.records) + 1, "status": "active"}
		maps.Copy(r, sent)
		a.records = append(a.records, r)
		return http.StatusCreated, r
	}
	parts := strings.Split(path, "/")
	id, _ := strconv.Atoi(parts[2])
	if id < 1 || id > len(a.records) {
		return http.StatusNotFound, nil
	}
	r := a.records[id-1]
	switch {
	case len(parts) > 3 && a.sub[method+" "+parts[3]] != nil:
		return a.sub[method+" "+parts[3]](r, sent)
	case len(parts) > 3:
		return http.StatusNotFound, nil
	case method == "PATCH":
		maps.Copy(r, sent)
	}
	return http.StatusOK, r
}

// wantCalls checks the calls since the last check.
func (a *recordAPI) wantCalls(want ...string) {
	a.t.Helper()
	a.mu.Lock()
	defer a.mu.Unlock()
	if !slices.Equal(a.calls, want) {
		a.t.Errorf("legacy calls:\n%s\nwant:\n%s", strings.Join(a.calls, "\n"), strings.Join(want, "\n"))
	}
	a.calls = nil
}

// becomes is a call that gives a field a value, and refuses a record that has
// it with the status.
func becomes(field, value string, again int) func(fields, fields) (int, any) {
	return func(r, _ fields) (int, any) {
		if r[field] == value {
			return again, nil
		}
		r[field] = value
		return http.StatusNoContent, nil
	}
}

// before starts an adapter before the API, with these operations and rows.
func (a *recordAPI) before(operations, rows string) *fixture {
	a.t.Helper()
	return start(a.t, setup{before: a.ServeHTTP, profile: `
auth: {bearer: [{name: a, token: "${HOSTSCIM_TOKEN}"}]}
legacy: {base_url: "${LEGACY_URL}", retry: {max_attempts: 1, min_wait: 1ms, max_wait: 1ms}}
resources:
  User:
    id: {legacy: id, type: integer}
    operations:
      list: {request: GET /people, items: people, paging: {style: none}}
      get: {request: "GET /people/{id}"}
      create: {request: POST /people, unique: legacy}
` + operations + `
    attributes:
      userName: {legacy: login, required: true}
` + rows})
}
