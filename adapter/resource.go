package adapter

import (
	"context"
	"errors"
	"net/http"

	"hostscim/adapter/scim"
	"hostscim/legacyclient"
	"hostscim/mapping"
)

func asLegacy(err error, target **legacyclient.Error) bool { return errors.As(err, target) }

// listResources answers GET /Users and GET /Groups (RFC 7644 section 3.4.2).
func (s *Server) listResources(ex *exchange) (reply, error) {
	q, err := parseQuery(ex.Request)
	if err != nil {
		return reply{}, err
	}
	w, err := q.window(s.config.Server.MaxResults)
	if err != nil {
		return reply{}, err
	}
	e := ex.endpoint
	if e == nil {
		// Not 404: Entra's Test Connection asks for groups even where none
		// are provisioned.
		return ok(scim.ListResponse(0, w.start, nil)), nil
	}
	f, err := q.filter(e)
	if err != nil {
		return reply{}, err
	}
	v := q.view(e)
	if f == nil {
		total, resources, err := e.page(ex.Context(), w, ex.base, v)
		return ok(scim.ListResponse(total, w.start, resources)), err
	}
	found, err := e.find(ex.Context(), f, ex.base, v)
	if err != nil {
		return reply{}, err
	}
	if w.count < 0 {
		w.count = w.most
	}
	return ok(scim.ListResponse(len(found), w.start, cut(found, w))), nil
}

func ok(body scim.Value) reply { return reply{status: http.StatusOK, body: body} }

// cut returns the part of all that the window asks for.
func cut(all []scim.Value, w window) []scim.Value {
	from := min(w.start-1, len(all))
	return all[from:min(from+w.count, len(all))]
}

// getResource answers GET by id (RFC 7644 section 3.4.1).
func (s *Server) getResource(ex *exchange) (reply, error) {
	e, v, err := ex.target()
	if err != nil {
		return reply{}, err
	}
	resource, err := e.fetch(ex.Context(), ex.id, ex.base, v)
	return reply{status: http.StatusOK, body: resource, location: e.location(ex.base, ex.id)}, err
}

// target returns the endpoint of a request for one resource, and the view
// that the request asks for.
func (ex *exchange) target() (*endpoint, view, error) {
	if ex.endpoint == nil {
		return nil, view{}, &scim.Error{Status: http.StatusNotImplemented, Detail: "this resource type is not provisioned: the adapter's configuration does not describe it"}
	}
	q, err := parseQuery(ex.Request)
	if err != nil {
		return nil, view{}, err
	}
	note(ex.Request, func(entry *entry) {
		entry.resource = ex.endpoint.table.Type.Name
		if ex.endpoint.table.PossibleID(ex.id) {
			entry.id = ex.id
		}
	})
	return ex.endpoint, q.view(ex.endpoint), nil
}

// fetch reads a record and returns what the view leaves of it.
func (e *endpoint) fetch(ctx context.Context, id, base string, v view) (scim.Value, error) {
	values, err := e.read(ctx, id)
	if err != nil {
		return scim.Value{}, err
	}
	resource, err := e.resource(ctx, values, base, v)
	return v.apply(resource), err
}

// createResource answers POST (RFC 7644 section 3.3).
func (s *Server) createResource(ex *exchange) (reply, error) {
	e, v, err := ex.target()
	if err != nil {
		return reply{}, err
	}
	body, err := s.readBody(ex.Request)
	if err != nil {
		return reply{}, err
	}
	changes, err := e.table.Create(body)
	if err != nil {
		return reply{}, err
	}
	if err := e.possibleMembers(changes.Members.Added()); err != nil {
		return reply{}, err
	}
	values, err := e.insert(ex.Context(), body, &changes)
	if err != nil {
		return reply{}, err
	}
	noteChanges(ex.Request, values.ID, &changes)
	w := mapping.Whole{Location: e.location(ex.base, values.ID), WithMembers: e.members.list != nil}
	if w.Members = changes.Members.Added(); len(w.Members) > 0 {
		if _, err := e.addMembers(ex.Context(), values.ID, w.Members); err != nil {
			return reply{}, e.undo(ex.Context(), values.ID, err)
		}
	}
	resource := v.apply(e.table.Resource(values, w))
	return reply{status: http.StatusCreated, body: resource, location: w.Location}, nil
}

func noteChanges(r *http.Request, id string, c *mapping.Changes) {
	note(r, func(entry *entry) { entry.id, entry.ignored = id, c.Ignored })
}

// replaceResource answers PUT (RFC 7644 section 3.5.1).
func (s *Server) replaceResource(ex *exchange) (reply, error) {
	return s.write(ex, func(_ context.Context, e *endpoint, body scim.Value) (mapping.Changes, error) {
		return e.table.Replace(body)
	}, true)
}

// patchResource answers PATCH (RFC 7644 section 3.5.2).
func (s *Server) patchResource(ex *exchange) (reply, error) {
	return s.write(ex, func(ctx context.Context, e *endpoint, body scim.Value) (mapping.Changes, error) {
		return e.patch(ctx, ex.id, body)
	}, false)
}

// patch returns the changes of a PATCH body. The record is read only if the
// body depends on what it holds.
func (e *endpoint) patch(ctx context.Context, id string, body scim.Value) (mapping.Changes, error) {
	var current mapping.Current
	for {
		changes, err := e.table.Patch(body, &current)
		switch {
		case errors.Is(err, mapping.ErrNeedRecord) && current.Values == nil:
			values, err := e.read(ctx, id)
			if err != nil {
				return changes, err
			}
			current.Values = &values
		case errors.Is(err, mapping.ErrNeedMembers) && !current.WithMembers && e.members.list != nil:
			if current.Members, err = e.memberIDs(ctx, id); err != nil {
				return changes, err
			}
			current.WithMembers = true
		default:
			return changes, err
		}
	}
}

// write works out the changes of a PUT or PATCH and makes them: members
// first, since a member that does not exist is what is refused most often,
// and then nothing has been changed yet.
func (s *Server) write(ex *exchange, work func(context.Context, *endpoint, scim.Value) (mapping.Changes, error), whole bool) (reply, error) {
	e, v, err := ex.target()
	if err != nil {
		return reply{}, err
	}
	body, err := s.readBody(ex.Request)
	if err != nil {
		return reply{}, err
	}
	if !e.table.PossibleID(ex.id) {
		return reply{}, notFound(e, ex.id)
	}
	ctx := ex.Context()
	changes, err := work(ctx, e, body)
	if err != nil {
		return reply{}, err
	}
	if changes.Record() && e.update == nil {
		return reply{}, e.missing("update") // before the members are changed
	}
	noteChanges(ex.Request, ex.id, &changes)
	if !changes.Members.Empty() {
		if err := e.changeMembers(ctx, ex.id, &changes.Members); err != nil {
			return reply{}, err
		}
	}
	var values mapping.Values
	known := false
	switch {
	case changes.Record():
		values, known, err = e.change(ctx, ex.id, body, &changes)
	case changes.Members.Empty():
		// Nothing to do, but is there anything to do it to?
		values, err = e.read(ctx, ex.id)
		known = true
	}
	if err != nil {
		if !changes.Members.Empty() {
			err = membersStand(err, e, ex.id)
		}
		return reply{}, err
	}
	return e.answer(ctx, ex, v, values, known, whole)
}

// answer returns the reply to a write. A group answers a PATCH with 204
// unless attributes were asked for: its members would have to be read for a
// body that no client needs. A user answers with what the legacy API told.
func (e *endpoint) answer(ctx context.Context, ex *exchange, v view, values mapping.Values, known, whole bool) (reply, error) {
	location := e.location(ex.base, ex.id)
	group := e.members.config != nil
	if !whole && !v.asked() && (group || !known) {
		return reply{status: http.StatusNoContent, location: location}, nil
	}
	var err error
	if !known {
		if values, err = e.read(ctx, ex.id); err != nil {
			return reply{}, err
		}
	}
	resource, err := e.resource(ctx, values, ex.base, v)
	return reply{status: http.StatusOK, body: v.apply(resource), location: location}, err
}

// deleteResource answers DELETE (RFC 7644 section 3.6).
func (s *Server) deleteResource(ex *exchange) (reply, error) {
	e, _, err := ex.target()
	if err != nil {
		return reply{}, err
	}
	if err := e.remove(ex.Context(), ex.id); err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusNoContent}, nil
}
