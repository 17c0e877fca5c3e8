package adapter

import (
	"context"
	"errors"
	"slices"
	"time"

	"hostscim/adapter/scim"
	"hostscim/adapter/scim/filter"
)

// listResources answers GET /Users and GET /Groups (RFC 7644 section 3.4.2).
func (s *Server) listResources(ex *exchange) (reply, error) {
	q, err := parseQuery(ex.Request)
	if err != nil {
		return reply{}, err
	}
	return s.list(ex, q)
}

// list answers a query on one resource type.
func (s *Server) list(ex *exchange, q query) (reply, error) {
	w, err := q.window(s.config.MaxResults)
	if err != nil {
		return reply{}, err
	}
	e := ex.endpoint
	if e == nil {
		// Not 404: Entra's Test Connection asks for groups even where none
		// are provisioned.
		return ok(scim.ListResponse(0, w.start, nil)), nil
	}
	l := listing{endpoint: e, base: ex.base, view: q.view(e)}
	if l.filter, err = q.filter(e); err != nil {
		return reply{}, err
	}
	if l.order, err = q.order(e); err != nil {
		return reply{}, err
	}
	if q.has("cursor") {
		return s.listByCursor(ex, l, q, w)
	}
	if l.plain() {
		total, resources, err := e.page(ex.Context(), w, ex.base, l.view)
		return ok(scim.ListResponse(total, w.start, resources)), err
	}
	all, err := l.all(ex.Context())
	if err != nil {
		return reply{}, err
	}
	if w.count < 0 {
		w.count = w.most
	}
	return ok(scim.ListResponse(len(all), w.start, cut(all, w))), nil
}

func ok(body scim.Value) reply { return reply{status: 200, body: body} }

// cut returns the part of all that the window asks for.
func cut(all []scim.Value, w window) []scim.Value {
	from := min(w.start-1, len(all))
	return all[from:min(from+w.count, len(all))]
}

// listing is a query that needs every match before it can show a part: one
// with a filter, or in an order.
type listing struct {
	*endpoint
	filter *filter.Filter // nil: everything
	order  *order         // nil: as the legacy API lists them
	base   string
	view   view
}

// plain reports whether the list of the legacy API can be shown part by part:
// not where it has records that SCIM takes for deleted, which would be counted.
func (l *listing) plain() bool {
	return l.filter == nil && l.order == nil && !l.table.HidesGone()
}

// all returns every resource that matches, in order.
func (l *listing) all(ctx context.Context) ([]scim.Value, error) {
	found, err := l.find(ctx, l.filter, l.order, l.base, l.view)
	if err != nil {
		return nil, err
	}
	if l.order != nil {
		l.order.sort(found)
	}
	resources := make([]scim.Value, len(found))
	for i := range found {
		resources[i] = found[i].resource
	}
	return resources, nil
}

// listByCursor answers a query by cursor (RFC 9865).
func (s *Server) listByCursor(ex *exchange, l listing, q query, w window) (reply, error) {
	q["resource"] = l.table.Type.Name
	c, err := ex.tenant.cursors.open(q["cursor"], q, time.Now())
	if errors.Is(err, errCursor) {
		return reply{}, scim.Bad(scim.InvalidCursor, "the cursor is not one of this list; begin again without one")
	}
	if err != nil {
		return reply{}, err
	}
	if w.count < 0 {
		w.count = min(defaultCount, s.config.MaxResults)
	}
	part, end, total, err := l.after(ex.Context(), c, w.count)
	if err != nil {
		return reply{}, err
	}
	next := ""
	if len(part) > 0 && end < total {
		last := part[len(part)-1].Get("id").Text()
		next = ex.tenant.cursors.seal(cursor{offset: end, last: last}, q, time.Now().Add(cursorLife))
	}
	return ok(scim.CursorResponse(total, next, part)), nil
}

// after returns what follows the cursor, at most count resources, the place
// where that ends now, and how many there are in all.
func (l *listing) after(ctx context.Context, c cursor, count int) (part []scim.Value, end, total int, err error) {
	if l.plain() {
		return l.pageAfter(ctx, c, count)
	}
	all, err := l.all(ctx)
	if err != nil {
		return nil, 0, 0, err
	}
	from := 0
	if c.last != "" {
		from = 1 + slices.IndexFunc(all, func(r scim.Value) bool { return r.Get("id").Text() == c.last })
		if from == 0 {
			return nil, 0, 0, errMoved
		}
	}
	part = cut(all, window{start: from + 1, count: count})
	return part, from + len(part), len(all), nil
}

// maxLookBack is how many pages a list may have moved since a cursor was
// given out.
const maxLookBack = 5

var errMoved = scim.Bad(scim.ExpiredCursor, "the resource that the cursor stands at is gone from the list; begin again without a cursor")

// pageAfter is after for the plain list. It reads from the resource that was
// shown last, to see that the list has not moved; if it has, it goes back
// to where that resource is now.
func (l *listing) pageAfter(ctx context.Context, c cursor, count int) (part []scim.Value, end, total int, err error) {
	if c.last == "" {
		total, part, err = l.page(ctx, window{start: 1, count: count}, l.base, l.view)
		return part, len(part), total, err
	}
	step := l.table.Operations.List.Paging.Limit
	for start := c.offset; ; start -= step { // 1-based: the one shown last
		if start < c.offset-maxLookBack*step {
			return nil, 0, 0, errMoved
		}
		from := max(start, 1)
		total, part, err = l.page(ctx, window{start: from, count: count + 1 + c.offset - from}, l.base, l.view)
		if err != nil {
			return nil, 0, 0, err
		}
		i := slices.IndexFunc(part, func(r scim.Value) bool { return r.Get("id").Text() == c.last })
		if i >= 0 {
			part = part[i+1:]
			part = part[:min(count, len(part))]
			return part, from + i + len(part), total, nil
		}
		if from == 1 {
			return nil, 0, 0, errMoved
		}
	}
}
