package rehearse

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// deleteGroups unassigns groups.
func (s *stage) deleteGroups(ctx context.Context) {
	s.eachGroup(ctx, "delete groups", some(len(s.groups)), func(g int) outcome {
		name := s.cast.groupName(g, s.groups[g].events)
		out := s.remove(ctx, groups, s.groups[g].id, pathDisplayName, name, "group-delete")
		if !out.failed() {
			s.groups[g].id = ""
		}
		return out
	})
}

// deleteUsers deletes people for good, as thirty days after they were
// disabled.
func (s *stage) deleteUsers(ctx context.Context) {
	if s.client.profile.noUserDelete {
		return
	}
	s.eachOf(ctx, "delete users", s.changing(), func(i int) outcome {
		out := s.remove(ctx, users, s.users[i].id, pathUserName, s.cast.userName(i, s.users[i].events), "user-delete")
		if !out.failed() {
			s.users[i].id = ""
		}
		return out
	})
}

// remove deletes and looks whether it is gone: by its id, by its name, and
// for a second deletion.
func (s *stage) remove(ctx context.Context, resource, id, attribute, name, kind string) outcome {
	step := map[string]string{users: "delete user", groups: "delete group"}[resource]
	a := s.send(ctx, request{step: step, method: "DELETE", resource: resource, id: id})
	if out := s.judge(a, kind); out.failed() {
		return out
	}
	s.ledger.gone(resource, id)
	// The look afterwards is of this run and not of the provider, which
	// forgets what it deleted.
	for _, method := range []string{"GET", "DELETE"} {
		a := s.send(ctx, request{step: "after deletion", method: method, resource: resource, id: id, want: []int{404}})
		if out := s.judge(a, "deleted-visible"); out.failed() {
			return out
		}
	}
	a = s.match(ctx, resource, attribute, name)
	if out := s.judge(a, "match"); out.failed() {
		return out
	}
	if found, _ := named(a, attribute, name); len(found) > 0 {
		return outcome{kind: "deleted-visible", a: a, seen: "What was deleted is still found by its name."}
	}
	return outcome{}
}

// CleanUp removes what the run made and has not deleted, groups first, until
// it is done or ctx ends. What cannot be deleted is disabled and named in the
// report. Call it also after Run was cut off, with a context that was not.
func (r *Rehearsal) CleanUp(ctx context.Context) {
	run := &r.r
	run.enter("")
	made, doubtful := run.ledger.left()
	for _, e := range doubtful {
		made = append(made, run.look(ctx, e)...)
	}
	done := make([]bool, len(made))
	run.each(ctx, "clean up", len(made), func(k int) outcome {
		done[k] = run.discard(ctx, made[k])
		return outcome{}
	})
	for k, e := range made {
		if !done[k] {
			run.left = append(run.left, "/"+e.resource+"/"+e.key)
		}
	}
	if !run.began.IsZero() {
		run.ended = time.Since(run.began)
	}
}

// look finds what became of a name that was asked for without an answer.
func (r *rehearsal) look(ctx context.Context, e entry) []entry {
	attribute := nameOf[e.resource]
	a := r.send(ctx, request{step: "clean up", method: "GET", resource: e.resource, query: r.client.filter(attribute, e.key)})
	if !a.ok() {
		r.left = append(r.left, fmt.Sprintf("/%s, if there is one with %s %q", e.resource, attribute, e.key))
		return nil
	}
	var found []entry
	list, _ := named(a, attribute, e.key)
	for _, o := range list {
		// Exactly: what differs in letter case was there before.
		if id := idOf(o); id != "" && text(o, attribute) == e.key && strings.HasPrefix(strings.ToLower(e.key), strings.ToLower(r.o.Prefix)) {
			r.ledger.made(e.resource, id, e.key)
			found = append(found, entry{e.resource, id})
		}
	}
	return found
}

// discard deletes, or disables who cannot be deleted, and reports whether it
// is gone.
func (r *rehearsal) discard(ctx context.Context, e entry) bool {
	a := r.send(ctx, request{step: "clean up", method: "DELETE", resource: e.resource, id: e.key, want: []int{200, 204, 404}})
	if a.status == 404 && r.stillFound(ctx, e) {
		return false
	}
	if a.ok() {
		r.ledger.gone(e.resource, e.key)
		return true
	}
	if e.resource == users && ctx.Err() == nil {
		r.send(ctx, request{step: "clean up", method: "PATCH", resource: users, id: e.key, body: patch(op("replace", pathActive, false))})
	}
	return false
}

// stillFound reports whether an id that is said not to exist is still found by
// its name: some endpoints hide what is inactive from deletion too.
func (r *rehearsal) stillFound(ctx context.Context, e entry) bool {
	attribute, name := nameOf[e.resource], r.ledger.name(e.resource, e.key)
	a := r.send(ctx, request{step: "clean up", method: "GET", resource: e.resource, query: r.client.filter(attribute, name)})
	found, _ := named(a, attribute, name)
	return len(found) > 0 && idOf(found[0]) == e.key
}

// nameOf is the attribute that resources are matched by.
var nameOf = map[string]string{users: pathUserName, groups: pathDisplayName}
