package adapter_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// record is a record of the legacy API: texts, booleans, null or nothing.
type record map[string]any

func (r record) id() string { return fmt.Sprint(r["id"]) }

func (r record) text(field string) string { s, _ := r[field].(string); return s }

// json spells the record as the API does: two fields lie in an object.
func (r record) json() map[string]any {
	out, full := map[string]any{"more": []any{1, "x"}}, map[string]any{}
	for k, v := range r {
		if k == "first" || k == "last" {
			full[k] = v
		} else {
			out[k] = v
		}
	}
	if len(full) > 0 {
		out["full"] = full
	}
	return out
}

// store is all records of a kind: as they are, and as the search index has
// them.
type store struct {
	now, index []record
	late       []indexing
}

type indexing struct {
	at     time.Time
	id     string
	record record // nil: deleted
}

// directory is a legacy API in memory. It is an http.RoundTripper.
type directory struct {
	shape
	users, groups store
	members       map[string][]string // by the id of the group
	clock         time.Time
	next          int // the last id that was given
	calls         []string
	before        func()          // is called before each call
	shown         map[string]bool // the ids that lists and searches gave
	total         int             // of calls
}

func (d *directory) storeOf(kind string) *store {
	if strings.HasPrefix(strings.ToLower(kind), "g") {
		return &d.groups
	}
	return &d.users
}

func at(records []record, id string) int {
	return slices.IndexFunc(records, func(r record) bool { return r.id() == id })
}

// put makes the record, in place of the one with its id if there is one.
func put(records []record, id string, r record) []record {
	i := at(records, id)
	switch {
	case i < 0 && r != nil:
		return append(records, r)
	case i >= 0 && r == nil:
		return slices.Delete(records, i, i+1)
	case i >= 0:
		records[i] = r
	}
	return records
}

// write changes the store, and the index when it comes to it.
func (d *directory) write(s *store, id string, r record) {
	s.now = put(s.now, id, r)
	s.late = append(s.late, indexing{d.clock, id, r})
}

// indexed returns what searches look through.
func (d *directory) indexed(s *store) []record {
	if !d.Lag {
		return s.now
	}
	for len(s.late) > 0 && d.clock.Sub(s.late[0].at) >= lagTime {
		s.index = put(s.index, s.late[0].id, s.late[0].record)
		s.late = s.late[1:]
	}
	return s.index
}

// find returns the record that a call with the id is about, or -1.
func (d *directory) find(s *store, id string) int {
	i := at(s.now, id)
	if i < 0 && d.Lenient {
		n, err := strconv.Atoi(id)
		i = slices.IndexFunc(s.now, func(r record) bool {
			return strings.EqualFold(r.id(), id) || err == nil && r.id() == strconv.Itoa(n)
		})
	}
	return i
}

// taken reports whether another record has the name.
func taken(s *store, field, name, self string) bool {
	return name != "" && slices.ContainsFunc(s.now, func(r record) bool {
		return r.id() != self && strings.EqualFold(r.text(field), name)
	})
}

// RoundTrip answers one call.
func (d *directory) RoundTrip(req *http.Request) (*http.Response, error) {
	d.total++
	d.calls = append(d.calls, req.Method+" "+strings.TrimPrefix(req.URL.RequestURI(), "/api"))
	if d.before != nil {
		d.before()
	}
	var body record
	if req.Body != nil {
		if err := json.NewDecoder(req.Body).Decode(&body); err != nil {
			return nil, err
		}
	}
	status, answer := d.answer(req, body)
	text, err := json.Marshal(answer)
	if err != nil {
		return nil, err
	}
	if answer == nil {
		text = nil
	}
	return &http.Response{
		StatusCode: status, ProtoMajor: 1, ProtoMinor: 1, Request: req, ContentLength: int64(len(text)),
		Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(bytes.NewReader(text)),
	}, nil
}

func (d *directory) answer(req *http.Request, body record) (int, any) {
	parts := strings.Split(strings.TrimPrefix(req.URL.EscapedPath(), "/api/"), "/")
	for i := range parts {
		parts[i], _ = url.PathUnescape(parts[i])
	}
	s, query := d.storeOf(parts[0]), req.URL.Query()
	field := map[bool]string{true: "name", false: "username"}[s == &d.groups]
	if len(parts) == 3 && parts[1] == "by" {
		return d.page(d.search(s, parts[2], query.Get("q")), query)
	}
	if len(parts) == 1 && req.Method == "GET" {
		return d.page(s.now, query)
	}
	if len(parts) == 1 {
		body = flat(body)
		d.next++
		body["id"] = any(d.next)
		if d.IDs == "string" {
			body["id"] = fmt.Sprintf("n%d", d.next)
		}
		if d.Unique == "legacy" && taken(s, field, body.text(field), "") {
			return 422, json.RawMessage(`{"errors":[{"attribute":"` + field + `","code":"taken"}]}`)
		}
		d.write(s, body.id(), body)
		return 201, body.json()
	}
	i := d.find(s, parts[1])
	if i < 0 {
		return 404, record{}
	}
	r := s.now[i]
	switch {
	case len(parts) == 3:
		return d.page(d.references(parts[2], r.id()), query)
	case req.Method == "DELETE":
		d.write(s, r.id(), nil)
		return 204, nil
	case req.Method == "PATCH":
		if body = flat(body); d.Unique == "legacy" && taken(s, field, body.text(field), r.id()) {
			return 422, json.RawMessage(`{"errors":[{"attribute":"` + field + `","code":"taken"}]}`)
		}
		next := record{}
		for _, from := range []record{r, body} {
			for k, v := range from {
				next[k] = v
			}
		}
		d.write(s, r.id(), next)
		return 200, next.json()
	}
	return 200, r.json()
}

func flat(r record) record {
	if full, ok := r["full"].(map[string]any); ok {
		delete(r, "full")
		for k, v := range full {
			r[k] = v
		}
	}
	return r
}

// references returns the members of a group or the groups of a user.
func (d *directory) references(what, id string) (list []record) {
	ids := d.members[id]
	if what == "groups" {
		ids = d.groupsOf(id)
	}
	for _, ref := range ids {
		list = append(list, record{"ref": map[string]any{"id": ref}})
	}
	return list
}

// groupsOf returns the ids of the groups of a user.
func (d *directory) groupsOf(user string) (ids []string) {
	for _, g := range d.groups.now {
		if slices.Contains(d.members[g.id()], user) {
			ids = append(ids, g.id())
		}
	}
	return ids
}

func (d *directory) page(list []record, query url.Values) (int, any) {
	offset, _ := strconv.Atoi(query.Get("offset"))
	limit, _ := strconv.Atoi(query.Get("limit"))
	items := []any{}
	for _, r := range list[min(offset, len(list)):min(offset+min(limit, d.Cap), len(list))] {
		if r["id"] == nil {
			items = append(items, r)
		} else {
			items = append(items, r.json())
			if d.shown != nil {
				d.shown[r.id()] = true
			}
		}
	}
	return 200, map[string]any{"items": items, "meta": map[string]any{"n": len(list)}}
}

// search returns the records that the index finds.
func (d *directory) search(s *store, field, q string) (list []record) {
	for _, r := range d.indexed(s) {
		found := false
		switch text := r.text(field); d.Style {
		case "equal":
			found = strings.EqualFold(text, q)
		case "part":
			found = strings.Contains(foldText(text), foldText(q))
		default:
			found = !slices.ContainsFunc(strings.Fields(q), func(word string) bool { return !r.holds(word) })
		}
		if !found && d.Decoys {
			h := fnv.New32a()
			io.WriteString(h, r.id()+q)
			found = h.Sum32()%3 == 0
		}
		if found {
			list = append(list, r)
		}
	}
	return list
}

// holds reports whether the word is part of any text of the record.
func (r record) holds(word string) bool {
	for _, v := range r {
		if text, ok := v.(string); ok && strings.Contains(foldText(text), foldText(word)) {
			return true
		}
	}
	return false
}
