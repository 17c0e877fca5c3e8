package adapter

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"hostscim/adapter/scim"
	"hostscim/legacyclient"
	"hostscim/mapping"
)

// endpoint is one resource type at work: its table, and the calls of the
// legacy API that the table describes.
type endpoint struct {
	table     *mapping.Table
	client    *legacyclient.Client
	cache     *legacyclient.IDCache
	lately    *lately
	locks     *locks
	log       *slog.Logger
	scanLimit int
	users     *endpoint // of groups: whose ids the members are
	groupType *endpoint // of users: the groups that they can be members of
	inTurn    bool      // changes of one record wait for each other: what one sends depends on what it has read

	list, get, create, update, delete *legacyclient.Endpoint // nil: the API has no such call
	searches                          []*legacyclient.Endpoint
	members                           memberCalls
	groups                            groupCall
}

// newEndpoint compiles the calls of the table, or returns nil when there is
// no table.
func newEndpoint(s *Server, t *mapping.Table, cache *legacyclient.IDCache) (*endpoint, error) {
	if t == nil {
		return nil, nil
	}
	e := &endpoint{table: t, client: s.client, cache: cache, log: s.log, scanLimit: s.config.Legacy.ScanLimit, users: s.users}
	var errs []error
	compile := func(c legacyclient.Endpoint) *legacyclient.Endpoint {
		ep, err := legacyclient.CompileEndpoint(c)
		errs = append(errs, err)
		return ep
	}
	ops := t.Operations
	if o := ops.List; o != nil {
		e.list = compile(listCall(o.Request, o.Query, o.ListShape))
	}
	var lag mapping.Duration
	for _, o := range ops.Search {
		lag = max(lag, o.Lag)
		e.searches = append(e.searches, compile(listCall(o.Request, o.Query, o.ListShape)))
	}
	if o := ops.Get; o != nil {
		e.get = compile(call(o.Request, o.Query, false, o.Envelope))
	}
	if o := ops.Create; o != nil {
		e.create = compile(call(o.Request, o.Query, o.Idempotent, o.Envelope))
	}
	if o := ops.Update; o != nil {
		e.update = compile(call(o.Request, o.Query, o.Idempotent, o.Envelope))
	}
	if o := ops.Delete; o != nil {
		e.delete = compile(call(o.Request, o.Query, o.Idempotent, o.Envelope))
	}
	e.members = newMemberCalls(t.Members, compile)
	e.groups = newGroupCall(t.Groups, compile)
	e.lately = newLately(time.Duration(lag))
	e.locks = newLocks()
	e.inTurn = t.Shared() || ops.Update != nil && ops.Update.Body == mapping.BodyWhole
	return e, errors.Join(errs...)
}

func call(r mapping.Request, query mapping.Ordered[string], idempotent bool, body mapping.Envelope) legacyclient.Endpoint {
	return legacyclient.Endpoint{
		Method: r.Method, Path: r.Path, Query: params(query), Idempotent: idempotent,
		Item: body.Item, Wrap: body.Wrap, Format: legacyclient.Format(body.Format),
	}
}

func listCall(r mapping.Request, query mapping.Ordered[string], s mapping.ListShape) legacyclient.Endpoint {
	p := s.Paging
	return legacyclient.Endpoint{
		Method: r.Method, Path: r.Path, Query: params(query),
		Items: *s.Items, Each: *s.Each, Total: *s.Total, TotalHeader: *s.TotalHeader,
		Paging: legacyclient.Paging{
			Style: legacyclient.PagingStyle(p.Style), Limit: p.Limit, LimitParam: p.LimitParam,
			OffsetParam: p.OffsetParam, PageParam: p.PageParam, FirstPage: p.FirstPage,
			CursorParam: p.CursorParam, Next: p.Next,
		},
	}
}

func params(ordered mapping.Ordered[string]) []legacyclient.Param {
	list := make([]legacyclient.Param, len(ordered))
	for i, o := range ordered {
		list[i] = legacyclient.Param{Name: o.Key, Value: o.Value}
	}
	return list
}

// missing is the answer to a request for which the legacy API has no call.
func (e *endpoint) missing(operation string) error {
	return &scim.Error{Status: http.StatusNotImplemented, Detail: fmt.Sprintf(
		"the legacy API has no call for this: resources.%s.operations.%s is not configured", e.table.Type.Name, operation)}
}

func withID(id string) legacyclient.Vars { return legacyclient.Vars{"id": id} }

// stored is a legacy record as it was read.
type stored struct {
	raw    []byte
	values mapping.Values
}

// read returns the values of the record of that id.
func (e *endpoint) read(ctx context.Context, id string) (mapping.Values, error) {
	r, err := e.fetch(ctx, id)
	return r.values, err
}

// fetch reads the record of that id.
func (e *endpoint) fetch(ctx context.Context, id string) (stored, error) {
	switch {
	case e.get == nil:
		return stored{}, e.missing("get")
	case !e.table.PossibleID(id):
		return stored{}, notFound(e, id)
	}
	answer, err := e.client.Do(ctx, e.get, withID(id), nil)
	if err != nil {
		return stored{}, err
	}
	values, err := e.table.Read(answer.Body)
	if err == nil && values.ID != id {
		// An API may read /hosts/007 as host 7. A resource that answers to
		// two ids would be two resources to a client.
		return stored{}, notFound(e, id)
	}
	return stored{answer.Body, values}, err
}

// resource returns the values as a SCIM resource, with its members when the
// view wants them.
func (e *endpoint) resource(ctx context.Context, values mapping.Values, base string, v view) (scim.Value, error) {
	w := mapping.Whole{Location: e.location(base, values.ID), Base: base}
	if e.groups.list != nil && v.names("groups") {
		var err error
		if w.Groups, err = e.groupIDs(ctx, values.ID); err != nil {
			return scim.Value{}, err
		}
	}
	if e.members.list != nil && v.wants("members") {
		var err error
		if w.Members, err = e.memberIDs(ctx, values.ID, true); err != nil {
			return scim.Value{}, err
		}
		w.WithMembers = true
	}
	return e.table.Resource(values, w), nil
}

// insert makes a record and returns its values.
func (e *endpoint) insert(ctx context.Context, body scim.Value, c *mapping.Changes) (mapping.Values, error) {
	if e.create == nil {
		return mapping.Values{}, e.missing("create")
	}
	if err := e.unique(ctx, c, ""); err != nil {
		return mapping.Values{}, err
	}
	answer, err := e.client.Do(ctx, e.create, nil, c.Body())
	if err != nil {
		return mapping.Values{}, redact(err, body)
	}
	var values mapping.Values
	if id := answer.Location(); len(answer.Body) == 0 && id != "" {
		values, err = e.read(ctx, id) // the API tells the id there, and nothing else
	} else {
		values, err = e.table.Read(answer.Body)
	}
	if err == nil {
		e.remember(values, c)
		e.lately.wrote(values.ID, e.names(c))
	}
	return values, err
}

// change makes the changes to the fields of a record; now is what was read of
// it, or nil. The values are those of the record afterwards; known is false
// when the API does not answer them.
func (e *endpoint) change(ctx context.Context, id string, body scim.Value, now *stored, c *mapping.Changes) (values mapping.Values, known bool, err error) {
	if e.update == nil {
		return values, false, e.missing("update")
	}
	if err := e.unique(ctx, c, id); err != nil {
		return values, false, err
	}
	answer, err := e.put(ctx, id, now, c)
	e.lately.wrote(id, e.names(c)) // be it done or not: it is only a hint
	if err != nil {
		return values, false, redact(err, body)
	}
	if len(answer.Body) == 0 {
		return values, false, nil
	}
	if values, err = e.table.Read(answer.Body); err == nil {
		e.remember(values, c)
	}
	return values, true, err
}

// put makes the update call. What the body needs of the record is read first,
// unless it was read already.
func (e *endpoint) put(ctx context.Context, id string, now *stored, c *mapping.Changes) (legacyclient.Reply, error) {
	whole := e.table.Operations.Update.Body == mapping.BodyWhole
	if now == nil && (whole || c.NeedRecord()) {
		answer, err := e.client.Do(ctx, e.get, withID(id), nil)
		if err != nil {
			return answer, err
		}
		now = &stored{raw: answer.Body}
	}
	var body []byte
	var err error
	switch {
	case whole:
		body, err = c.Merge(now.raw)
	case now != nil:
		body, err = c.BodyOn(now.raw)
	default:
		body = c.Body()
	}
	if err != nil {
		return legacyclient.Reply{}, err
	}
	return e.client.Do(ctx, e.update, withID(id), body)
}

// turn waits until the request may change the record, and returns what gives
// the turn away. Of two requests that read, change and write a record side by
// side, the second would undo the first.
func (e *endpoint) turn(ctx context.Context, id string) (done func(), err error) {
	if !e.inTurn || e.update == nil {
		return func() {}, nil
	}
	done, err = e.locks.lock(ctx, id)
	if err != nil {
		return nil, &legacyclient.Error{Kind: legacyclient.ErrTimeout, Op: e.update.Op(), Cause: err}
	}
	return done, nil
}

// unique refuses a name that another record has, where the legacy API does
// not. self is the id of the record that is to have it.
func (e *endpoint) unique(ctx context.Context, c *mapping.Changes, self string) error {
	create := e.table.Operations.Create
	if create == nil || create.Unique != "adapter" {
		return nil
	}
	path := e.table.UniquePath()
	name, given := c.Set(path)
	if !given {
		return nil
	}
	taken, err := e.named(ctx, path, name)
	if err != nil {
		return err
	}
	for _, id := range taken {
		if id != self {
			return &scim.Error{Status: http.StatusConflict, Type: scim.Uniqueness, Detail: conflictDetail(new(legacyclient.Error), e)}
		}
	}
	return nil
}

// remember keeps under which id a name was just written.
func (e *endpoint) remember(values mapping.Values, c *mapping.Changes) {
	if name, given := c.Set(e.table.UniquePath()); given {
		e.cache.Put(tenant, e.cacheKind(), fold(name.Text()), values.ID)
	}
}

// remove deletes a record.
func (e *endpoint) remove(ctx context.Context, id string) error {
	switch {
	case e.delete == nil:
		return e.missing("delete")
	case !e.table.PossibleID(id):
		return notFound(e, id)
	}
	_, err := e.client.Do(ctx, e.delete, withID(id), nil)
	if err == nil {
		e.lately.wrote(id, nil)
	}
	return err
}

func (e *endpoint) location(base, id string) string {
	return base + e.table.Type.Endpoint + "/" + pathEscape(id)
}
