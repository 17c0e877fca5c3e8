package adapter

import (
	"context"
	"errors"
	"iter"
	"net/http"
	"slices"
	"strings"

	"hostscim/adapter/scim"
	"hostscim/legacyclient"
	"hostscim/mapping"
)

// memberCalls keeps members by calls of their own: under the group, or as a
// collection of memberships that have ids themselves.
type memberCalls struct {
	*endpoint
	config              *mapping.Members
	list, find          *legacyclient.Endpoint // find may be nil
	addCall, removeCall *legacyclient.Endpoint // nil where nothing can be changed
	ids                 *mapping.MemberReader
	keys                *mapping.MemberReader // of the memberships; nil where they have no ids
}

var _ membership = (*memberCalls)(nil)

// outlives reports whether memberships are kept apart from groups: in a
// collection of their own, or found under a parameter that says which group. A
// group that does not exist is an empty list there.
func (m *memberCalls) outlives() bool { return m.keys != nil || !inPath(m.list) }

// blind reports false: a refused add is looked into, and so is a removal of
// nobody.
func (m *memberCalls) blind() bool { return false }

// inPath reports whether the group stands in the path of the call, so that
// the API answers 404 for one that does not exist.
func inPath(c *legacyclient.Endpoint) bool { return strings.Contains(c.Path, "{id}") }

func (m *memberCalls) each(ctx context.Context, group string, plain bool) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		shown := make(map[string]bool)
		for row, err := range m.rows(ctx, m.list, withID(group), plain) {
			if err == nil && m.keys != nil {
				if shown[row.member] {
					continue // the API holds the pair twice
				}
				shown[row.member] = true
			}
			if !yield(row.member, err) {
				return
			}
		}
	}
}

// membershipRow is one record of the list of members.
type membershipRow struct {
	member string
	key    string // of the membership; "" where it has none
}

// rows reads the records that a call lists.
func (m *memberCalls) rows(ctx context.Context, list *legacyclient.Endpoint, vars legacyclient.Vars, plain bool) iter.Seq2[membershipRow, error] {
	return func(yield func(membershipRow, error) bool) {
		var row membershipRow
		ids, gone := m.users.hiding(m.ids.ID)
		id := func(raw []byte) (string, error) {
			var err, keyErr error
			row.member, err = ids(raw)
			if m.keys == nil {
				return row.member, err
			}
			row.key, keyErr = m.keys.ID(raw)
			return row.key, errors.Join(err, keyErr)
		}
		scan := scan{client: m.client, list: list, vars: vars, plain: plain}
		for _, err := range scan.records(ctx, id) {
			if err == nil && *gone {
				continue
			}
			if !yield(row, err) { // which the scan asked the id of last
				return
			}
		}
	}
}

func (m *memberCalls) holds(ctx context.Context, test mapping.MemberTest) (bool, error) {
	list, vars := m.list, withID(test.Group)
	if m.find != nil {
		list, vars = m.find, legacyclient.Vars{"id": test.Group, "value": test.Member}
	}
	for row, err := range m.rows(ctx, list, vars, false) {
		if err != nil {
			return false, unless404(err)
		}
		if row.member != test.Member {
			continue
		}
		if m.certain(test.Group) && inPath(list) {
			return true, nil
		}
		err := m.exists(ctx, test.Group) // a membership may outlive it
		return err == nil, unless404(err)
	}
	return false, nil
}

func (m *memberCalls) add(ctx context.Context, group string, ids []string) (done int, err error) {
	missing := ids
	if m.config.Add.Unique == "adapter" {
		unlock, err := m.locked(ctx, m.addCall, group)
		if err != nil {
			return 0, err
		}
		defer unlock()
		if missing, err = m.missing(ctx, group, ids); err != nil {
			return 0, err
		}
		done = len(ids) - len(missing)
	}
	for chunk := range slices.Chunk(missing, m.config.Add.MaxPerCall) {
		if err := m.addSome(ctx, group, chunk); err != nil {
			return done, err
		}
		done += len(chunk)
	}
	return done, nil
}

// missing returns the ids that are no members yet. It looks at each where the
// API can tell of one, else through all members.
func (m *memberCalls) missing(ctx context.Context, group string, ids []string) ([]string, error) {
	if m.outlives() {
		if err := m.exists(ctx, group); err != nil {
			return nil, err
		}
	}
	rows, err := m.rowsOf(ctx, group, ids)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return len(rows[id]) > 0 }), nil
}

// rowsOf returns what rows the API holds of each of the members.
func (m *memberCalls) rowsOf(ctx context.Context, group string, ids []string) (map[string][]membershipRow, error) {
	found := make(map[string][]membershipRow, len(ids))
	for _, id := range ids {
		found[id] = nil
	}
	look := func(list *legacyclient.Endpoint, vars legacyclient.Vars) error {
		for row, err := range m.rows(ctx, list, vars, false) {
			if err != nil {
				return err
			}
			if rows, wanted := found[row.member]; wanted && !slices.Contains(rows, row) {
				found[row.member] = append(rows, row)
			}
		}
		return nil
	}
	if m.find == nil {
		return found, look(m.list, withID(group))
	}
	for _, id := range ids {
		if err := look(m.find, legacyclient.Vars{"id": group, "value": id}); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// addSome adds the members in one call. A refused duplicate is somebody who
// is a member already, if the API says so when it is asked; where the call was
// for several, it may have kept the others out: they are added one by one.
func (m *memberCalls) addSome(ctx context.Context, group string, ids []string) error {
	err := m.do(ctx, m.addCall, m.config.Add, group, ids)
	switch {
	case err == nil:
		return nil
	case m.list != nil && errors.Is(err, legacyclient.ErrConflict) && len(ids) == 1:
		if in, lookErr := m.holds(ctx, mapping.MemberTest{Group: group, Member: ids[0]}); lookErr == nil && in {
			return nil
		}
	case m.list != nil && errors.Is(err, legacyclient.ErrConflict):
		for _, id := range ids {
			if err := m.addSome(ctx, group, []string{id}); err != nil {
				return err
			}
		}
		return nil
	}
	if !inPath(m.addCall) && refusal(err) && is404(m.exists(ctx, group)) {
		return notFound(m.endpoint, group) // and not one of the members
	}
	return m.refusedMembers(err, ids)
}

// refusal reports whether the API refused what a call said, be it the group
// or a member.
func refusal(err error) bool {
	legacy, ok := errors.AsType[*legacyclient.Error](err)
	return ok && slices.Contains([]int{http.StatusBadRequest, http.StatusNotFound, http.StatusConflict, http.StatusUnprocessableEntity}, legacy.Status)
}

func (m *memberCalls) remove(ctx context.Context, group string, ids []string) (done int, err error) {
	if m.keys != nil {
		return m.removeRows(ctx, group, ids)
	}
	r := removal{memberCalls: m, group: group}
	for chunk := range slices.Chunk(ids, m.config.Remove.MaxPerCall) {
		if err := r.remove(ctx, chunk); err != nil {
			return done, err
		}
		done += len(chunk)
	}
	return done, nil
}

// removeRows removes the members by the ids of their memberships, which are
// looked up before. A pair that the API holds twice is removed twice.
func (m *memberCalls) removeRows(ctx context.Context, group string, ids []string) (done int, err error) {
	rows, err := m.rowsOf(ctx, group, ids)
	if err != nil {
		return 0, err
	}
	removed := false
	for _, id := range ids {
		for _, row := range rows[id] {
			vars := legacyclient.Vars{"id": group, "value": id, "key": row.key}
			_, err := m.client.Do(ctx, m.removeCall, vars, m.config.Remove.Payload(m.table.IDValue(group), m.idValues([]string{id})))
			if err != nil && !is404(err) {
				return done, err
			}
			removed = true
		}
		done++
	}
	if !removed { // nobody was in it, or there is no such group
		if err := m.exists(ctx, group); err != nil {
			return 0, err
		}
	}
	return done, nil
}

// removal is the removal of members from one group.
type removal struct {
	*memberCalls
	group string
	found bool // the group is known to exist
}

// remove removes the members in one call. When the API says 404, that is
// either somebody who is no member, as was asked for, or a group that is no
// more, which is an error. Where the call was for several, one of them may
// have kept the others in: they are removed one by one.
func (r *removal) remove(ctx context.Context, ids []string) error {
	err := r.do(ctx, r.removeCall, r.config.Remove, r.group, ids)
	if !is404(err) {
		return err
	}
	if !r.found {
		if err := r.exists(ctx, r.group); err != nil {
			return err
		}
		r.found = true
	}
	if len(ids) == 1 {
		return nil
	}
	for _, id := range ids {
		if err := r.remove(ctx, []string{id}); err != nil {
			return err
		}
	}
	return nil
}

// do makes a call for members of a group.
func (m *memberCalls) do(ctx context.Context, c *legacyclient.Endpoint, op *mapping.MemberOp, group string, ids []string) error {
	vars := legacyclient.Vars{"id": group, "value": ids[0]}
	_, err := m.client.Do(ctx, c, vars, op.Payload(m.table.IDValue(group), m.idValues(ids)))
	return err
}

func (e *endpoint) idValues(ids []string) []scim.Value {
	values := make([]scim.Value, len(ids))
	for i, id := range ids {
		if e.users != nil {
			values[i] = e.users.table.IDValue(id)
		} else {
			values[i] = e.table.IDValue(id)
		}
	}
	return values
}
