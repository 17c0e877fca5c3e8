package adapter

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode"

	"hostscim/adapter/scim"
	"hostscim/adapter/scim/filter"
	"hostscim/legacyclient"
	"hostscim/mapping"
)

func pathEscape(id string) string { return url.PathEscape(id) }

// page returns the part of all resources that the window asks for, and how
// many there are: one legacy call for each legacy page that the part covers,
// wherever it begins.
func (e *endpoint) page(ctx context.Context, w window, base string, v view) (total int, resources []scim.Value, err error) {
	if e.list == nil {
		return 0, nil, e.missing("list")
	}
	// One legacy page where the client does not say; the client reads on.
	count := w.count
	if count < 0 {
		count = min(e.table.Operations.List.Paging.Limit, w.most)
	}
	if e.list.Sequential() {
		return e.pageInOrder(ctx, window{start: w.start, count: count}, base, v)
	}
	for offset := w.start - 1; ; {
		// At least one record, for the total: limit=0 means all to some APIs.
		p, err := e.client.Page(ctx, e.list, nil, offset, max(count-len(resources), 1))
		if err != nil {
			return 0, nil, err
		}
		for _, record := range p.Records {
			if len(resources) == count {
				break
			}
			r, err := e.mapped(ctx, record, base, v)
			if err != nil {
				return 0, nil, err
			}
			if r.Kind() != scim.Absent {
				resources = append(resources, v.apply(r))
			}
		}
		offset += len(p.Records)
		total = p.Total
		if len(resources) == count || len(p.Records) == 0 || total >= 0 && offset >= total {
			break
		}
	}
	if total < 0 {
		total, err = e.count(ctx)
	}
	return total, resources, err
}

// pageInOrder is page for a list that can only be read from its beginning.
func (e *endpoint) pageInOrder(ctx context.Context, w window, base string, v view) (total int, resources []scim.Value, err error) {
	for p, err := range e.client.Pages(ctx, e.list, nil, 0) {
		if err != nil {
			return 0, nil, err
		}
		for _, record := range p.Records {
			if total++; total < w.start || len(resources) == w.count {
				continue
			}
			r, err := e.mapped(ctx, record, base, v)
			if err != nil {
				return 0, nil, err
			}
			if r.Kind() != scim.Absent {
				resources = append(resources, v.apply(r))
			}
		}
		if total > e.scanLimit {
			return 0, nil, e.tooMany()
		}
		if p.Total >= 0 && total >= w.start-1+w.count {
			return p.Total, resources, nil // the API tells how many follow
		}
	}
	return total, resources, nil
}

// count returns how many records there are, for an API that does not tell.
func (e *endpoint) count(ctx context.Context) (int, error) {
	n := 0
	for p, err := range e.client.Pages(ctx, e.list, nil, 0) {
		if err != nil {
			return 0, err
		}
		if n += len(p.Records); n > e.scanLimit {
			return 0, e.tooMany()
		}
	}
	return n, nil
}

func (e *endpoint) mapped(ctx context.Context, record []byte, base string, v view) (scim.Value, error) {
	values, err := e.table.Read(record)
	if err != nil {
		return scim.Value{}, err
	}
	return e.listed(ctx, values, base, v)
}

// listed returns the values, which a list has shown, as a resource; absent
// if the record was deleted before its members or groups could be read.
func (e *endpoint) listed(ctx context.Context, values mapping.Values, base string, v view) (scim.Value, error) {
	resource, err := e.resource(ctx, values, base, v)
	if is404(err) && (e.get == nil || is404(e.exists(ctx, values.ID))) {
		return scim.Value{}, nil
	}
	return resource, err
}

// search is the look for the resources that match a filter.
type search struct {
	*endpoint
	filter *filter.Filter // nil: everything matches
	order  *order         // nil: what is found needs no key
	base   string
	view   view // of what is answered
	// before is the view that the filter itself needs: with members when it
	// looks at them.
	before view
	seen   map[string]bool
	found  []sorted
	read   int
}

// find returns every resource that matches the filter, which may be nil, each
// with what the order sorts by.
func (e *endpoint) find(ctx context.Context, f *filter.Filter, o *order, base string, v view) ([]sorted, error) {
	plan := mapping.Plan{Scan: true}
	if f != nil {
		plan = e.table.Plan(f)
	}
	m := plan.Member
	asMember := m != nil && e.members != nil && v.onlyID() && (e.get != nil || e.certain(m.Group))
	witnessOf(ctx).looked(e, f, plan, asMember)
	if asMember {
		return e.findMember(ctx, *m)
	}
	s := &search{endpoint: e, filter: f, order: o, base: base, view: v, seen: make(map[string]bool)}
	s.before = view{only: []filter.Path{}}
	for _, attr := range []string{"members", "groups"} {
		if f != nil && mapping.Mentions(f, attr) {
			s.before.only = append(s.before.only, filter.Path{Attr: attr})
		}
	}
	if plan.Scan {
		err := s.all(ctx)
		return s.found, err
	}
	for _, step := range plan.Steps {
		if err := s.step(ctx, step); err != nil {
			return nil, err
		}
	}
	return s.found, nil
}

func (e *endpoint) searchable() string {
	var names []string
	for _, s := range e.table.Searched() {
		names = append(names, s.Text)
	}
	return strings.Join(names, ", ")
}

// findMember answers whether a user is a member of a group, which also tells
// whether there is such a group.
func (e *endpoint) findMember(ctx context.Context, m mapping.MemberTest) ([]sorted, error) {
	if !e.table.PossibleID(m.Group) || e.users != nil && !e.users.table.PossibleID(m.Member) {
		return nil, nil
	}
	in, err := e.members.holds(ctx, m)
	if err != nil || !in {
		return nil, err
	}
	return []sorted{{resource: scim.Obj(
		scim.Field{Name: "schemas", Value: scim.Strings(e.table.Type.Schema.ID)},
		scim.Field{Name: "id", Value: scim.Text(m.Group)},
	)}}, nil
}

// certain reports whether what lists the members of a group says that there is
// a group of just that id.
func (e *endpoint) certain(id string) bool { return e.plainID(id) && !e.table.HidesGone() }

// plainID reports whether an API cannot read the id as that of another
// record, as it may read A1 as a1: it is an integer, spelt as one.
func (e *endpoint) plainID(id string) bool { return e.table.IDValue(id).Kind() == scim.Number }

func unless404(err error) error {
	if is404(err) {
		return nil
	}
	return err
}

// step reads the records of one step and keeps those that match.
func (s *search) step(ctx context.Context, step mapping.Step) error {
	if step.ID != "" {
		if s.get == nil {
			return s.all(ctx)
		}
		_, _, err := s.byID(ctx, step.ID)
		return err
	}
	if step.Group != "" {
		return s.inGroup(ctx, step.Group)
	}
	path := s.table.Searched()[step.Search].Text
	if known, id := s.cached(path, step.Value); known {
		// A hint: it counts if the record still has the name. That it matches
		// the filter does not say so: the name may stand beside an or.
		values, _, err := s.byID(ctx, id)
		if err != nil || values.ID == id && s.hasName(values, path, step.Value) {
			return err
		}
		s.cache.Delete(s.tenant, s.cacheKind(), fold(step.Value))
	}
	before := len(s.found)
	if err := s.pages(ctx, s.searches[step.Search], legacyclient.Vars{"value": step.Legacy}); err != nil {
		return redact(err, scim.Text(step.Value))
	}
	doubt := false
	for _, id := range s.lately.ids(name{path, fold(step.Value)}) {
		if id == inDoubt {
			doubt = true
			continue
		}
		// The index may not have it yet. If it had, it is here already. Where
		// another caller wrote it, it counts if it may be read with the
		// credential of this one.
		if _, _, err := s.byID(ctx, id); err != nil && !isForbidden(err) {
			return err
		}
	}
	if doubt && len(s.found) == before {
		return &scim.Error{Status: http.StatusServiceUnavailable, RetryAfter: max(time.Duration(s.lately.lag.Load()), time.Second), Detail: fmt.Sprintf(
			"a %s of this name may have been created, and the search of the legacy API may not find it yet; try again later", s.table.Type.Name)}
	}
	if s.cacheable(path) && len(s.found) == before+1 {
		s.cache.Put(s.tenant, s.cacheKind(), fold(step.Value), s.found[before].resource.Get("id").Text())
	}
	return nil
}

// inGroup reads the members of a group.
func (s *search) inGroup(ctx context.Context, group string) error {
	g := s.groupType
	if g == nil || g.members == nil || s.get == nil {
		return s.all(ctx)
	}
	if !g.table.PossibleID(group) {
		return nil
	}
	for id, err := range g.members.each(ctx, group, false) {
		if is404(err) {
			return nil // there is no such group, and nobody in it
		}
		if s.read++; s.read > s.scanLimit {
			return s.tooMany()
		}
		if err == nil {
			_, _, err = s.byID(ctx, id)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// byID keeps the resource of that id if there is one and it matches.
func (s *search) byID(ctx context.Context, id string) (values mapping.Values, hit bool, err error) {
	values, err = s.endpoint.read(ctx, id)
	if is404(err) {
		return values, false, nil
	}
	if err != nil {
		return values, false, err
	}
	hit, err = s.keep(ctx, values)
	return values, hit, err
}

// hasName reports whether the row of that path has the value.
func (e *endpoint) hasName(values mapping.Values, path, value string) bool {
	return fold(e.table.Value(values, path).Text()) == fold(value)
}

func is404(err error) bool {
	var known *scim.Error
	if errors.As(err, &known) {
		return known.Status == http.StatusNotFound
	}
	return errors.Is(err, legacyclient.ErrNotFound)
}

// isForbidden reports whether the caller's own token does not allow the call.
func isForbidden(err error) bool {
	var legacy *legacyclient.Error
	return errors.As(err, &legacy) && legacy.Passed && legacy.Status == http.StatusForbidden && errors.Is(err, legacyclient.ErrDenied)
}

// all looks through every record.
func (s *search) all(ctx context.Context) error {
	if s.list == nil {
		return scim.Bad(scim.InvalidFilter, "the legacy API has no search for this filter and no list to look through; filter on %s", s.searchable())
	}
	return s.pages(ctx, s.list, nil)
}

// pages reads a list to its end and keeps what matches.
func (s *search) pages(ctx context.Context, list *legacyclient.Endpoint, vars legacyclient.Vars) error {
	var values mapping.Values
	id := func(raw []byte) (string, error) {
		var err error
		values, err = s.table.Read(raw)
		// The scan keeps the id of every record, of which nothing else is to stay.
		return strings.Clone(values.ID), err
	}
	scan := scan{client: s.client, list: list, vars: vars}
	for r, err := range scan.records(ctx, id) {
		if err != nil {
			return err
		}
		if s.read++; s.read > s.scanLimit || r.total > s.scanLimit {
			return s.tooMany()
		}
		// values are those of r. What a search that lags says may be old, whoever
		// wrote since: a name may be that of another record by now.
		switch {
		case list == s.list || s.get == nil || s.lately.lag.Load() == 0:
			_, err = s.keep(ctx, values)
		case s.lately.knows(r.id):
			_, _, err = s.byID(ctx, r.id)
		default:
			var hit bool
			if _, hit, err = s.match(ctx, values); hit {
				_, _, err = s.byID(ctx, r.id)
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// keep takes the values up if they match the filter.
func (s *search) keep(ctx context.Context, values mapping.Values) (hit bool, err error) {
	resource, hit, err := s.match(ctx, values)
	if !hit {
		return false, err
	}
	if s.seen[values.ID] {
		return true, nil
	}
	s.seen[values.ID] = true
	if s.shows(s.view) != s.shows(s.before) {
		if resource, err = s.listed(ctx, values, s.base, s.view); err != nil || resource.Kind() == scim.Absent {
			return false, err
		}
	}
	hitOf := sorted{resource: s.view.apply(resource)}
	if s.order != nil {
		hitOf.key = s.order.key(resource)
	}
	s.found = append(s.found, hitOf)
	return true, nil
}

// match returns the values as the resource that the filter looks at, and
// whether it matches.
func (s *search) match(ctx context.Context, values mapping.Values) (resource scim.Value, hit bool, err error) {
	if values.Gone() {
		return scim.Value{}, false, nil
	}
	resource, err = s.listed(ctx, values, s.base, s.before)
	hit = err == nil && resource.Kind() != scim.Absent && (s.filter == nil || s.filter.Match(resource))
	return resource, hit, err
}

func (e *endpoint) tooMany() error {
	return scim.Bad(scim.TooMany, "answering this filter would read more than %d legacy records; filter on %s, or raise legacy.scan_limit", e.scanLimit, e.searchable())
}

// named returns the ids of the records whose attribute has the value.
func (e *endpoint) named(ctx context.Context, path string, value scim.Value) ([]string, error) {
	p, err := filter.ParsePath(path, e.urns...)
	if err != nil {
		return nil, fmt.Errorf("looking for a name: %w", err)
	}
	f, err := filter.Compile(filter.Compare{Path: p, Op: filter.Eq, Value: value}, e.table.Type)
	if err != nil {
		return nil, fmt.Errorf("looking for a name: %w", err)
	}
	found, err := e.find(ctx, f, nil, "", view{only: []filter.Path{}, urns: e.urns})
	ids := make([]string, len(found))
	for i, r := range found {
		ids[i] = r.resource.Get("id").Text()
	}
	return ids, err
}

// cacheable reports whether ids may be remembered for values of the path:
// only for the name of which the legacy API itself allows no second, or a
// remembered one would hide the other.
func (e *endpoint) cacheable(path string) bool {
	create := e.table.Operations.Create
	return path == e.table.UniquePath() && e.get != nil && create != nil && create.Unique == "legacy" && e.table.OneSpelling(path)
}

func (e *endpoint) cached(path, value string) (known bool, id string) {
	if !e.cacheable(path) {
		return false, ""
	}
	id, known = e.cache.Get(e.tenant, e.cacheKind(), fold(value))
	return known, id
}

func (e *endpoint) cacheKind() string { return e.table.Type.Name }

// fold returns the text in one letter case for all that are equal without
// case, as the filter compares.
func fold(s string) string {
	return strings.Map(func(r rune) rune {
		least := r
		for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
			least = min(least, next)
		}
		if 'A' <= least && least <= 'Z' {
			least += 'a' - 'A'
		}
		return least
	}, s)
}
