package adapter

import (
	"context"
	"errors"
	"iter"
	"slices"

	"hostscim/legacyclient"
	"hostscim/mapping"
)

// recordMembers keeps members as a list of ids in the record of the group.
// Where the API has calls that add and remove, they are those of memberCalls;
// else the list is written whole, made of the record as it is. Both are done
// under the lock of the group: an API that keeps the list in the record may
// well make of such a call a reading and a writing of its own, and of two at
// once one would undo the other.
type recordMembers struct{ *memberCalls }

var _ membership = recordMembers{}

// outlives reports false: the list goes with the record.
func (m recordMembers) outlives() bool { return false }

func (m recordMembers) each(ctx context.Context, group string, _ bool) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		values, err := m.read(ctx, group)
		if err != nil {
			yield("", err)
			return
		}
		for _, id := range values.Linked {
			if !yield(id, nil) {
				return
			}
		}
	}
}

func (m recordMembers) holds(ctx context.Context, test mapping.MemberTest) (bool, error) {
	values, err := m.read(ctx, test.Group)
	return err == nil && slices.Contains(values.Linked, test.Member), unless404(err)
}

func (m recordMembers) add(ctx context.Context, group string, ids []string) (done int, err error) {
	if m.addCall != nil {
		unlock, err := m.locked(ctx, m.addCall, group)
		if err != nil {
			return 0, err
		}
		defer unlock()
		return m.memberCalls.add(ctx, group, ids)
	}
	if err := m.relink(ctx, group, ids, nil); err != nil {
		return 0, m.refusedMembers(err, ids)
	}
	return len(ids), nil
}

func (m recordMembers) remove(ctx context.Context, group string, ids []string) (done int, err error) {
	if m.removeCall != nil {
		unlock, err := m.locked(ctx, m.removeCall, group)
		if err != nil {
			return 0, err
		}
		defer unlock()
		return m.memberCalls.remove(ctx, group, ids)
	}
	if err := m.relink(ctx, group, nil, ids); err != nil {
		return 0, err
	}
	return len(ids), nil
}

// refusedList is refusedMembers for a refusal of the record that has the list
// of members in it: of that list, and not of another value.
func (e *endpoint) refusedList(err error, c *mapping.Changes) error {
	legacy, ok := errors.AsType[*legacyclient.Error](err)
	ids := c.Members.Added()
	if !ok || len(ids) == 0 || !e.table.MembersInRecord() {
		return err
	}
	if slices.ContainsFunc(legacy.Faults, func(f legacyclient.Fault) bool { return e.table.PathOf(f.Field) == "members" }) {
		return e.refusedMembers(err, ids)
	}
	return err
}
