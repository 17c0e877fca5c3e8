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

// memberCalls are the calls on the members of a group; all nil where it has
// none.
type memberCalls struct {
	list, add, remove *legacyclient.Endpoint
	config            *mapping.Members
	ids               *mapping.MemberReader
}

func newMemberCalls(m *mapping.Members, compile func(legacyclient.Endpoint) *legacyclient.Endpoint) memberCalls {
	if m == nil {
		return memberCalls{}
	}
	calls := memberCalls{config: m, ids: m.Reader()}
	if o := m.List; o != nil {
		calls.list = compile(listCall(o.Request, o.Query, o.ListShape))
	}
	if o := m.Add; o != nil {
		calls.add = compile(call(o.Request, o.Query, o.Idempotent, o.Envelope))
	}
	if o := m.Remove; o != nil {
		calls.remove = compile(call(o.Request, o.Query, o.Idempotent, o.Envelope))
	}
	return calls
}

// eachMember yields the ids of the members of a group, page by page, each
// once. plain is that of a [scan].
func (e *endpoint) eachMember(ctx context.Context, group string, plain bool) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		scan := scan{client: e.client, list: e.members.list, vars: withID(group), plain: plain}
		ids, gone := e.users.hiding(e.members.ids.ID)
		for r, err := range scan.records(ctx, ids) {
			if err == nil && *gone {
				continue
			}
			if !yield(r.id, err) {
				return
			}
		}
	}
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
	for id, err := range e.eachMember(ctx, group, plain) {
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
	if err := e.possibleMembers(add); err != nil {
		return err
	}
	if m.Reset {
		now, err := e.memberIDs(ctx, group, false)
		if err != nil {
			return err
		}
		add, remove = difference(add, now), difference(now, add)
	}
	if done, err := e.addMembers(ctx, group, add); err != nil {
		return standing(err, done, len(add), "added")
	}
	if err := e.removeMembers(ctx, group, remove); err != nil {
		return standing(err, len(add), len(add), "added")
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

// possibleMembers refuses ids that no user can have, before any call.
func (e *endpoint) possibleMembers(ids []string) error {
	if e.users == nil {
		return nil
	}
	impossible := slices.DeleteFunc(slices.Clone(ids), e.users.table.PossibleID)
	if len(impossible) > 0 {
		return unknownMembers(impossible)
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

// addMembers adds the members and returns how many it did.
func (e *endpoint) addMembers(ctx context.Context, group string, ids []string) (done int, err error) {
	size := e.members.config.Add.MaxPerCall
	for chunk := range slices.Chunk(ids, size) {
		_, err := e.client.Do(ctx, e.members.add, e.memberVars(group, chunk), e.members.config.Add.Payload(e.idValues(chunk)))
		if err != nil {
			return done, e.refusedMembers(err, chunk)
		}
		done += len(chunk)
	}
	return done, nil
}

// standing adds to the error of a change of several calls what stands.
func standing(err error, done, of int, what string) error {
	if done == 0 {
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
		if len(possible) == 0 && len(ids) > 0 {
			return e.exists(ctx, group)
		}
		ids = possible
	}
	r := removal{endpoint: e, group: group}
	done := 0
	for chunk := range slices.Chunk(ids, e.members.config.Remove.MaxPerCall) {
		if err := r.remove(ctx, chunk); err != nil {
			return standing(err, done, len(ids), "removed")
		}
		done += len(chunk)
	}
	return nil
}

// removal is the removal of members from one group.
type removal struct {
	*endpoint
	group string
	found bool // the group is known to exist
}

// remove removes the members in one call. When the API says 404, that is
// either somebody who is no member, as was asked for, or a group that is no
// more, which is an error. Where the call was for several, one of them may
// have kept the others in: they are removed one by one.
func (r *removal) remove(ctx context.Context, ids []string) error {
	op := r.members.config.Remove
	_, err := r.client.Do(ctx, r.members.remove, r.memberVars(r.group, ids), op.Payload(r.idValues(ids)))
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

// exists returns nil if there is a record of that id.
func (e *endpoint) exists(ctx context.Context, id string) error {
	if e.get == nil {
		return nil
	}
	_, err := e.read(ctx, id)
	return err
}

func (e *endpoint) memberVars(group string, ids []string) legacyclient.Vars {
	return legacyclient.Vars{"id": group, "value": ids[0]}
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

// undoTimeout bounds the deletion of a group that could not be completed. It
// has a time of its own, because the request's may be what ran out.
const undoTimeout = 10 * time.Second

// undo deletes a group that was just made and whose members were refused, so
// that the request can be repeated. cause is what the client is told, with
// the id where the group could not be deleted.
func (e *endpoint) undo(ctx context.Context, id string, cause error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), undoTimeout)
	defer cancel()
	err := e.remove(ctx, id)
	if err == nil || is404(err) {
		return cause
	}
	e.log.ErrorContext(ctx, "a group was created without its members and could not be deleted again", "request_id", loggedAs(ctx), "id", id, "err", errText(err))
	told := *toError(cause, e, id)
	told.Detail += fmt.Sprintf("; the group was created with the id %s, without these members, and could not be deleted again", id)
	return &told
}
