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
	tenant    string // the name; it keys what is kept
	table     *mapping.Table
	urns      []string // of the schemas that the table serves
	client    *legacyclient.Client
	cache     *legacyclient.IDCache
	lately    *lately
	locks     *locks
	claims    *locks // of names that are being given
	log       *slog.Logger
	scanLimit int
	tries     int       // how often a create is sent at most
	keyed     bool      // creates go under an idempotency key
	users     *endpoint // of groups: whose ids the members are
	groupType *endpoint // of users: the groups that they can be members of
	inTurn    bool      // changes of one record wait for each other: what one sends depends on what it has read

	list, get, create, update, delete *legacyclient.Endpoint // nil: the API has no such call
	searches                          []*legacyclient.Endpoint
	calls                             []*legacyclient.Endpoint // of rows, parallel to those of the table
	members                           membership               // nil: groups have none
	groups                            groupCall
}

// newEndpoint compiles the calls of the table, or returns nil when there is
// no table.
func newEndpoint(of *tenant, t *mapping.Table) (*endpoint, error) {
	if t == nil {
		return nil, nil
	}
	e := &endpoint{
		tenant: of.name, table: t, urns: t.Type.URNs(), client: of.client, cache: of.cache, log: of.log,
		scanLimit: of.config.Legacy.ScanLimit, users: of.users,
		tries: of.config.Legacy.Retry.MaxAttempts,
	}
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
		e.keyed = o.Idempotent && of.config.Legacy.IdempotencyHeader != ""
		e.create = compile(call(o.Request, o.Query, o.Idempotent, o.Envelope))
	}
	if o := ops.Update; o != nil {
		c := call(o.Request, o.Query, o.Idempotent, o.Envelope)
		if o.Version != nil {
			c.VersionHeader = o.Version.Header
		}
		e.update = compile(c)
	}
	if o := ops.Delete; o != nil {
		e.delete = compile(call(o.Request, o.Query, o.Idempotent, o.Envelope))
	}
	for _, o := range t.Calls() {
		e.calls = append(e.calls, compile(call(o.Request, o.Query, o.Idempotent, o.Envelope)))
	}
	e.members = newMembership(e, compile)
	e.groups = newGroupCall(t.Groups, compile)
	e.lately = newLately(time.Duration(lag))
	e.locks, e.claims = newLocks(), newLocks()
	// A record that holds its members is one that other requests change too.
	e.inTurn = t.Shared() || t.MembersInRecord() || ops.Update != nil && ops.Update.Body == mapping.BodyWhole
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
	etag   string // the header that came with it
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
	if err == nil && (values.ID != id || values.Gone()) {
		// An API may read /hosts/007 as host 7. A resource that answers to
		// two ids would be two resources to a client.
		return stored{}, notFound(e, id)
	}
	return stored{answer.Body, answer.Header.Get("ETag"), values}, err
}

// shown is what a view shows beside the rows.
type shown struct{ members, groups bool }

// shows returns what of that the view needs. The groups of a user, where they
// cost a call, are for those who name them.
func (e *endpoint) shows(v view) shown {
	return shown{
		members: e.members != nil && v.wants("members"),
		groups:  e.table.GroupsInRecord() && v.wants("groups") || e.groups.list != nil && v.names("groups"),
	}
}

// resource returns the values as a SCIM resource, with its members when the
// view wants them.
func (e *endpoint) resource(ctx context.Context, values mapping.Values, base string, v view) (scim.Value, error) {
	w := mapping.Whole{Location: e.location(base, values.ID), Base: base}
	shows, err := e.shows(v), error(nil)
	switch {
	case shows.groups && e.table.GroupsInRecord():
		w.Groups = values.Linked
	case shows.groups:
		if w.Groups, err = e.groupIDs(ctx, values.ID); err != nil {
			return scim.Value{}, err
		}
	}
	switch {
	case shows.members && e.table.MembersInRecord():
		w.Members, w.WithMembers = values.Linked, true
	case shows.members:
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
	release, err := e.claim(ctx, c, "")
	if err != nil {
		return mapping.Values{}, err
	}
	defer release()
	values, record, err := creation{e, c}.send(ctx)
	if err != nil {
		if legacy, ok := errors.AsType[*legacyclient.Error](err); ok && legacy.MayHaveHappened {
			e.lately.wrote(inDoubt, e.names(c))
		}
		return mapping.Values{}, e.refusedList(redact(err, body), c)
	}
	e.remember(values, c)
	e.lately.wrote(values.ID, e.names(c))
	return e.complete(ctx, body, c, values, record)
}

// change makes the changes to the fields of a record; now is what was read of
// it, or nil. The values are those of the record afterwards; known is false
// when the API does not answer them.
func (e *endpoint) change(ctx context.Context, id string, body scim.Value, now *stored, c *mapping.Changes) (values mapping.Values, known bool, err error) {
	if c.HasBody() && e.update == nil {
		return values, false, e.missing("update")
	}
	release, err := e.claim(ctx, c, id)
	if err != nil {
		return values, false, err
	}
	defer release()
	values, known, err = e.apply(ctx, id, body, now, c)
	e.lately.wrote(id, e.names(c)) // be it done or not: it is only a hint
	switch {
	case err != nil || !known:
		return values, known, err
	case values.Gone():
		return values, false, notFound(e, id)
	}
	e.remember(values, c)
	return values, true, nil
}

// apply makes the calls of a change: the update, then those of rows, but for
// what the answer to the update shows to be so already.
func (e *endpoint) apply(ctx context.Context, id string, body scim.Value, now *stored, c *mapping.Changes) (values mapping.Values, known bool, err error) {
	calls := c.Calls()
	if c.HasBody() {
		answer, err := e.put(ctx, id, now, c)
		if err != nil {
			return values, false, e.refusedList(redact(err, body), c)
		}
		if known = len(answer.Body) > 0; known {
			values, err = e.table.Read(answer.Body)
			// What tells of another record tells nothing of this one.
			known = err != nil || values.ID == id
		}
		if len(calls) == 0 {
			return values, known, err
		}
		if known && err == nil {
			calls = e.table.Left(calls, values, answer.Body)
		}
	}
	if len(calls) == 0 {
		return values, known, nil
	}
	r := rowCalls{endpoint: e, id: id, body: body, done: c.InBody()}
	values, known, _, err = r.make(ctx, calls)
	return values, known, halfWritten(err, e, id, r.done)
}

// put makes the update call. What is made of the record as it is, is read and
// written while the record is locked, so that the changes of two requests both
// stand; now is what was read of it already, and what the changes were decided
// on: errStale is the error when the record is that no more.
func (e *endpoint) put(ctx context.Context, id string, now *stored, c *mapping.Changes) (legacyclient.Reply, error) {
	if !c.NeedsRecord() && (now == nil || !e.table.Shared()) {
		return e.client.Do(ctx, e.update, withID(id), c.Body())
	}
	unlock, err := e.locked(ctx, e.update, id)
	if err != nil {
		return legacyclient.Reply{}, err
	}
	defer unlock()
	if now != nil {
		return e.rewrite(ctx, id, *now, once(c.Update))
	}
	record, err := e.fetch(ctx, id)
	if err != nil {
		return legacyclient.Reply{}, err
	}
	return e.rewrite(ctx, id, record, c.Update)
}

// remember keeps under which id a name was just written.
func (e *endpoint) remember(values mapping.Values, c *mapping.Changes) {
	if name, given := c.Set(e.table.UniquePath()); given {
		e.cache.Put(e.tenant, e.cacheKind(), fold(name.Text()), values.ID)
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
	_, err := e.client.Do(ctx, e.delete, withID(id), e.table.DeletePayload(id))
	if err == nil {
		e.lately.wrote(id, nil)
	}
	return err
}

func (e *endpoint) location(base, id string) string {
	return base + e.table.Type.Endpoint + "/" + pathEscape(id)
}
