package adapter

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"hostscim/adapter/scim"
	"hostscim/mapping"
)

// getResource answers GET by id (RFC 7644 section 3.4.1).
func (s *Server) getResource(ex *exchange) (reply, error) {
	e, v, err := ex.target()
	if err != nil {
		return reply{}, err
	}
	values, err := e.read(ex.Context(), ex.id)
	if err != nil {
		return reply{}, err
	}
	answer := reply{status: http.StatusNotModified, location: e.location(ex.base, ex.id)}
	values, answer.version = e.table.WithVersion(values)
	if tags := strings.Join(ex.Header.Values("If-None-Match"), ","); tags != "" && matches(tags, answer.version) {
		return answer, nil
	}
	answer.status = http.StatusOK
	resource, err := e.resource(ex.Context(), values, ex.base, v)
	answer.body = v.apply(resource)
	return answer, err
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
		if ex.endpoint.table.PossibleID(ex.id) {
			entry.id = ex.id
		}
	})
	return ex.endpoint, q.view(ex.endpoint), nil
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
	witnessOf(ex.Context()).changed(e, "", changes)
	auditOf(ex.Context()).changed(&changes)
	members := changes.Members.Added()
	if err := e.knownMembers(ex.Context(), members); err != nil {
		return reply{}, err
	}
	values, err := e.insert(ex.Context(), body, &changes)
	if err != nil {
		return reply{}, err
	}
	noteChanges(ex.Request, e, values.ID, &changes)
	w := mapping.Whole{Location: e.location(ex.base, values.ID), Base: ex.base, WithMembers: e.members != nil, Members: members}
	if e.table.GroupsInRecord() {
		w.Groups = values.Linked
	}
	if e.table.MembersInRecord() {
		members = difference(members, values.Linked) // whom the API has not taken over
		w.Members = append(slices.Clone(values.Linked), members...)
	}
	if len(members) > 0 {
		if _, err := e.members.add(ex.Context(), values.ID, members); err != nil {
			return reply{}, e.undo(ex.Context(), values.ID, members, err)
		}
	}
	answer := reply{status: http.StatusCreated, location: w.Location}
	values, answer.version = e.table.WithVersion(values)
	if len(members) > 0 {
		// The members may have changed it since, and to know it would take
		// another call.
		answer.version, w.VersionUnknown = "", true
	}
	answer.body = v.apply(e.table.Resource(values, w))
	return answer, nil
}

// noteChanges notes for the log which record is written, and what the request
// has that the record has no place for.
func noteChanges(r *http.Request, e *endpoint, id string, c *mapping.Changes) {
	auditOf(r.Context()).wrote(id)
	note(r, func(entry *entry) {
		entry.id = id
		for _, path := range c.Ignored {
			entry.ignored = append(entry.ignored, ignored{e.tenant, e.table.Type.Name, path})
		}
	})
}

// replaceResource answers PUT (RFC 7644 section 3.5.1).
func (s *Server) replaceResource(ex *exchange) (reply, error) {
	return s.write(ex, func(_ context.Context, e *endpoint, body scim.Value) (mapping.Changes, *stored, error) {
		changes, err := e.table.Replace(body)
		return changes, nil, err
	}, true)
}

// patchResource answers PATCH (RFC 7644 section 3.5.2).
func (s *Server) patchResource(ex *exchange) (reply, error) {
	return s.write(ex, func(ctx context.Context, e *endpoint, body scim.Value) (mapping.Changes, *stored, error) {
		return e.patch(ctx, ex.id, body)
	}, false)
}

// patch returns the changes of a PATCH body. The record is read only if the
// body depends on what it holds, and is returned then.
func (e *endpoint) patch(ctx context.Context, id string, body scim.Value) (mapping.Changes, *stored, error) {
	var current mapping.Current
	var now *stored
	for {
		changes, err := e.table.Patch(body, &current)
		switch {
		case errors.Is(err, mapping.ErrNeedRecord) && current.Values == nil:
			witnessOf(ctx).needs(e, body)
			r, err := e.fetch(ctx, id)
			if err != nil {
				return changes, nil, err
			}
			now, current.Values = &r, &r.values
		case errors.Is(err, mapping.ErrNeedMembers) && !current.WithMembers && e.members != nil:
			witnessOf(ctx).needs(e, body)
			if current.Members, err = e.memberIDs(ctx, id, false); err != nil {
				return changes, nil, err
			}
			current.WithMembers = true
		default:
			return changes, now, err
		}
	}
}

// worker works out the changes that a body makes, and returns what it has read
// of the record for it, if anything.
type worker func(context.Context, *endpoint, scim.Value) (mapping.Changes, *stored, error)

// write works out the changes of a PUT or PATCH and makes them: members
// first, since a member that does not exist is what is refused most often,
// and then nothing has been changed yet.
func (s *Server) write(ex *exchange, work worker, whole bool) (reply, error) {
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
	values, known, err := e.edit(ex, body, work)
	if err != nil {
		return reply{}, err
	}
	return e.answer(ex.Context(), ex, v, values, known, whole)
}

// edit is write without the answer, in turn. The values are those of the
// record afterwards; known is false when the API has not told them.
func (e *endpoint) edit(ex *exchange, body scim.Value, work worker) (values mapping.Values, known bool, err error) {
	ctx, done, err := e.turn(ex.Context(), ex.id)
	if err != nil {
		return values, false, err
	}
	defer done()
	err = settle(func() error {
		values, known, err = e.editOnce(ctx, ex, body, work)
		return err
	})
	return values, known, err
}

// editOnce is edit of the record as it is now; see errStale.
func (e *endpoint) editOnce(ctx context.Context, ex *exchange, body scim.Value, work worker) (values mapping.Values, known bool, err error) {
	changes, now, err := work(ctx, e, body)
	if err != nil {
		return values, false, err
	}
	witnessOf(ctx).changed(e, ex.id, changes)
	auditOf(ctx).changed(&changes)
	if now, err = e.precondition(ctx, ex.Request, ex.id, now); err != nil {
		return values, false, err
	}
	if changes.HasBody() && e.update == nil {
		return values, false, e.missing("update") // before the members are changed
	}
	noteChanges(ex.Request, e, ex.id, &changes)
	if err := e.knownMembers(ctx, changes.Members.Added()); err != nil {
		return values, false, err
	}
	if changes.Members.Empty() || e.table.MembersByUpdate() {
		return e.editRecord(ctx, ex.id, body, now, &changes)
	}
	if err := e.changeMembers(ctx, ex.id, &changes.Members); err != nil || !changes.Record() {
		return values, false, err
	}
	// What was read of the record is older than its members.
	if values, known, err = e.change(ctx, ex.id, body, nil, &changes); err != nil {
		err = membersStand(err, e, ex.id)
	}
	return values, known, err
}

// editRecord is edit of a request that leaves the members alone.
func (e *endpoint) editRecord(ctx context.Context, id string, body scim.Value, now *stored, c *mapping.Changes) (values mapping.Values, known bool, err error) {
	switch {
	case c.Record():
		return e.change(ctx, id, body, now, c)
	case now != nil:
		return now.values, true, nil
	}
	// Nothing to do, but is there anything to do it to?
	values, err = e.read(ctx, id)
	return values, true, err
}

// answer returns the reply to a write. A group answers a PATCH with 204
// unless attributes were asked for: its members would have to be read for a
// body that no client needs. A user answers with what the legacy API told.
func (e *endpoint) answer(ctx context.Context, ex *exchange, v view, values mapping.Values, known, whole bool) (reply, error) {
	answer := reply{status: http.StatusNoContent, location: e.location(ex.base, ex.id)}
	if !whole && !v.asked() && !e.answersPatch(known) {
		return answer, nil
	}
	var err error
	if !known {
		if values, err = e.read(ctx, ex.id); err != nil {
			return reply{}, err
		}
	}
	values, answer.version = e.table.WithVersion(values)
	resource, err := e.resource(ctx, values, ex.base, v)
	answer.status, answer.body = http.StatusOK, v.apply(resource)
	return answer, err
}

// answersPatch reports whether a PATCH is answered with the resource. known
// tells that the legacy API has told it.
func (e *endpoint) answersPatch(known bool) bool {
	switch e.table.PatchResponse {
	case "resource":
		return true
	case "none":
		return false
	}
	return known && e.members == nil
}

// deleteResource answers DELETE (RFC 7644 section 3.6).
func (s *Server) deleteResource(ex *exchange) (reply, error) {
	e, _, err := ex.target()
	if err != nil {
		return reply{}, err
	}
	if _, err := e.precondition(ex.Context(), ex.Request, ex.id, nil); err != nil {
		return reply{}, err
	}
	if err := e.remove(ex.Context(), ex.id); err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusNoContent}, nil
}
