package adapter

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"hostscim/adapter/scim"
)

// maxBulkOperations is how many operations a bulk request may have. Each is
// a legacy call or more, and all share the time of one request.
const maxBulkOperations = 1000

// bulkOperation is one operation of a bulk request (RFC 7644 section 3.7).
type bulkOperation struct {
	method, bulkID, path, version string
	data                          scim.Value
	needs                         []string // the bulkIds it refers to

	done   bool
	result scim.Value
}

// bulk is a bulk request at work.
type bulk struct {
	*Server
	ex           *exchange
	operations   []*bulkOperation
	ids          map[string]string // what the resource of a bulkId was created as
	failed       map[string]bool   // the bulkIds whose operation failed
	failOnErrors int               // 0: never
	errors       int
}

// bulkResources answers POST /Bulk. Operations are done one after the other,
// those that refer to a bulkId after the one that makes it. What is not
// reached because of failOnErrors has no result; what is not reached in time
// has one that says so.
func (s *Server) bulkResources(ex *exchange) (reply, error) {
	body, err := s.readBody(ex.Request)
	if err != nil {
		return reply{}, err
	}
	b, err := s.newBulk(ex, body)
	if err != nil {
		return reply{}, err
	}
	for b.round() {
	}
	b.refuseRest()
	var results []scim.Value
	for _, o := range b.operations {
		if o.done {
			results = append(results, o.result)
		}
	}
	return ok(scim.Obj(
		scim.Field{Name: "schemas", Value: scim.Strings(scim.BulkResponseURN)},
		scim.Field{Name: "Operations", Value: scim.List(results...)},
	)), nil
}

func (s *Server) newBulk(ex *exchange, body scim.Value) (*bulk, error) {
	list := body.Get("Operations")
	if list.Kind() != scim.Array {
		return nil, scim.Bad(scim.InvalidSyntax, "Operations must be a list; got %s", list.Kind())
	}
	if list.Len() > maxBulkOperations {
		return nil, &scim.Error{Status: http.StatusRequestEntityTooLarge, Detail: "a bulk request has at most " + strconv.Itoa(maxBulkOperations) + " operations; send several"}
	}
	b := &bulk{Server: s, ex: ex, ids: make(map[string]string), failed: make(map[string]bool)}
	if limit := body.Get("failOnErrors"); limit.Kind() != scim.Absent && limit.Kind() != scim.Null {
		n, err := strconv.Atoi(limit.Text())
		if err != nil || n < 0 {
			return nil, scim.Bad(scim.InvalidSyntax, "failOnErrors must be a whole number")
		}
		b.failOnErrors = n
	}
	seen := make(map[string]bool)
	for i, p := range list.Parts() {
		o, err := newBulkOperation(p.Value)
		if err != nil {
			return nil, scim.Bad(scim.InvalidSyntax, "operation %d: %s", i+1, err)
		}
		if o.bulkID != "" && seen[o.bulkID] {
			return nil, scim.Bad(scim.InvalidSyntax, "operation %d: its bulkId is that of another operation too", i+1)
		}
		seen[o.bulkID] = true
		b.operations = append(b.operations, o)
	}
	return b, nil
}

func newBulkOperation(v scim.Value) (*bulkOperation, error) {
	o := &bulkOperation{
		method: strings.ToUpper(v.Get("method").Text()), bulkID: v.Get("bulkId").Text(),
		path: v.Get("path").Text(), version: v.Get("version").Text(), data: v.Get("data"),
	}
	switch {
	case v.Kind() != scim.Object:
		return nil, errors.New("must be an object")
	case !slices.Contains([]string{"POST", "PUT", "PATCH", "DELETE"}, o.method):
		return nil, errors.New("method must be POST, PUT, PATCH or DELETE")
	case !strings.HasPrefix(o.path, "/"):
		return nil, errors.New("path must be that of a resource type or a resource, such as /Users")
	case o.method == "POST" && o.bulkID == "":
		return nil, errors.New("a POST needs a bulkId")
	case o.method != "DELETE" && o.data.Kind() != scim.Object:
		return nil, errors.New("data must be an object")
	}
	o.needs = references(o.data, nil)
	if _, ref, ok := strings.Cut(o.path, "/bulkId:"); ok {
		o.needs = append(o.needs, ref)
	}
	return o, nil
}

const bulkRef = "bulkId:"

// references returns the bulkIds that v refers to.
func references(v scim.Value, refs []string) []string {
	if ref, ok := strings.CutPrefix(v.Text(), bulkRef); ok && v.Kind() == scim.String {
		return append(refs, ref)
	}
	for _, p := range v.Parts() {
		refs = references(p.Value, refs)
	}
	return refs
}

// round does every operation that can be done now, in their order, and
// reports whether it did any.
func (b *bulk) round() (progress bool) {
	for _, o := range b.operations {
		if o.done || !b.known(o) {
			continue
		}
		if b.stopped() {
			return false
		}
		b.run(o)
		progress = true
	}
	return progress
}

// stopped reports whether failOnErrors was reached.
func (b *bulk) stopped() bool { return b.failOnErrors > 0 && b.errors >= b.failOnErrors }

// known reports whether every bulkId that the operation refers to has been
// made, or never will be.
func (b *bulk) known(o *bulkOperation) bool {
	for _, ref := range o.needs {
		if b.ids[ref] == "" && !b.failed[ref] {
			return false
		}
	}
	return true
}

// refuseRest answers the operations that wait for each other, or for a
// bulkId that no operation has.
func (b *bulk) refuseRest() {
	for _, o := range b.operations {
		if !o.done && !b.stopped() {
			b.finish(o, reply{}, &scim.Error{Status: http.StatusConflict, Type: scim.InvalidValue,
				Detail: "it refers to a bulkId that no operation makes, or the operations refer to each other in a circle"})
		}
	}
}

// run does one operation.
func (b *bulk) run(o *bulkOperation) {
	for _, ref := range o.needs {
		if b.failed[ref] {
			b.finish(o, reply{}, &scim.Error{Status: http.StatusConflict, Type: scim.InvalidValue,
				Detail: "it refers to a bulkId whose operation failed"})
			return
		}
	}
	if err := b.ex.Context().Err(); err != nil {
		b.finish(o, reply{}, &scim.Error{Status: http.StatusServiceUnavailable, Detail: "the time of the request was used up before this operation; send it again"})
		return
	}
	answer, err := b.dispatch(o)
	b.finish(o, answer, err)
}

// dispatch hands the operation to the handler that a request of its own
// would get.
func (b *bulk) dispatch(o *bulkOperation) (reply, error) {
	if at, ref, ok := strings.Cut(o.path, "/"+bulkRef); ok {
		o.path = at + "/" + pathEscape(b.ids[ref])
	}
	route, id, err := b.bulkRoute(o.method, o.path)
	if err != nil {
		return reply{}, err
	}
	r := b.ex.Request.Clone(b.ex.Context())
	r.Method, r.URL = o.method, &url.URL{Path: o.path}
	r.Header = http.Header{"Content-Type": {scim.MediaType}}
	if o.version != "" {
		r.Header.Set("If-Match", o.version)
	}
	body := b.resolve(o.data).Append(nil)
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	e := route.of(b.ex.tenant)
	answer, err := route.handle(&exchange{Request: r, tenant: b.ex.tenant, id: id, base: b.ex.base, endpoint: e})
	if err != nil {
		return answer, toError(err, e, id)
	}
	return answer, nil
}

// bulkRoute finds the handler of a method and path: of a write, so that a
// search is none of them.
func (b *bulk) bulkRoute(method, path string) (route, string, error) {
	for _, r := range b.routes() {
		if r.endpoint == nil || r.method != method {
			continue
		}
		if r.path == path && !strings.HasSuffix(path, "/.search") {
			return r, "", nil
		}
		collection, withID := strings.CutSuffix(r.path, "/:id")
		if id, ok := strings.CutPrefix(path, collection+"/"); withID && ok && !strings.Contains(id, "/") {
			id, err := url.PathUnescape(id)
			if err == nil {
				return r, id, nil
			}
		}
	}
	return route{}, "", &scim.Error{Status: http.StatusNotFound, Detail: "there is no such endpoint for " + method}
}

// resolve returns v with the ids in the places of the bulkIds.
func (b *bulk) resolve(v scim.Value) scim.Value {
	switch v.Kind() {
	case scim.String:
		if ref, ok := strings.CutPrefix(v.Text(), bulkRef); ok {
			return scim.Text(b.ids[ref])
		}
	case scim.Array, scim.Object:
		parts := slices.Clone(v.Parts())
		for i := range parts {
			parts[i].Value = b.resolve(parts[i].Value)
		}
		if v.Kind() == scim.Array {
			return scim.ListOf(parts)
		}
		return scim.Obj(parts...)
	}
	return v
}

// idIn returns the id of the resource that the answer is about.
func idIn(answer reply, path string) string {
	if id := answer.body.Get("id").Text(); id != "" {
		return id
	}
	return path[strings.LastIndexByte(path, '/')+1:]
}

// finish keeps the result of an operation as it stands in the answer.
func (b *bulk) finish(o *bulkOperation, answer reply, err error) {
	o.done = true
	fields := []scim.Field{{Name: "method", Value: scim.Text(o.method)}}
	if o.bulkID != "" {
		fields = append(fields, scim.Field{Name: "bulkId", Value: scim.Text(o.bulkID)})
	}
	status := answer.status
	if err != nil {
		e := toError(err, nil, "")
		status = e.Status
		b.errors++
		b.failed[o.bulkID] = true
		if o.method != "POST" {
			fields = append(fields, scim.Field{Name: "location", Value: scim.Text(b.ex.base + o.path)})
		}
		fields = append(fields, scim.Field{Name: "response", Value: e.Value()})
	} else {
		location := answer.location
		if location == "" {
			location = b.ex.base + o.path
		}
		if o.bulkID != "" {
			b.ids[o.bulkID] = idIn(answer, o.path)
		}
		if version := answer.version; version != "" {
			fields = append(fields, scim.Field{Name: "version", Value: scim.Text(version)})
		}
		fields = append(fields, scim.Field{Name: "location", Value: scim.Text(location)})
	}
	o.result = scim.Obj(append(fields, scim.Field{Name: "status", Value: scim.Text(strconv.Itoa(status))})...)
}
