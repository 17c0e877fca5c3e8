package adapter

import (
	"context"
	"iter"
	"slices"

	"hostscim/adapter/scim"
	"hostscim/adapter/scim/filter"
	"hostscim/mapping"
)

// userMembers keeps members as lists of the ids of groups in the records of
// users. A change reads and writes each user.
type userMembers struct{ groups, users *endpoint }

var _ membership = (*userMembers)(nil)

// outlives and blind report true: what is in the users stays there, and no
// call of a change is about the group.
func (m *userMembers) outlives() bool { return true }
func (m *userMembers) blind() bool    { return true }

// groupsValue is what users are searched by for their group.
var groupsValue = filter.Path{Attr: "groups", Sub: "value"}

// each finds the users that hold the group. It does not tell whether there is
// such a group.
func (m *userMembers) each(ctx context.Context, group string, _ bool) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		f, err := filter.Compile(filter.Compare{Path: groupsValue, Op: filter.Eq, Value: scim.Text(group)}, m.users.table.Type)
		if err != nil {
			yield("", err)
			return
		}
		shown := view{only: []filter.Path{{Attr: "groups"}}, urns: m.users.table.Type.URNs()}
		found, err := m.users.find(ctx, f, nil, "", shown)
		if err != nil {
			yield("", err)
			return
		}
		for _, user := range found {
			// SCIM compares the ids in a filter without case; they are ids.
			if in(user.resource.Get("groups"), group) && !yield(user.resource.Get("id").Text(), nil) {
				return
			}
		}
	}
}

// in reports whether a list of references has the id.
func in(list scim.Value, id string) bool {
	return slices.ContainsFunc(list.Parts(), func(p scim.Field) bool { return p.Value.Get("value").Text() == id })
}

// holds reads the user and, where it holds the group, the group too: the id
// of one that was deleted may still be there.
func (m *userMembers) holds(ctx context.Context, test mapping.MemberTest) (bool, error) {
	values, err := m.users.read(ctx, test.Member)
	if err != nil || !slices.Contains(values.Linked, test.Group) {
		return false, unless404(err)
	}
	err = m.groups.exists(ctx, test.Group)
	return err == nil, unless404(err)
}

func (m *userMembers) add(ctx context.Context, group string, ids []string) (done int, err error) {
	return m.change(ctx, group, ids, true)
}

func (m *userMembers) remove(ctx context.Context, group string, ids []string) (done int, err error) {
	return m.change(ctx, group, ids, false)
}

// change reads all users under their locks before it writes any, so that one
// who does not exist refuses all.
func (m *userMembers) change(ctx context.Context, group string, ids []string, add bool) (done int, err error) {
	unlock, err := m.lockAll(ctx, ids)
	if err != nil {
		return 0, err
	}
	defer unlock()
	records, unknown, err := m.readAll(ctx, ids)
	switch {
	case err != nil:
		return 0, err
	case add && len(unknown) > 0:
		return 0, unknownMembers(unknown)
	}
	for _, id := range ids {
		if record, there := records[id]; there {
			if err := m.write(ctx, id, record, group, add); err != nil {
				return done, err
			}
		}
		done++
	}
	return done, nil
}

// lockAll waits for all users. Everybody takes several locks in one order, or
// two would wait for each other.
func (m *userMembers) lockAll(ctx context.Context, ids []string) (unlock func(), err error) {
	var held []func()
	unlock = func() {
		for _, free := range held {
			free()
		}
	}
	for _, id := range slices.Sorted(slices.Values(ids)) {
		free, err := m.users.locked(ctx, m.users.update, id)
		if err != nil {
			unlock()
			return nil, err
		}
		held = append(held, free)
	}
	return unlock, nil
}

// readAll returns the records of the users, and who does not exist.
func (m *userMembers) readAll(ctx context.Context, ids []string) (records map[string]stored, unknown []string, err error) {
	records = make(map[string]stored, len(ids))
	for _, id := range ids {
		record, err := m.users.fetch(ctx, id)
		switch {
		case is404(err):
			unknown = append(unknown, id)
		case err != nil:
			return nil, nil, err
		default:
			records[id] = record
		}
	}
	return records, unknown, nil
}

// write puts the group into the record of a user, or takes it out.
func (m *userMembers) write(ctx context.Context, id string, record stored, group string, add bool) error {
	groups := []string{group}
	_, err := m.users.rewrite(ctx, id, record, func(body []byte) ([]byte, error) {
		if add {
			return m.users.table.Relink(body, groups, nil)
		}
		return m.users.table.Relink(body, nil, groups)
	})
	var found []name // what the user can be found by now
	if add {
		found = []name{{groupsValue.String(), fold(group)}}
	}
	m.users.lately.wrote(id, found) // be it done or not: it is only a hint
	switch {                        // gone since it was read, and so no member
	case is404(err) && add:
		return unknownMembers([]string{id})
	case is404(err):
		return nil
	}
	return err
}
