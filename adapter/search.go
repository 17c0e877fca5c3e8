package adapter

import (
	"context"
	"net/http"
	"strings"

	"hostscim/adapter/scim"
)

// searchResources answers POST .search on one resource type (RFC 7644
// section 3.4.3): the query of a GET, as a body.
func (s *Server) searchResources(ex *exchange) (reply, error) {
	q, err := s.searchQuery(ex)
	if err != nil {
		return reply{}, err
	}
	return s.list(ex, q)
}

// searchAll answers POST .search on the root: users, then groups.
func (s *Server) searchAll(ex *exchange) (reply, error) {
	q, err := s.searchQuery(ex)
	if err != nil {
		return reply{}, err
	}
	return s.listAll(ex, q)
}

// listEverything answers GET on the root (RFC 7644 section 3.4.2.1).
func (s *Server) listEverything(ex *exchange) (reply, error) {
	q, err := parseQuery(ex.Request)
	if err != nil {
		return reply{}, err
	}
	return s.listAll(ex, q)
}

// searchQuery returns the parameters of a search body under the names that
// they have in a query string.
func (s *Server) searchQuery(ex *exchange) (query, error) {
	body, err := s.readBody(ex.Request)
	if err != nil {
		return nil, err
	}
	q := make(query)
	for _, f := range body.Parts() {
		name, text := strings.ToLower(f.Name), f.Value.Text()
		switch f.Value.Kind() {
		case scim.Null:
			continue
		case scim.Array:
			var names []string
			for _, p := range f.Value.Parts() {
				names = append(names, p.Value.Text())
			}
			text = strings.Join(names, ",")
		case scim.Object:
			return nil, scim.Bad(scim.InvalidSyntax, "%s must not be an object", name)
		}
		q[name] = text
	}
	return q, nil
}

// listAll answers a query on all resource types: the resources of each, one
// type after the other, as one list.
func (s *Server) listAll(ex *exchange, q query) (reply, error) {
	if q["sortby"] != "" || q.has("cursor") {
		return reply{}, scim.Bad(scim.InvalidValue, "sortBy and cursor are answered on /Users and /Groups, not on both at once")
	}
	w, err := q.window(s.config.MaxResults)
	if err != nil {
		return reply{}, err
	}
	if w.count < 0 {
		w.count = min(defaultCount, s.config.MaxResults)
	}
	total, answered := 0, 0
	var all []scim.Value
	var refused error
	for _, e := range ex.tenant.endpoints() {
		part := window{start: max(w.start-total, 1), count: w.count - len(all)}
		n, resources, err := e.listPart(ex.Context(), q, part, ex.base)
		if isInvalidFilter(err) {
			refused = err // an attribute of the other type: nothing here has it
			continue
		}
		if err != nil {
			return reply{}, err
		}
		answered++
		if w.start-total > n {
			resources = nil // the list begins behind this type
		}
		total += n
		all = append(all, resources...)
	}
	if answered == 0 && refused != nil {
		return reply{}, refused
	}
	return ok(scim.ListResponse(total, w.start, all)), nil
}

// defaultCount is how many resources a list has when the client does not say
// and no legacy page size says it either.
const defaultCount = 100

// listPart returns a part of the resources of one type that match the query,
// and how many match.
func (e *endpoint) listPart(ctx context.Context, q query, w window, base string) (int, []scim.Value, error) {
	f, err := q.filter(e)
	if err != nil {
		return 0, nil, err
	}
	l := listing{endpoint: e, filter: f, base: base, view: q.view(e)}
	if l.plain() {
		return e.page(ctx, w, base, l.view)
	}
	found, err := l.all(ctx)
	return len(found), cut(found, w), err
}

func isInvalidFilter(err error) bool {
	e, ok := err.(*scim.Error)
	return ok && e.Type == scim.InvalidFilter
}

// me answers /Me, which has no meaning for a client that is a service and
// no user (RFC 7644 section 3.11).
func (s *Server) me(*exchange) (reply, error) {
	return reply{}, &scim.Error{Status: http.StatusNotImplemented, Detail: "/Me is not supported: a provisioning client is no user here"}
}
