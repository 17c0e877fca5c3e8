package adapter

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"slices"
	"strings"
	"time"

	"hostscim/adapter/scim"
	"hostscim/legacyclient"
	"hostscim/mapping"
)

// membership is one way in which a legacy API keeps who is in a group: a file
// of its own for each (membercalls.go, memberfield.go, memberusers.go). What
// all have in common is here.
type membership interface {
	// each yields the ids of the members of a group, each once. plain is that
	// of a [scan].
	each(ctx context.Context, group string, plain bool) iter.Seq2[string, error]
	// add makes users members and returns how many it did. One who is a
	// member already stays one.
	add(ctx context.Context, group string, ids []string) (done int, err error)
	// remove makes users no members and returns how many it did. A group that
	// does not exist is an error, somebody who is no member is none.
	remove(ctx context.Context, group string, ids []string) (done int, err error)
	// holds reports whether the user is a member of the group. A group that
	// does not exist has none.
	holds(ctx context.Context, m mapping.MemberTest) (bool, error)
	// outlives reports whether memberships stay when their group is deleted,
	// and are those of a group that does not exist: none, or what is left.
	outlives() bool
	// blind reports whether add and remove do not find out by themselves that
	// there is no such group.
	blind() bool
}

// newMembership returns how the members of the table's groups are kept; nil
// where it has none.
func newMembership(e *endpoint, compile func(legacyclient.Endpoint) *legacyclient.Endpoint) membership {
	m := e.table.Members
	switch {
	case m == nil:
		return nil
	case m.UserField != "":
		return &userMembers{groups: e, users: e.users}
	}
	calls := &memberCalls{endpoint: e, config: m}
	if o := m.Add; o != nil {
		calls.addCall = compile(call(o.Request, o.Query, o.Idempotent, o.Envelope))
	}
	if o := m.Remove; o != nil {
		calls.removeCall = compile(call(o.Request, o.Query, o.Idempotent, o.Envelope))
	}
	if m.List == nil {
		return &recordMembers{calls}
	}
	calls.list = compile(listCall(m.List.Request, m.List.Query, m.List.ListShape))
	calls.ids, calls.keys = m.Reader(), m.KeyReader()
	if o := m.Find; o != nil {
		calls.find = compile(listCall(o.Request, o.Query, o.ListShape))
	}
	return calls
}

// groupCall is the call that tells the groups of a user; nil where there is
// none.
type groupCall struct {
	list *legacyclient.Endpoint
	ids  *mapping.MemberReader
}

func newGroupCall(g *mapping.GroupList, compile func(legacyclient.Endpoint) *legacyclient.Endpoint) groupCall {
	if g == nil {
		return groupCall{}
	}
	return groupCall{list: compile(listCall(g.Request, g.Query, g.ListShape)), ids: g.Reader()}
}

// groupIDs returns the ids of the groups of a user.
func (e *endpoint) groupIDs(ctx context.Context, user string) ([]string, error) {
	scan := scan{client: e.client, list: e.groups.list, vars: withID(user), plain: true}
	var ids []string
	read, gone := e.groupType.hiding(e.groups.ids.ID)
	for r, err := range scan.records(ctx, read) {
		if err != nil {
			return nil, err
		}
		if !*gone {
			ids = append(ids, r.id)
		}
	}
	return ids, nil
}

// hiding returns what reads ids from records that a list beside e's own shows,
// and whether the record that it read last is one of e that SCIM takes for
// deleted, as far as the list tells. e may be nil.
func (e *endpoint) hiding(ids func([]byte) (string, error)) (read func([]byte) (string, error), gone *bool) {
	gone = new(bool)
	if e == nil || !e.table.HidesGone() {
		return ids, gone
	}
	return func(record []byte) (string, error) {
		*gone = e.table.ShowsGone(record)
		return ids(record)
	}, gone
}

// memberIDs returns the ids of all members of a group. plain is that of a
// [scan].
func (e *endpoint) memberIDs(ctx context.Context, group string, plain bool) ([]string, error) {
	var ids []string
	for id, err := range e.members.each(ctx, group, plain) {
		if err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, nil
}

// changeMembers makes the membership change. It adds before it removes, and
// every call may be repeated, so a request that failed half-way is mended by
// sending it again.
func (e *endpoint) changeMembers(ctx context.Context, group string, m *mapping.MemberChange) error {
	add, remove := m.Added(), m.Removed()
	if e.members.blind() || m.Reset && e.members.outlives() {
		if err := e.exists(ctx, group); err != nil {
			return err
		}
	}
	if m.Reset {
		now, err := e.memberIDs(ctx, group, false)
		if err != nil {
			return err
		}
		add, remove = difference(add, now), difference(now, add)
	}
	if len(add) > 0 {
		if done, err := e.members.add(ctx, group, add); err != nil {
			return standing(err, done, len(add), "added")
		}
	}
	if len(remove) > 0 {
		if err := e.removeMembers(ctx, group, remove); err != nil {
			return standing(err, len(add), len(add), "added")
		}
	}
	return nil
}

// difference returns the ids of a that are not in b.
func difference(a, b []string) []string {
	in := make(map[string]bool, len(b))
	for _, id := range b {
		in[id] = true
	}
	return slices.DeleteFunc(slices.Clone(a), func(id string) bool { return in[id] })
}

// knownMembers refuses ids that no user can have, before any call, and where
// the adapter is the one to know, those that no user has.
func (e *endpoint) knownMembers(ctx context.Context, ids []string) error {
	if e.users == nil || len(ids) == 0 {
		return nil
	}
	unknown := slices.DeleteFunc(slices.Clone(ids), e.users.table.PossibleID)
	if len(unknown) == 0 && e.table.Members.Known == "adapter" {
		for _, id := range ids {
			if err := e.users.exists(ctx, id); is404(err) {
				unknown = append(unknown, id)
			} else if err != nil {
				return err
			}
		}
	}
	if len(unknown) > 0 {
		return unknownMembers(unknown)
	}
	return nil
}

// maxNamed bounds how many ids an error names.
const maxNamed = 20

func unknownMembers(ids []string) error {
	more := ""
	if len(ids) > maxNamed {
		more = fmt.Sprintf(" and %d more", len(ids)-maxNamed)
		ids = ids[:maxNamed]
	}
	quoted := make([]string, len(ids))
	for i, id := range ids {
		quoted[i] = fmt.Sprintf("%.64q", id)
	}
	return scim.Bad(scim.InvalidValue, "members: there is no User with the id %s%s; provision the user first", strings.Join(quoted, ", "), more)
}

// standing adds to the error of a change of several calls what stands.
func standing(err error, done, of int, what string) error {
	if err == nil || done == 0 {
		return err
	}
	told := *toError(err, nil, "")
	told.Detail += fmt.Sprintf("; %d of %d members were %s and stay so, and repeating the request is safe", done, of, what)
	return &told
}

// membersStand adds to the error of a change of attributes that the change of
// members, which came before it, stands.
func membersStand(err error, e *endpoint, id string) error {
	told := *toError(err, e, id)
	told.Detail += "; the members were changed before that and stay so, and repeating the request is safe"
	return &told
}

// refusedMembers turns the refusal of an add into an error that names the
// ids which are no users: those that the legacy API names, else all of them.
func (e *endpoint) refusedMembers(err error, ids []string) error {
	known := toError(err, e, "")
	if known.Status != http.StatusBadRequest {
		return err
	}
	var legacy *legacyclient.Error
	if !errors.As(err, &legacy) {
		return err
	}
	var named []string
	for _, f := range legacy.Faults {
		for _, word := range strings.FieldsFunc(f.Message, func(r rune) bool { return !isToken(string(r)) }) {
			if slices.Contains(ids, word) && !slices.Contains(named, word) {
				named = append(named, word)
			}
		}
	}
	if named == nil {
		named = ids
	}
	return unknownMembers(named)
}

func (e *endpoint) removeMembers(ctx context.Context, group string, ids []string) error {
	if e.users != nil {
		// An id that no user can have is no member already.
		possible := slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return !e.users.table.PossibleID(id) })
		if len(possible) == 0 {
			return e.exists(ctx, group)
		}
		ids = possible
	}
	done, err := e.members.remove(ctx, group, ids)
	return standing(err, done, len(ids), "removed")
}

// exists returns nil if there is a record of that id.
func (e *endpoint) exists(ctx context.Context, id string) error {
	if e.get == nil {
		return nil
	}
	_, err := e.read(ctx, id)
	return err
}

// undoTimeout bounds the deletion of a group that could not be completed. It
// has a time of its own, because the request's may be what ran out.
const undoTimeout = 10 * time.Second

// undo deletes a group that was just made and whose members were refused, so
// that the request can be repeated. members are those that may have been
// added. cause is what the client is told, with
// the id where the group could not be deleted.
func (e *endpoint) undo(ctx context.Context, id string, members []string, cause error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), undoTimeout)
	defer cancel()
	var err error
	if e.members.outlives() {
		_, err = e.members.remove(ctx, id, members)
	}
	if err == nil {
		err = e.remove(ctx, id)
	}
	if err == nil || is404(err) {
		return cause
	}
	e.log.ErrorContext(ctx, "a group was created without its members and could not be deleted again", "request_id", loggedAs(ctx), "id", id, "err", errText(err))
	told := *toError(cause, e, id)
	told.Detail += fmt.Sprintf("; the group was created with the id %s, without these members, and could not be deleted again", id)
	return &told
}
