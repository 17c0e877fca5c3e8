package rehearse

import (
	"context"
	"fmt"
	"strings"
)

func (s *stage) initialGroups(ctx context.Context) {
	if s.noGroups {
		return
	}
	s.each(ctx, "create groups", len(s.groups), func(g int) outcome {
		id, out := s.ensure(ctx, groups, pathDisplayName, s.cast.groupName(g, 0), s.cast.groupBody(g))
		s.groups[g].id = id
		return out
	})
}

// eachGroup is each for those of the first n groups that are there.
func (s *stage) eachGroup(ctx context.Context, step string, n int, f func(g int) outcome) {
	var list []int
	for _, g := range spread(len(s.groups), n) {
		if s.groups[g].id != "" {
			list = append(list, g)
		}
	}
	s.each(ctx, step, len(list), func(k int) outcome { return f(list[k]) })
}

// readGroups compares the members of groups after the first cycle.
func (s *stage) readGroups(ctx context.Context) {
	s.eachGroup(ctx, "read groups back", maxRead, func(g int) outcome {
		return s.verifyGroup(ctx, g, "members-lost", "members-extra")
	})
}

// matchGroupsAgain asks for groups in another letter case, and reads one by
// its id: without members, if the provider asks for that.
func (s *stage) matchGroupsAgain(ctx context.Context) {
	s.eachGroup(ctx, "match groups again", 10, func(g int) outcome {
		id := s.groups[g].id
		name := s.cast.groupName(g, s.groups[g].events)
		for kind, asked := range map[string]string{"match-lost": name, "case": strings.ToUpper(name)} {
			a := s.match(ctx, groups, pathDisplayName, asked)
			if out := s.judge(a, kind); out.failed() {
				return out
			}
			found, _ := named(a, pathDisplayName, name)
			if len(found) != 1 || idOf(found[0]) != id {
				return outcome{kind: kind, a: a, seen: fmt.Sprintf("A group that exists is found %d times.", len(found))}
			}
			if out := s.without(a, found[0]); out.failed() {
				return out
			}
		}
		if !s.client.profile.excludeMembers {
			return outcome{}
		}
		a := s.send(ctx, request{step: "read group", method: "GET", resource: groups, id: id, query: "excludedAttributes=members"})
		if out := s.judge(a, "read-group"); out.failed() {
			return out
		}
		return s.without(a, a.object)
	})
}

// without holds a group to having no members where none were asked for.
func (s *stage) without(a *answer, group object) outcome {
	if s.client.profile.excludeMembers && field(group, "members") != nil {
		return outcome{kind: "members-returned", a: a, seen: fmt.Sprintf("The group was asked for without its members, and %d came.", len(memberIDs(group)))}
	}
	return outcome{}
}

// referenceCheck asks whether somebody is a member, as Entra is documented to.
func (s *stage) referenceCheck(ctx context.Context) {
	if !s.client.profile.probes {
		return
	}
	s.eachGroup(ctx, "check a reference", 1, func(g int) outcome {
		group := s.groups[g]
		for m := range group.members {
			q := "attributes=id&filter=" + s.client.escape("id eq "+quote(group.id)+" and members eq "+quote(s.users[m].id))
			a := s.send(ctx, request{step: "check a reference", method: "GET", resource: groups, query: q})
			if out := s.judge(a, "reference"); out.failed() {
				return out
			}
			if list, _ := resources(a.object); len(list) != 1 || idOf(list[0]) != group.id {
				return outcome{kind: "reference", a: a, seen: fmt.Sprintf("The group and its member are found %d times.", len(list))}
			}
			break
		}
		return outcome{}
	})
}

func (s *stage) patchGroup(ctx context.Context, step string, g int, kind string, ops []Operation) outcome {
	a := s.send(ctx, request{step: step, method: "PATCH", resource: groups, id: s.groups[g].id, body: patch(ops...)})
	if a.status == 404 && kind != "remove-absent" {
		return outcome{kind: "anchor-lost", a: a, seen: a.describe()}
	}
	return s.judge(a, kind)
}

func (s *stage) renameGroups(ctx context.Context) {
	s.eachGroup(ctx, "rename groups", some(len(s.groups)), func(g int) outcome {
		old, now := s.cast.groupName(g, 0), s.cast.groupName(g, renamed)
		if out := s.patchGroup(ctx, "rename group", g, "group-name", s.style.renameGroup(s.groups[g].id, now)); out.failed() {
			return out
		}
		s.groups[g].events |= renamed
		for name, want := range map[string]int{now: 1, old: 0} {
			a := s.match(ctx, groups, pathDisplayName, name)
			if out := s.judge(a, "match"); out.failed() {
				return out
			}
			if found, _ := named(a, pathDisplayName, name); len(found) != want {
				return outcome{kind: "group-name", a: a, seen: fmt.Sprintf("After its renaming the group is found %d times by %q, and must be %d times.", len(found), name, want)}
			}
		}
		return s.verifyGroup(ctx, g, "members-lost", "members-extra")
	})
}
