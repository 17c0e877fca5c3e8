package adapter_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// people is an API of another shape than the vendor's: records and bodies in
// wrappers, the list paged in the style that it is told.
type people struct {
	t     *testing.T
	style string
	names []string // of the people 1, 2, ...; "" for one who is gone
}

func (p *people) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("X-Version") != "2" {
		p.t.Errorf("%s %s lacks the fixed header", r.Method, r.URL.Path)
	}
	id, _ := strconv.Atoi(strings.TrimPrefix(r.URL.Path, "/api/v3/people/"))
	switch {
	case r.URL.Path == "/api/v3/people" && r.Method == "GET":
		p.list(w, r)
	case r.URL.Path == "/api/v3/people" && r.Method == "POST":
		p.names = append(p.names, p.sent(r))
		w.Header().Set("Location", fmt.Sprintf("/api/v3/people/%d", len(p.names)))
		w.WriteHeader(http.StatusCreated)
	case id < 1 || id > len(p.names) || p.names[id-1] == "":
		w.WriteHeader(http.StatusNotFound)
	case r.Method == "GET":
		p.answer(w, map[string]any{"person": p.record(id)})
	case r.Method == "PATCH":
		if got := r.Header.Get("Content-Type"); got != "application/merge-patch+json" {
			p.t.Errorf("PATCH as %s", got)
		}
		p.names[id-1] = p.sent(r)
		w.WriteHeader(http.StatusNoContent)
	default:
		w.WriteHeader(http.StatusMethodNotAllowed)
	}
}

// sent returns the login in a body, which is in its wrapper.
func (p *people) sent(r *http.Request) string {
	var body struct {
		Person struct{ Login string } `json:"person"`
	}
	data, _ := io.ReadAll(r.Body)
	if err := json.Unmarshal(data, &body); err != nil || body.Person.Login == "" {
		p.t.Errorf("%s has the body %s", r.Method, data)
	}
	return body.Person.Login
}

func (p *people) record(id int) map[string]any {
	return map[string]any{"id": id, "login": p.names[id-1]}
}

func (p *people) answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(v); err != nil {
		p.t.Error(err)
	}
}

// list answers a page of 4, or everything in the style none.
func (p *people) list(w http.ResponseWriter, r *http.Request) {
	var all []any
	for i, name := range p.names {
		if name != "" {
			all = append(all, map[string]any{"person": p.record(i + 1)})
		}
	}
	q := r.URL.Query()
	number := func(name string) int { n, _ := strconv.Atoi(q.Get(name)); return n }
	const size = 4
	from := 0
	switch p.style {
	case "none":
		p.answer(w, map[string]any{"data": all})
		return
	case "offset":
		from = number("skip")
	case "page":
		from = number("page") * size
	case "cursor":
		from, _ = strconv.Atoi(strings.TrimPrefix(q.Get("after"), "t"))
	case "link", "next":
		from = number("from")
	}
	page := map[string]any{"data": all[min(from, len(all)):min(from+size, len(all))], "next": nil}
	if end := from + size; end < len(all) {
		switch p.style {
		case "cursor":
			page["next"] = fmt.Sprintf("t%d", end)
		case "link":
			w.Header().Set("Link", fmt.Sprintf(`</api/v3/people?from=%d>; rel="next"`, end))
		case "next":
			page["next"] = fmt.Sprintf("http://%s/api/v3/people?from=%d", r.Host, end)
		}
	}
	if p.style != "link" {
		w.Header().Set("X-Total-Count", strconv.Itoa(len(all)))
	}
	p.answer(w, page)
}

// peopleProfile returns the profile of people whose list has that paging.
func peopleProfile(paging string) string {
	return `
auth: {bearer: [{name: a, token: "${HOSTSCIM_TOKEN}"}]}
legacy: {base_url: "${LEGACY_URL}", headers: {X-Version: "2"}}
resources:
  User:
    id: {legacy: id, type: integer}
    operations:
      list: {request: GET /people, items: data, each: person, total_header: X-Total-Count, paging: ` + paging + `}
      get: {request: "GET /people/{id}", item: person}
      create: {request: POST /people, item: person, wrap: person, unique: legacy}
      update: {request: "PATCH /people/{id}", item: person, wrap: person, format: merge-patch}
    attributes: {userName: {legacy: login, required: true}}
`
}

// TestShapes: the same requests before APIs of every paging style, with
// wrappers, fixed headers, and ids that only Location tells.
func TestShapes(t *testing.T) {
	for style, paging := range map[string]string{
		"none":   "{style: none}",
		"offset": "{style: offset, limit: 4, offset_param: skip}",
		"page":   "{style: page, limit: 4, first_page: 0}",
		"cursor": "{style: cursor, limit: 4, cursor_param: after, next: next}",
		"link":   "{style: link}",
		"next":   "{style: next, next: next}",
	} {
		t.Run(style, func(t *testing.T) {
			t.Parallel()
			api := &people{t: t, style: style}
			for i := range 10 {
				api.names = append(api.names, fmt.Sprintf("p%d@example.com", i+1))
			}
			api.names[2] = ""
			f := start(t, setup{before: func(w http.ResponseWriter, r *http.Request) bool { api.ServeHTTP(w, r); return true }, profile: peopleProfile(paging)})
			list := func(query string) string {
				a := f.want(200, "GET", "/Users?"+query, "")
				return a.value(t).Get("totalResults").Text() + ": " + strings.Join(a.ids(t), " ")
			}
			for _, tt := range []struct{ query, want string }{
				{"count=100", "9: 1 2 4 5 6 7 8 9 10"},
				{"startIndex=5&count=3", "9: 6 7 8"},
				{"startIndex=9&count=3", "9: 10"},
				{"startIndex=20&count=3", "9: "},
				{"count=0", "9: "},
				{`filter=userName+eq+"P7@example.com"`, "1: 7"},
				{`filter=userName+sw+"p1"`, "2: 1 10"},
				{`filter=id+eq+"3"`, "0: "},
				{"sortBy=userName&count=3", "9: 10 1 2"},
			} {
				if got := list(strings.ReplaceAll(tt.query, `"`, "%22")); got != tt.want {
					t.Errorf("GET /Users?%s = %s, want %s", tt.query, got, tt.want)
				}
			}
			if a := f.want(201, "POST", "/Users", `{"userName":"new@example.com"}`).value(t); a.Get("id").Text() != "11" || a.Get("userName").Text() != "new@example.com" {
				t.Errorf("created %s, want 11", a)
			}
			f.want(204, "PATCH", "/Users/11", patch(`{"op":"replace","path":"userName","value":"newer@example.com"}`))
			if !slices.Contains(api.names, "newer@example.com") {
				t.Errorf("people are %v, want the new name", api.names)
			}
			f.wantError(404, "", "GET", "/Users/3", "", "no User")
		})
	}
}
