package legacyclient

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
)

// Attempt is one attempt of a call, as [Trace.Carry] is given it in place of
// the transport. Its methods return what an API that is as described would
// answer, so that a call can be shown without one.
type Attempt struct {
	Endpoint *Endpoint
	Vars     Vars
	// Body is what the call was given, before the endpoint's Format and Wrap;
	// nil: none. It must not be changed.
	Body []byte
	// Lists says that a page of a list is asked for: of Limit records, Offset
	// records behind the beginning.
	Lists         bool
	Offset, Limit int
	// Request is complete, with the credential, unless that is a token.
	Request *http.Request

	client *Client
}

func newAttempt(k *call, vars Vars, at place) *Attempt {
	// A copy of the map, made by hand: were it kept, or given to package maps, no
	// caller could have its own on the stack.
	own := make(Vars, len(vars))
	for name, value := range vars {
		own[name] = value
	}
	a := &Attempt{Endpoint: k.endpoint, Vars: own, Body: k.body, Lists: k.page != nil, client: k.client}
	if a.Lists {
		a.Offset, a.Limit = at.offset, at.limit
		if a.Limit < 1 {
			a.Limit = k.endpoint.Paging.Limit // of a page that the API named
		}
	}
	return a
}

// Send sends the attempt, as it would have been without [Trace.Carry]. A token
// is obtained only now.
func (a *Attempt) Send() (*http.Response, error) {
	if s := a.client.oauth; s != nil {
		t, err := s.token(a.Request.Context())
		if err != nil {
			return nil, err
		}
		a.Request.Header["Authorization"] = t.header
	}
	return a.client.transport.RoundTrip(a.Request)
}

// Record answers with one record.
func (a *Attempt) Record(status int, record []byte) *http.Response {
	return a.response(status, nest(a.Endpoint.item, json.RawMessage(record), nil))
}

// Nothing answers with a status alone. An id that is not empty is told by a
// Location header.
func (a *Attempt) Nothing(status int, id string) *http.Response {
	r := a.response(status, nil)
	if id != "" {
		r.Header.Set("Location", a.Request.URL.JoinPath(url.PathEscape(id)).String())
	}
	return r
}

// Page answers with the page that is asked for of a list of that many records.
func (a *Attempt) Page(total int, record func(n int) []byte) *http.Response {
	p := &a.Endpoint.Paging
	first, end := min(a.Offset, total), total
	if p.Style != PagingNone {
		end = min(total, first+a.Limit)
	}
	records := make([]any, 0, end-first)
	for n := first; n < end; n++ {
		records = append(records, nest(a.Endpoint.shape.each, json.RawMessage(record(n)), nil))
	}
	body := nest(a.Endpoint.shape.items, records, nil)
	if a.Endpoint.shape.total != nil {
		body = nest(a.Endpoint.shape.total, total, body)
	}
	next := ""
	if l, ok := p.style.(leader); ok && end < total {
		next = l.lead(a.Request.URL, end)
	}
	if next != "" && p.next != nil {
		body = nest(p.next, next, body)
	}
	r := a.response(http.StatusOK, body)
	if name := a.Endpoint.TotalHeader; name != "" {
		r.Header.Set(name, strconv.Itoa(total))
	}
	if next != "" && p.next == nil {
		r.Header.Set("Link", "<"+next+`>; rel="next"`)
	}
	return r
}

// refusals are the statuses that say a kind where no rule does.
var refusals = []struct {
	kind   error
	status int
}{
	{ErrNotFound, http.StatusNotFound},
	{ErrConflict, http.StatusConflict},
	{ErrInvalid, http.StatusUnprocessableEntity},
	{ErrThrottled, http.StatusTooManyRequests},
}

// Refusal answers with an error of that kind, in the words of the first rule
// that gives it.
func (a *Attempt) Refusal(kind error) *http.Response {
	status, fault := http.StatusServiceUnavailable, Fault{}
	for _, r := range refusals {
		if errors.Is(kind, r.kind) {
			status = r.status
		}
	}
	for _, r := range a.client.rules {
		if errors.Is(r.Kind, kind) {
			if len(r.Status) > 0 {
				status = r.Status[0]
			}
			fault = Fault{Code: r.Code, Field: r.Field}
			break
		}
	}
	if fault == (Fault{}) {
		return a.response(status, nil)
	}
	p := &a.client.faults
	var one any
	for _, part := range []struct {
		path []string
		text string
	}{{p.code, fault.Code}, {p.field, fault.Field}} {
		if part.text != "" {
			one = nest(part.path, part.text, one)
		}
	}
	return a.response(status, nest(p.items, []any{one}, nil))
}

// nest puts v at the path in an object, which is new where it is nil.
func nest(path []string, v, object any) any {
	if len(path) == 0 {
		return v
	}
	m, ok := object.(map[string]any)
	if !ok {
		m = make(map[string]any)
	}
	m[path[0]] = nest(path[1:], v, m[path[0]])
	return m
}

// response returns an answer with that body, or with none.
func (a *Attempt) response(status int, body any) *http.Response {
	r := &http.Response{
		StatusCode: status, Status: strconv.Itoa(status) + " " + http.StatusText(status),
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: make(http.Header), Body: http.NoBody, Request: a.Request,
	}
	if body == nil {
		return r
	}
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	if enc.Encode(body) != nil {
		text.Reset() // a record that is no JSON is an answer that is none
	}
	r.Header.Set("Content-Type", "application/json")
	r.Body, r.ContentLength = io.NopCloser(&text), int64(text.Len())
	return r
}
